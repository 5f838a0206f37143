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

// Convolution + PReLU + maximum pool of stride 2 (Pool 0: none) on squares of `Side`; 3 x 3 kernels by Winograd's
// tiles.
//
// A turn computes `kHigh` rows of the convolution, a block of channels at a time, into a place that stays in the cache,
// and folds them into the result at once: a row of the result is the maximum of what its rows were, one after the
// other.
template <int Kernel, int In, int Out, int Side, int Pool>
struct ConvLayer {
    static constexpr int kSide = Side - Kernel + 1;  // after the convolution
    static constexpr int kResult = Pool ? ceil_div(kSide - Pool, 2) + 1 : kSide;
    static constexpr int kKernel = Kernel;
    static constexpr bool kWinograd = Kernel == 3;
    static constexpr int kHigh = kWinograd ? best_tile(kSide) : 1;  // rows of a turn, which are those of a tile
    // Columns of a tile. Sums over three colours are so short that wide tiles pay even where the last one must overlap
    // the one before.
    static constexpr int kWide = kWinograd && In == 3 ? 4 : kHigh;
    static constexpr int kAcross = ceil_div(kSide, kWide);
    static_assert(kSide % kHigh == 0 && kSide >= kWide && (Pool == 0 || Pool == 2 || Pool == 3));
    // Output channels computed together; 28 channels of R-Net's first layer go in sevens.
    static constexpr int kBlock = FACECASCADE_REGISTERS < 32 ? 4 : (Out % 8 == 0 ? 8 : 7);
    static constexpr int kSpan = 3;  // columns, or Winograd tiles, computed together, at the most
    static_assert(Out % kBlock == 0);

    static constexpr std::size_t kBlockWeights = (kWinograd ? kPoints<kHigh, kWide> : Kernel * Kernel) * In * kBlock;
    // In vectors: values, the rows of a turn, and what Winograd needs: the tiles of a turn, and their products.
    static constexpr std::size_t kInput = static_cast<std::size_t>(In) * Side * Side;
    static constexpr std::size_t kOutput = static_cast<std::size_t>(Out) * kResult * kResult;
    static constexpr std::size_t kRows = kHigh * static_cast<std::size_t>(kBlock) * kSide;
    static constexpr std::size_t kTiles =
        kWinograd ? kPoints<kHigh, kWide> * static_cast<std::size_t>(In) * kAcross : 0;
    static constexpr std::size_t kWork = kTiles + (kWinograd ? kPoints<kHigh, kWide> * kBlock * kSpan : 0);

    alignas(64) float weights[Out / kBlock][kBlockWeights];
    alignas(64) float bias[Out];
    alignas(64) float alpha[Out];

    // How many rows of the convolution so many rows of the result see.
    static constexpr int rows_for(int results) { return Pool ? 2 * (results - 1) + Pool : results; }

    void pack(const ConvTensors& from) {
        std::memcpy(bias, from.bias, sizeof bias);
        std::memcpy(alpha, from.alpha, sizeof alpha);
        if constexpr (kWinograd) {
            transform_kernel<kHigh, kWide, In, Out, kBlock>(from.weight, weights[0]);
        } else {  // (k, k, In, Out) -> [Out / block][In][k][k][block]
            for (int o = 0; o < Out; ++o)
                for (int in = 0; in < In; ++in)
                    for (int tap = 0; tap < Kernel * Kernel; ++tap)
                        weights[o / kBlock][(in * Kernel * Kernel + tap) * kBlock + o % kBlock] =
                            from.weight[(tap * In + in) * Out + o];
        }
    }

    // in[In][Side][Side][N] -> out[Out][kResult][kResult][N]
    template <int N>
    void run(const float* in, float* out, float* rows, float* work) const {
        for (int y = 0; y < kSide; y += kHigh) turn<N>(in, out, y, rows, work);
    }

