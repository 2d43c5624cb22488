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
  bool big_integers = false;  // integers of more than 64 bits as {"int": "digits"}, not as the nearest double
};

// Parses one document. Throws DataError "<name>:<line>:<column>: reason" for bad syntax, duplicate
// keys, invalid UTF-8, too deep or too large input, or text behind the document.
Json parse_json(std::string_view text, const std::string& name, const JsonLimits& limits = {});
Json read_json(const std::filesystem::path& path, const JsonLimits& limits = {});

// Calls row(object, line) for every non-empty line of a JSONL file. A bad line throws DataError
// with file, 1-based line, byte offset, column, reason and the first 80 bytes escaped. Handles BOM
// and CRLF; a truncated last line is an error. Integers of more than 64 bits keep their digits
// (JsonLimits::big_integers). path "-" reads standard input. Stops after `max_rows`
// rows; what follows is not looked at.
void read_jsonl(const std::filesystem::path& path, const std::function<void(const Json& row, int64_t line)>& row,
                int64_t max_rows = INT64_MAX);

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
