#!/usr/bin/env python3
"""Loads a checkpoint folder as a user of transformers would, and fails on anything that user would be warned about.

    pip install torch transformers sentencepiece
    tools/check_checkpoint.py runs/countdown_zero/grpo/checkpoint-100 [--prompt "1 + 1"] [--against ORIGINAL]

Checks: no missing, unexpected or mismatched weights; no warning from transformers or Python; the tokenizer loads and agrees
with the sentencepiece model beside it; with --against, logits equal those of another folder within --tolerance.
"""
import argparse
import logging
import random
import sys
import warnings

import torch
import transformers
from transformers import AutoModelForCausalLM, AutoTokenizer


class Collector(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.messages: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.messages.append(record.getMessage())


def load(folder: str):
    collector = Collector()
    transformers.utils.logging.get_logger("transformers").addHandler(collector)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        model, info = AutoModelForCausalLM.from_pretrained(folder, output_loading_info=True)
        tokenizer = AutoTokenizer.from_pretrained(folder)
    problems = collector.messages + [str(warning.message) for warning in caught]
    problems += [f"{kind}: {names}" for kind, names in info.items() if names]
    return model.eval(), tokenizer, problems


def tokenizer_problems(folder: str, tokenizer) -> list[str]:
    """The reference splits at special tokens first, then asks sentencepiece."""
    import sentencepiece

    reference = sentencepiece.SentencePieceProcessor(model_file=f"{folder}/tokenizer.model")
    special = tokenizer.get_added_vocab()
    pieces = [reference.id_to_piece(i) for i in range(reference.vocab_size())]
    characters = [piece.replace("\u2581", " ") for piece in pieces if piece not in special] + list("\u4e2d\U0001f600~")
    problems = [] if len(tokenizer) == len(pieces) else [f"{len(tokenizer)} tokens, sentencepiece has {len(pieces)}"]
    rng = random.Random(0)
    for _ in range(1000):
        parts, ids = [], []
        for _ in range(rng.randrange(6)):
            text = "".join(rng.choices(characters, k=rng.randrange(12)))
            if any(token in text for token in special):
                continue
            token = rng.choice(sorted(special))
            parts += [text, token]
            ids += reference.encode(text) + [special[token]]
        text = "".join(parts)
        seen = tokenizer.encode(text, add_special_tokens=False)
        if seen != ids:
            problems.append(f"{text!r}: transformers {seen}, sentencepiece {ids}")
    return problems


def logits_of(model, tokens: torch.Tensor) -> torch.Tensor:
    with torch.no_grad():
        return model(tokens).logits[0].double()


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder")
    parser.add_argument("--prompt", help="print a greedy completion of this text")
    parser.add_argument("--against", help="another folder of the same model")
    parser.add_argument("--tolerance", type=float, default=1e-4)
    options = parser.parse_args()
    model, tokenizer, problems = load(options.folder)
    problems += tokenizer_problems(options.folder, tokenizer)
    if options.against:
        tokens = torch.randint(model.config.vocab_size, (1, 50), generator=torch.Generator().manual_seed(0))
        other = AutoModelForCausalLM.from_pretrained(options.against).eval()
        difference = (logits_of(model, tokens) - logits_of(other, tokens)).abs().max().item()
        print(f"largest difference of logits: {difference:.3g}")
        if not difference <= options.tolerance:
            problems.append(f"logits differ by {difference}")
    if options.prompt:
        inputs = tokenizer(options.prompt, return_tensors="pt", add_special_tokens=False)
        print(tokenizer.decode(model.generate(**inputs, do_sample=False, max_new_tokens=200)[0]))
    for problem in problems[:20]:
        print("PROBLEM", problem, file=sys.stderr)
    print(f"{options.folder}: {len(problems)} problems, {model.num_parameters()} parameters, {len(tokenizer)} tokens")
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
