#!/usr/bin/env python3
"""Writes tests/data/model/architecture_goldens.json with transformers.

    pip install torch transformers
    tools/dump_architecture_goldens.py tests/data/model/architecture_goldens.json

models: config.json of tiny models of every family and kind of RoPE, and the logits that transformers computes for
`tokens` at `positions`, in float32 and bfloat16. Weights are formulas of their names and places, all multiples of 1/256
that bfloat16 holds exactly, so that a test can repeat them.
rope: inverse frequencies and attention factors of transformers for many settings.
"""
import argparse
import json
import pathlib

import torch
from transformers import AutoConfig, AutoModelForCausalLM, LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS

SHAPE = dict(vocab_size=61, hidden_size=32, intermediate_size=48, num_hidden_layers=2, num_attention_heads=4,
             num_key_value_heads=2, max_position_embeddings=64, rms_norm_eps=1e-5)
TOKENS = [(17 * i * i + 5 * i + 3) % 61 for i in range(48)]
POSITIONS = [0, 1, 20, 47]


def rope(kind: str, theta: float = 10000.0, **settings) -> dict:
    return {"rope_parameters": {"rope_type": kind, "rope_theta": theta, **settings}}


MODELS = {
    "llama": dict(model_type="llama", head_dim=16, hidden_size=64),
    "llama_biases": dict(model_type="llama", attention_bias=True, mlp_bias=True),
    "llama31": dict(model_type="llama", hidden_size=64, tie_word_embeddings=True, max_position_embeddings=512,
                    **rope("llama3", 500000.0, factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0,
                           original_max_position_embeddings=64)),
    "llama_linear": dict(model_type="llama", hidden_size=64, **rope("linear", factor=4.0)),
    "llama_dynamic": dict(model_type="llama", hidden_size=64, **rope("dynamic", factor=4.0)),
    "qwen2": dict(model_type="qwen2", hidden_size=64, **rope("default", 1000000.0)),
    "qwen2_tied_yarn": dict(model_type="qwen2", hidden_size=64, tie_word_embeddings=True,
                            **rope("yarn", 1000000.0, factor=4.0, original_max_position_embeddings=16)),
    "qwen3": dict(model_type="qwen3", head_dim=32, tie_word_embeddings=True, **rope("default", 1000000.0)),
    "qwen3_bias": dict(model_type="qwen3", head_dim=10, attention_bias=True),
    "mistral": dict(model_type="mistral", head_dim=16, hidden_size=40, sliding_window=None),
    "mistral_yarn": dict(model_type="mistral", head_dim=16, sliding_window=None,
                         **rope("yarn", factor=8.0, original_max_position_embeddings=8, beta_fast=4.0, beta_slow=0.5,
                                mscale=1.0, mscale_all_dim=0.5, truncate=False)),
}

ROPES = [
    ("default", 500000.0, {}), ("linear", 10000.0, dict(factor=3.0)), ("dynamic", 10000.0, dict(factor=2.3)),
    ("llama3", 500000.0, dict(factor=8.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)),
    ("llama3", 500000.0, dict(factor=32.0, low_freq_factor=1.0, high_freq_factor=4.0, original_max_position_embeddings=8192)),
    ("llama3", 10000.0, dict(factor=2.5, low_freq_factor=1.5, high_freq_factor=3.0, original_max_position_embeddings=100)),
    ("yarn", 1000000.0, dict(factor=4.0, original_max_position_embeddings=32768)),
    ("yarn", 10000.0, dict(factor=16.0, original_max_position_embeddings=4096, attention_factor=0.7)),
    ("yarn", 10000.0, dict(factor=40.0, original_max_position_embeddings=4096, beta_fast=32, beta_slow=1, mscale=1.0,
                           mscale_all_dim=1.0)),
    ("yarn", 10000.0, dict(factor=40.0, original_max_position_embeddings=4096, mscale=0.7, mscale_all_dim=1.0)),
    ("yarn", 150000.0, dict(factor=32.0, original_max_position_embeddings=4096, truncate=False)),
    ("yarn", 10000.0, dict(factor=2.0, original_max_position_embeddings=64, beta_fast=8.0, beta_slow=8.0)),
    ("yarn", 10000.0, dict(factor=0.5, original_max_position_embeddings=1000000, mscale=0.0)),
]
HEAD_DIMS = [16, 64, 96, 128]
ATTENTION = "sdpa"  # transformers' default


def formula(name: str, tensor: torch.Tensor) -> torch.Tensor:
    key = sum((place + 1) * ord(letter) for place, letter in enumerate(name)) % 101
    i = torch.arange(tensor.numel())
    steps = ((7 * i * i + 37 * i + key) % 101 - 50).double()
    value = 1 + steps / 128 if name.endswith("norm.weight") else steps / (64 if name.endswith("bias") else 256)
    return value.view_as(tensor)


def make_model(settings: dict, dtype: torch.dtype) -> torch.nn.Module:
    config = AutoConfig.for_model(**{**SHAPE, **settings})
    model = AutoModelForCausalLM.from_config(config, dtype=dtype, attn_implementation=ATTENTION).eval()
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(formula(name, parameter))
    return model


def golden(name: str, settings: dict) -> str:
    entry = {"name": name}
    for dtype, key, digits in ((torch.float32, "logits", 7), (torch.bfloat16, "logits_bfloat16", 9)):
        model = make_model(settings, dtype)
        with torch.no_grad():
            logits = model(torch.tensor([TOKENS])).logits[0, POSITIONS].double()
        entry["config"] = json.loads(model.config.to_json_string(use_diff=False))
        entry["config"]["architectures"] = [type(model).__name__]
        entry[key] = [[float(f"{x:.{digits}g}") for x in row] for row in logits.tolist()]
    keep = ["architectures", "model_type", "rope_parameters", "tie_word_embeddings", "head_dim", "attention_bias", "mlp_bias",
            "sliding_window", *SHAPE]
    entry["config"] = {key: value for key, value in sorted(entry["config"].items()) if key in keep}
    return json.dumps(entry)


def frequencies(kind: str, theta: float, settings: dict) -> list[str]:
    lines = []
    for head_dim in HEAD_DIMS:
        config = LlamaConfig(hidden_size=4 * head_dim, num_attention_heads=4, **rope(kind, theta, **settings))
        if kind == "default":
            inverse = 1.0 / (theta ** (torch.arange(0, head_dim, 2, dtype=torch.float) / head_dim))
            factor = 1.0
        else:
            inverse, factor = ROPE_INIT_FUNCTIONS[kind](config)
        lines.append(json.dumps({"head_dim": head_dim, "rope_parameters": config.rope_parameters,
                                 "inverse": [float(f"{x:.8g}") for x in inverse.tolist()], "attention_factor": factor}))
    return lines


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    file = parser.parse_args().file
    models = ",\n".join(golden(name, settings) for name, settings in MODELS.items())
    ropes = ",\n".join(line for kind in ROPES for line in frequencies(*kind))
    file.write_text(f'{{\n"tokens": {TOKENS},\n"positions": {POSITIONS},\n"models": [\n{models}\n],\n"rope": [\n{ropes}\n]\n}}\n')


if __name__ == "__main__":
    main()
