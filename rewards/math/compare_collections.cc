// Lists, sets and tuples.
#include <algorithm>
#include <functional>

#include "rewards/math/compare.h"

namespace r1::rewards::math::engine {
namespace {

constexpr size_t kMaxMembers = 64;
constexpr int kMaxSigns = 4;

void count_signs(const Node& node, int& plus_minus, int& minus_plus) {
  plus_minus += node.kind == Kind::kPlusMinus;
  minus_plus += node.kind == Kind::kMinusPlus;
  for (const Node* child : node.children) count_signs(*child, plus_minus, minus_plus);
}

// The tree with its signs chosen: bit k of `choice` set means that the k-th one is turned.
const Node* choose_signs(const Node& node, Tree& tree, unsigned choice, bool tied, int& seen) {
  if (!contains(node, Kind::kPlusMinus) && !contains(node, Kind::kMinusPlus)) return &node;
  bool negative = false;
  const bool sign = node.kind == Kind::kPlusMinus || node.kind == Kind::kMinusPlus;
  if (sign) {
    const bool turned = ((choice >> (tied ? 0 : seen)) & 1u) != 0;
    negative = turned == (node.kind == Kind::kPlusMinus);
    ++seen;
  }
  std::vector<const Node*> children;
  for (const Node* child : node.children)
    children.push_back(choose_signs(*child, tree, choice, tied, seen));
  if (sign)
    return negative ? tree.make(Kind::kNegate, {children[0]}, node.begin, node.end) : children[0];
  Node* copy = tree.make(node.kind, children, node.begin, node.end);
  const auto kept = copy->children;
  *copy = node;
  copy->children = kept;
  return copy;
}

}  // namespace

// 1 \pm \sqrt 2 is two values; independent signs give all combinations, a \mp ties all signs
// together.
std::vector<const Node*> Comparer::sign_variants(const Node& node) {
  int plus_minus = 0, minus_plus = 0;
  count_signs(node, plus_minus, minus_plus);
  const int signs = plus_minus + minus_plus;
  if (signs == 0 || signs > kMaxSigns) return {&node};
  const bool tied = minus_plus > 0;
  const unsigned count = tied ? 2 : 1u << signs;
  std::vector<const Node*> variants;
  for (unsigned choice = 0; choice < count; ++choice) {
    int seen = 0;
    variants.push_back(choose_signs(node, tree_, choice, tied, seen));
  }
  return variants;
}

// The members of a list, set or tuple, with every +- written out.
std::vector<const Node*> Comparer::members(const Node& node) {
  std::vector<const Node*> result;
  if (node.kind == Kind::kEmptySet) return result;
  const bool collection =
      node.kind == Kind::kList || node.kind == Kind::kSet || node.kind == Kind::kTuple;
  if (!collection) return sign_variants(node);
  for (const Node* child : node.children) {
    if (node.kind == Kind::kTuple) {
      result.push_back(child);
      continue;
    }
    const Node* value = child;
    if (policy_.unwrap_assignments) {
      if (const std::optional<Assignment> named = assignment(*child)) {
        if (contains(*named->value, Kind::kPlusMinus)) value = named->value;
      }
    }
    for (const Node* variant : sign_variants(*value)) result.push_back(variant);
  }
  return result;
}

Outcome Comparer::in_order(std::span<const Node* const> a, std::span<const Node* const> b,
                           const char* rule) {
  if (a.size() != b.size()) return differ("different_length");
  Outcome worst = same(rule);
  for (size_t i = 0; i < a.size(); ++i) {
    const Outcome member = answers(*a[i], *b[i]);
    if (member.verdict == Verdict::kNotEqual) return member;
    if (!member.equal() && worst.equal()) worst = member;
  }
  return worst;
}

// A perfect matching of equal members (augmenting paths, no sorting: equality with rounding is no
// order).
Outcome Comparer::unordered(std::span<const Node* const> a, std::span<const Node* const> b,
                            const char* rule) {
  if (a.size() != b.size()) return differ("different_length");
  if (a.size() > kMaxMembers) return {Verdict::kBudgetExceeded, "too_many_members", false};
  const size_t n = a.size();
  std::vector<std::vector<int>> equal(n, std::vector<int>(n, -1));  // -1: not compared yet
  Outcome open;
  bool is_open = false;
  const auto matches = [&](size_t i, size_t j) {
    if (equal[i][j] < 0) {
      const Outcome member = answers(*a[i], *b[j]);
      equal[i][j] = member.equal();
      if (!member.equal() && member.verdict != Verdict::kNotEqual) {
        open = member;
        is_open = true;
      }
    }
    return equal[i][j] == 1;
  };
  std::vector<int> partner(n, -1);
  const std::function<bool(size_t, std::vector<bool>&)> assign = [&](size_t i,
                                                                     std::vector<bool>& tried) {
    for (size_t step = 0; step < n; ++step) {
      const size_t j = (i + step) % n;
      if (tried[j] || !matches(i, j)) continue;
      tried[j] = true;
      if (partner[j] < 0 || assign(static_cast<size_t>(partner[j]), tried)) {
        partner[j] = static_cast<int>(i);
        return true;
      }
    }
    return false;
  };
  for (size_t i = 0; i < n; ++i) {
    std::vector<bool> tried(n, false);
    if (!assign(i, tried)) return is_open ? open : differ("no_partner");
  }
  return same(rule);
}

// Every member of each in the other; repetitions do not count.
Outcome Comparer::as_sets(std::span<const Node* const> a, std::span<const Node* const> b) {
  if (a.size() == b.size()) return unordered(a, b, "set");
  if (a.size() > kMaxMembers || b.size() > kMaxMembers)
    return {Verdict::kBudgetExceeded, "too_many_members", false};
  if (a.empty() || b.empty()) return differ("different_length");
  const auto covered = [this](std::span<const Node* const> inner,
                              std::span<const Node* const> outer, bool swapped) {
    return std::all_of(inner.begin(), inner.end(), [&](const Node* member) {
      return std::any_of(outer.begin(), outer.end(), [&](const Node* other) {
        return swapped ? answers(*other, *member).equal() : answers(*member, *other).equal();
      });
    });
  };
  return covered(a, b, false) && covered(b, a, true) ? same("set") : differ("different_length");
}

Outcome Comparer::collections(const Node& gold, const Node& prediction) {
  const bool gold_tuple = gold.kind == Kind::kTuple, tuple = prediction.kind == Kind::kTuple;
  const bool gold_set = gold.kind == Kind::kSet || gold.kind == Kind::kEmptySet;
  const bool set = prediction.kind == Kind::kSet || prediction.kind == Kind::kEmptySet;
  if (gold.text == "builder" || prediction.text == "builder") {
    return canonical(gold) == canonical(prediction)
               ? same("same_text")
               : Outcome{Verdict::kUndecided, "set_builder", false};
  }
  const std::vector<const Node*> a = members(gold), b = members(prediction);
  if (gold_tuple && tuple) {
    // ( and < write vectors alike; [ is another thing for two members, an interval.
    const bool same_brackets = (gold.open == '[') == (prediction.open == '[') &&
                               (gold.close == ']') == (prediction.close == ']');
    if (!same_brackets && a.size() == 2) return differ("brackets");
    return in_order(a, b, "tuple");
  }
  if (gold_set && set) return as_sets(a, b);
  if ((gold_tuple && set) || (gold_set && tuple)) {
    const Node& ordered = gold_tuple ? gold : prediction;  // [5,5] is an interval that is a set
    const bool interval = ordered.open == '[' && ordered.close == ']';
    const std::optional<Outcome> outcome = interval ? regions(gold, prediction) : std::nullopt;
    return outcome ? *outcome : differ("kinds");
  }
  // A set or tuple of one member, written without brackets.
  if (a.size() == 1 && b.size() == 1 && (gold_set || set)) return answers(*a[0], *b[0]);
  if (gold_tuple || tuple) return in_order(a, b, "tuple");
  if (gold_set != set && a.size() == 1 && b.size() == 1) return answers(*a[0], *b[0]);
  const auto is_tuple = [](const Node* member) { return member->kind == Kind::kTuple; };
  if (a.size() != b.size() && std::all_of(a.begin(), a.end(), is_tuple) &&
      std::all_of(b.begin(), b.end(), is_tuple)) {
    return as_sets(a, b);  // a list of points, one of them twice
  }
  if (policy_.lists == "ordered" && !gold_set && !set) return in_order(a, b, "list");
  return unordered(a, b, "list");
}

}  // namespace r1::rewards::math::engine
