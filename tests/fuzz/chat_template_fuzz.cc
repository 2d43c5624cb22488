// Any bytes as a chat template: it is refused or rendered within its bounds, and nothing else.
#include <cstddef>
#include <cstdint>
#include <string>

#include "base/error.h"
#include "base/json.h"
#include "model/chat_template.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using r1::Json;
  static const Json messages = r1::parse_json(
      R"([{"role": "system", "content": " s "}, {"role": "user", "content": "ü <b> ' \"", "n": [1, 2.5, {"k": null}]},
          {"role": "assistant", "content": "", "reasoning": "r", "tool_calls": [{"function": {"name": "f", "arguments": {"a": 1}}}]}])",
      "messages");
  r1::model::ChatOptions options;
  options.tools = Json::array({Json{{"type", "function"}}});
  options.add_generation_prompt = true;
  options.limits = {
      .max_steps = 20'000, .max_memory = size_t{4} << 20, .max_output = size_t{1} << 20};
  try {
    const std::string source(reinterpret_cast<const char*>(data), size);
    const r1::model::ChatTemplate chat({{"default", source}}, "t", Json{{"bos_token", "<s>"}});
    chat.render(messages, options);
  } catch (const r1::DataError&) {
  }
  return 0;
}
