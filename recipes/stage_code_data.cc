// Stage code_data: small Python problems with tests, and completions to pretrain on.
#include "base/file.h"
#include "recipes/code_problems.h"
#include "recipes/stages.h"

namespace r1::recipes {
namespace {
namespace fs = std::filesystem;

struct CodeDataConfig {
  CodeProblemsConfig problems;
  int64_t corpus_rows = 0;
  int64_t corpus_validation_rows = 500;
  double right_share = 0.4;

  template <class V>
  void visit(V& v) {
    problems.visit(v);
    v.field("corpus_rows", corpus_rows, "completions on training problems to pretrain on; 0: none",
            Range{0, 1e9});
    v.field("corpus_validation_rows", corpus_validation_rows,
            "completions on validation problems, for the validation loss", Range{0, 1e7});
    v.field("right_share", right_share,
            "share of those completions that are right; the others make one mistake each",
            Range{0.0, 1.0});
  }
};

class CodeData : public ConfiguredStage<CodeDataConfig> {
 public:
  using ConfiguredStage::ConfiguredStage;
  std::vector<StageInput> inputs() const override { return {}; }
  std::string output() const override { return "data"; }

  Artifact run(const StageContext& context) override {
    const RandomStream draws(context.seed, context.stage_name, Purpose::kData);
    const CodeSplit split = make_code_problems(config_.problems, draws);
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
  static void write_problems(const fs::path& path, const std::vector<CodeProblem>& problems) {
    std::string text;
    for (const CodeProblem& problem : problems)
      text += dump_json(
                  {{"prompt", problem.prompt}, {"language", "python"}, {"tests", problem.tests}}) +
              "\n";
    write_file_atomic(path, text);
  }
  // Row r is a completion of problem r, again and again from the first.
  void write_corpus(const fs::path& path, const std::vector<CodeProblem>& problems, int64_t rows,
                    const RandomStream& draws, uint64_t key) const {
    std::string text;
    for (int64_t r = 0; r < rows && !problems.empty(); ++r) {
      const CodeProblem& problem = problems[r % static_cast<int64_t>(problems.size())];
      text += dump_json(
                  {{"prompt", problem.prompt},
                   {"completion", code_completion(problem, config_.right_share, draws, key + r)}}) +
              "\n";
    }
    write_file_atomic(path, text);
  }
};

}  // namespace

StageType code_data_stage() {
  return stage_type<CodeData>("code_data",
                              "small Python problems with tests, and right and wrong completions");
}

}  // namespace r1::recipes