    // Rows `y` to `y + kHigh` of the convolution, into the result.
    template <int N>
    void turn(const float* in, float* out, int y, float* rows, float* work) const {
        if constexpr (kWinograd) transform<N>(in, y, work);
        for (int block = 0; block < Out / kBlock; ++block) {
            if constexpr (kWinograd)
                winograd_rows<N, kAcross>(work, 0, block, rows);
            else
                direct_row<N, kSide>(in, y, 0, block, rows);
            fold<N>(rows, y, block * kBlock, out);
        }
    }

private:
    template <int N>
    static constexpr std::ptrdiff_t row_at(int i) {
        return static_cast<std::ptrdiff_t>(i) * kBlock * kSide * N;
    }

    // The rows of a turn, `y` and those below it, of a block of channels from `first` on, into the result.
    template <int N>
    static void fold(const float* rows, int y, int first, float* out) {
        for (int o = 0; o < kBlock; ++o) {
            const float* from = rows + static_cast<std::ptrdiff_t>(o * kSide) * N;
            float* to = out + static_cast<std::ptrdiff_t>((first + o) * kResult * kResult) * N;
            if constexpr (Pool == 0)
                for (int i = 0; i < kHigh; ++i)
                    std::memcpy(to + static_cast<std::ptrdiff_t>((y + i) * kResult) * N, from + row_at<N>(i),
                                sizeof(float) * kSide * N);
            else if (kHigh % 2 == 0 || y % 2 == 0)
                fold_channel<N, 0>(from, y / 2, to);
            else
                fold_channel<N, 1>(from, y / 2, to);
        }
    }

    // Rows of one channel, the first of them `Odd` or even; row 2 r of the convolution begins row r of the result, and
    // with a pool of 3 also ends the one above.
    template <int N, int Odd>
    static void fold_channel(const float* rows, int r, float* out) {
        for (int x = 0; x < kResult; ++x) {
            float* to = out + static_cast<std::ptrdiff_t>(r * kResult + x) * N;
            Float<N> most = Odd ? load<N>(to) : Float<N>{};
#pragma GCC unroll 4
            for (int i = 0; i < kHigh; ++i) {
                const float* row = rows + row_at<N>(i);
                Float<N> across = load<N>(row + 2 * x * N);
#pragma GCC unroll 2
                for (int k = 1; k < Pool; ++k)
                    across = larger(across, load<N>(row + std::min(2 * x + k, kSide - 1) * N));
                if ((i + Odd) % 2 == 1) {
                    most = larger(most, across);
                    continue;
                }
                float* above = to + static_cast<std::ptrdiff_t>((i + Odd) / 2 - 1) * kResult * N;
                if (i > 0)
                    store<N>(above, Pool == 3 ? larger(most, across) : most);
                else if (Pool == 3 && r > 0)
                    store<N>(above, larger(load<N>(above), across));
                most = across;
            }
            constexpr int kLast = (kHigh - 1 + Odd) / 2;
            if (r + kLast < kResult) store<N>(to + static_cast<std::ptrdiff_t>(kLast * kResult) * N, most);
        }
    }

    // `Left` columns from `x` on of one row of the convolution with PReLU, in spans of nearly the same length: a short
    // one leaves the multipliers idle.
    template <int N, int Left>
    void direct_row(const float* in, int y, int x, int block, float* row) const {
        constexpr int kColumns = ceil_div(Left, ceil_div(Left, kSpan));
        direct<N, kColumns>(in, y, x, block, row);
        if constexpr (Left > kColumns) direct_row<N, Left - kColumns>(in, y, x + kColumns, block, row);
    }

