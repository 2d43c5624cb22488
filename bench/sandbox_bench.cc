// What a test costs in the code sandbox, beside starting Python, and bubblewrap with Python, for
// every test; in one run.
//   ninja -C build/release bench_sandbox && build/release/bench_sandbox [completions [tests]]
// The program prints its input; each completion has 8 tests, or so many, and a box of its own.
// Times are per test, the box included; one completion at a time.
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <functional>
#include <vector>

#include "rewards/code/box.h"
#include "rewards/code/sandbox.h"

namespace {

using namespace r1;
using namespace r1::rewards::code;

double ms(const std::function<void()>& work) {
  const auto start = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start)
      .count();
}

void report(const char* name, std::vector<double> times) {
  std::sort(times.begin(), times.end());
  double sum = 0;
  for (const double time : times) sum += time;
  fmt::print("{:<34} {:7.2f} {:7.2f} {:7.1f}\n", name, times[times.size() / 2],
             times[times.size() * 99 / 100], 1e3 * double(times.size()) / sum);
}

void run_command(const char* command) {
  if (std::system(command) != 0) fmt::print(stderr, "failed: {}\n", command);
}

}  // namespace

int main(int argc, char** argv) {
  const int completions = argc > 1 ? std::atoi(argv[1]) : 100;
  const int per_completion = argc > 2 ? std::atoi(argv[2]) : 8;
  Json tests = {{"type", "stdin"}, {"score", "fraction"}};
  for (int i = 0; i < per_completion; ++i)
    tests["cases"].push_back({{"input", fmt::format("{}\n", i)}, {"output", fmt::format("{}", i)}});
  SandboxConfig config;
  config.workers = 1;
  const auto sandbox = make_sandbox(config);
  fmt::print("isolation {}; ms per test:\n{:<34} {:>7} {:>7} {:>7}\n",
             isolation_name(sandbox->isolation()), "", "p50", "p99", "test/s");
  std::vector<double> ours, python, wrapped;
  for (int i = -3; i < completions; ++i) {
    Outcome outcome;
    const double time =
        ms([&] {
          outcome = sandbox->run({"python", "print(input())", parse_suite(tests)}).get();
        }) /
        per_completion;
    if (outcome.passed != per_completion) fmt::print(stderr, "not accepted: {}\n", outcome.detail);
    if (i < 0) continue;
    ours.push_back(time);
    python.push_back(
        ms([] { run_command("echo 1 | /usr/bin/python3 -c 'print(input())' > /dev/null"); }));
    wrapped.push_back(ms([] {
      run_command(
          "echo 1 | bwrap --unshare-all --unshare-user --disable-userns --die-with-parent "
          "--cap-drop ALL --ro-bind /usr /usr "
          "--symlink usr/lib /lib --symlink usr/lib64 /lib64 --symlink usr/bin /bin --proc /proc "
          "--dev /dev --tmpfs /tmp "
          "/usr/bin/python3 -c 'print(input())' > /dev/null");
    }));
  }
  report("sandbox", ours);
  report("python3 for every test", python);
  report("bubblewrap, python3 for every test", wrapped);
  return 0;
}
