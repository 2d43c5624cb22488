// Chat templates: a conversation to the text that the model was trained on, byte-equal to
// apply_chat_template of transformers 5.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ctime>
#include <filesystem>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace r1::model {

// What a template may use while it renders; more is a DataError. Nesting is bounded as well.
struct ChatLimits {
  int64_t max_steps = 20'000'000;         // nodes evaluated, values compared
  size_t max_memory = size_t{512} << 20;  // bytes of all values made
  size_t max_output = size_t{64} << 20;   // bytes of the text
};

struct ChatOptions {
  Json tools;      // list of JSON schemas; null: none
  Json documents;  // list of {"title", "text"}; null: none
  bool add_generation_prompt = false;
  // The field of the last message that the model is to continue, usually "content": the text ends
  // right behind it. Empty: off.
  std::string continue_final_message;
  Json variables =
      Json::object();         // more variables of the template, such as {"enable_thinking": false}
  std::string template_name;  // of several templates; empty: "tool_use" when there are tools, or
                              // else "default"
  std::tm now = default_now();  // what strftime_now prints
  ChatLimits limits;

  // 26 July 2024, which Llama 3 templates print when they know no date: prompts do not change from
  // day to day.
  static std::tm default_now();
};

struct RenderedChat {
  std::string text;
  // Byte ranges [begin, end) of `text` inside of {% generation %} blocks: what the assistant wrote.
  std::vector<std::pair<size_t, size_t>> assistant;
};

// Thread safe after construction. Templates are data: work, memory, output and nesting are bounded.
class ChatTemplate {
 public:
  // sources: template text by name ("default" is the usual one); `where` names their place in
  // messages. special_tokens: variables such as {"bos_token": "<s>"}. Throws DataError
  // "<where>:<line>: reason" for bad syntax, unknown tags, filters and tests.
  ChatTemplate(const std::map<std::string, std::string>& sources, std::string where,
               Json special_tokens);
  ~ChatTemplate();
  ChatTemplate(ChatTemplate&&) noexcept;
  ChatTemplate& operator=(ChatTemplate&&) noexcept;

  // messages: a non-empty list of objects. Fields that are null are dropped, and a reasoning text
  // is seen under each of its names (reasoning_content, thinking), as transformers does. Throws
  // DataError naming template and line for whatever goes wrong in it (raise_exception included), or
  // for messages of another shape.
  RenderedChat render(const Json& messages, const ChatOptions& options = {}) const;
  // Whether the template marks the assistant's text with generation blocks.
  bool has_generation_blocks() const;

 private:
  struct Part;
  const Part& part_for(const ChatOptions& options) const;
  std::map<std::string, Part> parts_;
  std::string where_;
  Json special_tokens_;
};

// The template of a Hugging Face folder: chat_template.jinja and additional_chat_templates/, or
// else the one in tokenizer_config.json, or else chat_template.json; special tokens of
// tokenizer_config.json and special_tokens_map.json. Null when the folder has none.
std::unique_ptr<ChatTemplate> load_chat_template(const std::filesystem::path& folder);

}  // namespace r1::model
