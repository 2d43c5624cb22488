// A bounded memory of the ids of short pieces of text.
#pragma once

#include <cstdint>
#include <cstring>
#include <memory>
#include <string_view>
#include <vector>

namespace r1::model {

// Of each slot the last piece that hashed there. Not thread safe: one at a time uses it.
class WordCache {
 public:
  static constexpr size_t kMaxBytes = 32, kMaxIds = 7;

  struct Slot {
    uint64_t key[4];  // the piece's bytes, padded with zeros
    uint8_t bytes;    // 0: free
    uint8_t count;
    uint32_t ids[kMaxIds];
  };

  // The slot of `piece` (1 to kMaxBytes bytes), which holds it if `found`; otherwise it is free for
  // store().
  Slot& find(std::string_view piece, bool& found) {
    uint64_t key[4] = {0, 0, 0, 0};
    std::memcpy(key, piece.data(), piece.size());
    uint64_t hash = piece.size();
    for (const uint64_t part : key) hash = (hash ^ part ^ hash >> 29) * 0x9e3779b97f4a7c15u;
    Slot& slot = slots_[hash >> (64 - kBits)];
    found = slot.bytes == piece.size() && std::memcmp(slot.key, key, sizeof key) == 0;
    return slot;
  }

  static void store(Slot& slot, std::string_view piece, const int64_t* ids, size_t count) {
    if (count > kMaxIds) return;
    std::memset(slot.key, 0, sizeof slot.key);
    std::memcpy(slot.key, piece.data(), piece.size());
    slot.bytes = static_cast<uint8_t>(piece.size());
    slot.count = static_cast<uint8_t>(count);
    for (size_t i = 0; i < count; ++i) slot.ids[i] = static_cast<uint32_t>(ids[i]);
  }

 private:
  static constexpr int kBits = 15;
  std::vector<Slot> slots_ = std::vector<Slot>(size_t{1} << kBits);
};

}  // namespace r1::model
