// A picture made smaller by whole factors: each pixel the mean of a block; around it lies one colour.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace facecascade {

using Colour = std::array<std::uint8_t, 3>;

// RGB bytes, any number of bytes apart.
struct StridedPicture {
    const std::uint8_t* data;
    int height, width;
    std::ptrdiff_t row_stride, column_stride, channel_stride;

    const std::uint8_t* at(int y, int x) const { return data + y * row_stride + x * column_stride; }
    StridedPicture transposed() const { return {data, width, height, column_stride, row_stride, channel_stride}; }
};

// Levels in the rows that this gives and that `warp` works on: 2 ** -kLevelBits of one in 16 bits, four to a pixel, of
// which the last is 0.
inline constexpr int kLevelBits = 6;

class ReducedPicture {
public:
    // Block (i, j) covers rows factor i to factor (i + 1), columns factor j to factor (j + 1), for i and j of either
    // sign; where the picture ends, it covers `fill`. The factor is 1 to kLargestFactor.
    ReducedPicture(const StridedPicture& picture, int factor, Colour fill);

    // Blocks `first` to `end` of this row, four numbers each.
    void row(std::int64_t y, std::int64_t first, std::int64_t end, std::int16_t* out);

    static constexpr int kLargestFactor = 4096;  // 32 bits hold the sum of a block

private:
    void copy(int y, int first, int end, std::int16_t* out) const;
    void average(int y, int first, int end, std::int16_t* out);
    template <int Factor>
    void average_columns(int count, std::int16_t* out) const;
    void add_fill(std::size_t from, std::size_t to, int rows);
    void add_rows(int top, int bottom, int left, int right);

    StridedPicture picture_;
    int factor_, rows_, columns_;
    Colour fill_;
    std::uint64_t share_;               // of one pixel in its block, in 2 ** -kShareBits of 2 ** -kLevelBits
    std::vector<std::uint16_t> few_;    // sums of some rows, three numbers a column
    std::vector<std::uint32_t> tall_;   // sums of all rows of a block
};

}  // namespace facecascade
