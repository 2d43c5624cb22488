#!/usr/bin/env python3
"""Trains the small tokenizers of tests/data/tokenizers and writes what `tokenizers` makes of test texts.

    pip install tokenizers
    tools/train_test_tokenizers.py tests/data/tokenizers

Each folder gets a tokenizer.json with the components of a model family (patterns as published in its own file), or one with the
components that no family uses together, and golden.jsonl: rows text, ids, decoded (special tokens kept; missing if it is the text),
skipped (special tokens left out; missing if it is decoded).
The vocabularies come from the texts in this file only.
"""
import argparse
import json
import pathlib
import random

from compare_tokenizers import CONTRACTIONS, EMOJI, LATEX, SPACES, prose, random_strings, structured
from tokenizers import AddedToken, Regex, Tokenizer, decoders, normalizers, pre_tokenizers, processors
from tokenizers.models import BPE
from tokenizers.trainers import BpeTrainer

QWEN2 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
LLAMA3 = QWEN2.replace(r"|\p{N}|", r"|\p{N}{1,3}|")
DEEPSEEK = [
    r"\p{N}{1,3}",
    "[一-龥぀-ゟ゠-ヿ]+",
    "[!\"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_`{|}~][A-Za-z]+|[^\r\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\r\n]*|\\s*[\r\n]+|\\s+(?!\\S)|\\s+",
]
O200K = "|".join(
    [
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
        r"\p{N}{1,3}",
        r" ?[^\s\p{L}\p{N}]+[\r\n/]*",
        r"\s*[\r\n]+",
        r"\s+(?!\S)",
        r"\s+",
    ]
)
CL100K = r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"

CORPUS = [
    "The quick brown fox jumps over the lazy dog, and then it does it again because nobody said that it shouldn't.",
    "Let us think step by step: first we add the numbers, then we check the answer against the question.",
    "def encode(self, text):\n    for index, token in enumerate(tokens):\n        if token in self.vocabulary:\n            return None\n",
    "#include <vector>\nint main() { std::vector<int> values = {1, 2, 3}; return values.size() == 3 ? 0 : 1; }\n",
    r"We have $\frac{1}{2} \cdot x^{2} + \sum_{i=1}^{n} a_i = \sqrt{y}$, so that \boxed{42} is the answer.",
    '{"question": "What is 12 + 30?", "answer": 42, "correct": true, "steps": [1, 2, 3], "note": null}',
    "Der schnelle braune Fuchs springt über den faulen Hund; größer, schöner, weiter.",
    "Le cœur déçu mais l'âme plutôt naïve, Louÿs rêva de crapaüter en canoë au delà des îles.",
    "Быстрая коричневая лиса прыгает через ленивую собаку, и мы считаем её шаги.",
    "Η γρήγορη καφέ αλεπού πηδάει πάνω από το τεμπέλικο σκυλί.",
    "快速的棕色狐狸跳过懒狗。我们先把数字加起来，然后检查答案。",
    "素早い茶色の狐はのろまな犬を飛び越える。カタカナとひらがな。",
    "빠른 갈색 여우가 게으른 개를 뛰어넘는다.",
    "الثعلب البني السريع يقفز فوق الكلب الكسول.",
    "השועל החום המהיר קופץ מעל הכלב העצלן.",
    "तेज भूरी लोमड़ी आलसी कुत्ते के ऊपर कूदती है।",
    "สุนัขจิ้งจอกสีน้ำตาลกระโดดข้ามสุนัขขี้เกียจ",
    "3 + 4 = 7, 12 * 12 = 144, 1000000 / 8 = 125000; 2024-11-22 10:30:00",
    "😀 👍🏽 ❤️ ☕ 🇩🇪",
]


def byte_level(pattern: str | list[str], normalizer=None, **options) -> Tokenizer:
    patterns = [pattern] if isinstance(pattern, str) else pattern
    tokenizer = Tokenizer(BPE(**options))
    if normalizer:
        tokenizer.normalizer = normalizer
    splits = [pre_tokenizers.Split(Regex(one), "isolated", False) for one in patterns]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(splits + [pre_tokenizers.ByteLevel(add_prefix_space=False, trim_offsets=True, use_regex=False)])
    tokenizer.decoder = decoders.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return tokenizer


