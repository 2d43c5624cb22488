// The verb explain-math.
#include <fmt/format.h>

#include <cstdio>
#include <memory>
#include <string>

#include "base/config.h"
#include "base/json.h"
#include "recipes/cli.h"
#include "rewards/math/math.h"

namespace r1::recipes {
namespace {

struct MathOptions {
  std::string gold, prediction, policy;
};

void explain_math(const MathOptions& options) {
  rewards::math::Policy policy;
  if (!options.policy.empty())
    read_config(parse_json(options.policy, "--policy"), "--policy: ", policy);
  fmt::print("{}", rewards::math::explain(options.gold, options.prediction, policy));
  std::fflush(stdout);
}

}  // namespace

void add_math_verb(CommandLine& program) {
  const auto options = std::make_shared<MathOptions>();
  Verb verb = program.add_verb(
      "explain-math", "Show how two mathematical answers are read, and why they are equal or not");
  verb.footer(
      "Put -- in front of an answer that begins with a minus sign: r1 explain-math -- -1/2 -0.5");
  verb.option("gold", &options->gold, "the reference answer").type_name("GOLD").required();
  verb.option("prediction", &options->prediction, "the answer to judge")
      .type_name("PRED")
      .required();
  verb.option("--policy", &options->policy,
              "JSON object with fields of the reward's policy; `r1 explain math` lists them")
      .type_name("JSON");
  verb.callback([options] { explain_math(*options); });
}

}  // namespace r1::recipes
