// Checkpoints: folders that transformers loads (config.json, model.safetensors,
// generation_config.json, tokenizer files).
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "model/causal_lm.h"
#include "model/tokenizer.h"

namespace r1::model {

// Writes the model and tokenizer files into an existing folder (usually an AtomicFolder's staging),
// in the model's dtype. Single file, or shards of at most max_shard_bytes with an index.
// generation_config.json and the files that the tokenizer was loaded from are written as they were.
// Refuses non-finite weights with CheckpointError naming the tensor, and a tokenizer with more
// tokens than the model has embeddings. Same model, same bytes.
void save_pretrained(const CausalLM& model, const Tokenizer* tokenizer,
                     const std::filesystem::path& folder,
                     int64_t max_shard_bytes = int64_t{5} << 30);

// Reads such a folder. Memory beyond the weights: one piece of a tensor. Throws CheckpointError for
// a missing or surplus tensor, a wrong shape, a damaged file, weights that are not finite in
// `dtype`. A tied head may be stored if it equals the embedding.
std::unique_ptr<CausalLM> load_pretrained(const std::filesystem::path& folder, at::ScalarType dtype,
                                          at::Device device);

// The same to sample from only; not to be trained or saved. On the CPU in float32 its matrices are
// laid out for decoding, and those stored as bfloat16 stay so in memory: the same bits come out,
// but half as much is read for every token.
std::unique_ptr<CausalLM> load_for_inference(const std::filesystem::path& folder,
                                             at::ScalarType dtype, at::Device device);

// SHA-256 of the folder's weight files (names and contents): equal exactly when the weights are.
std::string weights_sha256(const std::filesystem::path& folder);

// The checkpoints of a stage folder. "checkpoint-N" with the highest N whose manifest verifies;
// damaged ones are named in `skipped` with the reason. Empty path when there is none. Finishes what
// a crash inside AtomicFolder::commit() left.
std::filesystem::path latest_checkpoint(const std::filesystem::path& stage_folder,
                                        std::vector<std::string>* skipped = nullptr);
// N of ".../checkpoint-N". Throws CheckpointError for another name.
int64_t checkpoint_step(const std::filesystem::path& checkpoint);
// Removes the oldest ones until `limit` remain (0: keep all); `keep` (the best one, say) and the
// newest are never removed.
void rotate_checkpoints(const std::filesystem::path& stage_folder, int64_t limit,
                        const std::filesystem::path& keep = {});

}  // namespace r1::model
