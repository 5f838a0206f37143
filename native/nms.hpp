// Non-maximum suppression.
#pragma once

#include <span>
#include <vector>

#include "geometry.hpp"

namespace facecascade {

// Positions that stay, best score first; of equal scores the earlier is the better.
std::vector<int> suppress(std::span<const Box> boxes, std::span<const float> scores, double threshold,
                          const Geometry& geometry, Overlap overlap, const Kernels& kernels);

}  // namespace facecascade
