// Any bytes as a training file: every row is taken or refused with its place.
#include <sys/mman.h>
#include <unistd.h>

#include "base/error.h"
#include "base/jsonl.h"
#include "base/philox.h"
#include "sft/rows.h"
#include "tests/fuzz/fuzz.h"

namespace r1::fuzz {
namespace {

constexpr const char* kRows[] = {
    R"({"text": "ab", "id": 1})",
    R"({"prompt": "a", "completion": "b", "id": "x"})",
    R"({"messages": [{"role": "user", "content": "ü"}, {"role": "assistant", "content": [{"type": "text", "text": "b"}]}]})",
    R"({"prompt": [{"role": "user", "content": "a"}], "completion": [{"role": "assistant", "tool_calls": [{}]}], "tools": "[{}]"})",
    R"({"text": "\u00e9\ud83d\ude00", "chat_template_kwargs": {"k": [1, 2.5e3, null, true]}})",
};
constexpr const char* kPieces[] = {"\"id\": 1, ",
                                   "\"text\": ",
                                   "\"messages\": ",
                                   "\"role\": \"tool\"",
                                   "\"prompt\": ",
                                   "\xef\xbb\xbf",
                                   "\r\n",
                                   "\n",
                                   "{",
                                   "}",
                                   "[",
                                   "]",
                                   "\"",
                                   "\\u",
                                   "null",
                                   "1e999",
                                   ",",
                                   ":"};

// What is said of the file, and how many rows it has.
std::string read(std::string_view input) {
  const int file = ::memfd_create("rows", 0);
  if (file < 0 || ::write(file, input.data(), input.size()) != static_cast<ssize_t>(input.size()))
    broken_promise("a file in memory", input);
  sft::UniqueIds ids;
  int64_t rows = 0;
  std::string said;
  const auto take = [&](const JsonlRow& row) {
    ids.add(row);
    sft::parse_row(row);
    ++rows;
  };
  try {
    read_jsonl_rows("/proc/self/fd/" + std::to_string(file), take, {.max_line_bytes = 4096});
  } catch (const DataError& error) {
    said = error.what();
    if (said.find(" of the file); the line begins \"") == std::string::npos)
      broken_promise("the place of what is wrong", input);
  }
  ::close(file);
  return std::to_string(rows) + " " + said;
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  std::string together;
  for (const char* row : kRows) {
    all.emplace_back(row);
    together += std::string(row) + "\n";
  }
  all.push_back(together);
  return all;
}

void run(std::string_view input) {
  if (read(input) != read(input)) broken_promise("the same twice", input);
}

std::string mutated(const std::string& input, uint64_t seed) {
  const RandomStream stream(seed, "jsonl_fuzz", Purpose::kData);
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), 0, 0, draw++));
  };
  std::string text = input;
  for (size_t i = 1 + below(3); i > 0; --i) {
    const size_t at = below(text.size() + 1), length = below(24);
    switch (below(4)) {
      case 0:
        text.replace(at, std::min(length, text.size() - at), kPieces[below(std::size(kPieces))]);
        break;
      case 1:
        text.insert(below(text.size() + 1), text.substr(at, 4 * length));
        break;
      case 2:
        text.insert(at, kRows[below(std::size(kRows))]);
        break;
      default:
        text.insert(at, kPieces[below(std::size(kPieces))]);
    }
  }
  return text;
}

}  // namespace r1::fuzz
