// The few settings of a serialised sentencepiece model that its C++ interface does not tell.
#pragma once

#include <cstdint>
#include <string>
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
  std::vector<std::string> pieces;  // by id

  // One token per character of the text as it is.
  bool is_plain_char() const {
    return model_type == 4 && !byte_fallback && !whitespace_as_suffix && !normalises &&
           !add_dummy_prefix && !remove_extra_whitespaces && escape_whitespaces;
  }
  // The normaliser only writes spaces as U+2581, and puts one in front if add_dummy_prefix.
  bool keeps_text() const {
    return !normalises && !remove_extra_whitespaces && !whitespace_as_suffix && escape_whitespaces;
  }
};

// Reads the protocol buffer's wire format. Throws CheckpointError when it is cut or malformed.
SentencepieceSpec read_sentencepiece_spec(std::string_view serialized_model);

// What makes one more piece when it is put behind a serialised model: a control token, or a
// user-defined symbol.
std::string sentencepiece_piece(std::string_view text, bool control);

}  // namespace r1::model
