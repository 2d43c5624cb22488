#include "base/error.h"

#include <fmt/format.h>

namespace r1 {

void check_failed(const char* expression, const char* file, int line, const std::string& message) {
  throw InternalError(
      fmt::format("{}:{}: check failed: {}: {} (a bug in r1: please report it)", file, line, expression, message));
}

}  // namespace r1
