// A written decimal against a value that no decimal writes out.
#include "rewards/math/compare.h"
#include "rewards/math/evaluate.h"
#include "rewards/math/fields.h"

namespace r1::rewards::math::engine {

// |value| as written, without its sign; one unit of its last digit is 10^-decimals.
struct Comparer::Decimal {
  Rational size;
  bool negative = false;
  int64_t decimals = 0;
  int32_t significant = 0;
};

// A decimal literal, perhaps with a sign, a power of ten or a percent sign.
std::optional<Comparer::Decimal> Comparer::written_decimal(const Node& node) {
  if (node.kind == Kind::kNumber) {
    if (node.decimals < 0) return std::nullopt;
    return Decimal{*node.number, false, node.decimals, node.significant};
  }
  if (node.kind == Kind::kNegate) {
    std::optional<Decimal> inner = written_decimal(*node.children[0]);
    if (inner) inner->negative = !inner->negative;
    return inner;
  }
  if (node.kind == Kind::kPercent) {
    std::optional<Decimal> inner = written_decimal(*node.children[0]);
    if (!inner) return std::nullopt;
    inner->size.multiply(Rational(1, 100));
    inner->decimals += 2;
    return inner;
  }
  if (node.kind != Kind::kMultiply || node.children.size() != 2) return std::nullopt;
  const Node& power = *node.children[1];
  const bool of_ten = power.kind == Kind::kPower && power.children[0]->kind == Kind::kNumber &&
                      *power.children[0]->number == Rational(10);
  std::optional<Decimal> inner = of_ten ? written_decimal(*node.children[0]) : std::nullopt;
  Rational exponent;
  if (!inner || evaluate_rational(*power.children[1], {}, budget_, exponent) != Status::kOk ||
      !exponent.fits_int64() || exponent.to_int64() > 1'000 || exponent.to_int64() < -1'000) {
    return std::nullopt;
  }
  inner->size.multiply(Rational::power_of_ten(exponent.to_int64()));
  inner->decimals -= exponent.to_int64();
  return inner;
}

// decimal - 1/2 unit <= |value| < decimal + 1 unit: it was rounded or cut off there.
bool Comparer::rounds_to(const Decimal& decimal, const Node& value) {
  if (decimal.significant < policy_.rounding_digits || decimal.significant > 1'000) return false;
  Rational unit = Rational::power_of_ten(-decimal.decimals), low = decimal.size,
           high = decimal.size;
  Rational half = unit;
  half.multiply(Rational(1, 2));
  low.subtract(half);
  high.add(unit);

  Rational exact;
  if (evaluate_rational(value, {}, budget_, exact) == Status::kOk) {
    if (exact.has_finite_decimal() || (exact.sign() < 0) != decimal.negative) return false;
    if (exact.sign() < 0) exact.negate();
    return exact.compare(low) >= 0 && exact.compare(high) < 0;
  }
  BallField field(budget_, 64 + 4 * decimal.significant, true);
  Ball ball;
  if (Evaluator<BallField>(field, budget_, {}, decimal_log_)(value, ball) != Status::kOk ||
      !ball.is_real())
    return false;
  if (decimal.negative) ball.negate();
  return ball.compare(low) > 0 && ball.compare(high) < 0;
}

bool Comparer::is_rounding(const Node& a, const Node& b) {
  if (policy_.rounding_digits == 0) return false;
  const std::optional<Decimal> decimal_a = written_decimal(a), decimal_b = written_decimal(b);
  if (decimal_a.has_value() == decimal_b.has_value()) return false;
  return decimal_a ? rounds_to(*decimal_a, b) : rounds_to(*decimal_b, a);
}

}  // namespace r1::rewards::math::engine
