set -eu
PATH="$HOME/octavo/bin:$PATH"
work=$(mktemp -d)
# The date that the site states is that of its commit, so that one commit gives one site.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct)
export SOURCE_DATE_EPOCH
@locked.sh
set --
if ships_locks "$OCTAVO_PROJECT"; then
  set -- --locked
fi
code=0
{ octavo -C "$OCTAVO_PROJECT" build --strict --summary "$work/summary" "$@" -o "$OCTAVO_SITE" 2>&1 || echo "$?" > "$work/code"; } | tee "$work/log"
if [ -e "$work/code" ]; then
  code=$(cat "$work/code")
fi
@meaning.sh
{
  echo "### Octavo: $(meaning "$code") (exit code $code)"
  echo
  # Indented, it is shown as it is, whatever stands in it.
  if [ -s "$work/summary" ]; then
    sed 's/^/    /' "$work/summary"
    echo
  fi
  tail -n 40 "$work/log" | sed 's/^/    /'
} >> "$OCTAVO_SUMMARY"
# What no definition needs any more and nobody used for a while need not be kept for the next run.
if [ "$code" = 0 ]; then
  octavo -C "$OCTAVO_PROJECT" gc || true
fi
exit "$code"
