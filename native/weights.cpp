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

BicubicTable::BicubicTable(double width) : taps_(2 * static_cast<int>(std::ceil(2 * width))) {
    constexpr int kPhases = 1 << kPhaseBits;
    constexpr double kOne = 1 << kWeightBits;
    pairs_.resize(static_cast<std::size_t>(kPhases * (taps_ / 2)));
    std::vector<double> sums(static_cast<std::size_t>(taps_));
    for (int phase = 0; phase < kPhases; ++phase) {
        const double point = static_cast<double>(phase) / kPhases;
        double sum = 0;
        for (int tap = 0; tap < taps_; ++tap)
            sums[static_cast<std::size_t>(tap)] = sum += bicubic((first() + tap - point) / width);
        // Rounding the sums and not the weights keeps the total exact.
        int before = 0;
        for (int tap = 0; tap < taps_; ++tap) {
            const int next = nearest(sums[static_cast<std::size_t>(tap)] / sum * kOne);
            WeightPair& pair = pairs_[static_cast<std::size_t>(phase * (taps_ / 2) + tap / 2)];
            for (int copy = 0; copy < 4; ++copy) pair[2 * copy + tap % 2] = static_cast<std::int16_t>(next - before);
            before = next;
        }
    }
}

}  // namespace facecascade
