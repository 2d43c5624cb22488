// Training files that are broken, one way each, and what is said about them.
#include <gtest/gtest.h>

#include <fstream>

#include "base/error.h"
#include "base/jsonl.h"
#include "sft/dataset.h"
#include "tests/base/expect_error.h"
#include "tests/base/temp_folder.h"
#include "tests/sft/letter_tokenizer.h"

namespace r1::sft {
namespace {

struct Broken {
  const char* name;
  std::string content;
  std::string message;  // behind "rows.jsonl:"
};

const std::string kGood = R"({"text": "ab"})";
const std::string kChat =
    R"({"messages": [{"role": "user", "content": "a"}, {"role": "assistant", "content": "b"}]})";

std::string after_good(const std::string& line) { return kGood + "\n" + line + "\n"; }

std::vector<Broken> broken_files() {
  const std::string nul("{\"text\": \"a\0b\"}", 15);
  return {
      // Bytes.
      {"NUL byte", after_good(nul),
       "2:12: NUL byte; JSON text cannot contain one (byte 26 of the file); the line begins "
       "\"{\\\"text\\\": \\\"a\\x00b\\\"}\""},
      {"invalid UTF-8", after_good("{\"text\": \"a\xff\"}"), "2:12: "},
      {"lone surrogate", after_good(R"({"text": "\ud800"})"), "2:17: "},
      {"UTF-16 file", std::string("\xff\xfe{\0\"\0", 6), "1:4: NUL byte"},
      {"byte order mark in the middle", after_good("\xef\xbb\xbf{\"text\": \"a\"}"),
       "2:1: byte order mark in the middle of the file (byte 15 of the file)"},
      {"carriage returns only", "{\"text\": \"a\"}\r{\"text\": \"b\"}\r", "1:15: "},
      {"control character in a string", after_good("{\"text\": \"a\tb\"}"), "2:12: "},
      // JSON.
      {"no JSON", after_good("text"), "2:2: "},
      {"single quotes", after_good("{'text': 'a'}"), "2:2: "},
      {"comma at the end", after_good(R"({"text": "a",})"), "2:14: "},
      {"two objects on a line", after_good(R"({"text": "a"} {"text": "b"})"), "2:15: "},
      {"NaN", after_good(R"({"text": "a", "score": NaN})"), "2:24: "},
      {"duplicate key", after_good(R"({"text": "a", "text": "b"})"),
       "2:15: key \"text\" was already given on line 1 (byte 29 of the file)"},
      {"truncated last line", kGood + "\n{\"text\": \"abc", "2:"},
      {"truncated last line says so", kGood + "\n{\"text\": \"abc",
       "the file ends in the middle of this line: was it cut off?"},
      {"column counts characters", after_good("{\"text\": \"äöü\" x}"), "2:16: "},
      {"nested too deep", after_good("{\"text\": " + std::string(70, '[')),
       "2:73: nested deeper than 64 levels"},
      {"a list", after_good(R"(["a", "b"])"), "2:1: expected an object, found array"},
      {"a string", after_good(R"("a")"), "2:1: expected an object, found string"},
      {"long line is quoted in part", after_good("{\"txt\": \"" + std::string(200, 'x') + "\"}"),
       "the line begins \"{\\\"txt\\\": \\\"" + std::string(71, 'x') + "...\""},
      // Kinds of rows.
      {"no kind", after_good(R"({"txt": "a"})"),
       "2:1: a row must have either \"text\", or \"prompt\" and \"completion\", or \"messages\"; "
       "this one has none of them"},
      {"two kinds", after_good(R"({"text": "a", "messages": []})"), "this one has more than one"},
      {"missing completion", after_good(R"({"prompt": "a"})"),
       "2:1: field \"completion\" is missing"},
      {"missing prompt", after_good(R"({"completion": "a"})"), "2:1: field \"prompt\" is missing"},
      {"text of a wrong type", after_good(R"({"id": 1, "text": 5})"),
       "2:11: field \"text\" must be a text, found number (byte 25 of the file)"},
      {"null text", after_good(R"({"text": null})"),
       "2:2: field \"text\" must be a text, found null"},
      {"empty text", after_good(R"({"text": ""})"), "2:2: field \"text\" is empty"},
      {"empty prompt", after_good(R"({"prompt": "", "completion": "a"})"),
       "2:2: field \"prompt\" is empty"},
      {"prompt of a wrong type", after_good(R"({"prompt": 1, "completion": "a"})"),
       "2:2: field \"prompt\" must be a text, found number"},
      {"prompt of messages, completion a text",
       after_good(R"({"prompt": [{"role": "user", "content": "a"}], "completion": "b"})"),
       "2:48: field \"completion\" must be a list of messages, found string"},
      {"duplicate id",
       "{\"id\": \"x\", \"text\": \"a\"}\n\n{\"id\": \"y\", \"text\": \"a\"}\n{\"id\": \"x\", "
       "\"text\": \"b\"}\n",
       "4:2: id \"x\" was already given on line 1 (byte 52 of the file)"},
      {"id of a wrong type", after_good(R"({"text": "a", "id": [1]})"),
       "2:15: field \"id\" must be a text or an integer, found array"},
      // Messages.
      {"messages of a wrong type", after_good(R"({"messages": "hello"})"),
       "2:2: field \"messages\" must be a list of messages, found string"},
      {"no messages", after_good(R"({"messages": []})"),
       "2:2: field \"messages\" is an empty list"},
      {"a message that is a text", after_good(R"({"messages": ["hello"]})"),
       "2:2: messages[0] must be an object with role and content"},
      {"no role", after_good(R"({"messages": [{"content": "a"}]})"),
       "2:2: messages[0] has no role"},
      {"role of a wrong type", after_good(R"({"messages": [{"role": 1, "content": "a"}]})"),
       "2:2: messages[0].role must be a text"},
      {"unknown role",
       after_good(
           R"({"messages": [{"role": "user", "content": "a"}, {"role": "bot", "content": "b"}]})"),
       "2:2: messages[1]: role is \"bot\"; it must be one of: system, developer, user, assistant, "
       "tool"},
      {"no content", after_good(R"({"messages": [{"role": "user"}]})"),
       "2:2: messages[0] has neither content nor tool_calls"},
      {"content of a wrong type", after_good(R"({"messages": [{"role": "user", "content": 7}]})"),
       "2:2: messages[0].content must be a text, or a list of parts"},
      {"parts without type",
       after_good(R"({"messages": [{"role": "user", "content": [{"text": "a"}]}]})"),
       "2:2: messages[0].content must be a text, or a list of parts"},
      {"tools of a wrong type", after_good(kChat.substr(0, kChat.size() - 1) + R"(, "tools": 5})"),
       "field \"tools\" must be a list of schemas"},
      {"tools that are no JSON",
       after_good(kChat.substr(0, kChat.size() - 1) + R"(, "tools": "[}"})"),
       "field \"tools\" is a text, but no JSON: tools:1:2: "},
      {"nothing of the assistant",
       after_good(R"({"messages": [{"role": "user", "content": "a"}]})"),
       "2:1: nothing to learn: no text, or no turn of the assistant; remove the row"},
      {"refused by the template", after_good(R"({"messages": [{"role": "tool", "content": "a"}]})"),
       "2:1: t:1: the template refuses this conversation: no tools"},
      // Files.
      {"empty file", "", " no row to train on"},
      {"blank lines only", "\n \r\n\t\n", " no row to train on"},
  };
}

TEST(BrokenTrainingFiles, AreRefusedWithPlaceAndReason) {
  const TempFolder folder;
  const model::ChatTemplate chat(
      {{"default",
        "{% for m in messages %}{% if m.role == 'tool' %}{{ raise_exception('no tools') }}{% endif "
        "%}{{ m.role + ':' + m.content }}{% endfor %}"}},
      "t", Json::object());
  for (const Broken& file : broken_files()) {
    SCOPED_TRACE(file.name);
    const auto path = folder / "rows.jsonl";
    std::ofstream(path, std::ios::binary) << file.content;
    const auto read = [&] { read_dataset(path, {LetterTokenizer(), &chat}, {}); };
    EXPECT_ERROR(DataError, read(), "rows.jsonl:");
    EXPECT_ERROR(DataError, read(), file.message);
  }
}

TEST(BrokenTrainingFiles, AnOverlongLine) {
  const TempFolder folder;
  const auto path = folder / "rows.jsonl";
  std::ofstream(path) << kGood << "\n{\"text\": \"" << std::string(1000, 'x') << "\"}\n";
  int rows = 0;
  const auto count = [&](const JsonlRow&) { ++rows; };
  EXPECT_ERROR(
      DataError, read_jsonl_rows(path, count, {.max_line_bytes = 500}),
      "rows.jsonl:2:1: the line is longer than 500 bytes: is it JSONL? (byte 15 of the file)");
  EXPECT_EQ(rows, 1);
  read_jsonl_rows(path, count, {.max_line_bytes = 1012});
  EXPECT_EQ(rows, 3);
}

TEST(BrokenTrainingFiles, WhatIsFine) {
  const TempFolder folder;
  const auto path = folder / "rows.jsonl";
  // A byte order mark in front, Windows lines, blank lines, no newline at the end, unknown fields.
  std::ofstream(path) << "\xef\xbb\xbf" << kGood
                      << "\r\n\r\n{\"text\": \"ab\", \"id\": 3, \"more\": [1]}\r\n"
                      << kGood;
  EXPECT_EQ(read_dataset(path, {LetterTokenizer()}, {}).examples.size(), 3u);
}

}  // namespace
}  // namespace r1::sft
