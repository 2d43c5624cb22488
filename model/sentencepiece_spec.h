// The few settings of a serialised sentencepiece model that its C++ interface does not tell.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace r1::model {

struct SentencepieceSpec {
  int model_type = 1;  // as in sentencepiece_model.proto: 1 unigram, 2 bpe, 3 word, 4 char
  bool byte_fallback = false;
  bool whitespace_as_suffix = false;
  bool normalises = false;  // has a character map
  bool add_dummy_prefix = true;
  bool remove_extra_whitespaces = true;
  bool escape_whitespaces = true;
  std::vector<int64_t> user_defined_ids;

  // One token per character of the text as it is.
  bool is_plain_char() const {
    return model_type == 4 && !byte_fallback && !whitespace_as_suffix && !normalises &&
           !add_dummy_prefix && !remove_extra_whitespaces && escape_whitespaces;
  }
};

// Reads the protocol buffer's wire format. Throws CheckpointError when it is cut or malformed.
SentencepieceSpec read_sentencepiece_spec(std::string_view serialized_model);

}  // namespace r1::model
