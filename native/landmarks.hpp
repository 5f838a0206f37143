// Five landmarks of a face, and their mean over all boxes that found it; `average_landmarks` of the reference.
#pragma once

#include <array>
#include <span>

#include "geometry.hpp"

namespace facecascade {

// x and y in turn, in pixels of the picture.
using Landmarks = std::array<double, 10>;

// Landmarks of the box at `best`: the mean over all boxes, each by its score and by how far its IoU exceeds one half.
Landmarks average_landmarks(std::span<const Landmarks> landmarks, std::span<const Box> boxes,
                            std::span<const float> logits, std::size_t best);

}  // namespace facecascade
