"""Tokens and loss masks of conversations, by transformers and by TRL: the expected results of tests/sft/conversation_golden_test.cc.

    pip install torch==2.11.0 transformers trl
    python tools/make_sft_goldens.py tests/data

Writes sft/conversations.jsonl. Rows with a template that has generation blocks: ids and mask of apply_chat_template with
return_assistant_tokens_mask. Rows of prompt and completion: ids and mask as TRL's SFTTrainer makes them.
"""

import json
import pathlib
import sys

import compare_chat_templates
import transformers
from trl import data_utils


def load(folder, name, template):
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizers" / name / "tokenizer.json"))
    tokenizer.chat_template = (folder / "chat_templates" / template).read_text(encoding="utf-8")
    return tokenizer


def assistant_row(tokenizer, conversation):
    fields = {key: conversation[key] for key in ("messages", "tools") if key in conversation}
    out = tokenizer.apply_chat_template(fields["messages"], tools=fields.get("tools"), tokenize=True, return_dict=True, return_assistant_tokens_mask=True)
    return fields, out["input_ids"], out["assistant_masks"]


def completion_row(tokenizer, conversation):
    prompt, completion = conversation["messages"][:-1], conversation["messages"][-1:]
    prompt_ids = data_utils._tokenize(tokenizer, prompt, add_generation_prompt=True)["input_ids"]
    ids = data_utils._tokenize(tokenizer, prompt + completion)["input_ids"]
    start = data_utils.common_prefix_length(prompt_ids, ids)
    return {"prompt": prompt, "completion": completion}, ids, [0] * start + [1] * (len(ids) - start)


def main():
    folder = pathlib.Path(sys.argv[1])
    rows = []
    for name in ("smollm2", "qwen2"):
        blocks, plain = load(folder, name, "tools_and_reasoning.jinja"), load(folder, name, "chatml.jinja")
        for index, conversation in enumerate(compare_chat_templates.CONVERSATIONS):
            last = conversation["messages"][-1]
            if any(m["role"] == "assistant" for m in conversation["messages"]) and index % 2 == (name == "qwen2"):
                row, ids, mask = assistant_row(blocks, conversation)
                if any(mask):
                    rows.append({"tokenizer": name, "template": "tools_and_reasoning.jinja", "row": row, "ids": ids, "mask": mask})
            if last["role"] == "assistant" and len(conversation["messages"]) > 1 and "tools" not in conversation:
                row, ids, mask = completion_row(plain, conversation)
                rows.append({"tokenizer": name, "template": "chatml.jinja", "row": row, "ids": ids, "mask": mask})
    (folder / "sft").mkdir(exist_ok=True)
    with open(folder / "sft" / "conversations.jsonl", "w", encoding="utf-8") as file:
        for row in rows:
            file.write(json.dumps(row, ensure_ascii=False) + "\n")
    print(len(rows), "rows")


if __name__ == "__main__":
    main()
