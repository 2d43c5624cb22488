// Reading JSON strictly, with positions. The library behind it (nlohmann) is not strict: it keeps
// the last of two equal keys.
#pragma once

#include <filesystem>
#include <functional>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace r1 {

using Json = nlohmann::ordered_json;  // keeps the order of keys, so that what we write reads as we listed it

struct JsonLimits {
  size_t max_bytes = size_t{1} << 30;
  int max_depth = 64;
  bool comments = false;  // allow // and /* */
};

// Parses one document. Throws DataError "<name>:<line>:<column>: reason" for bad syntax, duplicate
// keys, invalid UTF-8, too deep or too large input, or text behind the document.
Json parse_json(std::string_view text, const std::string& name, const JsonLimits& limits = {});
Json read_json(const std::filesystem::path& path, const JsonLimits& limits = {});

// Calls row(object, line) for every non-empty line of a JSONL file. A bad line throws DataError
// with file, 1-based line, byte offset, column, reason and the first 80 bytes escaped. Handles BOM
// and CRLF; a truncated last line is an error. path "-" reads standard input.
void read_jsonl(const std::filesystem::path& path, const std::function<void(const Json& row, int64_t line)>& row);

// A row of a JSONL file with its place in it.
struct JsonlRow {
  Json value;  // an object
  std::string file;
  int64_t line = 1;       // from 1
  size_t byte = 0;        // offset of the line's first byte in the file
  std::string_view text;  // the line, without its end; valid during the callback
  // Throws the DataError of read_jsonl with this reason, pointing at `key` of the row if it is given.
  [[noreturn]] void fail(const std::string& reason, std::string_view key = "") const;
};
// The same with the place of each row, for checks of what the rows hold. Also refuses lines longer
// than max_line_bytes and a byte order mark behind the first line.
void read_jsonl_rows(const std::filesystem::path& path, const std::function<void(const JsonlRow& row)>& row,
                     size_t max_line_bytes = size_t{256} << 20);

// Field access for rows: throws DataError naming `where` ("file:line"), the field, the type wanted
// and the type seen.
std::string require_string(const Json& row, const char* field, const std::string& where);
int64_t require_int(const Json& row, const char* field, const std::string& where);

// Compact single-line text, UTF-8 kept, invalid bytes replaced by U+FFFD; doubles in shortest form
// that reads back the same; NaN/inf as null.
std::string dump_json(const Json& value);
// Indented by two spaces.
std::string dump_json_pretty(const Json& value);

}  // namespace r1
