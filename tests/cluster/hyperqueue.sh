#!/usr/bin/env bash
# The shipped cluster `hyperqueue`, as it is written, with a server and workers of HyperQueue on this machine. `octavo` is the first
# argument. The Python package `hyperqueue` is installed into a folder of its own; where it cannot be had, the script says so and
# leaves it out, or fails if OCTAVO_NEED_CLUSTERS is set. `hyperqueue.sh OCTAVO kills KILLS SEED` and `hyperqueue.sh OCTAVO bars BAR...` go on with
# these.
set -euo pipefail
octavo=$(realpath "${1:?name the program}")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT

if ! python3 -m venv "$folder/python" ||
  ! "$folder/python/bin/pip" install --quiet --disable-pip-version-check hyperqueue; then
  echo "SKIPPED: HyperQueue cannot be installed here: the cluster \`hyperqueue\` is not tried" >&2
  [ -z "${OCTAVO_NEED_CLUSTERS:-}" ]
  exit
fi
mkdir "$folder/bin"
sed "1s|.*|#!$folder/python/bin/python3|" "$here/hq" > "$folder/bin/hq"
chmod +x "$folder/bin/hq"
export PATH="$folder/bin:$PATH" HQ_SERVER_DIR="$folder/server"
mkdir "$HQ_SERVER_DIR"
hq start "$HQ_SERVER_DIR" 4 > "$folder/ready" 2> "$folder/server.log" &
server=$!
for _ in $(seq 100); do grep -q ready "$folder/ready" && break; sleep 0.2; done
grep -q ready "$folder/ready" || { cat "$folder/server.log" >&2; exit 1; }

cp -rL "$here/../../examples/cluster" "$folder/one"
cp -rL "$here/../../examples/cluster" "$folder/many"
rm -rf "$folder"/*/.octavo "$folder"/*/site
"$octavo" -C "$folder/one" --quiet build
printf '\n[cluster.hyperqueue]\njobs = 6\n' >> "$folder/many/octavo.toml"
"$octavo" -C "$folder/many" submit hyperqueue 2>&1 | tee "$folder/said"
grep -q 'submitted 24 tasks in 6 jobs' "$folder/said"
grep -q '^0 tasks run, 24 remembered' "$folder/said"
diff -r "$folder/one/site" "$folder/many/site"
echo "hyperqueue: 24 tasks in 6 jobs, and the same site"

# More with the same engine, where it is asked for: what must be reached (bars.py), and what may be killed (kills.py), by their arguments.
if [ "$#" -gt 1 ]; then
  kill "$server"
  wait "$server" || true
  server=
  case $2 in
    kills) "$here/kills.py" "$octavo" "${@:3}" hyperqueue ;;
    bars)
      rm -f "$HQ_SERVER_DIR/hq-current"
      hq start "$HQ_SERVER_DIR" 4 > "$folder/ready" 2> "$folder/server.log" &
      server=$!
      for _ in $(seq 100); do grep -q ready "$folder/ready" && break; sleep 0.2; done
      "$here/bars.py" "$octavo" "${@:3}"
      ;;
  esac
fi
