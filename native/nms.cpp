#include "nms.hpp"

#include <algorithm>
#include <numeric>

namespace facecascade {

std::vector<int> suppress(std::span<const Box> boxes, std::span<const float> scores, double threshold,
                          const Geometry& geometry, Overlap overlap, const Kernels& kernels) {
    std::vector<int> order(boxes.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, [&](int i) { return scores[static_cast<std::size_t>(i)]; });

    std::vector<double> memory(5 * boxes.size());
    double* column = memory.data();
    const auto n = static_cast<std::ptrdiff_t>(boxes.size());
    const BoxColumns kept{column, column + n, column + 2 * n, column + 3 * n, column + 4 * n};
    std::vector<int> keep;
    for (const int i : order) {
        const Box& box = boxes[static_cast<std::size_t>(i)];
        const double area = geometry.width(box) * geometry.height(box);
        const int count = static_cast<int>(keep.size());
        if (kernels.first_overlap(kept, count, box.data(), area, geometry.last, threshold, overlap) < count) continue;
        kept.x1[count] = box[0];
        kept.y1[count] = box[1];
        kept.x2[count] = box[2];
        kept.y2[count] = box[3];
        kept.area[count] = area;
        keep.push_back(i);
    }
    return keep;
}

}  // namespace facecascade
