// Pairs of expressions: constants and functions of letters.
#include "tests/rewards/math_pairs.h"
#include "tests/rewards/math_rewrite.h"

namespace r1::rewards::math {
namespace {

constexpr size_t kLongest = 240;  // characters of an answer

Tree integer(Dice& dice, int64_t low, int64_t high) { return number(dice.range(low, high)); }
Tree nonzero(Dice& dice, int64_t most) {
  return number(dice.range(1, most) * (dice.chance(30) ? -1 : 1));
}
Tree fraction(Dice& dice) {
  return number(dice.range(1, 30) * (dice.chance(25) ? -1 : 1), dice.range(2, 12));
}
Tree letter(Dice& dice) {
  static const std::vector<std::string> kLetters = {"x", "x", "y", "z", "a", "b"};
  return symbol(dice.pick(kLetters));
}

// c v, without a factor of one
Tree scaled(Dice& dice, const Tree& tree) {
  const Tree factor = nonzero(dice, 6);
  if (factor->numerator == 1) return tree;
  return factor->numerator == -1 ? negate(tree) : product({factor, tree});
}

Tree linear(Dice& dice) {
  const Tree first = scaled(dice, letter(dice));
  return dice.chance(25) ? sum({first, scaled(dice, letter(dice))})
                         : sum({first, nonzero(dice, 9)});
}

Tree monomial(Dice& dice) {
  const Tree base = letter(dice);
  const int64_t exponent = dice.range(1, 4);
  const Tree raised = exponent == 1 ? base : power(base, number(exponent));
  return scaled(dice, dice.chance(30) ? product({raised, symbol("y")}) : raised);
}

Tree polynomial(Dice& dice) {
  switch (dice.range(0, 3)) {
    case 0:
      return product({linear(dice), linear(dice)});
    case 1:
      return sum({monomial(dice), monomial(dice), nonzero(dice, 12)});
    case 2:
      return sum({power(linear(dice), number(2)), monomial(dice)});
    default:
      return product(
          {nonzero(dice, 7), linear(dice), dice.chance(30) ? linear(dice) : letter(dice)});
  }
}

Tree rational_function(Dice& dice) {
  const Tree first = quotient(dice.chance(50) ? nonzero(dice, 9) : linear(dice), linear(dice));
  switch (dice.range(0, 2)) {
    case 0:
      return first;
    case 1:
      return sum({first, quotient(nonzero(dice, 9), linear(dice))});
    default:
      return quotient(polynomial(dice), linear(dice));
  }
}

Tree rational_constant(Dice& dice) {
  switch (dice.range(0, 4)) {
    case 0:
      return fraction(dice);
    case 1:
      return sum({fraction(dice), fraction(dice)});
    case 2:
      return product({fraction(dice), fraction(dice)});
    case 3:
      return quotient(fraction(dice), sum({fraction(dice), integer(dice, 3, 9)}));
    default:
      return power(fraction(dice), integer(dice, 2, 3));
  }
}

Tree square_root(Dice& dice) {
  static const std::vector<int64_t> kRadicands = {2,  3,  5,  6,  7,  8,  10, 11,
                                                  12, 18, 20, 24, 27, 45, 50, 72};
  return root(number(dice.pick(kRadicands)));
}

Tree surd(Dice& dice) { return sum({integer(dice, 1, 9), scaled(dice, square_root(dice))}); }

Tree radical(Dice& dice) {
  switch (dice.range(0, 6)) {
    case 0:
      return scaled(dice, square_root(dice));
    case 1:
      return surd(dice);
    case 2:
      return quotient(integer(dice, 1, 9), surd(dice));
    case 3:
      return power(surd(dice), number(2));
    case 4:
      return product({square_root(dice), surd(dice)});
    case 5:
      return root(number(dice.range(1, 20), dice.range(2, 20)));
    default:
      return product({integer(dice, 2, 5), root(integer(dice, 2, 30), dice.range(3, 4))});
  }
}

Tree logarithm(Dice& dice) {
  switch (dice.range(0, 3)) {
    case 0:
      return scaled(dice, call("ln", integer(dice, 2, 60)));
    case 1:
      return make(Op::kLog, {integer(dice, 2, 10), integer(dice, 11, 99)});
    case 2:
      return sum(
          {call("ln", integer(dice, 2, 20)), scaled(dice, call("ln", integer(dice, 2, 20)))});
    default:
      return call("ln", number(dice.range(2, 30), dice.range(2, 12)));
  }
}

Tree pi_and_e(Dice& dice) {
  const Tree pi = constant("pi"), e = constant("e");
  switch (dice.range(0, 4)) {
    case 0:
      return product({fraction(dice), pi});
    case 1:
      return sum({scaled(dice, pi), nonzero(dice, 20)});
    case 2:
      return quotient(power(pi, number(2)), integer(dice, 2, 12));
    case 3:
      return sum({power(e, integer(dice, 2, 4)), scaled(dice, e)});
    default:
      return product({square_root(dice), pi});
  }
}

Tree angle(Dice& dice) {
  return quotient(product({number(dice.range(1, 11)), constant("pi")}),
                  number(dice.pick(std::vector<int64_t>{3, 4, 6, 5, 8, 12})));
}
Tree trig_constant(Dice& dice) {
  static const std::vector<std::string> kNames = {"sin", "cos", "tan", "sec"};
  const Tree first = call(dice.pick(kNames), angle(dice));
  return dice.chance(30)   ? sum({first, nonzero(dice, 4)})
         : dice.chance(30) ? product({first, square_root(dice)})
                           : first;
}

Tree trig_function(Dice& dice) {
  static const std::vector<std::string> kNames = {"sin", "cos", "tan", "sin", "cos", "sec"};
  const Tree x = letter(dice);
  const Tree inside = dice.chance(40)   ? x
                      : dice.chance(50) ? product({number(dice.range(2, 4)), x})
                                        : sum({x, symbol("b")});
  const Tree first = call(dice.pick(kNames), inside);
  switch (dice.range(0, 3)) {
    case 0:
      return first;
    case 1:
      return power(first, number(2));
    case 2:
      return sum({scaled(dice, first), call(dice.pick(kNames), x)});
    default:
      return product({first, call(dice.pick(kNames), x)});
  }
}

Tree positive_argument(Dice& dice) {
  return sum({power(letter(dice), number(2)), integer(dice, 1, 9)});
}

Tree exponential_function(Dice& dice) {
  switch (dice.range(0, 4)) {
    case 0:
      return call("exp", sum({letter(dice), scaled(dice, symbol("y"))}));
    case 1:
      return product({letter(dice), call("exp", scaled(dice, letter(dice)))});
    case 2:
      return sum({call("ln", positive_argument(dice)), nonzero(dice, 5)});
    case 3:
      return call(dice.chance(50) ? "cosh" : "sinh", letter(dice));
    default:
      return scaled(dice, call("ln", product({positive_argument(dice), integer(dice, 2, 9)})));
  }
}

Tree root_function(Dice& dice) {
  const Tree inside = positive_argument(dice);
  switch (dice.range(0, 2)) {
    case 0:
      return scaled(dice, root(inside));
    case 1:
      return quotient(letter(dice), root(inside));
    default:
      return sum({root(inside), linear(dice)});
  }
}

Tree power_of_n(Dice& dice) {
  const Tree n = symbol(dice.chance(70) ? "n" : "k");
  const Tree base = integer(dice, 2, 5);
  switch (dice.range(0, 3)) {
    case 0:
      return power(base, sum({n, number(dice.range(1, 3))}));
    case 1:
      return sum({power(base, n), nonzero(dice, 3)});
    case 2:
      return product({n, power(base, sum({n, number(-1)}))});
    default:
      return quotient(sum({power(base, n), number(-1)}), integer(dice, 2, 4));
  }
}

Tree combinatorial(Dice& dice) {
  const Tree n = dice.chance(50) ? symbol("n") : integer(dice, 4, 10);
  switch (dice.range(0, 3)) {
    case 0:
      return make(Op::kBinomial, {n, number(dice.range(2, 3))});
    case 1:
      return make(Op::kFactorial, {n});
    case 2:
      return quotient(make(Op::kFactorial, {sum({n, number(1)})}), make(Op::kFactorial, {n}));
    default:
      return sum({make(Op::kBinomial, {n, number(2)}), nonzero(dice, 9)});
  }
}

Tree complex_constant(Dice& dice) {
  const Tree i = constant("i");
  const Tree number_of_i = sum({integer(dice, -9, 9), scaled(dice, i)});
  switch (dice.range(0, 4)) {
    case 0:
      return product({number_of_i, sum({integer(dice, 1, 9), scaled(dice, i)})});
    case 1:
      return quotient(integer(dice, 1, 9), number_of_i);
    case 2:
      return power(number_of_i, number(2));
    case 3:
      return call("exp", product({i, angle(dice)}));
    default:
      return sum({scaled(dice, square_root(dice)), product({i, square_root(dice)})});
  }
}

Tree absolute_value(Dice& dice) {
  const Tree inside = dice.chance(50) ? linear(dice) : product({letter(dice), linear(dice)});
  return dice.chance(50) ? call("abs", inside) : sum({call("abs", inside), nonzero(dice, 9)});
}

// Prints both trees, each in a notation of its own. A near miss may have no value, as ln(-6): it is
// the prediction.
std::optional<Pair> printed(const Tree& a, const Tree& b, Dice& dice, bool equal) {
  Notation first, second;
  first.plain = dice.chance(10);
  second.plain = dice.chance(20);
  Pair pair = symmetric_pair(latex(a, dice, first), latex(b, dice, second));
  if (pair.gold.size() > kLongest || pair.prediction.size() > kLongest) return std::nullopt;
  if (equal && dice.chance(50)) std::swap(pair.gold, pair.prediction);
  return pair;
}

template <Tree (*base)(Dice&)>
std::optional<Pair> expression(Dice& dice, bool equal) {
  const Tree tree = base(dice);
  if (equal) {
    const Tree other = rewritten(tree, dice, static_cast<int>(dice.range(2, 10)));
    return agree(tree, other, dice) ? printed(tree, other, dice, true) : std::nullopt;
  }
  const std::optional<Tree> wrong = broken(tree, dice);
  if (!wrong) return std::nullopt;
  const Tree other = rewritten(*wrong, dice, static_cast<int>(dice.range(0, 4)));
  return provably_different(tree, other, dice) ? printed(tree, other, dice, false) : std::nullopt;
}

// sqrt(a + b + 2 sqrt(a b)) = sqrt(a) + sqrt(b)
std::optional<Pair> denested(Dice& dice, bool equal) {
  const int64_t a = dice.range(2, 30), b = dice.range(2, 30),
                shown = equal ? b : b + dice.range(1, 5);
  if (a == b || a == shown) return std::nullopt;
  const Tree nested = root(sum({number(a + b), product({number(2), root(number(a * b))})}));
  const Tree flat = sum({root(number(a)), root(number(shown))});
  if (equal ? !agree(nested, flat, dice) : !provably_different(nested, flat, dice))
    return std::nullopt;
  return printed(nested, flat, dice, equal);
}

// The sine of a multiple of 15 or 18 degrees as a surd.
Tree exact_sine(int64_t degrees) {
  const auto over = [](Tree top, int64_t bottom) {
    return quotient(std::move(top), number(bottom));
  };
  const Tree two = root(number(2)), three = root(number(3)), five = root(number(5)),
             six = root(number(6)), ten = root(number(10));
  degrees %= 360;
  if (degrees > 180) return negate(exact_sine(degrees - 180));
  if (degrees > 90) return exact_sine(180 - degrees);
  switch (degrees) {
    case 0:
      return number(0);
    case 15:
      return over(sum({six, negate(two)}), 4);
    case 18:
      return over(sum({five, number(-1)}), 4);
    case 30:
      return number(1, 2);
    case 36:
      return over(root(sum({number(10), product({number(-2), five})})), 4);
    case 45:
      return over(two, 2);
    case 54:
      return over(sum({five, number(1)}), 4);
    case 60:
      return over(three, 2);
    case 72:
      return over(root(sum({number(10), product({number(2), five})})), 4);
    case 75:
      return over(sum({six, two}), 4);
    default:
      return number(1);
  }
}

std::optional<Pair> exact_degrees(Dice& dice, bool equal) {
  static const std::vector<std::string> kDegrees = {"^\\circ", "^{\\circ}", "°"};
  const bool cosine = dice.chance(50);
  const int64_t degrees = dice.chance(70) ? 15 * dice.range(1, 23) : 18 * dice.range(1, 19);
  const Tree value = exact_sine(cosine ? degrees + 90 : degrees);
  const Tree wanted = call(cosine ? "cos" : "sin",
                           quotient(product({number(degrees), constant("pi")}), number(180)));
  if (!agree(value, wanted, dice)) return std::nullopt;
  const Tree shown = equal ? rewritten(value, dice, static_cast<int>(dice.range(0, 2)))
                           : broken(value, dice).value_or(value);
  if (equal ? !agree(value, shown, dice) : !provably_different(value, shown, dice))
    return std::nullopt;
  const std::string text = std::string(cosine ? "\\cos" : "\\sin") + (dice.chance(50) ? " " : "") +
                           std::to_string(degrees) + dice.pick(kDegrees);
  Pair pair = symmetric_pair(text, latex(shown, dice));
  if (dice.chance(50)) std::swap(pair.gold, pair.prediction);
  return pair;
}

}  // namespace

Tree small_constant(Dice& dice) {
  switch (dice.range(0, 4)) {
    case 0:
      return fraction(dice);
    case 1:
      return scaled(dice, square_root(dice));
    default:
      return integer(dice, -20, 30);
  }
}

const std::vector<Kind>& expression_kinds() {
  static const std::vector<Kind> kKinds = {
      {"rational", expression<rational_constant>},
      {"polynomial", expression<polynomial>},
      {"rational_function", expression<rational_function>},
      {"radical", expression<radical>},
      {"nested_radical", denested},
      {"logarithm", expression<logarithm>},
      {"pi_and_e", expression<pi_and_e>},
      {"trig_constant", expression<trig_constant>},
      {"degrees", exact_degrees},
      {"trig_function", expression<trig_function>},
      {"exponential_function", expression<exponential_function>},
      {"root_function", expression<root_function>},
      {"power_of_n", expression<power_of_n>},
      {"combinatorial", expression<combinatorial>},
      {"complex", expression<complex_constant>},
      {"absolute_value", expression<absolute_value>},
  };
  return kKinds;
}

}  // namespace r1::rewards::math
