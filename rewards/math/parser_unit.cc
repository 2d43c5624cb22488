// What follows a value: units, percent and scale words, degrees.
#include <algorithm>
#include <utility>

#include "rewards/math/parser_impl.h"
#include "rewards/math/units.h"
#include "rewards/math/words.h"

namespace r1::rewards::math::engine {
namespace {

bool is_percent(std::string_view word) {
  return word == "percent" || word == "pct" || word == "percentage" || word == "per cent" ||
         word == "%" || word == "percentage points" || word == "percents";
}

bool is_degrees(std::string_view word) {
  return word == "degrees" || word == "degree" || word == "deg";
}

// Words that begin a remark about the value, not its unit.
bool is_remark(std::string_view word) {
  constexpr std::string_view kRemarks[] = {
      "if",  "for", "where", "when", "with", "such", "because", "since", "then", "so",
      "but", "is",  "are",   "as",   "at",   "by",   "mod",     "base",  "to"};
  const std::string_view first = word.substr(0, word.find(' '));
  return std::find(std::begin(kRemarks), std::end(kRemarks), first) != std::end(kRemarks);
}

bool has_vowel(std::string_view word) {
  return word.find_first_of("aeiouyAEIOUY") != std::string_view::npos;
}

}  // namespace

const Node* Parser::quantity(const Node* value, std::string_view unit) {
  Node* node = tree_.make(Kind::kQuantity, {value}, value->begin, last_end());
  node->text = unit;
  return node;
}

// The next part of a unit into `word`; false when there is none. `first`: nothing of the unit has
// been read yet.
bool Parser::unit_word(bool first, std::string& word) {
  const Token& token = peek();
  if (token.kind == TokenKind::kText) {
    const std::string bare = bare_word(token.text);
    if (bare.empty() || is_separator_word(bare) || is_remark(bare) || bare[0] == '(') return false;
    word = token.text;
    next();
    return true;
  }
  if (token.kind != TokenKind::kLetter) return false;
  const std::string_view name = run().empty() ? token.text : run();
  const std::string lower = lower_case(name);
  if (is_separator_word(lower) || is_function(lower) || is_remark(lower)) return false;
  const bool gap = token.space != Space::kNone || !first;
  const bool known = (is_unit_word(name) || is_percent(lower)) &&
                     !(name == "in" && (peek(2).is('(') || peek(2).is('['))) &&
                     !(peek(token.run).is('^') && !gap && name.size() == 2 && name != "cm" &&
                       name != "km" && name != "mm" && name != "ft");
  const bool noun = gap && name.size() >= 3 && has_vowel(name) && lower != "pi" && lower != "inf" &&
                    lower != "mod";
  const bool letter_after_slash = !first && is_unit_letter(name);
  const bool foreign =
      static_cast<unsigned char>(name[0]) >= 0x80 && token.text != "和" && token.text != "或";
  if (!known && !noun && !letter_after_slash && !foreign) return false;
  word = name;
  position_ += std::max<size_t>(token.run, 1);
  return true;
}

const Node* Parser::unit_suffix(const Node* value) {
  std::string unit, word;
  while (unit_word(unit.empty(), word)) {
    const std::string bare = bare_word(word);
    if (unit.empty()) {
      if (is_percent(bare)) return tree_.make(Kind::kPercent, {value}, value->begin, last_end());
      if (is_degrees(bare)) {
        value = tree_.make(Kind::kDegrees, {value}, value->begin, last_end());
        if (!unit_word(false, word)) return value;
        const std::string scale = bare_word(word);
        const bool fahrenheit = scale == "fahrenheit" || scale == "f";
        return quantity(value->children[0], fahrenheit ? "fahrenheit" : "celsius");
      }
      if (const int64_t scale = scale_word(bare); scale != 0) {
        value = tree_.make(Kind::kMultiply, {value, tree_.number(Rational(scale))}, value->begin,
                           last_end());
        continue;
      }
    }
    unit += (unit.empty() ? "" : " ") + word;
    if (peek().is('^')) {
      const bool braced = peek(1).is('{');
      const bool minus = peek(braced ? 2 : 1).is('-');
      const Token& power = peek((braced ? 2u : 1u) + (minus ? 1u : 0u));
      if (power.kind == TokenKind::kDigits && power.text.size() == 1) {
        unit += "^" + std::string(minus ? "-" : "") + std::string(power.text);
        position_ += (braced ? 4u : 2u) + (minus ? 1u : 0u);
      }
    }
    const bool slash =
        peek().is('/') && (peek(1).kind == TokenKind::kText || peek(1).kind == TokenKind::kLetter);
    if (slash) {
      const size_t before = position_;
      next();
      std::string below;
      if (unit_word(false, below)) {
        unit += "/" + below;
      } else {
        position_ = before;
        break;
      }
    }
    if (peek().is_command("cdot") && peek(1).kind == TokenKind::kText) next();
  }
  if (unit.empty() && peek().is('$')) {  // 1,000.99$
    next();
    unit = "dollar";
  }
  if (unit.empty()) return value;
  const Node* measured = quantity(value, tree_.keep(unit));
  // 5 hours 30 minutes: a smaller unit of the same kind adds up.
  if (peek().kind == TokenKind::kDigits) {
    const size_t before = position_;
    const Node* more = number();
    if (more != nullptr) more = unit_suffix(more);
    if (more != nullptr && more->kind == Kind::kQuantity) {
      return tree_.make(Kind::kAdd, {measured, more}, value->begin, last_end());
    }
    if (!failure_.problem.empty()) return nullptr;
    position_ = before;
  }
  return measured;
}

}  // namespace r1::rewards::math::engine
