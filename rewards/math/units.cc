#include "rewards/math/units.h"

#include <algorithm>
#include <cstdint>
#include <iterator>

#include "rewards/math/words.h"

namespace r1::rewards::math::engine {
namespace {

struct Entry {
  std::string_view names;  // separated by |
  int64_t numerator, denominator;
  std::array<int8_t, 6> dimensions;
  std::string_view noun;  // money and the like: the noun that it is `numerator/denominator` of
};

constexpr std::array<int8_t, 6> kLength{1, 0, 0, 0, 0, 0}, kArea{2, 0, 0, 0, 0, 0},
    kVolume{3, 0, 0, 0, 0, 0}, kMass{0, 1, 0, 0, 0, 0}, kTime{0, 0, 1, 0, 0, 0},
    kFrequency{0, 0, -1, 0, 0, 0}, kCurrent{0, 0, 0, 1, 0, 0}, kSpeed{1, 0, -1, 0, 0, 0},
    kForce{1, 1, -2, 0, 0, 0}, kEnergy{2, 1, -2, 0, 0, 0}, kPower{2, 1, -3, 0, 0, 0},
    kPressure{-1, 1, -2, 0, 0, 0}, kVoltage{2, 1, -3, -1, 0, 0}, kResistance{2, 1, -3, -2, 0, 0},
    kCharge{0, 0, 1, 1, 0, 0}, kTemperature{0, 0, 0, 0, 1, 0}, kData{0, 0, 0, 0, 0, 1}, kNone{};

// Definitions: SI brochure (9th edition); international yard and pound (1959); US customary
// volumes.
constexpr Entry kTable[] = {
    {"m|meter|meters|metre|metres|米", 1, 1, kLength, {}},
    {"km|kilometer|kilometers|kilometre|kilometres|千米|公里", 1000, 1, kLength, {}},
    {"dm|decimeter|decimeters|decimetre|decimetres|分米", 1, 10, kLength, {}},
    {"cm|centimeter|centimeters|centimetre|centimetres|cms|厘米", 1, 100, kLength, {}},
    {"mm|millimeter|millimeters|millimetre|millimetres|毫米", 1, 1000, kLength, {}},
    {"um|micrometer|micrometers|micron|microns", 1, 1000000, kLength, {}},
    {"nm|nanometer|nanometers|nanometre|nanometres", 1, 1000000000, kLength, {}},
    {"in|inch|inches", 254, 10000, kLength, {}},
    {"ft|foot|feet", 3048, 10000, kLength, {}},
    {"yd|yds|yard|yards", 9144, 10000, kLength, {}},
    {"mi|mile|miles", 1609344, 1000, kLength, {}},
    {"acre|acres", 40468564224, 10000000, kArea, {}},
    {"ha|hectare|hectares", 10000, 1, kArea, {}},
    {"l|L|liter|liters|litre|litres|升", 1, 1000, kVolume, {}},
    {"ml|mL|milliliter|milliliters|millilitre|millilitres|毫升|cc", 1, 1000000, kVolume, {}},
    {"cl|cL|centiliter|centiliters", 1, 100000, kVolume, {}},
    {"gal|gallon|gallons", 3785411784, 1000000000000, kVolume, {}},
    {"qt|quart|quarts", 946352946, 1000000000000, kVolume, {}},
    {"pt|pint|pints", 473176473, 1000000000000, kVolume, {}},
    {"cup|cups", 2365882365, 10000000000000, kVolume, {}},
    {"floz|fluidounce|fluidounces", 295735295625, 10000000000000000, kVolume, {}},
    {"tablespoon|tablespoons|tbsp", 1478676478125, 100000000000000000, kVolume, {}},
    {"teaspoon|teaspoons|tsp", 492892159375, 100000000000000000, kVolume, {}},
    {"g|gram|grams|gramme|grammes|克", 1, 1, kMass, {}},
    {"kg|kgs|kilogram|kilograms|kilo|kilos|千克|公斤", 1000, 1, kMass, {}},
    {"mg|milligram|milligrams", 1, 1000, kMass, {}},
    {"tonne|tonnes", 1000000, 1, kMass, {}},
    {"ton|tons", 90718474, 100, kMass, {}},
    {"lb|lbs|pound|pounds", 45359237, 100000, kMass, {}},
    {"oz|ounce|ounces", 45359237, 1600000, kMass, {}},
    {"s|sec|secs|second|seconds|秒", 1, 1, kTime, {}},
    {"ms|millisecond|milliseconds", 1, 1000, kTime, {}},
    {"min|mins|minute|minutes|分钟", 60, 1, kTime, {}},
    {"h|hr|hrs|hour|hours|小时", 3600, 1, kTime, {}},
    {"day|days|天", 86400, 1, kTime, {}},
    {"wk|week|weeks|周", 604800, 1, kTime, {}},
    {"fortnight|fortnights", 1209600, 1, kTime, {}},
    {"mo|month|months|月", 1, 12, kNone, "year"},
    {"yr|yrs|year|years|年", 1, 1, kNone, "year"},
    {"decade|decades", 10, 1, kNone, "year"},
    {"century|centuries", 100, 1, kNone, "year"},
    {"Hz|hertz", 1, 1, kFrequency, {}},
    {"kHz|kilohertz", 1000, 1, kFrequency, {}},
    {"MHz|megahertz", 1000000, 1, kFrequency, {}},
    {"mph", 1609344, 3600000, kSpeed, {}},
    {"kph|kmh|kmph", 1000, 3600, kSpeed, {}},
    {"fps", 3048, 10000, kSpeed, {}},
    {"N|newton|newtons", 1000, 1, kForce, {}},
    {"kN|kilonewton|kilonewtons", 1000000, 1, kForce, {}},
    {"J|joule|joules", 1000, 1, kEnergy, {}},
    {"kJ|kilojoule|kilojoules", 1000000, 1, kEnergy, {}},
    {"kWh|kilowatthour|kilowatthours", 3600000000, 1, kEnergy, {}},
    {"cal|calorie|calories", 4184, 1, kEnergy, {}},
    {"kcal|kilocalorie|kilocalories", 4184000, 1, kEnergy, {}},
    {"W|watt|watts", 1000, 1, kPower, {}},
    {"kW|kilowatt|kilowatts", 1000000, 1, kPower, {}},
    {"MW|megawatt|megawatts", 1000000000, 1, kPower, {}},
    {"Pa|pascal|pascals", 1000, 1, kPressure, {}},
    {"kPa|kilopascal|kilopascals", 1000000, 1, kPressure, {}},
    {"V|volt|volts", 1000, 1, kVoltage, {}},
    {"mV|millivolt|millivolts", 1, 1, kVoltage, {}},
    {"Omega|ohm|ohms", 1000, 1, kResistance, {}},
    {"A|amp|amps|ampere|amperes", 1, 1, kCurrent, {}},
    {"mA|milliamp|milliamps|milliampere|milliamperes", 1, 1000, kCurrent, {}},
    {"C|coulomb|coulombs", 1, 1, kCharge, {}},
    {"K|kelvin|kelvins", 1, 1, kTemperature, {}},
    {"bit|bits", 1, 1, kData, {}},
    {"byte|bytes", 8, 1, kData, {}},
    {"dollar|dollars|usd|bucks|buck", 1, 1, kNone, "dollar"},
    {"cent|cents|penny|pennies", 1, 100, kNone, "dollar"},
    {"nickel|nickels", 1, 1, kNone, "nickel"},
    {"euro|euros|eur", 1, 1, kNone, "euro"},
    {"sterling|gbp|quid", 1, 1, kNone, "sterling"},
    {"yuan|rmb|cny|元|圆", 1, 1, kNone, "yuan"},
    {"jiao|角", 1, 10, kNone, "yuan"},
    {"yen|jpy", 1, 1, kNone, "yen"},
    {"rupee|rupees|inr|rs", 1, 1, kNone, "rupee"},
    {"ruble|rubles|rouble|roubles|rub", 1, 1, kNone, "ruble"},
    {"kopeck|kopecks|kopek|kopeks", 1, 100, kNone, "ruble"},
    {"dozen|dozens", 12, 1, kNone, "item"},
    {"degC|celsius|centigrade", 1, 1, kNone, "celsius"},
    {"degF|fahrenheit", 1, 1, kNone, "fahrenheit"},
    {"rad|radian|radians|rads", 1, 1, kNone, {}},
};

bool has_name(std::string_view names, std::string_view name) {
  size_t begin = 0;
  while (begin <= names.size()) {
    const size_t end = std::min(names.find('|', begin), names.size());
    if (names.substr(begin, end - begin) == name) return true;
    begin = end + 1;
  }
  return false;
}

const Entry* find_unit(std::string_view name) {
  const auto find = [](std::string_view word) -> const Entry* {
    const auto* entry =
        std::find_if(std::begin(kTable), std::end(kTable),
                     [word](const Entry& item) { return has_name(item.names, word); });
    return entry == std::end(kTable) ? nullptr : entry;
  };
  if (const Entry* entry = find(name)) return entry;
  return name.size() > 2 ? find(lower_case(name)) : nullptr;
}

void multiply(Unit& unit, const Entry& entry, int power) {
  unit.known = true;
  for (size_t i = 0; i < unit.dimensions.size(); ++i)
    unit.dimensions[i] += entry.dimensions[i] * power;
  Rational factor(entry.numerator, entry.denominator);
  factor.raise(power);
  unit.factor.multiply(factor);
  if (entry.noun.empty()) return;
  for (int k = 0; k < std::abs(power); ++k)
    unit.nouns.push_back((power < 0 ? "1/" : "") + std::string(entry.noun));
}

bool is_filler(std::string_view word) {
  constexpr std::string_view kFillers[] = {"unit", "units", "of",   "the", "a",
                                           "an",   "in",    "each", "and"};
  return std::find(std::begin(kFillers), std::end(kFillers), word) != std::end(kFillers);
}

struct Reader {
  Unit unit;
  int sign = 1;     // below the line after "per" or a slash
  int prefix = 1;   // "square", "cubic"
  int pending = 0;  // power of the word before
  std::string word;

