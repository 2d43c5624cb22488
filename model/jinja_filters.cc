// Filters of text and numbers, and the table of all filters.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "model/jinja_interpreter.h"
#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

// Runs a function of text that takes no arguments.
template <std::string (*function)(std::string_view)>
Value of_text(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "the filter").finish();
  return i.text(function(i.to_string(subject)));
}

Value trim(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "trim");
  const auto characters = reader.string("chars");
  reader.finish();
  check_strip_characters(characters);
  return i.text(std::string(strip(i.to_string(subject), characters, true, true)));
}

// jinja2's own title: a word begins behind white space, - ( { [ and <.
Value title_words(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "title").finish();
  const std::string text = i.to_string(subject);
  std::string out;
  bool begins = true;
  for (size_t at = 0; at < text.size();) {
    const size_t begin = at;
    const char32_t code = next_code_point(text, at);
    const std::string_view one = std::string_view(text).substr(begin, at - begin);
    const bool separator =
        is_space(code) || (code < 0x80 && std::string_view("-({[<").find(static_cast<char>(code)) !=
                                              std::string_view::npos);
    out += begins ? upper(one) : lower(one);
    begins = separator;
  }
  return i.text(std::move(out));
}

std::string replaced(const std::string& text, const std::string& from, const std::string& to,
                     int64_t count, Meter& meter) {
  meter.search(text.size(), from.size());
  TextBuilder out(meter);
  size_t at = 0;
  for (; count != 0; --count) {
    const size_t found = text.find(from, at);
    if (found == std::string::npos || found >= text.size() + from.empty()) break;
    out.append(std::string_view(text).substr(at, found - at));
    out.append(to);
    at = found + from.size();
    if (!from.empty()) continue;
    if (at == text.size()) return out.take();
    size_t next = at;
    next_code_point(text, next);
    out.append(std::string_view(text).substr(at, next - at));
    at = next;
  }
  out.append(std::string_view(text).substr(at));
  return out.take();
}

Value replace(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "replace");
  const std::string from = i.to_string(reader.required("old")),
                    to = i.to_string(reader.required("new"));
  const int64_t count = reader.integer("count", -1);
  reader.finish();
  return i.text(replaced(i.to_string(subject), from, to, count, i.meter()));
}

Value to_string_filter(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "string").finish();
  return subject.string() ? subject : i.text(i.to_string(subject));
}

Value safe(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "safe").finish();
  return Value::text(i.to_string(subject), i.meter(), true);
}

Value escape(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "escape").finish();
  return subject.is_markup()
             ? subject
             : Value::text(html_escaped(i.to_string(subject), i.meter()), i.meter(), true);
}

Value fallback(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "default");
  const auto value = reader.next("default_value");
  const bool also_false = reader.boolean("boolean", false);
  reader.finish();
  const bool replace_it = subject.is_undefined() || (also_false && !subject.truthy());
  return !replace_it ? subject : value ? *value : i.text("");
}

Value to_integer(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "int");
  const Value otherwise = reader.next("default").value_or(Value(int64_t{0}));
  const int64_t base = reader.integer("base", 10);
  reader.finish();
  if (subject.is_undefined()) throw Failure{subject.undefined_message()};
  if (subject.integer() || subject.boolean()) return subject.as_integer("int");
  std::optional<double> number;
  if (subject.string()) {
    if (const auto whole =
            parse_integer(*subject.string(), static_cast<int>(std::clamp<int64_t>(base, 0, 99))))
      return *whole;
    number = parse_double(*subject.string());
  } else if (subject.real()) {
    number = *subject.real();
  }
  if (!number || !std::isfinite(*number)) return otherwise;
  if (std::abs(*number) >= 0x1p63)
    throw Failure{fmt::format("{} does not fit 64 bits", i.to_string(subject).substr(0, 80))};
  return static_cast<int64_t>(*number);
}

Value to_float(Interpreter&, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "float");
  const Value otherwise = reader.next("default").value_or(Value(0.0));
  reader.finish();
  if (subject.is_undefined()) throw Failure{subject.undefined_message()};
  if (subject.is_number()) return subject.as_double("float");
  const auto number = subject.string() ? parse_double(*subject.string()) : std::nullopt;
  return number ? Value(*number) : otherwise;
}

Value absolute(Interpreter&, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "abs").finish();
  if (subject.real()) return std::abs(*subject.real());
  return subject.as_integer("abs") < 0 ? negate(subject) : Value(subject.as_integer("abs"));
}

// Python's round(): the decimal nearest to the exact value, ties to even.
double rounded(double value, int64_t digits) {
  if (!std::isfinite(value)) return value;
  if (digits < 0) {
    const double unit = std::pow(10.0, static_cast<double>(-digits));
    return std::nearbyint(value / unit) * unit;
  }
  return std::strtod(fmt::format("{:.{}f}", value, digits).c_str(), nullptr);
}

Value round_filter(Interpreter&, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "round");
  const int64_t digits = reader.integer("precision", 0);
  const std::string method = reader.string("method").value_or("common");
  reader.finish();
  if (digits < -300 || digits > 300)
    throw Failure{"round: the precision is outside of [-300, 300]"};
  const double value = subject.as_double("round");
  if (method == "common") {
    if (subject.real()) return rounded(value, digits);
    return digits >= 0 ? subject : Value(static_cast<int64_t>(rounded(value, digits)));
  }
  if (method != "ceil" && method != "floor") throw Failure{"method must be common, ceil or floor"};
  const double scale = std::pow(10.0, static_cast<double>(digits));
  return (method == "ceil" ? std::ceil(value * scale) : std::floor(value * scale)) / scale;
}

