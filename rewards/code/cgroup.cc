#include "rewards/code/cgroup.h"

#include <signal.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <optional>
#include <set>
#include <sstream>
#include <thread>

namespace r1::rewards::code {
namespace {

namespace fs = std::filesystem;
fs::path root() { return "/sys/fs/cgroup"; }

bool is_v2() { return fs::exists(root() / "cgroup.controllers"); }

constexpr int kMostRounds = 10'000;  // of a millisecond, until what was killed must have ended

// v2: a group of its own for the processes that were in the parent of our groups.
constexpr const char* kLeaf = "r1-main";

// v2: the group of this process.
fs::path own_group() {
  std::ifstream in("/proc/self/cgroup");
  for (std::string line; std::getline(in, line);)
    if (line.starts_with("0::/") && line.find("/..") == std::string::npos)
      return root() / line.substr(4);
  return root();
}

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
  for (int pid = 0; in >> pid;)
    if (pid > 0) pids.push_back(pid);  // 0 stands for one of another process namespace
  return pids;
}

bool make_folder(const fs::path& folder) {
  std::error_code error;
  return fs::is_directory(folder, error) || fs::create_directory(folder, error);
}

// v2: lets the children of a group have limits. Their processor time is counted in any case.
bool enable_limits(const fs::path& parent) {
  return write_to(parent / "cgroup.subtree_control", "+memory +pids");
}

// v2: the first of group_parents() whose children can have limits. Only the system's root group may
// hold processes beside such children; from another one that is delegated to us (a container's, a
// service's with Delegate=yes) they move into a leaf first.
std::optional<fs::path> limiting_parent() {
  const std::vector<fs::path> parents = group_parents();
  const auto found = std::ranges::find_if(parents, enable_limits);
  if (found != parents.end()) return *found;
  const fs::path& own = parents.back();
  if (!make_folder(own / kLeaf)) return std::nullopt;
  for (const int pid : processes_in(own))
    write_to(own / kLeaf / "cgroup.procs", std::to_string(pid));
  return enable_limits(own) ? std::optional(own) : std::nullopt;
}

}  // namespace

std::vector<fs::path> group_parents() {
  if (!is_v2()) return {root() / "memory", root() / "pids", root() / "cpuacct"};
  const fs::path own = own_group();
  return {root(), own.filename() == kLeaf ? own.parent_path() : own};
}

std::unique_ptr<Cgroup> Cgroup::make(const std::string& name) {
  std::unique_ptr<Cgroup> group(new Cgroup);
  if (is_v2()) {
    const std::optional<fs::path> parent = limiting_parent();
    if (!parent) return nullptr;
    group->v2_ = true;
    group->memory_ = group->pids_ = group->cpu_ = *parent / name;
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
  for (const fs::path& parent : group_parents())
    for (const auto& entry : fs::directory_iterator(parent, error)) {
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
    write_to(memory_ / "memory.swap.max", "0");  // not there without swap accounting
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
  for (int round = 0; round < kMostRounds && !empty(); ++round) {
    if (v2_) write_to(memory_ / "cgroup.kill", "1");  // since Linux 5.14
    for (const fs::path& folder : {memory_, pids_, cpu_})
      for (const int pid : processes_in(folder)) ::kill(pid, SIGKILL);
    std::this_thread::sleep_for(1ms);
  }
}

}  // namespace r1::rewards::code
