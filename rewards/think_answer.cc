#include "rewards/think_answer.h"

#include <array>
#include <optional>

#include "rewards/ascii.h"

namespace r1::rewards {
namespace {

enum class Tag { kThinkOpen, kThinkClose, kAnswerOpen, kAnswerClose };
constexpr std::array<std::string_view, 4> kTags = {"<think>", "</think>", "<answer>", "</answer>"};

enum class Place { kBefore, kThink, kBetween, kAnswer, kAfter };

struct Finding {
  Reason reason;
  size_t position;
};

class Machine {
 public:
  Machine(std::string_view text, bool think_opened_by_prompt) : text_(text) {
    if (think_opened_by_prompt) open_think(0, 0);
  }

  ThinkAnswer run() {
    size_t segment = 0;
    for (size_t at = text_.find('<'); at != std::string_view::npos; at = text_.find('<', at)) {
      const std::optional<Tag> tag = tag_at(at);
      if (!tag) {
        ++at;
        continue;
      }
      const size_t end = at + kTags[static_cast<size_t>(*tag)].size();
      on_text(segment, at);
      on_tag(*tag, at, end);
      segment = at = end;
    }
    on_text(segment, text_.size());
    return finish();
  }

 private:
  std::optional<Tag> tag_at(size_t at) const {
    for (size_t i = 0; i < kTags.size(); ++i) {
      if (text_.compare(at, kTags[i].size(), kTags[i]) == 0) return static_cast<Tag>(i);
    }
    return std::nullopt;
  }

  void on_text(size_t begin, size_t end) {
    if (place_ == Place::kThink || place_ == Place::kAnswer) return;
    const size_t solid = skip_space(text_.substr(0, end), begin);
    if (solid < end) layout_finding(Reason::kTextOutside, solid);
  }

  void on_tag(Tag tag, size_t at, size_t end) {
    switch (tag) {
      case Tag::kThinkOpen:
        return open_think(at, end);
      case Tag::kThinkClose:
        return close_think(at);
      case Tag::kAnswerOpen:
        return open_answer(at, end);
      case Tag::kAnswerClose:
        return close_answer(at);
    }
  }

  void open_think(size_t at, size_t end) {
    if (place_ == Place::kAnswer) return answer_finding(Reason::kBadOrder, at);
    if (place_ == Place::kThink) return layout_finding(Reason::kBadOrder, at);
    if (think_begin_) layout_finding(Reason::kManyThinks, at);
    if (!think_begin_) {
      think_begin_ = Finding{Reason::kUnclosedThink, at};
      think_content_ = end;
    }
    place_ = Place::kThink;
  }

  void close_think(size_t at) {
    const bool overlapping = place_ == Place::kAnswer && after_answer_ == Place::kThink;
    if (place_ == Place::kAnswer) answer_finding(Reason::kBadOrder, at);
    if (place_ != Place::kThink && !overlapping) return layout_finding(Reason::kBadOrder, at);
    if (!think_closed_) result_.think = text_.substr(think_content_, at - think_content_);
    think_closed_ = true;
    if (overlapping) {
      after_answer_ = Place::kAfter;
    } else {
      place_ = answers_ == 0 ? Place::kBetween : Place::kAfter;
    }
  }

  void open_answer(size_t at, size_t end) {
    if (place_ == Place::kAnswer) return answer_finding(Reason::kBadOrder, at);
    if (place_ == Place::kThink || place_ == Place::kBefore) layout_finding(Reason::kBadOrder, at);
    if (place_ == Place::kAfter) layout_finding(Reason::kManyAnswers, at);
    ++answers_;
    if (answers_ == 1) {
      answer_begin_ = at;
      answer_in_think_ = place_ == Place::kThink;
      answer_content_ = end;
    } else if (answers_ == 2) {
      second_answer_ = at;
    }
    after_answer_ = place_ == Place::kThink ? Place::kThink : Place::kAfter;
    place_ = Place::kAnswer;
  }

  void close_answer(size_t at) {
    if (place_ != Place::kAnswer) return answer_finding(Reason::kBadOrder, at);
    if (!answer_closed_) result_.answer = text_.substr(answer_content_, at - answer_content_);
    answer_closed_ = true;
    place_ = after_answer_;
  }

  // The first finding in the order of the text is the one that is told.
  void layout_finding(Reason reason, size_t at) {
    if (!layout_) layout_ = Finding{reason, at};
  }
  void answer_finding(Reason reason, size_t at) {
    layout_finding(reason, at);
    if (!extraction_) extraction_ = Finding{reason, at};
  }

  Finding judge_layout() const {
    if (!think_begin_) return {Reason::kNoThink, 0};
    if (!think_closed_) return *think_begin_;
    if (answers_ == 0) return {Reason::kNoAnswer, text_.size()};
    if (!answer_closed_) return {Reason::kUnclosedAnswer, answer_begin_};
    if (layout_) return *layout_;
    if (is_blank(result_.think)) return {Reason::kEmptyBlock, think_begin_->position};
    if (is_blank(result_.answer)) return {Reason::kEmptyBlock, answer_begin_};
    return {Reason::kWellFormed, 0};
  }

  Finding judge_extraction() const {
    if (answers_ == 0) return {Reason::kNoAnswer, text_.size()};
    if (answers_ > 1) return {Reason::kManyAnswers, second_answer_};
    if (!answer_closed_) return {Reason::kUnclosedAnswer, answer_begin_};
    if (answer_in_think_ && place_ == Place::kThink) return {Reason::kUnclosedThink, answer_begin_};
    if (answer_in_think_) return {Reason::kBadOrder, answer_begin_};
    if (extraction_) return *extraction_;
    if (is_blank(result_.answer)) return {Reason::kEmptyBlock, answer_begin_};
    return {Reason::kWellFormed, 0};
  }

  ThinkAnswer finish() {
    const Finding layout = judge_layout(), extraction = judge_extraction();
    result_.layout = layout.reason;
    result_.layout_position = layout.position;
    result_.extraction = extraction.reason;
    result_.extraction_position = extraction.position;
    return result_;
  }

  std::string_view text_;
  ThinkAnswer result_;
  Place place_ = Place::kBefore, after_answer_ = Place::kAfter;
  std::optional<Finding> think_begin_, layout_, extraction_;
  bool think_closed_ = false, answer_closed_ = false, answer_in_think_ = false;
  size_t think_content_ = 0, answer_begin_ = 0, answer_content_ = 0, second_answer_ = 0, answers_ = 0;
};

}  // namespace

ThinkAnswer read_think_answer(std::string_view completion, bool think_opened_by_prompt) {
  return Machine(completion, think_opened_by_prompt).run();
}

}  // namespace r1::rewards
