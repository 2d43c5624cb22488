#!/usr/bin/env python3
"""Writes tests/data/rewards/tinyzero.jsonl: what TinyZero's published Countdown rule gives for a list of completions.

The rule, restated (published in Jiayi-Pan/TinyZero, verl/utils/reward_score/countdown.py):
  - only the last line of the response counts; in it the last <answer>...</answer> pair, stripped; no pair: 0
  - the runs of digits in the answer must be the given numbers, each exactly once; otherwise 0.1
  - the answer may hold digits, + - * / ( ) . and white space only, and Python evaluates it; otherwise 0.1
  - a result closer than 1e-5 to the target gives 1, any other 0.1
This script asks Python itself for the arithmetic, so that the C++ evaluator is held against an independent one.

Usage: python3 tools/tinyzero_countdown_cases.py [OUT.jsonl]      (checked with Python 3.11)
"""

import json
import pathlib
import re
import sys
import warnings

ANSWER = re.compile("<answer>(.*?)</answer>")
ALLOWED = re.compile(r"[\d+\-*/().\s]+")


def answer_of(completion):
    pairs = ANSWER.findall(completion.rpartition("\n")[2])
    return pairs[-1].strip() if pairs else None


def uses_exactly(answer, nums):
    return sorted(map(int, re.findall(r"\d+", answer))) == sorted(nums)


def result_of(answer):
    """The value, or None where Python cannot give a number."""
    if not ALLOWED.fullmatch(answer):
        return None
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return eval(answer, {"__builtins__": None}, {})
    except Exception:
        return None


def score(completion, nums, target):
    answer = answer_of(completion)
    if answer is None:
        return 0.0
    if not uses_exactly(answer, nums):
        return 0.1
    value = result_of(answer)
    try:
        return 1.0 if abs(value - target) < 1e-5 else 0.1
    except TypeError:
        return 0.1


