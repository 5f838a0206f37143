#include "pyramid.hpp"

#include <algorithm>
#include <cmath>

namespace facecascade {

AxisTable::AxisTable(int size, int cells) {
    const double step = static_cast<double>(size) / cells;
    const double half = std::max(step, 1.0) / 2;
    constexpr double kOne = 1 << kPyramidBits;
    const auto low = [&](int cell) { return (cell + 0.5) * step - half; };
    const auto end = [&](int cell) { return std::min(static_cast<int>(std::ceil((cell + 0.5) * step + half)), size); };
    first_.reserve(static_cast<std::size_t>(cells));
    for (int cell = 0; cell < cells; ++cell) {
        first_.push_back(std::max(static_cast<int>(low(cell)), 0));
        taps_ = std::max(taps_, end(cell) - first_.back());
    }
    weight_.reserve(static_cast<std::size_t>(cells) * static_cast<std::size_t>(taps_));
    for (int cell = 0; cell < cells; ++cell) {
        // Share of the cell that lies before the edge, in 2 ** -16.
        const auto before = [&](int edge) {
            if (edge == 0) return 0;
            if (edge >= size) return static_cast<int>(kOne);
            return static_cast<int>(std::floor(std::clamp((edge - low(cell)) / (2 * half), 0.0, 1.0) * kOne + 0.5));
        };
        const int first = first_[static_cast<std::size_t>(cell)];
        int sum = before(first);
        for (int pixel = first; pixel < first + taps_; ++pixel) {
            const int next = pixel < end(cell) ? before(pixel + 1) : sum;
            weight_.push_back(next - sum);
            sum = next;
        }
    }
}

Slice scaled(const PictureView& picture, double scale) {
    const int height = static_cast<int>(std::ceil(picture.height * scale));
    return {height, static_cast<int>(std::ceil(picture.width * scale)), 0, height};
}

Pyramid::Pyramid(const PictureView& picture, std::span<const Slice> slices, const Kernels& kernels, ThreadPool& pool,
                 ScratchStock& stock) {
    fill(picture, slices, kernels, pool, stock);
}

Pyramid::Pyramid(const PictureView& picture, int height, int width, const Kernels& kernels, ThreadPool& pool,
                 ScratchStock& stock) {
    const Slice whole{height, width, 0, height};
    fill(picture, std::span(&whole, 1), kernels, pool, stock);
}

void Pyramid::fill(const PictureView& picture, std::span<const Slice> slices, const Kernels& kernels, ThreadPool& pool,
                   ScratchStock& stock) {
    struct Band {
        std::size_t level;
        int y0, y1;
    };
    // Bands of all levels that see the same rows of the picture come one after the other, while the cache has these.
    constexpr int kSeen = 32;
    std::size_t bytes = 0;
    std::vector<std::size_t> starts;
    std::vector<AxisTable> rows, columns;
    std::vector<Band> bands;
    for (std::size_t i = 0; i < slices.size(); ++i) {
        levels_.push_back({nullptr, slices[i].y1 - slices[i].y0, slices[i].width});
        const LevelView& level = levels_.back();
        starts.push_back(bytes);
        bytes += 3 * static_cast<std::size_t>(level.height) * static_cast<std::size_t>(level.width) + kLevelSlack;
        rows.emplace_back(picture.height, slices[i].height);
        columns.emplace_back(picture.width, level.width);
        const int tall = std::max(kSeen * slices[i].height / picture.height, 1);
        for (int y = 0; y < level.height; y += tall) bands.push_back({i, y, std::min(y + tall, level.height)});
    }
    const auto start = [&](const Band& band) {
        return static_cast<double>(slices[band.level].y0 + band.y0) / slices[band.level].height;
    };
    std::ranges::stable_sort(bands, {}, start);
    memory_ = std::make_unique_for_overwrite<std::uint8_t[]>(bytes);
    for (std::size_t i = 0; i < levels_.size(); ++i) {
        LevelView& level = levels_[i];
        level.data = memory_.get() + starts[i];
        std::fill_n(level.row(2, level.height), kLevelSlack, std::uint8_t{0});
    }
    pool.for_each(static_cast<int>(bands.size()), [&](int index) {
        const Band& band = bands[static_cast<std::size_t>(index)];
        const ScratchStock::Lease scratch(stock);
        const int past = columns[band.level].view().taps;
        Scratch::grow(scratch->row, sizeof(std::int32_t) * (3 * static_cast<std::size_t>(picture.width + past) + 16));
        const AxisWeights from = rows[band.level].view(slices[band.level].y0);
        for (int y = band.y0; y < band.y1; ++y)
            kernels.level_row(picture, levels_[band.level], y, from, columns[band.level].view(),
                              scratch->row.as<std::int32_t>());
    });
}

}  // namespace facecascade
