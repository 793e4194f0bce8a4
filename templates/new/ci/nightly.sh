#!/bin/sh
# Builds the site without anybody looking, and publishes it. It is yours to change; Octavo's docs/deploying.md explains it.
# In the crontab: 17 3 * * * /path/to/nightly.sh
#
# It is silent if all is good, so that cron sends mail only if something is not. Exit codes:
#   0          the site is published, or is as it was
#   1 2 3 4    of `octavo build --strict`: nothing was published, and the site is as it was. 3 comes only if `octavo.lock` is
#              committed: then results must be those of the locks (`--locked`)
#   69         the sources could not be fetched, or the site could not be sent
#   75         another run is under way; nothing was done
set -eu

# The folder of the project.
PROJECT=${PROJECT:-$(cd "$(dirname "$0")" && pwd)}
# The program. cron has a short PATH: give the whole path if it lies elsewhere.
OCTAVO=${OCTAVO:-octavo}
# Where the site goes: a folder of this machine, or HOST:FOLDER, which is sent by rsync over ssh. Empty: `output` of octavo.toml.
TO=${TO:-}
# From where it is sent; it must not lie in the folder of experiments.
SITE=${SITE:-$PROJECT/nightly-site}
# `yes` fetches the sources first: git pull --ff-only.
PULL=${PULL:-no}
# What was said, this time and before; from 1 MB on it begins anew, and the old one stays as FILE.1.
LOG=${LOG:-$PROJECT/nightly.log}
LOCK=${LOCK:-$PROJECT/nightly.lock}

exec 9> "$LOCK"
if ! flock -n 9; then
  echo "another run holds $LOCK; nothing was done" >&2
  exit 75
fi

@locked.sh
@meaning.sh

if [ -e "$LOG" ] && [ "$(wc -c < "$LOG")" -gt 1000000 ]; then
  mv -f "$LOG" "$LOG.1"
fi
this=$(mktemp)
summary=$(mktemp)
trap 'rm -f "$this" "$summary"' EXIT

# Ends the run: what was said goes to the log, and if the code is not 0, its end to who started this.
finish() {
  {
    echo "== $(date -u +%Y-%m-%dT%H:%M:%SZ) exit code $1: $2"
    cat "$this"
  } >> "$LOG"
  if [ "$1" != 0 ]; then
    echo "$PROJECT: $2 (exit code $1); $LOG has the rest" >&2
    cat "$summary" >&2
    tail -n 40 "$this" >&2
  fi
  exit "$1"
}

cd "$PROJECT"
if [ "$PULL" = yes ]; then
  git pull --ff-only > "$this" 2>&1 || finish 69 "the sources could not be fetched"
fi
# The date that the site states is that of its commit, so that one commit gives one site.
if [ -z "${SOURCE_DATE_EPOCH:-}" ] && SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2> /dev/null); then
  export SOURCE_DATE_EPOCH
fi

# Elsewhere, a whole site is sent from a folder of its own; on this machine Octavo itself replaces the site at one instant.
case "$TO" in
  "") set -- ;;
  *:*) set -- -o "$SITE" ;;
  *) set -- -o "$TO" ;;
esac
if ships_locks .; then
  set -- "$@" --locked
fi
code=0
"$OCTAVO" build --strict --summary "$summary" "$@" >> "$this" 2>&1 9>&- || code=$?
[ "$code" = 0 ] || finish "$code" "$(meaning "$code")"
case "$TO" in
  *:*)
    # New files first, then pages that name them, then what is gone.
    rsync -a --delete-after --delay-updates "$SITE/" "$TO/" >> "$this" 2>&1 9>&- ||
      finish 69 "the site could not be sent to $TO"
    ;;
esac
# What no definition needs any more and nobody used for a while is forgotten; the rest stays for the next night.
"$OCTAVO" gc >> "$this" 2>&1 9>&- || true
finish 0 "$(meaning 0)"
