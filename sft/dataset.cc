#include "sft/dataset.h"

#include <ATen/ATen.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace r1::sft {
namespace {

void append(Example& example, const std::vector<int64_t>& ids, bool in_loss) {
  example.ids.insert(example.ids.end(), ids.begin(), ids.end());
  example.loss_mask.insert(example.loss_mask.end(), ids.size(), in_loss);
}

// Both return whether an end-of-sequence token behind the row is in the loss.
bool append_completion(Example& example, const Json& row, const std::string& where, const model::Tokenizer& tokenizer,
                       bool completion_only) {
  append(example, tokenizer.encode(require_string(row, "prompt", where)), !completion_only);
  append(example, tokenizer.encode(require_string(row, "completion", where)), true);
  return true;
}

bool append_messages(Example& example, const Json& row, const std::string& where, const model::Tokenizer& tokenizer,
                     bool completion_only) {
  const Json& messages = row.at("messages");
  if (!messages.is_array()) throw DataError(where + ": \"messages\" must be a list of turns");
  bool in_loss = false;
  for (size_t turn = 0; turn < messages.size(); ++turn) {
    const std::string at = where + ": messages[" + std::to_string(turn) + "]";
    if (!messages[turn].is_object()) throw DataError(at + " must be an object with role, content");
    const std::string role = require_string(messages[turn], "role", at);
    if (role != "system" && role != "user" && role != "assistant" && role != "tool") {
      throw DataError(at + ": role is \"" + role + "\"; it must be one of: system, user, assistant, tool");
    }
    in_loss = !completion_only || role == "assistant";
    append(example, tokenizer.encode(role + ": "), !completion_only);
    append(example, tokenizer.encode(require_string(messages[turn], "content", at) + "\n"), in_loss);
  }
  return in_loss;
}

bool append_row(Example& example, const Json& row, const std::string& where, const model::Tokenizer& tokenizer,
                bool completion_only) {
  const bool text = row.contains("text");
  const bool completion = row.contains("prompt") || row.contains("completion");
  const bool messages = row.contains("messages");
  if (text + completion + messages != 1) {
    throw DataError(where +
                    ": a row must have either \"text\", or \"prompt\" and \"completion\", "
                    "or \"messages\"; this one has " +
                    (text + completion + messages == 0 ? "none of them" : "more than one"));
  }
  if (completion) return append_completion(example, row, where, tokenizer, completion_only);
  if (messages) return append_messages(example, row, where, tokenizer, completion_only);
  append(example, tokenizer.encode(require_string(row, "text", where)), true);
  return true;
}

}  // namespace

int64_t Example::num_targets() const { return std::count(loss_mask.begin(), loss_mask.end(), true); }

int64_t Dataset::num_tokens() const {
  return std::accumulate(examples.begin(), examples.end(), int64_t{0},
                         [](int64_t sum, const Example& e) { return sum + static_cast<int64_t>(e.ids.size()); });
}

int64_t Dataset::num_targets() const {
  return std::accumulate(examples.begin(), examples.end(), int64_t{0},
                         [](int64_t sum, const Example& e) { return sum + e.num_targets(); });
}

Example make_example(const Json& row, const std::string& where, const model::Tokenizer& tokenizer,
                     const DatasetConfig& config) {
  if (!row.is_object()) throw DataError(where + ": a row must be a JSON object");
  if (config.add_eos && tokenizer.eos_id() < 0) {
    throw ConfigError(
        "add_eos is true, but the tokenizer has no end-of-sequence token; set it to "
        "false and end the texts with the token that ends a turn");
  }
  Example example;
  if (config.add_bos && tokenizer.adds_bos()) append(example, {tokenizer.bos_id()}, false);
  const bool eos_in_loss = append_row(example, row, where, tokenizer, config.completion_only_loss);
  if (config.add_eos) append(example, {tokenizer.eos_id()}, eos_in_loss);
  if (!example.loss_mask.empty()) example.loss_mask[0] = false;  // nothing comes before it
  if (example.num_targets() == 0) {
    throw DataError(where +
                    ": nothing to learn: no text, or no turn of the assistant; remove the "
                    "row");
  }
  return example;
}

Dataset read_dataset(const std::filesystem::path& path, const model::Tokenizer& tokenizer, const DatasetConfig& config) {
  Dataset dataset;
  read_jsonl(path, [&](const Json& row, int64_t line) {
    const std::string where = path.string() + ":" + std::to_string(line);
    Example example = make_example(row, where, tokenizer, config);
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
