// One row of a pyramid level, in whole numbers: exact to the byte in every engine (`level` in the reference).
#pragma once

#include <algorithm>

#include "../kernels.hpp"
#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

// sums[i] += weight * row[i]; every product and sum stays below 2 ** 24.
FACECASCADE_INLINE void add_row(const std::uint8_t* __restrict row, std::int32_t weight, int n,
                                std::int32_t* __restrict sums) {
    for (int i = 0; i < n; ++i) sums[i] += weight * row[i];
}

// The averages of all columns of a level row, `Taps` (0: any number) to each.
template <int Taps>
FACECASCADE_INLINE void average_columns(const LevelView& level, int y, const AxisWeights& columns,
                                        const std::int32_t* tall) {
    typedef std::int32_t Int4 __attribute__((vector_size(16)));
    typedef std::int32_t Int4At __attribute__((vector_size(16), aligned(4), may_alias));
    constexpr int kDrop = kPyramidBits + kRowBits;
    std::uint8_t* red = level.row(0, y);
    std::uint8_t* green = level.row(1, y);
    std::uint8_t* blue = level.row(2, y);
    const int taps = Taps ? Taps : columns.taps;
    const std::int32_t* weight = columns.weight.data();
    for (int x = 0; x < level.width; ++x, weight += taps) {
        const std::int32_t* from = tall + 3 * columns.first[static_cast<std::size_t>(x)];
        Int4 sum = Int4{} + (1 << (kDrop - 1));
        for (int k = 0; k < taps; ++k) sum += weight[k] * *reinterpret_cast<const Int4At*>(from + 3 * k);
        sum >>= kDrop;
        red[x] = static_cast<std::uint8_t>(sum[0]);
        green[x] = static_cast<std::uint8_t>(sum[1]);
        blue[x] = static_cast<std::uint8_t>(sum[2]);
    }
}

template <int N>
void level_row(const PictureView& picture, const LevelView& level, int y, const AxisWeights& rows,
               const AxisWeights& columns, std::int32_t* scratch) {
    constexpr int kDrop = kPyramidBits - kRowBits;
    const int n = 3 * picture.width;
    std::int32_t* __restrict tall = scratch;
    std::fill(tall, tall + n, 1 << (kDrop - 1));
    const int first = rows.first[static_cast<std::size_t>(y)];
    const auto weights = rows.of(y);
    for (int k = 0; k < rows.taps; ++k)
        if (const std::int32_t weight = weights[static_cast<std::size_t>(k)])
            add_row(picture.row(first + k), weight, n, tall);
    for (int i = 0; i < n; ++i) tall[i] >>= kDrop;

    // The large levels take few taps: a loop of known length costs no wrong guesses.
    switch (columns.taps) {
        case 2:
            return average_columns<2>(level, y, columns, tall);
        case 3:
            return average_columns<3>(level, y, columns, tall);
        case 4:
            return average_columns<4>(level, y, columns, tall);
        case 5:
            return average_columns<5>(level, y, columns, tall);
        default:
            return average_columns<0>(level, y, columns, tall);
    }
}

}  // namespace facecascade::FACECASCADE_ISA