  void finish_word() {
    if (word.empty()) return;
    const int power = sign * (pending != 0 ? pending : prefix);
    if (const Entry* entry = find_unit(word)) {
      multiply(unit, *entry, power);
    } else if (!is_filler(lower_case(word))) {
      unit.nouns.push_back((power < 0 ? "1/" : "") + singular(lower_case(word)));
    }
    word.clear();
    pending = 0;
    prefix = 1;
  }

  void accept(std::string_view next) {
    finish_word();
    if (next == "per" || next == "every") {
      sign = -1;
    } else if (next == "square" || next == "sq" || next == "squared") {
      next == "squared" ? repeat_last(2) : void(prefix = 2);
    } else if (next == "cubic" || next == "cu" || next == "cubed") {
      next == "cubed" ? repeat_last(3) : void(prefix = 3);
    } else {
      word = next;
    }
  }

  // "meters squared": the unit read last once or twice more.
  void repeat_last(int power) {
    if (last_word.empty()) return;
    for (int k = 1; k < power; ++k) {
      word = last_word;
      finish_word();
    }
  }
  std::string last_word;
};

bool is_word_byte(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80;
}

}  // namespace

Unit read_unit(std::string_view text) {
  Reader reader;
  for (size_t i = 0; i < text.size();) {
    const char c = text[i];
    if (is_word_byte(c)) {
      size_t end = i;
      while (end < text.size() && (is_word_byte(text[end]) || text[end] == '\'')) ++end;
      reader.accept(text.substr(i, end - i));
      if (!reader.word.empty()) reader.last_word = reader.word;
      i = end;
      continue;
    }
    if (c == '/') {
      reader.finish_word();
      reader.sign = -1;
    } else if ((c >= '1' && c <= '9') && !reader.word.empty()) {
      const bool negative = text[i - 1] == '-';
      reader.pending = negative ? -(c - '0') : c - '0';
    }
    ++i;
  }
  reader.finish_word();
  std::sort(reader.unit.nouns.begin(), reader.unit.nouns.end());
  return reader.unit;
}

bool is_unit_word(std::string_view word) { return word.size() >= 2 && find_unit(word) != nullptr; }
bool is_unit_letter(std::string_view letter) {
  return letter.size() == 1 && find_unit(letter) != nullptr;
}

UnitMatch match_units(const Unit& a, const Unit& b) {
  if (a.dimensions != b.dimensions) return UnitMatch::kDifferent;
  if (a.nouns != b.nouns) {
    // "ways" and "different ways"; never "red apples" and "green apples".
    const bool a_in_b =
        std::includes(b.nouns.begin(), b.nouns.end(), a.nouns.begin(), a.nouns.end());
    const bool b_in_a =
        std::includes(a.nouns.begin(), a.nouns.end(), b.nouns.begin(), b.nouns.end());
    if ((!a_in_b && !b_in_a) || a.nouns.empty() || b.nouns.empty() || a.known || b.known)
      return UnitMatch::kDifferent;
  }
  return a.factor == b.factor ? UnitMatch::kSame : UnitMatch::kConvertible;
}

}  // namespace r1::rewards::math::engine
