#!/usr/bin/env bash
# A step of training (mean squared error, Adam, a batch that stays) by this project, by torch and by JAX, in turn, on two threads: ms a step.
# Usage: benches/training.sh [ROUNDS]    (JAX and, if it can be had, torch are installed into a scratch environment, or taken from the one that VIRTUAL_ENV names)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
environment=${VIRTUAL_ENV:-$work/venv}
if [ "$environment" = "$work/venv" ]; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet jax
    "$environment/bin/pip" install --quiet torch || echo "torch cannot be installed: it is left out"
fi
cases=()
for shape in 2-256-256-256-1:relu:256 2-256-256-256-1:tanh:256 2-16-16-1:tanh:32; do
    cases+=("$shape:f64" "$shape:f32")
done
cargo bench --quiet -p octavo-learning --bench step --no-run
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for _ in $(seq "$rounds"); do
    # One case after another, so that what disturbs one disturbs all who are measured.
    for case in "${cases[@]}"; do
        cargo bench --quiet -p octavo-learning --bench step -- "$case" >> "$work/lines"
        for who in torch jax; do
            if "$environment/bin/python" -c "import $who" 2> /dev/null; then
                "$environment/bin/python" benches/training.py "$who" "$case" >> "$work/lines"
            fi
        done
    done
done
"$environment/bin/python" - "$work/lines" << 'END_OF_TABLE'
import json, statistics, sys
found = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    found.setdefault((row["case"], row["who"]), []).append(row)
print(f"{'case':30} {'who':22} {'median ms':>10} {'least ms':>10}")
for (case, who), rows in found.items():
    median = statistics.median(row["median"] for row in rows)
    print(f"{case:30} {who:22} {median:10.4f} {min(row['least'] for row in rows):10.4f}")
END_OF_TABLE
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
