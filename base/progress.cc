#include "base/progress.h"

#include <fmt/format.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>
#include <mutex>

namespace r1 {
namespace {

using Clock = std::chrono::steady_clock;

// What is on the terminal's last line, so that say() can put it back.
struct Screen {
  std::mutex mutex;
  std::string bar;
};

Screen& screen() {
  static Screen instance;
  return instance;
}

void write_stderr(std::string_view text) {
  while (!text.empty()) {
    const ssize_t put = ::write(STDERR_FILENO, text.data(), text.size());
    if (put < 0 && errno == EINTR) continue;
    if (put <= 0) return;  // nobody reads it: no reason to stop the run
    text.remove_prefix(size_t(put));
  }
}

size_t terminal_width() {
  winsize size{};
  if (::ioctl(STDERR_FILENO, TIOCGWINSZ, &size) != 0 || size.ws_col < 20) return 80;
  return size.ws_col;
}

size_t characters(std::string_view text) {
  return size_t(std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

// The first `width` characters.
std::string_view cut(std::string_view text, size_t width) {
  size_t seen = 0;
  for (size_t i = 0; i < text.size(); ++i)
    if ((text[i] & 0xc0) != 0x80 && seen++ == width) return text.substr(0, i);
  return text;
}

std::string format_rate(double rate, const std::string& unit) {
  if (rate >= 100) return fmt::format("{:.0f} {}/s", rate, unit);
  if (rate >= 0.1) return fmt::format("{:.1f} {}/s", rate, unit);
  return fmt::format("{:.0f} s/{}", 1 / rate, unit);
}

std::string format_bar(double fraction, size_t width) {
  const size_t full = size_t(std::clamp(fraction, 0.0, 1.0) * double(width));
  std::string bar(full, '=');
  if (full < width) bar += '>';
  bar.resize(width, '-');
  return "[" + bar + "]";
}

bool looks_numeric(const std::string& cell) {
  return !cell.empty() && (std::isdigit(static_cast<unsigned char>(cell[0])) ||
                           (cell.size() > 1 && (cell[0] == '-' || cell[0] == '+') &&
                            std::isdigit(static_cast<unsigned char>(cell[1]))));
}

}  // namespace

Progress::Progress(std::string name, int64_t total, std::string unit, int64_t start)
    : name_(std::move(name)),
      unit_(std::move(unit)),
      total_(total),
      start_(start),
      done_(start),
      begin_(Clock::now()),
      drawn_(begin_),
      terminal_(::isatty(STDERR_FILENO) == 1) {
  if (terminal_) draw(false);
}

Progress::~Progress() {
  draw(true);
  finished_ = true;
}

void Progress::update(int64_t done, std::string_view note) {
  done_ = done;
  note_ = note;
  const auto pause = terminal_ ? std::chrono::milliseconds(100) : std::chrono::milliseconds(10000);
  if (Clock::now() - drawn_ >= pause) draw(false);
}

void Progress::draw(bool last) {
  drawn_ = Clock::now();
  const double seconds = std::chrono::duration<double>(drawn_ - begin_).count();
  const bool known = total_ > 0;
  const std::string head =
      known ? fmt::format("{}  {}/{}", name_, done_, total_) : fmt::format("{}  {}", name_, done_);
  std::string tail;
  if (done_ > start_ && seconds > 0) {
    const double rate = double(done_ - start_) / seconds;
    tail += "  " + format_rate(rate, unit_);
    if (known && !last)
      tail += fmt::format("  {} left", format_duration(double(total_ - done_) / rate));
  }
  if (last) tail += fmt::format("  {} in all", format_duration(seconds));
  if (!note_.empty()) tail += "  " + note_;

  Screen& shown = screen();
  std::lock_guard lock(shown.mutex);
  if (!terminal_) return write_stderr(head + tail + "\n");
  const size_t width =
      terminal_width() - 1;  // writing into the last column wraps on some terminals
  const size_t used = characters(head) + characters(tail) + 4;
  std::string line = head;
  if (known && used + 8 <= width)
    line += "  " + format_bar(double(done_) / double(total_), std::min<size_t>(26, width - used));
  line = cut(line + tail, width);
  shown.bar = last ? "" : line;
  write_stderr("\r" + line + "\x1b[K" + (last ? "\n" : ""));
}

void say(std::string_view line) {
  Screen& shown = screen();
  std::lock_guard lock(shown.mutex);
  if (shown.bar.empty()) return write_stderr(std::string(line) + "\n");
  write_stderr("\r\x1b[K" + std::string(line) + "\n" + shown.bar);
}

std::string format_table(const std::vector<std::vector<std::string>>& rows) {
  std::vector<size_t> widths;
  std::vector<bool> numeric;
  for (size_t r = 0; r < rows.size(); ++r) {
    for (size_t c = 0; c < rows[r].size(); ++c) {
      if (c == widths.size()) {
        widths.push_back(0);
        numeric.push_back(rows.size() > 1);
      }
      widths[c] = std::max(widths[c], characters(rows[r][c]));
      if (r > 0 && !looks_numeric(rows[r][c])) numeric[c] = false;
    }
  }
  std::string out;
  for (const auto& row : rows) {
    std::string line;
    for (size_t c = 0; c < row.size(); ++c) {
      const std::string space(widths[c] - characters(row[c]), ' ');
      line += (c > 0 ? "  " : "") + (numeric[c] ? space + row[c] : row[c] + space);
    }
    out += line.substr(0, line.find_last_not_of(' ') + 1) + "\n";
  }
  return out;
}

double seconds_now() {
  return std::chrono::duration<double>(Clock::now().time_since_epoch()).count();
}

std::string format_duration(double seconds) {
  if (!std::isfinite(seconds) || seconds < 0 || seconds > 1e9) return "?";
  const auto whole = int64_t(std::llround(seconds));
  if (whole < 3600) return fmt::format("{}:{:02}", whole / 60, whole % 60);
  return fmt::format("{}:{:02}:{:02}", whole / 3600, whole / 60 % 60, whole % 60);
}

}  // namespace r1
