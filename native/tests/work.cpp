// Fixed pieces of work, one a run, for a tool that counts instructions: `native_work NAME`. Only what happens inside
// counted_work is the work; the rest makes its input. One thread, and AVX2 where there is such a thing, since not every
// such tool knows AVX-512.
#include <algorithm>
#include <cstdio>
#include <functional>
#include <limits>
#include <map>
#include <memory>
#include <string>

#include "dispatch.hpp"
#include "fixtures.hpp"
#include "nms.hpp"

namespace {

#ifdef __clang__
constexpr const char* kCompiler = "Clang " __clang_version__;
#else
constexpr const char* kCompiler = "GCC " __VERSION__;
#endif

const std::function<std::size_t()>* work;

}  // namespace

// A name that the tool can find, and a call that no compiler takes apart.
extern "C" __attribute__((noinline, visibility("default"))) std::size_t counted_work() { return (*work)(); }

namespace facecascade::tests {

namespace {

constexpr double kFirstScale = 0.6, kScaleFactor = 0.709;
// Windows of the whole picture that pass P-Net: few enough for the box regression to count for little, and for a tool
// that is fifty times as slow to see the end of the cascade.
constexpr int kPassing = 5;

const Kernels& chosen_kernels() {
    const Kernels* avx2 = find_kernels("avx2");
    return avx2 != nullptr ? *avx2 : *runnable_kernels().front();
}

std::vector<double> scales_of(const PictureView& picture) {
    std::vector<double> scales;
    const int shorter = std::min(picture.height, picture.width);
    for (double scale = kFirstScale; shorter * scale >= kCell; scale *= kScaleFactor) scales.push_back(scale);
    return scales;
}

// The logit that so many windows of the level reach.
float passing_logit(Cascade& cascade, const LevelView& level, int count) {
    auto windows = cascade.pnet(level, -std::numeric_limits<float>::infinity());
    std::ranges::sort(windows, std::greater{}, &Candidate::logit);
    return windows[static_cast<std::size_t>(count)].logit;
}

double number_between(std::mt19937& random, double low, double high) {
    return low + (high - low) * static_cast<double>(random()) / static_cast<double>(std::mt19937::max());
}

std::vector<Box> boxes_inside(const PictureView& picture, int count) {
    std::mt19937 random(3);
    std::vector<Box> boxes;
    for (int i = 0; i < count; ++i) {
        const double side = number_between(random, 12, 90);
        const double x = number_between(random, 0, picture.width - side);
        const double y = number_between(random, 0, picture.height - side);
        boxes.push_back({x, y, x + side, y + side});
    }
    return boxes;
}

// Their crops are black, which leaves nothing to sample.
std::vector<Box> boxes_outside(int count) {
    return std::vector<Box>(static_cast<std::size_t>(count), {-90, -90, -50, -50});
}

using Work = std::function<std::size_t()>;

struct Input {
    RandomPicture pixels{120, 160, 1};
    RandomNetworks networks{2};
    const Kernels& kernels = chosen_kernels();
    Cascade cascade{networks.tensors(), kernels, 1};
    ThreadPool pool{1};
    ScratchStock stock;
    PictureView picture = pixels.view();
    Geometry geometry = Geometry::subpixel();
};

Work pyramid(Input& input) {
    return [&input] {
        std::vector<Slice> levels;
        for (const double scale : scales_of(input.picture)) levels.push_back(scaled(input.picture, scale));
        const Pyramid pyramid(input.picture, levels, input.kernels, input.pool, input.stock);
        return pyramid.levels().size();
    };
}

Work pnet(Input& input) {
    const auto level =
        std::make_shared<Pyramid>(input.cascade.pyramid(input.picture, input.picture.height, input.picture.width));
    const float passing = passing_logit(input.cascade, level->levels().front(), kPassing);
    return [&input, level, passing] { return input.cascade.pnet(level->levels().front(), passing).size(); };
}

Work rnet(Input& input, const std::vector<Box>& boxes) {
    return [&input, boxes] { return input.cascade.rnet(input.picture, boxes, input.geometry).size(); };
}

Work onet(Input& input, const std::vector<Box>& boxes) {
    return [&input, boxes] { return input.cascade.onet(input.picture, boxes, input.geometry).size(); };
}

Work nms(Input& input) {
    const auto boxes = boxes_inside(input.picture, 1500);
    std::mt19937 random(4);
    std::vector<float> scores;
    for (std::size_t i = 0; i < boxes.size(); ++i) scores.push_back(static_cast<float>(number_between(random, 0, 1)));
    return [&input, boxes, scores] {
        return suppress(boxes, scores, 0.5, input.geometry, Overlap::kUnion, input.kernels).size();
    };
}

Work cascade(Input& input) {
    const Pyramid whole = input.cascade.pyramid(input.picture, input.picture.height, input.picture.width);
    const auto first = static_cast<double>(passing_logit(input.cascade, whole.levels().front(), kPassing));
    const Query query{scales_of(input.picture), {first, 0, 0}, input.geometry, 3};
    return [&input, query] { return input.cascade.detect(input.picture, query).proposals.size(); };
}

// Each makes its input and returns the work on it.
const std::map<std::string, std::function<Work(Input&)>>& works() {
    constexpr int kRNetBoxes = 32, kONetBoxes = 8;
    static const std::map<std::string, std::function<Work(Input&)>> all = {
        {"pyramid", pyramid},
        {"pnet", pnet},
        {"rnet", [](Input& input) { return rnet(input, boxes_outside(kRNetBoxes)); }},
        {"rnet_with_crops", [](Input& input) { return rnet(input, boxes_inside(input.picture, kRNetBoxes)); }},
        {"onet", [](Input& input) { return onet(input, boxes_outside(kONetBoxes)); }},
        {"nms", nms},
        {"cascade", cascade},
    };
    return all;
}

}  // namespace

}  // namespace facecascade::tests

int main(int count, char** arguments) {
    const auto& works = facecascade::tests::works();
    const auto found = works.find(count == 2 ? arguments[1] : "");
    if (found == works.end()) {
        std::fprintf(stderr, "expected one of:");
        for (const auto& [name, _] : works) std::fprintf(stderr, " %s", name.c_str());
        std::fprintf(stderr, "\n");
        return 2;
    }
    facecascade::tests::Input input;
    const auto made = found->second(input);
    work = &made;
    const std::size_t result = counted_work();
    std::printf("%s, %s\n", input.kernels.name, kCompiler);
    return result == 0;  // nothing came of it
}
