"""Renders conversations through chat templates with transformers and with r1, and compares the bytes.

    pip install transformers tokenizers
    python tools/compare_chat_templates.py --r1 build/release/r1 TEMPLATE.jinja ... [--model FOLDER ...]

TEMPLATE is a file that holds one template; FOLDER a Hugging Face folder with a tokenizer. Every template renders 30 conversations:
with and without system prompt, several turns, tools, tool calls and results, reasoning, Unicode, empty and odd contents, with
and without generation prompt, continued last messages, documents and extra variables. Where transformers raises an error, r1 must
refuse as well; the messages are not compared. Exit code 0 when nothing differs.
"""

import argparse
import datetime
import json
import subprocess
import sys

import tokenizers
import transformers
from transformers.utils import chat_template_utils

SPECIAL_TOKENS = {"bos_token": "<|bos|>", "eos_token": "<|eos|>", "pad_token": "<|pad|>", "unk_token": "<|unk|>"}


class FixedDate(datetime.datetime):
    """What r1 prints for strftime_now when nobody says the date."""

    @classmethod
    def now(cls, tz=None):
        return cls(2024, 7, 26)


WEATHER = {"type": "function", "function": {
    "name": "get_weather", "description": "The weather of a city, \"now\" & <here>.",
    "parameters": {"type": "object", "properties": {
        "city": {"type": "string", "description": "Name, e.g. Zürich"},
        "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
        "days": {"type": "integer", "default": 1}}, "required": ["city"]},
    "return": {"type": "object", "description": "temperature", "properties": {"t": {"type": "number"}}}}}
ADD = {"type": "function", "function": {
    "name": "add", "description": "Adds two numbers", "parameters": {"type": "object", "properties": {
        "a": {"type": "number", "description": "first"}, "b": {"type": ["number", "null"]}, "flags": {"type": "array", "items": {"type": "string"}}},
        "required": ["a", "b"]}}}
TIME = {"type": "function", "function": {"name": "now", "description": "The time", "parameters": {"type": "object", "properties": {}}}}


def system(text):
    return {"role": "system", "content": text}


def user(text):
    return {"role": "user", "content": text}


def assistant(text, **more):
    return {"role": "assistant", "content": text, **more}


def call(name, arguments, identifier="call12345"):
    return {"type": "function", "id": identifier, "function": {"name": name, "arguments": arguments}}


def tool(text, **more):
    return {"role": "tool", "content": text, **more}


CALLED = [user("Weather in Zürich?"), assistant("", tool_calls=[call("get_weather", {"city": "Zürich", "days": 2})]),
          tool("{\"t\": 21.5}", name="get_weather", tool_call_id="call12345"), assistant("21.5 degrees.")]
REASONED = "The user wants 2 + 2.\nThat is 4."

CONVERSATIONS = [
    {"messages": [user("Hello")]},
    {"messages": [user("Hello")], "add_generation_prompt": True},
    {"messages": [system("You are terse."), user("Hello")], "add_generation_prompt": True},
    {"messages": [user("Hi"), assistant("Hello!"), user("How are you?")], "add_generation_prompt": True},
    {"messages": [system("Be kind."), user("Hi"), assistant("Hello!"), user("How are you?"), assistant("Fine.")]},
    {"messages": [user("Grüße, 世界! \U0001F600 e\u0301 \u200d \u2028 \x7f"), assistant("ça va – “bien”\u00a0?"), user("\u3000ok\u00a0")], "add_generation_prompt": True},
    {"messages": [user("")], "add_generation_prompt": True},
    {"messages": [system(""), user("a"), assistant(""), user("b")], "add_generation_prompt": True},
    {"messages": [user("  spaces around  \n\n"), assistant("\n\n answer\t\n "), user("\r\nwindows\r\n")], "add_generation_prompt": True},
    {"messages": [user("{{ braces }} {% if x %} <|im_start|> </s> [INST]"), assistant("{# c #}"), user("\\n \\\" '")], "add_generation_prompt": True},
    {"messages": [user("Weather?")], "tools": [WEATHER], "add_generation_prompt": True},
    {"messages": [system("Use tools."), user("Weather and sum?")], "tools": [WEATHER, ADD, TIME], "add_generation_prompt": True},
    {"messages": CALLED, "tools": [WEATHER]},
    {"messages": CALLED + [user("Thanks, and 2+2?")], "tools": [WEATHER, ADD], "add_generation_prompt": True},
    {"messages": [user("Two calls"), assistant("", tool_calls=[call("add", {"a": 1, "b": 2.5, "flags": ["x", "ü"]}, "aaaaaaaa1"), call("now", {}, "bbbbbbbb2")]),
                  tool("3.5", name="add", tool_call_id="aaaaaaaa1"), tool("noon", name="now", tool_call_id="bbbbbbbb2")], "tools": [ADD, TIME], "add_generation_prompt": True},
    {"messages": [user("Call, with words"), assistant("Let me see.", tool_calls=[call("add", {"a": 1, "b": None})]), tool("1", tool_call_id="call12345")], "tools": [ADD], "add_generation_prompt": True},
    {"messages": [user("Arguments as text"), assistant("", tool_calls=[call("add", "{\"a\": 1, \"b\": 2}")]), tool("3", tool_call_id="call12345")], "tools": [ADD], "add_generation_prompt": True},
    {"messages": [user("2+2?"), assistant("4", reasoning_content=REASONED)]},
    {"messages": [user("2+2?"), assistant("4", reasoning_content=REASONED), user("3+3?")], "add_generation_prompt": True},
    {"messages": [user("2+2?"), assistant("<think>\n" + REASONED + "\n</think>\n\n4"), user("3+3?")], "add_generation_prompt": True},
    {"messages": [system("Think."), user("2+2?"), assistant("<think>\n\n</think>\n\n4")], "add_generation_prompt": False},
    {"messages": [user("quick")], "add_generation_prompt": True, "variables": {"enable_thinking": False}},
    {"messages": [user("slow")], "add_generation_prompt": True, "variables": {"enable_thinking": True, "date_string": "1 Jan 2025"}},
    {"messages": [user("1"), assistant("2"), user("3"), assistant("4"), user("5"), assistant("6"), user("7"), assistant("8"), user("9")], "add_generation_prompt": True},
    {"messages": [user("Go on"), assistant("Once upon a time ")], "continue_final_message": "content"},
    {"messages": [system("s"), user("Go on"), assistant("The answer is")], "continue_final_message": "content"},
    {"messages": [{"role": "user", "content": [{"type": "text", "text": "In parts, "}, {"type": "text", "text": "two"}]}], "add_generation_prompt": True},
    {"messages": [user("a"), user("b")], "add_generation_prompt": True},
    {"messages": [assistant("I begin"), user("ok")], "add_generation_prompt": True},
    {"messages": [user("Read"), {"role": "assistant", "content": None, "tool_calls": [call("get_weather", {"city": "a\"b\\c\n</tool>", "unit": "celsius"})]}, tool("[1, 2]", tool_call_id="call12345")],
     "tools": [WEATHER], "documents": [{"title": "T1", "text": "Some text"}, {"title": "T2", "text": "More"}], "add_generation_prompt": True},
]


