// Normal forms and lower case of texts.
#pragma once

#include <string>
#include <string_view>

namespace r1::model {

enum class NormalForm { kNfc, kNfd, kNfkc, kNfkd };
// `text` (valid UTF-8) in a form of UAX 15, over the data that the `tokenizers` package uses (see
// tools/make_unicode_tables.py).
std::string normalized(std::string_view text, NormalForm form);
// Every character's full lower case by itself, without context (Rust's char::to_lowercase).
std::string lower_case(std::string_view text);

}  // namespace r1::model
