#include "model/jinja_text.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>

#include "model/utf8.h"

namespace r1::model::jinja {
namespace {

struct CaseRun {
  uint32_t first, last;
  int32_t step, delta;
};
struct CaseSpecial {
  uint32_t code;
  uint32_t mapped[3];
};
struct CodeRange {
  uint32_t first, last;
};
#include "model/unicode_case_tables.inc"

template <size_t R, size_t S>
void append_mapped(std::string& out, char32_t code, const CaseRun (&runs)[R],
                   const CaseSpecial (&specials)[S]) {
  for (const CaseSpecial& special : specials) {
    if (special.code != code) continue;
    for (const uint32_t mapped : special.mapped)
      if (mapped != 0) append_code_point(out, mapped);
    return;
  }
  // Runs of step 2 may interleave, so the one that fits is looked for from the last that begins
  // early enough.
  auto run = std::upper_bound(std::begin(runs), std::end(runs), code,
                              [](char32_t c, const CaseRun& r) { return c < r.first; });
  for (int back = 0; back < 4 && run != std::begin(runs); ++back) {
    --run;
    if (code <= run->last && (code - run->first) % static_cast<uint32_t>(run->step) == 0) {
      append_code_point(out, code + static_cast<uint32_t>(run->delta));
      return;
    }
  }
  append_code_point(out, code);
}

void append_upper(std::string& out, char32_t code) {
  append_mapped(out, code, kUpperRuns, kUpperSpecials);
}
void append_lower(std::string& out, char32_t code) {
  append_mapped(out, code, kLowerRuns, kLowerSpecials);
}
void append_title(std::string& out, char32_t code) {
  append_mapped(out, code, kTitleRuns, kTitleSpecials);
}

template <class F>
std::string each_code_point(std::string_view text, F append) {
  std::string out;
  out.reserve(text.size());
  for (size_t at = 0; at < text.size();) append(out, next_code_point(text, at));
  return out;
}

}  // namespace

char32_t next_code_point(std::string_view text, size_t& at) {
  const auto byte = [&](size_t i) { return static_cast<unsigned char>(text[at + i]); };
  const size_t length = std::max<size_t>(1, utf8_length(text, at));
  char32_t code = byte(0);
  if (length == 2) code = (byte(0) & 0x1fu) << 6 | (byte(1) & 0x3fu);
  if (length == 3) code = (byte(0) & 0x0fu) << 12 | (byte(1) & 0x3fu) << 6 | (byte(2) & 0x3fu);
  if (length == 4)
    code = (byte(0) & 0x07u) << 18 | (byte(1) & 0x3fu) << 12 | (byte(2) & 0x3fu) << 6 |
           (byte(3) & 0x3fu);
  at += length;
  return code;
}

void append_code_point(std::string& text, char32_t code) {
  const auto add = [&](uint32_t byte) { text += static_cast<char>(byte); };
  if (code < 0x80) return add(code);
  if (code < 0x800) return add(0xc0 | code >> 6), add(0x80 | (code & 0x3f));
  if (code < 0x10000)
    return add(0xe0 | code >> 12), add(0x80 | (code >> 6 & 0x3f)), add(0x80 | (code & 0x3f));
  add(0xf0 | code >> 18), add(0x80 | (code >> 12 & 0x3f)), add(0x80 | (code >> 6 & 0x3f));
  add(0x80 | (code & 0x3f));
}

size_t count_code_points(std::string_view text) {
  return static_cast<size_t>(
      std::count_if(text.begin(), text.end(), [](char c) { return (c & 0xc0) != 0x80; }));
}

size_t byte_offset(std::string_view text, size_t index) {
  size_t at = 0;
  for (; index > 0 && at < text.size(); --index) at += std::max<size_t>(1, utf8_length(text, at));
  return at;
}

bool is_space(char32_t code) {
  return (code >= 0x09 && code <= 0x0d) || (code >= 0x1c && code <= 0x20) || code == 0x85 ||
         code == 0xa0 || code == 0x1680 || (code >= 0x2000 && code <= 0x200a) || code == 0x2028 ||
         code == 0x2029 || code == 0x202f || code == 0x205f || code == 0x3000;
}

bool is_printable(char32_t code) {
  const auto range = std::upper_bound(std::begin(kUnprintable), std::end(kUnprintable), code,
                                      [](char32_t c, const CodeRange& r) { return c < r.first; });
  return range == std::begin(kUnprintable) || code > std::prev(range)->last;
}

size_t space_length(std::string_view text, size_t at) {
  const size_t begin = at;
  while (at < text.size()) {
    size_t next = at;
    if (!is_space(next_code_point(text, next))) break;
    at = next;
  }
  return at - begin;
}

std::string_view right_strip(std::string_view text) {
  return strip(text, std::nullopt, false, true);
}

std::string_view strip(std::string_view text, const std::optional<std::string>& characters,
                       bool left, bool right) {
  const auto dropped = [&](std::string_view one) {
    size_t at = 0;
    return characters ? characters->find(one) != std::string::npos
                      : is_space(next_code_point(one, at));
  };
  size_t begin = 0, end = text.size();
  while (left && begin < end) {
    size_t next = begin;
    next_code_point(text, next);
    if (!dropped(text.substr(begin, next - begin))) break;
    begin = next;
  }
  while (right && end > begin) {
    size_t start = end - 1;
    while (start > begin && (text[start] & 0xc0) == 0x80) --start;
    if (!dropped(text.substr(start, end - start))) break;
    end = start;
  }
  return text.substr(begin, end - begin);
}

std::string upper(std::string_view text) { return each_code_point(text, append_upper); }
std::string lower(std::string_view text) { return each_code_point(text, append_lower); }

std::string capitalize(std::string_view text) {
  bool first = true;
  return each_code_point(text, [&](std::string& out, char32_t code) {
    first ? append_title(out, code) : append_lower(out, code);
    first = false;
  });
}

std::string title(std::string_view text) {
  bool in_word = false;
  return each_code_point(text, [&](std::string& out, char32_t code) {
    in_word ? append_lower(out, code) : append_title(out, code);
    in_word = is_cased(code);
  });
}

bool is_cased(char32_t code) {
  std::string same, up, low;
  append_code_point(same, code);
  append_upper(up, code);
  append_lower(low, code);
  return same != up || same != low;
}

std::string repr_of(std::string_view text) {
  const bool doubled = text.find('\'') != text.npos && text.find('"') == text.npos;
  const char quote = doubled ? '"' : '\'';
  std::string out(1, quote);
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t code = next_code_point(text, at);
    if (code == '\\' || code == static_cast<char32_t>(quote)) {
      out += {'\\', static_cast<char>(code)};
    } else if (code == '\n' || code == '\r' || code == '\t') {
      out += code == '\n' ? "\\n" : code == '\r' ? "\\r" : "\\t";
    } else if (is_printable(code)) {
      out += text.substr(begin, at - begin);
    } else if (code < 0x100) {
      out += fmt::format("\\x{:02x}", static_cast<uint32_t>(code));
    } else if (code < 0x10000) {
      out += fmt::format("\\u{:04x}", static_cast<uint32_t>(code));
    } else {
      out += fmt::format("\\U{:08x}", static_cast<uint32_t>(code));
    }
  }
  return out + quote;
}

