#include "landmarks.hpp"

#include <algorithm>

#include "scores.hpp"

namespace facecascade {

namespace {

constexpr double kLandmarkOverlap = 0.5;

double area(const Box& box) { return (box[2] - box[0]) * (box[3] - box[1]); }

double intersection_over_union(const Box& a, const Box& b) {
    const double across = std::min(a[2], b[2]) - std::max(a[0], b[0]);
    const double down = std::min(a[3], b[3]) - std::max(a[1], b[1]);
    if (!(across > 0 && down > 0)) return 0;
    const double shared = across * down;
    return shared / (area(a) + area(b) - shared);
}

}  // namespace

Landmarks average_landmarks(std::span<const Landmarks> landmarks, std::span<const Box> boxes,
                            std::span<const float> logits, std::size_t best) {
    Landmarks sum = {};
    double total = 0;
    for (std::size_t i = 0; i < boxes.size(); ++i) {
        const double overlap = intersection_over_union(boxes[best], boxes[i]);
        if (!(overlap > kLandmarkOverlap)) continue;
        const double weight = probability(logits[i]) * (overlap - kLandmarkOverlap);
        for (std::size_t k = 0; k < sum.size(); ++k) sum[k] += weight * landmarks[i][k];
        total += weight;
    }
    if (!(total > 0)) return landmarks[best];  // a box without an area overlaps nothing, not even itself
    for (double& value : sum) value /= total;
    return sum;
}

}  // namespace facecascade
