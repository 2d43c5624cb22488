// A sandbox for tests, or the reason to skip them.
#pragma once

#include <gtest/gtest.h>

#include <memory>
#include <string>

#include "base/json.h"
#include "rewards/code/probe.h"
#include "rewards/code/sandbox.h"
#include "rewards/code/traces.h"

namespace r1::rewards::code {

// Programs are run here only with this much isolation.
inline const ProbeResult& machine() {
  static const ProbeResult kResult = probe();
  return kResult;
}
#define R1_NEEDS_BOXES()                                                               \
  if (machine().isolation < Isolation::kNoPidsCgroup)                                  \
  GTEST_SKIP() << "isolation of this machine: " << isolation_name(machine().isolation) \
               << "; `r1 sandbox --probe` says why"

inline std::unique_ptr<Sandbox> test_sandbox(int workers = 2) {
  SandboxConfig config;
  config.workers = workers;
  return make_sandbox(config);
}

inline Outcome run(Sandbox& sandbox, const std::string& language, const std::string& source,
                   const Json& tests) {
  return sandbox.run({language, source, parse_suite(tests)}).get();
}

}  // namespace r1::rewards::code
