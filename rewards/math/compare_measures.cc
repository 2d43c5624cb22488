// Values with something attached: units, money, percent, degrees.
#include <algorithm>

#include "rewards/math/compare.h"
#include "rewards/math/evaluate.h"

namespace r1::rewards::math::engine {
namespace {

bool is_radians(const Node& node) {
  return node.kind == Kind::kQuantity && read_unit(node.text).known &&
         node.text.find("rad") != std::string_view::npos;
}

}  // namespace

// The value and unit of 5 cm, -$3, 5 h 30 min; none without a unit.
std::optional<Comparer::Measure> Comparer::measure(const Node& node) {
  if (node.kind == Kind::kQuantity) return Measure{node.children[0], read_unit(node.text)};
  if (node.kind == Kind::kNegate) {
    std::optional<Measure> inner = measure(*node.children[0]);
    if (inner) inner->value = tree_.make(Kind::kNegate, {inner->value}, node.begin, node.end);
    return inner;
  }
  if (node.kind == Kind::kTuple && node.children.size() == 1) return measure(*node.children[0]);
  if (node.kind != Kind::kAdd) return std::nullopt;
  // All in the unit of the first.
  std::optional<Measure> sum;
  std::vector<const Node*> terms;
  for (const Node* child : node.children) {
    const std::optional<Measure> part = measure(*child);
    if (!part) return std::nullopt;
    if (!sum) sum = part;
    if (match_units(sum->unit, part->unit) == UnitMatch::kDifferent) return std::nullopt;
    Rational factor = part->unit.factor;
    factor.divide(sum->unit.factor);
    terms.push_back(times(*part->value, factor));
  }
  sum->value = tree_.make(Kind::kAdd, terms, node.begin, node.end);
  return sum;
}

// 5 m and 5 m/s in plain text look like products of names; beside a unit they are measures.
std::optional<Comparer::Measure> Comparer::symbol_measure(const Node& node) {
  std::string unit;
  const Node* value = nullptr;
  const auto read = [&](const auto& self, const Node& part, int power) -> bool {
    switch (part.kind) {
      case Kind::kMultiply:
        return std::all_of(part.children.begin(), part.children.end(),
                           [&](const Node* child) { return self(self, *child, power); });
      case Kind::kDivide:
        return self(self, *part.children[0], power) && self(self, *part.children[1], -power);
      case Kind::kPower: {
        Rational exponent;
        if (evaluate_rational(*part.children[1], {}, budget_, exponent) != Status::kOk ||
            !exponent.fits_int64())
          return false;
        const int64_t n = exponent.to_int64();
        return n >= 1 && n <= 9 && part.children[0]->kind == Kind::kSymbol &&
               self(self, *part.children[0], power * static_cast<int>(n));
      }
      case Kind::kSymbol:
        if (!is_unit_letter(part.text)) return false;
        unit += " " + std::string(part.text) + "^" + (power < 0 ? "-" : "") +
                std::to_string(std::abs(power));
        return true;
      default:
        if (value != nullptr || power != 1 || contains(part, Kind::kSymbol)) return false;
        value = &part;
        return true;
    }
  };
  if (!read(read, node, 1) || value == nullptr || unit.empty()) return std::nullopt;
  return Measure{value, read_unit(unit)};
}

std::optional<Outcome> Comparer::measures(const Node& gold, const Node& prediction) {
  std::optional<Measure> a = measure(gold), b = measure(prediction);
  if (a && !b) b = symbol_measure(prediction);
  if (b && !a) a = symbol_measure(gold);
  const bool degrees = gold.kind == Kind::kDegrees || prediction.kind == Kind::kDegrees;
  if (degrees && (!a || is_radians(gold)) && (!b || is_radians(prediction)))
    return angles(gold, prediction);
  if (!a && !b) {
    const bool percent = gold.kind == Kind::kPercent || prediction.kind == Kind::kPercent;
    return percent ? std::optional(percents(gold, prediction)) : std::nullopt;
  }
  // 25 degrees against 25 degrees Celsius.
  const auto bare = [](const Node& node) -> const Node& {
    return node.kind == Kind::kDegrees ? *node.children[0] : node;
  };
  const Node& value_a = a ? *a->value : bare(gold);
  const Node& value_b = b ? *b->value : bare(prediction);
  const bool stated_a = a && !a->unit.empty(), stated_b = b && !b->unit.empty();
  if (policy_.units == "ignore") return answers(value_a, value_b);
  if (policy_.units == "required" && stated_a && !stated_b) return differ("unit_missing");
  if (!stated_a || !stated_b) return answers(value_a, value_b);
  switch (match_units(a->unit, b->unit)) {
    case UnitMatch::kDifferent:
      return differ("units");
    case UnitMatch::kSame:
      return answers(value_a, value_b);
    case UnitMatch::kConvertible:
      break;
  }
  if (policy_.units == "same") return differ("units");
  const Outcome outcome = answers(*times(value_a, a->unit.factor), *times(value_b, b->unit.factor));
  return outcome.equal() ? same("unit_conversion") : outcome;
}

Outcome Comparer::percents(const Node& gold, const Node& prediction) {
  const bool gold_percent = gold.kind == Kind::kPercent,
             percent = prediction.kind == Kind::kPercent;
  const auto figure = [](const Node& node) -> const Node& {
    return node.kind == Kind::kPercent ? *node.children[0] : node;
  };
  if ((gold_percent && percent) || policy_.percent == "figure")
    return answers(figure(gold), figure(prediction));
  const Outcome by_value = values(gold, prediction);
  if (by_value.equal() || !gold_percent || policy_.percent == "strict") return by_value;
  return answers(figure(gold), prediction).equal() ? same("percent_sign_left_out") : by_value;
}

Outcome Comparer::angles(const Node& gold, const Node& prediction) {
  const bool gold_degrees = gold.kind == Kind::kDegrees,
             degrees = prediction.kind == Kind::kDegrees;
  const auto figure = [](const Node& node) -> const Node& {
    return node.kind == Kind::kDegrees || node.kind == Kind::kQuantity ? *node.children[0] : node;
  };
  if (gold_degrees && degrees) return answers(figure(gold), figure(prediction));
  if (policy_.angles == "value") {
    const Node& a = gold_degrees ? gold : figure(gold);
    const Node& b = degrees ? prediction : figure(prediction);
    const Outcome by_value = values(a, b);
    if (by_value.equal()) return same("degrees");
  }
  if (is_radians(gold) || is_radians(prediction)) return differ("units");
  return answers(figure(gold), figure(prediction));
}

}  // namespace r1::rewards::math::engine
