// Units of measurement, money and counted nouns.
#pragma once

#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/math/exact.h"

namespace r1::rewards::math::engine {

// A product of powers of known units, times counted nouns: "km/h", "square feet", "dollars per
// apple".
struct Unit {
  // Length, mass, time, current, temperature, data.
  std::array<int, 6> dimensions{};
  Rational factor{1};              // of the value in metres, grams, seconds, amperes, kelvins, bits
  std::vector<std::string> nouns;  // sorted; "1/noun" below the line
  bool known = false;              // something of it is in the table

  bool empty() const { return nouns.empty() && !known; }
};

// Reads a unit as written: words, "per", "/", "^2", "square". Words that no table knows are nouns,
// in the singular. "units" and "square units" are no unit at all.
Unit read_unit(std::string_view text);

// A word (or symbol of two letters or more) that means a unit of the table wherever it follows a
// number.
bool is_unit_word(std::string_view word);
// A symbol of one letter, a unit only where that is clear: inside \text, after a slash.
bool is_unit_letter(std::string_view letter);

enum class UnitMatch { kSame, kConvertible, kDifferent };
UnitMatch match_units(const Unit& a, const Unit& b);

}  // namespace r1::rewards::math::engine
