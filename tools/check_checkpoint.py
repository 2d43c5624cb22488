#!/usr/bin/env python3
"""Loads a checkpoint of r1 in transformers and compares it with r1: warnings, logits, greedy completions.

    pip install torch==2.11.0 transformers
    tools/check_checkpoint.py runs/countdown_zero/zero/checkpoint-70 --data runs/countdown_zero/data/data/test.jsonl
    tools/check_checkpoint.py /tmp/smollm2 --logits build/release/tests/r1_test_model

With --data, prompts are its rows; log-probs of greedy completions of `r1 generate` must agree within 1e-4, and all
completions must be equal.
With --logits, whose value is the test program of the model room, prompts are made here: 50 of up to 512 tokens. The largest
difference of a logit from transformers must be at most twice that between its own eager and SDPA attention, and of the greedy
64-token continuations 48 must be equal; the others are listed with the gap between transformers' two likeliest tokens at the
first difference. r1's tokenizer takes no part.
"""
import argparse
import json
import os
import pydoc_data.topics
import random
import subprocess
import sys
import tempfile
import warnings

import torch
import transformers
from safetensors.torch import load_file, save_file

PROMPTS, MAX_PROMPT, NEW_TOKENS, WANTED_EQUAL = 50, 512, 64, 48
AT_ONCE = 5  # prompts in one run of r1: 100 MB of logits each


def load(folder, attention="sdpa"):
    return transformers.AutoModelForCausalLM.from_pretrained(folder, dtype=torch.float32, attn_implementation=attention).eval()


def check_completions(args, model):
    tokenizer = transformers.AutoTokenizer.from_pretrained(args.checkpoint)
    equal, largest = 0, 0.0
    prompts = [json.loads(line)["prompt"] for line in open(args.data)][: args.rows]
    for prompt in prompts:
        command = [args.r1, "generate", "--model", args.checkpoint, "--prompt", prompt, "--temperature", "0",
                   "--max-new-tokens", str(args.max_new_tokens), "--json"] + ["--chat"] * args.chat
        row = json.loads(subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0])
        if args.chat:
            text = tokenizer.apply_chat_template([{"role": "user", "content": prompt}], tokenize=False, add_generation_prompt=True)
            ids = torch.tensor([tokenizer(text, add_special_tokens=False).input_ids])
        else:
            ids = torch.tensor([tokenizer(prompt).input_ids])
        out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=args.max_new_tokens)
        theirs = out[0, ids.shape[1]:].tolist()
        equal += theirs == row["ids"]
        logits = model(torch.tensor([ids[0].tolist() + row["ids"]])).logits[0, ids.shape[1] - 1 : -1]
        logp = logits.log_softmax(-1).gather(1, torch.tensor(row["ids"]).unsqueeze(1)).squeeze(1)
        largest = max(largest, (logp - torch.tensor(row["logp"])).abs().max().item())
    print(f"greedy completions equal: {equal} of {len(prompts)}; largest log-prob difference {largest:.2e}")
    return equal == len(prompts) and largest < 1e-4


def make_prompts(checkpoint):
    """Pieces of 1 to 512 tokens of Python's own manual, which every Python has."""
    tokenizer = transformers.AutoTokenizer.from_pretrained(checkpoint)
    generator = random.Random(0)
    lengths = [1, MAX_PROMPT] + [generator.randint(2, MAX_PROMPT) for _ in range(PROMPTS - 2)]
    pages = [text for _, text in sorted(pydoc_data.topics.topics.items()) if len(text) > 8 * MAX_PROMPT]
    return [tokenizer(generator.choice(pages)).input_ids[:length] for length in lengths]


def run_r1(program, checkpoint, prompts):
    """Logits of every prompt's positions, and greedy continuations, from r1's forward."""
    with tempfile.TemporaryDirectory() as folder:
        rows = {f"prompt_{i:02}": torch.tensor(ids) for i, ids in enumerate(prompts)}
        save_file(rows, os.path.join(folder, "prompts.safetensors"))
        environment = {**os.environ, "R1_CHECK_MODEL": checkpoint, "R1_CHECK_FOLDER": folder,
                       "R1_CHECK_NEW_TOKENS": str(NEW_TOKENS)}
        command = [program, "--gtest_filter=CheckpointCheck.*", "--gtest_brief=1"]
        subprocess.run(command, check=True, env=environment, stdout=subprocess.DEVNULL)
        return load_file(os.path.join(folder, "ours.safetensors"))


def check_logits(args, model):
    prompts = make_prompts(args.checkpoint)
    eager = load(args.checkpoint, "eager")
    largest, own, equal = 0.0, 0.0, 0
    for i, prompt in enumerate(prompts):
        if i % AT_ONCE == 0:
            ours = run_r1(args.logits, args.checkpoint, prompts[i : i + AT_ONCE])
        ids = torch.tensor([prompt])
        with torch.no_grad():
            theirs, others = model(ids).logits[0], eager(ids).logits[0]
        difference = (ours[f"logits_{i % AT_ONCE:02}"] - theirs).abs().max().item()
        own_difference = (others - theirs).abs().max().item()
        largest, own = max(largest, difference), max(own, own_difference)
        out = model.generate(ids, attention_mask=torch.ones_like(ids), do_sample=False, max_new_tokens=NEW_TOKENS,
                             pad_token_id=0, output_scores=True, return_dict_in_generate=True)
        greedy, mine = out.sequences[0, len(prompt):].tolist(), ours[f"greedy_{i % AT_ONCE:02}"].tolist()
        equal += greedy == mine
        print(f"prompt {i} ({len(prompt)} tokens): logits differ by {difference:.2e}, eager and SDPA by {own_difference:.2e}; "
              f"{equal} of {i + 1} continuations equal", flush=True)
        if greedy == mine:
            continue
        place = next((p for p, (a, b) in enumerate(zip(greedy, mine)) if a != b), min(len(greedy), len(mine)))
        top = out.scores[min(place, len(greedy) - 1)][0].topk(2).values
        print(f"prompt {i} differs from token {place} on; transformers' top-2 gap there is {(top[0] - top[1]).item():.2e}")
    print(f"largest logit difference {largest:.3e}, between eager and SDPA {own:.3e} (ratio {largest / own:.2f}); "
          f"greedy continuations equal: {equal} of {len(prompts)}")
    return largest <= 2 * own and equal >= WANTED_EQUAL


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("checkpoint")
    parser.add_argument("--data", help="JSONL rows with a prompt")
    parser.add_argument("--logits", metavar="PROGRAM", help="r1_test_model")
    parser.add_argument("--rows", type=int, default=20)
    parser.add_argument("--chat", action="store_true", help="the prompts are messages of a user, in the chat template")
    parser.add_argument("--max-new-tokens", type=int, default=64)
    parser.add_argument("--r1", default="build/release/r1")
    args = parser.parse_args()
    if not args.data and not args.logits:
        parser.error("give --data, --logits or both")

    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model = load(args.checkpoint)
    print("warnings while loading:", [str(w.message) for w in caught] or "none")
    fine = not caught
    if args.data:
        fine &= check_completions(args, model)
    if args.logits:
        fine &= check_logits(args, model)
    return 0 if fine else 1


if __name__ == "__main__":
    sys.exit(main())
