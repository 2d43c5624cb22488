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

bool is_user_defined(std::string_view piece) {
  uint64_t type = 1;  // normal
  while (!piece.empty()) {
    const WireField field = take_field(piece);
    if (field.tag == 3) type = field.number;
  }
  return type == 4;
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
  int64_t pieces = 0;
  while (!serialized_model.empty()) {
    const WireField field = take_field(serialized_model);
    if (field.tag == 1) {
      if (is_user_defined(field.bytes)) spec.user_defined_ids.push_back(pieces);
      ++pieces;
    }
    if (field.tag == 2) read_trainer_spec(field.bytes, spec);
    if (field.tag == 3) read_normalizer_spec(field.bytes, spec);
  }
  return spec;
}

}  // namespace r1::model
