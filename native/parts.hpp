// What of a pyramid is made and looked at together: a few levels, or a band of a large one.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "kernels.hpp"
#include "pyramid.hpp"

namespace facecascade {

// A tile of one of some levels.
struct LevelTile {
    std::size_t level;
    Tile tile;
};

// Slices of levels, and the tiles of each; `levels` says which level a slice is of.
struct Part {
    std::vector<Slice> slices;
    std::vector<std::size_t> levels;
    std::vector<LevelTile> tiles;
    std::size_t bytes = 0;
};

// Tiles of a level of this size, row by row. They do not depend on the number of threads, and so neither does any
// result.
std::vector<Tile> cut_into_tiles(int level_height, int level_width);

// Bytes of pyramid that are there at a time: the levels of most pictures, and some bands of a huge one; so much that
// all threads have some tiles each.
std::size_t part_bytes(int threads);

// The levels of these scales in parts of at most so many bytes, or of one row of tiles where that is more. The windows
// of a level come in the same order, row by row, as if it were in one part.
std::vector<Part> cut_into_parts(const PictureView& picture, std::span<const double> scales, std::size_t most);

}  // namespace facecascade
