// System calls with errors thrown, shared by the .cc files of base/file.h. Not for other rooms.
#pragma once

#include <filesystem>
#include <functional>
#include <string_view>
#include <utility>

namespace r1::file_internal {

// Throws Error "cannot ACTION PATH: errno's text", with the free space when there is too little.
[[noreturn]] void fail(std::string_view action, const std::filesystem::path& path, int error);

class Descriptor {
 public:
  Descriptor(const std::filesystem::path& path, int flags, std::string_view action);
  ~Descriptor();
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;
  int get() const { return fd_; }
  int release();  // the caller closes it

 private:
  int fd_ = -1;
};

void write_all(int fd, std::string_view bytes, const std::filesystem::path& path);
void read_pieces(int fd, const std::filesystem::path& path, const std::function<void(std::string_view)>& piece);
void sync(int fd, const std::filesystem::path& path);
void sync_folder(const std::filesystem::path& folder);
void rename(const std::filesystem::path& from, const std::filesystem::path& to);

}  // namespace r1::file_internal
