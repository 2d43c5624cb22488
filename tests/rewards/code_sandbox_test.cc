#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <fstream>
#include <vector>

#include "base/error.h"
#include "rewards/code/box.h"
#include "rewards/code_execution.h"
#include "rewards/rubric.h"
#include "tests/rewards/code_boxes.h"

namespace r1::rewards::code {
namespace {

const Json kSum = Json::parse(
    R"({"type":"stdin","time_limit_s":2,"cases":[{"input":"1 2\n","output":"3\n"},{"input":"5 6\n","output":"11"}]})");

TEST(CodeSandboxTest, StdinTests) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  const Outcome right =
      run(*sandbox, "python", "a, b = map(int, input().split())\nprint(a + b)", kSum);
  EXPECT_EQ(right.verdict, Verdict::kAccepted) << right.detail;
  EXPECT_EQ(right.passed, 2);
  EXPECT_EQ(right.score, 1);
  const Outcome wrong = run(*sandbox, "python", "print(3)", kSum);
  EXPECT_EQ(wrong.verdict, Verdict::kWrongAnswer);
  EXPECT_EQ(wrong.first_failure, 1);
  EXPECT_EQ(wrong.detail, "line 1: expected 11, found 3");
  EXPECT_EQ(wrong.score, 0);
  Json fraction = kSum;
  fraction["score"] = "fraction";
  EXPECT_EQ(run(*sandbox, "python", "print(3)", fraction).score, 0.5);
}

TEST(CodeSandboxTest, Cpp) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  const std::string program =
      "#include <iostream>\nint main() { int a, b; std::cin >> a >> b; std::cout << a + b; }";
  for (int twice = 0; twice < 2; ++twice)
    EXPECT_EQ(run(*sandbox, "cpp", program, kSum).verdict, Verdict::kAccepted);
  const Outcome broken = run(*sandbox, "cpp", "int main() { return x; }", kSum);
  EXPECT_EQ(broken.verdict, Verdict::kCompileError);
  EXPECT_NE(broken.detail.find("was not declared"), std::string::npos) << broken.detail;
}

TEST(CodeSandboxTest, CallTests) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  const Json tests = Json::parse(
      R"({"type":"call","entry":"pair","cases":[{"args":[1,[2,null]],"expected":[1,[2,null]]}]})");
  EXPECT_EQ(run(*sandbox, "python", "def pair(a, b):\n  return a, b", tests).verdict,
            Verdict::kAccepted);
  EXPECT_EQ(
      run(*sandbox, "python", "class Solution:\n  def pair(self, a, b):\n    return [a, b]", tests)
          .verdict,
      Verdict::kAccepted);
  EXPECT_EQ(run(*sandbox, "python", "def pair(a, b):\n  return b, a", tests).verdict,
            Verdict::kWrongAnswer);
  EXPECT_EQ(run(*sandbox, "python", "def pair(a, b):\n  import os\n  os._exit(0)", tests).verdict,
            Verdict::kWrongAnswer);
  EXPECT_EQ(run(*sandbox, "python", "def other(a, b):\n  return a, b", tests).verdict,
            Verdict::kRuntimeError);
  const Outcome forged = run(*sandbox, "python",
                             "class E(list):\n  def __eq__(self, o): return True\n  def "
                             "__iter__(self): return iter([1, [2, None]])\n"
                             "def pair(a, b): return E()",
                             tests);
  EXPECT_EQ(forged.verdict, Verdict::kWrongAnswer);
}

TEST(CodeSandboxTest, AssertTests) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  const Json tests = Json::parse(
      R"json({"type":"assert","score":"fraction","code":["import math","assert add(1, 2) == 3","assert math.isclose(add(0.1, b=0.2), 0.3)","assert sorted(add((1,), (0,))) == [0, 1]"]
})json");
  const Outcome right = run(*sandbox, "python", "def add(a, b): return a + b", tests);
  EXPECT_EQ(right.verdict, Verdict::kAccepted) << right.detail;
  const Outcome wrong =
      run(*sandbox, "python", "def add(a, b): return a - b if a == 1 else a + b", tests);
  EXPECT_EQ(wrong.verdict, Verdict::kWrongAnswer);
  EXPECT_EQ(wrong.passed, 3);
  EXPECT_EQ(wrong.first_failure, 1);
  const Outcome lies =
      run(*sandbox, "python",
          "class T:\n  def __eq__(s, o): return True\n  def __bool__(s): return True\n"
          "import builtins, math\nmath.isclose = lambda *a: True\nbuiltins.sorted = lambda *a: "
          "T()\ndef add(a, b=0): return T()",
          tests);
  EXPECT_EQ(lies.passed, 1) << "only the import";
  EXPECT_EQ(run(*sandbox, "python", "import os\nos._exit(0)", tests).passed, 0);
  // How it ends decides, though those who call it see that it has gone a while before.
  const Outcome slow_end = run(*sandbox, "python",
                               "import os, signal, time\ndef add(a, b):\n  os.close(3)\n"
                               "  time.sleep(0.3)\n  os.kill(os.getpid(), signal.SIGXCPU)",
                               tests);
  EXPECT_EQ(verdict_name(slow_end.tests.at(1).verdict), std::string("time_limit"));
}

