#!/usr/bin/env bash
# Times a first build of the bundled course and builds with nothing changed, in a copy of the project.
# Usage: benches/rebuild.sh [RUNS]
set -euo pipefail
cd "$(dirname "$0")/.."
runs=${1:-7}
cargo build --release --quiet
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cp -r octavo.toml statements.toml glossary.toml experiments templates "$work"
seconds() { local start=$EPOCHREALTIME; "$@"; local end=$EPOCHREALTIME; awk "BEGIN { printf \"%.3f\n\", $end - $start }"; }
build() { target/release/octavo -C "$work" --quiet build; }
echo "first build:   $(seconds build) s"
times=$(for _ in $(seq "$runs"); do seconds build; done | sort -n)
echo "nothing new:   $(echo "$times" | sed -n "$(((runs + 1) / 2))p") s (median of $runs)"
