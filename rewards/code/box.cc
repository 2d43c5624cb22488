#include "rewards/code/box.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <grp.h>
#include <poll.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmath>
#include <cstring>
#include <fstream>
#include <iterator>
#include <sstream>

#include "base/error.h"
#include "rewards/code/driver.h"
#include "rewards/code/seccomp.h"

namespace r1::rewards::code {
namespace {

constexpr const char* kPython = "/usr/bin/python3";
constexpr int64_t kMegabyte = 1 << 20;
constexpr int kFirstKept = 3;
constexpr int kEndMs = 5000;  // for bubblewrap to end when its child has been killed

// In the order in which bubblewrap carries them out.
constexpr const char* kOptions =
    "--unshare-ipc --unshare-pid --unshare-net --unshare-uts --unshare-cgroup-try --hostname box "
    "--as-pid-1 --die-with-parent --new-session --cap-drop ALL --clearenv "
    "--setenv PATH /usr/bin:/bin --setenv HOME /tmp --setenv LANG C.UTF-8 --setenv TZ UTC "
    "--setenv PYTHONHASHSEED 0 --setenv PYTHONIOENCODING utf-8 --setenv OPENBLAS_NUM_THREADS 1 "
    "--ro-bind /usr /usr --symlink usr/bin /bin --symlink usr/sbin /sbin --symlink usr/lib /lib "
    "--symlink usr/lib64 /lib64 --proc /proc --dev /dev "
    "--size 67108864 --perms 1777 --tmpfs /tmp --size 67108864 --perms 1777 --tmpfs /dev/shm "
    "--perms 0444 --ro-bind-data {driver} /driver.py --remount-ro /dev --remount-ro / "
    "--chdir /tmp --seccomp {filter}";

std::vector<std::string> bubblewrap(const BoxConfig& config, int filter, int driver) {
  std::string options =
      fmt::format(kOptions, fmt::arg("driver", driver), fmt::arg("filter", filter));
  if (config.user_namespace) options += " --unshare-user --disable-userns --uid 1000 --gid 1000";
  std::istringstream words("/usr/bin/bwrap " + options + " --");
  return {std::istream_iterator<std::string>(words), {}};
}

std::string make_folder() {
  std::string name = fmt::format("/tmp/r1-box-{}-XXXXXX", ::getpid());
  if (::mkdtemp(name.data()) == nullptr)
    throw ConfigError(fmt::format("sandbox: no folder {}: {}", name, std::strerror(errno)));
  return name;
}

void remove_folder(const std::filesystem::path& folder) {
  std::error_code ignored;
  std::filesystem::remove_all(folder, ignored);
}

struct Limit {
  int what;
  rlim_t value;
};

// What a process needs to know between fork and exec, where nothing may be allocated.
struct Start {
  std::vector<std::string> joined;
  std::vector<const char*> arguments;
  std::vector<Limit> limits;
  std::vector<std::pair<int, int>> descriptors;  // from, to
  uint32_t uid = 0;
  std::string folder;
};

[[noreturn]] void become(const Start& start, pid_t launcher) {
  ::setsid();
  for (const std::string& file : start.joined) {
    const int fd = ::open(file.c_str(), O_WRONLY | O_CLOEXEC);
    if (fd < 0 || ::write(fd, "0", 1) != 1) ::_exit(120);
    ::close(fd);
  }
  // Out of the way first, so that no target overwrites a source.
  int moved[16];
  for (size_t i = 0; i < start.descriptors.size(); ++i)
    moved[i] = ::fcntl(start.descriptors[i].first, F_DUPFD_CLOEXEC, 100);
  for (size_t i = 0; i < start.descriptors.size(); ++i)
    if (::dup2(moved[i], start.descriptors[i].second) < 0) ::_exit(121);
  for (const Limit& limit : start.limits) {
    const rlimit both{limit.value, limit.value};
    if (::setrlimit(static_cast<__rlimit_resource_t>(limit.what), &both) != 0) ::_exit(122);
  }
  if (start.uid != 0 &&
      (::setgroups(0, nullptr) != 0 || ::setresgid(start.uid, start.uid, start.uid) != 0 ||
       ::setresuid(start.uid, start.uid, start.uid) != 0))
    ::_exit(123);
  if (!start.folder.empty() && ::chdir(start.folder.c_str()) != 0) ::_exit(124);
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);         // after the change of user, which clears it
  if (::getppid() != launcher) ::_exit(126);  // it ended before
  static const char* const kEnvironment[] = {"PATH=/usr/bin:/bin", "LANG=C.UTF-8", "TZ=UTC",
                                             "PYTHONHASHSEED=0", nullptr};
  ::execve(start.arguments[0], const_cast<char* const*>(start.arguments.data()),
           const_cast<char* const*>(kEnvironment));
  ::_exit(125);
}

// RLIMIT_NPROC. A group counts the forks that it refused, which this limit does not: it must not be
// met first.
int process_limit(const BoxConfig& config) {
  return config.group ? 2 * config.processes : config.processes;
}

std::vector<Limit> limits_of(const BoxConfig& config) {
  std::vector<Limit> limits = {{RLIMIT_CORE, 0},
                               {RLIMIT_FSIZE, 16 * kMegabyte},
                               {RLIMIT_STACK, 64 * kMegabyte},
                               {RLIMIT_MEMLOCK, 0},
                               {RLIMIT_MSGQUEUE, 0}};
  if (config.command.empty()) limits.push_back({RLIMIT_NOFILE, 64});
  if (!config.command.empty())
    limits.push_back({RLIMIT_CPU, static_cast<rlim_t>(std::ceil(config.cpu_s)) + 1});
  if (!config.group)
    limits.push_back({RLIMIT_AS, static_cast<rlim_t>((config.memory_mb + 64) * kMegabyte)});
  // Counts per user: for one of the box's own here, for others in driver.py, where it counts the
  // box.
  if (config.uid != 0) limits.push_back({RLIMIT_NPROC, static_cast<rlim_t>(process_limit(config))});
  return limits;
}

}  // namespace

