// Generated pairs of answers whose equality is known by construction. Equal pairs: a tree printed
// twice, rewritten by identities in between. Near misses: one digit, sign, bracket, exponent or
// member changed, and proven to differ.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "tests/rewards/math_tree.h"

namespace r1::rewards::math {

struct Pair {
  std::string kind;
  std::string gold;
  std::string prediction;
  bool equal = false;
  bool symmetric = true;  // the policy treats both sides alike
};

// `count` distinct pairs, all equal or all near misses: a pure function of the arguments.
std::vector<Pair> generated_pairs(size_t count, bool equal, uint64_t seed = 1);

// A kind makes a pair from dice; nullopt where the draw was not usable (another one is tried).
struct Kind {
  const char* name;
  std::optional<Pair> (*make)(Dice& dice, bool equal);
};
const std::vector<Kind>& expression_kinds();
const std::vector<Kind>& region_kinds();
const std::vector<Kind>& container_kinds();
const std::vector<Kind>& quantity_kinds();

// A small constant: whole number, fraction or surd.
Tree small_constant(Dice& dice);
// A member of a list: without thousands groups, because a comma separates there.
std::string cell(const Tree& tree, Dice& dice);
std::string joined(const std::vector<std::string>& parts, const std::string& separator);

inline Pair symmetric_pair(std::string gold, std::string prediction) {
  return {"", std::move(gold), std::move(prediction), false, true};
}
inline Pair one_way_pair(std::string gold, std::string prediction) {
  return {"", std::move(gold), std::move(prediction), false, false};
}

}  // namespace r1::rewards::math
