#include "sft/conversation.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"

namespace r1::sft {
namespace {

using Ids = std::vector<int64_t>;

size_t common_prefix(const Ids& a, const Ids& b) {
  return static_cast<size_t>(std::mismatch(a.begin(), a.end(), b.begin(), b.end()).first -
                             a.begin());
}

void mark(std::vector<bool>& mask, size_t begin, size_t end) {
  for (size_t t = begin; t < std::min(end, mask.size()); ++t) mask[t] = true;
}

class ChatTokenizer {
 public:
  ChatTokenizer(const Row& row, const model::ChatTemplate& chat, const model::Tokenizer& tokenizer)
      : row_(row),
        chat_(chat),
        tokenizer_(tokenizer),
        whole_(render(row.messages.size(), false)),
        ids_(tokenizer.encode(whole_.text)) {}

  TokenizedChat run() {
    TokenizedChat result{ids_, std::vector<bool>(ids_.size()), std::vector<bool>(ids_.size())};
    chat_.has_generation_blocks() ? mark_blocks(result.assistant) : mark_turns(result.assistant);
    const bool has_prompt = row_.kind == RowKind::kChatCompletion;
    const size_t prompt =
        has_prompt ? common_prefix(tokenizer_.encode(render(row_.prompt_messages, true).text), ids_)
                   : 0;
    mark(result.completion, prompt, ids_.size());
    return result;
  }

 private:
  // The first `count` messages as text.
  model::RenderedChat render(size_t count, bool add_generation_prompt) const {
    Json messages = Json::array();
    for (size_t i = 0; i < count; ++i) messages.push_back(row_.messages[i]);
    model::ChatOptions options;
    options.tools = row_.tools;
    options.variables = row_.chat_template_kwargs;
    options.add_generation_prompt = add_generation_prompt;
    return chat_.render(messages, options);
  }

  // The tokens that have a byte of [begin, end) of the text. Tokens in front of a place are those
  // that the text up to there has too; one that reaches across it has been cut in that text.
  void mark_blocks(std::vector<bool>& mask) const {
    for (const auto& [begin, end] : whole_.assistant) {
      const Ids before = tokenizer_.encode(std::string_view(whole_.text).substr(0, begin));
      const Ids through = tokenizer_.encode(std::string_view(whole_.text).substr(0, end));
      const size_t first = common_prefix(before, ids_), last = common_prefix(through, ids_);
      mark(mask, first, last + (last < through.size()));
    }
  }

  void mark_turns(std::vector<bool>& mask) const {
    for (size_t i = 0; i < row_.messages.size(); ++i) {
      if (row_.messages[i]["role"] != "assistant") continue;
      const std::string through = render(i + 1, false).text;
      if (!whole_.text.starts_with(through))
        throw DataError(
            fmt::format("the chat template writes message {} differently when more messages "
                        "follow, so its tokens cannot be told; use a "
                        "template that marks the assistant's text with {{% generation %}} (key "
                        "chat_template), or end the row with that message",
                        i));
      const size_t first =
          i == 0 ? 0 : common_prefix(tokenizer_.encode(render(i, true).text), ids_);
      mark(mask, first, common_prefix(tokenizer_.encode(through), ids_));
    }
  }

  const Row& row_;
  const model::ChatTemplate& chat_;
  const model::Tokenizer& tokenizer_;
  model::RenderedChat whole_;
  Ids ids_;
};

}  // namespace

TokenizedChat tokenize_chat(const Row& row, const model::ChatTemplate& chat,
                            const model::Tokenizer& tokenizer) {
  return ChatTokenizer(row, chat, tokenizer).run();
}

}  // namespace r1::sft
