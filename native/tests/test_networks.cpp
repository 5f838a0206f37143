#include <algorithm>

#include "check.hpp"
#include "dispatch.hpp"
#include "fixtures.hpp"

using namespace facecascade;
using namespace facecascade::tests;

namespace {

Volume normalised(const PictureView& picture) {
    Volume out(picture.height, picture.width, 3);
    for (int y = 0; y < picture.height; ++y)
        for (int x = 0; x < picture.width; ++x)
            for (int c = 0; c < 3; ++c) out.at(y, x, c) = (picture.row(y)[3 * x + c] - 127.5) / 128;
    return out;
}

// The plain networks: logit, regression and, of O-Net, landmarks.
std::vector<double> heads(const std::vector<double>& in, const HeadTensors& score,
                          std::initializer_list<std::pair<HeadTensors, int>> others) {
    const auto logits = dense(in, score.weight, score.bias, 2);
    std::vector<double> out = {logits[1] - logits[0]};
    for (const auto& [head, outputs] : others) {
        const auto values = dense(in, head.weight, head.bias, outputs);
        out.insert(out.end(), values.begin(), values.end());
    }
    return out;
}

std::vector<double> with_prelu(std::vector<double> values, const float* alpha) {
    for (std::size_t i = 0; i < values.size(); ++i) values[i] *= values[i] > 0 ? 1 : static_cast<double>(alpha[i]);
    return values;
}

std::vector<double> plain_rnet(const Volume& in, const RNetTensors& net) {
    auto x = pool(convolve(in, net.conv[0], 3, 28), 3);
    x = pool(convolve(x, net.conv[1], 3, 48), 3);
    x = convolve(x, net.conv[2], 2, 64);
    const auto features = with_prelu(dense(x.values, net.dense.weight, net.dense.bias, 128), net.dense.alpha);
    return heads(features, net.score, {{net.box, 4}});
}

std::vector<double> plain_onet(const Volume& in, const ONetTensors& net) {
    auto x = pool(convolve(in, net.conv[0], 3, 32), 3);
    x = pool(convolve(x, net.conv[1], 3, 64), 3);
    x = pool(convolve(x, net.conv[2], 3, 64), 2);
    x = convolve(x, net.conv[3], 2, 128);
    const auto features = with_prelu(dense(x.values, net.dense.weight, net.dense.bias, 256), net.dense.alpha);
    return heads(features, net.score, {{net.box, 4}, {net.landmarks, 10}});
}

}  // namespace

TEST(pnet_is_the_plain_network_at_every_size) {
    const RandomNetworks networks(11);
    const PNetTensors& net = networks.tensors().pnet;
    // Odd and even, smaller and larger than a tile, one window, none.
    for (const auto& [height, width] : {std::pair{10, 40},
                                        {11, 40},
                                        {12, 12},
                                        {13, 12},
                                        {12, 13},
                                        {31, 64},
                                        {40, 33},
                                        {150, 90},
                                        {21, 700},
                                        {145, 501}}) {
        const RandomPicture picture(height, width, static_cast<unsigned>(height * width));
        auto x = pool(convolve(normalised(picture.view()), net.conv[0], 3, 10), 2);
        std::vector<Candidate> expected;
        if (std::min(height, width) >= 11) {
            x = convolve(convolve(x, net.conv[1], 3, 16), net.conv[2], 3, 32);
            for (int row = 0; row < x.height; ++row)
                for (int column = 0; column < x.width; ++column) {
                    const auto at = x.values.begin() + (row * x.width + column) * 32;
                    const auto out = heads({at, at + 32}, net.score, {{net.box, 4}});
                    Candidate window{column, row, static_cast<float>(out[0]), {}};
                    for (std::size_t k = 0; k < 4; ++k) window.regression[k] = static_cast<float>(out[k + 1]);
                    expected.push_back(window);
                }
        }
        for (const Kernels* kernels : runnable_kernels()) {
            Cascade cascade(networks.tensors(), *kernels, 2);
            const Pyramid level = cascade.pyramid(picture.view(), height, width);
            const auto found = cascade.pnet(level.levels()[0], -INFINITY);
            CHECK(found.size() == expected.size());
            for (std::size_t i = 0; i < std::min(found.size(), expected.size()); ++i) {
                CHECK(found[i].x == expected[i].x && found[i].y == expected[i].y);
                CHECK_NEAR(found[i].logit, expected[i].logit, 2e-5);
                for (std::size_t k = 0; k < 4; ++k) CHECK_NEAR(found[i].regression[k], expected[i].regression[k], 1e-5);
            }
        }
    }
}

TEST(rnet_and_onet_are_the_plain_networks_for_any_number_of_crops) {
    const RandomNetworks networks(12);
    const RandomPicture r(24, 24, 1), o(48, 48, 2);
    const auto expected_r = plain_rnet(normalised(r.view()), networks.tensors().rnet);
    const auto expected_o = plain_onet(normalised(o.view()), networks.tensors().onet);
    for (const Kernels* kernels : runnable_kernels()) {
        Cascade cascade(networks.tensors(), *kernels, 2);
        for (const std::size_t count : {0u, 1u, 3u, 5u, 9u, 17u, 40u}) {
            const std::vector<Box> boxes_r(count, Box{0, 0, 24, 24}), boxes_o(count, Box{0, 0, 48, 48});
            const auto found_r = cascade.rnet(r.view(), boxes_r, Geometry::subpixel());
            const auto found_o = cascade.onet(o.view(), boxes_o, Geometry::subpixel());
            CHECK(found_r.size() == 5 * count && found_o.size() == 15 * count);
            for (std::size_t i = 0; i < found_r.size(); ++i) {
                CHECK_NEAR(found_r[i], expected_r[i % 5], 2e-5);
                CHECK(found_r[i] == found_r[i % 5]);  // whatever the lane
            }
            for (std::size_t i = 0; i < found_o.size(); ++i) {
                CHECK_NEAR(found_o[i], expected_o[i % 15], 2e-5);
                CHECK(found_o[i] == found_o[i % 15]);
            }
        }
    }
}

TEST(boxes_outside_the_picture_or_without_area_are_black) {
    const RandomNetworks networks(13);
    const RandomPicture picture(50, 60, 4);
    const std::vector<std::uint8_t> pixels(3 * 24 * 24, 0);
    const PictureView black{pixels.data(), 24, 24, 3 * 24};
    const std::vector<Box> boxes = {
        {-90, 5, -20, 75}, {70, 5, 90, 25}, {5, 60, 25, 80}, {30, 30, 30, 30}, {40, 40, 20, 20}};
    for (const Kernels* kernels : runnable_kernels()) {
        Cascade cascade(networks.tensors(), *kernels, 1);
        const auto expected = cascade.rnet(black, std::vector{Box{0, 0, 24, 24}}, Geometry::subpixel());
        const auto found = cascade.rnet(picture.view(), boxes, Geometry::subpixel());
        for (std::size_t i = 0; i < found.size(); ++i) CHECK(found[i] == expected[i % 5]);
    }
}
