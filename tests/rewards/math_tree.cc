#include "tests/rewards/math_tree.h"

#include <cmath>
#include <limits>
#include <numeric>

namespace r1::rewards::math {
namespace {

using Complex = std::complex<long double>;
constexpr long double kEpsilon = 0x1p-60L;  // well above the rounding error of one operation
constexpr long double kNoValue = std::numeric_limits<long double>::infinity();

Ball none() { return {0, kNoValue}; }

Ball rounded(Complex mid, long double radius) {
  if (!std::isfinite(mid.real()) || !std::isfinite(mid.imag()) || !std::isfinite(radius))
    return none();
  return {mid, radius + kEpsilon * std::abs(mid)};
}

Ball add(const Ball& a, const Ball& b) {
  return rounded(a.mid + b.mid,
                 a.radius + b.radius + kEpsilon * (std::abs(a.mid) + std::abs(b.mid)));
}

Ball multiply(const Ball& a, const Ball& b) {
  const long double size_a = std::abs(a.mid), size_b = std::abs(b.mid);
  return rounded(a.mid * b.mid, size_a * b.radius + size_b * a.radius + a.radius * b.radius +
                                    4 * kEpsilon * size_a * size_b);
}

Ball divide(const Ball& a, const Ball& b) {
  const long double least = std::abs(b.mid) - b.radius;
  if (!(least > 0)) return none();
  const Complex mid = a.mid / b.mid;
  return rounded(mid, (a.radius + std::abs(mid) * b.radius) / least + 8 * kEpsilon * std::abs(mid));
}

// Away from zero and from the cut along the negative axis, or exactly on it.
bool principal(const Ball& a) {
  if (!(std::abs(a.mid) > 2 * a.radius)) return false;
  if (a.mid.real() > a.radius || std::abs(a.mid.imag()) > a.radius) return true;
  return a.mid.imag() == 0 && a.mid.real() < 0 && a.radius <= 8 * kEpsilon * std::abs(a.mid);
}

Ball exponential(const Ball& a) {
  const Complex mid = std::exp(a.mid);
  return rounded(mid,
                 std::abs(mid) * (std::expm1(a.radius) + 4 * kEpsilon * (1 + std::abs(a.mid))));
}

Ball logarithm(const Ball& a) {
  if (!principal(a)) return none();
  const Complex mid = std::log(a.mid);
  return rounded(mid, a.radius / (std::abs(a.mid) - a.radius) + 4 * kEpsilon * (1 + std::abs(mid)));
}

Ball nth_root(const Ball& a, int64_t index) {
  if (a.mid == Complex(0) && a.radius == 0) return {};
  if (!principal(a)) return none();
  const Complex mid = index == 2 ? std::sqrt(a.mid)
                                 : std::pow(a.mid, Complex(1.0L / static_cast<long double>(index)));
  return rounded(mid, std::abs(mid) * (a.radius / (std::abs(a.mid) - a.radius) + 16 * kEpsilon));
}

Ball integer_power(const Ball& base, int64_t exponent) {
  if (exponent < 0) return divide({1, 0}, integer_power(base, -exponent));
  Ball result{1, 0};
  for (int64_t i = 0; i < exponent; ++i) result = multiply(result, base);
  return result;
}

Ball raise(const Ball& base, const Ball& exponent) {
  const long double whole = exponent.mid.real();
  if (exponent.mid.imag() == 0 && exponent.radius < 0x1p-50L && whole == std::round(whole) &&
      std::abs(whole) <= 128) {
    return integer_power(base, static_cast<int64_t>(whole));
  }
  return exponential(multiply(exponent, logarithm(base)));
}

Ball sine(const Ball& a, bool cosine) {
  const Complex mid = cosine ? std::cos(a.mid) : std::sin(a.mid);
  const long double slope = std::cosh(std::abs(a.mid.imag()) + a.radius);
  return rounded(mid, slope * (a.radius + 4 * kEpsilon * (1 + std::abs(a.mid))));
}

Ball hyperbolic(const Ball& a, long double sign) {
  const Ball minus = exponential({-a.mid, a.radius});
  const Ball twice = add(exponential(a), {sign * minus.mid, minus.radius});
  return {twice.mid / 2.0L, twice.radius};
}

// arcsin, arccos, arctan of a real number.
Ball inverse_trig(const std::string& name, const Ball& a) {
  const long double x = a.mid.real();
  if (a.mid.imag() != 0) return none();
  if (name == "arctan") return rounded(std::atan(x), a.radius + kEpsilon);
  const long double edge = std::abs(x) + a.radius;
  if (!(edge < 1)) return none();
  const long double slope = 1 / std::sqrt(1 - edge * edge);
  return rounded(name == "arcsin" ? std::asin(x) : std::acos(x), slope * a.radius + 4 * kEpsilon);
}

Ball value_of_call(const std::string& name, const Ball& a) {
  const Ball one{1, 0};
  if (name == "sin") return sine(a, false);
  if (name == "cos") return sine(a, true);
  if (name == "tan") return divide(sine(a, false), sine(a, true));
  if (name == "cot") return divide(sine(a, true), sine(a, false));
  if (name == "sec") return divide(one, sine(a, true));
  if (name == "csc") return divide(one, sine(a, false));
  if (name == "sinh") return hyperbolic(a, -1);
  if (name == "cosh") return hyperbolic(a, 1);
  if (name == "exp") return exponential(a);
  if (name == "ln") return logarithm(a);
  if (name == "abs") return rounded(std::abs(a.mid), a.radius);
  return inverse_trig(name, a);
}

// A small whole number, or -1.
int64_t whole(const Ball& a) {
  const long double value = a.mid.real();
  const bool small = a.radius < 0x1p-40L && a.mid.imag() == 0 && value >= 0 && value <= 40 &&
                     value == std::round(value);
  return small ? static_cast<int64_t>(value) : -1;
}

Ball factorial(const Ball& a) {
  const int64_t n = whole(a);
  if (n < 0) return none();
  Ball result{1, 0};
  for (int64_t i = 2; i <= n; ++i) result = multiply(result, {static_cast<long double>(i), 0});
  return result;
}

Ball binomial(const Ball& upper, const Ball& lower) {
  const int64_t n = whole(upper), k = whole(lower);
  if (n < 0 || k < 0) return none();
  Ball result{1, 0};
  for (int64_t i = 1; i <= k; ++i) {
    result = multiply(result, {static_cast<long double>(n - k + i), 0});
    result = divide(result, {static_cast<long double>(i), 0});
  }
  return k > n ? Ball{} : result;
}

Ball leaf(const Node& node, const Point& point) {
  if (node.op == Op::kSymbol) return {point.at(node.name), 0};
  if (node.op == Op::kNumber) {
    const Ball top{static_cast<long double>(node.numerator), 0};
    return node.denominator == 1 ? top
                                 : divide(top, {static_cast<long double>(node.denominator), 0});
  }
  if (node.name == "i") return {Complex(0, 1), 0};
  return rounded(node.name == "pi" ? std::acos(-1.0L) : std::exp(1.0L), 0);
}

Ball fold(const std::vector<Ball>& args, Ball (*combine)(const Ball&, const Ball&)) {
  Ball result = args.front();
  for (size_t i = 1; i < args.size(); ++i) result = combine(result, args[i]);
  return result;
}

Point draw_point(Dice& dice) {
  Point point;
  for (const char* name : {"x", "y", "z", "a", "b", "c", "p", "q", "r", "s", "t", "u", "v", "w"}) {
    point[name] = static_cast<long double>(dice.range(20, 200)) / 64;
  }
  for (const char* name : {"k", "m", "n"}) point[name] = static_cast<long double>(dice.range(3, 7));
  return point;
}

}  // namespace

Tree number(int64_t numerator, int64_t denominator) {
  const int64_t divisor = std::gcd(numerator, denominator) * (denominator < 0 ? -1 : 1);
  Node node;
  node.numerator = numerator / divisor;
  node.denominator = denominator / divisor;
  return std::make_shared<const Node>(std::move(node));
}

Tree symbol(const std::string& name) {
  return std::make_shared<const Node>(Node{Op::kSymbol, 0, 1, name, {}});
}
Tree constant(const std::string& name) {
  return std::make_shared<const Node>(Node{Op::kConstant, 0, 1, name, {}});
}
Tree make(Op op, std::vector<Tree> args) {
  return std::make_shared<const Node>(Node{op, 0, 1, "", std::move(args)});
}
Tree root(Tree radicand, int64_t index) {
  return std::make_shared<const Node>(Node{Op::kRoot, index, 1, "", {std::move(radicand)}});
}
Tree call(const std::string& name, Tree argument) {
  return std::make_shared<const Node>(Node{Op::kCall, 0, 1, name, {std::move(argument)}});
}

bool is_number(const Tree& tree) { return tree->op == Op::kNumber; }
bool is_integer(const Tree& tree) { return is_number(tree) && tree->denominator == 1; }
bool is_call(const Tree& tree, const std::string& name) {
  return tree->op == Op::kCall && tree->name == name;
}

int64_t size(const Tree& tree) {
  int64_t nodes = 1;
  for (const Tree& arg : tree->args) nodes += size(arg);
  return nodes;
}

bool has_symbol(const Tree& tree) {
  for (const Tree& arg : tree->args) {
    if (has_symbol(arg)) return true;
  }
  return tree->op == Op::kSymbol;
}

std::optional<Tree> replace_at(const Tree& tree, int64_t position,
                               const std::function<std::optional<Tree>(const Tree&)>& change) {
  if (position == 0) return change(tree);
  --position;
  for (size_t i = 0; i < tree->args.size(); ++i) {
    const int64_t nodes = size(tree->args[i]);
    if (position < nodes) {
      const std::optional<Tree> part = replace_at(tree->args[i], position, change);
      if (!part) return std::nullopt;
      Node copy = *tree;
      copy.args[i] = *part;
      return std::make_shared<const Node>(std::move(copy));
    }
    position -= nodes;
  }
  return std::nullopt;
}

Ball evaluate(const Tree& tree, const Point& point) {
  std::vector<Ball> args;
  for (const Tree& arg : tree->args) {
    args.push_back(evaluate(arg, point));
    if (!std::isfinite(args.back().radius)) return none();
  }
  switch (tree->op) {
    case Op::kNumber:
    case Op::kSymbol:
    case Op::kConstant:
      return leaf(*tree, point);
    case Op::kSum:
      return fold(args, add);
    case Op::kProduct:
      return fold(args, multiply);
    case Op::kQuotient:
      return divide(args[0], args[1]);
    case Op::kPower:
      return raise(args[0], args[1]);
    case Op::kRoot:
      return nth_root(args[0], tree->numerator);
    case Op::kNegate:
      return {-args[0].mid, args[0].radius};
    case Op::kCall:
      return value_of_call(tree->name, args[0]);
    case Op::kLog:
      return divide(logarithm(args[1]), logarithm(args[0]));
    case Op::kFactorial:
      return factorial(args[0]);
    case Op::kBinomial:
      return binomial(args[0], args[1]);
  }
  return none();
}

bool apart(const Ball& a, const Ball& b) {
  if (!std::isfinite(a.radius) || !std::isfinite(b.radius)) return false;
  return std::abs(a.mid - b.mid) > 2 * (a.radius + b.radius);
}

// The gap is wide too, so that no rule about rounded decimals could excuse it.
bool provably_different(const Tree& a, const Tree& b, Dice& dice) {
  for (int i = 0; i < 4; ++i) {
    const Point point = draw_point(dice);
    const Ball left = evaluate(a, point), right = evaluate(b, point);
    const long double scale = std::max({1e-6L, std::abs(left.mid), std::abs(right.mid)});
    if (apart(left, right) && std::abs(left.mid - right.mid) > 1e-4L * scale) return true;
  }
  return false;
}

bool agree(const Tree& a, const Tree& b, Dice& dice) {
  int sharp = 0;
  for (int i = 0; i < 6; ++i) {
    const Point point = draw_point(dice);
    const Ball left = evaluate(a, point), right = evaluate(b, point);
    if (apart(left, right)) return false;
    const long double scale = std::max(1e-6L, std::abs(left.mid));
    if (std::isfinite(left.radius) && std::isfinite(right.radius) &&
        left.radius + right.radius < 1e-9L * scale)
      ++sharp;
  }
  return sharp >= 3;
}

}  // namespace r1::rewards::math
