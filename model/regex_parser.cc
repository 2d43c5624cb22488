#include "model/regex_parser.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <optional>
#include <string>
#include <utility>

#include "base/error.h"
#include "model/utf8.h"

namespace r1::model {
namespace {

using Kind = RegexNode::Kind;

constexpr size_t kMaxCharacters = 1 << 16;
constexpr int kMaxDepth = 64;
constexpr int kMaxCount = 1000;
constexpr uint32_t kEnd = 0xffffffff;  // peek() behind the last character

CodePointSet single(uint32_t code_point) {
  return CodePointSet({CodePointSet::Range{code_point, code_point}});
}

RegexNode set_node(CodePointSet set) {
  RegexNode node;
  node.kind = Kind::kSet;
  node.set = std::move(set);
  return node;
}

RegexNode look_node(CodePointSet set, bool negative) {
  RegexNode node = set_node(std::move(set));
  node.kind = Kind::kLook;
  node.negative = negative;
  return node;
}

RegexNode list_node(Kind kind, std::vector<RegexNode> children) {
  if (children.size() == 1) return std::move(children.front());
  RegexNode node;
  node.kind = children.empty() ? Kind::kEmpty : kind;
  node.children = std::move(children);
  return node;
}

RegexNode repeat_node(RegexNode child, int min, int max, bool lazy) {
  RegexNode node;
  node.kind = Kind::kRepeat;
  node.children.push_back(std::move(child));
  node.min = min;
  node.max = max;
  node.lazy = lazy;
  return node;
}

bool is_ascii_letter(uint32_t c) { return (c | 32) >= 'a' && (c | 32) <= 'z'; }

// Two letters that some other character folds to ("ss" is one of \u00df's forms).
bool folds_to_one(uint32_t first, uint32_t second) {
  constexpr std::array<std::string_view, 5> kPairs = {"ss", "ff", "fi", "fl", "st"};
  if (!is_ascii_letter(first) || !is_ascii_letter(second)) return false;
  const std::string pair = {static_cast<char>(first | 32), static_cast<char>(second | 32)};
  return std::find(kPairs.begin(), kPairs.end(), pair) != kPairs.end();
}

class Parser {
 public:
  explicit Parser(std::string_view pattern) {
    for (size_t at = 0; at < pattern.size();) {
      if (utf8_length(pattern, at) == 0) fail("invalid UTF-8");
      if (characters_.size() == kMaxCharacters)
        fail(fmt::format("the pattern is longer than {} characters", kMaxCharacters));
      characters_.push_back(next_code_point(pattern, at));
    }
  }

  RegexNode parse() {
    RegexNode node = parse_alternatives();
    if (at_ < characters_.size()) fail("a ) without its (");
    return node;
  }

 private:
  [[noreturn]] void fail(const std::string& reason) const {
    throw DataError(fmt::format("character {}: {}", at_ + 1, reason));
  }
  [[noreturn]] void unsupported(const std::string& what) const { fail(what + " is not supported"); }

  uint32_t peek(size_t ahead = 0) const {
    return at_ + ahead < characters_.size() ? characters_[at_ + ahead] : kEnd;
  }
  uint32_t take() {
    if (at_ == characters_.size()) fail("the pattern ends too early");
    return characters_[at_++];
  }
  bool accept(std::string_view ascii) {
    for (size_t i = 0; i < ascii.size(); ++i) {
      if (peek(i) != static_cast<unsigned char>(ascii[i])) return false;
    }
    at_ += ascii.size();
    return true;
  }

  RegexNode parse_alternatives() {
    if (++depth_ > kMaxDepth) fail(fmt::format("groups are nested deeper than {}", kMaxDepth));
    const bool outer_ignore_case = ignore_case_;
    if (accept("(?i)")) ignore_case_ = true;
    std::vector<RegexNode> alternatives;
    do {
      alternatives.push_back(parse_sequence());
    } while (accept("|"));
    ignore_case_ = outer_ignore_case;
    --depth_;
    return list_node(Kind::kAlternate, std::move(alternatives));
  }

  RegexNode parse_sequence() {
    std::vector<RegexNode> parts;
    last_letter_ = kEnd;
    while (peek() != kEnd && peek() != '|' && peek() != ')') {
      parts.push_back(parse_quantified());
    }
    return list_node(Kind::kConcat, std::move(parts));
  }