TEST(CodeSandboxTest, CheckerTests) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  const Json tests = {{"type", "checker"},
                      {"checker",
                       "import sys\nn = int(open(sys.argv[1]).read())\na, b = map(int, "
                       "open(sys.argv[2]).read().split())\n"
                       "sys.exit(0 if a + b == n else 1)"},
                      {"cases", {{{"input", "10"}}}}};
  const Outcome right = run(*sandbox, "python", "print(4, 6)", tests);
  EXPECT_EQ(right.verdict, Verdict::kAccepted) << right.detail;
  EXPECT_EQ(run(*sandbox, "python", "print(4, 7)", tests).verdict, Verdict::kWrongAnswer);
}

// A checker that accepts, refuses, or fails with exit code 7, as the input says.
Json checked_cases(const char* score, std::vector<const char*> inputs) {
  Json tests = {{"type", "checker"},
                {"score", score},
                {"checker",
                 "import sys\nsys.exit({'accept': 0, 'refuse': 1, 'fail': "
                 "7}[open(sys.argv[1]).read()])"}};
  for (const char* input : inputs) tests["cases"].push_back({{"input", input}});
  return tests;
}

TEST(CodeSandboxTest, AnInternalErrorOfAnyTestIsTheOutcome) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  for (const char* score : {"all", "fraction", "first_failure"}) {
    const Outcome lost =
        run(*sandbox, "python", "", checked_cases(score, {"accept", "fail", "accept"}));
    EXPECT_EQ(lost.verdict, Verdict::kInternalError) << score;
    EXPECT_EQ(lost.detail, "the checker failed: exit code 7") << score;
    EXPECT_EQ(lost.score, 0) << score;
    EXPECT_EQ(lost.first_failure, 1) << score;
  }
  const Outcome behind =
      run(*sandbox, "python", "", checked_cases("fraction", {"accept", "refuse", "fail"}));
  EXPECT_EQ(behind.verdict, Verdict::kInternalError);
  EXPECT_EQ(behind.score, 0);
  EXPECT_EQ(behind.first_failure, 1);
  // These stop at the refusal, and never meet the failure.
  for (const char* score : {"all", "first_failure"})
    EXPECT_EQ(
        run(*sandbox, "python", "", checked_cases(score, {"accept", "refuse", "fail"})).verdict,
        Verdict::kWrongAnswer);
}

TEST(CodeSandboxTest, Scores) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  const auto outcome = [&](const char* score, std::vector<const char*> inputs) {
    return run(*sandbox, "python", "", checked_cases(score, inputs));
  };
  // Passed, passed, failed, passed, failed: 3 of 5, 2 of 5 before the first failure.
  const std::vector<const char*> five = {"accept", "accept", "refuse", "accept", "refuse"};
  EXPECT_EQ(outcome("all", five).score, 0);
  EXPECT_EQ(outcome("all", five).tests.size(), 3);
  EXPECT_EQ(outcome("fraction", five).score, 0.6);
  EXPECT_EQ(outcome("fraction", five).tests.size(), 5);
  EXPECT_EQ(outcome("first_failure", five).score, 0.4);
  EXPECT_EQ(outcome("first_failure", five).tests.size(), 3);
  EXPECT_EQ(outcome("first_failure", {"refuse", "accept"}).score, 0);
  EXPECT_EQ(outcome("first_failure", {"accept", "accept"}).score, 1);
  // Assertions are one program: all are run, and those before the first failure count.
  const Json assertions = {
      {"type", "assert"},
      {"score", "first_failure"},
      {"code", {"assert f(1) == 1", "assert f(2) == 2", "assert f(3) == 3", "assert f(4) == 4"}}};
  const Outcome asserted =
      run(*sandbox, "python", "def f(x): return x if x != 2 else 0", assertions);
  EXPECT_EQ(asserted.score, 0.25);
  EXPECT_EQ(asserted.passed, 3);
}

