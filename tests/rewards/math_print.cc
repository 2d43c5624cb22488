// latex(): a tree as text, in notations that leave no doubt about the tree.
#include <array>
#include <cctype>
#include <cstdlib>

#include "tests/rewards/math_tree.h"

namespace r1::rewards::math {
namespace {

enum Level { kSumLevel, kSlashLevel, kProductLevel, kPowerLevel, kAtomLevel };

struct Text {
  std::string text;
  Level level = kAtomLevel;
  bool bare_call = false;  // \sin x: what follows could be read as part of the argument
};

bool starts_with_digit(const std::string& text) {
  return std::isdigit(static_cast<unsigned char>(text.front())) || text.front() == '.';
}
bool is_fraction_macro(const std::string& text) {
  return text.starts_with("\\frac") || text.starts_with("\\dfrac") || text.starts_with("\\tfrac") ||
         text.starts_with("\\cfrac");
}
bool ends_with_macro(const std::string& text) {
  size_t i = text.size();
  while (i > 0 && std::isalpha(static_cast<unsigned char>(text[i - 1]))) --i;
  return i < text.size() && i > 0 && text[i - 1] == '\\';
}

// Letters that nobody reads as a word, a unit or a function when they stand side by side.
bool letters_may_touch(char left, char right) {
  for (const char* group : {"xyz", "ab", "pq", "uv"}) {
    const std::string letters = group;
    if (letters.find(left) != std::string::npos && letters.find(right) != std::string::npos)
      return true;
  }
  return false;
}

// Whether "left right" can only mean the product.
bool may_touch(const Text& left, const Text& right) {
  const char last = left.text.back(), first = right.text.front();
  if (starts_with_digit(right.text) || is_fraction_macro(right.text) || right.text.starts_with("{"))
    return false;
  if (last == '!' || last == '|' || first == '|' || right.text.starts_with("\\left|") ||
      left.bare_call)
    return false;
  if (left.text == "e" || left.text == "i" || right.text == "e") return false;
  if (ends_with_macro(left.text) && left.text != "\\pi") return false;
  if (std::isalpha(static_cast<unsigned char>(last)) && !ends_with_macro(left.text)) {
    if (std::isalpha(static_cast<unsigned char>(first)))
      return left.text.size() == 1 && letters_may_touch(last, first);
    if (first == '(' || right.text.starts_with("\\left("))
      return std::string("xyzabnk").find(last) != std::string::npos;
  }
  return true;
}

class Printer {
 public:
  Printer(Dice& dice, const Notation& notation) : dice_(dice), notation_(notation) {}

  std::string standalone(const Tree& tree) {
    if (is_integer(tree) && std::abs(tree->numerator) >= 1000) return whole_number(tree->numerator);
    if (is_number(tree) && tree->denominator > 1 && std::abs(tree->numerator) > tree->denominator &&
        dice_.chance(30)) {
      return mixed(*tree);
    }
    return print(tree).text;
  }

 private:
  Text print(const Tree& tree, bool may_be_bare = true) {
    const std::vector<Tree>& args = tree->args;
    switch (tree->op) {
      case Op::kNumber:
        return print_number(*tree);
      case Op::kSymbol:
        return {tree->name};
      case Op::kConstant:
        return {tree->name == "pi" ? (notation_.plain ? "pi" : "\\pi") : tree->name};
      case Op::kSum:
        return print_sum(args);
      case Op::kProduct:
        return print_product(args);
      case Op::kQuotient:
        return print_quotient(args[0], args[1]);
      case Op::kPower:
        return print_power(args[0], args[1]);
      case Op::kRoot:
        return print_root(args[0], tree->numerator);
      case Op::kNegate:
        return {"-" + behind_minus(print(args[0])), kSumLevel};
      case Op::kCall:
        return print_call(tree->name, args[0], may_be_bare);
      case Op::kLog:
        return {"\\log_{" + print(args[0]).text + "}" + wrap(print(args[1], false).text),
                kPowerLevel};
      case Op::kFactorial:
        return {at_least(print(args[0], false), kAtomLevel) + "!", kPowerLevel};
      case Op::kBinomial:
        return print_binomial(print(args[0]).text, print(args[1]).text);
    }
    return {};
  }

