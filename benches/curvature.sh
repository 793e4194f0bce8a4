#!/usr/bin/env bash
# Times a circle through a network of width 1000 and depth 20 at 1000 angles beside jax and numpy, and the product of
# matrices beside that of faer, in turn. The peers live in a scratch folder. Load must be low.
# Usage: benches/curvature.sh [ROUNDS] [SCRATCH]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
scratch=${2:-${TMPDIR:-/tmp}/octavo-curvature-peers}
export RAYON_NUM_THREADS=${RAYON_NUM_THREADS:-2} CARGO_TARGET_DIR=$PWD/target/bench
cargo build --release --quiet --manifest-path benches/numerics/Cargo.toml
[ -x "$scratch/bin/python" ] || { python3 -m venv "$scratch" && "$scratch/bin/pip" install --quiet jax==0.7.2 numpy; }
"$CARGO_TARGET_DIR/release/octavo-benches" product "$rounds"
"$scratch/bin/python" benches/curvature.py "$CARGO_TARGET_DIR/release/octavo-benches" "$rounds"
