#include "rewards/code/traces.h"

#include <fmt/format.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <optional>
#include <sstream>

#include "base/error.h"
#include "base/file.h"
#include "rewards/code/box.h"
#include "rewards/code/cgroup.h"

namespace r1::rewards::code {
namespace {

namespace fs = std::filesystem;

constexpr const char* kLauncherName = "r1-sandbox";

struct Process {
  pid_t pid = 0, parent = 0;
  std::string name;
  uint32_t uid = 0;
  bool first = false;  // of a process namespace just below this one
};

std::optional<Process> read_process(pid_t pid) {
  std::ifstream status(fmt::format("/proc/{}/status", pid));
  Process process;
  process.pid = pid;
  for (std::string line; std::getline(status, line);) {
    std::istringstream words(line);
    std::string key, second;
    words >> key;
    if (key == "Name:") words >> process.name;
    if (key == "State:" && line.find('Z') != std::string::npos) return std::nullopt;
    if (key == "PPid:") words >> process.parent;
    if (key == "Uid:") words >> process.uid;
    if (key == "NSpid:") process.first = words >> second >> second && second == "1";
  }
  return process.name.empty() ? std::nullopt : std::optional(process);
}

std::map<pid_t, Process> processes() {
  std::map<pid_t, Process> found;
  std::error_code error;
  for (const auto& entry : fs::directory_iterator("/proc", error))
    if (const pid_t pid = std::atoi(entry.path().filename().c_str()); pid > 0)
      if (const auto process = read_process(pid)) found[pid] = *process;
  return found;
}

bool is_box_user(uint32_t uid, pid_t launcher) {
  const uint32_t first = first_user(launcher);
  return uid >= first && uid < first + kUsers;
}

// Bubblewrap as box.cc starts it, or what it has become: the driver, or the shell that compiles.
bool runs_a_box(pid_t pid) {
  std::ifstream file(fmt::format("/proc/{}/cmdline", pid), std::ios::binary);
  const std::string command((std::istreambuf_iterator<char>(file)),
                            std::istreambuf_iterator<char>());
  using namespace std::string_literals;
  return command.find("/driver.py\0"s) != std::string::npos ||
         command.find("&& cat program >&3\0"s) != std::string::npos ||
         command.find("--hostname\0box\0"s) != std::string::npos;
}

bool below_a_launcher(const std::map<pid_t, Process>& all, const Process& process) {
  for (auto at = all.find(process.parent); at != all.end(); at = all.find(at->second.parent))
    if (at->second.name == kLauncherName) return true;
  return false;
}

}  // namespace

pid_t find_launcher(pid_t program) {
  for (const auto& [pid, process] : processes())
    if (process.parent == program && process.name == kLauncherName) return pid;
  return 0;
}

std::map<pid_t, std::string> box_processes(pid_t launcher) {
  const bool root = ::geteuid() == 0;
  const std::map<pid_t, Process> all = processes();
  std::map<pid_t, std::string> found;
  for (const auto& [pid, process] : all) {
    const bool ours = root ? is_box_user(process.uid, launcher)
                           : process.uid == ::geteuid() && process.first && runs_a_box(pid) &&
                                 !below_a_launcher(all, process);
    if (ours) found[pid] = process.name;
  }
  return found;
}

std::vector<std::string> box_groups(pid_t launcher) {
  std::vector<std::string> found;
  std::error_code error;
  const std::string prefix = fmt::format("r1-{}-", launcher);
  for (const fs::path& parent : group_parents())
    for (const auto& entry : fs::directory_iterator(parent, error))
      if (entry.path().filename().string().starts_with(prefix)) found.push_back(entry.path());
  return found;
}

std::vector<std::string> box_files(pid_t launcher) {
  std::vector<std::string> found;
  for (const char* folder : {"/tmp", "/var/tmp", "/dev/shm", "/dev/mqueue"}) {
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder, error)) {
      struct stat status {};
      if (::lstat(entry.path().c_str(), &status) == 0 && is_box_user(status.st_uid, launcher))
        found.push_back(entry.path());
    }
  }
  return found;
}

std::vector<std::string> mounts() {
  std::ifstream table("/proc/self/mounts");
  std::vector<std::string> found;
  for (std::string line; std::getline(table, line);) found.push_back(line);
  return found;
}

std::map<int, std::string> descriptors(pid_t pid) {
  std::map<int, std::string> found;
  std::error_code error;
  const fs::path folder = fmt::format("/proc/{}/fd", pid);
  for (const auto& entry : fs::directory_iterator(folder, error)) {
    const std::string what = fs::read_symlink(entry.path(), error);
    if (!what.starts_with("/memfd:program") && !what.starts_with(folder.string()))
      found[std::atoi(entry.path().filename().c_str())] = what;
  }
  return found;
}

std::map<std::string, std::string> host_digests() {
  std::vector<std::string> paths = {"/etc/passwd",    "/etc/shadow",
                                    "/etc/group",     "/etc/hosts",
                                    "/etc/fstab",     "/etc/ld.so.cache",
                                    "/etc/profile",   "/bin/sh",
                                    "/bin/true",      "/usr/bin/python3",
                                    "/usr/bin/bwrap", "/usr/bin/g++",
                                    "/usr/bin/as",    "/usr/bin/ld",
                                    "/proc/self/exe", "/proc/sys/kernel/core_pattern",
                                    "/proc/cmdline",  "/proc/sys/kernel/hostname"};
  if (const char* home = std::getenv("HOME"))
    for (const char* name : {".profile", ".bashrc", ".ssh/authorized_keys", ".gitconfig"})
      paths.push_back(fmt::format("{}/{}", home, name));
  std::map<std::string, std::string> digests;
  for (const std::string& path : paths) {
    std::ifstream file(path, std::ios::binary);
    const std::string content((std::istreambuf_iterator<char>(file)),
                              std::istreambuf_iterator<char>());
    if (file) digests[path] = sha256_hex(content);
  }
  return digests;
}

}  // namespace r1::rewards::code
