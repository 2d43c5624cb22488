// The verb render.
#include <fmt/format.h>

#include <cstdio>
#include <memory>

#include "base/file.h"
#include "base/json.h"
#include "model/chat_template.h"
#include "recipes/cli.h"

namespace r1::recipes {
namespace {

struct RenderOptions {
  std::string model, template_file, jsonl = "-", special_tokens = "{}";
};

std::unique_ptr<model::ChatTemplate> load(const RenderOptions& options) {
  if (options.model.empty() == options.template_file.empty())
    throw ConfigError("render: give either --model or --template");
  if (!options.template_file.empty()) {
    const std::map<std::string, std::string> source = {
        {"default", read_file(options.template_file)}};
    return std::make_unique<model::ChatTemplate>(
        source, options.template_file, parse_json(options.special_tokens, "--special-tokens"));
  }
  auto loaded = model::load_chat_template(options.model);
  if (!loaded) throw ConfigError(fmt::format("{}: the folder has no chat template", options.model));
  return loaded;
}

// One row of the input as options of the template.
model::ChatOptions chat_options(const Json& row, const std::string& where) {
  model::ChatOptions options;
  for (const auto& [key, value] : row.items()) {
    if (key == "tools") {
      options.tools = value;
    } else if (key == "documents") {
      options.documents = value;
    } else if (key == "add_generation_prompt" && value.is_boolean()) {
      options.add_generation_prompt = value;
    } else if (key == "continue_final_message") {
      options.continue_final_message = require_string(row, "continue_final_message", where);
    } else if (key == "variables" && value.is_object()) {
      options.variables = value;
    } else if (key != "messages") {
      throw DataError(fmt::format("{}: field \"{}\" is unknown or of a wrong type", where, key));
    }
  }
  return options;
}

void render(const RenderOptions& options) {
  const auto chat = load(options);
  read_jsonl(options.jsonl, [&](const Json& row, int64_t line) {
    Json out = Json::object();
    const std::string where = fmt::format("{}:{}", options.jsonl, line);
    if (!row.contains("messages")) throw DataError(where + ": field \"messages\" is missing");
    try {
      const model::RenderedChat rendered = chat->render(row["messages"], chat_options(row, where));
      out["text"] = rendered.text;
      if (chat->has_generation_blocks()) out["assistant"] = rendered.assistant;
    } catch (const DataError& error) {
      out["error"] = error.what();
    }
    fmt::print("{}\n", dump_json(out));
  });
}

}  // namespace

void add_render_verb(CommandLine& program) {
  const auto options = std::make_shared<RenderOptions>();
  Verb verb = program.add_verb("render", "Print what a chat template makes of conversations");
  verb.option("--model", &options->model, "Hugging Face folder whose template is used")
      .type_name("DIR");
  verb.option("--template", &options->template_file, "file with a template, instead")
      .type_name("FILE");
  verb.option("--special-tokens", &options->special_tokens,
              "variables such as {\"bos_token\": \"<s>\"}, with --template")
      .type_name("JSON");
  verb.option("--jsonl", &options->jsonl,
              "rows {\"messages\": [...]} with tools, documents, add_generation_prompt, "
              "continue_final_message, variables")
      .type_name("FILE");
  verb.callback([options] { render(*options); });
}

}  // namespace r1::recipes
