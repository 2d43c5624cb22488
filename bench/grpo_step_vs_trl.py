"""One GRPO step of r1 and of TRL's GRPOTrainer on the same model, prompt and settings: time and peak memory side by side.

    pip install torch==2.11.0 transformers trl
    python bench/grpo_step_vs_trl.py --model models/SmolLM2-135M-Instruct --r1 build/release/r1

Both sample 8 completions of at most 64 tokens of one Countdown question in the model's chat template, score them with a reward of
the same cost (its length), and make one AdamW step on the GRPO loss (beta 0, fp32, CPU). Each runs in a process of its own, for
--steps steps. The table has the first step, which still warms up, and the last one. Time of a step is sampling, scoring and update; peak memory
is that of the process.
"""

import argparse
import json
import os
import pathlib
import resource
import subprocess
import sys
import tempfile
import time

QUESTION = ("Using the numbers [3, 7, 12], create an equation that equals 24. You can use basic arithmetic operations (+, -, *, /) and each "
            "number can only be used once. Show your work in <think> </think> tags. And return the final answer in <answer> </answer> tags, "
            "for example <answer> (1 + 2) / 3 </answer>.")
COMPLETIONS, TOKENS, LEARNING_RATE = 8, 64, 1e-6


def run_trl(args):
    import datasets
    import torch
    import transformers
    import trl

    torch.set_num_threads(args.threads)

    class Clock(transformers.TrainerCallback):
        def __init__(self):
            self.seconds, self.begin = [], 0.0

        def on_step_begin(self, *_, **__):
            self.begin = time.perf_counter()

        def on_step_end(self, *_, **__):
            self.seconds.append(time.perf_counter() - self.begin)

    tokens = []

    def length_reward(completion_ids, **_):
        tokens.append(sum(map(len, completion_ids)))
        return [len(ids) / TOKENS for ids in completion_ids]

    config = trl.GRPOConfig(
        output_dir=args.work, max_steps=args.steps, num_generations=COMPLETIONS, per_device_train_batch_size=COMPLETIONS,
        max_completion_length=TOKENS, learning_rate=LEARNING_RATE, beta=0.0, loss_type="grpo", temperature=1.0, lr_scheduler_type="constant",
        use_cpu=True, bf16=False, fp16=False, gradient_checkpointing=False, report_to=[], save_strategy="no", logging_steps=1, disable_tqdm=True,
        model_init_kwargs={"dtype": "float32"})
    rows = datasets.Dataset.from_list([{"prompt": [{"role": "user", "content": QUESTION}]}] * 4)
    clock = Clock()
    # The Trainer begins a step before it samples: on_step_begin is called when the batch is drawn, sampling happens inside of the step.
    trainer = trl.GRPOTrainer(model=args.model, reward_funcs=length_reward, args=config, train_dataset=rows, callbacks=[clock])
    trainer.train()
    print("RESULT " + json.dumps({"seconds": clock.seconds, "tokens": tokens, "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024}))


def run_r1(args):
    work = pathlib.Path(args.work)
    (work / "data").mkdir()
    (work / "data" / "train.jsonl").write_text((json.dumps({"prompt": QUESTION, "nums": [3, 7, 12], "target": 24}) + "\n"))
    stage = {"name": "step", "type": "grpo", "model": os.path.abspath(args.model), "data": str(work / "data"), "prompt_template": "chat",
             "max_steps": args.steps, "generation_batch_size": COMPLETIONS, "num_generations": COMPLETIONS, "max_completion_length": TOKENS,
             "temperature": 1.0, "reward_funcs": ["countdown"],
             "reward_configs": {"countdown": {"think_opened_by_prompt": False}}, "loss_type": "grpo", "beta": 0.0, "learning_rate": LEARNING_RATE,
             "lr_scheduler_type": "constant", "warmup_steps": 0, "micro_batch_tokens": 4096, "logging_steps": 1, "save_steps": args.steps}
    (work / "recipe.json").write_text(json.dumps({"name": "bench", "threads": args.threads, "stages": [stage]}))
    subprocess.run([args.r1, "run", str(work / "recipe.json"), "--output-dir", str(work / "run")], check=True, stdout=sys.stderr)
    rows = [json.loads(line) for line in open(work / "run" / "metrics.jsonl")]
    rows = [row for row in rows if "step_time" in row]
    tokens = [round(row["completions/mean_length"] * COMPLETIONS) for row in rows]
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print("RESULT " + json.dumps({"seconds": [row["step_time"] for row in rows], "tokens": tokens, "peak_mb": peak}))


def measured(side, args):
    with tempfile.TemporaryDirectory() as work:
        command = [sys.executable, __file__, "--side", side, "--work", work, "--model", args.model, "--r1", args.r1,
                   "--steps", str(args.steps), "--threads", str(args.threads)]
        done = subprocess.run(command, capture_output=True, text=True)
        results = [line[7:] for line in done.stdout.splitlines() if line.startswith("RESULT ")]
        if not results:
            raise SystemExit(f"{side} failed:\n{done.stdout}\n{done.stderr}")
        return json.loads(results[0])


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", required=True)
    parser.add_argument("--r1", default="build/release/r1")
    parser.add_argument("--steps", type=int, default=2)
    parser.add_argument("--threads", type=int, default=os.cpu_count())
    parser.add_argument("--side", choices=["r1", "trl"], help=argparse.SUPPRESS)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.side:
        return run_trl(args) if args.side == "trl" else run_r1(args)
    print(f"{'':6} {'first step':>11} {'last step':>11} {'tokens':>14} {'peak memory':>12}")
    for side in ("r1", "trl"):
        result = measured(side, args)
        print(f"{side:6} {result['seconds'][0]:9.2f} s {result['seconds'][-1]:9.2f} s {'+'.join(map(str, result['tokens'])):>14} {result['peak_mb']:9.0f} MB")


if __name__ == "__main__":
    sys.exit(main())
