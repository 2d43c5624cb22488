// What this program was built from.
#pragma once

#include "base/json.h"

namespace r1::recipes {

// {"r1": "0.1.0", "libtorch": "2.11.0", "cuda": whether this build has it, "compiler", "kernels":
// the set chosen on this CPU}.
Json versions();

}  // namespace r1::recipes
