#!/usr/bin/env python3
"""Speed of `r1 tokenize` beside the `tokenizers` package, on one thread, in the same run.

    pip install tokenizers
    bench/tokenizer_bench.py build/release/r1 FOLDER [--megabytes 20]

Text: the mixed text of tools/compare_tokenizers.py. Ours is the whole program (reading JSONL, encoding, writing ids) less the time
it takes for an empty file, which is the time to load the tokenizer; theirs is encode_batch of the texts as they lie in memory.
Rounds alternate; the best of each counts.
"""
import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time

os.environ["TOKENIZERS_PARALLELISM"] = "false"
os.environ["RAYON_NUM_THREADS"] = "1"
sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "tools"))

from compare_tokenizers import mixed_text  # noqa: E402
from tokenizers import Tokenizer  # noqa: E402


def seconds_of(program: str, folder: pathlib.Path, rows: pathlib.Path) -> float:
    start = time.perf_counter()
    with open(os.devnull, "wb") as nowhere:
        subprocess.run([program, "tokenize", "--model", str(folder), "--jsonl", str(rows)], stdout=nowhere, check=True)
    return time.perf_counter() - start


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("folder", type=pathlib.Path)
    parser.add_argument("--megabytes", type=float, default=20)
    parser.add_argument("--rounds", type=int, default=3)
    options = parser.parse_args()
    start = time.perf_counter()
    tokenizer = Tokenizer.from_file(str(options.folder / "tokenizer.json"))
    their_load = time.perf_counter() - start
    tokenizer.no_truncation()
    special = sorted(token.content for token in tokenizer.get_added_tokens_decoder().values())
    texts = list(mixed_text(special, int(options.megabytes * 1e6), 0))
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    ours, theirs, load = [], [], []
    with tempfile.TemporaryDirectory() as scratch:
        full, empty = pathlib.Path(scratch, "full.jsonl"), pathlib.Path(scratch, "empty.jsonl")
        full.write_text("".join(json.dumps({"text": text}, ensure_ascii=False) + "\n" for text in texts), encoding="utf-8")
        empty.write_text("")
        for _ in range(options.rounds):
            load.append(seconds_of(options.program, options.folder, empty))
            ours.append(seconds_of(options.program, options.folder, full))
            start = time.perf_counter()
            for first in range(0, len(texts), 100):
                tokenizer.encode_batch(texts[first : first + 100], add_special_tokens=False)
            theirs.append(time.perf_counter() - start)
    our_time = min(ours) - min(load)
    print(f"{options.folder.name}: {megabytes:.1f} MB")
    print(f"  load     r1 {min(load):.3f} s (whole process)   tokenizers {their_load:.3f} s")
    print(f"  encode   r1 {our_time:.2f} s = {megabytes / our_time:.1f} MB/s   tokenizers {min(theirs):.2f} s = {megabytes / min(theirs):.1f} MB/s   ratio {min(theirs) / our_time:.1f}")


if __name__ == "__main__":
    main()
