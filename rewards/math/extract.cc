// Finds the answer in a completion: think block, answer block, boxes, phrases, formulas.
#include <algorithm>
#include <iterator>
#include <vector>

#include "rewards/math/budget.h"
#include "rewards/math/math.h"
#include "rewards/math/units.h"
#include "rewards/math/words.h"

namespace r1::rewards::math {
namespace {

using engine::kMaxAnswerBytes;
using engine::lower_case;
using engine::read_unit;

constexpr size_t kMaxScan = 64 * 1024;
constexpr size_t kMaxJoined = 64;

struct Box {
  size_t command = 0, begin = 0, end = 0, after = 0;  // content is [begin, end)
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }

std::string_view trim(std::string_view text) {
  while (!text.empty() && is_space(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_space(text.back())) text.remove_suffix(1);
  return text;
}

Extraction none(ExtractReason reason, size_t begin) { return {reason, "", "", begin}; }

Extraction found(const char* source, std::string answer, size_t begin) {
  const std::string_view trimmed = trim(answer);
  if (trimmed.empty()) return none(ExtractReason::kNoAnswer, begin);
  if (trimmed.size() > static_cast<size_t>(kMaxAnswerBytes))
    return none(ExtractReason::kTooLong, begin);
  return {ExtractReason::kFound, source, std::string(trimmed), begin};
}

// The brace that closes the one at `open`, or npos.
size_t closing_brace(std::string_view text, size_t open) {
  int depth = 0;
  for (size_t i = open; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '{') {
      ++depth;
    } else if (text[i] == '}' && --depth == 0) {
      return i;
    }
  }
  return std::string_view::npos;
}

// Reads text from one place on, piece by piece.
class Scanner {
 public:
  Scanner(std::string_view text, size_t position, size_t end)
      : text_(text.substr(0, end)), position_(position) {}
  bool done() const { return position_ >= text_.size(); }
  size_t position() const { return position_; }
  bool take(std::string_view piece) {
    if (text_.substr(position_, piece.size()) != piece) return false;
    position_ += piece.size();
    return true;
  }
  void skip_spaces() {
    while (!done() && is_space(text_[position_])) ++position_;
  }
  // \text{content} and the like.
  bool take_text(std::string_view& content) {
    for (const std::string_view command :
         {"\\text", "\\textbf", "\\textnormal", "\\mbox", "\\mathrm", "\\textrm"}) {
      if (text_.substr(position_, command.size() + 1) != std::string(command) + "{") continue;
      const size_t open = position_ + command.size();
      const size_t close = closing_brace(text_, open);
      if (close == std::string_view::npos) return false;
      content = text_.substr(open + 1, close - open - 1);
      position_ = close + 1;
      return true;
    }
    return false;
  }
  bool take_word(std::string_view& word) {
    size_t end = position_;
    while (end < text_.size() && is_letter(text_[end])) ++end;
    word = text_.substr(position_, end - position_);
    position_ = end;
    return !word.empty();
  }
  // "x_1 =" before a box.
  bool take_assignment() {
    const size_t start = position_;
    std::string_view name;
    if (!take_word(name) || name.size() > 2) return position_ = start, false;
    if (take("_")) {
      if (!done() && text_[position_] == '{') {
        const size_t close = closing_brace(text_, position_);
        if (close == std::string_view::npos) return position_ = start, false;
        position_ = close + 1;
      } else if (!done()) {
        ++position_;
      }
    }
    skip_spaces();
    if (!take("=")) return position_ = start, false;
    return true;
  }

