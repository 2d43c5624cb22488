// Options of the verbs that load a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/causal_lm.h"
#include "model/chat_template.h"
#include "model/tokenizer.h"
#include "recipes/arguments.h"
#include "rollout/engine.h"
#include "rollout/sampler.h"

namespace r1::recipes {

struct ModelOptions {
  std::string folder, device = "cpu", dtype = "float32";
  int threads = 0;
  int64_t max_new_tokens = 512;
  uint64_t seed = 42;
  bool no_bos = false;
  rollout::SamplingConfig sampling;
  rollout::EngineConfig engine;
};

void add_model_options(Verb& verb, ModelOptions& options);

struct LoadedModel {
  std::unique_ptr<model::CausalLM> policy;
  std::unique_ptr<model::Tokenizer> tokenizer;
};
// Also sets the threads. Throws DeviceError and CheckpointError.
LoadedModel load_model(const ModelOptions& options);

// The chat template of a model folder. Throws ConfigError when it has none.
std::unique_ptr<model::ChatTemplate> require_chat_template(const std::string& folder);

// A prompt as text; a chat template has written the bos token itself, where there is one.
struct RenderedPrompt {
  std::string text;
  bool from_chat_template = false;
};
// The conversation, up to where the assistant begins or goes on, at today's date. `system`: a
// message of the system in front; empty: none.
RenderedPrompt render_chat(const model::ChatTemplate& chat_template, Json messages,
                           const std::string& system, model::ChatOptions options);
std::vector<int64_t> prompt_ids(const RenderedPrompt& prompt, const model::Tokenizer& tokenizer,
                                bool add_bos);

}  // namespace r1::recipes