  std::string wrap(const std::string& text) {
    if (notation_.plain) return "(" + text + ")";
    static const std::vector<std::array<const char*, 2>> kBrackets = {
        {"(", ")"}, {"(", ")"}, {"\\left(", "\\right)"}, {"\\bigl(", "\\bigr)"}};
    const auto& bracket = dice_.pick(kBrackets);
    return bracket[0] + text + bracket[1];
  }
  std::string at_least(const Text& text, Level level) {
    return text.level < level || text.bare_call ? wrap(text.text) : text.text;
  }
  std::string behind_minus(const Text& text) {
    return text.level < kProductLevel ? wrap(text.text) : text.text;
  }
  std::string braced(const std::string& text) {
    const bool single = text.size() == 1 && dice_.chance(50);
    return single ? text : notation_.plain ? "(" + text + ")" : "{" + text + "}";
  }

  std::string whole_number(int64_t value) {
    const std::string digits = std::to_string(std::abs(value));
    static const std::vector<std::string> kSeparators = {"", "", ",", "{,}", "\\,", ",\\!"};
    const std::string separator = notation_.grouping ? dice_.pick(kSeparators) : "";
    std::string text;
    for (size_t i = 0; i < digits.size(); ++i) {
      if (i > 0 && (digits.size() - i) % 3 == 0) text += separator;
      text += digits[i];
    }
    return value < 0 ? "-" + text : text;
  }

  std::string mixed(const Node& node) {
    const int64_t top = std::abs(node.numerator);
    const std::string part =
        notation_.plain
            ? " " + std::to_string(top % node.denominator) + "/" + std::to_string(node.denominator)
            : fraction(std::to_string(top % node.denominator), std::to_string(node.denominator));
    return (node.numerator < 0 ? "-" : "") + std::to_string(top / node.denominator) + part;
  }

  // The decimal of a fraction with at most five places, or "".
  static std::string decimal(int64_t top, int64_t bottom) {
    int64_t scale = 1;
    for (int places = 1; places <= 5; ++places) {
      scale *= 10;
      if (scale % bottom != 0) continue;
      std::string digits = std::to_string(top * (scale / bottom));
      if (digits.size() <= static_cast<size_t>(places))
        digits.insert(0, static_cast<size_t>(places) + 1 - digits.size(), '0');
      return digits.insert(digits.size() - static_cast<size_t>(places), ".");
    }
    return "";
  }

  Text print_number(const Node& node) {
    if (node.numerator < 0) {
      Node positive = node;
      positive.numerator = -node.numerator;
      return {"-" + behind_minus(print_number(positive)), kSumLevel};
    }
    if (node.denominator == 1) return {std::to_string(node.numerator)};
    const std::string as_decimal = decimal(node.numerator, node.denominator);
    if (!as_decimal.empty() && dice_.chance(35)) return {as_decimal};
    const int64_t factor = dice_.chance(25) ? dice_.range(2, 4) : 1;  // not always in lowest terms
    const std::string top = std::to_string(factor * node.numerator),
                      bottom = std::to_string(factor * node.denominator);
    if (notation_.plain || dice_.chance(20)) return {top + "/" + bottom, kSlashLevel};
    return {fraction(top, bottom), kPowerLevel};
  }

  std::string fraction(const std::string& top, const std::string& bottom) {
    static const std::vector<std::string> kMacros = {"\\frac", "\\frac", "\\dfrac", "\\tfrac",
                                                     "\\cfrac"};
    const bool digits =
        top.size() == 1 && bottom.size() == 1 && std::isdigit(static_cast<unsigned char>(top[0]));
    const std::string& macro = dice_.pick(kMacros);
    return digits && dice_.chance(40) ? macro + top + bottom
                                      : macro + "{" + top + "}{" + bottom + "}";
  }

  Text print_sum(const std::vector<Tree>& args) {
    const bool spaced = dice_.chance(50);
    std::string text;
    for (const Tree& arg : args) {
      Text part = print(arg);
      if (arg->op == Op::kSum && dice_.chance(50)) part.text = wrap(part.text);
      if (text.empty() || part.text.front() != '-') {
        text += text.empty() ? "" : spaced ? " + " : "+";
        text += part.text;
      } else {
        text += spaced ? " - " : "-";
        text += part.text.substr(1);
      }
    }
    return {text, kSumLevel};
  }

