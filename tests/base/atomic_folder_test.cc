#include <gtest/gtest.h>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {
namespace fs = std::filesystem;

class AtomicFolderTest : public testing::Test {
 protected:
  void write(const std::string& content) {
    AtomicFolder folder(path_);
    fs::create_directories(folder.staging() / "state");
    write_file_atomic(folder.staging() / "weights", content);
    write_file_atomic(folder.staging() / "state/optimizer", "abc");
    folder.commit();
  }
  std::string entries() const {
    std::vector<std::string> names;
    for (const auto& entry : fs::directory_iterator(temp_.path())) names.push_back(entry.path().filename().string());
    std::sort(names.begin(), names.end());
    std::string out;
    for (const auto& name : names) out += (out.empty() ? "" : " ") + name;
    return out;
  }
  TempFolder temp_;
  fs::path path_ = temp_ / "checkpoint-5";
};

TEST_F(AtomicFolderTest, AppearsWithAManifestOfEveryFile) {
  write("w");
  EXPECT_EQ(entries(), "checkpoint-5");
  EXPECT_EQ(verify_folder(path_), "");
  const Json manifest = read_json(path_ / "manifest.json");
  EXPECT_EQ(manifest["files"].size(), 2u);
  EXPECT_EQ(manifest["files"]["state/optimizer"]["size"], Json(3));
  EXPECT_EQ(manifest["files"]["state/optimizer"]["sha256"],
            Json("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
}

TEST_F(AtomicFolderTest, IsInvisibleBeforeCommitAndGoneWithoutIt) {
  {
    AtomicFolder folder(path_);
    write_file_atomic(folder.staging() / "weights", "w");
    EXPECT_EQ(entries(), "checkpoint-5.tmp");
  }
  EXPECT_EQ(entries(), "");
}

TEST_F(AtomicFolderTest, ReplacesAnOlderOneWhole) {
  write("old");
  {
    AtomicFolder folder(path_);
    write_file_atomic(folder.staging() / "only", "new");
    folder.commit();
  }
  EXPECT_EQ(entries(), "checkpoint-5");
  EXPECT_EQ(verify_folder(path_), "");
  EXPECT_FALSE(fs::exists(path_ / "weights"));
  EXPECT_EQ(read_file(path_ / "only"), "new");
}

TEST_F(AtomicFolderTest, KeepsTheOlderOneWithoutCommit) {
  write("old");
  { AtomicFolder folder(path_); }
  EXPECT_EQ(entries(), "checkpoint-5");
  EXPECT_EQ(verify_folder(path_), "");
}

TEST_F(AtomicFolderTest, StartsFromAnEmptyStagingFolderAfterACrash) {
  fs::create_directories(path_.string() + ".tmp/deep");
  write_file_atomic(path_.string() + ".tmp/deep/stale", "x");
  write("new");
  EXPECT_FALSE(fs::exists(path_ / "deep"));
  EXPECT_EQ(entries(), "checkpoint-5");
}

TEST_F(AtomicFolderTest, PutsBackTheOldOneAfterACrashBetweenTheRenames) {
  write("old");
  fs::rename(path_, path_.string() + ".old");
  recover_folder(path_);
  EXPECT_EQ(entries(), "checkpoint-5");
  EXPECT_EQ(verify_folder(path_), "");
}

TEST_F(AtomicFolderTest, RemovesTheOldOneAfterACrashBehindTheRenames) {
  write("old");
  fs::rename(path_, path_.string() + ".old");
  write("other");  // puts .old back and replaces it
  EXPECT_EQ(entries(), "checkpoint-5");
  fs::create_directory(path_.string() + ".old");
  recover_folder(path_);
  EXPECT_EQ(entries(), "checkpoint-5");
  EXPECT_EQ(read_file(path_ / "weights"), "other");
}

TEST_F(AtomicFolderTest, RecoversNothingWhereNothingIs) {
  recover_folder(path_);
  EXPECT_EQ(entries(), "");
}

TEST_F(AtomicFolderTest, CreatesParentsAndTakesATrailingSlash) {
  {
    AtomicFolder folder(temp_ / "a/b/c/");
    EXPECT_EQ(folder.staging(), temp_ / "a/b/c.tmp");
    folder.commit();
  }
  EXPECT_EQ(verify_folder(temp_ / "a/b/c"), "");
}

TEST_F(AtomicFolderTest, RefusesASecondCommit) {
  AtomicFolder folder(path_);
  folder.commit();
  EXPECT_THROW(folder.commit(), InternalError);
}

TEST_F(AtomicFolderTest, ReportsWhatIsWrong) {
  EXPECT_EQ(verify_folder(path_), "no such folder");
  write("weights");
  const fs::path weights = path_ / "weights";
  write_file_atomic(weights, "weighty");
  EXPECT_EQ(verify_folder(path_), "weights: SHA-256 differs");
  write_file_atomic(weights, "weigh");
  EXPECT_EQ(verify_folder(path_), "weights: 5 bytes instead of 7");
  fs::remove(weights);
  EXPECT_EQ(verify_folder(path_), "weights: missing");
  write_file_atomic(weights, "weights");
  EXPECT_EQ(verify_folder(path_), "");
  write_file_atomic(path_ / "notes", "not in the manifest");
  EXPECT_EQ(verify_folder(path_), "");
}

TEST_F(AtomicFolderTest, ReportsABadManifest) {
  write("w");
  const fs::path manifest = path_ / "manifest.json";
  write_file_atomic(manifest, "{\"files\": {");
  EXPECT_NE(verify_folder(path_).find("manifest.json:1:"), std::string::npos);
  write_file_atomic(manifest, "[]");
  EXPECT_EQ(verify_folder(path_), "manifest.json: has no object \"files\"");
  write_file_atomic(manifest, R"({"files": {"weights": {"size": 1}}})");
  EXPECT_NE(verify_folder(path_).find("weights: its entry"), std::string::npos);
  write_file_atomic(manifest, R"({"files": {"../x": {"size": 1, "sha256": ""}}})");
  EXPECT_EQ(verify_folder(path_), "manifest.json: ../x is outside the folder");
  fs::remove(manifest);
  EXPECT_EQ(verify_folder(path_), "manifest.json: missing");
}

}  // namespace
}  // namespace r1
