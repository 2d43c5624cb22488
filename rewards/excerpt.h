// The start of a text, for details that a person reads.
#pragma once

#include <string>
#include <string_view>

namespace r1::rewards {

// `text` itself when it has at most max_bytes, otherwise its start, cut between UTF-8 characters, and "...".
inline std::string excerpt(std::string_view text, size_t max_bytes) {
  if (text.size() <= max_bytes) return std::string(text);
  size_t end = max_bytes;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "...";
}

}  // namespace r1::rewards
