#!/usr/bin/env bash
# Runs a recipe once undisturbed and once with kill -9 at random moments, each followed by the same command, and compares the final weights.
#   tools/kill_and_resume.sh recipes/countdown_zero.json 10 [--set path=value ...]
# REFERENCE=DIR uses a finished run folder as the undisturbed one. Exit code 0 when the SHA-256 of the final weights are equal.
set -euo pipefail
recipe=$1 kills=$2
shift 2
r1=${R1:-build/release/r1}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

sha() { sed -n 's/^weights sha256 *\([0-9a-f]*\).*/\1/p' "$1"; }

reference=${REFERENCE:-$work/reference}
start=$SECONDS
"$r1" run "$recipe" --output-dir "$reference" "$@" >"$work/reference.log" 2>&1
seconds=${DURATION:-$((SECONDS - start))}
wanted=$(sha "$work/reference.log")
echo "undisturbed: $wanted ($seconds s)"

# The moments: uniform over the undisturbed duration, drawn in advance; each process lives until the next one.
mapfile -t moments < <(for _ in $(seq "$kills"); do echo $((RANDOM * 32768 + RANDOM)); done | awk -v t="$seconds" '{printf "%.2f\n", $1 / 1073741824 * t}' | sort -n)
last=0
for moment in "${moments[@]}"; do
  "$r1" run "$recipe" --output-dir "$work/killed" "$@" >>"$work/killed.log" 2>&1 &
  pid=$!
  sleep "$(awk -v a="$moment" -v b="$last" 'BEGIN {printf "%.2f", a - b + 0.2}')"
  last=$moment
  if kill -9 "$pid" 2>/dev/null; then echo "killed at $moment s: $(tr '\r' '\n' <"$work/killed.log" | grep -E 'step|\[' | tail -n 1 | cut -c1-70)"; fi
  wait "$pid" 2>/dev/null || true
done
"$r1" run "$recipe" --output-dir "$work/killed" "$@" >"$work/final.log" 2>&1
got=$(sha "$work/final.log")
echo "after $kills kills: $got"
[ "$wanted" = "$got" ]
