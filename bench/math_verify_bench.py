#!/usr/bin/env python3
"""The math rewarder and Math-Verify on the same pairs, side by side, in one run.

    pip install "math-verify[antlr4_13_2]==0.8.0"
    ninja -C build/release bench_math
    build/release/bench_math --dump 10000 > pairs.jsonl
    cat tests/data/math/cases.jsonl tests/data/math/own_cases.jsonl >> pairs.jsonl
    python3 bench/math_verify_bench.py build/release/bench_math pairs.jsonl

Rows are {gold, pred, equal, why}. Bare answers are given to Math-Verify between dollars, whole completions as they are;
everything else is its default. Times are processor time of one thread.
"""

import argparse
import json
import logging
import subprocess
import tempfile
import time
from collections import Counter

from math_verify import parse, verify


def theirs(row):
    whole = row["why"].startswith(("extract:", "adversarial:")) or "$" in row["pred"]
    gold = row["gold"] if "$" in row["gold"] else f"${row['gold']}$"
    pred = row["pred"] if whole else f"${row['pred']}$"
    start = time.process_time()
    try:
        equal = bool(verify(parse(gold), parse(pred)))
    except Exception:  # a verdict all the same: no reward
        equal = False
    return equal, 1e6 * (time.process_time() - start)


def quantile(values, q):
    return sorted(values)[int(q * (len(values) - 1))]


def print_times(ours, others):
    print(f"{'us per pair':>12} {'ours':>10} {'Math-Verify':>12} {'ratio':>7}")
    for name, pick in (("p50", 0.5), ("p99", 0.99), ("max", 1.0)):
        a, b = quantile(ours, pick), quantile(others, pick)
        print(f"{name:>12} {a:10.1f} {b:12.1f} {b / a:7.0f}")
    a, b = sum(ours) / len(ours), sum(others) / len(others)
    print(f"{'mean':>12} {a:10.1f} {b:12.1f} {b / a:7.0f}")


def print_verdicts(rows, ours, others):
    wrong = Counter()
    total = Counter()
    for row, a, b in zip(rows, ours, others):
        category = row["why"].split(":")[0]
        total[category] += 1
        for side, equal in (("ours", a), ("theirs", b)):
            if equal != row["equal"]:
                wrong[category, side, "accepts" if equal else "refuses"] += 1
    columns = [(side, kind) for side in ("ours", "theirs") for kind in ("accepts", "refuses")]
    print(f"\n{'verdicts against the file':<26}{'rows':>6}" + "".join(f"{s + ' wrongly ' + k:>24}" for s, k in columns))
    for category in sorted(total):
        counts = [wrong[category, side, kind] for side, kind in columns]
        if any(counts):
            print(f"{category:<26}{total[category]:>6}" + "".join(f"{n:>24}" for n in counts))
    sums = [sum(n for (_, s, k), n in wrong.items() if (s, k) == column) for column in columns]
    print(f"{'all':<26}{len(rows):>6}" + "".join(f"{n:>24}" for n in sums))


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("bench_math")
    parser.add_argument("pairs")
    parser.add_argument("--every", type=int, default=1, help="judge every N-th row only, for a quick look (default 1: all)")
    parser.add_argument("--disagreements", help="write rows where the two differ to this file")
    args = parser.parse_args()
    logging.disable(logging.CRITICAL)

    rows = [json.loads(line) for line in open(args.pairs, encoding="utf-8")]
    with tempfile.NamedTemporaryFile(suffix=".jsonl") as verdicts:
        print(subprocess.run([args.bench_math, args.pairs, verdicts.name], check=True, capture_output=True, text=True).stdout)
        ours = [json.loads(line) for line in open(verdicts.name, encoding="utf-8")]
    rows, ours = rows[:: args.every], ours[:: args.every]
    others = [theirs(row) for row in rows]

    print(f"{len(rows)} rows judged by both")
    print_times([o["us"] for o in ours], [us for _, us in others])
    print_verdicts(rows, [o["equal"] for o in ours], [equal for equal, _ in others])
    differ = [{**row, "ours": o["equal"], "math_verify": equal} for row, o, (equal, _) in zip(rows, ours, others) if o["equal"] != equal]
    print(f"\n{len(differ)} of {len(rows)} rows differ")
    if args.disagreements:
        with open(args.disagreements, "w", encoding="utf-8") as out:
            out.writelines(json.dumps(row, ensure_ascii=False) + "\n" for row in differ)


if __name__ == "__main__":
    main()
