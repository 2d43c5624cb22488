#!/usr/bin/env python3
"""Writes what transformers' AutoTokenizer makes of random texts, one JSON object a line.

    pip install transformers
    tools/make_tokenizer_golden.py tests/data/model/char_tokenizer tests/data/model/tokenizer_golden.jsonl

The texts mix the vocabulary's characters, its special tokens (whole and cut), white space and characters it does not know.
"""
import argparse
import json
import pathlib
import random

from transformers import AutoTokenizer

UNKNOWN = list("?!#~\r\0") + ["\u2585", "\ufffd", "\u4e2d", "\u6587", "\U0001f600", "e\u0301", "\u00a0", "\u3000", "\u200d", "\uff17"]


def random_text(vocabulary: list[str], special: list[str], rng: random.Random) -> str:
    characters = [token for token in vocabulary if token not in special]
    parts = []
    for _ in range(rng.randrange(24)):
        kind = rng.random()
        if kind < 0.55:
            parts.append(rng.choice(characters).replace("\u2581", " "))
        elif kind < 0.7:
            parts.append(rng.choice(special))
        elif kind < 0.8:
            token = rng.choice(special)
            parts.append(token[rng.randrange(len(token)) :] if rng.random() < 0.5 else token[: rng.randrange(len(token))])
        elif kind < 0.9:
            parts.append(rng.choice([" ", "  ", "\n", "\t", "\u2581"]))
        else:
            parts.append(rng.choice(UNKNOWN))
    return "".join(parts)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("output", type=pathlib.Path)
    parser.add_argument("--count", type=int, default=250)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    tokenizer = AutoTokenizer.from_pretrained(options.folder)
    vocabulary = sorted(tokenizer.get_vocab())
    special = sorted(tokenizer.get_added_vocab())
    rng = random.Random(options.seed)
    with options.output.open("w", encoding="utf-8") as output:
        for _ in range(options.count):
            text = random_text(vocabulary, special, rng)
            ids = tokenizer.encode(text, add_special_tokens=False)
            row = {
                "text": text,
                "ids": ids,
                "decoded": tokenizer.decode(ids, skip_special_tokens=True),
                "with_special_tokens": tokenizer.decode(ids),
            }
            output.write(json.dumps(row, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main()
