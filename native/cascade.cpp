#include "cascade.hpp"

#include <algorithm>
#include <chrono>
#include <cmath>
#include <utility>

#include "nms.hpp"
#include "parts.hpp"

namespace facecascade {

namespace {

constexpr double kNmsWithinLevel = 0.5, kNmsAcrossLevels = 0.7, kNmsAfterRNet = 0.7, kNmsFinal = 0.7;

// Weights of huge numbers overflow; what comes of that is no face.
bool finite(std::span<const float> values) {
    return std::ranges::all_of(values, [](float value) { return std::isfinite(value); });
}

// Boxes as the next network crops them: calibrated in units of their sides plus `last`, square, cut.
void settle(Proposals& proposals, const Geometry& geometry, double last) {
    for (std::size_t i = 0; i < proposals.size(); ++i) {
        Box& box = proposals.boxes[i];
        const double width = box[2] - box[0] + last, height = box[3] - box[1] + last;
        box = geometry.cut(squared(calibrate(box, proposals.regressions[i], width, height)));
    }
}

std::vector<Box> tightened(std::span<const Box> squares, double share) {
    std::vector<Box> crops;
    crops.reserve(squares.size());
    for (const Box& square : squares) crops.push_back(facecascade::tightened(square, share));
    return crops;
}

std::vector<int> suppress(const Proposals& proposals, double threshold, const Query& query, const Kernels& kernels,
                          Overlap overlap = Overlap::kUnion) {
    return suppress(proposals.boxes, proposals.logits, threshold, query.geometry, overlap, kernels);
}

class Stopwatch {
public:
    // Seconds since the lap before, or since the watch was made.
    double lap() {
        const auto before = std::exchange(last_, Clock::now());
        return std::chrono::duration<double>(last_ - before).count();
    }

private:
    using Clock = std::chrono::steady_clock;
    Clock::time_point last_ = Clock::now();
};

}  // namespace

void Proposals::add(const Box& box, float logit, std::span<const float, 4> regression) {
    boxes.push_back(box);
    logits.push_back(logit);
    regressions.push_back({regression[0], regression[1], regression[2], regression[3]});
}

Proposals Proposals::pick(std::span<const int> rows) const {
    Proposals picked;
    for (const int row : rows) {
        const auto i = static_cast<std::size_t>(row);
        picked.add(boxes[i], logits[i], regressions[i]);
    }
    return picked;
}

Cascade::Cascade(const NetworkTensors& tensors, const Kernels& kernels, int threads)
    : kernels_(kernels),
      pnet_(kernels.pnet_bytes),
      rnet_(kernels.rnet_bytes),
      onet_(kernels.onet_bytes),
      pool_(threads) {
    kernels.pnet_pack(tensors.pnet, pnet_.as<void>());
    kernels.rnet_pack(tensors.rnet, rnet_.as<void>());
    kernels.onet_pack(tensors.onet, onet_.as<void>());
}

std::vector<Detections> Cascade::detect(std::span<const PictureView> pictures, std::span<const Query> queries) {
    std::vector<Detections> found(pictures.size());
    pool_.for_each(static_cast<int>(pictures.size()), [&](int index) {
        const auto i = static_cast<std::size_t>(index);
        found[i] = detect(pictures[i], queries[i]);
    });
    return found;
}

Detections Cascade::detect(const PictureView& picture, const Query& query) {
    Detections found;
    propose(picture, query, found);
    refine(picture, query, found);
    if (query.stages == 2)
        found.faces = found.refined;
    else
        output(picture, query, found);
    return found;
}

// Windows of each level that pass P-Net, row by row.
std::vector<std::vector<Candidate>> Cascade::windows(std::span<const LevelView> levels,
                                                     std::span<const LevelTile> tiles, float threshold) {
    std::vector<std::vector<Candidate>> passed(tiles.size());
    pool_.for_each(static_cast<int>(tiles.size()), [&](int index) {
        const auto i = static_cast<std::size_t>(index);
        const ScratchStock::Lease scratch(stock_);
        Scratch::grow(scratch->network, kernels_.pnet_scratch);
        Scratch::grow(scratch->candidates, sizeof(Candidate) * kTileHeight * kTileWidth);
        auto* out = scratch->candidates.as<Candidate>();
        const std::size_t count = kernels_.pnet_tile(pnet_.as<void>(), levels[tiles[i].level], tiles[i].tile, threshold,
                                                     out, scratch->network.as<float>());
        passed[i].assign(out, out + count);
    });
    std::vector<std::vector<Candidate>> by_level(levels.size());
    for (std::size_t i = 0; i < tiles.size(); ++i) {
        auto& level = by_level[tiles[i].level];
        level.insert(level.end(), passed[i].begin(), passed[i].end());
    }
    for (auto& level : by_level) std::ranges::sort(level, {}, [](const Candidate& c) { return std::pair(c.y, c.x); });
    return by_level;
}

// What R-Net gets: NMS in each level, NMS over all, calibrated, square.
void Cascade::propose(const PictureView& picture, const Query& query, Detections& found) {
    Stopwatch watch;
    std::vector<std::vector<Candidate>> passed(query.scales.size());
    for (const Part& part : cut_into_parts(picture, query.scales, part_bytes(pool_.threads()))) {
        const Pyramid pyramid(picture, part.slices, kernels_, pool_, stock_);
        found.seconds.pyramid += watch.lap();
        const auto by_slice = windows(pyramid.levels(), part.tiles, static_cast<float>(query.thresholds[0]));
        for (std::size_t i = 0; i < by_slice.size(); ++i)
            for (Candidate window : by_slice[i]) {
                window.y += part.slices[i].y0 / 2;
                passed[part.levels[i]].push_back(window);
            }
        found.seconds.pnet += watch.lap();
    }
    std::vector<Proposals> kept(passed.size());
    pool_.for_each(static_cast<int>(passed.size()), [&](int index) {
        const auto i = static_cast<std::size_t>(index);
        Proposals level;
        for (const Candidate& c : passed[i])
            if (std::isfinite(c.logit) && finite(c.regression))
                level.add(query.geometry.window(c.x, c.y, query.scales[i]), c.logit, c.regression);
        auto keep = suppress(level, kNmsWithinLevel, query, kernels_);
        std::ranges::sort(keep);
        kept[i] = level.pick(keep);
    });
    Proposals together;
    for (std::size_t i = 0; i < kept.size(); ++i) {
        found.candidates.push_back(static_cast<int>(passed[i].size()));
        for (std::size_t j = 0; j < kept[i].size(); ++j)
            together.add(kept[i].boxes[j], kept[i].logits[j], kept[i].regressions[j]);
    }
    found.proposals = together.pick(suppress(together, kNmsAcrossLevels, query, kernels_));
    // The published ports add no 1 to the sides here, whatever they do later.
    settle(found.proposals, query.geometry, 0);
    found.seconds.proposals = watch.lap();
}

// What O-Net gets: R-Net's score above its threshold, NMS, calibrated, square.
void Cascade::refine(const PictureView& picture, const Query& query, Detections& found) {
    Stopwatch watch;
    const auto squares = tightened(found.proposals.boxes, query.geometry.rnet_crop);
    const auto outputs = rnet(picture, squares, query.geometry);
    found.seconds.rnet = watch.lap();
    Proposals passed;
    for (std::size_t i = 0; i < squares.size(); ++i) {
        const float* out = outputs.data() + i * kRNetOutputs;
        if (static_cast<double>(out[0]) > query.thresholds[1] && finite({out, kRNetOutputs}))
            passed.add(squares[i], out[0], std::span<const float, 4>(out + 1, 4));
    }
    found.refined = passed.pick(suppress(passed, kNmsAfterRNet, query, kernels_));
    settle(found.refined, query.geometry, query.geometry.last);
    found.seconds.refined = watch.lap();
}

// The result: O-Net's score above its threshold, landmarks, calibrated, NMS by the smaller area.
void Cascade::output(const PictureView& picture, const Query& query, Detections& found) {
    Stopwatch watch;
    const auto squares = tightened(found.refined.boxes, query.geometry.onet_crop);
    const auto outputs = onet(picture, squares, query.geometry);
    found.seconds.onet = watch.lap();
    Proposals passed;
    std::vector<Landmarks> landmarks;
    for (std::size_t i = 0; i < squares.size(); ++i) {
        const float* out = outputs.data() + i * kONetOutputs;
        if (!(static_cast<double>(out[0]) > query.thresholds[2] && finite({out, kONetOutputs}))) continue;
        const double width = query.geometry.width(squares[i]), height = query.geometry.height(squares[i]);
        const std::span<const float, 4> regression(out + 1, 4);
        passed.add(calibrate(squares[i], regression, width, height), out[0], regression);
        Landmarks points;
        for (std::size_t k = 0; k < 5; ++k) {
            points[2 * k] = static_cast<double>(out[5 + k]) * width + squares[i][0] - query.geometry.point;
            points[2 * k + 1] = static_cast<double>(out[10 + k]) * height + squares[i][1] - query.geometry.point;
        }
        landmarks.push_back(points);
    }
    const auto keep = suppress(passed, kNmsFinal, query, kernels_, Overlap::kSmaller);
    found.faces = passed.pick(keep);
    for (const int row : keep) {
        const auto i = static_cast<std::size_t>(row);
        found.landmarks.push_back(query.geometry.average ? average_landmarks(landmarks, passed.boxes, passed.logits, i)
                                                         : landmarks[i]);
    }
    found.seconds.faces = watch.lap();
}

Pyramid Cascade::pyramid(const PictureView& picture, int height, int width) {
    return Pyramid(picture, height, width, kernels_, pool_, stock_);
}

std::vector<Candidate> Cascade::pnet(const LevelView& level, float threshold) {
    std::vector<LevelTile> tiles;
    for (const Tile& tile : cut_into_tiles(level.height, level.width)) tiles.push_back({0, tile});
    return windows(std::span(&level, 1), tiles, threshold).front();
}

std::vector<float> Cascade::rnet(const PictureView& picture, std::span<const Box> boxes, const Geometry& geometry) {
    return run({rnet_.as<void>(), kernels_.rnet_run, kernels_.rnet_scratch, kRNetOutputs}, picture, boxes, geometry);
}

std::vector<float> Cascade::onet(const PictureView& picture, std::span<const Box> boxes, const Geometry& geometry) {
    return run({onet_.as<void>(), kernels_.onet_run, kernels_.onet_scratch, kONetOutputs}, picture, boxes, geometry);
}

std::vector<float> Cascade::run(const PatchNet& net, const PictureView& picture, std::span<const Box> boxes,
                                const Geometry& geometry) {
    const int count = static_cast<int>(boxes.size());
    // Full vectors, unless half ones give every thread something to do.
    const int lanes = kernels_.lanes;
    const int group = count <= lanes && pool_.threads() > 1 ? std::max(lanes / 2, 4) : lanes;
    std::vector<float> outputs(boxes.size() * static_cast<std::size_t>(net.outputs));
    pool_.for_each((count + group - 1) / group, [&](int index) {
        const auto first = static_cast<std::size_t>(index) * static_cast<std::size_t>(group);
        const ScratchStock::Lease scratch(stock_);
        Scratch::grow(scratch->network,
                      net.scratch + sizeof(float) * (3 * static_cast<std::size_t>(picture.width) + 16));
        net.run(net.weights, picture, boxes[first].data(), std::min(group, count - index * group), geometry.crop_rule(),
                outputs.data() + first * static_cast<std::size_t>(net.outputs), scratch->network.as<float>());
    });
    return outputs;
}

}  // namespace facecascade
