// Winograd's minimal filtering F(R x C, 3 x 3): R x C outputs of a 3 x 3 convolution with (R + 2) (C + 2) products
// instead of 9 R C. Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", CVPR 2016, section 4.1.
//
// A tile of (M + 2)^2 inputs becomes as many points, each point is multiplied with that of the kernel and summed over
// the input channels, and the sums become the M x M outputs. Larger tiles need fewer products and more additions; their
// interpolation points are the smallest there are, so that in float32 they are as exact as the plain sum of 9 In
// products.
#pragma once

#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

// The two transforms of one line, and the kernel's. Toom and Cook's polynomials through 0, 1, -1, 2, -2 and infinity,
// the first M + 1 of them and the last.
template <int M>
struct Minimal;

template <>
struct Minimal<2> {
    static constexpr double kKernel[4][3] = {{1, 0, 0}, {.5, .5, .5}, {.5, -.5, .5}, {0, 0, 1}};

    template <class V>
    FACECASCADE_INLINE void inputs(const V (&d)[4], V (&out)[4]) {
        out[0] = d[0] - d[2];
        out[1] = d[1] + d[2];
        out[2] = d[2] - d[1];
        out[3] = d[1] - d[3];
    }

    template <class V>
    FACECASCADE_INLINE void outputs(const V (&m)[4], V (&out)[2]) {
        out[0] = m[0] + m[1] + m[2];
        out[1] = m[1] - m[2] - m[3];
    }
};

template <>
struct Minimal<3> {
    static constexpr double kKernel[5][3] = {
        {1. / 2, 0, 0}, {-1. / 2, -1. / 2, -1. / 2}, {-1. / 6, 1. / 6, -1. / 6}, {1. / 6, 1. / 3, 2. / 3}, {0, 0, 1}};

    template <class V>
    FACECASCADE_INLINE void inputs(const V (&d)[5], V (&out)[5]) {
        const V odd = d[3] - d[1];
        out[0] = (d[0] - d[2]) * 2 + odd;
        out[1] = (d[3] - d[2]) - d[1] * 2;
        out[2] = (d[3] - d[2] * 3) + d[1] * 2;
        out[3] = odd;
        out[4] = (d[4] - d[2]) - odd * 2;
    }

    template <class V>
    FACECASCADE_INLINE void outputs(const V (&m)[5], V (&out)[3]) {
        const V sum = m[1] + m[2];
        out[0] = m[0] + sum + m[3];
        out[1] = (m[1] - m[2]) + m[3] * 2;
        out[2] = sum + m[3] * 4 + m[4];
    }
};

template <>
struct Minimal<4> {
    static constexpr double kKernel[6][3] = {{1. / 4, 0, 0},
                                             {-1. / 6, -1. / 6, -1. / 6},
                                             {-1. / 6, 1. / 6, -1. / 6},
                                             {1. / 24, 1. / 12, 1. / 6},
                                             {1. / 24, -1. / 12, 1. / 6},
                                             {0, 0, 1}};

    template <class V>
    FACECASCADE_INLINE void inputs(const V (&d)[6], V (&out)[6]) {
        const V even = d[4] - d[2] * 4, odd = d[3] - d[1] * 4;
        const V outer = d[4] - d[2], inner = (d[3] - d[1]) * 2;
        out[0] = (d[0] - d[2]) * 4 + outer;
        out[1] = even + odd;
        out[2] = even - odd;
        out[3] = outer + inner;
        out[4] = outer - inner;
        out[5] = (d[1] - d[3]) * 4 + (d[5] - d[3]);
    }

    template <class V>
    FACECASCADE_INLINE void outputs(const V (&m)[6], V (&out)[4]) {
        const V near = m[1] + m[2], far = m[3] + m[4];
        const V near_odd = m[1] - m[2], far_odd = m[3] - m[4];
        out[0] = m[0] + near + far;
        out[1] = near_odd + far_odd * 2;
        out[2] = near + far * 4;
        out[3] = near_odd + far_odd * 8 + m[5];
    }
};

template <int R, int C>
inline constexpr int kPoints = (R + 2) * (C + 2);

// The largest tiles that fill a line of `side` outputs: what one needs decreases with its size, what sticks out is
// wasted.
constexpr int best_tile(int side) { return side % 4 == 0 ? 4 : side % 3 == 0 ? 3 : 2; }

