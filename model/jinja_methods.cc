// Methods of str, and calls of methods. What Python has and this lacks is an error that names it.
#include <ctype.h>
#include <fmt/format.h>

#include <algorithm>

#include "model/jinja_interpreter.h"
#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

const std::string& text_of(const Value& self) { return *self.string(); }

template <bool left, bool right>
Value strip_method(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "strip()");
  const auto characters = reader.string("chars");
  reader.finish();
  return i.text(std::string(strip(text_of(self), characters, left, right)));
}

template <std::string (*function)(std::string_view)>
Value mapped(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader(arguments, "the method").finish();
  return i.text(function(text_of(self)));
}

// Where the code point that ends at `end` begins.
size_t last_code_point(std::string_view text, size_t end) {
  do --end;
  while (end > 0 && (text[end] & 0xc0) == 0x80);
  return end;
}

// Pieces between white space, at most `limit` splits from the left (from_left) or right; -1: all.
Values split_at_space(Interpreter& i, std::string_view text, int64_t limit, bool from_left) {
  Values pieces;
  const auto add = [&](std::string_view piece) { pieces.push_back(i.text(std::string(piece))); };
  text = strip(text, std::nullopt, from_left, !from_left);
  while (!text.empty() && limit != 0) {
    size_t at = from_left ? 0 : text.size();
    if (from_left) {
      while (at < text.size() && space_length(text, at) == 0) next_code_point(text, at);
      add(text.substr(0, at));
      text = strip(text.substr(at), std::nullopt, true, false);
    } else {
      while (at > 0 && right_strip(text.substr(0, at)).size() == at) at = last_code_point(text, at);
      add(text.substr(at));
      text = right_strip(text.substr(0, at));
    }
    --limit;
  }
  if (!text.empty()) add(text);
  if (!from_left) std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

Values split_at(Interpreter& i, std::string_view text, const std::string& separator, int64_t limit,
                bool from_left) {
  if (separator.empty()) throw Failure{"empty separator"};
  Values pieces;
  while (limit != 0) {
    const size_t found = from_left ? text.find(separator) : text.rfind(separator);
    if (found == text.npos) break;
    const std::string_view before = text.substr(0, found),
                           after = text.substr(found + separator.size());
    pieces.push_back(i.text(std::string(from_left ? before : after)));
    text = from_left ? after : before;
    --limit;
  }
  pieces.push_back(i.text(std::string(text)));
  if (!from_left) std::reverse(pieces.begin(), pieces.end());
  return pieces;
}

template <bool from_left>
Value split(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "split()");
  const auto separator = reader.string("sep");
  const int64_t limit = reader.integer("maxsplit", -1);
  reader.finish();
  return Value::list(separator ? split_at(i, text_of(self), *separator, limit, from_left)
                               : split_at_space(i, text_of(self), limit, from_left),
                     i.meter());
}

bool ends_line(char32_t code) {
  return (code >= 0x0a && code <= 0x0d) || (code >= 0x1c && code <= 0x1e) || code == 0x85 ||
         code == 0x2028 || code == 0x2029;
}

Value split_lines(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "splitlines()");
  const bool keep_ends = reader.boolean("keepends", false);
  reader.finish();
  const std::string& text = text_of(self);
  Values lines;
  size_t begin = 0;
  for (size_t at = 0; at < text.size();) {
    const size_t end = at;
    const char32_t code = next_code_point(text, at);
    if (!ends_line(code)) continue;
    if (code == '\r' && at < text.size() && text[at] == '\n') ++at;
    lines.push_back(i.text(text.substr(begin, (keep_ends ? at : end) - begin)));
    begin = at;
  }
  if (begin < text.size()) lines.push_back(i.text(text.substr(begin)));
  return Value::list(std::move(lines), i.meter());
}

// The part of a text that find(), count() and startswith() look at: text[start:end], and the index
// of its first character.
std::pair<std::string_view, int64_t> window(std::string_view text, ArgumentReader& reader) {
  const auto length = static_cast<int64_t>(count_code_points(text));
  const auto place = [&](int64_t index) {
    return std::clamp<int64_t>(index < 0 ? index + length : index, 0, length);
  };
  const int64_t start = place(reader.integer("start", 0)),
                end = place(reader.integer("end", length));
  if (end <= start) return {{}, start};
  const size_t begin = byte_offset(text, static_cast<size_t>(start));
  return {text.substr(begin, byte_offset(text, static_cast<size_t>(end)) - begin), start};
}

