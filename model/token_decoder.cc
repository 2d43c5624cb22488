#include "model/token_decoder.h"

#include <fmt/format.h>

#include "model/bpe.h"
#include "model/normalizer.h"
#include "model/unicode.h"
#include "model/utf8.h"

namespace r1::model {
namespace {

constexpr size_t kMaxSteps = 64;

constexpr std::string_view kReplacement = "\ufffd";

// The byte of a token like "<0x0A>", or -1.
int fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token.back() != '>') return -1;
  int byte = 0;
  for (const char c : token.substr(3, 2)) {
    const bool digit = c >= '0' && c <= '9', letter = (c | 32) >= 'a' && (c | 32) <= 'f';
    if (!digit && !letter) return -1;
    byte = byte * 16 + (digit ? c - '0' : (c | 32) - 'a' + 10);
  }
  return byte;
}

// The bytes that the characters of a token stand for; the token itself if one stands for none.
void append_bytes(std::string& bytes, std::string_view token) {
  const size_t before = bytes.size();
  for (size_t at = 0; at < token.size();) {
    const int byte = character_byte(next_code_point(token, at));
    if (byte < 0) {
      bytes.resize(before);
      bytes.append(token);
      return;
    }
    bytes += static_cast<char>(byte);
  }
}

// Length of the longest beginning of a character at text[at], or 1 if there is none; `open` says
// that more bytes could complete it.
size_t broken_character(std::string_view text, size_t at, bool& open) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const unsigned char first = byte(0);
  const size_t length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  // the second byte's range keeps out overlong forms, surrogates and numbers above U+10FFFF
  const unsigned char low = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
  const unsigned char high = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
  size_t taken = 1;
  while (taken < length && at + taken < text.size()) {
    const unsigned char next = byte(taken);
    if (next < (taken == 1 ? low : 0x80) || next > (taken == 1 ? high : 0xbf)) break;
    ++taken;
  }
  open = taken < length && at + taken == text.size();
  return taken;
}

}  // namespace

void take_utf8(std::string& bytes, std::string& text, bool last) {
  size_t at = 0;
  while (at < bytes.size()) {
    if (const size_t length = utf8_length(bytes, at)) {
      text.append(bytes, at, length);
      at += length;
      continue;
    }
    bool open = false;
    const size_t length = broken_character(bytes, at, open);
    if (open && !last) break;
    text.append(kReplacement);
    at += length;
  }
  bytes.erase(0, at);
}

TokenDecoder::TokenDecoder(const JsonView& json) {
  if (json.is_null()) return;
  joined_by_spaces_ = false;
  add(json);
}

void TokenDecoder::add(const JsonView& json) {
  if (steps_.size() == kMaxSteps) json.fail(fmt::format("there are more than {} steps", kMaxSteps));
  const std::string& type = json.type();
  if (type == "Sequence") {
    json.only({"type", "decoders"});
    const JsonView parts = json.at("decoders");
    for (size_t i = 0; i < parts.size(); ++i) add(parts.at(i));
    return;
  }
  if (fused_ && type != "Fuse" && type != "Strip")
    json.fail("this decoder behind ByteLevel or Fuse is not supported");
  if (type == "Fuse") {
    json.only({"type"});
    fused_ = true;
  } else if (type == "ByteLevel") {
    json.only({"type", "add_prefix_space", "trim_offsets", "use_regex"});
    steps_.push_back({.kind = Step::Kind::kByteLevel});
    fused_ = true;
  } else if (type == "ByteFallback") {
    json.only({"type"});
    steps_.push_back({.kind = Step::Kind::kByteFallback});
  } else if (type == "Replace") {
    add_replace(json);
  } else if (type == "Strip") {
    add_strip(json);
  } else if (type == "Metaspace") {
    add_metaspace(json);
  } else {
    json.unsupported_type("ByteLevel, ByteFallback, Replace, Fuse, Strip, Metaspace and Sequence");
  }
}

void TokenDecoder::add_replace(const JsonView& json) {
  json.only({"type", "pattern", "content"});
  Step step{.kind = Step::Kind::kReplace, .to = json.at("content").string()};
  read_pattern(json.at("pattern"), step.from, step.regex);
  steps_.push_back(std::move(step));
}