def trained(tokenizer: Tokenizer, vocab_size: int, special: list, alphabet: bool = True) -> Tokenizer:
    initial = pre_tokenizers.ByteLevel.alphabet() if alphabet else []
    trainer = BpeTrainer(vocab_size=vocab_size, special_tokens=special, initial_alphabet=initial, show_progress=False)
    tokenizer.train_from_iterator(CORPUS * 3, trainer)
    return tokenizer


def gpt2() -> Tokenizer:
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    return trained(tokenizer, 600, ["<|endoftext|>"])


def qwen2() -> Tokenizer:
    tokenizer = trained(byte_level(QWEN2, normalizers.NFC()), 700, [])
    tokenizer.add_special_tokens(["<|endoftext|>", "<|im_start|>", "<|im_end|>"])
    tokenizer.add_tokens([AddedToken(token, normalized=False) for token in ("<think>", "</think>", "<tool_call>")])
    return tokenizer


def llama3() -> Tokenizer:
    tokenizer = trained(byte_level(LLAMA3, ignore_merges=True), 700, [])
    tokenizer.add_special_tokens(["<|begin_of_text|>", "<|end_of_text|>", "<|eot_id|>"])
    begin = ("<|begin_of_text|>", tokenizer.token_to_id("<|begin_of_text|>"))
    template = processors.TemplateProcessing(single="<|begin_of_text|> $A", pair="<|begin_of_text|> $A <|begin_of_text|>:1 $B:1", special_tokens=[begin])
    tokenizer.post_processor = processors.Sequence([processors.ByteLevel(trim_offsets=False), template])
    return tokenizer


def deepseek() -> Tokenizer:
    tokenizer = byte_level(DEEPSEEK, normalizers.Sequence([]))
    tokenizer = trained(tokenizer, 700, ["<｜begin▁of▁sentence｜>", "<｜end▁of▁sentence｜>", "<｜▁pad▁｜>"])
    tokenizer.add_tokens([AddedToken(token, normalized=True) for token in ("<think>", "</think>")])
    tokenizer.add_special_tokens(["<｜User｜>", "<｜Assistant｜>"])
    return tokenizer


def smollm2() -> Tokenizer:
    tokenizer = Tokenizer(BPE())
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel()
    return trained(tokenizer, 600, ["<|endoftext|>", "<|im_start|>", "<|im_end|>"])


def llama2() -> Tokenizer:
    tokenizer = Tokenizer(BPE(unk_token="<unk>", fuse_unk=True, byte_fallback=True))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
    special = ["<unk>", "<s>", "</s>"] + [f"<0x{byte:02X}>" for byte in range(256)]
    tokenizer = trained(tokenizer, 700, special, alphabet=False)
    data = json.loads(tokenizer.to_str())  # the bytes are tokens of the vocabulary only
    data["added_tokens"] = data["added_tokens"][:3]
    data["decoder"] = json.loads(
        '{"type": "Sequence", "decoders": [{"type": "Replace", "pattern": {"String": "▁"}, "content": " "}, {"type": "ByteFallback"}, {"type": "Fuse"}, '
        '{"type": "Strip", "content": " ", "start": 1, "stop": 0}]}'
    )
    return Tokenizer.from_str(json.dumps(data))


