// The parser of one answer; its parts lie in parser*.cc. A function that fails returns null and
// leaves failure_ set. Grammar, loosest first:
//   list        relation {("," | ";" | "and" | "or") relation}
//   relation    set_expression {("=" | "<" | "\le" | "\in" | ...) set_expression}
//   set_expression   ratio {("\cup" | "\cap" | "\setminus") ratio}
//   ratio       sum {":" sum}
//   sum         [sign] term {("+" | "-" | "\pm") term}
//   term        factor {("*" | "/" | nothing) factor} [unit]
//   factor      primary {"^" | "!" | "%" | "'" | degrees}
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/math/ast.h"
#include "rewards/math/lexer.h"

namespace r1::rewards::math::engine {

class Parser {
 public:
  Parser(std::vector<Token>& tokens, std::string_view source, Tree& tree, Failure& failure)
      : tokens_(tokens),
        source_(source),
        tree_(tree),
        failure_(failure),
        first_node_(tree.nodes()) {}

  const Node* answer();  // everything up to the end
  bool too_large() const { return too_large_; }

 private:
  // What ends an expression that is being read, besides the usual.
  struct Context {
    bool commas_separate = false;  // inside brackets 1,234 is two items
    bool bar_closes = false;
    bool colon_stops = false;
    bool greater_closes = false;
  };
  struct Items {
    std::vector<const Node*> nodes;
    char separator = 0;  // the loosest: ';' over 'o' (or) over 'a' (and) over ','
  };

  // parser.cc
  const Node* list();
  bool items(Items& result, int level);
  const Node* make_list(const Items& found);
  char separator();
  bool separator_of_level(char kind, int level) const;
  const Node* relation();
  char relation_operator();
  const Node* congruence(const Node* left, const Node* right);
  const Node* set_expression();
  Kind set_operator(const Node* left) const;
  const Node* ratio();
  const Node* sum();
  const Node* term();
  const Node* signed_factor();
  const Node* factor();
  const Node* postfix(const Node* node);
  const Node* power(const Node* base);
  const Node* primes(const Node* node);
  const Node* mixed_number(const Node* whole);
  bool starts_factor(const Node* left) const;
  const Node* hoist_unit(std::vector<const Node*>& terms);
  const Node* labelled();

  // parser_primary.cc
  const Node* primary();
  const Node* command();
  const Node* structure_command(std::string_view name);
  const Node* letters();
  const Node* word(std::string_view text, size_t length);
  const Node* symbol(std::string_view name, uint32_t begin);
  const Node* symbol_command(std::string_view name);
  std::string subscript();
  const Node* bracketed(char open);
  const Node* braces();
  const Node* set_braces();
  const Node* set_builder(const Node* first);
  const Node* bars();
  const Node* enclosed(Kind kind, std::string_view closing);
  const Node* argument();
  const Node* root_argument();
  const Node* decorated(std::string_view name);
  bool conjugates() const;
  const Node* blackboard();
  const Node* text();
  const Node* currency(std::string_view unit);

  // parser_function.cc
  bool is_function(std::string_view name) const;
  const Node* function(std::string_view name);
  const Node* function_argument();
  const Node* named_function(std::string_view name);
  const Node* big_operator(Kind kind);
  const Node* opaque_call(const Node* symbol);

  // parser_number.cc
  const Node* number();
  bool read_groups(std::string& digits);
  bool group_follows(char mark, size_t& tokens_to_skip) const;
  bool read_decimals(std::string& decimals, std::string& period);
  bool read_period(std::string& decimals, std::string& period);
  bool infer_period(std::string& decimals, std::string& period);
  int64_t read_exponent();
  const Node* based(std::string_view digits, uint32_t begin);
  const Node* based_with_letters();
  const Node* clock_time();

  // parser_unit.cc
  const Node* unit_suffix(const Node* value);
  bool unit_word(bool first, std::string& word);
  const Node* quantity(const Node* value, std::string_view unit);

  // parser_environment.cc
  const Node* environment();
  const Node* matrix(std::string_view name, uint32_t begin);
  const Node* rows(std::string_view name, uint32_t begin);
  bool environment_name(std::string& name);

  const Token& peek(size_t ahead = 0) const {
    const size_t index = position_ + ahead;
    return index < tokens_.size() ? tokens_[index] : tokens_.back();
  }
  const Token& next() {
    const Token& token = peek();
    if (position_ + 1 < tokens_.size()) ++position_;
    return token;
  }
  bool at_end() const { return peek().kind == TokenKind::kEnd; }
  bool accept(char mark) {
    if (!peek().is(mark)) return false;
    next();
    return true;
  }
  bool accept_command(std::string_view name) {
    if (!peek().is_command(name)) return false;
    next();
    return true;
  }
  // The ASCII letters that follow each other from here on.
  std::string_view run(size_t ahead = 0) const;
  bool is_separator_word(std::string_view word) const { return word == "and" || word == "or"; }
  const Node* fail(std::string problem) {
    if (failure_.problem.empty()) failure_ = {std::move(problem), peek().begin};
    return nullptr;
  }
  const Node* fail_too_large(const char* problem) {
    too_large_ = true;
    return fail(problem);
  }
  int nodes() const { return tree_.nodes() - first_node_; }  // of this answer; a tree may hold two
  uint32_t last_end() const { return position_ == 0 ? 0 : tokens_[position_ - 1].end; }

  std::vector<Token>& tokens_;
  std::string_view source_;
  Tree& tree_;
  Failure& failure_;
  int first_node_;
  size_t position_ = 0;
  int depth_ = 0;
  bool too_large_ = false;
  bool i_is_a_name_ = false;  // inside a sum over i
  Context context_;

  // Restores the context and counts the depth of one bracket.
  class Nested {
   public:
    Nested(Parser& parser, Context context) : parser_(parser), saved_(parser.context_) {
      parser_.context_ = context;
      ++parser_.depth_;
    }
    ~Nested() {
      parser_.context_ = saved_;
      --parser_.depth_;
    }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
    Context saved_;
  };
};

// Splits a text token's content off blanks and punctuation at its ends, in lower case: "\text{ and
// }" -> "and".
std::string bare_word(std::string_view text);

}  // namespace r1::rewards::math::engine
