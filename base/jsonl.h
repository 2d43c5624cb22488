// Rows of a JSONL file with their places in it, for checks of what they hold. (read_jsonl of json.h
// is the short form.)
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace r1 {

// A row of a JSONL file with its place in it.
struct JsonlRow {
  Json value;  // an object
  std::string file;
  int64_t line = 1;       // from 1
  size_t byte = 0;        // offset of the line's first byte in the file
  std::string_view text;  // the line, without its end; valid during the callback
  // Throws the DataError of read_jsonl with this reason, pointing at `key` of the row if it is
  // given.
  [[noreturn]] void fail(const std::string& reason, std::string_view key = "") const;
};
struct JsonlLimits {
  int64_t max_rows = INT64_MAX;               // what follows is not looked at
  size_t max_line_bytes = size_t{256} << 20;  // longer lines are refused
};
// read_jsonl with the place of each row, for checks of what the rows hold. A byte order mark behind
// the first line is refused.
void read_jsonl_rows(const std::filesystem::path& path,
                     const std::function<void(const JsonlRow& row)>& row,
                     const JsonlLimits& limits = {});

}  // namespace r1
