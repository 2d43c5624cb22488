#include <gtest/gtest.h>

#include "base/crc32c.h"
#include "base/error.h"
#include "base/file.h"
#include "base/metrics.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {

// RFC 3720 appendix B.4, and the check value of the CRC catalogue.
TEST(Crc32c, AgreesWithThePublishedVectors) {
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8a9136aau);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62a8ab43u);
  std::string up, down;
  for (int i = 0; i < 32; ++i) {
    up.push_back(char(i));
    down.push_back(char(31 - i));
  }
  EXPECT_EQ(crc32c(up), 0x46dd794eu);
  EXPECT_EQ(crc32c(down), 0x113fdb5cu);
  EXPECT_EQ(crc32c("123456789"), 0xe3069283u);
  EXPECT_EQ(crc32c(""), 0u);
}

std::string unhex(std::string_view hex) {
  std::string out;
  for (size_t i = 0; i + 1 < hex.size(); i += 2) out.push_back(char(std::stoi(std::string(hex.substr(i, 2)), nullptr, 16)));
  return out;
}

// The bytes of TensorBoard 2's own EventFileWriter for these scalars (its file read back, version
// record cut off).
TEST(TensorBoardWriter, WritesTheBytesOfTensorBoardsOwnWriter) {
  TempFolder folder;
  {
    TensorBoardWriter writer(folder / "events");
    writer.scalar("grpo/reward", 1, 1700000000.25, 0.5);
    writer.scalar("a/b", 300, 1700000001.0, -1e-30);
  }
  const std::string bytes = read_file(folder / "events");
  EXPECT_EQ(bytes.substr(40), unhex("2100000000000000017becf60900001040fc54d94110012a140a120a0b6772706f2f726577617264"
                                    "150000003f802daacc1a00000000000000129bd82d0900004040fc54d94110ac022a0c0a0a0a0361"
                                    "2f62156042a28db3960ac9"));
}

TEST(TensorBoardWriter, BeginsWithTheVersionAndTruncatesAnOlderFile) {
  TempFolder folder;
  write_file_atomic(folder / "events", std::string(1000, 'x'));
  TensorBoardWriter writer(folder / "events");
  const std::string bytes = read_file(folder / "events");
  EXPECT_EQ(bytes.size(), 40u);  // length 8, its checksum 4, time 9, version 15, checksum 4
  EXPECT_EQ(bytes.substr(0, 8), std::string("\x18\0\0\0\0\0\0\0", 8));
  EXPECT_EQ(bytes.substr(21, 15),
            "\x1a\x0d"
            "brain.Event:2");
}

TEST(TensorBoardWriter, IsReadableAfterFlush) {
  TempFolder folder;
  TensorBoardWriter writer(folder / "events");
  writer.scalar("a", 1, 0, 0);
  writer.flush();
  const auto size = std::filesystem::file_size(folder / "events");
  EXPECT_GT(size, 40u);
  writer.flush();
  EXPECT_EQ(std::filesystem::file_size(folder / "events"), size);
}

TEST(TensorBoardWriter, NamesAMissingFolder) {
  TempFolder folder;
  EXPECT_ERROR(Error, TensorBoardWriter(folder / "no/events"), "No such file");
}

}  // namespace
}  // namespace r1
