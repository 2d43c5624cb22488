#include "rewards/math/math.h"

#include <algorithm>

#include "rewards/math/ast.h"
#include "rewards/math/budget.h"
#include "rewards/math/compare.h"
#include "rewards/math/parser.h"

namespace r1::rewards::math {

using namespace engine;

namespace {

uint64_t hash(std::string_view text) {  // FNV-1a
  uint64_t value = 14695981039346656037ULL;
  for (const char c : text) value = (value ^ static_cast<unsigned char>(c)) * 1099511628211ULL;
  return value;
}

std::string describe(const Failure& failure) {
  return failure.problem + " at byte " + std::to_string(failure.position);
}

Judgement unparsable(const Parsed& parsed, bool is_gold, int64_t steps) {
  Judgement result;
  result.verdict = is_gold            ? Verdict::kReferenceBroken
                   : parsed.too_large ? Verdict::kBudgetExceeded
                                      : Verdict::kPredictionUnparsable;
  result.rule = parsed.too_large ? "size" : "parse";
  result.steps = steps;
  result.detail = std::string(is_gold ? "reference: " : "prediction: ") + describe(parsed.failure);
  return result;
}

// Whether the reference, compared with itself, turns out to have no value.
bool has_no_value(const Node& root, Tree& tree, Budget& budget, const Policy& policy) {
  const Outcome outcome = Comparer(tree, budget, policy, 1).answers(root, root);
  return outcome.verdict == Verdict::kUndefined;
}

bool may_be_undefined(const Node& node) {
  switch (node.kind) {
    case Kind::kDivide:
    case Kind::kPower:
    case Kind::kFunction:
    case Kind::kLogarithm:
    case Kind::kRoot:
    case Kind::kFactorial:
    case Kind::kDoubleFactorial:
      return true;
    default:
      return std::any_of(node.children.begin(), node.children.end(),
                         [](const Node* child) { return may_be_undefined(*child); });
  }
}

}  // namespace

const char* verdict_name(Verdict verdict) {
  switch (verdict) {
    case Verdict::kEqual:
      return "equal";
    case Verdict::kNotEqual:
      return "not_equal";
    case Verdict::kUndecided:
      return "undecided";
    case Verdict::kReferenceBroken:
      return "reference_broken";
    case Verdict::kPredictionUnparsable:
      return "prediction_unparsable";
    case Verdict::kUndefined:
      return "undefined";
    case Verdict::kBudgetExceeded:
      return "budget_exceeded";
  }
  return "undecided";
}

Judgement compare(std::string_view gold, std::string_view prediction, const Policy& policy) {
  Budget budget(kStepLimit);
  Tree tree;
  const Parsed parsed_gold = parse(gold, tree);
  const Node* root_gold = parsed_gold.root != nullptr || parsed_gold.too_large
                              ? parsed_gold.root
                              : parsed_gold.as_words;
  if (root_gold == nullptr) {
    if (parsed_gold.too_large || gold.empty() || gold != prediction)
      return unparsable(parsed_gold, true, tree.nodes());
    return {Verdict::kEqual, "same_text", tree.nodes(),
            "the reference cannot be read, the prediction repeats it"};
  }
  const Parsed parsed = parse(prediction, tree);
  const Node* root = parsed.root;
  if (root == nullptr && !parsed.too_large && root_gold->kind == Kind::kText)
    root = parsed.as_words;
  budget.spend(tree.nodes());

  Outcome outcome;
  if (root == nullptr) return unparsable(parsed, false, budget.used());
  if (same_tokens(parsed_gold.tokens, parsed.tokens)) {
    const bool undefined =
        may_be_undefined(*root_gold) && has_no_value(*root_gold, tree, budget, policy);
    outcome = {undefined ? Verdict::kUndefined : Verdict::kEqual,
               undefined ? "undefined" : "same_text", undefined};
  } else {
    outcome =
        Comparer(tree, budget, policy, hash(gold) ^ hash(prediction)).answers(*root_gold, *root);
  }
  Judgement result;
  result.verdict = outcome.verdict;
  result.rule = outcome.rule;
  result.steps = budget.used();
  if (outcome.about_gold &&
      (outcome.verdict == Verdict::kUndefined || outcome.verdict == Verdict::kBudgetExceeded)) {
    result.verdict = Verdict::kReferenceBroken;
    result.detail = outcome.verdict == Verdict::kUndefined ? "the reference has no value"
                                                           : "the reference is too large";
  }
  return result;
}

Judgement judge(std::string_view gold, std::string_view completion, const Policy& policy) {
  const Extraction found = extract(completion, policy);
  if (found.reason == ExtractReason::kFound) {
    Judgement result = compare(gold, found.answer, policy);
    return result;
  }
  Judgement result = compare(gold, "0", policy);  // is the reference sound?
  if (result.verdict == Verdict::kReferenceBroken) return result;
  result.verdict = found.reason == ExtractReason::kTooLong ? Verdict::kBudgetExceeded
                                                           : Verdict::kPredictionUnparsable;
  result.rule = extract_reason_name(found.reason);
  result.detail =
      std::string(extract_reason_name(found.reason)) + " at byte " + std::to_string(found.begin);
  return result;
}

std::string explain(std::string_view gold, std::string_view prediction, const Policy& policy) {
  std::string out;
  for (const auto& [title, text] :
       {std::pair<const char*, std::string_view>{"reference", gold}, {"prediction", prediction}}) {
    Tree tree;
    const Parsed parsed = parse(text, tree);
    out += std::string(title) + ": " + std::string(text.substr(0, 200)) + "\n";
    if (parsed.root != nullptr) {
      out += print_tree(*parsed.root);
    } else {
      out += "  not a formula: " + describe(parsed.failure) + "\n";
      if (parsed.as_words != nullptr) out += print_tree(*parsed.as_words);
    }
  }
  const Judgement result = compare(gold, prediction, policy);
  out += std::string("verdict: ") + verdict_name(result.verdict) + "\nrule: " + result.rule + "\n";
  if (!result.detail.empty()) out += "detail: " + result.detail + "\n";
  out += "steps: " + std::to_string(result.steps) + "\nlevel: " + level() + "\n";
  return out;
}

std::string level() { return exact_level(); }

}  // namespace r1::rewards::math
