// Operands: names, brackets, commands and texts.
#include <algorithm>
#include <iterator>
#include <utility>

#include "rewards/math/parser_impl.h"
#include "rewards/math/units.h"
#include "rewards/math/words.h"

namespace r1::rewards::math::engine {
namespace {

constexpr std::string_view kGreek[] = {
    "alpha",     "beta",      "gamma",       "delta", "epsilon", "varepsilon", "zeta",
    "eta",       "theta",     "vartheta",    "iota",  "kappa",   "lambda",     "mu",
    "nu",        "xi",        "rho",         "sigma", "tau",     "upsilon",    "phi",
    "varphi",    "chi",       "psi",         "omega", "Gamma",   "Delta",      "Theta",
    "Lambda",    "Xi",        "Pi",          "Sigma", "Phi",     "Psi",        "Omega",
    "ell",       "hbar",      "varrho",      "aleph", "partial", "nabla",      "clubsuit",
    "spadesuit", "heartsuit", "diamondsuit", "star",  "diamond", "square",     "Box",
    "bullet",    "dagger",    "checkmark"};
// Commands that draw something over or around a name.
constexpr std::string_view kDecorations[] = {
    "overline", "bar",       "vec",     "overrightarrow", "hat",       "widehat",
    "tilde",    "widetilde", "dot",     "ddot",           "underline", "overleftrightarrow",
    "mathcal",  "mathfrak",  "mathscr", "overarc",        "wideparen", "overset",
    "underset"};
constexpr std::string_view kSigils[] = {"angle", "triangle", "measuredangle", "odot"};

template <size_t N>
bool one_of(std::string_view name, const std::string_view (&list)[N]) {
  return std::find(std::begin(list), std::end(list), name) != std::end(list);
}

bool has_vowel(std::string_view word) {
  return word.find_first_of("aeiouyAEIOUY") != std::string_view::npos;
}

bool all_capitals(std::string_view word) {
  return std::all_of(word.begin(), word.end(), [](char c) { return c >= 'A' && c <= 'Z'; });
}

}  // namespace

const Node* Parser::primary() {
  if (nodes() > kMaxNodes) return fail_too_large("too many parts");
  const Token& token = peek();
  switch (token.kind) {
    case TokenKind::kDigits:
      return number();
    case TokenKind::kLetter:
      return letters();
    case TokenKind::kCommand:
      return command();
    case TokenKind::kText:
      return text();
    case TokenKind::kMark:
      break;
    case TokenKind::kRowEnd:
    case TokenKind::kEnd:
      return fail("an operand is missing");
  }
  switch (token.mark) {
    case '.':
      if (peek(1).is('.') && peek(2).is('.')) {
        position_ += 3;
        return symbol("...", token.begin);
      }
      return number();
    case '(':
    case '[':
    case ']':
      return bracketed(token.mark);
    case '{':
      return braces();
    case '|':
      return bars();
    case '<':
      return bracketed('<');
    case '$':
      next();
      return currency("dollar");
    default:
      return fail("an operand is missing");
  }
}

const Node* Parser::currency(std::string_view unit) {
  const Node* value = signed_factor();
  if (value == nullptr) return nullptr;
  value = unit_suffix(value);  // $3 million
  if (value == nullptr) return nullptr;
  if (value->kind == Kind::kQuantity) {
    const std::string_view more = value->text;
    return quantity(value->children[0],
                    bare_word(more).starts_with("dollar")
                        ? more
                        : tree_.keep(std::string(unit) + " " + std::string(more)));
  }
  return quantity(value, unit);
}

const Node* Parser::symbol(std::string_view name, uint32_t begin) {
  Node* node = tree_.make(Kind::kSymbol, begin, last_end());
  const std::string below = subscript();
  if (!failure_.problem.empty()) return nullptr;
  node->text = below.empty() ? name : tree_.keep(std::string(name) + below);
  node->end = last_end();
  return node;
}

// "_{12}" as "_12"; empty when there is none.
std::string Parser::subscript() {
  if (!peek().is('_')) return {};
  next();
  std::string name = "_";
  if (!peek().is('{')) {
    const Token& token = next();
    if (token.kind == TokenKind::kEnd) return fail("an index is missing"), name;
    if (token.kind == TokenKind::kMark) return name + token.mark;
    return name + std::string(token.text);
  }
  int depth = 0;
  do {
    const Token& token = next();
    if (token.kind == TokenKind::kEnd) return fail("a closing brace is missing"), name;
    if (token.is('{')) {
      ++depth;
    } else if (token.is('}')) {
      --depth;
    } else if (token.kind == TokenKind::kMark) {
      name += token.mark;
    } else {
      name += token.text;
    }
  } while (depth > 0);
  return name;
}

const Node* Parser::letters() {
  const Token& token = peek();
  const std::string_view whole = run();
  if (whole.size() >= 2) {
    if (const Node* known = word(whole, token.run); known != nullptr || !failure_.problem.empty())
      return known;
  }
  next();
  if (token.text == "e" || (token.text == "i" && !i_is_a_name_)) {
    if (!peek().is('_')) {
      Node* node = tree_.make(Kind::kConstant, token.begin, token.end);
      node->constant = token.text == "e" ? Constant::kE : Constant::kI;
      return node;
    }
  }
  const Node* name = symbol(token.text, token.begin);
  if (name != nullptr && (name->text == "f" || name->text == "g" || name->text.starts_with("f_") ||
                          name->text.starts_with("g_"))) {
    return opaque_call(name);
  }
  return name;
}

// A known word of `length` tokens, or null without a failure: then its letters are names.
const Node* Parser::word(std::string_view text, size_t length) {
  const uint32_t begin = peek().begin;
  const std::string lower = lower_case(text);
  const auto take = [this](size_t count) { position_ += count; };
  if (text == "pi" || text == "Pi" || text == "PI") {
    take(length);
    Node* node = tree_.make(Kind::kConstant, begin, last_end());
    node->constant = Constant::kPi;
    return node;
  }
  if (lower == "inf" || lower == "infinity" || lower == "infty" || text == "oo") {
    take(length);
    return tree_.make(Kind::kInfinity, begin, last_end());
  }
  if (is_function(lower)) {
    take(length);
    return function(lower);
  }
  if (one_of(text, kGreek)) {
    take(length);
    return symbol(tree_.keep("\\" + std::string(text)), begin);
  }
  // sinx, cosx, lnx
  for (const size_t size : {6, 5, 4, 3, 2}) {
    if (size >= text.size() || text.size() - size > 2) continue;
    const std::string_view head = text.substr(0, size);
    if ((size == 2 && head != "ln") || !is_function(head) || head == "min" || head == "max")
      continue;
    take(size);
    return function(head);
  }
  if (text.size() >= 4 && has_vowel(text) && !all_capitals(text))
    return fail("a word in a formula");
  return nullptr;
}

const Node* Parser::symbol_command(std::string_view name) {
  const uint32_t begin = peek().begin;
  next();
  return symbol(tree_.keep("\\" + std::string(name)), begin);
}

// {...} or one token, as LaTeX takes it: \frac12 is 1 over 2.
const Node* Parser::argument() {
  if (peek().is('{')) return braces();
  Token& token = tokens_[position_];
  if (token.kind == TokenKind::kDigits && token.text.size() > 1) {
    Token first = token;
    first.text = token.text.substr(0, 1);
    first.end = first.begin + 1;
    token.text.remove_prefix(1);
    token.begin += 1;
    token.space = Space::kNone;
    Node* node = tree_.number(Rational::from_digits(first.text, 10));
    node->begin = first.begin;
    node->end = first.end;
    node->significant = 1;
    return node;
  }
  if (token.kind == TokenKind::kDigits) {
    Node* node = tree_.number(Rational::from_digits(token.text, 10));
    node->begin = token.begin;
    node->end = token.end;
    node->significant = 1;
    next();
    return node;
  }
  if (token.kind == TokenKind::kLetter && token.run >= 1) {
    if (is_function(lower_case(run()))) return primary();
    tokens_[position_].run = 1;  // one letter only
    return letters();
  }
  return primary();
}

const Node* Parser::root_argument() {
  // The root sign of plain text reaches over a whole number or bracket.
  return peek().kind == TokenKind::kDigits || peek().is('.') ? number()
         : peek().is('-')                                    ? signed_factor()
                                                             : primary();
}

const Node* Parser::command() {
  const std::string_view name = peek().text;
  if (name == "pi") {
    next();
    Node* node = tree_.make(Kind::kConstant, tokens_[position_ - 1].begin, last_end());
    node->constant = Constant::kPi;
    return node;
  }
  if (name == "infty") {
    next();
    return tree_.make(Kind::kInfinity, tokens_[position_ - 1].begin, last_end());
  }
  if (is_function(name) && name != "sqrt" &&
      name != "binom") {  // these two have a syntax of their own
    next();
    return function(name);
  }
  if (one_of(name, kGreek)) return symbol_command(name);
  if (one_of(name, kSigils)) return decorated(name);
  if (one_of(name, kDecorations)) return decorated(name);
  if (name == "mathbb" || name == "Bbb") return blackboard();
  return structure_command(name);
}

const Node* Parser::structure_command(std::string_view name) {
  const Token& token = next();
  const uint32_t begin = token.begin;
  const auto pair = [&](Kind kind) -> const Node* {
    if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
    const Node* first = argument();
    const Node* second = first == nullptr ? nullptr : argument();
    --depth_;
    return second == nullptr ? nullptr : tree_.make(kind, {first, second}, begin, last_end());
  };
  if (name == "frac" || name == "dfrac" || name == "tfrac" || name == "cfrac" || name == "sfrac" ||
      name == "nicefrac") {
    return pair(Kind::kDivide);
  }
  if (name == "binom" || name == "dbinom" || name == "tbinom") return pair(Kind::kBinomial);
  if (name == "sqrt" || name == "surd") {
    if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
    const Node* index = nullptr;
    if (accept('[')) {
      index = sum();
      if (index == nullptr) return nullptr;
      if (!accept(']')) return fail("a closing bracket is missing");
    }
    if (index == nullptr) index = tree_.number(Rational(2));
    const Node* radicand =
        name == "surd" || (peek().is('(') || peek().is('-')) ? root_argument() : argument();
    --depth_;
    return radicand == nullptr ? nullptr
                               : tree_.make(Kind::kRoot, {radicand, index}, begin, last_end());
  }
  if (name == "{") return --position_, set_braces();
  if (name == "emptyset" || name == "varnothing")
    return tree_.make(Kind::kEmptySet, begin, last_end());
  if (name == "R" || name == "Z" || name == "N" || name == "Q" || name == "C" || name == "reals") {
    Node* node = tree_.make(Kind::kNamedSet, begin, last_end());
    node->text = name == "reals" ? "R" : name;
    return node;
  }
  if (name == "lvert" || name == "vert" || name == "mid")
    return enclosed(Kind::kAbsolute, name == "lvert" ? "rvert" : name);
  if (name == "lVert" || name == "|") return enclosed(Kind::kAbsolute, name == "|" ? "|" : "rVert");
  if (name == "lfloor") return enclosed(Kind::kFloor, "rfloor");
  if (name == "lceil") return enclosed(Kind::kCeiling, "rceil");
  if (name == "langle") return --position_, bracketed('<');
  if (name == "begin") return environment();
  if (name == "$") return currency("dollar");
  if (name == "pounds" || name == "textsterling") return currency("sterling");
  if (name == "euro" || name == "texteuro" || name == "EUR") return currency("euro");
  if (name == "yen" || name == "textyen") return currency("yen");
  if (name == "sum") return big_operator(Kind::kSum);
  if (name == "prod") return big_operator(Kind::kProduct);
  if (name == "ldots" || name == "dots" || name == "cdots" || name == "dotsc" || name == "dotsb")
    return symbol("...", begin);
  if (name == "lbrace") return --position_, set_braces();
  static constexpr std::string_view kNotNames[] = {
      "end",   "}",          "right",    "over",      "choose", "cup",    "cap",        "int",
      "lim",   "pmod",       "mod",      "bmod",      "rangle", "rvert",  "rfloor",     "rceil",
      "circ",  "%",          "cdot",     "times",     "div",    "ast",    "pm",         "mp",
      "le",    "ge",         "lt",       "gt",        "ne",     "neq",    "leq",        "geq",
      "in",    "approx",     "equiv",    "sim",       "cong",   "to",     "Rightarrow", "implies",
      "iff",   "rightarrow", "setminus", "backslash", "lor",    "land",   "not",        "subset",
      "notin", "parallel",   "perp",     "iint",      "oint",   "limsup", "liminf",     "infty"};
  if (!peek().is('{') && !one_of(name, kNotNames) && name.size() > 1)
    return symbol(tree_.keep("\\" + std::string(name)), begin);
  --position_;
  return fail("a command that is not known here: \\" + std::string(name));
}

// A bar over a sum is the complex conjugate, over letters it is part of a name.
bool Parser::conjugates() const {
  for (size_t ahead = 1; !peek(ahead).is('}') && peek(ahead).kind != TokenKind::kEnd; ++ahead) {
    if (peek(ahead).is('+') || peek(ahead).is('-')) return true;
  }
  return false;
}

// \angle ABC, \overline{AB}, \vec v: one name with everything it spans.
const Node* Parser::decorated(std::string_view name) {
  const uint32_t begin = peek().begin;
  next();
  std::string full = "\\" + std::string(name);
  if ((name == "overline" || name == "bar") && peek().is('{') && conjugates()) {
    const Node* inner = braces();
    if (inner == nullptr) return nullptr;
    Node* node = tree_.make(Kind::kFunction, {inner}, begin, last_end());
    node->function = Function::kConjugate;
    return node;
  }
  if (peek().is('{')) {
    int depth = 0;
    do {
      const Token& token = next();
      if (token.kind == TokenKind::kEnd) return fail("a closing brace is missing");
      depth += token.is('{') ? 1 : token.is('}') ? -1 : 0;
      if (token.kind == TokenKind::kMark) {
        full += token.mark;
      } else {
        full += token.text;
      }
    } while (depth > 0);
  } else if (peek().run > 0) {
    full += "{" + std::string(run()) + "}";
    position_ += peek().run;
  } else if (peek().kind == TokenKind::kCommand || peek().kind == TokenKind::kDigits) {
    full += "{" + std::string(next().text) + "}";
  }
  return symbol(tree_.keep(full), begin);
}

const Node* Parser::blackboard() {
  const uint32_t begin = peek().begin;
  next();
  const bool braced = accept('{');
  const Token& letter = next();
  if (letter.kind != TokenKind::kLetter || (braced && !accept('}')))
    return fail("the name of a set is missing");
  Node* node = tree_.make(Kind::kNamedSet, begin, last_end());
  node->text = letter.text;
  if (peek().is('^') || peek().is('_')) {  // R^+, Z_{>0}, R^2
    next();
    std::string suffix = "^";
    if (accept('{')) {
      while (!at_end() && !peek().is('}')) {
        const Token& token = next();
        suffix +=
            token.kind == TokenKind::kMark ? std::string(1, token.mark) : std::string(token.text);
      }
      if (!accept('}')) return fail("a closing brace is missing");
    } else {
      const Token& token = next();
      suffix +=
          token.kind == TokenKind::kMark ? std::string(1, token.mark) : std::string(token.text);
    }
    node->text = tree_.keep(std::string(letter.text) + suffix);
  }
  return node;
}

const Node* Parser::enclosed(Kind kind, std::string_view closing) {
  const uint32_t begin = tokens_[position_ - 1].begin;
  if (depth_ >= kMaxDepth) return fail_too_large("nested too deep");
  const Nested nested(*this, {});
  const Node* inner = sum();
  if (inner == nullptr) return nullptr;
  if (!accept_command(closing)) return fail("a closing bracket is missing");
  return tree_.make(kind, {inner}, begin, last_end());
}

const Node* Parser::bars() {
  const uint32_t begin = next().begin;
  if (depth_ >= kMaxDepth) return fail_too_large("nested too deep");
  Context inside;
  inside.bar_closes = true;
  const Nested nested(*this, inside);
  const Node* inner = sum();
  if (inner == nullptr) return nullptr;
  if (!accept('|')) return fail("a closing bar is missing");
  return tree_.make(Kind::kAbsolute, {inner}, begin, last_end());
}

// ( ) [ ) ] [ \langle \rangle < >: one item is only grouped, several are a tuple or an interval.
const Node* Parser::bracketed(char open) {
  const uint32_t begin = next().begin;
  if (depth_ >= kMaxDepth) return fail_too_large("nested too deep");
  Items found;
  {
    Context inside;
    inside.commas_separate = true;
    inside.greater_closes = open == '<';
    const Nested nested(*this, inside);
    if (!items(found, 0)) return nullptr;
  }
  char close = 0;
  const bool french = open == ']';
  if (open == '<') {
    if (accept('>') || accept_command("rangle")) close = '>';
  } else if (accept(')')) {
    close = ')';
  } else if (accept(']')) {
    close = ']';
  } else if (french && accept('[')) {
    close = ')';
  } else if (open == '[' && peek().is('[')) {
    next();
    close = ')';
  }
  if (close == 0) return fail("a closing bracket is missing");
  if (french) open = '(';
  if (found.nodes.size() == 1 && found.separator == 0 && open != '<') {
    if ((open == '(') != (close == ')')) return fail("brackets that do not match");
    Node* node = tree_.copy(*found.nodes[0]);
    node->grouped = true;
    return node;
  }
  if (found.separator == 'o' || found.separator == 'a') {
    Node* node = tree_.copy(*make_list(found));
    node->grouped = true;
    return node;
  }
  Node* node = tree_.make(Kind::kTuple, found.nodes, begin, last_end());
  node->open = open;
  node->close = close;
  node->grouped = true;
  return node;
}

// {...} of LaTeX: a group. {n \choose k} and {a \over b} live inside one.
const Node* Parser::braces() {
  const uint32_t begin = next().begin;
  if (depth_ >= kMaxDepth) return fail_too_large("nested too deep");
  Context inside;
  const Nested nested(*this, inside);
  if (accept('}')) return fail("empty braces");
  Items found;
  if (!items(found, 0)) return nullptr;
  const Node* inner = make_list(found);
  if (peek().is_command("choose") || peek().is_command("over")) {
    const Kind kind = next().text == "over" ? Kind::kDivide : Kind::kBinomial;
    const Node* second = sum();
    if (second == nullptr) return nullptr;
    inner = tree_.make(kind, {inner, second}, begin, last_end());
  }
  if (!accept('}')) return fail("a closing brace is missing");
  Node* node = tree_.copy(*inner);
  node->grouped = node->kind != Kind::kText;
  return node;
}

const Node* Parser::set_braces() {
  const uint32_t begin = next().begin;
  if (depth_ >= kMaxDepth) return fail_too_large("nested too deep");
  Context inside;
  inside.commas_separate = true;
  inside.bar_closes = true;
  inside.colon_stops = true;
  const Nested nested(*this, inside);
  const auto closes = [this] {
    return peek().is_command("}") || peek().is_command("rbrace") || peek().is('}');
  };
  if (closes()) {
    next();
    return tree_.make(Kind::kEmptySet, begin, last_end());
  }
  Items found;
  if (!items(found, 0)) return nullptr;
  if (peek().is('|') || peek().is(':') || peek().is_command("mid") || peek().is_command("colon") ||
      peek().is_command("vert")) {
    next();
    const Node* set = set_builder(make_list(found));
    if (set == nullptr) return nullptr;
    if (!closes()) return fail("a closing brace is missing");
    next();
    return set;
  }
  if (!closes()) return fail("a closing brace is missing");
  next();
  return tree_.make(Kind::kSet, found.nodes, begin, last_end());
}

// {x | condition} is the condition; {2k | k in Z} stays as it is.
const Node* Parser::set_builder(const Node* first) {
  context_.bar_closes = false;
  const Node* condition = list();
  if (condition == nullptr) return nullptr;
  const Node* variable =
      first->kind == Kind::kRelation && first->text == "e" ? first->children[0] : first;
  const bool reals = variable == first || (first->children[1]->kind == Kind::kNamedSet &&
                                           first->children[1]->text == "R");
  if (variable->kind == Kind::kSymbol && reals &&
      (condition->kind == Kind::kRelation || condition->kind == Kind::kList)) {
    return condition;
  }
  Node* node = tree_.make(Kind::kSet, {first, condition}, first->begin, last_end());
  node->text = "builder";
  return node;
}

const Node* Parser::text() {
  const Token& token = peek();
  const std::string bare = bare_word(token.text);
  // "\text{Area} = 5", "\text{odd}", "\text{(C)}"
  next();
  if (bare.empty()) return primary();
  if (bare == "infinity") return tree_.make(Kind::kInfinity, token.begin, token.end);
  if (is_function(bare)) return function(tree_.keep(bare));
  Node* node = tree_.make(Kind::kText, token.begin, token.end);
  node->text = tree_.keep(canonical_words(token.text));
  if (peek().is('_')) {
    const std::string below = subscript();
    if (!failure_.problem.empty()) return nullptr;
    node->text = tree_.keep(std::string(node->text) + below);
  }
  return node;
}

}  // namespace r1::rewards::math::engine
