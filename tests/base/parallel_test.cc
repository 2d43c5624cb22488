#include "base/parallel.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>
#include <utility>
#include <vector>

#include "base/error.h"

namespace r1 {
namespace {

using Ranges = std::vector<std::pair<int64_t, int64_t>>;

Ranges ranges_of(int64_t count, int64_t grain) {
  std::mutex mutex;
  Ranges ranges;
  parallel_for(count, grain, [&](int64_t begin, int64_t end) {
    std::lock_guard lock(mutex);
    ranges.emplace_back(begin, end);
  });
  std::sort(ranges.begin(), ranges.end());
  return ranges;
}

class Threads : public testing::TestWithParam<int> {
 protected:
  void SetUp() override { set_num_threads(GetParam()); }
  void TearDown() override { set_num_threads(1); }
};

TEST_P(Threads, CoverEveryIndexOnce) {
  for (int64_t count : {1, 2, 3, 7, 64, 1000, 4097}) {
    for (int64_t grain : {1, 2, 4, 100, 5000}) {
      std::vector<std::atomic<int>> touched(static_cast<size_t>(count));
      parallel_for(count, grain, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) ++touched[size_t(i)];
      });
      for (auto& times : touched) ASSERT_EQ(times, 1) << "count " << count << " grain " << grain;
    }
  }
}

TEST_P(Threads, SplitAtMultiplesOfTheGrainIntoAtMostOneRangeEach) {
  for (int64_t count : {1, 8, 63, 64, 65, 1001}) {
    for (int64_t grain : {1, 4, 16}) {
      const Ranges ranges = ranges_of(count, grain);
      EXPECT_LE(int64_t(ranges.size()), GetParam());
      for (size_t i = 0; i + 1 < ranges.size(); ++i) {
        EXPECT_EQ(ranges[i].second % grain, 0);
        EXPECT_GE(ranges[i].second - ranges[i].first, grain);
      }
    }
  }
}

TEST_P(Threads, GiveTheSameRangesEveryTime) {
  const Ranges first = ranges_of(1001, 4);
  for (int i = 0; i < 50; ++i) EXPECT_EQ(ranges_of(1001, 4), first);
}

TEST_P(Threads, RethrowTheExceptionOfTheLowestRangeAndStayUsable) {
  for (int round = 0; round < 20; ++round) {
    try {
      parallel_for(1000, 1, [&](int64_t begin, int64_t) { throw std::runtime_error("range at " + std::to_string(begin)); });
      ADD_FAILURE() << "no exception";
    } catch (const std::runtime_error& error) {
      EXPECT_STREQ(error.what(), "range at 0");
    }
    std::atomic<int64_t> sum = 0;
    parallel_for(1000, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    EXPECT_EQ(sum, 1000);
  }
}

TEST_P(Threads, RunNestedCallsInline) {
  std::atomic<int> inner_ranges = 0, outer_ranges = 0;
  std::atomic<bool> same_thread = true;
  parallel_for(8, 1, [&](int64_t, int64_t) {
    ++outer_ranges;
    const auto outer = std::this_thread::get_id();
    parallel_for(100, 1, [&](int64_t begin, int64_t end) {
      ++inner_ranges;
      if (std::this_thread::get_id() != outer || end - begin != 100) same_thread = false;
    });
  });
  if (GetParam() > 1) {
    EXPECT_TRUE(same_thread);
    EXPECT_EQ(inner_ranges, outer_ranges);
  }
}

TEST_P(Threads, SurviveManyShortCalls) {
  std::vector<int64_t> sums(64);
  for (int call = 0; call < 20000; ++call)
    parallel_for(64, 8, [&](int64_t begin, int64_t end) {
      for (int64_t i = begin; i < end; ++i) sums[size_t(i)] += i;
    });
  for (int64_t i = 0; i < 64; ++i) EXPECT_EQ(sums[size_t(i)], 20000 * i);
}

// Long enough between calls for the workers to fall asleep.
TEST_P(Threads, WakeUpAfterAPause) {
  for (int call = 0; call < 20; ++call) {
    std::this_thread::sleep_for(std::chrono::milliseconds(2));
    std::atomic<int64_t> sum = 0;
    parallel_for(100, 1, [&](int64_t begin, int64_t end) {
      if (begin > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
      sum += end - begin;
    });
    ASSERT_EQ(sum, 100);
  }
}

TEST_P(Threads, ServeSeveralCallingThreads) {
  std::vector<std::thread> callers;
  std::atomic<int64_t> sum = 0;
  for (int t = 0; t < 3; ++t)
    callers.emplace_back([&] {
      for (int call = 0; call < 200; ++call) parallel_for(100, 1, [&](int64_t begin, int64_t end) { sum += end - begin; });
    });
  for (auto& caller : callers) caller.join();
  EXPECT_EQ(sum, 3 * 200 * 100);
}

INSTANTIATE_TEST_SUITE_P(Count, Threads, testing::Values(1, 2, 3, 5));

TEST(SetNumThreads, CanBeChangedAgain) {
  for (int count : {1, 2, 1, 4, 2}) {
    set_num_threads(count);
    EXPECT_EQ(num_threads(), count);
    EXPECT_EQ(int(ranges_of(100, 1).size()), count);
  }
  set_num_threads(1);
}

TEST(SetNumThreads, RefusesLessThanOne) {
  EXPECT_THROW(set_num_threads(0), InternalError);
  EXPECT_THROW(set_num_threads(-3), InternalError);
}

TEST(ParallelFor, CallsNothingForNoIndices) {
  set_num_threads(2);
  parallel_for(0, 1, [](int64_t, int64_t) { ADD_FAILURE() << "called"; });
  set_num_threads(1);
}

TEST(ParallelFor, UsesSeveralThreads) {
  set_num_threads(3);
  std::mutex mutex;
  std::set<std::thread::id> ids;
  parallel_for(3, 1, [&](int64_t, int64_t) {
    std::lock_guard lock(mutex);
    ids.insert(std::this_thread::get_id());
  });
  EXPECT_EQ(ids.size(), 3u);
  EXPECT_TRUE(ids.count(std::this_thread::get_id()));
  set_num_threads(1);
}

TEST(ParallelFor, RefusesABadRange) {
  EXPECT_THROW(parallel_for(-1, 1, [](int64_t, int64_t) {}), InternalError);
  EXPECT_THROW(parallel_for(10, 0, [](int64_t, int64_t) {}), InternalError);
}

}  // namespace
}  // namespace r1
