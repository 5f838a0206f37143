// Pictures and pyramid levels as plain views.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace facecascade {

// Interleaved RGB, one byte a channel; rows `stride` bytes apart.
struct PictureView {
    const std::uint8_t* data;
    int height, width;
    std::ptrdiff_t stride;

    const std::uint8_t* row(int y) const { return data + y * stride; }
};

// One pyramid level: three planes of height x width bytes, one after the other. Rows of a plane follow each other
// without a gap; after the last plane at least kLevelSlack bytes may be read.
struct LevelView {
    std::uint8_t* data;
    int height, width;

    std::uint8_t* row(int channel, int y) const {
        return data + (static_cast<std::ptrdiff_t>(channel) * height + y) * width;
    }
};

inline constexpr std::size_t kLevelSlack = 128;

// Whole-number weights of one axis of a level: cell i is the sum over k < taps of weight[taps i + k] * pixel[first[i] +
// k]. All cells have as many taps as the widest, the last ones perhaps of weight 0 and past the end of the picture; the
// weights of a cell sum to 2 ** kPyramidBits.
struct AxisWeights {
    std::span<const std::int32_t> first, weight;
    int taps;

    std::span<const std::int32_t> of(int cell) const {
        return weight.subspan(static_cast<std::size_t>(cell) * static_cast<std::size_t>(taps),
                              static_cast<std::size_t>(taps));
    }
};

inline constexpr int kPyramidBits = 16;
inline constexpr int kRowBits = 7;

}  // namespace facecascade
