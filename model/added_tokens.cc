#include "model/added_tokens.h"

#include <fmt/format.h>

#include <algorithm>

#include "base/error.h"
#include "model/unicode.h"
#include "model/utf8.h"

namespace r1::model {
namespace {

bool is_word(uint32_t code_point) {
  static const CodePointSet set = word_characters();
  return set.contains(code_point);
}

bool is_space(uint32_t code_point) {
  static const CodePointSet set = white_space();
  return set.contains(code_point);
}

}  // namespace

void check_special_token(std::string_view content) {
  const bool valid = !content.empty() && content.size() <= kMaxAddedTokenBytes &&
                     find_invalid_utf8(content) == content.npos;
  if (valid) return;
  throw ConfigError(fmt::format(
      "\"{}\" cannot be a special token: it is empty, longer than {} bytes or not valid UTF-8",
      content.substr(0, 80), kMaxAddedTokenBytes));
}

AddedTokenMatcher::AddedTokenMatcher(std::vector<AddedToken> tokens,
                                     const std::vector<std::string>& patterns)
    : tokens_(std::move(tokens)) {
  for (size_t i = 0; i < tokens_.size(); ++i) {
    if (patterns[i].empty()) continue;
    starts_.set(static_cast<uint8_t>(patterns[i].front()));
    uint32_t node = 0;
    for (const char character : patterns[i]) {
      const uint64_t key = uint64_t{node} << 8 | static_cast<uint8_t>(character);
      const KeyTable::Entry* edge = edges_.find(key);
      if (!edge) {
        edges_.set(key, static_cast<uint32_t>(token_of_node_.size()), 0);
        token_of_node_.push_back(-1);
        edge = edges_.find(key);
      }
      node = edge->first;
    }
    if (token_of_node_[node] >= 0) {
      throw CheckpointError(
          fmt::format("the added tokens \"{}\" and \"{}\" look the same in a text",
                      tokens_[token_of_node_[node]].content, tokens_[i].content));
    }
    token_of_node_[node] = static_cast<int64_t>(i);
  }
}

int64_t AddedTokenMatcher::token_at(std::string_view text, size_t at, size_t& end) const {
  int64_t longest = -1;
  uint32_t node = 0;
  for (; at < text.size(); ++at) {
    const auto* edge = edges_.find(uint64_t{node} << 8 | static_cast<uint8_t>(text[at]));
    if (!edge) break;
    node = edge->first;
    if (token_of_node_[node] < 0) continue;
    longest = token_of_node_[node];
    end = at + 1;
  }
  return longest;
}

bool AddedTokenMatcher::is_single_word(std::string_view text, size_t begin, size_t end) const {
  if (begin > 0) {
    size_t before = previous_character(text, begin);
    if (is_word(next_code_point(text, before))) return false;
  }
  return end == text.size() || !is_word(next_code_point(text, end));
}

std::vector<AddedTokenMatcher::Part> AddedTokenMatcher::split(std::string_view text) const {
  std::vector<Part> parts;
  size_t done = 0;  // everything before is in parts
  for (size_t at = 0; at < text.size();) {
    size_t found_end = 0;
    const int64_t index =
        starts_.test(static_cast<uint8_t>(text[at])) ? token_at(text, at, found_end) : -1;
    if (index < 0) {
      ++at;
      continue;
    }
    const AddedToken& token = tokens_[index];
    size_t begin = at, end = found_end;
    at = found_end;
    if (token.single_word && !is_single_word(text, begin, end)) continue;
    while (token.lstrip && begin > done) {
      const size_t before = previous_character(text, begin);
      size_t next = before;
      if (!is_space(next_code_point(text, next))) break;
      begin = before;
    }
    begin = std::max(begin, token.lstrip ? done : begin);
    while (token.rstrip && end < text.size()) {
      size_t next = end;
      if (!is_space(next_code_point(text, next))) break;
      end = next;
    }
    if (done < begin) parts.push_back({done, begin, -1});
    parts.push_back({begin, end, token.id});
    done = end;
  }
  if (done < text.size()) parts.push_back({done, text.size(), -1});
  return parts;
}

}  // namespace r1::model
