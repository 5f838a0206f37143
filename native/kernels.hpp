// The table of kernels: what is compiled once for each instruction set and chosen at run time.
#pragma once

#include <cstddef>
#include <cstdint>

#include "picture.hpp"
#include "tensors.hpp"

namespace facecascade {

// A window that passed P-Net: column and row in the level's map, logit of the face class, box regression.
struct Candidate {
    std::int32_t x, y;
    float logit;
    float regression[4];
};

// A rectangle of one level's map: rows y0 to y1, columns x0 to x1, the ends excluded.
struct Tile {
    int y0, y1, x0, x1;
};

// Rows or columns of the map of a level of n pixels: the pool leaves ceil((n - 2) / 2), two convolutions take 4 more.
constexpr int map_side(int n) { return n < 11 ? 0 : (n - 1) / 2 - 4; }

// Largest tile; the scratch memory of one fits the second-level cache.
inline constexpr int kTileHeight = 64;
inline constexpr int kTileWidth = 238;

// Boxes in structure-of-arrays form, best first, as the suppression walks them.
struct BoxColumns {
    double *x1, *y1, *x2, *y2, *area;
};

enum class Overlap { kUnion, kSmaller };

// What a crop is taken from and how: see `coverage` in the reference.
struct CropRule {
    double last;   // 1 if x2 and y2 name the last pixel inside, counted from 1
    double least;  // cells narrower than this many pixels are widened to it
};

struct Kernels {
    const char* name;
    int lanes;

    // Weights laid out for this instruction set; `to` is aligned to 64 bytes.
    std::size_t pnet_bytes, rnet_bytes, onet_bytes;
    void (*pnet_pack)(const PNetTensors& from, void* to);
    void (*rnet_pack)(const RNetTensors& from, void* to);
    void (*onet_pack)(const ONetTensors& from, void* to);

    // Scratch memory in bytes, aligned to 64. It may hold anything: what lies beyond an edge is computed from whatever
    // is there, and not looked at.
    std::size_t pnet_scratch, rnet_scratch, onet_scratch;

    // One row of a pyramid level; `scratch` holds 3 * (width + taps of a column) + 16 ints.
    void (*level_row)(const PictureView& picture, const LevelView& level, int y, const AxisWeights& rows,
                      const AxisWeights& columns, std::int32_t* scratch);

    // Candidates of one tile whose logit is at least `threshold`, row by row; `out` has room for the whole tile.
    std::size_t (*pnet_tile)(const void* weights, const LevelView& level, Tile tile, float threshold, Candidate* out,
                             float* scratch);

    // Crops of `count` boxes (x1 y1 x2 y2 each) through a network; one row of outputs each: logit, regression (4),
    // and for O-Net landmarks (5 x, 5 y).
    void (*rnet_run)(const void* weights, const PictureView& picture, const double* boxes, int count, CropRule rule,
                     float* out, float* scratch);
    void (*onet_run)(const void* weights, const PictureView& picture, const double* boxes, int count, CropRule rule,
                     float* out, float* scratch);

    // Position of the first of `count` boxes that overlaps this one by more than the threshold; `count` if none does.
    int (*first_overlap)(const BoxColumns& boxes, int count, const double* box, double area, double last,
                         double threshold, Overlap overlap);
};

inline constexpr int kRNetOutputs = 5;
inline constexpr int kONetOutputs = 15;

}  // namespace facecascade
