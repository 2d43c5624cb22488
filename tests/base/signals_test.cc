#include <gtest/gtest.h>
#include <signal.h>
#include <stdlib.h>

#include "base/progress.h"

namespace r1 {
namespace {

// Each in a child process of its own: handlers and flag hold for the whole process.
TEST(SignalsDeathTest, FirstOneOnlyAsksToStop) {
  for (int signal : {SIGINT, SIGTERM})
    EXPECT_EXIT(
        {
          install_signal_handlers();
          if (stop_requested()) ::_exit(1);
          ::raise(signal);
          ::_exit(stop_requested() ? 33 : 2);
        },
        testing::ExitedWithCode(33), "again to stop at once");
}

TEST(SignalsDeathTest, SecondOneEndsTheProcessWithCode75) {
  EXPECT_EXIT(
      {
        install_signal_handlers();
        ::raise(SIGTERM);
        ::raise(SIGINT);
        ::_exit(1);
      },
      testing::ExitedWithCode(75), "");
}

TEST(Signals, NoStopIsRequestedWithoutASignal) { EXPECT_FALSE(stop_requested()); }

}  // namespace
}  // namespace r1
