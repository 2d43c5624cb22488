// Stage pretrained: a model that is there already, with more special tokens if asked for.
#include <fmt/format.h>

#include "base/file.h"
#include "base/progress.h"
#include "model/checkpoint.h"
#include "recipes/checkpointing.h"
#include "recipes/stages.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

struct PretrainedConfig {
  fs::path folder;
  std::string how_to_get;
  std::vector<std::string> add_special_tokens;

  template <class V>
  void visit(V& v) {
    v.field("folder", folder, "model folder in Hugging Face's layout", Required{});
    v.field("how_to_get", how_to_get, "said when the folder is not there");
    v.field("add_special_tokens", add_special_tokens,
            "new tokens, one id each; the embedding grows by those that the tokenizer lacks");
  }
};

class Pretrained : public ConfiguredStage<PretrainedConfig> {
 public:
  using ConfiguredStage::ConfiguredStage;
  std::vector<StageInput> inputs() const override { return {}; }
  std::string output() const override { return "model"; }

  Artifact run(const StageContext& context) override {
    if (!fs::exists(config_.folder / "config.json"))
      throw ConfigError(
          fmt::format("{}.folder: there is no model in {}{}", context.stage_name,
                      fs::absolute(config_.folder).lexically_normal().string(),
                      config_.how_to_get.empty() ? "" : "; to get it: " + config_.how_to_get));
    if (config_.add_special_tokens.empty()) return model_artifact(config_.folder, Json::object());
    return with_special_tokens(context);
  }

 private:
  Artifact with_special_tokens(const StageContext& context) const {
    const auto policy = model::load_pretrained(config_.folder, context.dtype, context.device);
    const auto tokenizer =
        model::load_tokenizer(config_.folder)->add_special_tokens(config_.add_special_tokens);
    const int64_t before = policy->config().vocab_size;
    if (tokenizer->vocab_size() > before)
      model::resize_token_embeddings(*policy, tokenizer->vocab_size(), context.seed);
    AtomicFolder folder(context.stage_folder / "model");
    model::save_pretrained(*policy, tokenizer.get(), folder.staging());
    folder.commit();
    say(fmt::format("{}: {} embeddings, {} before", context.stage_name, policy->config().vocab_size,
                    before));
    return model_artifact(
        context.stage_folder / "model",
        {{"vocab_size", policy->config().vocab_size}, {"vocab_size_before", before}});
  }
};

}  // namespace

StageType pretrained_stage() {
  return stage_type<Pretrained>("pretrained",
                                "a model from a folder, with more special tokens if asked for");
}

}  // namespace r1::recipes
