#include "nms.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

namespace facecascade {

namespace {

// Below this many boxes, comparing each with all that stay is quicker than looking up which lie near.
constexpr std::size_t kMany = 1024;
// Smaller thresholds let boxes of very different size suppress each other.
constexpr double kLeastThreshold = 0.25;
constexpr int kMostCells = 64;  // along each side of a grid

// Room for boxes in structure-of-arrays form; a stretch of it belongs to one cell of a grid.
class Columns {
public:
    explicit Columns(std::size_t boxes) : room_(static_cast<std::ptrdiff_t>(boxes)), memory_(5 * boxes) {}

    BoxColumns from(int first) {
        double* at = memory_.data() + first;
        return {at, at + room_, at + 2 * room_, at + 3 * room_, at + 4 * room_};
    }

    void set(int place, const Box& box, double area) {
        const BoxColumns to = from(place);
        *to.x1 = box[0];
        *to.y1 = box[1];
        *to.x2 = box[2];
        *to.y2 = box[3];
        *to.area = area;
    }

private:
    std::ptrdiff_t room_;
    std::vector<double> memory_;
};

// What stays, one after the other.
class All {
public:
    explicit All(std::size_t boxes) : columns_(boxes) {}

    template <class Overlaps>
    bool any(std::size_t, const Overlaps& overlaps) {
        return overlaps(columns_.from(0), count_);
    }

    void add(std::size_t, const Box& box, double area) { columns_.set(count_++, box, area); }

private:
    Columns columns_;
    int count_ = 0;
};

// What stays, by size and place, so that a box is compared with those near it alone.
//
// Boxes of one class have areas within a factor of two. Two boxes whose IoU exceeds the threshold t have areas within a
// factor of 1 / t, and centres nearer than the mean of their sides; each class has a grid of its boxes' centres.
class Near {
public:
    Near(std::span<const Box> boxes, const Geometry& geometry, double threshold)
        : boxes_(boxes),
          geometry_(geometry),
          classes_apart_(static_cast<int>(std::ceil(-std::log2(threshold)))),
          columns_(boxes.size()) {
        for (std::size_t i = 0; i < boxes.size(); ++i) place_in_class(i);
        for (Grid& grid : grids_) grid.settle();
        std::vector<int> sizes;
        for (Grid& grid : grids_) {
            grid.first_cell = static_cast<int>(sizes.size());
            sizes.resize(sizes.size() + static_cast<std::size_t>(grid.columns * grid.rows));
        }
        for (std::size_t i = 0; i < boxes.size(); ++i) ++sizes[static_cast<std::size_t>(cell_of(i))];
        starts_.resize(sizes.size());
        std::exclusive_scan(sizes.begin(), sizes.end(), starts_.begin(), 0);
        counts_.resize(sizes.size());
    }

    template <class Overlaps>
    bool any(std::size_t i, const Overlaps& overlaps) {
        const int own = class_[i];
        const int begin = std::max(own - classes_apart_, 0);
        const int end = std::min(own + classes_apart_ + 1, static_cast<int>(grids_.size()));
        const Box& box = boxes_[i];
        for (int k = begin; k < end; ++k) {
            const Grid& grid = grids_[static_cast<std::size_t>(k)];
            if (grid.boxes == 0) continue;
            const double across = (geometry_.width(box) + grid.width) / 2,
                         down = (geometry_.height(box) + grid.height) / 2;
            const double x = (box[0] + box[2]) / 2, y = (box[1] + box[3]) / 2;
            const int left = grid.column(x - across), right = grid.column(x + across), bottom = grid.row(y + down);
            for (int row = grid.row(y - down); row <= bottom; ++row)
                for (int column = left; column <= right; ++column) {
                    const auto cell = static_cast<std::size_t>(grid.cell(column, row));
                    if (counts_[cell] > 0 && overlaps(columns_.from(starts_[cell]), counts_[cell])) return true;
                }
        }
        return false;
    }

