// Identities of roots, logarithms, trigonometry, exponentials, absolute values, factorials.
#include "tests/rewards/math_rewrite.h"

namespace r1::rewards::math {
namespace {

Tree half(const Tree& tree) {
  if (is_number(tree)) return number(tree->numerator, 2 * tree->denominator);
  if (tree->op == Op::kProduct && is_integer(tree->args[0]) && tree->args[0]->numerator % 2 == 0) {
    std::vector<Tree> factors = tree->args;
    factors[0] = number(factors[0]->numerator / 2);
    return product(std::move(factors));
  }
  return quotient(tree, number(2));
}

Tree squared(const std::string& name, const Tree& argument) {
  return power(call(name, argument), number(2));
}

// sin(a + b), cos(a + b)
Tree addition_theorem(const std::string& name, const Tree& argument) {
  const Tree a = argument->args[0];
  const Tree b = argument->args.size() == 2
                     ? argument->args[1]
                     : sum({argument->args.begin() + 1, argument->args.end()});
  const Tree first = product({call(name, a), call("cos", b)});
  const Tree second = product({call(name == "sin" ? "cos" : "sin", a), call("sin", b)});
  return sum({first, name == "sin" ? second : negate(second)});
}

Tree sine_identity(const Tree& a, Dice& dice) {
  switch (dice.range(0, 4)) {
    case 0:
      return product({number(2), call("sin", half(a)), call("cos", half(a))});
    case 1:
      return call("cos", sum({quotient(constant("pi"), number(2)), negate(a)}));
    case 2:
      return negate(call("sin", negate(a)));
    case 3:
      return call("sin", sum({a, product({number(2 * dice.range(1, 3)), constant("pi")})}));
    default:
      return quotient(number(1), call("csc", a));
  }
}

Tree cosine_identity(const Tree& a, Dice& dice) {
  switch (dice.range(0, 4)) {
    case 0:
      return sum({number(1), negate(product({number(2), squared("sin", half(a))}))});
    case 1:
      return sum({product({number(2), squared("cos", half(a))}), number(-1)});
    case 2:
      return sum({squared("cos", half(a)), negate(squared("sin", half(a)))});
    case 3:
      return call("sin", sum({quotient(constant("pi"), number(2)), negate(a)}));
    default:
      return call("cos", negate(a));
  }
}

std::optional<Tree> trigonometric(const Tree& tree, Dice& dice) {
  if (tree->op == Op::kPower && is_integer(tree->args[1]) && tree->args[1]->numerator == 2) {
    const Tree& base = tree->args[0];
    if (is_call(base, "sin")) return sum({number(1), negate(squared("cos", base->args[0]))});
    if (is_call(base, "cos")) return sum({number(1), negate(squared("sin", base->args[0]))});
    if (is_call(base, "sec")) return sum({number(1), squared("tan", base->args[0])});
    if (is_call(base, "tan")) return sum({squared("sec", base->args[0]), number(-1)});
    return std::nullopt;
  }
  if (tree->op != Op::kCall) return std::nullopt;
  const Tree& a = tree->args[0];
  const std::string& name = tree->name;
  if ((name == "sin" || name == "cos") && a->op == Op::kSum && dice.chance(60))
    return addition_theorem(name, a);
  if (name == "sin") return sine_identity(a, dice);
  if (name == "cos") return cosine_identity(a, dice);
  if (name == "tan") return quotient(call("sin", a), call("cos", a));
  if (name == "cot")
    return dice.chance(50) ? quotient(call("cos", a), call("sin", a))
                           : quotient(number(1), call("tan", a));
  if (name == "sec") return quotient(number(1), call("cos", a));
  if (name == "csc") return quotient(number(1), call("sin", a));
  return std::nullopt;
}

std::optional<Tree> logarithmic(const Tree& tree, Dice& dice) {
  if (tree->op == Op::kLog) return quotient(call("ln", tree->args[1]), call("ln", tree->args[0]));
  if (tree->op == Op::kProduct && tree->args.size() == 2 && is_integer(tree->args[0]) &&
      is_call(tree->args[1], "ln")) {
    const Tree& inside = tree->args[1]->args[0];
    if (!positive(inside) || std::abs(tree->args[0]->numerator) > 6) return std::nullopt;
    return call("ln", power(inside, tree->args[0]));
  }
  if (!is_call(tree, "ln") || !positive(tree->args[0])) return std::nullopt;
  const Tree& inside = tree->args[0];
  if (inside->op == Op::kPower && !has_symbol(inside->args[1]))
    return product({inside->args[1], call("ln", inside->args[0])});
  if (inside->op == Op::kQuotient)
    return sum({call("ln", inside->args[0]), negate(call("ln", inside->args[1]))});
  if (inside->op == Op::kProduct) {
    std::vector<Tree> terms;
    for (const Tree& factor : inside->args) terms.push_back(call("ln", factor));
    return sum(std::move(terms));
  }
  if (is_number(inside) && inside->denominator > 1) {
    return sum(
        {call("ln", number(inside->numerator)), negate(call("ln", number(inside->denominator)))});
  }
  for (int64_t p = 2; is_integer(inside) && p * p <= inside->numerator; ++p) {
    if (inside->numerator % p == 0)
      return sum({call("ln", number(p)), call("ln", number(inside->numerator / p))});
  }
  return dice.chance(50) ? std::optional<Tree>(negate(call("ln", quotient(number(1), inside))))
                         : std::nullopt;
}

bool imaginary(const Tree& tree) {
  return tree->op == Op::kProduct && tree->args[0]->op == Op::kConstant &&
         tree->args[0]->name == "i";
}

std::optional<Tree> exponential(const Tree& tree, Dice& dice) {
  if (is_call(tree, "cosh") || is_call(tree, "sinh")) {
    const Tree rising = call("exp", tree->args[0]), falling = call("exp", negate(tree->args[0]));
    return quotient(sum({rising, tree->name == "cosh" ? falling : negate(falling)}), number(2));
  }
  if (!is_call(tree, "exp")) return std::nullopt;
  const Tree& inside = tree->args[0];
  if (imaginary(inside)) {
    const std::vector<Tree> rest(inside->args.begin() + 1, inside->args.end());
    const Tree angle = rest.size() == 1 ? rest[0] : product(rest);
    return sum({call("cos", angle), product({constant("i"), call("sin", angle)})});
  }
  if (inside->op == Op::kSum) {
    std::vector<Tree> factors;
    for (const Tree& term : inside->args) factors.push_back(call("exp", term));
    return product(std::move(factors));
  }
  if (is_integer(inside) && inside->numerator > 1) return power(constant("e"), inside);
  return dice.chance(50) ? quotient(number(1), call("exp", negate(inside)))
                         : power(call("exp", half(inside)), number(2));
}

std::optional<Tree> absolute(const Tree& tree, Dice& dice) {
  if (!is_call(tree, "abs")) return std::nullopt;
  const Tree& inside = tree->args[0];
  if (inside->op == Op::kProduct) {
    std::vector<Tree> factors;
    for (const Tree& factor : inside->args) factors.push_back(call("abs", factor));
    return product(std::move(factors));
  }
  return dice.chance(50) ? call("abs", negate(inside)) : root(power(inside, number(2)));
}

std::optional<Tree> combinatorial(const Tree& tree, Dice& dice) {
  if (tree->op == Op::kFactorial) {
    const Tree& n = tree->args[0];
    if (is_integer(n) && n->numerator < 2) return std::nullopt;
    const Tree below = is_integer(n) ? number(n->numerator - 1) : sum({n, number(-1)});
    return product({n, make(Op::kFactorial, {below})});
  }
  if (tree->op != Op::kBinomial) return std::nullopt;
  const Tree &n = tree->args[0], &k = tree->args[1];
  if (is_integer(k) && k->numerator == 2)
    return quotient(product({n, sum({n, number(-1)})}), number(2));
  if (is_integer(n) && is_integer(k)) {
    const Tree rest = number(n->numerator - k->numerator);
    if (dice.chance(50)) return make(Op::kBinomial, {n, rest});
    return quotient(make(Op::kFactorial, {n}),
                    product({make(Op::kFactorial, {k}), make(Op::kFactorial, {rest})}));
  }
  return make(Op::kBinomial, {n, sum({n, negate(k)})});
}

}  // namespace

std::optional<Tree> apply_function_identity(const Tree& tree, Dice& dice) {
  for (const auto rule : {trigonometric, logarithmic, exponential, absolute, combinatorial}) {
    if (std::optional<Tree> result = rule(tree, dice)) return result;
  }
  return std::nullopt;
}

}  // namespace r1::rewards::math
