// The networks' weights as the Python side hands them over: kernels (h, w, in, out), dense layers (in, out).
#pragma once

#include <cstddef>

namespace facecascade {

struct ConvTensors {
    const float* weight;
    const float* bias;
    const float* alpha;  // of the PReLU that follows
};

struct HeadTensors {
    const float* weight;
    const float* bias;
};

struct PNetTensors {
    ConvTensors conv[3];
    HeadTensors score, box;
};

struct RNetTensors {
    ConvTensors conv[3], dense;
    HeadTensors score, box;
};

struct ONetTensors {
    ConvTensors conv[4], dense;
    HeadTensors score, box, landmarks;
};

struct NetworkTensors {
    PNetTensors pnet;
    RNetTensors rnet;
    ONetTensors onet;
};

}  // namespace facecascade
