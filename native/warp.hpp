// What an affine transform shows of a picture: turned, scaled, antialiased, in whole numbers.
#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "reduced.hpp"

namespace facecascade {

// A point (u, v) of the crop lies at (x[0] u + x[1] v + x[2], y[0] u + y[1] v + y[2]) of the picture, both counted from
// the edges.
struct Affine {
    std::array<double, 3> x, y;
};

// The crop, height x width x 3 bytes. Outside the picture lies `fill`. The transform turns and scales; whoever calls
// has seen to that, and to it that the picture is at least a few pixels of the crop large. What is not finite shows
// nothing.
std::vector<std::uint8_t> warp(const StridedPicture& picture, const Affine& back, int height, int width, Colour fill);

}  // namespace facecascade
