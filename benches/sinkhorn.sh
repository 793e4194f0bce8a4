#!/usr/bin/env bash
# Entropic transport by this project, by POT and by OTT, in turn: medians of seconds, beside the bars that they are held to.
# Then whole runs of `octavo` beside POT's solvers alone (benches/sinkhorn_run.py says what is compared with what).
# POT's products run on OPENBLAS_NUM_THREADS threads, by default 2; where other work runs, 1 is faster and the fairer peer.
# Usage: benches/sinkhorn.sh [ROUNDS]    (POT and, if it can be had, OTT are installed into a scratch environment, or taken from the one that VIRTUAL_ENV names)
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
environment=${VIRTUAL_ENV:-$work/venv}
if [ "$environment" = "$work/venv" ]; then
    python3 -m venv "$environment"
    "$environment/bin/pip" install --quiet POT
    "$environment/bin/pip" install --quiet ott-jax jax==0.7.2 || echo "OTT cannot be installed: numpy stands for it"
fi
python="$environment/bin/python"
export OMP_NUM_THREADS=${OMP_NUM_THREADS:-2} OPENBLAS_NUM_THREADS=${OPENBLAS_NUM_THREADS:-2}
"$python" benches/sinkhorn.py "$work" make
cargo bench --quiet -p octavo-sinkhorn --bench pace --no-run
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for _ in $(seq "$rounds"); do
    cargo bench --quiet -p octavo-sinkhorn --bench pace -- "$work" >> "$work/lines"
    counts=$("$python" -c 'import json, sys
found = {row["share"]: row["iterations"] for row in map(json.loads, open(sys.argv[1])) if row["what"] == "plain"}
print(found[0.01], found[0.001])' "$work/lines")
    # shellcheck disable=SC2086
    "$python" benches/sinkhorn.py "$work" run $counts >> "$work/lines"
done
"$python" - "$work/lines" <<'END_OF_TABLE'
import json, statistics, sys
found = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    found.setdefault((row["who"], row["what"], row["share"]), []).append(row)
pace = {}
print("who   what           epsilon / mean cost  iterations   seconds  ms an iteration")
for (who, what, share), rows in found.items():
    seconds = statistics.median(row["seconds"] for row in rows)
    count = rows[0]["iterations"]
    pace[who, what, share] = (seconds, seconds / count)
    print(f"{who:5} {what:14} {share:19} {count:11} {seconds:9.4f} {1000 * seconds / count:16.4f}")
for share, bar in [(0.01, 3), (0.001, 10)]:
    best = min(pace["ours", what, share][0] for what in ["over-relaxed", "scaling"])
    plain = pace["ours", "plain", share]
    print(f"at {share}: {pace['POT', 'sinkhorn', share][0] / best:.1f} times as fast as ot.sinkhorn to a marginal error of 1e-6 (bar: {bar}), "
          f"{pace['POT', 'sinkhorn_log', share][1] / plain[1]:.1f} times as fast as sinkhorn_log an iteration (bar: 20)")
print(f"exact: {pace['POT', 'emd', 0.0][0] / pace['ours', 'exact', 0.0][0]:.2f} times as fast as ot.emd2 (bar: 1)")
peers = ", ".join(f"{who} {1000 * pace[who, what, 0.01][1]:.2f}" for who, what in [("OTT", "grid"), ("numpy", "grid (numpy)")]
                  if (who, what, 0.01) in pace)
print(f"grid 64²: {1000 * pace['ours', 'grid', 0.01][1]:.2f} ms an iteration (bar: 2.4; {peers})")
large = found["ours", "large", 0.01]
entries = 20000**2 * (2 * large[0]["iterations"] + 1)
print(f"n = 20,000: {statistics.median(row['seconds'] for row in large) / entries * 1e9:.3f} ns an entry and half-iteration (bar: 0.6), "
      f"largest memory {max(row['megabytes'] for row in large):.0f} MB (bar: 100)")
END_OF_TABLE
cargo build --quiet --release -p octavo
echo "whole runs: octavo run EXPERIMENT --format json against POT alone, $OPENBLAS_NUM_THREADS threads; seconds of the clock (of the processors)"
"$python" benches/sinkhorn_run.py "$work" target/release/octavo "$rounds" > "$work/whole"
"$python" - "$work/whole" <<'END_OF_TABLE'
import json, sys
for row in map(json.loads, open(sys.argv[1])):
    bar = f"bar: {row['bar']}" if row["bar"] else "no bar"
    print(f"{row['case']:13} ours {row['ours_seconds']:8.3f} ({row['ours_cpu']:7.3f})  POT {row['peers_seconds']:8.3f} ({row['peers_cpu']:7.3f})  "
          f"{row['ratio']:6.1f} times as fast ({bar}; processors: {row['cpu_ratio']:.1f})  {row['peer']}")
END_OF_TABLE
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
