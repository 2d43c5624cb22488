// What isolation this machine gives.
#pragma once

#include <string>
#include <vector>

#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

struct ProbeResult {
  Isolation isolation = Isolation::kNone;
  struct Check {
    std::string what;
    bool works = false;
    std::string note;  // why not, or what to do
  };
  std::vector<Check> checks;
};

// Tries everything that a box needs, some 50 ms.
ProbeResult probe();

}  // namespace r1::rewards::code