  Text print_product(const std::vector<Tree>& args) {
    static const std::vector<std::string> kSigns = {"\\cdot ", " \\cdot ", "\\times ", " \\times "};
    Text whole;
    for (size_t i = 0; i < args.size(); ++i) {
      const bool last = i + 1 == args.size();
      Text part = print(args[i], last || args[i + 1]->op == Op::kCall);
      const bool negative_first = i == 0 && is_number(args[0]) && part.text.front() == '-' &&
                                  part.text.find('/') == std::string::npos;
      if (part.level < kProductLevel && !negative_first) part = {wrap(part.text)};
      if (i == 0) {
        whole = part;
        continue;
      }
      const bool calls = whole.bare_call && args[i]->op == Op::kCall && part.text.front() == '\\';
      if (notation_.plain) {
        whole.text += "*";
      } else if (!calls && (!may_touch(whole, part) || dice_.chance(25))) {
        whole.text += dice_.pick(kSigns);
      } else if (ends_with_macro(whole.text) &&
                 std::isalpha(static_cast<unsigned char>(part.text.front()))) {
        whole.text += " ";
      }
      whole.text += part.text;
      whole.bare_call = part.bare_call;
    }
    whole.level = whole.text.front() == '-' ? kSumLevel : kProductLevel;
    return whole;
  }

  Text print_quotient(const Tree& top, const Tree& bottom) {
    if (notation_.plain || dice_.chance(15)) {
      return {at_least(print(top, false), kProductLevel) + "/" +
                  at_least(print(bottom, false), kAtomLevel),
              kSlashLevel};
    }
    return {fraction(print(top).text, print(bottom).text), kPowerLevel};
  }

  Text print_power(const Tree& base, const Tree& exponent) {
    const bool trigonometric = base->op == Op::kCall &&
                               (base->name == "sin" || base->name == "cos" || base->name == "tan");
    if (trigonometric && !notation_.plain && is_integer(exponent) && exponent->numerator >= 2) {
      return {"\\" + base->name + "^" + braced(std::to_string(exponent->numerator)) +
                  wrap(print(base->args[0]).text),
              kPowerLevel};
    }
    return {at_least(print(base, false), kAtomLevel) + "^" + braced(print(exponent).text),
            kPowerLevel};
  }

  Text print_root(const Tree& radicand, int64_t index) {
    const Text inside = print(radicand);
    const std::string exponent = "1/" + std::to_string(index);
    if (notation_.plain && index == 2) return {"sqrt(" + inside.text + ")", kPowerLevel};
    if (notation_.plain) return {at_least(inside, kAtomLevel) + "^(" + exponent + ")", kPowerLevel};
    if (dice_.chance(10))
      return {at_least(inside, kAtomLevel) + "^{" + exponent + "}", kPowerLevel};
    const std::string macro = index == 2 ? "\\sqrt" : "\\sqrt[" + std::to_string(index) + "]";
    const bool digit =
        inside.text.size() == 1 && starts_with_digit(inside.text) && dice_.chance(40);
    return {digit ? macro + inside.text : macro + "{" + inside.text + "}", kPowerLevel};
  }

  Text print_call(const std::string& name, const Tree& argument, bool may_be_bare) {
    if (name == "abs") return print_absolute(print(argument).text);
    if (name == "exp" && (notation_.plain || dice_.chance(70))) {
      return {notation_.plain ? "exp(" + print(argument).text + ")"
                              : "e^{" + print(argument).text + "}",
              kPowerLevel};
    }
    const Text inside = print(argument, false);
    if (notation_.plain) return {name + "(" + inside.text + ")", kPowerLevel};
    const bool atom = inside.level == kAtomLevel && inside.text.find('.') == std::string::npos;
    if (atom && may_be_bare && dice_.chance(50)) {
      const bool macro = inside.text.front() == '\\';
      return {"\\" + name + (macro ? "" : " ") + inside.text, kPowerLevel, true};
    }
    return {"\\" + name + wrap(inside.text), kPowerLevel};
  }

  Text print_absolute(const std::string& inside) {
    static const std::vector<std::array<const char*, 2>> kBars = {
        {"\\left|", "\\right|"}, {"\\lvert ", "\\rvert "}, {"|", "|"}};
    const size_t bars = notation_.plain ? 2
                        : inside.find('|') == std::string::npos
                            ? static_cast<size_t>(dice_.range(0, 2))
                            : 0;
    const std::string gap =
        bars == 0 && std::isalpha(static_cast<unsigned char>(inside.front())) ? " " : "";
    return {kBars[bars][0] + gap + inside + kBars[bars][1], kPowerLevel};
  }

  Text print_binomial(const std::string& upper, const std::string& lower) {
    if (dice_.chance(15)) return {"{" + upper + " \\choose " + lower + "}", kAtomLevel};
    return {(dice_.chance(20) ? "\\dbinom{" : "\\binom{") + upper + "}{" + lower + "}",
            kPowerLevel};
  }

  Dice& dice_;
  Notation notation_;
};

}  // namespace

std::string latex(const Tree& tree, Dice& dice, const Notation& notation) {
  return Printer(dice, notation).standalone(tree);
}

}  // namespace r1::rewards::math
