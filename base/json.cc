#include "base/json.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <unordered_map>

#include "base/error.h"
#include "base/file.h"
#include "base/json_internal.h"

namespace r1 {
namespace {

// The parser does not tell its handler where it is, so the iterator that it reads through does.
class TrackedIterator {
 public:
  using iterator_category = std::input_iterator_tag;
  using value_type = char;
  using difference_type = std::ptrdiff_t;
  using pointer = const char*;
  using reference = const char&;
  TrackedIterator(const char* at, const char** tracker) : at_(at), tracker_(tracker) {}
  reference operator*() const { return *at_; }
  TrackedIterator& operator++() {
    *tracker_ = ++at_;
    return *this;
  }
  TrackedIterator operator++(int) {
    TrackedIterator before = *this;
    ++*this;
    return before;
  }
  bool operator==(const TrackedIterator& other) const { return at_ == other.at_; }
  bool operator!=(const TrackedIterator& other) const { return at_ != other.at_; }

 private:
  const char* at_;
  const char** tracker_;
};

// "[json.exception.parse_error.101] parse error at line 1, column 5: REASON; last read: 'TOKEN'"
std::string reason_of(std::string_view what) {
  size_t from = what.find("] ");
  if (from != what.npos) what.remove_prefix(from + 2);
  if (what.starts_with("parse error at ")) {
    from = what.find(": ");
    if (from != what.npos) what.remove_prefix(from + 2);
  }
  for (std::string_view head : {"syntax error while parsing ", "syntax error "})
    if (what.starts_with(head)) what.remove_prefix(head.size());
  const size_t token = what.find("; last read: '");
  const std::string_view reason = what.substr(0, token);
  std::string out(reason);
  if (token != what.npos) {  // the token may be megabytes long; its end is where the trouble is
    std::string_view read = what.substr(token + 14);
    const size_t quote = read.rfind('\'');
    const std::string_view tail = quote == read.npos ? "" : read.substr(quote + 1);
    read = read.substr(0, quote);
    const bool cut = read.size() > 40;
    if (cut) read.remove_prefix(read.size() - 40);
    out += fmt::format(" at '{}{}'{}", cut ? "..." : "", first_bytes_escaped(read, 40), tail);
  }
  return out;
}

// Keys of one open object with the byte each was seen at. Most objects are small: a hash only pays
// for large ones.
class SeenKeys {
 public:
  // Adds `key`; returns where it was seen before, or npos.
  size_t add(const std::string& key, size_t byte) {
    if (small_.size() < 16 && large_.empty()) {
      for (const auto& [name, at] : small_)
        if (name == key) return at;
      small_.emplace_back(key, byte);
      return std::string::npos;
    }
    if (large_.empty()) large_.insert(small_.begin(), small_.end());
    const auto [it, fresh] = large_.emplace(key, byte);
    return fresh ? std::string::npos : it->second;
  }

 private:
  std::vector<std::pair<std::string, size_t>> small_;
  std::unordered_map<std::string, size_t> large_;
};

class Builder {
 public:
  Builder(std::string_view text, const JsonLimits& limits) : text_(text), limits_(limits) {}

  Json parse() {
    tracker_ = text_.data();
    TrackedIterator begin(text_.data(), &tracker_);
    TrackedIterator end(text_.data() + text_.size(), &tracker_);
    Json::sax_parse(begin, end, this, Json::input_format_t::json, true, limits_.comments);
    return std::move(root_);
  }

  bool null() { return scalar(nullptr); }
  bool boolean(bool value) { return scalar(value); }
  bool number_integer(Json::number_integer_t value) { return scalar(value); }
  bool number_unsigned(Json::number_unsigned_t value) { return scalar(value); }
  bool number_float(Json::number_float_t value, const std::string& text) {
    const bool integer = text.find_first_not_of("-0123456789") == std::string::npos;
    return integer && limits_.big_integers ? scalar(Json{{"int", text}}) : scalar(value);
  }
  bool string(std::string& value) { return scalar(std::move(value)); }
  bool binary(Json::binary_t&) { return false; }
  bool start_object(size_t) { return open(Json::object()); }
  bool start_array(size_t) { return open(Json::array()); }
  bool end_object() { return close(); }
  bool end_array() { return close(); }
  bool key(std::string& name) {
    const size_t at = key_start();
    const size_t before = levels_.back().keys.add(name, at);
    if (before != std::string::npos) {
      const auto lines = std::count(text_.begin(), text_.begin() + std::ptrdiff_t(before), '\n');
      throw ParseFailure{at, fmt::format("key \"{}\" was already given on line {}", first_bytes_escaped(name, 80), lines + 1)};
    }
    key_ = std::move(name);
    return true;
  }
  template <class Exception>
  bool parse_error(size_t byte, const std::string&, const Exception& error) {
    const size_t at = std::min(text_.size(), byte > 0 ? byte - 1 : 0);
    throw ParseFailure{at, reason_of(error.what())};
  }

