#include "rewards/math/compare.h"

#include <algorithm>

#include "rewards/math/words.h"

namespace r1::rewards::math::engine {
namespace {

bool is_collection(const Node& node) {
  return node.kind == Kind::kList || node.kind == Kind::kSet || node.kind == Kind::kTuple ||
         node.kind == Kind::kEmptySet;
}

// The one letter that an answer is: C, (C), \text{C}.
std::string_view single_letter(const Node& node) {
  static constexpr std::string_view kE = "e", kI = "i";
  if (node.kind == Kind::kConstant && node.constant == Constant::kE) return kE;
  if (node.kind == Kind::kConstant && node.constant == Constant::kI) return kI;
  const bool letter =
      (node.kind == Kind::kSymbol || node.kind == Kind::kText) && node.text.size() == 1;
  return letter ? node.text : std::string_view();
}

// A word whose letters may be factors: xy, AB, abc (neighbours in the alphabet). Others are words.
bool may_be_product(const Node& node) {
  std::string letters(node.text);
  if (node.other_reading == nullptr || letters.size() > 3) return false;
  if (letters.find_first_of(letters.size() == 2 ? "eiou" : "aeiou") == std::string::npos)
    return true;
  std::sort(letters.begin(), letters.end());
  for (size_t i = 1; i < letters.size(); ++i) {
    if (letters[i] != letters[i - 1] + 1) return false;
  }
  return true;
}

// 1,22 or 0,5 for a decimal, when the two figures touch the comma; 3,5 is two numbers.
const Node* decimal_comma(const Node& list, Tree& tree) {
  if (list.kind != Kind::kList || list.children.size() != 2) return nullptr;
  const Node& whole = *list.children[0];
  const Node& part = *list.children[1];
  const auto plain = [](const Node& node) {
    return node.kind == Kind::kNumber && node.decimals < 0 && !node.grouped;
  };
  if (!plain(whole) || !plain(part) || part.begin != whole.end + 1) return nullptr;
  const int64_t digits = part.end - part.begin;
  if (digits < 2 && whole.number->sign() != 0) return nullptr;
  Rational value = *part.number;
  value.multiply(Rational::power_of_ten(-digits));
  value.add(*whole.number);
  Node* node = tree.number(std::move(value));
  node->decimals = static_cast<int32_t>(digits);
  node->significant =
      static_cast<int32_t>(digits) +
      (whole.number->sign() != 0 ? static_cast<int32_t>(whole.end - whole.begin) : 0);
  node->begin = whole.begin;
  node->end = part.end;
  return node;
}

}  // namespace

const Node* Comparer::times(const Node& node, const Rational& factor) {
  if (factor == Rational(1)) return &node;
  return tree_.make(Kind::kMultiply, {&node, tree_.number(factor)}, node.begin, node.end);
}

Outcome Comparer::answers(const Node& gold, const Node& prediction) {
  if (!budget_.spend(1)) return {Verdict::kBudgetExceeded, "budget", false};
  if (gold.kind == Kind::kLabelled || prediction.kind == Kind::kLabelled)
    return choices(gold, prediction);
  if (gold.kind == Kind::kText || prediction.kind == Kind::kText) return texts(gold, prediction);
  const std::string_view letter_gold = single_letter(gold), letter = single_letter(prediction);
  if (!letter_gold.empty() && letter_gold == letter) return same("same_text");
  const Node& a = essence(gold);
  const Node& b = essence(prediction);
  const bool matrix = contains(a, Kind::kMatrix) || contains(b, Kind::kMatrix);
  return matrix ? by_kind(*lower(a), *lower(b)) : by_kind(a, b);
}

// 1/3 of "1/3 \approx 0.33", 4 of "2+2 = 4" (if it holds), x of "x, k \in \mathbb{Z}".
const Node& Comparer::essence(const Node& node) {
  if (node.kind == Kind::kList && node.children.size() == 2) {
    const Node& condition = *node.children[1];
    const bool whole =
        condition.kind == Kind::kRelation && condition.text == "e" &&
        condition.children[1]->kind == Kind::kNamedSet &&
        (condition.children[1]->text[0] == 'Z' || condition.children[1]->text[0] == 'N');
    return whole ? *node.children[0] : node;
  }
  if (node.kind != Kind::kRelation || is_name(*node.children[0])) return node;
  if (node.text == "~") return *node.children[0];
  if (node.text.find_first_not_of('=') != std::string_view::npos || !names_of(node, node).empty())
    return node;
  const Node& last = *node.children.back();
  const bool holds =
      std::all_of(node.children.begin(), node.children.end() - 1,
                  [&](const Node* member) { return answers(*member, last).equal(); });
  return holds ? last : node;
}

// (C) 12 agrees with C, with 12, and with (C) 12.
Outcome Comparer::choices(const Node& gold, const Node& prediction) {
  const auto letter_of = [](const Node& node) {
    return node.kind == Kind::kLabelled ? node.text : single_letter(node);
  };
  const auto rest_of = [](const Node& node) -> const Node& {
    return node.kind == Kind::kLabelled ? *node.children[0] : node;
  };
  const std::string_view letter_gold = letter_of(gold), letter = letter_of(prediction);
  const bool both = gold.kind == Kind::kLabelled && prediction.kind == Kind::kLabelled;
  if (!letter_gold.empty() && !letter.empty()) {
    if (lower_case(letter_gold) != lower_case(letter)) return differ("choice");
    if (!both) return same("choice");
  }
  return answers(rest_of(gold), rest_of(prediction));
}

Outcome Comparer::texts(const Node& gold, const Node& prediction) {
  const bool gold_text = gold.kind == Kind::kText, text = prediction.kind == Kind::kText;
  const std::string_view letter_gold = single_letter(gold), letter = single_letter(prediction);
  if (!letter_gold.empty() && !letter.empty()) {
    return lower_case(letter_gold) == lower_case(letter) ? same("choice") : differ("choice");
  }
  if (gold_text && text) {
    if (gold.text == prediction.text) return same("words");
    if (listed_words(gold.text) == listed_words(prediction.text)) return same("words");
    if (may_be_product(gold) && may_be_product(prediction))
      return answers(*gold.other_reading, *prediction.other_reading);
    return differ("words");
  }
  const Node& words = gold_text ? gold : prediction;
  const Node& other = gold_text ? prediction : gold;
  if (other.kind == Kind::kList || other.kind == Kind::kSet || other.kind == Kind::kTuple) {
    std::vector<std::string> parts;
    for (const Node* child : other.children) {
      if (child->kind != Kind::kText && child->kind != Kind::kSymbol) return differ("kinds");
      parts.push_back(canonical_words(child->text));
    }
    std::sort(parts.begin(), parts.end());
    return parts == listed_words(words.text) && other.text != "or" ? same("words")
                                                                   : differ("words");
  }
  if (words.other_reading == nullptr) return differ("kinds");
  return gold_text ? answers(*words.other_reading, prediction)
                   : answers(gold, *words.other_reading);
}

Outcome Comparer::by_kind(const Node& gold, const Node& prediction) {
  if (is_region(gold) || is_region(prediction)) {
    if (const std::optional<Outcome> outcome = regions(gold, prediction)) return *outcome;
  }
  if (const std::optional<Outcome> outcome = assigned(gold, prediction)) return *outcome;
  if (gold.kind == Kind::kRelation && prediction.kind == Kind::kRelation) {
    const bool equation = gold.text == "=" && prediction.text == "=";
    const bool congruence = gold.text == "%" && prediction.text == "%";
    return equation || congruence ? equations(gold, prediction) : inequalities(gold, prediction);
  }
  if (gold.kind == Kind::kRelation || prediction.kind == Kind::kRelation) return differ("kinds");
  if (gold.kind == Kind::kMatrix || prediction.kind == Kind::kMatrix)
    return matrices(gold, prediction);
  return unwrapped(gold, prediction);
}

// Neither relation nor matrix: signs written out, units, containers, and at last values.
Outcome Comparer::unwrapped(const Node& gold, const Node& prediction) {
  const auto open_signs = [this](const Node& node) -> const Node* {
    if (is_collection(node) ||
        (!contains(node, Kind::kPlusMinus) && !contains(node, Kind::kMinusPlus)))
      return &node;
    const std::vector<const Node*> variants = sign_variants(node);
    if (variants.size() == 1) return &node;  // too many signs
    Node* list = tree_.make(Kind::kList, variants, node.begin, node.end);
    list->text = ",";
    return list;
  };
  const Node& a = *open_signs(gold);
  const Node& b = *open_signs(prediction);
  if (is_collection(a) || is_collection(b)) {
    const Node* comma_a =
        b.kind == Kind::kNumber && b.decimals > 0 ? decimal_comma(a, tree_) : nullptr;
    const Node* comma_b =
        a.kind == Kind::kNumber && a.decimals > 0 ? decimal_comma(b, tree_) : nullptr;
    if (comma_a != nullptr || comma_b != nullptr)
      return values(comma_a ? *comma_a : a, comma_b ? *comma_b : b);
    return collections(a, b);
  }
  if (const std::optional<Outcome> outcome = measures(a, b)) return *outcome;
  if (a.kind == Kind::kTime || b.kind == Kind::kTime) return times(a, b);
  if (a.kind == Kind::kBased || b.kind == Kind::kBased) return based(a, b);
  if (a.kind == Kind::kRatio || b.kind == Kind::kRatio) return ratios(a, b);
  if (a.kind == Kind::kNamedSet || b.kind == Kind::kNamedSet) {
    return a.kind == b.kind && a.text == b.text ? same("named_set") : differ("kinds");
  }
  return values(a, b);
}

// a:b:c, all in proportion. Two members are a quotient, too.
Outcome Comparer::ratios(const Node& gold, const Node& prediction) {
  if (gold.kind != prediction.kind) {
    const Node& ratio = gold.kind == Kind::kRatio ? gold : prediction;
    return ratio.children.size() == 2 ? values(gold, prediction) : differ("kinds");
  }
  const auto a = gold.children, b = prediction.children;
  if (a.size() != b.size()) return differ("different_length");
  if (in_order(a, b, "ratio").equal()) return same("ratio");
  for (size_t i = 1; i < a.size(); ++i) {
    const Node* left = tree_.make(Kind::kMultiply, {a[i], b[0]});
    const Node* right = tree_.make(Kind::kMultiply, {b[i], a[0]});
    const Node* zero = tree_.number(Rational(0));
    if (values(*a[0], *zero).equal() || values(*b[0], *zero).equal()) return differ("ratio");
    const Outcome outcome = values(*left, *right);
    if (!outcome.equal()) return outcome;
  }
  return same("ratio");
}

Outcome Comparer::times(const Node& gold, const Node& prediction) {
  if (gold.kind != prediction.kind) {
    const Node& time = gold.kind == Kind::kTime ? gold : prediction;
    if (time.other_reading == nullptr) return differ("kinds");
    return gold.kind == Kind::kTime ? unwrapped(*time.other_reading, prediction)
                                    : unwrapped(gold, *time.other_reading);
  }
  if (*gold.number == *prediction.number) return same("time");
  // 3:00 and 3:00 pm: half of the day left out on one side.
  if (gold.text.empty() != prediction.text.empty()) {
    Rational apart = *gold.number;
    apart.subtract(*prediction.number);
    if (apart.sign() < 0) apart.negate();
    if (apart == Rational(720)) return same("time");
  }
  return differ("time");
}

Outcome Comparer::based(const Node& gold, const Node& prediction) {
  const bool both = gold.kind == Kind::kBased && prediction.kind == Kind::kBased;
  if (policy_.base == "value") return values(gold, prediction);
  if (policy_.base == "drop") {
    const auto digits = [this](const Node& node) -> const Node* {
      const bool decimal = node.kind == Kind::kBased &&
                           node.text.find_first_not_of("0123456789") == std::string_view::npos;
      return decimal ? tree_.number(Rational::from_digits(node.text, 10)) : &node;
    };
    return values(*digits(gold), *digits(prediction));
  }
  if (!both || gold.base != prediction.base) return differ("base");
  return *gold.number == *prediction.number ? same("base") : differ("base");
}

}  // namespace r1::rewards::math::engine
