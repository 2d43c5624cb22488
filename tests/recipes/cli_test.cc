// The program itself: exit codes and messages, through the shell as a person would call it.
#include <gtest/gtest.h>
#include <stdio.h>
#include <sys/wait.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

#include "base/json.h"
#include "rewards/code/probe.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {

struct Outcome {
  int code = -1;
  std::string text;  // both streams unless redirected
};

// Runs `r1 <arguments>` in `folder`; arguments are shell text.
Outcome r1_program(const std::string& arguments, const std::filesystem::path& folder) {
  const std::string command =
      "cd '" + folder.string() + "' && { '" R1_BINARY "' " + arguments + " ; } 2>&1";
  Outcome outcome;
  FILE* pipe = ::popen(command.c_str(), "r");
  if (pipe == nullptr) return outcome;
  std::array<char, 4096> buffer;
  while (const size_t got = ::fread(buffer.data(), 1, buffer.size(), pipe))
    outcome.text.append(buffer.data(), got);
  const int status = ::pclose(pipe);
  outcome.code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  return outcome;
}

class CliTest : public testing::Test {
 protected:
  void write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
  }
  void expect(const std::string& arguments, int code, const std::string& text) {
    const Outcome outcome = r1_program(arguments, folder_.path());
    EXPECT_EQ(outcome.code, code) << "r1 " << arguments << "\n" << outcome.text;
    EXPECT_NE(outcome.text.find(text), std::string::npos)
        << "r1 " << arguments << "\nwanted: " << text << "\ngot: " << outcome.text;
  }
  // One data stage that is done in no time.
  void write_small_recipe() {
    write("small.json", R"({"name": "small", "stages": [{"name": "data", "type": "countdown_data",
        "min_number": 1, "max_number": 9, "min_target": 1, "max_target": 40,
        "validation_problems": 5, "test_problems": 5}]})");
  }

  TempFolder folder_;
};

TEST_F(CliTest, HelpListsTheCommands) {
  const Outcome help = r1_program("--help", folder_.path());
  EXPECT_EQ(help.code, 0);
  for (const char* verb : {"run", "validate", "explain", "report", "generate", "eval", "score",
                           "version", "75 interrupted"})
    EXPECT_NE(help.text.find(verb), std::string::npos) << help.text;
  expect("run --help", 0, "--dry-run");
  expect("version", 0, "LibTorch 2.11");
  expect("--version", 0, "r1 0.");
}

TEST_F(CliTest, BadUsageIsTwo) {
  expect("", 2, "Examples:");
  expect("rnu x", 2, "r1: there is no command \"rnu\"; did you mean \"run\"?");
  expect("run", 2, "`r1 run --help` shows the usage");
  expect("run --no-such x", 2, "r1: ");
  expect("generate --model . --prompt x --temperature 1000", 2,
         "--temperature: 1000 is outside [0, 100]");
  expect("eval --model .", 2, "r1: ");
}

TEST_F(CliTest, ValidateNamesTheFirstError) {
  write_small_recipe();
  expect("validate small.json", 0, "small.json: ok, 1 stages");
  expect("validate small.json --set data.max_numbr=3", 2, "did you mean \"max_number\"?");
  expect("validate small.json --set data.max_number=-3", 2,
         "stages[0].max_number: -3 is outside [1, 10000] (from --set");
  expect("validate none.json", 2, "r1: none.json: there is no such recipe file");
  expect("validate countdown_zer", 2, "did you mean countdown_zero?");
  write("typo.json", R"({"name": "typo", "stags": []})");
  expect("validate typo.json", 2, "r1: typo.json: stags: unknown key; did you mean \"stages\"?");
  write("syntax.json", "{\"name\": \"x\",\n}");
  expect("validate syntax.json", 2, "syntax.json:2:1");
}

TEST_F(CliTest, RecipesOfThisProgramAreValid) {
  for (const auto& entry :
       std::filesystem::directory_iterator(std::filesystem::path(R1_SOURCE_DIR) / "recipes")) {
    if (entry.path().extension() != ".json") continue;
    if (entry.path().stem() == "grpo_code_mini" &&
        rewards::code::probe().isolation < rewards::code::Isolation::kNoPidsCgroup) {
      expect("validate grpo_code_mini", 2, "is asked for, this machine gives");
      continue;
    }
    expect("validate " + entry.path().stem().string(), 0, ": ok, ");
    expect("run --dry-run --output-dir none '" + entry.path().string() + "'", 0, "to do");
  }
}