# (answer, nums, target, why); each becomes one completion that ends in <answer>answer</answer>
ANSWERS = [
    ("3+7+12", [3, 7, 12], 22, "plain"),
    ("12/(7-3)", [3, 7, 12], 3, "brackets"),
    ("8/(3-8/3)", [3, 3, 8, 8], 24, "floats land within the tolerance"),
    ("1/49*49", [1, 49, 49], 1, "0.9999999999999999 is within the tolerance"),
    ("  3 + 7\t", [3, 7], 10, "spaces and tabs"),
    ("\u00a03+7\u3000", [3, 7], 10, "no-break and ideographic spaces at the ends are stripped"),
    ("\x1c3+7\x1f", [3, 7], 10, "separators at the ends are stripped"),
    ("3\u00a0+7", [3, 7], 10, "no-break space inside is a syntax error"),
    ("3\x0c+7", [3, 7], 10, "form feed inside is white space to Python"),
    ("3\x0b+7", [3, 7], 10, "vertical tab inside is not"),
    ("3\r+7", [3, 7], 10, "carriage return ends the expression"),
    ("(3\r+7)", [3, 7], 10, "but not inside brackets"),
    ("3+7\r", [3, 7], 10, "carriage return at the end"),
    ("1.2*5", [1, 2, 5], 6, "hole: the point joins two numbers"),
    ("1.5+2", [1, 2, 5], 3, "hole: the point joins two numbers, wrong value"),
    ("1.5*2", [1, 2, 5], 3, "hole: the point joins two numbers"),
    (".5*8", [5, 8], 4, "hole: leading point"),
    ("5.*8", [5, 8], 40, "hole: trailing point"),
    ("5..8", [5, 8], 40, "two points"),
    ("1.2.3", [1, 2, 3], 6, "two points in one number"),
    ("5 .8", [5, 8], 40, "two numbers in a row"),
    (".+5", [5], 5, "lone point"),
    ("...", [5], 5, "ellipsis"),
    ("2**3", [2, 3], 8, "hole: power"),
    ("2 ** 3", [2, 3], 8, "hole: power, spaced"),
    ("2* *3", [2, 3], 8, "power, torn"),
    ("2**3**2", [2, 2, 3], 512, "power is right associative"),
    ("(2**3)**2", [2, 2, 3], 64, "brackets before power"),
    ("-2**2", [2, 2], -4, "power before sign"),
    ("(-2)**2", [2, 2], 4, "sign in brackets"),
    ("2**-1*4", [1, 2, 4], 2, "negative exponent makes a float"),
    ("4**.5", [4, 5], 2, "broken exponent"),
    ("(-8)**(1/3)", [1, 3, 8], -2, "complex number"),
    ("0**0", [0, 0], 1, "0**0 is 1"),
    ("0**-1", [0, 1], 0, "0 to a negative power"),
    ("2.0**3", [0, 2, 3], 8, "float power"),
    ("99**99-98", [98, 99, 99], 1, "large but wrong"),
    ("7//2", [2, 7], 3, "hole: integer division"),
    ("7/ /2", [2, 7], 3, "integer division, torn"),
    ("7///2", [2, 7], 3, "three strokes"),
    ("-7//2", [2, 7], -4, "integer division rounds down"),
    ("7//-2", [2, 7], -4, "integer division by a negative"),
    ("-7//-2", [2, 7], 3, "integer division of negatives"),
    ("7.0//2", [0, 2, 7], 3, "integer division of floats"),
    ("1//.1", [1, 1], 9, "integer division of floats is 9, not 10"),
    ("1//.1", [1, 1], 10, "integer division of floats is 9, not 10"),
    ("-7.0//2", [0, 2, 7], -4, "integer division of negative floats"),
    ("100//8//3", [3, 8, 100], 4, "left associative"),
    ("7//0", [0, 7], 0, "integer division by zero"),
    ("7/0", [0, 7], 0, "division by zero"),
    ("7/(3-3)", [3, 3, 7], 0, "hidden zero"),
    ("7/0.0", [0, 0, 7], 0, "division by a float zero"),
    ("0/0", [0, 0], 0, "0/0"),
    ("--3+7", [3, 7], 10, "hole: signs"),
    ("-+-+3+7", [3, 7], 10, "hole: mixed signs"),
    ("7--3", [3, 7], 10, "hole: minus minus"),
    ("3*-7", [3, 7], -21, "sign behind an operator"),
    ("*3+7", [3, 7], 10, "star in front"),
    ("-" * 200 + "3+7", [3, 7], 10, "many signs"),
    ("007+3", [3, 7], 10, "leading zeros are a syntax error"),
    ("00+5", [0, 5], 5, "but not in front of zero only"),
    ("007.+3", [3, 7], 10, "nor in a float"),
    ("0.0000001+1", [0, 1, 1], 1, "digits behind the point count as 1; within the tolerance"),
    ("0.0001+1", [0, 1, 1], 1, "outside the tolerance"),
    ("99999*99999/99998", [99998, 99999, 99999], 100000, "off by 1.00002e-5"),
    ("999999*999999/999998", [999998, 999999, 999999], 1000000, "off by 1e-6: accepted"),
    ("2(3)", [2, 3], 6, "a call"),
    ("(2)(3)", [2, 3], 6, "a call of brackets"),
    ("2()", [2], 2, "an empty call"),
    ("()", [2], 2, "empty brackets"),
    ("(3+7", [3, 7], 10, "bracket never closed"),
    ("3+7)", [3, 7], 10, "bracket never opened"),
    ("3+", [3], 3, "operator at the end"),
    ("3 7", [3, 7], 10, "two numbers in a row"),
    ("(" * 200 + "7" + ")" * 200, [7], 7, "200 brackets"),
    ("(" * 201 + "7" + ")" * 201, [7], 7, "201 brackets"),
    ("3+7=10", [3, 7, 10], 10, "equals sign"),
    ("1e3", [1, 3], 1000, "exponent"),
    ("1_0+5", [5, 10], 15, "underscore"),
    ("1_0+5", [0, 1, 5], 15, "underscore, digits listed apart"),
    ("1,000+5", [5, 1000], 1005, "comma"),
    ("0x10", [0, 10], 16, "hex"),
    ("7%4", [4, 7], 3, "modulo"),
    ("3\u00d77", [3, 7], 21, "multiplication sign"),
    ("\uff13+\uff17", [3, 7], 10, "full-width digits count as digits but do not evaluate"),
    ("3+7\x00", [3, 7], 10, "NUL byte"),
    ("", [3, 7], 10, "empty"),
    ("  ", [3, 7], 10, "white space only"),
    ("3+7", [3, 7, 12], 10, "a number missing"),
    ("3+7+7", [3, 7], 17, "reuse"),
    ("37", [3, 7], 37, "digits joined"),
    ("24", [3, 7, 12], 24, "the target"),
    ("5-8", [5, 8], -3, "negative target"),
    ("3+8", [3, 8], 10, "wrong value"),
    ("(-4)**.5", [4, 5], 2, "root of a negative number"),
    ("9" * 400 + ".0*0", [0, 0, 9], 0, "number far too long"),
]

