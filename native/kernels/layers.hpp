// The layers of R-Net and O-Net, with one crop per lane, so that each is the same plain loop over vectors.
//
// A layer's values are [channel][row][column][N]; a crop's result does not depend on the crops in the other lanes.
#pragma once

#include <algorithm>
#include <cstring>

#include "../tensors.hpp"
#include "winograd.hpp"

namespace facecascade::FACECASCADE_ISA {

constexpr int ceil_div(int a, int b) { return (a + b - 1) / b; }

// Convolution + PReLU + maximum pool of stride 2 (Pool 0: none) on squares of `Side`.
template <int Kernel, int In, int Out, int Side, int Pool>
struct ConvLayer {
    static constexpr int kSide = Side - Kernel + 1;  // after the convolution
    static constexpr int kResult = Pool ? ceil_div(kSide - Pool, 2) + 1 : kSide;
    static constexpr bool kWinograd = Kernel == 3 && In >= 16;
    // Output channels computed together; without Winograd, 28 channels of R-Net's first layer go in sevens.
    static constexpr int kBlock = FACECASCADE_REGISTERS < 32 ? 4 : (Out % 8 == 0 ? 8 : 7);
    static constexpr int kSpan = 3;  // columns, or Winograd tiles, computed together
    static_assert(Out % kBlock == 0 && (!kWinograd || kBlock == kChannelBlock<FACECASCADE_LANES>));

    static constexpr std::size_t kWeights = (kWinograd ? 16 : Kernel * Kernel) * static_cast<std::size_t>(In) * Out;
    // In vectors: values, ring of four rows, and what Winograd needs.
    static constexpr std::size_t kInput = static_cast<std::size_t>(In) * Side * Side;
    static constexpr std::size_t kOutput = static_cast<std::size_t>(Out) * kResult * kResult;
    static constexpr std::size_t kRing = 4 * static_cast<std::size_t>(Out) * kSide;
    static constexpr std::size_t kWork = kWinograd ? 16 * kSpan * static_cast<std::size_t>(In + kBlock) : 0;

    alignas(64) float weights[kWeights];
    alignas(64) float bias[Out];
    alignas(64) float alpha[Out];

    void pack(const ConvTensors& from) {
        std::memcpy(bias, from.bias, sizeof bias);
        std::memcpy(alpha, from.alpha, sizeof alpha);
        if constexpr (kWinograd) {
            transform_kernel<In, Out, kBlock>(from.weight, weights);
        } else {  // (k, k, In, Out) -> [Out / block][In][k][k][block]
            for (int o = 0; o < Out; ++o)
                for (int in = 0; in < In; ++in)
                    for (int tap = 0; tap < Kernel * Kernel; ++tap)
                        weights[((o / kBlock * In + in) * Kernel * Kernel + tap) * kBlock + o % kBlock] =
                            from.weight[(tap * In + in) * Out + o];
        }
    }

    // in[In][Side][Side][N] -> out[Out][kResult][kResult][N]
    template <int N>
    void run(const float* in, float* out, float* ring, float* work) const {
        int done = 0;
        for (int row = 0; row < kResult; ++row) {
            const int first = Pool ? 2 * row : row;
            const int end = std::min(Pool ? first + Pool : first + 1, kSide);
            for (; done < end; done += 2) two_rows<N>(in, done, ring, work);
            finish_row<N>(ring, first, end, row, out);
        }
    }

private:
    template <int N>
    static float* ring_row(float* ring, int row) {
        return ring + static_cast<std::ptrdiff_t>(row & 3) * Out * kSide * N;
    }

