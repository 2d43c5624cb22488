#!/usr/bin/env python3
"""Writes tests/data/model/optimizer_goldens.json with PyTorch and transformers.

    pip install torch transformers
    tools/dump_model_goldens.py tests/data/model/optimizer_goldens.json

schedules: learning rates of transformers.get_scheduler, one per step.
adamw: weights of a tiny Qwen2 after five steps of torch.optim.AdamW (weight decay on matrices only) in float64, with and
without torch.nn.utils.clip_grad_norm_. Weights and gradients are given by formulas, so that a test can repeat them exactly.
"""
import argparse
import json
import pathlib

import torch
from transformers import Qwen2Config, Qwen2ForCausalLM, get_scheduler

LEARNING_RATE = 2e-3
STEPS = 5
SHAPE = dict(vocab_size=5, hidden_size=4, intermediate_size=6, num_hidden_layers=1, num_attention_heads=2,
             num_key_value_heads=1, max_position_embeddings=16, tie_word_embeddings=True)
SHOWN = ["model.embed_tokens.weight", "model.layers.0.self_attn.k_proj.weight", "model.layers.0.self_attn.k_proj.bias",
         "model.layers.0.mlp.down_proj.weight", "model.norm.weight"]


def schedule(kind: str, warmup: int, total: int, min_lr_rate: float) -> dict:
    name, options = kind, {}
    if kind == "constant":
        name = "constant_with_warmup"
    if kind == "cosine" and min_lr_rate > 0:
        name, options = "cosine_with_min_lr", {"min_lr_rate": min_lr_rate}
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=LEARNING_RATE)
    scheduler = get_scheduler(name, optimizer, warmup, total, options)
    rates = []
    for _ in range(total + 1):
        rates.append(scheduler.get_last_lr()[0])
        optimizer.step()
        scheduler.step()
    return {"lr_scheduler_type": kind, "warmup_steps": warmup, "total_steps": total, "min_lr_rate": min_lr_rate, "rates": rates}


def weight(count: int) -> torch.Tensor:
    return torch.tensor([((37 * i + 11) % 101 - 50) / 64 for i in range(count)], dtype=torch.float64)


def gradient(count: int, step: int) -> torch.Tensor:
    return torch.tensor([((53 * i + 29 * step + 7) % 97 - 48) / 128 for i in range(count)], dtype=torch.float64)


def adamw(max_grad_norm: float, **options) -> dict:
    model = Qwen2ForCausalLM(Qwen2Config(**SHAPE)).double()
    parameters = dict(model.named_parameters())
    with torch.no_grad():
        for tensor in parameters.values():
            tensor.copy_(weight(tensor.numel()).view_as(tensor))
    decay, rest = options.pop("weight_decay"), list(parameters.values())
    groups = [{"params": [p for p in rest if p.dim() >= 2], "weight_decay": decay},
              {"params": [p for p in rest if p.dim() < 2], "weight_decay": 0.0}]
    optimizer = torch.optim.AdamW(groups, lr=LEARNING_RATE, **options)
    norms = []
    for step in range(STEPS):
        for tensor in parameters.values():
            tensor.grad = gradient(tensor.numel(), step).view_as(tensor)
        limit = max_grad_norm if max_grad_norm > 0 else float("inf")
        norms.append(torch.nn.utils.clip_grad_norm_(rest, limit).item())
        optimizer.step()
    return {"max_grad_norm": max_grad_norm, "weight_decay": decay, "beta1": options["betas"][0], "beta2": options["betas"][1],
            "eps": options["eps"], "learning_rate": LEARNING_RATE, "steps": STEPS, "grad_norms": norms,
            "weights": {name: parameters[name].flatten().tolist() for name in SHOWN}}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("file", type=pathlib.Path)
    file = parser.parse_args().file
    goldens = {
        "learning_rate": LEARNING_RATE,
        "schedules": [schedule("constant", 0, 4, 0), schedule("constant", 3, 8, 0), schedule("linear", 0, 7, 0),
                      schedule("linear", 4, 13, 0), schedule("cosine", 0, 9, 0), schedule("cosine", 5, 17, 0),
                      schedule("cosine", 2, 11, 0.1)],
        "adamw": [adamw(0, weight_decay=0.1, betas=(0.8, 0.95), eps=1e-3), adamw(0.5, weight_decay=0.01, betas=(0.9, 0.999), eps=1e-8)],
    }
    lines = [f'"learning_rate": {LEARNING_RATE}']
    for key in ("schedules", "adamw"):
        lines.append(f'"{key}": [\n' + ",\n".join(json.dumps(entry) for entry in goldens[key]) + "\n]")
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n")


if __name__ == "__main__":
    main()
