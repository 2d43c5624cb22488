// One box: a bubblewrap sandbox with driver.py in it, or with the backend "process" driver.py
// alone.
#pragma once

#include <sys/types.h>

#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rewards/code/cgroup.h"

namespace r1::rewards::code {

// A file descriptor that is closed with its owner.
class Descriptor {
 public:
  explicit Descriptor(int fd = -1) : fd_(fd) {}
  Descriptor(Descriptor&& other) noexcept : fd_(other.release()) {}
  Descriptor& operator=(Descriptor&& other) noexcept;
  ~Descriptor() { reset(); }
  int get() const { return fd_; }
  int release();
  void reset();
  explicit operator bool() const { return fd_ >= 0; }

 private:
  int fd_;
};

// The same file once more, with a position of its own.
Descriptor reopen(int fd);

// The process and all that it started, parents first; as far as it has not been orphaned.
std::vector<pid_t> process_tree(pid_t pid);

struct Pipe {
  Descriptor read, write;
};
Pipe make_pipe();
// A file in memory with this content, read from its beginning. Throws ConfigError when there is no
// memory for it.
Descriptor memory_file(std::string_view content);

// As root every box has a user of its own: one of kUsers from first_user() on, which differ between
// the launchers of a machine.
constexpr uint32_t kUsers = 1024;
inline uint32_t first_user(pid_t launcher) {
  return 2'000'000 + static_cast<uint32_t>(launcher) % 20'000 * kUsers;
}

struct BoxConfig {
  bool isolated = true;  // with bubblewrap
  bool user_namespace = true;
  uint32_t uid = 0;         // to become first; 0: stay
  int64_t memory_mb = 512;  // for the limit of one process, where there is no group
  int processes = 32;
  double cpu_s = 10;  // of the command below; tests have their own
  const Cgroup* group = nullptr;
  std::vector<std::string> command;  // instead of the driver
};

class Box {
 public:
  // `keep`: descriptors that become 3, 4, ... of the command; `input` and `output` its standard
  // streams (-1: nothing). Throws ConfigError when it cannot be started.
  explicit Box(const BoxConfig& config, int input = -1, int output = -1,
               const std::vector<int>& keep = {});
  ~Box();  // kills everything in it and waits for its end
  Box(const Box&) = delete;
  Box& operator=(const Box&) = delete;

  // Messages to and from the driver. send() is false, receive() nothing, when the driver is gone.
  // receive waits for at most that time.
  bool send(std::string_view message, const std::vector<int>& descriptors = {});
  std::optional<std::string> receive(int milliseconds);
  bool readable(int milliseconds) const;  // whether receive() would not wait, within that time
  int control() const { return control_.get(); }
  pid_t pid() const { return pid_; }
  // The exit status of a command, when it has ended by itself.
  std::optional<int> wait(int milliseconds);
  void kill();

 private:
  void end_tree();

  pid_t pid_ = -1;
  Descriptor control_;
  std::filesystem::path folder_;  // where it runs, when it is not isolated
};

// Removes the folders of boxes whose launchers were killed.
void remove_stale_folders();

}  // namespace r1::rewards::code
