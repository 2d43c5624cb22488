#include <fmt/format.h>

#include "model/jinja_parser.h"

namespace r1::model::jinja {

void TokenReader::fail(const std::string& message, int line) const {
  throw LineFailure{line > 0 ? line : now().line, message};
}

void TokenReader::expect_op(std::string_view op) {
  if (!skip_op(op)) fail(fmt::format("expected '{}', found {}", op, describe(now())));
}

void TokenReader::expect_name(std::string_view name) {
  if (!skip_name(name)) fail(fmt::format("expected '{}', found {}", name, describe(now())));
}

void TokenReader::expect(TokenKind kind, const char* what) {
  if (now().kind != kind) fail(fmt::format("expected {}, found {}", what, describe(now())));
  take();
}

std::string TokenReader::take_name(const char* what) {
  if (now().kind != TokenKind::kName)
    fail(fmt::format("expected {}, found {}", what, describe(now())));
  return take().text;
}

TokenReader::Nest::Nest(TokenReader& reader) : reader_(reader) {
  if (reader.nesting_ + 1 > reader.limits_.max_nesting)
    reader.fail(fmt::format("nested deeper than {} levels", reader.limits_.max_nesting));
  ++reader.nesting_;
}

}  // namespace r1::model::jinja
