#include "rollout/stop_strings.h"

#include <algorithm>
#include <iterator>
#include <utility>

#include "base/error.h"

namespace r1::rollout {
namespace {

// A token's text can depend on those before it (a leading space, the first bytes of a character): this many are decoded along.
constexpr size_t kContextTokens = 4;
// A character has at most four bytes, so no more tokens than that can wait for its end.
constexpr size_t kMaxUnsettled = 4;
constexpr std::string_view kReplacement = "\xEF\xBF\xBD";  // U+FFFD stands for an unfinished character

}  // namespace

StopStrings::StopStrings(const model::Tokenizer* tokenizer, std::vector<std::string> strings)
    : tokenizer_(tokenizer), strings_(std::move(strings)) {
  for (const std::string& text : strings_) {
    if (text.empty()) throw ConfigError("stop_strings: an empty string would stop at once; remove it");
    longest_ = std::max(longest_, text.size());
  }
  if (!strings_.empty() && tokenizer_ == nullptr) {
    throw ConfigError("stop_strings need a tokenizer; give the engine one, or use stop_token_ids");
  }
}

StopStrings::State StopStrings::begin(const std::vector<int64_t>& prompt_ids) const {
  State state;
  const auto first = prompt_ids.end() - std::min(prompt_ids.size(), kContextTokens);
  std::copy_if(first, prompt_ids.end(), std::back_inserter(state.ids),
               [this](int64_t id) { return id < tokenizer_->vocab_size(); });
  state.settled = state.ids.size();
  return state;
}

bool StopStrings::add(State& state, int64_t id) const {
  if (id >= tokenizer_->vocab_size()) return false;  // embeddings are often padded: no text
  const std::vector<int64_t> settled_ids(state.ids.begin(), state.ids.begin() + state.settled);
  state.ids.push_back(id);
  const size_t settled_bytes = tokenizer_->decode(settled_ids, false).size();
  const std::string text = tokenizer_->decode(state.ids, false);
  std::string tail = state.tail;
  if (text.size() > settled_bytes) tail.append(text, settled_bytes);
  if (contains_stop(tail)) return true;

  const size_t unsettled = state.ids.size() - state.settled;
  if (text.ends_with(kReplacement) && unsettled < kMaxUnsettled) return false;
  if (tail.size() >= longest_) tail.erase(0, tail.size() - (longest_ - 1));
  state.tail = std::move(tail);
  state.ids.erase(state.ids.begin(), state.ids.begin() + state.settled);
  state.settled = state.ids.size();
  return false;
}

bool StopStrings::contains_stop(std::string_view text) const {
  return std::any_of(strings_.begin(), strings_.end(),
                     [text](const std::string& stop) { return text.find(stop) != std::string_view::npos; });
}

}  // namespace r1::rollout
