#include "model/bpe.h"

#include <fmt/format.h>

#include <algorithm>
#include <bit>
#include <functional>
#include <limits>
#include <queue>

#include "base/error.h"
#include "model/unicode.h"

namespace r1::model {
namespace {

// Pieces of up to this many symbols are merged by looking through all pairs again and again.
constexpr size_t kShort = 48;

struct ByteCharacters {
  std::array<uint32_t, 256> characters{};
  std::array<int, 512> bytes{};
  ByteCharacters() {
    bytes.fill(-1);
    uint32_t next = 256;  // bytes that do not print well come after all others
    for (uint32_t byte = 0; byte < 256; ++byte) {
      const bool prints = (byte > ' ' && byte < 0x7f) || (byte > 0xa0 && byte != 0xad);
      characters[byte] = prints ? byte : next++;
      bytes[characters[byte]] = static_cast<int>(byte);
    }
  }
};

const ByteCharacters& byte_characters() {
  static const ByteCharacters table;
  return table;
}

std::string in_byte_characters(std::string_view bytes) {
  std::string text;
  for (const char byte : bytes) append_utf8(text, byte_character(static_cast<uint8_t>(byte)));
  return text;
}

// A possible merge of the symbol at `position` with the one behind it.
struct Candidate {
  uint32_t rank, position, merged;
  bool operator>(const Candidate& other) const {
    return rank != other.rank ? rank > other.rank : position > other.position;
  }
};

}  // namespace

uint32_t byte_character(uint8_t byte) { return byte_characters().characters[byte]; }

int character_byte(uint32_t character) {
  return character < 512 ? byte_characters().bytes[character] : -1;
}

KeyTable::KeyTable(size_t expected) {
  const size_t size = std::bit_ceil(std::max<size_t>(16, expected * 2));
  entries_.resize(size);
  mask_ = size - 1;
  shift_ = 64 - std::countr_zero(size);
}

void KeyTable::set(uint64_t key, uint32_t first, uint32_t second) {
  if (2 * (used_ + 1) > entries_.size()) grow();
  size_t i = place(key);
  while (entries_[i].key != key && entries_[i].key != kEmpty) i = (i + 1) & mask_;
  if (entries_[i].key == kEmpty) ++used_;
  entries_[i] = {key, first, second};
}

void KeyTable::grow() {
  KeyTable larger(entries_.size());
  for (const Entry& entry : entries_) {
    if (entry.key != kEmpty) larger.set(entry.key, entry.first, entry.second);
  }
  *this = std::move(larger);
}

Vocabulary::Vocabulary(std::vector<std::string> tokens) : tokens_(std::move(tokens)) {
  places_.resize(std::bit_ceil(std::max<size_t>(16, tokens_.size() * 2)), 0);
  for (size_t id = 0; id < tokens_.size(); ++id) {
    if (tokens_[id].empty()) continue;
    size_t i = std::hash<std::string_view>()(tokens_[id]) & (places_.size() - 1);
    for (; places_[i] != 0; i = (i + 1) & (places_.size() - 1)) {
      if (tokens_[places_[i] - 1] == tokens_[id])
        throw CheckpointError(fmt::format("the token \"{}\" has two ids, {} and {}", tokens_[id],
                                          places_[i] - 1, id));
    }
    places_[i] = static_cast<uint32_t>(id + 1);
  }
}

int64_t Vocabulary::id_of(std::string_view token) const {
  if (places_.empty() || token.empty()) return -1;
  size_t i = std::hash<std::string_view>()(token) & (places_.size() - 1);
  for (; places_[i] != 0; i = (i + 1) & (places_.size() - 1)) {
    if (tokens_[places_[i] - 1] == token) return places_[i] - 1;
  }
  return -1;
}

BpeModel::BpeModel(Vocabulary vocabulary, const std::vector<Merge>& merges,
                   const BpeOptions& options)
    : vocabulary_(std::move(vocabulary)), merges_(merges.size()), options_(options) {
  std::string merged;
  for (size_t i = 0; i < merges.size(); ++i) {
    const auto id_of = [&](std::string_view token) {
      const int64_t id = vocabulary_.id_of(token);
      if (id >= 0) return static_cast<uint32_t>(id);
      throw CheckpointError(
          fmt::format("merges[{}]: \"{}\" is not a token of the vocabulary", i, token));
    };
    const uint32_t left = id_of(merges[i].first), right = id_of(merges[i].second);
    merged.assign(merges[i].first).append(merges[i].second);
    merges_.set(uint64_t{left} << 32 | right, static_cast<uint32_t>(i), id_of(merged));
  }
  for (int byte = 0; byte < 256; ++byte) {
    const char character = static_cast<char>(byte);
    byte_ids_[byte] = vocabulary_.id_of(in_byte_characters({&character, 1}));
    fallback_ids_[byte] = vocabulary_.id_of(fmt::format("<0x{:02X}>", byte));
  }
}

void BpeModel::encode(std::string_view piece, WordCache& cache, std::vector<int64_t>& ids) const {
  if (piece.empty()) return;
  if (piece.size() > WordCache::kMaxBytes) return encode_uncached(piece, ids);
  bool found = false;
  WordCache::Slot& slot = cache.find(piece, found);
  if (found) {
    ids.insert(ids.end(), slot.ids, slot.ids + slot.count);
    return;
  }
  const size_t before = ids.size();
  encode_uncached(piece, ids);
  WordCache::store(slot, piece, ids.data() + before, ids.size() - before);
}

void BpeModel::encode_uncached(std::string_view piece, std::vector<int64_t>& ids) const {
  if (options_.ignore_merges) {
    const int64_t whole =
        vocabulary_.id_of(options_.byte_level ? in_byte_characters(piece) : std::string(piece));
    if (whole >= 0) {
      ids.push_back(whole);
      return;
    }
  }
  Symbols symbols = initial_symbols(piece);
  if (symbols.size() <= kShort) {
    merge_short(symbols);
  } else {
    merge_long(symbols);
  }
  ids.insert(ids.end(), symbols.begin(), symbols.end());
}

BpeModel::Symbols BpeModel::initial_symbols(std::string_view piece) const {
  if (!options_.byte_level) return symbols_of_characters(piece);
  Symbols symbols;
  symbols.reserve(piece.size());
  for (const char character : piece) {
    const int64_t id = byte_ids_[static_cast<uint8_t>(character)];
    if (id < 0) return symbols_of_characters(in_byte_characters(piece));
    symbols.push_back(static_cast<uint32_t>(id));
  }
  return symbols;
}

// A character that is no token becomes its bytes' tokens, or else the unknown token, or else
// nothing.
BpeModel::Symbols BpeModel::symbols_of_characters(std::string_view text) const {
  Symbols symbols;
  bool after_unknown = false;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    next_code_point(text, at);
    const std::string_view character = text.substr(begin, at - begin);
    const int64_t id = vocabulary_.id_of(character);
    if (id >= 0) {
      symbols.push_back(static_cast<uint32_t>(id));
      after_unknown = false;
      continue;
    }
    const auto has_fallback = [&](char byte) {
      return fallback_ids_[static_cast<uint8_t>(byte)] >= 0;
    };
    if (options_.byte_fallback && std::all_of(character.begin(), character.end(), has_fallback)) {
      for (const char byte : character)
        symbols.push_back(static_cast<uint32_t>(fallback_ids_[static_cast<uint8_t>(byte)]));
      after_unknown = false;
    } else if (options_.unk_id >= 0) {
      if (!after_unknown || !options_.fuse_unk)
        symbols.push_back(static_cast<uint32_t>(options_.unk_id));
      after_unknown = true;
    }
  }
  return symbols;
}

