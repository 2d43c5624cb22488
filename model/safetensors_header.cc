#include "model/safetensors_header.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <iterator>

#include "base/error.h"
#include "base/json.h"

namespace r1::model {
namespace {

constexpr uint64_t kTextStart = 8;  // the header follows its 8-byte length

// The parser does not tell its handler where it is; the iterator that it reads through does.
class Cursor {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  Cursor(const char* at, const char** position) : at_(at), position_(position) {}
  reference operator*() const { return *at_; }
  Cursor& operator++() {
    *position_ = ++at_;
    return *this;
  }
  Cursor operator++(int) {
    Cursor before = *this;
    ++*this;
    return before;
  }
  bool operator==(const Cursor& other) const { return at_ == other.at_; }
  bool operator!=(const Cursor& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** position_;
};

// Accepts exactly {"__metadata__": {text: text}, name: {"dtype": text, "shape": [n],
// "data_offsets": [n, n]}}. Linear in the size of the text, which a document object would not be.
class HeaderReader : public Json::json_sax_t {
 public:
  HeaderReader(SafetensorsHeader& header, std::string_view text, const std::string& file)
      : header_(header), text_(text), file_(file), position_(text.data()) {}

  void read() {
    const char* end = text_.data() + text_.size();
    Json::sax_parse(Cursor(text_.data(), &position_), Cursor(end, &position_), this);
  }

  bool null() override { refuse_type("null"); }
  bool boolean(bool) override { refuse_type("true or false"); }
  bool number_integer(number_integer_t) override { refuse("wrong_type", "negative number"); }
  bool number_float(number_float_t, const string_t&) override {
    refuse("wrong_type", "a number that is not a whole one below 2^64");
  }
  bool binary(binary_t&) override { refuse_type("binary data"); }

  bool number_unsigned(number_unsigned_t value) override {
    if (place_ != Place::kArray) refuse_type("a number");
    if (field_ == "shape") {
      if (value > uint64_t{1} << 62)
        refuse("overflow", fmt::format("dimension {} overflows", value));
      if (entry().shape.size() == kSafetensorsMaxRank)
        refuse("bad_shape", fmt::format("more than {} dimensions", kSafetensorsMaxRank));
      entry().shape.push_back(static_cast<int64_t>(value));
    } else {
      if (offsets_ == 2) refuse("bad_offset", "data_offsets has more than two numbers");
      (offsets_++ == 0 ? entry().begin : entry().end) = value;
    }
    return true;
  }

  bool string(string_t& value) override {
    if (place_ == Place::kMetadata) {
      if (!header_.metadata.emplace(field_, value).second) {
        refuse("duplicate_key",
               fmt::format("duplicate key {} in __metadata__", printable_tensor_name(field_)));
      }
      return true;
    }
    if (place_ != Place::kTensor || field_ != "dtype") refuse_type("text");
    for (const SafetensorsDtype& dtype : safetensors_dtypes()) {
      if (value == dtype.name) entry().dtype = &dtype;
    }
    if (!entry().dtype) {
      refuse(
          "unknown_dtype",
          fmt::format("unknown dtype {}; expected one of F64 F32 F16 BF16 I64 I32 I16 I8 U8 BOOL",
                      printable_tensor_name(value)));
    }
    return true;
  }

  bool start_object(size_t) override {
    if (place_ == Place::kStart) {
      place_ = Place::kTop;
    } else if (place_ == Place::kTop) {
      place_ = field_ == "__metadata__" ? Place::kMetadata : Place::kTensor;
    } else {
      refuse_type("an object");
    }
    return true;
  }

  bool key(string_t& value) override {
    field_ = value;
    if (place_ == Place::kTop) start_entry();
    if (place_ == Place::kTensor) start_field();
    return true;
  }

  bool end_object() override {
    if (place_ == Place::kTensor) {
      for (size_t i = 0; i < kFields.size(); ++i) {
        if (!seen_[i]) refuse("missing_field", fmt::format("it has no {}", kFields[i]));
      }
    }
    place_ = Place::kTop;
    return true;
  }

  bool start_array(size_t) override {
    if (place_ != Place::kTensor || field_ == "dtype") refuse_type("an array");
    place_ = Place::kArray;
    offsets_ = 0;
    return true;
  }

