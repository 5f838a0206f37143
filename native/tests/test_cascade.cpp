#include <algorithm>
#include <cmath>
#include <functional>
#include <thread>

#include "check.hpp"
#include "dispatch.hpp"
#include "fixtures.hpp"

using namespace facecascade;
using namespace facecascade::tests;

namespace {

// Thresholds that let enough of a random network through to keep every stage busy.
Query query_for(const PictureView& picture, const Geometry& geometry) {
    Query query{{}, {0.0, -4.0, -4.0}, geometry, 3};
    for (double scale = 0.6; std::min(picture.height, picture.width) * scale >= 12; scale *= 0.709)
        query.scales.push_back(scale);
    return query;
}

bool same(const Detections& a, const Detections& b) {
    return a.candidates == b.candidates && a.proposals.boxes == b.proposals.boxes &&
           a.proposals.logits == b.proposals.logits && a.refined.boxes == b.refined.boxes &&
           a.faces.boxes == b.faces.boxes && a.faces.logits == b.faces.logits && a.landmarks == b.landmarks;
}

}  // namespace

TEST(results_do_not_depend_on_threads_batches_or_callers) {
    const RandomNetworks networks(21);
    std::vector<RandomPicture> pictures;
    for (const auto& [height, width] : {std::pair{90, 130}, {64, 40}, {11, 300}, {1, 1}, {200, 150}})
        pictures.emplace_back(height, width, static_cast<unsigned>(height));
    for (const Kernels* kernels : runnable_kernels())
        for (const auto& geometry : {Geometry::subpixel(), Geometry::classic()}) {
            std::vector<PictureView> views;
            std::vector<Query> queries;
            std::vector<Detections> alone;
            Cascade single(networks.tensors(), *kernels, 1);
            for (const auto& picture : pictures) {
                views.push_back(picture.view());
                queries.push_back(query_for(views.back(), geometry));
                alone.push_back(single.detect(views.back(), queries.back()));
            }
            CHECK(alone[0].faces.size() > 0);
            for (const int threads : {1, 2, 7}) {
                Cascade cascade(networks.tensors(), *kernels, threads);
                for (int round = 0; round < 3; ++round) {
                    const auto found = cascade.detect(views, queries);
                    for (std::size_t i = 0; i < views.size(); ++i) CHECK(same(found[i], alone[i]));
                }
                std::vector<std::thread> callers;
                std::vector<int> differ(4);
                for (std::size_t c = 0; c < differ.size(); ++c)
                    callers.emplace_back([&, c] { differ[c] = !same(cascade.detect(views[c], queries[c]), alone[c]); });
                for (auto& caller : callers) caller.join();
                for (const int different : differ) CHECK(!different);
            }
        }
}

TEST(a_large_level_has_the_windows_of_one_in_one_piece) {
    const RandomNetworks networks(23);
    const RandomPicture picture(1500, 1100, 5);  // 5 MB, more than there are at a time
    Cascade cascade(networks.tensors(), *runnable_kernels().front(), 2);
    const Pyramid pyramid = cascade.pyramid(picture.view(), 1500, 1100);
    auto windows = cascade.pnet(pyramid.levels().front(), -INFINITY);
    CHECK(windows.size() == static_cast<std::size_t>(map_side(1500)) * static_cast<std::size_t>(map_side(1100)));
    std::ranges::sort(windows, std::ranges::greater{}, &Candidate::logit);
    const double threshold = static_cast<double>(windows[200].logit);
    Query query{{1.0}, {threshold, INFINITY, INFINITY}, Geometry::subpixel(), 2};
    const auto found = cascade.detect(picture.view(), query);
    CHECK(found.candidates == std::vector{201});
}

TEST(two_stages_are_the_first_two_of_three) {
    const RandomNetworks networks(22);
    const RandomPicture picture(90, 130, 9);
    Cascade cascade(networks.tensors(), *runnable_kernels().front(), 2);
    Query query = query_for(picture.view(), Geometry::subpixel());
    const auto three = cascade.detect(picture.view(), query);
    query.stages = 2;
    const auto two = cascade.detect(picture.view(), query);
    CHECK(two.faces.boxes == three.refined.boxes && two.faces.logits == three.refined.logits);
    CHECK(two.landmarks.empty());
}
