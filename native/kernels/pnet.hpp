// P-Net over one tile of a pyramid level, fused: a few rows of each layer at a time, so that nothing leaves the cache.
//
// Lanes run along the width, Winograd's tiles are four rows high and two columns wide. So rows come in fours: input
// rows become pooled rows, pooled rows become rows of conv2, those become rows of conv3, and each waits in a ring of
// eight. What lies beyond the edge of the level or of the tile is computed with whatever numbers lie there and then not
// looked at.
#pragma once

#include <algorithm>
#include <bit>

#include "../kernels.hpp"
#include "pnet_weights.hpp"
#include "winograd.hpp"

namespace facecascade::FACECASCADE_ISA {

template <int N>
class PNetTile {
public:
    // Floats from one channel of a row to the next: the widest tile in whole vectors, and what they read beyond it.
    static constexpr int kPlane = 304;
    static constexpr int kTiles = 2;  // vectors of Winograd tiles computed together
    static constexpr int kStep = 2 * N;  // columns that one vector of tiles covers
    static constexpr int kHigh = 4;  // rows that it covers
    static constexpr int kRing = 2 * kHigh;

    static constexpr std::size_t kLine = 2 * kPlane, kInput = 4 * 12 * kPlane, kPooled = kRing * 10 * kPlane,
                                 kConv2 = kRing * 16 * kPlane;
    static constexpr std::size_t kLogits = kHigh * kPlane, kTransformed = kPoints<kHigh, 2> * 16 * kTiles * N;
    static constexpr std::size_t kProducts = kPoints<kHigh, 2> * kChannelBlock * kTiles * N;
    static constexpr std::size_t kScratch = kLine + kInput + kPooled + kConv2 + kLogits + kTransformed + kProducts;

    static_assert(kTileWidth + 2 + kStep + 2 <= kPlane);

    PNetTile(const PackedPNet<N>& weights, const LevelView& level, Tile tile, float* scratch)
        : weights_(weights), level_(level), tile_(tile), width_(tile.x1 - tile.x0), next_input_(2 * tile.y0) {
        line_ = scratch;
        input_ = line_ + kLine;
        pooled_ = input_ + kInput;
        conv2_ = pooled_ + kPooled;
        logits_ = conv2_ + kConv2;
        transformed_ = logits_ + kLogits;
        products_ = transformed_ + kTransformed;
    }

    std::size_t run(float threshold, Candidate* out) {
        Candidate* end = out;
        const int height = tile_.y1 - tile_.y0;
        int pooled = 0, conv2 = 0;
        for (int y = 0; y < height; y += kHigh) {
            for (; conv2 < std::min(y + kHigh + 2, height + 2); conv2 += kHigh) {
                while (pooled < conv2 + kHigh + 2) pooled_row(pooled++);
                conv2_rows(conv2);
            }
            end = conv3_rows(y, threshold, end);
        }
        return static_cast<std::size_t>(end - out);
    }

private:
    using V = Float<N>;

    // The points of one row of the level, normalised: four planes for each of its colours.
    void load_input(int y) {
        const int vectors = (width_ + 4 + N - 1) / N;
        for (int colour = 0; colour < 3; ++colour) {
            split_line(level_.row(colour, y) + 2 * tile_.x0, vectors + 1);
            float* planes = input_ + ((y & 3) * 3 + colour) * 4 * kPlane;
            for (int i = 0; i < vectors; ++i) {
                const float *even = line_ + N * i, *odd = even + kPlane;
                const V columns[4] = {load<N>(even), load<N>(odd), load<N>(even + 1), load<N>(odd + 1)};
                V points[4];
                Minimal<2>::inputs(columns, points);
                for (int k = 0; k < 4; ++k) store<N>(planes + k * kPlane + N * i, points[k]);
            }
        }
    }

