// Byte-pair encoding with a vocabulary and ranked merges (Sennrich et al. 2016), as the
// `tokenizers` package computes it.
#pragma once

#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "model/word_cache.h"

namespace r1::model {

// Hash table from a 64-bit key to two numbers; open addressing, never shrinks.
class KeyTable {
 public:
  struct Entry {
    uint64_t key = kEmpty;
    uint32_t first = 0, second = 0;
  };
  explicit KeyTable(size_t expected = 0);
  void set(uint64_t key, uint32_t first, uint32_t second);  // replaces; `key` is not ~0
  const Entry* find(uint64_t key) const {
    for (size_t i = place(key);; i = (i + 1) & mask_) {
      if (entries_[i].key == key) return &entries_[i];
      if (entries_[i].key == kEmpty) return nullptr;
    }
  }

 private:
  static constexpr uint64_t kEmpty = ~uint64_t{0};
  size_t place(uint64_t key) const { return (key * 0x9e3779b97f4a7c15u >> shift_) & mask_; }
  void grow();

  std::vector<Entry> entries_;
  size_t mask_ = 0, used_ = 0;
  int shift_ = 0;
};

// The strings of a vocabulary and their ids.
class Vocabulary {
 public:
  Vocabulary() = default;
  // By id; an empty string: no token has that id. Throws CheckpointError if two are equal.
  explicit Vocabulary(std::vector<std::string> tokens);
  int64_t id_of(std::string_view token) const;  // -1: not in the vocabulary
  const std::vector<std::string>& tokens() const { return tokens_; }

 private:
  std::vector<std::string> tokens_;
  std::vector<uint32_t> places_;  // hash table of ids + 1; 0: free
};

struct BpeOptions {
  bool byte_level = false;  // pieces are text whose bytes stand for byte_character(byte)
  bool byte_fallback = false;
  bool ignore_merges = false;
  bool fuse_unk = false;
  int64_t unk_id = -1;
};

// The character by which byte-level vocabularies write a byte (GPT-2's table).
uint32_t byte_character(uint8_t byte);
// The byte that a character stands for, or -1.
int character_byte(uint32_t character);

// Immutable after construction.
class BpeModel {
 public:
  using Merge = std::pair<std::string_view, std::string_view>;

  BpeModel() = default;
  // Throws CheckpointError "merges[i]: ..." for a merge of tokens or into a token that the
  // vocabulary does not have.
  BpeModel(Vocabulary vocabulary, const std::vector<Merge>& merges, const BpeOptions& options);

  // Appends the ids of one piece of text.
  void encode(std::string_view piece, WordCache& cache, std::vector<int64_t>& ids) const;
  const Vocabulary& vocabulary() const { return vocabulary_; }

 private:
  using Symbols = std::vector<uint32_t>;

  void encode_uncached(std::string_view piece, std::vector<int64_t>& ids) const;
  Symbols initial_symbols(std::string_view piece) const;
  Symbols symbols_of_characters(std::string_view text) const;
  const KeyTable::Entry* merge_of(uint32_t left, uint32_t right) const {
    return merges_.find(uint64_t{left} << 32 | right);
  }
  void merge_short(Symbols& symbols) const;
  void merge_long(Symbols& symbols) const;

  Vocabulary vocabulary_;
  KeyTable merges_;  // pair of ids -> rank, id of the merged token
  BpeOptions options_;
  std::array<int64_t, 256> byte_ids_{};      // byte_level: the token of one byte, or -1
  std::array<int64_t, 256> fallback_ids_{};  // "<0x00>" to "<0xFF>", or -1
};

}  // namespace r1::model
