// The image pyramid: the picture at each scale, by exact area average.
#pragma once

#include <span>
#include <vector>

#include "kernels.hpp"
#include "memory.hpp"
#include "threads.hpp"

namespace facecascade {

// Weights of one axis that becomes `cells` pixels out of `size`; `level_weights` of the reference.
class AxisTable {
public:
    AxisTable(int size, int cells);
    // The weights of the cells from this one on.
    AxisWeights view(int cell = 0) const {
        const auto from = static_cast<std::size_t>(cell);
        return {std::span(first_).subspan(from), std::span(weight_).subspan(from * static_cast<std::size_t>(taps_)),
                taps_};
    }

private:
    std::vector<std::int32_t> first_, weight_;
    int taps_ = 0;
};

// Rows y0 to y1, the end excluded, of a level of this size.
struct Slice {
    int height, width, y0, y1;
};

// The whole level at a scale.
Slice scaled(const PictureView& picture, double scale);

class Pyramid {
public:
    // Parts of levels, each as high as it has rows.
    Pyramid(const PictureView& picture, std::span<const Slice> slices, const Kernels& kernels, ThreadPool& pool,
            ScratchStock& stock);

    // One level of this size.
    Pyramid(const PictureView& picture, int height, int width, const Kernels& kernels, ThreadPool& pool,
            ScratchStock& stock);

    const std::vector<LevelView>& levels() const { return levels_; }

private:
    void fill(const PictureView& picture, std::span<const Slice> slices, const Kernels& kernels, ThreadPool& pool,
              ScratchStock& stock);

    std::vector<LevelView> levels_;
    std::unique_ptr<std::uint8_t[]> memory_;
};

}  // namespace facecascade
