// The system call filter of a box.
#pragma once

namespace r1::rewards::code {

// A descriptor (of a file in memory, closed on exec) with the filter as the kernel takes it; the
// caller closes it. Kills a process that calls what no honest program needs and what namespaces do
// not stop; see the list in seccomp.cc. Throws ConfigError when the library cannot make it.
int make_filter();

}  // namespace r1::rewards::code
