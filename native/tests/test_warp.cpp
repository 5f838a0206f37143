#include <array>
#include <cstddef>
#include <thread>
#include <vector>

#include "check.hpp"
#include "warp.hpp"
#include "weights.hpp"

using namespace facecascade;

namespace {

constexpr Colour kFill = {10, 20, 30};

// Noise that every library and processor makes alike.
class Noise {
public:
    Noise(int height, int width) : height_(height), width_(width) {
        std::uint32_t state = 1;
        for (int i = 0; i < 3 * height * width; ++i) {
            state = 1664525 * state + 1013904223;
            pixels_.push_back(static_cast<std::uint8_t>(state >> 24));
        }
    }
    StridedPicture view() const { return {pixels_.data(), height_, width_, 3 * width_, 3, 1}; }

private:
    int height_, width_;
    std::vector<std::uint8_t> pixels_;
};

// Turned by an angle whose sine and cosine are 3 / 5 and 4 / 5, so that no library's sine matters.
Affine turned(double pitch, double x, double y) {
    return {{0.8 * pitch, -0.6 * pitch, x}, {0.6 * pitch, 0.8 * pitch, y}};
}

std::uint64_t hash(const std::vector<std::uint8_t>& bytes) {
    std::uint64_t value = 14695981039346656037u;  // FNV-1a
    for (const std::uint8_t byte : bytes) value = (value ^ byte) * 1099511628211u;
    return value;
}

}  // namespace

TEST(kernels_sum_to_one_and_mirror) {
    for (double width = 1; width < 6; width += 0.17) {
        const BicubicTable table(width);
        for (int phase = 0; phase < 1 << kPhaseBits; ++phase) {
            int sum = 0;
            for (int pair = 0; pair < table.taps() / 2; ++pair) {
                const WeightPair weights = table.at(phase)[pair];
                for (int i = 2; i < 8; ++i) CHECK(weights[i] == weights[i % 2]);
                sum += weights[0] + weights[1];
            }
            CHECK(sum == 1 << kWeightBits);
        }
    }
}

TEST(a_crop_at_the_pictures_own_pitch_is_the_picture) {
    const Noise noise(20, 30);
    const auto crop = warp(noise.view(), {{1, 0, 0}, {0, 1, 0}}, 20, 30, kFill);
    for (std::size_t i = 0; i < crop.size(); ++i) CHECK(crop[i] == noise.view().data[i]);
}

TEST(blocks_are_means_with_the_fill_around) {
    const std::array<std::uint8_t, 12> pixels = {0, 10, 20, 100, 110, 120, 0, 10, 20, 100, 110, 120};
    ReducedPicture reduced({pixels.data(), 2, 2, 6, 3, 1}, 2, kFill);
    std::array<std::int16_t, 12> row = {};
    reduced.row(0, -1, 2, row.data());
    constexpr int kOne = 1 << kLevelBits;
    const std::array<int, 12> wanted = {10, 20, 30, 0, 50, 60, 70, 0, 10, 20, 30, 0};
    for (std::size_t i = 0; i < row.size(); ++i) CHECK(row[i] == kOne * wanted[i]);
    ReducedPicture partly({pixels.data(), 2, 2, 6, 3, 1}, 3, kFill);
    partly.row(0, 0, 1, row.data());
    for (std::size_t c = 0; c < 3; ++c)
        CHECK_NEAR(row[c] / double{kOne}, (2 * pixels[c] + 2 * pixels[3 + c] + 5 * kFill[c]) / 9.0, 0.51 / kOne);
}

TEST(sums_of_many_rows_do_not_overflow) {
    constexpr int kSide = ReducedPicture::kLargestFactor;
    const std::uint8_t white = 255;
    ReducedPicture reduced({&white, kSide, kSide, 0, 0, 0}, kSide, kFill);
    std::array<std::int16_t, 4> level = {};
    reduced.row(0, 0, 1, level.data());
    for (std::size_t c = 0; c < 3; ++c) CHECK(level[c] == 255 << kLevelBits);
}

TEST(the_same_bytes_on_every_processor) {
    const Noise noise(300, 280);
    struct Case {
        double pitch, x, y;
        std::uint64_t bytes;
    };
    for (const Case& one : {Case{0.4, 120, 90, 9861250054626434617u}, Case{0.9, -20, 40, 10946567337097345544u},
                            Case{1.1, 100, 20, 11155696554873838755u}, Case{2.2, 90, -60, 14257580973612251850u},
                            Case{3.7, 80, -90, 12614128097611412849u}, Case{9.0, 200, -300, 6469784727016611215u}}) {
        const std::uint64_t found = hash(warp(noise.view(), turned(one.pitch, one.x, one.y), 90, 150, kFill));
        CHECK(found == one.bytes);
        if (found != one.bytes) std::printf("pitch %g gives %llu\n", one.pitch, static_cast<unsigned long long>(found));
    }
}

TEST(the_same_bytes_from_every_thread) {
    const Noise noise(200, 200);
    const auto crop = [&](int i) { return warp(noise.view(), turned(0.5 + i % 4, 60, 10), 80, 80, kFill); };
    std::array<std::vector<std::uint8_t>, 8> found;
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 8; ++i) threads.emplace_back([&, i] { found[static_cast<std::size_t>(i)] = crop(i); });
    }
    for (int i = 0; i < 8; ++i) CHECK(found[static_cast<std::size_t>(i)] == crop(i));
}

TEST(no_crop_reads_or_writes_outside) {
    for (const int side : {1, 2, 5, 33}) {
        const Noise noise(side, side + 1);
        for (double pitch = 0.01; pitch < 300; pitch *= 1.7)
            for (const double shift : {-1e300, -50.0, 0.0, 3.3, 60.0, 1e9}) {
                const auto crop = warp(noise.view(), turned(pitch, shift, 0.5 * shift), 7, 140, kFill);
                CHECK(crop.size() == 3 * 7 * 140);
                for (const bool mirrored : {false, true}) {
                    const Affine back = {{0, mirrored ? pitch : -pitch, shift}, {pitch, 0, 0}};
                    CHECK(warp(noise.view(), back, 131, 3, kFill).size() == 3 * 131 * 3);
                }
            }
    }
}
