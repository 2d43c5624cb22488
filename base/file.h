// Files that survive a crash: written aside, synced, renamed. All paths in messages; all failures
// are Error with errno's text.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace r1 {

std::string read_file(const std::filesystem::path& path);

// Replaces `path` atomically: writes path.tmp, fsyncs it, renames, fsyncs the folder. On failure
// (disk full, quota, read-only) removes path.tmp, leaves an older `path` untouched and throws Error
// saying how much space is free.
void write_file_atomic(const std::filesystem::path& path, std::string_view content);

// A folder that appears at once and complete. Files are written into `<path>.tmp`; commit() writes
// manifest.json (size and SHA-256 of every file, sub-folders included), fsyncs everything and
// renames. Without commit the folder is removed. An existing `path` is replaced: it is renamed to
// `<path>.old` first and removed last, so a crash can leave `<path>.tmp` (incomplete) or
// `<path>.old` beside no `path`. The next AtomicFolder on the same path clears both up; readers
// call recover_folder() before they look. One writer per path.
class AtomicFolder {
 public:
  explicit AtomicFolder(std::filesystem::path path);
  ~AtomicFolder();
  AtomicFolder(const AtomicFolder&) = delete;
  AtomicFolder& operator=(const AtomicFolder&) = delete;
  const std::filesystem::path& staging() const { return staging_; }  // where to write
  void commit();

 private:
  std::filesystem::path path_, staging_;
  bool committed_ = false;
};

// After a crash inside commit(): renames `<path>.old` back when `path` is missing, removes it when
// `path` is there.
void recover_folder(const std::filesystem::path& path);

// Empty when every file that manifest.json lists is in `folder` with that size and SHA-256,
// otherwise the reason
// ("model.safetensors: SHA-256 differs"). Files that it does not list are not looked at. Never
// throws for a bad folder.
std::string verify_folder(const std::filesystem::path& folder);

// Appends lines; every append is flushed to the kernel before it returns. Throws Error when the
// disk is full.
class AppendFile {
 public:
  explicit AppendFile(const std::filesystem::path& path);
  ~AppendFile();
  AppendFile(const AppendFile&) = delete;
  AppendFile& operator=(const AppendFile&) = delete;
  void write(std::string_view bytes);

 private:
  std::filesystem::path path_;
  int fd_ = -1;
};

// An advisory lock on `path` held while the object lives; a second process gets Error naming the
// holder's process id.
class FileLock {
 public:
  explicit FileLock(const std::filesystem::path& path);
  ~FileLock();
  FileLock(const FileLock&) = delete;
  FileLock& operator=(const FileLock&) = delete;

 private:
  int fd_ = -1;
};

// Lower-case hex SHA-256 (FIPS 180-4).
std::string sha256_hex(std::string_view bytes);
std::string sha256_file(const std::filesystem::path& path);

}  // namespace r1
