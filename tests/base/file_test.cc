#include "base/file.h"

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstring>

#include "base/error.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"

namespace r1 {
namespace {
namespace fs = std::filesystem;

TEST(ReadFile, GivesEveryByte) {
  TempFolder folder;
  const std::string bytes("a\0b\r\n\xff", 6);
  write_file_atomic(folder / "x", bytes);
  EXPECT_EQ(read_file(folder / "x"), bytes);
  write_file_atomic(folder / "empty", "");
  EXPECT_EQ(read_file(folder / "empty"), "");
}

TEST(ReadFile, ReadsFilesThatHideTheirSize) {
  EXPECT_NE(read_file("/proc/self/stat").find(std::to_string(::getpid())), std::string::npos);
}

TEST(ReadFile, NamesPathAndCause) {
  TempFolder folder;
  EXPECT_ERROR(Error, read_file(folder / "none"), (folder / "none").string() + ": No such file");
  EXPECT_ERROR(Error, read_file(folder.path()), "Is a directory");
}

TEST(WriteFileAtomic, ReplacesAndLeavesNothingBeside) {
  TempFolder folder;
  write_file_atomic(folder / "x", "old and longer");
  write_file_atomic(folder / "x", "new");
  EXPECT_EQ(read_file(folder / "x"), "new");
  EXPECT_FALSE(fs::exists(folder / "x.tmp"));
}

TEST(WriteFileAtomic, OverwritesAStaleTmp) {
  TempFolder folder;
  write_file_atomic(folder / "x.tmp", "left by a crash, and longer");
  write_file_atomic(folder / "x", "new");
  EXPECT_EQ(read_file(folder / "x"), "new");
}

TEST(WriteFileAtomic, TakesAPathWithoutFolder) {
  TempFolder folder;
  const fs::path before = fs::current_path();
  fs::current_path(folder.path());
  write_file_atomic("x", "here");
  EXPECT_EQ(read_file("x"), "here");
  fs::current_path(before);
}

TEST(WriteFileAtomic, NamesAMissingFolder) {
  TempFolder folder;
  EXPECT_ERROR(Error, write_file_atomic(folder / "no/x", "text"), "No such file or directory");
}

// A full disk of 64 KiB. Needs the right to mount.
class FullDisk : public testing::Test {
 protected:
  void SetUp() override {
    fs::create_directory(disk());
    if (::mount("r1_test", disk().c_str(), "tmpfs", 0, "size=65536") != 0)
      GTEST_SKIP() << "cannot mount a tmpfs here: " << std::strerror(errno);
    mounted_ = true;
  }
  void TearDown() override {
    if (mounted_) ::umount2(disk().c_str(), MNT_DETACH);
  }
  fs::path disk() const { return folder_ / "disk"; }
  TempFolder folder_;
  bool mounted_ = false;
};

TEST_F(FullDisk, LeavesTheOldFileAndNoTmpAndTellsTheFreeSpace) {
  write_file_atomic(disk() / "x", "old");
  EXPECT_ERROR(Error, write_file_atomic(disk() / "x", std::string(1 << 20, 'n')), "No space left on device");
  EXPECT_ERROR(Error, write_file_atomic(disk() / "x", std::string(1 << 20, 'n')), "MB free");
  EXPECT_EQ(read_file(disk() / "x"), "old");
  EXPECT_FALSE(fs::exists(disk() / "x.tmp"));
}

TEST_F(FullDisk, MakesAppendThrow) {
  AppendFile file(disk() / "log");
  EXPECT_ERROR(Error, file.write(std::string(1 << 20, 'n')), "log: No space left on device");
}

TEST_F(FullDisk, MakesAFolderVanishAndKeepsTheOldOne) {
  {
    AtomicFolder folder(disk() / "c");
    write_file_atomic(folder.staging() / "w", "old");
    folder.commit();
  }
  {
    AtomicFolder folder(disk() / "c");
    EXPECT_THROW(write_file_atomic(folder.staging() / "w", std::string(1 << 20, 'n')), Error);
  }
  EXPECT_EQ(verify_folder(disk() / "c"), "");
  EXPECT_EQ(read_file(disk() / "c/w"), "old");
  EXPECT_FALSE(fs::exists(disk() / "c.tmp"));
}

// The same without the right to mount: a limit on the size of files, in a child process.
TEST(FileSizeLimit, LeavesTheOldFileAndNoTmp) {
  TempFolder folder;
  write_file_atomic(folder / "x", "old");
  const pid_t child = ::fork();
  if (child == 0) {
    ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{4096, 4096};
    ::setrlimit(RLIMIT_FSIZE, &limit);
    try {
      write_file_atomic(folder / "x", std::string(8192, 'n'));
      ::_exit(1);
    } catch (const Error& error) {
      ::_exit(std::strstr(error.what(), "File too large") ? 0 : 2);
    }
  }
  int status = 0;
  ASSERT_EQ(::waitpid(child, &status, 0), child);
  EXPECT_TRUE(WIFEXITED(status) && WEXITSTATUS(status) == 0) << status;
  EXPECT_EQ(read_file(folder / "x"), "old");
  EXPECT_FALSE(fs::exists(folder / "x.tmp"));
}

TEST(AppendFile, AppendsToWhatIsThereAndIsVisibleAtOnce) {
  TempFolder folder;
  write_file_atomic(folder / "log", "one\n");
  AppendFile file(folder / "log");
  file.write("two\n");
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\n");
  file.write("three\n");
  EXPECT_EQ(read_file(folder / "log"), "one\ntwo\nthree\n");
}

TEST(AppendFile, NamesAMissingFolder) {
  TempFolder folder;
  EXPECT_ERROR(Error, AppendFile(folder / "no/log"), "no/log: No such file");
}

TEST(FileLock, RefusesASecondHolderAndNamesTheFirst) {
  TempFolder folder;
  {
    FileLock lock(folder / "lock");
    EXPECT_ERROR(Error, FileLock(folder / "lock"), "locked by process " + std::to_string(::getpid()));
  }
  EXPECT_NO_THROW(FileLock(folder / "lock"));
}

TEST(FileLock, OverwritesALongerStalePid) {
  TempFolder folder;
  write_file_atomic(folder / "lock", "99999999999\nrubbish\n");
  FileLock lock(folder / "lock");
  EXPECT_EQ(read_file(folder / "lock"), std::to_string(::getpid()) + "\n");
}

TEST(FileLock, IsFreedWhenItsProcessDies) {
  TempFolder folder;
  int ready[2];
  ASSERT_EQ(::pipe(ready), 0);
  const pid_t child = ::fork();
  if (child == 0) {
    FileLock lock(folder / "lock");
    if (::write(ready[1], "x", 1) != 1) ::_exit(1);
    ::pause();
    ::_exit(1);
  }
  char byte;
  ASSERT_EQ(::read(ready[0], &byte, 1), 1);
  EXPECT_ERROR(Error, FileLock(folder / "lock"), "locked by process " + std::to_string(child));
  ::kill(child, SIGKILL);
  ::waitpid(child, nullptr, 0);
  EXPECT_NO_THROW(FileLock(folder / "lock"));
  ::close(ready[0]);
  ::close(ready[1]);
}

}  // namespace
}  // namespace r1
