// The backend "remote" against tests/rewards/fake_sandbox_fusion.py, which runs programs and can be
// told to fail.
#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <chrono>
#include <cstdio>
#include <fstream>
#include <future>
#include <memory>
#include <sstream>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"
#include "rewards/code/languages.h"
#include "rewards/code_execution.h"
#include "rewards/score_rows.h"
#include "tests/rewards/code_boxes.h"

namespace r1::rewards::code {
namespace {

using Clock = std::chrono::steady_clock;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

// One service for all tests; it ends when this process does, which closes its standard input.
class FakeService {
 public:
  FakeService() {
    int in[2], out[2];
    if (::pipe2(in, O_CLOEXEC) != 0 || ::pipe2(out, O_CLOEXEC) != 0) return;
    const pid_t pid = ::fork();
    if (pid == 0) {
      ::dup2(in[0], 0);
      ::dup2(out[1], 1);
      ::execlp("python3", "python3", R1_SOURCE_DIR "/tests/rewards/fake_sandbox_fusion.py",
               nullptr);
      ::_exit(127);
    }
    ::close(in[0]);
    ::close(out[1]);
    FILE* said = ::fdopen(out[0], "r");
    if (std::fscanf(said, "%d", &port_) != 1) port_ = 0;
    std::fclose(said);
  }
  int port() const { return port_; }

 private:
  int port_ = 0;
};

const FakeService& service() {
  static const FakeService kService;
  return kService;
}
#define R1_NEEDS_SERVICE() \
  if (service().port() == 0) GTEST_SKIP() << "python3 is missing"

SandboxConfig config_for(const std::string& path = "", int workers = 4) {
  SandboxConfig config;
  config.backend = "remote";
  config.isolation = "none";
  config.url = "http://127.0.0.1:" + std::to_string(service().port()) + path;
  config.workers = workers;
  config.retries = 1;
  return config;
}

std::string problem_of(const SandboxConfig& config) {
  try {
    make_sandbox(config);
  } catch (const ConfigError& error) {
    return error.what();
  }
  return "";
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

const Json kSum = Json::parse(
    R"({"type":"stdin","time_limit_s":2,"cases":[{"input":"1 2\n","output":"3\n"},{"input":"5 6\n","output":"11"}]})");
const std::string kAdd = "a, b = map(int, input().split())\nprint(a + b)";

TEST(CodeRemoteTest, StdinTests) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  EXPECT_EQ(sandbox->isolation(), Isolation::kNone);
  const Outcome right = run(*sandbox, "python", kAdd, kSum);
  EXPECT_EQ(right.verdict, Verdict::kAccepted) << right.detail;
  EXPECT_EQ(right.passed, 2);
  EXPECT_EQ(right.score, 1);
  EXPECT_GT(right.wall_ms, 0);
  const Outcome wrong = run(*sandbox, "python", "print(3)", kSum);
  EXPECT_EQ(wrong.verdict, Verdict::kWrongAnswer);
  EXPECT_EQ(wrong.first_failure, 1);
  EXPECT_EQ(wrong.detail, "line 1: expected 11, found 3");
  EXPECT_EQ(wrong.score, 0);
  Json fraction = kSum;
  fraction["score"] = "fraction";
  EXPECT_EQ(run(*sandbox, "python", "print(11)", fraction).score, 0.5);
}

TEST(CodeRemoteTest, Cpp) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  const Outcome right =
      run(*sandbox, "cpp",
          "#include <cstdio>\nint main() { int a, b; scanf(\"%d %d\", &a, &b); printf(\"%d\", a + "
          "b); }",
          kSum);
  EXPECT_EQ(right.verdict, Verdict::kAccepted) << right.detail;
  const Outcome broken = run(*sandbox, "cpp", "int main() { return x; }", kSum);
  EXPECT_EQ(broken.verdict, Verdict::kCompileError);
  EXPECT_TRUE(contains(broken.detail, "was not declared")) << broken.detail;
}

TEST(CodeRemoteTest, CallTests) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  const Json tests = Json::parse(
      R"({"type":"call","entry":"pair","cases":[{"args":[1,[2,null]],"expected":[1,[2,null]]}]})");
  const auto verdict = [&](const std::string& source) {
    return run(*sandbox, "python", source, tests).verdict;
  };
  EXPECT_EQ(verdict("def pair(a, b):\n  print('noise')\n  return a, b"), Verdict::kAccepted);
  EXPECT_EQ(verdict("class Solution:\n  def pair(self, a, b):\n    return [a, b]"),
            Verdict::kAccepted);
  EXPECT_EQ(verdict("def pair(a, b):\n  return b, a"), Verdict::kWrongAnswer);
  EXPECT_EQ(verdict("def other(a, b):\n  return a, b"), Verdict::kRuntimeError);
  EXPECT_EQ(verdict("def pair(a, b:\n  return a, b"), Verdict::kCompileError);
}