    // Rows `first` to `end` of the ring -> one row of the result.
    template <int N>
    static void finish_row(float* ring, int first, int end, int row, float* out) {
        for (int o = 0; o < Out; ++o)
            for (int x = 0; x < kResult; ++x) {
                const int left = Pool ? 2 * x : x;
                const int right = std::min(Pool ? left + Pool : left + 1, kSide);
                Float<N> most = load<N>(ring_row<N>(ring, first) + (o * kSide + left) * N);
                for (int y = first; y < end; ++y)
                    for (int column = left; column < right; ++column)
                        most = larger(most, load<N>(ring_row<N>(ring, y) + (o * kSide + column) * N));
                store<N>(out + static_cast<std::ptrdiff_t>((o * kResult + row) * kResult + x) * N, most);
            }
    }

    // Rows y and y + 1 of the convolution, with PReLU, into the ring.
    template <int N>
    void two_rows(const float* in, int y, float* ring, float* work) const {
        if constexpr (kWinograd) {
            constexpr int kTiles = ceil_div(kSide, 2);
            int tile = 0;
            for (; tile + kSpan <= kTiles; tile += kSpan) winograd<N, kSpan>(in, y, tile, ring, work);
            if constexpr (kTiles % kSpan != 0) winograd<N, kTiles % kSpan>(in, y, tile, ring, work);
        } else {
            for (int row = y; row < std::min(y + 2, kSide); ++row)
                for (int block = 0; block < Out / kBlock; ++block) {
                    int x = 0;
                    for (; x + kSpan <= kSide; x += kSpan) direct<N, kSpan>(in, row, x, block, ring);
                    if constexpr (kSide % kSpan != 0) direct<N, kSide % kSpan>(in, row, x, block, ring);
                }
        }
    }

    template <int N, int Span>
    void direct(const float* in, int y, int x, int block, float* ring) const {
        Float<N> sum[kBlock][Span];
#pragma GCC unroll 8
        for (int o = 0; o < kBlock; ++o)
#pragma GCC unroll 4
            for (int s = 0; s < Span; ++s) sum[o][s] = splat<N>(bias[block * kBlock + o]);
        const float* weight = weights + static_cast<std::ptrdiff_t>(block) * In * Kernel * Kernel * kBlock;
        for (int channel = 0; channel < In; ++channel)
            for (int ky = 0; ky < Kernel; ++ky, weight += Kernel * kBlock) {
                const float* from = in + (static_cast<std::ptrdiff_t>(channel * Side + y + ky) * Side + x) * N;
                Float<N> values[Span + Kernel - 1];
#pragma GCC unroll 8
                for (int s = 0; s < Span + Kernel - 1; ++s) values[s] = load<N>(from + s * N);
#pragma GCC unroll 3
                for (int kx = 0; kx < Kernel; ++kx)
#pragma GCC unroll 8
                    for (int o = 0; o < kBlock; ++o) {
                        const auto w = splat<N>(weight[kx * kBlock + o]);
#pragma GCC unroll 4
                        for (int s = 0; s < Span; ++s) sum[o][s] += w * values[s + kx];
                    }
            }
        float* to = ring_row<N>(ring, y) + static_cast<std::ptrdiff_t>(block * kBlock * kSide + x) * N;
#pragma GCC unroll 8
        for (int o = 0; o < kBlock; ++o)
#pragma GCC unroll 4
            for (int s = 0; s < Span; ++s)
                store<N>(to + (o * kSide + s) * N, prelu(sum[o][s], splat<N>(alpha[block * kBlock + o])));
    }