void TokenDecoder::add_strip(const JsonView& json) {
  json.only({"type", "content", "start", "stop"});
  Step step{.kind = Step::Kind::kStrip, .from = json.at("content").string()};
  if (utf8_length(step.from, 0) != step.from.size())
    json.at("content").fail("expected one character");
  step.start = static_cast<size_t>(json.at("start").integer(0, 1 << 20));
  step.stop = static_cast<size_t>(json.at("stop").integer(0, 1 << 20));
  step.fused = fused_;
  steps_.push_back(std::move(step));
}

void TokenDecoder::add_metaspace(const JsonView& json) {
  json.only({"type", "replacement", "add_prefix_space", "prepend_scheme", "split", "str_rep"});
  Step step{.kind = Step::Kind::kMetaspace, .from = json.at("replacement").string()};
  if (utf8_length(step.from, 0) != step.from.size())
    json.at("replacement").fail("expected one character");
  const bool never = json.has("prepend_scheme") && json.at("prepend_scheme").string() == "never";
  step.drop_first = !never && json.boolean_or("add_prefix_space", true);
  steps_.push_back(std::move(step));
}

TokenDecoder::Stream::Stream(const TokenDecoder& decoder)
    : decoder_(decoder), states_(decoder.steps_.size()) {}

std::string TokenDecoder::Stream::push(std::string_view token) {
  std::string out;
  feed(0, std::string(token), out);
  return out;
}

std::string TokenDecoder::Stream::finish() {
  std::string out;
  for (size_t index = 0; index < states_.size(); ++index) {
    StepState& state = states_[index];
    const Step::Kind kind = decoder_.steps_[index].kind;
    if (kind == Step::Kind::kByteFallback) release_bytes(index, out);
    if (kind == Step::Kind::kByteLevel) {
      std::string text;
      take_utf8(state.held, text, true);
      feed(index + 1, std::move(text), out);
    }
    state = {};
  }
  any_ = false;
  return out;
}

void TokenDecoder::Stream::feed(size_t index, std::string token, std::string& out) {
  if (index == states_.size()) {
    if (decoder_.joined_by_spaces_ && any_) out += ' ';
    any_ = true;
    out += token;
    return;
  }
  const Step& step = decoder_.steps_[index];
  StepState& state = states_[index];
  switch (step.kind) {
    case Step::Kind::kByteLevel: {
      append_bytes(state.held, token);
      token.clear();
      take_utf8(state.held, token, false);
      break;
    }
    case Step::Kind::kByteFallback:
      if (const int byte = fallback_byte(token); byte >= 0) {
        state.held += static_cast<char>(byte);
        return;
      }
      release_bytes(index, out);
      break;
    case Step::Kind::kReplace:
      token = step.regex ? replace_all(token, *step.regex, step.to)
                         : replace_all(token, step.from, step.to);
      break;
    case Step::Kind::kStrip:
      token = strip_part(index, std::move(token));
      break;
    case Step::Kind::kMetaspace:
      token = replace_all(token, step.from, step.drop_first && !state.past_front ? "" : " ");
      state.past_front = true;
      break;
    case Step::Kind::kFuse:
      break;
  }
  feed(index + 1, std::move(token), out);
}

// A run of bytes is text if all of it is valid, and one U+FFFD for each byte otherwise.
void TokenDecoder::Stream::release_bytes(size_t index, std::string& out) {
  const std::string bytes = std::exchange(states_[index].held, {});
  if (bytes.empty()) return;
  if (find_invalid_utf8(bytes) == bytes.npos) return feed(index + 1, bytes, out);
  for (size_t i = 0; i < bytes.size(); ++i) feed(index + 1, std::string(kReplacement), out);
}

std::string TokenDecoder::Stream::strip_part(size_t index, std::string part) {
  const Step& step = decoder_.steps_[index];
  StepState state = step.fused ? std::move(states_[index]) : StepState{};
  size_t begin = 0;
  while (!state.past_front && begin < part.size()) {
    state.past_front =
        state.taken == step.start || part.compare(begin, step.from.size(), step.from);
    if (state.past_front) break;
    begin += step.from.size();
    ++state.taken;
  }
  std::string text = state.held + part.substr(begin);
  size_t end = text.size();
  for (size_t i = 0; i < step.stop && std::string_view(text).substr(0, end).ends_with(step.from);
       ++i)
    end -= step.from.size();
  state.held = text.substr(end);  // falls if it is the end of the token
  text.resize(end);
  if (step.fused) states_[index] = std::move(state);
  return text;
}

}  // namespace r1::model
