// Malformed safetensors files, made when a test runs: what is wrong, the code and the text of the
// refusal.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace r1::model {

struct MalformedFile {
  const char* what;
  const char* code;
  std::string bytes;
  std::string message;
};

inline std::string length_prefix(uint64_t length) {
  return {reinterpret_cast<const char*>(&length), sizeof length};
}

// A file of this header text and so many zero bytes of data.
inline std::string file_of(const std::string& header, size_t data_bytes) {
  return length_prefix(header.size()) + header + std::string(data_bytes, '\0');
}

inline std::string entry(const std::string& name, const std::string& dtype,
                         const std::string& shape, const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + offsets + "]}";
}

inline std::vector<MalformedFile> malformed_frames() {
  const std::string good = "{" + entry("a", "F32", "2", "0,8") + "}";
  return {
      {"empty file", "too_small", "", "0: too small"},
      {"seven bytes", "too_small", std::string(7, '\1'), "7: too small"},
      {"length only", "bad_start", length_prefix(0), "8: the header does not start with '{'"},
      {"length of 2^64 - 1", "header_too_large", length_prefix(~uint64_t{0}) + good,
       "0: header length 18446744073709551615 is above the limit"},
      {"length of 100,000,001", "header_too_large", length_prefix(100'000'001) + good,
       "0: header length 100000001 is above the limit"},
      {"length beyond the file", "header_truncated",
       length_prefix(good.size() + 9) + good + std::string(8, '\0'), "bytes follow (truncated?)"},
      {"header cut", "header_truncated", file_of(good, 0).substr(0, 30),
       "bytes follow (truncated?)"},
      {"an array", "bad_start", file_of("[1]", 0), "8: the header does not start with '{'"},
      {"leading space", "bad_start", file_of(" " + good, 8),
       "8: the header does not start with '{'"},
      {"byte order mark", "bad_start", file_of("\xef\xbb\xbf" + good, 8),
       "8: the header does not start with '{'"},
      {"pickle", "bad_start", file_of(std::string("\x80\x02}q", 4), 0),
       "8: the header does not start with '{'"},
      {"data cut", "bad_offset", file_of(good, 7),
       "reach beyond the 7 bytes of data (truncated file?)"},
      {"trailing byte", "trailing_bytes", file_of(good, 9),
       "1 trailing bytes that belong to no tensor"},
      {"data without tensors", "trailing_bytes", file_of("{}", 4), "10: 4 trailing bytes"},
  };
}

