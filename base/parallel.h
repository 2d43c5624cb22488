// The one thread pool of the CPU kernels. Work is split by index range only, so results never
// depend on the thread count: a kernel must compute each index the same way whichever thread gets
// it.
#pragma once

#include <cstdint>
#include <functional>

namespace r1 {

// Sets the number of threads (>= 1), the caller's included; without it, one per core. Not from
// inside a parallel_for.
void set_num_threads(int count);
int num_threads();

// Calls fn(begin, end) on disjoint ranges that cover [0, count), each of at least `grain` indices
// (but the last). At most num_threads() ranges, their borders at multiples of `grain`. Runs inline
// when one range suffices, when called from inside a parallel_for or while another thread uses the
// pool. An exception in fn (that of the lowest range) is rethrown here, after all ranges ended.
void parallel_for(int64_t count, int64_t grain, const std::function<void(int64_t, int64_t)>& fn);

}  // namespace r1
