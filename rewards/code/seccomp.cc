#include "rewards/code/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <seccomp.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <memory>

#include "base/error.h"

namespace r1::rewards::code {
namespace {

// Names, because older headers lack some numbers; what this kernel or library does not know is left
// out.
constexpr const char* kForbidden[] = {
    // other processes
    "ptrace", "process_vm_readv", "process_vm_writev", "pidfd_getfd", "kcmp",
    // keys outlive a box
    "add_key", "request_key", "keyctl",
    // large parts of the kernel that programs do not need
    "bpf", "perf_event_open", "userfaultfd", "io_uring_setup", "io_uring_enter",
    "io_uring_register", "fanotify_init",
    // the box itself
    "mount", "umount", "umount2", "pivot_root", "chroot", "move_mount", "open_tree", "fsopen",
    "fsconfig", "fsmount", "fspick", "mount_setattr", "unshare", "setns", "swapon", "swapoff",
    "open_by_handle_at", "name_to_handle_at", "quotactl", "acct",
    // the machine
    "kexec_load", "kexec_file_load", "init_module", "finit_module", "delete_module", "reboot",
    "syslog", "settimeofday", "clock_settime", "adjtimex", "clock_adjtime", "iopl", "ioperm",
    "vhangup", "nfsservctl", "lookup_dcookie"};

constexpr unsigned kNewNamespaces = CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET |
                                    CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP;

// These answer with an error: the C library asks for them and has another way.
constexpr struct {
  const char* name;
  int error;
} kRefused[] = {{"clone3", ENOSYS},       {"personality", EPERM}, {"sched_setscheduler", EPERM},
                {"sched_setattr", EPERM}, {"mlockall", EPERM},    {"mlock", EPERM},
                {"flock", EACCES}};

using Filter = std::unique_ptr<void, decltype(&seccomp_release)>;

void check(int result, const char* what) {
  if (result < 0)
    throw ConfigError(std::string("the sandbox's system call filter: ") + what + " failed");
}

// A lock on a file of the host that all boxes see could carry a message from one to the next.
void refuse_file_locks(scmp_filter_ctx filter) {
  for (const int command : {F_SETLK, F_SETLKW, F_OFD_SETLK, F_OFD_SETLKW, F_SETLEASE})
    check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EACCES), SCMP_SYS(fcntl), 1,
                           SCMP_A1(SCMP_CMP_EQ, static_cast<scmp_datum_t>(command))),
          "fcntl");
}

void forbid_sockets(scmp_filter_ctx filter) {
  const int socket = SCMP_SYS(socket);
  for (const int family : {AF_VSOCK, AF_PACKET, AF_ALG})
    check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, socket, 1,
                           SCMP_A0(SCMP_CMP_EQ, static_cast<scmp_datum_t>(family))),
          "socket");
  // Name lookups ask for routes (protocol 0) and go on without.
  check(seccomp_rule_add(filter, SCMP_ACT_ERRNO(EAFNOSUPPORT), socket, 2,
                         SCMP_A0(SCMP_CMP_EQ, AF_NETLINK), SCMP_A2(SCMP_CMP_EQ, 0)),
        "socket");
  check(seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, socket, 2, SCMP_A0(SCMP_CMP_EQ, AF_NETLINK),
                         SCMP_A2(SCMP_CMP_NE, 0)),
        "socket");
}

}  // namespace

int make_filter() {
  const Filter filter(seccomp_init(SCMP_ACT_ALLOW), &seccomp_release);
  if (!filter) throw ConfigError("the sandbox's system call filter: out of memory");
  check(seccomp_attr_set(filter.get(), SCMP_FLTATR_ACT_BADARCH, SCMP_ACT_KILL_PROCESS),
        "architecture");
  for (const char* name : kForbidden) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number >= 0) check(seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, number, 0), name);
  }
  for (const auto& [name, error] : kRefused) {
    const int number = seccomp_syscall_resolve_name(name);
    if (number >= 0)
      check(seccomp_rule_add(filter.get(), SCMP_ACT_ERRNO(static_cast<uint32_t>(error)), number, 0),
            name);
  }
  for (unsigned flag = 1; flag != 0; flag <<= 1)
    if (kNewNamespaces & flag)
      check(seccomp_rule_add(filter.get(), SCMP_ACT_KILL_PROCESS, SCMP_SYS(clone), 1,
                             SCMP_A0(SCMP_CMP_MASKED_EQ, flag, flag)),
            "clone");
  forbid_sockets(filter.get());
  refuse_file_locks(filter.get());
  const int file = ::memfd_create("seccomp", MFD_CLOEXEC);
  if (file < 0) throw ConfigError("the sandbox's system call filter: no file in memory");
  check(seccomp_export_bpf(filter.get(), file), "writing it");
  ::lseek(file, 0, SEEK_SET);
  return file;
}

}  // namespace r1::rewards::code
