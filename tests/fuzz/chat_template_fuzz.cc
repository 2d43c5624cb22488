// Any bytes as a chat template: it is refused, or rendered within its limits to the same text
// twice.
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/philox.h"
#include "model/chat_template.h"
#include "model/utf8.h"
#include "tests/fuzz/fuzz.h"

namespace r1::fuzz {
namespace {

constexpr size_t kMaxOutput = size_t{1} << 20;
constexpr std::string_view kRefused = "refused: ";

const std::vector<std::string>& tokens() {
  static const std::vector<std::string> kTokens = {"{{ ",
                                                   " }}",
                                                   "{% ",
                                                   " %}",
                                                   "{%- ",
                                                   " -%}",
                                                   "{# ",
                                                   " #}",
                                                   "{% raw %}",
                                                   "{% endraw %}",
                                                   "for x in ",
                                                   "endfor",
                                                   "if ",
                                                   "elif ",
                                                   "else",
                                                   "endif",
                                                   "set ",
                                                   "endset",
                                                   "macro m(",
                                                   "endmacro",
                                                   "call ",
                                                   "endcall",
                                                   "filter ",
                                                   "endfilter",
                                                   "generation",
                                                   "with ",
                                                   "break",
                                                   "continue",
                                                   "messages",
                                                   "tools",
                                                   "loop.",
                                                   "namespace(",
                                                   "range(",
                                                   "dict(",
                                                   "m(",
                                                   ".content",
                                                   "['content']",
                                                   "[::-1]",
                                                   "[1:",
                                                   " | ",
                                                   "tojson",
                                                   "tojson(indent=2)",
                                                   "map(",
                                                   "selectattr(",
                                                   "join",
                                                   "sort",
                                                   "unique",
                                                   "dictsort",
                                                   "first",
                                                   "last",
                                                   "length",
                                                   "trim",
                                                   "replace(",
                                                   "indent",
                                                   "default(",
                                                   " is ",
                                                   " is not ",
                                                   "defined",
                                                   "string",
                                                   "mapping",
                                                   " in ",
                                                   " not in ",
                                                   " and ",
                                                   " or ",
                                                   "not ",
                                                   " ~ ",
                                                   " + ",
                                                   " * ",
                                                   " // ",
                                                   " % ",
                                                   " ** ",
                                                   " == ",
                                                   " < ",
                                                   ".split(",
                                                   ".strip(",
                                                   ".items()",
                                                   ".format(",
                                                   "'a'",
                                                   "'%s'",
                                                   "9999999",
                                                   "1.5",
                                                   "none",
                                                   "true",
                                                   "(",
                                                   ")",
                                                   "[",
                                                   "]",
                                                   "{",
                                                   "}",
                                                   ",",
                                                   ":"};
  return kTokens;
}

// The text, or "refused: " and why.
std::string rendered(const std::string& source) {
  static const Json messages = parse_json(
      R"([{"role": "system", "content": " s "}, {"role": "user", "content": "ü <b> ' \"", "n": [1, 2.5, {"k": null}]},
          {"role": "assistant", "content": "", "reasoning": "r", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}])",
      "messages");
  model::ChatOptions options;
  options.tools = Json::array({Json{{"type", "function"}}});
  options.add_generation_prompt = true;
  options.limits = {.max_steps = 20'000, .max_memory = size_t{4} << 20, .max_output = kMaxOutput};
  try {
    return model::ChatTemplate({{"default", source}}, "t", Json{{"bos_token", "<s>"}})
        .render(messages, options)
        .text;
  } catch (const DataError& error) {
    return std::string(kRefused) + error.what();
  }
}

}  // namespace

std::vector<std::string> seeds() {
  const std::filesystem::path folder = std::filesystem::path(R1_TEST_DATA) / "chat_templates";
  std::vector<std::string> all;
  for (const char* name : {"chatml", "macros_and_schemas", "plain_turns", "tools_and_reasoning"})
    all.push_back(read_file(folder / (std::string(name) + ".jinja")));
  read_jsonl(folder / "snippets.jsonl", [&](const Json& row, int64_t) {
    if (row.contains("template")) all.push_back(row["template"]);
  });
  return all;
}

void run(std::string_view input) {
  const std::string source(input);
  const std::string first = rendered(source);
  if (first != rendered(source)) broken_promise("the same text twice", input);
  if (first.size() > kMaxOutput + 4096) broken_promise("a bounded text", input);
  if (!first.starts_with(kRefused) && model::find_invalid_utf8(first) != std::string::npos)
    broken_promise("a text of valid UTF-8", input);
}

std::string mutated(const std::string& input, uint64_t seed) {
  const RandomStream stream(seed, "chat_template_fuzz", Purpose::kData);
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), 0, 0, draw++));
  };
  std::string text = input;
  for (size_t i = 1 + below(4); i > 0; --i) {
    const size_t at = below(text.size() + 1), length = below(24);
    switch (below(4)) {
      case 0:
        text.replace(at, std::min(length, text.size() - at), tokens()[below(tokens().size())]);
        break;
      case 1:
        text.insert(below(text.size() + 1), text.substr(at, 4 * length));
        break;
      case 2:
        text.insert(at, std::string(1 + below(120), "([{-! "[below(6)]));
        break;
      default:
        text.insert(at, tokens()[below(tokens().size())]);
    }
  }
  return text;
}

}  // namespace r1::fuzz
