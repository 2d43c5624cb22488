#include "model/sentencepiece_spec.h"

#include "base/error.h"

namespace r1::model {
namespace {

// One field of a protocol buffer message: a number, or bytes (a string or a message).
struct WireField {
  uint64_t tag = 0;
  uint64_t number = 0;
  std::string_view bytes;
};

[[noreturn]] void malformed() {
  throw CheckpointError("not a sentencepiece model: its protocol buffer is cut off or malformed");
}

uint64_t take_varint(std::string_view& message) {
  uint64_t value = 0;
  for (int shift = 0; shift < 64; shift += 7) {
    if (message.empty()) malformed();
    const auto byte = static_cast<unsigned char>(message.front());
    message.remove_prefix(1);
    value |= static_cast<uint64_t>(byte & 0x7f) << shift;
    if (byte < 0x80) return value;
  }
  malformed();
}

std::string_view take_bytes(std::string_view& message, uint64_t count) {
  if (count > message.size()) malformed();
  const std::string_view bytes = message.substr(0, count);
  message.remove_prefix(count);
  return bytes;
}

WireField take_field(std::string_view& message) {
  const uint64_t key = take_varint(message);
  WireField field;
  field.tag = key >> 3;
  switch (key & 7) {
    case 0:
      field.number = take_varint(message);
      break;
    case 1:
      take_bytes(message, 8);
      break;
    case 2:
      field.bytes = take_bytes(message, take_varint(message));
      break;
    case 5:
      take_bytes(message, 4);
      break;
    default:
      malformed();
  }
  return field;
}

constexpr uint64_t kNormal = 1, kControl = 3, kUserDefined = 4;  // types of pieces

void read_piece(std::string_view message, SentencepieceSpec& spec) {
  std::string_view text;
  uint64_t type = kNormal;
  while (!message.empty()) {
    const WireField field = take_field(message);
    if (field.tag == 1) text = field.bytes;
    if (field.tag == 3) type = field.number;
  }
  if (type == kUserDefined)
    spec.user_defined_ids.push_back(static_cast<int64_t>(spec.pieces.size()));
  spec.pieces.emplace_back(text);
}

std::string varint(uint64_t number) {
  std::string bytes;
  for (; number >= 0x80; number >>= 7) bytes += static_cast<char>(0x80 | (number & 0x7f));
  return bytes + static_cast<char>(number);
}

void read_trainer_spec(std::string_view message, SentencepieceSpec& spec) {
  while (!message.empty()) {
    const WireField field = take_field(message);
    if (field.tag == 3) spec.model_type = static_cast<int>(field.number);
    if (field.tag == 24) spec.whitespace_as_suffix = field.number != 0;
    if (field.tag == 35) spec.byte_fallback = field.number != 0;
  }
}

void read_normalizer_spec(std::string_view message, SentencepieceSpec& spec) {
  while (!message.empty()) {
    const WireField field = take_field(message);
    if (field.tag == 2) spec.normalises = !field.bytes.empty();
    if (field.tag == 3) spec.add_dummy_prefix = field.number != 0;
    if (field.tag == 4) spec.remove_extra_whitespaces = field.number != 0;
    if (field.tag == 5) spec.escape_whitespaces = field.number != 0;
  }
}

}  // namespace

SentencepieceSpec read_sentencepiece_spec(std::string_view serialized_model) {
  SentencepieceSpec spec;
  while (!serialized_model.empty()) {
    const WireField field = take_field(serialized_model);
    if (field.tag == 1) read_piece(field.bytes, spec);
    if (field.tag == 2) read_trainer_spec(field.bytes, spec);
    if (field.tag == 3) read_normalizer_spec(field.bytes, spec);
  }
  return spec;
}

std::string sentencepiece_piece(std::string_view text, bool control) {
  const std::string message = "\x0a" + varint(text.size()) + std::string(text) +  // piece
                              "\x15" + std::string(4, '\0') +                     // score 0
                              "\x18" + varint(control ? kControl : kUserDefined);
  return "\x0a" + varint(message.size()) + message;
}

}  // namespace r1::model