    void add(std::size_t i, const Box& box, double area) {
        const auto cell = static_cast<std::size_t>(cell_of(i));
        columns_.set(starts_[cell] + counts_[cell]++, box, area);
    }

private:
    struct Grid {
        int boxes = 0, columns = 0, rows = 0, first_cell = 0;
        double width = 0, height = 0;  // of the widest and of the highest box
        double x0 = 0, y0 = 0, x1 = 0, y1 = 0;  // of the centres
        double cell_width = 1, cell_height = 1;

        void add(double x, double y, double box_width, double box_height) {
            x0 = boxes ? std::min(x0, x) : x;
            y0 = boxes ? std::min(y0, y) : y;
            x1 = boxes ? std::max(x1, x) : x;
            y1 = boxes ? std::max(y1, y) : y;
            width = std::max(width, box_width);
            height = std::max(height, box_height);
            ++boxes;
        }

        void settle() {
            cell_width = std::max(width, (x1 - x0) / kMostCells);
            cell_height = std::max(height, (y1 - y0) / kMostCells);
            if (boxes == 0) return;
            columns = static_cast<int>((x1 - x0) / cell_width) + 1;
            rows = static_cast<int>((y1 - y0) / cell_height) + 1;
        }

        int column(double x) const { return static_cast<int>(std::clamp((x - x0) / cell_width, 0.0, columns - 1.0)); }
        int row(double y) const { return static_cast<int>(std::clamp((y - y0) / cell_height, 0.0, rows - 1.0)); }
        int cell(int at_column, int at_row) const { return first_cell + at_row * columns + at_column; }
    };

    void place_in_class(std::size_t i) {
        const Box& box = boxes_[i];
        const double width = geometry_.width(box), height = geometry_.height(box);
        // A box without an area overlaps nothing, wherever it is put.
        const double area = std::max(width, 0.0) * std::max(height, 0.0);
        const int place = std::clamp(std::ilogb(std::max(area, 1.0)), 0, kClasses - 1);
        class_.push_back(place);
        grids_[static_cast<std::size_t>(place)].add((box[0] + box[2]) / 2, (box[1] + box[3]) / 2, std::max(width, 1.0),
                                                    std::max(height, 1.0));
    }

    int cell_of(std::size_t i) const {
        const Grid& grid = grids_[static_cast<std::size_t>(class_[i])];
        const Box& box = boxes_[i];
        return grid.cell(grid.column((box[0] + box[2]) / 2), grid.row((box[1] + box[3]) / 2));
    }

    static constexpr int kClasses = 40;  // the last one holds all boxes of 2 ** 39 pixels and more

    std::span<const Box> boxes_;
    const Geometry& geometry_;
    int classes_apart_;
    Columns columns_;
    std::vector<int> class_;
    std::array<Grid, kClasses> grids_;
    std::vector<int> starts_, counts_;  // of the boxes that stay, in each cell of all grids
};

template <class Kept>
std::vector<int> keep_best(std::span<const Box> boxes, std::span<const int> order, double threshold,
                           const Geometry& geometry, Overlap overlap, const Kernels& kernels, Kept kept) {
    std::vector<int> keep;
    for (const int position : order) {
        const auto i = static_cast<std::size_t>(position);
        const Box& box = boxes[i];
        const double area = geometry.width(box) * geometry.height(box);
        const auto overlaps = [&](const BoxColumns& others, int count) {
            return kernels.first_overlap(others, count, box.data(), area, geometry.last, threshold, overlap) < count;
        };
        if (kept.any(i, overlaps)) continue;
        kept.add(i, box, area);
        keep.push_back(position);
    }
    return keep;
}

}  // namespace

std::vector<int> suppress(std::span<const Box> boxes, std::span<const float> scores, double threshold,
                          const Geometry& geometry, Overlap overlap, const Kernels& kernels) {
    std::vector<int> order(boxes.size());
    std::iota(order.begin(), order.end(), 0);
    std::ranges::stable_sort(order, std::greater{}, [&](int i) { return scores[static_cast<std::size_t>(i)]; });
    if (boxes.size() >= kMany && overlap == Overlap::kUnion && threshold >= kLeastThreshold)
        return keep_best(boxes, order, threshold, geometry, overlap, kernels, Near(boxes, geometry, threshold));
    return keep_best(boxes, order, threshold, geometry, overlap, kernels, All(boxes.size()));
}

}  // namespace facecascade
