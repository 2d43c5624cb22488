#include "tests/rewards/math_rewrite.h"

#include <algorithm>
#include <cstdlib>

namespace r1::rewards::math {
namespace {

using Rule = std::optional<Tree> (*)(const Tree&, Dice&);

bool whole_at_least(const Tree& tree, int64_t low) {
  return is_integer(tree) && tree->numerator >= low;
}

// The arguments without the `i`-th; a lone one stands for itself.
Tree without(const Tree& tree, size_t i) {
  std::vector<Tree> rest = tree->args;
  rest.erase(rest.begin() + static_cast<std::ptrdiff_t>(i));
  return rest.size() == 1 ? rest[0] : make(tree->op, std::move(rest));
}

std::optional<Tree> shuffle_arguments(const Tree& tree, Dice& dice) {
  if (tree->op != Op::kSum && tree->op != Op::kProduct) return std::nullopt;
  std::vector<Tree> args = tree->args;
  dice.shuffle(args);
  return make(tree->op, std::move(args));
}

std::optional<Tree> distribute(const Tree& tree, Dice&) {
  if (tree->op != Op::kProduct) return std::nullopt;
  for (size_t i = 0; i < tree->args.size(); ++i) {
    if (tree->args[i]->op != Op::kSum) continue;
    std::vector<Tree> terms;
    for (const Tree& term : tree->args[i]->args) {
      std::vector<Tree> factors = tree->args;
      factors[i] = term;
      terms.push_back(product(std::move(factors)));
    }
    return sum(std::move(terms));
  }
  return std::nullopt;
}

std::optional<Tree> split_number(const Tree& tree, Dice& dice) {
  if (!is_number(tree) || std::abs(tree->numerator) > 10'000 || tree->denominator > 1000)
    return std::nullopt;
  if (!dice.chance(25)) return std::nullopt;  // or little else would happen
  const int64_t part = dice.range(1, 9), below = is_integer(tree) ? 1 : dice.range(1, 4);
  return sum({number(part, below), number(tree->numerator * below - part * tree->denominator,
                                          tree->denominator * below)});
}

std::optional<Tree> fold_numbers(const Tree& tree, Dice&) {
  for (const Tree& arg : tree->args) {
    if (!is_number(arg) || std::abs(arg->numerator) > 1000 || arg->denominator > 1000)
      return std::nullopt;
  }
  if (tree->args.size() != 2) return std::nullopt;
  const Node &a = *tree->args[0], &b = *tree->args[1];
  if (tree->op == Op::kSum)
    return number(a.numerator * b.denominator + b.numerator * a.denominator,
                  a.denominator * b.denominator);
  if (tree->op == Op::kProduct)
    return number(a.numerator * b.numerator, a.denominator * b.denominator);
  if (tree->op == Op::kQuotient && b.numerator != 0)
    return number(a.numerator * b.denominator, a.denominator * b.numerator);
  return std::nullopt;
}

std::optional<Tree> split_quotient(const Tree& tree, Dice&) {
  if (tree->op != Op::kQuotient || tree->args[0]->op != Op::kSum) return std::nullopt;
  std::vector<Tree> terms;
  for (const Tree& term : tree->args[0]->args) terms.push_back(quotient(term, tree->args[1]));
  return sum(std::move(terms));
}

std::optional<Tree> quotient_as_product(const Tree& tree, Dice& dice) {
  if (tree->op != Op::kQuotient || is_number(tree->args[1])) return std::nullopt;
  const Tree inverse =
      dice.chance(50) ? power(tree->args[1], number(-1)) : quotient(number(1), tree->args[1]);
  return product({tree->args[0], inverse});
}

std::optional<Tree> widen_quotient(const Tree& tree, Dice& dice) {
  if (tree->op != Op::kQuotient) return std::nullopt;
  const bool letters = has_symbol(tree) && dice.chance(40);
  const Tree factor =
      letters ? sum({symbol("x"), number(dice.range(1, 9))}) : number(dice.range(2, 5));
  return quotient(product({factor, tree->args[0]}), product({factor, tree->args[1]}));
}

std::optional<Tree> split_power(const Tree& tree, Dice&) {
  if (tree->op != Op::kPower) return std::nullopt;
  const Tree &base = tree->args[0], &exponent = tree->args[1];
  if (is_integer(exponent) && exponent->numerator < 0) {
    const Tree bottom =
        exponent->numerator == -1 ? base : power(base, number(-exponent->numerator));
    return quotient(number(1), bottom);
  }
  if (whole_at_least(exponent, 2) && exponent->numerator <= 6) {
    return product(
        {base, exponent->numerator == 2 ? base : power(base, number(exponent->numerator - 1))});
  }
  if (has_symbol(exponent) && is_number(base))
    return product({base, power(base, sum({exponent, number(-1)}))});
  return std::nullopt;
}

std::optional<Tree> power_of_product(const Tree& tree, Dice&) {
  if (tree->op != Op::kPower || tree->args[0]->op != Op::kProduct || !is_integer(tree->args[1]))
    return std::nullopt;
  std::vector<Tree> factors;
  for (const Tree& factor : tree->args[0]->args) factors.push_back(power(factor, tree->args[1]));
  return product(std::move(factors));
}

std::optional<Tree> square_of_sum(const Tree& tree, Dice&) {
  if (tree->op != Op::kPower || tree->args[0]->op != Op::kSum || tree->args[0]->args.size() != 2)
    return std::nullopt;
  if (!whole_at_least(tree->args[1], 2) || tree->args[1]->numerator != 2) return std::nullopt;
  const Tree &a = tree->args[0]->args[0], &b = tree->args[0]->args[1];
  return sum({power(a, number(2)), product({number(2), a, b}), power(b, number(2))});
}

std::optional<Tree> move_minus(const Tree& tree, Dice& dice) {
  if (tree->op == Op::kNegate && tree->args[0]->op == Op::kSum) {
    std::vector<Tree> terms;
    for (const Tree& term : tree->args[0]->args) {
      terms.push_back(is_number(term) ? number(-term->numerator, term->denominator) : negate(term));
    }
    return sum(std::move(terms));
  }
  if (tree->op == Op::kNegate && tree->args[0]->op == Op::kNegate) return tree->args[0]->args[0];
  if (tree->op == Op::kNegate) return product({number(-1), tree->args[0]});
  if (tree->op == Op::kSum && dice.chance(50)) {
    std::vector<Tree> terms;
    for (const Tree& term : tree->args)
      terms.push_back(term->op == Op::kNegate ? term->args[0] : negate(term));
    return negate(sum(std::move(terms)));
  }
  if (tree->op == Op::kQuotient) return quotient(negate(tree->args[0]), negate(tree->args[1]));
  return std::nullopt;
}

std::optional<Tree> add_and_subtract(const Tree& tree, Dice& dice) {
  if (is_number(tree) || !dice.chance(15)) return std::nullopt;
  const Tree extra = has_symbol(tree) ? symbol(dice.pick(std::vector<std::string>{"x", "y", "a"}))
                                      : number(dice.range(2, 9));
  return sum({tree, extra, negate(extra)});
}

int64_t largest_square_factor(int64_t n) {
  for (int64_t s = 30; s > 1; --s) {
    if (n % (s * s) == 0) return s;
  }
  return 1;
}

std::optional<Tree> reshape_root(const Tree& tree, Dice& dice) {
  if (tree->op == Op::kProduct && tree->args.size() == 2 && whole_at_least(tree->args[0], 2) &&
      tree->args[0]->numerator < 20) {
    const Node& second = *tree->args[1];
    if (second.op != Op::kRoot || second.numerator != 2 || !whole_at_least(second.args[0], 2))
      return std::nullopt;
    return root(
        number(tree->args[0]->numerator * tree->args[0]->numerator * second.args[0]->numerator));
  }
  if (tree->op != Op::kRoot || !positive(tree->args[0])) return std::nullopt;
  const Tree& inside = tree->args[0];
  if (whole_at_least(inside, 2) && tree->numerator == 2) {
    const int64_t s = largest_square_factor(inside->numerator);
    if (s > 1 && s * s < inside->numerator)
      return product({number(s), root(number(inside->numerator / (s * s)))});
    for (int64_t p = 2; p * p <= inside->numerator; ++p) {
      if (inside->numerator % p == 0)
        return product({root(number(p)), root(number(inside->numerator / p))});
    }
  }
  if (is_number(inside) && inside->denominator > 1) {
    return quotient(root(number(inside->numerator), tree->numerator),
                    root(number(inside->denominator), tree->numerator));
  }
  return dice.chance(50) ? std::optional<Tree>(power(inside, number(1, tree->numerator)))
                         : std::nullopt;
}

// The square of a + b sqrt(c) form's part, written without its root; nullopt for other trees.
std::optional<Tree> plain_square(const Tree& tree) {
  if (is_number(tree))
    return number(tree->numerator * tree->numerator, tree->denominator * tree->denominator);
  if (tree->op == Op::kRoot && tree->numerator == 2 && is_number(tree->args[0]))
    return tree->args[0];
  if (tree->op == Op::kConstant && tree->name == "i") return number(-1);
  if (tree->op == Op::kNegate) return plain_square(tree->args[0]);
  if (tree->op != Op::kProduct) return std::nullopt;
  int64_t top = 1, bottom = 1;
  for (const Tree& factor : tree->args) {
    const std::optional<Tree> square = plain_square(factor);
    if (!square) return std::nullopt;
    top *= (*square)->numerator;
    bottom *= (*square)->denominator;
  }
  return number(top, bottom);
}

// t / (a + b) = t (a - b) / (a^2 - b^2)
std::optional<Tree> conjugate(const Tree& tree, Dice&) {
  if (tree->op != Op::kQuotient) return std::nullopt;
  const Tree &top = tree->args[0], &bottom = tree->args[1];
  if (bottom->op == Op::kRoot && bottom->numerator == 2)
    return quotient(product({top, bottom}), bottom->args[0]);
  if (bottom->op != Op::kSum || bottom->args.size() != 2) return std::nullopt;
  const std::optional<Tree> a = plain_square(bottom->args[0]), b = plain_square(bottom->args[1]);
  if (!a || !b || (*a)->numerator * (*b)->denominator == (*b)->numerator * (*a)->denominator)
    return std::nullopt;
  const Tree difference =
      number((*a)->numerator * (*b)->denominator - (*b)->numerator * (*a)->denominator,
             (*a)->denominator * (*b)->denominator);
  return quotient(product({top, sum({bottom->args[0], negate(bottom->args[1])})}), difference);
}

std::optional<Tree> first_that_fits(const std::vector<Rule>& rules, const Tree& tree, Dice& dice) {
  const size_t start = static_cast<size_t>(dice.range(0, static_cast<int64_t>(rules.size()) - 1));
  for (size_t i = 0; i < rules.size(); ++i) {
    if (std::optional<Tree> result = rules[(start + i) % rules.size()](tree, dice)) return result;
  }
  return std::nullopt;
}

Tree other_number(const Tree& tree, Dice& dice) {
  const int64_t step = dice.chance(50) ? 1 : -1;
  switch (dice.range(0, 3)) {
    case 0:
      return number(-tree->numerator, tree->denominator);
    case 1:
      return number(tree->numerator + 10 * step, tree->denominator);
    case 2:
      return tree->denominator > 1 && tree->numerator != 0
                 ? number(tree->denominator, tree->numerator)
                 : number(tree->numerator + step);
    default:
      return number(tree->numerator + step, tree->denominator);
  }
}

std::string other_name(const std::string& name, Dice& dice) {
  static const std::map<std::string, std::string> kSwapped = {
      {"sin", "cos"},       {"cos", "sin"},   {"tan", "cot"},
      {"cot", "tan"},       {"sec", "csc"},   {"csc", "sec"},
      {"sinh", "cosh"},     {"cosh", "sinh"}, {"arcsin", "arccos"},
      {"arccos", "arcsin"}, {"pi", "e"},      {"e", "pi"},
      {"x", "y"},           {"y", "x"},       {"n", "k"},
      {"k", "n"},           {"a", "b"},       {"b", "a"}};
  const auto found = kSwapped.find(name);
  return found != kSwapped.end() ? found->second : dice.chance(50) ? "x" : "y";
}

Tree renamed(const Tree& tree, const std::string& name) {
  Node copy = *tree;
  copy.name = name;
  return std::make_shared<const Node>(std::move(copy));
}

std::optional<Tree> break_node(const Tree& tree, Dice& dice) {
  const std::vector<Tree>& args = tree->args;
  switch (tree->op) {
    case Op::kNumber:
      return other_number(tree, dice);
    case Op::kSymbol:
      return renamed(tree, other_name(tree->name, dice));
    case Op::kConstant:
      return tree->name == "i" ? (dice.chance(50) ? number(1) : negate(tree))
                               : renamed(tree, other_name(tree->name, dice));
    case Op::kSum:
    case Op::kProduct: {
      const size_t i = static_cast<size_t>(dice.range(0, static_cast<int64_t>(args.size()) - 1));
      if (dice.chance(30)) return without(tree, i);
      if (dice.chance(30)) return make(tree->op == Op::kSum ? Op::kProduct : Op::kSum, args);
      std::vector<Tree> changed = args;
      changed[i] = changed[i]->op == Op::kNegate ? changed[i]->args[0] : negate(changed[i]);
      return make(tree->op, std::move(changed));
    }
    case Op::kQuotient:
      return dice.chance(50) ? quotient(args[1], args[0]) : product(args);
    case Op::kPower:
      return dice.chance(30) ? power(args[1], args[0])
                             : power(args[0], sum({args[1], number(dice.chance(50) ? 1 : -1)}));
    case Op::kRoot:
      return dice.chance(50) ? root(args[0], 5 - std::min<int64_t>(tree->numerator, 3)) : args[0];
    case Op::kNegate:
      return args[0];
    case Op::kCall:
      return tree->name == "exp" || tree->name == "ln" || tree->name == "abs" ||
                     tree->name == "arctan"
                 ? std::optional<Tree>(call(tree->name, product({number(2), args[0]})))
                 : renamed(tree, other_name(tree->name, dice));
    case Op::kLog:
      return make(Op::kLog, {args[1], args[0]});
    case Op::kFactorial:
      return dice.chance(50) ? args[0] : make(Op::kFactorial, {sum({args[0], number(-1)})});
    case Op::kBinomial:
      return make(Op::kBinomial, {args[0], sum({args[1], number(1)})});
  }
  return std::nullopt;
}

}  // namespace

bool positive(const Tree& tree) {
  const std::vector<Tree>& args = tree->args;
  const auto all = [&] { return std::all_of(args.begin(), args.end(), positive); };
  switch (tree->op) {
    case Op::kNumber:
      return tree->numerator > 0;
    case Op::kConstant:
      return tree->name != "i";
    case Op::kSum: {  // squares and positive terms, one of them positive for certain
      const auto square = [](const Tree& term) {
        return term->op == Op::kPower && is_integer(term->args[1]) &&
               term->args[1]->numerator % 2 == 0;
      };
      const bool fits = std::all_of(args.begin(), args.end(), [&](const Tree& term) {
        return positive(term) || square(term);
      });
      return fits && std::any_of(args.begin(), args.end(), positive);
    }
    case Op::kProduct:
    case Op::kQuotient:
    case Op::kRoot:
      return all();
    case Op::kPower:
      return positive(args[0]) && !has_symbol(args[1]);
    case Op::kCall:
      return tree->name == "exp" || tree->name == "cosh";
    default:
      return false;
  }
}

std::optional<Tree> apply_algebra(const Tree& tree, Dice& dice) {
  static const std::vector<Rule> kRules = {
      shuffle_arguments,   distribute,       split_number, fold_numbers,     split_quotient,
      quotient_as_product, widen_quotient,   split_power,  power_of_product, square_of_sum,
      move_minus,          add_and_subtract, reshape_root, conjugate};
  return first_that_fits(kRules, tree, dice);
}

Tree rewritten(const Tree& tree, Dice& dice, int times, int64_t max_size) {
  Tree result = tree;
  for (int i = 0; i < times; ++i) {
    const auto change = [&](const Tree& node) {
      const std::optional<Tree> special =
          dice.chance(60) ? apply_function_identity(node, dice) : std::nullopt;
      return special ? special : apply_algebra(node, dice);
    };
    const std::optional<Tree> next = replace_at(result, dice.range(0, size(result) - 1), change);
    if (next && size(*next) <= max_size) result = *next;
  }
  return result;
}

std::optional<Tree> broken(const Tree& tree, Dice& dice) {
  return replace_at(tree, dice.range(0, size(tree) - 1),
                    [&](const Tree& node) { return break_node(node, dice); });
}

}  // namespace r1::rewards::math
