#if defined(__AVX512F__)
#define R1_KERNEL_SET avx512
#define R1_KERNEL_NAME "avx512"
#define R1_KERNEL_WIDTH 16
#define R1_KERNEL_MR 8
#define R1_KERNEL_NV 2
#include "model/kernels_impl.h"

namespace r1::model {
const Kernels* kernels_avx512() { return &avx512::kTable; }
}  // namespace r1::model
#else
#include "model/kernels.h"
namespace r1::model {
const Kernels* kernels_avx512() { return nullptr; }
}  // namespace r1::model
#endif
