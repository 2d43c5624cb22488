// Stage grpo: reinforcement learning with group-relative advantages. The page to read first:
// GrpoRun::step() is one step of R1-Zero.
#include <fmt/format.h>

#include "base/metrics.h"
#include "base/progress.h"
#include "grpo/update.h"  // update, reference_logprobs
#include "model/checkpoint.h"
#include "recipes/checkpointing.h"  // load_policy, Checkpointing, EpochOrder
#include "recipes/evaluate.h"       // Problem, evaluate
#include "recipes/grpo_config.h"
#include "recipes/grpo_step.h"  // scoring, samples, logs
#include "recipes/memory_plan.h"
#include "recipes/stages.h"
#include "rewards/rubric.h"
#include "rollout/engine.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

class GrpoRun {
 public:
  GrpoRun(const StageContext& context, const GrpoConfig& config);
  Artifact run();

 private:
  Metrics step(int64_t step);
  ScoredBatch sample_and_score(int64_t step, Metrics& metrics);
  model::StepResult update(std::vector<grpo::Sample>& samples, Metrics& metrics);
  void refresh_reference(int64_t step);
  bool evaluate_if_due(int64_t step, Metrics& metrics);
  void save(int64_t step, bool required);
  fs::path best_checkpoint() const;  // empty before the first evaluation

  const StageContext& context_;
  const GrpoConfig& config_;
  Policy policy_;
  std::unique_ptr<model::CausalLM> reference_;  // null when beta is 0
  std::vector<Problem> problems_, eval_problems_;
  std::vector<rollout::Prompt> prompts_;
  Checkpointing checkpoints_;
  std::unique_ptr<model::Trainer> trainer_;
  std::unique_ptr<rollout::Engine> engine_;  // kept, and with it the cache's memory
  std::unique_ptr<grpo::Loss> loss_;
  rewards::Rubric rubric_;
  std::unique_ptr<EpochOrder> order_;
  RandomStream draws_, eval_draws_;
  int64_t start_ = 0;
  Json state_ = {{"best_step", -1},
                 {"best", -1.0},
                 {"first_eval", nullptr},
                 {"last_eval", nullptr},
                 {"reference_step", 0}};
  fs::path saved_;
  std::string note_;
};

GrpoRun::GrpoRun(const StageContext& context, const GrpoConfig& config)
    : context_(context),
      config_(config),
      policy_(load_policy(context, "model", config.model)),
      checkpoints_(context, config.save),
      loss_(grpo::make_loss(config.loss, context.stage_name)),
      rubric_(config.rubric, context.stage_name),
      draws_(context.seed, context.stage_name, Purpose::kSample),
      eval_draws_(context.seed, context.stage_name, Purpose::kEval) {
  const fs::path data = context.input("data", config.data, "data").folder;
  const model::ChatTemplate* chat_template = policy_.chat_template.get();
  problems_ = read_problems(data / config.train_file, 0, config.prompt, chat_template);
  if (!config.eval_file.empty())
    eval_problems_ =
        read_problems(data / config.eval_file, config.eval_problems, config.prompt, chat_template);
  prompts_ = tokenize_prompts(problems_, *policy_.tokenizer, config.add_bos);
  order_ = std::make_unique<EpochOrder>(
      static_cast<int64_t>(problems_.size()),
      RandomStream(context.seed, context.stage_name, Purpose::kShuffle));
  if (config.update.beta > 0) reference_ = policy_.model->clone();
  const auto resume = checkpoints_.latest();
  if (resume) policy_.model = model::load_pretrained(*resume, context.dtype, context.device);
  engine_ =
      std::make_unique<rollout::Engine>(*policy_.model, policy_.tokenizer.get(), config.engine);
  trainer_ = std::make_unique<model::Trainer>(
      *policy_.model, config.optimizer,
      config.max_steps * config.num_iterations * config.steps_per_generation);
  if (!resume) return;
  state_ = checkpoints_.restore(*resume, *trainer_);
  start_ = model::checkpoint_step(*resume);
  saved_ = *resume;
  const fs::path reference = *resume / "state" / "reference";
  if (reference_ && fs::exists(reference))
    reference_ = model::load_pretrained(reference, context.dtype, context.device);
  say(fmt::format("{}: continuing from {}", context.stage_name, resume->string()));
}