Descriptor& Descriptor::operator=(Descriptor&& other) noexcept {
  if (this != &other) {
    reset();
    fd_ = other.release();
  }
  return *this;
}

int Descriptor::release() { return std::exchange(fd_, -1); }

void Descriptor::reset() {
  if (fd_ >= 0) ::close(fd_);
  fd_ = -1;
}

Descriptor reopen(int fd) {
  return Descriptor(::open(fmt::format("/proc/self/fd/{}", fd).c_str(), O_RDONLY | O_CLOEXEC));
}

std::vector<pid_t> process_tree(pid_t pid) {
  std::vector<pid_t> found = {pid};
  std::error_code error;
  for (size_t i = 0; i < found.size(); ++i)
    for (const auto& thread :
         std::filesystem::directory_iterator(fmt::format("/proc/{}/task", found[i]), error)) {
      std::ifstream children(thread.path() / "children");
      for (pid_t child = 0; children >> child;) found.push_back(child);
    }
  return found;
}

Pipe make_pipe() {
  int ends[2];
  if (::pipe2(ends, O_CLOEXEC) != 0)
    throw ConfigError(fmt::format("sandbox: no pipe: {}", std::strerror(errno)));
  // A box, which has another user, may open them again by name: /dev/stdin.
  ::fchmod(ends[0], 0666);
  return {Descriptor(ends[0]), Descriptor(ends[1])};
}

Descriptor memory_file(std::string_view content) {
  Descriptor file(::memfd_create("program", MFD_CLOEXEC | MFD_ALLOW_SEALING));
  for (size_t done = 0; file && done < content.size();) {
    const ssize_t count = ::write(file.get(), content.data() + done, content.size() - done);
    if (count <= 0)
      throw ConfigError(
          fmt::format("sandbox: no memory for {} bytes: {}", content.size(), std::strerror(errno)));
    done += static_cast<size_t>(count);
  }
  if (!file) throw ConfigError(fmt::format("sandbox: no file in memory: {}", std::strerror(errno)));
  ::lseek(file.get(), 0, SEEK_SET);
  return file;
}

Box::Box(const BoxConfig& config, int input, int output, const std::vector<int>& keep) {
  static const int filter = make_filter();
  static const Descriptor driver = memory_file(driver_source());
  static const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
  Descriptor theirs;
  Start start;
  start.uid = config.uid;
  start.limits = limits_of(config);
  if (config.group) start.joined = config.group->join_files();
  start.descriptors = {{input < 0 ? nothing : input, 0},
                       {output < 0 ? nothing : output, 1},
                       {output < 0 ? nothing : output, 2}};
  int next = kFirstKept;
  if (config.command.empty()) {
    int ends[2];
    if (::socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends) != 0)
      throw ConfigError(fmt::format("sandbox: no socket: {}", std::strerror(errno)));
    control_ = Descriptor(ends[0]);
    theirs = Descriptor(ends[1]);
    start.descriptors.emplace_back(ends[1], next++);
  }
  for (const int fd : keep) start.descriptors.emplace_back(fd, next++);

  // Opened anew for this box, because bubblewrap reads them to their ends.
  const Descriptor own_filter = reopen(filter), own_driver = reopen(driver.get());
  std::vector<std::string> command = config.command;
  if (config.isolated) {
    start.descriptors.emplace_back(own_filter.get(), next);
    start.descriptors.emplace_back(own_driver.get(), next + 1);
    command = bubblewrap(config, next, next + 1);
    if (config.command.empty())
      command.insert(command.end(), {kPython, "-I", "-S", "-B", "/driver.py",
                                     std::to_string(process_limit(config))});
    else
      command.insert(command.end(), config.command.begin(), config.command.end());
  } else if (command.empty()) {
    command = {kPython, "-I", "-S", "-B", "-c", driver_source()};
  }
  for (const std::string& argument : command) start.arguments.push_back(argument.c_str());
  start.arguments.push_back(nullptr);
  if (!config.isolated) start.folder = folder_ = make_folder();
  const pid_t launcher = ::getpid();
  pid_ = ::fork();
  if (pid_ == 0) become(start, launcher);
  if (pid_ > 0) return;
  kill();
  throw ConfigError(
      "sandbox: cannot start a process; is a limit of the user or of a group reached?");
}

