#include "rewards/math/words.h"

#include <algorithm>
#include <iterator>
#include <utility>

namespace r1::rewards::math::engine {
namespace {

// Groups of phrases that answer the same question alike; the first stands for all.
constexpr std::string_view kSynonyms[][16] = {
    {"no solution", "no solutions", "none", "no real solution", "no real solutions",
     "has no solution", "empty set", "no such solution", "unsolvable", "there is no solution",
     "there are no solutions", "null set", "无解", "solution set is empty", "no real roots"},
    {"does not exist", "dne", "doesn't exist", "do not exist", "nonexistent",
     "limit does not exist", "none exist", "none exists", "不存在"},
    {"undefined", "not defined", "is undefined", "indeterminate"},
    {"infinity", "positive infinity", "inf", "oo", "plus infinity", "+infinity"},
    {"negative infinity", "minus infinity", "-infinity", "-inf", "-oo"},
    {"infinitely many solutions", "infinitely many", "infinite solutions",
     "infinite number of solutions", "infinitely many solution", "infinite"},
    {"all real numbers", "all reals", "all real number", "any real number", "every real number",
     "reals", "real numbers", "set of all real numbers", "set of real numbers", "all real values",
     "全体实数"},
    {"true", "yes", "correct", "正确", "是"},
    {"false", "no", "incorrect", "not true", "错误", "否"},
    {"impossible", "not possible", "cannot be done", "can not be done", "is impossible"},
    {"cannot be determined", "can not be determined", "not enough information",
     "insufficient information", "indeterminable", "cannot tell", "can't be determined",
     "not determinable"},
    {"neither", "neither even nor odd", "neither odd nor even"},
    {"saturday", "sat"},
    {"sunday", "sun"},
    {"monday", "mon"},
    {"tuesday", "tue", "tues"},
    {"wednesday", "wed"},
    {"thursday", "thu", "thurs"},
    {"friday", "fri"},
    {"counterclockwise", "anticlockwise", "counter clockwise", "anti clockwise"},
    {"isosceles", "isosceles triangle"},
    {"equilateral", "equilateral triangle"},
    {"scalene", "scalene triangle"},
    {"right triangle", "right angled triangle", "right"},
    {"even", "even number", "even function"},
    {"odd", "odd number", "odd function"},
    {"prime", "prime number"},
    {"composite", "composite number"},
    {"ellipse", "an ellipse"},
    {"circle", "a circle"},
    {"increasing", "monotonically increasing", "strictly increasing"},
    {"decreasing", "monotonically decreasing", "strictly decreasing"},
};

constexpr std::pair<std::string_view, int> kNumbers[] = {
    {"zero", 0},     {"one", 1},      {"two", 2},        {"three", 3},     {"four", 4},
    {"five", 5},     {"six", 6},      {"seven", 7},      {"eight", 8},     {"nine", 9},
    {"ten", 10},     {"eleven", 11},  {"twelve", 12},    {"thirteen", 13}, {"fourteen", 14},
    {"fifteen", 15}, {"sixteen", 16}, {"seventeen", 17}, {"eighteen", 18}, {"nineteen", 19},
    {"twenty", 20},  {"thirty", 30},  {"forty", 40},     {"fifty", 50},    {"sixty", 60},
    {"seventy", 70}, {"eighty", 80},  {"ninety", 90}};

constexpr std::pair<std::string_view, int> kParts[] = {
    {"half", 2},     {"halves", 2},    {"third", 3},       {"thirds", 3},      {"quarter", 4},
    {"quarters", 4}, {"fourth", 4},    {"fourths", 4},     {"fifth", 5},       {"fifths", 5},
    {"sixth", 6},    {"sixths", 6},    {"seventh", 7},     {"sevenths", 7},    {"eighth", 8},
    {"eighths", 8},  {"ninth", 9},     {"ninths", 9},      {"tenth", 10},      {"tenths", 10},
    {"twelfth", 12}, {"twelfths", 12}, {"hundredth", 100}, {"hundredths", 100}};

template <size_t N>
const int* find(const std::pair<std::string_view, int> (&table)[N], std::string_view word) {
  const auto* entry = std::find_if(std::begin(table), std::end(table),
                                   [word](const auto& item) { return item.first == word; });
  return entry == std::end(table) ? nullptr : &entry->second;
}

bool is_article(std::string_view word) { return word == "a" || word == "an" || word == "the"; }

// Words between blanks and hyphens, without punctuation at their ends.
std::vector<std::string> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  const auto finish = [&] {
    while (!word.empty() &&
           std::string_view(".,;:!?\"'").find(word.back()) != std::string_view::npos)
      word.pop_back();
    if (!word.empty()) words.push_back(word);
    word.clear();
  };
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    const bool sign = c == '-' && word.empty() && i + 1 < text.size() && text[i + 1] != ' ';
    if (c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '~' || (c == '-' && !sign)) {
      finish();
    } else if (c != '"' && c != '`' && c != '{' && c != '}' && c != '$' && c != '\\' && c != '*' &&
               c != '_') {
      word += c;
    }
  }
  finish();
  return words;
}

