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

template <int N>
void level_row(const PictureView& picture, const LevelView& level, int y, const AxisWeights& rows,
               const AxisWeights& columns, std::int32_t* scratch) {
    typedef std::int32_t Int4 __attribute__((vector_size(16)));
    typedef std::int32_t Int4At __attribute__((vector_size(16), aligned(4), may_alias));
    constexpr int kRowDrop = kPyramidBits - kRowBits, kDrop = kPyramidBits + kRowBits;

    const int n = 3 * picture.width;
    std::int32_t* __restrict tall = scratch;
    std::fill(tall, tall + n, 1 << (kRowDrop - 1));
    const auto begin = static_cast<std::size_t>(rows.offset[static_cast<std::size_t>(y)]);
    const auto end = static_cast<std::size_t>(rows.offset[static_cast<std::size_t>(y) + 1]);
    for (std::size_t k = begin; k < end; ++k)
        add_row(picture.row(rows.first[static_cast<std::size_t>(y)] + static_cast<int>(k - begin)), rows.weight[k], n,
                tall);
    for (int i = 0; i < n; ++i) tall[i] >>= kRowDrop;

    std::uint8_t* red = level.row(0, y);
    std::uint8_t* green = level.row(1, y);
    std::uint8_t* blue = level.row(2, y);
    for (int x = 0; x < level.width; ++x) {
        const auto at = static_cast<std::size_t>(x);
        const std::int32_t* from = tall + 3 * columns.first[at];
        Int4 sum = Int4{} + (1 << (kDrop - 1));
        for (auto k = static_cast<std::size_t>(columns.offset[at]);
             k < static_cast<std::size_t>(columns.offset[at + 1]); ++k, from += 3)
            sum += columns.weight[k] * *reinterpret_cast<const Int4At*>(from);
        sum >>= kDrop;
        red[x] = static_cast<std::uint8_t>(sum[0]);
        green[x] = static_cast<std::uint8_t>(sum[1]);
        blue[x] = static_cast<std::uint8_t>(sum[2]);
    }
}

}  // namespace facecascade::FACECASCADE_ISA
