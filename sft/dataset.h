// Texts and conversations to token sequences with loss masks, packed into micro-batches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/jsonl.h"
#include "model/batch.h"
#include "model/chat_template.h"
#include "model/tokenizer.h"

namespace r1::sft {

// One training sequence. loss_mask[t] is true when token t is predicted by the loss (never t = 0).
struct Example {
  std::vector<int64_t> ids;
  std::vector<bool> loss_mask;
  int64_t num_targets() const;
};

struct DatasetConfig {
  bool add_bos = true;
  bool add_eos = true;
  int64_t max_length = 1024;
  std::string too_long = "truncate";
  bool completion_only_loss = true;
  bool assistant_only_loss = true;

  template <class V>
  void visit(V& v) {
    v.field("add_bos", add_bos, "put the beginning-of-sequence token in front, if there is one");
    v.field("add_eos", add_eos, "put the end-of-sequence token behind, so that stopping is learnt");
    v.field("max_length", max_length, "longest sequence, special tokens included",
            Range{2, 1 << 24});
    v.field("too_long", too_long, "cut longer sequences at the end, or drop them",
            OneOf{"truncate", "drop"});
    v.field("completion_only_loss", completion_only_loss,
            "rows with a prompt: learn the completion only");
    v.field("assistant_only_loss", assistant_only_loss,
            "conversations: learn what the assistant wrote only (TRL's default is false)");
  }
};

struct Dataset {
  std::vector<Example> examples;
  int64_t cut = 0;  // rows that were longer than max_length, dropped ones included
  int64_t num_tokens() const;
  int64_t num_targets() const;
};

// What turns rows into tokens. Both must outlive the call; conversations need a chat template.
struct TextToTokens {
  const model::Tokenizer& tokenizer;
  const model::ChatTemplate* chat_template = nullptr;
};

// One row in one of TRL's formats (rows.h) to its sequence, of any length:
//   {"text"}                            loss on everything
//   {"prompt", "completion"}            two texts: loss on the completion. They are tokenised one
//   by
//                                       one and laid end to end, so that a prompt has the same ids
//                                       here and in a rollout.
//   {"messages"}                        through the chat template (conversation.h), loss on the
//                                       assistant's text
//   {"prompt", "completion"}            two lists of messages: the same, loss on the completion
// add_bos and add_eos are for texts: a chat template writes these tokens itself. Throws DataError
// naming the place of a row that is wrong or holds nothing to learn; ConfigError for add_eos with a
// tokenizer that has no such token, or for messages without a chat template.
Example make_example(const JsonlRow& row, const TextToTokens& to_tokens,
                     const DatasetConfig& config);

// Reads a JSONL file of such rows (kinds may mix; an "id" must not come twice). Throws what
// make_example throws; also DataError when no row is left.
Dataset read_dataset(const std::filesystem::path& path, const TextToTokens& to_tokens,
                     const DatasetConfig& config);

// The flat tensors of some examples and the rows whose next token is in the loss. The last token of
// an example is a target, but not in `flat`: nothing is predicted from it.
struct SftBatch {
  model::FlatBatch flat;
  at::Tensor rows_C;     // int64 rows of `flat`
  at::Tensor targets_C;  // int64
};
SftBatch make_sft_batch(const std::vector<const Example*>& examples, at::Device device);

}  // namespace r1::sft