template <bool at_start>
Value starts_or_ends(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, at_start ? "startswith()" : "endswith()");
  const Value wanted = reader.required("prefix");
  const std::string_view text = window(text_of(self), reader).first;
  reader.finish();
  const Values all = wanted.is_tuple() ? i.iterate(wanted) : Values{wanted};
  return std::any_of(all.begin(), all.end(), [&](const Value& one) {
    if (one.is_undefined()) throw Failure{one.undefined_message()};
    if (!one.string())
      throw Failure{fmt::format("{} first arg must be str or a tuple of str, not {}",
                                at_start ? "startswith" : "endswith", one.type_name())};
    return at_start ? text.starts_with(*one.string()) : text.ends_with(*one.string());
  });
}

// find, rfind, index, rindex.
template <bool from_left, bool must_exist>
Value find(Interpreter&, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "find()");
  const std::string wanted = reader.string("sub").value_or("");
  const auto [text, first] = window(text_of(self), reader);
  reader.finish();
  const size_t found = from_left ? text.find(wanted) : text.rfind(wanted);
  if (found == text.npos && must_exist) throw Failure{"substring not found"};
  return found == text.npos
             ? int64_t{-1}
             : first + static_cast<int64_t>(count_code_points(text.substr(0, found)));
}

Value count(Interpreter&, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "count()");
  const std::string wanted = reader.string("sub").value_or("");
  const std::string_view text = window(text_of(self), reader).first;
  reader.finish();
  if (wanted.empty()) return static_cast<int64_t>(count_code_points(text)) + 1;
  int64_t found = 0;
  for (size_t at = text.find(wanted); at != text.npos; at = text.find(wanted, at + wanted.size()))
    ++found;
  return found;
}

Value replace(Interpreter& i, const Value& self, Arguments& arguments) {
  for (const Value& value : arguments.positional)
    if (!value.string() && !value.integer())
      throw Failure{fmt::format("replace() argument must be str, not {}", value.type_name())};
  return apply_filter(i, "replace", self, arguments);
}

Value join(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "join()");
  const Values items = i.iterate(reader.required("iterable"));
  reader.finish();
  TextBuilder out(i.meter());
  for (size_t at = 0; at < items.size(); ++at) {
    if (!items[at].string())
      throw Failure{fmt::format("sequence item {}: expected str instance, {} found", at,
                                items[at].type_name())};
    if (at > 0) out.append(text_of(self));
    out.append(*items[at].string());
  }
  return i.text(out.take());
}

template <bool prefix>
Value remove_affix(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, prefix ? "removeprefix()" : "removesuffix()");
  const std::string affix = reader.string("affix").value_or("");
  reader.finish();
  const std::string& text = text_of(self);
  if (affix.empty() || !(prefix ? text.starts_with(affix) : text.ends_with(affix))) return self;
  return i.text(prefix ? text.substr(affix.size()) : text.substr(0, text.size() - affix.size()));
}

template <bool from_left>
Value partition(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "partition()");
  const std::string separator = reader.string("sep").value_or("");
  reader.finish();
  if (separator.empty()) throw Failure{"empty separator"};
  const std::string& text = text_of(self);
  const size_t found = from_left ? text.find(separator) : text.rfind(separator);
  const Value none = i.text("");
  if (found == std::string::npos)
    return Value::tuple(from_left ? Values{self, none, none} : Values{none, none, self}, i.meter());
  return Value::tuple({i.text(text.substr(0, found)), i.text(separator),
                       i.text(text.substr(found + separator.size()))},
                      i.meter());
}

enum class Side { kLeft, kRight, kCenter };
template <Side side>
Value justify(Interpreter& i, const Value& self, Arguments& arguments) {
  ArgumentReader reader(arguments, "justifying");
  const int64_t width = reader.required("width").as_integer("width");
  const std::string fill = reader.string("fillchar").value_or(" ");
  reader.finish();
  if (count_code_points(fill) != 1)
    throw Failure{"The fill character must be exactly one character long"};
  if (width > 100'000) throw Failure{"a width is above 100000"};
  const std::string& text = text_of(self);
  const int64_t missing =
      std::max<int64_t>(0, width - static_cast<int64_t>(count_code_points(text)));
  // str.center puts the odd one to the left when the width is odd.
  const int64_t left = side == Side::kLeft    ? 0
                       : side == Side::kRight ? missing
                                              : missing / 2 + (missing & width & 1);
  std::string out;
  for (int64_t at = 0; at < left; ++at) out += fill;
  out += text;
  for (int64_t at = left; at < missing; ++at) out += fill;
  return i.text(std::move(out));
}

Value zero_fill(Interpreter& i, const Value& self, Arguments& arguments) {
  const std::string& text = text_of(self);
  const bool sign = text.starts_with('-') || text.starts_with('+');
  if (arguments.positional.size() != 1) throw Failure{"zfill() takes exactly one argument"};
  Arguments width{{Value(arguments.positional[0].as_integer("width") - sign), i.text("0")}, {}};
  const Value digits = justify<Side::kRight>(i, i.text(text.substr(sign)), width);
  return i.text(text.substr(0, sign) + *digits.string());
}

// The is...() methods, of ASCII text.
template <int (*holds)(int)>
Value all_of_class(Interpreter&, const Value& self, Arguments& arguments) {
  ArgumentReader(arguments, "the method").finish();
  const std::string& text = text_of(self);
  if (std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }))
    throw Failure{"methods that ask for the class of characters are supported for ASCII text only"};
  return !text.empty() &&
         std::all_of(text.begin(), text.end(), [](char c) { return holds(c) != 0; });
}