std::string float_text(double value) {
  if (std::isnan(value)) return "nan";
  if (std::isinf(value)) return value > 0 ? "inf" : "-inf";
  char buffer[32];
  const auto written =
      std::to_chars(buffer, buffer + sizeof buffer, value, std::chars_format::scientific);
  std::string_view text(buffer, static_cast<size_t>(written.ptr - buffer));
  const std::string sign = text.front() == '-' ? "-" : "";
  text.remove_prefix(sign.size());
  const size_t e = text.find('e');
  const int exponent = std::atoi(std::string(text.substr(e + 1)).c_str());
  std::string digits(text.substr(0, 1));
  if (e > 2) digits += text.substr(2, e - 2);
  const auto count = static_cast<int>(digits.size());
  if (exponent < -4 || exponent >= 16) {
    const std::string fraction = count > 1 ? "." + digits.substr(1) : "";
    return fmt::format("{}{}{}e{}{:02}", sign, digits[0], fraction, exponent < 0 ? '-' : '+',
                       std::abs(exponent));
  }
  if (exponent < 0)
    return sign + "0." + std::string(static_cast<size_t>(-exponent - 1), '0') + digits;
  if (count <= exponent + 1)
    return sign + digits + std::string(static_cast<size_t>(exponent + 1 - count), '0') + ".0";
  return sign + digits.substr(0, static_cast<size_t>(exponent) + 1) + "." +
         digits.substr(static_cast<size_t>(exponent) + 1);
}

std::string json_quoted(std::string_view text, bool ensure_ascii) {
  constexpr std::string_view kShort = "\"\\\n\r\t\b\f", kNames = "\"\\nrtbf";
  std::string out = "\"";
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const auto code = static_cast<uint32_t>(next_code_point(text, at));
    const size_t named = code < 0x80 ? kShort.find(static_cast<char>(code)) : kShort.npos;
    if (named != kShort.npos) {
      out += {'\\', kNames[named]};
    } else if (code < 0x20 || (ensure_ascii && code >= 0x7f && code < 0x10000)) {
      out += fmt::format("\\u{:04x}", code);
    } else if (ensure_ascii && code >= 0x10000) {
      out += fmt::format("\\u{:04x}\\u{:04x}", 0xd800 + ((code - 0x10000) >> 10),
                         0xdc00 + ((code - 0x10000) & 0x3ff));
    } else {
      out += text.substr(begin, at - begin);
    }
  }
  return out + "\"";
}

}  // namespace r1::model::jinja
