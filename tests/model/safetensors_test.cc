#include "model/safetensors.h"

#include <ATen/ATen.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <cmath>
#include <csignal>
#include <cstring>
#include <fstream>
#include <limits>

#include "base/error.h"
#include "base/file.h"
#include "model/safetensors_header.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;

const fs::path kReference = fs::path(R1_TEST_DATA) / "model" / "reference.safetensors";

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
}

std::string length_prefix(uint64_t length) {
  return {reinterpret_cast<const char*>(&length), sizeof length};
}

// A file of this header text and so many zero bytes of data.
std::string file_of(const std::string& header, size_t data_bytes) {
  return length_prefix(header.size()) + header + std::string(data_bytes, '\0');
}

std::string entry(const std::string& name, const std::string& dtype, const std::string& shape,
                  const std::string& offsets) {
  return "\"" + name + "\":{\"dtype\":\"" + dtype + "\",\"shape\":[" + shape +
         "],\"data_offsets\":[" + offsets + "]}";
}

// Opens `bytes` as a file; the error's message, empty when it opens.
std::string error_of(const std::string& bytes) {
  const TempFolder folder;
  write(folder / "x.safetensors", bytes);
  try {
    SafetensorsFile file(folder / "x.safetensors");
    for (const std::string& name : file.names()) file.tensor(name);
    return "";
  } catch (const CheckpointError& error) {
    const std::string message = error.what();
    const std::string start = (folder / "x.safetensors").string() + ": byte ";
    EXPECT_TRUE(message.starts_with(start)) << message;
    return message.substr(std::min(message.size(), start.size()));
  }
}

struct Malformed {
  const char* what;
  std::string bytes;
  std::string message;
};

std::vector<Malformed> malformed_frames() {
  const std::string good = "{" + entry("a", "F32", "2", "0,8") + "}";
  return {
      {"empty file", "", "0: too small"},
      {"seven bytes", std::string(7, '\1'), "7: too small"},
      {"length only", length_prefix(0), "8: the header does not start with '{'"},
      {"length of 2^64 - 1", length_prefix(~uint64_t{0}) + good,
       "0: header length 18446744073709551615 is above the limit"},
      {"length of 100,000,001", length_prefix(100'000'001) + good,
       "0: header length 100000001 is above the limit"},
      {"length beyond the file", length_prefix(good.size() + 9) + good + std::string(8, '\0'),
       "bytes follow (truncated?)"},
      {"header cut", file_of(good, 0).substr(0, 30), "bytes follow (truncated?)"},
      {"an array", file_of("[1]", 0), "8: the header does not start with '{'"},
      {"leading space", file_of(" " + good, 8), "8: the header does not start with '{'"},
      {"byte order mark", file_of("\xef\xbb\xbf" + good, 8),
       "8: the header does not start with '{'"},
      {"pickle", file_of(std::string("\x80\x02}q", 4), 0), "8: the header does not start with '{'"},
      {"data cut", file_of(good, 7), "reach beyond the 7 bytes of data (truncated file?)"},
      {"trailing byte", file_of(good, 9), "1 trailing bytes that belong to no tensor"},
      {"data without tensors", file_of("{}", 4), "10: 4 trailing bytes"},
  };
}

