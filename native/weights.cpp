#include "weights.hpp"

#include <cmath>

namespace facecascade {

namespace {

double bicubic(double distance) {
    const double x = std::abs(distance);
    if (x < 1) return (1.5 * x - 2.5) * x * x + 1;
    return x < 2 ? ((2.5 - 0.5 * x) * x - 4) * x + 2 : 0;
}

// Of two that are as near the larger; the value is small.
int nearest(double value) {
    constexpr int kShift = 1 << 16;  // makes it positive, where a cast rounds down
    return static_cast<int>(value + (kShift + 0.5)) - kShift;
}

}  // namespace

BicubicTable::BicubicTable(double width, double spread, int begin, int end)
    : taps_(2 * static_cast<int>(std::ceil(2 * width + (spread > 0 ? 1 : 0)))) {
    constexpr double kOne = 1 << kWeightBits;
    pairs_.resize(static_cast<std::size_t>(end - begin) * static_cast<std::size_t>(taps_ / 2));
    // Minus half the variance times the second difference: what an average takes from slow waves, this gives back.
    const auto kernel = [&](double x) {
        const double middle = bicubic(x / width);
        if (!(spread > 0)) return middle;
        return middle - spread / 2 * (bicubic((x - 1) / width) - 2 * middle + bicubic((x + 1) / width));
    };
    std::vector<double> sums(static_cast<std::size_t>(taps_));
    for (int phase = begin; phase < end; ++phase) {
        const double point = static_cast<double>(phase) / kPhases;
        double sum = 0;
        for (int tap = 0; tap < taps_; ++tap)
            sums[static_cast<std::size_t>(tap)] = sum += kernel(first() + tap - point);
        // Rounding the sums and not the weights keeps the total exact.
        int before = 0;
        for (int tap = 0; tap < taps_; ++tap) {
            const int next = nearest(sums[static_cast<std::size_t>(tap)] / sum * kOne);
            const auto index = static_cast<std::size_t>(phase - begin) * static_cast<std::size_t>(taps_ / 2) +
                               static_cast<std::size_t>(tap / 2);
            WeightPair& pair = pairs_[index];
            for (int copy = 0; copy < 4; ++copy) pair[2 * copy + tap % 2] = static_cast<std::int16_t>(next - before);
            before = next;
        }
    }
}

}  // namespace facecascade
