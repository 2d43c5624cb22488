// Values: exact rationals, then balls that refute, then exact numbers that prove; with names,
// rational points and polynomials.
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>

#include "rewards/math/compare.h"
#include "rewards/math/evaluate.h"
#include "rewards/math/fields.h"

namespace r1::rewards::math::engine {
namespace {

constexpr int kModularPoints = 4;
constexpr int kRealPoints = 8;
constexpr int kMaxDraws = 32;
constexpr int64_t kFirstPrecision = 64;
constexpr int64_t kSamplePrecision = 256;
constexpr int64_t kSampleRadius = -200;  // log2
constexpr int64_t kLastPrecision = 4096;

uint64_t next_random(uint64_t& state) {  // SplitMix64
  state += 0x9E3779B97F4A7C15ULL;
  uint64_t z = state;
  z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9ULL;
  z = (z ^ (z >> 27)) * 0x94D049BB133111EBULL;
  return z ^ (z >> 31);
}

void collect_names(const Node& node, std::vector<std::string_view>& bound,
                   std::vector<std::string_view>& names) {
  if (node.kind == Kind::kSymbol) {
    if (std::find(bound.begin(), bound.end(), node.text) == bound.end() &&
        std::find(names.begin(), names.end(), node.text) == names.end()) {
      names.push_back(node.text);
    }
    return;
  }
  const bool binds = node.kind == Kind::kSum || node.kind == Kind::kProduct;
  if (binds) bound.push_back(node.children[0]->text);
  for (const Node* child : node.children) collect_names(*child, bound, names);
  if (binds) bound.pop_back();
}

bool has_imaginary_unit(const Node& node) {
  if (node.kind == Kind::kConstant && node.constant == Constant::kI) return true;
  return std::any_of(node.children.begin(), node.children.end(),
                     [](const Node* child) { return has_imaginary_unit(*child); });
}

// Names that stand in an exponent, a factorial, a binomial coefficient or a limit: whole numbers,
// if their letter says so.
void collect_whole_names(const Node& node, bool whole, std::vector<std::string_view>& names) {
  if (node.kind == Kind::kSymbol && whole &&
      std::string_view("nmkNMjl").find(node.text[0]) != std::string_view::npos) {
    names.push_back(node.text);
  }
  const bool all = whole || node.kind == Kind::kFactorial || node.kind == Kind::kDoubleFactorial ||
                   node.kind == Kind::kBinomial;
  const bool series = node.kind == Kind::kSum || node.kind == Kind::kProduct;
  for (size_t i = 0; i < node.children.size(); ++i) {
    const bool limit = series && (i == 1 || i == 2);
    collect_whole_names(*node.children[i], all || limit || (node.kind == Kind::kPower && i == 1),
                        names);
  }
}

// 1 or -1 for an infinity with its sign, 0 for anything else.
int infinity_sign(const Node& node) {
  if (node.kind == Kind::kInfinity) return 1;
  if (node.kind == Kind::kNegate) return -infinity_sign(*node.children[0]);
  return 0;
}

bool is_log_without_base(const Node& node) {
  if (node.kind == Kind::kLogarithm && node.children.size() == 1) return true;
  return std::any_of(node.children.begin(), node.children.end(),
                     [](const Node* child) { return is_log_without_base(*child); });
}

}  // namespace

Comparer::Names Comparer::names_of(const Node& a, const Node& b) const {
  Names bound, names;
  collect_names(a, bound, names);
  collect_names(b, bound, names);
  return names;
}

Outcome Comparer::values(const Node& a, const Node& b) {
  if (budget_.exhausted()) return {Verdict::kBudgetExceeded, "budget", false};
  if (const std::optional<Outcome> infinite = infinities(a, b)) return *infinite;
  const Names names = names_of(a, b);
  Outcome outcome = names.empty() ? constants(a, b) : with_names(a, b, names);
  if (outcome.verdict == Verdict::kUndecided && canonical(a) == canonical(b))
    outcome = same("same_tree");
  // \log may be the natural or the decimal logarithm: equal in one reading of both is equal.
  if (outcome.verdict != Verdict::kNotEqual || decimal_log_ ||
      (!is_log_without_base(a) && !is_log_without_base(b))) {
    return outcome;
  }
  decimal_log_ = true;
  const Outcome second = names.empty() ? constants(a, b) : with_names(a, b, names);
  decimal_log_ = false;
  return second.equal() ? second : outcome;
}

std::optional<Outcome> Comparer::infinities(const Node& a, const Node& b) {
  const int sign_a = infinity_sign(a), sign_b = infinity_sign(b);
  if (sign_a != 0 && sign_b != 0) return sign_a == sign_b ? same("infinity") : differ("infinity");
  if (!contains(a, Kind::kInfinity) && !contains(b, Kind::kInfinity)) return std::nullopt;
  return sign_a != 0 || sign_b != 0 ? differ("infinity")
                                    : Outcome{Verdict::kUndecided, "infinity", false};
}

Outcome Comparer::constants(const Node& a, const Node& b) {
  Rational value_a, value_b;
  const Status status_a = evaluate_rational(a, {}, budget_, value_a);
  const Status status_b = evaluate_rational(b, {}, budget_, value_b);
  if (status_a == Status::kUndefined) return {Verdict::kUndefined, "undefined", true};
  if (status_b == Status::kUndefined) return {Verdict::kUndefined, "undefined", false};
  if (status_a == Status::kTooLarge) return {Verdict::kBudgetExceeded, "size", true};
  if (status_b == Status::kTooLarge) return {Verdict::kBudgetExceeded, "size", false};
  if (status_a == Status::kOk && status_b == Status::kOk) {
    if (value_a == value_b) return same("rational");
    return is_rounding(a, b) ? same("rounding") : differ("rational");
  }
  const Outcome outcome = constants_by_precision(a, b);
  if (outcome.verdict == Verdict::kNotEqual && is_rounding(a, b)) return same("rounding");
  return outcome;
}

// Balls of growing precision refute; before the last, exact arithmetic proves what it can.
Outcome Comparer::constants_by_precision(const Node& a, const Node& b) {
  const bool real = !has_imaginary_unit(a) && !has_imaginary_unit(b);
  for (const int64_t precision : {kFirstPrecision, int64_t{512}, kLastPrecision}) {
    if (precision == kLastPrecision) {
      if (const std::optional<Outcome> exact = exactly(a, b)) return *exact;
    }
    // Principal values, but real odd roots: sqrt(-4) is 2i and the cube root of -8 is -2.
    BallField field(budget_, precision, false);
    BallField real_field(budget_, precision, real);
    Ball ball_a, ball_b;
    const auto evaluate = [&](const Node& node, Ball& out) {
      const Status status = Evaluator<BallField>(real_field, budget_, {}, decimal_log_)(node, out);
      if (status != Status::kUndefined || !real) return status;
      return Evaluator<BallField>(field, budget_, {}, decimal_log_)(node, out);
    };
    const Status status_a = evaluate(a, ball_a), status_b = evaluate(b, ball_b);
    if (status_a == Status::kUndefined) return {Verdict::kUndefined, "undefined", true};
    if (status_b == Status::kUndefined) return {Verdict::kUndefined, "undefined", false};
    if (status_a == Status::kTooLarge) return {Verdict::kBudgetExceeded, "size", true};
    if (status_b == Status::kTooLarge) return {Verdict::kBudgetExceeded, "size", false};
    if (status_a == Status::kUnsupported || status_b == Status::kUnsupported)
      return {Verdict::kUndecided, "no_rule", false};
    if (status_a != Status::kOk || status_b != Status::kOk) continue;
    if (!ball_a.overlaps(ball_b)) return differ("balls_apart");
    if (precision == kLastPrecision) {
      // Nothing on the way was so small or large that a difference could hide below the radius.
      const int64_t spread = std::max(field.spread(), real_field.spread());
      const int64_t hidden = -(4 * spread + 512);
      if (-hidden < kLastPrecision && ball_a.narrower_than(hidden) &&
          ball_b.narrower_than(hidden)) {
        return same("balls_4096_bits");
      }
    }
  }
  return {Verdict::kUndecided, "no_rule", false};
}

// Sums of square roots first, which is quick; then Calcium.
std::optional<Outcome> Comparer::exactly(const Node& a, const Node& b) {
  SurdField surds(budget_);
  SurdField::Value surd_a, surd_b;
  const Status surd_status_a = Evaluator<SurdField>(surds, budget_, {}, decimal_log_)(a, surd_a);
  if (surd_status_a == Status::kUndefined) return Outcome{Verdict::kUndefined, "undefined", true};
  const Status surd_status_b = Evaluator<SurdField>(surds, budget_, {}, decimal_log_)(b, surd_b);
  if (surd_status_b == Status::kUndefined) return Outcome{Verdict::kUndefined, "undefined", false};
  if (surd_status_a == Status::kOk && surd_status_b == Status::kOk && surd_a == surd_b)
    return same("square_roots");

  if (!ExactNumbers::available() || budget_.exhausted()) return std::nullopt;
  const bool real = !has_imaginary_unit(a) && !has_imaginary_unit(b);
  ExactNumbers numbers;
  ExactField field(budget_, numbers, real);
  ExactField::Value exact_a = numbers.make(), exact_b = numbers.make();
  const Status status_a = Evaluator<ExactField>(field, budget_, {}, decimal_log_)(a, exact_a);
  if (status_a == Status::kUndefined) return Outcome{Verdict::kUndefined, "undefined", true};
  if (status_a != Status::kOk) return std::nullopt;
  const Status status_b = Evaluator<ExactField>(field, budget_, {}, decimal_log_)(b, exact_b);
  if (status_b == Status::kUndefined) return Outcome{Verdict::kUndefined, "undefined", false};
  if (status_b != Status::kOk) return std::nullopt;
  numbers.negate(*exact_b);
  if (field.add(exact_a, exact_b) != Status::kOk) return std::nullopt;
  switch (numbers.is_zero(*exact_a)) {
    case ExactNumbers::Truth::kTrue:
      return same("exact_numbers");
    case ExactNumbers::Truth::kFalse:
      return differ("exact_numbers");
    case ExactNumbers::Truth::kUnknown:
      return std::nullopt;
  }
  return std::nullopt;
}

Outcome Comparer::with_names(const Node& a, const Node& b, const Names& names) {
  if (const std::optional<Outcome> modular = at_modular_points(a, b, names)) return *modular;
  return at_real_points(a, b, names);
}

// Rational functions at random points modulo a prime; where all agree, their normal form is the
// proof.
std::optional<Outcome> Comparer::at_modular_points(const Node& a, const Node& b,
                                                   const Names& names) {
  bool proves_difference = true;
  for (int point = 0; point < kModularPoints; ++point) {
    ModularField field(budget_, seed_ + static_cast<uint64_t>(point) + 1);
    uint64_t value_a = 0, value_b = 0;
    const Status status_a = Evaluator<ModularField>(field, budget_, {}, decimal_log_)(a, value_a);
    const Status status_b = Evaluator<ModularField>(field, budget_, {}, decimal_log_)(b, value_b);
    if (status_a == Status::kTooLarge || status_b == Status::kTooLarge) {
      return Outcome{Verdict::kBudgetExceeded, "size", status_a == Status::kTooLarge};
    }
    if (status_a == Status::kUnsupported || status_b == Status::kUnsupported) return std::nullopt;
    if (status_a == Status::kUndefined || status_b == Status::kUndefined) {
      // A divisor that vanishes modulo the prime most likely is zero; the polynomial says so for
      // sure.
      const Node& suspect = status_a == Status::kUndefined ? a : b;
      if (normal_form(suspect, suspect, names) != Status::kUndefined) return std::nullopt;
      return Outcome{Verdict::kUndefined, "undefined", status_a == Status::kUndefined};
    }
    proves_difference = proves_difference && !field.met_constant();
    if (value_a != value_b) {
      if (!proves_difference) return std::nullopt;
      return differ("rational_function");
    }
  }
  bool zero = false;
  if (normal_form(a, b, names, &zero) != Status::kOk) return same("rational_points");
  return zero ? same("rational_function") : differ("rational_function");
}

// Whether the difference is the zero polynomial over something.
Status Comparer::normal_form(const Node& a, const Node& b, const Names& names, bool* zero) {
  if (!RationalFunctions::available()) return Status::kUnsupported;
  if (names.size() > 6) return Status::kTooLarge;
  Names variables = names;
  variables.push_back("\\pi");
  variables.push_back("\\e");
  Budget share(kStepLimit / 8);
  RationalFunctions functions(static_cast<int>(variables.size()));
  PolynomialField field(share, functions, variables);
  PolynomialField::Value value_a = functions.make(), value_b = functions.make();
  Status status = Evaluator<PolynomialField>(field, share, {}, decimal_log_)(a, value_a);
  if (status == Status::kOk)
    status = Evaluator<PolynomialField>(field, share, {}, decimal_log_)(b, value_b);
  if (status == Status::kOk) status = field.negate(value_b);
  if (status == Status::kOk) status = field.add(value_a, value_b);
  budget_.spend(share.used());
  if (status == Status::kOk && zero != nullptr) *zero = functions.is_zero(*value_a);
  return status;
}

// Balls at random rational points. One point apart refutes; eight that agree to 200 bits are equal.
Outcome Comparer::at_real_points(const Node& a, const Node& b, const Names& names) {
  const bool real = !has_imaginary_unit(a) && !has_imaginary_unit(b);
  Names whole;
  collect_whole_names(a, false, whole);
  collect_whole_names(b, false, whole);
  uint64_t state = seed_;
  int agreed = 0, defined_apart = 0, undefined_a = 0, undefined_b = 0, draws = 0;
  int64_t precision = kSamplePrecision;
  for (; draws < kMaxDraws && agreed < kRealPoints; ++draws) {
    Bindings point;
    // Negative values in one draw of five: a domain that ends at zero is no difference, sqrt(x)
    // sqrt(x) equals x.
    const bool some_negative = draws % 5 == 4;
    for (const std::string_view name : names) {
      const bool integer = std::find(whole.begin(), whole.end(), name) != whole.end();
      const auto random = next_random(state);
      if (integer) {
        point.emplace_back(name, Rational(1 + static_cast<int64_t>(random % 24)));
        continue;
      }
      const auto numerator = static_cast<int64_t>(1 + (random >> 8) % 4'000);
      const int64_t denominator = (random & 1) != 0 ? 4'001 : 251;
      point.emplace_back(
          name,
          Rational(some_negative && (random >> 1) % 2 == 0 ? -numerator : numerator, denominator));
    }
    if (some_negative && names.size() == 1 && whole.empty() && point[0].second.sign() > 0)
      point[0].second.negate();
    for (int attempt = 0; attempt < 2; ++attempt) {
      BallField field(budget_, precision, real);
      Ball ball_a, ball_b;
      const Status status_a = Evaluator<BallField>(field, budget_, point, decimal_log_)(a, ball_a);
      const Status status_b = Evaluator<BallField>(field, budget_, point, decimal_log_)(b, ball_b);
      if (status_a == Status::kTooLarge || status_b == Status::kTooLarge) {
        return {Verdict::kBudgetExceeded, "size", status_a == Status::kTooLarge};
      }
      if (status_a == Status::kUnsupported || status_b == Status::kUnsupported)
        return {Verdict::kUndecided, "no_rule", false};
      undefined_a += status_a == Status::kUndefined;
      undefined_b += status_b == Status::kUndefined;
      if ((status_a == Status::kUndefined && status_b == Status::kOk) ||
          (status_b == Status::kUndefined && status_a == Status::kOk)) {
        ++defined_apart;
      }
      if (status_a != Status::kOk || status_b != Status::kOk) break;
      if (!ball_a.overlaps(ball_b)) return differ("balls_apart");
      const int64_t needed = std::max(-kSampleRadius, 2 * field.spread() + 64);
      if (ball_a.narrower_than(-needed) && ball_b.narrower_than(-needed)) {
        ++agreed;
        break;
      }
      // A difference might hide below the radius: look closer, once.
      if (needed * 2 + 64 > kLastPrecision) return {Verdict::kUndecided, "precision", false};
      precision = std::max(precision, needed * 2 + 64);
    }
    if (budget_.exhausted()) return {Verdict::kBudgetExceeded, "budget", false};
  }
  if (undefined_a == draws) return {Verdict::kUndefined, "undefined", true};
  if (undefined_b == draws) return {Verdict::kUndefined, "undefined", false};
  if (4 * defined_apart > draws) return differ("different_domains");
  if (agreed >= kRealPoints / 2) return same("points");
  return {Verdict::kUndecided, "no_rule", false};
}

}  // namespace r1::rewards::math::engine
