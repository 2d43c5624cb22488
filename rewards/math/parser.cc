#include "rewards/math/parser.h"

#include <algorithm>
#include <utility>

#include "rewards/math/parser_impl.h"
#include "rewards/math/words.h"

namespace r1::rewards::math::engine {
namespace {

bool is_set(const Node& node) {
  switch (node.kind) {
    case Kind::kSet:
    case Kind::kEmptySet:
    case Kind::kNamedSet:
    case Kind::kUnion:
    case Kind::kIntersection:
    case Kind::kDifference:
      return true;
    case Kind::kTuple:
      return true;
    default:
      return false;
  }
}

bool is_plain_integer(const Node& node) {
  return node.kind == Kind::kNumber && node.decimals < 0 && !node.grouped &&
         node.number->is_integer();
}

}  // namespace

std::string bare_word(std::string_view text) {
  const auto is_noise = [](char c) {
    return c == ' ' || c == ',' || c == '.' || c == ';' || c == '\n' || c == '~';
  };
  while (!text.empty() && is_noise(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_noise(text.back())) text.remove_suffix(1);
  return lower_case(text);
}

std::string_view Parser::run(size_t ahead) const {
  const Token& first = peek(ahead);
  if (first.run == 0) return {};
  const Token& last = tokens_[std::min(position_ + ahead + first.run, tokens_.size()) - 1];
  if (last.begin == first.begin)
    return first.text;  // one letter, or letters that stand for another text
  return source_.substr(first.begin, last.end - first.begin);
}

const Node* Parser::answer() {
  // Closing punctuation, but no factorial and no ellipsis.
  while (tokens_.size() >= 2) {
    const Token& last = tokens_[tokens_.size() - 2];
    const bool ellipsis =
        tokens_.size() >= 3 && last.is('.') && tokens_[tokens_.size() - 3].is('.');
    if (ellipsis || !(last.is('.') || last.is(',') || last.is(';') || last.is(':') ||
                      last.kind == TokenKind::kRowEnd))
      break;
    tokens_.erase(tokens_.end() - 2);
  }
  if (at_end()) return fail("empty");
  if (const Node* choice = labelled(); choice != nullptr || !failure_.problem.empty())
    return choice;
  const Node* root = list();
  if (root == nullptr) return nullptr;
  if (!at_end()) return fail("cannot read on from here");
  return root;
}

// (C) 12   C. 12   \textbf{(C)} 12
const Node* Parser::labelled() {
  const auto is_choice = [](std::string_view text) {
    return text.size() == 1 && text[0] >= 'A' && text[0] <= 'H';
  };
  std::string_view letter;
  size_t skip = 0;
  const Token& first = peek();
  if (first.is('(') && is_choice(peek(1).text) && peek(2).is(')') &&
      peek(3).space != Space::kNone) {
    letter = peek(1).text;
    skip = 3;
  } else if (is_choice(first.text) && first.run == 1 && (peek(1).is('.') || peek(1).is(')')) &&
             peek(2).kind != TokenKind::kEnd) {
    letter = first.text;
    skip = 2;
  } else if (first.kind == TokenKind::kText) {
    std::string_view inside = first.text;
    while (!inside.empty() && inside.front() == ' ') inside.remove_prefix(1);
    while (!inside.empty() && inside.back() == ' ') inside.remove_suffix(1);
    if (inside.size() == 3 && inside[0] == '(' && inside[2] == ')' &&
        is_choice(inside.substr(1, 1))) {
      letter = inside.substr(1, 1);
      skip = 1;
    }
  }
  const Token& after = peek(skip);
  const bool operand = after.kind == TokenKind::kDigits || after.kind == TokenKind::kLetter ||
                       after.kind == TokenKind::kCommand || after.kind == TokenKind::kText ||
                       after.is('-') || after.is('$');
  if (skip == 0 || !operand || after.is_command("cup") || after.is_command("cap")) return nullptr;
  const uint32_t begin = first.begin;
  position_ += skip;
  const Node* rest = list();
  if (rest == nullptr) return nullptr;
  if (!at_end()) return fail("cannot read on from here");
  Node* node = tree_.make(Kind::kLabelled, {rest}, begin, last_end());
  node->text = letter;
  return node;
}

const Node* Parser::list() {
  Items found;
  if (!items(found, 0)) return nullptr;
  return make_list(found);
}

// Consumes a separator and returns ';' 'o' (or) 'a' (and) ',' or 0 if there is none here.
char Parser::separator() {
  char strongest = 0;
  const auto note = [&strongest](char kind) {
    const std::string_view order = ",ao;";
    if (strongest == 0 || order.find(kind) > order.find(strongest)) strongest = kind;
  };
  for (;;) {
    const Token& token = peek();
    if (token.is(',')) {
      note(',');
    } else if (token.is(';')) {
      note(';');
    } else if (token.is_command("lor") || token.is_command("vee")) {
      note('o');
    } else if (token.is_command("land") || token.is_command("wedge")) {
      note('a');
    } else if (token.kind == TokenKind::kText) {
      const std::string word = bare_word(token.text);
      if (word == "and" || word == "和" || word == "且" || word == "与") {
        note('a');
      } else if (word == "or" || word == "或" || word == "或者") {
        note('o');
      } else if (word.empty() && token.text.find_first_of(",;") != std::string_view::npos) {
        note(',');
      } else {
        return strongest;
      }
    } else if (is_separator_word(run())) {
      note(run() == "and" ? 'a' : 'o');
      position_ += token.run - 1u;
    } else if (token.kind == TokenKind::kLetter && (token.text == "和" || token.text == "或")) {
      note(token.text == "和" ? 'a' : 'o');
    } else {
      return strongest;
    }
    next();
  }
}

bool Parser::separator_of_level(char kind, int level) const {
  return level == 0 ? true : kind != ';';
}

// Level 0: everything, in groups where semicolons separate lists of commas. Level 1: up to the next
// semicolon.
bool Parser::items(Items& result, int level) {
  Items group;
  const auto close_group = [&] {
    if (group.nodes.empty()) return;
    result.nodes.push_back(group.nodes.size() == 1 ? group.nodes[0] : make_list(group));
    group = {};
  };
  char pending = 0;
  for (;;) {
    const Node* item = relation();
    if (item == nullptr) return false;
    group.nodes.push_back(item);
    if (pending != 0 && (group.separator == 0 || group.separator == ',')) group.separator = pending;
    const size_t before = position_;
    char kind = separator();
    const bool stops = at_end() || peek().is(')') || peek().is(']') || peek().is('}') ||
                       peek().is_command("}") || peek().is_command("rangle") ||
                       peek().kind == TokenKind::kRowEnd || peek().is_command("end");
    if (kind != 0 && stops && at_end()) break;  // a closing comma
    if (kind == 0 && peek().space == Space::kWide && !stops &&
        !(context_.bar_closes && peek().is('|')))
      kind = ',';
    if (kind == 0) break;
    if (stops) {
      position_ = before;
      return fail("an item is missing") != nullptr;
    }
    if (kind == ';' && level == 0) {
      close_group();
      result.separator = ';';
      pending = 0;
    } else {
      pending = kind;
    }
  }
  if (result.nodes.empty()) {
    result = std::move(group);
  } else {
    close_group();
  }
  return true;
}

const Node* Parser::make_list(const Items& found) {
  if (found.nodes.size() == 1) return found.nodes[0];
  Node* node = tree_.make(Kind::kList, found.nodes, found.nodes.front()->begin, last_end());
  node->text = found.separator == 'o'   ? "or"
               : found.separator == 'a' ? "and"
               : found.separator == ';' ? ";"
                                        : ",";
  return node;
}

// Consumes a relation sign and returns its character (ast.h), or 0.
char Parser::relation_operator() {
  const Token& token = peek();
  const Token& after = peek(1);
  const bool adjacent = after.space == Space::kNone;
  const auto take = [this](size_t count, char kind) {
    position_ += count;
    return kind;
  };
  if (token.is('=')) {
    if (after.is('=') && adjacent) return take(2, relation::kEqual);
    if (adjacent && after.is('<')) return take(2, relation::kLessEqual);
    if (adjacent && after.is('>')) return take(2, relation::kGreaterEqual);
    return take(1, relation::kEqual);
  }
  if (token.is('<')) {
    if (after.is('=') && adjacent) return take(2, relation::kLessEqual);
    if (after.is('>') && adjacent) return take(2, relation::kNotEqual);
    return take(1, relation::kLess);
  }
  if (token.is('>') && !context_.greater_closes) {
    return after.is('=') && adjacent ? take(2, relation::kGreaterEqual)
                                     : take(1, relation::kGreater);
  }
  if (token.is('!') && after.is('=')) return take(2, relation::kNotEqual);
  if (token.is(':') && after.is('=')) return take(2, relation::kEqual);
  if (token.is_command("not") && after.is('=')) return take(2, relation::kNotEqual);
  if (token.kind == TokenKind::kLetter && run() == "in" &&
      (peek(2).is('(') || peek(2).is('[') || peek(2).is_command("{"))) {
    return take(2, relation::kMember);
  }
  if (token.kind != TokenKind::kCommand) return 0;
  static constexpr std::pair<std::string_view, char> kSigns[] = {
      {"le", relation::kLessEqual},
      {"leq", relation::kLessEqual},
      {"leqslant", relation::kLessEqual},
      {"leqq", relation::kLessEqual},
      {"ge", relation::kGreaterEqual},
      {"geq", relation::kGreaterEqual},
      {"geqslant", relation::kGreaterEqual},
      {"geqq", relation::kGreaterEqual},
      {"lt", relation::kLess},
      {"gt", relation::kGreater},
      {"ne", relation::kNotEqual},
      {"neq", relation::kNotEqual},
      {"approx", relation::kApproximately},
      {"simeq", relation::kApproximately},
      {"in", relation::kMember},
      {"equiv", relation::kCongruent},
      {"coloneqq", relation::kEqual},
      {"cong", relation::kApproximately}};
  for (const auto& [name, kind] : kSigns) {
    if (token.text == name) return take(1, kind);
  }
  return 0;
}

const Node* Parser::relation() {
  const Node* first = set_expression();
  if (first == nullptr) return nullptr;
  std::vector<const Node*> members{first};
  std::string operators;
  while (const char sign = relation_operator()) {
    const Node* member = set_expression();
    if (member == nullptr) return nullptr;
    members.push_back(member);
    operators += sign;
  }
  if (members.size() == 1) return first;
  if (operators == std::string(1, relation::kCongruent)) return congruence(first, members[1]);
  Node* node = tree_.make(Kind::kRelation, members, first->begin, last_end());
  node->text = tree_.keep(operators);
  return node;
}

// left \equiv right \pmod{m}; the sign of equivalence without a modulus is an equation.
const Node* Parser::congruence(const Node* left, const Node* right) {
  const Node* modulus = nullptr;
  const size_t start = position_;
  const bool bracket = accept('(');
  if (accept_command("pmod") || accept_command("bmod") || accept_command("mod")) {
    modulus = argument();
  } else if (bracket && run() == "mod") {
    position_ += 3;
    modulus = sum();
  } else {
    position_ = start;
  }
  if (modulus != nullptr && bracket && !accept(')')) return fail("a closing bracket is missing");
  if (!failure_.problem.empty()) return nullptr;
  Node* node = modulus == nullptr
                   ? tree_.make(Kind::kRelation, {left, right}, left->begin, last_end())
                   : tree_.make(Kind::kRelation, {left, right, modulus}, left->begin, last_end());
  node->text = modulus == nullptr ? "=" : "%";
  return node;
}

Kind Parser::set_operator(const Node* left) const {
  const Token& token = peek();
  if (token.is_command("cup") || token.is_command("bigcup")) return Kind::kUnion;
  if (token.is_command("cap") || token.is_command("bigcap")) return Kind::kIntersection;
  if (token.is_command("setminus") || token.is_command("backslash") ||
      token.is_command("smallsetminus")) {
    return Kind::kDifference;
  }
  if (!is_set(*left)) return Kind::kNumber;
  if (token.is('-')) return Kind::kDifference;
  if (token.kind == TokenKind::kLetter && (token.text == "U" || token.text == "u") &&
      token.run == 1 && (peek(1).is('(') || peek(1).is('[') || peek(1).is_command("{"))) {
    return Kind::kUnion;
  }
  return Kind::kNumber;
}

const Node* Parser::set_expression() {
  const Node* left = ratio();
  while (left != nullptr) {
    const Kind kind = set_operator(left);
    if (kind == Kind::kNumber) return left;
    next();
    const Node* right = ratio();
    if (right == nullptr) return nullptr;
    left = tree_.make(kind, {left, right}, left->begin, last_end());
  }
  return nullptr;
}

const Node* Parser::ratio() {
  if (const Node* time = clock_time(); time != nullptr || !failure_.problem.empty()) return time;
  const Node* first = sum();
  const auto colon = [this] {
    const bool word =
        (peek().kind == TokenKind::kText && bare_word(peek().text) == "to") || run() == "to";
    return word || (!context_.colon_stops && peek().is(':') && !peek(1).is('='));
  };
  if (first == nullptr || !colon()) return first;
  std::vector<const Node*> parts{first};
  while (colon()) {
    position_ += std::max<size_t>(peek().run, 1);
    const Node* part = sum();
    if (part == nullptr) return nullptr;
    parts.push_back(part);
  }
  return tree_.make(Kind::kRatio, parts, first->begin, last_end());
}

const Node* Parser::sum() {
  if (nodes() > kMaxNodes) return fail_too_large("too many parts");
  std::vector<const Node*> terms;
  for (;;) {
    const Token& sign = peek();
    const uint32_t begin = sign.begin;
    Kind kind = Kind::kAdd;
    if (sign.is('-')) kind = Kind::kNegate;
    if (sign.is_command("pm")) kind = Kind::kPlusMinus;
    if (sign.is_command("mp")) kind = Kind::kMinusPlus;
    const bool has_sign = kind != Kind::kAdd || sign.is('+');
    if (!terms.empty() && (!has_sign || (kind == Kind::kNegate && is_set(*terms.back())))) break;
    if (has_sign) next();
    if (sign.is('+') && peek().is('/') && peek(1).is('-')) {  // +/-
      position_ += 2;
      kind = Kind::kPlusMinus;
    }
    const Node* part = has_sign && (peek().is('-') || peek().is('+')) ? signed_factor() : term();
    if (part == nullptr) return nullptr;
    terms.push_back(kind == Kind::kAdd ? part : tree_.make(kind, {part}, begin, last_end()));
    if (kind == Kind::kAdd && is_set(*part) && !part->grouped) break;
  }
  return terms.size() == 1 ? terms[0] : hoist_unit(terms);
}

// In 2+\sqrt3\text{ cm} the unit belongs to the whole sum.
const Node* Parser::hoist_unit(std::vector<const Node*>& terms) {
  const Node* last = terms.back();
  const Node* inner =
      last->kind == Kind::kNegate || last->kind == Kind::kPlusMinus ? last->children[0] : last;
  const bool others_bare = std::none_of(terms.begin(), terms.end() - 1, [](const Node* term) {
    return contains(*term, Kind::kQuantity) || contains(*term, Kind::kPercent);
  });
  if (inner->kind != Kind::kQuantity || !others_bare)
    return tree_.make(Kind::kAdd, terms, terms[0]->begin, last_end());
  const Node* bare = inner->children[0];
  terms.back() = inner == last ? bare : tree_.make(last->kind, {bare}, last->begin, last->end);
  return quantity(tree_.make(Kind::kAdd, terms, terms[0]->begin, last_end()), inner->text);
}

const Node* Parser::signed_factor() {
  const uint32_t begin = peek().begin;
  const bool negative = peek().is('-');
  if (negative || peek().is('+')) {
    next();
    if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
    const Node* part = signed_factor();
    --depth_;
    return part == nullptr || !negative ? part
                                        : tree_.make(Kind::kNegate, {part}, begin, last_end());
  }
  return factor();
}

// Whether a factor may follow without a sign between.
bool Parser::starts_factor(const Node* left) const {
  const Token& token = peek();
  if (token.space == Space::kWide) return false;
  switch (token.kind) {
    case TokenKind::kDigits:
      return left->kind != Kind::kNumber || left->grouped;
    case TokenKind::kLetter:
      return !is_separator_word(run()) && run() != "to" && run() != "mod" &&
             !(token.text == "U" && is_set(*left));
    case TokenKind::kCommand: {
      static constexpr std::string_view kStops[] = {
          "cup",        "cap",      "setminus", "backslash", "smallsetminus",
          "in",         "le",       "leq",      "ge",        "geq",
          "lt",         "gt",       "ne",       "neq",       "not",
          "approx",     "simeq",    "equiv",    "cong",      "leqslant",
          "geqslant",   "leqq",     "geqq",     "lor",       "land",
          "vee",        "wedge",    "mid",      "}",         "rangle",
          "rfloor",     "rceil",    "rvert",    "rVert",     "|",
          "end",        "pm",       "mp",       "to",        "Rightarrow",
          "implies",    "choose",   "over",     "cdot",      "times",
          "div",        "ast",      "bigcup",   "bigcap",    "degree",
          "circ",       "pmod",     "mod",      "bmod",      "sim",
          "colon",      "vert",     "coloneqq", "%",         "iff",
          "rightarrow", "parallel", "subset",   "notin"};
      return std::find(std::begin(kStops), std::end(kStops), token.text) == std::end(kStops);
    }
    case TokenKind::kMark: {
      const Token& after = peek(1);
      const bool closes = after.kind == TokenKind::kEnd || after.is(')') || after.is(']') ||
                          after.is(',') || after.is_command("cup") ||
                          after.is_command("cap");  // ]0,1[
      return token.mark == '(' || token.mark == '{' ||
             (token.mark == '[' && !closes && !is_set(*left)) ||
             (token.mark == '|' && !context_.bar_closes);
    }
    default:
      return false;
  }
}

// A remainder or quotient is one operand for what follows it: a b / c d is ((a b) / c) d.
const Node* Parser::term() {
  const uint32_t begin = peek().begin;
  std::vector<const Node*> factors{mixed_number(signed_factor())};
  const auto product = [&]() -> const Node* {
    return factors.size() == 1 ? factors[0]
                               : tree_.make(Kind::kMultiply, factors, begin, last_end());
  };
  for (int nested = 0;;) {
    if (factors.back() == nullptr) return nullptr;
    if (nested > kMaxDepth || nodes() > kMaxNodes) return fail_too_large("too many parts");
    const Token& token = peek();
    if (token.kind == TokenKind::kText || token.run >= 2 || token.text.size() >= 2 ||
        token.is('$')) {
      const Node* bare = product();
      const Node* measured = unit_suffix(bare);
      if (measured != bare) {
        factors = {measured};
        ++nested;
        continue;
      }
    }
    const bool times = token.is('*') || token.is_command("cdot") || token.is_command("times") ||
                       token.is_command("ast");
    const bool over = token.is('/') || token.is_command("div");
    const bool mod = token.is_command("bmod") || token.is_command("mod") ||
                     (run() == "mod" && peek(3).kind == TokenKind::kDigits);
    if (times) {
      next();
      factors.push_back(mixed_number(signed_factor()));
    } else if (over || mod) {
      position_ += std::max<size_t>(token.run, 1);
      const Node* right = signed_factor();
      if (right == nullptr) return nullptr;
      Node* node =
          tree_.make(over ? Kind::kDivide : Kind::kNamed, {product(), right}, begin, last_end());
      if (mod) node->text = "mod";
      factors = {node};
      ++nested;
    } else if (starts_factor(factors.back())) {
      factors.push_back(factor());
    } else {
      return product();
    }
  }
}

// 2\frac13 and 2 1/3, with a proper fraction.
const Node* Parser::mixed_number(const Node* whole) {
  if (whole == nullptr || !is_plain_integer(*whole)) return whole;
  const Token& token = peek();
  const bool macro = token.kind == TokenKind::kCommand && token.text.ends_with("frac") &&
                     token.space != Space::kWide;
  const bool slash = token.kind == TokenKind::kDigits && token.space != Space::kNone &&
                     peek(1).is('/') && peek(2).kind == TokenKind::kDigits;
  if (!macro && !slash) return whole;
  const Node* fraction = nullptr;
  if (macro) {
    fraction = primary();
    if (fraction == nullptr) return nullptr;
  } else {
    const Node* top = number();
    next();
    const Node* bottom = number();
    if (top == nullptr || bottom == nullptr) return nullptr;
    fraction = tree_.make(Kind::kDivide, {top, bottom}, token.begin, last_end());
  }
  const auto is_integer = [](const Node& node) {
    return node.kind == Kind::kNumber && node.decimals < 0 && node.number->is_integer();
  };
  const bool proper = fraction->kind == Kind::kDivide && is_integer(*fraction->children[0]) &&
                      is_integer(*fraction->children[1]) &&
                      fraction->children[0]->number->compare(*fraction->children[1]->number) < 0;
  if (proper && !peek().is('^')) {
    Node* sum = tree_.make(Kind::kAdd, {whole, fraction}, whole->begin, last_end());
    sum->grouped = true;
    return postfix(sum);
  }
  fraction = postfix(fraction);
  return fraction == nullptr
             ? nullptr
             : tree_.make(Kind::kMultiply, {whole, fraction}, whole->begin, last_end());
}

const Node* Parser::factor() {
  const Node* node = primary();
  return node == nullptr ? nullptr : postfix(node);
}

const Node* Parser::postfix(const Node* node) {
  for (int count = 0;; ++count) {
    if (node == nullptr) return nullptr;
    if (count > kMaxDepth) return fail_too_large("nested too deep");
    const Token& token = peek();
    if (nodes() > kMaxNodes) return fail_too_large("too many parts");
    if (token.is('^')) {
      node = power(node);
    } else if (token.is('*') && peek(1).is('*') && peek(1).space == Space::kNone) {
      next();
      node = power(node);
    } else if (token.is('!') && !peek(1).is('=')) {
      next();
      const bool twice = peek().is('!') && peek().space == Space::kNone;
      if (twice) next();
      node = tree_.make(twice ? Kind::kDoubleFactorial : Kind::kFactorial, {node}, node->begin,
                        last_end());
    } else if (token.is('%') || token.is_command("%")) {
      next();
      node = tree_.make(Kind::kPercent, {node}, node->begin, last_end());
    } else if (token.is_command("degree")) {
      next();
      node = tree_.make(Kind::kDegrees, {node}, node->begin, last_end());
    } else if (token.is('\'') || token.is('"')) {
      node = primes(node);
    } else if (token.is('_') && node->grouped && node->kind == Kind::kNumber &&
               node->decimals < 0) {  // (1011)_2
      node = based(source_.substr(node->begin, node->end - node->begin), node->begin);
    } else {
      return node;
    }
  }
}

// f' is another symbol; 5' is feet and 5'' inches; after degrees they are their sixtieths.
const Node* Parser::primes(const Node* node) {
  int count = 0;
  while (peek().is('\'') || peek().is('"')) {
    count += peek().is('"') ? 2 : 1;
    next();
  }
  if (node->kind == Kind::kNumber && count <= 2) return quantity(node, count == 1 ? "ft" : "in");
  if (node->kind != Kind::kSymbol)
    return fail("a prime behind something else than a name or number");
  Node* renamed = tree_.copy(*node);
  renamed->text =
      tree_.keep(std::string(node->text) + std::string(static_cast<size_t>(count), '\''));
  renamed->end = last_end();
  return renamed;
}

const Node* Parser::power(const Node* base) {
  next();
  const bool braced = peek().is('{');
  const Token& sign = peek(braced ? 1 : 0);
  if (sign.is_command("circ") || sign.is_command("degree") || sign.is_command("prime")) {
    const bool prime = sign.is_command("prime");
    position_ += braced ? 2 : 1;
    if (braced && !accept('}')) return fail("a closing brace is missing");
    if (!prime) {
      const bool celsius = peek().kind == TokenKind::kText || peek().run == 1;
      const std::string_view letter = peek().text;
      if (celsius && (letter == "C" || letter == "F")) {
        next();
        return quantity(base, letter == "C" ? "celsius" : "fahrenheit");
      }
      return tree_.make(Kind::kDegrees, {base}, base->begin, last_end());
    }
    if (base->kind != Kind::kSymbol) return fail("a prime behind something else than a name");
    Node* renamed = tree_.copy(*base);
    renamed->text = tree_.keep(std::string(base->text) + "'");
    return renamed;
  }
  if (++depth_ > kMaxDepth) return fail_too_large("nested too deep");
  const Node* exponent = nullptr;
  if (braced) {
    exponent = argument();
  } else if (peek().is('-') || peek().is('+') || peek().is('(')) {
    exponent = signed_factor();
  } else {
    exponent = argument();
    // 2^10 in plain text; LaTeX proper would take one digit, but nobody who writes it means that.
    if (exponent != nullptr && peek().is('^')) exponent = power(exponent);
  }
  --depth_;
  if (exponent == nullptr) return nullptr;
  return tree_.make(Kind::kPower, {base, exponent}, base->begin, last_end());
}

namespace {

bool has_letters(const std::vector<Token>& tokens) {
  return std::any_of(tokens.begin(), tokens.end(), [](const Token& token) {
    return token.kind == TokenKind::kText || token.run >= 2 ||
           (token.kind == TokenKind::kLetter && token.text.size() > 1);
  });
}

// Words only: no digits, no formulas; then the answer is a text that may also be a formula ("xy",
// "AB").
bool only_words(const std::vector<Token>& tokens) {
  bool word = false;
  for (const Token& token : tokens) {
    switch (token.kind) {
      case TokenKind::kText:
        word = true;
        break;
      case TokenKind::kLetter:
        word = word || token.run >= 2 || token.text.size() > 1;
        break;
      case TokenKind::kMark:
        if (std::string_view(",.;:'\"!?-()&/").find(token.mark) == std::string_view::npos)
          return false;
        break;
      case TokenKind::kEnd:
        break;
      default:
        return false;
    }
  }
  return word;
}

std::string words_of(const std::vector<Token>& tokens, std::string_view source) {
  std::string words;
  uint32_t end = 0;
  for (const Token& token : tokens) {
    if (token.space != Space::kNone || (token.kind == TokenKind::kText && !words.empty()))
      words += ' ';
    if (token.kind == TokenKind::kCommand) words += '\\';
    if (token.kind == TokenKind::kMark) {
      words += token.mark;
    } else {
      words += token.text;
    }
    end = token.end;
  }
  (void)end;
  (void)source;
  return words;
}

// Words that name a mathematical thing.
const Node* thing_of(const std::string& words, Tree& tree) {
  if (words == "infinity") return tree.make(Kind::kInfinity);
  if (words == "negative infinity") return tree.make(Kind::kNegate, {tree.make(Kind::kInfinity)});
  if (words == "no solution") return tree.make(Kind::kEmptySet);
  if (words == "all real numbers") {
    Node* reals = tree.make(Kind::kNamedSet);
    reals->text = "R";
    return reals;
  }
  return nullptr;
}

}  // namespace

Parsed parse(std::string_view answer, Tree& tree) {
  Parsed result;
  if (answer.size() > static_cast<size_t>(kMaxAnswerBytes)) {
    result.failure = {"longer than 4 KiB", static_cast<uint32_t>(kMaxAnswerBytes)};
    result.too_large = true;
    return result;
  }
  result.tokens = tokenize(answer, tree, result.failure);
  if (!result.failure.problem.empty()) return result;
  if (has_letters(result.tokens)) {
    const std::string written = words_of(result.tokens, answer);
    Node* node = tree.make(Kind::kText, 0, static_cast<uint32_t>(answer.size()));
    const std::string words = canonical_words(written);
    node->text = tree.keep(words);
    result.as_words = node;
    if (only_words(result.tokens)) {
      if (const std::optional<Rational> value = number_words(written)) {
        result.root = tree.number(*value);
        return result;
      }
      if (const Node* thing = thing_of(words, tree)) {
        result.root = thing;
        return result;
      }
      std::vector<Token> copy = result.tokens;
      Failure ignored;
      node->other_reading = Parser(copy, answer, tree, ignored).answer();
      result.root = node;
      return result;
    }
  }
  std::vector<Token> tokens = result.tokens;  // the parser may split tokens
  Parser parser(tokens, answer, tree, result.failure);
  result.root = parser.answer();
  result.too_large = parser.too_large();
  return result;
}

bool same_tokens(const std::vector<Token>& a, const std::vector<Token>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const Token& x, const Token& y) {
    return x.kind == y.kind && x.mark == y.mark && x.text == y.text &&
           (x.space == Space::kWide) == (y.space == Space::kWide);
  });
}

}  // namespace r1::rewards::math::engine
