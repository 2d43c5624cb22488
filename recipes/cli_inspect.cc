// The verb inspect.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/error.h"
#include "base/json.h"
#include "model/inspection.h"
#include "recipes/cli.h"

namespace r1::recipes {
namespace {

using model::Inspection;

// 1234567 as 1,234,567.
std::string grouped(int64_t number) {
  std::string digits = std::to_string(number);
  for (int64_t at = static_cast<int64_t>(digits.size()) - 3; at > 0; at -= 3)
    digits.insert(static_cast<size_t>(at), 1, ',');
  return digits;
}

Json to_json(const Inspection& inspection, const std::string& folder) {
  const model::ModelConfig& c = inspection.config;
  Json files = Json::array(), tokens = Json::array();
  for (const auto& file : inspection.weight_files)
    files.push_back({{"name", file.name}, {"bytes", file.bytes}, {"tensors", file.tensors}});
  for (const auto& token : inspection.special_tokens)
    tokens.push_back({{"role", token.role}, {"id", token.id}, {"text", token.text}});
  return Json{{"folder", folder},
              {"model_type", c.model_type},
              {"architecture", inspection.architecture},
              {"parameters", inspection.parameters},
              {"dtype", c.dtype},
              {"stored", inspection.stored},
              {"num_hidden_layers", c.num_hidden_layers},
              {"hidden_size", c.hidden_size},
              {"num_attention_heads", c.num_attention_heads},
              {"num_key_value_heads", c.num_key_value_heads},
              {"head_dim", c.head_dim},
              {"vocab_size", c.vocab_size},
              {"max_position_embeddings", c.max_position_embeddings},
              {"rope_type", c.rope_scaling.type},
              {"rope_theta", c.rope_theta},
              {"tie_word_embeddings", c.tie_word_embeddings},
              {"tokenizer", inspection.tokenizer},
              {"tokenizer_size", inspection.tokenizer_size},
              {"special_tokens", tokens},
              {"chat_template", inspection.chat_template},
              {"weight_files", files},
              {"unsupported", inspection.problems}};
}

void print_row(const char* name, const std::string& value) {
  fmt::print("{:<15}{}\n", name, value);
}

void print_shape(const Inspection& inspection) {
  const model::ModelConfig& c = inspection.config;
  if (inspection.architecture.empty() || c.hidden_size == 0) {
    print_row("family", c.model_type.empty() ? "unknown" : c.model_type + " (unknown)");
    return;
  }
  print_row("family",
            fmt::format("{} ({}), {} layers of {}, {} heads ({} key-value) of {}", c.model_type,
                        inspection.architecture, c.num_hidden_layers, c.hidden_size,
                        c.num_attention_heads, c.num_key_value_heads, c.head_dim));
  if (inspection.parameters > 0)
    print_row("parameters",
              fmt::format("{}, {} head", grouped(inspection.parameters),
                          c.tie_word_embeddings ? "the embedding is also the" : "with a separate"));
  print_row("context",
            fmt::format("{} tokens, {} RoPE of theta {}", grouped(c.max_position_embeddings),
                        c.rope_scaling.type, c.rope_theta));
}

void print_text(const Inspection& inspection) {
  const model::ModelConfig& c = inspection.config;
  print_shape(inspection);
  std::string stored;
  for (const auto& [dtype, count] : inspection.stored)
    stored += fmt::format(", {} numbers stored as {}", grouped(count), dtype);
  print_row("dtype", c.dtype + stored);
  const std::string size =
      inspection.tokenizer_size > 0 ? grouped(inspection.tokenizer_size) + " tokens" : "unreadable";
  print_row("tokenizer", inspection.tokenizer.empty()
                             ? "none"
                             : fmt::format("{}: {}, vocab_size {}", inspection.tokenizer, size,
                                           grouped(c.vocab_size)));
  std::string tokens;
  for (const auto& token : inspection.special_tokens)
    tokens += fmt::format("{}{} {} {}", tokens.empty() ? "" : ", ", token.role, token.id,
                          dump_json(Json(token.text)));
  print_row("special tokens", tokens.empty() ? "none" : tokens);
  print_row("chat template", inspection.chat_template.empty() ? "none" : inspection.chat_template);
  for (const auto& file : inspection.weight_files)
    print_row("weights", fmt::format("{}: {:.1f} MB, {} tensors", file.name,
                                     static_cast<double>(file.bytes) / 1e6, file.tensors));
  for (const std::string& problem : inspection.problems) print_row("unsupported", problem);
  if (inspection.problems.empty()) print_row("unsupported", "nothing");
}

void inspect(const std::string& folder, bool json) {
  const Inspection inspection = model::inspect_checkpoint(folder);
  if (json)
    fmt::print("{}\n", dump_json(to_json(inspection, folder)));
  else
    print_text(inspection);
  std::fflush(stdout);
  if (!inspection.problems.empty()) {
    throw CheckpointError(fmt::format("{}: this version cannot use the model, for {} reason(s)",
                                      folder, inspection.problems.size()));
  }
}

}  // namespace

void add_inspect_verb(CommandLine& program) {
  struct Options {
    std::string folder;
    bool json = false;
  };
  const auto options = std::make_shared<Options>();
  Verb verb = program.add_verb(
      "inspect", "Show what a model folder holds, and whether this version can use it");
  verb.option("folder", &options->folder, "model folder in Hugging Face's layout")
      .type_name("DIR")
      .required();
  verb.flag("--json", options->json, "one JSON object");
  verb.callback([options] { inspect(options->folder, options->json); });
}

}  // namespace r1::recipes
