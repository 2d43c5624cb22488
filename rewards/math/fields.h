// The kinds of numbers that a value is evaluated in (evaluate.h), cheapest first.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <string_view>
#include <vector>

#include "rewards/math/budget.h"
#include "rewards/math/exact.h"

namespace r1::rewards::math::engine {

class RationalField {
 public:
  using Value = Rational;
  explicit RationalField(Budget& budget) : budget_(budget) {}

  Value make() const { return {}; }
  Status set(Value& out, const Rational& value);
  Status set(Value&, Constant) { return Status::kUnsupported; }
  Status set_symbol(Value&, std::string_view) { return Status::kUnsupported; }
  Status add(Value& x, const Value& y);
  Status multiply(Value& x, const Value& y);
  Status divide(Value& x, const Value& y);
  Status negate(Value& x);
  Status raise(Value& x, const Rational& exponent);
  Status root(Value& x, int64_t n);
  Status apply(Value& x, Function function);
  Status absolute(Value& x);
  Status round_down(Value& x);
  Status factorial(Value& x);

 private:
  Status spend(const Value& x, const Value& y);
  Budget& budget_;
};

// Integers modulo a prime of 61 bits, names replaced by pseudo-random values: two rational
// functions that differ agree at a point with a chance of about their degree in 2^61. pi and e are
// names too, which is sound for "equal" only.
class ModularField {
 public:
  using Value = uint64_t;
  ModularField(Budget& budget, uint64_t seed) : budget_(budget), seed_(seed) {}

  Value make() const { return 0; }
  Status set(Value& out, const Rational& value);
  Status set(Value& out, Constant constant);
  Status set_symbol(Value& out, std::string_view name);
  Status add(Value& x, Value y);
  Status multiply(Value& x, Value y);
  Status divide(Value& x, Value y);
  Status negate(Value& x);
  Status raise(Value& x, const Rational& exponent);
  Status raise(Value&, const Value&) { return Status::kUnsupported; }
  Status root(Value&, int64_t) { return Status::kUnsupported; }
  Status apply(Value&, Function) { return Status::kUnsupported; }
  Status absolute(Value&) { return Status::kUnsupported; }
  Status round_down(Value&) { return Status::kUnsupported; }
  Status factorial(Value&) { return Status::kUnsupported; }

  bool met_constant() const { return met_constant_; }  // pi or e: a difference proves nothing

 private:
  Budget& budget_;
  uint64_t seed_;
  bool met_constant_ = false;
};

// Quotients of polynomials, with a bound on their terms.
class PolynomialField {
 public:
  using Value = RationalFunctions::Handle;
  PolynomialField(Budget& budget, RationalFunctions& functions,
                  const std::vector<std::string_view>& names)
      : budget_(budget), functions_(functions), names_(names) {}

  Value make() const { return functions_.make(); }
  Status set(Value& out, const Rational& value);
  Status set(Value& out, Constant constant);
  Status set_symbol(Value& out, std::string_view name);
  Status add(Value& x, const Value& y);
  Status multiply(Value& x, const Value& y);
  Status divide(Value& x, const Value& y);
  Status negate(Value& x);
  Status raise(Value& x, const Rational& exponent);
  Status raise(Value&, const Value&) { return Status::kUnsupported; }
  Status root(Value&, int64_t) { return Status::kUnsupported; }
  Status apply(Value&, Function) { return Status::kUnsupported; }
  Status absolute(Value&) { return Status::kUnsupported; }
  Status round_down(Value&) { return Status::kUnsupported; }
  Status factorial(Value&) { return Status::kUnsupported; }

