// The two halves of the parser: tokens, and expressions on top of them. Statements are in
// jinja_parser.cc.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/jinja_ast.h"
#include "model/jinja_lexer.h"

namespace r1::model::jinja {

// A token list with a position.
class TokenReader {
 public:
  TokenReader(std::vector<Token> tokens, const Limits& limits)
      : limits_(limits), tokens_(std::move(tokens)) {}

 protected:
  const Token& now() const { return tokens_[at_]; }
  const Token& ahead() const { return tokens_[std::min(at_ + 1, tokens_.size() - 1)]; }
  Token take() { return at_ + 1 < tokens_.size() ? std::move(tokens_[at_++]) : tokens_.back(); }
  bool is_op(std::string_view op) const {
    return now().kind == TokenKind::kOperator && now().text == op;
  }
  bool is_name(std::string_view name) const {
    return now().kind == TokenKind::kName && now().text == name;
  }
  bool skip_op(std::string_view op) { return is_op(op) && (take(), true); }
  bool skip_name(std::string_view name) { return is_name(name) && (take(), true); }
  void expect_op(std::string_view op);
  void expect_name(std::string_view name);
  void expect(TokenKind kind, const char* what);
  std::string take_name(const char* what);
  [[noreturn]] void fail(const std::string& message, int line = 0) const;

  // Keeps the recursion of the parser within bounds while it lives.
  class Nest {
   public:
    explicit Nest(TokenReader& reader);
    ~Nest() { --reader_.nesting_; }

   private:
    TokenReader& reader_;
  };
  Limits limits_;

 private:
  std::vector<Token> tokens_;
  size_t at_ = 0;
  int nesting_ = 0;
};

// jinja2's grammar of expressions.
class ExpressionParser : public TokenReader {
 public:
  using TokenReader::TokenReader;

 protected:
  ExprPtr parse_expression();
  ExprPtr parse_or();
  // One expression, or a tuple of several. `end` is a name that ends it. Without conditions when
  // `in_tag`.
  ExprPtr parse_tuple(bool conditions, std::string_view end = "", bool in_brackets = false);
  ExprPtr parse_filters(ExprPtr subject, bool first_is_bare);
  std::set<std::string> names_used_;  // in the expressions since a caller cleared it

 private:
  ExprPtr node(ExprKind kind, int line, std::string text = "");
  // Checks the depth of the tree that it finishes.
  ExprPtr done(ExprPtr expr) const;
  ExprPtr binary(ExprKind kind, std::string op, ExprPtr left, ExprPtr right, int line);

  ExprPtr parse_and();
  ExprPtr parse_not();
  ExprPtr parse_compare();
  std::string comparison();
  ExprPtr parse_sum();
  ExprPtr parse_concat();
  ExprPtr parse_product();
  ExprPtr parse_power();
  ExprPtr parse_unary(bool with_filter = true);
  ExprPtr parse_primary();
  ExprPtr parse_constant_or_name();
  ExprPtr parse_list();
  ExprPtr parse_dict();
  ExprPtr parse_postfix(ExprPtr expr);
  ExprPtr parse_subscript(ExprPtr expr);
  ExprPtr parse_subscribed();
  void parse_arguments(Expr& call);
  ExprPtr parse_call(ExprPtr callee);
  ExprPtr parse_test(ExprPtr subject);
};

}  // namespace r1::model::jinja
