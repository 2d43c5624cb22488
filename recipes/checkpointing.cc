#include "recipes/checkpointing.h"

#include <fmt/format.h>

#include <algorithm>
#include <numeric>

#include "base/file.h"
#include "base/progress.h"
#include "model/checkpoint.h"

namespace r1::recipes {
namespace fs = std::filesystem;

namespace {

// A template that this version cannot run only matters to stages that use it.
std::unique_ptr<model::ChatTemplate> usable_chat_template(const fs::path& folder) {
  try {
    return model::load_chat_template(folder);
  } catch (const DataError& error) {
    say(fmt::format("the model's chat template cannot be used: {}", error.what()));
    return nullptr;
  }
}

}  // namespace

Policy load_policy(const StageContext& context, const std::string& key, const std::string& name) {
  const Artifact artifact = context.input(key, name, "model");
  return {model::load_pretrained(artifact.folder, context.dtype, context.device),
          model::load_tokenizer(artifact.folder), usable_chat_template(artifact.folder)};
}

std::optional<fs::path> Checkpointing::latest() const {
  std::vector<std::string> skipped;
  const fs::path path = model::latest_checkpoint(context_.stage_folder, &skipped);
  for (const std::string& reason : skipped)
    say(fmt::format("skipping a damaged checkpoint: {}", reason));
  if (path.empty()) return std::nullopt;
  return path;
}

fs::path Checkpointing::save(int64_t step, const model::CausalLM& model,
                             const model::Tokenizer& tokenizer, const model::Trainer& trainer,
                             const Json& stage_state, bool required, const fs::path& keep,
                             const model::CausalLM* reference) const {
  const fs::path path = context_.stage_folder / fmt::format("checkpoint-{}", step);
  try {
    AtomicFolder folder(path);
    model::save_pretrained(model, &tokenizer, folder.staging());
    fs::create_directories(folder.staging() / "state");
    trainer.save(folder.staging() / "state");
    write_file_atomic(folder.staging() / "state" / "stage_state.json",
                      dump_json_pretty(stage_state) + "\n");
    if (reference) {
      fs::create_directories(folder.staging() / "state" / "reference");
      model::save_pretrained(*reference, nullptr, folder.staging() / "state" / "reference");
    }
    folder.commit();
  } catch (const CheckpointError&) {
    throw;  // weights that are not finite: nothing that more space would mend
  } catch (const std::exception& error) {
    if (required) throw;
    say(fmt::format(
        "checkpoint {} was not saved: {}; training goes on and the next save tries again", step,
        error.what()));
    return {};
  }
  model::rotate_checkpoints(context_.stage_folder, config_.save_total_limit, keep);
  return path;
}

Json Checkpointing::restore(const fs::path& checkpoint, model::Trainer& trainer) const {
  trainer.load(checkpoint / "state");
  return read_json(checkpoint / "state" / "stage_state.json");
}

Artifact model_artifact(const fs::path& checkpoint, Json summary) {
  summary["sha256"] = model::weights_sha256(checkpoint);
  return {"model", checkpoint, std::move(summary)};
}

int64_t EpochOrder::row(int64_t position) {
  const int64_t count = static_cast<int64_t>(order_.size());
  if (position / count != epoch_) {
    epoch_ = position / count;
    std::iota(order_.begin(), order_.end(), 0);
    for (int64_t i = count; i > 1; --i)
      std::swap(order_[i - 1],
                order_[draws_.below(static_cast<uint32_t>(i), static_cast<uint64_t>(epoch_),
                                    static_cast<uint32_t>(i))]);
  }
  return order_[position % count];
}

}  // namespace r1::recipes
