// Equations, assignments and inequalities that no interval describes.
#include <algorithm>

#include "rewards/math/compare.h"
#include "rewards/math/evaluate.h"

namespace r1::rewards::math::engine {
namespace {

constexpr int kMaxPoints = 12;

// AB, ABC: points of a drawing.
bool is_capital_product(const Node& node) {
  if (node.kind == Kind::kSymbol) return node.text[0] >= 'A' && node.text[0] <= 'Z';
  return node.kind == Kind::kMultiply &&
         std::all_of(node.children.begin(), node.children.end(),
                     [](const Node* child) { return is_capital_product(*child); });
}

// dy in dy/dx.
bool is_differential(const Node& node) {
  return node.kind == Kind::kMultiply && node.children.size() == 2 &&
         node.children[0]->kind == Kind::kSymbol && node.children[0]->text == "d" &&
         node.children[1]->kind == Kind::kSymbol;
}

// The letters in front of an index: x of x_1.
std::string_view stem(std::string_view name) { return name.substr(0, name.find('_')); }

char flipped(char sign) {
  switch (sign) {
    case relation::kLess:
      return relation::kGreater;
    case relation::kGreater:
      return relation::kLess;
    case relation::kLessEqual:
      return relation::kGreaterEqual;
    case relation::kGreaterEqual:
      return relation::kLessEqual;
    default:
      return sign;
  }
}

}  // namespace

// What may stand left of "=" only to say what the answer is: x, f(x), AB, |AB|, AB/CD, \angle ABC,
// V_1:V_2, \sin A.
bool Comparer::is_name(const Node& node) const {
  switch (node.kind) {
    case Kind::kSymbol:
      return node.text != "...";
    case Kind::kText:
      return true;
    case Kind::kMultiply: {
      if (is_capital_product(node)) return true;
      if (std::all_of(node.children.begin(), node.children.end(),
                      [](const Node* child) { return child->kind == Kind::kSymbol; }) &&
          node.children.back()->text.starts_with("\\")) {
        return true;  // m\angle A
      }
      const bool inverse = node.children.size() == 2 && node.children[1]->grouped &&
                           node.children[0]->kind == Kind::kPower &&
                           node.children[0]->children[0]->kind == Kind::kSymbol;
      if (inverse) return is_name(*node.children[1]);  // f^{-1}(x)
      const bool call = node.children.size() == 2 && node.children[0]->kind == Kind::kSymbol &&
                        node.children[1]->grouped;
      return call && (is_name(*node.children[1]) || node.children[1]->kind == Kind::kNumber ||
                      node.children[1]->kind == Kind::kTuple);
    }
    case Kind::kAbsolute:
      return is_capital_product(*node.children[0]);
    case Kind::kFunction:
      return is_name(*node.children[0]);
    case Kind::kDivide:
    case Kind::kRatio:
      if (is_differential(*node.children[0]) && is_differential(*node.children[1])) return true;
      return std::all_of(node.children.begin(), node.children.end(), [](const Node* child) {
        return is_capital_product(*child) || child->kind == Kind::kSymbol;
      });
    default:
      return false;
  }
}

// name = ... = value, or name in value. What follows an approximation sign is only an
// approximation.
std::optional<Comparer::Assignment> Comparer::assignment(const Node& node) const {
  if (node.kind != Kind::kRelation) return std::nullopt;
  const std::string_view signs = node.text;
  if (signs == "e") {
    return is_name(*node.children[0])
               ? std::optional(Assignment{node.children[0], node.children[1]})
               : std::nullopt;
  }
  if (signs.find_first_not_of("=~") != std::string_view::npos) return std::nullopt;
  const size_t exact = signs.find('=');
  const size_t rough = signs.find('~', exact == std::string_view::npos ? signs.size() : exact);
  const size_t last = rough == std::string_view::npos ? signs.size() : rough;
  const Node* first = node.children[0];
  const Node* value = node.children[last];
  if (is_name(*first) || first->kind == Kind::kTuple) {
    const bool names = first->kind != Kind::kTuple ||
                       std::all_of(first->children.begin(), first->children.end(),
                                   [this](const Node* child) { return is_name(*child); });
    if (names) return Assignment{first, value};
  }
  if (signs.size() == 1 && is_name(*value) && value->kind == Kind::kSymbol &&
      !contains(*first, Kind::kSymbol)) {
    return Assignment{value, first};
  }
  return std::nullopt;
}

// x=1, (x,y)=(3,2), a=4, b=5 and a=4,-8 as names with values; empty if it is anything else.
std::vector<Comparer::Assignment> Comparer::assignments(const Node& node) {
  if (const std::optional<Assignment> one = assignment(node)) {
    const bool tuple = one->name->kind == Kind::kTuple && one->value->kind == Kind::kTuple &&
                       one->name->children.size() == one->value->children.size();
    std::vector<Assignment> parts;
    if (!tuple) {
      for (const Node* variant : sign_variants(*one->value)) parts.push_back({one->name, variant});
      return parts;
    }
    for (size_t i = 0; i < one->name->children.size(); ++i)
      parts.push_back({one->name->children[i], one->value->children[i]});
    return parts;
  }
  if (node.kind != Kind::kList) return {};
  std::vector<Assignment> parts;
  for (const Node* child : node.children) {
    if (const std::optional<Assignment> part = assignment(*child)) {
      for (const Node* variant : sign_variants(*part->value))
        parts.push_back({part->name, variant});
    } else if (!parts.empty() && child->kind != Kind::kRelation) {
      parts.push_back({parts.back().name, child});  // a = 4, -8, -10
    } else {
      return {};
    }
  }
  return parts;
}

std::optional<Outcome> Comparer::assigned(const Node& gold, const Node& prediction) {
  const std::vector<Assignment> a = assignments(gold), b = assignments(prediction);
  if (a.empty() && b.empty()) return std::nullopt;
  if (!a.empty() && !b.empty()) {
    if (a.size() == 1 && b.size() == 1) {
      if (canonical(*a[0].name) == canonical(*b[0].name)) return answers(*a[0].value, *b[0].value);
      if (gold.kind == Kind::kRelation && prediction.kind == Kind::kRelation && gold.text == "=" &&
          prediction.text == "=") {
        return equations(gold, prediction);
      }
      return differ("different_names");
    }
    return named_lists(a, b);
  }
  const std::vector<Assignment>& named = a.empty() ? b : a;
  const Node& other = a.empty() ? gold : prediction;
  if (other.kind == Kind::kRelation) {
    if (other.text != "=" || named.size() != 1 || (a.empty() ? prediction : gold).text != "=")
      return std::nullopt;
    // x = 2 is the solution, 2x = 4 is not: but y = 2x + 1 and 2x - y + 1 = 0 are the same line.
    const bool solved = !contains(*named[0].value, Kind::kSymbol);
    if (solved && policy_.refuse_echo) return differ("echo");
    return equations(gold, prediction);
  }
  if (!policy_.unwrap_assignments) return differ("kinds");
  if (named.size() == 1)
    return a.empty() ? answers(gold, *named[0].value) : answers(*named[0].value, prediction);

  std::vector<const Node*> parts;
  for (const Assignment& part : named) parts.push_back(part.value);
  std::vector<const Node*> bare = members(other);
  bool one_unknown = true;
  for (const Assignment& part : named) {
    one_unknown = one_unknown && part.name->kind == Kind::kSymbol &&
                  stem(part.name->text) == stem(named[0].name->text);
  }
  const Outcome ordered = a.empty() ? in_order(bare, parts, "assigned_in_order")
                                    : in_order(parts, bare, "assigned_in_order");
  if (ordered.equal() || !one_unknown || other.kind == Kind::kTuple) return ordered;
  return a.empty() ? unordered(bare, parts, "list") : unordered(parts, bare, "list");
}

// The same names with equal values; a name that repeats has several.
Outcome Comparer::named_lists(const std::vector<Assignment>& gold,
                              const std::vector<Assignment>& prediction) {
  if (gold.size() != prediction.size()) return differ("different_length");
  std::vector<std::string> names_gold, names;
  for (const Assignment& part : gold) names_gold.push_back(canonical(*part.name));
  for (const Assignment& part : prediction) names.push_back(canonical(*part.name));
  std::vector<std::string> sorted_gold = names_gold, sorted = names;
  std::sort(sorted_gold.begin(), sorted_gold.end());
  std::sort(sorted.begin(), sorted.end());
  if (sorted_gold != sorted) return differ("different_names");
  sorted.erase(std::unique(sorted.begin(), sorted.end()), sorted.end());
  for (const std::string& name : sorted) {
    std::vector<const Node*> a, b;
    for (size_t i = 0; i < gold.size(); ++i) {
      if (names_gold[i] == name) a.push_back(gold[i].value);
      if (names[i] == name) b.push_back(prediction[i].value);
    }
    const Outcome outcome = unordered(a, b, "assigned");
    if (!outcome.equal()) return outcome;
  }
  return same("assigned");
}

const Node* Comparer::difference_of_sides(const Node& node) {
  const Node* negative = tree_.make(Kind::kNegate, {node.children[1]});
  return tree_.make(Kind::kAdd, {node.children[0], negative});
}

// Whether a = c b for a rational c, whose sign is returned.
Outcome Comparer::proportional(const Node& a, const Node& b, int& sign) {
  const Names names = names_of(a, b);
  for (int k = 0; k < kMaxPoints; ++k) {
    Bindings point;
    for (size_t i = 0; i < names.size(); ++i) {
      point.emplace_back(
          names[i],
          Rational(1 + (static_cast<int64_t>(i) * 7 + k * (static_cast<int64_t>(i) + 3)) % 23,
                   1 + k % 3));
    }
    Rational value_a, value_b;
    const Status status_a = evaluate_rational(a, point, budget_, value_a);
    const Status status_b = evaluate_rational(b, point, budget_, value_b);
    if (status_a == Status::kUnsupported || status_b == Status::kUnsupported) break;
    if (status_a == Status::kTooLarge || status_b == Status::kTooLarge)
      return {Verdict::kBudgetExceeded, "size", false};
    if (status_a != Status::kOk || status_b != Status::kOk) continue;
    if (value_a.sign() == 0 && value_b.sign() == 0) continue;
    if (value_a.sign() == 0 || value_b.sign() == 0) return differ("equation");
    value_a.divide(value_b);
    sign = value_a.sign();
    const Outcome outcome = values(a, *times(b, value_a));
    return outcome.equal() ? same("equation") : outcome;
  }
  sign = 1;
  const Outcome plain = values(a, b);
  if (plain.equal()) return same("equation");
  sign = -1;
  const Outcome turned = values(a, *times(b, Rational(-1)));
  return turned.equal() ? same("equation") : plain;
}

Outcome Comparer::equations(const Node& gold, const Node& prediction) {
  if (gold.text == "%") {
    const Outcome left = values(*gold.children[0], *prediction.children[0]);
    const Outcome modulus = values(*gold.children[2], *prediction.children[2]);
    if (!left.equal() || !modulus.equal()) return left.equal() ? modulus : left;
    Rational a, b, m;
    const bool known = evaluate_rational(*gold.children[1], {}, budget_, a) == Status::kOk &&
                       evaluate_rational(*prediction.children[1], {}, budget_, b) == Status::kOk &&
                       evaluate_rational(*gold.children[2], {}, budget_, m) == Status::kOk &&
                       m.sign() != 0;
    if (!known) return values(*gold.children[1], *prediction.children[1]);
    a.subtract(b);
    a.divide(m);
    return a.is_integer() ? same("congruence") : differ("congruence");
  }
  if (gold.children.size() != 2 || prediction.children.size() != 2)
    return inequalities(gold, prediction);
  int sign = 0;
  return proportional(*difference_of_sides(gold), *difference_of_sides(prediction), sign);
}

Outcome Comparer::inequalities(const Node& gold, const Node& prediction) {
  const auto a = gold.children, b = prediction.children;
  std::string turned(prediction.text.rbegin(), prediction.text.rend());
  std::transform(turned.begin(), turned.end(), turned.begin(), flipped);
  if (a.size() == b.size() && gold.text == prediction.text && in_order(a, b, "relation").equal())
    return same("relation");
  const std::vector<const Node*> reversed(b.rbegin(), b.rend());
  if (a.size() == b.size() && gold.text == turned && in_order(a, reversed, "relation").equal())
    return same("relation");
  if (a.size() != 2 || b.size() != 2 || gold.text == "e" || prediction.text == "e")
    return differ("relation");
  const bool straight = gold.text == prediction.text, crossed = gold.text == turned;
  if (!straight && !crossed) return differ("relation");
  int sign = 0;
  const Outcome outcome =
      proportional(*difference_of_sides(gold), *difference_of_sides(prediction), sign);
  if (!outcome.equal()) return outcome;
  return (sign > 0 && straight) || (sign < 0 && crossed) ? same("relation") : differ("relation");
}

}  // namespace r1::rewards::math::engine