def small_tokenizer(template):
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=tokenizers.Tokenizer(tokenizers.models.BPE()), **SPECIAL_TOKENS)
    tokenizer.chat_template = template
    return tokenizer


def theirs(tokenizer, row):
    try:
        return tokenizer.apply_chat_template(
            row["messages"], tools=row.get("tools"), documents=row.get("documents"), tokenize=False,
            add_generation_prompt=row.get("add_generation_prompt", False),
            continue_final_message=row.get("continue_final_message", False), **row.get("variables", {}))
    except Exception as error:  # whatever a template raises
        return error


def ours(command):
    rows = "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in CONVERSATIONS)
    done = subprocess.run(command, input=rows, capture_output=True, text=True)
    if done.returncode != 0:
        return [{"error": done.stderr.strip()}] * len(CONVERSATIONS)
    return [json.loads(line) for line in done.stdout.split("\n")[:-1]]


def compare(name, tokenizer, command, verbose):
    equal = refused = different = 0
    for i, (row, mine) in enumerate(zip(CONVERSATIONS, ours(command), strict=True)):
        wanted = theirs(tokenizer, row)
        if isinstance(wanted, Exception) and "error" in mine:
            refused += 1
            if verbose:
                print(f"    {i}: both refuse: {str(wanted)[:100]!r} | {mine['error'][:140]!r}")
        elif not isinstance(wanted, Exception) and mine.get("text") == wanted:
            equal += 1
        else:
            different += 1
            print(f"  {name}, conversation {i}:\n    transformers: {wanted!r}\n    r1:           {mine.get('text', mine)!r}")
    print(f"{name}: {equal} equal, {refused} refused by both, {different} different")
    return equal, refused, different


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("templates", nargs="*")
    parser.add_argument("--model", action="append", default=[], help="a Hugging Face folder; may be repeated")
    parser.add_argument("--r1", default="build/release/r1")
    parser.add_argument("--verbose", action="store_true", help="print what both refuse, and why")
    args = parser.parse_args()
    chat_template_utils.datetime = FixedDate
    chat_template_utils._compile_jinja_template.cache_clear()

    totals = [0, 0, 0]
    for path in args.templates:
        with open(path, encoding="utf-8") as file:
            tokenizer = small_tokenizer(file.read())
        command = [args.r1, "render", "--template", path, "--special-tokens", json.dumps(SPECIAL_TOKENS)]
        totals = [a + b for a, b in zip(totals, compare(path.rsplit("/", 1)[-1], tokenizer, command, args.verbose))]
    for folder in args.model:
        tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
        totals = [a + b for a, b in zip(totals, compare(folder, tokenizer, [args.r1, "render", "--model", folder], args.verbose))]
    print(f"all: {totals[0]} equal, {totals[1]} refused by both, {totals[2]} different")
    return 1 if totals[2] else 0


if __name__ == "__main__":
    sys.exit(main())