Artifact GrpoRun::run() {
  // The evaluation before the first step is row 0.
  MetricsWriter writer(context_.run_folder, context_.stage_name, start_ > 0 ? start_ : -1);
  Progress progress(context_.stage_name, config_.max_steps, "step", start_);
  if (start_ == 0) {
    Metrics first;
    if (evaluate_if_due(0, first)) writer.write(0, first);
  }
  for (int64_t step = start_ + 1; step <= config_.max_steps; ++step) {
    Metrics metrics;
    try {
      metrics = this->step(step);
    } catch (const Interrupted&) {  // while sampling or scoring: nothing was changed yet
      if (step > 1) save(step - 1, true);
      throw;
    }
    refresh_reference(step);
    const bool best = evaluate_if_due(step, metrics) && state_["best_step"] == step;
    writer.write(step, metrics);
    progress.update(step, note_);
    const bool stop = stop_requested(), last = step == config_.max_steps;
    if (stop || best || checkpoints_.due(step, config_.max_steps)) save(step, stop || last);
    if (stop && !last)
      throw Interrupted(fmt::format("{}: stopped after step {} of {}", context_.stage_name, step,
                                    config_.max_steps));
  }
  const fs::path best = best_checkpoint();
  return model_artifact(
      config_.load_best_model_at_end && !best.empty() && fs::exists(best) ? best : saved_,
      {{"steps", config_.max_steps},
       {"first_eval", state_["first_eval"]},
       {"last_eval", state_["last_eval"]},
       {"best_step", state_["best_step"]}});
}

// One step: sample groups from the policy, score them, compare inside every group, update.
Metrics GrpoRun::step(int64_t step) {
  Metrics metrics;
  const double begin = seconds_now();
  ScoredBatch batch = sample_and_score(step, metrics);
  batch.advantages = advantages_of(batch, config_);
  write_batch_metrics(batch, rubric_.reward_names(), metrics);
  std::vector<grpo::Sample> samples = samples_of(batch, config_);
  const double scored = seconds_now();
  const model::StepResult result = update(samples, metrics);
  const double end = seconds_now();
  metrics.set("loss", result.loss);
  metrics.set("grad_norm", result.grad_norm);
  metrics.set("learning_rate", result.learning_rate);
  metrics.set("skipped", result.skipped);
  metrics.set("epoch",
              static_cast<double>(step * config_.generation_batch_size / config_.num_generations) /
                  static_cast<double>(problems_.size()));
  metrics.set("step_time", end - begin);
  metrics.set("time/update", end - scored);
  metrics.set("tokens_per_second", metrics.get("num_tokens") / (end - begin));
  const bool log = step == 1 || step == config_.max_steps || step % config_.logging_steps == 0;
  if (log) {
    write_completions(context_.stage_folder / "completions", step, batch, rubric_.reward_names());
    say(describe_step(step, metrics, batch, config_.num_completions_to_print));
  }
  note_ = fmt::format("reward {:.3f}  correct {:.3f}  length {:.0f}", metrics.get("reward"),
                      metrics.get("correct"), metrics.get("completions/mean_length"));
  return metrics;
}

ScoredBatch GrpoRun::sample_and_score(int64_t step, Metrics& metrics) {
  ScoredBatch batch;
  std::vector<rollout::Prompt> prompts;
  const int64_t groups = config_.generation_batch_size / config_.num_generations;
  for (int64_t i = 0; i < groups; ++i) {
    const int64_t row = order_->row((step - 1) * groups + i);
    batch.problems.push_back(&problems_[row]);
    prompts.push_back({i, prompts_[row].ids});
  }
  rollout::GenerationConfig generation;
  generation.num_generations = config_.num_generations;
  generation.max_completion_length = config_.max_completion_length;
  generation.sampling = config_.sampling;
  generation.stop_strings = config_.stop_strings;
  engine_->set_policy_version(step - 1);
  const double begin = seconds_now(), scored_before = rubric_.scoring_seconds();
  // Rewards are computed in the background while other groups are still being sampled.
  batch.groups = engine_->generate(
      prompts, generation, draws_, static_cast<uint64_t>(step), [&](const rollout::Group& group) {
        rubric_.submit(
            group.prompt_index,
            to_reward_group(group, *batch.problems[group.prompt_index], *policy_.tokenizer));
      });
  const double sampled = seconds_now();
  for (size_t i = 0; i < batch.groups.size(); ++i) {
    batch.scores.push_back(rubric_.collect(static_cast<int64_t>(i)));
    batch.texts.push_back(decode_group(batch.groups[i], *policy_.tokenizer));
  }
  rubric_.check_faults();
  metrics.set("time/rollout", sampled - begin);
  metrics.set("time/reward", seconds_now() - sampled);  // what sampling did not hide
  metrics.set("reward_time", rubric_.scoring_seconds() - scored_before);
  return batch;
}

model::StepResult GrpoRun::update(std::vector<grpo::Sample>& samples, Metrics& metrics) {
  if (reference_)
    grpo::reference_logprobs(*reference_, samples, config_.sampling.temperature,
                             config_.update.micro_batch_tokens);
  int64_t tokens = 0;
  for (const grpo::Sample& sample : samples)
    tokens += static_cast<int64_t>(sample.completion->ids.size());
  grpo::UpdateScope scope;
  scope.temperature = config_.sampling.temperature;
  scope.max_completion_length = config_.max_completion_length;
  scope.dapo_tokens_per_step =
      static_cast<double>(tokens) / static_cast<double>(config_.steps_per_generation);
  grpo::LossMetrics loss_metrics;
  model::StepResult result;
  const int64_t count = static_cast<int64_t>(samples.size()), parts = config_.steps_per_generation;
  for (int64_t iteration = 0; iteration < config_.num_iterations; ++iteration)
    for (int64_t part = 0; part < parts; ++part) {
      std::vector<const grpo::Sample*> chosen;
      for (int64_t i = part * count / parts; i < (part + 1) * count / parts; ++i)
        chosen.push_back(&samples[i]);
      scope.on_policy = iteration == 0 && part == 0;
      result = grpo::update(*policy_.model, *trainer_, *loss_, chosen, config_.update, scope,
                            loss_metrics);
    }
  loss_metrics.write(metrics);
  return result;
}

