// One harness per untrusted format, tests/fuzz/<name>_fuzz.cc, defines these three. Two drivers use
// it: libfuzzer.cc with clang (R1_FUZZ=ON), smoke.cc as a test with any compiler.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace r1::fuzz {

// Inputs to start from.
std::vector<std::string> seeds();

// Feeds one input to the code under test; stops the process where a promise is broken. Any input is
// allowed.
void run(std::string_view input);

// `input` changed in a way that respects the format; a pure function of its arguments.
std::string mutated(const std::string& input, uint64_t seed);

// Ends the process with `promise` on standard error: what run() calls when the code under test
// broke it.
[[noreturn]] void broken_promise(const std::string& promise, std::string_view input);

}  // namespace r1::fuzz
