#!/usr/bin/env python3
"""Writes tests/data/code/agreement.jsonl: programs with tests, and what a plain runner makes of them.

Every row is {id, completion, language, tests, verdict, passed, total}. The problems and programs are those of code_problems.py; the
verdicts come from running them here with subprocess.run, without any isolation, so that they are a reference that shares nothing with
the sandbox. The programs are harmless; they are run in a temporary folder with a limit on time.

    python3 tools/make_code_cases.py [OUT.jsonl]        (checked with Python 3.11 and g++ 12; about two minutes)

The rules:
  stdin     LiveCodeBench: both texts stripped, as many lines, each line equal when stripped or all its tokens decimal numbers of equal
            value. With a tolerance, tokens are equal as text or numbers with |a - b| <= tolerance * max(1, |b|).
  call      the function, or the method of class Solution, called in a new process for each case; tuples count as lists, keys of a
            dict as text; numbers by value, and within the tolerance where there is one. The module is imported, not run as main.
  assert    the statements one after another in one process; AssertionError is wrong_answer, another exception runtime_error
  checker   exit code 0 of the checker accepts, 1 refuses
  verdict   of the first case that failed. With score "all" the cases behind it are not run and not counted in `passed`.
  compile_error also for Python that does not compile; runtime_error for an exit code that is not 0, even behind the right output.
"""

import decimal
import itertools
import json
import os
import pathlib
import re
import subprocess
import sys
import tempfile

import code_problems

TIME_LIMIT_S = 1
WALL_S = 2 * TIME_LIMIT_S + 1
ACCEPTED, WRONG, COMPILE, RUNTIME, TIME = "accepted", "wrong_answer", "compile_error", "runtime_error", "time_limit"
ENVIRONMENT = {"PATH": "/usr/local/bin:/usr/bin:/bin", "LANG": "C.UTF-8", "PYTHONHASHSEED": "0"}

CALLER = """
import importlib.util, json, sys
sys.dont_write_bytecode = True
entry, given, result = sys.argv[1:]
spec = importlib.util.spec_from_file_location("program", "program.py")
program = sys.modules["program"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)
function = getattr(program, entry) if hasattr(program, entry) else getattr(program.Solution(), entry)
value = function(*json.loads(given))
with open(result, "w") as file:
    json.dump(value, file)
"""

ASSERTER = """
import importlib.util, json, sys
sys.dont_write_bytecode = True
given, result = sys.argv[1:]
file = open(result, "w")
spec = importlib.util.spec_from_file_location("program", "program.py")
program = sys.modules["program"] = importlib.util.module_from_spec(spec)
spec.loader.exec_module(program)
space = dict(vars(program), __name__="assertions")
for statement in json.loads(given):
    try:
        exec(statement, space)
        verdict = "accepted"
    except AssertionError:
        verdict = "wrong_answer"
    except Exception:
        verdict = "runtime_error"
    print(verdict, file=file, flush=True)
"""


# ---- comparing

NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)


def decimals(text):
    """The tokens of a line as numbers, or None where one is no number."""
    tokens = text.split()
    return [decimal.Decimal(token) for token in tokens] if all(map(NUMBER.fullmatch, tokens)) else None


def near(a, b, tolerance):
    return abs(a - b) <= tolerance * max(1, abs(b))


def same_token(a, b, tolerance):
    return a == b or bool(NUMBER.fullmatch(a) and NUMBER.fullmatch(b)) and near(float(a), float(b), tolerance)


def same_line(a, b, tolerance):
    if a.strip() == b.strip():
        return True
    if tolerance is None:
        return decimals(a) is not None and decimals(a) == decimals(b)
    tokens, wanted = a.split(), b.split()
    return len(tokens) == len(wanted) and all(same_token(x, y, tolerance) for x, y in zip(tokens, wanted))


def same_output(output, expected, tolerance):
    lines, wanted = output.strip().split("\n"), expected.strip().split("\n")
    return len(lines) == len(wanted) and all(same_line(a, b, tolerance) for a, b in zip(lines, wanted))


def is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def same_value(value, expected, tolerance):
    """Of two values that came from JSON."""
    if is_number(value) and is_number(expected):
        return value == expected or tolerance is not None and near(value, expected, tolerance)
    if isinstance(value, list) and isinstance(expected, list):
        return len(value) == len(expected) and all(same_value(a, b, tolerance) for a, b in zip(value, expected))
    if isinstance(value, dict) and isinstance(expected, dict):
        return value.keys() == expected.keys() and all(same_value(value[key], expected[key], tolerance) for key in value)
    return type(value) is type(expected) and value == expected


