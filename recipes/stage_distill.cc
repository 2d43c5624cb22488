// Stage distill: sample from a teacher, keep verified traces, train a student on them (DeepSeek-R1,
// section 2.4).
#include <fmt/format.h>

#include "base/file.h"
#include "base/progress.h"
#include "distill/collect.h"
#include "recipes/evaluate.h"
#include "recipes/sft_run.h"
#include "recipes/stages.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

struct DistillConfig {
  std::string teacher, student, data;
  std::string train_file = "train.jsonl";
  int64_t num_prompts = 0;
  int64_t num_generations = 4;
  int64_t max_completion_length = 256;
  rollout::SamplingConfig sampling;
  PromptConfig prompt;
  rewards::RubricConfig rubric;
  distill::FilterConfig filter;
  rollout::EngineConfig engine;
  SftRunConfig training;

  template <class V>
  void visit(V& v) {
    v.field("teacher", teacher, "stage or folder of the policy that is sampled", Required{});
    v.field("student", student, "stage or folder of the model that is trained", Required{});
    v.field("data", data, "stage or folder that holds the prompts", Required{});
    v.field("train_file", train_file, "rows {\"prompt\", ...reference fields of the rewards}");
    v.field("num_prompts", num_prompts, "prompts sampled, from the first; 0: all", Range{0, 1e9});
    v.field("num_generations", num_generations, "traces sampled per prompt", Range{1, 1e5});
    v.field("max_completion_length", max_completion_length, "tokens a trace may have",
            Range{1, 1e8});
    sampling.visit(v);
    prompt.visit(v);
    rubric.visit(v);
    filter.visit(v);
    v.field("engine", engine, "limits of the rollout engine; no result depends on them");
    training.visit(v);
  }
};

constexpr int64_t kPromptsPerRound = 256;

class Distill : public ConfiguredStage<DistillConfig> {
 public:
  Distill(const Json& json, const std::string& path) : ConfiguredStage(json, path) {
    check(config_.prompt, path);
    rewards::Rubric(config_.rubric, path);
    // A chat template writes the bos token itself, into the prompts of the traces too.
    if (config_.prompt.prompt_template == "chat") config_.training.add_bos = false;
  }
  std::vector<StageInput> inputs() const override {
    return {{"teacher", config_.teacher, "model"},
            {"student", config_.student, "model"},
            {"data", config_.data, "data"}};
  }
  std::string output() const override { return "model"; }
  std::vector<std::string> neutral_keys() const override {
    return {"engine", "save_steps", "save_total_limit", "logging_steps"};
  }

  Artifact run(const StageContext& context) override {
    const fs::path traces = context.stage_folder / "traces.jsonl",
                   counts = context.stage_folder / "traces_counts.json";
    if (!fs::exists(counts)) collect(context, traces, counts);
    Artifact artifact = run_sft(context, load_policy(context, "student", config_.student), traces,
                                {}, config_.training);
    artifact.summary["traces"] = read_json(counts);
    return artifact;
  }

 private:
  void collect(const StageContext& context, const fs::path& traces, const fs::path& counts) const {
    const Policy teacher = load_policy(context, "teacher", config_.teacher);
    const auto problems =
        read_problems(context.input("data", config_.data, "data").folder / config_.train_file,
                      config_.num_prompts, config_.prompt, teacher.chat_template.get());
    if (config_.prompt.prompt_template != "chat" && problems.front().from_chat_template)
      throw ConfigError(
          fmt::format("{}: the prompts are lists of messages; set prompt_template to \"chat\"",
                      context.stage_name));
    const auto prompts = tokenize_prompts(problems, *teacher.tokenizer, config_.training.add_bos);
    rewards::Rubric rubric(config_.rubric, context.stage_name);
    const RandomStream draws(context.seed, context.stage_name, Purpose::kDistill);
    rollout::Engine engine(*teacher.model, teacher.tokenizer.get(), config_.engine);
    rollout::GenerationConfig generation;
    generation.num_generations = config_.num_generations;
    generation.max_completion_length = config_.max_completion_length;
    generation.sampling = config_.sampling;
    distill::TraceFilter filter(config_.filter);
    Progress progress(context.stage_name + " traces", static_cast<int64_t>(problems.size()),
                      "prompt");
    std::string text;
    for (size_t begin = 0; begin < prompts.size(); begin += kPromptsPerRound) {
      const size_t end = std::min(prompts.size(), begin + kPromptsPerRound);
      const auto groups = engine.generate(
          {prompts.begin() + begin, prompts.begin() + end}, generation, draws, 0,
          [&](const rollout::Group& group) {
            const int64_t i = group.prompt_index;
            rubric.submit(i, to_reward_group(group, problems[i], *teacher.tokenizer));
          });
      for (size_t i = begin; i < end; ++i) {
        const auto candidates = candidates_of(groups[i - begin], *teacher.tokenizer,
                                              rubric.collect(static_cast<int64_t>(i)));
        for (const Json& row : filter.accept(problems[i].prompt, candidates))
          text += dump_json(row) + "\n";
      }
      progress.update(static_cast<int64_t>(end));
    }
    rubric.check_faults();
    write_file_atomic(traces, text);
    write_file_atomic(counts, dump_json_pretty(distill::to_json(filter.counts())) + "\n");
  }

  static std::vector<distill::Candidate> candidates_of(
      const rollout::Group& group, const model::Tokenizer& tokenizer,
      const std::vector<rewards::RubricScore>& scores) {
    const std::vector<std::string> texts = decode_group(group, tokenizer);
    std::vector<distill::Candidate> candidates;
    for (size_t i = 0; i < texts.size(); ++i)
      candidates.push_back({texts[i], group.completions[i].truncated(), scores[i]});
    return candidates;
  }
};

}  // namespace

StageType distill_stage() {
  return stage_type<Distill>("distill",
                             "verified traces of a teacher, and a student trained on them");
}

}  // namespace r1::recipes
