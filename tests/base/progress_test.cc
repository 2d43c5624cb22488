#include "base/progress.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <stdlib.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <thread>

namespace r1 {
namespace {
using testing::EndsWith;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

TEST(FormatDuration, WritesMinutesAndHours) {
  EXPECT_EQ(format_duration(0), "0:00");
  EXPECT_EQ(format_duration(9.4), "0:09");
  EXPECT_EQ(format_duration(131), "2:11");
  EXPECT_EQ(format_duration(59.6), "1:00");
  EXPECT_EQ(format_duration(3599.7), "1:00:00");
  EXPECT_EQ(format_duration(3723), "1:02:03");
  EXPECT_EQ(format_duration(360000), "100:00:00");
}

TEST(FormatDuration, HasNoAnswerForNonsense) {
  EXPECT_EQ(format_duration(-1), "?");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::infinity()), "?");
  EXPECT_EQ(format_duration(std::numeric_limits<double>::quiet_NaN()), "?");
}

TEST(FormatTable, AlignsTextLeftAndNumbersRight) {
  EXPECT_EQ(format_table({{"name", "count", "note"}, {"a", "5", "x"}, {"longer", "1234567", ""}}),
            "name      count  note\n"
            "a             5  x\n"
            "longer  1234567\n");
}

TEST(FormatTable, CountsCharactersNotBytes) {
  EXPECT_EQ(format_table({{"a", "b"}, {"\xc3\xa9\xc3\xa9", "x"}, {"ef", "y"}}), "a   b\n\xc3\xa9\xc3\xa9  x\nef  y\n");
}

TEST(FormatTable, TakesRaggedAndEmptyTables) {
  EXPECT_EQ(format_table({}), "");
  EXPECT_EQ(format_table({{"a"}, {"b", "c"}}), "a\nb  c\n");
}

TEST(ProgressPiped, PrintsOnePlainLineForShortWork) {
  testing::internal::CaptureStderr();
  {
    Progress progress("grpo", 120, "step", 40);
    for (int i = 41; i <= 42; ++i) progress.update(i, "reward 0.41");
  }
  const std::string text = testing::internal::GetCapturedStderr();
  EXPECT_THAT(text, StartsWith("grpo  42/120  "));
  EXPECT_THAT(text, EndsWith(" in all  reward 0.41\n"));
  EXPECT_THAT(text, HasSubstr(" step/s  "));
  EXPECT_THAT(text, Not(HasSubstr("\x1b")));
  EXPECT_THAT(text, Not(HasSubstr("\r")));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(ProgressPiped, PrintsNoRateWhenNothingWasDone) {
  testing::internal::CaptureStderr();
  { Progress progress("sft", 10, "step", 10); }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::MatchesRegex("sft  10/10  0:[0-9]+ in all\n"));
}

TEST(ProgressPiped, PrintsNoTotalWhenItIsUnknown) {
  testing::internal::CaptureStderr();
  { Progress progress("read", 0, "row"); }
  EXPECT_THAT(testing::internal::GetCapturedStderr(), testing::MatchesRegex("read  0  0:[0-9]+ in all\n"));
}

TEST(SayPiped, PrintsALine) {
  testing::internal::CaptureStderr();
  say("hello");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "hello\n");
}

// Standard error is a terminal of `columns` columns while this lives.
class Terminal {
 public:
  explicit Terminal(unsigned short columns) {
    master_ = ::posix_openpt(O_RDWR | O_NOCTTY);
    if (master_ < 0 || ::grantpt(master_) != 0 || ::unlockpt(master_) != 0) return;
    const int slave = ::open(::ptsname(master_), O_RDWR | O_NOCTTY);
    if (slave < 0) return;
    const winsize size{25, columns, 0, 0};
    ::ioctl(slave, TIOCSWINSZ, &size);
    saved_ = ::dup(STDERR_FILENO);
    ::dup2(slave, STDERR_FILENO);
    ::close(slave);
  }
  ~Terminal() {
    restore();
    if (master_ >= 0) ::close(master_);
  }
  bool works() const { return saved_ >= 0; }
  // What was shown; standard error is the old one again.
  std::string text() {
    std::string out;
    pollfd ready{master_, POLLIN, 0};
    char buffer[4096];
    while (::poll(&ready, 1, 0) == 1 && (ready.revents & POLLIN)) {
      const ssize_t got = ::read(master_, buffer, sizeof buffer);
      if (got <= 0) break;
      out.append(buffer, size_t(got));
    }
    restore();
    return out;
  }

 private:
  void restore() {
    if (saved_ < 0) return;
    ::dup2(saved_, STDERR_FILENO);
    ::close(saved_);
    saved_ = -1;
  }
  int master_ = -1, saved_ = -1;
};

TEST(ProgressTerminal, DrawsABarOnOneLineAndEndsIt) {
  Terminal terminal(100);
  if (!terminal.works()) GTEST_SKIP() << "no pseudo terminal here";
  {
    Progress progress("grpo", 4, "step");
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    progress.update(1, "reward 0.41");
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    progress.update(4, "done");
  }
  const std::string text = terminal.text();
  EXPECT_THAT(text, StartsWith("\rgrpo  0/4  [>-------------------------]\x1b[K"));
  EXPECT_THAT(text, HasSubstr("\rgrpo  1/4  [======>-------------------]  "));
  EXPECT_THAT(text, HasSubstr(" left  reward 0.41\x1b[K"));
  EXPECT_THAT(text, HasSubstr("\rgrpo  4/4  [==========================]  "));
  EXPECT_THAT(text, EndsWith(" in all  done\x1b[K\r\n"));
  EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 1);
}

TEST(ProgressTerminal, FitsTheWidth) {
  for (unsigned short width : {20, 40, 60, 100}) {
    Terminal terminal(width);
    if (!terminal.works()) GTEST_SKIP() << "no pseudo terminal here";
    {
      Progress progress("reasoning", 1000, "step");
      progress.update(500, std::string(60, 'x') + "\xc3\xa9");
    }
    std::string text = terminal.text();
    for (size_t at = 0; at < text.size();) {
      const size_t end = text.find("\x1b[K", at);
      if (end == std::string::npos) break;
      const std::string line = text.substr(at, end - at);
      const auto characters =
          std::count_if(line.begin(), line.end(), [](char c) { return c != '\r' && c != '\n' && (c & 0xc0) != 0x80; });
      EXPECT_LT(characters, width) << line;
      EXPECT_GT(characters, 0) << line;
      at = end + 3;
    }
  }
}

TEST(SayTerminal, PutsTheLineAboveTheBarAndTheBarBack) {
  Terminal terminal(100);
  if (!terminal.works()) GTEST_SKIP() << "no pseudo terminal here";
  {
    Progress progress("grpo", 4, "step");
    say("hello");
  }
  say("after");
  const std::string text = terminal.text();
  const std::string bar = "grpo  0/4  [>-------------------------]";
  EXPECT_THAT(text, StartsWith("\r" + bar + "\x1b[K\r\x1b[Khello\r\n" + bar));
  EXPECT_THAT(text, EndsWith("\x1b[K\r\nafter\r\n"));
}

}  // namespace
}  // namespace r1