 private:
  std::string_view text_;
  size_t position_;
};

// "\boxed{1} papers and \boxed{2} bins": a few words that end in and, or, comma, and take nothing
// back.
bool joins_in_words(std::string_view gap) {
  if (gap.size() > 40 || gap.find_first_of("0123456789.=!?:") != std::string_view::npos)
    return false;
  std::vector<std::string> words(1);
  for (const char c : lower_case(gap)) {
    if (is_letter(c)) {
      words.back() += c;
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  for (const char* doubt : {"wait", "no", "not", "but", "wrong", "instead", "rather", "actually",
                            "sorry", "hmm", "then"}) {
    if (std::find(words.begin(), words.end(), doubt) != words.end()) return false;
  }
  while (!words.empty() && words.back().empty()) words.pop_back();
  while (!gap.empty() && std::string_view(" $}\\()[]").find(gap.back()) != std::string_view::npos)
    gap.remove_suffix(1);
  return gap.ends_with(',') || (!words.empty() && (words.back() == "and" || words.back() == "or"));
}

// Whether only "and", "or" and commas stand between two boxes.
bool joins(std::string_view text, size_t begin, size_t end) {
  if (begin == end || joins_in_words(text.substr(begin, end - begin))) return true;
  Scanner scanner(text, begin, end);
  bool separator = false;
  while (!scanner.done()) {
    scanner.skip_spaces();
    if (scanner.done()) break;
    std::string_view piece;
    if (scanner.take(",") || scanner.take(";")) {
      separator = true;
    } else if (scanner.take("$") || scanner.take("\\)") || scanner.take("\\(") ||
               scanner.take("\\]") || scanner.take("\\[") || scanner.take("\\,") ||
               scanner.take("\\;") || scanner.take("\\ ") || scanner.take("\\qquad") ||
               scanner.take("\\quad") || scanner.take("&") || scanner.take("\\\\") ||
               scanner.take("~")) {
      continue;
    } else if (scanner.take_text(piece)) {
      const std::string word = lower_case(trim(piece));
      if (word != "and" && word != "or" && word != "," && word != ", and" && word != ", or")
        return false;
      separator = true;
    } else if (scanner.take_assignment()) {
      continue;
    } else if (scanner.take_word(piece)) {
      const std::string word = lower_case(piece);
      if (word != "and" && word != "or") return false;
      separator = true;
    } else {
      return false;
    }
  }
  return separator;
}

// All boxes outside other boxes; `unclosed` gets the place of a last one that is cut off, or npos.
std::vector<Box> find_boxes(std::string_view text, size_t& unclosed) {
  std::vector<Box> boxes;
  unclosed = std::string_view::npos;
  for (size_t at = text.find('\\'); at != std::string_view::npos; at = text.find('\\', at)) {
    const std::string_view rest = text.substr(at + 1);
    const size_t length = rest.starts_with("boxed") ? 5 : rest.starts_with("fbox") ? 4 : 0;
    size_t next = at + 1 + length;
    if (length == 0 || (next < text.size() && is_letter(text[next]))) {
      ++at;
      continue;
    }
    while (next < text.size() && is_space(text[next])) ++next;
    Box box{at, next, next, next};
    if (next < text.size() && text[next] == '{') {
      const size_t close = closing_brace(text, next);
      if (close == std::string_view::npos) {
        unclosed = at;
        return boxes;
      }
      box.begin = next + 1;
      box.end = close;
      box.after = close + 1;
    } else {
      while (box.end < text.size() && !is_space(text[box.end]) && text[box.end] != '$') ++box.end;
      box.after = box.end;
      if (box.begin == box.end) {
        unclosed = at;
        return boxes;
      }
    }
    boxes.push_back(box);
    at = box.after;
  }
  return boxes;
}

// A percent sign, degree sign or unit right behind a box.
std::string suffix_of(std::string_view text, size_t position) {
  Scanner scanner(text, position, std::min(text.size(), position + 80));
  scanner.skip_spaces();
  for (const std::string_view degrees : {"^\\circ", "^{\\circ}", "\xC2\xB0", "\\degree"}) {
    if (scanner.take(degrees)) return "^\\circ";
  }
  scanner.take("$") || scanner.take("\\)") || scanner.take("\\]");
  scanner.skip_spaces();
  while (scanner.take("\\,") || scanner.take("\\ ") || scanner.take("\\;") || scanner.take("~"))
    scanner.skip_spaces();
  if (scanner.take("\\%") || scanner.take("%")) return "\\%";
  std::string_view piece;
  if (scanner.take_text(piece)) {
    const std::string word = lower_case(trim(piece));
    const bool known = word == "percent" || word == "pct" || word == "degrees" ||
                       word == "degree" || read_unit(word).known;
    return known ? " \\text{" + std::string(trim(piece)) + "}" : "";
  }
  if (scanner.take_word(piece)) {
    const std::string word = lower_case(piece);
    if (word == "percent" || word == "pct" || word == "percentage") return "\\%";
    if (word == "degrees" || word == "degree") return "^\\circ";
  }
  return "";
}

// x = -\boxed{5}: the sign belongs to the answer.
bool has_sign_before(std::string_view text, size_t command) {
  size_t i = command;
  while (i > 0 && is_space(text[i - 1])) --i;
  if (i == 0 || text[i - 1] != '-') return false;
  for (--i; i > 0 && is_space(text[i - 1]);) --i;
  return i == 0 || text[i - 1] == '=' || text[i - 1] == '$' || text[i - 1] == '(' ||
         text[i - 1] == '[' || text[i - 1] == ':';
}

Extraction from_boxes(std::string_view scope, size_t offset, const std::vector<Box>& boxes,
                      const Policy& policy) {
  size_t first = boxes.size() - 1;
  while (first > 0 && boxes.size() - first < kMaxJoined &&
         joins(scope, boxes[first - 1].after, boxes[first].command))
    --first;
  const auto content = [&](size_t k) {
    std::string text(scope.substr(boxes[k].begin, boxes[k].end - boxes[k].begin));
    if (has_sign_before(scope, boxes[k].command)) text = "-" + text;
    const std::string suffix = suffix_of(scope, boxes[k].after);
    return suffix.empty() || text.find(suffix) != std::string::npos ? text : text + suffix;
  };
  if (policy.several_boxes == "refuse" && boxes.size() > 1) {
    return none(ExtractReason::kSeveralBoxes, offset + boxes[1].command);
  }
  std::string answer = content(boxes.size() - 1);
  bool differ = false;
  for (size_t k = first; k < boxes.size(); ++k) differ = differ || content(k) != answer;
  if (differ) {
    answer.clear();
    for (size_t k = first; k < boxes.size(); ++k) answer += (k == first ? "" : ", ") + content(k);
  }
  return found("box", answer, offset + boxes[first].begin);
}

// The last of the phrases that announce an answer: where its text begins, or npos.
size_t announced(std::string_view scope) {
  const std::string lower = lower_case(scope);
  size_t best = std::string::npos;
  for (const std::string_view phrase :
       {"answer is", "answer:", "answer =", "####", "answer is:", "答案是", "答案:", "答案："}) {
    const size_t at = lower.rfind(phrase);
    if (at == std::string::npos) continue;
    const size_t begin = at + phrase.size();
    if (best == std::string::npos || begin > best) best = begin;
  }
  return best;
}

// One formula between delimiters that begins at or behind `from`; false if there is none.
bool formula_at(std::string_view text, size_t from, size_t& begin, size_t& end) {
  for (size_t i = from; i < text.size(); ++i) {
    const std::string_view rest = text.substr(i);
    std::string_view close;
    if (rest.starts_with("\\(")) close = "\\)";
    if (rest.starts_with("\\[")) close = "\\]";
    if (rest.starts_with("$$")) close = "$$";
    if (close.empty() && rest.starts_with("$") && (i == 0 || text[i - 1] != '\\')) close = "$";
    if (close.empty()) continue;
    begin = i + (close == "$" ? 1 : 2);
    end = text.find(close, begin);
    while (end != std::string_view::npos && close == "$" && text[end - 1] == '\\')
      end = text.find(close, end + 1);
    if (end == std::string_view::npos) return false;
    return true;
  }
  return false;
}

// "**42**." -> "42"
std::string_view strip_decoration(std::string_view text) {
  for (;;) {
    const std::string_view before = text;
    text = trim(text);
    while (text.starts_with("*") || text.starts_with(":")) text.remove_prefix(1);
    while (text.ends_with("*")) text.remove_suffix(1);
    if (text == before) return text;
  }
}

Extraction from_phrase(std::string_view scope, size_t offset, size_t at) {
  std::string_view line = scope.substr(at);
  while (!line.empty() && (is_space(line.front()) || line.front() == ':' || line.front() == '*')) {
    line.remove_prefix(1);
    ++at;
  }
  line = line.substr(0, line.find('\n'));
  size_t begin = 0, end = 0;
  if (formula_at(line, 0, begin, end) && begin <= 2)
    return found("phrase", std::string(line.substr(begin, end - begin)), offset + at + begin);
  // Up to the end of the sentence: a dot that no digit follows.
  for (size_t i = 0; i < line.size(); ++i) {
    const bool last = i + 1 == line.size();
    if (line[i] == '.' && (last || is_space(line[i + 1]) || line[i + 1] == '*')) {
      line = line.substr(0, i);
      break;
    }
  }
  // "The largest $n$ is 34"
  if (const size_t is = line.rfind(" is "); is != std::string_view::npos) {
    at += is + 4;
    line.remove_prefix(is + 4);
  }
  if (formula_at(line, 0, begin, end) && begin <= 24)
    return found("phrase", std::string(line.substr(begin, end - begin)), offset + at + begin);
  return found("phrase", std::string(strip_decoration(line)), offset + at);
}

Extraction unboxed(std::string_view scope, size_t offset) {
  if (const size_t at = announced(scope); at != std::string_view::npos) {
    Extraction phrase = from_phrase(scope, offset, at);
    if (phrase.reason == ExtractReason::kFound) return phrase;
  }
  // Prose around formulas: the last formula.
  size_t last_begin = 0, last_end = 0, begin = 0, end = 0, from = 0;
  bool any = false, prose = false;
  while (formula_at(scope, from, begin, end)) {
    const std::string_view between = scope.substr(from, begin - from);
    prose = prose || std::any_of(between.begin(), between.end(), is_letter);
    any = true;
    last_begin = begin;
    last_end = end;
    from = end + 1;
    if (from < scope.size() && (scope[from] == ')' || scope[from] == ']' || scope[from] == '$'))
      ++from;
    from = std::min(from, scope.size());
  }
  const std::string_view rest = scope.substr(from);
  prose = prose || std::any_of(rest.begin(), rest.end(), is_letter);
  const bool percent_behind = any && prose && rest.size() < 24 && !suffix_of(rest, 0).empty();
  if (any && prose && !percent_behind && scope.find("\\text") == std::string_view::npos) {
    return found("formula", std::string(scope.substr(last_begin, last_end - last_begin)),
                 offset + last_begin);
  }
  if (trim(scope).size() > static_cast<size_t>(kMaxAnswerBytes))
    return none(ExtractReason::kNoAnswer, offset);
  return found("bare", std::string(strip_decoration(scope)), offset);
}

}  // namespace

const char* extract_reason_name(ExtractReason reason) {
  switch (reason) {
    case ExtractReason::kFound:
      return "found";
    case ExtractReason::kNoAnswer:
      return "no_answer";
    case ExtractReason::kUnclosedBox:
      return "unclosed_box";
    case ExtractReason::kSeveralBoxes:
      return "several_boxes";
    case ExtractReason::kThinkNeverClosed:
      return "think_never_closed";
    case ExtractReason::kTooLong:
      return "too_long";
  }
  return "no_answer";
}

Extraction extract(std::string_view completion, const Policy& policy) {
  size_t start = 0;
  const size_t thought = completion.rfind("</think>");
  if (thought != std::string_view::npos) start = thought + 8;
  const size_t reopened = completion.find("<think>", start);
  if (reopened != std::string_view::npos) return none(ExtractReason::kThinkNeverClosed, reopened);
  if (thought == std::string_view::npos && policy.think_opened_by_prompt)
    return none(ExtractReason::kThinkNeverClosed, 0);
  if (completion.size() - start > kMaxScan) {
    start = completion.size() - kMaxScan;
    while (start < completion.size() &&
           (static_cast<unsigned char>(completion[start]) & 0xC0) == 0x80)
      ++start;
  }
  std::string_view scope = completion.substr(start);
  const size_t open = scope.rfind("<answer>");
  if (open != std::string_view::npos) {
    const size_t close = scope.find("</answer>", open);
    if (close == std::string_view::npos) return none(ExtractReason::kNoAnswer, start + open);
    scope = scope.substr(open + 8, close - open - 8);
    start += open + 8;
  }
  size_t unclosed = 0;
  const std::vector<Box> boxes = find_boxes(scope, unclosed);
  if (unclosed != std::string_view::npos)
    return none(ExtractReason::kUnclosedBox, start + unclosed);
  if (!boxes.empty()) return from_boxes(scope, start, boxes, policy);
  if (!policy.accept_unboxed && open == std::string_view::npos)
    return none(ExtractReason::kNoAnswer, start);
  return unboxed(scope, start);
}

}  // namespace r1::rewards::math
