#include "model/jinja_lexer.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdlib>

#include "model/jinja_text.h"
#include "model/utf8.h"

namespace r1::model::jinja {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || (c & 0x80) != 0;
}
bool is_name_char(char c) { return is_name_start(c) || is_digit(c); }

// \r\n and \r become \n; one newline at the end is dropped.
std::string with_plain_newlines(std::string_view source) {
  std::string text;
  text.reserve(source.size());
  for (size_t i = 0; i < source.size(); ++i) {
    if (source[i] == '\r' && source.substr(i + 1, 1) == "\n") continue;
    text += source[i] == '\r' ? '\n' : source[i];
  }
  if (text.ends_with('\n')) text.pop_back();
  return text;
}

class Lexer {
 public:
  explicit Lexer(std::string_view source) : text_(with_plain_newlines(source)) {}

  std::vector<Token> run() {
    while (at_ < text_.size()) lex_data();
    add(TokenKind::kEnd);
    return std::move(tokens_);
  }

 private:
  [[noreturn]] void fail(const std::string& message, int line = 0) const {
    throw LineFailure{line > 0 ? line : line_, message};
  }
  bool looking_at(std::string_view what) const {
    return std::string_view(text_).substr(at_).starts_with(what);
  }
  Token& add(TokenKind kind, std::string text = "") {
    tokens_.push_back({kind, line_, std::move(text)});
    return tokens_.back();
  }
  void advance(size_t bytes) {
    line_ += static_cast<int>(std::count(text_.begin() + static_cast<std::ptrdiff_t>(at_),
                                         text_.begin() + static_cast<std::ptrdiff_t>(at_ + bytes),
                                         '\n'));
    at_ += bytes;
    if (bytes > 0) after_newline_ = text_[at_ - 1] == '\n';
  }

  // Text up to the next tag, then the tag.
  void lex_data() {
    size_t tag = at_;
    do {
      tag = text_.find('{', tag);
      if (tag == std::string::npos || tag + 1 >= text_.size())
        return add_data(text_.size(), ' ', true);
      ++tag;
    } while (text_[tag] != '%' && text_[tag] != '{' && text_[tag] != '#');
    const char kind = text_[tag];
    const char sign = tag + 1 < text_.size() && (text_[tag + 1] == '-' || text_[tag + 1] == '+')
                          ? text_[tag + 1]
                          : ' ';
    const size_t raw_end = kind == '%' ? end_of_raw_tag(tag + 1 + (sign != ' ')) : 0;
    add_data(tag - 1, sign, kind == '{');
    advance(sign == ' ' ? 2 : 3);
    if (raw_end > 0) return lex_raw(raw_end);
    if (kind == '#') return lex_comment();
    lex_tag(kind);
  }

  // Data from here to `end`, with the white space dropped that a tag with this sign behind it
  // takes.
  void add_data(size_t end, char sign, bool before_print) {
    std::string_view data = std::string_view(text_).substr(at_, end - at_);
    if (sign == '-') {
      data = right_strip(data);
    } else if (sign != '+' && !before_print) {
      const size_t newline = data.rfind('\n');
      const size_t line = newline == data.npos ? 0 : newline + 1;
      const bool from_line_start = line > 0 || after_newline_;
      if (from_line_start && space_length(data, line) == data.size() - line)
        data = data.substr(0, line);
    }
    if (!data.empty()) add(TokenKind::kData, std::string(data));
    advance(end - at_);
  }

  // Behind "{%" and sign: where a raw tag ends, or 0 when it is none.
  size_t end_of_raw_tag(size_t at) const {
    const std::string_view text = text_;
    at += space_length(text, at);
    if (!text.substr(at).starts_with("raw")) return 0;
    at += 3;
    at += space_length(text, at);
    if (text.substr(at).starts_with("%}")) return at + 2;
    if (!text.substr(at).starts_with("-%}")) return 0;
    return at + 3 + space_length(text, at + 3);
  }

  void lex_raw(size_t end) {
    const int line = line_;
    advance(end - at_);
    const std::string_view text = text_;
    for (size_t tag = text.find("{%", at_); tag != text.npos; tag = text.find("{%", tag + 2)) {
      size_t inside = tag + 2;
      const char sign =
          inside < text.size() && (text[inside] == '-' || text[inside] == '+') ? text[inside] : ' ';
      inside += sign != ' ';
      inside += space_length(text, inside);
      if (!text.substr(inside).starts_with("endraw")) continue;
      inside += 6;
      inside += space_length(text, inside);
      const size_t closing = closing_length(inside, "%}", true);
      if (closing == 0) continue;
      add_data(tag, sign, false);
      return advance(inside + closing - at_);
    }
    fail("Missing end of raw directive", line);
  }

