// The launcher: a process of its own that starts the boxes, so that the program that trains, with
// its threads and GPU, never forks. It is the program's own file, executed again: a constructor in
// launcher.cc takes over before main() when the environment names a socket, so that a program which
// links this library has nothing to call.
#pragma once

#include <sys/types.h>

#include "rewards/code/box.h"
#include "rewards/code/sandbox.h"

namespace r1::rewards::code {

struct Launcher {
  pid_t pid = -1;
  Descriptor socket;
};

// Starts one. It ends, with all its boxes, when the socket is closed. Throws ConfigError.
Launcher start_launcher(const SandboxConfig& config, Isolation isolation);

}  // namespace r1::rewards::code
