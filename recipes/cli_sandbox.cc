// The verb sandbox: what isolation this machine gives to programs of models.
#include <fmt/format.h>

#include <memory>

#include "base/error.h"
#include "recipes/cli.h"
#include "rewards/code/probe.h"

namespace r1::recipes {
namespace {

namespace code = rewards::code;

void print_probe() {
  const code::ProbeResult result = code::probe();
  for (const auto& check : result.checks)
    fmt::print("{:<28} {}{}\n", check.what, check.works ? "yes" : "no",
               check.note.empty() ? "" : ": " + check.note);
  fmt::print("{:<28} {}\n", "isolation", isolation_name(result.isolation));
}

}  // namespace

void add_sandbox_verb(CommandLine& program) {
  struct Options {
    bool probe = false;
  };
  const auto options = std::make_shared<Options>();
  Verb verb =
      program.add_verb("sandbox", "Show how programs of a model are kept apart on this machine");
  verb.flag("--probe", options->probe, "say which isolation this machine gives, and why not more");
  verb.callback([options] {
    if (!options->probe) throw ConfigError("sandbox: give --probe");
    print_probe();
  });
}

}  // namespace r1::recipes
