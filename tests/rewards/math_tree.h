// Expression trees with a value of their own: the ground truth of the generated pairs. Nothing here
// knows the math rewarder; values are complex numbers with a running error bound, so "different" is
// a proof.
#pragma once

#include <complex>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/philox.h"

namespace r1::rewards::math {

// The random draws of one pair: a pure function of (seed, index).
class Dice {
 public:
  Dice(uint64_t seed, uint64_t index)
      : stream_(seed, "math_pairs", Purpose::kData), index_(index) {}

  int64_t range(int64_t low, int64_t high) {  // both ends included
    return low + stream_.below(static_cast<uint32_t>(high - low + 1), index_, 0, draw_++);
  }
  bool chance(int percent) { return range(1, 100) <= percent; }
  template <class T>
  const T& pick(const std::vector<T>& from) {
    return from[static_cast<size_t>(range(0, static_cast<int64_t>(from.size()) - 1))];
  }
  template <class T>
  void shuffle(std::vector<T>& items) {
    for (size_t i = items.size(); i > 1; --i) {
      std::swap(items[i - 1], items[static_cast<size_t>(range(0, static_cast<int64_t>(i) - 1))]);
    }
  }

 private:
  RandomStream stream_;
  uint64_t index_;
  uint32_t draw_ = 0;
};

enum class Op {
  kNumber,     // numerator / denominator, in lowest terms, denominator > 0
  kSymbol,     // n, k, m stand for whole numbers, other letters for real ones
  kConstant,   // "pi", "e", "i"
  kSum,        // two arguments or more
  kProduct,    // two arguments or more
  kQuotient,   // numerator, denominator
  kPower,      // base, exponent
  kRoot,       // radicand; `numerator` is the index
  kNegate,     // one argument
  kCall,       // sin, cos, tan, sec, csc, cot, sinh, cosh, arcsin, arccos, arctan, ln, exp, abs
  kLog,        // base, argument
  kFactorial,  // one argument
  kBinomial,   // upper, lower
};

struct Node;
using Tree = std::shared_ptr<const Node>;
struct Node {
  Op op = Op::kNumber;
  int64_t numerator = 0;
  int64_t denominator = 1;
  std::string name;
  std::vector<Tree> args;
};

Tree number(int64_t numerator, int64_t denominator = 1);  // reduced here
Tree symbol(const std::string& name);
Tree constant(const std::string& name);
Tree make(Op op, std::vector<Tree> args);
Tree root(Tree radicand, int64_t index = 2);
Tree call(const std::string& name, Tree argument);
inline Tree sum(std::vector<Tree> args) { return make(Op::kSum, std::move(args)); }
inline Tree product(std::vector<Tree> args) { return make(Op::kProduct, std::move(args)); }
inline Tree quotient(Tree a, Tree b) { return make(Op::kQuotient, {std::move(a), std::move(b)}); }
inline Tree power(Tree a, Tree b) { return make(Op::kPower, {std::move(a), std::move(b)}); }
inline Tree negate(Tree a) { return make(Op::kNegate, {std::move(a)}); }

bool is_number(const Tree& tree);
bool is_integer(const Tree& tree);
bool is_call(const Tree& tree, const std::string& name);
int64_t size(const Tree& tree);  // nodes
bool has_symbol(const Tree& tree);

// The tree with its `position`-th node (preorder) replaced by change(node); nullopt where change
// gives none.
std::optional<Tree> replace_at(const Tree& tree, int64_t position,
                               const std::function<std::optional<Tree>(const Tree&)>& change);

// A value and a bound on its distance from the true one; the bound is infinite where there is no
// value.
struct Ball {
  std::complex<long double> mid = 0;
  long double radius = 0;
};
using Point = std::map<std::string, long double>;  // values of the symbols
Ball evaluate(const Tree& tree, const Point& point);
bool apart(const Ball& a, const Ball& b);  // both have values, and these differ

// Proofs and checks at several points drawn from `dice`. Constants need one point.
bool provably_different(const Tree& a, const Tree& b, Dice& dice);
bool agree(const Tree& a, const Tree& b, Dice& dice);

// LaTeX in a notation drawn from `dice`: any notation that leaves no doubt about the tree.
struct Notation {
  bool grouping = true;  // thousands groups; off inside lists, where a comma separates
  bool plain = false;    // sqrt(2), 2*x, a/b instead of macros
};
std::string latex(const Tree& tree, Dice& dice, const Notation& notation = {});

}  // namespace r1::rewards::math
