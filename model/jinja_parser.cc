#include "model/jinja_parser.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <array>

namespace r1::model::jinja {
namespace {

std::unique_ptr<Stmt> make(StmtKind kind, int line) {
  return std::make_unique<Stmt>(Stmt{kind, line});
}

class Parser : public ExpressionParser {
 public:
  using ExpressionParser::ExpressionParser;
  Body parse() { return parse_body({}, "", 1); }

 private:
  using Ends = std::vector<std::string_view>;

  // Statements up to a tag of these names, which is left at the position. `opener` is the tag that
  // has to be closed.
  Body parse_body(const Ends& ends, const std::string& opener, int line);
  // From the end of the opening tag to that of the closing one.
  Body parse_block(const char* end, const std::string& opener, int line);
  void append_statement(Body& body, const Ends& ends, const std::string& opener);
  std::unique_ptr<Stmt> parse_statement(const Ends& ends, const std::string& opener);
  [[noreturn]] void unknown_tag(const Token& tag, const Ends& ends,
                                const std::string& opener) const;

  std::unique_ptr<Stmt> parse_for(int line);
  std::unique_ptr<Stmt> parse_if(int line);
  std::unique_ptr<Stmt> parse_set(int line);
  std::unique_ptr<Stmt> parse_macro(int line);
  std::unique_ptr<Stmt> parse_call_block(int line);
  std::unique_ptr<Stmt> parse_filter_block(int line);
  std::unique_ptr<Stmt> parse_with(int line);
  std::unique_ptr<Stmt> parse_print_tag(int line);
  std::unique_ptr<Stmt> parse_loop_control(StmtKind kind, int line);
  void parse_parameters(Stmt& macro);
  // The body of a macro, a caller or a generation block, which no break can leave.
  Body parse_function_body(const char* end, const std::string& opener, Stmt& stmt);
  Target parse_target(bool attributes, std::string_view end = "");
  Target parse_target_part(bool attributes);

