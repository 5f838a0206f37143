// The most fused multiply-adds that a processor does: a loop over registers alone. Compiled once an instruction set,
// with its flags and LANES, the floats that a vector of it holds.
namespace {

typedef float Vector __attribute__((vector_size(4 * LANES)));

// Sums that do not wait for each other: two units with a latency of four to five need ten at least; SSE2 and AVX2 have
// sixteen registers, of which two hold the factor and the addend.
constexpr int kSums = 12;

}  // namespace

extern "C" int peak_flops_a_round() { return 2 * LANES * kSums; }

// Runs that many rounds; what it returns depends on all of them, so that none is left out.
extern "C" float peak_run(long rounds, float factor, float addend) {
    Vector sums[kSums];
    for (int i = 0; i < kSums; ++i) sums[i] = static_cast<float>(i) - Vector{};
    const Vector by = factor - Vector{}, plus = addend - Vector{};
    for (long round = 0; round < rounds; ++round) {
#pragma GCC unroll 16
        for (int i = 0; i < kSums; ++i) sums[i] = sums[i] * by + plus;
    }
    Vector all = {};
    for (int i = 0; i < kSums; ++i) all += sums[i];
    float sum = 0;
    for (int lane = 0; lane < LANES; ++lane) sum += all[lane];
    return sum;
}
