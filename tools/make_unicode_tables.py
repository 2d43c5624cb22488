#!/usr/bin/env python3
"""Writes model/unicode_tables.cc: the character data that tokenizers depend on.

    pip install regex==2025.7.34 tokenizers
    tools/make_unicode_tables.py model/unicode_tables.cc

General categories are those of Unicode 16, as the package `tokenizers` has them; of the PyPI package `regex`, versions
2024.9.11 to 2025.7.34 hold that version. Everything else is asked of `tokenizers` itself, whose libraries hold other versions: an
older one for normalisation and punctuation, Rust's for digits and lower case. Python's own unicodedata only supplies the form of
the decompositions; every code point is checked against `tokenizers`.
"""
import argparse
import pathlib
import unicodedata

import regex
from tokenizers import normalizers, pre_tokenizers

CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()
HANGUL = range(0xAC00, 0xD7A4)
SCALARS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
NFD, NFC, NFKD = normalizers.NFD(), normalizers.NFC(), normalizers.NFKD()


def general_categories() -> list[int]:
    """Rows first << 5 | category, for the ranges that cover all code points."""
    text = "".join(map(chr, range(0x110000)))
    category = bytearray([255]) * len(text)
    for index, name in enumerate(CATEGORIES):
        for match in regex.finditer(r"\p{%s}+" % name, text):
            category[match.start() : match.end()] = bytes([index]) * (match.end() - match.start())
    assert 255 not in category
    assert regex.match(r"\p{L}", "\u1c89") and not regex.match(r"\p{L}", "\U000323b0"), "regex does not have Unicode 16"
    return [c << 5 | category[c] for c in range(len(category)) if c == 0 or category[c] != category[c - 1]]


def combining_classes() -> list[int]:
    """Rows first, count, class."""
    rows: list[list[int]] = []
    for c in SCALARS:
        klass = unicodedata.combining(chr(c))
        # U+0334 has class 1: it moves before every character with a higher one
        moves = NFD.normalize_str("a" + chr(c) + "\u0334") == "a\u0334" + NFD.normalize_str(chr(c))
        if len(NFD.normalize_str(chr(c))) == 1 and moves != (klass > 1) and c != 0x334:
            assert klass and not moves, f"U+{c:04X}: tokenizers has a combining class that unicodedata has not"
            klass = 0
        if klass and rows and rows[-1][0] + rows[-1][1] == c and rows[-1][2] == klass:
            rows[-1][1] += 1
        elif klass:
            rows.append([c, 1, klass])
    return sum(rows, [])


def decompositions() -> tuple[dict[int, list[int]], dict[int, list[int]]]:
    """One step of the canonical and of the compatibility decomposition."""
    canonical, compatibility = {}, {}
    for c in SCALARS:
        fields = unicodedata.decomposition(chr(c)).split()
        if not fields or c in HANGUL:
            continue
        parts = [int(field, 16) for field in fields if field[0] != "<"]
        table, form = (compatibility, NFKD) if fields[0][0] == "<" else (canonical, NFD)
        if form.normalize_str(chr(c)) != chr(c):
            table[c] = parts
    return canonical, compatibility


def full(c: int, tables: list[dict[int, list[int]]]) -> str:
    for table in tables:
        if c in table:
            return "".join(full(part, tables) for part in table[c])
    return unicodedata.normalize("NFD", chr(c)) if c in HANGUL else chr(c)


def check_decompositions(canonical: dict[int, list[int]], compatibility: dict[int, list[int]]) -> None:
    for c in SCALARS:
        assert full(c, [canonical]) == NFD.normalize_str(chr(c)), f"NFD of U+{c:04X}"
        assert full(c, [canonical, compatibility]) == NFKD.normalize_str(chr(c)), f"NFKD of U+{c:04X}"


def lower_cases() -> list[int]:
    """Rows first, count, step, difference (modulo 2^32)."""
    rows: list[list[int]] = []
    for c in SCALARS:
        lower = normalizers.Lowercase().normalize_str(chr(c))
        if c == 0x130:
            assert lower == "i\u0307"  # the one character with a longer lower case; in the code
        if lower == chr(c) or c == 0x130:
            continue
        delta = (ord(lower) - c) % 2**32
        last = rows[-1] if rows else [0, 0, 0, 0]
        step = c - (last[0] + (last[1] - 1) * last[2])
        if last[3] == delta and last[1] == 1 and step in (1, 2):
            last[1:3] = [2, step]
        elif last[3] == delta and step == last[2]:
            last[1] += 1
        else:
            rows.append([c, 1, 1, delta])
    return sum(rows, [])


def removed_by(pre_tokenizer: pre_tokenizers.PreTokenizer) -> list[int]:
    """Rows first, count, of the characters that a pre-tokenizer does not join with a letter."""
    rows: list[list[int]] = []
    for c in SCALARS:
        if len(pre_tokenizer.pre_tokenize_str("a" + chr(c))) == 1:
            continue
        if rows and sum(rows[-1]) == c:
            rows[-1][1] += 1
        else:
            rows.append([c, 1])
    return sum(rows, [])


def array(name: str, comment: str, numbers: list[int]) -> str:
    lines, line = [], ""
    for number in numbers:
        item = f"{number},"
        if len(line) + len(item) > 98:
            lines.append("  " + line)
            line = ""
        line += item
    lines.append("  " + line)
    body = "\n".join(lines)
    return f"// {comment}\nextern const uint32_t {name}[] = {{\n{body}\n}};\nextern const size_t {name}Size = {len(numbers)};\n"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("output", type=pathlib.Path)
    options = parser.parse_args()
    canonical, compatibility = decompositions()
    check_decompositions(canonical, compatibility)
    excluded = [c for c, parts in canonical.items() if len(parts) == 2 and NFC.normalize_str(chr(c)) != chr(c)]
    arrays = [
        array("kCategoryRanges", "First code point << 5 | category, in the order of kCategoryNames.", general_categories()),
        array("kCombiningClasses", "First code point, count, canonical combining class.", combining_classes()),
        array("kCanonical", "Code point, its canonical decomposition (second 0: none).", sum(([c] + (p + [0])[:2] for c, p in canonical.items()), [])),
        array("kCompatibility", "Code point, length, its compatibility decomposition.", sum(([c, len(p)] + p for c, p in compatibility.items()), [])),
        array("kNotComposed", "Characters with a canonical decomposition into two that is not undone.", excluded),
        array("kNumeric", "First code point, count, of what the pre-tokenizer Digits splits.", removed_by(pre_tokenizers.Digits())),
        array("kPunctuation", "First code point, count, of what the pre-tokenizer Punctuation splits.", removed_by(pre_tokenizers.Punctuation())),
        array("kLowerCase", "First code point, count, step, difference to the lower case.", lower_cases()),
    ]
    options.output.write_text(
        "// Generated by tools/make_unicode_tables.py; do not edit.\n// clang-format off\n"
        '#include "model/unicode_tables.h"\n\nnamespace r1::model {\n\n'
        f'extern const char* const kCategoryNames[] = {{{", ".join(chr(34) + c + chr(34) for c in CATEGORIES)}}};\n'
        f"extern const size_t kCategoryNamesSize = {len(CATEGORIES)};\n\n" + "\n".join(arrays) + "\n}  // namespace r1::model\n"
    )


if __name__ == "__main__":
    main()
