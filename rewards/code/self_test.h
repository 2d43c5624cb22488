// Runs the hostile programs on this machine: each must end with a verdict that it may have, and all
// together must leave nothing.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

// One program, run once or more.
struct HostileResult {
  std::string name, why;
  std::vector<std::string> allowed;  // verdicts, by name
  std::map<std::string, int> seen;   // verdicts and how often
  std::string detail;                // of the last verdict that is not allowed
  bool ok() const;
};

// A look at the machine when all is done.
struct HostCheck {
  std::string what;
  bool ok = false;
  std::string note;  // what was left, or what was looked at
};

struct SelfTestResult {
  Isolation isolation = Isolation::kNone;
  std::vector<HostileResult> programs;
  std::vector<HostCheck> checks;
};

struct SelfTestConfig {
  SandboxConfig sandbox;
  int repeat = 1;    // times that each program is run
  std::string only;  // a part of a name: only these programs
};

// Calls done() when all runs of a program are over, in the order of the programs. Throws
// ConfigError where the machine gives less isolation than kNoPidsCgroup: such programs would do
// harm.
SelfTestResult run_self_test(const SelfTestConfig& config,
                             const std::function<void(const HostileResult&)>& done);

}  // namespace r1::rewards::code
