#include "recipes/arguments.h"

#include <fmt/format.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>

#include "base/config.h"

namespace r1::recipes {
namespace {

constexpr int kBadUsage = 2;

}  // namespace

Option Option::required() {
  option_->required();
  return *this;
}

Option Option::type_name(const std::string& name) {
  option_->type_name(name);
  return *this;
}

Option Option::delimiter(char separator) {
  option_->delimiter(separator);
  return *this;
}

Option Option::in_range(double low, double high) {
  const auto check = [low, high](const std::string& text) {
    double value = 0;
    const bool inside = CLI::detail::lexical_cast(text, value) && value >= low && value <= high;
    return inside ? std::string() : fmt::format("{} is outside [{}, {}]", text, low, high);
  };
  option_->check(CLI::Validator(check, ""));  // the help does not show the limits
  return *this;
}

Option Option::one_of(const std::vector<std::string>& values) {
  option_->check(CLI::IsMember(values).description(""));
  return *this;
}

Option Option::excludes(Option other) {
  option_->excludes(other.option_);
  return *this;
}

Option Verb::option(const std::string& name, OptionValue value, const std::string& help) {
  CLI::Option* option =
      std::visit([&](auto* target) { return app_->add_option(name, *target, help); }, value);
  if (std::holds_alternative<std::vector<std::string>*>(value))
    option->allow_extra_args(false)->default_str("");
  return Option(option);
}

void Verb::flag(const std::string& name, bool& value, const std::string& help) {
  app_->add_flag(name, value, help);
}

void Verb::footer(const std::string& text) { app_->footer(text); }

void Verb::callback(std::function<void()> work) { app_->callback(std::move(work)); }

CommandLine::CommandLine(const std::string& program, const std::string& description)
    : app_(std::make_unique<CLI::App>(description, program)) {
  app_->require_subcommand(1);
  app_->option_defaults()->always_capture_default();
  app_->get_formatter()->column_width(32);
}

CommandLine::~CommandLine() = default;

Verb CommandLine::add_verb(const std::string& name, const std::string& help) {
  CLI::App* verb = app_->add_subcommand(name, help);
  verb->footer("");  // not the program's
  return Verb(verb);
}

void CommandLine::version(std::function<std::string()> text) {
  app_->set_version_flag("--version", std::move(text));
}

void CommandLine::footer(const std::string& text) { app_->footer(text); }

// CLI11 would only say that an argument was not expected.
void CommandLine::check_verb(const std::string& verb) const {
  std::vector<std::string> verbs;
  for (const CLI::App* known : std::as_const(*app_).get_subcommands(nullptr))
    verbs.push_back(known->get_name());
  if (std::ranges::count(verbs, verb) > 0) return;
  const std::string near = nearest(verb, verbs);
  throw ConfigError(fmt::format("there is no command \"{}\"{}", verb,
                                near.empty()
                                    ? fmt::format("; `{} --help` lists them", app_->get_name())
                                    : fmt::format("; did you mean \"{}\"?", near)));
}

int CommandLine::run(int argc, const char* const* argv) {
  if (argc < 2) {
    fmt::print(stderr, "{}", app_->help());
    return kBadUsage;
  }
  if (argv[1][0] != '-') check_verb(argv[1]);
  try {
    app_->parse(argc, argv);
  } catch (const CLI::Success& asked) {  // --help, --version
    return app_->exit(asked);
  } catch (const CLI::ParseError& error) {
    const auto chosen = app_->get_subcommands();
    const std::string verb = chosen.empty() ? "" : chosen.front()->get_name() + " ";
    fmt::print(stderr, "{0}: {1}; `{0} {2}--help` shows the usage\n", app_->get_name(),
               error.what(), verb);
    return kBadUsage;
  }
  return 0;
}

}  // namespace r1::recipes
