// The rows of a training file, in TRL's formats, checked strictly.
#pragma once

#include <string>
#include <unordered_map>

#include "base/jsonl.h"

namespace r1::sft {

enum class RowKind {
  kText,              // {"text"}
  kPromptCompletion,  // {"prompt", "completion"}: two texts
  kMessages,          // {"messages": [{"role", "content"}, ...]}
  kChatCompletion,    // {"prompt", "completion"}: two lists of messages
};

// A row of one of the kinds; the fields of the other kinds are empty. Other fields of the JSON
// object are ignored.
struct Row {
  RowKind kind = RowKind::kText;
  std::string text, prompt, completion;
  Json messages = Json::array();  // of a chat completion: its prompt and completion together
  size_t prompt_messages = 0;     // of a chat completion: how many messages the prompt has
  Json tools;                     // list of schemas; null: none
  Json chat_template_kwargs = Json::object();  // more variables of the chat template
};

// Throws DataError (JsonlRow::fail) for a row of no kind or two, a missing field, a wrong type, an
// empty prompt, text or list, a role that is not known, a message without content.
Row parse_row(const JsonlRow& row);

// A list of messages in field `key`: each an object with a known "role" and a "content" that is a
// text, a list of {"type",
// ...} parts, or absent beside "tool_calls". Throws as parse_row does.
void check_messages(const JsonlRow& row, const Json& messages, const std::string& key);

// Refuses rows whose "id" (a text or an integer) came before.
class UniqueIds {
 public:
  void add(const JsonlRow& row);

 private:
  std::unordered_map<std::string, int64_t> line_of_;
};

}  // namespace r1::sft