std::string join(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

}  // namespace

std::string lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
  }
  return lower;
}

std::string singular(std::string word) {
  const auto ends = [&word](std::string_view tail) {
    return word.size() > tail.size() + 1 && word.ends_with(tail);
  };
  if (word == "people") return "person";
  if (word == "children") return "child";
  if (ends("ies") && word.size() > 4) return word.substr(0, word.size() - 3) + "y";
  if (ends("ches") || ends("shes") || ends("xes") || ends("sses"))
    return word.substr(0, word.size() - 2);
  if (ends("s") && !ends("ss") && !ends("us")) word.pop_back();
  return word;
}

std::string canonical_words(std::string_view text) {
  std::vector<std::string> words = split_words(lower_case(text));
  while (words.size() > 1 && is_article(words.front())) words.erase(words.begin());
  words.erase(std::remove_if(words.begin() + (words.empty() ? 0 : 1), words.end(),
                             [](const std::string& word) { return word == "the"; }),
              words.end());
  if (words.size() == 2 && (words[0] == "option" || words[0] == "choice" || words[0] == "answer"))
    words.erase(words.begin());
  std::string joined = join(words);
  // One pair of brackets around everything: (C), (no solution).
  if (joined.size() > 2 && joined.front() == '(' && joined.back() == ')' &&
      joined.find('(', 1) == std::string::npos) {
    joined = joined.substr(1, joined.size() - 2);
  }
  if (joined.empty()) return joined;
  for (const auto& group : kSynonyms) {
    if (std::find(std::begin(group), std::end(group), joined) != std::end(group))
      return std::string(group[0]);
  }
  return joined;
}

int64_t scale_word(std::string_view word) {
  constexpr std::pair<std::string_view, int64_t> kScales[] = {{"thousand", 1000},
                                                              {"million", 1000000},
                                                              {"billion", 1000000000},
                                                              {"trillion", 1000000000000}};
  for (const auto& [name, value] : kScales) {
    if (name == word) return value;
  }
  return 0;
}

std::optional<Rational> number_words(std::string_view text) {
  const std::vector<std::string> words = split_words(lower_case(text));
  if (words.empty() || words.size() > 12) return std::nullopt;
  int64_t total = 0, group = 0;
  int64_t last = 0;
  bool any = false;
  for (size_t i = 0; i < words.size(); ++i) {
    const std::string& word = words[i];
    if (const int* number = find(kNumbers, word)) {
      // "twenty five" but not "five twenty" or "one two".
      const bool fits =
          last == 0 || last == 100 || (last >= 20 && last < 100 && *number < 10 && *number > 0);
      if (!fits || (any && *number == 0)) return std::nullopt;
      group += *number;
      last = *number;
      any = true;
    } else if (word == "hundred" && any && group > 0 && group < 10) {
      group *= 100;
      last = 100;
    } else if (const int64_t scale = scale_word(word); scale != 0 && any && group > 0) {
      total += group * scale;
      group = 0;
      last = 0;
    } else if (const int* part = find(kParts, word); part != nullptr && i + 1 == words.size()) {
      return Rational(any ? total + group : 1, *part);
    } else if (word != "and" || !any || i + 1 == words.size()) {
      return std::nullopt;
    }
  }
  if (!any) return std::nullopt;
  return Rational(total + group);
}

std::vector<std::string> listed_words(std::string_view text) {
  std::vector<std::string> parts;
  std::string part;
  const auto finish = [&] {
    const std::string words = canonical_words(part);
    if (!words.empty()) parts.push_back(words);
    part.clear();
  };
  for (size_t i = 0; i < text.size();) {
    if (text[i] == ',' || text[i] == ';') {
      finish();
      ++i;
    } else if (text.substr(i, 5) == " and ") {
      finish();
      i += 4;
    } else {
      part += text[i++];
    }
  }
  finish();
  std::sort(parts.begin(), parts.end());
  return parts;
}

}  // namespace r1::rewards::math::engine
