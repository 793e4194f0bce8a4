#!/usr/bin/env bash
# A store on another machine, as docs/stores.md says how to serve it, with a real nginx on this machine. `octavo` is the first argument. nginx
# is taken as it is installed, or else from its Debian package, which is unpacked and not installed; where it cannot be had, the script says so
# and leaves it out, or fails if OCTAVO_NEED_CLUSTERS is set.
set -euo pipefail
octavo=$(realpath "${1:?name the program}")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
chmod 755 "$folder"
trap '[ ! -s "$folder/pid" ] || kill "$(cat "$folder/pid")"; rm -rf "$folder"' EXIT

PATH="$PATH:/usr/sbin"
if ! command -v nginx > /dev/null; then
  mkdir "$folder/package"
  (cd "$folder/package" && apt-get --quiet download nginx && dpkg --extract ./*.deb .) > "$folder/said" 2>&1 || true
  PATH="$PATH:$folder/package/usr/sbin"
fi
if ! nginx -V > "$folder/said" 2>&1 || ! grep -q http_dav_module "$folder/said"; then
  echo "SKIPPED: nginx with \`http_dav_module\` cannot be had here: the server of docs/stores.md is not tried" >&2
  [ -z "${OCTAVO_NEED_CLUSTERS:-}" ]
  exit
fi

port=${OCTAVO_TEST_PORT:-18766}
mkdir "$folder/store" "$folder/temporary"
{
  [ "$(id -u)" != 0 ] || echo "user root;"
  echo "pid $folder/pid; error_log $folder/error.log; events {}"
  echo "http { access_log off; client_body_temp_path $folder/temporary/body;"
  for kind in proxy fastcgi uwsgi scgi; do echo "${kind}_temp_path $folder/temporary/$kind;"; done
  sed -n '/^```nginx$/,/^```$/p' "$here/../../docs/stores.md" | grep -v '^```' |
    sed "s|/srv/octavo|$folder/store|; s|listen 8080|listen 127.0.0.1:$port|"
  echo "}"
} > "$folder/nginx.conf"
nginx -c "$folder/nginx.conf" -e "$folder/error.log" || { cat "$folder/error.log" >&2; exit 1; }

export OCTAVO_STORE_REMOTE="http://127.0.0.1:$port"
for name in one other; do cp -r "$here/../program/small" "$folder/$name"; done
"$octavo" -C "$folder/one" --quiet build
if OCTAVO_STORE_TOKEN=guessed "$octavo" -C "$folder/one" store push 2> "$folder/said"; then exit 1; fi
grep -q 'does not let this machine write (it answers 401)' "$folder/said"
export OCTAVO_STORE_TOKEN=long-and-random
"$octavo" -C "$folder/one" store push 2>&1 | tee "$folder/said"
grep -q ' are brought there, .*; 0 were there already$' "$folder/said"
"$octavo" -C "$folder/one" store push 2>&1 | grep -q '^0 records and 0 results are brought there'
unset OCTAVO_STORE_TOKEN
"$octavo" -C "$folder/other" build 2>&1 | tee "$folder/said"
grep -q '^0 tasks run, ' "$folder/said"
diff -r "$folder/one/site" "$folder/other/site"
echo "nginx: what one project pushed another one does not compute, and the same site"
