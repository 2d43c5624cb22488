#!/usr/bin/env bash
# Downloads and builds the pinned libraries of cmake/deps.txt into .deps/: cmake/deps.sh [cpu|cuda]
# R1_TORCH_DIR set: only sentencepiece, because LibTorch is there already. Safe to interrupt and call again.
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/.."
deps=$PWD/.deps pins=$PWD/cmake/deps.txt flavour=${1:-cpu}
mkdir -p "$deps/download" "$deps/tmp"
export TMPDIR=$deps/tmp
python=/usr/bin/python3; [ -x "$python" ] || python=python3

say() { echo "r1: $*" >&2; }
fail() { # message, log file if any
  say "$1"
  if [ -n "${2:-}" ]; then tail -n 20 "$2" >&2; say "the whole log: $2"; fi
  exit 1
}
# The requirement line of a package.
pin() { sed -n "s/^\($1==[^#]*[^# ]\).*/\1/p" "$pins"; }

# Prints the path of the pinned package's file, downloading it if .deps/download has no file with that hash.
fetch() { # package, pip options
  local name=$1 line log=$deps/download-$1.log
  shift
  line=$(pin "$name")
  if ! downloaded "${line##*sha256:}"; then
    say "downloading ${line%% *}$([ "$name" != torch ] || echo ' (531 MB)') ..."
    echo "$line" >"$deps/tmp/$name.txt"
    "$python" -m pip download --no-cache-dir --no-deps --require-hashes "$@" -d "$deps/download" \
      -r "$deps/tmp/$name.txt" >"$log" 2>&1 || fail "cannot download ${line%% *}" "$log"
    downloaded "${line##*sha256:}" || fail "the download of ${line%% *} is not what cmake/deps.txt says" "$log"
  fi
}

downloaded() { # hash
  local file
  for file in "$deps"/download/*; do
    if [ -f "$file" ] && echo "$1  $file" | sha256sum --status -c 2>/dev/null; then echo "$file"; return; fi
  done
  return 1
}

# The wheels are read for their C++ files only, so any Python will do to fetch them.
fetch_wheel() {
  local platform platforms=()
  for platform in _2_28 _2_27 _2_25 _2_18 _2_17 2014 2010; do platforms+=(--platform "manylinux${platform}_$(uname -m)"); done
  fetch "$1" --only-binary=:all: --python-version 3.11 --implementation cp --abi cp311 --abi none "${platforms[@]}"
}

# Unpacks a wheel's headers and shared libraries below .deps/, where torch's own search path expects them.
unpack() { # wheel, regular expression of the files wanted
  "$python" - "$1" "$2" "$deps" <<'PY'
import os, re, shutil, sys, tempfile, zipfile
wheel, wanted, deps = sys.argv[1:]
temporary = tempfile.mkdtemp(dir=os.path.join(deps, "tmp"))
with zipfile.ZipFile(wheel) as archive:
    names = [name for name in archive.namelist() if re.fullmatch(wanted, name) and not name.endswith("/")]
    archive.extractall(temporary, names)
for name in names:
    target = os.path.join(deps, name)
    os.makedirs(os.path.dirname(target), exist_ok=True)
    os.replace(os.path.join(temporary, name), target)
shutil.rmtree(temporary)
PY
}

build_sentencepiece() {
  local stamp=$deps/sentencepiece/stamp log=$deps/sentencepiece.log archive work=$deps/tmp/sentencepiece
  [ "$(cat "$stamp" 2>/dev/null)" != "$(pin sentencepiece)" ] || return 0
  archive=$(fetch sentencepiece --no-build-isolation --no-binary :all:) || return 1
  say "building sentencepiece (about a minute) ..."
  rm -rf "$work" "$deps/sentencepiece"
  mkdir -p "$work" && tar -xzf "$archive" -C "$work" --strip-components=1
  { cmake -G Ninja -S "$work/sentencepiece" -B "$work/build" -DCMAKE_BUILD_TYPE=Release -DSPM_ENABLE_SHARED=OFF \
      -DSPM_ENABLE_TCMALLOC=OFF -DCMAKE_POSITION_INDEPENDENT_CODE=ON &&
    cmake --build "$work/build" -j "${R1_JOBS:-$(nproc)}" --target sentencepiece-static sentencepiece_train-static
  } >"$log" 2>&1 || fail "cannot build sentencepiece" "$log"
  mkdir "$work/out" "$work/out/include" "$work/out/lib"
  cp "$work"/sentencepiece/src/sentencepiece_{processor,trainer}.h "$work/out/include"
  cp "$work"/build/src/libsentencepiece{,_train}.a "$work/out/lib"
  cp "$work/sentencepiece/LICENSE" "$work/out"
  pin sentencepiece >"$work/out/stamp"
  mv "$work/out" "$deps/sentencepiece"
  rm -rf "$work" "$archive"
}

system_has() {
  ldconfig -p 2>/dev/null | grep -qF "$1 " || [ -e "${CUDA_HOME:-/usr/local/cuda}/lib64/$1" ]
}

# One line of deps.txt at a time, each with a stamp of its own; the wheels are deleted once unpacked.
install_torch() {
  local name version hash rest library stamps=$deps/torch-stamps wheel wanted
  mkdir -p "$stamps"
  while read -r name version hash rest library; do
    wanted='.*/include/.*|.*/lib/[^/]*\.so[.0-9]*'
    case $flavour-$name in
      *-sentencepiece) continue ;;
      cpu-torch) wanted='torch/include/.*|torch/lib/lib(torch_cpu|c10|gomp)\.so[.0-9]*' ;;
      cpu-nvidia-cuda-runtime | cpu-nvidia-cuda-cupti) wanted='.*/lib(cudart|cupti)\.so[.0-9]*' ;;
      cpu-*) continue ;;
      cuda-torch | cuda-nvidia-cuda-runtime | cuda-nvidia-cuda-cupti) ;;
      cuda-*) if system_has "$library"; then continue; fi ;;
    esac
    [ "$(cat "$stamps/$name-$flavour" 2>/dev/null)" != "$version $hash" ] || continue
    wheel=$(fetch_wheel "$name") || exit 1
    unpack "$wheel" "$wanted" || fail "cannot unpack $wheel"
    echo "$version $hash" | tee "$stamps/$name-$flavour" >"$stamps/$name-cpu"
    rm -f "$wheel"
  done < <(sed -n 's/^\([^#=]*\)==\([^ ]*\) --hash=sha256:\([0-9a-f]*\)\( #\)\{0,1\} *\(.*\)/\1 \2 \3 # \5/p' "$pins")
}

# LibTorch is a long download and sentencepiece a long compilation: both at once. A process group of its own, so that an
# interrupt here ends the download too.
if [ -z "${R1_TORCH_DIR:-}" ]; then
  set -m
  install_torch & torch=$!
  set +m
  trap 'kill -- "-$torch" 2>/dev/null || true' EXIT
fi
build_sentencepiece
if [ -n "${torch:-}" ]; then wait "$torch" || exit 1; fi
trap - EXIT
rm -rf "$deps/tmp"
