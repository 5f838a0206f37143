// Scores stay logits inside the core, log(p / (1 - p)), since comparing needs no more.
#pragma once

#include <cmath>

namespace facecascade {

inline double probability(float logit) { return 1 / (1 + std::exp(-static_cast<double>(logit))); }

}  // namespace facecascade
