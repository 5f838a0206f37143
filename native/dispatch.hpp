// Which kernels this machine can run.
#pragma once

#include <string_view>
#include <vector>

#include "kernels.hpp"

namespace facecascade {

// Kernels that were built and that this processor runs, best first; never empty.
std::vector<const Kernels*> runnable_kernels();

// The runnable kernels of this name; null if there are none.
const Kernels* find_kernels(std::string_view name);

}  // namespace facecascade