  bool end_array() override {
    if (field_ == "data_offsets" && offsets_ != 2) {
      refuse("bad_offset", fmt::format("data_offsets has {} numbers, not two", offsets_));
    }
    place_ = Place::kTensor;
    return true;
  }

  bool parse_error(size_t at, const std::string&, const Json::exception& error) override {
    std::string reason = error.what();
    const size_t colon = reason.find(": ");
    if (colon != std::string::npos) reason = reason.substr(colon + 2);
    if (reason.size() > 200) reason = reason.substr(0, 197) + "...";
    const uint64_t byte = kTextStart + (at > 0 ? at - 1 : 0);
    const char* code = reason.find("UTF-8") == reason.npos ? "bad_json" : "bad_utf8";
    refuse_safetensors(file_, byte, code, "the header is not valid JSON: " + reason);
  }

 private:
  enum class Place { kStart, kTop, kMetadata, kTensor, kArray };

  [[noreturn]] void refuse(std::string_view code, const std::string& reason) {
    const bool inside = place_ == Place::kTensor || place_ == Place::kArray;
    const std::string where =
        inside ? fmt::format("tensor {}: ", printable_tensor_name(entry().name)) : "";
    refuse_safetensors(file_, kTextStart + static_cast<uint64_t>(position_ - text_.data()), code,
                       where + reason);
  }
  [[noreturn]] void refuse_type(const char* found) {
    refuse("wrong_type", fmt::format("{} where {} is expected", found, expected()));
  }

  std::string expected() const {
    if (place_ == Place::kMetadata) return "text (the values of __metadata__ are text)";
    if (place_ == Place::kArray) return "a whole number";
    if (place_ == Place::kTensor) return field_ == "dtype" ? "text" : "an array";
    return "an object";
  }

  void start_entry() {
    if (field_ == "__metadata__") {
      if (has_metadata_) refuse("duplicate_key", "duplicate key \"__metadata__\"");
      has_metadata_ = true;
      return;
    }
    if (field_.size() > kSafetensorsMaxNameBytes) {
      refuse("name_too_long",
             fmt::format("tensor name of {} bytes, more than {}: {}", field_.size(),
                         kSafetensorsMaxNameBytes, printable_tensor_name(field_)));
    }
    if (header_.entries.size() == kSafetensorsMaxTensors)
      refuse("too_many_tensors", fmt::format("more than {} tensors", kSafetensorsMaxTensors));
    header_.entries.emplace_back();
    entry().name = field_;
    entry().header_byte = kTextStart + static_cast<uint64_t>(position_ - text_.data());
    seen_ = {};
  }

  void start_field() {
    const auto known = std::find(kFields.begin(), kFields.end(), field_);
    if (known == kFields.end())
      refuse("unknown_field", fmt::format("unknown key {}", printable_tensor_name(field_)));
    bool& seen = seen_[static_cast<size_t>(known - kFields.begin())];
    if (seen) refuse("duplicate_key", fmt::format("duplicate key {}", field_));
    seen = true;
  }

  SafetensorsEntry& entry() { return header_.entries.back(); }

  static constexpr std::array<std::string_view, 3> kFields = {"dtype", "shape", "data_offsets"};

