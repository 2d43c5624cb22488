// The table of stage types. A new type is one file, its declaration in stages.h, its line here, one
// test.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <deque>

#include "recipes/stages.h"

namespace r1::recipes {

namespace {

// A deque: references to entries stay good while others are added.
std::deque<StageType>& table() {
  static std::deque<StageType> types = {
      countdown_data_stage(), code_data_stage(), pretrain_stage(), pretrained_stage(), sft_stage(),
      grpo_stage(),           distill_stage(),   eval_stage(),
  };
  return types;
}

}  // namespace

const std::deque<StageType>& stage_types() { return table(); }

void add_stage_type(StageType type) {
  for (const StageType& known : table())
    if (known.name == type.name)
      throw ConfigError(fmt::format(
          "stage type \"{}\" is there already, add yours under another name", type.name));
  table().push_back(std::move(type));
}

const StageType& find_stage_type(const std::string& name, const std::string& path) {
  std::vector<std::string> known;
  for (const StageType& type : stage_types()) {
    if (type.name == name) return type;
    known.push_back(type.name);
  }
  const std::string near = nearest(name, known);
  throw ConfigError(fmt::format("{}{}unknown stage type \"{}\"; known: {}{}", path,
                                path.empty() ? "" : ": ", name, fmt::join(known, ", "),
                                near.empty() ? "" : fmt::format("; did you mean \"{}\"?", near)));
}

}  // namespace r1::recipes
