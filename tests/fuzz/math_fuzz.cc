// The math rewarder on any two texts: the first line is the reference, the rest the completion.
#include <filesystem>

#include "base/json.h"
#include "base/philox.h"
#include "rewards/math/math.h"
#include "tests/fuzz/fuzz.h"
#include "tests/rewards/math_pairs.h"

namespace r1::fuzz {
namespace {

namespace math = rewards::math;

const std::vector<std::string>& tokens() {
  static const std::vector<std::string> kTokens = {"\\frac{",
                                                   "\\dfrac12",
                                                   "\\sqrt{",
                                                   "\\sqrt[3]{",
                                                   "}",
                                                   "{",
                                                   "(",
                                                   ")",
                                                   "[",
                                                   "]",
                                                   "\\left(",
                                                   "\\right)",
                                                   "\\{",
                                                   "\\}",
                                                   "|",
                                                   "^",
                                                   "^{",
                                                   "_",
                                                   "_{",
                                                   "!",
                                                   "+",
                                                   "-",
                                                   "*",
                                                   "/",
                                                   "\\cdot ",
                                                   "\\times ",
                                                   "\\pm ",
                                                   "=",
                                                   "<",
                                                   "\\le ",
                                                   "\\ge ",
                                                   "\\ne ",
                                                   ",",
                                                   ";",
                                                   ":",
                                                   "\\%",
                                                   "\\$",
                                                   "^\\circ",
                                                   "\\pi",
                                                   "e",
                                                   "i",
                                                   "x",
                                                   "y",
                                                   "n",
                                                   "0",
                                                   "1",
                                                   "7",
                                                   "10",
                                                   "999999999999",
                                                   "0.5",
                                                   "1.2\\overline{34}",
                                                   "1e9",
                                                   "\\infty",
                                                   "\\sin ",
                                                   "\\cos(",
                                                   "\\tan ",
                                                   "\\arctan ",
                                                   "\\ln ",
                                                   "\\log_2 ",
                                                   "e^{",
                                                   "\\binom{5}{2}",
                                                   "\\sum_{k=1}^{9} ",
                                                   "\\prod_{k=1}^{4} ",
                                                   "\\lfloor ",
                                                   "\\rfloor",
                                                   "\\begin{pmatrix}",
                                                   "\\end{pmatrix}",
                                                   "&",
                                                   "\\\\",
                                                   "\\cup ",
                                                   "\\cap ",
                                                   "\\setminus ",
                                                   "\\in ",
                                                   "\\mathbb{R}",
                                                   "\\emptyset",
                                                   "\\text{",
                                                   "\\text{ cm}",
                                                   "\\text{ or }",
                                                   "\\boxed{",
                                                   "<think>",
                                                   "</think>",
                                                   "<answer>",
                                                   "</answer>",
                                                   "$",
                                                   "\n",
                                                   " ",
                                                   "\\,",
                                                   "9^9^9^9",
                                                   "\xe2\x88\x92",
                                                   "\xe2\x88\x9a",
                                                   "\xcf\x80",
                                                   "\xc2\xbd",
                                                   "\xef\xbc\x97",
                                                   "\xe2\x80\x8b",
                                                   "\xff",
                                                   "_{(2)}",
                                                   "3:30 PM",
                                                   "\\overline{",
                                                   "\\mathrm{",
                                                   "{,}",
                                                   "\\bmod "};
  return kTokens;
}

void check(bool kept, const std::string& promise, std::string_view input) {
  if (!kept) broken_promise(promise, input);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  for (const char* name : {"cases.jsonl", "own_cases.jsonl"}) {
    read_jsonl(std::filesystem::path(R1_TEST_DATA) / "math" / name, [&](const Json& row, int64_t) {
      all.push_back(row.at("gold").get<std::string>() + "\n" + row.at("pred").get<std::string>());
    });
  }
  for (const bool equal : {true, false}) {
    for (const math::Pair& pair : math::generated_pairs(400, equal))
      all.push_back(pair.gold + "\n" + pair.prediction);
  }
  return all;
}

void run(std::string_view input) {
  const size_t line = input.find('\n');
  const std::string_view gold = input.substr(0, line);
  const std::string_view completion =
      line == std::string_view::npos ? std::string_view() : input.substr(line + 1);
  const math::Judgement first = math::judge(gold, completion);
  const math::Judgement second = math::judge(gold, completion);
  check(first.verdict == second.verdict && first.rule == second.rule && first.steps == second.steps,
        "the same verdict twice", input);
  check(first.verdict != math::Verdict::kEqual || !first.rule.empty(), "a rule behind every accept",
        input);
  check(math::compare(gold, gold).verdict != math::Verdict::kNotEqual,
        "an answer does not differ from itself", input);
  const math::Extraction extraction = math::extract(completion);
  check(extraction.begin <= completion.size(), "an extraction inside the completion", input);
  math::explain(gold, completion);
}

std::string mutated(const std::string& input, uint64_t seed) {
  const RandomStream stream(seed, "math_fuzz", Purpose::kData);
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), 0, 0, draw++));
  };
  std::string text = input;
  for (size_t i = 1 + below(3); i > 0; --i) {
    const size_t at = below(text.size() + 1), length = below(12);
    switch (below(6)) {
      case 0:
      case 1:
        text.insert(at, tokens()[below(tokens().size())]);
        break;
      case 2:
        text.replace(at, std::min(length, text.size() - at), tokens()[below(tokens().size())]);
        break;
      case 3:
        text.insert(at, "\\frac{" + text.substr(at, length) + "}{" +
                            tokens()[below(tokens().size())] + "}");
        break;
      case 4:
        text.insert(below(text.size() + 1), text.substr(at, 4 * length));
        break;
      default:
        text.insert(at, std::string(1 + below(40), "({[-!^"[below(6)]));
    }
  }
  return text;
}

}  // namespace r1::fuzz