  RegexNode parse_quantified() {
    RegexNode node = parse_atom();
    const size_t behind_atom = at_;
    while (true) {
      if (accept("*+")) {
        node = possessive(std::move(node), 0, RegexNode::kUnbounded);
      } else if (accept("++")) {
        node = possessive(std::move(node), 1, RegexNode::kUnbounded);
      } else if (accept("?+")) {
        node = possessive(std::move(node), 0, 1);
      } else if (accept("*")) {
        node = repeat(std::move(node), 0, RegexNode::kUnbounded, accept("?"));
      } else if (accept("+")) {
        node = repeat(std::move(node), 1, RegexNode::kUnbounded, accept("?"));
      } else if (accept("?")) {
        node = repeat(std::move(node), 0, 1, accept("?"));
      } else if (const auto count = take_interval()) {
        // In Ruby's syntax "{n,m}?" is lazy, but "{n}?" and "{n,m}+" are a second quantifier.
        const bool lazy = count->first != count->second && accept("?");
        node = repeat(std::move(node), count->first, count->second, lazy);
        if (accept("+")) node = repeat(std::move(node), 1, RegexNode::kUnbounded, false);
        if (accept("?")) node = repeat(std::move(node), 0, 1, false);
      } else {
        break;
      }
      if (peek() == '*' || peek() == '+' || peek() == '?')
        unsupported("a quantifier of a quantifier");
    }
    if (at_ != behind_atom) last_letter_ = kEnd;
    return node;
  }

  RegexNode repeat(RegexNode child, int min, int max, bool lazy) const {
    if (child.kind == Kind::kLook) unsupported("a quantifier of a look-ahead");
    if ((max == RegexNode::kUnbounded || max > 1) && child.can_be_empty())
      unsupported("a repetition of something that can be empty");
    return repeat_node(std::move(child), min, max, lazy);
  }

  // Of one character this is greedy repetition that may not end before another such character.
  RegexNode possessive(RegexNode child, int min, int max) const {
    if (child.kind != Kind::kSet) unsupported("a possessive quantifier of more than one character");
    RegexNode end = look_node(child.set, true);
    if (max == 1) return list_node(Kind::kAlternate, {std::move(child), std::move(end)});
    return list_node(Kind::kConcat,
                     {repeat_node(std::move(child), min, max, false), std::move(end)});
  }

  // "{n}", "{n,}", "{,m}" or "{n,m}"; anything else is literal text.
  std::optional<std::pair<int, int>> take_interval() {
    const size_t start = at_;
    if (!accept("{")) return std::nullopt;
    const std::optional<int> low = take_count();
    const bool comma = accept(",");
    const std::optional<int> high = comma ? take_count() : low;
    if (!accept("}") || (!low && !high)) {
      at_ = start;
      return std::nullopt;
    }
    const std::pair<int, int> count = {low.value_or(0), high.value_or(RegexNode::kUnbounded)};
    if (count.second != RegexNode::kUnbounded && count.first > count.second)
      fail(fmt::format("{{{},{}}} counts down", count.first, count.second));
    return count;
  }

  std::optional<int> take_count() {
    std::optional<int> value;
    while (peek() >= '0' && peek() <= '9') {
      value = value.value_or(0) * 10 + static_cast<int>(take() - '0');
      if (*value > kMaxCount) fail(fmt::format("a count is above {}", kMaxCount));
    }
    return value;
  }

  RegexNode parse_atom() {
    const uint32_t c = peek();
    const uint32_t before = last_letter_;
    last_letter_ = kEnd;
    if (c == '(') return parse_group();
    if (c == '[') return set_node(parse_class());
    if (c == '*' || c == '+' || c == '?') fail("a quantifier with nothing before it");
    if (c == '^') unsupported("the anchor ^");
    if (accept(".")) return set_node(single('\n').inverted());
    if (accept("$")) return look_node(single('\n').inverted(), true);
    if (accept("\\z")) return look_node(CodePointSet().inverted(), true);
    if (c == '\\') {
      if (auto set = take_class_escape()) return set_node(folded(std::move(*set)));
      return literal(take_escaped_character(), before);
    }
    return literal(take(), before);
  }

