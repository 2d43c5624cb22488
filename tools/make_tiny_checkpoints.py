#!/usr/bin/env python3
"""Writes the model fixtures of tests/data/model with Hugging Face's own libraries.

    pip install torch transformers safetensors
    tools/make_tiny_checkpoints.py tests/data/model

reference.safetensors: every dtype that we read, in a file of the reference implementation.
tiny_llama, tiny_qwen2: random models as transformers saves them (the second one in shards, tied), each with
golden.safetensors: token ids and the logits that transformers computes for them in float64.
"""
import argparse
import pathlib

import torch
from safetensors.torch import save_file
from transformers import LlamaConfig, LlamaForCausalLM, Qwen2Config, Qwen2ForCausalLM


def write_reference(path: pathlib.Path) -> None:
    ramp = torch.arange(6, dtype=torch.float64).reshape(2, 3) * 0.5 - 1
    tensors = {
        "f64": ramp,
        "f32": ramp.float(),
        "f16": ramp.half(),
        "bf16": ramp.bfloat16(),
        "i64": torch.tensor([-(2**62), 0, 2**62]),
        "i32": torch.tensor([-(2**31), 0, 2**31 - 1], dtype=torch.int32),
        "i16": torch.tensor([-(2**15), 0, 2**15 - 1], dtype=torch.int16),
        "i8": torch.tensor([-128, 0, 127], dtype=torch.int8),
        "u8": torch.tensor([0, 1, 255], dtype=torch.uint8),
        "bool": torch.tensor([True, False, True]),
        "scalar": torch.tensor(2.5),
        "empty": torch.zeros(0, 4),
        'odd "näme"\n': torch.tensor([7.0]),
    }
    save_file(tensors, path, metadata={"format": "pt"})


def write_model(folder: pathlib.Path, model: torch.nn.Module, **save_options) -> None:
    with torch.no_grad():
        for name, parameter in model.named_parameters():  # biases and norms start at 0 and 1: too easy
            parameter.add_(torch.randn_like(parameter) * 0.2)
    model.save_pretrained(folder, **save_options)
    tokens = torch.tensor([[3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]])
    with torch.no_grad():
        logits = model.double()(tokens).logits[0]
    save_file({"tokens": tokens[0], "logits": logits}, folder / "golden.safetensors", metadata={"format": "pt"})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(0)
    write_reference(folder / "reference.safetensors")
    shape = dict(hidden_size=8, intermediate_size=12, num_hidden_layers=2, vocab_size=20, max_position_embeddings=64)
    llama = LlamaConfig(**shape, num_attention_heads=4, num_key_value_heads=2, rms_norm_eps=1e-5)
    write_model(folder / "tiny_llama", LlamaForCausalLM(llama))
    rope = {"rope_type": "default", "rope_theta": 1000000.0}
    qwen2 = Qwen2Config(**shape, num_attention_heads=2, num_key_value_heads=1, rope_parameters=rope, eos_token_id=[2, 7],
                        pad_token_id=0, tie_word_embeddings=True)
    write_model(folder / "tiny_qwen2", Qwen2ForCausalLM(qwen2), max_shard_size="2KB")


if __name__ == "__main__":
    main()