void GrpoRun::refresh_reference(int64_t step) {
  if (!reference_ || !config_.sync_ref_model || step % config_.ref_model_sync_steps != 0) return;
  reference_->copy_weights_from(*policy_.model);
  state_["reference_step"] = step;
}

bool GrpoRun::evaluate_if_due(int64_t step, Metrics& metrics) {
  if (eval_problems_.empty() || config_.eval_steps == 0 ||
      (step % config_.eval_steps != 0 && step != config_.max_steps))
    return false;
  EvalConfig eval;
  eval.num_generations = config_.eval_generations;
  eval.max_completion_length = config_.max_completion_length;
  eval.sampling = config_.sampling;
  eval.rubric = config_.rubric;
  eval.add_bos = config_.add_bos;
  eval.engine = config_.engine;
  const EvalResult result =
      evaluate(*policy_.model, *policy_.tokenizer, eval_problems_, eval, eval_draws_, 0);
  metrics.set("eval/pass_at_1", result.pass_at_1);
  metrics.set("eval/pass_at_1_stderr", result.pass_at_1_stderr);
  metrics.set("eval/pass_at_k", result.pass_at_k);
  metrics.set("eval/mean_length", result.mean_length);
  metrics.set("eval/reward", result.mean_reward);
  if (state_["first_eval"].is_null()) state_["first_eval"] = result.pass_at_1;
  state_["last_eval"] = result.pass_at_1;
  if (step > 0 && result.pass_at_1 > state_["best"].get<double>()) {
    state_["best"] = result.pass_at_1;
    state_["best_step"] = step;
  }
  say(fmt::format("{}: step {}: held-out pass@1 {:.3f} (+- {:.3f}), pass@{} {:.3f}, length {:.0f}",
                  context_.stage_name, step, result.pass_at_1, result.pass_at_1_stderr,
                  config_.eval_generations, result.pass_at_k, result.mean_length));
  return true;
}

fs::path GrpoRun::best_checkpoint() const {
  const int64_t step = state_["best_step"].get<int64_t>();
  return step < 0 ? fs::path() : context_.stage_folder / fmt::format("checkpoint-{}", step);
}

void GrpoRun::save(int64_t step, bool required) {
  const fs::path best = best_checkpoint();
  const bool refreshed = reference_ && state_["reference_step"].get<int64_t>() > 0;
  const fs::path path =
      checkpoints_.save(step, *policy_.model, *policy_.tokenizer, *trainer_, state_, required, best,
                        refreshed ? reference_.get() : nullptr);
  if (!path.empty()) saved_ = path;
}

class GrpoStage : public ConfiguredStage<GrpoConfig> {
 public:
  GrpoStage(const Json& json, const std::string& path) : ConfiguredStage(json, path) {
    if (config_.generation_batch_size % config_.num_generations != 0)
      throw ConfigError(
          fmt::format("{}.generation_batch_size: {} completions are no whole number of groups of "
                      "num_generations = {}",
                      path, config_.generation_batch_size, config_.num_generations));
    if (config_.sampling.temperature <= 0)
      throw ConfigError(
          fmt::format("{}.temperature: greedy completions of a prompt are all equal, so there is "
                      "nothing to learn from; use a temperature above 0",
                      path));
    grpo::make_loss(config_.loss, path);
    check(config_.prompt, path);
    rewards::Rubric(config_.rubric, path);
  }
  std::vector<StageInput> inputs() const override {
    return {{"model", config_.model, "model"}, {"data", config_.data, "data"}};
  }
  std::string output() const override { return "model"; }
  std::vector<std::string> neutral_keys() const override {
    return {"engine", "save_steps", "save_total_limit", "logging_steps",
            "num_completions_to_print"};
  }
  std::string memory_plan(const StageContext& context) const override {
    TrainingMemory memory;
    memory.micro_batch_tokens = config_.update.micro_batch_tokens;
    memory.slots = std::min(config_.engine.max_slots, config_.generation_batch_size);
    memory.completion_tokens = config_.max_completion_length;
    memory.reference = config_.update.beta > 0;
    const auto folder = context.input("model", config_.model, "model").folder;
    return describe_memory(model::read_model_config(folder / "config.json"), context, memory);
  }
  Artifact run(const StageContext& context) override { return GrpoRun(context, config_).run(); }
};

}  // namespace

StageType grpo_stage() {
  return stage_type<GrpoStage>(
      "grpo", "reinforcement learning from rule rewards with group-relative advantages");
}

}  // namespace r1::recipes
