#include "base/parallel.h"

#include <pthread.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include "base/error.h"

namespace r1 {
namespace {

using Body = std::function<void(int64_t, int64_t)>;

thread_local bool inside_parallel_for = false;

void pause_cpu() {
#if defined(__x86_64__)
  __builtin_ia32_pause();
#elif defined(__aarch64__)
  asm volatile("yield");
#endif
}

// One thread waits, others wake it. It spins first: a decode step comes back within microseconds
// and a futex wake-up costs more than the work, on a virtual machine 50 microseconds and more.
// `ready` must read sequentially consistent atomics, and wake() must follow a sequentially
// consistent write: one of the two sides then sees the other.
class Parking {
 public:
  template <class Ready>
  void wait(std::chrono::microseconds spin, Ready ready) {
    const auto give_up = std::chrono::steady_clock::now() + spin;
    do {
      for (int i = 0; i < 32; ++i) {
        if (ready()) return;
        pause_cpu();
      }
    } while (std::chrono::steady_clock::now() < give_up);
    std::unique_lock lock(mutex_);
    asleep_.store(true);
    wake_.wait(lock, ready);
    asleep_.store(false);
  }
  void wake() {
    if (!asleep_.load()) return;
    std::lock_guard lock(mutex_);
    wake_.notify_one();
  }

 private:
  std::mutex mutex_;
  std::condition_variable wake_;
  std::atomic<bool> asleep_{false};
};

// One worker's mailbox: only workers that get a range are woken, so the others may sleep on.
struct alignas(64) Worker {
  std::atomic<uint32_t> ticket{0};  // counts the ranges handed over
  std::atomic<bool> stop{false};
  const Body* body = nullptr;
  int64_t begin = 0, end = 0;
  std::exception_ptr error;
  Parking parking;
  std::thread thread;
};

class Pool {
 public:
  explicit Pool(int threads) {
    const int cores = int(std::max(1u, std::thread::hardware_concurrency()));
    spin_ = std::chrono::microseconds(threads <= cores ? 200 : 0);
    for (int i = 1; i < threads; ++i) {
      workers_.push_back(std::make_unique<Worker>());
      Worker& worker = *workers_.back();
      worker.thread = std::thread([this, &worker] { serve(worker); });
      pthread_setname_np(worker.thread.native_handle(), ("r1-cpu-" + std::to_string(i)).c_str());
    }
  }
  ~Pool() {
    for (auto& worker : workers_) {
      worker->stop.store(true);
      worker->parking.wake();
      worker->thread.join();
    }
  }
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  int size() const { return int(workers_.size()) + 1; }

  // Splits `blocks` blocks of `grain` indices into `ranges` ranges; the caller takes the first.
  void run(int64_t count, int64_t grain, int64_t blocks, int ranges, const Body& body) {
    const auto border = [&](int64_t range) {
      const int64_t extra = std::min(range, blocks % ranges);
      return std::min(count, (blocks / ranges * range + extra) * grain);
    };
    pending_.store(ranges - 1);
    for (int i = 1; i < ranges; ++i) {
      Worker& worker = *workers_[size_t(i - 1)];
      worker.body = &body;
      worker.begin = border(i);
      worker.end = border(i + 1);
      worker.ticket.fetch_add(1);
      worker.parking.wake();
    }
    std::exception_ptr error = call(body, 0, border(1));
    done_.wait(spin_, [this] { return pending_.load() == 0; });
    for (int i = 1; i < ranges; ++i) {
      Worker& worker = *workers_[size_t(i - 1)];
      if (!error) error = worker.error;
      worker.error = nullptr;
    }
    if (error) std::rethrow_exception(error);
  }

 private:
  static std::exception_ptr call(const Body& body, int64_t begin, int64_t end) {
    inside_parallel_for = true;
    std::exception_ptr error;
    try {
      body(begin, end);
    } catch (...) {
      error = std::current_exception();
    }
    inside_parallel_for = false;
    return error;
  }
  void serve(Worker& worker) {
    for (uint32_t seen = 0;; ++seen) {
      worker.parking.wait(spin_,
                          [&] { return worker.ticket.load() != seen || worker.stop.load(); });
      if (worker.ticket.load() == seen) return;
      worker.error = call(*worker.body, worker.begin, worker.end);
      if (pending_.fetch_sub(1) == 1) done_.wake();
    }
  }

  std::chrono::microseconds spin_{0};
  std::vector<std::unique_ptr<Worker>> workers_;
  std::atomic<int> pending_{0};
  Parking done_;
};

struct Shared {
  std::mutex busy;  // held while a caller uses or replaces the pool
  std::unique_ptr<Pool> pool;
  std::atomic<int> threads{int(std::max(1u, std::thread::hardware_concurrency()))};
};

Shared& shared() {
  static Shared instance;
  return instance;
}

}  // namespace

void set_num_threads(int count) {
  R1_CHECK(count >= 1, "the number of threads must be at least 1");
  R1_CHECK(!inside_parallel_for, "set_num_threads() inside a parallel_for");
  std::lock_guard lock(shared().busy);
  shared().pool.reset();
  shared().threads.store(count);
}

int num_threads() { return shared().threads.load(); }

void parallel_for(int64_t count, int64_t grain, const Body& fn) {
  R1_CHECK(count >= 0 && grain >= 1, "parallel_for needs count >= 0 and grain >= 1");
  if (count == 0) return;
  const int64_t blocks = (count - 1) / grain + 1;
  if (blocks == 1 || inside_parallel_for || num_threads() == 1) return fn(0, count);
  std::unique_lock lock(shared().busy, std::try_to_lock);
  if (!lock) return fn(0, count);  // another thread has the pool
  if (!shared().pool) shared().pool = std::make_unique<Pool>(num_threads());
  Pool& pool = *shared().pool;
  const int ranges = int(std::min<int64_t>(pool.size(), blocks));
  if (ranges == 1) return fn(0, count);
  pool.run(count, grain, blocks, ranges, fn);
}

}  // namespace r1
