// Walks a value's tree with any kind of number (a "field"). The fields are in fields.h.
#pragma once

#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

#include "rewards/math/ast.h"
#include "rewards/math/budget.h"
#include "rewards/math/exact.h"

namespace r1::rewards::math::engine {

// Names with fixed values: sample points, and the running variables of sums.
using Bindings = std::vector<std::pair<std::string_view, Rational>>;

// The exact rational value of a tree, if it has one: kUnsupported for roots, constants and free
// names.
Status evaluate_rational(const Node& node, const Bindings& bindings, Budget& budget,
                         Rational& result);

// A field F has a type F::Value (default constructed by F::make()) and operations that return a
// Status:
//   set(Value&, const Rational&)  set(Value&, Constant)  set_symbol(Value&, name)
//   add, multiply, divide (Value&, const Value&)  negate(Value&)
//   raise(Value&, const Rational&)  raise(Value&, const Value&)  root(Value&, n)
//   apply(Value&, Function)  absolute(Value&)  round_down(Value&)  factorial(Value&)
template <class F>
class Evaluator {
 public:
  using Value = typename F::Value;

  // `decimal_log`: \log without a base is the decimal logarithm, otherwise the natural one.
  Evaluator(F& field, Budget& budget, Bindings bindings, bool decimal_log)
      : field_(field), budget_(budget), bindings_(std::move(bindings)), decimal_log_(decimal_log) {}

  Status operator()(const Node& node, Value& out) {
    if (!budget_.spend(1)) return Status::kTooLarge;
    switch (node.kind) {
      case Kind::kNumber:
        return field_.set(out, *node.number);
      case Kind::kBased:
        return field_.set(out, *node.number);
      case Kind::kConstant:
        return field_.set(out, node.constant);
      case Kind::kSymbol:
        return symbol(node, out);
      case Kind::kNegate:
        return unary(node, out, [this](Value& x) { return field_.negate(x); });
      case Kind::kAdd:
        return fold(node, out, [this](Value& x, const Value& y) { return field_.add(x, y); });
      case Kind::kMultiply:
        return fold(node, out, [this](Value& x, const Value& y) { return field_.multiply(x, y); });
      case Kind::kDivide:
      case Kind::kRatio:
        return fold(node, out, [this](Value& x, const Value& y) { return field_.divide(x, y); });
      case Kind::kPower:
        return power(node, out);
      case Kind::kRoot:
        return root(node, out);
      case Kind::kFunction:
        return unary(node, out, [&](Value& x) { return field_.apply(x, node.function); });
      case Kind::kLogarithm:
        return logarithm(node, out);
      case Kind::kAbsolute:
        return unary(node, out, [this](Value& x) { return field_.absolute(x); });
      case Kind::kFloor:
        return unary(node, out, [this](Value& x) { return field_.round_down(x); });
      case Kind::kCeiling:
        return unary(node, out, [this](Value& x) { return round_up(x); });
      case Kind::kFactorial:
        return unary(node, out, [this](Value& x) { return field_.factorial(x); });
      case Kind::kDoubleFactorial:
      case Kind::kNamed:
        return through_rational(node, out);
      case Kind::kBinomial:
        return binomial(node, out);
      case Kind::kSum:
      case Kind::kProduct:
        return series(node, out);
      case Kind::kPercent:
        return scaled(node, out, Rational(1, 100), false);
      case Kind::kDegrees:
        return scaled(node, out, Rational(1, 180), true);
      case Kind::kTuple:
        return node.children.size() == 1 ? (*this)(*node.children[0], out) : Status::kUnsupported;
      default:
        return Status::kUnsupported;
    }
  }

 private:
  Status symbol(const Node& node, Value& out) {
    for (size_t i = bindings_.size(); i-- > 0;) {
      if (bindings_[i].first == node.text) return field_.set(out, bindings_[i].second);
    }
    return field_.set_symbol(out, node.text);
  }

  template <class Operation>
  Status unary(const Node& node, Value& out, Operation operation) {
    const Status status = (*this)(*node.children[0], out);
    return status == Status::kOk ? operation(out) : status;
  }

  // Every child is evaluated even where the result is known: 0 * (1/0) has no value.
  template <class Operation>
  Status fold(const Node& node, Value& out, Operation operation) {
    Status status = (*this)(*node.children[0], out);
    for (size_t i = 1; i < node.children.size() && status == Status::kOk; ++i) {
      Value next = field_.make();
      status = (*this)(*node.children[i], next);
      if (status == Status::kOk) status = operation(out, next);
    }
    return status;
  }

