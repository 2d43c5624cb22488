// The verb sandbox: what isolation this machine gives to programs of models, and whether it holds.
#include <fmt/format.h>
#include <fmt/ranges.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <memory>
#include <thread>

#include "base/error.h"
#include "base/progress.h"
#include "recipes/cli.h"
#include "rewards/code/hostile.h"
#include "rewards/code/probe.h"
#include "rewards/code/self_test.h"

namespace r1::recipes {
namespace {

namespace code = rewards::code;

void print_probe() {
  const code::ProbeResult result = code::probe();
  for (const auto& check : result.checks)
    fmt::print("{:<28} {}{}\n", check.what, check.works ? "yes" : "no",
               check.note.empty() ? "" : ": " + check.note);
  fmt::print("{:<28} {}\n", "isolation", isolation_name(result.isolation));
}

const char* result_word(bool ok) { return ok ? "ok" : "NOT OK"; }

// On a terminal wrapped at its width, further lines below the last column.
void print_line(std::string line) {
  constexpr size_t kIndent = 28;
  winsize size{};
  const bool terminal = ::ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0;
  while (terminal && line.size() > size.ws_col) {
    const size_t space = line.rfind(' ', size.ws_col);
    if (space == std::string::npos || space <= kIndent) break;
    fmt::print("{}\n", line.substr(0, space));
    line = std::string(kIndent, ' ') + line.substr(space + 1);
  }
  fmt::print("{}\n", line);
}

// "time_limit", or "time_limit 19, accepted 1" when runs differ.
std::string verdicts(const code::HostileResult& program) {
  if (program.seen.size() == 1) return program.seen.begin()->first;
  std::string text;
  for (const auto& [verdict, times] : program.seen)
    text += fmt::format("{}{} {}", text.empty() ? "" : ", ", verdict, times);
  return text;
}

void print_program(const code::HostileResult& program) {
  std::string others;
  for (const std::string& verdict : program.allowed)
    if (!program.seen.contains(verdict)) others += (others.empty() ? "" : ", ") + verdict;
  print_line(fmt::format(
      "{:<6}  {:<18}  {}: {}{}", result_word(program.ok()), verdicts(program), program.name,
      program.why,
      others.empty() ? ""
                     : fmt::format(" ({}: {})", program.ok() ? "allowed too" : "allowed", others)));
  if (!program.ok()) print_line(fmt::format("{:28}{}", "", program.detail));
}

std::string failure(const code::SelfTestResult& result) {
  const auto not_ok = [](const auto& one) { return !one.ok(); };
  const auto programs = std::ranges::count_if(result.programs, not_ok);
  const auto checks = std::ranges::count_if(result.checks, [](const auto& one) { return !one.ok; });
  if (programs + checks == 0) return "";
  return fmt::format(
      "sandbox: {} of {} programs had a verdict that they may not have, and {} of {} checks of the "
      "machine failed; the lines with NOT OK say which. Until that is mended, run no programs of a "
      "model here",
      programs, result.programs.size(), checks, result.checks.size());
}

void self_test(int repeat) {
  const double start = seconds_now();
  code::SelfTestConfig config;
  config.repeat = repeat;
  config.sandbox.workers = 2 * std::max(1u, std::thread::hardware_concurrency());  // many only wait
  code::SelfTestResult result;
  {
    const auto programs = static_cast<int64_t>(code::hostile_programs().size());
    Progress progress("hostile programs", programs, "program");
    int64_t done = 0, bad = 0;
    result = run_self_test(config, [&](const code::HostileResult& program) {
      bad += !program.ok();
      progress.update(++done, bad > 0 ? fmt::format("{} NOT OK", bad) : "");
      if (!program.ok())
        say(fmt::format("NOT OK  {}: {}, allowed {}", program.name, verdicts(program),
                        fmt::join(program.allowed, ", ")));
    });
  }
  print_line(fmt::format("{:<6}  {:<18}  {}", "", "verdict", "program: what it tries"));
  for (const code::HostileResult& program : result.programs) print_program(program);
  fmt::print("\nAfterwards:\n");
  for (const code::HostCheck& check : result.checks)
    print_line(fmt::format("{:<6}  {:<18}  {}", result_word(check.ok), check.what, check.note));
  if (const std::string problem = failure(result); !problem.empty()) throw Error(problem);
  fmt::print("\n{} programs run {}, isolation {}, {}: every verdict right, nothing left\n",
             result.programs.size(), repeat == 1 ? "once" : fmt::format("{} times", repeat),
             isolation_name(result.isolation), format_duration(seconds_now() - start));
}

}  // namespace

void add_sandbox_verb(CommandLine& program) {
  struct Options {
    bool probe = false, self_test = false;
    int repeat = 1;
  };
  const auto options = std::make_shared<Options>();
  Verb verb =
      program.add_verb("sandbox", "Show how programs of a model are kept apart on this machine");
  verb.flag("--probe", options->probe, "say which isolation this machine gives, and why not more");
  verb.flag("--self-test", options->self_test,
            "run hostile programs (fork bombs, floods, escapes, forged passes) in the sandbox and "
            "check that each is held and nothing is left; some minutes");
  verb.option("--repeat", &options->repeat, "times that --self-test runs each program")
      .type_name("N")
      .in_range(1, 1000000);
  verb.callback([options] {
    if (options->probe == options->self_test)
      throw ConfigError("sandbox: give one of --probe and --self-test");
    options->probe ? print_probe() : self_test(options->repeat);
  });
}

}  // namespace r1::recipes
