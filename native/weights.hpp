// Pixels of four 16-bit levels, weighed in pairs: exact, and alike on every processor.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <vector>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace facecascade {

inline constexpr int kWeightBits = 14;
inline constexpr int kPhaseBits = 7;

using Int4 = std::int32_t __attribute__((vector_size(16)));
using Short8 = std::int16_t __attribute__((vector_size(16)));
using Short4 = std::int16_t __attribute__((vector_size(8)));

// Weights of two neighbours, in turn, four times.
using WeightPair = Short8;

#if defined(__SSE2__)

inline Int4 weigh_two(const std::int16_t* first, const std::int16_t* second, WeightPair weights) {
    const __m128i pixels = _mm_unpacklo_epi16(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(first)),
                                              _mm_loadl_epi64(reinterpret_cast<const __m128i*>(second)));
    return reinterpret_cast<Int4>(_mm_madd_epi16(pixels, reinterpret_cast<__m128i>(weights)));
}

// The values fit 16 bits.
inline Short4 narrow(Int4 values) {
    const auto packed = reinterpret_cast<__m128i>(values);
    Short4 low;
    _mm_storel_epi64(reinterpret_cast<__m128i*>(&low), _mm_packs_epi32(packed, packed));
    return low;
}

#else

inline Int4 weigh_two(const std::int16_t* first, const std::int16_t* second, WeightPair weights) {
    Short4 one, other;
    std::memcpy(&one, first, sizeof one);
    std::memcpy(&other, second, sizeof other);
    return __builtin_convertvector(one, Int4) * weights[0] + __builtin_convertvector(other, Int4) * weights[1];
}

inline Short4 narrow(Int4 values) { return __builtin_convertvector(values, Short4); }

#endif

// The weights of Keys' bicubic kernel (a = -1/2), `width` pixels wide, at points that lie 0 to 127 / 128 after a pixel,
// or at one point alone. They sum to 2 ** kWeightBits.
class BicubicTable {
public:
    // The width is at least 1. What has been averaged is sharpened by as much: `spread` is the variance of that, in
    // squared pixels.
    explicit BicubicTable(double width, double spread = 0) : BicubicTable(width, spread, 0, kPhases) {}
    // For the point half-way between two pixels, as if that were phase 0.
    static BicubicTable at_middle(double width, double spread) { return {width, spread, kPhases / 2, kPhases / 2 + 1}; }

    int taps() const { return taps_; }
    // Position of the first weighed pixel, counted from the pixel before the point.
    int first() const { return 1 - taps_ / 2; }
    const WeightPair* at(int phase) const { return pairs_.data() + phase * (taps_ / 2); }

private:
    static constexpr int kPhases = 1 << kPhaseBits;

    BicubicTable(double width, double spread, int begin, int end);

    int taps_;
    std::vector<WeightPair> pairs_;
};

}  // namespace facecascade
