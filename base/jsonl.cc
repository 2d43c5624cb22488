#include "base/jsonl.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "base/error.h"
#include "base/json_internal.h"

namespace r1 {
namespace {

// The lines of an open file, one by one, and whether a newline ends each. A line may end early once
// it is longer than max_bytes.
class LineReader {
 public:
  LineReader(int fd, std::string name, size_t max_bytes)
      : fd_(fd), name_(std::move(name)), max_bytes_(max_bytes) {}
  bool next(std::string& line, bool& complete) {
    line.clear();
    complete = false;
    while (true) {
      const char* from = buffer_.data() + used_;
      const auto* newline = static_cast<const char*>(memchr(from, '\n', filled_ - used_));
      const size_t take = newline ? size_t(newline - from) : filled_ - used_;
      line.append(from, take);
      used_ += take;
      if (newline) {
        ++used_;
        complete = true;
        return true;
      }
      if (line.size() > max_bytes_ || !fill()) return !line.empty();
    }
  }

 private:
  bool fill() {
    buffer_.resize(1 << 18);
    ssize_t got = 0;
    do {
      got = ::read(fd_, buffer_.data(), buffer_.size());
    } while (got < 0 && errno == EINTR);
    if (got < 0) throw DataError(fmt::format("cannot read {}: {}", name_, std::strerror(errno)));
    used_ = 0;
    filled_ = size_t(got);
    return got > 0;
  }
  int fd_;
  std::string name_;
  size_t max_bytes_;
  std::string buffer_;
  size_t used_ = 0, filled_ = 0;
};

bool is_blank(std::string_view line) {
  if (line.starts_with(kBom)) line.remove_prefix(kBom.size());
  return line.find_first_not_of(" \t\r") == line.npos;
}

// Where in a row something is wrong, for DataError. `at`: byte of the line.
std::string describe_place(const JsonlRow& row, size_t at, const std::string& reason) {
  return fmt::format("{}:{}:{}: {} (byte {} of the file); the line begins \"{}\"", row.file,
                     row.line, column_of(row.text, at), reason, row.byte + at,
                     first_bytes_escaped(row.text, 80));
}

void parse_row(JsonlRow& row, bool complete) {
  try {
    if (row.line > 1 && row.text.starts_with(kBom))
      throw ParseFailure{0, "byte order mark in the middle of the file"};
    row.value = parse_text(row.text, {.big_integers = true});
    if (!row.value.is_object())
      throw ParseFailure{0, fmt::format("expected an object, found {}", row.value.type_name())};
  } catch (const ParseFailure& failure) {
    const char* cut = complete ? "" : "; the file ends in the middle of this line: was it cut off?";
    throw DataError(describe_place(row, failure.byte, failure.reason + cut));
  }
}

struct FileDescriptor {
  int fd;
  ~FileDescriptor() {
    if (fd > STDERR_FILENO) ::close(fd);
  }
};

}  // namespace

void JsonlRow::fail(const std::string& reason, std::string_view key) const {
  const size_t found = key.empty() ? text.npos : text.find(fmt::format("\"{}\"", key));
  throw DataError(describe_place(*this, found == text.npos ? 0 : found, reason));
}

void read_jsonl_rows(const std::filesystem::path& path,
                     const std::function<void(const JsonlRow& row)>& row,
                     const JsonlLimits& limits) {
  const bool standard_input = path == "-";
  const std::string name = standard_input ? "standard input" : path.string();
  FileDescriptor file{standard_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) throw DataError(fmt::format("cannot open {}: {}", name, std::strerror(errno)));
  LineReader reader(file.fd, name, limits.max_line_bytes);
  std::string line;
  bool complete = false;
  size_t offset = 0;
  int64_t rows = 0;
  for (int64_t number = 1; rows < limits.max_rows && reader.next(line, complete); ++number) {
    const size_t length = line.size() + 1;
    if (line.ends_with('\r')) line.pop_back();
    JsonlRow place{{}, name, number, offset, line};
    if (line.size() > limits.max_line_bytes)
      place.fail(
          fmt::format("the line is longer than {} bytes: is it JSONL?", limits.max_line_bytes));
    if (!is_blank(line)) {
      parse_row(place, complete);
      row(place);
      ++rows;
    }
    offset += length;
  }
}

void read_jsonl(const std::filesystem::path& path,
                const std::function<void(const Json& row, int64_t line)>& row, int64_t max_rows) {
  read_jsonl_rows(path, [&](const JsonlRow& place) { row(place.value, place.line); },
                  {.max_rows = max_rows});
}

}  // namespace r1