TEST_F(CliTest, RunsToTheEndAndContinues) {
  write_small_recipe();
  expect("run small.json --dry-run", 0, "countdown_data");
  EXPECT_FALSE(std::filesystem::exists(folder_ / "runs"));
  expect("run small.json", 0, "report          runs/small/report.html");
  EXPECT_TRUE(std::filesystem::exists(folder_ / "runs/small/report.html"));
  expect("run small.json", 0, "runs/small is finished (1 stages");
  expect("run small.json --set seed=9", 2,
         "runs/small holds a run of another recipe: seed was 42, is now 9");
  expect("run small.json --set seed=9 --output-dir other", 0, "other/report.html");
  expect("report runs/small", 0, "runs/small/report.html");
  expect("report .", 1, "is no run folder");
}

// While one process trains, a second one on the same folder is refused; then the first is asked to
// stop, and continued.
TEST_F(CliTest, SecondProcessIsRefusedAndInterruptedOneContinues) {
  write("long.json", R"({"name": "long", "stages": [
      {"name": "data", "type": "countdown_data", "max_number": 9, "min_target": 1, "max_target": 40,
       "validation_problems": 5, "test_problems": 5, "corpus_rows": 200},
      {"name": "base", "type": "pretrain", "data": "data", "train_batch_size": 2,
       "model": {"hidden_size": 32, "intermediate_size": 32, "num_hidden_layers": 1,
                 "num_attention_heads": 1, "num_key_value_heads": 1},
       "max_steps": 10000000, "logging_steps": 1}]})");
  const std::string train =
      "run long.json 2>log & pid=$!; for i in $(seq 1200); do grep -q '2/2. base' log && break; "
      "sleep 0.05; done; ";
  const std::string second = "'" R1_BINARY "' run long.json; echo second ended with $?; ";
  const std::string stop = "kill -TERM $pid; wait $pid; code=$?; cat log; exit $code";
  expect(train + second + stop, 75, "is locked by process");
  expect(train + second + stop, 75, "second ended with 1");
  expect("run long.json --dry-run", 0, "begun");
  expect(train + stop, 75, "r1: stopped; run the same command to continue");
}

TEST_F(CliTest, UnwritableRunFolderIsOne) {
  write_small_recipe();
  write("file", "");
  expect("run small.json --output-dir file/run", 1, "r1: cannot create run folder file/run: ");
}

TEST_F(CliTest, ImpossibleRecipeIsTwo) {
  write_small_recipe();
  expect("run small.json --set data.test_problems=1000000", 2, "r1: ");
}

TEST_F(CliTest, ExplainFindsKeys) {
  expect("explain", 0, "countdown_data");
  expect("explain grpo", 0, "num_generations  (int, default 8");
  expect("explain beta", 0, "in: stage type grpo");
  expect("explain bta", 2, "did you mean \"beta\"?");
}

TEST_F(CliTest, ScoreWritesOneRowPerRow) {
  write("in.jsonl", R"({"id": "a", "completion": "</think><answer>3*7+1</answer>",)"
                    R"( "nums": [1, 3, 7], "target": 22})"
                    "\n"
                    R"({"completion": "no", "nums": [1, 3, 7], "target": 22})"
                    "\n");
  const Outcome rows = r1_program("score --reward countdown in.jsonl 2>/dev/null", folder_.path());
  EXPECT_EQ(rows.code, 0);
  std::istringstream lines(rows.text);
  std::string first, second, third;
  std::getline(lines, first);
  std::getline(lines, second);
  EXPECT_FALSE(std::getline(lines, third)) << third;
  EXPECT_EQ(parse_json(first, "row")["id"], "a");
  EXPECT_EQ(parse_json(first, "row")["reason"], "correct") << first;
  EXPECT_EQ(parse_json(second, "row")["id"], 2);
  EXPECT_EQ(parse_json(second, "row")["value"], 0.0);
  expect("score --reward countdown - < in.jsonl", 0, "2 rows, mean value 0.5000");
}

