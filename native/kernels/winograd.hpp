// Winograd's minimal filtering F(2 x 2, 3 x 3): four outputs of a 3 x 3 convolution with 16 products instead of 36.
// Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.
#pragma once

#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

// Kernel (3, 3, In, Out) -> [16 points][Out / block][In][block]. Computed in double, rounded once.
template <int In, int Out, int Block>
FACECASCADE_INLINE void transform_kernel(const float* kernel, float* out) {
    static_assert(Out % Block == 0);
    constexpr double kG[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};
    for (int i = 0; i < 4; ++i)
        for (int j = 0; j < 4; ++j)
            for (int in = 0; in < In; ++in)
                for (int o = 0; o < Out; ++o) {
                    double sum = 0;
                    for (int y = 0; y < 3; ++y)
                        for (int x = 0; x < 3; ++x)
                            sum += kG[i][y] * kG[j][x] * static_cast<double>(kernel[((y * 3 + x) * In + in) * Out + o]);
                    const int point = i * 4 + j;
                    out[((point * (Out / Block) + o / Block) * In + in) * Block + o % Block] = static_cast<float>(sum);
                }
}

// One row of a 4 x 4 input tile, d0 to d3.
template <class V>
FACECASCADE_INLINE void transform_row(V d0, V d1, V d2, V d3, V (&out)[4]) {
    out[0] = d0 - d2;
    out[1] = d1 + d2;
    out[2] = d2 - d1;
    out[3] = d1 - d3;
}

// Four transformed rows -> the 16 points, each `distance` floats from the one before.
template <int N>
FACECASCADE_INLINE void transform_columns(const Float<N> (&rows)[4][4], float* out, std::size_t distance) {
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
        store<N>(out + (0 + j) * distance, rows[0][j] - rows[2][j]);
        store<N>(out + (4 + j) * distance, rows[1][j] + rows[2][j]);
        store<N>(out + (8 + j) * distance, rows[2][j] - rows[1][j]);
        store<N>(out + (12 + j) * distance, rows[1][j] - rows[3][j]);
    }
}

// The 16 products of one channel -> 2 x 2 outputs, row by row.
template <int N>
FACECASCADE_INLINE void transform_products(const float* products, std::size_t distance, Float<N> (&out)[4]) {
    Float<N> rows[2][4];
#pragma GCC unroll 4
    for (std::size_t j = 0; j < 4; ++j) {
        const auto m0 = load<N>(products + (0 + j) * distance), m1 = load<N>(products + (4 + j) * distance);
        const auto m2 = load<N>(products + (8 + j) * distance), m3 = load<N>(products + (12 + j) * distance);
        rows[0][j] = m0 + m1 + m2;
        rows[1][j] = m1 - m2 - m3;
    }
    out[0] = rows[0][0] + rows[0][1] + rows[0][2];
    out[1] = rows[0][1] - rows[0][2] - rows[0][3];
    out[2] = rows[1][0] + rows[1][1] + rows[1][2];
    out[3] = rows[1][1] - rows[1][2] - rows[1][3];
}

// The products of `Tiles` transformed vectors of tiles with all kernels, a block of output channels at a time.
// tiles: [16][In][Tiles][N]; kernels as `transform_kernel` lays them out; products: scratch, [16][Block][Tiles][N].
// Calls emit(channel, tile, outputs) for every output channel and vector of tiles.
template <int N, int In, int Out, int Tiles, class Emit>
FACECASCADE_INLINE void multiply(const float* tiles, const float* kernels, float* products, Emit&& emit) {
    constexpr int kBlock = kChannelBlock<N>;
    constexpr int kGroups = Out / kBlock;
    for (int group = 0; group < kGroups; ++group) {
        for (int point = 0; point < 16; ++point) {
            Float<N> sum[kBlock][Tiles] = {};
            const float* kernel = kernels + static_cast<std::size_t>(point * kGroups + group) * In * kBlock;
            const float* tile = tiles + static_cast<std::size_t>(point) * In * Tiles * N;
            for (int in = 0; in < In; ++in, kernel += kBlock, tile += Tiles * N) {
                Float<N> values[Tiles];
#pragma GCC unroll 4
                for (int t = 0; t < Tiles; ++t) values[t] = load<N>(tile + N * t);
#pragma GCC unroll 8
                for (int o = 0; o < kBlock; ++o) {
                    const auto weight = splat<N>(kernel[o]);
#pragma GCC unroll 4
                    for (int t = 0; t < Tiles; ++t) sum[o][t] += weight * values[t];
                }
            }
            float* to = products + static_cast<std::size_t>(point) * kBlock * Tiles * N;
#pragma GCC unroll 8
            for (int o = 0; o < kBlock; ++o)
#pragma GCC unroll 4
                for (int t = 0; t < Tiles; ++t) store<N>(to + (o * Tiles + t) * N, sum[o][t]);
        }
        for (int o = 0; o < kBlock; ++o)
            for (int t = 0; t < Tiles; ++t) {
                Float<N> outputs[4];
                transform_products<N>(products + (o * Tiles + t) * N, kBlock * Tiles * N, outputs);
                emit(group * kBlock + o, t, outputs);
            }
    }
}

}  // namespace facecascade::FACECASCADE_ISA