// Kernel (3, 3, In, Out) -> [Out / block][points][In][block]. Computed in double, rounded once.
template <int R, int C, int In, int Out, int Block>
FACECASCADE_INLINE void transform_kernel(const float* kernel, float* out) {
    static_assert(Out % Block == 0);
    constexpr auto& rows = Minimal<R>::kKernel;
    constexpr auto& columns = Minimal<C>::kKernel;
    for (int i = 0; i < R + 2; ++i)
        for (int j = 0; j < C + 2; ++j)
            for (int in = 0; in < In; ++in)
                for (int o = 0; o < Out; ++o) {
                    double sum = 0;
                    for (int y = 0; y < 3; ++y)
                        for (int x = 0; x < 3; ++x)
                            sum += rows[i][y] * columns[j][x] *
                                   static_cast<double>(kernel[((y * 3 + x) * In + in) * Out + o]);
                    const int point = i * (C + 2) + j;
                    out[((o / Block * kPoints<R, C> + point) * In + in) * Block + o % Block] = static_cast<float>(sum);
                }
}

// Transformed rows of a tile -> its points, each `distance` floats from the one before.
template <int R, int C, int N>
FACECASCADE_INLINE void transform_columns(const Float<N> (&rows)[R + 2][C + 2], float* out, std::size_t distance) {
#pragma GCC unroll 6
    for (std::size_t j = 0; j < C + 2; ++j) {
        Float<N> column[R + 2], points[R + 2];
#pragma GCC unroll 6
        for (int i = 0; i < R + 2; ++i) column[i] = rows[i][j];
        Minimal<R>::inputs(column, points);
#pragma GCC unroll 6
        for (std::size_t i = 0; i < R + 2; ++i) store<N>(out + (i * (C + 2) + j) * distance, points[i]);
    }
}

// The summed products of one channel -> R x C outputs.
template <int R, int C, int N>
FACECASCADE_INLINE void transform_products(const float* products, std::size_t distance, Float<N> (&out)[R][C]) {
    Float<N> rows[R][C + 2];
#pragma GCC unroll 6
    for (std::size_t j = 0; j < C + 2; ++j) {
        Float<N> column[R + 2], sums[R];
#pragma GCC unroll 6
        for (std::size_t i = 0; i < R + 2; ++i) column[i] = load<N>(products + (i * (C + 2) + j) * distance);
        Minimal<R>::outputs(column, sums);
#pragma GCC unroll 4
        for (int i = 0; i < R; ++i) rows[i][j] = sums[i];
    }
#pragma GCC unroll 4
    for (int i = 0; i < R; ++i) Minimal<C>::outputs(rows[i], out[i]);
}

// The products of `Tiles` transformed vectors of tiles with the kernels of `Block` output channels.
// tiles: [points][In][distance]; kernel: [points][In][Block]; products: scratch, [points][Block][Tiles][N].
// Calls emit(channel, tile, outputs) for every channel of the block and vector of tiles.
template <int R, int C, int N, int In, int Block, int Tiles, class Emit>
FACECASCADE_INLINE void multiply(const float* tiles, std::size_t distance, const float* kernel, float* products,
                                 Emit&& emit) {
    for (std::size_t point = 0; point < kPoints<R, C>; ++point) {
        Float<N> sum[Block][Tiles] = {};
        const float* tile = tiles + point * In * distance;
        for (int in = 0; in < In; ++in, kernel += Block, tile += distance) {
            Float<N> values[Tiles];
#pragma GCC unroll 4
            for (int t = 0; t < Tiles; ++t) values[t] = load<N>(tile + N * t);
#pragma GCC unroll 8
            for (int o = 0; o < Block; ++o) {
                const auto weight = splat<N>(kernel[o]);
#pragma GCC unroll 4
                for (int t = 0; t < Tiles; ++t) sum[o][t] += weight * values[t];
            }
        }
        float* to = products + point * Block * Tiles * N;
#pragma GCC unroll 8
        for (int o = 0; o < Block; ++o)
#pragma GCC unroll 4
            for (int t = 0; t < Tiles; ++t) store<N>(to + (o * Tiles + t) * N, sum[o][t]);
    }
    for (int o = 0; o < Block; ++o)
        for (int t = 0; t < Tiles; ++t) {
            Float<N> outputs[R][C];
            transform_products<R, C, N>(products + (o * Tiles + t) * N, Block * Tiles * N, outputs);
            emit(o, t, outputs);
        }
}

}  // namespace facecascade::FACECASCADE_ISA