TEST_F(CliTest, ScoreExplainsBadInput) {
  write("in.jsonl", "{\"completion\": 3}\n");
  expect("score --reward countdown in.jsonl", 1, "in.jsonl:1");
  expect("score --reward countdown none.jsonl", 1, "none.jsonl");
  expect("score --reward contdown in.jsonl", 2, "did you mean 'countdown'?");
  write("c.json", R"({"reward_configs": {"countdown": {"frmat": 1}}})");
  expect("score --reward countdown --config c.json in.jsonl", 2,
         "c.json: reward_configs.countdown.frmat: unknown key; did you mean \"format\"?");
}

TEST_F(CliTest, BadCheckpointsAreOne) {
  expect("generate --model none --prompt x", 1, "none");
  write("data.jsonl", "{\"prompt\": \"1,2,3:6<think>\", \"nums\": [1, 2, 3], \"target\": 6}\n");
  std::filesystem::create_directories(folder_ / "model");
  write("model/config.json", "{\"model_type\": \"llama\"");
  write("model/model.safetensors", "cut");
  expect("eval --model model --data data.jsonl --reward countdown", 1, "r1: model");
}

TEST_F(CliTest, RenderPrintsWhatATemplateMakes) {
  write("t.jinja",
        "{{ bos_token }}{% for m in messages %}[{{ m.content }}]{% endfor %}{{ "
        "raise_exception('tools') if tools }}");
  write("in.jsonl",
        "{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}\n"
        "{\"messages\": [{\"role\": \"user\", \"content\": \"b\"}], \"tools\": [{}]}\n");
  const std::string command =
      "render --template t.jinja --special-tokens '{\"bos_token\": \"^\"}' --jsonl in.jsonl";
  expect(command, 0,
         "{\"text\":\"^[a]\"}\n{\"error\":\"t.jinja:1: the template refuses this conversation: "
         "tools\"}");
  expect("render --jsonl in.jsonl", 2, "give either --model or --template");
  expect("render --model . --jsonl in.jsonl", 2, "the folder has no chat template");
}

// A model of a few random weights: what it says does not matter, that it can be talked to does.
class CliChatTest : public CliTest {
 protected:
  void SetUp() override {
    const std::filesystem::path data = std::filesystem::path(R1_TEST_DATA) / "model";
    for (const char* folder : {"tiny_llama", "char_tokenizer"})
      std::filesystem::copy(data / folder, folder_ / "model",
                            std::filesystem::copy_options::recursive);
    // Of characters that the model has embeddings for.
    write("model/chat_template.jinja",
          "{% for m in messages %}{{ {'system': '7', 'user': '*', 'assistant': '+'}[m.role] + "
          "m.content }}{% endfor %}"
          "{{ '=' if add_generation_prompt }}");
  }
};

TEST_F(CliChatTest, ChatAnswersEveryLine) {
  const Outcome outcome =
      r1_program("version >/dev/null; printf '3+2\\n\\n/reset\\n3+2\\n' | '" R1_BINARY
                 "' chat --model model --max-new-tokens 3 --temperature 0",
                 folder_.path());
  EXPECT_EQ(outcome.code, 0) << outcome.text;
  const size_t half = outcome.text.size() / 2;
  EXPECT_EQ(outcome.text.substr(0, half), outcome.text.substr(half))
      << "after /reset the same question has the same answer";
  EXPECT_GE(outcome.text.size(), 2u);
}

TEST_F(CliChatTest, GenerateUsesTheTemplate) {
  expect("generate --model model --prompt 3 --chat --system 2 --max-new-tokens 2 --json", 0,
         "{\"prompt\":\"72*3=\",\"completion\":");
  write(
      "m.json",
      R"({"messages": [{"role": "user", "content": "3"}, {"role": "assistant", "content": "2"}]})");
  expect("generate --model model --messages m.json --max-new-tokens 2 --json --num-generations 2",
         0, "{\"prompt\":\"*3+2\",");
  expect("generate --model model --prompt 1 --messages m.json", 2,
         "give either --prompt or --messages");
  expect("generate --model model", 2, "give either --prompt or --messages");
  expect("generate --model model --prompt 1 --system 2", 2,
         "--system goes with --chat or --messages");
  std::filesystem::remove(folder_ / "model" / "chat_template.jinja");
  expect("generate --model model --prompt 1 --chat", 2, "the folder has no chat template");
}

