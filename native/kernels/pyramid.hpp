// One row of a pyramid level, in whole numbers: exact to the byte in every engine (`level` in the reference).
//
// First the rows of the picture that the level's row sees become one, then the columns of that one its pixels.
#pragma once

#include <algorithm>
#include <bit>
#include <cstring>
#include <type_traits>

#include "../kernels.hpp"
#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

// Adds rows to sums, four in one pass: each times a weight of its own, or as it is and then in 16 bits.
template <bool Weighted>
class RowAdder {
public:
    using Sum = std::conditional_t<Weighted, std::int32_t, std::uint16_t>;

    RowAdder(Sum* sums, int count) : sums_(sums), count_(count) {}

    void add(const std::uint8_t* row, std::int32_t weight = 1) {
        rows_[waiting_] = row;
        weights_[waiting_++] = weight;
        if (waiting_ == kTogether) pass<kTogether>();
    }

    // The rows that still wait.
    void finish() {
        if (waiting_ == 3) pass<3>();
        if (waiting_ == 2) pass<2>();
        if (waiting_ == 1) pass<1>();
    }

private:
    static constexpr int kTogether = 4;

    // Every product and sum stays below 2 ** 24.
    template <int Rows>
    void pass() {
        Sum* __restrict sums = sums_;
        const std::uint8_t* rows[Rows];
        std::int32_t weights[Rows];
        std::copy_n(rows_, Rows, rows);
        std::copy_n(weights_, Rows, weights);
        for (int i = 0; i < count_; ++i) {
            std::int32_t sum = sums[i];
            for (int k = 0; k < Rows; ++k) sum += Weighted ? weights[k] * rows[k][i] : rows[k][i];
            sums[i] = static_cast<Sum>(sum);
        }
        waiting_ = 0;
    }

    Sum* sums_;
    int count_;
    int waiting_ = 0;
    const std::uint8_t* rows_[kTogether];
    std::int32_t weights_[kTogether];
};

// A piece of the rows that one cell of a level averages, short enough that its sums stay in the first-level cache.
struct Strip {
    static constexpr int kMost = 2048;

    const PictureView& picture;
    int first, begin, count;  // row of the picture, byte in it, bytes
    std::int32_t* sums;

    const std::uint8_t* row(std::size_t k) const { return picture.row(first + static_cast<int>(k)) + begin; }
};

// Rows of one weight, which are summed first and multiplied once.
class AlikeRows {
public:
    static constexpr std::size_t kMost = 257;  // as many times 255 still fit in 16 bits

    explicit AlikeRows(int count) : count_(count), adder_(sums_, count) {}

    void add(const std::uint8_t* row) {
        if (empty_) std::fill_n(sums_, count_, std::uint16_t{0});
        empty_ = false;
        adder_.add(row);
    }

    // sums[i] += weight * the sum of the rows.
    void finish(std::int32_t weight, std::int32_t* __restrict sums) {
        adder_.finish();
        if (!empty_)
            for (int i = 0; i < count_; ++i) sums[i] += weight * sums_[i];
    }

private:
    int count_;
    bool empty_ = true;
    RowAdder<false> adder_;
    alignas(64) std::uint16_t sums_[Strip::kMost];
};

FACECASCADE_INLINE void add_rows(const Strip& strip, std::span<const std::int32_t> weights) {
    RowAdder<true> adder(strip.sums, strip.count);
    for (std::size_t k = 0; k < weights.size(); ++k)
        if (weights[k]) adder.add(strip.row(k), weights[k]);
    adder.finish();
}

// The same for up to AlikeRows::kMost rows: all but the outermost of a cell weigh the same or one more or less, as
// weights are differences of rounded numbers.
FACECASCADE_INLINE void add_many_rows(const Strip& strip, std::span<const std::int32_t> weights) {
    const std::int32_t usual = weights[weights.size() / 2];
    AlikeRows less(strip.count), same(strip.count), more(strip.count);
    RowAdder<true> others(strip.sums, strip.count);
    for (std::size_t k = 0; k < weights.size(); ++k) {
        if (weights[k] == 0) continue;
        if (weights[k] == usual)
            same.add(strip.row(k));
        else if (weights[k] == usual - 1)
            less.add(strip.row(k));
        else if (weights[k] == usual + 1)
            more.add(strip.row(k));
        else
            others.add(strip.row(k), weights[k]);
    }
    others.finish();
    less.finish(usual - 1, strip.sums);
    same.finish(usual, strip.sums);
    more.finish(usual + 1, strip.sums);
}

