#include "sft/rows.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "base/error.h"

namespace r1::sft {
namespace {

std::string text_field(const JsonlRow& row, const char* key, bool may_be_empty) {
  const auto found = row.value.find(key);
  if (found == row.value.end()) row.fail(fmt::format("field \"{}\" is missing", key));
  if (!found->is_string())
    row.fail(fmt::format("field \"{}\" must be a text, found {}", key, found->type_name()), key);
  std::string text = *found;
  if (text.empty() && !may_be_empty) row.fail(fmt::format("field \"{}\" is empty", key), key);
  return text;
}

const Json& message_list(const JsonlRow& row, const char* key) {
  const auto found = row.value.find(key);
  if (found == row.value.end()) row.fail(fmt::format("field \"{}\" is missing", key));
  check_messages(row, *found, key);
  return *found;
}

void check_content(const JsonlRow& row, const Json& message, const std::string& at,
                   const std::string& key) {
  const auto content = message.find("content");
  if (content == message.end() || content->is_null()) {
    const bool calls = message.contains("tool_calls") && message["tool_calls"].is_array() &&
                       !message["tool_calls"].empty();
    if (!calls) row.fail(at + " has neither content nor tool_calls", key);
    return;
  }
  if (content->is_string()) return;
  const auto is_part = [](const Json& part) {
    return part.is_object() && part.contains("type") && part["type"].is_string();
  };
  if (!content->is_array() || !std::all_of(content->begin(), content->end(), is_part))
    row.fail(at + ".content must be a text, or a list of parts such as {\"type\": \"text\", "
                  "\"text\": ...}",
             key);
}

RowKind kind_of(const JsonlRow& row) {
  const Json& value = row.value;
  const bool text = value.contains("text"), messages = value.contains("messages");
  const bool pair = value.contains("prompt") || value.contains("completion");
  if (text + pair + messages != 1)
    row.fail(
        fmt::format("a row must have either \"text\", or \"prompt\" and \"completion\", or "
                    "\"messages\"; this one has {}",
                    text + pair + messages == 0 ? "none of them" : "more than one"));
  if (text) return RowKind::kText;
  if (messages) return RowKind::kMessages;
  const char* present = value.contains("prompt") ? "prompt" : "completion";
  return value[present].is_array() ? RowKind::kChatCompletion : RowKind::kPromptCompletion;
}

void read_template_fields(const JsonlRow& row, Row& parsed) {
  if (const auto tools = row.value.find("tools"); tools != row.value.end() && !tools->is_null()) {
    try {
      parsed.tools = tools->is_string() ? parse_json(tools->get<std::string>(), "tools") : *tools;
    } catch (const DataError& error) {
      row.fail(fmt::format("field \"tools\" is a text, but no JSON: {}", error.what()), "tools");
    }
    if (!parsed.tools.is_array()) row.fail("field \"tools\" must be a list of schemas", "tools");
  }
  if (const auto more = row.value.find("chat_template_kwargs"); more != row.value.end()) {
    if (!more->is_object())
      row.fail("field \"chat_template_kwargs\" must be an object", "chat_template_kwargs");
    parsed.chat_template_kwargs = *more;
  }
}

}  // namespace

void check_messages(const JsonlRow& row, const Json& messages, const std::string& key) {
  static constexpr std::array<const char*, 5> kRoles = {"system", "developer", "user", "assistant",
                                                        "tool"};
  if (!messages.is_array())
    row.fail(
        fmt::format("field \"{}\" must be a list of messages, found {}", key, messages.type_name()),
        key);
  if (messages.empty()) row.fail(fmt::format("field \"{}\" is an empty list", key), key);
  for (size_t i = 0; i < messages.size(); ++i) {
    const std::string at = fmt::format("{}[{}]", key, i);
    const Json& message = messages[i];
    if (!message.is_object()) row.fail(at + " must be an object with role and content", key);
    if (!message.contains("role")) row.fail(at + " has no role", key);
    if (!message["role"].is_string()) row.fail(at + ".role must be a text", key);
    const std::string role = message["role"];
    if (std::find(kRoles.begin(), kRoles.end(), role) == kRoles.end())
      row.fail(
          fmt::format(
              "{}: role is \"{}\"; it must be one of: system, developer, user, assistant, tool", at,
              role.substr(0, 80)),
          key);
    check_content(row, message, at, key);
  }
}

Row parse_row(const JsonlRow& row) {
  Row parsed;
  parsed.kind = kind_of(row);
  switch (parsed.kind) {
    case RowKind::kText:
      parsed.text = text_field(row, "text", false);
      break;
    case RowKind::kPromptCompletion:
      parsed.prompt = text_field(row, "prompt", false);
      parsed.completion = text_field(row, "completion", true);
      break;
    case RowKind::kMessages:
      parsed.messages = message_list(row, "messages");
      break;
    case RowKind::kChatCompletion: {
      parsed.messages = message_list(row, "prompt");
      parsed.prompt_messages = parsed.messages.size();
      for (const Json& message : message_list(row, "completion"))
        parsed.messages.push_back(message);
      break;
    }
  }
  read_template_fields(row, parsed);
  return parsed;
}

void UniqueIds::add(const JsonlRow& row) {
  const auto id = row.value.find("id");
  if (id == row.value.end() || id->is_null()) return;
  if (!id->is_string() && !id->is_number_integer())
    row.fail(fmt::format("field \"id\" must be a text or an integer, found {}", id->type_name()),
             "id");
  const auto [known, fresh] = line_of_.emplace(dump_json(*id), row.line);
  if (!fresh)
    row.fail(fmt::format("id {} was already given on line {}", dump_json(*id).substr(0, 80),
                         known->second),
             "id");
}

}  // namespace r1::sft