# ---- running


def run(command, folder, text=""):
    """(verdict or None, standard output) of a command."""
    try:
        done = subprocess.run(command, input=text.encode(), capture_output=True, timeout=WALL_S, cwd=folder, env=ENVIRONMENT)
    except subprocess.TimeoutExpired:
        return TIME, ""
    return RUNTIME if done.returncode else None, done.stdout.decode("utf-8", "replace")


class Judge:
    """One program against tests. `binaries` keeps what was compiled."""

    def __init__(self, language, source, tests, binaries):
        self.source, self.tests, self.binaries = source, tests, binaries
        self.language = language

    def compile(self):
        """The command that runs the program, or None."""
        if self.language == "python":
            try:
                compile(self.source, "program.py", "exec")
            except (SyntaxError, ValueError):
                return None
            return [sys.executable, "program.py"]
        if self.source not in self.binaries:
            path = os.path.join(self.binaries["folder"], str(len(self.binaries)))
            done = subprocess.run(["g++", "-std=c++17", "-O2", "-w", "-x", "c++", "-o", path, "-"], input=self.source.encode(), capture_output=True)
            self.binaries[self.source] = path if done.returncode == 0 else None
        path = self.binaries[self.source]
        return path and [path]

    def verdicts(self, command):
        """The verdict of each case, in turn."""
        kind = self.tests["type"]
        if kind == "assert":
            yield from self.assertion_verdicts()
            return
        for case in self.tests["cases"]:
            with tempfile.TemporaryDirectory() as folder:
                pathlib.Path(folder, "program.py").write_text(self.source, encoding="utf-8")
                if kind == "call":
                    yield self.call_verdict(folder, case)
                    continue
                verdict, output = run(command, folder, case["input"])
                if verdict:
                    yield verdict
                elif kind == "checker":
                    yield self.checker_verdict(folder, case, output)
                else:
                    yield ACCEPTED if same_output(output, case["output"], self.tests.get("tolerance")) else WRONG

    def call_verdict(self, folder, case):
        result = pathlib.Path(folder, "result.json")
        verdict, _ = run([sys.executable, "-c", CALLER, self.tests["entry"], json.dumps(case["args"]), str(result)], folder)
        if verdict:
            return verdict
        return ACCEPTED if same_value(json.loads(result.read_text()), case["expected"], self.tests.get("tolerance")) else WRONG

    def assertion_verdicts(self):
        code = self.tests["code"]
        with tempfile.TemporaryDirectory() as folder:
            pathlib.Path(folder, "program.py").write_text(self.source, encoding="utf-8")
            result = pathlib.Path(folder, "result.txt")
            result.touch()
            verdict, _ = run([sys.executable, "-c", ASSERTER, json.dumps(code), str(result)], folder)
            done = result.read_text().split()
        yield from done
        yield from itertools.repeat(verdict or RUNTIME, len(code) - len(done))

    def checker_verdict(self, folder, case, output):
        files = {"checker.py": self.tests["checker"], "input.txt": case["input"], "output.txt": output, "reference.txt": case.get("output", "")}
        for name, text in files.items():
            pathlib.Path(folder, name).write_text(text, encoding="utf-8")
        done = subprocess.run([sys.executable, *files], capture_output=True, cwd=folder, env=ENVIRONMENT)
        assert done.returncode in (0, 1) and b"Traceback" not in done.stderr, done.stderr.decode()
        return WRONG if done.returncode else ACCEPTED

    def outcome(self):
        """(verdict, passed, total)"""
        total = len(self.tests["code" if self.tests["type"] == "assert" else "cases"])
        command = self.compile()
        if command is None:
            return COMPILE, 0, total
        passed, first = 0, None
        for verdict in self.verdicts(command):
            passed += verdict == ACCEPTED
            if verdict != ACCEPTED:
                first = first or verdict
                if self.tests.get("score", "all") == "all":
                    break
        return first or ACCEPTED, passed, total


# ---- completions

OTHER = {"python": "cpp", "cpp": "python"}
DRAFT = {"python": "def draft():\n    return 'not this one'\n", "cpp": "int draft() { return 1; }\n"}


def fenced(language, source, info=None, mark="```"):
    return f"{mark}{language if info is None else info}\n{source}{mark}\n"


