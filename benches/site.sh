#!/usr/bin/env bash
# Builds projects of many pages on a tmpfs and says how long it takes and how much memory: from nothing, with nothing changed, with one
# page changed, in two languages, only checked, and beside mdBook, Hugo and blades where they are installed.
# Usage: benches/site.sh [PAGES [PROGRAM]]    (1000 pages; the release build of this folder)
set -euo pipefail
cd "$(dirname "$0")/.."
pages=${1:-1000}
. benches/program.sh "${2:-}"
. benches/row.sh
octavo() { "$program" -C "$1" --quiet "${@:2}"; }
make() { python3 benches/site.py "$work/$1" "${@:2}"; }
timed() { row "$1" "$program" -C "$work/$2" --quiet "${@:3}"; }

echo "load before: $(cut -d' ' -f1-3 /proc/loadavg)"
make one "$pages"
timed "$pages pages, only checked" one check
timed "$pages pages, from nothing" one build
sleep 0.3
octavo "$work/one" build
timed "$pages pages, nothing changed" one build
touch "$work/one/experiments/grey.png"
timed "$pages pages, a file touched" one build
before=$(find "$work/one/site" -type f -links 1 | wc -l)
echo "One more sentence." >> "$work/one/experiments/s000/p1.md"
touch "$work/mark"
timed "$pages pages, one changed" one build
echo "files of the site written anew: $(find "$work/one/site" -type f -newer "$work/mark" | wc -l) of $before"
python3 benches/site.py --check "$work/one/site"
size() { stat -c %s "$work/one/site/s000/p1.html"; }
echo "one page: $(size) bytes of HTML"
for edit in $(seq 20); do
    echo "Edit $edit." >> "$work/one/experiments/s000/p2.md"
    octavo "$work/one" build
done
kilobytes() { du -s --apparent-size "$work/one/$1" | cut -f1; }
echo "after 20 edits the store has $(kilobytes .octavo) KB, the site $(kilobytes site) KB"
mkdir -p "$work/one/templates/assets"
cp templates/assets/style.css "$work/one/templates/assets/"
echo ".mine { color: red }" >> "$work/one/templates/assets/style.css"
touch "$work/mark"
timed "$pages pages, the style changed" one build
echo "files of the site written anew: $(find "$work/one/site" -type f -newer "$work/mark" | wc -l)"
sed 's/<main/<main data-mine/' templates/base.html > "$work/one/templates/base.html"
timed "$pages pages, a template changed" one build
make same "$pages" --same-code
timed "$pages pages, the same code everywhere" same build
make plain "$pages" --plain
timed "$pages pages, code as text, no search" plain build
make two "$pages" --languages en,fr
timed "$pages pages in two languages" two build
mkdir -p "$work/single/experiments"
printf 'octavo = "1"\ntitle = "One page"\n' > "$work/single/octavo.toml"
cp "$work/one/experiments/index.md" "$work/single/experiments/"
timed "one page, from nothing" single build
sleep 0.3
octavo "$work/single" build
timed "one page, nothing changed" single build
peer() { # PROGRAM WHAT-IT-LEAVES-OUT COMMAND...
    command -v "$1" > /dev/null || return 0
    make "$1" "$pages" "--$1"
    row "$1 ($2)" "${@:3}"
}
peer mdbook "formulas left to the browser, no search" mdbook build "$work/mdbook"
peer hugo "formulas left to the browser, no search, places on pages unchecked" hugo --quiet --source "$work/hugo"
peer blades "no code, no search, no navigation, no links checked" env --chdir="$work/blades" blades all
echo "load after: $(cut -d' ' -f1-3 /proc/loadavg)"