Value is_space_method(Interpreter&, const Value& self, Arguments& arguments) {
  ArgumentReader(arguments, "isspace()").finish();
  return !text_of(self).empty() && space_length(text_of(self), 0) == text_of(self).size();
}

template <bool upper_case>
Value is_case(Interpreter& i, const Value& self, Arguments& arguments) {
  return apply_test(i, upper_case ? "upper" : "lower", self, arguments);
}

Value format(Interpreter& i, const Value& self, Arguments& arguments) {
  return i.text(format_braces(text_of(self), arguments, i.meter()));
}

const MethodTable& string_methods() {
  static const MethodTable table = {
      {"strip", strip_method<true, true>},
      {"lstrip", strip_method<true, false>},
      {"rstrip", strip_method<false, true>},
      {"split", split<true>},
      {"rsplit", split<false>},
      {"splitlines", split_lines},
      {"startswith", starts_or_ends<true>},
      {"endswith", starts_or_ends<false>},
      {"replace", replace},
      {"upper", mapped<upper>},
      {"lower", mapped<lower>},
      {"title", mapped<title>},
      {"capitalize", mapped<capitalize>},
      {"join", join},
      {"find", find<true, false>},
      {"rfind", find<false, false>},
      {"index", find<true, true>},
      {"rindex", find<false, true>},
      {"count", count},
      {"format", format},
      {"removeprefix", remove_affix<true>},
      {"removesuffix", remove_affix<false>},
      {"partition", partition<true>},
      {"rpartition", partition<false>},
      {"ljust", justify<Side::kLeft>},
      {"rjust", justify<Side::kRight>},
      {"center", justify<Side::kCenter>},
      {"zfill", zero_fill},
      {"isdigit", all_of_class<::isdigit>},
      {"isnumeric", all_of_class<::isdigit>},
      {"isdecimal", all_of_class<::isdigit>},
      {"isalpha", all_of_class<::isalpha>},
      {"isalnum", all_of_class<::isalnum>},
      {"isspace", is_space_method},
      {"isupper", is_case<true>},
      {"islower", is_case<false>},
      {"casefold", nullptr},
      {"encode", nullptr},
      {"expandtabs", nullptr},
      {"format_map", nullptr},
      {"isascii", nullptr},
      {"isidentifier", nullptr},
      {"isprintable", nullptr},
      {"istitle", nullptr},
      {"maketrans", nullptr},
      {"swapcase", nullptr},
      {"translate", nullptr},
  };
  return table;
}

const MethodTable* methods_of(const Value& object) {
  if (object.string()) return &string_methods();
  if (object.is_list()) return &list_methods();
  if (object.is_tuple()) return &tuple_methods();
  return object.dict() ? &dict_methods() : nullptr;
}

}  // namespace

bool has_method(const Value& object, std::string_view name) {
  const MethodTable* table = methods_of(object);
  if (table == nullptr) return false;
  if (name.starts_with("__")) return true;
  return std::any_of(table->begin(), table->end(),
                     [&](const auto& entry) { return entry.first == name; });
}

bool is_mutating_method(const Value& object, std::string_view name) {
  static const std::vector<std::string_view> list = {"append", "clear",  "extend",  "insert",
                                                     "pop",    "remove", "reverse", "sort"};
  static const std::vector<std::string_view> dict = {"clear", "pop", "popitem", "setdefault",
                                                     "update"};
  const auto& names = object.dict() ? dict : list;
  return (object.dict() || object.is_list()) &&
         std::find(names.begin(), names.end(), name) != names.end();
}

Value call_method(Interpreter& interpreter, const Value& self, const std::string& name,
                  Arguments& arguments) {
  for (const auto& [known, method] : *methods_of(self)) {
    if (known != name || method == nullptr) continue;
    interpreter.meter().step(self.string() ? 1 + static_cast<int64_t>(self.string()->size() / 64)
                                           : 1);
    return method(interpreter, self, arguments);
  }
  throw Failure{
      fmt::format("the method {}.{} is not supported", self.type_name(), name.substr(0, 80))};
}

}  // namespace r1::model::jinja
