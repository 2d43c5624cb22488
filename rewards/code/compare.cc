#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>

#include "rewards/code/suite.h"
#include "rewards/excerpt.h"

namespace r1::rewards::code {
namespace {

constexpr std::string_view kSpace = " \t\n\v\f\r";

std::string_view strip(std::string_view text) {
  const size_t begin = text.find_first_not_of(kSpace);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(kSpace) - begin + 1);
}

std::vector<std::string_view> split(std::string_view text, std::string_view separators,
                                    bool keep_empty) {
  std::vector<std::string_view> parts;
  for (size_t begin = 0; begin <= text.size();) {
    const size_t end = std::min(text.find_first_of(separators, begin), text.size());
    if (keep_empty || end > begin) parts.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return parts;
}

std::string shown(std::string_view text) { return excerpt(text, 80); }

// A decimal number in one form: sign, digits without zeros around them, power of ten of the last.
struct Decimal {
  bool valid = false, negative = false;
  std::string digits;
  int64_t exponent = 0;
  bool operator==(const Decimal& other) const {
    return valid && other.valid && digits == other.digits &&
           (digits.empty() || (negative == other.negative && exponent == other.exponent));
  }
};

Decimal parse_decimal(std::string_view text) {
  Decimal number;
  size_t i = 0;
  if (i < text.size() && (text[i] == '+' || text[i] == '-')) number.negative = text[i++] == '-';
  bool point = false, any = false;
  for (; i < text.size() &&
         (std::isdigit(static_cast<unsigned char>(text[i])) || (text[i] == '.' && !point));
       ++i) {
    if (text[i] == '.') {
      point = true;
      continue;
    }
    any = true;
    number.exponent -= point;
    if (!number.digits.empty() || text[i] != '0') number.digits += text[i];
  }
  if (!any) return number;
  if (i < text.size() && (text[i] == 'e' || text[i] == 'E')) {
    int64_t power = 0;
    i += 1 + (i + 1 < text.size() && text[i + 1] == '+');
    const auto [end, error] = std::from_chars(text.data() + i, text.data() + text.size(), power);
    if (error != std::errc() || std::abs(power) > 1'000'000'000) return number;
    number.exponent += power;
    i = static_cast<size_t>(end - text.data());
  }
  while (!number.digits.empty() && number.digits.back() == '0') {
    number.digits.pop_back();
    ++number.exponent;
  }
  number.valid = i == text.size();
  return number;
}

bool close(double a, double b, double tolerance) {
  return a == b || std::abs(a - b) <= tolerance * std::max(1.0, std::abs(b));
}

std::optional<double> parse_double(std::string_view text) {
  if (!text.empty() && text[0] == '+') text.remove_prefix(1);
  double value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size() || !std::isfinite(value))
    return std::nullopt;
  return value;
}

bool same_token(std::string_view a, std::string_view b, double tolerance) {
  if (a == b) return true;
  if (parse_decimal(a) == parse_decimal(b)) return true;
  if (tolerance == 0) return false;
  const auto x = parse_double(a), y = parse_double(b);
  return x && y && close(*x, *y, tolerance);
}

// With a tolerance words may stand among the numbers; without, as in LiveCodeBench, all tokens are
// numbers.
bool same_line(std::string_view a, std::string_view b, double tolerance) {
  if (a == b) return true;
  const auto x = split(a, kSpace, false), y = split(b, kSpace, false);
  if (x.size() != y.size() || x.empty()) return false;
  const auto is_number = [](std::string_view token) { return parse_decimal(token).valid; };
  if (tolerance == 0 && !(std::ranges::all_of(x, is_number) && std::ranges::all_of(y, is_number)))
    return false;
  return std::ranges::equal(
      x, y, [&](std::string_view p, std::string_view q) { return same_token(p, q, tolerance); });
}

// The content of {"tuple": ...} and the like; null when it is none.
const Json* tagged(const Json& value, const char* tag) {
  if (!value.is_object() || value.size() != 1) return nullptr;
  const auto found = value.find(tag);
  return found == value.end() ? nullptr : &*found;
}

std::string key_text(const Json& key) {
  if (key.is_string()) return key;
  return dump_json(key);
}

std::string differ(const std::string& where, const std::string& seen, const std::string& wanted) {
  return fmt::format("{}expected {}, found {}", where.empty() ? "" : where + ": ", shown(wanted),
                     shown(seen));
}

std::string compare_at(const Json& value, const Json& expected, double tolerance,
                       const std::string& where);

std::string compare_lists(const Json& value, const Json& expected, double tolerance,
                          const std::string& where) {
  if (value.size() != expected.size())
    return differ(where, fmt::format("{} items", value.size()),
                  fmt::format("{} items", expected.size()));
  for (size_t i = 0; i < value.size(); ++i) {
    std::string problem =
        compare_at(value[i], expected[i], tolerance, fmt::format("{}[{}]", where, i));
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string compare_dicts(const Json& pairs, const Json& expected, double tolerance,
                          const std::string& where) {
  if (pairs.size() != expected.size())
    return differ(where, fmt::format("{} keys", pairs.size()),
                  fmt::format("{} keys", expected.size()));
  for (const Json& pair : pairs) {
    const std::string key = key_text(pair.at(0));
    const auto found = expected.find(key);
    if (found == expected.end()) return fmt::format("{}: unexpected key {}", where, shown(key));
    std::string problem = compare_at(pair.at(1), *found, tolerance, where + "." + shown(key));
    if (!problem.empty()) return problem;
  }
  return "";
}

std::string compare_at(const Json& value, const Json& expected, double tolerance,
                       const std::string& where) {
  const Json* tuple = tagged(value, "tuple");
  const Json& plain = tuple ? *tuple : value;
  if (expected.is_array() && plain.is_array())
    return compare_lists(plain, expected, tolerance, where);
  const Json* dict = tagged(value, "dict");
  if (expected.is_object() && dict && dict->is_array())
    return compare_dicts(*dict, expected, tolerance, where);
  const Json *big = tagged(value, "int"), *expected_big = tagged(expected, "int");
  bool same = false;
  if (big || expected_big)  // more than 64 bits: driver.py and the reader of rows keep the digits
    same = big && expected_big && *big == *expected_big;
  else if (tolerance == 0 && expected.is_number_integer() && value.is_number_integer())
    same = expected == value;
  else if (expected.is_number() && value.is_number())
    same = close(value.get<double>(), expected.get<double>(), tolerance);
  else
    same = !expected.is_structured() && value == expected;
  return same ? "" : differ(where, dump_json(value), dump_json(expected));
}

}  // namespace

std::string compare_output(std::string_view output, std::string_view expected, double tolerance) {
  const auto lines = split(strip(output), "\n", true), wanted = split(strip(expected), "\n", true);
  for (size_t i = 0; i < std::min(lines.size(), wanted.size()); ++i)
    if (!same_line(strip(lines[i]), strip(wanted[i]), tolerance))
      return differ(fmt::format("line {}", i + 1), std::string(strip(lines[i])),
                    std::string(strip(wanted[i])));
  if (lines.size() != wanted.size())
    return fmt::format("expected {} lines, found {}", wanted.size(), lines.size());
  return "";
}

std::string compare_value(const Json& value, const Json& expected, double tolerance) {
  return compare_at(value, expected, tolerance, "");
}

}  // namespace r1::rewards::code
