#include "check.hpp"
#include "landmarks.hpp"

using namespace facecascade;

namespace {

Landmarks all(double value) {
    Landmarks points;
    points.fill(value);
    return points;
}

}  // namespace

TEST(landmarks_are_the_mean_of_boxes_that_overlap_by_more_than_half) {
    // IoU with the first: 1, 80 / 120 = 2/3, 60 / 140 < 1/2. Equal scores: weights 1/2 and 1/6.
    const std::vector<Box> boxes = {{0, 0, 10, 10}, {2, 0, 12, 10}, {4, 0, 14, 10}};
    const std::vector<float> logits = {0, 0, 0};
    const std::vector<Landmarks> landmarks = {all(4), all(8), all(1000)};
    for (const double value : average_landmarks(landmarks, boxes, logits, 0)) CHECK_NEAR(value, 5, 1e-12);
}

TEST(a_better_score_counts_more) {
    const std::vector<Box> boxes = {{0, 0, 10, 10}, {0, 0, 10, 10}};
    const std::vector<float> logits = {0, std::log(3.0F)};  // probabilities 1/2 and 3/4
    const std::vector<Landmarks> landmarks = {all(0), all(5)};
    CHECK_NEAR(average_landmarks(landmarks, boxes, logits, 0)[9], 3, 1e-6);
}

TEST(a_box_without_an_area_keeps_its_own_landmarks) {
    const std::vector<Box> boxes = {{3, 3, 3, 3}, {0, 0, 10, 10}};
    const std::vector<float> logits = {1, 1};
    const std::vector<Landmarks> landmarks = {all(3), all(5)};
    CHECK(average_landmarks(landmarks, boxes, logits, 0)[0] == 3);
}
