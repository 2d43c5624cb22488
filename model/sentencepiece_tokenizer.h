// Tokenizers of a tokenizer.model.
#pragma once

#include <memory>

#include "model/tokenizer.h"
#include "model/tokenizer_files.h"

namespace r1::model {

// `files` has a tokenizer.model. Throws CheckpointError or DataError naming what is wrong.
std::unique_ptr<Tokenizer> make_sentencepiece_tokenizer(TokenizerFiles files);

}  // namespace r1::model