std::vector<Malformed> malformed_json() {
  const std::string e = entry("a", "F32", "2", "0,8");
  return {
      {"unclosed", file_of("{" + e, 8), "the header is not valid JSON"},
      {"comma at the end", file_of("{" + e + ",}", 8), "the header is not valid JSON"},
      {"comment", file_of("{/* */" + e + "}", 8), "9: the header is not valid JSON"},
      {"text behind", file_of("{" + e + "}x", 8), "the header is not valid JSON"},
      {"NUL padding", file_of("{" + e + "}" + std::string(3, '\0'), 8), "NUL byte in the header"},
      {"two documents", file_of("{}{}", 0), "the header is not valid JSON"},
      {"bad UTF-8", file_of("{" + entry("a\xff", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"overlong UTF-8", file_of("{" + entry("\xc0\xaf", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"surrogate", file_of("{" + entry("\\ud800", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"control character", file_of("{" + entry("a\nb", "F32", "2", "0,8") + "}", 8),
       "the header is not valid JSON"},
      {"NaN", file_of("{\"a\":{\"dtype\":\"F32\",\"shape\":[NaN]}}", 8),
       "the header is not valid JSON"},
      {"nested deeply", file_of("{\"a\":" + std::string(100'000, '['), 0),
       "an array where an object is expected"},
      {"duplicate tensor", file_of("{" + e + "," + e + "}", 8), "duplicate key \"a\""},
      {"duplicate, escaped", file_of("{" + e + "," + entry("\\u0061", "F32", "2", "0,8") + "}", 8),
       "duplicate key \"a\""},
      {"duplicate __metadata__", file_of("{\"__metadata__\":{},\"__metadata__\":{}}", 0),
       "duplicate key \"__metadata__\""},
      {"duplicate metadata", file_of("{\"__metadata__\":{\"k\":\"1\",\"k\":\"2\"}}", 0),
       "duplicate key \"k\" in __metadata__"},
      {"metadata a list", file_of("{\"__metadata__\":[]}", 0),
       "an array where an object is expected"},
      {"metadata a number", file_of("{\"__metadata__\":{\"k\":1}}", 0),
       "the values of __metadata__ are text"},
      {"metadata nested", file_of("{\"__metadata__\":{\"k\":{}}}", 0),
       "the values of __metadata__ are text"},
      {"metadata null", file_of("{\"__metadata__\":{\"k\":null}}", 0), "null where text"},
      {"metadata bool", file_of("{\"__metadata__\":{\"k\":true}}", 0), "true or false where text"},
  };
}

std::vector<Malformed> malformed_entries() {
  const auto one = [](const std::string& text, size_t bytes) {
    return file_of("{" + text + "}", bytes);
  };
  return {
      {"tensor is text", one("\"a\":\"F32\"", 0), "text where an object is expected"},
      {"tensor is null", one("\"a\":null", 0), "null where an object is expected"},
      {"no dtype", one("\"a\":{\"shape\":[2],\"data_offsets\":[0,8]}", 8),
       "tensor \"a\" has no dtype"},
      {"no shape", one("\"a\":{\"dtype\":\"F32\",\"data_offsets\":[0,8]}", 8),
       "tensor \"a\" has no shape"},
      {"no offsets", one("\"a\":{\"dtype\":\"F32\",\"shape\":[2]}", 8),
       "tensor \"a\" has no data_offsets"},
      {"unknown key", one("\"a\":{\"dtype\":\"F32\",\"strides\":[1]}", 8),
       "tensor \"a\": unknown key \"strides\""},
      {"duplicate dtype", one("\"a\":{\"dtype\":\"F32\",\"dtype\":\"I32\"}", 8),
       "tensor \"a\": duplicate key dtype"},
      {"unknown dtype", one(entry("a", "F8_E4M3", "2", "0,2"), 2),
       "tensor \"a\": unknown dtype \"F8_E4M3\""},
      {"lower-case dtype", one(entry("a", "f32", "2", "0,8"), 8), "unknown dtype \"f32\""},
      {"dtype a number", one("\"a\":{\"dtype\":4}", 0), "a number where text is expected"},
      {"dtype a list", one("\"a\":{\"dtype\":[\"F32\"]}", 0), "an array where text is expected"},
      {"shape a number", one("\"a\":{\"shape\":2}", 0), "a number where an array is expected"},
      {"shape of texts", one("\"a\":{\"shape\":[\"2\"]}", 0),
       "text where a whole number is expected"},
      {"shape nested", one("\"a\":{\"shape\":[[2]]}", 0),
       "an array where a whole number is expected"},
      {"negative dimension", one(entry("a", "F32", "-2", "0,8"), 8),
       "tensor \"a\": negative number"},
      {"fractional dimension", one(entry("a", "F32", "2.0", "0,8"), 8),
       "not a whole one below 2^64"},
      {"exponent", one(entry("a", "F32", "1e1", "0,8"), 8), "not a whole one below 2^64"},
      {"dimension 2^64", one(entry("a", "F32", "18446744073709551616", "0,8"), 8),
       "not a whole one below 2^64"},
      {"dimension 2^64 - 1", one(entry("a", "U8", "18446744073709551615", "0,8"), 8),
       "18446744073709551615 overflows"},
      {"product overflows", one(entry("a", "F32", "4294967296,4294967296", "0,8"), 8),
       "overflows 64 bits"},
      {"product wraps to 8", one(entry("a", "F64", "4611686018427387904,2", "0,0"), 0),
       "overflows 64 bits"},
      {"nine dimensions", one(entry("a", "F32", "1,1,1,1,1,1,1,1,2", "0,8"), 8),
       "more than 8 dimensions"},
      {"one offset", one(entry("a", "F32", "2", "8"), 8), "data_offsets has 1 numbers, not two"},
      {"three offsets", one(entry("a", "F32", "2", "0,8,8"), 8),
       "data_offsets has more than two numbers"},
      {"backwards", one(entry("a", "F32", "2", "8,0"), 8), "data_offsets [8, 0] run backwards"},
      {"beyond the end", one(entry("a", "F32", "2", "0,16"), 8),
       "data_offsets [0, 16] reach beyond the 8 bytes"},
      {"offset 2^64 - 1", one(entry("a", "F32", "2", "0,18446744073709551615"), 8),
       "reach beyond the 8 bytes"},
      {"too few bytes", one(entry("a", "F32", "3", "0,8"), 8),
       "shape and dtype need 12 bytes, data_offsets [0, 8] give 8"},
      {"too many bytes", one(entry("a", "F32", "1", "0,8"), 8),
       "shape and dtype need 4 bytes, data_offsets [0, 8] give 8"},
      {"scalar of 8 bytes", one(entry("a", "F32", "", "0,8"), 8), "shape and dtype need 4 bytes"},
      {"overlap", one(entry("a", "F32", "2", "0,8") + "," + entry("b", "F32", "2", "4,12"), 12),
       "\"b\" overlaps"},
      {"same bytes twice",
       one(entry("a", "F32", "2", "0,8") + "," + entry("b", "F32", "2", "0,8"), 8),
       "\"b\" overlaps"},
      {"hole", one(entry("a", "F32", "1", "0,4") + "," + entry("b", "F32", "1", "8,12"), 12),
       "hole of 4 bytes before tensor \"b\""},
      {"hole at the start", one(entry("a", "F32", "1", "4,8"), 8),
       "hole of 4 bytes before tensor \"a\""},
      {"long name", one(entry(std::string(513, 'n'), "F32", "2", "0,8"), 8),
       "tensor name of 513 bytes, more than 512"},
      {"a BOOL of 2", one(entry("a", "BOOL", "1", "0,1"), 0) + "\2",
       "tensor \"a\": a BOOL is 0 or 1, found 2"},
  };
}

void expect_refused(const std::vector<Malformed>& cases) {
  for (const Malformed& malformed : cases) {
    const std::string message = error_of(malformed.bytes);
    EXPECT_NE(message.find(malformed.message), std::string::npos)
        << malformed.what << "\nmessage: " << message << "\nwanted in it: " << malformed.message;
  }
}

TEST(SafetensorsMalformed, Frames) { expect_refused(malformed_frames()); }
TEST(SafetensorsMalformed, Json) { expect_refused(malformed_json()); }
TEST(SafetensorsMalformed, Entries) { expect_refused(malformed_entries()); }

TEST(SafetensorsMalformed, AMillionAndOneTensors) {
  std::string header = "{";
  for (size_t i = 0; i <= kSafetensorsMaxTensors; ++i)
    header += (i > 0 ? "," : "") + entry(std::to_string(i), "U8", "0", "0,0");
  EXPECT_ERROR(CheckpointError, parse_safetensors_header(header + "}", 0, "x"),
               "more than 1000000 tensors");
}

// Every truncation of a good file is refused, and so is nearly every changed byte of its header:
// never a crash.
TEST(SafetensorsMalformed, TruncationsAndChangedBytes) {
  const std::string good = read_file(kReference);
  uint64_t header_bytes = 0;
  std::memcpy(&header_bytes, good.data(), sizeof header_bytes);
  const std::string_view text = std::string_view(good).substr(8, header_bytes);
  const uint64_t data_bytes = good.size() - 8 - header_bytes;
  for (uint64_t size = 0; size < data_bytes; ++size)
    EXPECT_ANY_THROW(parse_safetensors_header(text, size, "x"));
  for (size_t size = 0; size < good.size(); size += 7)
    EXPECT_NE(error_of(good.substr(0, size)), "") << size;
  int refused = 0;
  for (size_t at = 0; at < text.size(); ++at) {
    for (char byte : {'\0', '"', '9', '}', '\xff'}) {
      std::string changed(text);
      changed[at] = byte;
      try {
        parse_safetensors_header(changed, data_bytes, "x");
      } catch (const CheckpointError&) {
        ++refused;
      }
    }
  }
  EXPECT_GT(refused, static_cast<int>(text.size()) * 5 * 3 / 4);
}

TEST(Safetensors, ReadsTheReferenceImplementation) {
  const SafetensorsFile file(kReference);
  EXPECT_EQ(file.names().size(), 13u);
  EXPECT_EQ(file.metadata(), (std::map<std::string, std::string>{{"format", "pt"}}));
  const at::Tensor ramp = at::arange(6, at::kDouble).reshape({2, 3}) * 0.5 - 1;
  const std::vector<std::pair<const char*, at::ScalarType>> floats = {
      {"f64", at::kDouble}, {"f32", at::kFloat}, {"f16", at::kHalf}, {"bf16", at::kBFloat16}};
  for (const auto& [name, dtype] : floats) {
    EXPECT_TRUE(at::equal(file.tensor(name), ramp.to(dtype))) << name;
    EXPECT_EQ(file.shape(name), (std::vector<int64_t>{2, 3}));
    EXPECT_EQ(file.dtype(name), dtype);
  }
  const auto expect_integers = [&](const char* name, at::ScalarType dtype,
                                   std::vector<int64_t> values) {
    EXPECT_TRUE(at::equal(file.tensor(name), at::tensor(values, at::kLong).to(dtype))) << name;
  };
  expect_integers("i64", at::kLong, {-(int64_t{1} << 62), 0, int64_t{1} << 62});
  expect_integers("i32", at::kInt, {INT32_MIN, 0, INT32_MAX});
  expect_integers("i16", at::kShort, {INT16_MIN, 0, INT16_MAX});
  expect_integers("i8", at::kChar, {-128, 0, 127});
  expect_integers("u8", at::kByte, {0, 1, 255});
  expect_integers("bool", at::kBool, {1, 0, 1});
  EXPECT_EQ(file.tensor("scalar").dim(), 0);
  EXPECT_EQ(file.tensor("scalar").item<float>(), 2.5f);
  EXPECT_EQ(file.shape("empty"), (std::vector<int64_t>{0, 4}));
  EXPECT_EQ(file.tensor("odd \"näme\"\n").item<float>(), 7.0f);
}

TEST(Safetensors, WritesTheReferenceImplementationsBytes) {
  const TempFolder folder;
  const SafetensorsFile file(kReference);
  std::vector<std::pair<std::string, at::Tensor>> tensors;
  for (const std::string& name : file.names()) tensors.emplace_back(name, file.tensor(name));
  std::reverse(tensors.begin(), tensors.end());  // the order given does not matter
  write_safetensors(folder / "ours.safetensors", tensors);
  EXPECT_EQ(read_file(folder / "ours.safetensors"), read_file(kReference));
}

TEST(Safetensors, KeepsEveryBit) {
  const TempFolder folder;
  const at::Tensor odd = at::tensor(
      {std::nanf("1"), -0.0f, std::numeric_limits<float>::denorm_min(), -INFINITY}, at::kFloat);
  const at::Tensor all_halves = at::arange(-32768, 32768, at::kShort);
  write_safetensors(folder / "x", {{"odd", odd}, {"halves", all_halves.view(at::kHalf)}},
                    {{"step", "12"}, {"by", "me"}});
  const SafetensorsFile file(folder / "x");
  EXPECT_TRUE(at::equal(file.tensor("odd").view(at::kInt), odd.view(at::kInt)));
  EXPECT_TRUE(at::equal(file.tensor("halves").view(at::kShort), all_halves));
  EXPECT_EQ(file.metadata().at("step"), "12");
  EXPECT_EQ(file.metadata().at("format"), "pt");
}

TEST(Safetensors, ViewsAreWrittenContiguous) {
  const TempFolder folder;
  const at::Tensor base = at::arange(12, at::kFloat).reshape({3, 4}).requires_grad_(true);
  write_safetensors(folder / "x", {{"t", base.t()}, {"column", base.select(1, 2)}, {"base", base}});
  const SafetensorsFile file(folder / "x");
  EXPECT_TRUE(at::equal(file.tensor("t"), base.t()));
  EXPECT_TRUE(at::equal(file.tensor("column"), at::tensor({2.0f, 6.0f, 10.0f})));
  EXPECT_TRUE(at::equal(file.tensor("base"), base));
}

TEST(Safetensors, HeaderIsPaddedSoThatDataIsAligned) {
  const TempFolder folder;
  for (const char* name : {"a", "ab", "abc", "abcd", "abcde", "abcdef", "abcdefg", "abcdefgh"}) {
    write_safetensors(folder / "x", {{name, at::ones({1}, at::kDouble)}});
    const std::string bytes = read_file(folder / "x");
    EXPECT_EQ(bytes.size() % 8, 0u) << name;
    EXPECT_EQ(SafetensorsFile(folder / "x").tensor(name).item<double>(), 1.0);
  }
}

TEST(Safetensors, NoTensorsAtAll) {
  const TempFolder folder;
  write_safetensors(folder / "x", {});
  EXPECT_TRUE(SafetensorsFile(folder / "x").names().empty());
  EXPECT_EQ(error_of(file_of("{}", 0)), "");
  EXPECT_EQ(error_of(file_of("{}  \n ", 0)), "");
}

TEST(Safetensors, OrderInTheHeaderIsFree) {
  const std::string header = "{" + entry("b", "F32", "1", "4,8") + "," +
                             entry("z", "F32", "0,7", "4,4") + "," + entry("a", "F32", "1", "0,4") +
                             ",\"__metadata__\":{}}";
  EXPECT_EQ(error_of(file_of(header, 8)), "");
}

TEST(Safetensors, WriterReplacesAnOlderFile) {
  const TempFolder folder;
  write(folder / "x", std::string(10'000, 'x'));
  write_safetensors(folder / "x", {{"a", at::ones({2})}});
  EXPECT_EQ(SafetensorsFile(folder / "x").names(), std::vector<std::string>{"a"});
}

TEST(Safetensors, WriterRefusesNonsense) {
  const TempFolder folder;
  const at::Tensor one = at::ones({1});
  EXPECT_ERROR(InternalError, write_safetensors(folder / "x", {{"a", one}, {"a", one}}),
               "two tensors are named a");
  EXPECT_ERROR(InternalError, write_safetensors(folder / "x", {{"a", at::Tensor()}}),
               "undefined tensor");
  EXPECT_ERROR(InternalError, write_safetensors(folder / "x", {{"__metadata__", one}}),
               "not a tensor name");
  EXPECT_ERROR(InternalError, write_safetensors(folder / "x", {{"", one}}), "not a tensor name");
  EXPECT_ERROR(InternalError, write_safetensors(folder / "x", {{"c", one.to(at::kComplexFloat)}}),
               "no dtype");
  EXPECT_ERROR(Error, write_safetensors(folder / "none" / "x", {{"a", one}}), "none");
  EXPECT_FALSE(fs::exists(folder / "x"));
}

TEST(Safetensors, MissingFilesAndTensors) {
  const TempFolder folder;
  EXPECT_ERROR(CheckpointError, SafetensorsFile(folder / "none"),
               "none: cannot open: No such file");
  EXPECT_ERROR(CheckpointError, SafetensorsFile(folder.path()), "not a regular file");
  ASSERT_EQ(::mkfifo((folder / "pipe").c_str(), 0600), 0);
  EXPECT_ERROR(CheckpointError, SafetensorsFile(folder / "pipe"), "not a regular file");
  const SafetensorsFile file(kReference);
  EXPECT_FALSE(file.contains("f3"));
  EXPECT_ERROR(CheckpointError, file.tensor("f3"), "has no tensor \"f3\" among its 13");
  EXPECT_ERROR(CheckpointError, file.shape("zz"), "has no tensor \"zz\"");
}

TEST(Safetensors, AFileThatShrinksIsAnError) {
  const TempFolder folder;
  write_safetensors(folder / "x", {{"a", at::ones({100'000})}});
  const SafetensorsFile file(folder / "x");
  fs::resize_file(folder / "x", 1000);
  EXPECT_ERROR(CheckpointError, file.tensor("a"), "byte 1000: the file ends here");
}

TEST(Safetensors, AFailedWriteIsAnError) {
  const TempFolder folder;
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);  // the write then fails as on a full disk
  const rlimit small{10'000, before.rlim_max};
  ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &small), 0);
  EXPECT_ERROR(Error, write_safetensors(folder / "x", {{"a", at::ones({100'000})}}),
               "cannot write");
  ::setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);
  EXPECT_ERROR(CheckpointError, SafetensorsFile(folder / "x"), "truncated");
}

}  // namespace
}  // namespace r1::model