# (completion, nums, target, why)
COMPLETIONS = [
    ("", [3, 7], 10, "empty completion"),
    ("3+7", [3, 7], 10, "no tags"),
    ("<answer>3+7", [3, 7], 10, "never closed"),
    ("3+7</answer>", [3, 7], 10, "never opened"),
    ("<ANSWER>3+7</ANSWER>", [3, 7], 10, "upper case"),
    ("<answer>3+7</answer>", [3, 7], 10, "no think block needed"),
    ("x <answer>3+7</answer> still thinking", [3, 7], 10, "think block never closed"),
    ("a</think>\n<answer>\n3+7\n</answer>", [3, 7], 10, "answer over lines: not on the last line"),
    ("a</think>\n<answer>3+7</answer>\n", [3, 7], 10, "line end behind the answer: the last line is empty"),
    ("a</think>\n<answer>3+7</answer>\nDone.", [3, 7], 10, "a line behind the answer"),
    ("a</think>\n<answer>3+7</answer> Done.", [3, 7], 10, "text behind the answer on its line"),
    ("a</think>\r<answer>3+7</answer>", [3, 7], 10, "a carriage return is no line end here"),
    ("<answer>3*7</answer><answer>3+7</answer>", [3, 7], 10, "the last of two counts"),
    ("<answer>3+7</answer><answer>3*7</answer>", [3, 7], 10, "the last of two counts, wrong"),
    ("<answer>3+7</answer>\n<answer>3*7</answer>", [3, 7], 10, "the last line counts"),
    ("<answer>3+7</answer><answer>3*7", [3, 7], 10, "the last closed one counts"),
    ("<answer><answer>3+7</answer></answer>", [3, 7], 10, "nested: from the first opening to the first closing tag"),
    ("<answer>1</answer>2</answer>", [1], 1, "from the first opening to the first closing tag"),
    ("<answer>9<answer>3+7</answer>", [3, 7], 10, "opened twice"),
    ("</answer><answer>3+7</answer>", [3, 7], 10, "closing tag in front"),
    ("<answer></answer>", [3, 7], 10, "empty answer"),
    ("User: Assistant: <answer>3+7</answer>", [3, 7], 10, "role words in the completion"),
]


def rows():
    for answer, nums, target, why in ANSWERS:
        yield "Some tries.</think>\n<answer>" + answer + "</answer>", nums, target, why
    yield from COMPLETIONS


def main():
    default = pathlib.Path(__file__).resolve().parent.parent / "tests/data/rewards/tinyzero.jsonl"
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    with out.open("w", encoding="utf-8", newline="\n") as file:
        for completion, nums, target, why in rows():
            row = {"nums": nums, "target": target, "completion": completion,
                   "value": score(completion, nums, target), "why": why}
            file.write(json.dumps(row) + "\n")


if __name__ == "__main__":
    main()
