// Stage eval: a model on held-out problems, and the paired difference to an earlier evaluation.
#include <fmt/format.h>

#include "base/file.h"
#include "base/progress.h"
#include "recipes/checkpointing.h"
#include "recipes/evaluate.h"
#include "recipes/stages.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

struct EvalStageConfig {
  std::string model, data, against;
  std::string file = "test.jsonl";
  int64_t limit = 0;
  double confidence = 0.997;
  PromptConfig prompt;
  EvalConfig eval;

  template <class V>
  void visit(V& v) {
    v.field("model", model, "stage or folder of the model", Required{});
    v.field("data", data, "stage or folder that holds the problems", Required{});
    v.field("against", against,
            "earlier eval stage on the same problems to compare with; empty: none");
    v.field("file", file, "problem file: rows {\"prompt\", ...reference fields}");
    v.field("limit", limit, "problems used; 0: all", Range{0, 1e9});
    v.field("confidence", confidence, "of the paired bootstrap interval over problems",
            Range{0.5, 0.9999});
    v.field("num_generations", eval.num_generations, "samples per problem: k of pass@k and cons@k",
            Range{1, 1e5});
    v.field("max_completion_length", eval.max_completion_length, "tokens a completion may have",
            Range{1, 1e8});
    eval.sampling.visit(v);
    eval.rubric.visit(v);
    v.field("correct_reward", eval.correct_reward,
            "the reward whose reason \"correct\" counts as solved; empty: the first");
    v.field("add_bos", eval.add_bos, "begin prompts with the tokenizer's bos token");
    prompt.visit(v);
    v.field("engine", eval.engine, "limits of the rollout engine; no result depends on them");
  }
};

class Eval : public ConfiguredStage<EvalStageConfig> {
 public:
  Eval(const Json& json, const std::string& path) : ConfiguredStage(json, path) {
    check(config_.prompt, path);
    rewards::Rubric(config_.eval.rubric, path);
  }
  std::vector<StageInput> inputs() const override {
    return {{"model", config_.model, "model"},
            {"data", config_.data, "data"},
            {"against", config_.against, "eval"}};
  }
  std::string output() const override { return "eval"; }
  std::vector<std::string> neutral_keys() const override { return {"engine"}; }

  Artifact run(const StageContext& context) override {
    const Policy policy = load_policy(context, "model", config_.model);
    const auto problems =
        read_problems(context.input("data", config_.data, "data").folder / config_.file,
                      config_.limit, config_.prompt, policy.chat_template.get());
    Progress progress(context.stage_name,
                      static_cast<int64_t>(problems.size()) * config_.eval.num_generations,
                      "completion");
    // Keyed by the purpose and not by the stage: evaluations that are compared draw the same
    // uniforms.
    const RandomStream draws(context.seed, "eval", Purpose::kEval);
    const EvalResult result =
        evaluate(*policy.model, *policy.tokenizer, problems, config_.eval, draws, 0,
                 [&](int64_t done, int64_t) { progress.update(done); });
    Json summary = result.to_json();
    summary["k"] = config_.eval.num_generations;
    if (!config_.against.empty()) summary["difference"] = difference(context, result);
    Json file = summary;
    file["examples"] = result.samples_to_show;
    file["solved_share"] = result.solved_share;
    write_file_atomic(context.stage_folder / "eval.json", dump_json_pretty(file) + "\n");
    return {"eval", context.stage_folder, summary};
  }

 private:
  Json difference(const StageContext& context, const EvalResult& result) const {
    const Json before =
        read_json(context.input("against", config_.against, "eval").folder / "eval.json");
    const RandomStream draws(context.seed, context.stage_name, Purpose::kBootstrap);
    const PairedDifference d =
        paired_bootstrap(before.at("solved_share").get<std::vector<double>>(), result.solved_share,
                         config_.confidence, draws);
    return {{"against", config_.against}, {"mean", d.mean},   {"stderr", d.stderr_},
            {"lower", d.lower},           {"upper", d.upper}, {"confidence", config_.confidence}};
  }
};

}  // namespace

StageType eval_stage() {
  return stage_type<Eval>("eval",
                          "pass@1, pass@k, cons@k and lengths of a model on held-out problems");
}

}  // namespace r1::recipes
