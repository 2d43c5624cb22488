#include "distill/collect.h"

#include <gtest/gtest.h>

#include <cmath>

namespace r1::distill {
namespace {

Candidate candidate(const std::string& completion, double value, bool truncated = false,
                    bool usable = true) {
  Candidate c;
  c.completion = completion;
  c.truncated = truncated;
  c.score.value = value;
  c.score.usable = usable;
  return c;
}

std::string completions(const std::vector<Json>& rows) {
  std::string text;
  for (const Json& row : rows) text += row["completion"].get<std::string>() + " ";
  return text;
}

TEST(TraceFilter, CountsEveryCauseOnce) {
  FilterConfig config;
  config.min_reward = 0.5;
  config.max_traces_per_prompt = 2;
  TraceFilter filter(config);
  const auto rows = filter.accept("p", {
                                           candidate("low", 0.49),
                                           candidate("a", 0.5),
                                           candidate("a", 0.5),
                                           candidate("cut", 1, true),
                                           candidate("broken", NAN, false, false),
                                           candidate("broken and cut", NAN, true, false),
                                           candidate("b", 1),
                                           candidate("c", 1),
                                           candidate("d", 1),
                                       });
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(dump_json(rows[0]), R"({"prompt":"p","completion":"a","reward":0.5})");
  EXPECT_EQ(dump_json(rows[1]), R"({"prompt":"p","completion":"b","reward":1.0})");
  EXPECT_EQ(dump_json(to_json(filter.counts())),
            R"({"sampled":9,"kept":2,"low_reward":1,"unusable":2,"truncated":1,"duplicate":1,)"
            R"("over_limit":2})");
}

TEST(TraceFilter, TheDefaultKeepsWhatIsRight) {
  TraceFilter filter({});
  EXPECT_EQ(completions(filter.accept("p", {candidate("a", 1.0), candidate("b", 0.999)})), "a ");
}

TEST(TraceFilter, TruncatedTracesOnDemand) {
  FilterConfig config;
  config.keep_truncated = true;
  TraceFilter filter(config);
  EXPECT_EQ(completions(filter.accept("p", {candidate("cut", 1, true), candidate("low", 0, true)})),
            "cut ");
  EXPECT_EQ(filter.counts().truncated, 0);
  EXPECT_EQ(filter.counts().low_reward, 1);
}

TEST(TraceFilter, DuplicatesArePerPromptAndAcrossCalls) {
  TraceFilter filter({});
  EXPECT_EQ(completions(filter.accept("p", {candidate("a", 1)})), "a ");
  EXPECT_EQ(completions(filter.accept("q", {candidate("a", 1)})), "a ");
  EXPECT_EQ(completions(filter.accept("p", {candidate("a", 1), candidate("b", 1)})), "b ");
  EXPECT_EQ(filter.counts().duplicate, 1);
  EXPECT_EQ(filter.counts().kept, 3);
}

TEST(TraceFilter, TheLimitIsPerPromptAndAcrossCalls) {
  FilterConfig config;
  config.max_traces_per_prompt = 2;
  TraceFilter filter(config);
  EXPECT_EQ(completions(filter.accept("p", {candidate("a", 1)})), "a ");
  EXPECT_EQ(completions(filter.accept("q", {candidate("a", 1), candidate("b", 1)})), "a b ");
  EXPECT_EQ(completions(filter.accept("p", {candidate("b", 1), candidate("c", 1)})), "b ");
  EXPECT_EQ(filter.counts().over_limit, 1);
}

TEST(TraceFilter, NoLimit) {
  FilterConfig config;
  config.max_traces_per_prompt = 0;
  TraceFilter filter(config);
  std::vector<Candidate> many;
  for (int i = 0; i < 100; ++i) many.push_back(candidate(std::to_string(i), 1));
  EXPECT_EQ(filter.accept("p", many).size(), 100u);
}

}  // namespace
}  // namespace r1::distill