TEST_F(CliChatTest, StreamedTextIsTheTextOfTheCompletion) {
  const std::string options = " --model model --prompt 35 --max-new-tokens 20 --seed 3 2>/dev/null";
  const Outcome streamed = r1_program("generate" + options, folder_.path());
  const Outcome row = r1_program("generate --json" + options, folder_.path());
  EXPECT_EQ(streamed.code, 0);
  EXPECT_EQ(streamed.text, parse_json(row.text, "row")["completion"].get<std::string>() + "\n");
}

TEST_F(CliTest, InspectShowsAModelAndEveryReasonAgainstIt) {
  const std::string model = std::string(R1_TEST_DATA) + "/model/tiny_qwen2";
  expect("inspect '" + model + "'", 1, "qwen2 (Qwen2ForCausalLM), 2 layers of 8, 2 heads (1 key-");
  expect("inspect '" + model + "'", 1, "1,192, the embedding is also the head");
  expect("inspect '" + model + "'", 1, "unsupported    " + model + ": no tokenizer found");
  const Outcome outcome = r1_program("inspect --json '" + model + "' 2>/dev/null", folder_.path());
  const Json json = parse_json(outcome.text, "inspect");
  EXPECT_EQ(json.at("max_position_embeddings"), 64);
  EXPECT_EQ(json.at("unsupported").size(), 1u);
  EXPECT_EQ(json.at("weight_files").at(2).at("name"), "model-00003-of-00003.safetensors");
  expect("inspect none", 1, "none: no such folder [not_found]");
  expect("inspect", 2, "folder is required");
}

TEST_F(CliTest, MissingDeviceIsExplained) {
  write_small_recipe();
  const Outcome outcome =
      r1_program("run small.json --set device=cuda:7 --dry-run", folder_.path());
  EXPECT_EQ(outcome.code, 0) << outcome.text;
  EXPECT_NE(outcome.text.find("note: "), std::string::npos) << outcome.text;
  expect("validate small.json --set device=gpu", 2, "device: \"gpu\"");
}

TEST_F(CliTest, TokenizeThereAndBack) {
  const std::string model = " --model '" R1_TEST_DATA "/tokenizers/qwen2' ";
  expect("tokenize" + model + "--text '<think>'", 0, "{\"ids\":[703]}\n");
  write("texts.jsonl", "{\"text\": \"a<|im_end|>\"}\n{\"text\": \"\", \"more\": 1}\n");
  expect("tokenize" + model + "--jsonl texts.jsonl", 0, "{\"ids\":[64,702]}\n{\"ids\":[]}\n");
  expect("tokenize" + model + "--jsonl - < texts.jsonl", 0, "{\"ids\":[64,702]}\n");
  expect("tokenize" + model + "--decode --text '64, 702 64'", 0, "a<|im_end|>a\n");
  write("ids.jsonl", "{\"ids\": [64, 702]}\n");
  expect("tokenize" + model + "--decode --jsonl ids.jsonl", 0, "{\"text\":\"a<|im_end|>\"}\n");
  expect("tokenize" + model + "--decode --skip-special-tokens --jsonl ids.jsonl", 0,
         "{\"text\":\"a\"}\n");
  expect("tokenize" + model + "--decode --text '64 x'", 1,
         "byte 3 of the ids: expected an integer");
  expect("tokenize" + model + "--decode --text 99999", 1, "token id 99999 is outside");
  write("bad.jsonl", "{\"text\": \"a\"}\n{\"ids\": [1]}\n");
  expect("tokenize" + model + "--jsonl bad.jsonl", 1, "bad.jsonl:2: field \"text\" is missing");
  expect("tokenize" + model + "--decode --jsonl bad.jsonl", 1, "bad.jsonl:1: field \"ids\" is");
  expect("tokenize --model . --text a", 1, "no tokenizer found");
  expect("tokenize" + model + "--text a --jsonl b", 2, "--text");
}

}  // namespace
}  // namespace r1