  Status power(const Node& node, Value& out) {
    Rational exponent;
    const Status rational = evaluate_rational(*node.children[1], bindings_, budget_, exponent);
    if (rational == Status::kUndefined || rational == Status::kTooLarge) return rational;
    Status status = (*this)(*node.children[0], out);
    if (status != Status::kOk) return status;
    if (rational == Status::kOk) return field_.raise(out, exponent);
    Value general = field_.make();
    status = (*this)(*node.children[1], general);
    return status == Status::kOk ? field_.raise(out, std::as_const(general)) : status;
  }

  Status root(const Node& node, Value& out) {
    Rational index;
    const Status status = evaluate_rational(*node.children[1], bindings_, budget_, index);
    if (status != Status::kOk) return status;
    if (!index.fits_int64() || index.to_int64() < 1) return Status::kUndefined;
    const Status inner = (*this)(*node.children[0], out);
    return inner == Status::kOk ? field_.root(out, index.to_int64()) : inner;
  }

  Status logarithm(const Node& node, Value& out) {
    Status status = (*this)(*node.children[0], out);
    if (status == Status::kOk) status = field_.apply(out, Function::kLn);
    if (status != Status::kOk || (node.children.size() == 1 && !decimal_log_)) return status;
    Value base = field_.make();
    status = node.children.size() == 1 ? field_.set(base, Rational(10))
                                       : (*this)(*node.children[1], base);
    if (status == Status::kOk) status = field_.apply(base, Function::kLn);
    return status == Status::kOk ? field_.divide(out, base) : status;
  }

  Status round_up(Value& x) {
    Status status = field_.negate(x);
    if (status == Status::kOk) status = field_.round_down(x);
    return status == Status::kOk ? field_.negate(x) : status;
  }

  Status through_rational(const Node& node, Value& out) {
    Rational value;
    const Status status = evaluate_rational(node, bindings_, budget_, value);
    return status == Status::kOk ? field_.set(out, value) : status;
  }

  // n (n-1) ... (n-k+1) / k! for a whole k up to 64.
  Status binomial(const Node& node, Value& out) {
    const Status whole = through_rational(node, out);
    if (whole != Status::kUnsupported) return whole;
    Rational k;
    const Status status = evaluate_rational(*node.children[1], bindings_, budget_, k);
    if (status != Status::kOk) return status;
    if (!k.fits_int64() || k.to_int64() < 0 || k.to_int64() > 64) return Status::kUnsupported;
    Value n = field_.make();
    const Status top = (*this)(*node.children[0], n);
    if (top != Status::kOk) return top;
    Status result = field_.set(out, Rational(1));
    for (int64_t i = 0; i < k.to_int64() && result == Status::kOk; ++i) {
      Value factor = field_.make();
      result = field_.set(factor, Rational(-i));
      if (result == Status::kOk) result = field_.add(factor, n);
      if (result == Status::kOk) result = field_.multiply(out, factor);
      if (result == Status::kOk) result = field_.set(factor, Rational(1, i + 1));
      if (result == Status::kOk) result = field_.multiply(out, factor);
    }
    return result;
  }

  Status series(const Node& node, Value& out) {
    Rational first, last;
    Status status = evaluate_rational(*node.children[1], bindings_, budget_, first);
    if (status == Status::kOk)
      status = evaluate_rational(*node.children[2], bindings_, budget_, last);
    if (status != Status::kOk) return status;
    if (!first.fits_int64() || !last.fits_int64()) return Status::kUnsupported;
    const int64_t from = first.to_int64(), to = last.to_int64();
    if (from > INT64_MIN / 2 && to < INT64_MAX / 2 && to - from > 20'000) return Status::kTooLarge;
    const bool is_sum = node.kind == Kind::kSum;
    status = field_.set(out, Rational(is_sum ? 0 : 1));
    const size_t depth = bindings_.size();
    for (int64_t k = from; k <= to && status == Status::kOk; ++k) {
      bindings_.emplace_back(node.children[0]->text, Rational(k));
      Value part = field_.make();
      status = (*this)(*node.children[3], part);
      bindings_.resize(depth);
      if (status == Status::kOk)
        status = is_sum ? field_.add(out, part) : field_.multiply(out, part);
    }
    return status;
  }

  Status scaled(const Node& node, Value& out, const Rational& factor, bool times_pi) {
    Status status = (*this)(*node.children[0], out);
    Value other = field_.make();
    if (status == Status::kOk) status = field_.set(other, factor);
    if (status == Status::kOk) status = field_.multiply(out, other);
    if (status != Status::kOk || !times_pi) return status;
    status = field_.set(other, Constant::kPi);
    return status == Status::kOk ? field_.multiply(out, other) : status;
  }

  F& field_;
  Budget& budget_;
  Bindings bindings_;
  bool decimal_log_;
};

}  // namespace r1::rewards::math::engine
