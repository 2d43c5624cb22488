// libFuzzer: the input up to the first NUL byte is a tokenizer.json, the rest is a text to encode.
// Whatever they are, the reader throws one of our errors or gives a tokenizer that works.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"
#include "model/bpe_tokenizer.h"

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const size_t border = std::min(input.find('\0'), input.size());
  const std::string_view text = input.substr(std::min(border + 1, input.size()));
  try {
    const r1::model::BpeTokenizer tokenizer(
        r1::model::TokenizerFiles{{"tokenizer.json", std::string(input.substr(0, border))}});
    const auto ids = tokenizer.encode(text);
    for (const bool skip : {false, true}) {
      const auto stream = tokenizer.decode_stream(skip);
      std::string streamed;
      for (const int64_t id : ids) streamed += stream->push(id);
      streamed += stream->finish();
      if (streamed != tokenizer.decode(ids, skip)) std::abort();
    }
  } catch (const r1::Error&) {
  }
  return 0;
}
