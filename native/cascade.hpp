// The whole cascade over one picture, or over many.
#pragma once

#include <vector>

#include "geometry.hpp"
#include "kernels.hpp"
#include "landmarks.hpp"
#include "memory.hpp"
#include "parts.hpp"
#include "pyramid.hpp"
#include "threads.hpp"

namespace facecascade {

// How to search one picture.
struct Query {
    std::vector<double> scales;
    double thresholds[3];  // as logits: log(p / (1 - p))
    Geometry geometry;
    int stages;
};

// Boxes on their way through the cascade with the score of the last network (as a logit) and what else it said.
struct Proposals {
    std::vector<Box> boxes;
    std::vector<float> logits;
    std::vector<std::array<float, 4>> regressions;

    std::size_t size() const { return boxes.size(); }
    void add(const Box& box, float logit, std::span<const float, 4> regression);
    Proposals pick(std::span<const int> rows) const;
};

// What each stage of one detection took by the clock on the wall; threads that a batch shares may have helped with
// other pictures meanwhile. R-Net and O-Net take their crops themselves, which counts as theirs.
struct StageSeconds {
    double pyramid = 0, pnet = 0, proposals = 0, rnet = 0, refined = 0, onet = 0, faces = 0;
};

struct Detections {
    std::vector<int> candidates;  // windows that passed P-Net, level by level
    Proposals proposals, refined, faces;
    std::vector<Landmarks> landmarks;  // empty after two stages
    StageSeconds seconds;
};

// R-Net or O-Net of the chosen instruction set.
struct PatchNet {
    const void* weights;
    decltype(Kernels::rnet_run) run;
    std::size_t scratch;
    int outputs;
};

class Cascade {
public:
    Cascade(const NetworkTensors& tensors, const Kernels& kernels, int threads);

    Detections detect(const PictureView& picture, const Query& query);
    std::vector<Detections> detect(std::span<const PictureView> pictures, std::span<const Query> queries);

    const Kernels& kernels() const { return kernels_; }
    int threads() const { return pool_.threads(); }

    // The stages one by one, for tests and for people who study them.
    Pyramid pyramid(const PictureView& picture, int height, int width);
    std::vector<Candidate> pnet(const LevelView& level, float threshold);
    std::vector<float> rnet(const PictureView& picture, std::span<const Box> boxes, const Geometry& geometry);
    std::vector<float> onet(const PictureView& picture, std::span<const Box> boxes, const Geometry& geometry);

private:
    std::vector<std::vector<Candidate>> windows(std::span<const LevelView> levels, std::span<const LevelTile> tiles,
                                                float threshold);
    void propose(const PictureView& picture, const Query& query, Detections& found);
    void refine(const PictureView& picture, const Query& query, Detections& found);
    void output(const PictureView& picture, const Query& query, Detections& found);
    std::vector<float> run(const PatchNet& net, const PictureView& picture, std::span<const Box> boxes,
                           const Geometry& geometry);

    const Kernels& kernels_;
    AlignedBuffer pnet_, rnet_, onet_;
    ScratchStock stock_;
    ThreadPool pool_;  // last, so that its threads end first
};

}  // namespace facecascade
