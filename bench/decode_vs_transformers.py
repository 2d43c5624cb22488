"""Decoding speed of r1 against transformers.generate on the same checkpoint, prompt and number of tokens, in one run.

  python bench/decode_vs_transformers.py --model models/SmolLM2-135M-Instruct [--r1 build/release/r1] [--threads 2]

Prints tokens per second for batch 1 and batch 16 and their ratio, the time from the start of the process to the first token, and
peak memory. Both sides: same dtype, temperature 1, the whole vocabulary, the end of sequence ignored, so that each decodes exactly
--tokens tokens. Each figure is the best of --repeat runs, taken in turns. Needs torch and transformers.
"""
import argparse
import json
import os
import re
import subprocess
import sys
import time

PROMPT = "Explain in a few sentences why the sky is blue and why it turns red in the evening."
PEER = r"""
import json, resource, sys, time
model, dtype, threads, batch, tokens, prompt = sys.argv[1:]
start = time.time()
import torch, transformers
torch.set_num_threads(int(threads))
transformers.logging.set_verbosity_error()
tokenizer = transformers.AutoTokenizer.from_pretrained(model)
policy = transformers.AutoModelForCausalLM.from_pretrained(model, dtype=getattr(torch, dtype))
ids = tokenizer(prompt, return_tensors="pt")
options = dict(do_sample=True, temperature=1.0, top_k=0, top_p=1.0, num_return_sequences=int(batch), pad_token_id=0)
with torch.no_grad():
    policy.generate(**ids, **options, min_new_tokens=1, max_new_tokens=1)
    first = time.time() - start
    begin = time.time()
    policy.generate(**ids, **options, min_new_tokens=int(tokens), max_new_tokens=int(tokens))
    seconds = time.time() - begin
print(json.dumps({"rate": int(batch) * int(tokens) / seconds, "first": first,
                  "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))
"""


def run_r1(args, batch, tokens):
    command = [args.r1, "generate", "--model", args.model, "--prompt", PROMPT, "--num-generations", str(batch), "--max-new-tokens", str(tokens),
               "--temperature", "1", "--seed", "1", "--dtype", args.dtype, "--threads", str(args.threads), "--ignore-eos", "--json"]
    begin = time.time()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    out, err = process.communicate()
    if process.returncode:
        sys.exit(f"{' '.join(command)}\nexit {process.returncode}\n{err}")
    made = sum(json.loads(line)["tokens"] for line in out.splitlines())
    if made != batch * tokens:
        sys.exit(f"r1 made {made} tokens instead of {batch * tokens}")
    return {"rate": float(re.search(r"([\d.]+) token/s", err).group(1)), "seconds": time.time() - begin}


def peak_mb(command):
    """Peak resident memory of one process; a child of its own, because ru_maxrss of children is a maximum over all of them."""
    code = "import resource,subprocess,sys; subprocess.run(sys.argv[1:],check=True,stdout=subprocess.DEVNULL,stderr=subprocess.DEVNULL); print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss/1024)"
    return float(subprocess.run([sys.executable, "-c", code, *command], check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--r1", default="build/release/r1")
    parser.add_argument("--dtype", default="float32")
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--tokens", type=int, default=128)
    parser.add_argument("--repeat", type=int, default=3)
    args = parser.parse_args()

    rows = []
    for batch in (1, 16):
        ours, theirs = [], []
        for _ in range(args.repeat):
            ours.append(run_r1(args, batch, args.tokens)["rate"])
            peer = subprocess.run([sys.executable, "-c", PEER, args.model, args.dtype, str(args.threads), str(batch), str(args.tokens), PROMPT],
                                  check=True, capture_output=True, text=True)
            theirs.append(json.loads(peer.stdout.splitlines()[-1]))
        best = max(peer["rate"] for peer in theirs)
        rows.append((f"batch {batch}, token/s", f"{max(ours):.1f}", f"{best:.1f}", f"{max(ours) / best:.2f}"))
        if batch == 1:
            first = min(run_r1(args, 1, 1)["seconds"] for _ in range(args.repeat))
            peer_first = min(peer["first"] for peer in theirs)
            rows.append(("start to first token, s", f"{first:.2f}", f"{peer_first:.2f}", f"{peer_first / first:.2f}"))
            peak = peak_mb([args.r1, "generate", "--model", args.model, "--prompt", PROMPT, "--max-new-tokens", str(args.tokens), "--dtype", args.dtype,
                            "--threads", str(args.threads), "--ignore-eos", "--json"])
            peer_peak = min(peer["peak_mb"] for peer in theirs)
            rows.append(("peak memory, MB", f"{peak:.0f}", f"{peer_peak:.0f}", f"{peer_peak / peak:.2f}"))
    print(f"{args.model}, {args.dtype}, {args.threads} threads, {args.tokens} tokens")
    print(f"{'':26}{'r1':>10}{'transformers':>14}{'ratio':>8}")
    for name, mine, peer, ratio in rows:
        print(f"{name:26}{mine:>10}{peer:>14}{ratio:>8}")


if __name__ == "__main__":
    main()
