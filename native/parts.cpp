#include "parts.hpp"

#include <algorithm>

namespace facecascade {

namespace {

// P-Net's map has a row for two of the level, and sees ten more.
constexpr int kSeenBelow = 10;

// One more tile of the level that the last slice is of, or of the next one; false if there is no room for it. The other
// tiles of a row need no room.
bool add(Part& part, std::size_t level, const Slice& whole, const Tile& tile, std::size_t most) {
    const int end = tile.y1 == map_side(whole.height) ? whole.height : 2 * tile.y1 + kSeenBelow;
    const bool goes_on = !part.levels.empty() && part.levels.back() == level;
    const int rows = end - (goes_on ? part.slices.back().y1 : 2 * tile.y0);
    const std::size_t more = 3 * static_cast<std::size_t>(whole.width) * static_cast<std::size_t>(rows);
    if (more > 0 && !part.slices.empty() && part.bytes + more > most) return false;
    if (!goes_on) {
        part.slices.push_back({whole.height, whole.width, 2 * tile.y0, end});
        part.levels.push_back(level);
    }
    part.slices.back().y1 = end;
    part.bytes += more;
    const int first = part.slices.back().y0 / 2;
    part.tiles.push_back({part.slices.size() - 1, {tile.y0 - first, tile.y1 - first, tile.x0, tile.x1}});
    return true;
}

}  // namespace

std::vector<Tile> cut_into_tiles(int level_height, int level_width) {
    std::vector<Tile> tiles;
    const auto pieces = [](int size, int most) { return (size + most - 1) / most; };
    const int height = map_side(level_height), width = map_side(level_width);
    if (height == 0 || width == 0) return tiles;
    const int rows = pieces(height, pieces(height, kTileHeight)), columns = pieces(width, pieces(width, kTileWidth));
    for (int y = 0; y < height; y += rows)
        for (int x = 0; x < width; x += columns)
            tiles.push_back({y, std::min(y + rows, height), x, std::min(x + columns, width)});
    return tiles;
}

std::size_t part_bytes(int threads) {
    constexpr std::size_t kOfTwo = std::size_t{1} << 22;
    return kOfTwo * static_cast<std::size_t>(std::max(threads / 2, 1));
}

std::vector<Part> cut_into_parts(const PictureView& picture, std::span<const double> scales, std::size_t most) {
    std::vector<Part> parts(1);
    for (std::size_t i = 0; i < scales.size(); ++i) {
        const Slice whole = scaled(picture, scales[i]);
        for (const Tile& tile : cut_into_tiles(whole.height, whole.width))
            if (!add(parts.back(), i, whole, tile, most)) add(parts.emplace_back(), i, whole, tile, most);
    }
    return parts;
}

}  // namespace facecascade
