#!/usr/bin/env bash
# Holds every module against its analysis: the cases of the conformance suites are computed by the program's code and under Node, and their
# digests compared. Analyses can be named. Without Node nothing is compared, which is said loudly; with CI=true it is an error.
set -euo pipefail
cd "$(dirname "$0")/.."

if ! command -v node >/dev/null; then
  echo "SKIPPED: lab/conform.sh compares nothing, since there is no node here" >&2
  [ "${CI:-}" != true ]
  exit 0
fi
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

mapfile -t crates < <(sed -n 's/^[a-z]* = \["dep:\(octavo-[a-z]*\)"\]$/\1/p' lab/Cargo.toml | sort -u)
OCTAVO_CASES=$folder cargo test --quiet "${crates[@]/#/-p}" --test conformance -- conform golden --skip simd --skip lane

bad=0 compared=0
for module in lab/modules/*.wasm.gz; do
  name=$(basename "$module" .wasm.gz)
  # What draws is compared by lab/drawn.mjs, on a built site.
  if [ "$name" = figure ]; then
    continue
  fi
  if [ $# -gt 0 ] && [[ " $* " != *" $name "* ]]; then
    continue
  fi
  if [ ! -e "$folder/$name.jsonl" ]; then
    echo "$name: no conformance case without inputs was written" >&2
    bad=1
    continue
  fi
  echo "$name"
  node lab/node.mjs "$module" "$folder/$name.jsonl" || bad=1
  compared=$((compared + 1))
done
echo "$compared modules compared"
exit $bad
