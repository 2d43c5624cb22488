#include <cstdio>
#include <cstdlib>

#include "tests/fuzz/fuzz.h"

namespace r1::fuzz {

void broken_promise(const std::string& promise, std::string_view input) {
  std::fprintf(stderr, "broken promise: %s\ninput of %zu bytes: %.*s\n", promise.c_str(),
               input.size(), static_cast<int>(input.size()), input.data());
  std::abort();
}

}  // namespace r1::fuzz
