// What a person sees while long work runs: a bar with rate and time left on a terminal, plain lines
// when piped.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace r1 {

// Progress on standard error. On a terminal redraws one line (at most ten times a second):
//   grpo  42/120 [=========>----------------]  0.6 step/s  2:11 left  reward 0.41  length 61
// Piped: a plain line at most every 10 s and at the end. Not thread safe.
class Progress {
 public:
  Progress(std::string name, int64_t total, std::string unit, int64_t start = 0);
  ~Progress();  // ends the line
  void update(int64_t done, std::string_view note = {});

 private:
  void draw(bool last);
  std::string name_, unit_, note_;
  int64_t total_, start_, done_;
  std::chrono::steady_clock::time_point begin_, drawn_;
  bool terminal_, finished_ = false;
};

// Prints a line on standard error without tearing a bar that is being drawn.
void say(std::string_view line);

// A two-or-more column table with aligned columns, for standard error: rows of cells, first row is
// the header.
std::string format_table(const std::vector<std::vector<std::string>>& rows);
std::string format_duration(double seconds);  // "2:11", "1:02:03"

// Seconds on a clock that only goes forward; differences are what it is for.
double seconds_now();

// Set by SIGINT/SIGTERM once install_signal_handlers() ran; a second signal ends the process at
// once with exit code 75.
void install_signal_handlers();
bool stop_requested();

}  // namespace r1
