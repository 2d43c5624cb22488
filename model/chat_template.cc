#include "model/chat_template.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "model/jinja_ast.h"
#include "model/jinja_interpreter.h"
#include "model/jinja_lexer.h"
#include "model/jinja_text.h"
#include "model/utf8.h"

namespace r1::model {
namespace fs = std::filesystem;

struct ChatTemplate::Part {
  std::string source;
  jinja::Body body;
  bool has_generation = false;
};

namespace {

constexpr const char* kReasoningFields[] = {"reasoning_content", "thinking", "reasoning"};
constexpr std::string_view kContinueTag = "CONTINUE_FINAL_MESSAGE_TAG ";

bool has_generation(const jinja::Body& body) {
  return std::any_of(body.begin(), body.end(), [](const auto& stmt) {
    return stmt->kind == jinja::StmtKind::kGeneration || has_generation(stmt->body) ||
           has_generation(stmt->otherwise) ||
           std::any_of(stmt->branches.begin(), stmt->branches.end(), has_generation);
  });
}

// The reasoning under all names, as transformers passes it on.
Json with_reasoning_aliases(const Json& message) {
  for (const char* field : kReasoningFields) {
    const auto found = message.find(field);
    if (found == message.end() || found->is_null()) continue;
    const Json reasoning = *found;
    Json aliased = {{"thinking", reasoning}};
    aliased.update(message);
    aliased["reasoning_content"] = reasoning;
    return aliased;
  }
  return message;
}

Json checked_messages(const Json& messages) {
  if (!messages.is_array()) throw DataError("messages must be a list");
  if (messages.empty()) throw DataError("a conversation needs at least one message");
  Json checked = Json::array();
  for (size_t i = 0; i < messages.size(); ++i) {
    if (!messages[i].is_object())
      throw DataError(
          fmt::format("messages[{}] must be an object, found {}", i, messages[i].type_name()));
    Json kept = Json::object();
    for (const auto& [key, value] : messages[i].items())
      if (!value.is_null()) kept[key] = value;
    checked.push_back(with_reasoning_aliases(kept));
  }
  return checked;
}

// Puts a tag behind the text that the model is to continue; returns that text.
std::string mark_final_message(Json& messages, const std::string& field,
                               const std::string& source) {
  Json& last = messages.back();
  if (!last.contains(field))
    throw DataError(fmt::format(
        "continue_final_message is set but the final message has no \"{}\" to continue", field));
  std::vector<std::string> fields = {field};
  if (std::find(std::begin(kReasoningFields), std::end(kReasoningFields), field) !=
      std::end(kReasoningFields)) {
    fields.clear();
    for (const char* name : kReasoningFields)
      if (last.contains(name) && last[name] == last[field]) fields.emplace_back(name);
  }
  if (std::none_of(fields.begin(), fields.end(),
                   [&](const auto& name) { return source.find(name) != source.npos; }))
    throw DataError(
        fmt::format("continue_final_message: the chat template does not use \"{}\"", field));
  const std::string tag(kContinueTag);
  if (last[field].is_string()) {
    std::string text = last[field];
    for (const std::string& name : fields) last[name] = text + tag;
    return text;
  }
  if (last[field].is_array()) {
    for (size_t i = last[field].size(); i-- > 0;) {
      Json& block = last[field][i];
      if (!block.is_object() || !block.contains("text") || !block["text"].is_string()) continue;
      std::string text = block["text"];
      block["text"] = text + tag;
      return text;
    }
  }
  throw DataError("continue_final_message is set but the final message holds no text to continue");
}

// Cuts the rendered text behind the message that was marked.
void cut_at_mark(std::string& text, const std::string& final_message) {
  const std::string_view tag = kContinueTag.substr(0, kContinueTag.size() - 1);
  const size_t at = text.rfind(tag);
  const std::string_view stripped = jinja::strip(final_message, std::nullopt, true, true);
  if (at == std::string::npos || text.find(stripped) == std::string::npos)
    throw DataError(
        "continue_final_message is set but the final message does not appear in the text of the "
        "chat template");
  const bool spacing_kept = std::string_view(text).substr(at).starts_with(kContinueTag);
  text.resize(at);
  if (!spacing_kept) text.resize(jinja::right_strip(text).size());
}

std::string special_token_text(const Json& value) {
  if (value.is_string()) return value;
  return value.is_object() && value.contains("content") && value["content"].is_string()
             ? value["content"].get<std::string>()
             : "";
}

void add_special_tokens(const Json& config, Json& tokens) {
  for (const auto& [key, value] : config.items()) {
    if (value.is_object() &&
        (key == "extra_special_tokens" || key == "model_specific_special_tokens")) {
      for (const auto& [name, token] : value.items())
        if (const std::string text = special_token_text(token); !text.empty()) tokens[name] = text;
    } else if (key.ends_with("_token")) {
      if (const std::string text = special_token_text(value); !text.empty()) tokens[key] = text;
    }
  }
}

void check_utf8(const std::string& text, const std::string& where) {
  const size_t bad = find_invalid_utf8(text);
  if (bad != text.npos) throw DataError(fmt::format("{}: byte {} is not valid UTF-8", where, bad));
}

// The templates of a "chat_template" field: one text, or a list of {"name", "template"}.
std::map<std::string, std::string> templates_of(const Json& field, const std::string& where) {
  if (field.is_string()) return {{"default", field.get<std::string>()}};
  std::map<std::string, std::string> templates;
  if (field.is_array())
    for (const Json& entry : field)
      templates[require_string(entry, "name", where)] = require_string(entry, "template", where);
  if (templates.empty())
    throw DataError(
        fmt::format("{}: chat_template must be a text or a list of named templates", where));
  return templates;
}

Json read_object(const fs::path& path) {
  std::error_code ignored;
  if (!fs::is_regular_file(path, ignored)) return Json::object();
  Json json = read_json(path);
  if (!json.is_object()) throw DataError(path.string() + ": expected a JSON object");
  return json;
}

}  // namespace

std::tm ChatOptions::default_now() {
  std::tm date = {};
  date.tm_year = 2024 - 1900;
  date.tm_mon = 6;
  date.tm_mday = 26;
  date.tm_wday = 5;
  date.tm_yday = 207;
  return date;
}

ChatTemplate::ChatTemplate(const std::map<std::string, std::string>& sources, std::string where,
                           Json special_tokens)
    : where_(std::move(where)), special_tokens_(std::move(special_tokens)) {
  for (const auto& [name, source] : sources) {
    check_utf8(source, where_);
    try {
      Part part{source, jinja::parse_template(source, jinja::Limits{})};
      part.has_generation = has_generation(part.body);
      parts_.emplace(name, std::move(part));
    } catch (const jinja::LineFailure& failure) {
      throw DataError(fmt::format("{}:{}: {}", where_, failure.line, failure.message));
    } catch (const jinja::Failure& failure) {
      throw DataError(fmt::format("{}: {}", where_, failure.message));
    }
  }
}
ChatTemplate::~ChatTemplate() = default;
ChatTemplate::ChatTemplate(ChatTemplate&&) noexcept = default;
ChatTemplate& ChatTemplate::operator=(ChatTemplate&&) noexcept = default;

const ChatTemplate::Part& ChatTemplate::part_for(const ChatOptions& options) const {
  std::string name = options.template_name;
  if (name.empty())
    name = !options.tools.is_null() && parts_.contains("tool_use") ? "tool_use" : "default";
  const auto found = parts_.find(name);
  if (found != parts_.end()) return found->second;
  std::vector<std::string> names;
  for (const auto& [known, part] : parts_) names.push_back(known);
  throw DataError(fmt::format("{}: there is no template \"{}\"; there are: {}", where_, name,
                              fmt::join(names, ", ")));
}

bool ChatTemplate::has_generation_blocks() const { return part_for({}).has_generation; }

RenderedChat ChatTemplate::render(const Json& messages, const ChatOptions& options) const {
  const Part& part = part_for(options);
  Json checked = checked_messages(messages);
  const std::string& field = options.continue_final_message;
  if (!field.empty() && options.add_generation_prompt)
    throw DataError("continue_final_message and add_generation_prompt exclude each other");
  const std::string final_message =
      field.empty() ? "" : mark_final_message(checked, field, part.source);

  Json variables = special_tokens_;
  variables.update(options.variables);
  variables.update(Json{{"messages", checked},
                        {"tools", options.tools},
                        {"documents", options.documents},
                        {"add_generation_prompt", options.add_generation_prompt}});
  jinja::Limits limits;
  limits.max_steps = options.limits.max_steps;
  limits.max_memory = options.limits.max_memory;
  limits.max_output = options.limits.max_output;
  jinja::Interpreter interpreter(limits, options.now);
  jinja::Rendered rendered;
  try {
    for (const auto& [name, value] : variables.items())
      interpreter.define(name, jinja::Value::from_json(value, interpreter.meter()));
    rendered = interpreter.run(part.body);
  } catch (const jinja::Failure& failure) {
    throw DataError(fmt::format("{}:{}: {}", where_, interpreter.line(), failure.message));
  }
  RenderedChat chat{std::move(rendered.text), std::move(rendered.generated)};
  if (!field.empty()) cut_at_mark(chat.text, final_message);
  return chat;
}

std::unique_ptr<ChatTemplate> load_chat_template(const fs::path& folder) {
  const Json config = read_object(folder / "tokenizer_config.json");
  Json tokens = Json::object();
  add_special_tokens(config, tokens);
  if (!config.contains("added_tokens_decoder"))
    add_special_tokens(read_object(folder / "special_tokens_map.json"), tokens);

  std::map<std::string, std::string> sources;
  std::error_code ignored;
  fs::path where = folder / "chat_template.jinja";
  if (fs::is_regular_file(where, ignored)) sources["default"] = read_file(where);
  for (const auto& entry : fs::directory_iterator(folder / "additional_chat_templates", ignored))
    if (entry.path().extension() == ".jinja")
      sources[entry.path().stem().string()] = read_file(entry.path());
  if (sources.empty() && config.contains("chat_template") && !config["chat_template"].is_null()) {
    where = folder / "tokenizer_config.json";
    sources = templates_of(config["chat_template"], where.string());
  }
  if (sources.empty()) {
    where = folder / "chat_template.json";
    const Json file = read_object(where);
    if (file.contains("chat_template"))
      sources = templates_of(file["chat_template"], where.string());
  }
  if (sources.empty()) return nullptr;
  return std::make_unique<ChatTemplate>(sources, where.string(), std::move(tokens));
}

}  // namespace r1::model
