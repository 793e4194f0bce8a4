#!/usr/bin/env bash
# Serves projects of 1,000 and 10,000 pages on a tmpfs and says how long edits take to reach a reader: of prose, of titles, in Chromium if it is
# installed; and how much memory 1,000 edits take.
# Usage: benches/serve.sh [PROGRAM]    (the release build of this folder)
set -euo pipefail
cd "$(dirname "$0")/.."
. benches/program.sh "${1:-}"
measure() { python3 benches/serve.py "$program" "$@"; }
echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
for pages in 1000 10000; do
    python3 benches/site.py "$work/$pages" "$pages"
    measure "$work/$pages"
    measure "$work/$pages" --what title --edits 20 --pause 0.5
    if command -v chromium > /dev/null; then
        measure "$work/$pages" --edits 30 --chromium chromium
    fi
done
measure "$work/1000" --edits 1000 --pause 0.11
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
