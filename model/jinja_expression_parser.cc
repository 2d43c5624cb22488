#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "model/jinja_parser.h"

namespace r1::model::jinja {

ExprPtr ExpressionParser::node(ExprKind kind, int line, std::string text) {
  auto expr = std::make_unique<Expr>(Expr{kind, line});
  expr->text = std::move(text);
  return expr;
}

ExprPtr ExpressionParser::done(ExprPtr expr) const {
  for (const ExprPtr& arg : expr->args)
    if (arg) expr->depth = std::max(expr->depth, arg->depth + 1);
  for (const auto& [name, arg] : expr->kwargs) expr->depth = std::max(expr->depth, arg->depth + 1);
  if (expr->depth > limits_.max_nesting)
    fail(fmt::format("an expression is nested deeper than {} levels", limits_.max_nesting),
         expr->line);
  return expr;
}

ExprPtr ExpressionParser::binary(ExprKind kind, std::string op, ExprPtr left, ExprPtr right,
                                 int line) {
  ExprPtr expr = node(kind, line, std::move(op));
  expr->args.push_back(std::move(left));
  expr->args.push_back(std::move(right));
  return done(std::move(expr));
}

ExprPtr ExpressionParser::parse_expression() {
  const Nest nest(*this);
  ExprPtr value = parse_or();
  while (is_name("if")) {
    ExprPtr condition = node(ExprKind::kCondition, take().line);
    condition->args.push_back(parse_or());
    condition->args.push_back(std::move(value));
    condition->args.push_back(skip_name("else") ? parse_expression() : nullptr);
    value = done(std::move(condition));
  }
  return value;
}

ExprPtr ExpressionParser::parse_or() {
  ExprPtr left = parse_and();
  while (is_name("or")) {
    const int line = take().line;
    left = binary(ExprKind::kOr, "or", std::move(left), parse_and(), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_and() {
  ExprPtr left = parse_not();
  while (is_name("and")) {
    const int line = take().line;
    left = binary(ExprKind::kAnd, "and", std::move(left), parse_not(), line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_not() {
  if (!is_name("not")) return parse_compare();
  const Nest nest(*this);
  ExprPtr expr = node(ExprKind::kNot, take().line);
  expr->args.push_back(parse_not());
  return done(std::move(expr));
}

// The comparison operator at the position, taken; empty when there is none.
std::string ExpressionParser::comparison() {
  static constexpr std::array<std::string_view, 6> kOperators = {"==", "!=", "<=", ">=", "<", ">"};
  for (const std::string_view op : kOperators)
    if (is_op(op)) return take().text;
  if (skip_name("in")) return "in";
  if (!is_name("not") || ahead().kind != TokenKind::kName || ahead().text != "in") return "";
  take();
  take();
  return "not in";
}

ExprPtr ExpressionParser::parse_compare() {
  const int line = now().line;
  ExprPtr first = parse_sum();
  std::string op = comparison();
  if (op.empty()) return first;
  ExprPtr expr = node(ExprKind::kCompare, line);
  expr->args.push_back(std::move(first));
  for (; !op.empty(); op = comparison()) {
    expr->ops.push_back(op);
    expr->args.push_back(parse_sum());
  }
  return done(std::move(expr));
}

ExprPtr ExpressionParser::parse_sum() {
  ExprPtr left = parse_concat();
  while (is_op("+") || is_op("-")) {
    Token op = take();
    left = binary(ExprKind::kBinary, op.text, std::move(left), parse_concat(), op.line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_concat() {
  const int line = now().line;
  ExprPtr first = parse_product();
  if (!is_op("~")) return first;
  ExprPtr expr = node(ExprKind::kConcat, line);
  expr->args.push_back(std::move(first));
  while (skip_op("~")) expr->args.push_back(parse_product());
  return done(std::move(expr));
}

ExprPtr ExpressionParser::parse_product() {
  ExprPtr left = parse_power();
  while (is_op("*") || is_op("/") || is_op("//") || is_op("%")) {
    Token op = take();
    left = binary(ExprKind::kBinary, op.text, std::move(left), parse_power(), op.line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_power() {
  ExprPtr left = parse_unary();
  while (is_op("**")) {
    Token op = take();
    left = binary(ExprKind::kBinary, op.text, std::move(left), parse_unary(), op.line);
  }
  return left;
}

ExprPtr ExpressionParser::parse_unary(bool with_filter) {
  const Nest nest(*this);
  ExprPtr expr;
  if (is_op("-") || is_op("+")) {
    const Token op = take();
    expr = node(op.text == "-" ? ExprKind::kNegative : ExprKind::kPositive, op.line);
    expr->args.push_back(parse_unary(false));
    expr = done(std::move(expr));
  } else {
    expr = parse_primary();
  }
  expr = parse_postfix(std::move(expr));
  while (with_filter) {
    if (is_op("|")) {
      expr = parse_filters(std::move(expr), false);
    } else if (is_name("is")) {
      expr = parse_test(std::move(expr));
    } else if (is_op("(")) {
      expr = parse_call(std::move(expr));
    } else {
      break;
    }
  }
  return expr;
}

ExprPtr ExpressionParser::parse_primary() {
  switch (now().kind) {
    case TokenKind::kName:
      return parse_constant_or_name();
    case TokenKind::kString: {
      ExprPtr expr = node(ExprKind::kConst, now().line);
      std::string text;
      while (now().kind == TokenKind::kString) text += take().text;
      Meter unlimited(Limits{});
      expr->value = Value::text(std::move(text), unlimited);
      return expr;
    }
    case TokenKind::kInteger:
    case TokenKind::kFloat: {
      const Token token = take();
      ExprPtr expr = node(ExprKind::kConst, token.line);
      expr->value = token.kind == TokenKind::kInteger ? Value(token.integer) : Value(token.real);
      return expr;
    }
    default:
      break;
  }
  if (skip_op("(")) {
    ExprPtr expr = parse_tuple(true, "", true);
    expect_op(")");
    return expr;
  }
  if (is_op("[")) return parse_list();
  if (is_op("{")) return parse_dict();
  fail(fmt::format("expected an expression, found {}", describe(now())));
}

ExprPtr ExpressionParser::parse_constant_or_name() {
  const Token token = take();
  ExprPtr expr = node(ExprKind::kConst, token.line);
  if (token.text == "true" || token.text == "True") {
    expr->value = Value(true);
  } else if (token.text == "false" || token.text == "False") {
    expr->value = Value(false);
  } else if (token.text != "none" && token.text != "None") {
    expr->kind = ExprKind::kName;
    expr->text = token.text;
    names_used_.insert(token.text);
  }
  return expr;
}

ExprPtr ExpressionParser::parse_tuple(bool conditions, std::string_view end, bool in_brackets) {
  const int line = now().line;
  const auto at_end = [&] {
    return now().kind == TokenKind::kPrintEnd || now().kind == TokenKind::kBlockEnd || is_op(")") ||
           (!end.empty() && is_name(end));
  };
  std::vector<ExprPtr> items;
  bool is_tuple = false;
  while (!at_end()) {
    items.push_back(conditions ? parse_expression() : parse_or());
    if (!skip_op(",")) break;
    is_tuple = true;
  }
  if (!is_tuple && !items.empty()) return std::move(items.front());
  if (items.empty() && !in_brackets)
    fail(fmt::format("expected an expression, found {}", describe(now())));
  ExprPtr expr = node(ExprKind::kTuple, line);
  expr->args = std::move(items);
  return done(std::move(expr));
}

ExprPtr ExpressionParser::parse_list() {
  ExprPtr expr = node(ExprKind::kList, take().line);
  while (!is_op("]")) {
    if (!expr->args.empty()) expect_op(",");
    if (is_op("]")) break;
    expr->args.push_back(parse_expression());
  }
  expect_op("]");
  return done(std::move(expr));
}

ExprPtr ExpressionParser::parse_dict() {
  ExprPtr expr = node(ExprKind::kDict, take().line);
  while (!is_op("}")) {
    if (!expr->args.empty()) expect_op(",");
    if (is_op("}")) break;
    expr->args.push_back(parse_expression());
    expect_op(":");
    expr->args.push_back(parse_expression());
  }
  expect_op("}");
  return done(std::move(expr));
}

ExprPtr ExpressionParser::parse_postfix(ExprPtr expr) {
  while (true) {
    if (is_op(".") || is_op("[")) {
      expr = parse_subscript(std::move(expr));
    } else if (is_op("(")) {
      expr = parse_call(std::move(expr));
    } else {
      return expr;
    }
  }
}

ExprPtr ExpressionParser::parse_subscript(ExprPtr expr) {
  const Token token = take();
  if (token.text == ".") {
    if (now().kind == TokenKind::kName) {
      ExprPtr attribute = node(ExprKind::kAttribute, token.line, take().text);
      attribute->args.push_back(std::move(expr));
      return done(std::move(attribute));
    }
    if (now().kind != TokenKind::kInteger)
      fail(fmt::format("expected a name or number, found {}", describe(now())));
    ExprPtr index = node(ExprKind::kConst, token.line);
    index->value = Value(take().integer);
    return binary(ExprKind::kItem, "", std::move(expr), std::move(index), token.line);
  }
  std::vector<ExprPtr> indices;
  while (!is_op("]")) {
    if (!indices.empty()) expect_op(",");
    indices.push_back(parse_subscribed());
  }
  expect_op("]");
  if (indices.size() != 1) fail("one index or slice expected between [ and ]", token.line);
  return binary(ExprKind::kItem, "", std::move(expr), std::move(indices.front()), token.line);
}

ExprPtr ExpressionParser::parse_subscribed() {
  const int line = now().line;
  const auto at_end = [&] { return is_op("]") || is_op(",") || is_op(":"); };
  ExprPtr first = is_op(":") ? nullptr : parse_expression();
  if (!skip_op(":")) return first;
  ExprPtr slice = node(ExprKind::kSlice, line);
  slice->args.push_back(std::move(first));
  slice->args.push_back(at_end() ? nullptr : parse_expression());
  const bool with_step = skip_op(":");
  slice->args.push_back(!with_step || at_end() ? nullptr : parse_expression());
  return done(std::move(slice));
}

void ExpressionParser::parse_arguments(Expr& call) {
  const int line = now().line;
  expect_op("(");
  bool first = true;
  while (!is_op(")")) {
    if (!first) expect_op(",");
    if (is_op(")")) break;
    first = false;
    if (is_op("*") || is_op("**")) fail("unpacking arguments with * and ** is not supported");
    if (now().kind == TokenKind::kName && ahead().kind == TokenKind::kOperator &&
        ahead().text == "=") {
      std::string name = take().text;
      take();
      call.kwargs.emplace_back(std::move(name), parse_expression());
    } else {
      if (!call.kwargs.empty()) fail("invalid syntax for function call expression", line);
      call.args.push_back(parse_expression());
    }
  }
  expect_op(")");
}

ExprPtr ExpressionParser::parse_call(ExprPtr callee) {
  ExprPtr call = node(ExprKind::kCall, now().line);
  call->args.push_back(std::move(callee));
  parse_arguments(*call);
  return done(std::move(call));
}

ExprPtr ExpressionParser::parse_filters(ExprPtr subject, bool first_is_bare) {
  while (first_is_bare || is_op("|")) {
    if (!first_is_bare) take();
    first_is_bare = false;
    const int line = now().line;
    std::string name = take_name("the name of a filter");
    while (skip_op(".")) name += "." + take_name("the name of a filter");
    if (!is_filter(name))
      fail(fmt::format("the filter \"{}\" is not supported", name.substr(0, 80)), line);
    ExprPtr filter = node(ExprKind::kFilter, line, std::move(name));
    filter->args.push_back(std::move(subject));
    if (is_op("(")) parse_arguments(*filter);
    subject = done(std::move(filter));
  }
  return subject;
}

ExprPtr ExpressionParser::parse_test(ExprPtr subject) {
  const int line = take().line;
  const bool negated = skip_name("not");
  std::string name = take_name("the name of a test");
  if (!is_test(name))
    fail(fmt::format("the test \"{}\" is not supported", name.substr(0, 80)), line);
  ExprPtr test = node(ExprKind::kTest, line, std::move(name));
  test->args.push_back(std::move(subject));
  const TokenKind kind = now().kind;
  const bool value =
      kind == TokenKind::kString || kind == TokenKind::kInteger || kind == TokenKind::kFloat ||
      is_op("[") || is_op("{") ||
      (kind == TokenKind::kName && !is_name("else") && !is_name("or") && !is_name("and"));
  if (is_op("(")) {
    parse_arguments(*test);
  } else if (value) {
    if (is_name("is")) fail("tests cannot be chained with is");
    test->args.push_back(parse_postfix(parse_primary()));
  }
  test = done(std::move(test));
  if (!negated) return test;
  ExprPtr expr = node(ExprKind::kNot, line);
  expr->args.push_back(std::move(test));
  return done(std::move(expr));
}

}  // namespace r1::model::jinja