    // Even and odd columns.
    void split_line(const std::uint8_t* from, int vectors) {
        for (int i = 0; i < vectors; ++i) {
            // Two bytes a lane, of which the low one is the even column.
            static_assert(std::endian::native == std::endian::little);
            const auto pair = *reinterpret_cast<const typename Simd<N>::HalfAt*>(from + 2 * N * i);
            const auto low = __builtin_convertvector(typename Simd<N>::Half(pair & 255), typename Simd<N>::Int);
            const auto high = __builtin_convertvector(typename Simd<N>::Half(pair >> 8), typename Simd<N>::Int);
            store<N>(line_ + N * i, (__builtin_convertvector(low, V) - 127.5f) * 0.0078125f);
            store<N>(line_ + kPlane + N * i, (__builtin_convertvector(high, V) - 127.5f) * 0.0078125f);
        }
    }

    // conv1, PReLU and the 2 x 2 pool for row `i` of the tile's pooled rows.
    void pooled_row(int i) {
        const int last = level_.height - 1;
        const int first = 2 * (tile_.y0 + i);
        while (next_input_ <= std::min(first + 3, last)) load_input(next_input_++);
        const float* rows[4];
        for (int k = 0; k < 4; ++k) rows[k] = input_ + (std::min(first + k, last) & 3) * 12 * kPlane;
        // The last pooled row of a level may have one row of conv1 alone: it then stands for both.
        const bool both = first + 1 < level_.height - 2;
        const float* below[3] = {rows[both ? 1 : 0], rows[both ? 2 : 1], rows[both ? 3 : 2]};
        float* out = pooled_ + i % kRing * 10 * kPlane;
        const int half_column = half_pooled_column();
        for (int x = 0; x < width_ + 4; x += N)
            for (int block = 0; block < 10 / kBlock1; ++block) conv1_block(rows, below, x, block, half_column - x, out);
    }

    // Column of the tile whose pool window has one column of conv1 alone; far outside if there is none.
    int half_pooled_column() const {
        const int conv1_width = level_.width - 2;
        return conv1_width % 2 ? conv1_width / 2 - tile_.x0 : -N;
    }

    static constexpr int kBlock1 = PackedPNet<N>::kBlock1;

    // Sums of two points, [point][channel][row].
    using Sums1 = V[2][kBlock1][2];

    // Adds one pair of points of two rows, the window's upper ones `above` and those `below` them.
    FACECASCADE_INLINE void add_points(const float (&weights)[9][2][kBlock1], const int (&points)[2],
                                       const float* const* above, const float* const* below, int x, Sums1& sum) {
        for (int ky = 0; ky < 3; ++ky)
            for (int colour = 0; colour < 3; ++colour)
#pragma GCC unroll 2
                for (int point = 0; point < 2; ++point) {
                    const std::ptrdiff_t at = (colour * 4 + points[point]) * kPlane + x;
                    V high = load<N>(above[ky] + at), low = load<N>(below[ky] + at);
                    keep(high);
                    keep(low);
#pragma GCC unroll 5
                    for (int o = 0; o < kBlock1; ++o) {
                        const V w = splat<N>(weights[ky * 3 + colour][point][o]);
                        sum[point][o][0] += w * high;
                        sum[point][o][1] += w * low;
                    }
                }
    }

    __attribute__((always_inline)) void conv1_block(const float* const* above, const float* const* below, int x,
                                                    int block, int half_lane, float* out) const {
        constexpr auto& pairs = PackedPNet<N>::kPairs1;
        Sums1 points = {};
#pragma GCC unroll 5
        for (int o = 0; o < kBlock1; ++o)
            points[0][o][0] = points[0][o][1] = splat<N>(weights_.bias1[block * kBlock1 + o]);
        add_points(weights_.conv1[block][0], pairs[0], above, below, x, points);
        Sums1 sum;  // [even or odd column][channel][row]
#pragma GCC unroll 5
        for (int o = 0; o < kBlock1; ++o)
#pragma GCC unroll 2
            for (int row = 0; row < 2; ++row) {
                sum[0][o][row] = points[0][o][row] + points[1][o][row];
                sum[1][o][row] = points[0][o][row] - points[1][o][row];
            }
        add_points(weights_.conv1[block][1], pairs[1], above, below, x, sum);
        if (half_lane >= 0 && half_lane < N)
            for (int o = 0; o < kBlock1; ++o) {
                sum[1][o][0][half_lane] = sum[0][o][0][half_lane];
                sum[1][o][1][half_lane] = sum[0][o][1][half_lane];
            }
#pragma GCC unroll 5
        for (int o = 0; o < kBlock1; ++o) {
            const float alpha = weights_.alpha1[block * kBlock1 + o];
            const V most = larger(larger(sum[0][o][0], sum[1][o][0]), larger(sum[0][o][1], sum[1][o][1]));
            V value = prelu(most, splat<N>(alpha));
            // PReLU after the pool is the same as before it, but where it falls: then the smallest input may win.
            if (alpha < 0) {
                const V least = smaller(smaller(sum[0][o][0], sum[1][o][0]), smaller(sum[0][o][1], sum[1][o][1]));
                value = larger(value, prelu(least, splat<N>(alpha)));
            }
            store<N>(out + (block * kBlock1 + o) * kPlane + x, value);
        }
    }

