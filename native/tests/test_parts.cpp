#include <algorithm>
#include <array>
#include <tuple>

#include "check.hpp"
#include "parts.hpp"

using namespace facecascade;

namespace {

PictureView shape(int height, int width) { return {nullptr, height, width, 3 * width}; }

// Tiles of all parts as level, row and column of their first window.
std::vector<std::tuple<std::size_t, int, int>> places(const std::vector<Part>& parts) {
    std::vector<std::tuple<std::size_t, int, int>> found;
    for (const Part& part : parts)
        for (const LevelTile& tile : part.tiles)
            found.emplace_back(part.levels[tile.level], tile.tile.y0 + part.slices[tile.level].y0 / 2, tile.tile.x0);
    return found;
}

}  // namespace

TEST(parts_have_every_tile_once_and_in_order) {
    const std::array scales{1.2, 1.0, 0.5, 0.1};
    const auto whole = places(cut_into_parts(shape(1500, 1100), scales, std::size_t{1} << 40));
    CHECK(std::ranges::is_sorted(whole));
    for (const std::size_t most : {1u, 300'000u, 4'000'000u})
        CHECK(places(cut_into_parts(shape(1500, 1100), scales, most)) == whole);
}

TEST(a_part_ends_where_a_row_of_tiles_ends) {
    const std::array scales{1.0};
    // One row of tiles alone has more bytes than are asked for.
    const auto flat = cut_into_parts(shape(60, 20000), scales, 1'000'000);
    CHECK(flat.size() == 1);
    const auto high = cut_into_parts(shape(900, 20000), scales, 1'000'000);
    std::size_t rows = 0;
    for (const Part& part : high)
        for (const Slice& slice : part.slices) rows += static_cast<std::size_t>(slice.y1 - slice.y0);
    CHECK(rows < 900 + 10 * high.size());
    CHECK(high.size() < 900 / kTileHeight);
}

TEST(parts_are_no_larger_than_asked_for) {
    const std::array scales{0.6, 0.3, 0.15};
    for (const Part& part : cut_into_parts(shape(3000, 2000), scales, 1'000'000)) {
        std::size_t bytes = 0;
        for (const Slice& slice : part.slices)
            bytes += 3 * static_cast<std::size_t>(slice.width) * static_cast<std::size_t>(slice.y1 - slice.y0);
        CHECK(bytes == part.bytes);
        CHECK(bytes <= 1'000'000);
    }
}

TEST(a_picture_without_levels_has_no_tiles) {
    const auto parts = cut_into_parts(shape(9, 9), std::array<double, 0>{}, 1);
    CHECK(parts.size() == 1 && parts.front().tiles.empty());
}
