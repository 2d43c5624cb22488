// Compares two parsed answers. Each kind of answer has its file compare_*.cc; their leaves meet in
// values().
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rewards/math/ast.h"
#include "rewards/math/budget.h"
#include "rewards/math/math.h"
#include "rewards/math/units.h"

namespace r1::rewards::math::engine {

struct Outcome {
  Verdict verdict = Verdict::kUndecided;
  const char* rule = "";
  bool about_gold = false;  // an undefined or oversized value stands in the reference

  bool equal() const { return verdict == Verdict::kEqual; }
};

// One comparison; not to be shared between threads. In every function the first node is the
// reference's.
class Comparer {
 public:
  Comparer(Tree& tree, Budget& budget, const Policy& policy, uint64_t seed)
      : tree_(tree), budget_(budget), policy_(policy), seed_(seed) {}

  Outcome answers(const Node& gold, const Node& prediction);

  // Two values without structure: numbers, constants, expressions with names.
  Outcome values(const Node& a, const Node& b);

 private:
  // Names that stand for a number somewhere in a tree.
  using Names = std::vector<std::string_view>;
  struct Assignment {
    const Node* name = nullptr;
    const Node* value = nullptr;
  };
  // A piece of the real line; a null end is infinite.
  struct Piece {
    const Node* low = nullptr;
    const Node* high = nullptr;
    bool low_closed = false, high_closed = false;
  };
  struct Region {
    std::vector<Piece> pieces;
    std::string variable;   // canonical name; empty if none is named
    bool unsolved = false;  // an absolute value was solved on the way
  };
  struct Measure {
    const Node* value = nullptr;
    Unit unit;
  };
  struct Decimal;

  // compare.cc: which rule applies
  const Node& essence(const Node& node);
  Outcome by_kind(const Node& gold, const Node& prediction);
  Outcome unwrapped(const Node& gold, const Node& prediction);
  Outcome choices(const Node& gold, const Node& prediction);
  Outcome texts(const Node& gold, const Node& prediction);
  Outcome ratios(const Node& gold, const Node& prediction);
  Outcome times(const Node& gold, const Node& prediction);
  Outcome based(const Node& gold, const Node& prediction);

  // compare_values.cc
  Outcome constants(const Node& a, const Node& b);
  Outcome constants_by_precision(const Node& a, const Node& b);
  Outcome with_names(const Node& a, const Node& b, const Names& names);
  std::optional<Outcome> at_modular_points(const Node& a, const Node& b, const Names& names);
  Outcome at_real_points(const Node& a, const Node& b, const Names& names);
  Status normal_form(const Node& a, const Node& b, const Names& names, bool* zero = nullptr);
  std::optional<Outcome> exactly(const Node& a, const Node& b);
  std::optional<Outcome> infinities(const Node& a, const Node& b);
  Names names_of(const Node& a, const Node& b) const;

  // compare_rounding.cc
  bool is_rounding(const Node& a, const Node& b);
  std::optional<Decimal> written_decimal(const Node& node);
  bool rounds_to(const Decimal& decimal, const Node& value);

  // compare_relations.cc
  std::optional<Assignment> assignment(const Node& node) const;
  bool is_name(const Node& node) const;
  std::vector<Assignment> assignments(const Node& node);
  std::optional<Outcome> assigned(const Node& gold, const Node& prediction);
  Outcome named_lists(const std::vector<Assignment>& gold,
                      const std::vector<Assignment>& prediction);
  Outcome equations(const Node& gold, const Node& prediction);
  Outcome inequalities(const Node& gold, const Node& prediction);
  Outcome proportional(const Node& a, const Node& b, int& sign);
  const Node* difference_of_sides(const Node& relation);

  // compare_regions.cc
  bool is_region(const Node& node) const;
  std::optional<Outcome> regions(const Node& gold, const Node& prediction);
  std::optional<Region> region(const Node& node);
  std::optional<Region> region_of_relation(const Node& node);
  std::optional<Region> region_of_list(const Node& node);
  std::optional<Region> half_line(const Node& left, char sign, const Node& right);
  std::optional<Region> solve_linear(const Node& left, char sign, const Node& right);
  std::optional<Region> solve_absolute(const Node& node);
  std::optional<int> order(const Node* a, const Node* b, int infinity);
  std::optional<std::vector<Piece>> merge(std::vector<Piece> pieces);
  std::optional<std::vector<Piece>> intersect(const std::vector<Piece>& a,
                                              const std::vector<Piece>& b);
  std::optional<std::vector<Piece>> complement(const std::vector<Piece>& pieces);
  std::optional<bool> same_pieces(const std::vector<Piece>& a, const std::vector<Piece>& b);
  std::optional<bool> is_empty(const Piece& piece);

  // compare_collections.cc
  std::vector<const Node*> members(const Node& node);
  Outcome collections(const Node& gold, const Node& prediction);
  Outcome in_order(std::span<const Node* const> a, std::span<const Node* const> b,
                   const char* rule);
  Outcome unordered(std::span<const Node* const> a, std::span<const Node* const> b,
                    const char* rule);
  Outcome as_sets(std::span<const Node* const> a, std::span<const Node* const> b);
  std::vector<const Node*> sign_variants(const Node& node);

  // compare_matrices.cc
  const Node* lower(const Node& node);
  const Node* combine(const Node& node, const std::vector<const Node*>& children);
  const Node* determinant(const Node& matrix);
  const Node* minor(const Node& matrix, int row, int column);
  const Node* matrix_product(const Node& a, const Node& b);
  const Node* matrix_power(const Node& matrix, const Node& exponent);
  const Node* matrix_inverse(const Node& matrix);
  const Node* transpose(const Node& matrix);
  const Node* scaled_matrix(const Node& matrix, const Node& factor, Kind kind);
  Outcome matrices(const Node& gold, const Node& prediction);

  // compare_measures.cc
  std::optional<Measure> measure(const Node& node);
  std::optional<Measure> symbol_measure(const Node& node);
  std::optional<Outcome> measures(const Node& gold, const Node& prediction);
  Outcome percents(const Node& gold, const Node& prediction);
  Outcome angles(const Node& gold, const Node& prediction);

  const Node* times(const Node& node, const Rational& factor);
  Outcome same(const char* rule) const { return {Verdict::kEqual, rule, false}; }
  Outcome differ(const char* rule) const { return {Verdict::kNotEqual, rule, false}; }

  Tree& tree_;
  Budget& budget_;
  const Policy& policy_;
  uint64_t seed_;
  bool decimal_log_ = false;
};

}  // namespace r1::rewards::math::engine
