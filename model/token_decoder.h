// The "decoder" of a tokenizer.json: how the tokens of ids become text.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_view.h"
#include "model/regex.h"

namespace r1::model {

// Immutable after construction.
class TokenDecoder {
 public:
  TokenDecoder() = default;  // none: tokens are joined by spaces
  // ByteLevel, ByteFallback, Replace, Fuse, Strip, Metaspace and Sequence. Throws CheckpointError
  // naming the place and what is not supported.
  explicit TokenDecoder(const JsonView& json);

  // What is known of one text while its tokens come in. Text is final once it is returned.
  class Stream {
   public:
    explicit Stream(const TokenDecoder& decoder);  // the decoder must outlive it
    std::string push(std::string_view token);
    std::string finish();  // the rest

   private:
    struct StepState {
      std::string held;         // what depends on what follows
      size_t taken = 0;         // characters stripped from the front
      bool past_front = false;  // no longer at the first token or character
    };
    // Gives a token, or a part of the one token behind a fusing step, to step `index`.
    void feed(size_t index, std::string token, std::string& out);
    void release_bytes(size_t index, std::string& out);
    std::string strip_part(size_t index, std::string part);

    const TokenDecoder& decoder_;
    std::vector<StepState> states_;
    bool any_ = false;
  };

 private:
  struct Step {
    enum class Kind { kByteLevel, kByteFallback, kReplace, kFuse, kStrip, kMetaspace };
    Kind kind = Kind::kFuse;
    std::string from = {}, to = {};
    std::shared_ptr<const Regex> regex = {};
    size_t start = 0, stop = 0;  // characters of kStrip
    bool fused = false;          // everything before comes as one token
    bool drop_first = false;     // kMetaspace: no space in the first token
  };

  void add(const JsonView& json);
  void add_replace(const JsonView& json);
  void add_strip(const JsonView& json);
  void add_metaspace(const JsonView& json);

  std::vector<Step> steps_;
  bool joined_by_spaces_ = true;
  bool fused_ = false;
};

// Moves the part of `bytes` that is settled to the end of `text`: complete characters as they are,
// and U+FFFD for each maximal part of a character that cannot be completed (Unicode Standard 3.9,
// "U+FFFD Substitution of Maximal Subparts"). An unfinished character at the end stays, unless
// `last`.
void take_utf8(std::string& bytes, std::string& text, bool last);

}  // namespace r1::model