Box::~Box() { kill(); }

bool Box::send(std::string_view message, const std::vector<int>& descriptors) {
  iovec part{const_cast<char*>(message.data()), message.size()};
  msghdr header{};
  header.msg_iov = &part;
  header.msg_iovlen = 1;
  alignas(cmsghdr) char ancillary[CMSG_SPACE(8 * sizeof(int))] = {};
  if (!descriptors.empty()) {
    header.msg_control = ancillary;
    header.msg_controllen = CMSG_SPACE(descriptors.size() * sizeof(int));
    cmsghdr* data = CMSG_FIRSTHDR(&header);
    data->cmsg_level = SOL_SOCKET;
    data->cmsg_type = SCM_RIGHTS;
    data->cmsg_len = CMSG_LEN(descriptors.size() * sizeof(int));
    std::memcpy(CMSG_DATA(data), descriptors.data(), descriptors.size() * sizeof(int));
  }
  return ::sendmsg(control_.get(), &header, MSG_NOSIGNAL) == static_cast<ssize_t>(message.size());
}

bool Box::readable(int milliseconds) const {
  pollfd waiting{control_.get(), POLLIN, 0};
  return ::poll(&waiting, 1, milliseconds) == 1;
}

std::optional<std::string> Box::receive(int milliseconds) {
  if (!readable(milliseconds)) return std::nullopt;
  char text[512];
  const ssize_t count = ::recv(control_.get(), text, sizeof text, 0);
  if (count <= 0) return std::nullopt;
  return std::string(text, static_cast<size_t>(count));
}

std::optional<int> Box::wait(int milliseconds) {
  for (int waited = 0; pid_ > 0; ++waited) {
    int status = 0;
    if (::waitpid(pid_, &status, WNOHANG) == pid_) {
      pid_ = -1;
      return status;
    }
    if (waited >= milliseconds) break;
    ::usleep(1000);
  }
  return std::nullopt;
}

void Box::kill() {
  control_.reset();
  if (pid_ > 0) {
    // Stopped first, so that it starts nothing more.
    ::kill(pid_, SIGSTOP);
    int status = 0;
    while (::waitpid(pid_, &status, WUNTRACED) < 0 && errno == EINTR) {
    }
    if (WIFSTOPPED(status))
      end_tree();
    else
      pid_ = -1;
  }
  if (!folder_.empty()) remove_folder(folder_);
  folder_.clear();
}

// Bubblewrap ends by itself when its child has ended, and waits for it. As an orphan the child
// would count as a process of the group until the system's first process waits for it, which may be
// never; and one that still waits for its settings would not end at all.
void Box::end_tree() {
  const std::vector<pid_t> tree = process_tree(pid_);
  for (size_t i = 1; i < tree.size(); ++i) ::kill(tree[i], SIGKILL);
  if (folder_.empty() && tree.size() > 1) {
    ::kill(pid_, SIGCONT);
    if (wait(kEndMs)) return;
  }
  ::kill(pid_, SIGKILL);
  while (::waitpid(pid_, nullptr, 0) < 0 && errno == EINTR) {
  }
  pid_ = -1;
}

void remove_stale_folders() {
  std::error_code error;
  for (const auto& entry : std::filesystem::directory_iterator("/tmp", error)) {
    int pid = 0;
    struct stat status {};
    if (std::sscanf(entry.path().filename().c_str(), "r1-box-%d-", &pid) == 1 &&
        ::kill(pid, 0) != 0 && ::lstat(entry.path().c_str(), &status) == 0 &&
        status.st_uid == ::geteuid())
      remove_folder(entry.path());
  }
}

}  // namespace r1::rewards::code
