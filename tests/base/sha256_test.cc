#include "base/sha256.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/error.h"
#include "base/file.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {

// true: only the portable code; false: whatever this machine has.
class Sha256Code : public testing::TestWithParam<bool> {
 protected:
  void SetUp() override { Sha256::force_portable(GetParam()); }
  void TearDown() override { Sha256::force_portable(false); }
};

// FIPS 180-4 examples, and the empty message of NIST's CAVP short-message vectors.
TEST_P(Sha256Code, AgreesWithThePublishedDigests) {
  EXPECT_EQ(sha256_hex(""), "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
  EXPECT_EQ(sha256_hex("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
  EXPECT_EQ(sha256_hex("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"),
            "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
  EXPECT_EQ(sha256_hex("abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijklmno"
                       "ijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu"),
            "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afee9d1");
  EXPECT_EQ(sha256_hex(std::string(1000000, 'a')), "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0");
}

TEST_P(Sha256Code, DoesNotDependOnHowTheBytesArrive) {
  std::string text;
  for (int i = 0; i < 1000; ++i) text.push_back(char(i * 7 % 251));
  for (size_t piece : {1u, 3u, 55u, 56u, 63u, 64u, 65u, 127u, 500u}) {
    Sha256 hash;
    for (size_t at = 0; at < text.size(); at += piece) hash.update(std::string_view(text).substr(at, piece));
    EXPECT_EQ(hash.hex(), sha256_hex(text)) << "pieces of " << piece;
  }
}

INSTANTIATE_TEST_SUITE_P(Code, Sha256Code, testing::Values(true, false),
                         [](const auto& code) { return code.param ? "Portable" : "Fastest"; });

TEST(Sha256, BothCodesAgreeOnEveryLengthAroundABlock) {
  for (size_t length = 0; length <= 260; ++length) {
    const std::string text(length, char('A' + length % 26));
    const std::string fastest = sha256_hex(text);
    Sha256::force_portable(true);
    EXPECT_EQ(sha256_hex(text), fastest) << length << " bytes";
    Sha256::force_portable(false);
  }
}

TEST(Sha256File, HashesAFileLargerThanTheBuffer) {
  TempFolder folder;
  const std::string text(3 * (1 << 20) + 17, 'x');
  write_file_atomic(folder / "big", text);
  EXPECT_EQ(sha256_file(folder / "big"), sha256_hex(text));
}

TEST(Sha256File, ThrowsNamingAMissingFile) {
  TempFolder folder;
  EXPECT_ERROR(Error, sha256_file(folder / "none"), "none: No such file or directory");
}

}  // namespace
}  // namespace r1
