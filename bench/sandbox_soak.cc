// Many mixed programs through one sandbox: every verdict against the expected one, and what the
// sandbox holds as it goes on. Memory, descriptors, processes, control groups and mounts must not
// grow.
//   ninja -C build/release bench_sandbox_soak
//   build/release/bench_sandbox_soak [--runs 10000] [--load 4] [--rows
//   tests/data/code/agreement.jsonl]
// --load: so many processes per core that do nothing but use it, beside the sandbox. The programs
// are those of the rows, which a plain runner has judged, and a few that meet limits.
#include <fmt/format.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <deque>
#include <fstream>
#include <string_view>
#include <thread>
#include <vector>

#include "rewards/code/box.h"
#include "rewards/code/languages.h"
#include "rewards/code/sandbox.h"
#include "rewards/code/traces.h"

namespace {

using namespace r1;
using namespace r1::rewards::code;

struct Program {
  std::string name, verdict;
  int64_t passed = -1;  // -1: not compared
  Submission submission;
};

std::vector<Program> programs_that_meet_limits() {
  const auto suite = [](double seconds) {
    return parse_suite({{"type", "stdin"},
                        {"time_limit_s", seconds},
                        {"memory_limit_mb", 64},
                        {"cases", {{{"input", ""}, {"output", "1"}}}}});
  };
  const auto python = [&](const char* verdict, const char* source, double seconds = 10) {
    return Program{
        fmt::format("a program for {}", verdict), verdict, -1, {"python", source, suite(seconds)}};
  };
  return {python("memory_limit", "x = b'x' * (1 << 30)"),
          python("memory_limit", "x = []\nwhile True: x.append(b'x' * 1000000)"),
          python("output_limit", "while True: print('x' * 1000)"),
          python("process_limit", "import os\nwhile True: os.fork()"),
          python("file_limit", "open('f', 'wb').write(b'x' * (20 << 20))"),
          python("runtime_error", "import os\nos.abort()"),
          python("security_violation",
                 "import socket\nsocket.socket(socket.AF_PACKET, socket.SOCK_RAW)"),
          python("time_limit", "while True: pass", 0.5),
          python("time_limit", "import time\ntime.sleep(100)", 0.5)};
}

std::vector<Program> read_programs(const std::string& rows) {
  std::vector<Program> programs = programs_that_meet_limits();
  read_jsonl(rows, [&](const Json& row, int64_t line) {
    const Language& language = *find_language(row["language"].get<std::string>());
    const Extraction found = extract(row["completion"].get<std::string>(), language);
    if (found.reason != ExtractReason::kFound) return;
    const bool counted = row["tests"].value("score", "all") == "fraction";
    programs.push_back({fmt::format("line {}", line),
                        row["verdict"],
                        counted ? row["passed"].get<int64_t>() : -1,
                        {language.name, found.source, parse_suite(row["tests"])}});
  });
  return programs;
}

// They end with this process.
std::vector<pid_t> start_load(int processes) {
  std::vector<pid_t> started;
  for (int i = 0; i < processes; ++i) {
    started.push_back(::fork());
    if (started.back() != 0) continue;
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    for (volatile bool busy = true; busy;) {
    }
  }
  return started;
}

double resident_mb(pid_t pid) {
  std::ifstream statm(fmt::format("/proc/{}/statm", pid));
  double size = 0, resident = 0;
  statm >> size >> resident;
  return resident * static_cast<double>(::sysconf(_SC_PAGESIZE)) / 1e6;
}

class Soak {
 public:
  explicit Soak(std::vector<Program> programs) : programs_(std::move(programs)) {
    SandboxConfig config;
    sandbox_ = make_sandbox(config);
    sandbox_->run(programs_.front().submission).get();  // so that the launcher is there
    fmt::print(
        "{} programs, isolation {}\n{:>7} {:>7} {:>8} {:>12} {:>9} {:>12} {:>9} {:>6} {:>6} "
        "{:>9}\n{:>23} {:>12} {:>9} {:>12}\n",
        programs_.size(), isolation_name(sandbox_->isolation()), "runs", "runs/s", "program",
        "descriptors", "launcher", "descriptors", "processes", "groups", "mounts", "not right",
        "MB", "", "MB", "");
  }

  int64_t run(int64_t runs) {
    look();
    for (int64_t i = 0; i < runs; ++i) {
      if (running_.size() >= kAhead) finish_one();
      // In an order that mixes the kinds, which lie side by side in the rows.
      const Program& program = programs_[static_cast<size_t>(i) * kStride % programs_.size()];
      running_.emplace_back(&program, sandbox_->run(program.submission));
      if ((i + 1) % std::max<int64_t>(runs / 10, 1) == 0) look();
    }
    look();
    return wrong_;
  }

 private:
  static constexpr size_t kAhead = 16, kStride = 101;

  void finish_one() {
    const auto& [program, future] = running_.front();
    const Outcome outcome = running_.front().second.get();
    const bool right = verdict_name(outcome.verdict) == program->verdict &&
                       (program->passed < 0 || program->passed == outcome.passed);
    if (!right) {
      ++wrong_;
      fmt::print(
          "  {}: {} ({} passed), expected {} ({}): {} ({:.0f} ms of processor time in {:.0f} ms)\n",
          program->name, verdict_name(outcome.verdict), outcome.passed, program->verdict,
          program->passed, outcome.detail, outcome.cpu_ms, outcome.wall_ms);
    }
    running_.pop_front();
    ++done_;
  }

  // With nothing running.
  void look() {
    while (!running_.empty()) finish_one();
    if (done_ == looked_) return;
    looked_ = done_;
    const pid_t launcher = find_launcher();
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start_).count();
    fmt::print("{:>7} {:>7.1f} {:>8.1f} {:>12} {:>9.1f} {:>12} {:>9} {:>6} {:>6} {:>9}\n", done_,
               static_cast<double>(done_) / seconds, resident_mb(::getpid()),
               descriptors(::getpid()).size(), resident_mb(launcher), descriptors(launcher).size(),
               process_tree(launcher).size() - 1, box_groups(launcher).size(), mounts().size(),
               wrong_);
    std::fflush(stdout);
  }

  const std::vector<Program> programs_;
  std::unique_ptr<Sandbox> sandbox_;
  std::deque<std::pair<const Program*, std::future<Outcome>>> running_;
  int64_t done_ = 0, looked_ = -1, wrong_ = 0;
  const std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

}  // namespace

int main(int argc, char** argv) {
  int64_t runs = 10000, load = 0;
  std::string rows = "tests/data/code/agreement.jsonl";
  for (int i = 1; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--runs") runs = std::atoll(argv[i + 1]);
    if (option == "--load") load = std::atoll(argv[i + 1]);
    if (option == "--rows") rows = argv[i + 1];
  }
  const std::vector<pid_t> busy =
      start_load(static_cast<int>(load * std::max(1u, std::thread::hardware_concurrency())));
  const int64_t wrong = Soak(read_programs(rows)).run(runs);
  for (const pid_t pid : busy) {
    ::kill(pid, SIGKILL);
    ::waitpid(pid, nullptr, 0);
  }
  fmt::print("{} of {} runs not as expected\n", wrong, runs);
  return wrong == 0 ? 0 : 1;
}
