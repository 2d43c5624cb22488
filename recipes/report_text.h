// Text as the report shows it: escaped HTML, short numbers, completions with their tags coloured.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace r1::recipes {

// For element content and quoted attributes. Control characters but line feed and tab become their
// visible symbols.
std::string escape_html(std::string_view text);

// JSON that may stand inside a <script> element: no "<", U+2028 or U+2029 in it.
std::string script_json(const Json& value);

// `significant` digits, no trailing zeros, thousands parted: "0.321", "81,408", "1e-04". "-" when
// not finite.
std::string short_number(double value, int significant = 3);
// "0.150 -> 0.320" needs equal places: fixed ones. "-" when not finite.
std::string fixed_number(double value, int places);
// "+16.9" or "-0.4": a share's difference in percentage points.
std::string points(double share);

// A number under `key`, or NaN when `json` is no object, lacks it, or it is no number.
double number_or_nan(const Json& json, const char* key);
// A string under `key`, or "".
std::string text_or_empty(const Json& json, const char* key);

// The completion as HTML: <think> and <answer> blocks in spans of their own, the tags as marks. The
// text starts inside the think block when `prompt` ends inside one. Texts longer than max_bytes are
// cut, and say so.
std::string render_completion(std::string_view text, std::string_view prompt,
                              size_t max_bytes = 6000);

// "countdown: wrong, reward 0.1"; the colour says whether it is good. Name and reason may be empty.
std::string reward_badge(const std::string& name, double value, const std::string& reason);

}  // namespace r1::recipes