 private:
  Status spend(const Value& x, const Value& y);
  Budget& budget_;
  RationalFunctions& functions_;
  const std::vector<std::string_view>& names_;
};

// Sums of rational multiples of sqrt(d) pi^m e^n, d a square-free integer, negative for imaginary
// parts. Equal numbers of this form have equal sums, but for relations between pi and e, of which
// none is known. Angles that are multiples of pi/12 have their sines here.
class SurdField {
 public:
  struct Key {
    int64_t radicand = 1;
    int pi = 0, e = 0;
    auto operator<=>(const Key&) const = default;
  };
  using Value = std::map<Key, Rational>;
  explicit SurdField(Budget& budget) : budget_(budget) {}

  Value make() const { return {}; }
  Status set(Value& out, const Rational& value);
  Status set(Value& out, Constant constant);
  Status set_symbol(Value&, std::string_view) { return Status::kUnsupported; }
  Status add(Value& x, const Value& y);
  Status multiply(Value& x, const Value& y);
  Status divide(Value& x, const Value& y);
  Status negate(Value& x);
  Status raise(Value& x, const Rational& exponent);
  Status raise(Value&, const Value&) { return Status::kUnsupported; }
  Status root(Value& x, int64_t n);
  Status apply(Value& x, Function function);
  Status absolute(Value& x);
  Status round_down(Value& x);
  Status factorial(Value& x);

 private:
  Status invert(Value& x);
  Status nested_root(Value& x);
  Status trigonometric(Value& x, Function function);
  Status inverse(Value& x, Function function);
  Status exponential(Value& x);
  Status parts(Value& x, Function function);
  Budget& budget_;
};

// Enclosures at one precision. `real`: a value outside the real numbers is undefined, and odd roots
// of negative numbers real.
class BallField {
 public:
  using Value = Ball;
  BallField(Budget& budget, int64_t precision, bool real)
      : budget_(budget), precision_(precision), real_(real) {}

  Value make() const { return {}; }
  Status set(Value& out, const Rational& value);
  Status set(Value& out, Constant constant);
  Status set_symbol(Value&, std::string_view) { return Status::kUnsupported; }
  Status add(Value& x, const Value& y);
  Status multiply(Value& x, const Value& y);
  Status divide(Value& x, const Value& y);
  Status negate(Value& x);
  Status raise(Value& x, const Rational& exponent);
  Status raise(Value& x, const Value& exponent);
  Status root(Value& x, int64_t n) { return raise(x, Rational(1, n)); }
  Status apply(Value& x, Function function);
  Status absolute(Value& x);
  Status round_down(Value& x);
  Status factorial(Value& x);

  // The largest |log2| of the size of anything met on the way: how far below 1 a difference may
  // hide.
  int64_t spread() const { return spread_; }

 private:
  Status finish(const Value& x, Status status);
  Budget& budget_;
  int64_t precision_;
  bool real_;
  int64_t spread_ = 0;
};

// Calcium's numbers, with a bound on how much is asked of them.
class ExactField {
 public:
  using Value = ExactNumbers::Handle;
  ExactField(Budget& budget, ExactNumbers& numbers, bool real)
      : budget_(budget), numbers_(numbers), real_(real) {}

  Value make() const { return numbers_.make(); }
  Status set(Value& out, const Rational& value);
  Status set(Value& out, Constant constant);
  Status set_symbol(Value&, std::string_view) { return Status::kUnsupported; }
  Status add(Value& x, const Value& y);
  Status multiply(Value& x, const Value& y);
  Status divide(Value& x, const Value& y);
  Status negate(Value& x);
  Status raise(Value& x, const Rational& exponent);
  Status raise(Value& x, const Value& exponent);
  Status root(Value& x, int64_t n);
  Status apply(Value& x, Function function);
  Status absolute(Value& x);
  Status round_down(Value&) { return Status::kUnsupported; }
  Status factorial(Value&) { return Status::kUnsupported; }

 private:
  Status spend(int64_t degree);
  Budget& budget_;
  ExactNumbers& numbers_;
  bool real_;
  int64_t degree_ = 1;  // product of the indices of all roots; other functions count, too
};

}  // namespace r1::rewards::math::engine
