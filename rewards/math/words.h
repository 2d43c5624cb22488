// Answers in words: what is noise in them, which words mean the same, and which are numbers.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/math/exact.h"

namespace r1::rewards::math::engine {

std::string lower_case(std::string_view text);  // ASCII letters
std::string singular(std::string word);         // "boxes" -> "box", "apples" -> "apple"

// Lower case, single spaces, no articles, quotes, hyphens or closing punctuation, synonyms replaced
// by one of them: "No solutions." and "none" give the same.
std::string canonical_words(std::string_view text);

// The value of number words: "seven", "twenty-five", "three hundred and six", "one half", "two
// thirds".
std::optional<Rational> number_words(std::string_view text);
// 1000 for "thousand", also "million", "billion", "trillion"; 0 for any other word.
int64_t scale_word(std::string_view word);

// The parts of "red, blue and green", in canonical words, sorted; one part when nothing separates
// them.
std::vector<std::string> listed_words(std::string_view text);

}  // namespace r1::rewards::math::engine
