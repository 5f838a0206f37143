// Crops of boxes, each into its own lane, by exact coverage of pixels (`coverage` in the reference).
#pragma once

#include <algorithm>
#include <cmath>

#include "../kernels.hpp"
#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

// The pixels that one cell of a crop averages: `count` of them from `first` on; all but the ends weigh `body`.
struct Taps {
    int first, count;
    float head, body, tail;
};

// Cell `i` of `cells` equal ones between start and stop, along a side of `size` pixels.
FACECASCADE_INLINE Taps cell_taps(double start, double stop, int i, int cells, int size, double least) {
    const double step = (stop - start) / cells;
    const double half = std::max(step, least) / 2;
    const double centre = start + (i + 0.5) * step;
    const double low = std::max(centre - half, 0.0), high = std::min(centre + half, static_cast<double>(size));
    if (!(high > low)) return {0, 0, 0, 0, 0};
    const int first = static_cast<int>(low), end = static_cast<int>(std::ceil(high));
    const double share = 1 / (2 * half);
    return {first, end - first, static_cast<float>((std::min(first + 1.0, high) - low) * share),
            static_cast<float>(share), static_cast<float>((high - (end - 1)) * share)};
}

FACECASCADE_INLINE float weight_of(const Taps& taps, int k) {
    return k == 0 ? taps.head : (k == taps.count - 1 ? taps.tail : taps.body);
}

// Weighted sum of the rows of `taps`, bytes `begin` to `end` of each -> sums.
FACECASCADE_INLINE void add_rows(const PictureView& picture, const Taps& taps, int begin, int end,
                                 float* __restrict sums) {
    const int n = end - begin;
    const std::uint8_t* __restrict row = picture.row(taps.first) + begin;
    int k = 1;
    if (taps.count == 1) {
        for (int i = 0; i < n; ++i) sums[i] = taps.head * static_cast<float>(row[i]);
    } else {
        const std::uint8_t* __restrict next = row + picture.stride;
        const float head = taps.head, second = weight_of(taps, 1);
        for (int i = 0; i < n; ++i) sums[i] = head * static_cast<float>(row[i]) + second * static_cast<float>(next[i]);
        k = 2;
    }
    for (; k + 1 < taps.count; k += 2) {
        row = picture.row(taps.first + k) + begin;
        const std::uint8_t* __restrict next = row + picture.stride;
        const float one = taps.body, two = weight_of(taps, k + 1);
        for (int i = 0; i < n; ++i) sums[i] += one * static_cast<float>(row[i]) + two * static_cast<float>(next[i]);
    }
    if (k < taps.count) {
        row = picture.row(taps.first + k) + begin;
        for (int i = 0; i < n; ++i) sums[i] += taps.tail * static_cast<float>(row[i]);
    }
}

// One box -> its lane of out[3][side][side][N], normalised; 0 outside the picture. sums: 3 * width + 16 floats.
template <int N, int Side>
void crop_into_lane(const PictureView& picture, const double* box, CropRule rule, int lane, float* out, float* sums) {
    constexpr float kScale = 0.0078125f, kBlack = -0.99609375f;  // (x - 127.5) / 128
    const double x1 = box[0] - rule.last, y1 = box[1] - rule.last, x2 = box[2], y2 = box[3];
    const bool empty = !(x2 > x1 && y2 > y1);
    Taps columns[Side];
    int left = picture.width, right = 0;
    for (int x = 0; x < Side && !empty; ++x) {
        columns[x] = cell_taps(x1, x2, x, Side, picture.width, rule.least);
        if (columns[x].count == 0) continue;
        left = std::min(left, columns[x].first);
        right = std::max(right, columns[x].first + columns[x].count);
    }
    const std::ptrdiff_t plane = static_cast<std::ptrdiff_t>(Side) * Side * N;
    for (int y = 0; y < Side; ++y) {
        float* row = out + static_cast<std::ptrdiff_t>(y) * Side * N + lane;
        const Taps rows = empty ? Taps{} : cell_taps(y1, y2, y, Side, picture.height, rule.least);
        const bool black = rows.count == 0 || right <= left;
        if (!black) add_rows(picture, rows, 3 * left, 3 * right, sums);
        for (int x = 0; x < Side; ++x) {
            Float<4> value = {};
            if (!black && columns[x].count > 0) {
                const Taps& taps = columns[x];
                const float* at = sums + 3 * (taps.first - left);
                value = taps.head * load<4>(at);
                if (taps.count > 1) value += taps.tail * load<4>(at + 3 * (taps.count - 1));
                if (taps.count > 2) {
                    Float<4> body = load<4>(at + 3);
                    for (int k = 2; k < taps.count - 1; ++k) body += load<4>(at + 3 * k);
                    value += taps.body * body;
                }
            }
            value = value * kScale + kBlack;
            for (int channel = 0; channel < 3; ++channel) row[channel * plane + x * N] = value[channel];
        }
    }
}

}  // namespace facecascade::FACECASCADE_ISA
