#include <gtest/gtest.h>
#include <signal.h>

#include <chrono>
#include <vector>

#include "base/error.h"
#include "rewards/code_execution.h"
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

TEST(CodeSandboxTest, KilledLauncherIsReplaced) {
  R1_NEEDS_BOXES();
  const auto sandbox = test_sandbox();
  std::vector<std::future<Outcome>> outcomes;
  for (int i = 0; i < 10; ++i)
    outcomes.push_back(sandbox->run(
        {"python", "import time\ntime.sleep(0.1)\nprint(3)",
         parse_suite({{"type", "stdin"}, {"cases", {{{"input", ""}, {"output", "3"}}}}})}));
  outcomes[1].wait();
  const pid_t before = launcher_pid();
  ASSERT_GT(before, 0);
  ::kill(before, SIGKILL);
  for (auto& outcome : outcomes) EXPECT_EQ(outcome.get().verdict, Verdict::kAccepted);
  EXPECT_NE(launcher_pid(), before);
}

TEST(CodeSandboxTest, EndsWithItsPrograms) {
  R1_NEEDS_BOXES();
  auto sandbox = test_sandbox();
  auto endless = sandbox->run({"python", "while True: pass", parse_suite(kSum)});
  std::this_thread::sleep_for(std::chrono::milliseconds(300));
  sandbox.reset();
  EXPECT_EQ(launcher_pid(), 0);
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
  const Json broken = {{"language", "cobol"}, {"tests", kSum}};
  group.reference = &broken;
  EXPECT_EQ(reward->score(group)[0].reason, Reason::kReferenceBroken);
}

}  // namespace
}  // namespace r1::rewards::code
