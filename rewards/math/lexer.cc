#include "rewards/math/lexer.h"

#include <algorithm>
#include <iterator>

#include "rewards/math/unicode.h"

namespace r1::rewards::math::engine {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

template <size_t N>
bool any_of(std::string_view name, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

// Commands that say how something looks.
constexpr std::string_view kIgnored[] = {"left",
                                         "right",
                                         "big",
                                         "Big",
                                         "bigg",
                                         "Bigg",
                                         "bigl",
                                         "bigr",
                                         "Bigl",
                                         "Bigr",
                                         "biggl",
                                         "biggr",
                                         "Biggl",
                                         "Biggr",
                                         "middle",
                                         "displaystyle",
                                         "textstyle",
                                         "scriptstyle",
                                         "limits",
                                         "nolimits",
                                         "mathstrut",
                                         "rm",
                                         "bf",
                                         "it",
                                         "large",
                                         "Large",
                                         "LARGE",
                                         "small",
                                         "normalsize",
                                         "boxed",
                                         "fbox",
                                         "ensuremath",
                                         "mathop",
                                         "mathrel",
                                         "mathbin",
                                         "mathord",
                                         "mathopen",
                                         "mathclose",
                                         "bigm",
                                         "Bigm",
                                         "nonumber",
                                         "centering",
                                         "strut",
                                         "hfill",
                                         "noindent",
                                         "boldsymbol",
                                         "mathbf",
                                         "mathit",
                                         "mathsf",
                                         "bm",
                                         "pmb",
                                         "mathnormal",
                                         "scriptscriptstyle",
                                         "displaylimits",
                                         "relax",
                                         "protect"};
// Commands that vanish together with their argument.
constexpr std::string_view kIgnoredWithArgument[] = {"hspace",   "vspace", "phantom",  "hphantom",
                                                     "vphantom", "label",  "tag",      "color",
                                                     "hskip",    "mskip",  "textcolor"};
constexpr std::string_view kTextCommands[] = {
    "text",   "textbf", "textrm",    "textit",       "textnormal", "textsf", "texttt",
    "mbox",   "hbox",   "mathrm",    "operatorname", "textsc",     "emph",   "textup",
    "mathtt", "textsl", "underline", "uppercase",    "mathup"};
constexpr std::string_view kPlainSpaces[] = {"quad",      "qquad",    "enspace",   "space",
                                             "thinspace", "medspace", "thickspace"};

class Lexer {
 public:
  Lexer(std::string_view source, Tree& tree, Failure& failure)
      : source_(source), tree_(tree), failure_(failure) {
    int dollars = 0;
    for (size_t i = 0; i < source.size(); ++i)
      dollars += source[i] == '$' && (i == 0 || source[i - 1] != '\\');
    dollar_is_delimiter_ = dollars % 2 == 0;
    has_environment_ = source.find("\\begin") != std::string_view::npos;
  }

  std::vector<Token> run() {
    tokens_.reserve(source_.size() / 2 + 8);
    lex(source_, true);
    push(TokenKind::kEnd, {}, source_.size(), source_.size());
    count_runs();
    return std::move(tokens_);
  }

 private:
  void fail(const char* problem, size_t position) {
    if (failure_.problem.empty()) failure_ = {problem, static_cast<uint32_t>(position)};
  }

  Token& push(TokenKind kind, std::string_view text, size_t begin, size_t end) {
    Token& token = tokens_.emplace_back();
    token.kind = kind;
    token.space = space_;
    token.text = text;
    token.begin = static_cast<uint32_t>(begin);
    token.end = static_cast<uint32_t>(end);
    if (kind == TokenKind::kMark) token.mark = text[0];
    space_ = Space::kNone;
    return token;
  }

  void widen(Space space) { space_ = std::max(space_, space); }

  // `direct`: positions are those of the source; otherwise `text` stands for the character at
  // fixed_.
  void lex(std::string_view text, bool direct) {
    size_t i = 0;
    while (i < text.size() && failure_.problem.empty()) {
      const char c = text[i];
      const size_t begin = direct ? i : fixed_begin_;
      if (static_cast<unsigned char>(c) >= 0x80) {
        lex_unicode(text, i, direct);
      } else if (is_digit(c)) {
        size_t end = i;
        while (end < text.size() && is_digit(text[end])) ++end;
        push_digits(text.substr(i, end - i), begin, direct ? end : fixed_end_);
        i = end;
      } else if (is_letter(c)) {
        push(TokenKind::kLetter, text.substr(i, 1), begin, direct ? i + 1 : fixed_end_);
        ++i;
      } else if (c == '\\') {
        lex_command(text, i, direct);
      } else if (c == ' ' || c == '\t' || c == '\n' || c == '\r') {
        widen(Space::kPlain);
        ++i;
      } else if (c == '~') {
        widen(Space::kThin);
        ++i;
      } else if (c == '$' && dollar_is_delimiter_) {
        widen(Space::kPlain);
        ++i;
      } else if (c == '{' && i + 2 < text.size() && text[i + 2] == '}' &&
                 std::string_view(":=<>+-").find(text[i + 1]) != std::string_view::npos) {
        push(TokenKind::kMark, text.substr(i + 1, 1), begin,
             direct ? i + 3 : fixed_end_);  // 3{:}30
        i += 3;
      } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7F) {
        fail("a control character", begin);
      } else {
        push(TokenKind::kMark, text.substr(i, 1), begin, direct ? i + 1 : fixed_end_);
        ++i;
      }
    }
  }

  // Full-width digits come one by one: join neighbours.
  void push_digits(std::string_view digits, size_t begin, size_t end) {
    if (!tokens_.empty() && space_ == Space::kNone && tokens_.back().kind == TokenKind::kDigits &&
        tokens_.back().end == begin) {
      Token& last = tokens_.back();
      last.text = tree_.keep(std::string(last.text) + std::string(digits));
      last.end = static_cast<uint32_t>(end);
      return;
    }
    push(TokenKind::kDigits, digits, begin, end);
  }

  void lex_unicode(std::string_view text, size_t& i, bool direct) {
    const size_t begin = i;
    const int32_t c = next_code_point(text, i);
    if (c < 0) return fail("invalid UTF-8", begin);
    if (is_invisible(c)) return;
    if (is_thin_space(c)) return widen(Space::kThin);
    if (is_space(c)) return widen(Space::kPlain);
    if (direct) {
      fixed_begin_ = begin;
      fixed_end_ = i;
    }
    if (superscript_digit(c) >= 0 || subscript_digit(c) >= 0) return lex_script(text, i, begin, c);
    const std::string_view stands_for = meaning(c);
    if (!stands_for.empty()) return lex(stands_for, false);
    lex_other_letters(text, i, begin);
  }

  // A run of superscript or subscript characters is one exponent or index.
  void lex_script(std::string_view text, size_t& i, size_t begin, int32_t first) {
    const bool above = superscript_digit(first) >= 0;
    std::string content;
    size_t end = begin;
    for (size_t next = begin; next < text.size(); end = next) {
      const int32_t c = next_code_point(text, next);
      const int digit = c < 0 ? -1 : above ? superscript_digit(c) : subscript_digit(c);
      if (digit < 0) break;
      content += digit < 10 ? static_cast<char>('0' + digit) : "-+n"[digit - 10];
    }
    i = end;
    lex(tree_.keep((above ? "^{" : "_{") + content + "}"), false);
  }

  // Letters that no table knows (Chinese, Cyrillic look-alikes): a run is one name.
  void lex_other_letters(std::string_view text, size_t& i, size_t begin) {
    size_t end = i;
    while (end < text.size() && static_cast<unsigned char>(text[end]) >= 0x80) {
      size_t next = end;
      const int32_t c = next_code_point(text, next);
      if (c < 0 || !meaning(c).empty() || is_invisible(c) || is_space(c) || is_thin_space(c) ||
          superscript_digit(c) >= 0 || subscript_digit(c) >= 0) {
        break;
      }
      end = next;
    }
    push(TokenKind::kLetter, text.substr(begin, end - begin), fixed_begin_, fixed_end_);
    i = end;
  }

  void lex_command(std::string_view text, size_t& i, bool direct) {
    const size_t begin = direct ? i : fixed_begin_;
    size_t end = i + 1;
    while (end < text.size() && is_letter(text[end])) ++end;
    std::string_view name = text.substr(i + 1, end - i - 1);
    if (name.empty()) return lex_escape(text, i, begin, direct);
    if (end < text.size() && text[end] == '*') ++end;
    i = end;
    const size_t token_end = direct ? end : fixed_end_;
    if (any_of(name, kIgnored)) {
      if (i < text.size() && text[i] == '.' && (name == "left" || name == "right")) ++i;
      return;
    }
    if (any_of(name, kPlainSpaces)) return widen(Space::kWide);
    if (name.starts_with("quad") || name.starts_with("qquad")) {  // \quadx
      i -= name.size() - (name[0] == 'q' && name[1] == 'q' ? 5 : 4);
      return widen(Space::kWide);
    }
    if (any_of(name, kIgnoredWithArgument)) {
      std::string_view argument;
      if (!read_group(text, i, argument)) fail("an unclosed brace", begin);
      return;
    }
    if (any_of(name, kTextCommands)) return lex_text(text, i, name, begin, direct);
    push(TokenKind::kCommand, name, begin, token_end);
  }

  // Backslash and one other character.
  void lex_escape(std::string_view text, size_t& i, size_t begin, bool direct) {
    if (i + 1 >= text.size()) return fail("a lone backslash", begin);
    const char c = text[i + 1];
    if (c == '\\' && !has_environment_ && i + 2 < text.size() && is_letter(text[i + 2])) {
      ++i;  // "\\frac" of a text that was escaped twice
      return;
    }
    i += 2;
    const size_t end = direct ? i : fixed_end_;
    if (c == '\\') {
      push(TokenKind::kRowEnd, {}, begin, end);
      if (i < text.size() && text[i] == '[') skip_row_space(text, i);
    } else if (c == '!') {
      widen(Space::kNegative);
    } else if (c == ',' || c == ';' || c == ':' || c == '>') {
      widen(Space::kThin);
    } else if (c == ' ' || c == '\n' || c == '/' || c == '(' || c == ')' || c == '[' || c == ']') {
      widen(Space::kPlain);
    } else if (c == '{' || c == '}' || c == '|' || c == '$' || c == '%') {
      push(TokenKind::kCommand, text.substr(i - 1, 1), begin, end);
    } else if (c == '#' || c == '&' || c == '_' || c == '-' || c == '\'' || c == '"') {
      push(TokenKind::kMark, text.substr(i - 1, 1), begin, end);
    } else {
      fail("an unknown command", begin);
    }
  }

  // \\[2pt]
  void skip_row_space(std::string_view text, size_t& i) {
    size_t end = i + 1;
    while (end < text.size() && (is_digit(text[end]) || text[end] == '.')) ++end;
    if (end == i + 1 || end + 2 >= text.size() || !is_letter(text[end]) || text[end + 2] != ']')
      return;
    i = end + 3;
  }

  // {content} after optional blanks, or the next character; i moves behind it.
  bool read_group(std::string_view text, size_t& i, std::string_view& content) {
    while (i < text.size() && text[i] == ' ') ++i;
    if (i >= text.size()) return false;
    if (text[i] != '{') {
      content = text.substr(i, 1);
      ++i;
      return true;
    }
    int depth = 0;
    for (size_t end = i; end < text.size(); ++end) {
      if (text[end] == '\\') {
        ++end;
        continue;
      }
      if (text[end] == '{') ++depth;
      if (text[end] == '}' && --depth == 0) {
        content = text.substr(i + 1, end - i - 1);
        i = end + 1;
        return true;
      }
    }
    return false;
  }

  void lex_text(std::string_view text, size_t& i, std::string_view command, size_t begin,
                bool direct) {
    std::string_view content;
    if (!read_group(text, i, content)) return fail("an unclosed brace", begin);
    const size_t end = direct ? i : fixed_end_;
    const bool roman = command == "mathrm" || command == "mathtt" || command == "mathup";
    // Formulas in disguise: \text{13}, \mathrm{e}, \text{$x$}, \textbf{\frac12}.
    const bool figure = content.find_first_of("0123456789") != std::string_view::npos &&
                        std::all_of(content.begin(), content.end(),
                                    [](char c) { return is_digit(c) || (c >= 'A' && c <= 'Z'); });
    const bool formula =
        figure || content.find_first_of("\\^_$") != std::string_view::npos ||
        (roman && content.size() == 1 && is_letter(content[0])) ||
        (!content.empty() && std::none_of(content.begin(), content.end(), [](char c) {
          return is_letter(c) || static_cast<unsigned char>(c) >= 0x80;
        }));
    if (formula && depth_ < 4) {
      ++depth_;
      if (direct) {
        fixed_begin_ = begin;
        fixed_end_ = end;
      }
      lex(content, false);
      --depth_;
      return;
    }
    if (command == "operatorname") {
      for (size_t k = 0; k < content.size(); ++k) {
        const size_t at = direct ? static_cast<size_t>(content.data() - source_.data()) + k : begin;
        if (is_letter(content[k]))
          push(TokenKind::kLetter, content.substr(k, 1), at, direct ? at + 1 : end);
      }
      return;
    }
    push(TokenKind::kText, content, begin, end);
  }

  // How many ASCII letters follow each other without a gap.
  void count_runs() {
    for (size_t k = tokens_.size(); k-- > 0;) {
      Token& token = tokens_[k];
      if (token.kind != TokenKind::kLetter || token.text.size() != 1) continue;
      const Token& next = tokens_[k + 1];
      const bool joined =
          next.kind == TokenKind::kLetter && next.text.size() == 1 && next.space == Space::kNone;
      token.run = static_cast<uint16_t>(joined ? next.run + 1 : 1);
    }
  }

  std::string_view source_;
  Tree& tree_;
  Failure& failure_;
  std::vector<Token> tokens_;
  Space space_ = Space::kNone;
  bool dollar_is_delimiter_ = true;
  bool has_environment_ = false;
  size_t fixed_begin_ = 0, fixed_end_ = 0;
  int depth_ = 0;
};

}  // namespace

int32_t next_code_point(std::string_view text, size_t& position) {
  const auto byte = [&](size_t i) {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0;
  };
  const unsigned char first = byte(position);
  if (first < 0x80) {
    ++position;
    return first;
  }
  const int length = first >= 0xF0 && first <= 0xF4  ? 4
                     : first >= 0xE0 && first < 0xF0 ? 3
                     : first >= 0xC2 && first < 0xE0 ? 2
                                                     : 0;
  if (length == 0) return -1;
  int32_t value = first & (0xFF >> (length + 1));
  for (int k = 1; k < length; ++k) {
    const unsigned char next = byte(position + static_cast<size_t>(k));
    if ((next & 0xC0) != 0x80) return -1;
    value = (value << 6) | (next & 0x3F);
  }
  constexpr int32_t kLowest[] = {0, 0, 0x80, 0x800, 0x10000};
  if (value < kLowest[length] || value > 0x10FFFF || (value >= 0xD800 && value <= 0xDFFF))
    return -1;
  position += static_cast<size_t>(length);
  return value;
}

std::vector<Token> tokenize(std::string_view source, Tree& tree, Failure& failure) {
  return Lexer(source, tree, failure).run();
}

}  // namespace r1::rewards::math::engine
