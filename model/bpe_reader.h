// The "model" of a tokenizer.json.
#pragma once

#include "model/bpe.h"
#include "model/json_view.h"

namespace r1::model {

// `byte_level`: the pre-tokenizer is ByteLevel. Ids must be below the number of tokens, of which
// the file has `added_tokens` more outside the vocabulary. Throws CheckpointError naming the place
// and what is wrong or not supported: another model type, dropout, subword prefixes and suffixes.
BpeModel read_bpe_model(const JsonView& json, bool byte_level, size_t added_tokens);

}  // namespace r1::model
