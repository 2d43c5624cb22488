// Numbers as written: groups of thousands, decimals, periods, exponents, bases, times of day.
#include <algorithm>
#include <utility>

#include "rewards/math/parser_impl.h"
#include "rewards/math/words.h"

namespace r1::rewards::math::engine {
namespace {

constexpr int64_t kMaxDecimalExponent = 20'000;

// Digits from the first that is not zero to the last.
int32_t count_significant(std::string_view digits) {
  const size_t first = digits.find_first_not_of('0');
  return first == std::string_view::npos ? 1 : static_cast<int32_t>(digits.size() - first);
}

// Digits behind the point and a period behind them, as a fraction.
Rational fraction_of(const std::string& decimals, const std::string& period) {
  Rational value = decimals.empty() ? Rational(0) : Rational::from_digits(decimals, 10);
  value.multiply(Rational::power_of_ten(-static_cast<int64_t>(decimals.size())));
  if (period.empty()) return value;
  Rational repeated = Rational::from_digits(period, 10);
  Rational nines = Rational::power_of_ten(static_cast<int64_t>(period.size()));
  nines.subtract(Rational(1));
  repeated.divide(nines);
  repeated.multiply(Rational::power_of_ten(-static_cast<int64_t>(decimals.size())));
  value.add(repeated);
  return value;
}

int digit_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'z') return c - 'a' + 10;
  if (c >= 'A' && c <= 'Z') return c - 'A' + 10;
  return 99;
}

}  // namespace

// Whether `mark` and a group of three digits come next; \! and {,} are ways to write the comma.
bool Parser::group_follows(char mark, size_t& skip) const {
  const Token& token = peek();
  const auto is_group = [this](size_t at) {
    const Token& digits = peek(at);
    return digits.kind == TokenKind::kDigits && digits.text.size() == 3;
  };
  if (mark == ' ') {
    skip = 0;
    return is_group(0) && token.space != Space::kNone && token.space != Space::kWide &&
           !peek(1).is('/');
  }
  if (mark == ',' && token.is('{') && peek(1).is(',') && peek(2).is('}')) {
    skip = 3;
    return is_group(3);
  }
  skip = 1;
  if (!token.is(mark) || token.space != Space::kNone || !is_group(1)) return false;
  const Space gap = peek(1).space;
  if (gap == Space::kNegative) return true;
  return gap == Space::kNone && !(mark == ',' && context_.commas_separate);
}

// Appends groups of three digits written behind `digits`, all with the same mark.
bool Parser::read_groups(std::string& digits) {
  if (digits.size() > 3 || digits[0] == '0') return false;
  for (const char mark : {',', ' ', '\'', '.'}) {
    size_t skip = 0;
    const size_t start = position_;
    std::string all = digits;
    int groups = 0;
    while (group_follows(mark, skip)) {
      position_ += skip;
      all += next().text;
      ++groups;
    }
    // One dot is a decimal point; a group that goes on is no group.
    const bool goes_on = peek().kind == TokenKind::kDigits && peek().space == Space::kNone;
    if (groups == 0 || goes_on || (mark == '.' && groups < 2) ||
        (mark == '\'' && peek().is('\''))) {
      position_ = start;
      continue;
    }
    digits = all;
    return true;
  }
  return false;
}

// \overline{34}, \bar 3, (3), \dot{1}4\dot{2}
bool Parser::read_period(std::string& decimals, std::string& period) {
  const Token& token = peek();
  if (token.is_command("overline") || token.is_command("bar")) {
    const bool braced = peek(1).is('{');
    const Token& digits = peek(braced ? 2 : 1);
    if (digits.kind != TokenKind::kDigits || (braced && !peek(3).is('}'))) return false;
    period = braced ? digits.text : digits.text.substr(0, 1);
    position_ += braced ? 4 : 2;
    return true;
  }
  if (token.is('(') && token.space == Space::kNone && peek(1).kind == TokenKind::kDigits &&
      peek(2).is(')')) {
    period = peek(1).text;
    position_ += 3;
    return true;
  }
  if (!token.is_command("dot")) return infer_period(decimals, period);
  for (int dots = 0; dots < 2; ++dots) {
    if (!peek().is_command("dot")) break;
    const bool braced = peek(1).is('{');
    const Token& digit = peek(braced ? 2 : 1);
    if (digit.kind != TokenKind::kDigits || digit.text.size() != 1)
      return fail("a digit is missing under the dot") != nullptr;
    period += digit.text;
    position_ += braced ? 4 : 2;
    if (dots == 0 && peek().kind == TokenKind::kDigits && peek(1).is_command("dot"))
      period += next().text;
  }
  return true;
}