TEST(CodeRemoteTest, AssertTests) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  const Json tests = Json::parse(
      R"json({"type":"assert","score":"fraction","code":["import math","assert add(1, 2) == 3","assert math.isclose(add(0.1, b=0.2), 0.3)","assert sorted(add((1,), (0,))) == [0, 1]"]
})json");
  const Outcome right = run(*sandbox, "python", "def add(a, b): return a + b", tests);
  EXPECT_EQ(right.verdict, Verdict::kAccepted) << right.detail;
  EXPECT_EQ(right.passed, 4);
  const Outcome wrong =
      run(*sandbox, "python", "def add(a, b): return a - b if a == 1 else a + b", tests);
  EXPECT_EQ(wrong.verdict, Verdict::kWrongAnswer);
  EXPECT_EQ(wrong.passed, 3);
  EXPECT_EQ(wrong.first_failure, 1);
  EXPECT_EQ(wrong.score, 0.75);
}

TEST(CodeRemoteTest, CheckerTests) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  Json tests = {{"type", "checker"},
                {"checker",
                 "import sys\nn = int(open(sys.argv[1]).read())\na, b = map(int, "
                 "open(sys.argv[2]).read().split())\n"
                 "if a + b != n: print('not', n)\nsys.exit(0 if a + b == n else 1)"},
                {"cases", {{{"input", "10"}}}}};
  EXPECT_EQ(run(*sandbox, "python", "print(4, 6)", tests).verdict, Verdict::kAccepted);
  const Outcome wrong = run(*sandbox, "python", "print(4, 7)", tests);
  EXPECT_EQ(wrong.verdict, Verdict::kWrongAnswer);
  EXPECT_EQ(wrong.detail, "not 10\n");
  tests["checker"] = "raise ValueError('row')";
  const Outcome broken = run(*sandbox, "python", "print(4, 6)", tests);
  EXPECT_EQ(broken.verdict, Verdict::kInternalError);
  EXPECT_TRUE(contains(broken.detail, "ValueError: row")) << broken.detail;
}

// None of these may pass: each ends well, or says what a harness would say.
TEST(CodeRemoteTest, ForgedResultsPassNothing) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  const Json call = Json::parse(
      R"({"type":"call","entry":"f","cases":[{"args":[1],"expected":"amber-lantern-5518"}]})");
  const Json assertions = Json::parse(
      R"json({"type":"assert","code":["assert f(1) == 'amber-lantern-5518'","assert f(2) == 3"]})json");
  const std::vector<std::string> programs = {
      "import os\nos._exit(0)", "import sys\nsys.exit(0)",
      "def f(x):\n  import os\n  os.write(1, b'[0, null]\\n[1, null]\\n')\n  os._exit(0)",
      // Looks for the secret in the source file and in all frames and modules, and for the mark in
      // all sockets.
      "def f(x):\n  import glob, gc, sys\n  for name in glob.glob('*.py') + ['/proc/self/environ', "
      "'/proc/self/cmdline']:\n    text = open(name).read()\n    at = text.find('amber' + "
      "'-lantern')\n    if at >= 0: return text[at:at + 18]\n  for o in gc.get_objects():\n    if "
      "isinstance(o, dict):\n      for v in list(o.values()):\n        if isinstance(v, str) and "
      "v.startswith('amber' + '-lantern') and len(v) == 18: return v\n  return 0",
      "class E(str):\n  def __eq__(self, o): return True\n  __hash__ = None\ndef f(x): return E()",
      "import builtins\nbuiltins.exec = lambda *a: None\nbuiltins.compile = lambda *a: None\n"
      "AssertionError = None\ndef f(x): raise SystemExit(0)"};
  for (const std::string& program : programs)
    for (const Json& tests : {call, assertions}) {
      const Outcome outcome = run(*sandbox, "python", program, tests);
      EXPECT_EQ(outcome.passed, 0) << program << "\n" << tests;
      EXPECT_NE(outcome.verdict, Verdict::kInternalError) << program << "\n" << outcome.detail;
    }
  const Json secret = {{{"input", "1"}, {"output", "amber-lantern-5518"}}};
  const Json printed = {{"type", "stdin"}, {"cases", secret}};
  const Json checked = {{"type", "checker"},
                        {"checker",
                         "import sys\nsys.exit(open('output').read().strip() != "
                         "open('reference').read())"},
                        {"cases", secret}};
  EXPECT_EQ(run(*sandbox, "python", "print('amber-lantern-5518')", checked).passed, 1);
  for (const std::string& program : programs)
    for (const Json& tests : {printed, checked})
      EXPECT_EQ(run(*sandbox, "python", program + "\nprint(f(1))", tests).passed, 0) << program;
}

