// Texts and conversations to token sequences with loss masks, packed into micro-batches.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "base/config.h"
#include "base/json.h"
#include "model/batch.h"
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

  template <class V>
  void visit(V& v) {
    v.field("add_bos", add_bos, "put the beginning-of-sequence token in front, if there is one");
    v.field("add_eos", add_eos, "put the end-of-sequence token behind, so that stopping is learnt");
    v.field("max_length", max_length, "longest sequence, special tokens included", Range{2, 1 << 24});
    v.field("too_long", too_long, "cut longer sequences at the end, or drop them", OneOf{"truncate", "drop"});
    v.field("completion_only_loss", completion_only_loss,
            "rows with a prompt or messages: learn the completion or the assistant's turns only");
  }
};

struct Dataset {
  std::vector<Example> examples;
  int64_t cut = 0;  // rows that were longer than max_length, dropped ones included
  int64_t num_tokens() const;
  int64_t num_targets() const;
};

// One row of one of three kinds to its sequence, of any length. Parts are tokenised one by one and
// laid end to end, so that a prompt has the same ids here and in a rollout:
//   {"text"}                            loss on everything
//   {"prompt", "completion"}            loss on the completion
//   {"messages": [{"role", "content"}]} loss on the assistant's turns; a turn is "role: ", then
//                                       "content\n" (until chat templates exist)
// The end-of-sequence token belongs to the part before it. Other fields are ignored. Throws DataError
// that begins with `where` ("file:line") for a row of no kind or two, a wrong type, an unknown role
// or nothing to learn; ConfigError for add_eos with a tokenizer that has no such token.
Example make_example(const Json& row, const std::string& where, const model::Tokenizer& tokenizer, const DatasetConfig& config);

// Reads a JSONL file of such rows (kinds may mix). Throws DataError with file and line; also when no
// row is left.
Dataset read_dataset(const std::filesystem::path& path, const model::Tokenizer& tokenizer, const DatasetConfig& config);

// The flat tensors of some examples and the rows whose next token is in the loss. The last token of
// an example is a target, but not in `flat`: nothing is predicted from it.
struct SftBatch {
  model::FlatBatch flat;
  at::Tensor rows_C;     // int64 rows of `flat`
  at::Tensor targets_C;  // int64
};
SftBatch make_sft_batch(const std::vector<const Example*>& examples, at::Device device);

}  // namespace r1::sft
