// Boxes, and how numbers of the networks become places in the picture; `Geometry` of the reference, line by line.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "kernels.hpp"

namespace facecascade {

// x1 y1 x2 y2 in pixels of the picture.
using Box = std::array<double, 4>;

inline constexpr int kCell = 12;
inline constexpr int kStride = 2;

struct Geometry {
    bool whole;                   // boxes are cut to whole pixels before every crop
    double last;  // 1 if x2 and y2 name the last pixel inside, counted from 1, 0 if they are the edge
    double start, stop;  // where the box of P-Net's window starts and ends, in pixels of the level
    double rnet_crop, onet_crop;  // side of the crops, as shares of the squares they are of
    double point;  // what is taken from the places of landmarks, so that they count pixel centres
    bool average;  // the landmarks of a face are the mean over all boxes that found it

    static constexpr Geometry subpixel() { return {false, 0, 1.25, 11.5, 0.975, 0.97, 0.5, true}; }
    static constexpr Geometry classic() { return {true, 1, 1, kCell, 1, 1, 1, false}; }

    Box window(int x, int y, double scale) const {
        Box box = {(kStride * x + start) / scale, (kStride * y + start) / scale, (kStride * x + stop) / scale,
                   (kStride * y + stop) / scale};
        if (whole)
            for (double& side : box) side = std::floor(side);
        return box;
    }

    double width(const Box& box) const { return box[2] - box[0] + last; }
    double height(const Box& box) const { return box[3] - box[1] + last; }

    Box cut(Box box) const {
        if (whole)
            for (double& side : box) side = std::trunc(side);
        return box;
    }

    CropRule crop_rule() const { return {last, whole ? 0.0 : 1.0}; }
};

inline Box calibrate(const Box& box, std::span<const float, 4> regression, double width, double height) {
    return {box[0] + static_cast<double>(regression[0]) * width, box[1] + static_cast<double>(regression[1]) * height,
            box[2] + static_cast<double>(regression[2]) * width, box[3] + static_cast<double>(regression[3]) * height};
}

// The square of the longer side around the same centre.
inline Box squared(const Box& box) {
    const double width = box[2] - box[0], height = box[3] - box[1];
    const double side = std::max(width, height);
    const double x1 = box[0] + width * 0.5 - side * 0.5, y1 = box[1] + height * 0.5 - side * 0.5;
    return {x1, y1, x1 + side, y1 + side};
}

// The square around the same centre with this share of the side.
inline Box tightened(const Box& box, double share) {
    if (share == 1) return box;
    const double x = (box[0] + box[2]) / 2, y = (box[1] + box[3]) / 2;
    const double across = (box[2] - box[0]) / 2 * share, down = (box[3] - box[1]) / 2 * share;
    return {x - across, y - down, x + across, y + down};
}

}  // namespace facecascade
