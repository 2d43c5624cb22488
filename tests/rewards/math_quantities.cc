// Pairs of written numbers (whole, decimal, mixed, percent, scientific, in a base), sums, units,
// money, angles, ratios, times and words. Their values are exact: fractions of 128-bit integers.
#include <array>
#include <string>

#include "tests/rewards/math_pairs.h"
#include "tests/rewards/math_rewrite.h"

namespace r1::rewards::math {
namespace {

__extension__ typedef __int128 Wide;

std::string digits(int64_t value) { return std::to_string(value); }
// `value` with `places` digits behind the point: fixed(1234, 2) = "12.34".
std::string fixed(Wide value, int places) {
  std::string text;
  for (; value > 0 || static_cast<int>(text.size()) <= places; value /= 10)
    text.insert(0, 1, static_cast<char>('0' + static_cast<int>(value % 10)));
  if (places > 0) text.insert(text.size() - static_cast<size_t>(places), ".");
  return text;
}

std::string grouped(int64_t value, const std::string& separator) {
  std::string text = digits(value);
  for (size_t i = text.size(); i > 3; i -= 3) text.insert(i - 3, separator);
  return text;
}

// A number of `count` digits.
int64_t long_number(Dice& dice, int64_t count) {
  int64_t value = dice.range(1, 9);
  for (int64_t i = 1; i < count; ++i) value = 10 * value + dice.range(0, 9);
  return value;
}

// One digit changed, or two exchanged, or one lost; another number for certain.
int64_t other_number(int64_t value, Dice& dice) {
  for (;;) {
    std::string text = digits(value);
    const size_t i = static_cast<size_t>(dice.range(0, static_cast<int64_t>(text.size()) - 1));
    const int64_t error = dice.range(0, 2);
    if (error == 0) text[i] = static_cast<char>('0' + dice.range(0, 9));
    if (error == 1 && i > 0) std::swap(text[i], text[i - 1]);
    if (error == 2 && text.size() > 1) text.erase(i, 1);
    const int64_t other = std::stoll(text);
    if (other != value && other > 0) return other;
  }
}

std::optional<Pair> whole_number(Dice& dice, bool equal) {
  static const std::vector<std::string> kSeparators = {"",     ",",   "{,}", "\\,",
                                                       ",\\!", "\\ ", " ",   "{,}\\!"};
  const int64_t value = long_number(dice, dice.range(4, 18));
  const int64_t shown = equal ? value : other_number(value, dice);
  const std::string tail =
      dice.chance(15) ? "." + std::string(static_cast<size_t>(dice.range(1, 2)), '0') : "";
  return symmetric_pair(grouped(value, dice.pick(kSeparators)),
                        grouped(shown, dice.pick(kSeparators)) + tail);
}

// 0.a(b) with the period b: (ab - a) / (10^n (10^m - 1))
std::optional<Pair> repeating_decimal(Dice& dice, bool equal) {
  const int64_t head_places = dice.range(0, 2), places = dice.range(1, 4),
                whole = dice.range(0, 12);
  int64_t head_scale = 1, scale = 1;
  for (int64_t i = 0; i < head_places; ++i) head_scale *= 10;
  for (int64_t i = 0; i < places; ++i) scale *= 10;
  const int64_t head = dice.range(0, head_scale - 1), period = dice.range(1, scale - 2);
  const int64_t shown = equal ? period : 1 + period % (scale - 2);
  if (!equal && shown == period) return std::nullopt;
  const auto padded = [](int64_t value, int64_t width) {
    std::string text = digits(value);
    return std::string(static_cast<size_t>(width) - text.size(), '0') + text;
  };
  const Tree value =
      number((whole * head_scale + head) * (scale - 1) + period, head_scale * (scale - 1));
  const std::string text = digits(whole) + "." +
                           (head_places > 0 ? padded(head, head_places) : "") + "\\overline{" +
                           padded(shown, places) + "}";
  Pair pair = symmetric_pair(
      "\\frac{" + digits(value->numerator) + "}{" + digits(value->denominator) + "}", text);
  if (dice.chance(50)) std::swap(pair.gold, pair.prediction);
  return pair;
}

bool terminates(int64_t denominator) {
  for (const int64_t p : {2, 5}) {
    while (denominator % p == 0) denominator /= p;
  }
  return denominator == 1;
}

// The rule for rounded decimals: six significant digits or more, rounded or truncated.
std::optional<Pair> rounded(Dice& dice, bool equal) {
  const Tree value = number(dice.range(1, 400), dice.range(3, 60));
  if (terminates(value->denominator)) return std::nullopt;
  const int places = static_cast<int>(dice.range(6, 9));
  Wide scale = 1;
  for (int i = 0; i < places; ++i) scale *= 10;
  const Wide truncated = value->numerator * scale / value->denominator;
  const Wide nearest =
      (2 * value->numerator * scale + value->denominator) / (2 * value->denominator);
  Wide shown = dice.chance(50) ? truncated : nearest;
  int shown_places = places;
  if (equal && shown < 100'000) return std::nullopt;
  if (!equal && dice.chance(50)) {
    shown = dice.chance(50) ? nearest + dice.range(1, 9) : truncated - dice.range(1, 9);
  } else if (!equal) {  // five significant digits at most
    while (shown >= 100'000) {
      shown /= 10;
      --shown_places;
    }
    if (shown_places < 0) return std::nullopt;
  }
  return symmetric_pair(
      "\\frac{" + digits(value->numerator) + "}{" + digits(value->denominator) + "}",
      fixed(shown, shown_places));
}

std::optional<Pair> mixed_number(Dice& dice, bool equal) {
  const int64_t whole = dice.range(1, 20), bottom = dice.range(2, 16),
                top = dice.range(1, bottom - 1);
  const bool minus = dice.chance(25);
  const int64_t shown_top = equal             ? whole * bottom + top
                            : dice.chance(50) ? whole * top
                                              : whole * bottom + top + (dice.chance(50) ? 1 : -1);
  const std::string sign = minus ? "-" : "";
  const std::string part = "\\frac{" + digits(top) + "}{" + digits(bottom) + "}";
  const std::string mixed = dice.chance(30)
                                ? digits(whole) + " " + digits(top) + "/" + digits(bottom)
                                : digits(whole) + part;
  const Tree shown = number(minus ? -shown_top : shown_top, bottom);
  return symmetric_pair(sign + mixed, is_integer(shown) ? digits(shown->numerator)
                                                        : sign + "\\frac{" + digits(shown_top) +
                                                              "}{" + digits(bottom) + "}");
}

std::optional<Pair> percent(Dice& dice, bool equal) {
  const int64_t tenths = dice.range(1, 2000);  // of a percent
  const int64_t shown = equal ? tenths : tenths + dice.range(1, 9);
  const auto as_percent = [&](int64_t value) {
    static const std::vector<std::string> kSigns = {"\\%", "%", " \\%", "\\text{ percent}",
                                                    " percent"};
    return (value % 10 == 0 ? digits(value / 10) : fixed(value, 1)) + dice.pick(kSigns);
  };
  const Tree value = number(shown, 1000);
  const std::string share = dice.chance(40) ? fixed(shown, 3)
                                            : "\\frac{" + digits(value->numerator) + "}{" +
                                                  digits(value->denominator) + "}";
  return one_way_pair(as_percent(tenths), dice.chance(40) ? as_percent(shown) : share);
}

std::optional<Pair> scientific(Dice& dice, bool equal) {
  static const std::vector<std::string> kTimes = {"\\times10^{", " \\times 10^{", "\\cdot 10^{"};
  const int64_t mantissa = long_number(dice, dice.range(2, 4)), exponent = dice.range(-12, 20);
  const int places = static_cast<int>(digits(mantissa).size()) - 1;
  const bool wrong_mantissa = !equal && dice.chance(50);
  const int64_t shown = wrong_mantissa ? other_number(mantissa, dice) : mantissa;
  if (wrong_mantissa && digits(shown).size() != digits(mantissa).size()) return std::nullopt;
  const int64_t shown_exponent =
      equal || wrong_mantissa ? exponent : exponent + (dice.chance(50) ? 1 : -1);
  const std::string gold = fixed(mantissa, places) + dice.pick(kTimes) + digits(exponent) + "}";
  if (dice.chance(40))
    return symmetric_pair(
        gold, fixed(shown, places) + (dice.chance(50) ? "e" : "E") + digits(shown_exponent));
  return symmetric_pair(gold,
                        digits(shown) + dice.pick(kTimes) + digits(shown_exponent - places) + "}");
}

std::optional<Pair> finite_sum(Dice& dice, bool equal) {
  const int64_t low = dice.range(0, 4), high = low + dice.range(2, 10),
                power_of_k = dice.range(1, 3), factor = dice.range(1, 5), shift = dice.range(0, 4);
  const auto total = [&](int64_t from, int64_t to) {
    int64_t value = 0;
    for (int64_t k = from; k <= to; ++k) {
      int64_t term = factor;
      for (int64_t i = 0; i < power_of_k; ++i) term *= k;
      value += term + shift;
    }
    return value;
  };
  const std::string term = (factor == 1 ? "" : digits(factor)) + "k" +
                           (power_of_k == 1 ? "" : "^" + digits(power_of_k)) +
                           (shift == 0 ? "" : "+" + digits(shift));
  const std::string text = "\\sum_{k=" + digits(low) + "}^{" + digits(high) + "} " +
                           (shift == 0 ? term : "(" + term + ")");
  const int64_t shown = equal             ? total(low, high)
                        : dice.chance(50) ? total(low, high - 1)
                                          : total(low + 1, high + 1);
  if (!equal && shown == total(low, high)) return std::nullopt;
  return symmetric_pair(digits(shown), text);
}

std::optional<Pair> in_a_base(Dice& dice, bool equal) {
  const int64_t base = dice.range(2, 9);
  std::string text = digits(dice.range(1, base - 1));
  for (int64_t i = dice.range(1, 9); i > 0; --i) text += digits(dice.range(0, base - 1));
  std::string shown = text;
  int64_t shown_base = base;
  if (!equal && dice.chance(40)) {
    shown_base = base + dice.range(1, 3);
  } else if (!equal) {
    char& one = shown[static_cast<size_t>(dice.range(1, static_cast<int64_t>(shown.size()) - 1))];
    one = one == '0' ? '1' : '0';
  }
  static const std::vector<std::array<const char*, 2>> kForms = {{"_", ""}, {"_{", "}"}};
  const auto write = [&](const std::string& number_text, int64_t b) {
    const auto& form = dice.pick(kForms);
    return (dice.chance(20) ? "(" + number_text + ")" : number_text) + form[0] + digits(b) +
           form[1];
  };
  return symmetric_pair(write(text, base), write(shown, shown_base));
}

// ---- quantities

struct Unit {
  std::vector<std::string> names;
  int64_t in_smallest;  // of its dimension
};
const std::vector<std::vector<Unit>>& dimensions() {
  static const std::vector<std::vector<Unit>> kDimensions = {
      {{{"mm", "millimeters"}, 1},
       {{"cm", "centimeters"}, 10},
       {{"m", "meters"}, 1000},
       {{"km", "kilometers"}, 1'000'000}},
      {{{"seconds"}, 1}, {{"minutes"}, 60}, {{"hours"}, 3600}, {{"days"}, 86400}},
      {{{"g", "grams"}, 1}, {{"kg", "kilograms"}, 1000}},
      {{{"inches"}, 1}, {{"feet", "ft"}, 12}, {{"yards"}, 36}},
  };
  return kDimensions;
}

std::string with_unit(const std::string& figure, const std::string& unit, Dice& dice) {
  static const std::vector<std::array<const char*, 2>> kForms = {
      {"\\text{ ", "}"}, {"\\,\\text{", "}"}, {"\\ \\mathrm{", "}"}, {"\\mbox{ ", "}"}};
  if (unit.size() > 1 && dice.chance(25))
    return figure + " " + unit;  // one letter alone could be a variable
  const auto& form = dice.pick(kForms);
  return figure + form[0] + unit + form[1];
}

std::optional<Pair> unit(Dice& dice, bool equal) {
  const std::vector<Unit>& dimension = dice.pick(dimensions());
  const Unit &from = dice.pick(dimension), &to = dice.pick(dimension);
  const int64_t figure = dice.range(1, 500);
  const Tree converted = number(figure * from.in_smallest, to.in_smallest);
  const std::string gold = with_unit(digits(figure), dice.pick(from.names), dice);
  if (!equal && &from != &to && dice.chance(40))
    return symmetric_pair(gold, with_unit(digits(figure), dice.pick(to.names), dice));
  if (equal && dice.chance(20)) return one_way_pair(gold, digits(figure));
  if (!terminates(converted->denominator) || converted->denominator > 100'000) return std::nullopt;
  int places = 0;
  int64_t scale = 1;
  for (; scale % converted->denominator != 0; scale *= 10) ++places;
  const int64_t scaled = converted->numerator * (scale / converted->denominator);
  const int64_t shown = equal ? scaled : other_number(scaled, dice);
  return symmetric_pair(gold, with_unit(fixed(shown, places), dice.pick(to.names), dice));
}

std::optional<Pair> money(Dice& dice, bool equal) {
  const int64_t cents = dice.range(1, 400) * (dice.chance(50) ? 100 : 25);
  const int64_t shown = equal ? cents : other_number(cents, dice);
  const auto amount = [&](int64_t value) {
    const std::string text =
        value % 100 == 0 && dice.chance(60) ? digits(value / 100) : fixed(value, 2);
    switch (dice.range(0, 3)) {
      case 0:
        return "\\$" + text;
      case 1:
        return text + "\\text{ dollars}";
      case 2:
        return text;
      default:
        return "\\$ " + text;
    }
  };
  return symmetric_pair(amount(cents), amount(shown));
}

std::optional<Pair> angle(Dice& dice, bool equal) {
  static const std::vector<std::string> kDegrees = {"^\\circ", "^{\\circ}", "°", "\\text{ degrees}",
                                                    " degrees"};
  const int64_t degrees = 5 * dice.range(1, 80);
  const int64_t shown = equal ? degrees : degrees + 5 * dice.range(1, 6);
  const Tree radians = rewritten(product({number(shown, 180), constant("pi")}), dice, 1, 8);
  if (!agree(radians, product({number(shown, 180), constant("pi")}), dice)) return std::nullopt;
  return symmetric_pair(
      digits(degrees) + dice.pick(kDegrees),
      dice.chance(50) ? digits(shown) + dice.pick(kDegrees) : latex(radians, dice));
}

bool clock_like(int64_t hours, int64_t minutes) {
  return hours <= 24 && minutes >= 10 && minutes < 60;
}

std::optional<Pair> ratio(Dice& dice, bool equal) {
  const int64_t a = dice.range(1, 40), b = dice.range(1, 40), factor = dice.range(1, 5);
  int64_t c = a, d = b;
  if (!equal && dice.chance(40))
    std::swap(c, d);
  else if (!equal)
    ++d;
  if (!equal && a * d == b * c) return std::nullopt;
  if (clock_like(a, b) || clock_like(c * factor, d * factor)) return std::nullopt;
  const std::string colon = dice.chance(50) ? ":" : " : ";
  const std::string gold = (dice.chance(20) ? "a:b=" : "") + digits(a) + ":" + digits(b);
  return one_way_pair(gold, digits(c * factor) + colon + digits(d * factor));
}

std::optional<Pair> time_of_day(Dice& dice, bool equal) {
  const int64_t hour = dice.range(1, 12), minute = dice.range(0, 59);
  const bool wrong_hour = !equal && dice.chance(50);
  const int64_t shown_hour = wrong_hour ? 1 + hour % 12 : hour,
                shown_minute = equal || wrong_hour ? minute : (minute + dice.range(1, 59)) % 60;
  static const std::vector<std::string> kMorning = {"\\text{ a.m.}", " AM", " a.m.", "\\text{ am}"},
                                        kEvening = {"\\text{ p.m.}", " PM", " p.m.", "\\text{ pm}"};
  const bool evening = dice.chance(50), half_named = dice.chance(50);
  const auto clock = [&](int64_t h, int64_t m) {
    return digits(h) + (dice.chance(30) ? "{:}" : ":") + (m < 10 ? "0" : "") + digits(m);
  };
  const auto half = [&] {
    return half_named ? dice.pick(evening ? kEvening : kMorning) : std::string();
  };
  const std::string gold = clock(hour, minute) + half();
  return symmetric_pair(gold, clock(shown_hour, shown_minute) + half());
}

std::optional<Pair> words(Dice& dice, bool equal) {
  static const std::vector<std::string> kWords = {
      "Alice",    "Bob",       "Carla",      "Monday",    "Friday", "odd",  "even",
      "parabola", "ellipse",   "circle",     "prime",     "red",    "blue", "square",
      "rhombus",  "isosceles", "convergent", "divergent", "July",   "north"};
  static const std::vector<std::array<const char*, 2>> kWrappers = {
      {"", ""}, {"\\text{", "}"}, {"\\textbf{", "}"}, {"\\mathrm{", "}"}, {"\\text{ ", " }"}};
  const auto wrap = [&](const std::string& text) {
    const auto& wrapper = dice.pick(kWrappers);
    return wrapper[0] + text + wrapper[1];
  };
  if (dice.chance(30)) {
    const std::string choices = "ABCDE";
    const size_t choice = static_cast<size_t>(dice.range(0, 4));
    const std::string gold(1, choices[choice]),
        shown(1, choices[equal ? choice : (choice + static_cast<size_t>(dice.range(1, 4))) % 5]);
    return symmetric_pair(wrap(dice.chance(50) ? "(" + gold + ")" : gold),
                          wrap(dice.chance(50) ? "(" + shown + ")" : shown));
  }
  const std::string word = dice.pick(kWords), shown = equal ? word : dice.pick(kWords);
  if (!equal && word == shown) return std::nullopt;
  return symmetric_pair(wrap(word), wrap(shown));
}

}  // namespace

const std::vector<Kind>& quantity_kinds() {
  static const std::vector<Kind> kKinds = {
      {"whole_number", whole_number},
      {"repeating_decimal", repeating_decimal},
      {"rounded", rounded},
      {"mixed_number", mixed_number},
      {"percent", percent},
      {"scientific", scientific},
      {"finite_sum", finite_sum},
      {"base", in_a_base},
      {"unit", unit},
      {"money", money},
      {"angle", angle},
      {"ratio", ratio},
      {"time", time_of_day},
      {"words", words},
  };
  return kKinds;
}

}  // namespace r1::rewards::math
