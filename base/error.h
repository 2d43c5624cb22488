// Errors of the whole library. Thrown for what cannot go on; expected outcomes are values with a
// reason. Every message says what happened, where, the value seen and what to try next. Caught
// once, in recipes/main.cc.
#pragma once

#include <stdexcept>
#include <string>

namespace r1 {

class Error : public std::runtime_error {
 public:
  using std::runtime_error::runtime_error;
};

// A recipe, flag or option is wrong (exit code 2).
class ConfigError : public Error {
  using Error::Error;
};
// An input file or row is wrong: names file, line, column and reason.
class DataError : public Error {
  using Error::Error;
};
// A checkpoint or model folder cannot be read or written.
class CheckpointError : public Error {
  using Error::Error;
};
// A device is missing, out of memory or failed.
class DeviceError : public Error {
  using Error::Error;
};
// A bug of ours: the message carries expression, file and line.
class InternalError : public Error {
  using Error::Error;
};
// The user or the system asked us to stop; what was done is saved and the same command continues
// (exit code 75).
class Interrupted : public Error {
  using Error::Error;
};

[[noreturn]] void check_failed(const char* expression, const char* file, int line, const std::string& message);

}  // namespace r1

// Programmer errors. Stays on in release: the cost is nothing beside a matrix product.
#define R1_CHECK(condition, message)                                                 \
  do {                                                                               \
    if (!(condition)) ::r1::check_failed(#condition, __FILE__, __LINE__, (message)); \
  } while (false)