    template <int N, int Tiles>
    void winograd(const float* in, int y, int tile, float* ring, float* work) const {
        float* products = work + static_cast<std::ptrdiff_t>(16) * In * kSpan * N;
        for (int channel = 0; channel < In; ++channel)
            for (int t = 0; t < Tiles; ++t) {
                const int x = 2 * (tile + t);
                Float<N> transformed[4][4];
#pragma GCC unroll 4
                for (int r = 0; r < 4; ++r) {
                    // Past the last row and column any value will do: only outputs past the end see it.
                    const float* row =
                        in + (static_cast<std::ptrdiff_t>(channel) * Side + std::min(y + r, Side - 1)) * Side * N;
                    transform_row(load<N>(row + x * N), load<N>(row + (x + 1) * N), load<N>(row + (x + 2) * N),
                                  load<N>(row + std::min(x + 3, Side - 1) * N), transformed[r]);
                }
                transform_columns<N>(transformed, work + (channel * Tiles + t) * N, In * Tiles * N);
            }
        float* upper = ring_row<N>(ring, y);
        float* lower = ring_row<N>(ring, y + 1);
        multiply<N, In, Out, Tiles>(work, weights, products, [&](int o, int t, const Float<N>(&value)[4]) {
            const auto b = splat<N>(bias[o]), a = splat<N>(alpha[o]);
            const int x = 2 * (tile + t);
            const std::ptrdiff_t at = static_cast<std::ptrdiff_t>(o * kSide + x) * N;
            store<N>(upper + at, prelu(value[0] + b, a));
            store<N>(lower + at, prelu(value[2] + b, a));
            if (x + 1 < kSide) {
                store<N>(upper + at + N, prelu(value[1] + b, a));
                store<N>(lower + at + N, prelu(value[3] + b, a));
            }
        });
    }
};

// Fully connected layer; the rows of `from` are in (y, x, channel) order, the values in (channel, y, x) order.
template <int In, int Out, int Channels>
struct DenseLayer {
    static constexpr int kBlock = Out % 8 == 0 ? 8 : Out;
    alignas(64) float weights[static_cast<std::size_t>(In) * Out];
    alignas(64) float bias[Out];

    // Columns `begin` to `begin + columns` of the layer.
    void pack(const float* weight, const float* offset, int begin, int columns) {
        constexpr int kPixels = In / Channels;
        for (int o = 0; o < columns; ++o) {
            bias[begin + o] = offset[o];
            for (int pixel = 0; pixel < kPixels; ++pixel)
                for (int channel = 0; channel < Channels; ++channel)
                    set(channel * kPixels + pixel, begin + o, weight[(pixel * Channels + channel) * columns + o]);
        }
    }

    // in[In][N] -> out[Out][N]
    template <int N>
    void run(const float* in, float* out) const {
        for (int block = 0; block < Out / kBlock; ++block) {
            Float<N> sum[kBlock];
            for (int o = 0; o < kBlock; ++o) sum[o] = splat<N>(bias[block * kBlock + o]);
            const float* weight = weights + static_cast<std::ptrdiff_t>(block) * In * kBlock;
            for (int i = 0; i < In; ++i, weight += kBlock) {
                const auto value = load<N>(in + static_cast<std::ptrdiff_t>(i) * N);
#pragma GCC unroll 16
                for (int o = 0; o < kBlock; ++o) sum[o] += splat<N>(weight[o]) * value;
            }
            for (int o = 0; o < kBlock; ++o) store<N>(out + (block * kBlock + o) * N, sum[o]);
        }
    }

    void set(int in, int o, float value) { weights[(o / kBlock * In + in) * kBlock + o % kBlock] = value; }
};

template <int Out>
struct PReLULayer {
    float alpha[Out];

    void pack(const float* from) { std::memcpy(alpha, from, sizeof alpha); }

    template <int N>
    void run(float* values) const {
        for (int o = 0; o < Out; ++o) store<N>(values + o * N, prelu(load<N>(values + o * N), splat<N>(alpha[o])));
    }
};

// What both networks end in: logit of a face, then `Outputs` - 1 numbers as they are.
template <int In, int Outputs>
struct HeadLayer : DenseLayer<In, Outputs, In> {
    void pack_score(const HeadTensors& from) {
        this->bias[0] = from.bias[1] - from.bias[0];
        for (int i = 0; i < In; ++i) this->set(i, 0, from.weight[i * 2 + 1] - from.weight[i * 2]);
    }
};

}  // namespace facecascade::FACECASCADE_ISA
