// A tokenizer that can be followed by hand: a token per byte, and one for "xy".
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/tokenizer.h"

namespace r1::sft {

class LetterTokenizer : public model::Tokenizer {
 public:
  static constexpr int64_t kBos = 1, kEos = 2, kPair = 3, kFirstByte = 4, kVocab = 132;

  explicit LetterTokenizer(bool has_eos = true) : has_eos_(has_eos) {}
  std::vector<int64_t> encode(std::string_view text) const override {
    std::vector<int64_t> ids;
    for (size_t i = 0; i < text.size(); ++i) {
      const bool pair = text.substr(i, 2) == "xy";
      ids.push_back(pair ? kPair : kFirstByte + static_cast<unsigned char>(text[i]));
      i += pair;
    }
    return ids;
  }
  std::string decode(const std::vector<int64_t>& ids, bool) const override {
    std::string text;
    for (int64_t id : ids) {
      if (id == kPair) text += "xy";
      if (id >= kFirstByte) text += static_cast<char>(id - kFirstByte);
    }
    return text;
  }
  int64_t vocab_size() const override { return kVocab; }
  int64_t bos_id() const override { return kBos; }
  int64_t eos_id() const override { return has_eos_ ? kEos : -1; }
  int64_t pad_id() const override { return 0; }
  int64_t token_id(std::string_view token) const override { return token == "xy" ? kPair : -1; }
  void save(const std::filesystem::path&) const override {}

 private:
  bool has_eos_;
};

}  // namespace r1::sft