  RegexNode literal(uint32_t c, uint32_t before) {
    if (ignore_case_ && folds_to_one(before, c))
      unsupported("case-insensitive ss, ff, fi, fl or st");
    last_letter_ = c;
    return set_node(folded(single(c)));
  }

  RegexNode parse_group() {
    if (accept("(?:")) return close_group(parse_alternatives());
    if (accept("(?=")) return look_ahead(false);
    if (accept("(?!")) return look_ahead(true);
    if (accept("(?i:")) {
      const bool outer = std::exchange(ignore_case_, true);
      RegexNode node = parse_alternatives();
      ignore_case_ = outer;
      return close_group(std::move(node));
    }
    if (peek(1) == '?' && peek(2) == '<' && (peek(3) == '=' || peek(3) == '!'))
      unsupported("look-behind");
    if (peek(1) == '?' && peek(2) == '>') unsupported("an atomic group");
    if (peek(1) == '?') unsupported("this kind of group");
    ++at_;
    return close_group(parse_alternatives());
  }

  RegexNode close_group(RegexNode node) {
    if (!accept(")")) fail("a ( without its )");
    last_letter_ = kEnd;
    return node;
  }

  RegexNode look_ahead(bool negative) {
    const RegexNode inside = close_group(parse_alternatives());
    const bool alternatives = inside.kind == Kind::kAlternate;
    CodePointSet set;
    for (const RegexNode& one : alternatives ? inside.children : std::vector<RegexNode>{inside}) {
      if (one.kind != Kind::kSet) unsupported("look-ahead of more or less than one character");
      set = set.united(one.set);
    }
    return look_node(std::move(set), negative);
  }

  // "[...]", with nested classes and intersections "&&".
  CodePointSet parse_class() {
    if (++depth_ > kMaxDepth) fail(fmt::format("classes are nested deeper than {}", kMaxDepth));
    if (peek(1) == ':') unsupported("a POSIX bracket");
    ++at_;
    const bool negative = accept("^");
    if (peek() == ']') fail("an empty class; a ] in a class is written \\]");
    std::optional<CodePointSet> before;  // what stands before the last &&
    std::vector<CodePointSet::Range> ranges;
    const auto members = [&] {
      const CodePointSet set(std::exchange(ranges, {}));
      return before ? before->intersected(set) : set;
    };
    while (!accept("]")) {
      if (accept("&&")) {
        before = members();
      } else {
        const CodePointSet item = parse_class_item();
        ranges.insert(ranges.end(), item.ranges().begin(), item.ranges().end());
      }
    }
    --depth_;
    const CodePointSet set = folded(members());
    return negative ? set.inverted() : set;
  }

  CodePointSet parse_class_item() {
    if (peek() == '[') return parse_class();
    if (peek() == '\\') {
      if (auto set = take_class_escape()) return std::move(*set);
    }
    const uint32_t low = peek() == '\\' ? take_escaped_character() : take();
    if (peek() != '-' || peek(1) == ']' || peek(1) == kEnd) return single(low);
    if (peek(1) == '[') unsupported("a range that ends in a class");
    ++at_;
    const uint32_t high = peek() == '\\' ? take_escaped_character() : take();
    if (low > high) fail(fmt::format("the range U+{:04X}-U+{:04X} is empty", low, high));
    return CodePointSet({CodePointSet::Range{low, high}});
  }

  // \s, \p{L} and their like; nothing when the escape stands for one character.
  std::optional<CodePointSet> take_class_escape() {
    const uint32_t c = peek(1);
    const bool negative = c == 'S' || c == 'D' || c == 'W' || c == 'H';
    CodePointSet set;
    if (c == 's' || c == 'S') set = white_space();
    if (c == 'd' || c == 'D') set = category("Nd");
    if (c == 'w' || c == 'W') set = oniguruma_word();
    if (c == 'h' || c == 'H') set = CodePointSet({{'0', '9'}, {'A', 'F'}, {'a', 'f'}});
    if (c == 'p' || c == 'P') return take_property();
    if (set.empty()) return std::nullopt;
    at_ += 2;
    return negative ? set.inverted() : set;
  }