// 0.333...: the shortest tail that stands there three times, or twice if it is longer than one
// digit.
bool Parser::infer_period(std::string& decimals, std::string& period) {
  const bool dots = peek().is('.') && peek(1).is('.') && peek(2).is('.');
  const bool ellipsis =
      peek().is_command("ldots") || peek().is_command("dots") || peek().is_command("cdots");
  if (!dots && !ellipsis) return true;
  for (size_t length = 1; length <= decimals.size() / 2; ++length) {
    const size_t copies = length == 1 ? 3 : 2;
    if (length * copies > decimals.size()) break;
    const std::string tail = decimals.substr(decimals.size() - length);
    bool repeats = true;
    for (size_t k = 2; k <= copies; ++k)
      repeats = repeats && decimals.substr(decimals.size() - k * length, length) == tail;
    if (!repeats) continue;
    position_ += dots ? 3 : 1;
    period = tail;
    return true;
  }
  return fail("an ellipsis behind digits that do not repeat") != nullptr;
}

bool Parser::read_decimals(std::string& decimals, std::string& period) {
  next();  // the point
  if (peek().kind == TokenKind::kDigits && peek().space == Space::kNone) decimals = next().text;
  // 0.123\,456
  while (!decimals.empty() && decimals.size() % 3 == 0 && peek().kind == TokenKind::kDigits &&
         peek().space == Space::kThin) {
    decimals += next().text;
  }
  return read_period(decimals, period);
}

// e-5 right behind a number; 0 when there is none.
int64_t Parser::read_exponent() {
  const Token& token = peek();
  if (token.kind != TokenKind::kLetter || (token.text != "e" && token.text != "E") ||
      token.run != 1 || token.space != Space::kNone) {
    return 0;
  }
  const bool sign = peek(1).is('-') || peek(1).is('+');
  const Token& digits = peek(sign ? 2 : 1);
  if (digits.kind != TokenKind::kDigits || digits.space != Space::kNone ||
      peek(1).space != Space::kNone)
    return 0;
  if (digits.text.size() > 5) {
    fail_too_large("an exponent beyond the bound");
    return 0;
  }
  int64_t exponent = 0;
  for (const char digit : digits.text) exponent = exponent * 10 + (digit - '0');
  if (peek(1).is('-')) exponent = -exponent;
  position_ += sign ? 3 : 2;
  if (exponent > kMaxDecimalExponent || exponent < -kMaxDecimalExponent)
    fail_too_large("an exponent beyond the bound");
  return exponent;
}

const Node* Parser::number() {
  const uint32_t begin = peek().begin;
  if (const Node* letters = based_with_letters(); letters != nullptr || !failure_.problem.empty())
    return letters;
  std::string digits, decimals, period;
  const size_t first_token = position_;
  if (peek().kind == TokenKind::kDigits) {
    digits = next().text;
    read_groups(digits);
  }
  const bool grouped = position_ > first_token + 1;
  if (digits.empty() &&
      !(peek().is('.') && peek(1).kind == TokenKind::kDigits && peek(1).space == Space::kNone)) {
    return fail("an operand is missing");
  }
  if (peek().is('_') && !digits.empty() && !grouped) return based(digits, begin);
  bool point = false;
  const auto decimal_mark = [this](char mark) {
    return peek().is(mark) && peek().space == Space::kNone;
  };
  const bool repeats_next =
      peek(1).is_command("overline") || peek(1).is_command("dot") || peek(1).is_command("bar") ||
      (peek(1).is('(') && peek(2).kind == TokenKind::kDigits && peek(3).is(')'));
  if (decimal_mark('.') && (peek(1).kind == TokenKind::kDigits || repeats_next) &&
      peek(1).space == Space::kNone) {
    point = true;
    if (!read_decimals(decimals, period)) return nullptr;
  } else if (decimal_mark('.') && (peek(1).kind != TokenKind::kMark || peek(1).mark != '.') &&
             peek(1).run == 0) {
    next();  // "5." of plain text
  } else if (peek().is('{') && peek(1).is(',') && peek(2).is('}') &&
             peek(3).kind == TokenKind::kDigits) {
    position_ += 3;  // 3{,}14
    decimals = next().text;
    point = true;
  }
  Rational value = digits.empty() ? Rational(0) : Rational::from_digits(digits, 10);
  if (point) value.add(fraction_of(decimals, period));
  const int64_t exponent = read_exponent();
  if (!failure_.problem.empty()) return nullptr;
  if (exponent != 0) value.multiply(Rational::power_of_ten(exponent));
  Node* node = tree_.number(std::move(value));
  node->begin = begin;
  node->end = last_end();
  node->significant = count_significant(digits + decimals);
  if (period.empty() && (point || exponent != 0)) {
    node->decimals = static_cast<int32_t>(static_cast<int64_t>(decimals.size()) - exponent);
    if (node->decimals < 0) node->decimals = 0;
  }
  return node;
}

