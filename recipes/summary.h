// What stages report, as text for a terminal.
#pragma once

#include <string>
#include <vector>

#include "base/json.h"

namespace r1::recipes {

// Rows {"pass_at_1", "0.412"} of a summary's numbers and texts, nested names dotted; lists are left
// out.
std::vector<std::vector<std::string>> summary_rows(const Json& summary);
// The first few on one line: "pass_at_1 0.412, mean_length 61.3".
std::string summary_line(const Json& summary, size_t max_characters = 72);

}  // namespace r1::recipes
