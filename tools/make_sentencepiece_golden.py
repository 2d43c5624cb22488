#!/usr/bin/env python3
"""Trains a small sentencepiece model of Llama 2's kind and writes what transformers makes of test texts.

    pip install sentencepiece transformers
    tools/make_sentencepiece_golden.py tests/data/tokenizers/sentencepiece

Byte-pair model with byte fallback and a space before the text. tokenizer.model, and for each of legacy.json and current.json (a
tokenizer_config.json with and without "legacy") golden rows text, ids, decoded, skipped as in train_test_tokenizers.py.
"""
import argparse
import io
import json
import pathlib
import shutil
import tempfile

import sentencepiece
from train_test_tokenizers import CORPUS, texts
from transformers import AutoTokenizer

CONFIG = {
    "tokenizer_class": "LlamaTokenizer",
    "bos_token": "<s>",
    "eos_token": "</s>",
    "unk_token": "<unk>",
    "add_bos_token": True,
    "add_eos_token": False,
    "clean_up_tokenization_spaces": False,
}


def train() -> bytes:
    model = io.BytesIO()
    sentencepiece.SentencePieceTrainer.train(
        sentence_iterator=iter([line for text in CORPUS * 3 for line in text.split("\n") if line]),
        model_writer=model,
        model_type="bpe",
        vocab_size=700,
        byte_fallback=True,
        character_coverage=0.98,
        normalization_rule_name="identity",
        remove_extra_whitespaces=False,
        add_dummy_prefix=True,
        split_digits=True,
        allow_whitespace_only_pieces=True,
        num_threads=1,
    )
    return model.getvalue()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()
    options.output.mkdir(parents=True, exist_ok=True)
    (options.output / "tokenizer.model").write_bytes(train())
    for name, legacy in (("legacy", True), ("current", False)):
        config = CONFIG | {"legacy": legacy}
        (options.output / f"{name}.json").write_text(json.dumps(config, indent=2) + "\n")
        with tempfile.TemporaryDirectory() as folder:
            shutil.copy(options.output / "tokenizer.model", folder)
            shutil.copy(options.output / f"{name}.json", pathlib.Path(folder, "tokenizer_config.json"))
            tokenizer = AutoTokenizer.from_pretrained(folder)
        with (options.output / f"{name}.jsonl").open("w", encoding="utf-8") as output:
            for text in texts(["<s>", "</s>", "<unk>"]):
                ids = tokenizer.encode(text, add_special_tokens=False)
                row = {"text": text, "ids": ids}
                decoded, skipped = tokenizer.decode(ids), tokenizer.decode(ids, skip_special_tokens=True)
                if decoded != text:
                    row["decoded"] = decoded
                if skipped != decoded:
                    row["skipped"] = skipped
                output.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
