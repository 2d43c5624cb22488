// Arithmetic, % formatting and str.format with Python's rules.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>

#include "model/jinja_interpreter.h"
#include "model/jinja_text.h"

namespace r1::model::jinja {
namespace {

void refuse(bool overflow) {
  if (overflow) throw Failure{"an integer grows beyond 64 bits"};
}

int64_t whole(const Value& value) {
  return value.boolean() ? int64_t{*value.boolean()} : *value.integer();
}

int64_t power(int64_t base, int64_t exponent) {
  if (base >= -1 && base <= 1)
    return base == -1 && exponent % 2 == 0 ? 1 : exponent == 0 ? 1 : base;
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) {
    refuse(__builtin_mul_overflow(result, base, &result));
  }
  return result;
}

double floor_mod(double a, double b) {
  const double rest = std::fmod(a, b);
  return rest != 0 && (rest < 0) != (b < 0) ? rest + b : rest;
}

// op: + - * / %, where / is Python's //.
Value integer_operator(char op, int64_t a, int64_t b) {
  int64_t result = 0;
  if (op == '+') refuse(__builtin_add_overflow(a, b, &result));
  if (op == '-') refuse(__builtin_sub_overflow(a, b, &result));
  if (op == '*') refuse(__builtin_mul_overflow(a, b, &result));
  if (op != '/' && op != '%') return result;
  if (b == 0) throw Failure{op == '%' ? "integer modulo by zero" : "division by zero"};
  if (b == -1) return op == '%' ? Value(int64_t{0}) : integer_operator('-', 0, a);
  const int64_t quotient = a / b - (a % b != 0 && (a < 0) != (b < 0));
  return op == '%' ? a - quotient * b : quotient;
}

Value float_operator(const std::string& op, double a, double b) {
  if (op == "+") return a + b;
  if (op == "-") return a - b;
  if (op == "*") return a * b;
  if (op == "**") {
    const double result = std::pow(a, b);
    if (std::isnan(result) && !std::isnan(a) && !std::isnan(b))
      throw Failure{"a power that is no real number"};
    return result;
  }
  if (b == 0) throw Failure{"float division by zero"};
  if (op == "/") return a / b;
  const double rest = floor_mod(a, b);
  return op == "%" ? rest : std::round((a - rest) / b);
}

Value numeric_operator(const std::string& op, const Value& a, const Value& b) {
  if (op == "/" && !a.real() && !b.real() && whole(b) == 0) throw Failure{"division by zero"};
  const bool real = a.real() || b.real() || op == "/" || (op == "**" && whole(b) < 0);
  if (real) return float_operator(op, a.as_double("an operand"), b.as_double("an operand"));
  if (op == "**") return power(whole(a), whole(b));
  return integer_operator(op == "//" ? '/' : op[0], whole(a), whole(b));
}

Value repeat(const Value& value, int64_t times, Meter& meter) {
  const auto count = static_cast<size_t>(std::max<int64_t>(times, 0));
  const size_t unit =
      value.string() ? value.string()->size() : value.sequence()->items.size() * sizeof(Value);
  if (unit > 0 && count > meter.limits().max_memory / unit)
    meter.charge(meter.limits().max_memory + 1);
  meter.charge(unit * count);
  if (unit == 0) return value;
  if (const std::string* text = value.string()) {
    std::string out;
    for (size_t i = 0; i < count; ++i) out += *text;
    return Value::text(std::move(out), meter);
  }
  Values items;
  for (size_t i = 0; i < count; ++i)
    items.insert(items.end(), value.sequence()->items.begin(), value.sequence()->items.end());
  return Value::sequence(value.sequence()->kind, std::move(items), meter);
}

}  // namespace

std::string html_escaped(const std::string& text, Meter& meter) {
  TextBuilder out(meter);
  for (const char c : text) {
    const char* name = c == '&'    ? "&amp;"
                       : c == '<'  ? "&lt;"
                       : c == '>'  ? "&gt;"
                       : c == '\'' ? "&#39;"
                       : c == '"'  ? "&#34;"
                                   : nullptr;
    out.append(name ? std::string_view(name) : std::string_view(&c, 1));
  }
  return out.take();
}

