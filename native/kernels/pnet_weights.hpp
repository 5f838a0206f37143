// P-Net's weights as `pnet.hpp` reads them: transformed for Winograd's tiles, in blocks of channels.
#pragma once

#include <cstring>

#include "../tensors.hpp"
#include "winograd.hpp"

namespace facecascade::FACECASCADE_ISA {

template <int N>
struct PackedPNet {
    // conv1 goes by Winograd's F(2, 3) along the width: the two inner points first, whose sum and difference then take
    // up the outer ones.
    static constexpr int kPairs1[2][2] = {{1, 2}, {0, 3}};
    static constexpr int kBlock1 = FACECASCADE_REGISTERS >= 32 ? 5 : 2;  // channels of conv1 computed together

    alignas(64) float conv1[10 / kBlock1][2][9][2][kBlock1];  // [block][pair of points][row, colour][point][channel]
    alignas(64) float conv2[kPoints<4, 2> * 10 * 16], conv3[kPoints<4, 2> * 16 * 32];  // transformed
    alignas(64) float conv3_plain[9 * 16][32];
    alignas(64) float box[4][32];
    alignas(64) float bias3[32], alpha3[32], score[32];  // score: face minus no face, one logit instead of a softmax
    float bias1[10], alpha1[10], bias2[16], alpha2[16], box_bias[4], score_bias;
};

// One point of a row of conv1's kernel (3, 3, 3, 10). The last one is to be added, not subtracted.
inline float conv1_point(const float* kernel, int row, int out, int point) {
    const float* first = kernel + (row / 3 * 9 + row % 3) * 10 + out;
    double sum = 0;
    for (int column = 0; column < 3; ++column)
        sum += Minimal<2>::kKernel[point][column] * static_cast<double>(first[column * 30]);
    return static_cast<float>(point == 3 ? -sum : sum);
}

template <int N>
void pnet_pack(const PNetTensors& from, void* to) {
    auto& packed = *static_cast<PackedPNet<N>*>(to);
    constexpr int kBlock1 = PackedPNet<N>::kBlock1;
    for (int row = 0; row < 9; ++row)  // of the kernel, and colour
        for (int o = 0; o < 10; ++o)
            for (int point = 0; point < 4; ++point)
                packed.conv1[o / kBlock1][point / 2][row][point % 2][o % kBlock1] =
                    conv1_point(from.conv[0].weight, row, o, PackedPNet<N>::kPairs1[point / 2][point % 2]);
    transform_kernel<4, 2, 10, 16, kChannelBlock>(from.conv[1].weight, packed.conv2);
    transform_kernel<4, 2, 16, 32, kChannelBlock>(from.conv[2].weight, packed.conv3);
    std::memcpy(packed.conv3_plain, from.conv[2].weight, sizeof packed.conv3_plain);
    std::memcpy(packed.bias1, from.conv[0].bias, sizeof packed.bias1);
    std::memcpy(packed.alpha1, from.conv[0].alpha, sizeof packed.alpha1);
    std::memcpy(packed.bias2, from.conv[1].bias, sizeof packed.bias2);
    std::memcpy(packed.alpha2, from.conv[1].alpha, sizeof packed.alpha2);
    std::memcpy(packed.bias3, from.conv[2].bias, sizeof packed.bias3);
    std::memcpy(packed.alpha3, from.conv[2].alpha, sizeof packed.alpha3);
    for (int o = 0; o < 32; ++o) packed.score[o] = from.score.weight[o * 2 + 1] - from.score.weight[o * 2];
    packed.score_bias = from.score.bias[1] - from.score.bias[0];
    for (int k = 0; k < 4; ++k) {
        for (int o = 0; o < 32; ++o) packed.box[k][o] = from.box.weight[o * 4 + k];
        packed.box_bias[k] = from.box.bias[k];
    }
}

}  // namespace facecascade::FACECASCADE_ISA
