// Options of the verbs that load a checkpoint.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "model/causal_lm.h"
#include "model/tokenizer.h"
#include "rollout/engine.h"
#include "rollout/sampler.h"

namespace CLI {
class App;
class Validator;
}  // namespace CLI

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

// A check of a number. Its limits are not in the help, only in the message when they are passed.
CLI::Validator in_range(double low, double high);

void add_model_options(CLI::App* verb, ModelOptions& options);

struct LoadedModel {
  std::unique_ptr<model::CausalLM> policy;
  std::unique_ptr<model::Tokenizer> tokenizer;
};
// Also sets the threads. Throws DeviceError and CheckpointError.
LoadedModel load_model(const ModelOptions& options);

}  // namespace r1::recipes
