"""Writes model/unicode_case_tables.inc: case mappings and printable characters as Python's str has them.

    python3.11 tools/make_unicode_case.py > model/unicode_case_tables.inc

Python 3.11 knows Unicode 14. A run {first, last, step, delta} maps first, first + step, ... last to themselves plus delta; what
maps to several characters is listed one by one.
"""

import sys
import unicodedata


def runs(mapping):
    """The fewest runs of a {code point: delta} table that a greedy walk finds."""
    found = []
    for code, delta in sorted(mapping.items()):
        if found:
            first, last, step, known = found[-1]
            if delta == known and (first == last and code - last <= 2 or code - last == step):
                found[-1] = (first, code, code - last, known)
                continue
        found.append((code, code, 1, delta))
    return found


def main():
    print(f"// Unicode {unicodedata.unidata_version}; made by tools/make_unicode_case.py.")
    characters = [chr(code) for code in range(0x110000) if not 0xD800 <= code < 0xE000]
    for name in ("upper", "lower", "title"):
        simple, special = {}, {}
        for c in characters:
            mapped = getattr(c, name)()
            if len(mapped) > 1:
                special[c] = mapped
            elif mapped != c:
                simple[ord(c)] = ord(mapped) - ord(c)
        table = runs(simple)
        print(f"constexpr CaseRun k{name.title()}Runs[] = {{")
        for i in range(0, len(table), 4):
            print("    " + " ".join("{0x%x, 0x%x, %d, %d}," % run for run in table[i : i + 4]))
        print("};")
        print(f"constexpr CaseSpecial k{name.title()}Specials[] = {{")
        entries = sorted(special.items())
        for i in range(0, len(entries), 3):
            print("    " + " ".join("{0x%x, {%s}}," % (ord(c), ", ".join(hex(ord(m)) for m in mapped)) for c, mapped in entries[i : i + 3]))
        print("};")
    unprintable, start = [], None
    for code in range(0x110001):
        is_bad = code < 0x110000 and not chr(code).isprintable()
        if is_bad and start is None:
            start = code
        if not is_bad and start is not None:
            unprintable.append((start, code - 1))
            start = None
    print("constexpr CodeRange kUnprintable[] = {")
    for i in range(0, len(unprintable), 6):
        print("    " + " ".join("{0x%x, 0x%x}," % pair for pair in unprintable[i : i + 6]))
    print("};")
    return 0


if __name__ == "__main__":
    sys.exit(main())
