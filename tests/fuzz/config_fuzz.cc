// libFuzzer: config.json. What is accepted is written and read again as the same, and has finite
// sizes and frequencies.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "model/config.h"

using namespace r1;
using namespace r1::model;

namespace {

void check_accepted(const ModelConfig& config) {
  const Json written = to_json(config);
  if (dump_json(to_json(parse_model_config(written, "again"))) != dump_json(written)) std::abort();
  if (count_parameters(config) <= 0) std::abort();
  if (config.head_dim > 4096) return;
  const auto frequencies =
      rope_frequencies(config.head_dim, config.rope_theta, config.rope_scaling);
  for (const float frequency : frequencies.inverse)
    if (!std::isfinite(frequency)) std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Json json;
  try {
    json =
        parse_json({reinterpret_cast<const char*>(data), size}, "config.json", {.max_depth = 32});
  } catch (const DataError&) {
    return 0;
  }
  std::vector<std::string> problems;
  parse_model_config(json, "config.json", &problems);
  try {
    check_accepted(parse_model_config(json, "config.json"));
    if (!problems.empty()) std::abort();
  } catch (const CheckpointError&) {
    if (problems.empty()) std::abort();
  }
  return 0;
}
