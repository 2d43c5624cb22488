// A control group (v1 or v2) around one box: limits memory and processes, counts what was used.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

namespace r1::rewards::code {

struct CgroupUse {
  double cpu_ms = 0;
  int64_t out_of_memory = 0;       // processes that the kernel killed for it
  int64_t too_many_processes = 0;  // forks that it refused
};

// Folders below which groups are made; with v2 those that may be tried, the best first.
std::vector<std::filesystem::path> group_parents();

class Cgroup {
 public:
  // An empty group; one that was left under that name is emptied and taken. Null where groups
  // cannot be made.
  static std::unique_ptr<Cgroup> make(const std::string& name);
  // Removes the groups "r1-<pid>-*" of processes that are gone.
  static void remove_stale();
  ~Cgroup();  // kills what is in it and removes it
  Cgroup(const Cgroup&) = delete;
  Cgroup& operator=(const Cgroup&) = delete;

  bool set_limits(int64_t memory_bytes, int64_t processes);
  // Files to write "0" to: the writer joins the group.
  std::vector<std::string> join_files() const;
  CgroupUse use() const;  // since it was made
  bool empty() const;
  void kill_all() const;

 private:
  Cgroup() = default;
  bool v2_ = false;
  // v1: memory, pids, cpuacct; v2: one folder three times.
  std::filesystem::path memory_, pids_, cpu_;
};

}  // namespace r1::rewards::code