def completion_forms(language, source):
    """Ways in which a model may put the same program; the program is always the last block of its language."""
    block, draft = fenced(language, source), fenced(language, DRAFT[language])
    alias = {"python": "py", "cpp": "c++"}[language]
    return [
        block,
        f"Here is a solution that reads the input and prints the answer.\n\n{block}\nIt runs in `O(n)` time.",
        f"First an attempt that does not work:\n\n{draft}\nThat misses a case. This is better:\n\n{block}",
        f"<think>\nLet me see. Perhaps\n{draft}or something simpler.\n</think>\n\nThe program:\n{block}",
        f"Input such as\n\n```text\n1 2\n```\n\nis handled:\n\n{block}\nExample of what it prints:\n\n```text\n3\n```\n",
        f"1. **Idea**: go through all values; use a `dict`.\n2. **Code**:\n\n{fenced(language, source, alias)}",
        f"In the other language this would be\n\n{fenced(OTHER[language], DRAFT[OTHER[language]])}\nbut you asked for this one:\n\n{block.rstrip()}",
        f"Zażółć! Das Programm 🙂:\n\n{block}\n---\n*Done.*\n",
    ]


def no_code_rows(tests):
    block = fenced("python", "print(sum(map(int, input().split())))\n")
    yield "I do not know how to solve this.", "python", tests
    yield "", "python", tests
    yield "Use `print(sum(map(int, input().split())))` and that is it.", "python", tests
    yield block, "cpp", tests
    yield "```python\n```\n", "python", tests
    yield f"<think>\n{block}</think>\nThe answer is 3.", "python", tests


# ---- rows


def assertions_of(problem):
    return [f"assert {problem.entry}({', '.join(map(repr, args))}) == {expected!r}" for args, expected in problem.cases]


def test_forms(problem, program):
    """(tests, the verdict that the program was written for) in each form that the problem has."""
    limits = {"time_limit_s": TIME_LIMIT_S}
    if problem.tolerance is not None:
        limits["tolerance"] = problem.tolerance
    if problem.kind == "stdin":
        yield {"type": "stdin", "cases": [{"input": text, "output": output} for text, output in problem.cases], **limits}, program.verdicts[0]
    elif problem.kind == "checker":
        cases = [{"input": text} if output is None else {"input": text, "output": output} for text, output in problem.cases]
        yield {"type": "checker", "checker": problem.checker, "cases": cases, **limits}, program.verdicts[0]
    elif problem.kind == "call":
        cases = [{"args": args, "expected": json.loads(json.dumps(expected))} for args, expected in problem.cases]
        yield {"type": "call", "entry": problem.entry, "cases": cases, **limits}, program.verdicts[0]
    else:
        yield {"type": "assert", "code": problem.statements, **limits}, program.verdicts[1]
    if problem.asserted and "class Solution" not in program.source:
        yield {"type": "assert", "code": assertions_of(problem), **limits}, program.verdicts[1]


def make_rows():
    number = itertools.count()
    with tempfile.TemporaryDirectory() as folder:
        binaries = {"folder": folder}
        for problem in code_problems.PROBLEMS:
            for index, program in enumerate(problem.programs):
                for tests, intended in test_forms(problem, program):
                    turn = next(number)
                    # Programs that hang are scored at their first failure, so that they hang once.
                    tests["score"] = "fraction" if turn % 2 and intended != TIME else "all"
                    forms = completion_forms(program.language, program.source)
                    verdict, passed, total = Judge(program.language, program.source, tests, binaries).outcome()
                    name = f"{problem.name}/{tests['type']}/{index}"
                    if verdict != intended:
                        sys.exit(f"{name}: meant to be {intended}, found {verdict} ({passed} of {total})\n{program.source}")
                    yield {"id": name, "completion": forms[turn % len(forms)], "language": program.language, "tests": tests,
                           "verdict": verdict, "passed": passed, "total": total}
    tests = {"type": "stdin", "cases": [{"input": "1 2\n", "output": "3\n"}], "time_limit_s": TIME_LIMIT_S, "score": "all"}
    for index, (completion, language, tests) in enumerate(no_code_rows(tests)):
        yield {"id": f"no_code/stdin/{index}", "completion": completion, "language": language, "tests": tests, "verdict": "no_code",
               "passed": 0, "total": 1}


def main():
    default = pathlib.Path(__file__).parent.parent / "tests" / "data" / "code" / "agreement.jsonl"
    out = pathlib.Path(sys.argv[1]) if len(sys.argv) > 1 else default
    rows = list(make_rows())
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    print(f"{out}: {len(rows)} rows, {out.stat().st_size} bytes")


if __name__ == "__main__":
    sys.dont_write_bytecode = True
    main()
