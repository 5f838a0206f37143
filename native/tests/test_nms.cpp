#include <algorithm>
#include <random>

#include "check.hpp"
#include "dispatch.hpp"
#include "nms.hpp"

using namespace facecascade;

namespace {

double overlap_of(const Box& a, const Box& b, double last, Overlap kind) {
    const double w = std::max(std::min(a[2], b[2]) - std::max(a[0], b[0]) + last, 0.0);
    const double h = std::max(std::min(a[3], b[3]) - std::max(a[1], b[1]) + last, 0.0);
    const double area_a = (a[2] - a[0] + last) * (a[3] - a[1] + last);
    const double area_b = (b[2] - b[0] + last) * (b[3] - b[1] + last);
    if (w * h <= 0) return 0;
    return w * h / (kind == Overlap::kSmaller ? std::min(area_a, area_b) : area_a + area_b - w * h);
}

std::vector<Box> random_boxes(std::mt19937& random, int count, bool whole) {
    // Many boxes lie in a large picture, in many sizes.
    const double room = count < 1000 ? 1 : 10;
    std::uniform_real_distribution<double> place(0, 200 * room), side(5, 60 * room);
    std::vector<Box> boxes;
    for (int i = 0; i < count; ++i) {
        Box box = {place(random), place(random), 0, 0};
        box[2] = box[0] + side(random);
        box[3] = box[1] + side(random);
        if (whole)
            for (double& value : box) value = std::floor(value);
        boxes.push_back(box);
    }
    return boxes;
}

}  // namespace

TEST(what_stays_does_not_overlap_and_what_goes_overlaps_a_better_one) {
    std::mt19937 random(5);
    std::uniform_int_distribution<int> score(0, 40);  // many equal ones
    for (const Kernels* kernels : runnable_kernels())
        for (const auto& geometry : {Geometry::subpixel(), Geometry::classic()})
            for (const auto kind : {Overlap::kUnion, Overlap::kSmaller})
                for (const int count : {0, 1, 63, 64, 65, 300, 2500}) {
                    const auto boxes = random_boxes(random, count, geometry.whole);
                    std::vector<float> scores;
                    for (int i = 0; i < count; ++i) scores.push_back(static_cast<float>(score(random)));
                    const auto keep = suppress(boxes, scores, 0.5, geometry, kind, *kernels);
                    std::vector<bool> stays(boxes.size());
                    for (const int i : keep) stays[static_cast<std::size_t>(i)] = true;
                    const auto better = [&](std::size_t a, std::size_t b) {
                        return scores[a] > scores[b] || (scores[a] == scores[b] && a < b);
                    };
                    for (std::size_t i = 0; i < boxes.size(); ++i) {
                        bool covered = false;
                        for (std::size_t j = 0; j < boxes.size(); ++j)
                            covered |=
                                stays[j] && better(j, i) && overlap_of(boxes[i], boxes[j], geometry.last, kind) > 0.5;
                        CHECK(stays[i] != covered);
                    }
                    for (std::size_t k = 1; k < keep.size(); ++k)
                        CHECK(better(static_cast<std::size_t>(keep[k - 1]), static_cast<std::size_t>(keep[k])));
                }
}

TEST(many_boxes_without_an_area_or_far_away_do_no_harm) {
    std::vector<Box> boxes;
    for (int i = 0; i < 3000; ++i) {
        const double x = i % 3 == 0 ? 1e9 * i : i;
        boxes.push_back({x, 7, x + (i % 2 ? 0 : 1e-3), 8});
    }
    const std::vector<float> scores(boxes.size(), 1);
    for (const Kernels* kernels : runnable_kernels())
        CHECK(suppress(boxes, scores, 0.5, Geometry::subpixel(), Overlap::kUnion, *kernels).size() == boxes.size());
}

TEST(an_overlap_of_exactly_the_threshold_stays) {
    // 63 / 90 is the double .7, but .7 * 90 is less than 63.
    const std::vector<Box> boxes = {{0, 0, 90, 1}, {0, 0, 63, 1}};
    const std::vector<float> scores = {2, 1};
    for (const Kernels* kernels : runnable_kernels()) {
        CHECK(suppress(boxes, scores, 0.7, Geometry::subpixel(), Overlap::kUnion, *kernels).size() == 2);
        CHECK(suppress(boxes, scores, 0.69, Geometry::subpixel(), Overlap::kUnion, *kernels).size() == 1);
    }
}
