#!/usr/bin/env bash
# Builds projects of small figures on a tmpfs, from nothing, with one parameter changed and with nothing changed, beside a plain script of
# matplotlib that draws the same figures.
# Usage: benches/figures.sh [PYTHON [PROGRAM]]    (python3 with matplotlib and numpy; the release build of this folder)
set -euo pipefail
cd "$(dirname "$0")/.."
python=${1:-python3}
. benches/program.sh "${2:-}"
. benches/row.sh

for figures in 20 1000; do
    project=$work/$figures
    "$python" benches/figures.py project "$project" "$figures"
    row "$figures figures, from nothing" "$program" -C "$project" --quiet build
    sleep 0.3
    sed -i 's/^angle = .*/angle = 91.5/' "$project/experiments/f0003.toml"
    row "$figures figures, a parameter changed" "$program" -C "$project" --quiet build
    # A build that tells of a drift has something to do each time.
    "$program" -C "$project" --quiet lock --accept
    sleep 0.3
    "$program" -C "$project" --quiet build
    row "$figures figures, nothing changed" "$program" -C "$project" --quiet build
    row "$figures figures by matplotlib" "$python" benches/figures.py matplotlib "$work/drawn$figures" "$figures"
done
