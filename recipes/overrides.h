// --set path=value: changes to a recipe's JSON before it is read.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace r1::recipes {

struct Override {
  std::string text;  // "zero.beta=0.1", as it was given
  std::string path;  // "stages[2].beta", as messages of the recipe reader name it
};

// Sets each path to its value, the later one of two winning. A path starts with a key of the
// recipe, with "stages[2]", "stages.<name>" or the name of a stage; the value is JSON, or a bare
// string. `file` names the recipe in messages. Throws ConfigError naming the override and the
// nearest known stage or key. A recipe too broken to be searched is left as it is: its reader says
// why.
std::vector<Override> apply_overrides(Json& recipe, const std::vector<std::string>& overrides,
                                      const std::string& file);

}  // namespace r1::recipes
