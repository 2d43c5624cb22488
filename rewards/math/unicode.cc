#include "rewards/math/unicode.h"

#include <algorithm>
#include <iterator>

namespace r1::rewards::math::engine {
namespace {

struct Meaning {
  int32_t code_point;
  std::string_view text;
};

// In the order of code points.
constexpr Meaning kMeanings[] = {{0xA2, "\\text{cents}"},
                                 {0xA3, "\\pounds "},
                                 {0xA5, "\\yen "},
                                 {0xAC, "\\neg "},
                                 {0xB0, "^{\\circ}"},
                                 {0xB1, "\\pm "},
                                 {0xB7, "\\cdot "},
                                 {0xBC, "\\frac{1}{4}"},
                                 {0xBD, "\\frac{1}{2}"},
                                 {0xBE, "\\frac{3}{4}"},
                                 {0xD7, "\\times "},
                                 {0xF7, "\\div "},
                                 {0x393, "\\Gamma "},
                                 {0x394, "\\Delta "},
                                 {0x398, "\\Theta "},
                                 {0x39B, "\\Lambda "},
                                 {0x39E, "\\Xi "},
                                 {0x3A0, "\\Pi "},
                                 {0x3A3, "\\Sigma "},
                                 {0x3A6, "\\Phi "},
                                 {0x3A8, "\\Psi "},
                                 {0x3A9, "\\Omega "},
                                 {0x3B1, "\\alpha "},
                                 {0x3B2, "\\beta "},
                                 {0x3B3, "\\gamma "},
                                 {0x3B4, "\\delta "},
                                 {0x3B5, "\\varepsilon "},
                                 {0x3B6, "\\zeta "},
                                 {0x3B7, "\\eta "},
                                 {0x3B8, "\\theta "},
                                 {0x3B9, "\\iota "},
                                 {0x3BA, "\\kappa "},
                                 {0x3BB, "\\lambda "},
                                 {0x3BC, "\\mu "},
                                 {0x3BD, "\\nu "},
                                 {0x3BE, "\\xi "},
                                 {0x3C0, "\\pi "},
                                 {0x3C1, "\\rho "},
                                 {0x3C3, "\\sigma "},
                                 {0x3C4, "\\tau "},
                                 {0x3C5, "\\upsilon "},
                                 {0x3C6, "\\varphi "},
                                 {0x3C7, "\\chi "},
                                 {0x3C8, "\\psi "},
                                 {0x3C9, "\\omega "},
                                 {0x3D1, "\\vartheta "},
                                 {0x3D5, "\\phi "},
                                 {0x3F5, "\\epsilon "},
                                 {0x2010, "-"},
                                 {0x2011, "-"},
                                 {0x2012, "-"},
                                 {0x2013, "-"},
                                 {0x2014, "-"},
                                 {0x2016, "\\|"},
                                 {0x2018, "'"},
                                 {0x2019, "'"},
                                 {0x201C, "\""},
                                 {0x201D, "\""},
                                 {0x2022, "\\cdot "},
                                 {0x2026, "\\ldots "},
                                 {0x2032, "'"},
                                 {0x2033, "''"},
                                 {0x2044, "/"},
                                 {0x20AC, "\\euro "},
                                 {0x2102, "\\mathbb{C}"},
                                 {0x2103, "^{\\circ}\\text{C}"},
                                 {0x2109, "^{\\circ}\\text{F}"},
                                 {0x210E, "h"},
                                 {0x2115, "\\mathbb{N}"},
                                 {0x211A, "\\mathbb{Q}"},
                                 {0x211D, "\\mathbb{R}"},
                                 {0x2124, "\\mathbb{Z}"},
                                 {0x2126, "\\Omega "},
                                 {0x212F, "e"},
                                 {0x2148, "i"},
                                 {0x2150, "\\frac{1}{7}"},
                                 {0x2151, "\\frac{1}{9}"},
                                 {0x2152, "\\frac{1}{10}"},
                                 {0x2153, "\\frac{1}{3}"},
                                 {0x2154, "\\frac{2}{3}"},
                                 {0x2155, "\\frac{1}{5}"},
                                 {0x2156, "\\frac{2}{5}"},
                                 {0x2157, "\\frac{3}{5}"},
                                 {0x2158, "\\frac{4}{5}"},
                                 {0x2159, "\\frac{1}{6}"},
                                 {0x215A, "\\frac{5}{6}"},
                                 {0x215B, "\\frac{1}{8}"},
                                 {0x215C, "\\frac{3}{8}"},
                                 {0x215D, "\\frac{5}{8}"},
                                 {0x215E, "\\frac{7}{8}"},
                                 {0x2192, "\\to "},
                                 {0x21D2, "\\Rightarrow "},
                                 {0x2200, "\\forall "},
                                 {0x2205, "\\emptyset "},
                                 {0x2208, "\\in "},
                                 {0x2209, "\\notin "},
                                 {0x220F, "\\prod "},
                                 {0x2211, "\\sum "},
                                 {0x2212, "-"},
                                 {0x2213, "\\mp "},
                                 {0x2215, "/"},
                                 {0x2216, "\\setminus "},
                                 {0x2217, "*"},
                                 {0x2219, "\\cdot "},
                                 {0x221A, "\\surd "},
                                 {0x221B, "\\sqrt[3]"},
                                 {0x221C, "\\sqrt[4]"},
                                 {0x221E, "\\infty "},
                                 {0x2220, "\\angle "},
                                 {0x2223, "\\mid "},
                                 {0x2225, "\\parallel "},
                                 {0x2227, "\\land "},
                                 {0x2228, "\\lor "},
                                 {0x2229, "\\cap "},
                                 {0x222A, "\\cup "},
                                 {0x2236, ":"},
                                 {0x223C, "\\sim "},
                                 {0x2245, "\\cong "},
                                 {0x2248, "\\approx "},
                                 {0x2260, "\\neq "},
                                 {0x2261, "\\equiv "},
                                 {0x2264, "\\le "},
                                 {0x2265, "\\ge "},
                                 {0x2266, "\\le "},
                                 {0x2267, "\\ge "},
                                 {0x2282, "\\subset "},
                                 {0x22C5, "\\cdot "},
                                 {0x22EF, "\\ldots "},
                                 {0x2308, "\\lceil "},
                                 {0x2309, "\\rceil "},
                                 {0x230A, "\\lfloor "},
                                 {0x230B, "\\rfloor "},
                                 {0x2329, "\\langle "},
                                 {0x232A, "\\rangle "},
                                 {0x25B3, "\\triangle "},
                                 {0x27E8, "\\langle "},
                                 {0x27E9, "\\rangle "},
                                 {0x2A7D, "\\le "},
                                 {0x2A7E, "\\ge "},
                                 {0x3001, ","},
                                 {0x3002, "."},
                                 {0x3008, "\\langle "},
                                 {0x3009, "\\rangle "},
                                 {0xFFE0, "\\text{cents}"},
                                 {0xFFE1, "\\pounds "},
                                 {0xFFE5, "\\yen "}};

constexpr std::string_view kAscii =
    " !\"#$%&'()*+,-./"
    "0123456789:;<=>?@ABCDEFGHIJKLMNOPQRSTUVWXYZ[\\]^_`abcdefghijklmnopqrstuvwxyz{|}~";

// The ASCII letter or digit of a mathematical one (U+1D400 to U+1D7FF), or 0. Greek ones are left
// out.
char plain_character(int32_t c) {
  if (c >= 0x1D400 && c < 0x1D6A4) {
    const int32_t letter = (c - 0x1D400) % 52;
    return static_cast<char>(letter < 26 ? 'A' + letter : 'a' + letter - 26);
  }
  if (c >= 0x1D7CE && c <= 0x1D7FF) return static_cast<char>('0' + (c - 0x1D7CE) % 10);
  return 0;
}

}  // namespace

std::string_view meaning(int32_t c) {
  if (c >= 0xFF01 && c <= 0xFF5E) return kAscii.substr(static_cast<size_t>(c - 0xFEE0 - 0x20), 1);
  if (const char plain = plain_character(c); plain != 0)
    return kAscii.substr(static_cast<size_t>(plain - 0x20), 1);
  const auto* found = std::lower_bound(
      std::begin(kMeanings), std::end(kMeanings), c,
      [](const Meaning& entry, int32_t value) { return entry.code_point < value; });
  return found != std::end(kMeanings) && found->code_point == c ? found->text : std::string_view();
}

bool is_invisible(int32_t c) {
  return c == 0xAD || c == 0x34F || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) ||
         (c >= 0x2060 && c <= 0x2064) || (c >= 0x2066 && c <= 0x206F) || c == 0xFEFF ||
         (c >= 0xFE00 && c <= 0xFE0F);
}

bool is_thin_space(int32_t c) { return c == 0x2009 || c == 0x200A || c == 0x202F || c == 0x2006; }
bool is_space(int32_t c) {
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x2008) || c == 0x2028 ||
         c == 0x2029 || c == 0x205F || c == 0x3000;
}

int superscript_digit(int32_t c) {
  if (c == 0xB9) return 1;
  if (c == 0xB2) return 2;
  if (c == 0xB3) return 3;
  if (c == 0x2070 || (c >= 0x2074 && c <= 0x2079)) return c - 0x2070;
  if (c == 0x207B) return 10;
  if (c == 0x207A) return 11;
  if (c == 0x207F) return 12;
  return -1;
}

int subscript_digit(int32_t c) { return c >= 0x2080 && c <= 0x2089 ? c - 0x2080 : -1; }

}  // namespace r1::rewards::math::engine
