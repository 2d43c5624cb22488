// The think/answer format reward of R1-Zero: 1 when the completion is exactly one think block, then exactly one answer block,
// neither blank, no tag inside a block, nothing but white space around them; 0 otherwise. Rules and reasons:
// rewards/think_answer.h (layout). No reference fields.
#pragma once

#include <memory>
#include <string>

#include "base/config.h"
#include "rewards/reward.h"

namespace r1::rewards {

struct FormatConfig {
  bool think_opened_by_prompt = true;

  template <class V>
  void visit(V& v) {
    v.field("think_opened_by_prompt", think_opened_by_prompt,
            "the prompt ends with <think>, so the completion starts inside the think block");
  }
};

// Values: 1 (reason well_formed) or 0. Details: "position", the byte offset in the completion of what is wrong.
std::unique_ptr<Reward> make_format(const Json& config, const std::string& path);

}  // namespace r1::rewards
