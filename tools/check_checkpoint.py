"""Loads a checkpoint of r1 in transformers and compares it with r1: warnings, logits, greedy completions.

    pip install torch==2.11.0 transformers
    python tools/check_checkpoint.py runs/countdown_zero/zero/checkpoint-70 --data runs/countdown_zero/data/data/test.jsonl --r1 build/release/r1

Exit code 0 when all greedy completions are equal and log-probs agree within 1e-4.
"""

import argparse
import json
import subprocess
import sys
import warnings

import torch
import transformers


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("checkpoint")
    parser.add_argument("--data", required=True, help="JSONL rows with a prompt")
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--r1", default="build/release/r1")
    args = parser.parse_args()

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = transformers.AutoModelForCausalLM.from_pretrained(args.checkpoint, dtype=torch.float32)
        tokenizer = transformers.AutoTokenizer.from_pretrained(args.checkpoint)
    print("warnings while loading:", [str(w.message) for w in caught] or "none")

    equal, largest = 0, 0.0
    prompts = [json.loads(line)["prompt"] for line in open(args.data)][: args.rows]
    for prompt in prompts:
        command = [args.r1, "generate", "--model", args.checkpoint, "--prompt", prompt, "--temperature", "0",
                   "--max-new-tokens", str(args.max_new_tokens), "--json"]
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0])
        ids = torch.tensor([[tokenizer.bos_token_id] + tokenizer(prompt, add_special_tokens=False).input_ids])
        out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=args.max_new_tokens)
        theirs = out[0, ids.shape[1]:].tolist()
        equal += theirs == row["ids"]
        logits = model(torch.tensor([ids[0].tolist() + row["ids"]])).logits[0, ids.shape[1] - 1 : -1]
        logp = logits.log_softmax(-1).gather(1, torch.tensor(row["ids"]).unsqueeze(1)).squeeze(1)
        largest = max(largest, (logp - torch.tensor(row["logp"])).abs().max().item())
    print(f"greedy completions equal: {equal} of {len(prompts)}; largest log-prob difference {largest:.2e}")
    return 0 if equal == len(prompts) and largest < 1e-4 and not caught else 1


if __name__ == "__main__":
    sys.exit(main())
