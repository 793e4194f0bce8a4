#!/usr/bin/env bash
# Times what keeps a report true: `octavo explain` and `octavo status` of 10,000 tasks, explaining a page of a site of 1,000, and reading and comparing 60 locks.
# Usage: benches/kept.sh [PROGRAM]
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/program.sh
octavo() { "$program" "$@"; }

median() { # RUNS COMMAND...
    python3 - "$@" <<'PY'
import statistics, subprocess, sys, time
seconds = []
for _ in range(int(sys.argv[1])):
    start = time.monotonic()
    subprocess.run(sys.argv[2:], check=True, stdout=subprocess.DEVNULL)
    seconds.append(time.monotonic() - start)
print(f"{statistics.median(seconds):8.3f} s (median of {len(seconds)}, least {min(seconds):.3f})")
PY
}

mkdir -p "$work/tasks/experiments" "$work/locks/experiments"
for project in tasks locks; do printf 'octavo = "1"\ntitle = "Bench"\n' >"$work/$project/octavo.toml"; done

printf 'title = "Many"\nanalysis = "dragon"\noutputs = ["end_x"]\n[params]\nfolds = 1\n[sweep]\nangle = { from = 60.0, to = 120.0, steps = 10000 }\n[values.most]\nfrom = "scalars"\nexpr = "max(end_x)"\n' \
    >"$work/tasks/experiments/many.toml"
printf '# Many\n\nAt most {{ value("many#most") }}.\n' >"$work/tasks/experiments/many.md"
octavo -C "$work/tasks" --quiet build
explain() { printf '%-44s' "$1"; shift; median 15 "$program" -C "$work/tasks" "$@"; }
echo "10,000 tasks, all remembered:"
explain "octavo explain EXPERIMENT" explain many
for page in $(seq 999); do printf '# Page %s\n\nOf a thousand.\n' "$page" >"$work/tasks/experiments/page-$page.md"; done
octavo -C "$work/tasks" --quiet build
echo "10,000 tasks and 1,000 pages, all remembered:"
explain "octavo explain EXPERIMENT" explain many
explain "octavo explain VALUE" explain many#most
explain "octavo explain PAGE" explain many.html
explain "octavo status" status
sed -i 's/to = 120.0/to = 121.0/' "$work/tasks/experiments/many.toml"
echo "after another sweep, before a build:"
explain "octavo explain EXPERIMENT" explain many
explain "octavo status" status

for number in $(seq 60); do
    {
        printf 'title = "E"\nanalysis = "dragon"\n[params]\nangle = %s\n[sweep]\nfolds = [1, 2, 3, 4]\n' "$((60 + number))"
        for value in end_x end_y min_x max_x segments creases; do
            printf '[values.%s]\nfrom = "scalars"\nexpr = "max(%s)"\n' "$value" "$value"
            printf '[claims.%s-is-small]\ntext = "It is small."\ncheck = "%s < 1e6"\n' "${value//_/-}" "$value"
        done
    } >"$work/locks/experiments/e$number.toml"
done
printf '# Home\n\nA.\n' >"$work/locks/experiments/index.md"
octavo -C "$work/locks" --quiet build
echo "60 locks of $(cat "$work"/locks/experiments/*.lock | wc -l) lines, read and compared in a build after an edit of a page:"
for run in $(seq 15); do
    printf '# Home\n\nB %s.\n' "$run" >"$work/locks/experiments/index.md"
    octavo -C "$work/locks" --quiet build --timings="$work/trace-$run.json" 2>/dev/null
done
python3 - "$work"/trace-*.json <<'PY'
import json, statistics, sys
steps = [{event["name"]: event["dur"] / 1e3 for event in json.load(open(path))["traceEvents"]} for path in sys.argv[1:]]
for name in ["read the locks", "hold results against locks"]:
    print(f"{name:44}{statistics.median(step[name] for step in steps):8.3f} ms (median of {len(steps)})")
PY
