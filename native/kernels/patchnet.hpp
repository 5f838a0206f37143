// R-Net and O-Net: crops in, a row of outputs for each out.
#pragma once

#include <algorithm>
#include <cstring>

#include "../kernels.hpp"
#include "crop.hpp"
#include "layers.hpp"

namespace facecascade::FACECASCADE_ISA {

struct PackedRNet {
    static constexpr int kSide = 24;
    static constexpr int kOutputs = kRNetOutputs;

    ConvLayer<3, 3, 28, 24, 3> conv1;
    ConvLayer<3, 28, 48, 11, 3> conv2;
    ConvLayer<2, 48, 64, 4, 0> conv3;
    DenseLayer<576, 128, 64> dense;
    PReLULayer<128> prelu4;
    HeadLayer<128, kOutputs> head;

    void pack(const RNetTensors& from) {
        conv1.pack(from.conv[0]);
        conv2.pack(from.conv[1]);
        conv3.pack(from.conv[2]);
        dense.pack(from.dense.weight, from.dense.bias, 0, 128);
        prelu4.pack(from.dense.alpha);
        head.pack_score(from.score);
        head.pack(from.box.weight, from.box.bias, 1, 4);
    }

    // Vectors of scratch: the values between the layers take turns in two places.
    static constexpr std::size_t kEven = decltype(conv1)::kInput, kOdd = decltype(conv1)::kOutput;
    static_assert(decltype(conv2)::kOutput <= kEven && decltype(conv3)::kOutput <= kOdd);
    static constexpr std::size_t kRows =
        std::max({decltype(conv1)::kRows, decltype(conv2)::kRows, decltype(conv3)::kRows});
    static constexpr std::size_t kWork = std::max(decltype(conv1)::kWork, decltype(conv2)::kWork);

    template <int N>
    void run(float* even, float* odd, float* rows, float* work) const {
        conv1.template run<N>(even, odd, rows, work);
        conv2.template run<N>(odd, even, rows, work);
        conv3.template run<N>(even, odd, rows, work);
        dense.template run<N>(odd, even);
        prelu4.template run<N>(even);
        head.template run<N>(even, odd);
    }
};

struct PackedONet {
    static constexpr int kSide = 48;
    static constexpr int kOutputs = kONetOutputs;

    ConvLayer<3, 3, 32, 48, 3> conv1;
    ConvLayer<3, 32, 64, 23, 3> conv2;
    ConvLayer<3, 64, 64, 10, 2> conv3;
    ConvLayer<2, 64, 128, 4, 0> conv4;
    DenseLayer<1152, 256, 128> dense;
    PReLULayer<256> prelu5;
    HeadLayer<256, kOutputs> head;

    void pack(const ONetTensors& from) {
        conv1.pack(from.conv[0]);
        conv2.pack(from.conv[1]);
        conv3.pack(from.conv[2]);
        conv4.pack(from.conv[3]);
        dense.pack(from.dense.weight, from.dense.bias, 0, 256);
        prelu5.pack(from.dense.alpha);
        head.pack_score(from.score);
        head.pack(from.box.weight, from.box.bias, 1, 4);
        head.pack(from.landmarks.weight, from.landmarks.bias, 5, 10);
    }

    // The second layer writes while the first still reads, so its values lie behind those of the crops.
    static constexpr std::size_t kEven = decltype(conv1)::kInput + decltype(conv2)::kOutput;
    static constexpr std::size_t kOdd = decltype(conv1)::kOutput;
    static_assert(decltype(conv3)::kOutput <= kOdd && decltype(conv4)::kOutput <= kEven);
    static constexpr std::size_t kRows =
        std::max({decltype(conv1)::kRows, decltype(conv2)::kRows, decltype(conv3)::kRows, decltype(conv4)::kRows});
    static constexpr std::size_t kWork =
        std::max({decltype(conv1)::kWork, decltype(conv2)::kWork, decltype(conv3)::kWork});

    template <int N>
    void run(float* even, float* odd, float* rows, float* work) const {
        float* second = even + decltype(conv1)::kInput * N;
        run_both<N>(conv1, conv2, even, odd, second, rows, work);
        conv3.template run<N>(second, odd, rows, work);
        conv4.template run<N>(odd, even, rows, work);
        dense.template run<N>(even, odd);
        prelu5.template run<N>(odd);
        head.template run<N>(odd, even);
        std::memcpy(odd, even, sizeof(float) * N * kOutputs);
    }
};

template <class Net, int N>
inline constexpr std::size_t kPatchScratch = sizeof(float) * N * (Net::kEven + Net::kOdd + Net::kRows + Net::kWork);

// Crops of `count` <= N boxes through the network; `scratch` also holds one row of the picture, at its end.
template <class Net, int N>
void run_lanes(const Net& net, const PictureView& picture, const double* boxes, int count, CropRule rule, float* out,
               float* scratch) {
    float* even = scratch;
    float* odd = even + Net::kEven * N;
    float* rows = odd + Net::kOdd * N;
    float* work = rows + Net::kRows * N;
    float* row = work + Net::kWork * N;
    for (int lane = 0; lane < count; ++lane)
        crop_into_lane<N, Net::kSide>(picture, boxes + 4 * lane, rule, lane, even, row);
    net.template run<N>(even, odd, rows, work);
    for (int lane = 0; lane < count; ++lane)
        for (int k = 0; k < Net::kOutputs; ++k) out[lane * Net::kOutputs + k] = odd[k * N + lane];
}

// Few crops take half the lanes: the same numbers in less time.
template <class Net, int N>
void patchnet_run(const void* weights, const PictureView& picture, const double* boxes, int count, CropRule rule,
                  float* out, float* scratch) {
    const auto& net = *static_cast<const Net*>(weights);
    if (N > 4 && count <= N / 2)
        run_lanes<Net, std::max(N / 2, 4)>(net, picture, boxes, count, rule, out, scratch);
    else
        run_lanes<Net, N>(net, picture, boxes, count, rule, out, scratch);
}

template <class Net, class Tensors>
void patchnet_pack(const Tensors& from, void* to) {
    static_cast<Net*>(to)->pack(from);
}

}  // namespace facecascade::FACECASCADE_ISA
