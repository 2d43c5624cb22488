#include "recipes/sft_run.h"

#include <fmt/format.h>

#include <cmath>

#include "base/file.h"
#include "base/metrics.h"
#include "base/progress.h"
#include "model/checkpoint.h"
#include "recipes/memory_plan.h"
#include "sft/dataset.h"
#include "sft/trainer.h"

namespace r1::recipes {
namespace {

sft::DatasetConfig dataset_config(const SftRunConfig& config) {
  sft::DatasetConfig dataset;
  dataset.add_bos = config.add_bos;
  dataset.add_eos = config.add_eos;
  dataset.max_length = config.max_length;
  dataset.completion_only_loss = config.completion_only_loss;
  dataset.assistant_only_loss = config.assistant_only_loss;
  return dataset;
}

// The variables of a chat template that a file of its own brings none of.
Json special_tokens(const model::Tokenizer& tokenizer) {
  Json tokens = Json::object();
  const auto add = [&](const char* name, int64_t id) {
    if (id >= 0) tokens[name] = tokenizer.decode({id}, false);
  };
  add("bos_token", tokenizer.bos_id());
  add("eos_token", tokenizer.eos_id());
  add("pad_token", tokenizer.pad_id());
  return tokens;
}

// Means over the steps since the last row of metrics.
struct Window {
  double loss = 0, grad_norm = 0, begin = seconds_now();
  int64_t steps = 0, tokens = 0;
  Metrics take(double learning_rate, double epoch) {
    Metrics m;
    m.set("loss", loss / static_cast<double>(steps));
    m.set("grad_norm", grad_norm / static_cast<double>(steps));
    m.set("learning_rate", learning_rate);
    m.set("epoch", epoch);
    m.set("num_tokens", static_cast<double>(tokens));
    m.set("step_time", (seconds_now() - begin) / static_cast<double>(steps));
    m.set("tokens_per_second", static_cast<double>(tokens) / (seconds_now() - begin));
    *this = {};
    return m;
  }
};

int64_t count_tokens(const std::vector<const sft::Example*>& rows) {
  int64_t tokens = 0;
  for (const sft::Example* row : rows) tokens += static_cast<int64_t>(row->ids.size());
  return tokens;
}

}  // namespace

Artifact run_sft(const StageContext& context, Policy policy,
                 const std::filesystem::path& train_file, const std::filesystem::path& eval_file,
                 const SftRunConfig& config) {
  if (!config.chat_template.empty())
    policy.chat_template = std::make_unique<model::ChatTemplate>(
        std::map<std::string, std::string>{{"default", read_file(config.chat_template)}},
        config.chat_template.string(), special_tokens(*policy.tokenizer));
  const sft::TextToTokens to_tokens{*policy.tokenizer, policy.chat_template.get()};
  const sft::Dataset train = sft::read_dataset(train_file, to_tokens, dataset_config(config));
  sft::Dataset eval;
  if (!eval_file.empty())
    eval = sft::read_dataset(eval_file, to_tokens, dataset_config(config));
  if (config.eval_rows > 0 && static_cast<int64_t>(eval.examples.size()) > config.eval_rows)
    eval.examples.resize(config.eval_rows);
  if (train.examples.empty())
    throw DataError(fmt::format("{}: no rows to train on", train_file.string()));
  if (train.cut > 0)
    say(fmt::format("{}: {} of {} rows are longer than max_length {}", train_file.string(),
                    train.cut, train.examples.size(), config.max_length));

  TrainingMemory memory;
  memory.micro_batch_tokens =
      std::min(config.micro_batch_tokens, config.train_batch_size * config.max_length);
  say("  " + describe_memory(policy.model->config(), context, memory));

  const double per_epoch =
      static_cast<double>(train.examples.size()) / static_cast<double>(config.train_batch_size);
  const int64_t steps = config.max_steps > 0
                            ? config.max_steps
                            : static_cast<int64_t>(std::ceil(config.num_train_epochs * per_epoch));
  const Checkpointing checkpoints(context, config.save);
  const auto resume = checkpoints.latest();
  if (resume) policy.model = model::load_pretrained(*resume, context.dtype, context.device);
  model::Trainer trainer(*policy.model, config.optimizer, steps);
  Json state = {{"tokens", 0}, {"train_loss", nullptr}, {"eval_loss", nullptr}};
  int64_t step = 0;
  if (resume) {
    state = checkpoints.restore(*resume, trainer);
    step = model::checkpoint_step(*resume);
    say(fmt::format("{}: continuing from {}", context.stage_name, resume->string()));
  }

  MetricsWriter metrics(context.run_folder, context.stage_name, step);
  Progress progress(context.stage_name, steps, "step", step);
  EpochOrder order(static_cast<int64_t>(train.examples.size()),
                   RandomStream(context.seed, context.stage_name, Purpose::kShuffle));
  std::filesystem::path saved = resume.value_or("");
  Window window;
  while (step < steps) {
    std::vector<const sft::Example*> rows;
    for (int64_t i = step * config.train_batch_size; i < (step + 1) * config.train_batch_size; ++i)
      rows.push_back(&train.examples[order.row(i)]);
    const model::StepResult result =
        sft::train_step(*policy.model, trainer, rows, config.micro_batch_tokens);
    ++step;
    window.loss += result.loss, window.grad_norm += result.grad_norm,
        window.tokens += count_tokens(rows), ++window.steps;
    state["tokens"] = state["tokens"].get<int64_t>() + count_tokens(rows);
    progress.update(step, fmt::format("loss {:.4f}", result.loss));
    const bool validate =
        !eval.examples.empty() &&
        (step == steps || (config.eval_steps > 0 && step % config.eval_steps == 0));
    if (step % config.logging_steps == 0 || step == steps || validate) {
      Metrics row = window.take(result.learning_rate, static_cast<double>(step) / per_epoch);
      state["train_loss"] = row.get("loss");
      if (validate) {
        state["eval_loss"] =
            sft::validation_loss(*policy.model, eval.examples, config.micro_batch_tokens);
        row.set("eval_loss", state["eval_loss"].get<double>());
      }
      metrics.write(step, row);
    }
    const bool stop = stop_requested();
    if (stop || checkpoints.due(step, steps))
      saved = checkpoints.save(step, *policy.model, *policy.tokenizer, trainer, state,
                               stop || step == steps);
    if (stop && step < steps)
      throw Interrupted(
          fmt::format("{}: stopped after step {} of {}", context.stage_name, step, steps));
  }
  return model_artifact(saved, {{"steps", steps},
                                {"parameters", model::count_parameters(policy.model->config())},
                                {"tokens", state["tokens"]},
                                {"train_loss", state["train_loss"]},
                                {"eval_loss", state["eval_loss"]}});
}

}  // namespace r1::recipes
