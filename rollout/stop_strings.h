// Finds stop strings in the text of a growing completion, also across token borders.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer.h"

namespace r1::rollout {

// Thread safe; each completion has its own State.
class StopStrings {
 public:
  struct State {
    std::vector<int64_t> ids;  // a few tokens whose text is settled, then those whose text is not
    size_t settled = 0;        // how many of them are settled
    std::string tail;          // end of the settled text, shorter than the longest stop string
  };

  // Throws ConfigError for an empty string, or without tokenizer unless `strings` is empty. The tokenizer must outlive this.
  StopStrings(const model::Tokenizer* tokenizer, std::vector<std::string> strings);

  bool empty() const { return strings_.empty(); }
  // The state of a completion that follows `prompt_ids`. The prompt's text itself is not searched.
  State begin(const std::vector<int64_t>& prompt_ids) const;
  // Adds one token; true when the completion's text now contains a stop string. Special tokens count as text. The cost depends
  // on the length of the stop strings only, not on that of the completion.
  bool add(State& state, int64_t id) const;

 private:
  bool contains_stop(std::string_view text) const;

  const model::Tokenizer* tokenizer_;
  std::vector<std::string> strings_;
  size_t longest_ = 0;
};

}  // namespace r1::rollout
