// Answers made to break or stall a checker: every one gets a verdict with a reason, within bounds.
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <time.h>

#include <string>
#include <vector>

#include "rewards/math/math.h"

namespace r1::rewards::math {
namespace {

std::string times(const std::string& text, size_t count) {
  std::string result;
  for (size_t i = 0; i < count; ++i) result += text;
  return result;
}

struct Hostile {
  const char* name;
  std::string text;
};

std::vector<Hostile> hostile_answers() {
  const size_t many = 100'000;
  return {
      {"power tower", "9^9^9^9"},
      {"braced tower", "9^{9^{9^{9^{9}}}}"},
      {"factorial chain", "7" + times("!", many)},
      {"factorial of a power", "(10^{10})!"},
      {"huge binomial", "\\binom{10^{12}}{10^{11}}"},
      {"long sum", "\\sum_{k=1}^{10^{18}} k"},
      {"sums inside sums", "\\sum_{a=1}^{1000}\\sum_{b=1}^{1000}\\sum_{c=1}^{1000} abc"},
      {"symbolic product", "\\prod_{k=1}^{100000}(k+x)"},
      {"exponentials of exponentials", "e^{e^{e^{e^{e}}}}"},
      {"cosine of a huge number", "\\cos(10^{10^6})"},
      {"exponent of a decimal", "1e999999999"},
      {"tiny decimal", "1e-999999999"},
      {"million digits", times("1", 1'000'000)},
      {"million decimals", "0." + times("3", 1'000'000)},
      {"long period", "0.\\overline{" + times("12", 1900) + "}"},
      {"nested brackets", times("(", many) + "7" + times(")", many)},
      {"open brackets", times("(", many)},
      {"nested braces", times("{", many) + "7" + times("}", many)},
      {"nested fractions", times("\\frac{1}{", 20'000) + "2" + times("}", 20'000)},
      {"nested roots", times("\\sqrt{2+", 400) + "2" + times("}", 400)},
      {"nested boxes", times("\\boxed{", many)},
      {"nested texts", times("\\text{", 600)},
      {"minus signs", times("-", many) + "7"},
      {"plus-minus", times("\\pm 1", 40)},
      {"bars", times("|", 2001)},
      {"long list", times("1,", 1500) + "1"},
      {"long chain", times("1=", 1500) + "1"},
      {"long union", times("(0,1)\\cup", 400) + "(0,1)"},
      {"wide matrix", "\\begin{pmatrix}" + times("1&", 1500) + "1\\end{pmatrix}"},
      {"expanded power", "(a+b+c+d+p+q+r+s)^{60}+1"},
      {"many fractions", times("\\frac{1}{x+1}+\\frac{1}{x-1}+", 90) + "1"},
      {"many roots", times("\\sqrt{2}+\\sqrt{3}+\\sqrt{5}+\\sqrt{7}+\\sqrt{11}+", 60) + "1"},
      {"root of high index", "\\sqrt[1000000]{2}"},
      {"zero-width characters", times("\xe2\x80\x8b", many) + "8"},
      {"full-width digits", times("\xef\xbc\x97", 1300)},
      {"Cyrillic look-alikes", "\xd0\xb0+\xd1\x85"},
      {"invalid UTF-8", times("\xff\xc0\x80\xed\xa0\x80", 300)},
      {"truncated UTF-8", "8\xe2\x88"},
      {"NUL bytes", std::string("8\0\0\0", 4)},
      {"megabyte of prose", times("so it is not 7 but ", 55'000)},
      {"megabyte, then a wrong box", times("so it is not 7 but ", 55'000) + "\\boxed{8}"},
  };
}

double thread_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + 1e-9 * static_cast<double>(now.tv_nsec);
}

int64_t peak_kilobytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return usage.ru_maxrss;
}

TEST(MathHostile, AVerdictWithAReasonWithinBounds) {
  const std::vector<Hostile> answers = hostile_answers();
  const int64_t before = peak_kilobytes();
  for (const Hostile& hostile : answers) {
    SCOPED_TRACE(hostile.name);
    for (const std::string& completion :
         {hostile.text, "\\boxed{" + hostile.text + "}", "<think>" + hostile.text + "</think>"}) {
      const double start = thread_seconds();
      const Judgement judgement = judge("7", completion);
      EXPECT_NE(judgement.verdict, Verdict::kEqual);
      EXPECT_NE(judgement.verdict, Verdict::kReferenceBroken);
      EXPECT_FALSE(judgement.rule.empty());
      EXPECT_LT(judgement.steps, 1'000'000);
      EXPECT_LT(thread_seconds() - start,
                2.0);  // 50 ms, times what a debug build with sanitizers costs
    }
  }
#if !defined(__SANITIZE_ADDRESS__) && !defined(__SANITIZE_THREAD__)
  EXPECT_LT(peak_kilobytes() - before, 64 * 1024);
#else
  static_cast<void>(before);
#endif
}

TEST(MathHostile, AsAReferenceItIsTheReferenceThatIsBroken) {
  for (const Hostile& hostile : hostile_answers()) {
    SCOPED_TRACE(hostile.name);
    const Judgement judgement = compare(hostile.text, "7");
    EXPECT_NE(judgement.verdict, Verdict::kEqual);
    EXPECT_NE(judgement.verdict, Verdict::kBudgetExceeded);  // the prediction 7 is not to blame
    EXPECT_FALSE(judgement.rule.empty());
  }
}

TEST(MathHostile, TheRightAnswerBehindAMegabyte) {
  EXPECT_EQ(judge("7", times("so it is not 8 but ", 55'000) + "\\boxed{7}").verdict,
            Verdict::kEqual);
}

}  // namespace
}  // namespace r1::rewards::math
