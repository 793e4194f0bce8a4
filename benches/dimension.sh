#!/usr/bin/env bash
# Dimensions of known sets by this project and by porespy: errors, stated uncertainties and times.
# Usage: benches/dimension.sh    (porespy is installed into a scratch environment)
set -euo pipefail
cd "$(dirname "$0")/.."
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"
"$work/venv/bin/pip" install --quiet porespy
mkdir "$work/images"
cargo bench --quiet -p octavo-dimension --bench pace --no-run
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
cargo bench --quiet -p octavo-dimension --bench pace -- "$work/images" > "$work/ours"
"$work/venv/bin/python" -W ignore benches/dimension.py "$work/images" > "$work/theirs"
"$work/venv/bin/python" - "$work/ours" "$work/theirs" <<'END'
import json, sys
ours, theirs = ([json.loads(line) for line in open(name)] for name in sys.argv[1:])
known = {row["set"]: row["known"] for row in ours if "known" in row}
print(f"{'set':16} {'by':34} {'dimension':>10} {'error':>8} {'stated':>7} {'seconds':>9}")
for name, dimension in known.items():
    for row in (row for row in ours if row["set"] == name):
        by = "octavo, " + row["what"]
        print(f"{name:16} {by:34} {row['dimension']:10.5f} {row['error']:+8.4f} {row['stated']:7.4f} {row['seconds']:9.4f}")
    for row in (row for row in theirs if row["set"] == name):
        for by, found in [("porespy, line over all sizes", row["dimension"]), ("porespy, mean of its slopes", row["slopes"])]:
            print(f"{name:16} {by:34} {found:10.5f} {found - dimension:+8.4f} {'':7} {row['seconds']:9.4f}")
for row in (row for row in ours if "known" not in row):
    print(f"{row['set']}: {1000 * row['seconds']:.3f} ms")
END
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
