// The kernels of one instruction set. Built once for each, with FACECASCADE_ISA (its name), FACECASCADE_LANES (floats a
// vector holds) and FACECASCADE_REGISTERS (vectors the processor holds), and with the compiler's flags for it.
//
// Everything here lives in a namespace of the set's name, so that the linker never mixes code of two sets.
#include "../kernels.hpp"

#include "overlap.hpp"
#include "patchnet.hpp"
#include "pnet.hpp"
#include "pyramid.hpp"

#define FACECASCADE_STRING_(name) #name
#define FACECASCADE_STRING(name) FACECASCADE_STRING_(name)

namespace facecascade::FACECASCADE_ISA {

extern const Kernels kKernels;
const Kernels kKernels = {
    .name = FACECASCADE_STRING(FACECASCADE_ISA),
    .lanes = FACECASCADE_LANES,
    .pnet_bytes = sizeof(PackedPNet<FACECASCADE_LANES>),
    .rnet_bytes = sizeof(PackedRNet),
    .onet_bytes = sizeof(PackedONet),
    .pnet_pack = pnet_pack<FACECASCADE_LANES>,
    .rnet_pack = patchnet_pack<PackedRNet, RNetTensors>,
    .onet_pack = patchnet_pack<PackedONet, ONetTensors>,
    .pnet_scratch = sizeof(float) * PNetTile<FACECASCADE_LANES>::kScratch,
    .rnet_scratch = kPatchScratch<PackedRNet, FACECASCADE_LANES>,
    .onet_scratch = kPatchScratch<PackedONet, FACECASCADE_LANES>,
    .level_row = level_row<FACECASCADE_LANES>,
    .pnet_tile = pnet_tile<FACECASCADE_LANES>,
    .rnet_run = patchnet_run<PackedRNet, FACECASCADE_LANES>,
    .onet_run = patchnet_run<PackedONet, FACECASCADE_LANES>,
    .first_overlap = first_overlap<FACECASCADE_LANES>,
};

}  // namespace facecascade::FACECASCADE_ISA
