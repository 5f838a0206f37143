// Vectors of N floats in the compiler's own vector language, so that one source serves every instruction set.
#pragma once

#include <cstddef>
#include <cstdint>

#define FACECASCADE_INLINE static inline __attribute__((always_inline))

namespace facecascade::FACECASCADE_ISA {

// GCC and Clang take an attribute that depends on a template argument on a typedef only, not on a using.
template <int N>
struct Simd {
    static_assert(N == 4 || N == 8 || N == 16);
    typedef float Float __attribute__((vector_size(4 * N)));
    typedef float FloatAt __attribute__((vector_size(4 * N), aligned(4), may_alias));
    typedef std::int32_t Int __attribute__((vector_size(4 * N)));
    typedef std::uint16_t Half __attribute__((vector_size(2 * N)));
    typedef std::uint16_t HalfAt __attribute__((vector_size(2 * N), aligned(1), may_alias));
};

template <int N>
using Float = typename Simd<N>::Float;

template <int N>
FACECASCADE_INLINE Float<N> load(const float* from) {
    return *reinterpret_cast<const typename Simd<N>::FloatAt*>(from);
}

template <int N>
FACECASCADE_INLINE void store(float* to, Float<N> value) {
    *reinterpret_cast<typename Simd<N>::FloatAt*>(to) = value;
}

template <int N>
FACECASCADE_INLINE Float<N> splat(float value) {
    return value - Float<N>{};
}

template <class V>
FACECASCADE_INLINE V larger(V a, V b) {
    return a > b ? a : b;
}

template <class V>
FACECASCADE_INLINE V smaller(V a, V b) {
    return a < b ? a : b;
}

template <class V>
FACECASCADE_INLINE V prelu(V x, V alpha) {
    return x > V{} ? x : x * alpha;
}

// Keeps a value that several products share in a register: GCC would load it again for each of them, and there are not
// more loads than products in a cycle.
template <class V>
FACECASCADE_INLINE void keep(V& value) {
#if defined(__x86_64__)
    asm("" : "+v"(value));
#elif defined(__aarch64__)
    asm("" : "+w"(value));
#else
    (void)value;
#endif
}

// GCC learnt Clang's shuffle in version 12; before that it has one with a vector of positions.
#if defined(__clang__) || __GNUC__ >= 12
#define FACECASCADE_SHUFFLE(a, b, ...) __builtin_shufflevector(a, b, __VA_ARGS__)
#else
#define FACECASCADE_SHUFFLE(a, b, ...) __builtin_shuffle(a, b, Positions{__VA_ARGS__})
#endif

// Even positions of the 2 N floats a, b; odd ones; and the two halves of the inverse of that split.
template <int N>
struct Shuffle;

template <>
struct Shuffle<4> {
    using V = Float<4>;
    using Positions = Simd<4>::Int;
    FACECASCADE_INLINE V even(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 0, 2, 4, 6); }
    FACECASCADE_INLINE V odd(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 1, 3, 5, 7); }
    FACECASCADE_INLINE V zip_low(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 0, 4, 1, 5); }
    FACECASCADE_INLINE V zip_high(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 2, 6, 3, 7); }
};

#if FACECASCADE_LANES >= 8
template <>
struct Shuffle<8> {
    using V = Float<8>;
    using Positions = Simd<8>::Int;
    FACECASCADE_INLINE V even(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 0, 2, 4, 6, 8, 10, 12, 14); }
    FACECASCADE_INLINE V odd(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 1, 3, 5, 7, 9, 11, 13, 15); }
    FACECASCADE_INLINE V zip_low(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 0, 8, 1, 9, 2, 10, 3, 11); }
    FACECASCADE_INLINE V zip_high(V a, V b) { return FACECASCADE_SHUFFLE(a, b, 4, 12, 5, 13, 6, 14, 7, 15); }
};
#endif

#if FACECASCADE_LANES >= 16
template <>
struct Shuffle<16> {
    using V = Float<16>;
    using Positions = Simd<16>::Int;
    FACECASCADE_INLINE V even(V a, V b) {
        return FACECASCADE_SHUFFLE(a, b, 0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
    }
    FACECASCADE_INLINE V odd(V a, V b) {
        return FACECASCADE_SHUFFLE(a, b, 1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31);
    }
    FACECASCADE_INLINE V zip_low(V a, V b) {
        return FACECASCADE_SHUFFLE(a, b, 0, 16, 1, 17, 2, 18, 3, 19, 4, 20, 5, 21, 6, 22, 7, 23);
    }
    FACECASCADE_INLINE V zip_high(V a, V b) {
        return FACECASCADE_SHUFFLE(a, b, 8, 24, 9, 25, 10, 26, 11, 27, 12, 28, 13, 29, 14, 30, 15, 31);
    }
};
#endif

// How many output channels one pass over the inputs computes: as many as the registers hold beside the inputs.
inline constexpr int kChannelBlock = FACECASCADE_REGISTERS >= 32 ? 8 : 4;

}  // namespace facecascade::FACECASCADE_ISA