    template <int N, int Span>
    void direct(const float* in, int y, int x, int block, float* row) const {
        Float<N> sum[kBlock][Span];
#pragma GCC unroll 8
        for (int o = 0; o < kBlock; ++o)
#pragma GCC unroll 4
            for (int s = 0; s < Span; ++s) sum[o][s] = splat<N>(bias[block * kBlock + o]);
        const float* weight = weights[block];
        for (int channel = 0; channel < In; ++channel)
            for (int ky = 0; ky < Kernel; ++ky, weight += Kernel * kBlock) {
                const float* from = in + (static_cast<std::ptrdiff_t>(channel * Side + y + ky) * Side + x) * N;
#pragma GCC unroll 3
                for (int kx = 0; kx < Kernel; ++kx) {
                    // Loaded again for each tap: the values of all would push sums out of the registers.
                    Float<N> values[Span];
#pragma GCC unroll 4
                    for (int s = 0; s < Span; ++s) values[s] = load<N>(from + (s + kx) * N);
#pragma GCC unroll 8
                    for (int o = 0; o < kBlock; ++o) {
                        const auto w = splat<N>(weight[kx * kBlock + o]);
#pragma GCC unroll 4
                        for (int s = 0; s < Span; ++s) sum[o][s] += w * values[s];
                    }
                }
            }
        float* to = row + static_cast<std::ptrdiff_t>(x) * N;
#pragma GCC unroll 8
        for (int o = 0; o < kBlock; ++o)
#pragma GCC unroll 4
            for (int s = 0; s < Span; ++s)
                store<N>(to + (o * kSide + s) * N, prelu(sum[o][s], splat<N>(alpha[block * kBlock + o])));
    }

    // Column of the convolution at which a tile begins.
    static constexpr std::ptrdiff_t column(int tile) { return std::min(kWide * tile, kSide - kWide); }

    // The tiles of the rows `y` to `y + kHigh` of the convolution: [points][In][kAcross][N].
    template <int N>
    static void transform(const float* in, int y, float* tiles) {
        for (int channel = 0; channel < In; ++channel) {
            const float* line = in + static_cast<std::ptrdiff_t>((channel * Side + y) * Side) * N;
            for (int t = 0; t < kAcross; ++t, tiles += N) transform_tile<N>(line + column(t) * N, tiles);
        }
    }

    template <int N>
    FACECASCADE_INLINE void transform_tile(const float* from, float* tile) {
        Float<N> transformed[kHigh + 2][kWide + 2];
#pragma GCC unroll 6
        for (int r = 0; r < kHigh + 2; ++r) {
            Float<N> line[kWide + 2];
#pragma GCC unroll 6
            for (int c = 0; c < kWide + 2; ++c) line[c] = load<N>(from + static_cast<std::ptrdiff_t>(r * Side + c) * N);
            Minimal<kWide>::inputs(line, transformed[r]);
        }
        transform_columns<kHigh, kWide, N>(transformed, tile, In * kAcross * N);
    }

    // `Left` tiles from `tile` on, in spans of nearly the same length too, into the rows of a turn.
    template <int N, int Left>
    void winograd_rows(float* work, int tile, int block, float* rows) const {
        constexpr int kColumns = ceil_div(Left, ceil_div(Left, kSpan));
        float* products = work + kTiles * N;
        const auto emit = [&](int o, int t, const Float<N>(&outputs)[kHigh][kWide]) {
            const auto b = splat<N>(bias[block * kBlock + o]), a = splat<N>(alpha[block * kBlock + o]);
            float* to = rows + (o * kSide + column(tile + t)) * N;
#pragma GCC unroll 4
            for (int i = 0; i < kHigh; ++i)
#pragma GCC unroll 4
                for (int j = 0; j < kWide; ++j) store<N>(to + row_at<N>(i) + j * N, prelu(outputs[i][j] + b, a));
        };
        multiply<kHigh, kWide, N, In, kBlock, kColumns>(work + static_cast<std::ptrdiff_t>(tile) * N, kAcross * N,
                                                        weights[block], products, emit);
        if constexpr (Left > kColumns) winograd_rows<N, Left - kColumns>(work, tile + kColumns, block, rows);
    }
};

// One layer after the other, in turns, so that the second finds the rows of the first in the cache.
template <int N, class First, class Second>
void run_both(const First& first, const Second& second, const float* in, float* between, float* out, float* rows,
              float* work) {
    int done = 0;
    for (int y = 0; y < Second::kSide; y += Second::kHigh) {
        const int end = std::min(First::rows_for(y + Second::kHigh + Second::kKernel - 1), First::kSide);
        for (; done < end; done += First::kHigh) first.template turn<N>(in, between, done, rows, work);
        second.template turn<N>(between, out, y, rows, work);
    }
}

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
