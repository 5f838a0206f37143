// Crops of boxes, each into its own lane, by exact coverage of pixels (`coverage` in the reference).
#pragma once

#include <algorithm>
#include <cmath>

#include "../kernels.hpp"
#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

// Equal cells along one side of the picture: cell i has its centre at start + (i + 1/2) step and sees `half` to each
// side of it.
struct Axis {
    double start, step, half;
    int size;  // pixels of the picture along it

    FACECASCADE_INLINE Axis of(double start, double stop, int cells, int size, double least) {
        const double step = (stop - start) / cells;
        return {start, step, std::max(step, least) / 2, size};
    }
};

// The pixels that one cell averages: `count` of them from `first` on; all but the ends weigh `body`.
struct Taps {
    int first, count;
    float head, body, tail;
};

FACECASCADE_INLINE Taps cell_taps(const Axis& axis, int i) {
    const double centre = axis.start + (i + 0.5) * axis.step;
    const double low = std::max(centre - axis.half, 0.0);
    const double high = std::min(centre + axis.half, static_cast<double>(axis.size));
    if (!(high > low)) return {0, 0, 0, 0, 0};
    const int first = static_cast<int>(low), end = static_cast<int>(std::ceil(high));
    const double share = 1 / (2 * axis.half);
    return {first, end - first, static_cast<float>((std::min(first + 1.0, high) - low) * share),
            static_cast<float>(share), static_cast<float>((high - (end - 1)) * share)};
}

FACECASCADE_INLINE float weight_of(const Taps& taps, int k) {
    return k == 0 ? taps.head : (k == taps.count - 1 ? taps.tail : taps.body);
}

// Weighted sum of `Count` values of each row of `taps`, from byte `at` of the rows on -> sums.
template <int Count>
FACECASCADE_INLINE void add_rows(const PictureView& picture, const Taps& taps, int at, float* __restrict sums) {
    float sum[Count] = {};
    const std::uint8_t* from = picture.row(taps.first) + at;
    for (int k = 0; k < taps.count; ++k, from += picture.stride) {
        const float weight = weight_of(taps, k);
        for (int i = 0; i < Count; ++i) sum[i] += weight * static_cast<float>(from[i]);
    }
    for (int i = 0; i < Count; ++i) sums[i] = sum[i];
}

// The same for the bytes from `begin` to `end` -> sums. The last block overlaps the one before.
FACECASCADE_INLINE void add_rows(const PictureView& picture, const Taps& taps, int begin, int end, float* sums) {
    constexpr int kBlock = 2 * FACECASCADE_LANES;
    const int count = end - begin;
    if (count >= kBlock)
        for (int i = 0; i < count; i += kBlock) {
            const int at = std::min(i, count - kBlock);
            add_rows<kBlock>(picture, taps, begin + at, sums + at);
        }
    else
        for (int i = 0; i < count; ++i) add_rows<1>(picture, taps, begin + i, sums + i);
}

// What the columns of one crop average.
template <int Side>
struct Columns {
    static constexpr int kFew = 4;

    Taps taps[Side];
    float weights[Side][kFew];  // of the first pixels of each column, 0 past its end; filled if no column has more
    int left, right;            // the pixels that any of them sees
    bool few;

    Columns(const PictureView& picture, double start, double stop, double least) {
        const Axis axis = Axis::of(start, stop, Side, picture.width, least);
        int most = 0;
        left = picture.width;
        right = 0;
        for (int x = 0; x < Side; ++x) {
            taps[x] = cell_taps(axis, x);
            if (taps[x].count == 0) continue;
            left = std::min(left, taps[x].first);
            right = std::max(right, taps[x].first + taps[x].count);
            most = std::max(most, taps[x].count);
        }
        few = most <= kFew;
        if (!few) return;
        for (int x = 0; x < Side; ++x) {
            if (taps[x].count == 0) taps[x].first = left;
            for (int k = 0; k < kFew; ++k) weights[x][k] = k < taps[x].count ? weight_of(taps[x], k) : 0;
        }
    }
};

// Weighted sum of the pixels of a column in a row of sums from `left` on; the fourth value is no colour.
template <int Side>
FACECASCADE_INLINE Float<4> add_few(const Columns<Side>& columns, int x, const float* sums) {
    const float* at = sums + 3 * (columns.taps[x].first - columns.left);
    const float* weight = columns.weights[x];
    return (weight[0] * load<4>(at) + weight[1] * load<4>(at + 3)) +
           (weight[2] * load<4>(at + 6) + weight[3] * load<4>(at + 9));
}

template <int Side>
FACECASCADE_INLINE Float<4> add_many(const Columns<Side>& columns, int x, const float* sums) {
    const Taps& taps = columns.taps[x];
    if (taps.count == 0) return Float<4>{};
    const float* at = sums + 3 * (taps.first - columns.left);
    Float<4> value = taps.head * load<4>(at);
    if (taps.count > 1) value += taps.tail * load<4>(at + 3 * (taps.count - 1));
    if (taps.count > 2) {
        Float<4> body = load<4>(at + 3);
        for (int k = 2; k < taps.count - 1; ++k) body += load<4>(at + 3 * k);
        value += taps.body * body;
    }
    return value;
}

// One box -> its lane of out[3][side][side][N], normalised; 0 outside the picture. sums: 3 * width + 16 floats.
template <int N, int Side>
void crop_into_lane(const PictureView& picture, const double* box, CropRule rule, int lane, float* out, float* sums) {
    constexpr float kScale = 0.0078125f, kBlack = -0.99609375f;  // (x - 127.5) / 128
    constexpr std::ptrdiff_t kPlane = static_cast<std::ptrdiff_t>(Side) * Side * N;
    const auto put = [&](int x, int y, Float<4> value) {
        float* pixel = out + static_cast<std::ptrdiff_t>(y * Side + x) * N + lane;
        value = value * kScale + kBlack;
        for (int channel = 0; channel < 3; ++channel) pixel[channel * kPlane] = value[channel];
    };
    const double x1 = box[0] - rule.last, y1 = box[1] - rule.last, x2 = box[2], y2 = box[3];
    const bool empty = !(x2 > x1 && y2 > y1);
    const Columns<Side> columns(picture, x1, empty ? x1 : x2, rule.least);
    const Axis axis = Axis::of(y1, y2, Side, picture.height, rule.least);
    std::fill_n(sums + 3 * std::max(columns.right - columns.left, 0), 3 * Columns<Side>::kFew, 0.0F);
    for (int y = 0; y < Side; ++y) {
        const Taps rows = empty || columns.right <= columns.left ? Taps{} : cell_taps(axis, y);
        if (rows.count > 0) add_rows(picture, rows, 3 * columns.left, 3 * columns.right, sums);
        if (rows.count == 0)
            for (int x = 0; x < Side; ++x) put(x, y, Float<4>{});
        else if (columns.few)
            for (int x = 0; x < Side; ++x) put(x, y, add_few(columns, x, sums));
        else
            for (int x = 0; x < Side; ++x) put(x, y, add_many(columns, x, sums));
    }
}

}  // namespace facecascade::FACECASCADE_ISA
