// Verbs and options of a command line: a thin layer over CLI11, whose templates are then compiled
// once, in arguments.cc, and not in every file that has a verb.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace r1::recipes {

// Where the value of an option goes. What stands there before is the default that the help shows;
// a list takes one value each time the option is given.
using OptionValue = std::variant<std::string*, std::optional<std::string>*,
                                 std::vector<std::string>*, int*, int64_t*, uint64_t*, double*>;

// All return the option again, so that they can be chained.
class Option {
 public:
  Option required();
  Option type_name(const std::string& name);  // what the help calls the value
  Option delimiter(char separator);           // of several values in one argument
  Option in_range(double low, double high);   // limits of a number, both allowed
  Option one_of(const std::vector<std::string>& values);
  Option excludes(Option other);

 private:
  friend class Verb;
  explicit Option(CLI::Option* option) : option_(option) {}
  CLI::Option* option_;
};

class Verb {
 public:
  // `name`: --name, -n, or a bare word for a positional argument.
  Option option(const std::string& name, OptionValue value, const std::string& help);
  void flag(const std::string& name, bool& value, const std::string& help);
  void footer(const std::string& text);  // of the help
  void callback(std::function<void()> work);

 private:
  friend class CommandLine;
  explicit Verb(CLI::App* app) : app_(app) {}
  CLI::App* app_;
};

class CommandLine {
 public:
  CommandLine(const std::string& program, const std::string& description);
  ~CommandLine();

  Verb add_verb(const std::string& name, const std::string& help);
  void version(std::function<std::string()> text);  // of --version
  void footer(const std::string& text);

  // Parses and runs the verb's callback. Returns the exit code: 0, or 2 for bad usage, when it has
  // printed why. Throws ConfigError for a verb that there is not, and what the callback throws.
  int run(int argc, const char* const* argv);

 private:
  void check_verb(const std::string& verb) const;

  std::unique_ptr<CLI::App> app_;
};

}  // namespace r1::recipes
