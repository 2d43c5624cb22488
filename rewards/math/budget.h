// Counted work. Every loop that an answer can make long spends from one budget, so that a verdict
// never depends on time.
#pragma once

#include <cstdint>

namespace r1::rewards::math::engine {

class Budget {
 public:
  explicit Budget(int64_t limit) : limit_(limit) {}
  // False when the work would exceed the limit; the budget then stays exhausted.
  bool spend(int64_t steps) {
    used_ += steps;
    return used_ <= limit_;
  }
  bool exhausted() const { return used_ > limit_; }
  int64_t used() const { return used_; }

 private:
  int64_t limit_;
  int64_t used_ = 0;
};

constexpr int64_t kStepLimit = 400'000;          // of one comparison: under 50 ms on a slow core
constexpr int64_t kBitLimit = int64_t{1} << 17;  // of one exact number
constexpr int64_t kMaxAnswerBytes = 4096;
constexpr int kMaxDepth = 64;
constexpr int kMaxNodes = 2000;

}  // namespace r1::rewards::math::engine
