// Conversations to tokens, through the chat template of the model.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "model/chat_template.h"
#include "model/tokenizer.h"
#include "sft/rows.h"

namespace r1::sft {

struct TokenizedChat {
  std::vector<int64_t> ids;
  std::vector<bool> assistant;   // what the assistant wrote
  std::vector<bool> completion;  // of a chat completion: what is not its prompt; otherwise all
};

// The whole conversation as one text of the template (which writes all special tokens), tokenised.
// What the assistant wrote:
//   - with {% generation %} blocks in the template: the tokens of these blocks, as
//   return_assistant_tokens_mask of transformers;
//   - otherwise, for each message of the assistant: the tokens by which the conversation up to and
//   with it goes beyond the one
//     before it with the generation prompt, as TRL finds completions. So the end-of-turn token is
//     included, and a template must not change earlier turns when later ones follow; one that does
//     (Qwen3's drops old reasoning) is refused.
// The prompt of a chat completion ends where its tokens, with the generation prompt, stop being
// those of the whole. Throws DataError with the reason alone: the caller names the row.
TokenizedChat tokenize_chat(const Row& row, const model::ChatTemplate& chat,
                            const model::Tokenizer& tokenizer);

}  // namespace r1::sft
