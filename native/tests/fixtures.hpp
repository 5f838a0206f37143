// Random networks and pictures, and plain double-precision layers to hold the kernels against.
#pragma once

#include <cstdint>
#include <random>
#include <vector>

#include "cascade.hpp"

namespace facecascade::tests {

// Values of one layer, [row][column][channel].
struct Volume {
    int height, width, channels;
    std::vector<double> values;

    Volume(int h, int w, int c)
        : height(h), width(w), channels(c), values(static_cast<std::size_t>(h) * static_cast<std::size_t>(w * c)) {}
    double& at(int y, int x, int c) { return values[index(y, x, c)]; }
    double at(int y, int x, int c) const { return values[index(y, x, c)]; }

private:
    std::size_t index(int y, int x, int c) const { return static_cast<std::size_t>((y * width + x) * channels + c); }
};

Volume convolve(const Volume& in, const ConvTensors& layer, int kernel, int out_channels);
Volume pool(const Volume& in, int size);
std::vector<double> dense(const std::vector<double>& in, const float* weight, const float* bias, int outputs);

// Weights of all three networks: normal numbers, scaled so that values neither vanish nor grow; slopes of both signs.
class RandomNetworks {
public:
    explicit RandomNetworks(unsigned seed);
    const NetworkTensors& tensors() const { return tensors_; }

private:
    const float* numbers(int count, double scale);
    ConvTensors conv(int inputs, int outputs);
    HeadTensors head(int inputs, int outputs);

    std::mt19937 random_;
    std::vector<std::vector<float>> memory_;
    NetworkTensors tensors_;
};

// A picture of smooth blobs and noise.
class RandomPicture {
public:
    RandomPicture(int height, int width, unsigned seed);
    PictureView view() const { return {pixels_.data(), height_, width_, 3 * width_}; }

private:
    int height_, width_;
    std::vector<std::uint8_t> pixels_;
};

}  // namespace facecascade::tests