inline std::vector<MalformedFile> malformed_json() {
  const std::string e = entry("a", "F32", "2", "0,8");
  return {
      {"unclosed", "bad_json", file_of("{" + e, 8), "the header is not valid JSON"},
      {"comma at the end", "bad_json", file_of("{" + e + ",}", 8), "the header is not valid JSON"},
      {"comment", "bad_json", file_of("{/* */" + e + "}", 8), "9: the header is not valid JSON"},
      {"text behind", "bad_json", file_of("{" + e + "}x", 8), "the header is not valid JSON"},
      {"NUL padding", "nul_byte", file_of("{" + e + "}" + std::string(3, '\0'), 8),
       "NUL byte in the header"},
      {"two documents", "bad_json", file_of("{}{}", 0), "the header is not valid JSON"},
      {"bad UTF-8", "bad_utf8", file_of("{" + entry("a\xff", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"overlong UTF-8", "bad_utf8", file_of("{" + entry("\xc0\xaf", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"surrogate", "bad_json", file_of("{" + entry("\\ud800", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"control character", "bad_json", file_of("{" + entry("a\nb", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"NaN", "bad_json", file_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN]}}", 8),
       "the header is not valid JSON"},
      {"nested deeply", "wrong_type", file_of("{\"a\":" + std::string(100'000, '['), 0),
       "an array where an object is expected"},
      {"duplicate tensor", "duplicate_key", file_of("{" + e + "," + e + "}", 8),
       "duplicate key \"a\""},
      {"duplicate, escaped", "duplicate_key",
       file_of("{" + e + "," + entry("\\u0061", "F32", "2", "0,8") + "}", 8),
       "duplicate key \"a\""},
      {"duplicate __metadata__", "duplicate_key",
       file_of("{\"__metadata__\":{},\"__metadata__\":{}}", 0), "duplicate key \"__metadata__\""},
      {"duplicate metadata", "duplicate_key",
       file_of("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0),
       "duplicate key \"k\" in __metadata__"},
      {"metadata a list", "wrong_type", file_of("{\"__metadata__\":[]}", 0),
       "an array where an object is expected"},
      {"metadata a number", "wrong_type", file_of("{\"__metadata__\":{\"k\":1}}", 0),
       "the values of __metadata__ are text"},
      {"metadata nested", "wrong_type", file_of("{\"__metadata__\":{\"k\":{}}}", 0),
       "the values of __metadata__ are text"},
      {"metadata null", "wrong_type", file_of("{\"__metadata__\":{\"k\":null}}", 0),
       "null where text"},
      {"metadata bool", "wrong_type", file_of("{\"__metadata__\":{\"k\":true}}", 0),
       "true or false where text"},
  };
}

inline std::vector<MalformedFile> malformed_entries() {
  const auto one = [](const std::string& text, size_t bytes) {
    return file_of("{" + text + "}", bytes);
  };
  return {
      {"tensor is text", "wrong_type", one("\"a\":\"F32\"", 0), "text where an object is expected"},
      {"tensor is null", "wrong_type", one("\"a\":null", 0), "null where an object is expected"},
      {"no dtype", "missing_field", one("\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}", 8),
       "tensor \"a\": it has no dtype"},
      {"no shape", "missing_field", one("\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}", 8),
       "tensor \"a\": it has no shape"},
      {"no offsets", "missing_field", one("\"a\":{\"dtype\":\"F32\",\"shape\":[2]}", 8),
       "tensor \"a\": it has no data_offsets"},
      {"unknown key", "unknown_field", one("\"a\":{\"dtype\":\"F32\",\"strides\":[1]}", 8),
       "tensor \"a\": unknown key \"strides\""},
      {"duplicate dtype", "duplicate_key", one("\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\"}", 8),
       "tensor \"a\": duplicate key dtype"},
      {"unknown dtype", "unknown_dtype", one(entry("a", "F8_E4M3", "2", "0,2"), 2),
       "tensor \"a\": unknown dtype \"F8_E4M3\""},
      {"lower-case dtype", "unknown_dtype", one(entry("a", "f32", "2", "0,8"), 8),
       "unknown dtype \"f32\""},
      {"dtype a number", "wrong_type", one("\"a\":{\"dtype\":4}", 0),
       "a number where text is expected"},
      {"dtype a list", "wrong_type", one("\"a\":{\"dtype\":[\"F32\"]}", 0),
       "an array where text is expected"},
      {"shape a number", "wrong_type", one("\"a\":{\"shape\":2}", 0),
       "a number where an array is expected"},
      {"shape of texts", "wrong_type", one("\"a\":{\"shape\":[\"2\"]}", 0),
       "text where a whole number is expected"},
      {"shape nested", "wrong_type", one("\"a\":{\"shape\":[[2]]}", 0),
       "an array where a whole number is expected"},
      {"negative dimension", "wrong_type", one(entry("a", "F32", "-2", "0,8"), 8),
       "tensor \"a\": negative number"},
      {"fractional dimension", "wrong_type", one(entry("a", "F32", "2.0", "0,8"), 8),
       "not a whole one below 2^64"},
      {"exponent", "wrong_type", one(entry("a", "F32", "1e1", "0,8"), 8),
       "not a whole one below 2^64"},
      {"dimension 2^64", "wrong_type", one(entry("a", "F32", "18446744073709551616", "0,8"), 8),
       "not a whole one below 2^64"},
      {"dimension 2^64 - 1", "overflow", one(entry("a", "U8", "18446744073709551615", "0,8"), 8),
       "18446744073709551615 overflows"},
      {"product overflows", "overflow", one(entry("a", "F32", "4294967296,4294967296", "0,8"), 8),
       "overflows 64 bits"},
      {"product wraps to 8", "overflow", one(entry("a", "F64", "4611686018427387904,2", "0,0"), 0),
       "overflows 64 bits"},
      {"nine dimensions", "bad_shape", one(entry("a", "F32", "1,1,1,1,1,1,1,1,2", "0,8"), 8),
       "more than 8 dimensions"},
      {"one offset", "bad_offset", one(entry("a", "F32", "2", "8"), 8),
       "data_offsets has 1 numbers, not two"},
      {"three offsets", "bad_offset", one(entry("a", "F32", "2", "0,8,8"), 8),
       "data_offsets has more than two numbers"},
      {"backwards", "bad_offset", one(entry("a", "F32", "2", "8,0"), 8),
       "data_offsets [8, 0] run backwards"},
      {"beyond the end", "bad_offset", one(entry("a", "F32", "2", "0,16"), 8),
       "data_offsets [0, 16] reach beyond the 8 bytes"},
      {"offset 2^64 - 1", "bad_offset", one(entry("a", "F32", "2", "0,18446744073709551615"), 8),
       "reach beyond the 8 bytes"},
      {"too few bytes", "size_mismatch", one(entry("a", "F32", "3", "0,8"), 8),
       "shape and dtype need 12 bytes, data_offsets [0, 8] give 8"},
      {"too many bytes", "size_mismatch", one(entry("a", "F32", "1", "0,8"), 8),
       "shape and dtype need 4 bytes, data_offsets [0, 8] give 8"},
      {"scalar of 8 bytes", "size_mismatch", one(entry("a", "F32", "", "0,8"), 8),
       "shape and dtype need 4 bytes"},
      {"overlap", "overlap",
       one(entry("a", "F32", "2", "0,8") + "," + entry("b", "F32", "2", "4,12"), 12),
       "\"b\" overlaps"},
      {"same bytes twice", "overlap",
       one(entry("a", "F32", "2", "0,8") + "," + entry("b", "F32", "2", "0,8"), 8),
       "\"b\" overlaps"},
      {"hole", "hole",
       one(entry("a", "F32", "1", "0,4") + "," + entry("b", "F32", "1", "8,12"), 12),
       "hole of 4 bytes before tensor \"b\""},
      {"hole at the start", "hole", one(entry("a", "F32", "1", "4,8"), 8),
       "hole of 4 bytes before tensor \"a\""},
      {"long name", "name_too_long", one(entry(std::string(513, 'n'), "F32", "2", "0,8"), 8),
       "tensor name of 513 bytes, more than 512"},
      {"empty, but its strides overflow", "overflow",
       one(entry("a", "F32", "0,4611686018427387904,8", "0,0"), 0), "overflows 64 bits"},
      {"a BOOL of 2", "bad_bool", one(entry("a", "BOOL", "1", "0,1"), 0) + "\2",
       "tensor \"a\": a BOOL is 0 or 1, found 2"},
  };
}

inline std::vector<MalformedFile> malformed_safetensors() {
  std::vector<MalformedFile> all = malformed_frames();
  for (auto list : {malformed_json(), malformed_entries()})
    all.insert(all.end(), list.begin(), list.end());
  return all;
}

}  // namespace r1::model