TEST(CodeRemoteTest, VerdictsOfLimits) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for());
  Json tests = {{"type", "stdin"},
                {"time_limit_s", 0.5},
                {"memory_limit_mb", 128},
                {"cases", {{{"input", ""}, {"output", "3"}}}}};
  const auto outcome = [&](const std::string& source) {
    return run(*sandbox, "python", source, tests);
  };
  EXPECT_EQ(outcome("while True: pass").verdict, Verdict::kTimeLimit);
  EXPECT_EQ(outcome("x = bytearray(10**9)").verdict, Verdict::kMemoryLimit);
  EXPECT_EQ(outcome("import os\nos.kill(os.getpid(), 9)").verdict, Verdict::kMemoryLimit);
  EXPECT_EQ(outcome("print('x' * 200000)").verdict, Verdict::kOutputLimit);
  EXPECT_EQ(outcome("print(3").verdict, Verdict::kCompileError);
  EXPECT_EQ(outcome("exec('print(3')").verdict, Verdict::kRuntimeError);
  const Outcome failed = outcome("print(3)\n1 / 0");
  EXPECT_EQ(failed.verdict, Verdict::kRuntimeError);
  EXPECT_EQ(failed.detail, "exit code 1: ZeroDivisionError: division by zero");
  const Outcome ended = outcome("import os\nos.abort()");
  EXPECT_EQ(ended.verdict, Verdict::kRuntimeError);
  EXPECT_TRUE(contains(ended.detail, "signal 6")) << ended.detail;
  tests["cases"][0]["output"] = std::string(200'000, 'x');
  const Outcome long_output = outcome("print('x' * 200000)");
  EXPECT_EQ(long_output.verdict, Verdict::kInternalError);
  EXPECT_TRUE(contains(long_output.detail, "200000 bytes")) << long_output.detail;
}

// Outcomes of the sum with the service failing so, `tries` times for every request, all at once.
std::vector<Outcome> outcomes_with(const std::vector<std::string>& faults, int tries) {
  std::vector<std::unique_ptr<Sandbox>> sandboxes;
  std::vector<std::future<Outcome>> running;
  for (const std::string& fault : faults) {
    sandboxes.push_back(make_sandbox(config_for("/" + fault + "/" + std::to_string(tries), 1)));
    running.push_back(sandboxes.back()->run({"python", kAdd, parse_suite(kSum)}));
  }
  std::vector<Outcome> outcomes;
  for (auto& outcome : running) outcomes.push_back(outcome.get());
  return outcomes;
}

TEST(CodeRemoteTest, OneFaultIsTriedAgain) {
  R1_NEEDS_SERVICE();
  const std::vector<std::string> faults = {
      "429",    "500",           "504",       "reset",  "html",    "list", "cut",
      "number", "sandbox_error", "run_error", "no_run", "no_code", "huge"};
  const std::vector<Outcome> outcomes = outcomes_with(faults, 1);
  for (size_t i = 0; i < faults.size(); ++i)
    EXPECT_EQ(outcomes[i].verdict, Verdict::kAccepted) << faults[i] << ": " << outcomes[i].detail;
}

