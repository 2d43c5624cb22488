// The program: runs the command line, and is the one place where errors end.
#include <c10/util/Exception.h>
#include <fmt/format.h>
#include <malloc.h>

#include <new>
#include <string>

#include "base/error.h"
#include "recipes/cli.h"

namespace {

enum ExitCode { kFailed = 1, kBadUsage = 2, kInterrupted = 75 };

// Every step allocates and frees the same large tensors. By default malloc gives such blocks back
// to the system at once, and clearing the new pages costs more than filling them; these are the
// largest limits that glibc takes.
void keep_freed_memory() {
  ::mallopt(M_MMAP_THRESHOLD, 32 << 20);
  ::mallopt(M_TRIM_THRESHOLD, 1 << 30);
}

int fail(ExitCode code, const std::string& message) {
  std::fflush(stdout);
  fmt::print(stderr, "r1: {}\n", message);
  return code;
}

constexpr const char* kLessMemory =
    "out of memory; try a smaller micro_batch_tokens, engine.max_slots or engine.max_cache_mb, "
    "fewer or shorter completions, or a "
    "16-bit dtype";

// LibTorch's errors carry a stack trace behind the first line.
int fail_torch(const c10::Error& error) {
  const std::string text = error.what_without_backtrace();
  const std::string line = text.substr(0, text.find('\n'));
  const bool memory = dynamic_cast<const c10::OutOfMemoryError*>(&error) != nullptr ||
                      line.find("allocate memory") != std::string::npos;
  if (memory) return fail(kFailed, fmt::format("{} (LibTorch: {})", kLessMemory, line));
  return fail(
      kFailed,
      fmt::format("LibTorch: {}; what was saved is kept, the same command continues from there",
                  line));
}

}  // namespace

int main(int argc, char** argv) {
  keep_freed_memory();
  try {
    return r1::recipes::run_command_line(argc, argv);
  } catch (const r1::Interrupted& error) {
    return fail(kInterrupted, error.what());
  } catch (const r1::ConfigError& error) {
    return fail(kBadUsage, error.what());
  } catch (const r1::InternalError& error) {
    return fail(kFailed, fmt::format("internal error, please report it: {}", error.what()));
  } catch (const r1::Error& error) {
    return fail(kFailed, error.what());
  } catch (const c10::Error& error) {
    return fail_torch(error);
  } catch (const std::bad_alloc&) {
    return fail(kFailed, kLessMemory);
  } catch (const std::exception& error) {
    return fail(kFailed, error.what());
  }
}
