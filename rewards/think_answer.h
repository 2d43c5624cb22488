// Finds <think>...</think> <answer>...</answer> in a completion: one pass, no regular expressions, exact lower-case tags
// (anything else, <ANSWER> or < answer >, is plain text). Two readers with different needs share it:
// the format reward wants the whole layout right, an accuracy reward wants one answer that cannot be mistaken.
#pragma once

#include <string_view>

#include "rewards/reward.h"

namespace r1::rewards {

struct ThinkAnswer {
  // Contents of the first think block and of the first answer block that are closed; views into the completion.
  std::string_view think;
  std::string_view answer;

  // kWellFormed: exactly one think block, then exactly one answer block, neither blank, nothing but white space around
  // them, no tag inside a block. Otherwise, first of: kNoThink, kUnclosedThink, kNoAnswer, kUnclosedAnswer; then the first
  // broken rule in the order of the text (kBadOrder, kTextOutside, kManyThinks, kManyAnswers); then kEmptyBlock.
  Reason layout = Reason::kNoThink;
  size_t layout_position = 0;  // byte offset in the completion

  // kWellFormed: `answer` is the only answer block, closed, not blank, holds no tag and stands outside every think block.
  // Text around it and a missing or doubled think block do not matter here. Otherwise, first of: kNoAnswer, kManyAnswers,
  // kUnclosedAnswer, kUnclosedThink (the answer stands in a think block that never ends), kBadOrder (inside a think block,
  // or answer tags that do not match), kEmptyBlock.
  Reason extraction = Reason::kNoAnswer;
  size_t extraction_position = 0;
};

// think_opened_by_prompt: the prompt template ended with <think>, so the completion starts inside the think block.
// White space is ASCII's. Never throws; time is linear, memory constant.
ThinkAnswer read_think_answer(std::string_view completion, bool think_opened_by_prompt);

}  // namespace r1::rewards
