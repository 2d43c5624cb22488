#include "recipes/version.h"

#include <torch/headeronly/version.h>

#include "model/kernels.h"

namespace r1::recipes {

Json versions() {
#ifdef R1_CUDA
  constexpr bool cuda = true;
#else
  constexpr bool cuda = false;
#endif
  return {{"r1", R1_VERSION},
          {"libtorch", TORCH_VERSION},
          {"cuda", cuda},
          {"compiler", __VERSION__},
          {"kernels", model::kernels().name}};
}

}  // namespace r1::recipes
