// What reading JSON documents and JSONL files share.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/json.h"

namespace r1 {

constexpr std::string_view kBom = "\xef\xbb\xbf";

// What is wrong and at which byte; callers add the name, line and column.
struct ParseFailure {
  size_t byte;
  std::string reason;
};

// Parses a document, behind a byte order mark if there is one. Throws ParseFailure.
Json parse_text(std::string_view text, const JsonLimits& limits);

// The first `limit` bytes, "..." behind them if there are more.
std::string first_bytes_escaped(std::string_view text, size_t limit);

// 1-based, in characters: a byte order mark and the later bytes of a UTF-8 sequence count for
// nothing.
int64_t column_of(std::string_view line, size_t byte);

}  // namespace r1
