#if defined(__AVX2__) && defined(__FMA__)
#define R1_KERNEL_SET avx2
#define R1_KERNEL_NAME "avx2"
#define R1_KERNEL_WIDTH 8
#define R1_KERNEL_MR 6
#define R1_KERNEL_NV 1
#include "model/kernels_impl.h"

namespace r1::model {
const Kernels* kernels_avx2() { return &avx2::kTable; }
}  // namespace r1::model
#else
#include "model/kernels.h"
namespace r1::model {
const Kernels* kernels_avx2() { return nullptr; }
}  // namespace r1::model
#endif
