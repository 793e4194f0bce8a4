#!/usr/bin/env bash
# Escape counts by this project, by a numba and a JAX program that a user would write, and, if its folder is given, by a
# published program of the benchmarks game, in turn: least seconds on the clock and on processors.
# Usage: benches/escape.sh [ROUNDS] [FOLDER]
#   numba and jax are installed into a scratch environment. FOLDER holds a Cargo project of the published program, unchanged, whose
#   binary takes the size of the picture and writes it to standard output; it is built for this processor.
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-3}
game=${2:-}
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet numba numpy jax==0.7.2
cargo bench --quiet -p octavo-escape --bench pace --no-run
if [ -n "$game" ]; then
    RUSTFLAGS="-C target-cpu=native" CARGO_TARGET_DIR="$work/game" cargo build --quiet --release --manifest-path "$game/Cargo.toml"
    program=$(find "$work/game/release" -maxdepth 1 -type f -executable | head -1)
fi
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for _ in $(seq "$rounds"); do
    cargo bench --quiet -p octavo-escape --bench pace >> "$work/lines"
    "$work/venv/bin/python" benches/escape.py >> "$work/lines"
    for threads in 1 2; do
        "$work/venv/bin/python" benches/escape_jax.py "$threads" >> "$work/lines"
    done
    if [ -n "$game" ]; then
        for threads in 1 2; do
            "$work/venv/bin/python" - "$program" "$threads" >> "$work/lines" <<'END'
import json, os, resource, subprocess, sys, time
start = time.perf_counter()
subprocess.run([sys.argv[1], "16000"], stdout=subprocess.DEVNULL, check=True, env={**os.environ, "RAYON_NUM_THREADS": sys.argv[2]})
busy = resource.getrusage(resource.RUSAGE_CHILDREN)
row = {"what": "benchmarks game: 16000², 50 iterations", "threads": int(sys.argv[2])}
print(json.dumps({**row, "seconds": time.perf_counter() - start, "cpu_seconds": busy.ru_utime + busy.ru_stime}))
END
        done
    fi
done
"$work/venv/bin/python" - "$work/lines" <<'END'
import json, sys
found = {}
for line in open(sys.argv[1]):
    row = json.loads(line)
    found.setdefault((row["what"], row["threads"]), []).append(row)
print(f"{'':58} threads  seconds  on CPU")
least = {}
for (what, threads), rows in found.items():
    seconds, busy = (min(row[key] for row in rows) for key in ["seconds", "cpu_seconds"])
    least[what, threads] = (seconds, busy)
    print(f"{what:58} {threads:7} {seconds:8.4f} {busy:7.4f}")
pairs = [
    ("whole set, 2048², 1000 iterations, exact counts", "numba: whole set, 2048², 1000 iterations"),
    ("whole set, 2048², 1000 iterations, exact counts", "jax: whole set, 2048², 1000 iterations"),
    ("bitmap of the benchmarks game, 16000², 50 iterations", "benchmarks game: 16000², 50 iterations"),
]
print("how many times as fast, by clock and by CPU time:")
for ours, theirs in pairs:
    for threads in [1, 2]:
        if (ours, threads) in least and (theirs, threads) in least:
            ratio = [other / own for own, other in zip(least[ours, threads], least[theirs, threads])]
            print(f"{ratio[0]:10.1f} {ratio[1]:10.1f}  {theirs}, {threads} threads")
END
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
