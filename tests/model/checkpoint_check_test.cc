// The part of tools/check_checkpoint.py that runs here: logits and greedy continuations of given
// prompts under a real checkpoint. Skipped unless the script names one.
#include <ATen/ATen.h>
#include <ATen/core/grad_mode.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <filesystem>

#include "model/checkpoint.h"
#include "model/safetensors.h"
#include "model/token_logprobs.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;

// Logits of every position, and the likeliest token again and again through the cache.
class Session {
 public:
  explicit Session(const CausalLM& model, int64_t tokens)
      : model_(model), cache_(model.make_cache(pages_for(tokens))), pages_(pages_for(tokens)) {
    for (int32_t& page : pages_) page = cache_->allocate();
  }
  at::Tensor forward(const std::vector<int64_t>& ids) {
    const CacheView view{cache_.get(), {&pages_}};
    FlatBatch batch = make_flat_batch({ids}, at::kCPU);
    batch.first_position = {length_};
    length_ += static_cast<int64_t>(ids.size());
    return logits(model_.forward(batch, &view).hidden_TD, model_.lm_head_weight());
  }

 private:
  const CausalLM& model_;
  std::unique_ptr<KvCache> cache_;
  std::vector<int32_t> pages_;
  int64_t length_ = 0;
};

std::vector<int64_t> continue_greedily(const CausalLM& model, Session& session, at::Tensor row,
                                       int64_t count) {
  const std::vector<int64_t>& stop = model.config().stop_token_ids();
  std::vector<int64_t> ids;
  while (static_cast<int64_t>(ids.size()) < count) {
    ids.push_back(row.argmax().item<int64_t>());
    if (std::ranges::count(stop, ids.back()) > 0) break;
    row = session.forward({ids.back()})[0];
  }
  return ids;
}

TEST(CheckpointCheck, LogitsAndGreedyContinuations) {
  const char *checkpoint = std::getenv("R1_CHECK_MODEL"), *folder = std::getenv("R1_CHECK_FOLDER"),
             *count = std::getenv("R1_CHECK_NEW_TOKENS");
  if (!checkpoint || !folder || !count)
    GTEST_SKIP() << "tools/check_checkpoint.py --logits sets R1_CHECK_MODEL to a model folder";
  at::NoGradGuard no_grad;
  const auto model = load_pretrained(checkpoint, at::kFloat, at::kCPU);
  const SafetensorsFile prompts(fs::path(folder) / "prompts.safetensors");
  std::vector<std::pair<std::string, at::Tensor>> ours;
  for (const std::string& name : prompts.names()) {
    const at::Tensor tokens = prompts.tensor(name);
    const std::vector<int64_t> ids(tokens.const_data_ptr<int64_t>(),
                                   tokens.const_data_ptr<int64_t>() + tokens.numel());
    const std::string number = name.substr(name.find('_'));
    const int64_t new_tokens = std::atoll(count);
    Session session(*model, tokens.numel() + new_tokens);
    const at::Tensor rows = session.forward(ids);
    const auto greedy = continue_greedily(*model, session, rows[-1], new_tokens);
    ours.emplace_back("logits" + number, rows);
    ours.emplace_back("greedy" + number, at::tensor(greedy, at::kLong));
  }
  write_safetensors(fs::path(folder) / "ours.safetensors", ours);
  EXPECT_FALSE(ours.empty());
}

}  // namespace
}  // namespace r1::model
