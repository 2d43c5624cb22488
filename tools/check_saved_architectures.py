#!/usr/bin/env python3
"""Loads every folder that r1's tests save in transformers: no warning, the same weights, the logits of the goldens.

    pip install torch transformers
    tools/check_saved_architectures.py build/release/tests/r1_test_model
"""
import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import warnings

import torch
import transformers

from dump_architecture_goldens import ATTENTION, MODELS, POSITIONS, TOKENS, make_model

LIMITS = {torch.float32: 1e-5, torch.bfloat16: 0.0, torch.float16: 0.0}  # same weights, same code: same bits


class Warnings:
    """What transformers logs and what Python warns of."""

    def __enter__(self):
        self.records = []
        self.handler = transformers.utils.logging.logging.Handler()
        self.handler.emit = lambda record: self.records.append(record.getMessage())
        transformers.utils.logging.get_logger().addHandler(self.handler)
        self.caught = warnings.catch_warnings(record=True)
        self.warned = self.caught.__enter__()
        warnings.simplefilter("always")
        return self

    def __exit__(self, *error):
        self.caught.__exit__(*error)
        transformers.utils.logging.get_logger().removeHandler(self.handler)
        self.records += [str(one.message) for one in self.warned]


def check(folder: pathlib.Path) -> list[str]:
    name, dtype_name = folder.name.split("-")[:2]
    dtype = getattr(torch, dtype_name)
    problems = []
    with Warnings() as seen:
        model = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation=ATTENTION)
    # Remarks on a chosen combination of settings, which the original configuration gets, too.
    with Warnings() as usual:
        wanted = make_model(MODELS[name], dtype)
    problems += [f"warning: {text}" for text in seen.records if text not in usual.records]
    if model.dtype != dtype:
        problems.append(f"dtype {model.dtype}")
    for key, tensor in wanted.state_dict().items():
        if not torch.equal(model.state_dict()[key], tensor):
            problems.append(f"{key} differs")
    with torch.no_grad():
        ours, theirs = (m.eval()(torch.tensor([TOKENS])).logits[0, POSITIONS].float() for m in (model, wanted))
    difference = (ours - theirs).abs().max().item()
    if difference > LIMITS[dtype]:
        problems.append(f"logits differ by {difference}")
    return problems


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("test_program")
    program = parser.parse_args().test_program
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        command = [program, "--gtest_filter=*SavedLoadedAndSavedAgainIsTheSame*", "--gtest_brief=1"]
        subprocess.run(command, check=True, env={**os.environ, "R1_KEEP_CHECKPOINTS": folder})
        saved = sorted(pathlib.Path(folder).iterdir())
        for one in saved:
            problems = check(one)
            failed += bool(problems)
            if problems:
                print(f"{one.name}: {'; '.join(problems)}")
        print(f"{len(saved) - failed} of {len(saved)} folders load without a warning and are the same model")
    return 1 if failed or not saved else 0


if __name__ == "__main__":
    sys.exit(main())
