#!/usr/bin/env bash
# Says what the search of a site of many pages costs: the index of a language, what a first question moves (the scripts, the part of the index, the
# texts of the first results), and what an edit of one word changes. All sizes are of what is compressed with gzip. With Chromium it asks the site from
# the disk. `--vocabulary 20000` among OPTIONS gives pages the words of a whole language, drawn by chance, which is more than an author's.
# Usage: benches/search.sh [PAGES [PROGRAM [OPTIONS of site.py...]]]    (1000 pages; the release build of this folder)
set -euo pipefail
cd "$(dirname "$0")/.."
pages=${1:-1000}
. benches/program.sh "${2:-}"
shift $(($# > 2 ? 2 : $#))
packed() { local sum=0 file; for file in "$@"; do sum=$((sum + $(gzip -9c "$file" | wc -c))); done; echo "$sum"; }
python3 benches/site.py "$work" "$pages" "$@"
for search in false true; do
    printf '%s\n' "$(grep -v '^search' "$work/octavo.toml")" "search = $search" > "$work/octavo.toml.new"
    mv "$work/octavo.toml.new" "$work/octavo.toml"
    rm -rf "$work/site" "$work/.octavo"
    echo "search = $search"
    "$program" -C "$work" build --timings 2>&1 | grep -E 'render pages|publish$|pages,|words in' || true
done
site=$work/site
echo "without a question: $(packed "$site/assets/theme.js" "$site/assets/search.js") bytes of scripts"
echo "index: $(packed "$site"/search/en/*.js) bytes in $(ls "$site"/search/en/*.js | wc -l) files, the largest $(ls -lS "$site"/search/en/w*.js | awk 'NR == 1 { print $5 }') bytes as it is"
cp -r "$site/search" "$work/before"
sed -i '0,/measurement/s//hypothesis/' "$work/experiments/s000/p7.md"
"$program" -C "$work" build --timings 2>&1 | grep -E 'render pages|publish$|pages,|words in' || true
echo "an edit of one word changes $(diff -rq "$work/before" "$site/search" | grep -c '/w') chunks"
chromium=$(command -v chromium || command -v chromium-browser || command -v google-chrome || true)
if [ -n "$chromium" ]; then
    for question in measurement hypotheses convexity; do
        "$chromium" --headless=new --no-sandbox --disable-gpu --disable-background-networking --user-data-dir="$work/chromium" \
            --virtual-time-budget=8000 --dump-dom "file://$site/search.html?q=$question" 2> /dev/null > "$work/found.html"
        files=$(grep -o 'src="[^"]*\.js[^"]*"' "$work/found.html" | sed -E 's/src="([^"?]*).*/\1/' | grep -E 'find\.js|^search/' | sort -u)
        status=$(sed -n 's/.*role="status">\([^<]*\)<.*/\1/p' "$work/found.html")
        echo "\`$question\`: $status, $(cd "$site" && packed $files) bytes in $(echo "$files" | wc -l) files"
    done
fi
