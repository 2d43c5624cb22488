// Pairs of unions of intervals and of inequalities.
#include <algorithm>
#include <array>

#include "tests/rewards/math_pairs.h"

namespace r1::rewards::math {
namespace {

struct Piece {
  Tree low, high;  // null: infinite
  bool low_closed = false, high_closed = false;
};

// Up to two pieces with a gap in between.
std::vector<Piece> draw_pieces(Dice& dice) {
  std::vector<Piece> pieces;
  int64_t at = dice.range(-40, 10);
  const int64_t bottom = dice.range(1, 4), count = dice.range(1, 2);
  for (int64_t i = 0; i < count; ++i) {
    Piece piece;
    piece.low = number(at, bottom);
    at += dice.range(1, 20);
    piece.high = number(at, bottom);
    at += dice.range(1, 20);
    piece.low_closed = dice.chance(50);
    piece.high_closed = dice.chance(50);
    pieces.push_back(piece);
  }
  if (dice.chance(20))
    pieces.front() = {nullptr, pieces.front().high, false, pieces.front().high_closed};
  if (pieces.back().low && dice.chance(20))
    pieces.back() = {pieces.back().low, nullptr, pieces.back().low_closed, false};
  return pieces;
}

std::string interval_text(const Piece& piece, Dice& dice) {
  static const std::vector<std::string> kInfinity = {"\\infty", "+\\infty", "∞"};
  const std::string left = dice.chance(25) ? "\\left" : "", right = left.empty() ? "" : "\\right";
  const std::string low = piece.low ? cell(piece.low, dice) : dice.chance(50) ? "-\\infty" : "-∞";
  const std::string high = piece.high ? cell(piece.high, dice) : dice.pick(kInfinity);
  return left + (piece.low_closed ? "[" : "(") + low + (dice.chance(50) ? "," : ", ") + high +
         right + (piece.high_closed ? "]" : ")");
}

std::string inequality_text(const Piece& piece, Dice& dice) {
  const auto less = [&](bool closed) -> std::string {
    return closed ? (dice.chance(50) ? "\\le " : "\\leq ") : "<";
  };
  const auto more = [&](bool closed) -> std::string {
    return closed ? (dice.chance(50) ? "\\ge " : "\\geq ") : ">";
  };
  if (!piece.low)
    return dice.chance(50) ? "x" + less(piece.high_closed) + cell(piece.high, dice)
                           : cell(piece.high, dice) + more(piece.high_closed) + "x";
  if (!piece.high)
    return dice.chance(50) ? "x" + more(piece.low_closed) + cell(piece.low, dice)
                           : cell(piece.low, dice) + less(piece.low_closed) + "x";
  if (dice.chance(70))
    return cell(piece.low, dice) + less(piece.low_closed) + "x" + less(piece.high_closed) +
           cell(piece.high, dice);
  return cell(piece.high, dice) + more(piece.high_closed) + "x" + more(piece.low_closed) +
         cell(piece.low, dice);
}

// One piece cut in two that meet.
std::vector<Piece> cut(const std::vector<Piece>& pieces, Dice& dice) {
  std::vector<Piece> result = pieces;
  Piece& first = result.front();
  if (!first.low || !first.high) return result;
  const Tree middle = number(first.low->numerator * first.high->denominator +
                                 first.high->numerator * first.low->denominator,
                             2 * first.low->denominator * first.high->denominator);
  const bool left_has_it = dice.chance(50);
  const Piece second{middle, first.high, !left_has_it || dice.chance(30), first.high_closed};
  first.high = middle;
  first.high_closed = left_has_it;
  result.push_back(second);
  return result;
}

std::string union_text(std::vector<Piece> pieces, Dice& dice) {
  const bool bounded =
      std::all_of(pieces.begin(), pieces.end(), [](const Piece& p) { return p.low && p.high; });
  if (dice.chance(25)) {
    std::vector<std::string> parts;
    for (const Piece& piece : pieces) parts.push_back(inequality_text(piece, dice));
    return joined(parts, " \\text{ or } ");
  }
  if (bounded && dice.chance(25)) pieces = cut(pieces, dice);
  dice.shuffle(pieces);
  std::vector<std::string> parts;
  for (const Piece& piece : pieces) parts.push_back(interval_text(piece, dice));
  return (dice.chance(15) ? "x\\in " : "") + joined(parts, dice.chance(50) ? "\\cup" : " \\cup ");
}

std::vector<Piece> broken_pieces(std::vector<Piece> pieces, Dice& dice) {
  const size_t i = static_cast<size_t>(dice.range(0, static_cast<int64_t>(pieces.size()) - 1));
  Piece& piece = pieces[i];
  switch (dice.range(0, 3)) {
    case 0:
      if (piece.low)
        piece.low_closed = !piece.low_closed;
      else
        piece.high_closed = !piece.high_closed;
      break;
    case 1:
      if (piece.high)
        piece.high_closed = !piece.high_closed;
      else
        piece.low_closed = !piece.low_closed;
      break;
    case 2:  // the lowest end moves down
      if (!pieces.front().low)
        pieces.front().low =
            number(pieces.front().high->numerator - 1, pieces.front().high->denominator);
      else
        pieces.front().low =
            number(pieces.front().low->numerator - 1, pieces.front().low->denominator);
      break;
    default:  // the highest end moves up
      if (!pieces.back().high)
        pieces.back().high =
            number(pieces.back().low->numerator + 1, pieces.back().low->denominator);
      else
        pieces.back().high =
            number(pieces.back().high->numerator + 1, pieces.back().high->denominator);
  }
  return pieces;
}

std::optional<Pair> interval(Dice& dice, bool equal) {
  const std::vector<Piece> pieces = draw_pieces(dice);
  const std::vector<Piece> other = equal ? pieces : broken_pieces(pieces, dice);
  return one_way_pair(union_text(pieces, dice), union_text(other, dice));
}

std::optional<Pair> punctured(Dice& dice, bool equal) {
  const int64_t hole = dice.range(-20, 20);
  const std::string at = std::to_string(hole),
                    shown = std::to_string(equal ? hole : hole + dice.range(1, 3));
  const std::vector<std::string> ways = {
      "x\\neq " + shown, "\\mathbb{R}\\setminus\\{" + shown + "\\}", "x \\ne " + shown,
      "(-\\infty," + shown + ")\\cup(" + shown + ",\\infty)"};
  return one_way_pair("(-\\infty," + at + ") \\cup (" + at + ",\\infty)", dice.pick(ways));
}

std::optional<Pair> linear_inequality(Dice& dice, bool equal) {
  const int64_t factor = dice.range(2, 9);
  const Tree bound = number(dice.range(-30, 30), dice.range(1, 6));
  const Tree shown =
      equal ? bound : number(bound->numerator + (dice.chance(50) ? 1 : -1), bound->denominator);
  static const std::vector<std::array<const char*, 2>> kSigns = {
      {"<", ">"}, {"\\le ", "\\ge "}, {">", "<"}, {"\\ge ", "\\le "}};
  const size_t sign = static_cast<size_t>(dice.range(0, 3));
  const bool wrong_sign = !equal && dice.chance(40);
  const size_t shown_sign = wrong_sign ? (sign + static_cast<size_t>(dice.range(1, 3))) % 4 : sign;
  const Tree right = wrong_sign ? bound : shown;
  const Tree product_of_bound = number(bound->numerator * factor, bound->denominator);
  const std::string gold =
      dice.chance(50)
          ? std::to_string(factor) + "x" + kSigns[sign][0] + cell(product_of_bound, dice)
          : "-x" + std::string(kSigns[sign][1]) +
                cell(number(-bound->numerator, bound->denominator), dice);
  return one_way_pair(gold, dice.chance(50)
                                ? "x" + std::string(kSigns[shown_sign][0]) + cell(right, dice)
                                : cell(right, dice) + kSigns[shown_sign][1] + "x");
}

}  // namespace

const std::vector<Kind>& region_kinds() {
  static const std::vector<Kind> kKinds = {
      {"interval", interval}, {"punctured_line", punctured}, {"inequality", linear_inequality}};
  return kKinds;
}

}  // namespace r1::rewards::math
