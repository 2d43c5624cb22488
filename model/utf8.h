// UTF-8 as the Unicode standard defines it: no overlong forms, no surrogates, nothing above
// U+10FFFF.
#pragma once

#include <cstddef>
#include <string_view>

namespace r1::model {

// Bytes of the character that starts at text[at]; 0 when the bytes there are not valid UTF-8.
size_t utf8_length(std::string_view text, size_t at);

// Index of the first byte that is not valid UTF-8; npos when all are.
size_t find_invalid_utf8(std::string_view text);

}  // namespace r1::model
