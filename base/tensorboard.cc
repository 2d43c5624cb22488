#include <array>
#include <bit>
#include <chrono>
#include <string>

#include "base/crc32c.h"
#include "base/error.h"
#include "base/file.h"
#include "base/metrics.h"

namespace r1 {
namespace {

constexpr std::array<uint32_t, 256> make_crc_table() {
  std::array<uint32_t, 256> table{};
  for (uint32_t i = 0; i < 256; ++i) {
    uint32_t crc = i;
    for (int bit = 0; bit < 8; ++bit) crc = crc >> 1 ^ (crc & 1 ? 0x82f63b78u : 0u);
    table[i] = crc;
  }
  return table;
}

constexpr std::array<uint32_t, 256> kCrcTable = make_crc_table();

void put_little_endian(std::string& out, uint64_t value, int bytes) {
  for (int i = 0; i < bytes; ++i) out.push_back(char(value >> (8 * i) & 0xff));
}

// TFRecord stores checksums rotated and offset, so that a checksum of data with checksums inside
// stays sound.
uint32_t masked_crc(std::string_view bytes) { return std::rotr(crc32c(bytes), 15) + 0xa282ead8u; }

std::string record(std::string_view data) {
  std::string out;
  put_little_endian(out, data.size(), 8);
  put_little_endian(out, masked_crc(out), 4);
  out += data;
  put_little_endian(out, masked_crc(data), 4);
  return out;
}

// ---- protobuf wire format: key = field number << 3 | wire type (0 varint, 1 64-bit, 2 bytes, 5
// 32-bit) ----

void put_varint(std::string& out, uint64_t value) {
  for (; value >= 0x80; value >>= 7) out.push_back(char((value & 0x7f) | 0x80));
  out.push_back(char(value));
}

void put_varint_field(std::string& out, int field, uint64_t value) {
  put_varint(out, uint64_t(field) << 3);
  put_varint(out, value);
}

void put_double(std::string& out, int field, double value) {
  put_varint(out, uint64_t(field) << 3 | 1);
  put_little_endian(out, std::bit_cast<uint64_t>(value), 8);
}

void put_float(std::string& out, int field, float value) {
  put_varint(out, uint64_t(field) << 3 | 5);
  put_little_endian(out, std::bit_cast<uint32_t>(value), 4);
}

void put_bytes(std::string& out, int field, std::string_view value) {
  put_varint(out, uint64_t(field) << 3 | 2);
  put_varint(out, value.size());
  out += value;
}

// Event: wall_time 1, step 2, file_version 3, summary 5. Summary: value 1. Value: tag 1,
// simple_value 2.
std::string version_event(double wall_time) {
  std::string event;
  put_double(event, 1, wall_time);
  put_bytes(event, 3, "brain.Event:2");
  return event;
}

std::string scalar_event(const std::string& tag, int64_t step, double wall_time, double value) {
  std::string item, summary, event;
  put_bytes(item, 1, tag);
  put_float(item, 2, float(value));
  put_bytes(summary, 1, item);
  put_double(event, 1, wall_time);
  put_varint_field(event, 2, uint64_t(step));
  put_bytes(event, 5, summary);
  return event;
}

}  // namespace

uint32_t crc32c(std::string_view bytes) {
  uint32_t crc = ~0u;
  for (char c : bytes) crc = crc >> 8 ^ kCrcTable[(crc ^ static_cast<unsigned char>(c)) & 0xff];
  return ~crc;
}

struct TensorBoardWriter::Impl {
  explicit Impl(const std::filesystem::path& path) : file((write_file_atomic(path, ""), path)) {}
  AppendFile file;
  std::string pending;
};

TensorBoardWriter::TensorBoardWriter(const std::filesystem::path& path) : impl_(std::make_unique<Impl>(path)) {
  const auto now = std::chrono::system_clock::now().time_since_epoch();
  impl_->pending = record(version_event(std::chrono::duration<double>(now).count()));
  flush();
}

TensorBoardWriter::~TensorBoardWriter() {
  try {
    flush();
  } catch (const Error&) {  // a full disk must not end the process here; flush() before to hear of it
  }
}

void TensorBoardWriter::scalar(const std::string& tag, int64_t step, double wall_time, double value) {
  impl_->pending += record(scalar_event(tag, step, wall_time, value));
  if (impl_->pending.size() > (1 << 20)) flush();
}

void TensorBoardWriter::flush() {
  impl_->file.write(impl_->pending);
  impl_->pending.clear();
}

}  // namespace r1
