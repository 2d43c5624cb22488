"""Turns a GGUF file of the Llama architecture into a plain Hugging Face folder in fp32.

    pip install torch==2.11.0 transformers gguf
    python tools/gguf_to_folder.py model.gguf FOLDER

The weights are the dequantised ones. transformers marks a model read from GGUF as quantised and refuses to save it, so the
state goes into a fresh LlamaForCausalLM. The folder appears whole or not at all.
"""

import argparse
import os
import shutil

import torch
import transformers


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("gguf")
    parser.add_argument("folder")
    args = parser.parse_args()

    source, name = os.path.split(os.path.abspath(args.gguf))
    quantised = transformers.AutoModelForCausalLM.from_pretrained(source, gguf_file=name, dtype=torch.float32)
    tokenizer = transformers.AutoTokenizer.from_pretrained(source, gguf_file=name)
    fields = quantised.config.to_dict()
    for key in ("quantization_config", "_name_or_path", "architectures"):
        fields.pop(key, None)
    model = transformers.LlamaForCausalLM(transformers.LlamaConfig(**fields)).to(torch.float32)
    model.load_state_dict(quantised.state_dict())
    model.generation_config = transformers.GenerationConfig(
        bos_token_id=model.config.bos_token_id, eos_token_id=tokenizer.eos_token_id, pad_token_id=tokenizer.pad_token_id)

    aside = args.folder.rstrip("/") + ".tmp"
    shutil.rmtree(aside, ignore_errors=True)
    model.save_pretrained(aside)
    tokenizer.save_pretrained(aside)
    os.rename(aside, args.folder)
    print(args.folder, sorted(os.listdir(args.folder)))


if __name__ == "__main__":
    main()