def metaspace() -> Tokenizer:
    tokenizer = Tokenizer(BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(prepend_scheme="first", split=True)
    tokenizer.decoder = decoders.Metaspace(prepend_scheme="first")
    return trained(tokenizer, 500, ["<unk>", "<s>"], alphabet=False)


def flags() -> Tokenizer:
    """Added tokens with every flag, behind a normalizer."""
    tokenizer = byte_level(O200K, normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()]))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([pre_tokenizers.Split(Regex(O200K), "removed", True), pre_tokenizers.ByteLevel(add_prefix_space=True, use_regex=False)])
    tokenizer = trained(tokenizer, 400, [])
    tokenizer.add_tokens([
        AddedToken("<left>", lstrip=True, normalized=False),
        AddedToken("<right>", rstrip=True, normalized=False),
        AddedToken("<both>", lstrip=True, rstrip=True, special=True, normalized=False),
        AddedToken("word", single_word=True, normalized=False),
        AddedToken("Lower", normalized=True),
        AddedToken("ﬁne", single_word=True, normalized=True),
        AddedToken("<a>", normalized=False),
        AddedToken("<a><b>", normalized=False),
    ])  # fmt: skip
    return tokenizer


def splits() -> Tokenizer:
    """Pre-tokenizers with every way to treat a match."""
    tokenizer = Tokenizer(BPE(unk_token="<unk>", fuse_unk=False))
    tokenizer.normalizer = normalizers.Sequence([normalizers.Strip(), normalizers.Replace(Regex(r"[ \t]{2,}"), " "), normalizers.NFD()])
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.WhitespaceSplit(),
        pre_tokenizers.Digits(individual_digits=False),
        pre_tokenizers.Split("-", "merged_with_previous"),
        pre_tokenizers.Split(Regex("[.=]"), "merged_with_next"),
        pre_tokenizers.Split(Regex(r"[\p{Lu}&&[^A-C]]"), "contiguous"),
        pre_tokenizers.Punctuation("isolated"),
        pre_tokenizers.Whitespace(),
    ])  # fmt: skip
    return trained(tokenizer, 400, ["<unk>"], alphabet=False)


def possessive() -> Tokenizer:
    return trained(byte_level(CL100K), 400, [])


FAMILIES = [gpt2, qwen2, llama3, deepseek, smollm2, llama2, metaspace, flags, splits, possessive]


def texts(special: list[str]) -> list[str]:
    rng = random.Random(1)
    rows = list(CORPUS) + CONTRACTIONS + SPACES + EMOJI + LATEX
    rows += [prose(rng, script, 30) for script in ("latin", "greek", "cyrillic", "arabic", "hebrew", "devanagari", "thai", "han", "kana", "hangul")]
    rows += [structured(rng)[:150]]
    rows += [chr(c) for c in (0, 0x7F, 0xAD, 0x378, 0x1C89, 0xA7CB, 0x11DE0, 0xFFFF, 0x10FFFF, 0x1E9E, 0xFB01, 0x2126, 0x212B)]
    rows += ["1" * n for n in range(1, 8)] + [" " * n + "x" for n in range(1, 6)] + ["\n" * n for n in range(1, 4)]
    rows += ["e\u0301", "\u1100\u1161\u11a8", "a\u0323\u0307", "A\u030a", "\u0344", "a \u0301"]
    rows += ["a" * 100, "ab" * 30, "the" * 20, " = " * 12]
    rows += [f"a {token}  b{token}{token}c" for token in special] + [token[:-1] + " " + token[1:] for token in special]
    return rows + list(random_strings(special, 30, 2))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()
    for family in FAMILIES:
        folder = options.output / family.__name__
        folder.mkdir(parents=True, exist_ok=True)
        tokenizer = family()
        (folder / "tokenizer.json").write_text(tokenizer.to_str(pretty=False) + "\n", encoding="utf-8")
        added = [token.content for token in tokenizer.get_added_tokens_decoder().values()]
        with (folder / "golden.jsonl").open("w", encoding="utf-8") as output:
            for text in texts(added):
                ids = tokenizer.encode(text, add_special_tokens=False).ids
                row = {"text": text, "ids": ids}
                decoded, skipped = tokenizer.decode(ids, skip_special_tokens=False), tokenizer.decode(ids)
                if decoded != text:
                    row["decoded"] = decoded
                if skipped != decoded:
                    row["skipped"] = skipped
                output.write(json.dumps(row, ensure_ascii=False, separators=(",", ":")) + "\n")


if __name__ == "__main__":
    main()