TEST(CodeSandboxTest, ManyAtOnceOutOfOrder) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 40; ++i)
    outcomes.push_back(sandbox->run(
        {"python", "print(" + std::to_string(i % 2 ? 3 : 4) + ")",
         parse_suite({{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", "3"}}}}})}));
  for (int i = 0; i < 40; ++i)
    EXPECT_EQ(outcomes[i].get().verdict, i % 2 ? Verdict::kAccepted : Verdict::kWrongAnswer);
}

// Where the system's first process waits for no orphans, they would fill the groups of the boxes.
TEST(CodeSandboxTest, LeavesNoOrphan) {
  R1_NEEDS_BOXES();
  ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);  // they would become children of this process
  {
    const auto sandbox = test_sandbox();
    Json tests = kSum;
    tests["time_limit_s"] = 0.1;
    for (const char* program : {"print(3)", "while True: pass", "import os\nos.fork()\nos.fork()",
                                "import os\nos.kill(os.getppid(), 9)", "open('f', 'w')", "("}) {
      run(*sandbox, "python", program, tests);
      EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0)
          << program;  // there is the launcher, and it lives
    }
    run(*sandbox, "cpp", "int main() { return x; }", tests);
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), 0);
  }
  EXPECT_LE(::waitpid(-1, nullptr, WNOHANG), 0);
  ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

TEST(CodeSandboxTest, KilledLauncherIsReplaced) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 10; ++i)
    outcomes.push_back(sandbox->run(
        {"python", "import time\ntime.sleep(0.1)\nprint(3)",
         parse_suite({{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", "3"}}}}})}));
  outcomes[1].wait();
  const pid_t before = find_launcher();
  ASSERT_GT(before, 0);
  ::kill(before, SIGKILL);
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().verdict, Verdict::kAccepted);
  EXPECT_NE(find_launcher(), before);
  EXPECT_THAT(box_processes(before), testing::IsEmpty());
  EXPECT_THAT(box_groups(before), testing::IsEmpty());
}

TEST(CodeSandboxTest, EndsWithItsPrograms) {
  R1_NEEDS_BOXES();
  auto sandbox = test_sandbox();
  auto endless = sandbox->run({"python", "while True: pass", parse_suite(kSum)});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  sandbox.reset();
  EXPECT_EQ(find_launcher(), 0);
  EXPECT_EQ(endless.get().verdict, Verdict::kInternalError);
}

TEST(CodeSandboxTest, RefusesLessIsolationThanAskedFor) {
  SandboxConfig config;
  config.backend = "process";
  EXPECT_THROW(make_sandbox(config), ConfigError);
  config.trusted_input = true;
  EXPECT_THROW(make_sandbox(config), ConfigError);
  config.isolation = "none";
  const auto sandbox = make_sandbox(config);
  EXPECT_EQ(sandbox->isolation(), Isolation::kNone);
  EXPECT_EQ(run(*sandbox, "python", "print(sum(map(int, input().split())))", kSum).verdict,
            Verdict::kAccepted);
}

std::unique_ptr<Sandbox> process_sandbox() {
  SandboxConfig config;
  config.backend = "process";
  config.isolation = "none";
  config.trusted_input = true;
  config.workers = 2;
  return make_sandbox(config);
}

std::vector<std::string> box_folders() {
  std::vector<std::string> found;
  for (const auto& entry : std::filesystem::directory_iterator("/tmp"))
    if (entry.path().filename().string().starts_with("r1-box-")) found.push_back(entry.path());
  return found;
}

TEST(CodeProcessTest, EveryBoxHasItsOwnFolder) {
  auto sandbox = process_sandbox();
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 12; ++i) {
    const std::string number = std::to_string(i);
    outcomes.push_back(sandbox->run(
        {"python",
         "import os, time\nassert not os.path.exists('data')\n"
         "open('data', 'w').write('" +
             number + "')\ntime.sleep(0.05)\nprint(open('data').read())",
         parse_suite(
             {{"type", "stdin"},
              {"cases",
               {{{"input", ""}, {"output", number}}, {{"input", ""}, {"output", number}}}}})}));
    outcomes.push_back(sandbox->run(
        {"cpp", "#include <cstdio>\nint main() { std::puts(\"" + number + "\"); }",
         parse_suite({{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", number}}}}})}));
  }
  for (auto& outcome : outcomes) {
    const Outcome seen = outcome.get();
    EXPECT_EQ(seen.verdict, Verdict::kAccepted) << seen.detail;
  }
  EXPECT_THAT(box_folders(), testing::SizeIs(testing::Le(2)));
  sandbox.reset();
  EXPECT_THAT(box_folders(), testing::IsEmpty());
}

TEST(CodeProcessTest, AnInternalErrorIsRepeatedOnce) {
  const std::string file = fmt::format("/tmp/r1_test_times_{}", ::getpid());
  const auto sandbox = process_sandbox();
  // A checker that fails so many times before it accepts.
  const auto outcome = [&](int failures) {
    std::filesystem::remove(file);
    const std::string checker = fmt::format(
        "import os, sys\nwith open('{}', 'a+') as f:\n  f.write('x')\n  f.seek(0)\n"
        "  sys.exit(7 if len(f.read()) <= {} else 0)",
        file, failures);
    return run(*sandbox, "python", "",
               {{"type", "checker"}, {"checker", checker}, {"cases", {{{"input", ""}}}}});
  };
  EXPECT_EQ(outcome(0).verdict, Verdict::kAccepted);
  EXPECT_EQ(outcome(1).verdict, Verdict::kAccepted);
  EXPECT_EQ(outcome(2).verdict, Verdict::kInternalError);
  EXPECT_EQ(std::filesystem::file_size(file), 2);
  std::filesystem::remove(file);
}

bool is_alive(pid_t pid) {
  std::ifstream stat(fmt::format("/proc/{}/stat", pid));
  std::string text((std::istreambuf_iterator<char>(stat)), std::istreambuf_iterator<char>());
  const size_t end = text.rfind(')');
  return end != std::string::npos && text.compare(end, 3, ") Z") != 0;
}

// Those that the program has written to the file, one a line, once there are so many.
std::vector<pid_t> wait_for_pids(const std::string& file, size_t count) {
  std::vector<pid_t> pids;
  for (int waited = 0; waited < 100 && pids.size() < count; ++waited) {
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
    std::ifstream in(file);
    pids.clear();
    for (pid_t pid = 0; in >> pid;) pids.push_back(pid);
  }
  return pids;
}

// Within 2 s.
bool all_end(const std::vector<pid_t>& pids) {
  for (int waited = 0; waited < 40; ++waited) {
    if (std::ranges::none_of(pids, is_alive)) return true;
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  }
  return false;
}

TEST(CodeProcessTest, LeavesNoProcess) {
  const std::string file = fmt::format("/tmp/r1_test_pids_{}", ::getpid());
  const auto program = [&](const char* body) {
    return fmt::format(
        "import os, subprocess, time\ndef note(pid):\n  with open('{}', 'a') as f: "
        "f.write(f'{{pid}}\\n')\nnote(os.getpid())\n{}",
        file, body);
  };
  const Json fifth_of_a_second =
      Json::parse(R"({"type":"stdin","time_limit_s":0.2,"cases":[{"input":"","output":""}]})");
  auto sandbox = process_sandbox();
  // Stopped at its limit, with a child of its own.
  const Outcome idle = run(*sandbox, "python",
                           program("note(subprocess.Popen(['sleep', '100']).pid)\ntime.sleep(100)"),
                           fifth_of_a_second);
  EXPECT_EQ(idle.verdict, Verdict::kTimeLimit);
  std::vector<pid_t> pids = wait_for_pids(file, 2);
  EXPECT_EQ(pids.size(), 2);
  EXPECT_TRUE(all_end(pids));
  std::filesystem::remove(file);
  // The launcher is killed, and runs it again.
  auto lost = sandbox->run(
      {"python", program("time.sleep(100)"),
       parse_suite({{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", ""}}}}})});
  ASSERT_EQ(wait_for_pids(file, 1).size(), 1);
  ::kill(find_launcher(), SIGKILL);
  pids = wait_for_pids(file, 2);
  ASSERT_EQ(pids.size(), 2);
  EXPECT_TRUE(all_end({pids[0]}));
  EXPECT_TRUE(is_alive(pids[1]));
  sandbox.reset();
  EXPECT_TRUE(all_end(pids));
  EXPECT_THAT(box_folders(), testing::IsEmpty());
  std::filesystem::remove(file);
}

// However a program ends that uses the sandbox, its launcher and its boxes end within 2 s.
TEST(CodeSandboxTest, EndsWithTheProgram) {
  R1_NEEDS_BOXES();
  const std::string rows = fmt::format("/tmp/r1_test_rows_{}", ::getpid());
  const Json tests = {{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", ""}}}}};
  for (const char* program : {"while True: pass", "import time\ntime.sleep(100)"})
    std::ofstream(rows, std::ios::app)
        << dump_json({{"completion", fmt::format("```python\n{}\n```", program)}, {"tests", tests}})
        << "\n";
  for (const int signal : {SIGINT, SIGTERM, SIGKILL}) {
    const pid_t trainer = ::fork();
    if (trainer == 0) {
      ::execl(R1_BINARY, "r1", "score", "--reward", "code", rows.c_str(), nullptr);
      ::_exit(127);
    }
    pid_t launcher = 0;
    std::vector<pid_t> all;
    for (int waited = 0; waited < 200 && all.size() < 4; ++waited) {
      std::this_thread::sleep_for(std::chrono::milliseconds(50));
      launcher = find_launcher(trainer);
      if (launcher > 0) all = process_tree(launcher);
    }
    EXPECT_GE(all.size(), 4) << "the launcher, bubblewrap, the driver, the program";
    ::kill(trainer, signal);
    ::waitpid(trainer, nullptr, 0);
    EXPECT_TRUE(all_end(all)) << sigabbrev_np(signal);
    EXPECT_THAT(box_processes(launcher), testing::IsEmpty()) << sigabbrev_np(signal);
    EXPECT_THAT(box_groups(launcher), testing::IsEmpty()) << sigabbrev_np(signal);
  }
  std::filesystem::remove(rows);
}

TEST(CodeRewardTest, ScoresAndReasons) {
  R1_NEEDS_BOXES();
  const auto reward =
      make_code(Json::parse(R"({"correct": 2, "none": -1, "sandbox": {"workers": 2}})"), "test");
  const Json row = {{"language", "python"}, {"tests", kSum}};
  RewardGroup group;
  group.reference = &row;
  const std::vector<std::string> texts = {"```python\nprint(sum(map(int, input().split())))\n```",
                                          "```python\nprint(3)\n```", "print(3)",
                                          "```python\nprint(3\n```"};
  for (const std::string& text : texts) group.completions.push_back({"", text, 0, false});
  const auto scores = reward->score(group);
  EXPECT_EQ(scores[0].value, 2);
  EXPECT_EQ(scores[0].reason, Reason::kCorrect);
  EXPECT_EQ(scores[1].value, 0);
  EXPECT_EQ(scores[1].reason, Reason::kWrong);
  EXPECT_EQ(scores[2].value, -1);
  EXPECT_EQ(scores[2].reason, Reason::kNoCode);
  EXPECT_EQ(scores[3].reason, Reason::kCompileError);
  // Equal programs are run once: these would differ.
  RewardGroup twins;
  const Json clock =
      Json::parse(R"({"tests":{"type":"stdin","cases":[{"input":"","output":"no number"}]}})");
  twins.reference = &clock;
  const std::string now = "```python\nimport time\nprint(time.perf_counter_ns())\n```";
  const std::string later = "First this:\n" + now;
  for (const std::string* text : {&now, &later}) twins.completions.push_back({"", *text, 0, false});
  const auto same = reward->score(twins);
  EXPECT_EQ(same[0].reason, Reason::kWrong);
  EXPECT_EQ(same[0].details, same[1].details);
  const Json broken = {{"language", "cobol"}, {"tests", kSum}};
  group.reference = &broken;
  EXPECT_EQ(reward->score(group)[0].reason, Reason::kReferenceBroken);
}

// As after Ctrl-C: what is being scored is not waited for.
TEST(CodeRewardTest, RubricEndsWhileProgramsRun) {
  R1_NEEDS_BOXES();
  RubricConfig config;
  config.reward_funcs = {"code"};
  config.reward_configs = Json::parse(R"({"code": {"sandbox": {"cpu_s": 600}}})");
  Rubric::OwnedGroup group;
  group.completions.assign(3, "```python\nwhile True: pass\n```");
  group.reference = {{"tests", kSum}};
  group.reference["tests"].erase("time_limit_s");
  auto rubric = std::make_unique<Rubric>(config);
  for (int64_t ticket = 0; ticket < 5; ++ticket) rubric->submit(ticket, group);
  std::vector<pid_t> all;
  for (int waited = 0; waited < 600 && all.size() < 4; ++waited) {
    EXPECT_THROW(rubric->collect(0, 0.1), Error);  // no group was scored
    all = process_tree(find_launcher());
  }
  EXPECT_GE(all.size(), 4) << "the launcher, bubblewrap, the driver, the program";
  const auto begin = std::chrono::steady_clock::now();
  rubric.reset();
  EXPECT_LT(std::chrono::steady_clock::now() - begin, std::chrono::seconds(60));
  EXPECT_TRUE(all_end(all));
}

}  // namespace
}  // namespace r1::rewards::code