Value to_json(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "tojson");
  JsonStyle style;
  style.ensure_ascii = reader.boolean("ensure_ascii", false);
  const auto indent = reader.next("indent"), separators = reader.next("separators");
  style.sort_keys = reader.boolean("sort_keys", false);
  reader.finish();
  if (indent && !indent->is_none()) {
    style.pretty = true;
    style.item_separator = ',';
    if (indent->string())
      style.indent = *indent->string();
    else
      style.indent = std::string(
          static_cast<size_t>(std::clamp<int64_t>(indent->as_integer("indent"), 0, 1000)), ' ');
  }
  if (separators && !separators->is_none()) {
    const Values parts = i.iterate(*separators);
    if (parts.size() != 2 || !parts[0].string() || !parts[1].string())
      throw Failure{"tojson: separators must be two strings"};
    style.item_separator = *parts[0].string();
    style.key_separator = *parts[1].string();
  }
  return i.text(to_json_text(subject, style, i.meter()));
}

Value indent_lines(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "indent");
  const auto width = reader.next("width");
  const bool first = reader.boolean("first", false), blank = reader.boolean("blank", false);
  reader.finish();
  const int64_t spaces = width && !width->string() ? width->as_integer("width") : 4;
  if (spaces > 10'000) throw Failure{"indent: the width is above 10000"};
  const std::string space =
      width && width->string()
          ? *width->string()
          : std::string(static_cast<size_t>(std::max<int64_t>(spaces, 0)), ' ');
  Arguments none;
  const Value text = i.text(i.to_string(subject) + "\n");
  TextBuilder out(i.meter());
  bool any = false;
  for (const Value& line : i.iterate(call_method(i, text, "splitlines", none))) {
    if (any) out.append("\n");
    if (any ? blank || !line.string()->empty() : first) out.append(space);
    out.append(*line.string());
    any = true;
  }
  return i.text(out.take());
}

Value format(Interpreter& i, const Value& subject, Arguments& arguments) {
  if (!arguments.named.empty()) throw Failure{"format: keyword arguments are not supported"};
  return i.text(format_percent(i.to_string(subject), arguments.positional, i.meter()));
}

Value center(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "center");
  Arguments width{{Value(reader.integer("width", 80))}, {}};
  reader.finish();
  return call_method(i, i.text(i.to_string(subject)), "center", width);
}

Value truncate(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader reader(arguments, "truncate");
  const int64_t length = reader.integer("length", 255);
  const bool kill_words = reader.boolean("killwords", false);
  const std::string end = reader.string("end").value_or("...");
  const int64_t leeway = reader.integer("leeway", 5);
  reader.finish();
  const std::string text = i.to_string(subject);
  const auto ends = static_cast<int64_t>(count_code_points(end));
  if (length < ends || leeway < 0 || leeway > 1 << 30)
    throw Failure{fmt::format("truncate: expected length >= {} and leeway >= 0", ends)};
  if (static_cast<int64_t>(count_code_points(text)) <= std::min<int64_t>(length, 1 << 30) + leeway)
    return i.text(text);
  std::string kept = text.substr(0, byte_offset(text, static_cast<size_t>(length - ends)));
  if (!kill_words) kept.resize(std::min(kept.rfind(' '), kept.size()));
  return i.text(kept + end);
}

Value word_count(Interpreter& i, const Value& subject, Arguments& arguments) {
  ArgumentReader(arguments, "wordcount").finish();
  int64_t words = 0;
  bool inside = false;
  for (const char c : i.to_string(subject)) {
    if (c & 0x80) throw Failure{"wordcount is supported for ASCII text only"};
    const bool letter = std::isalnum(static_cast<unsigned char>(c)) || c == '_';
    words += letter && !inside;
    inside = letter;
  }
  return words;
}

const std::vector<FilterEntry>& text_filters() {
  static const std::vector<FilterEntry> table = {
      {"upper", of_text<upper>},
      {"lower", of_text<lower>},
      {"capitalize", of_text<capitalize>},
      {"title", title_words},
      {"trim", trim},
      {"replace", replace},
      {"string", to_string_filter},
      {"safe", safe},
      {"e", escape},
      {"escape", escape},
      {"default", fallback},
      {"d", fallback},
      {"int", to_integer},
      {"float", to_float},
      {"abs", absolute},
      {"round", round_filter},
      {"tojson", to_json},
      {"indent", indent_lines},
      {"format", format},
      {"center", center},
      {"truncate", truncate},
      {"wordcount", word_count},
  };
  return table;
}

FilterFunction find_filter(const std::string& name) {
  for (const auto* table : {&text_filters(), &sequence_filters()})
    for (const auto& [known, function] : *table)
      if (known == name) return function;
  return nullptr;
}

}  // namespace

bool is_filter(const std::string& name) { return find_filter(name) != nullptr; }

Value apply_filter(Interpreter& interpreter, const std::string& name, const Value& subject,
                   Arguments& arguments) {
  const FilterFunction function = find_filter(name);
  if (function == nullptr)
    throw Failure{fmt::format("the filter \"{}\" is not supported", name.substr(0, 80))};
  return function(interpreter, subject, arguments);
}

}  // namespace r1::model::jinja