    // Winograd tiles of `Tiles` vectors at column x: rows of In planes -> [points][In][Tiles][N].
    template <int In, int Tiles>
    __attribute__((always_inline)) void transform(const float* const* rows, int x) {
        for (int in = 0; in < In; ++in)
            for (int t = 0; t < Tiles; ++t) {
                V transformed[kHigh + 2][4];
#pragma GCC unroll 6
                for (int r = 0; r < kHigh + 2; ++r) {
                    const float* from = rows[r] + in * kPlane + x + kStep * t;
                    const V a = load<N>(from), b = load<N>(from + N), c = load<N>(from + 2), d = load<N>(from + N + 2);
                    const V line[4] = {Shuffle<N>::even(a, b), Shuffle<N>::odd(a, b), Shuffle<N>::even(c, d),
                                       Shuffle<N>::odd(c, d)};
                    Minimal<2>::inputs(line, transformed[r]);
                }
                transform_columns<kHigh, 2, N>(transformed, transformed_ + (in * Tiles + t) * N, In * Tiles * N);
            }
    }

    // What was transformed with all kernels of a layer.
    template <int In, int Out, int Tiles, class Emit>
    __attribute__((always_inline)) void multiply_all(const float* kernels, Emit&& emit) {
        constexpr int kBlock = kChannelBlock;
        for (int first = 0; first < Out; first += kBlock)
            multiply<kHigh, 2, N, In, kBlock, Tiles>(
                transformed_, Tiles * N, kernels + static_cast<std::ptrdiff_t>(kPoints<kHigh, 2>) * In * first,
                products_, [&](int o, int t, const V(&y)[kHigh][2]) { emit(first + o, t, y); });
    }

    // Rows of conv2 from row `i` on.
    void conv2_rows(int i) {
        const float* rows[kHigh + 2];
        for (int k = 0; k < kHigh + 2; ++k) rows[k] = pooled_ + (i + k) % kRing * 10 * kPlane;
        float* out = conv2_ + i % kRing * 16 * kPlane;
        int x = 0;
        for (; x + kStep < width_ + 2; x += kTiles * kStep) conv2_tiles<kTiles>(rows, x, out);
        if (x < width_ + 2) conv2_tiles<1>(rows, x, out);
    }

    template <int Tiles>
    void conv2_tiles(const float* const* rows, int x, float* out) {
        transform<10, Tiles>(rows, x);
        multiply_all<10, 16, Tiles>(weights_.conv2, [&](int o, int t, const V(&y)[kHigh][2]) {
            const V bias = splat<N>(weights_.bias2[o]), alpha = splat<N>(weights_.alpha2[o]);
            float* to = out + o * kPlane + x + kStep * t;
#pragma GCC unroll 4
            for (int r = 0; r < kHigh; ++r, to += 16 * kPlane)
                store_pairs(prelu(y[r][0] + bias, alpha), prelu(y[r][1] + bias, alpha), to);
        });
    }

    FACECASCADE_INLINE void store_pairs(V even, V odd, float* to) {
        store<N>(to, Shuffle<N>::zip_low(even, odd));
        store<N>(to + N, Shuffle<N>::zip_high(even, odd));
    }

