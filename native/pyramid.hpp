// The image pyramid: the picture at each scale, by exact area average.
#pragma once

#include <vector>

#include "kernels.hpp"
#include "memory.hpp"
#include "threads.hpp"

namespace facecascade {

// Weights of one axis that becomes `cells` pixels out of `size`; `level_weights` of the reference.
class AxisTable {
public:
    AxisTable(int size, int cells);
    AxisWeights view() const { return {first_, weight_, taps_}; }

private:
    std::vector<std::int32_t> first_, weight_;
    int taps_ = 0;
};

class Pyramid {
public:
    // Levels of these scales, in that order.
    Pyramid(const PictureView& picture, const std::vector<double>& scales, const Kernels& kernels, ThreadPool& pool,
            ScratchStock& stock);

    // One level of this size.
    Pyramid(const PictureView& picture, int height, int width, const Kernels& kernels, ThreadPool& pool,
            ScratchStock& stock);

    const std::vector<LevelView>& levels() const { return levels_; }

private:
    void add_level(int height, int width);
    void fill(const PictureView& picture, const Kernels& kernels, ThreadPool& pool, ScratchStock& stock);

    std::vector<LevelView> levels_;
    std::unique_ptr<std::uint8_t[]> memory_;
};

}  // namespace facecascade