// The weighted average of the rows of one cell, in kRowBits more bits than a byte.
FACECASCADE_INLINE void average_rows(const PictureView& picture, int first, std::span<const std::int32_t> weights,
                                     std::int32_t* __restrict tall) {
    constexpr int kDrop = kPyramidBits - kRowBits;
    constexpr std::size_t kMany = 10;  // fewer are faster by products
    const int n = 3 * picture.width;
    for (int x = 0; x < n; x += Strip::kMost) {
        const int count = std::min(Strip::kMost, n - x);
        std::int32_t* __restrict sums = tall + x;
        std::fill_n(sums, count, 1 << (kDrop - 1));
        for (std::size_t k = 0; k < weights.size(); k += AlikeRows::kMost) {
            const auto part = weights.subspan(k, std::min(AlikeRows::kMost, weights.size() - k));
            const Strip strip{picture, first + static_cast<int>(k), x, count, sums};
            if (part.size() < kMany)
                add_rows(strip, part);
            else
                add_many_rows(strip, part);
        }
        for (int i = 0; i < count; ++i) sums[i] >>= kDrop;
    }
}

// The averages of all columns of a level row, `Taps` (0: any number) to each.
template <int Taps>
FACECASCADE_INLINE void average_columns(const LevelView& level, int y, const AxisWeights& columns,
                                        const std::int32_t* tall) {
    typedef std::int32_t Int4 __attribute__((vector_size(16)));
    typedef std::int32_t Int4At __attribute__((vector_size(16), aligned(4), may_alias));
    constexpr int kDrop = kPyramidBits + kRowBits;
    constexpr int kTogether = 4;
    const int taps = Taps ? Taps : columns.taps;
    const std::int32_t* weight = columns.weight.data();
    const std::int32_t* column = columns.first.data();
    // Red, green and blue of the next pixel; the fourth value is no colour.
    const auto average = [&] {
        const std::int32_t* from = tall + 3 * *column++;
        Int4 sum = Int4{} + (1 << (kDrop - 1));
        for (int k = 0; k < taps; ++k) sum += weight[k] * *reinterpret_cast<const Int4At*>(from + 3 * k);
        weight += taps;
        return Int4(sum >> kDrop);
    };
    static_assert(std::endian::native == std::endian::little);
    std::uint8_t* colours[3] = {level.row(0, y), level.row(1, y), level.row(2, y)};
    int x = 0;
    for (; x + kTogether <= level.width; x += kTogether) {
        Int4 bytes = average();
#pragma GCC unroll 4
        for (int k = 1; k < kTogether; ++k) bytes |= average() << 8 * k;
        for (int c = 0; c < 3; ++c) {
            const std::int32_t four = bytes[c];
            std::memcpy(colours[c] + x, &four, sizeof four);
        }
    }
    for (; x < level.width; ++x) {
        const Int4 pixel = average();
        for (int c = 0; c < 3; ++c) colours[c][x] = static_cast<std::uint8_t>(pixel[c]);
    }
}

template <int N>
void level_row(const PictureView& picture, const LevelView& level, int y, const AxisWeights& rows,
               const AxisWeights& columns, std::int32_t* scratch) {
    average_rows(picture, rows.first[static_cast<std::size_t>(y)], rows.of(y), scratch);

    // The large levels take few taps: a loop of known length costs no wrong guesses.
    switch (columns.taps) {
        case 2:
            return average_columns<2>(level, y, columns, scratch);
        case 3:
            return average_columns<3>(level, y, columns, scratch);
        case 4:
            return average_columns<4>(level, y, columns, scratch);
        case 5:
            return average_columns<5>(level, y, columns, scratch);
        default:
            return average_columns<0>(level, y, columns, scratch);
    }
}

}  // namespace facecascade::FACECASCADE_ISA