void BpeModel::merge_short(Symbols& symbols) const {
  constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  std::array<uint32_t, kShort> ranks;  // of the pair that begins at a symbol
  std::array<uint32_t, kShort> merged;
  size_t count = symbols.size();
  const auto look_up = [&](size_t i) {
    const auto* merge = i + 1 < count ? merge_of(symbols[i], symbols[i + 1]) : nullptr;
    ranks[i] = merge ? merge->first : kNone;
    merged[i] = merge ? merge->second : 0;
  };
  for (size_t i = 0; i < count; ++i) look_up(i);
  while (count > 1) {
    const size_t best = std::min_element(ranks.begin(), ranks.begin() + count) - ranks.begin();
    if (ranks[best] == kNone) break;
    symbols[best] = merged[best];
    std::copy(symbols.begin() + best + 2, symbols.begin() + count, symbols.begin() + best + 1);
    std::copy(ranks.begin() + best + 2, ranks.begin() + count, ranks.begin() + best + 1);
    std::copy(merged.begin() + best + 2, merged.begin() + count, merged.begin() + best + 1);
    --count;
    look_up(best);
    if (best > 0) look_up(best - 1);
  }
  symbols.resize(count);
}

void BpeModel::merge_long(Symbols& symbols) const {
  constexpr uint32_t kNone = std::numeric_limits<uint32_t>::max();
  const auto size = static_cast<uint32_t>(symbols.size());
  std::vector<uint32_t> next(size), previous(size);  // kNone: the border, or no longer there
  std::priority_queue<Candidate, std::vector<Candidate>, std::greater<>> queue;
  const auto offer = [&](uint32_t left, uint32_t right) {
    if (const auto* merge = merge_of(symbols[left], symbols[right]))
      queue.push({merge->first, left, merge->second});
  };
  for (uint32_t i = 0; i < size; ++i) {
    previous[i] = i == 0 ? kNone : i - 1;
    next[i] = i + 1 < size ? i + 1 : kNone;
    if (i + 1 < size) offer(i, i + 1);
  }
  while (!queue.empty()) {
    const Candidate best = queue.top();
    queue.pop();
    const uint32_t left = best.position, right = next[left];
    if (right == kNone) continue;
    const auto* merge = merge_of(symbols[left], symbols[right]);
    if (!merge || merge->second != best.merged) continue;  // one of the two was merged meanwhile
    symbols[left] = best.merged;
    next[left] = next[right];
    if (next[right] != kNone) previous[next[right]] = left;
    next[right] = kNone;
    symbols[right] = kNone;
    if (previous[left] != kNone) offer(previous[left], left);
    if (next[left] != kNone) offer(left, next[left]);
  }
  std::erase(symbols, kNone);
}

}  // namespace r1::model
