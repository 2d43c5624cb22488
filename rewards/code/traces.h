// What the boxes of a sandbox could leave on the machine.
#pragma once

#include <sys/types.h>
#include <unistd.h>

#include <map>
#include <string>
#include <vector>

namespace r1::rewards::code {

// The sandbox launcher of a program, by default of this one; 0: none.
pid_t find_launcher(pid_t program = ::getpid());

// Processes of the boxes of a launcher that has ended, by number and name. As root those of its
// boxes' users; otherwise the first of every box of this user, with which all others of the box
// end, unless a launcher that lives has started it.
std::map<pid_t, std::string> box_processes(pid_t launcher);
// Control groups "r1-<launcher>-*".
std::vector<std::string> box_groups(pid_t launcher);
// Files in /tmp and the like of the users of boxes. Nothing where boxes have no users of their own,
// which only root can give them.
std::vector<std::string> box_files(pid_t launcher);
// The machine's mounts, as seen by this process.
std::vector<std::string> mounts();
// What a process's descriptors are, by number; the compiled programs that a launcher keeps are left
// out.
std::map<int, std::string> descriptors(pid_t pid);
// SHA-256 of files that every program should leave alone, among them this program itself, by path;
// those that cannot be read are left out.
std::map<std::string, std::string> host_digests();

}  // namespace r1::rewards::code
