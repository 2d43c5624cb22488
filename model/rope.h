// Rotary position embeddings (Su et al. 2021) and their scalings for longer contexts, with the
// formulas and the roundings of transformers.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace r1::model {

// rope_parameters of config.json (rope_scaling in older files), but for rope_theta.
struct RopeScaling {
  std::string type = "default";                          // default, linear, dynamic, yarn or llama3
  double factor = 1.0;                                   // of the context's length
  int64_t original_max_position_embeddings = 0;          // yarn and llama3: before scaling
  double low_freq_factor = 1.0, high_freq_factor = 4.0;  // llama3
  // yarn; transformers has a default for each.
  std::optional<double> attention_factor, beta_fast, beta_slow, mscale, mscale_all_dim;
  std::optional<bool> truncate;

  bool operator==(const RopeScaling&) const = default;
};

// At position p, pair i of a head turns by p * inverse[i]. Cosines and sines are multiplied by
// attention_factor.
struct RopeFrequencies {
  std::vector<float> inverse;  // [head_dim / 2]
  float attention_factor = 1.0f;
};

// linear: Chen et al. 2023 (arXiv 2306.15595). yarn: Peng et al. 2023 (arXiv 2309.00071). llama3:
// as Llama 3.1 was released. dynamic: the angles of a sequence of at most max_position_embeddings
// tokens, which are those of "default"; ModelConfig::position_limit refuses longer ones.
RopeFrequencies rope_frequencies(int64_t head_dim, double theta, const RopeScaling& scaling);

}  // namespace r1::model