  SafetensorsHeader& header_;
  std::string_view text_;
  const std::string& file_;
  const char* position_;
  Place place_ = Place::kStart;
  std::string field_;
  int offsets_ = 0;
  bool has_metadata_ = false;
  std::array<bool, 3> seen_ = {};  // of kFields, in the tensor that is being read
};

void sort_by_name(std::vector<SafetensorsEntry>& entries, const std::string& file) {
  const auto place = [](const SafetensorsEntry& entry) {
    return std::pair<std::string_view, uint64_t>(entry.name, entry.header_byte);
  };
  std::sort(entries.begin(), entries.end(),
            [&](const auto& a, const auto& b) { return place(a) < place(b); });
  const auto twice =
      std::adjacent_find(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.name == b.name; });
  if (twice == entries.end()) return;
  refuse_safetensors(file, (twice + 1)->header_byte, "duplicate_key",
                     fmt::format("duplicate key {}", printable_tensor_name(twice->name)));
}

void check_size(const SafetensorsEntry& entry, uint64_t data_bytes, const std::string& file) {
  const auto refuse = [&](std::string_view code, const std::string& reason) {
    refuse_safetensors(file, entry.header_byte, code,
                       fmt::format("tensor {}: {}", printable_tensor_name(entry.name), reason));
  };
  if (entry.begin > entry.end) {
    refuse("bad_offset",
           fmt::format("data_offsets [{}, {}] run backwards", entry.begin, entry.end));
  }
  if (entry.end > data_bytes) {
    refuse("bad_offset",
           fmt::format("data_offsets [{}, {}] reach beyond the {} bytes of data (truncated file?)",
                       entry.begin, entry.end, data_bytes));
  }
  uint64_t bytes = entry.dtype->bytes;
  uint64_t strides = bytes;  // the product as if nothing were empty: torch computes it, too
  for (int64_t dimension : entry.shape) {
    const auto size = static_cast<uint64_t>(dimension);
    if (__builtin_mul_overflow(strides, std::max<uint64_t>(size, 1), &strides) ||
        strides > uint64_t{1} << 62) {
      refuse("overflow", "the product of its shape overflows 64 bits");
    }
    bytes *= size;
  }
  if (bytes != entry.end - entry.begin) {
    refuse("size_mismatch",
           fmt::format("shape and dtype need {} bytes, data_offsets [{}, {}] give {}", bytes,
                       entry.begin, entry.end, entry.end - entry.begin));
  }
}

// Every byte of the data belongs to exactly one tensor.
void check_cover(const SafetensorsHeader& header, uint64_t data_start, uint64_t data_bytes,
                 const std::string& file) {
  std::vector<const SafetensorsEntry*> order;
  for (const SafetensorsEntry& entry : header.entries) order.push_back(&entry);
  std::sort(order.begin(), order.end(), [](const SafetensorsEntry* a, const SafetensorsEntry* b) {
    return std::pair(a->begin, a->end) < std::pair(b->begin, b->end);
  });
  uint64_t reached = 0;
  for (const SafetensorsEntry* entry : order) {
    const std::string name = printable_tensor_name(entry->name);
    if (entry->begin < reached) {
      refuse_safetensors(file, data_start + entry->begin, "overlap",
                         fmt::format("tensor {} overlaps the one before it", name));
    }
    if (entry->begin > reached) {
      refuse_safetensors(
          file, data_start + reached, "hole",
          fmt::format("hole of {} bytes before tensor {}", entry->begin - reached, name));
    }
    reached = entry->end;
  }
  if (reached != data_bytes) {
    refuse_safetensors(
        file, data_start + reached, "trailing_bytes",
        fmt::format("{} trailing bytes that belong to no tensor", data_bytes - reached));
  }
}

}  // namespace

const std::vector<SafetensorsDtype>& safetensors_dtypes() {
  static const std::vector<SafetensorsDtype> dtypes = {
      {"BOOL", at::kBool, 1}, {"U8", at::kByte, 1},   {"I8", at::kChar, 1},
      {"I16", at::kShort, 2}, {"F16", at::kHalf, 2},  {"BF16", at::kBFloat16, 2},
      {"I32", at::kInt, 4},   {"F32", at::kFloat, 4}, {"F64", at::kDouble, 8},
      {"I64", at::kLong, 8},
  };
  return dtypes;
}

std::string printable_tensor_name(std::string_view name) {
  constexpr size_t kShown = 80;
  const bool cut = name.size() > kShown;
  return dump_json(Json(std::string(name.substr(0, kShown)) + (cut ? "..." : "")));
}

void refuse_safetensors(const std::string& file, uint64_t byte, std::string_view code,
                        const std::string& reason) {
  throw CheckpointError(fmt::format("{}: byte {}: {} [{}]", file, byte, reason, code));
}

SafetensorsHeader parse_safetensors_header(std::string_view text, uint64_t data_bytes,
                                           const std::string& file) {
  if (text.empty() || text.front() != '{') {
    refuse_safetensors(file, kTextStart, "bad_start",
                       "the header does not start with '{'; not a safetensors file?");
  }
  const size_t nul = text.find('\0');  // the parser would take it for the end of the text
  if (nul != text.npos)
    refuse_safetensors(file, kTextStart + nul, "nul_byte", "NUL byte in the header");
  SafetensorsHeader header;
  HeaderReader(header, text, file).read();
  sort_by_name(header.entries, file);
  for (const SafetensorsEntry& entry : header.entries) check_size(entry, data_bytes, file);
  check_cover(header, kTextStart + text.size(), data_bytes, file);
  return header;
}

}  // namespace r1::model
