#define R1_KERNEL_SET generic
#define R1_KERNEL_NAME "generic"
#define R1_KERNEL_WIDTH 4
#define R1_KERNEL_MR 4
#define R1_KERNEL_NV 1
#include "model/kernels_impl.h"

namespace r1::model {
const Kernels* kernels_generic() { return &generic::kTable; }
}  // namespace r1::model
