#include "model/safetensors.h"

#include <ATen/ATen.h>
#include <fmt/format.h>
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
#include "tests/model/malformed_safetensors.h"
#include "tests/model/peak_memory.h"

namespace r1::model {
namespace {

namespace fs = std::filesystem;

const fs::path kReference = fs::path(R1_TEST_DATA) / "model" / "reference.safetensors";

void write(const fs::path& path, const std::string& bytes) {
  std::ofstream(path, std::ios::binary) << bytes;
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

TEST(SafetensorsMalformed, EachIsRefusedWithItsCode) {
  const std::vector<MalformedFile> cases = malformed_safetensors();
  EXPECT_GE(cases.size(), 60u);
  reset_peak_memory();
  const int64_t before = peak_memory();
  for (const MalformedFile& malformed : cases) {
    const std::string message = error_of(malformed.bytes);
    EXPECT_NE(message.find(malformed.message), std::string::npos)
        << malformed.what << "\nmessage: " << message << "\nwanted in it: " << malformed.message;
    EXPECT_TRUE(message.ends_with(fmt::format(" [{}]", malformed.code)))
        << malformed.what << "\nmessage: " << message << "\nwanted code: " << malformed.code;
  }
  // The largest of these files has 100 kB; the rest is what the allocator and gtest keep.
  EXPECT_LT(peak_memory() - before, 8 << 20);
}

TEST(SafetensorsMalformed, AMillionAndOneTensors) {
  std::string header = "{";
  for (size_t i = 0; i <= kSafetensorsMaxTensors; ++i)
    header += (i > 0 ? "," : "") + entry(std::to_string(i), "U8", "0", "0,0");
  header += "}";
  reset_peak_memory();
  const int64_t before = peak_memory();
  EXPECT_ERROR(CheckpointError, parse_safetensors_header(header, 0, "x"),
               "more than 1000000 tensors [too_many_tensors]");
  // 160 bytes for each of the million entries, and as much again while the list grows.
  EXPECT_LT(peak_memory() - before, int64_t{6} * static_cast<int64_t>(header.size()));
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
