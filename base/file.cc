#include "base/file.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/file_internal.h"
#include "base/sha256.h"

namespace r1 {
namespace fs = std::filesystem;

namespace file_internal {

void fail(std::string_view action, const fs::path& path, int error) {
  std::string advice;
  if (error == ENOSPC || error == EDQUOT || error == EFBIG || error == EROFS) {
    std::error_code ignored;
    fs::path folder = path.parent_path().empty() ? fs::path(".") : path.parent_path();
    while (!fs::exists(folder, ignored) && folder.has_relative_path()) folder = folder.parent_path();
    const auto space = fs::space(folder, ignored);
    if (!ignored)
      advice = fmt::format(" ({:.1f} MB free): free some space or choose another folder", double(space.available) / 1e6);
  }
  throw Error(fmt::format("cannot {} {}: {}{}", action, path.string(), std::strerror(error), advice));
}

Descriptor::Descriptor(const fs::path& path, int flags, std::string_view action) {
  do {
    fd_ = ::open(path.c_str(), flags | O_CLOEXEC, 0666);
  } while (fd_ < 0 && errno == EINTR);
  if (fd_ < 0) fail(action, path, errno);
}

Descriptor::~Descriptor() {
  if (fd_ >= 0) ::close(fd_);
}

int Descriptor::release() { return std::exchange(fd_, -1); }

void write_all(int fd, std::string_view bytes, const fs::path& path) {
  while (!bytes.empty()) {
    const ssize_t put = ::write(fd, bytes.data(), bytes.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) fail("write", path, errno);
    bytes.remove_prefix(size_t(put));
  }
}

void read_pieces(int fd, const fs::path& path, const std::function<void(std::string_view)>& piece) {
  std::string buffer(1 << 20, '\0');
  while (true) {
    const ssize_t got = ::read(fd, buffer.data(), buffer.size());
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) fail("read", path, errno);
    if (got == 0) return;
    piece(std::string_view(buffer).substr(0, size_t(got)));
  }
}

void sync(int fd, const fs::path& path) {
  // some file systems cannot sync a folder and say so with EINVAL: nothing more can be done there
  if (::fsync(fd) != 0 && errno != EINVAL && errno != ENOTSUP) fail("sync", path, errno);
}

void sync_folder(const fs::path& folder) {
  const fs::path at = folder.empty() ? fs::path(".") : folder;
  Descriptor fd(at, O_RDONLY | O_DIRECTORY, "open");
  sync(fd.get(), at);
}

void rename(const fs::path& from, const fs::path& to) {
  if (::rename(from.c_str(), to.c_str()) != 0) fail(fmt::format("rename {} to", from.string()), to, errno);
}

}  // namespace file_internal

using file_internal::Descriptor;

std::string read_file(const fs::path& path) {
  Descriptor fd(path, O_RDONLY, "open");
  std::string out;
  struct stat info {};
  if (::fstat(fd.get(), &info) == 0 && S_ISREG(info.st_mode)) out.reserve(size_t(info.st_size));
  file_internal::read_pieces(fd.get(), path, [&](std::string_view bytes) { out += bytes; });
  return out;
}

void write_file_atomic(const fs::path& path, std::string_view content) {
  const fs::path aside = path.string() + ".tmp";
  try {
    Descriptor fd(aside, O_WRONLY | O_CREAT | O_TRUNC, "create");
    file_internal::write_all(fd.get(), content, aside);
    file_internal::sync(fd.get(), aside);
    if (::close(fd.release()) != 0) file_internal::fail("close", aside, errno);
    file_internal::rename(aside, path);
  } catch (const Error&) {
    ::unlink(aside.c_str());
    throw;
  }
  file_internal::sync_folder(path.parent_path());
}

AppendFile::AppendFile(const fs::path& path)
    : path_(path), fd_(Descriptor(path, O_WRONLY | O_CREAT | O_APPEND, "open").release()) {}

AppendFile::~AppendFile() { ::close(fd_); }

void AppendFile::write(std::string_view bytes) { file_internal::write_all(fd_, bytes, path_); }

FileLock::FileLock(const fs::path& path) {
  Descriptor fd(path, O_RDWR | O_CREAT, "open");
  int got = 0;
  do {
    got = ::flock(fd.get(), LOCK_EX | LOCK_NB);
  } while (got != 0 && errno == EINTR);
  if (got != 0 && errno != EWOULDBLOCK) file_internal::fail("lock", path, errno);
  if (got != 0) {
    char holder[32] = {};
    const ssize_t length = ::pread(fd.get(), holder, sizeof holder - 1, 0);
    std::string pid(holder, length > 0 ? size_t(length) : 0);
    pid = pid.substr(0, pid.find('\n'));
    throw Error(fmt::format("{} is locked by process {}: wait for it to end or stop it, or use another folder", path.string(),
                            pid.empty() ? "(unknown)" : pid));
  }
  if (::ftruncate(fd.get(), 0) != 0) file_internal::fail("write", path, errno);
  file_internal::write_all(fd.get(), fmt::format("{}\n", ::getpid()), path);
  fd_ = fd.release();
}

FileLock::~FileLock() { ::close(fd_); }

std::string sha256_hex(std::string_view bytes) {
  Sha256 hash;
  hash.update(bytes);
  return hash.hex();
}

std::string sha256_file(const fs::path& path) {
  Descriptor fd(path, O_RDONLY, "open");
  Sha256 hash;
  file_internal::read_pieces(fd.get(), path, [&](std::string_view bytes) { hash.update(bytes); });
  return hash.hex();
}

}  // namespace r1