 private:
  struct Level {
    Json* value;
    SeenKeys keys;
  };
  size_t position() const { return size_t(tracker_ - text_.data()); }
  // The opening quote of the key whose closing quote was just read.
  size_t key_start() const {
    size_t at = position() - 1;
    while (at > 0) {
      --at;
      if (text_[at] != '"') continue;
      size_t slashes = 0;
      while (slashes < at && text_[at - 1 - slashes] == '\\') ++slashes;
      if (slashes % 2 == 0) break;
    }
    return at;
  }
  template <class Value>
  Json* add(Value&& value) {
    if (levels_.empty()) {
      root_ = std::forward<Value>(value);
      return &root_;
    }
    Json& parent = *levels_.back().value;
    if (parent.is_array()) {
      auto& list = parent.get_ref<Json::array_t&>();
      list.emplace_back(std::forward<Value>(value));
      return &list.back();
    }
    // ordered_map's own insertion searches all keys; a vocabulary has 150,000 of them and we know
    // that this one is new
    Json::object_t::Container& list = parent.get_ref<Json::object_t&>();
    list.emplace_back(std::move(key_), std::forward<Value>(value));
    return &list.back().second;
  }
  template <class Value>
  bool scalar(Value&& value) {
    add(std::forward<Value>(value));
    return true;
  }
  bool open(Json value) {
    if (int(levels_.size()) >= limits_.max_depth)
      throw ParseFailure{position() - 1, fmt::format("nested deeper than {} levels", limits_.max_depth)};
    levels_.push_back({add(std::move(value)), {}});
    return true;
  }
  bool close() {
    levels_.pop_back();
    return true;
  }

  std::string_view text_;
  JsonLimits limits_;
  const char* tracker_ = nullptr;
  Json root_;
  std::vector<Level> levels_;
  std::string key_;
};

std::string too_large(size_t bytes, size_t limit) {
  return fmt::format("{} bytes are more than the limit of {}", bytes, limit);
}

const Json& require(const Json& row, const char* field, const std::string& where) {
  if (!row.is_object()) throw DataError(fmt::format("{}: expected an object, found {}", where, row.type_name()));
  const auto it = row.find(field);
  if (it == row.end()) throw DataError(fmt::format("{}: field \"{}\" is missing", where, field));
  return *it;
}

[[noreturn]] void wrong_type(const Json& value, const char* field, const std::string& where, const char* wanted) {
  const std::string text = dump_json(value);
  throw DataError(fmt::format("{}: field \"{}\": expected {}, found {} {}", where, field, wanted, value.type_name(),
                              first_bytes_escaped(text, 80)));
}

}  // namespace

std::string first_bytes_escaped(std::string_view text, size_t limit) {
  std::string out;
  for (char c : text.substr(0, limit)) {
    const auto byte = static_cast<unsigned char>(c);
    if (c == '"' || c == '\\') {
      out += {'\\', c};
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += c;
    } else {
      out += fmt::format("\\x{:02x}", byte);
    }
  }
  return out + (text.size() > limit ? "..." : "");
}

Json parse_text(std::string_view text, const JsonLimits& limits) {
  if (text.size() > limits.max_bytes) throw ParseFailure{0, too_large(text.size(), limits.max_bytes)};
  const size_t skipped = text.starts_with(kBom) ? kBom.size() : 0;
  text.remove_prefix(skipped);
  try {
    // nlohmann takes NUL for the end of the text.
    if (const size_t nul = text.find('\0'); nul != text.npos)
      throw ParseFailure{nul, "NUL byte; JSON text cannot contain one"};
    return Builder(text, limits).parse();
  } catch (ParseFailure& failure) {
    failure.byte += skipped;
    throw;
  }
}

int64_t column_of(std::string_view line, size_t byte) {
  if (line.starts_with(kBom)) {
    line.remove_prefix(kBom.size());
    byte -= std::min(byte, kBom.size());
  }
  const auto begins_character = [](char c) { return (c & 0xc0) != 0x80; };
  return 1 + std::count_if(line.begin(), line.begin() + std::ptrdiff_t(byte), begins_character);
}

Json parse_json(std::string_view text, const std::string& name, const JsonLimits& limits) {
  try {
    return parse_text(text, limits);
  } catch (const ParseFailure& failure) {
    const std::string_view before = text.substr(0, failure.byte);
    const size_t newline = before.rfind('\n');
    const size_t start = newline == before.npos ? 0 : newline + 1;
    const auto line = 1 + std::count(before.begin(), before.end(), '\n');
    throw DataError(
        fmt::format("{}:{}:{}: {}", name, line, column_of(text.substr(start), failure.byte - start), failure.reason));
  }
}

Json read_json(const std::filesystem::path& path, const JsonLimits& limits) {
  std::error_code error;
  const auto size = std::filesystem::file_size(path, error);
  if (!error && size > limits.max_bytes)
    throw DataError(fmt::format("{}:1:1: {}", path.string(), too_large(size, limits.max_bytes)));
  return parse_json(read_file(path), path.string(), limits);
}

std::string require_string(const Json& row, const char* field, const std::string& where) {
  const Json& value = require(row, field, where);
  if (!value.is_string()) wrong_type(value, field, where, "a string");
  return value.get<std::string>();
}

int64_t require_int(const Json& row, const char* field, const std::string& where) {
  const Json& value = require(row, field, where);
  const bool too_big = value.is_number_unsigned() && value.get<uint64_t>() > uint64_t(INT64_MAX);
  if (!value.is_number_integer() || too_big) wrong_type(value, field, where, "an integer");
  return value.get<int64_t>();
}

std::string dump_json(const Json& value) { return value.dump(-1, ' ', false, Json::error_handler_t::replace); }

std::string dump_json_pretty(const Json& value) { return value.dump(2, ' ', false, Json::error_handler_t::replace); }

}  // namespace r1
