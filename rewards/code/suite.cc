#include "rewards/code/suite.h"

#include <fmt/format.h>

#include <array>

#include "base/error.h"

namespace r1::rewards::code {
namespace {

constexpr std::array<const char*, 4> kKinds = {"stdin", "call", "assert", "checker"};
constexpr std::array<const char*, 3> kScores = {"all", "fraction", "first_failure"};

[[noreturn]] void fail(const std::string& where, const std::string& problem) {
  throw DataError("tests" + where + ": " + problem);
}

std::string text_of(const Json& object, const char* key, const std::string& where,
                    bool required = true) {
  const auto found = object.find(key);
  if (found == object.end() && !required) return "";
  if (found == object.end()) fail(where, fmt::format("\"{}\" is missing", key));
  if (!found->is_string())
    fail(fmt::format("{}.{}", where, key),
         fmt::format("expected a string, found {}", found->type_name()));
  return *found;
}

const Json& list_of(const Json& object, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_array() || found->empty())
    fail("", fmt::format("\"{}\" must be a list that is not empty", key));
  return *found;
}

template <class T>
void read_number(const Json& object, const char* key, double least, T& into) {
  const auto found = object.find(key);
  if (found == object.end() || found->is_null()) return;
  if (!found->is_number() || found->get<double>() < least)
    fail(std::string(".") + key,
         fmt::format("expected a number of at least {}, found {}", least, dump_json(*found)));
  into = *found;
}

TestCase read_case(const Json& row, TestKind kind, const std::string& where) {
  if (!row.is_object()) fail(where, "expected an object");
  TestCase test;
  if (kind == TestKind::kCall) {
    if (!row.contains("args") || !row["args"].is_array()) fail(where, "\"args\" must be a list");
    if (!row.contains("expected")) fail(where, "\"expected\" is missing");
    test.args = row["args"];
    test.expected = row["expected"];
  } else {
    test.input = text_of(row, "input", where);
    test.output = text_of(row, "output", where, kind == TestKind::kStdin);
  }
  return test;
}

}  // namespace

int64_t Suite::total() const {
  return static_cast<int64_t>(kind == TestKind::kAssert ? code.size() : cases.size());
}

Suite parse_suite(const Json& tests) {
  if (!tests.is_object()) fail("", "expected an object with \"type\"");
  Suite suite;
  const std::string type = text_of(tests, "type", "");
  const auto kind = std::find(kKinds.begin(), kKinds.end(), type);
  if (kind == kKinds.end())
    fail(".type", fmt::format("\"{}\" is none of stdin, call, assert, checker", type));
  suite.kind = static_cast<TestKind>(kind - kKinds.begin());
  if (suite.kind == TestKind::kCall) suite.entry = text_of(tests, "entry", "");
  if (suite.kind == TestKind::kChecker) suite.checker = text_of(tests, "checker", "");
  if (suite.kind == TestKind::kAssert) {
    for (const Json& statement : list_of(tests, "code")) {
      if (!statement.is_string()) fail(".code", "expected a list of strings");
      suite.code.push_back(statement);
    }
  } else {
    for (const Json& row : list_of(tests, "cases"))
      suite.cases.push_back(
          read_case(row, suite.kind, fmt::format(".cases[{}]", suite.cases.size())));
  }
  read_number(tests, "tolerance", 0, suite.tolerance);
  read_number(tests, "time_limit_s", 0.01, suite.cpu_s);
  read_number(tests, "memory_limit_mb", 1, suite.memory_mb);
  const std::string score = tests.contains("score") ? text_of(tests, "score", "") : "all";
  const auto mode = std::find(kScores.begin(), kScores.end(), score);
  if (mode == kScores.end())
    fail(".score", fmt::format("\"{}\" is none of all, fraction, first_failure", score));
  suite.score = static_cast<ScoreMode>(mode - kScores.begin());
  return suite;
}

Json to_json(const Suite& suite) {
  Json out = {{"type", kKinds[static_cast<size_t>(suite.kind)]},
              {"score", kScores[static_cast<size_t>(suite.score)]},
              {"tolerance", suite.tolerance}};
  if (suite.cpu_s) out["time_limit_s"] = *suite.cpu_s;
  if (suite.memory_mb) out["memory_limit_mb"] = *suite.memory_mb;
  if (suite.kind == TestKind::kCall) out["entry"] = suite.entry;
  if (suite.kind == TestKind::kChecker) out["checker"] = suite.checker;
  if (suite.kind == TestKind::kAssert) out["code"] = suite.code;
  for (const TestCase& test : suite.cases)
    out["cases"].push_back(suite.kind == TestKind::kCall
                               ? Json{{"args", test.args}, {"expected", test.expected}}
                               : Json{{"input", test.input}, {"output", test.output}});
  return out;
}

}  // namespace r1::rewards::code