  int loops_ = 0;  // around the position, within the same function
};

Body Parser::parse_body(const Ends& ends, const std::string& opener, int line) {
  const Nest nest(*this);
  Body body;
  while (now().kind != TokenKind::kEnd) {
    if (now().kind == TokenKind::kBlockBegin && ahead().kind == TokenKind::kName &&
        std::find(ends.begin(), ends.end(), ahead().text) != ends.end()) {
      take();
      return body;
    }
    append_statement(body, ends, opener);
  }
  if (!ends.empty())
    fail(fmt::format("the template ends inside of the {{% {} %}} of line {}; looking for {}",
                     opener, line, fmt::join(ends, " or ")));
  return body;
}

void Parser::append_statement(Body& body, const Ends& ends, const std::string& opener) {
  if (now().kind == TokenKind::kData) {
    body.push_back(make(StmtKind::kData, now().line));
    body.back()->text = take().text;
  } else if (now().kind == TokenKind::kPrintBegin) {
    body.push_back(make(StmtKind::kPrint, take().line));
    body.back()->exprs.push_back(parse_tuple(true));
    expect(TokenKind::kPrintEnd, "'}}'");
  } else {
    take();
    body.push_back(parse_statement(ends, opener));
    expect(TokenKind::kBlockEnd, "'%}'");
  }
}

Body Parser::parse_block(const char* end, const std::string& opener, int line) {
  skip_op(":");
  expect(TokenKind::kBlockEnd, "'%}'");
  Body body = parse_body({end}, opener, line);
  take();
  return body;
}

std::unique_ptr<Stmt> Parser::parse_statement(const Ends& ends, const std::string& opener) {
  if (now().kind != TokenKind::kName)
    fail(fmt::format("expected the name of a tag, found {}", describe(now())));
  const Token tag = take();
  if (tag.text == "for") return parse_for(tag.line);
  if (tag.text == "if") return parse_if(tag.line);
  if (tag.text == "set") return parse_set(tag.line);
  if (tag.text == "macro") return parse_macro(tag.line);
  if (tag.text == "call") return parse_call_block(tag.line);
  if (tag.text == "filter") return parse_filter_block(tag.line);
  if (tag.text == "with") return parse_with(tag.line);
  if (tag.text == "print") return parse_print_tag(tag.line);
  if (tag.text == "break") return parse_loop_control(StmtKind::kBreak, tag.line);
  if (tag.text == "continue") return parse_loop_control(StmtKind::kContinue, tag.line);
  if (tag.text == "generation") {
    auto stmt = make(StmtKind::kGeneration, tag.line);
    stmt->body = parse_function_body("endgeneration", "generation", *stmt);
    return stmt;
  }
  unknown_tag(tag, ends, opener);
}

void Parser::unknown_tag(const Token& tag, const Ends& ends, const std::string& opener) const {
  static constexpr std::array<std::string_view, 7> kUnsupported = {
      "block", "extends", "include", "import", "from", "do", "autoescape"};
  const std::string name = tag.text.substr(0, 80);
  if (std::find(kUnsupported.begin(), kUnsupported.end(), name) != kUnsupported.end())
    fail(fmt::format("the tag {{% {} %}} is not supported", name), tag.line);
  if (ends.empty()) fail(fmt::format("unknown tag {{% {} %}}", name), tag.line);
  fail(fmt::format("unknown tag {{% {} %}} inside of {{% {} %}}; looking for {}", name, opener,
                   fmt::join(ends, " or ")),
       tag.line);
}

std::unique_ptr<Stmt> Parser::parse_for(int line) {
  auto stmt = make(StmtKind::kFor, line);
  stmt->targets.push_back(parse_target(false, "in"));
  expect_name("in");
  stmt->exprs.push_back(parse_tuple(false, "recursive"));
  stmt->exprs.push_back(skip_name("if") ? parse_expression() : nullptr);
  if (is_name("recursive")) fail("recursive loops are not supported");
  skip_op(":");
  expect(TokenKind::kBlockEnd, "'%}'");
  ++loops_;
  stmt->body = parse_body({"endfor", "else"}, "for", line);
  --loops_;
  if (take().text == "else") stmt->otherwise = parse_block("endfor", "for", line);
  return stmt;
}

std::unique_ptr<Stmt> Parser::parse_if(int line) {
  auto stmt = make(StmtKind::kIf, line);
  while (true) {
    stmt->exprs.push_back(parse_tuple(false));
    skip_op(":");
    expect(TokenKind::kBlockEnd, "'%}'");
    stmt->branches.push_back(parse_body({"elif", "else", "endif"}, "if", line));
    const Token end = take();
    if (end.text == "elif") continue;
    if (end.text == "else") stmt->otherwise = parse_block("endif", "if", line);
    return stmt;
  }
}

std::unique_ptr<Stmt> Parser::parse_set(int line) {
  auto stmt = make(StmtKind::kSet, line);
  stmt->targets.push_back(parse_target(true));
  if (skip_op("=")) {
    stmt->exprs.push_back(parse_tuple(true));
    return stmt;
  }
  stmt->kind = StmtKind::kSetBlock;
  stmt->exprs.push_back(parse_filters(nullptr, false));
  stmt->body = parse_block("endset", "set", line);
  return stmt;
}

void Parser::parse_parameters(Stmt& macro) {
  expect_op("(");
  while (!is_op(")")) {
    if (!macro.parameters.empty()) expect_op(",");
    Parameter parameter{take_name("the name of a parameter"), nullptr};
    if (skip_op("="))
      parameter.fallback = parse_expression();
    else if (!macro.parameters.empty() && macro.parameters.back().fallback)
      fail("a parameter without default follows one with a default");
    macro.parameters.push_back(std::move(parameter));
  }
  expect_op(")");
}

Body Parser::parse_function_body(const char* end, const std::string& opener, Stmt& stmt) {
  const int loops = std::exchange(loops_, 0);
  std::set<std::string> outside = std::exchange(names_used_, {});
  Body body = parse_block(end, opener, stmt.line);
  stmt.uses_caller = names_used_.contains("caller");
  stmt.uses_varargs = names_used_.contains("varargs");
  stmt.uses_kwargs = names_used_.contains("kwargs");
  names_used_.merge(outside);
  loops_ = loops;
  return body;
}

std::unique_ptr<Stmt> Parser::parse_macro(int line) {
  auto stmt = make(StmtKind::kMacro, line);
  stmt->text = take_name("the name of a macro");
  parse_parameters(*stmt);
  stmt->body = parse_function_body("endmacro", "macro", *stmt);
  return stmt;
}

std::unique_ptr<Stmt> Parser::parse_call_block(int line) {
  auto stmt = make(StmtKind::kCallBlock, line);
  if (is_op("(")) parse_parameters(*stmt);
  stmt->text = "caller";
  stmt->exprs.push_back(parse_expression());
  if (stmt->exprs[0]->kind != ExprKind::kCall) fail("{% call %} needs the call of a macro", line);
  stmt->body = parse_function_body("endcall", "call", *stmt);
  return stmt;
}

std::unique_ptr<Stmt> Parser::parse_filter_block(int line) {
  auto stmt = make(StmtKind::kFilter, line);
  stmt->exprs.push_back(parse_filters(nullptr, true));
  stmt->body = parse_block("endfilter", "filter", line);
  return stmt;
}

std::unique_ptr<Stmt> Parser::parse_with(int line) {
  auto stmt = make(StmtKind::kWith, line);
  while (now().kind != TokenKind::kBlockEnd && !is_op(":")) {
    if (!stmt->targets.empty()) expect_op(",");
    stmt->targets.push_back(parse_target_part(false));
    expect_op("=");
    stmt->exprs.push_back(parse_expression());
  }
  stmt->body = parse_block("endwith", "with", line);
  return stmt;
}

std::unique_ptr<Stmt> Parser::parse_print_tag(int line) {
  auto stmt = make(StmtKind::kPrint, line);
  while (now().kind != TokenKind::kBlockEnd) {
    if (!stmt->exprs.empty()) expect_op(",");
    stmt->exprs.push_back(parse_expression());
  }
  return stmt;
}

std::unique_ptr<Stmt> Parser::parse_loop_control(StmtKind kind, int line) {
  if (loops_ == 0)
    fail(fmt::format("{{% {} %}} outside of a loop",
                     kind == StmtKind::kBreak ? "break" : "continue"),
         line);
  return make(kind, line);
}

Target Parser::parse_target(bool attributes, std::string_view end) {
  Target target;
  while (true) {
    const bool at_end = is_op("=") || is_op(")") || now().kind == TokenKind::kBlockEnd ||
                        (!end.empty() && is_name(end));
    if (at_end && !target.parts.empty()) break;
    target.parts.push_back(parse_target_part(attributes));
    if (!skip_op(",")) break;
    target.is_tuple = true;
  }
  if (target.is_tuple || target.parts.size() != 1) return target;
  Target only = std::move(target.parts.front());
  return only;
}

Target Parser::parse_target_part(bool attributes) {
  const Nest nest(*this);
  if (skip_op("(")) {
    Target inner = parse_target(attributes);
    expect_op(")");
    return inner;
  }
  static constexpr std::array<std::string_view, 6> kConstants = {"true",  "True", "false",
                                                                 "False", "none", "None"};
  Target target;
  const int line = now().line;
  target.name = take_name("a name to assign to");
  if (std::find(kConstants.begin(), kConstants.end(), target.name) != kConstants.end())
    fail(fmt::format("cannot assign to {}", target.name), line);
  if (attributes && skip_op(".")) target.attribute = take_name("the name of an attribute");
  return target;
}

}  // namespace

Body parse_template(std::string_view source, const Limits& limits) {
  if (source.size() > limits.max_template)
    throw LineFailure{1, fmt::format("the template has {} bytes; at most {} are taken",
                                     source.size(), limits.max_template)};
  return Parser(tokenize(source), limits).parse();
}

}  // namespace r1::model::jinja
