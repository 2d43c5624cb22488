// What single Unicode characters mean in an answer.
#pragma once

#include <cstdint>
#include <string_view>

namespace r1::rewards::math::engine {

// The LaTeX or ASCII that a character outside ASCII stands for: U+2212 "-", U+03C0 "\pi ", U+00BD
// "\frac{1}{2}", full-width and mathematical letters and digits their plain ones. Empty: it stands
// for itself.
std::string_view meaning(int32_t code_point);
bool is_invisible(int32_t code_point);  // zero-width, direction marks, soft hyphen
bool is_thin_space(int32_t code_point);
bool is_space(int32_t code_point);          // any other
int superscript_digit(int32_t code_point);  // 0-9, 10 for minus, 11 for plus, 12 for n, or -1
int subscript_digit(int32_t code_point);    // 0-9, or -1

}  // namespace r1::rewards::math::engine
