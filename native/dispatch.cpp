#include "dispatch.hpp"

namespace facecascade {

#if defined(__x86_64__)
namespace avx512 {
extern const Kernels kKernels;
}
namespace avx2 {
extern const Kernels kKernels;
}
namespace sse2 {
extern const Kernels kKernels;
}
#elif defined(__aarch64__)
namespace neon {
extern const Kernels kKernels;
}
#else
namespace generic {
extern const Kernels kKernels;
}
#endif

std::vector<const Kernels*> runnable_kernels() {
    std::vector<const Kernels*> found;
#if defined(__x86_64__)
    __builtin_cpu_init();
    const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
    if (avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
        __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq"))
        found.push_back(&avx512::kKernels);
    if (avx2) found.push_back(&avx2::kKernels);
    found.push_back(&sse2::kKernels);
#elif defined(__aarch64__)
    found.push_back(&neon::kKernels);
#else
    found.push_back(&generic::kKernels);
#endif
    return found;
}

const Kernels* find_kernels(std::string_view name) {
    for (const Kernels* kernels : runnable_kernels())
        if (name == kernels->name) return kernels;
    return nullptr;
}

}  // namespace facecascade