  void lex_comment() {
    const int line = line_;
    for (size_t end = at_; end < text_.size(); ++end) {
      const size_t closing = closing_length(end, "#}", true);
      if (closing > 0) return advance(end + closing - at_);
    }
    fail("Missing end of comment tag", line);
  }

  // Bytes of a closing mark at `at` with what it takes of the text behind it; 0 when there is none.
  size_t closing_length(size_t at, std::string_view mark, bool plus_and_newline) const {
    const std::string_view text = text_;
    if (text.substr(at, 1) == "-" && text.substr(at + 1).starts_with(mark))
      return 1 + mark.size() + space_length(text, at + 1 + mark.size());
    if (plus_and_newline && text.substr(at, 1) == "+" && text.substr(at + 1).starts_with(mark))
      return 1 + mark.size();
    if (!text.substr(at).starts_with(mark)) return 0;
    const bool newline = plus_and_newline && text.substr(at + mark.size(), 1) == "\n";
    return mark.size() + newline;
  }

  void lex_tag(char kind) {
    const bool block = kind == '%';
    const std::string_view mark = block ? "%}" : "}}";
    add(block ? TokenKind::kBlockBegin : TokenKind::kPrintBegin);
    std::string brackets;
    while (at_ < text_.size()) {
      const size_t closing = brackets.empty() ? closing_length(at_, mark, block) : 0;
      if (closing > 0) {
        add(block ? TokenKind::kBlockEnd : TokenKind::kPrintEnd);
        return advance(closing);
      }
      if (const size_t space = space_length(text_, at_)) {
        advance(space);
      } else {
        lex_expression_token(brackets);
      }
    }
  }

  void lex_expression_token(std::string& brackets) {
    const char c = text_[at_];
    if (is_digit(c)) return lex_number();
    if (is_name_start(c)) {
      size_t end = at_;
      while (end < text_.size() && is_name_char(text_[end])) ++end;
      add(TokenKind::kName, text_.substr(at_, end - at_));
      return advance(end - at_);
    }
    if (c == '\'' || c == '"') return lex_string(c);
    lex_operator(brackets);
  }

  // Digits with single underscores between them, from `at`.
  size_t digits_end(size_t at) const {
    while (at < text_.size() &&
           (is_digit(text_[at]) ||
            (text_[at] == '_' && at + 1 < text_.size() && is_digit(text_[at + 1]))))
      ++at;
    return at;
  }

  void lex_number() {
    const char second = at_ + 1 < text_.size() ? text_[at_ + 1] : ' ';
    if (text_[at_] == '0' && std::string_view("xXoObB").find(second) != std::string_view::npos)
      return lex_based_integer();
    const size_t whole = digits_end(at_);
    size_t end = whole;
    if (end + 1 < text_.size() && text_[end] == '.' && is_digit(text_[end + 1]))
      end = digits_end(end + 1);
    size_t exponent = end;
    if (exponent < text_.size() && (text_[exponent] == 'e' || text_[exponent] == 'E')) {
      ++exponent;
      if (exponent < text_.size() && (text_[exponent] == '+' || text_[exponent] == '-')) ++exponent;
      if (exponent < text_.size() && is_digit(text_[exponent])) end = digits_end(exponent);
    }
    const bool after_dot = at_ > 0 && text_[at_ - 1] == '.';
    if (end == whole || after_dot)
      return add_integer(text_.substr(at_, whole - at_), 10, whole - at_);
    std::string digits = text_.substr(at_, end - at_);
    std::erase(digits, '_');
    add(TokenKind::kFloat, digits).real = std::strtod(digits.c_str(), nullptr);
    advance(end - at_);
  }

  void lex_based_integer() {
    const char letter = static_cast<char>(text_[at_ + 1] | 0x20);
    size_t end = at_ + 2;
    while (end < text_.size() && is_name_char(text_[end])) ++end;
    add_integer(text_.substr(at_ + 2, end - at_ - 2),
                letter == 'x'   ? 16
                : letter == 'o' ? 8
                                : 2,
                end - at_);
  }

