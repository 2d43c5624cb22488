// Character classes that do not depend on a locale and know ASCII only.
#pragma once

#include <cstdio>
#include <string>
#include <string_view>

namespace r1::rewards {

constexpr bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f'; }
constexpr bool is_digit(char c) { return c >= '0' && c <= '9'; }

// First index at or after `begin` that is not white space; text.size() when there is none.
inline size_t skip_space(std::string_view text, size_t begin = 0) {
  while (begin < text.size() && is_space(text[begin])) ++begin;
  return begin;
}
inline bool is_blank(std::string_view text) { return skip_space(text) == text.size(); }

// For messages: "'x'" for printable ASCII, otherwise "byte 0xef".
inline std::string name_character(char c) {
  if (c > ' ' && c <= '~') return std::string("'") + c + "'";
  char text[16];
  std::snprintf(text, sizeof(text), "byte 0x%02x", static_cast<unsigned char>(c));
  return text;
}

}  // namespace r1::rewards