TEST(CodeRemoteTest, WaitsAsLongAsTheServiceAsks) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for("/429/1"));
  const auto start = Clock::now();
  const Json tests = {{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", "3"}}}}};
  EXPECT_EQ(run(*sandbox, "python", "print(1 + 2)", tests).verdict, Verdict::kAccepted);
  EXPECT_GE(seconds_since(start), 2);  // Retry-After: 2; without it half a second
}

TEST(CodeRemoteTest, LastingFaultsAreInternalErrors) {
  R1_NEEDS_SERVICE();
  const std::vector<std::string> faults = {
      "429", "500",    "504",  "422",           "reset",     "html",   "list",
      "cut", "number", "huge", "sandbox_error", "run_error", "no_run", "no_code",
  };
  const std::vector<std::string> details = {
      "HTTP 429 slow down (2 tries)",
      "HTTP 500 Internal Server Error (2 tries)",
      "HTTP 504 <html>upstream request timeout</html> (2 tries)",
      R"(HTTP 422 {"detail": "language"} (1 try))",
      "(2 tries)",
      "answer:1:1",
      "no object of JSON: []",
      "answer:1:",
      "\"stdout\" is number, not a string",
      "an answer of more than 32 MB",
      "status \"SandboxError\" no space left on device (2 tries)",
      "status \"SandboxError\"",
      "there is no run_result",
      "return_code that is null, no integer"};
  const std::vector<Outcome> outcomes = outcomes_with(faults, 99);
  for (size_t i = 0; i < faults.size(); ++i) {
    EXPECT_EQ(outcomes[i].verdict, Verdict::kInternalError) << faults[i];
    EXPECT_TRUE(contains(outcomes[i].detail, "/run_code: ")) << outcomes[i].detail;
    EXPECT_TRUE(contains(outcomes[i].detail, details[i])) << outcomes[i].detail;
    EXPECT_EQ(outcomes[i].total, 2);
    EXPECT_LE(outcomes[i].detail.size(), 256u);
  }
}

TEST(CodeRemoteTest, RowOfALostServiceLeavesTheStatistics) {
  R1_NEEDS_SERVICE();
  const std::filesystem::path rows =
      std::filesystem::path(testing::TempDir()) / "remote_rows.jsonl";
  std::ofstream(rows) << dump_json({{"id", "a"},
                                    {"completion", "```python\n" + kAdd + "\n```"},
                                    {"tests", kSum}})
                      << "\n";
  SandboxConfig sandbox = config_for("/504/99");
  RubricConfig rubric;
  rubric.reward_funcs = {"code"};
  rubric.reward_configs = {{"code", {{"sandbox", write_config(sandbox)}}}};
  std::ostringstream out;
  const ScoreSummary summary = score_jsonl(rows, rubric, out);
  EXPECT_EQ(summary.rows, 1);
  EXPECT_EQ(summary.unusable, 1);
  const Json row = Json::parse(out.str());
  EXPECT_TRUE(row["value"].is_null()) << row;
  EXPECT_EQ(row["reason"], "rewarder_failed");
  EXPECT_TRUE(contains(row["details"]["detail"], "HTTP 504")) << row;
}

// However few cores there are here: the work is done elsewhere.
TEST(CodeRemoteTest, RowsAreScoredAtOnce) {
  R1_NEEDS_SERVICE();
  const std::filesystem::path rows =
      std::filesystem::path(testing::TempDir()) / "remote_rows.jsonl";
  std::ofstream file(rows);
  for (int i = 0; i < 8; ++i)
    file << dump_json(
                {{"completion", "```python\nprint(input())\n```"},
                 {"tests",
                  {{"type", "stdin"},
                   {"cases", {{{"input", std::to_string(i)}, {"output", std::to_string(i)}}}}}}})
         << "\n";
  file.close();
  RubricConfig rubric;
  rubric.reward_funcs = {"code"};
  rubric.reward_configs = {{"code", {{"sandbox", write_config(config_for("/together", 8))}}}};
  std::ostringstream out;
  EXPECT_EQ(score_jsonl(rows, rubric, out).mean, 1) << out.str();
}

TEST(CodeRemoteTest, AThousandAtOnceComeBackById) {
  R1_NEEDS_SERVICE();
  SandboxConfig config = config_for("/echo", 64);
  const auto sandbox = make_sandbox(config);
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 1000; ++i)
    outcomes.push_back(sandbox->run(
        {"python", "print(input())",
         parse_suite({{"type", "stdin"},
                      {"cases", {{{"input", std::to_string(i)}, {"output", "none"}}}}})}));
  for (int i = 0; i < 1000; ++i)
    EXPECT_EQ(outcomes[i].get().detail, "line 1: expected none, found " + std::to_string(i));
}