// 204_5, 204_{5}, 204_{\text{five}}
const Node* Parser::based(std::string_view digits, uint32_t begin) {
  next();
  const bool braced = accept('{');
  int64_t base = 0;
  if (peek().kind == TokenKind::kDigits && peek().text.size() <= 2) {
    for (const char digit : peek().text) base = base * 10 + (digit - '0');
    next();
  } else if (peek().kind == TokenKind::kText || peek().run > 1) {
    const std::string_view name = peek().kind == TokenKind::kText ? peek().text : run();
    const std::optional<Rational> value = number_words(name);
    if (value && value->fits_int64()) base = value->to_int64();
    position_ += peek().kind == TokenKind::kText ? 1 : peek().run;
  }
  if (braced && !accept('}')) return fail("a closing brace is missing");
  if (base < 2 || base > 36) return fail("a base must be from 2 to 36");
  for (const char digit : digits) {
    if (digit_value(digit) >= base) return fail("a digit that the base does not have");
  }
  Node* node = tree_.make(Kind::kBased, begin, last_end());
  node->text = tree_.keep(digits);
  node->base = static_cast<int32_t>(base);
  node->number = tree_.number(Rational::from_digits(digits, static_cast<int>(base)))->number;
  return node;
}

// 2B_{16}: digits and letters without a gap, up to a numeric base above ten. Null without a failure
// if it is none.
const Node* Parser::based_with_letters() {
  size_t ahead = 0;
  std::string digits;
  bool letter = false;
  while (ahead < 64) {
    const Token& token = peek(ahead);
    const bool part = token.kind == TokenKind::kDigits ||
                      (token.kind == TokenKind::kLetter && token.text.size() == 1 &&
                       token.text[0] >= 'A' && token.text[0] <= 'Z');
    if (!part || (ahead > 0 && token.space != Space::kNone)) break;
    letter = letter || token.kind == TokenKind::kLetter;
    digits += token.text;
    ++ahead;
  }
  if (!letter || !peek(ahead).is('_')) return nullptr;
  const Token& base = peek(ahead + (peek(ahead + 1).is('{') ? 2 : 1));
  if (base.kind != TokenKind::kDigits || base.text.size() != 2) return nullptr;
  const uint32_t begin = peek().begin;
  position_ += ahead;
  return based(digits, begin);
}

// 12:00, 3:05 pm; a ratio has no leading zeros and no two-digit tail to tell, so both readings are
// kept.
const Node* Parser::clock_time() {
  if (context_.colon_stops || peek().kind != TokenKind::kDigits || peek().text.size() > 2 ||
      !peek(1).is(':') || peek(1).space != Space::kNone || peek(2).kind != TokenKind::kDigits ||
      peek(2).text.size() != 2 || peek(2).space != Space::kNone) {
    return nullptr;
  }
  const Token& after = peek(3);
  const bool suffix = after.kind == TokenKind::kText || after.run > 0;
  if (after.kind != TokenKind::kEnd && !suffix && !after.is(',') && !after.is(')')) return nullptr;
  const int64_t hours = Rational::from_digits(peek().text, 10).to_int64();
  const int64_t minutes = Rational::from_digits(peek(2).text, 10).to_int64();
  if (hours > 24 || minutes > 59) return nullptr;
  std::string half;
  size_t length = 3;
  if (suffix) {
    std::string name;
    if (after.kind == TokenKind::kText) {
      name = bare_word(after.text);
      length += 1;
    } else if (after.run >= 2) {
      name = lower_case(run(3));
      length += after.run;
    } else if (peek(4).is('.') && peek(5).run == 1) {
      name = lower_case(std::string(after.text) + std::string(peek(5).text));
      length += 3 + (peek(6).is('.') ? 1u : 0u);
    }
    name.erase(
        std::remove_if(name.begin(), name.end(), [](char c) { return c == '.' || c == ' '; }),
        name.end());
    if (name != "am" && name != "pm") return nullptr;
    half = name;
  }
  const uint32_t begin = peek().begin;
  const Node* first = tree_.number(Rational(hours));
  const Node* second = tree_.number(Rational(minutes));
  position_ += length;
  Node* node = tree_.make(Kind::kTime, begin, last_end());
  const int64_t hour = half.empty() ? hours : hours % 12 + (half == "pm" ? 12 : 0);
  node->number = tree_.number(Rational(hour * 60 + minutes))->number;
  node->text = tree_.keep(half);
  if (half.empty())
    node->other_reading = tree_.make(Kind::kRatio, {first, second}, begin, last_end());
  return node;
}

}  // namespace r1::rewards::math::engine
