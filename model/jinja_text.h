// Python's view of text, on UTF-8: code points, white space, case, repr. All text is valid UTF-8.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace r1::model::jinja {

// The code point that starts at text[at]; moves `at` behind it.
char32_t next_code_point(std::string_view text, size_t& at);
void append_code_point(std::string& text, char32_t code);
size_t count_code_points(std::string_view text);
// Byte offset of the code point with this index; the size of the text when there is none.
size_t byte_offset(std::string_view text, size_t index);

// str.isspace, which is also \s of a regular expression.
bool is_space(char32_t code);
// str.isprintable.
bool is_printable(char32_t code);

// Bytes of white space at text[at] and behind, and the text without it at its end.
size_t space_length(std::string_view text, size_t at);
std::string_view right_strip(std::string_view text);
// str.strip, lstrip, rstrip: white space, or any of `characters`.
std::string_view strip(std::string_view text, const std::optional<std::string>& characters,
                       bool left, bool right);

// str.upper, lower, capitalize, title; a sigma at the end of a word becomes an ordinary one.
std::string upper(std::string_view text);
std::string lower(std::string_view text);
std::string capitalize(std::string_view text);
std::string title(std::string_view text);
// Whether a code point has another case: what "cased" means here.
bool is_cased(char32_t code);

// repr() of a str and of a float.
std::string repr_of(std::string_view text);
std::string float_text(double value);
// A JSON string with its quotes, as json.dumps writes it.
std::string json_quoted(std::string_view text, bool ensure_ascii);

}  // namespace r1::model::jinja
