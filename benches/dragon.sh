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
print(f"{'':58} threads  seconds  on CPU  Gpoints/s, per CPU second")
pace = {}
for (what, threads), rows in found.items():
    seconds, busy = (statistics.median(row[key] for row in rows) for key in ["seconds", "cpu_seconds"])
    pace[what] = [rows[0]["points"] / time / 1e9 for time in (seconds, busy)]
    print(f"{what:58} {threads:7} {seconds:8.4f} {busy:7.4f} {pace[what][0]:10.4f} {pace[what][1]:10.4f}")
ours = pace["positions into a reused buffer, 28 folds"]
print("positions into a reused buffer, as many times as fast, by clock and by CPU time:")
for what, theirs in pace.items():
    if what.startswith(("numpy", "rewriting")):
        print(f"{ours[0] / theirs[0]:10.1f} {ours[1] / theirs[1]:10.1f}  {what}")
END
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
