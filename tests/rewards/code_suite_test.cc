#include <gtest/gtest.h>

#include "base/error.h"
#include "rewards/code/languages.h"
#include "rewards/code/suite.h"

namespace r1::rewards::code {
namespace {

bool same_output(std::string_view a, std::string_view b, double tolerance = 0) {
  return compare_output(a, b, tolerance).empty();
}

TEST(CodeCompareTest, OutputAsLiveCodeBench) {
  EXPECT_TRUE(same_output("1 2\n3\n", "1 2\n3"));
  EXPECT_TRUE(same_output("  1 2 \n 3\n\n\n", "1 2\n3"));
  EXPECT_TRUE(same_output("1.50 2e1\n", "1.5 20"));
  EXPECT_TRUE(same_output("0.1000000000000000000001", "0.10000000000000000000010"));
  EXPECT_TRUE(same_output("-0 +7 007", "0 7 7"));
  EXPECT_FALSE(same_output("0.1000000000000000000001", "0.1"));  // equal as doubles
  EXPECT_FALSE(same_output("1\n2", "1"));
  EXPECT_FALSE(same_output("1", "1\n2"));  // a prefix
  EXPECT_FALSE(same_output("", "1"));
  EXPECT_FALSE(same_output("YES", "Yes"));
  EXPECT_FALSE(same_output("a  b", "a b"));  // words must agree as lines
  EXPECT_FALSE(same_output("1\n\n2", "1\n2"));
  EXPECT_FALSE(same_output("nan", "1"));
}

TEST(CodeCompareTest, OutputWithATolerance) {
  EXPECT_TRUE(same_output("3.14159", "3.1416", 1e-4));
  EXPECT_FALSE(same_output("3.1", "3.1416", 1e-4));
  EXPECT_TRUE(same_output("1000001", "1000000", 1e-5));  // relative above 1
  EXPECT_TRUE(same_output("x = 0.30000001", "x = 0.3", 1e-6));
  EXPECT_FALSE(same_output("nan", "0.3", 1e-6));
  EXPECT_FALSE(same_output("inf", "0.3", 1e300));
}

TEST(CodeCompareTest, Values) {
  const auto same = [](const char* value, const char* expected, double tolerance = 0) {
    return compare_value(Json::parse(value), Json::parse(expected), tolerance).empty();
  };
  EXPECT_TRUE(same("3", "3"));
  EXPECT_TRUE(same("3", "3.0"));
  EXPECT_TRUE(same(R"({"tuple":[1,2]})", "[1,2]"));
  EXPECT_TRUE(same(R"([{"tuple":[1,null]}])", "[[1,null]]"));
  EXPECT_TRUE(same(R"({"dict":[["a",1],[2,"b"]]})", R"({"2":"b","a":1})"));
  EXPECT_TRUE(same("0.30000000000000004", "0.3", 1e-9));
  EXPECT_FALSE(same("0.30000000000000004", "0.3"));
  EXPECT_TRUE(same(R"({"int":"100000000000000000000000000000000"})",
                   R"({"int":"100000000000000000000000000000000"})"));
  EXPECT_FALSE(same(R"({"int":"100000000000000000000000000000001"})",
                    R"({"int":"100000000000000000000000000000000"})"));
  EXPECT_TRUE(same("1001", "1000", 0.01));
  EXPECT_FALSE(same("true", "1"));
  EXPECT_FALSE(same("null", "0"));
  EXPECT_FALSE(same("[1]", "[1,2]"));
  EXPECT_FALSE(same("\"1\"", "1"));
  EXPECT_FALSE(same(R"({"?":"AlwaysEqual"})", "1"));
  EXPECT_FALSE(
      same(R"({"?":"dict"})",
           R"({"?":"dict"})"));  // an object of the program's own is nothing that a row can ask for
  EXPECT_FALSE(same(R"({"set":[1]})", "[1]"));
  EXPECT_FALSE(same(R"({"float":"nan"})", "null"));
  EXPECT_EQ(compare_value(Json::parse("[1,[2,4]]"), Json::parse("[1,[2,3]]"), 0),
            "[1][1]: expected 3, found 4");
}

TEST(CodeSuiteTest, ReadsWhatItWrites) {
  for (
      const char* text :
      {R"({"type":"stdin","score":"all","tolerance":0.0,"cases":[{"input":"1","output":"2"}]})",
       R"({"type":"call","score":"fraction","tolerance":1e-6,"time_limit_s":2.5,"memory_limit_mb":64,"entry":"f","cases":[{"args":[1,[2]],"expected":{"a":null}}]})",
       R"({"type":"assert","score":"all","tolerance":0.0,"code":["assert f(1) == 2"]})",
       R"({"type":"checker","score":"all","tolerance":0.0,"checker":"import sys","cases":[{"input":"1","output":""}]})"})
    EXPECT_EQ(to_json(parse_suite(Json::parse(text))), Json::parse(text)) << text;
}

TEST(CodeSuiteTest, SaysWhatIsWrongWhere) {
  const auto problem = [](const char* text) -> std::string {
    try {
      parse_suite(Json::parse(text));
    } catch (const DataError& error) {
      return error.what();
    }
    return "";
  };
  EXPECT_EQ(problem("[]"), "tests: expected an object with \"type\"");
  EXPECT_EQ(problem(R"({"type":"io"})"),
            "tests.type: \"io\" is none of stdin, call, assert, checker");
  EXPECT_EQ(problem(R"({"type":"stdin"})"), "tests: \"cases\" must be a list that is not empty");
  EXPECT_EQ(problem(R"({"type":"stdin","cases":[]})"),
            "tests: \"cases\" must be a list that is not empty");
  EXPECT_EQ(
      problem(R"({"type":"stdin","cases":[{"input":"","output":""},{"input":3,"output":""}]})"),
      "tests.cases[1].input: expected a string, found number");
  EXPECT_EQ(problem(R"({"type":"call","cases":[{"args":[],"expected":1}]})"),
            "tests: \"entry\" is missing");
  EXPECT_EQ(problem(R"({"type":"call","entry":"f","cases":[{"args":1,"expected":1}]})"),
            "tests.cases[0]: \"args\" must be a list");
  EXPECT_EQ(problem(R"({"type":"assert","code":["x"],"time_limit_s":0})"),
            "tests.time_limit_s: expected a number of at least 0.01, found 0");
  EXPECT_EQ(problem(R"({"type":"assert","code":["x"],"score":"some"})"),
            "tests.score: \"some\" is none of all, fraction, first_failure");
}

TEST(CodeExtractTest, LastBlockOfTheLanguage) {
  const Language& python = *find_language("python");
  const auto source = [&](std::string_view text) { return extract(text, python).source; };
  EXPECT_EQ(source("```python\na\n```\ntext\n```py\nb\n```\n"), "b\n");
  EXPECT_EQ(source("```\na\n```"), "a\n");
  EXPECT_EQ(source("~~~ Python\na\n```\nb\n~~~"), "a\n```\nb\n");
  EXPECT_EQ(source("````python\na\n```\nb\n````"), "a\n```\nb\n");
  EXPECT_EQ(source("```python\na\n```\n```text\noutput\n```"), "a\n");
  EXPECT_EQ(source("```python\nold\n```</think>\n```python\nnew\n```"), "new\n");
  EXPECT_EQ(source("```{.python .numberLines}\na\n```"), "a\n");
  EXPECT_EQ(source("```python\r\na\r\n```\r\n"), "a\r\n");
}

TEST(CodeExtractTest, SaysWhyThereIsNone) {
  const Language& cpp = *find_language("cpp");
  EXPECT_EQ(extract("no block", cpp).reason, ExtractReason::kNoBlock);
  EXPECT_EQ(extract("```cpp\nint main", cpp).reason, ExtractReason::kUnclosedBlock);
  EXPECT_EQ(extract("```python\na\n```", cpp).reason, ExtractReason::kOtherLanguage);
  EXPECT_EQ(extract("```cpp\n \n```", cpp).reason, ExtractReason::kEmpty);
  EXPECT_EQ(extract("<think>```cpp\na\n```</think> none", cpp).reason, ExtractReason::kNoBlock);
  EXPECT_EQ(extract("inline ``` code", cpp).reason, ExtractReason::kNoBlock);
}

}  // namespace
}  // namespace r1::rewards::code