namespace {

// Text that `safe` marked escapes what is added to it.
Value add_texts(const Value& a, const Value& b, Meter& meter) {
  const bool markup = a.is_markup() || b.is_markup();
  const auto part = [&](const Value& value) {
    return markup && !value.is_markup() ? html_escaped(*value.string(), meter) : *value.string();
  };
  return Value::text(part(a) + part(b), meter, markup);
}

Value add(const Value& a, const Value& b, Meter& meter) {
  if (a.string() && b.string()) return add_texts(a, b, meter);
  const bool lists = (a.is_list() && b.is_list()) || (a.is_tuple() && b.is_tuple());
  if (a.string())
    throw Failure{fmt::format("can only concatenate str (not \"{}\") to str", b.type_name())};
  if (!lists)
    throw Failure{fmt::format("unsupported operand type(s) for +: '{}' and '{}'", a.type_name(),
                              b.type_name())};
  Values items = a.sequence()->items;
  items.insert(items.end(), b.sequence()->items.begin(), b.sequence()->items.end());
  return Value::sequence(a.sequence()->kind, std::move(items), meter);
}

// One conversion of a % format: %[flags][width][.precision]type.
struct Conversion {
  std::string flags, width, precision;
  char type = 's';
};

Conversion read_conversion(const std::string& format, size_t& at) {
  Conversion c;
  const auto take = [&](std::string_view allowed, std::string& into) {
    while (at < format.size() && allowed.find(format[at]) != allowed.npos) into += format[at++];
  };
  take("-+ 0#", c.flags);
  take("0123456789", c.width);
  if (at < format.size() && format[at] == '.') {
    c.precision = format[at++];
    take("0123456789", c.precision);
  }
  if (at == format.size()) throw Failure{"incomplete format"};
  if (c.width.size() > 4 || c.precision.size() > 4)
    throw Failure{"a width or precision of a format is above 9999"};
  c.type = format[at++];
  return c;
}

std::string converted(const Conversion& c, const Value& value, Meter& meter) {
  const std::string head = "%" + c.flags + c.width;
  char buffer[24000];
  if (c.type == 's' || c.type == 'r') {
    std::string text = c.type == 's' ? to_text(value, meter) : to_repr(value, meter);
    if (!c.precision.empty())
      text.resize(byte_offset(text, static_cast<size_t>(std::atoi(c.precision.c_str() + 1))));
    const size_t length = count_code_points(text),
                 width = static_cast<size_t>(std::atoi(c.width.c_str()));
    const std::string fill(width > length ? width - length : 0, ' ');
    return c.flags.find('-') == std::string::npos ? fill + text : text + fill;
  }
  if (std::string_view("dixXo").find(c.type) != std::string_view::npos) {
    const bool truncates = value.real() && (c.type == 'd' || c.type == 'i');
    if (!truncates && !value.integer() && !value.boolean())
      throw Failure{
          fmt::format("%{} format: a real number is required, not {}", c.type, value.type_name())};
    const long long number = truncates
                                 ? static_cast<long long>(std::clamp(*value.real(), -9e18, 9e18))
                                 : value.as_integer("a number");
    std::snprintf(buffer, sizeof buffer,
                  (head + c.precision + "ll" + (c.type == 'i' ? 'd' : c.type)).c_str(), number);
    return buffer;
  }
  if (std::string_view("eEfFgG").find(c.type) != std::string_view::npos) {
    if (!value.is_number())
      throw Failure{fmt::format("must be real number, not {}", value.type_name())};
    std::snprintf(buffer, sizeof buffer, (head + c.precision + c.type).c_str(),
                  value.as_double("a number"));
    return buffer;
  }
  throw Failure{
      fmt::format("the format character {} is not supported", repr_of(std::string(1, c.type)))};
}

// The field of a {} replacement and its conversion, "" or "r".
const Value& braces_field(const std::string& field, Arguments& arguments, size_t& next) {
  if (field.empty() || field.find_first_not_of("0123456789") == std::string::npos) {
    const size_t index = field.empty()      ? next++
                         : field.size() > 4 ? 10000
                                            : static_cast<size_t>(std::atoi(field.c_str()));
    if (index >= arguments.positional.size())
      throw Failure{"Replacement index out of range for positional args tuple"};
    return arguments.positional[index];
  }
  for (const auto& [name, value] : arguments.named)
    if (name == field) return value;
  throw Failure{
      fmt::format("str.format: there is no argument {}; attributes, items and format "
                  "specifications are not supported",
                  repr_of(field.substr(0, 80)))};
}

}  // namespace

