// Math: the answer of a completion equals the reference (rewards/math/math.h).
// Reference field of a row: "answer", or "gold" (a string or a number). One that cannot be read is
// reference_broken.
#pragma once

#include <memory>
#include <string>

#include "base/config.h"
#include "rewards/math/math.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct MathConfig {
  double correct = 1.0;
  double wrong = 0.0;  // an answer that is not equal, undecided, unparsable, undefined or too large
  double none = 0.0;   // no answer: none, an unclosed box, a think block without end
  math::Policy policy;

  template <class V>
  void visit(V& v) {
    v.field("correct", correct, "value of a correct answer", Range{-1e6, 1e6});
    v.field("wrong", wrong, "value of an answer that is not correct", Range{-1e6, 1e6});
    v.field("none", none, "value without an answer that could be judged", Range{-1e6, 1e6});
    v.field("policy", policy, "what counts as equal");
  }
};

// Values: exactly `correct`, `wrong` or `none`. Details: "answer" (cut to 200 bytes), "verdict",
// "rule", "steps", and "problem" where there is one. Throws ConfigError for a bad config, also
// unless none <= wrong <= correct.
std::unique_ptr<Reward> make_math(const Json& config, const std::string& path);

}  // namespace r1::rewards
