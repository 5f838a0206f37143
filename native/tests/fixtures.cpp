#include "fixtures.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace facecascade::tests {

Volume convolve(const Volume& in, const ConvTensors& layer, int kernel, int out_channels) {
    Volume out(in.height - kernel + 1, in.width - kernel + 1, out_channels);
    for (int y = 0; y < out.height; ++y)
        for (int x = 0; x < out.width; ++x)
            for (int o = 0; o < out_channels; ++o) {
                double sum = static_cast<double>(layer.bias[o]);
                for (int ky = 0; ky < kernel; ++ky)
                    for (int kx = 0; kx < kernel; ++kx)
                        for (int c = 0; c < in.channels; ++c)
                            sum += in.at(y + ky, x + kx, c) *
                                   static_cast<double>(
                                       layer.weight[((ky * kernel + kx) * in.channels + c) * out_channels + o]);
                out.at(y, x, o) = sum > 0 ? sum : sum * static_cast<double>(layer.alpha[o]);
            }
    return out;
}

Volume pool(const Volume& in, int size) {
    const auto length = [size](int n) { return (n - size + 1) / 2 + 1; };
    Volume out(length(in.height), length(in.width), in.channels);
    for (int y = 0; y < out.height; ++y)
        for (int x = 0; x < out.width; ++x)
            for (int c = 0; c < in.channels; ++c) {
                double most = -std::numeric_limits<double>::infinity();
                for (int i = 2 * y; i < std::min(2 * y + size, in.height); ++i)
                    for (int j = 2 * x; j < std::min(2 * x + size, in.width); ++j)
                        most = std::max(most, in.at(i, j, c));
                out.at(y, x, c) = most;
            }
    return out;
}

std::vector<double> dense(const std::vector<double>& in, const float* weight, const float* bias, int outputs) {
    std::vector<double> out;
    for (int o = 0; o < outputs; ++o) {
        double sum = static_cast<double>(bias[o]);
        for (std::size_t i = 0; i < in.size(); ++i)
            sum += in[i] *
                   static_cast<double>(weight[i * static_cast<std::size_t>(outputs) + static_cast<std::size_t>(o)]);
        out.push_back(sum);
    }
    return out;
}

RandomNetworks::RandomNetworks(unsigned seed) : random_(seed) {
    tensors_ = {{{conv(27, 10), conv(90, 16), conv(144, 32)}, head(32, 2), head(32, 4)},
                {{conv(27, 28), conv(252, 48), conv(192, 64)}, conv(576, 128), head(128, 2), head(128, 4)},
                {{conv(27, 32), conv(288, 64), conv(576, 64), conv(256, 128)},
                 conv(1152, 256),
                 head(256, 2),
                 head(256, 4),
                 head(256, 10)}};
}

const float* RandomNetworks::numbers(int count, double scale) {
    std::normal_distribution<double> normal(0, scale);
    auto& values = memory_.emplace_back();
    for (int i = 0; i < count; ++i) values.push_back(static_cast<float>(normal(random_)));
    return values.data();
}

ConvTensors RandomNetworks::conv(int inputs, int outputs) {
    return {numbers(inputs * outputs, std::sqrt(1.5 / inputs)), numbers(outputs, 0.1), numbers(outputs, 0.3)};
}

HeadTensors RandomNetworks::head(int inputs, int outputs) {
    return {numbers(inputs * outputs, 0.3 / std::sqrt(inputs)), numbers(outputs, 0.1)};
}

RandomPicture::RandomPicture(int height, int width, unsigned seed) : height_(height), width_(width) {
    std::mt19937 random(seed);
    std::uniform_real_distribution<double> uniform(0, 1);
    const double fx = 0.02 + 0.2 * uniform(random), fy = 0.02 + 0.2 * uniform(random);
    for (int y = 0; y < height; ++y)
        for (int x = 0; x < width; ++x)
            for (int c = 0; c < 3; ++c) {
                const double wave = std::sin(fx * x + c) * std::cos(fy * y) * 90 + 127.5;
                pixels_.push_back(
                    static_cast<std::uint8_t>(std::clamp(wave + 40 * (uniform(random) - 0.5), 0.0, 255.0)));
            }
}

}  // namespace facecascade::tests
