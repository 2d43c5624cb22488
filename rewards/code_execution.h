// Code: the program of a completion passes its tests (rewards/code/sandbox.h), run in a sandbox.
// Reference fields of a row: "language" ("python" where it is missing) and "tests"
// (rewards/code/suite.h).
#pragma once

#include <memory>
#include <string>

#include "base/config.h"
#include "rewards/code/sandbox.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct CodeConfig {
  double correct = 1.0;
  double wrong = 0.0;
  double none = 0.0;
  code::SandboxConfig sandbox;

  template <class V>
  void visit(V& v) {
    v.field("correct", correct,
            "value of a program that passes; with score \"fraction\" or \"first_failure\" that "
            "part of the way from wrong to it",
            Range{-1e6, 1e6});
    v.field("wrong", wrong, "value of a program that passes nothing", Range{-1e6, 1e6});
    v.field("none", none, "value without a program", Range{-1e6, 1e6});
    v.field("sandbox", sandbox, "where programs run");
  }
};

// Details: "verdict", "passed", "total", "first_failure", "detail", "cpu_ms", "wall_ms", "peak_kb".
// Rewards with equal sandbox settings share one. Throws ConfigError for a bad config, unless none
// <= wrong <= correct, and where the machine gives less isolation than is asked for.
std::unique_ptr<Reward> make_code(const Json& config, const std::string& path);

}  // namespace r1::rewards
