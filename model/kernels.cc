#include "model/kernels.h"

#include <cstdlib>
#include <string_view>

namespace r1::model {
namespace {

bool runs_avx512() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq");
#else
  return false;
#endif
}

bool runs_avx2() {
#if defined(__x86_64__)
  return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
#else
  return false;
#endif
}

const Kernels* choose() {
  const char* wish = std::getenv("R1_KERNELS");
  const std::string_view widest = wish ? wish : "avx512";
  if (widest == "avx512" && kernels_avx512() && runs_avx512()) return kernels_avx512();
  if (widest != "generic" && kernels_avx2() && runs_avx2()) return kernels_avx2();
  return kernels_generic();
}

}  // namespace

const Kernels& kernels() {
  static const Kernels* chosen = choose();
  return *chosen;
}

}  // namespace r1::model
