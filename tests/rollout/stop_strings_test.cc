#include "rollout/stop_strings.h"

#include <gtest/gtest.h>

#include "base/error.h"

namespace r1::rollout {
namespace {

// Pieces are byte strings; what is no UTF-8 reads as U+FFFD and the space before the first piece is dropped, as sentencepiece
// does.
class PieceTokenizer : public model::Tokenizer {
 public:
  explicit PieceTokenizer(std::vector<std::string> pieces) : pieces_(std::move(pieces)) {}
  std::vector<int64_t> encode(std::string_view) const override { return {}; }
  std::string decode(const std::vector<int64_t>& ids, bool) const override {
    std::string bytes, text;
    for (const int64_t id : ids) bytes += pieces_.at(id);
    if (bytes.starts_with(" ")) bytes.erase(0, 1);
    for (size_t i = 0; i < bytes.size();) {
      const unsigned char lead = bytes[i];
      const size_t length = lead < 0x80 ? 1 : lead >= 0xF8 ? 0 : lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : lead >= 0xC0 ? 2 : 0;
      bool whole = length > 0 && i + length <= bytes.size();
      for (size_t j = 1; whole && j < length; ++j) whole = (bytes[i + j] & 0xC0) == 0x80;
      text += whole ? bytes.substr(i, length) : "\xEF\xBF\xBD";
      i += whole ? length : 1;
    }
    return text;
  }
  int64_t vocab_size() const override { return int64_t(pieces_.size()); }
  int64_t bos_id() const override { return -1; }
  int64_t eos_id() const override { return -1; }
  int64_t pad_id() const override { return -1; }
  int64_t token_id(std::string_view) const override { return -1; }
  void save(const std::filesystem::path&) const override {}

 private:
  std::vector<std::string> pieces_;
};

// The index of the token that completes a stop string, or -1.
int64_t stops_at(const std::vector<std::string>& pieces, const std::vector<std::string>& strings,
                 std::vector<int64_t> prompt = {}) {
  const PieceTokenizer tokenizer(pieces);
  const StopStrings stops(&tokenizer, strings);
  StopStrings::State state = stops.begin(prompt);
  for (size_t i = 0; i < pieces.size(); ++i) {
    if (stops.add(state, int64_t(i))) return int64_t(i);
    EXPECT_LE(state.ids.size(), 12u);
    EXPECT_LT(state.tail.size(), 40u);
  }
  return -1;
}

TEST(StopStrings, InsideOneToken) {
  EXPECT_EQ(stops_at({"ab", "x</s>y", "c"}, {"</s>"}), 1);
  EXPECT_EQ(stops_at({"ab", "xy", "c"}, {"</s>"}), -1);
}

TEST(StopStrings, AcrossTokens) {
  EXPECT_EQ(stops_at({"a", "</ans", "wer", ">", "b"}, {"</answer>"}), 3);
  EXPECT_EQ(stops_at({"a", "<", "/", "a", "n", "s", "w", "e", "r", ">"}, {"</answer>"}), 9);
  EXPECT_EQ(stops_at({"</ans", "</answer", ">"}, {"</answer>"}), 2);  // a false start before it
  EXPECT_EQ(stops_at({"aab", "aab", "aac"}, {"aabaac"}), 2);
  EXPECT_EQ(stops_at({"", "a", "", "b", ""}, {"ab"}), 3);
}

TEST(StopStrings, TheFirstOfSeveral) {
  EXPECT_EQ(stops_at({"one ", "two ", "three"}, {"three", "two"}), 1);
  EXPECT_EQ(stops_at({"a", "b", "c"}, {"abc", "b"}), 1);
}

TEST(StopStrings, CharactersSplitOverTokens) {
  EXPECT_EQ(stops_at({"caf", "\xC3", "\xA9", "!"}, {"caf\xC3\xA9"}), 2);
  EXPECT_EQ(stops_at({"\xF0", "\x9F", "\x98", "\x80", "."}, {"\xF0\x9F\x98\x80"}), 3);
  EXPECT_EQ(stops_at({"stop\xE4", "\xBD\xA0"}, {"stop"}), 0);  // settled text beside an unfinished character
  EXPECT_EQ(stops_at({"x", "\xE4", "\xBD",
                      "\xA0"
                      "end"},
                     {"\xE4\xBD\xA0"
                      "e"}),
            3);
  // Bytes that never become a character do not pile up.
  EXPECT_EQ(stops_at({"\xFF", "\xFF", "\xFF", "\xFF", "\xFF", "\xFF", "e", "n", "d"}, {"end"}), 8);
}

TEST(StopStrings, ThePromptIsContextNotText) {
  // Piece 0 is the prompt too: its text does not count, but the space before the next piece does.
  EXPECT_EQ(stops_at({" a", " b", "c"}, {" bc"}, {0}), 2);
  EXPECT_EQ(stops_at({"x", "b"}, {"bx"}, {1}), -1);
  EXPECT_EQ(stops_at({" stop", "y"}, {" stop"}, {1, 1, 1, 1, 1, 1, 1}), 0);
}

TEST(StopStrings, IdsBeyondTheTokenizerHaveNoText) {
  const PieceTokenizer tokenizer({"a", "b"});
  const StopStrings stops(&tokenizer, {"ab"});
  StopStrings::State state = stops.begin({7, 0});
  EXPECT_FALSE(stops.add(state, 0));
  EXPECT_FALSE(stops.add(state, 5));
  EXPECT_TRUE(stops.add(state, 1));
}

TEST(StopStrings, RefusesWhatCannotWork) {
  const PieceTokenizer tokenizer({"a"});
  EXPECT_THROW(StopStrings(&tokenizer, {"a", ""}), ConfigError);
  EXPECT_THROW(StopStrings(nullptr, {"a"}), ConfigError);
  EXPECT_TRUE(StopStrings(nullptr, {}).empty());
}

}  // namespace
}  // namespace r1::rollout
