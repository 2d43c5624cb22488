#!/usr/bin/env python3
"""Compares `r1 tokenize` with the `tokenizers` package, id by id, on the tokenizer.json of one or more folders.

    pip install tokenizers
    tools/compare_tokenizers.py build/release/r1 FOLDER [FOLDER ...] [--what code_points between random mixed]

  code_points  every single code point
  between      every code point between other characters
  random       100,000 random Unicode strings
  mixed        20 MB: prose in ten scripts, code, LaTeX, JSON, emoji, white space and digit grids, special tokens

Encodes with special tokens parsed and none added; decodes the ids with special tokens kept and left out. Prints one line for
each corpus, and the first differences. Exit code 1 if there is one.
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import sysconfig
import time

os.environ.setdefault("TOKENIZERS_PARALLELISM", "false")
os.environ.setdefault("RAYON_NUM_THREADS", "1")

from tokenizers import Tokenizer  # noqa: E402

SCRIPTS = {
    "latin": [(0x61, 0x7A), (0xDF, 0xFF), (0x100, 0x17F)],
    "greek": [(0x3B1, 0x3CE)],
    "cyrillic": [(0x430, 0x45F)],
    "arabic": [(0x627, 0x64A), (0x64B, 0x652)],
    "hebrew": [(0x5D0, 0x5EA), (0x5B0, 0x5BC)],
    "devanagari": [(0x905, 0x94D)],
    "thai": [(0xE01, 0xE3A), (0xE40, 0xE4E)],
    "han": [(0x4E00, 0x9FFF)],
    "kana": [(0x3041, 0x3096), (0x30A1, 0x30FA)],
    "hangul": [(0xAC00, 0xD7A3), (0x1100, 0x1112), (0x1161, 0x1175)],
}
EMOJI = ["😀", "👩‍👩‍👧", "🏳️‍🌈", "👍🏽", "🇩🇪", "❤️", "☕", "🤷🏿‍♂️", "1️⃣", "🧑🏻‍🚀"]
SPACES = [" ", "  ", "\n", "\r\n", "\t", "\n\n", "\u00a0", "\u2003", "\u3000", "\u2028", "\x0b", "\x0c", "\x85", " \n", "\u200b"]
CONTRACTIONS = ["'s", "'T", "'re", "'VE", "'m", "'lL", "'d", "\u2019s", "'\u017f", "don't", "I'LL"]
LATEX = [r"\frac{a}{b}", r"\sum_{i=1}^{n} x_i^2", r"$\alpha + \beta \ne \gamma$", r"\begin{align}", r"\\", r"\left( \int_0^\infty e^{-x^2} dx \right)", "{}", "^{2}_{i}"]


def code_points():
    return (chr(c) for c in range(0x110000) if not 0xD800 <= c < 0xE000)


def code_points_between():
    """Sixteen neighbours in a text, each between letters, behind a space and at the end of a line."""
    for first in range(0, 0x110000, 16):
        yield "".join(f"a{chr(c)}b {chr(c)}1{chr(c)}\n" for c in range(first, first + 16) if not 0xD800 <= c < 0xE000)


def character(rng: random.Random) -> str:
    kind = rng.random()
    if kind < 0.25:
        return chr(rng.randrange(0x20, 0x7F))
    if kind < 0.35:
        return rng.choice(SPACES)
    if kind < 0.45:
        return rng.choice("0123456789٣९๔²½Ⅷ")
    if kind < 0.55:
        return chr(rng.choice([0x300, 0x301, 0x308, 0x327, 0x323, 0x5B4, 0x64B, 0x93C, 0x94D, 0x3099, 0x1161, 0x11A8, 0x200D, 0xFE0F]))
    if kind < 0.8:
        low, high = rng.choice(rng.choice(list(SCRIPTS.values())))
        return chr(rng.randint(low, high))
    if kind < 0.9:
        return rng.choice(EMOJI)
    c = rng.randrange(0x110000)
    return "?" if 0xD800 <= c < 0xE000 else chr(c)


def cut(text: str, rng: random.Random) -> str:
    begin = rng.randrange(len(text))
    return text[begin : begin + rng.randrange(1, len(text) + 1)]


def random_strings(special: list[str], count: int, seed: int):
    rng = random.Random(seed)
    for _ in range(count):
        parts = []
        for _ in range(rng.randrange(24)):
            kind = rng.random()
            if kind < 0.8:
                parts.append(character(rng))
            elif kind < 0.86:
                parts.append(rng.choice(CONTRACTIONS))
            elif kind < 0.92 and special:
                parts.append(rng.choice(special))
            elif kind < 0.96 and special:
                parts.append(cut(rng.choice(special), rng))
            else:
                parts.append(rng.choice([" ", "a", "1", "\n", "="]) * rng.randrange(1, 40))
        yield "".join(parts)


def prose(rng: random.Random, script: str, size: int) -> str:
    words, length = [], 0
    vocabulary = ["".join(chr(rng.randint(*rng.choice(SCRIPTS[script]))) for _ in range(rng.randint(1, 9))) for _ in range(60)]
    while length < size:
        word = rng.choice(vocabulary)
        kind = rng.random()
        word = word.capitalize() if kind < 0.1 else word + rng.choice([",", ".", ";", "!", "?", "…", "。", " –", ":\n"]) if kind < 0.25 else word
        word = rng.choice(CONTRACTIONS) if kind > 0.985 else word
        words.append(word)
        length += len(word) + 1
    return ("" if script in ("han", "kana", "thai") else " ").join(words)


def grid(rng: random.Random) -> str:
    rows = []
    for _ in range(rng.randrange(1, 30)):
        rows.append("".join(rng.choice(SPACES) * rng.randrange(4) + str(rng.randrange(10 ** rng.randrange(1, 12))) for _ in range(rng.randrange(9))))
    return rng.choice(["\n", "\n\n", "\r\n", " \n "]).join(rows)


def structured(rng: random.Random) -> str:
    value = {prose(rng, "latin", 8): rng.choice([None, True, rng.random(), prose(rng, "greek", 30), list(range(rng.randrange(20)))]) for _ in range(12)}
    return json.dumps(value, indent=rng.choice([None, 2, 4]), ensure_ascii=rng.random() < 0.5)


def source_files() -> list[str]:
    library = pathlib.Path(sysconfig.get_paths()["stdlib"])
    texts = []
    for path in sorted(library.glob("*.py")) + sorted(pathlib.Path("/usr/share/i18n/locales").glob("*")):
        texts.append(path.read_text(encoding="utf-8", errors="replace"))
    return texts


def mixed_text(special: list[str], size: int, seed: int):
    rng = random.Random(seed)
    files = source_files()
    made = 0
    while made < size:
        kind = rng.randrange(10)
        if kind < 4:
            text = prose(rng, rng.choice(list(SCRIPTS)), rng.randrange(200, 6000))
        elif kind < 7:
            source = rng.choice(files)
            begin = rng.randrange(max(1, len(source) - 8000))
            text = source[begin : begin + rng.randrange(500, 8000)]
        elif kind == 7:
            text = " ".join(rng.choice(LATEX + ["x", "=", "&"]) for _ in range(rng.randrange(20, 300)))
        elif kind == 8:
            text = structured(rng) + "".join(rng.choice(EMOJI + [" ", "ok"]) for _ in range(rng.randrange(60)))
        else:
            text = grid(rng)
        if special and rng.random() < 0.5:
            for _ in range(rng.randrange(1, 6)):
                at = rng.randrange(len(text) + 1)
                token = rng.choice(special)
                text = text[:at] + (token if rng.random() < 0.8 else cut(token, rng)) + text[at:]
        made += len(text.encode())
        yield text


def batches(items, size: int):
    batch, length = [], 0
    for item in items:
        batch.append(item)
        length += len(item)
        if len(batch) == 50000 or length > size:
            yield batch
            batch, length = [], 0
    if batch:
        yield batch


def run_r1(program: str, folder: pathlib.Path, rows: list[dict], flags: list[str]) -> list[dict]:
    text = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows)
    command = [program, "tokenize", "--model", str(folder), "--jsonl", "-", *flags]
    done = subprocess.run(command, input=text.encode(), stdout=subprocess.PIPE, check=True)
    out = [json.loads(line) for line in done.stdout.decode().split("\n")[:-1]]
    assert len(out) == len(rows), f"{len(rows)} rows in, {len(out)} rows out"
    return out


def compare(program: str, folder: pathlib.Path, tokenizer: Tokenizer, texts, name: str) -> int:
    rows = size = differences = 0
    for batch in batches(texts, 8_000_000):
        theirs = [encoding.ids for encoding in tokenizer.encode_batch(batch, add_special_tokens=False)]
        ours = [row["ids"] for row in run_r1(program, folder, [{"text": text} for text in batch], [])]
        decoded = {}
        for flag in ("keep", "skip"):
            flags = ["--decode"] + (["--skip-special-tokens"] if flag == "skip" else [])
            decoded[flag] = [row["text"] for row in run_r1(program, folder, [{"ids": ids} for ids in theirs], flags)]
        kept = tokenizer.decode_batch(theirs, skip_special_tokens=False)
        skipped = tokenizer.decode_batch(theirs, skip_special_tokens=True)
        for i, text in enumerate(batch):
            wrong = [
                f"{what}: theirs {a!r}, ours {b!r}"
                for what, a, b in (("ids", theirs[i], ours[i]), ("decoded", kept[i], decoded["keep"][i]), ("decoded without special", skipped[i], decoded["skip"][i]))
                if a != b
            ]
            differences += bool(wrong)
            if wrong and differences <= 5:
                print(f"  {text[:200]!r}: {wrong[0][:600]}")
        rows += len(batch)
        size += sum(len(text.encode()) for text in batch)
    print(f"{folder.name}: {name}: {rows} texts, {size / 1e6:.1f} MB, {differences} differences", flush=True)
    return differences


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folders", nargs="+", type=pathlib.Path)
    parser.add_argument("--what", nargs="+", default=["code_points", "between", "random", "mixed"])
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--strings", type=int, default=100_000)
    parser.add_argument("--seed", type=int, default=0)
    options = parser.parse_args()
    differences = 0
    for folder in options.folders:
        tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        tokenizer.no_truncation()
        tokenizer.no_padding()
        special = sorted(token.content for token in tokenizer.get_added_tokens_decoder().values())
        corpora = {
            "code_points": code_points(),
            "between": code_points_between(),
            "random": random_strings(special, options.strings, options.seed),
            "mixed": mixed_text(special, int(options.megabytes * 1e6), options.seed),
        }
        for what in options.what:
            start = time.time()
            differences += compare(options.program, folder, tokenizer, corpora[what], what)
            print(f"  {time.time() - start:.0f} s", file=sys.stderr)
    return 1 if differences else 0


if __name__ == "__main__":
    sys.exit(main())
