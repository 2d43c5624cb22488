"""Turns data sets into the JSONL that r1 trains on: TRL's text, prompt/completion and messages rows.

    pip install pyarrow                                  # parquet files
    pip install datasets                                 # folders of datasets.save_to_disk, names on the Hub
    pip install reasoning-gym                            # procedural tasks

    python tools/to_jsonl.py parquet data/*.parquet -o rows.jsonl [--columns prompt,completion]
    python tools/to_jsonl.py datasets open-r1/Mixture-of-Thoughts --config math --split train -o rows.jsonl
    python tools/to_jsonl.py datasets FOLDER -o rows.jsonl
    python tools/to_jsonl.py reasoning-gym countdown --size 1000 --seed 42 -o rows.jsonl [--set min_numbers=3]

--format says what becomes of a row:
    auto                 what its columns suggest (the default)
    keep                 the columns as they are
    text, prompt-completion, messages
    mixture-of-thoughts  {"messages", "num_tokens", "source"}: the messages
    openr1-math          {"problem", "generations", "correctness_math_verify" ...}: one row of messages for each generation that
                         was verified, with the problem's answer
    verl                 TinyZero's and verl's {"prompt": [messages], "reward_model": {"ground_truth"}}: prompts with reference fields

Rows of reasoning-gym tasks are {"prompt", "answer", "id", "metadata"}: prompts for reinforcement learning. A row that lacks what its
format needs is an error that names it; --skip-bad counts and drops such rows instead. Output appears whole or not at all.
"""

import argparse
import json
import os
import sys


class BadRow(Exception):
    pass


def field(row, name, kind):
    value = row.get(name)
    if not isinstance(value, kind):
        raise BadRow(f'column "{name}" must be {kind.__name__}, found {type(value).__name__}')
    return value


def clean_messages(messages):
    """Role, content and tool calls, without the null fields that columnar files put everywhere."""
    return [{key: value for key, value in message.items() if value is not None} for message in messages]


def openr1_math(row):
    generations = field(row, "generations", list)
    verified = row.get("correctness_math_verify") or [True] * len(generations)
    complete = row.get("is_reasoning_complete") or [True] * len(generations)
    for text, right, whole in zip(generations, verified, complete, strict=True):
        if right and whole:
            yield {"messages": [{"role": "user", "content": field(row, "problem", str)}, {"role": "assistant", "content": text}],
                   "answer": row.get("answer")}


def verl(row):
    truth = field(row, "reward_model", dict).get("ground_truth")
    truth = truth if isinstance(truth, dict) else {"answer": truth}
    renamed = {"nums" if key == "numbers" else key: value for key, value in truth.items()}
    yield {"prompt": clean_messages(field(row, "prompt", list)), **renamed}


def prompt_completion(row):
    prompt, completion = row.get("prompt"), row.get("completion")
    if isinstance(prompt, list) and isinstance(completion, list):
        yield {"prompt": clean_messages(prompt), "completion": clean_messages(completion)}
    else:
        yield {"prompt": field(row, "prompt", str), "completion": field(row, "completion", str)}


FORMATS = {
    "keep": lambda row: iter([row]),
    "text": lambda row: iter([{"text": field(row, "text", str)}]),
    "prompt-completion": prompt_completion,
    "messages": lambda row: iter([{"messages": clean_messages(field(row, "messages", list))}]),
    "mixture-of-thoughts": lambda row: iter([{"messages": clean_messages(field(row, "messages", list)), "source": row.get("source")}]),
    "openr1-math": openr1_math,
    "verl": verl,
}


def guess(row):
    for name, columns in (("openr1-math", {"problem", "generations"}), ("verl", {"prompt", "reward_model"}),
                          ("mixture-of-thoughts", {"messages", "num_tokens", "source"}), ("messages", {"messages"}),
                          ("prompt-completion", {"prompt", "completion"}), ("text", {"text"})):
        if columns <= row.keys():
            return name
    raise SystemExit(f"cannot tell the format of rows with the columns {', '.join(row)}; name it with --format")


def parquet_rows(args):
    import pyarrow.parquet

    columns = args.columns.split(",") if args.columns else None
    for path in args.files:
        for batch in pyarrow.parquet.ParquetFile(path).iter_batches(columns=columns):
            yield from batch.to_pylist()


def dataset_rows(args):
    import datasets

    if os.path.isdir(args.name):
        data = datasets.load_from_disk(args.name)
        data = data[args.split] if isinstance(data, datasets.DatasetDict) else data
    else:
        data = datasets.load_dataset(args.name, args.config, split=args.split, streaming=True)
    yield from data


def parse_setting(text):
    name, _, value = text.partition("=")
    try:
        return name, json.loads(value)
    except json.JSONDecodeError:
        return name, value


def gym_rows(args):
    import reasoning_gym

    data = reasoning_gym.create_dataset(args.task, size=args.size, seed=args.seed, **dict(map(parse_setting, args.set)))
    for index, entry in enumerate(data):
        yield {"prompt": entry["question"], "answer": entry["answer"], "id": index, "metadata": entry["metadata"]}


def convert(rows, args, file):
    written = bad = 0
    format_name = args.format
    for index, row in enumerate(rows):
        if args.limit and index >= args.limit:
            break
        if format_name == "auto":
            format_name = guess(row)
        try:
            for out in FORMATS[format_name](row):
                file.write(json.dumps(out, ensure_ascii=False, default=str) + "\n")
                written += 1
        except BadRow as error:
            if not args.skip_bad:
                raise SystemExit(f"row {index}: {error} (format {format_name})") from None
            bad += 1
    return written, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    sources = parser.add_subparsers(dest="source", required=True)
    parquet = sources.add_parser("parquet", help="parquet files")
    parquet.add_argument("files", nargs="+")
    parquet.add_argument("--columns", help="only these, separated by commas")
    named = sources.add_parser("datasets", help="a data set of the Hub, or a folder of save_to_disk")
    named.add_argument("name")
    named.add_argument("--config")
    named.add_argument("--split", default="train")
    gym = sources.add_parser("reasoning-gym", help="a task of reasoning-gym")
    gym.add_argument("task")
    gym.add_argument("--size", type=int, default=1000)
    gym.add_argument("--seed", type=int, default=42)
    gym.add_argument("--set", action="append", default=[], metavar="NAME=VALUE", help="setting of the task; may be repeated")
    for source in (parquet, named, gym):
        source.add_argument("-o", "--output", required=True)
        source.add_argument("--format", choices=["auto", *FORMATS], default="keep" if source is gym else "auto")
        source.add_argument("--limit", type=int, default=0, help="rows read; 0: all")
        source.add_argument("--skip-bad", action="store_true", help="drop rows that lack what the format needs")
    args = parser.parse_args()

    rows = {"parquet": parquet_rows, "datasets": dataset_rows, "reasoning-gym": gym_rows}[args.source](args)
    aside = args.output + ".tmp"
    with open(aside, "w", encoding="utf-8") as file:
        written, bad = convert(rows, args, file)
    os.replace(aside, args.output)
    print(f"{args.output}: {written} rows" + (f", {bad} bad ones dropped" if bad else ""))


if __name__ == "__main__":
    sys.exit(main())