  // Oniguruma's \w: without the joiners, with the numbers of Latin-1.
  static CodePointSet oniguruma_word() {
    const CodePointSet joiners({CodePointSet::Range{0x200c, 0x200d}});
    const CodePointSet numbers({{0xb2, 0xb3}, {0xb9, 0xb9}, {0xbc, 0xbe}});
    return word_characters().intersected(joiners.inverted()).united(numbers);
  }

  CodePointSet take_property() {
    bool negative = peek(1) == 'P';
    if (peek(2) != '{') unsupported("\\p without {");
    at_ += 3;
    if (accept("^")) negative = !negative;
    std::string name;
    while (peek() != '}') append_utf8(name, take());
    const CodePointSet set = category(name);
    if (set.empty()) {
      fail(
          fmt::format("the property \"{}\" is not supported, only general categories such as L, Lu "
                      "or N are",
                      name));
    }
    ++at_;
    return negative ? set.inverted() : set;
  }

  uint32_t take_escaped_character() {
    ++at_;
    const uint32_t c = take();
    if (c == 'n') return '\n';
    if (c == 'r') return '\r';
    if (c == 't') return '\t';
    if (c == 'f') return '\f';
    if (c == 'v') return '\v';
    if (c == 'a') return '\a';
    if (c == 'e') return 0x1b;
    if (c == 'x' && accept("{")) return take_hexadecimal(1, 8, true);
    if (c == 'x') return take_hexadecimal(2, 2, false);
    if (c == 'u') return take_hexadecimal(4, 4, false);
    const bool word = is_ascii_letter(c) || (c >= '0' && c <= '9');
    if (word) {
      --at_;
      unsupported(fmt::format("\\{}", static_cast<char>(c)));
    }
    return c;
  }

  uint32_t take_hexadecimal(int min_digits, int max_digits, bool braced) {
    uint32_t value = 0;
    int digits = 0;
    for (; digits < max_digits; ++digits) {
      const uint32_t c = peek();
      const bool digit = c >= '0' && c <= '9', letter = (c | 32) >= 'a' && (c | 32) <= 'f';
      if (!digit && !letter) break;
      value = value * 16 + (digit ? c - '0' : (c | 32) - 'a' + 10);
      ++at_;
    }
    if (digits < min_digits || (braced && !accept("}")) || value > kMaxCodePoint)
      fail("not the number of a character");
    return value;
  }

  // With (?i), the set and the other case of its letters.
  CodePointSet folded(CodePointSet set) const {
    if (!ignore_case_) return set;
    const CodePointSet beyond_ascii({CodePointSet::Range{0x80, kMaxCodePoint}});
    for (const char* cased : {"L", "M", "Nl", "So"}) {
      if (!set.intersected(category(cased)).intersected(beyond_ascii).empty())
        unsupported("a case-insensitive character beyond ASCII");
    }
    std::vector<CodePointSet::Range> ranges = set.ranges();
    for (uint32_t c = 'a'; c <= 'z'; ++c) {
      if (!set.contains(c) && !set.contains(c - 32)) continue;
      ranges.push_back({c, c});
      ranges.push_back({c - 32, c - 32});
      if (c == 's') ranges.push_back({0x17f, 0x17f});    // long s
      if (c == 'k') ranges.push_back({0x212a, 0x212a});  // Kelvin sign
    }
    return CodePointSet(std::move(ranges));
  }

  std::vector<uint32_t> characters_;
  size_t at_ = 0;
  int depth_ = 0;
  bool ignore_case_ = false;
  uint32_t last_letter_ = kEnd;  // the literal just before, unless it has a quantifier
};

}  // namespace

bool RegexNode::can_be_empty() const {
  const auto empty = [](const RegexNode& child) { return child.can_be_empty(); };
  switch (kind) {
    case Kind::kEmpty:
    case Kind::kLook:
      return true;
    case Kind::kSet:
      return false;
    case Kind::kConcat:
      return std::all_of(children.begin(), children.end(), empty);
    case Kind::kAlternate:
      return std::any_of(children.begin(), children.end(), empty);
    case Kind::kRepeat:
      return min == 0 || children.front().can_be_empty();
  }
  return true;
}

RegexNode parse_regex(std::string_view pattern) { return Parser(pattern).parse(); }

}  // namespace r1::model