TEST(CodeRemoteTest, EndsAtOnceWhileRequestsHang) {
  R1_NEEDS_SERVICE();
  for (const char* path : {"/hang/99", "/500/99"}) {  // waits for an answer, and for the next try
    SandboxConfig config = config_for(path, 8);
    config.retries = 50;
    auto sandbox = make_sandbox(config);
    std::vector<std::future<Outcome>> outcomes;
    for (int i = 0; i < 20; ++i)
      outcomes.push_back(sandbox->run({"python", kAdd, parse_suite(kSum)}));
    std::this_thread::sleep_for(std::chrono::milliseconds(800));
    const auto start = Clock::now();
    sandbox.reset();
    EXPECT_LT(seconds_since(start), 20) << path;
    for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().verdict, Verdict::kInternalError);
  }
}

TEST(CodeRemoteTest, SaysWhatIsWrongWithTheService) {
  SandboxConfig config;
  config.backend = "remote";
  config.retries = 0;
  EXPECT_TRUE(contains(problem_of(config), "set \"isolation\": \"none\"")) << problem_of(config);
  config.isolation = "none";
  EXPECT_TRUE(contains(problem_of(config), "needs \"url\"")) << problem_of(config);
  config.url = "localhost:8080";
  EXPECT_TRUE(contains(problem_of(config), "must begin with http://")) << problem_of(config);
  config.url = "http://127.0.0.1:1";
  EXPECT_TRUE(contains(problem_of(config), "http://127.0.0.1:1/run_code: ")) << problem_of(config);
  EXPECT_TRUE(contains(problem_of(config), "onnect")) << problem_of(config);
  R1_NEEDS_SERVICE();
  EXPECT_TRUE(contains(problem_of(config_for("/nowhere")), "HTTP 404 {\"detail\": \"Not Found\"}"))
      << problem_of(config_for("/nowhere"));
  EXPECT_EQ(problem_of(config_for("/run_code")), "");  // the whole address
}

// Every eighth row of Python; tests/data/code/agreement.jsonl has the verdicts of a plain runner.
TEST(CodeRemoteTest, AgreesWithAPlainRunner) {
  R1_NEEDS_SERVICE();
  const auto sandbox = make_sandbox(config_for("", 8));
  struct Row {
    Json row;
    std::future<Outcome> outcome;
  };
  std::vector<Row> rows;
  read_jsonl(R1_TEST_DATA "/code/agreement.jsonl", [&](const Json& row, int64_t line) {
    if (line % 8 != 1 || row["language"] != "python") return;
    const Extraction found =
        extract(row["completion"].get<std::string>(), *find_language("python"));
    if (found.reason != ExtractReason::kFound) return;
    Suite suite = parse_suite(row["tests"]);
    if (row["verdict"] != "time_limit")
      suite.cpu_s = 60;  // here it is the clock's, and this machine may be busy
    rows.push_back({row, sandbox->run({"python", found.source, suite})});
  });
  EXPECT_GT(rows.size(), 35u);
  for (Row& one : rows) {
    const Outcome outcome = one.outcome.get();
    EXPECT_EQ(verdict_name(outcome.verdict), one.row["verdict"])
        << one.row["id"] << ": " << outcome.detail;
    const bool counted = one.row["tests"].value("score", "all") == "fraction";
    EXPECT_TRUE(!counted || outcome.passed == one.row["passed"].get<int64_t>()) << one.row["id"];
  }
}

}  // namespace
}  // namespace r1::rewards::code
