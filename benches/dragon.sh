#!/usr/bin/env bash
# The dragon curve by this project, by numpy's cumsum and by a string-rewriting L-system, in turn: medians of points per second.
# Usage: benches/dragon.sh [ROUNDS]    (numpy is installed into a scratch environment)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numpy
cargo bench --quiet -p octavo-dragon --bench pace --no-run
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for _ in $(seq "$rounds"); do
    cargo bench --quiet -p octavo-dragon --bench pace >> "$work/lines"
    "$work/venv/bin/python" benches/dragon.py >> "$work/lines"
done
"$work/venv/bin/python" - "$work/lines" <<'END'
import json, statistics, sys
found = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    found.setdefault((row["what"], row["threads"]), []).append(row)
print(f"{'':58} threads   median s   Gpoints/s")
for (what, threads), rows in found.items():
    seconds = statistics.median(row["median"] for row in rows)
    pace = statistics.median(row["points_per_second"] for row in rows)
    found[what, threads] = pace
    print(f"{what:58} {threads:7} {seconds:10.4f} {pace / 1e9:11.4f}")
ours = found["positions into a reused buffer, 28 folds", 1]
peers = {what: pace for (what, _), pace in found.items() if what.startswith(("numpy", "rewriting"))}
for what, pace in peers.items():
    print(f"{ours / pace:9.1f} times {what}")
END
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
