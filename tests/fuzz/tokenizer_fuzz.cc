// tokenizer.json up to the first NUL byte, and behind it a text to encode: the file is refused, or
// gives a tokenizer whose streamed text is its decoded text.
#include <algorithm>
#include <filesystem>

#include "base/error.h"
#include "base/file.h"
#include "base/json.h"
#include "base/philox.h"
#include "model/bpe_tokenizer.h"
#include "tests/fuzz/fuzz.h"

namespace r1::fuzz {
namespace {

constexpr const char* kText =
    "Hello  w\xc3\xb6rld, it's 2026!\n\t\xf0\x9f\x98\x80 <|end|> a\xcc\x81 \xff";

// Pointers to every value below `json`, itself included.
void collect(Json& json, std::vector<Json*>& all) {
  all.push_back(&json);
  if (json.is_structured())
    for (Json& child : json) collect(child, all);
}

}  // namespace

std::vector<std::string> seeds() {
  std::vector<std::string> all;
  const auto folder = std::filesystem::path(R1_TEST_DATA) / "tokenizers";
  for (const auto& entry : std::filesystem::directory_iterator(folder))
    if (exists(entry.path() / "tokenizer.json"))
      all.push_back(read_file(entry.path() / "tokenizer.json") + '\0' + kText);
  std::ranges::sort(all);
  return all;
}

void run(std::string_view input) {
  const size_t border = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(std::min(border + 1, input.size()));
  try {
    const model::BpeTokenizer tokenizer(
        model::TokenizerFiles{{"tokenizer.json", std::string(input.substr(0, border))}});
    const auto ids = tokenizer.encode(text);
    for (const bool skip : {false, true}) {
      const auto stream = tokenizer.decode_stream(skip);
      std::string streamed;
      for (const int64_t id : ids) streamed += stream->push(id);
      streamed += stream->finish();
      if (streamed != tokenizer.decode(ids, skip)) broken_promise("streamed is decoded", input);
    }
  } catch (const Error&) {
  }
}

// One to three values of the file replaced, removed or copied from elsewhere in it.
std::string mutated(const std::string& input, uint64_t seed) {
  static const std::vector<Json> kValues = {nullptr,
                                            true,
                                            false,
                                            0,
                                            1,
                                            -1,
                                            5,
                                            int64_t{1} << 40,
                                            0.5,
                                            "",
                                            "a",
                                            "\xc3\xa9",
                                            "Ġ",
                                            "ByteLevel",
                                            "Split",
                                            "Sequence",
                                            "NFC",
                                            "NFKC",
                                            "Prepend",
                                            "Replace",
                                            "Digits",
                                            "Metaspace",
                                            "Strip",
                                            "Fuse",
                                            "ByteFallback",
                                            "BPE",
                                            "Isolated",
                                            "Removed",
                                            "MergedWithPrevious",
                                            "MergedWithNext",
                                            "Contiguous",
                                            "\\p{L}+|\\s+(?!\\S)",
                                            "(a|b)*c{2,5}?",
                                            "[^\\r\\n\\p{N}]?",
                                            Json::array(),
                                            Json::object()};
  const size_t border = std::min(input.find('\0'), input.size());
  Json json;
  try {
    json = parse_json(input.substr(0, border), "tokenizer.json", {.max_depth = 32});
  } catch (const DataError&) {
    json = parse_json(seeds().front().substr(0, seeds().front().find('\0')), "tokenizer.json");
  }
  const RandomStream stream(seed, "tokenizer_fuzz", Purpose::kData);
  uint32_t draw = 0;
  const auto below = [&](size_t n) {
    return static_cast<size_t>(stream.below(static_cast<uint32_t>(n), 0, 0, draw++));
  };
  // The vocabulary and merges are most of the file; half of the changes go elsewhere.
  for (size_t i = 1 + below(3); i > 0; --i) {
    std::vector<Json*> places;
    if (json.is_object() && below(2) == 0) {
      for (auto& [key, value] : json.items())
        if (key != "model") collect(value, places);
    }
    if (places.empty()) collect(json, places);
    Json& place = *places[below(places.size())];
    const Json copied = *places[below(places.size())];
    const size_t kind = below(4);
    if (kind == 0 && place.is_structured() && !place.empty())
      place.is_object() ? void(place.erase(std::next(place.begin(), long(below(place.size())))))
                        : place.erase(below(place.size()));
    else
      place = kind == 1 ? copied : kValues[below(kValues.size())];
  }
  return dump_json(json) + '\0' + (border < input.size() ? input.substr(border + 1) : kText);
}

}  // namespace r1::fuzz
