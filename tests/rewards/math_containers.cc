// Pairs of sets, tuples, matrices, equations and assignments.
#include <algorithm>
#include <array>

#include "tests/rewards/math_pairs.h"
#include "tests/rewards/math_rewrite.h"

namespace r1::rewards::math {
namespace {

// The same value in another shape.
std::string cell_again(const Tree& tree, Dice& dice) {
  const Tree other = rewritten(tree, dice, static_cast<int>(dice.range(0, 2)), 9);
  return cell(agree(tree, other, dice) ? other : tree, dice);
}

std::vector<Tree> distinct_constants(Dice& dice, size_t count) {
  std::vector<Tree> values;
  while (values.size() < count) {
    const Tree next = small_constant(dice);
    const bool known = std::any_of(values.begin(), values.end(), [&](const Tree& v) {
      return !provably_different(v, next, dice);
    });
    if (!known) values.push_back(next);
  }
  return values;
}

// A constant that differs from every one of `values`.
Tree stranger(const std::vector<Tree>& values, Dice& dice) {
  for (;;) {
    const Tree next = dice.chance(60) ? broken(dice.pick(values), dice).value_or(values[0])
                                      : small_constant(dice);
    const bool fresh = std::all_of(values.begin(), values.end(), [&](const Tree& v) {
      return provably_different(v, next, dice);
    });
    if (fresh) return next;
  }
}

// ---- sets and tuples

std::string set_text(const std::vector<Tree>& values, Dice& dice, bool again) {
  std::vector<std::string> parts;
  for (const Tree& value : values)
    parts.push_back(again ? cell_again(value, dice) : cell(value, dice));
  const int64_t style = dice.range(0, 4);
  if (style == 0) return joined(parts, parts.size() == 2 ? " \\text{ and } " : "; ");
  if (style == 1) return joined(parts, ", ");
  const std::string inside = joined(parts, dice.chance(50) ? "," : ", ");
  return style == 2 ? "\\left\\{" + inside + "\\right\\}" : "\\{" + inside + "\\}";
}

std::optional<Pair> set(Dice& dice, bool equal) {
  const std::vector<Tree> values = distinct_constants(dice, static_cast<size_t>(dice.range(2, 5)));
  std::vector<Tree> other = values;
  if (!equal) {
    const size_t i = static_cast<size_t>(dice.range(0, static_cast<int64_t>(values.size()) - 1));
    const int64_t error = dice.range(0, 2);
    if (error == 0 && other.size() > 2)
      other.erase(other.begin() + static_cast<std::ptrdiff_t>(i));
    else if (error == 1)
      other.push_back(stranger(values, dice));
    else
      other[i] = stranger(values, dice);
  }
  dice.shuffle(other);
  return symmetric_pair(set_text(values, dice, false), set_text(other, dice, true));
}

std::optional<Pair> plus_minus(Dice& dice, bool equal) {
  const Tree middle = number(dice.range(-9, 9)),
             step = dice.chance(50) ? number(dice.range(1, 12)) : root(number(dice.range(2, 30)));
  const Tree shown = equal ? step : sum({step, number(1)});
  const Tree up = sum({middle, shown}), down = sum({middle, negate(shown)});
  const std::string gold = (middle->numerator == 0 ? "" : std::to_string(middle->numerator)) +
                           "\\pm " + cell(step, dice);
  const std::string first = cell(up, dice), second = cell(down, dice);
  return symmetric_pair(
      gold, dice.chance(50) ? first + ", " + second : "\\{" + second + "," + first + "\\}");
}

std::string tuple_text(const std::vector<Tree>& values, Dice& dice, bool again) {
  static const std::vector<std::array<const char*, 2>> kBrackets = {
      {"(", ")"}, {"\\left(", "\\right)"}, {"\\langle ", "\\rangle"}, {"\\bigl(", "\\bigr)"}};
  std::vector<std::string> parts;
  for (const Tree& value : values)
    parts.push_back(again ? cell_again(value, dice) : cell(value, dice));
  const auto& brackets = dice.pick(kBrackets);
  return brackets[0] +
         joined(parts, dice.chance(20)   ? ";"
                       : dice.chance(50) ? ","
                                         : ", ") +
         brackets[1];
}

std::optional<Pair> tuple(Dice& dice, bool equal) {
  const std::vector<Tree> values = distinct_constants(dice, static_cast<size_t>(dice.range(2, 4)));
  std::vector<Tree> other = values;
  if (!equal) {
    const int64_t error = dice.range(0, 2);
    if (error == 0)
      std::swap(other[0], other[1]);
    else if (error == 1 && other.size() > 2)
      other.pop_back();
    else
      other.back() = stranger(values, dice);
  }
  return symmetric_pair(tuple_text(values, dice, false), tuple_text(other, dice, true));
}

std::optional<Pair> list_of_pairs(Dice& dice, bool equal) {
  std::vector<std::array<int64_t, 2>> points;
  while (points.size() < 3) {
    const std::array<int64_t, 2> point = {dice.range(-9, 9), dice.range(-9, 9)};
    if (point[0] != point[1] && std::find(points.begin(), points.end(), point) == points.end())
      points.push_back(point);
  }
  std::vector<std::array<int64_t, 2>> other = points;
  if (!equal) {
    std::array<int64_t, 2>& one = other[static_cast<size_t>(dice.range(0, 2))];
    if (dice.chance(50))
      std::swap(one[0], one[1]);
    else
      one[0] += dice.chance(50) ? 1 : -1;
    std::vector<std::array<int64_t, 2>> a = points, b = other;
    std::sort(a.begin(), a.end());
    std::sort(b.begin(), b.end());
    if (a == b || std::unique(b.begin(), b.end()) != b.end()) return std::nullopt;
  }
  dice.shuffle(other);
  const auto text = [&](const std::vector<std::array<int64_t, 2>>& list) {
    std::vector<std::string> parts;
    for (const auto& p : list)
      parts.push_back("(" + std::to_string(p[0]) + "," + std::to_string(p[1]) + ")");
    return joined(parts, dice.chance(50) ? "," : ", ");
  };
  return symmetric_pair(text(points), text(other));
}

// ---- matrices

std::string matrix_text(const std::vector<std::vector<Tree>>& rows, Dice& dice, bool again) {
  static const std::vector<std::array<const char*, 2>> kFrames = {
      {"\\begin{pmatrix}", "\\end{pmatrix}"},
      {"\\begin{bmatrix}", "\\end{bmatrix}"},
      {"\\begin{pmatrix} ", " \\end{pmatrix}"},
      {"\\left(\\begin{array}{ccc}", "\\end{array}\\right)"}};
  std::vector<std::string> lines;
  for (const std::vector<Tree>& row : rows) {
    std::vector<std::string> cells;
    for (const Tree& entry : row)
      cells.push_back(again ? cell_again(entry, dice) : cell(entry, dice));
    lines.push_back(joined(cells, dice.chance(50) ? "&" : " & "));
  }
  const auto& frame = dice.pick(kFrames);
  return frame[0] + joined(lines, dice.chance(50) ? "\\\\" : " \\\\ ") + frame[1];
}

std::optional<Pair> matrix(Dice& dice, bool equal) {
  const size_t height = static_cast<size_t>(dice.range(2, 3)),
               width = static_cast<size_t>(dice.range(1, 3));
  std::vector<std::vector<Tree>> rows(height);
  for (std::vector<Tree>& row : rows) {
    while (row.size() < width) row.push_back(small_constant(dice));
  }
  std::vector<std::vector<Tree>> other = rows;
  if (!equal && height > 1 && dice.chance(25) && provably_different(rows[0][0], rows[1][0], dice)) {
    std::swap(other[0], other[1]);
  } else if (!equal && dice.chance(20)) {
    other.pop_back();
  } else if (!equal) {
    Tree& entry = other[static_cast<size_t>(dice.range(0, static_cast<int64_t>(height) - 1))]
                       [static_cast<size_t>(dice.range(0, static_cast<int64_t>(width) - 1))];
    entry = stranger({entry}, dice);
  }
  return symmetric_pair(matrix_text(rows, dice, false), matrix_text(other, dice, true));
}

std::optional<Pair> determinant(Dice& dice, bool equal) {
  const int64_t a = dice.range(-9, 9), b = dice.range(-9, 9), c = dice.range(-9, 9),
                d = dice.range(-9, 9);
  const auto s = [](int64_t v) { return std::to_string(v); };
  const std::string text =
      "\\begin{vmatrix}" + s(a) + "&" + s(b) + "\\\\" + s(c) + "&" + s(d) + "\\end{vmatrix}";
  return symmetric_pair(s(a * d - b * c + (equal ? 0 : dice.range(1, 9))), text);
}

// ---- equations

// c0 x + c1 y + c2 as text
std::string linear_form(const std::array<int64_t, 3>& c) {
  static const std::array<const char*, 3> kLetters = {"x", "y", ""};
  std::string text;
  for (size_t i = 0; i < 3; ++i) {
    if (c[i] == 0) continue;
    const int64_t size = std::abs(c[i]);
    text += c[i] < 0 ? "-" : text.empty() ? "" : "+";
    text += (size == 1 && i < 2 ? "" : std::to_string(size)) + kLetters[i];
  }
  return text.empty() ? "0" : text;
}

// a x + b y = c in one of several shapes
std::string line_text(int64_t a, int64_t b, int64_t c, Dice& dice) {
  const int64_t factor = dice.chance(60) ? dice.range(1, 4) * (dice.chance(30) ? -1 : 1) : 1;
  switch (dice.range(0, 3)) {
    case 0:
      return linear_form({a * factor, b * factor, 0}) + "=" + std::to_string(c * factor);
    case 1:
      return linear_form({a * factor, b * factor, -c * factor}) + " = 0";
    case 2:
      return std::to_string(c * factor) + "=" + linear_form({a * factor, b * factor, 0});
    default: {
      const Tree slope = number(-a, b), shift = number(c, b);
      return "y=" + cell(sum({product({slope, symbol("x")}), shift}), dice);
    }
  }
}

std::optional<Pair> line(Dice& dice, bool equal) {
  const auto coefficient = [&] { return dice.range(1, 12) * (dice.chance(40) ? -1 : 1); };
  const std::array<int64_t, 3> c = {coefficient(), coefficient(), coefficient()};
  std::array<int64_t, 3> shown = c;
  if (!equal) {
    int64_t& one = shown[static_cast<size_t>(dice.range(0, 2))];
    one = dice.chance(40) ? -one : one + (one == -1 ? -1 : 1);
  }
  return one_way_pair(line_text(c[0], c[1], c[2], dice),
                      line_text(shown[0], shown[1], shown[2], dice));
}

std::optional<Pair> circle(Dice& dice, bool equal) {
  const int64_t a = dice.range(1, 9), b = dice.range(1, 9), r = dice.range(1, 12);
  const int64_t constant_term = a * a + b * b - r * r + (equal ? 0 : dice.range(1, 5));
  const auto s = [](int64_t v) { return std::to_string(v); };
  const std::string round = "(x-" + s(a) + ")^2+(y+" + s(b) + ")^2=" + s(r * r);
  const std::string expanded = "x^2+y^2-" + s(2 * a) + "x+" + s(2 * b) + "y" +
                               (constant_term < 0 ? "" : "+") + s(constant_term) + "=0";
  return symmetric_pair(round, expanded);
}

std::optional<Pair> assignment(Dice& dice, bool equal) {
  const std::vector<Tree> values = distinct_constants(dice, 2);
  const Tree shown = equal ? values[0] : stranger({values[0]}, dice);
  const std::string value = cell(values[0], dice), other = cell_again(shown, dice);
  switch (dice.range(0, 4)) {
    case 0:
      return one_way_pair("x=" + value, other);
    case 1:
      return one_way_pair(value, "x = " + other);
    case 2:
      if (!equal && dice.chance(50)) return one_way_pair("x=" + value, "y=" + value);
      return one_way_pair("x=" + value, "x=" + other);
    case 3:
      return one_way_pair("(x,y)=(" + value + "," + cell(values[1], dice) + ")",
                          "(" + other + ", " + cell(values[1], dice) + ")");
    default:
      return one_way_pair("a=" + value + ", b=" + cell(values[1], dice),
                          "b=" + cell(values[1], dice) + ", a=" + other);
  }
}

}  // namespace

std::string cell(const Tree& tree, Dice& dice) { return latex(tree, dice, {.grouping = false}); }

std::string joined(const std::vector<std::string>& parts, const std::string& separator) {
  std::string text;
  for (const std::string& part : parts) text += (text.empty() ? "" : separator) + part;
  return text;
}

const std::vector<Kind>& container_kinds() {
  static const std::vector<Kind> kKinds = {
      {"set", set},
      {"plus_minus", plus_minus},
      {"tuple", tuple},
      {"list_of_pairs", list_of_pairs},
      {"matrix", matrix},
      {"determinant", determinant},
      {"line", line},
      {"circle", circle},
      {"assignment", assignment},
  };
  return kKinds;
}

}  // namespace r1::rewards::math
