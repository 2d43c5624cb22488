// The "pre_tokenizer" of a tokenizer.json: how a text is cut into the pieces that are encoded one
// by one.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "model/json_view.h"
#include "model/regex.h"

namespace r1::model {

// Immutable after construction.
class PreTokenizer {
 public:
  PreTokenizer() = default;  // the whole text is one piece
  // ByteLevel (as the last one), Split, Digits, Punctuation, Whitespace, WhitespaceSplit,
  // Metaspace and Sequence. Throws CheckpointError naming the place and what is not supported.
  explicit PreTokenizer(const JsonView& json);

  // Whether the model shall take the bytes of a piece for its symbols.
  bool byte_level() const { return byte_level_; }

  // Calls piece(text) for every piece of `text` that is not empty, in order. `at_start`: nothing
  // stands before it in the text that was given to the tokenizer.
  template <class Piece>
  void run(std::string_view text, bool at_start, const Piece& piece) const {
    run_from(0, text, at_start, piece);
  }

 private:
  // What happens to matches: SplitDelimiterBehavior of the `tokenizers` package.
  enum class Behavior { kRemoved, kIsolated, kMergedWithPrevious, kMergedWithNext, kContiguous };
  enum class Kind { kSplit, kSpacePrefix, kMetaspace };
  struct Step {
    Kind kind = Kind::kSplit;
    Behavior behavior = Behavior::kIsolated;
    std::shared_ptr<const Regex> regex = {};  // of kSplit
    bool invert = false;                      // the stretches between matches count as matches
    bool first_only = false;       // of kMetaspace: put in front of the text's first piece only
    bool prefix = false;           // of kMetaspace: put in front at all
    std::string replacement = {};  // of kMetaspace
  };
  struct Part {
    size_t begin, end;
    bool is_match;
  };

  void add(const JsonView& json);
  void add_split(std::string_view pattern, Behavior behavior, bool invert);
  void add_split(const JsonView& json);
  void add_byte_level(const JsonView& json);
  void add_metaspace(const JsonView& json);
  static Behavior read_behavior(const JsonView& json);
  static std::string with_metaspace(const Step& step, std::string_view text, bool at_start);

  template <class Piece>
  void run_from(size_t index, std::string_view text, bool at_start, const Piece& piece) const {
    if (text.empty()) return;
    if (index == steps_.size()) return piece(text);
    const Step& step = steps_[index];
    if (step.kind == Kind::kSplit) {
      split(step, text, [&](size_t begin, size_t end) {
        run_from(index + 1, text.substr(begin, end - begin), at_start && begin == 0, piece);
      });
    } else if (step.kind == Kind::kMetaspace) {
      run_from(index + 1, with_metaspace(step, text, at_start), at_start, piece);
    } else if (text.front() == ' ') {
      run_from(index + 1, text, at_start, piece);
    } else {
      run_from(index + 1, " " + std::string(text), at_start, piece);
    }
  }

  // Calls use(begin, end) for what the step makes of `text`.
  template <class Use>
  static void split(const Step& step, std::string_view text, const Use& use) {
    if (step.behavior == Behavior::kIsolated) {
      for_each_part(*step.regex, text, [&](size_t begin, size_t end, bool) { use(begin, end); });
      return;
    }
    Part held{0, 0, false};  // grows while what follows belongs to it
    bool holds = false;
    for_each_part(*step.regex, text, [&](size_t begin, size_t end, bool is_match) {
      const Part part{begin, end, is_match != step.invert};
      if (step.behavior == Behavior::kRemoved) {
        if (!part.is_match) use(begin, end);
        return;
      }
      if (holds && !belongs_to(step.behavior, held, part)) use(held.begin, held.end);
      held = {holds && belongs_to(step.behavior, held, part) ? held.begin : begin, end,
              part.is_match};
      holds = true;
    });
    if (holds) use(held.begin, held.end);
  }
  static bool belongs_to(Behavior behavior, const Part& held, const Part& part);

  std::vector<Step> steps_;
  bool byte_level_ = false;
};

}  // namespace r1::model
