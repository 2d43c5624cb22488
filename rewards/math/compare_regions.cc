// Subsets of the real line: intervals, unions, solved inequalities.
#include <algorithm>

#include "rewards/math/compare.h"
#include "rewards/math/evaluate.h"
#include "rewards/math/fields.h"

namespace r1::rewards::math::engine {
namespace {

constexpr size_t kMaxPieces = 32;
constexpr std::string_view kOrderSigns = "<>lg#";

bool is_infinite(const Node& node) {
  return node.kind == Kind::kInfinity ||
         (node.kind == Kind::kNegate && is_infinite(*node.children[0]));
}
bool is_negative_infinity(const Node& node) {
  return node.kind == Kind::kNegate && node.children[0]->kind == Kind::kInfinity;
}

bool has_order_sign(const Node& node) {
  return node.kind == Kind::kRelation &&
         node.text.find_first_of(kOrderSigns) != std::string_view::npos;
}

void replace(const Node& node, std::string_view name, const Node* value, Tree& tree,
             const Node*& out) {
  if (node.kind == Kind::kSymbol && node.text == name) {
    out = value;
    return;
  }
  if (node.children.empty()) {
    out = &node;
    return;
  }
  std::vector<const Node*> children(node.children.size());
  for (size_t i = 0; i < children.size(); ++i)
    replace(*node.children[i], name, value, tree, children[i]);
  Node* copy = tree.make(node.kind, children, node.begin, node.end);
  const auto kept = copy->children;
  *copy = node;
  copy->children = kept;
  out = copy;
}

// Whether `name` stands only in sums and in products with factors free of it: then the tree is
// linear in it.
bool is_linear(const Node& node, std::string_view name) {
  const auto has_name = [name](const Node& part) {
    const auto search = [name](const auto& self, const Node& inner) -> bool {
      if (inner.kind == Kind::kSymbol && inner.text == name) return true;
      return std::any_of(inner.children.begin(), inner.children.end(),
                         [&](const Node* child) { return self(self, *child); });
    };
    return search(search, part);
  };
  if (!has_name(node) || node.kind == Kind::kSymbol) return true;
  switch (node.kind) {
    case Kind::kNegate:
    case Kind::kAdd:
      return std::all_of(node.children.begin(), node.children.end(),
                         [&](const Node* child) { return is_linear(*child, name); });
    case Kind::kMultiply: {
      const auto holding = std::count_if(node.children.begin(), node.children.end(),
                                         [&](const Node* child) { return has_name(*child); });
      return holding == 1 &&
             std::all_of(node.children.begin(), node.children.end(),
                         [&](const Node* child) { return is_linear(*child, name); });
    }
    case Kind::kDivide:
      return !has_name(*node.children[1]) && is_linear(*node.children[0], name);
    default:
      return false;
  }
}

}  // namespace

// Certainly a set of reals: mixed brackets, an infinite end, a union, an inequality.
bool Comparer::is_region(const Node& node) const {
  switch (node.kind) {
    case Kind::kTuple:
      if (node.children.size() != 2 || node.open == '<') return false;
      return (node.open == '(') != (node.close == ')') || is_infinite(*node.children[0]) ||
             is_infinite(*node.children[1]);
    case Kind::kUnion:
    case Kind::kIntersection:
    case Kind::kDifference:
      return true;
    case Kind::kNamedSet:
      return node.text == "R" || node.text == "R^+" || node.text == "R^-";
    case Kind::kRelation:
      return has_order_sign(node) || (node.text == "e" && is_region(*node.children[1]));
    case Kind::kList:
      return std::all_of(node.children.begin(), node.children.end(),
                         [](const Node* child) { return child->kind == Kind::kRelation; }) &&
             std::any_of(node.children.begin(), node.children.end(),
                         [this](const Node* child) { return is_region(*child); });
    default:
      return false;
  }
}

std::optional<Outcome> Comparer::regions(const Node& gold, const Node& prediction) {
  const std::optional<Region> a = region(gold), b = region(prediction);
  if (a && b) {
    if (!a->variable.empty() && !b->variable.empty() && a->variable != b->variable)
      return differ("different_names");
    if (b->unsolved && !a->unsolved && policy_.refuse_echo) return differ("echo");
    const std::optional<bool> equal = same_pieces(a->pieces, b->pieces);
    if (!equal) return Outcome{Verdict::kUndecided, "no_rule", false};
    return *equal ? same("interval_set") : differ("interval_set");
  }
  if (a && !b && (prediction.kind == Kind::kRelation || prediction.kind == Kind::kList) &&
      policy_.refuse_echo) {
    return differ("echo");
  }
  const bool relations = gold.kind == Kind::kRelation && prediction.kind == Kind::kRelation;
  const bool lists = gold.kind == Kind::kList || prediction.kind == Kind::kList;
  if (relations || lists) return std::nullopt;
  if (gold.kind == Kind::kNamedSet && prediction.kind == Kind::kNamedSet) {
    return gold.text == prediction.text ? same("named_set") : differ("named_set");
  }
  const bool same_form =
      gold.kind == prediction.kind && gold.kind != Kind::kTuple && !gold.children.empty();
  if (same_form && in_order(gold.children, prediction.children, "set").equal()) return same("set");
  if (gold.kind == Kind::kTuple && prediction.kind == Kind::kTuple) return std::nullopt;
  return differ("kinds");
}

std::optional<Comparer::Region> Comparer::region(const Node& node) {
  if (!budget_.spend(1)) return std::nullopt;
  switch (node.kind) {
    case Kind::kEmptySet:
      return Region{};
    case Kind::kNamedSet: {
      const Node* zero = tree_.number(Rational(0));
      if (node.text == "R^+") return Region{{{zero, nullptr, false, false}}, "", false};
      if (node.text == "R^-") return Region{{{nullptr, zero, false, false}}, "", false};
      return node.text == "R" ? std::optional(Region{{Piece{}}, "", false}) : std::nullopt;
    }
    case Kind::kTuple: {
      if (node.children.size() != 2 || node.open == '<') return std::nullopt;
      Piece piece{node.children[0], node.children[1], node.open == '[', node.close == ']'};
      if (is_infinite(*piece.low)) {
        if (!is_negative_infinity(*piece.low)) return std::nullopt;
        piece.low = nullptr;
      }
      if (is_infinite(*piece.high)) {
        if (is_negative_infinity(*piece.high)) return std::nullopt;
        piece.high = nullptr;
      }
      return Region{{piece}, "", false};
    }
    case Kind::kSet: {
      if (node.text == "builder") return std::nullopt;
      Region points;
      for (const Node* member : members(node)) {
        if (member->kind == Kind::kTuple || member->kind == Kind::kList ||
            member->kind == Kind::kSet)
          return std::nullopt;
        points.pieces.push_back({member, member, true, true});
      }
      return points;
    }
    case Kind::kUnion:
    case Kind::kIntersection:
    case Kind::kDifference: {
      std::optional<Region> a = region(*node.children[0]), b = region(*node.children[1]);
      if (!a || !b) return std::nullopt;
      Region result{
          {}, a->variable.empty() ? b->variable : a->variable, a->unsolved || b->unsolved};
      std::optional<std::vector<Piece>> pieces;
      if (node.kind == Kind::kUnion) {
        a->pieces.insert(a->pieces.end(), b->pieces.begin(), b->pieces.end());
        pieces = merge(std::move(a->pieces));
      } else if (node.kind == Kind::kIntersection) {
        pieces = intersect(a->pieces, b->pieces);
      } else if (const auto outside = complement(b->pieces)) {
        pieces = intersect(a->pieces, *outside);
      }
      if (!pieces) return std::nullopt;
      result.pieces = std::move(*pieces);
      return result;
    }
    case Kind::kRelation:
      return region_of_relation(node);
    case Kind::kList:
      return region_of_list(node);
    default:
      return std::nullopt;
  }
}

// "or" joins, "and" cuts; a comma, and an "and" that would leave nothing, is read as it makes
// sense.
std::optional<Comparer::Region> Comparer::region_of_list(const Node& node) {
  Region all;
  std::optional<std::vector<Piece>> cut;
  for (const Node* child : node.children) {
    std::optional<Region> part = region(*child);
    if (!part) return std::nullopt;
    if (!all.variable.empty() && !part->variable.empty() && all.variable != part->variable)
      return std::nullopt;
    if (all.variable.empty()) all.variable = part->variable;
    all.unsolved = all.unsolved || part->unsolved;
    cut = cut ? intersect(*cut, part->pieces) : part->pieces;
    if (!cut) return std::nullopt;
    all.pieces.insert(all.pieces.end(), part->pieces.begin(), part->pieces.end());
  }
  if (node.text != "or" && cut && !cut->empty()) {
    all.pieces = std::move(*cut);
    return all;
  }
  std::optional<std::vector<Piece>> joined = merge(std::move(all.pieces));
  if (!joined) return std::nullopt;
  all.pieces = std::move(*joined);
  return all;
}

std::optional<Comparer::Region> Comparer::region_of_relation(const Node& node) {
  const auto members_of = node.children;
  if (node.text == "e") {
    if (!is_name(*members_of[0])) return std::nullopt;
    std::optional<Region> inner = region(*members_of[1]);
    if (inner) inner->variable = canonical(*members_of[0]);
    return inner;
  }
  if (node.text.find_first_not_of("<>lg#=") != std::string_view::npos) return std::nullopt;
  if (std::optional<Region> absolute = solve_absolute(node)) return absolute;
  // a < x < b with whatever ends: no order between a and b is needed.
  const std::string_view signs = node.text;
  const bool rising = signs.size() == 2 && signs.find_first_not_of("<l") == std::string_view::npos;
  const bool falling = signs.size() == 2 && signs.find_first_not_of(">g") == std::string_view::npos;
  if ((rising || falling) && is_name(*members_of[1])) {
    const Node* low = members_of[rising ? 0 : 2];
    const Node* high = members_of[rising ? 2 : 0];
    const char low_sign = signs[rising ? 0 : 1], high_sign = signs[rising ? 1 : 0];
    const auto closed = [](char sign) {
      return sign == relation::kLessEqual || sign == relation::kGreaterEqual;
    };
    Piece piece{is_infinite(*low) ? nullptr : low, is_infinite(*high) ? nullptr : high,
                closed(low_sign), closed(high_sign)};
    return Region{{piece}, canonical(*members_of[1]), false};
  }
  Region result;
  std::optional<std::vector<Piece>> cut;
  for (size_t i = 0; i + 1 < members_of.size(); ++i) {
    std::optional<Region> part = half_line(*members_of[i], signs[i], *members_of[i + 1]);
    if (!part) return std::nullopt;
    if (!result.variable.empty() && result.variable != part->variable) return std::nullopt;
    result.variable = part->variable;
    cut = cut ? intersect(*cut, part->pieces) : part->pieces;
    if (!cut) return std::nullopt;
  }
  result.pieces = std::move(*cut);
  return result;
}

// One comparison of a name with a value; otherwise one that is linear in its only name.
std::optional<Comparer::Region> Comparer::half_line(const Node& left, char sign,
                                                    const Node& right) {
  const bool name_left = is_name(left), name_right = is_name(right);
  if (name_left == name_right) return name_left ? std::nullopt : solve_linear(left, sign, right);
  const Node& name = name_left ? left : right;
  const Node& end = name_left ? right : left;
  if (name.kind == Kind::kSymbol) {
    const Names inside = names_of(end, end);
    if (std::find(inside.begin(), inside.end(), name.text) != inside.end())
      return solve_linear(left, sign, right);
  }
  if (!name_left) {
    const size_t place = std::string_view("<>lg").find(sign);
    if (place != std::string_view::npos) sign = "><gl"[place];
  }
  Region result{{}, canonical(name), false};
  const Node* bound = &end;
  switch (sign) {
    case relation::kLess:
      result.pieces = {{nullptr, bound, false, false}};
      break;
    case relation::kLessEqual:
      result.pieces = {{nullptr, bound, false, true}};
      break;
    case relation::kGreater:
      result.pieces = {{bound, nullptr, false, false}};
      break;
    case relation::kGreaterEqual:
      result.pieces = {{bound, nullptr, true, false}};
      break;
    case relation::kEqual:
      result.pieces = {{bound, bound, true, true}};
      break;
    default:
      result.pieces = {{nullptr, bound, false, false}, {bound, nullptr, false, false}};
      break;
  }
  if (is_infinite(end)) return std::nullopt;
  return result;
}

// a x + b against 0: the end is -b/a, and a negative a turns the sign.
std::optional<Comparer::Region> Comparer::solve_linear(const Node& left, char sign,
                                                       const Node& right) {
  const Names names = names_of(left, right);
  if (names.size() != 1 || !is_linear(left, names[0]) || !is_linear(right, names[0]))
    return std::nullopt;
  const Node* difference = tree_.make(Kind::kAdd, {&left, tree_.make(Kind::kNegate, {&right})});
  const Node* at_zero = nullptr;
  const Node* at_one = nullptr;
  replace(*difference, names[0], tree_.number(Rational(0)), tree_, at_zero);
  replace(*difference, names[0], tree_.number(Rational(1)), tree_, at_one);
  const Node* slope = tree_.make(Kind::kAdd, {at_one, tree_.make(Kind::kNegate, {at_zero})});
  const std::optional<int> direction = order(slope, tree_.number(Rational(0)), 0);
  if (!direction || *direction == 0) return std::nullopt;
  if (*direction < 0) {
    const size_t place = std::string_view("<>lg").find(sign);
    if (place != std::string_view::npos) sign = "><gl"[place];
  }
  const Node* end = tree_.make(Kind::kDivide, {tree_.make(Kind::kNegate, {at_zero}), slope});
  Node* name = tree_.make(Kind::kSymbol);
  name->text = names[0];
  return half_line(*name, sign, *end);
}

// |x| between constants: both halves. Marked as unsolved.
std::optional<Comparer::Region> Comparer::solve_absolute(const Node& node) {
  const Node* inner = nullptr;
  std::vector<const Node*> parts;
  Node* stand_in = tree_.make(Kind::kSymbol);
  stand_in->text = "\\absolute";
  for (const Node* member : node.children) {
    const bool absolute =
        member->kind == Kind::kAbsolute && member->children[0]->kind == Kind::kSymbol;
    if (absolute && inner != nullptr) return std::nullopt;
    if (absolute) inner = member->children[0];
    if (!absolute && contains(*member, Kind::kSymbol)) return std::nullopt;
    parts.push_back(absolute ? stand_in : member);
  }
  if (inner == nullptr) return std::nullopt;
  Node* plain = tree_.make(Kind::kRelation, parts, node.begin, node.end);
  plain->text = node.text;
  std::optional<Region> sizes = region_of_relation(*plain);
  if (!sizes) return std::nullopt;
  std::optional<std::vector<Piece>> positive =
      intersect(sizes->pieces, {{tree_.number(Rational(0)), nullptr, true, false}});
  if (!positive) return std::nullopt;
  std::vector<Piece> both = *positive;
  for (const Piece& piece : *positive) {
    const auto mirrored = [this](const Node* end) {
      return end == nullptr ? nullptr : tree_.make(Kind::kNegate, {end});
    };
    both.push_back(
        {mirrored(piece.high), mirrored(piece.low), piece.high_closed, piece.low_closed});
  }
  std::optional<std::vector<Piece>> pieces = merge(std::move(both));
  if (!pieces) return std::nullopt;
  return Region{std::move(*pieces), canonical(*inner), true};
}

// -1, 0 or 1; null ends are infinite with the given sign, two of them are equal. None if the order
// cannot be told.
std::optional<int> Comparer::order(const Node* a, const Node* b, int infinity) {
  if (a == nullptr || b == nullptr) {
    if (a == b) return 0;
    return a == nullptr ? infinity : -infinity;
  }
  Rational value_a, value_b;
  if (evaluate_rational(*a, {}, budget_, value_a) == Status::kOk &&
      evaluate_rational(*b, {}, budget_, value_b) == Status::kOk) {
    return value_a.compare(value_b);
  }
  if (!names_of(*a, *b).empty()) return std::nullopt;
  if (constants_by_precision(*a, *b).equal()) return 0;
  for (const int64_t precision : {64, 512}) {
    BallField field(budget_, precision, true);
    Ball ball_a, ball_b;
    if (Evaluator<BallField>(field, budget_, {}, decimal_log_)(*a, ball_a) != Status::kOk)
      return std::nullopt;
    if (Evaluator<BallField>(field, budget_, {}, decimal_log_)(*b, ball_b) != Status::kOk)
      return std::nullopt;
    ball_a.subtract(ball_b, precision);
    if (!ball_a.is_real()) return std::nullopt;
    if (ball_a.sign() != 0) return ball_a.sign();
  }
  return std::nullopt;
}

std::optional<bool> Comparer::is_empty(const Piece& piece) {
  if (piece.low == nullptr || piece.high == nullptr) return false;
  const std::optional<int> ends = order(piece.low, piece.high, 0);
  if (!ends) return std::nullopt;
  return *ends > 0 || (*ends == 0 && !(piece.low_closed && piece.high_closed));
}

// Sorted, without empty pieces, touching ones joined. None if an order cannot be told.
std::optional<std::vector<Comparer::Piece>> Comparer::merge(std::vector<Piece> pieces) {
  if (pieces.size() > kMaxPieces) return std::nullopt;
  std::vector<Piece> sorted;
  for (const Piece& piece : pieces) {
    const std::optional<bool> empty = is_empty(piece);
    if (!empty) return std::nullopt;
    if (*empty) continue;
    size_t place = 0;
    for (; place < sorted.size(); ++place) {
      const std::optional<int> lows = order(piece.low, sorted[place].low, -1);
      if (!lows) return std::nullopt;
      if (*lows < 0 || (*lows == 0 && piece.low_closed && !sorted[place].low_closed)) break;
    }
    sorted.insert(sorted.begin() + static_cast<std::ptrdiff_t>(place), piece);
  }
  std::vector<Piece> joined;
  for (const Piece& piece : sorted) {
    if (joined.empty()) {
      joined.push_back(piece);
      continue;
    }
    Piece& last = joined.back();
    const std::optional<int> gap = last.high == nullptr   ? 1
                                   : piece.low == nullptr ? 1
                                                          : order(last.high, piece.low, 0);
    if (!gap) return std::nullopt;
    if (*gap < 0 || (*gap == 0 && !last.high_closed && !piece.low_closed)) {
      joined.push_back(piece);
      continue;
    }
    const std::optional<int> highs = order(last.high, piece.high, 1);
    if (!highs) return std::nullopt;
    if (*highs < 0) {
      last.high = piece.high;
      last.high_closed = piece.high_closed;
    } else if (*highs == 0) {
      last.high_closed = last.high_closed || piece.high_closed;
    }
  }
  return joined;
}

std::optional<std::vector<Comparer::Piece>> Comparer::intersect(const std::vector<Piece>& a,
                                                                const std::vector<Piece>& b) {
  std::vector<Piece> common;
  for (const Piece& x : a) {
    for (const Piece& y : b) {
      const std::optional<int> lows = order(x.low, y.low, -1), highs = order(x.high, y.high, 1);
      if (!lows || !highs) return std::nullopt;
      Piece piece;
      piece.low = *lows >= 0 ? x.low : y.low;
      piece.low_closed = *lows > 0   ? x.low_closed
                         : *lows < 0 ? y.low_closed
                                     : x.low_closed && y.low_closed;
      piece.high = *highs <= 0 ? x.high : y.high;
      piece.high_closed = *highs < 0   ? x.high_closed
                          : *highs > 0 ? y.high_closed
                                       : x.high_closed && y.high_closed;
      common.push_back(piece);
      if (common.size() > kMaxPieces * 4) return std::nullopt;
    }
  }
  return merge(std::move(common));
}

std::optional<std::vector<Comparer::Piece>> Comparer::complement(const std::vector<Piece>& pieces) {
  const std::optional<std::vector<Piece>> sorted = merge(pieces);
  if (!sorted) return std::nullopt;
  std::vector<Piece> outside;
  Piece gap;  // from the end of the piece before
  bool open_gap = true;
  for (const Piece& piece : *sorted) {
    if (piece.low != nullptr) {
      gap.high = piece.low;
      gap.high_closed = !piece.low_closed;
      outside.push_back(gap);
    }
    open_gap = piece.high != nullptr;
    gap = {piece.high, nullptr, !piece.high_closed, false};
  }
  if (open_gap) outside.push_back(gap);
  return merge(std::move(outside));
}

std::optional<bool> Comparer::same_pieces(const std::vector<Piece>& a,
                                          const std::vector<Piece>& b) {
  std::vector<Piece> left = a, right = b;
  const std::optional<std::vector<Piece>> merged_a = merge(a), merged_b = merge(b);
  if (merged_a && merged_b) {
    left = *merged_a;
    right = *merged_b;
  } else if (a.size() != 1 || b.size() != 1) {
    return std::nullopt;
  }
  if (left.size() != right.size()) return false;
  for (size_t i = 0; i < left.size(); ++i) {
    const Piece& x = left[i];
    const Piece& y = right[i];
    if ((x.low == nullptr) != (y.low == nullptr) || (x.high == nullptr) != (y.high == nullptr))
      return false;
    if (x.low != nullptr && x.low_closed != y.low_closed) return false;
    if (x.high != nullptr && x.high_closed != y.high_closed) return false;
    for (const auto& [end_a, end_b] : {std::pair(x.low, y.low), std::pair(x.high, y.high)}) {
      if (end_a == nullptr) continue;
      const Outcome ends = values(*end_a, *end_b);
      if (ends.verdict == Verdict::kNotEqual) return false;
      if (!ends.equal()) return std::nullopt;
    }
  }
  return true;
}

}  // namespace r1::rewards::math::engine