  void add_integer(std::string digits, int base, size_t bytes) {
    std::erase(digits, '_');
    int64_t value = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
    if (read.ec != std::errc() || read.ptr != digits.data() + digits.size())
      fail(fmt::format(
          "the integer {} cannot be read: it must have digits of base {} and fit 64 bits",
          digits.substr(0, 40), base));
    add(TokenKind::kInteger, digits).integer = value;
    advance(bytes);
  }

  void lex_string(char quote) {
    size_t end = at_ + 1;
    while (end < text_.size() && text_[end] != quote) end += text_[end] == '\\' ? 2 : 1;
    if (end >= text_.size()) fail("a string is not closed");
    add(TokenKind::kString, unescape(std::string_view(text_).substr(at_ + 1, end - at_ - 1)));
    advance(end + 1 - at_);
  }

  // Python's escapes; unknown ones stay as they are.
  std::string unescape(std::string_view text) const {
    constexpr std::string_view kNames = "\\'\"abfnrtv", kValues = "\\'\"\a\b\f\n\r\t\v";
    std::string out;
    for (size_t i = 0; i < text.size(); ++i) {
      if (text[i] != '\\') {
        out += text[i];
        continue;
      }
      const char c = text[++i];
      const size_t named = kNames.find(c);
      if (named != kNames.npos) {
        out += kValues[named];
      } else if (c == 'x' || c == 'u' || c == 'U') {
        const size_t digits = c == 'x' ? 2 : c == 'u' ? 4 : 8;
        append_code_point(out, escaped_code(text.substr(i + 1, digits), digits, 16));
        i += digits;
      } else if (c >= '0' && c <= '7') {
        size_t digits = 1;
        while (digits < 3 && i + digits < text.size() && text[i + digits] >= '0' &&
               text[i + digits] <= '7')
          ++digits;
        append_code_point(out, escaped_code(text.substr(i, digits), digits, 8));
        i += digits - 1;
      } else if (c == 'N') {
        fail("the escape \\N{...} is not supported; write the character");
      } else if (c != '\n') {
        out += {'\\', c};
      }
    }
    return out;
  }

  char32_t escaped_code(std::string_view digits, size_t wanted, int base) const {
    uint32_t code = 0;
    const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), code, base);
    if (digits.size() != wanted || read.ptr != digits.data() + digits.size())
      fail("an escape in a string lacks digits");
    if (code > 0x10ffff || (code >= 0xd800 && code < 0xe000))
      fail(fmt::format("the escape \\u{:04x} in a string is no character", code));
    return code;
  }

  void lex_operator(std::string& brackets) {
    static constexpr std::array<std::string_view, 27> kOperators = {
        "//", "**", "==", "!=", ">=", "<=", "+", "-", "/", "*", "%", "~", "[", "]",
        "(",  ")",  "{",  "}",  ">",  "<",  "=", ".", ":", "|", ",", ";", ""};
    const auto found =
        std::find_if(kOperators.begin(), kOperators.end(), [&](auto op) { return looking_at(op); });
    if (found->empty()) fail(fmt::format("unexpected character {}", repr_of(text_.substr(at_, 1))));
    const char c = found->front();
    if (c == '(' || c == '[' || c == '{') brackets += c == '(' ? ')' : c == '[' ? ']' : '}';
    if (c == ')' || c == ']' || c == '}') {
      if (brackets.empty()) fail(fmt::format("unexpected '{}'", c));
      if (brackets.back() != c)
        fail(fmt::format("unexpected '{}', expected '{}'", c, brackets.back()));
      brackets.pop_back();
    }
    add(TokenKind::kOperator, std::string(*found));
    advance(found->size());
  }

  std::string text_;
  size_t at_ = 0;
  int line_ = 1;
  bool after_newline_ = true;  // the last thing read ended with a newline, or nothing was read yet
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokenize(std::string_view source) { return Lexer(source).run(); }

std::string describe(const Token& token) {
  switch (token.kind) {
    case TokenKind::kData:
      return "text";
    case TokenKind::kPrintBegin:
      return "'{{'";
    case TokenKind::kPrintEnd:
      return "'}}'";
    case TokenKind::kBlockBegin:
      return "'{%'";
    case TokenKind::kBlockEnd:
      return "'%}'";
    case TokenKind::kString:
      return "a string";
    case TokenKind::kEnd:
      return "the end of the template";
    default:
      return "'" + token.text.substr(0, 80) + "'";
  }
}

}  // namespace r1::model::jinja
