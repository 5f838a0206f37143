// The inner loop of non-maximum suppression: one box against those that stay.
#pragma once

#include <algorithm>

#include "../kernels.hpp"
#include "simd.hpp"

namespace facecascade::FACECASCADE_ISA {

FACECASCADE_INLINE double shared_area(const BoxColumns& boxes, int j, const double* box, double last) {
    const double across = std::min(box[2], boxes.x2[j]) - std::max(box[0], boxes.x1[j]) + last;
    const double down = std::min(box[3], boxes.y2[j]) - std::max(box[1], boxes.y1[j]) + last;
    return std::max(across, 0.0) * std::max(down, 0.0);
}

template <Overlap Kind>
FACECASCADE_INLINE double whole_area(const BoxColumns& boxes, int j, double area, double shared) {
    return Kind == Overlap::kSmaller ? std::min(area, boxes.area[j]) : area + boxes.area[j] - shared;
}

template <Overlap Kind>
FACECASCADE_INLINE int first_overlap_of(const BoxColumns& boxes, int count, const double* box, double area, double last,
                                        double threshold) {
    constexpr int kChunk = 64;
    // Products are cheaper than quotients, but round otherwise: they sort out, the quotient decides.
    const double loose = threshold * (1 - 1e-9);
    for (int begin = 0; begin < count; begin += kChunk) {
        const int end = std::min(begin + kChunk, count);
        int any = 0;
        for (int j = begin; j < end; ++j) {
            const double shared = shared_area(boxes, j, box, last);
            any |= shared > loose * whole_area<Kind>(boxes, j, area, shared);
        }
        if (!any) continue;
        for (int j = begin; j < end; ++j) {
            const double shared = shared_area(boxes, j, box, last);
            if (shared > 0 && shared / whole_area<Kind>(boxes, j, area, shared) > threshold) return j;
        }
    }
    return count;
}

template <int N>
int first_overlap(const BoxColumns& boxes, int count, const double* box, double area, double last, double threshold,
                  Overlap overlap) {
    return overlap == Overlap::kUnion ? first_overlap_of<Overlap::kUnion>(boxes, count, box, area, last, threshold)
                                      : first_overlap_of<Overlap::kSmaller>(boxes, count, box, area, last, threshold);
}

}  // namespace facecascade::FACECASCADE_ISA
