// Runs programs that a model wrote against tests, isolated. The shortest way in:
//   auto sandbox = make_sandbox({});
//   Outcome outcome = sandbox->run({.language = "python", .source = "print(2)", .suite =
//   suite}).get();
#pragma once

#include <cstdint>
#include <future>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/config.h"
#include "rewards/code/suite.h"

namespace r1::rewards::code {

// What became of a program, or of one test. Written to logs by name; append, never renumber.
enum class Verdict {
  kAccepted = 0,
  kWrongAnswer,
  kCompileError,
  kRuntimeError,  // ended with an exception, an exit code or a signal
  kTimeLimit,     // processor time; or it sat idle until the wall clock ran out
  kMemoryLimit,
  kOutputLimit,
  kProcessLimit,       // processes and threads
  kFileLimit,          // size, number or space of files
  kSecurityViolation,  // a system call that no honest program makes
  kNoCode,
  kInternalError,  // ours; never the program's: no reward may be made of it
};
const char* verdict_name(Verdict verdict);  // "accepted", "wrong_answer", ...

// How well programs are kept apart, from weak to strong.
enum class Isolation {
  kNone = 0,          // none that this machine sees to: backends "process" and "remote"
  kNoUserNamespaces,  // namespaces and system call filter, but the user outside
  kNoPidsCgroup,  // user namespace as well; limits on memory and processes are per process and user
  kFull,          // and cgroups that limit and count memory, processes and processor time of a box
};
const char* isolation_name(Isolation isolation);
std::optional<Isolation> isolation_from_name(std::string_view name);

struct SandboxConfig {
  std::string backend = "bubblewrap";
  std::string url;
  std::string isolation = "no_pids_cgroup";
  bool trusted_input = false;
  int workers = 0;
  int retries = 4;
  int max_queued = 4096;
  double cpu_s = 10;
  int64_t memory_mb = 512;
  int64_t compile_memory_mb = 1024;
  double compile_s = 20;
  int64_t output_kb = 1024;
  int processes = 32;

  template <class V>
  void visit(V& v) {
    v.field("backend", backend,
            "bubblewrap; process: no isolation, for trusted input only; or remote: a SandboxFusion "
            "service",
            OneOf{"bubblewrap", "process", "remote"});
    v.field("url", url, "backend remote: the service, such as http://localhost:8080");
    v.field("isolation", isolation,
            "the least isolation to run with; `r1 sandbox --probe` says what this machine gives",
            OneOf{"none", "no_user_namespaces", "no_pids_cgroup", "full"});
    v.field("trusted_input", trusted_input, "backend process: the programs are harmless");
    v.field("workers", workers, "programs run at once; 0: one for each core, 32 with remote",
            Range{0, 4096});
    v.field("retries", retries,
            "backend remote: further tries where the service gave no verdict, waiting 0.5 s, 1 s, "
            "2 s, ... before each",
            Range{0, 100});
    v.field("max_queued", max_queued, "programs waiting before run() waits too", Range{1, 1e6});
    v.field("cpu_s", cpu_s, "processor time of a test in seconds, where its row does not say",
            Range{0.01, 3600});
    v.field("memory_mb", memory_mb, "memory of a test, where its row does not say",
            Range{16, 1 << 20});
    v.field("compile_memory_mb", compile_memory_mb, "memory of the compiler", Range{64, 1 << 20});
    v.field("compile_s", compile_s, "processor time of the compiler in seconds", Range{0.1, 3600});
    v.field("output_kb", output_kb, "output of a test, each of its two streams", Range{1, 1 << 20});
    v.field("processes", processes, "processes and threads of a program", Range{2, 4096});
  }
};

struct Submission {
  std::string language;  // a name of languages.h
  std::string source;
  Suite suite;
};

// One test case.
struct TestResult {
  Verdict verdict = Verdict::kInternalError;
  double cpu_ms = 0, wall_ms = 0;
  int64_t peak_kb = 0;
  int64_t output_bytes = 0;
  std::string detail;  // what was expected and seen, the signal, the last line of standard error;
                       // 256 bytes at most
};

struct Outcome {
  // Of the first test that failed; kInternalError when any test has it, and then score is 0.
  Verdict verdict = Verdict::kInternalError;
  int64_t passed = 0,
          total =
              0;  // tests; those behind a failure are not run unless the suite scores by fraction
  int64_t first_failure = -1;  // its index
  double score = 0;            // 0 to 1, as ScoreMode says
  double cpu_ms = 0, wall_ms = 0;
  int64_t peak_kb = 0;
  std::string detail;
  std::vector<TestResult> tests;  // those that were run
};

// Thread safe. Lives as long as its programs; its end stops them.
class Sandbox {
 public:
  virtual ~Sandbox() = default;
  // Queues a program; waits while the queue is full. Everything that a program can do is an
  // Outcome.
  virtual std::future<Outcome> run(Submission submission) = 0;
  virtual Isolation isolation() const = 0;
  virtual int workers() const = 0;  // programs that run at once
};

// Starts the workers. Throws ConfigError when the machine gives less isolation than `config` asks
// for, naming what is missing, and when a remote service does not answer.
std::unique_ptr<Sandbox> make_sandbox(const SandboxConfig& config);

}  // namespace r1::rewards::code
