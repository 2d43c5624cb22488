#include "rewards/code/cgroup.h"

#include <signal.h>

#include <chrono>
#include <fstream>
#include <set>
#include <sstream>
#include <thread>

namespace r1::rewards::code {
namespace {

namespace fs = std::filesystem;
fs::path root() { return "/sys/fs/cgroup"; }

bool write_to(const fs::path& file, const std::string& text) {
  std::ofstream out(file);
  out << text << std::flush;
  return out.good();
}

// The number behind `key` in lines of "key number", or the file's only number.
int64_t number_in(const fs::path& file, const std::string& key = "") {
  std::ifstream in(file);
  std::string word;
  int64_t value = 0;
  if (key.empty()) return in >> value ? value : 0;
  while (in >> word >> value)
    if (word == key) return value;
  return 0;
}

std::vector<int> processes_in(const fs::path& folder) {
  std::ifstream in(folder / "cgroup.procs");
  std::vector<int> pids;
  for (int pid = 0; in >> pid;) pids.push_back(pid);
  return pids;
}

bool make_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder, error) || fs::create_directory(folder, error);
}

}  // namespace

std::unique_ptr<Cgroup> Cgroup::make(const std::string& name) {
  std::unique_ptr<Cgroup> group(new Cgroup);
  if (fs::exists(root() / "cgroup.controllers")) {
    group->v2_ = true;
    write_to(root() / "cgroup.subtree_control", "+memory +pids +cpu");
    group->memory_ = group->pids_ = group->cpu_ = root() / name;
  } else {
    group->memory_ = root() / "memory" / name;
    group->pids_ = root() / "pids" / name;
    group->cpu_ = root() / "cpuacct" / name;
  }
  for (const fs::path& folder : {group->memory_, group->pids_, group->cpu_})
    if (!make_folder(folder)) return nullptr;
  group->kill_all();
  if (!group->set_limits(int64_t{1} << 30, 64)) return nullptr;
  return group;
}

void Cgroup::remove_stale() {
  std::error_code error;
  const bool v2 = fs::exists(root() / "cgroup.controllers");
  for (const char* controller : {"memory", "pids", "cpuacct"})
    for (const auto& entry : fs::directory_iterator(v2 ? root() : root() / controller, error)) {
      int pid = 0;
      if (std::sscanf(entry.path().filename().c_str(), "r1-%d-", &pid) != 1 || ::kill(pid, 0) == 0)
        continue;
      fs::remove(entry.path(), error);
    }
}

Cgroup::~Cgroup() {
  if (memory_.empty()) return;
  kill_all();
  std::error_code error;
  for (const fs::path& folder : std::set<fs::path>{memory_, pids_, cpu_}) fs::remove(folder, error);
}

bool Cgroup::set_limits(int64_t memory_bytes, int64_t processes) {
  const std::string memory = std::to_string(memory_bytes);
  if (v2_) {
    write_to(memory_ / "memory.swap.max", "0");
    return write_to(memory_ / "memory.max", memory) &&
           write_to(pids_ / "pids.max", std::to_string(processes));
  }
  // Memory and swap together may not be less than memory: whichever way the limit goes, one order
  // works.
  write_to(memory_ / "memory.memsw.limit_in_bytes", memory);
  const bool limited = write_to(memory_ / "memory.limit_in_bytes", memory);
  write_to(memory_ / "memory.memsw.limit_in_bytes", memory);
  return limited && write_to(pids_ / "pids.max", std::to_string(processes));
}

std::vector<std::string> Cgroup::join_files() const {
  std::vector<std::string> files;
  for (const fs::path& folder : std::set<fs::path>{memory_, pids_, cpu_})
    files.push_back(folder / "cgroup.procs");
  return files;
}

CgroupUse Cgroup::use() const {
  CgroupUse use;
  use.cpu_ms = v2_ ? static_cast<double>(number_in(cpu_ / "cpu.stat", "usage_usec")) / 1e3
                   : static_cast<double>(number_in(cpu_ / "cpuacct.usage")) / 1e6;
  use.out_of_memory =
      number_in(memory_ / (v2_ ? "memory.events" : "memory.oom_control"), "oom_kill");
  use.too_many_processes = number_in(pids_ / "pids.events", "max");
  return use;
}

bool Cgroup::empty() const {
  return processes_in(memory_).empty() && processes_in(pids_).empty() && processes_in(cpu_).empty();
}

void Cgroup::kill_all() const {
  using namespace std::chrono_literals;
  for (int round = 0; round < 1000 && !empty(); ++round) {
    if (v2_) write_to(memory_ / "cgroup.kill", "1");
    for (const fs::path& folder : {memory_, pids_, cpu_})
      for (const int pid : processes_in(folder)) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace r1::rewards::code
