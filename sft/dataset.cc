#include "sft/dataset.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"
#include "sft/conversation.h"
#include "sft/rows.h"

namespace r1::sft {
namespace {

void append(Example& example, const std::vector<int64_t>& ids, bool in_loss) {
  example.ids.insert(example.ids.end(), ids.begin(), ids.end());
  example.loss_mask.insert(example.loss_mask.end(), ids.size(), in_loss);
}

Example text_example(const Row& row, const model::Tokenizer& tokenizer,
                     const DatasetConfig& config) {
  if (config.add_eos && tokenizer.eos_id() < 0) {
    throw ConfigError(
        "add_eos is true, but the tokenizer has no end-of-sequence token; set it to "
        "false and end the texts with the token that ends a turn");
  }
  Example example;
  if (config.add_bos && tokenizer.adds_bos()) append(example, {tokenizer.bos_id()}, false);
  if (row.kind == RowKind::kText) {
    append(example, tokenizer.encode(row.text), true);
  } else {
    append(example, tokenizer.encode(row.prompt), !config.completion_only_loss);
    append(example, tokenizer.encode(row.completion), true);
  }
  if (config.add_eos) append(example, {tokenizer.eos_id()}, true);
  return example;
}

Example chat_example(const Row& row, const TextToTokens& to_tokens, const DatasetConfig& config) {
  if (to_tokens.chat_template == nullptr)
    throw ConfigError(
        "rows with messages need a chat template; the model's folder has none "
        "(chat_template.jinja, or the field of "
        "tokenizer_config.json); name a file with the key chat_template");
  TokenizedChat chat = tokenize_chat(row, *to_tokens.chat_template, to_tokens.tokenizer);
  Example example{std::move(chat.ids), std::vector<bool>(chat.assistant.size())};
  for (size_t t = 0; t < example.ids.size(); ++t)
    example.loss_mask[t] = (!config.assistant_only_loss || chat.assistant[t]) &&
                           (!config.completion_only_loss || chat.completion[t]);
  return example;
}

}  // namespace

int64_t Example::num_targets() const {
  return std::count(loss_mask.begin(), loss_mask.end(), true);
}

int64_t Dataset::num_tokens() const {
  return std::accumulate(
      examples.begin(), examples.end(), int64_t{0},
      [](int64_t sum, const Example& e) { return sum + static_cast<int64_t>(e.ids.size()); });
}

int64_t Dataset::num_targets() const {
  return std::accumulate(examples.begin(), examples.end(), int64_t{0},
                         [](int64_t sum, const Example& e) { return sum + e.num_targets(); });
}

Example make_example(const JsonlRow& row, const TextToTokens& to_tokens,
                     const DatasetConfig& config) {
  const Row parsed = parse_row(row);
  const bool chat = parsed.kind == RowKind::kMessages || parsed.kind == RowKind::kChatCompletion;
  Example example;
  try {
    example = chat ? chat_example(parsed, to_tokens, config)
                   : text_example(parsed, to_tokens.tokenizer, config);
  } catch (const DataError& error) {
    row.fail(error.what());
  }
  if (!example.loss_mask.empty()) example.loss_mask[0] = false;  // nothing comes before it
  if (example.num_targets() == 0)
    row.fail("nothing to learn: no text, or no turn of the assistant; remove the row");
  return example;
}

Dataset read_dataset(const std::filesystem::path& path, const TextToTokens& to_tokens,
                     const DatasetConfig& config) {
  Dataset dataset;
  UniqueIds ids;
  read_jsonl_rows(path, [&](const JsonlRow& row) {
    ids.add(row);
    Example example = make_example(row, to_tokens, config);
    const auto limit = static_cast<size_t>(config.max_length);
    if (example.ids.size() > limit) {
      ++dataset.cut;
      if (config.too_long == "drop") return;
      example.ids.resize(limit);
      example.loss_mask.resize(limit);
      if (example.num_targets() == 0) return;  // the prompt alone fills max_length
    }
    dataset.examples.push_back(std::move(example));
  });
  if (dataset.examples.empty()) {
    throw DataError(path.string() + ": no row to train on; " + std::to_string(dataset.cut) +
                    " were longer than max_length = " + std::to_string(config.max_length));
  }
  return dataset;
}

SftBatch make_sft_batch(const std::vector<const Example*>& examples, at::Device device) {
  std::vector<std::vector<int64_t>> sequences;
  std::vector<int64_t> rows, targets;
  int64_t first_row = 0;
  for (const Example* example : examples) {
    const std::vector<int64_t>& ids = example->ids;
    R1_CHECK(ids.size() >= 2 && example->loss_mask.size() == ids.size() && !example->loss_mask[0],
             "an example without anything to predict");
    for (size_t t = 1; t < ids.size(); ++t) {
      if (!example->loss_mask[t]) continue;
      rows.push_back(first_row + static_cast<int64_t>(t) - 1);
      targets.push_back(ids[t]);
    }
    sequences.emplace_back(ids.begin(), ids.end() - 1);
    first_row += static_cast<int64_t>(ids.size()) - 1;
  }
  return {model::make_flat_batch(sequences, device), at::tensor(rows, at::kLong).to(device),
          at::tensor(targets, at::kLong).to(device)};
}

}  // namespace r1::sft