    // Rows of the map from row `i` on: logits of all windows, candidates of those that pass.
    Candidate* conv3_rows(int i, float threshold, Candidate* out) {
        const float* rows[kHigh + 2];
        for (int k = 0; k < kHigh + 2; ++k) rows[k] = conv2_ + (i + k) % kRing * 16 * kPlane;
        int x = 0;
        for (; x + kStep < width_; x += kTiles * kStep) conv3_tiles<kTiles>(rows, x);
        if (x < width_) conv3_tiles<1>(rows, x);
        for (int k = 0; k < kHigh && tile_.y0 + i + k < tile_.y1; ++k) out = scan(rows + k, i + k, k, threshold, out);
        return out;
    }

    template <int Tiles>
    void conv3_tiles(const float* const* rows, int x) {
        transform<16, Tiles>(rows, x);
        V logit[Tiles][kHigh][2];
        for (int t = 0; t < Tiles; ++t)
            for (int r = 0; r < kHigh; ++r) logit[t][r][0] = logit[t][r][1] = splat<N>(weights_.score_bias);
        multiply_all<16, 32, Tiles>(weights_.conv3, [&](int o, int t, const V(&y)[kHigh][2]) {
            const V bias = splat<N>(weights_.bias3[o]), alpha = splat<N>(weights_.alpha3[o]);
            const V score = splat<N>(weights_.score[o]);
#pragma GCC unroll 4
            for (int r = 0; r < kHigh; ++r)
#pragma GCC unroll 2
                for (int k = 0; k < 2; ++k) logit[t][r][k] += score * prelu(y[r][k] + bias, alpha);
        });
        for (int t = 0; t < Tiles; ++t)
            for (int r = 0; r < kHigh; ++r)
                store_pairs(logit[t][r][0], logit[t][r][1], logits_ + r * kPlane + x + kStep * t);
    }

    Candidate* scan(const float* const* rows, int y, int which, float threshold, Candidate* out) const {
        const float* logits = logits_ + which * kPlane;
        constexpr int kChunk = 32;
        for (int x0 = 0; x0 < width_; x0 += kChunk) {
            const int x1 = std::min(x0 + kChunk, width_);
            int any = 0;
            for (int x = x0; x < x1; ++x) any |= logits[x] >= threshold;
            if (!any) continue;
            for (int x = x0; x < x1; ++x) {
                if (!(logits[x] >= threshold)) continue;
                *out = {tile_.x0 + x, tile_.y0 + y, logits[x], {}};
                regress(rows, x, out->regression);
                ++out;
            }
        }
        return out;
    }

    // Box regression of one window: conv3 again, lanes over its channels, and the box head.
    void regress(const float* const* rows, int x, float (&out)[4]) const {
        constexpr int kVectors = 32 / N;
        V sum[3][kVectors] = {};
        for (int ky = 0; ky < 3; ++ky)
            for (int in = 0; in < 16; ++in)
#pragma GCC unroll 3
                for (int kx = 0; kx < 3; ++kx) {
                    const V value = splat<N>(rows[ky][in * kPlane + x + kx]);
                    const float* weight = weights_.conv3_plain[(ky * 3 + kx) * 16 + in];
#pragma GCC unroll 8
                    for (int v = 0; v < kVectors; ++v) sum[kx][v] += value * load<N>(weight + N * v);
                }
        V channels[kVectors];
        for (int v = 0; v < kVectors; ++v)
            channels[v] = prelu(sum[0][v] + sum[1][v] + sum[2][v] + load<N>(weights_.bias3 + N * v),
                                load<N>(weights_.alpha3 + N * v));
        for (int k = 0; k < 4; ++k) {
            V products = {};
            for (int v = 0; v < kVectors; ++v) products += channels[v] * load<N>(weights_.box[k] + N * v);
            out[k] = weights_.box_bias[k];
            for (int lane = 0; lane < N; ++lane) out[k] += products[lane];
        }
    }

    const PackedPNet<N>& weights_;
    const LevelView& level_;
    const Tile tile_;
    const int width_;
    int next_input_;
    float *line_, *input_, *pooled_, *conv2_, *logits_, *transformed_, *products_;
};

template <int N>
std::size_t pnet_tile(const void* weights, const LevelView& level, Tile tile, float threshold, Candidate* out,
                      float* scratch) {
    return PNetTile<N>(*static_cast<const PackedPNet<N>*>(weights), level, tile, scratch).run(threshold, out);
}

}  // namespace facecascade::FACECASCADE_ISA
