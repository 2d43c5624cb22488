// Text of ids as they are sampled.
#pragma once

#include <memory>
#include <string>

#include "model/tokenizer.h"

namespace r1::model {

// Holds back what the next ids may still change: incomplete UTF-8, runs of byte tokens. One user;
// the tokenizer must outlive it.
class StreamingDecoder {
 public:
  explicit StreamingDecoder(const Tokenizer& tokenizer, bool skip_special_tokens = true)
      : stream_(tokenizer.decode_stream(skip_special_tokens)) {}
  // Text that is final; often empty. Throws DataError for an id outside the vocabulary.
  std::string push(int64_t id) { return stream_->push(id); }
  // The rest. All texts together are decode() of all ids. Then a new text begins.
  std::string finish() { return stream_->finish(); }

 private:
  std::unique_ptr<TextStream> stream_;
};

}  // namespace r1::model