Value binary_operator(const std::string& op, const Value& a, const Value& b, Meter& meter) {
  if (op == "%" && a.string()) {
    const Values values = b.is_tuple() ? b.sequence()->items : Values{b};
    return Value::text(format_percent(*a.string(), values, meter), meter);
  }
  for (const Value* value : {&a, &b})
    if (value->is_undefined()) throw Failure{value->undefined_message()};
  if (a.is_number() && b.is_number()) return numeric_operator(op, a, b);
  if (op == "+") return add(a, b, meter);
  const auto repeatable = [](const Value& v) { return v.string() || v.is_list() || v.is_tuple(); };
  if (op == "*" && repeatable(a) && (b.integer() || b.boolean())) return repeat(a, whole(b), meter);
  if (op == "*" && repeatable(b) && (a.integer() || a.boolean())) return repeat(b, whole(a), meter);
  throw Failure{fmt::format("unsupported operand type(s) for {}: '{}' and '{}'", op, a.type_name(),
                            b.type_name())};
}

Value negate(const Value& value) {
  if (value.is_undefined()) throw Failure{value.undefined_message()};
  if (!value.is_number())
    throw Failure{fmt::format("bad operand type for unary -: '{}'", value.type_name())};
  if (value.real()) return -*value.real();
  return integer_operator('-', 0, whole(value));
}

std::string format_percent(const std::string& format, const Values& values, Meter& meter) {
  TextBuilder out(meter);
  size_t next = 0;
  for (size_t at = 0; at < format.size();) {
    const size_t percent = std::min(format.find('%', at), format.size());
    out.append(std::string_view(format).substr(at, percent - at));
    at = percent + 1;
    if (percent == format.size()) break;
    if (at < format.size() && format[at] == '(')
      throw Failure{"% formats with names are not supported"};
    const Conversion conversion = read_conversion(format, at);
    if (conversion.type == '%') {
      out.append("%");
      continue;
    }
    if (next == values.size()) throw Failure{"not enough arguments for format string"};
    out.append(converted(conversion, values[next++], meter));
  }
  if (next < values.size() && !(values.size() == 1 && values[0].dict()))
    throw Failure{"not all arguments converted during string formatting"};
  return out.take();
}

std::string format_braces(const std::string& format, Arguments& arguments, Meter& meter) {
  TextBuilder out(meter);
  size_t next = 0;
  for (size_t at = 0; at < format.size();) {
    const char c = format[at];
    const bool doubled = (c == '{' || c == '}') && at + 1 < format.size() && format[at + 1] == c;
    if (doubled || (c != '{' && c != '}')) {
      out.append(std::string_view(format).substr(at, 1));
      at += doubled ? 2 : 1;
      continue;
    }
    const size_t close = format.find('}', at);
    if (c == '}' || close == std::string::npos)
      throw Failure{fmt::format("Single '{}' encountered in format string", c)};
    std::string field = format.substr(at + 1, close - at - 1);
    const bool repr = field.ends_with("!r");
    if (repr || field.ends_with("!s")) field.resize(field.size() - 2);
    const Value& value = braces_field(field, arguments, next);
    out.append(repr ? to_repr(value, meter) : to_text(value, meter));
    at = close + 1;
  }
  return out.take();
}

std::optional<int64_t> parse_integer(std::string_view text, int base) {
  std::string digits(strip(text, std::nullopt, true, true));
  const bool negative = digits.starts_with('-');
  if (negative || digits.starts_with('+')) digits.erase(0, 1);
  const std::string prefix = base == 16 ? "0x" : base == 8 ? "0o" : base == 2 ? "0b" : "";
  if (!prefix.empty() && lower(digits).starts_with(prefix)) digits.erase(0, 2);
  if (digits.empty() || digits.front() == '_' || digits.back() == '_' ||
      digits.find("__") != std::string::npos)
    return std::nullopt;
  std::erase(digits, '_');
  if (digits.front() == '-') return std::nullopt;
  if (base < 2 || base > 36) throw Failure{"int() base must be >= 2 and <= 36"};
  if (negative) digits.insert(0, "-");
  int64_t value = 0;
  const auto read = std::from_chars(digits.data(), digits.data() + digits.size(), value, base);
  if (read.ptr != digits.data() + digits.size() || read.ec == std::errc::invalid_argument)
    return std::nullopt;
  refuse(read.ec == std::errc::result_out_of_range);
  return value;
}

std::optional<double> parse_double(std::string_view text) {
  std::string number(strip(text, std::nullopt, true, true));
  if (number.find_first_of("xXpP(") != std::string::npos || number.find("__") != std::string::npos)
    return std::nullopt;
  if (number.empty() || number.front() == '_' || number.back() == '_') return std::nullopt;
  std::erase(number, '_');
  char* end = nullptr;
  const double value = std::strtod(number.c_str(), &end);
  return end == number.c_str() + number.size() ? std::optional<double>(value) : std::nullopt;
}

}  // namespace r1::model::jinja
