// Stage countdown_data: problems split by multiset, and traces to pretrain on.
#include <fmt/format.h>

#include "base/file.h"
#include "base/progress.h"
#include "recipes/countdown.h"
#include "recipes/stages.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

struct CountdownDataConfig {
  CountdownConfig problems;
  std::string prompt_template = "mini";
  int64_t corpus_rows = 0;
  int64_t corpus_validation_rows = 500;
  TraceConfig traces;

  template <class V>
  void visit(V& v) {
    problems.visit(v);
    v.field("prompt_template", prompt_template,
            "text of a prompt: the miniature's short form, TinyZero's task as a plain question, or that "
            "task in a built-in prompt",
            OneOf{"mini", "question", "tinyzero_base", "tinyzero_qwen_instruct", "r1_zero",
                  "deepseek_r1_distill"});
    v.field("corpus_rows", corpus_rows, "traces on training problems to pretrain on; 0: none",
            Range{0, 1e9});
    v.field("corpus_validation_rows", corpus_validation_rows,
            "traces on validation problems, for the validation loss", Range{0, 1e7});
    v.field("traces", traces, "how the traces search");
  }
};

class CountdownData : public ConfiguredStage<CountdownDataConfig> {
 public:
  using ConfiguredStage::ConfiguredStage;
  std::vector<StageInput> inputs() const override { return {}; }
  std::string output() const override { return "data"; }

  Artifact run(const StageContext& context) override {
    const RandomStream draws(context.seed, context.stage_name, Purpose::kData);
    const CountdownSplit split = make_countdown_problems(config_.problems, draws);
    AtomicFolder folder(context.stage_folder / "data");
    write_problems(folder.staging() / "train.jsonl", split.train);
    write_problems(folder.staging() / "validation.jsonl", split.validation);
    write_problems(folder.staging() / "test.jsonl", split.test);
    Json summary = {{"train", split.train.size()},
                    {"validation", split.validation.size()},
                    {"test", split.test.size()}};
    if (config_.corpus_rows > 0) {
      summary["corpus_rows"] = config_.corpus_rows;
      write_corpus(folder.staging() / "corpus.jsonl", split.train, config_.corpus_rows, draws, 0);
      write_corpus(folder.staging() / "corpus_validation.jsonl", split.validation,
                   config_.corpus_validation_rows, draws, uint64_t{1} << 40);
    }
    folder.commit();
    return {"data", context.stage_folder / "data", summary};
  }

 private:
  void write_problems(const fs::path& path, const std::vector<CountdownProblem>& problems) const {
    std::string text;
    for (const CountdownProblem& p : problems)
      text += dump_json({{"prompt", countdown_prompt(p, config_.prompt_template)},
                         {"nums", p.nums},
                         {"target", p.target}}) +
              "\n";
    write_file_atomic(path, text);
  }
  // Prompts end with the <think> that a trace continues, but for questions, which become a user's
  // message.
  Json corpus_row(const std::string& prompt, const std::string& trace) const {
    if (config_.prompt_template != "question") return {{"prompt", prompt}, {"completion", trace}};
    return {{"messages", Json::array({Json{{"role", "user"}, {"content", prompt}},
                                      Json{{"role", "assistant"}, {"content", "<think>" + trace}}})}};
  }
  // Row r is a trace on problem r (again and again from the first), its numbers in a new order.
  void write_corpus(const fs::path& path, const std::vector<CountdownProblem>& problems,
                    int64_t rows, const RandomStream& draws, uint64_t key) const {
    std::string text;
    for (int64_t r = 0; r < rows; ++r) {
      CountdownProblem problem = problems[r % static_cast<int64_t>(problems.size())];
      for (uint32_t i = static_cast<uint32_t>(problem.nums.size()); i > 1; --i)
        std::swap(problem.nums[i - 1], problem.nums[draws.below(i, key + r, 30, i)]);
      text += dump_json(corpus_row(countdown_prompt(problem, config_.prompt_template),
                                   countdown_trace(problem, config_.traces, draws, key + r))) +
              "\n";
    }
    write_file_atomic(path, text);
  }
};

}  // namespace

StageType countdown_data_stage() {
  return stage_type<CountdownData>(
      "countdown_data", "Countdown problems, split by their numbers, and noisy search traces");
}

}  // namespace r1::recipes
