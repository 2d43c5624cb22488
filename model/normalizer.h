// The "normalizer" of a tokenizer.json: what is done to a text before it is cut into pieces.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "model/json_view.h"
#include "model/regex.h"

namespace r1::model {

// Immutable after construction.
class Normalizer {
 public:
  Normalizer() = default;  // leaves texts as they are
  // NFC, NFD, NFKC, NFKD, Lowercase, Prepend, Replace, Strip and Sequence. Throws CheckpointError
  // naming the place and what is not supported.
  explicit Normalizer(const JsonView& json);

  bool empty() const { return steps_.empty(); }
  std::string run(std::string text) const;

 private:
  struct Step {
    enum class Kind { kNfc, kNfd, kNfkc, kNfkd, kLowercase, kPrepend, kReplace, kStrip };
    Kind kind = Kind::kNfc;
    std::string text = {};  // what is put in front or in place
    std::string from = {};  // what is replaced; if empty: what `regex` matches
    std::shared_ptr<const Regex> regex = {};
    bool left = false, right = false;
  };

  void add(const JsonView& json);
  void add_replace(const JsonView& json);
  static std::string run(const Step& step, std::string text);

  std::vector<Step> steps_;
};

// Reads {"String": text} or {"Regex": pattern}. Exactly one of the two results is set.
void read_pattern(const JsonView& json, std::string& text, std::shared_ptr<const Regex>& regex);
// `text` with every `from` replaced.
std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
// `text` with every match replaced.
std::string replace_all(std::string_view text, const Regex& regex, std::string_view to);

}  // namespace r1::model
