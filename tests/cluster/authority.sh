#!/usr/bin/env bash
# A store that is asked by `https`, on this machine, whose host somebody vouches for whom nobody knows. `octavo`, built with the feature `https`,
# is the first argument. It takes openssl and Python; where they cannot be had, the script says so and leaves it out, or fails if
# OCTAVO_NEED_CLUSTERS is set.
set -euo pipefail
octavo=$(realpath "${1:?name the program}")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
server=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null || true; rm -rf "$folder"' EXIT
if ! command -v openssl > /dev/null || ! python3 -c 'import ssl'; then
  echo "SKIPPED: openssl or Python's ssl cannot be had here: an authority of one's own is not tried" >&2
  [ -z "${OCTAVO_NEED_CLUSTERS:-}" ]
  exit
fi

# Two authorities, and a host that one of them vouches for.
cd "$folder"
for name in own other; do
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2 -subj "/CN=$name" \
    -keyout "$name.key" -out "$name.pem" 2> said
done
openssl req -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj /CN=localhost -keyout host.key -out host.csr 2> said
printf 'subjectAltName=DNS:localhost\nbasicConstraints=CA:FALSE\n' > extensions
openssl x509 -req -in host.csr -CA own.pem -CAkey own.key -CAcreateserial -days 2 -extfile extensions -out host.pem 2> said

for name in one trusts distrusts; do cp -r "$here/../program/small" "$name"; done
"$octavo" -C one --quiet build
port=${OCTAVO_TEST_PORT:-18768}
python3 - "$port" "$folder/one/.octavo" <<'PYTHON' > served 2>&1 &
import functools, http.server, ssl, sys

handler = functools.partial(http.server.SimpleHTTPRequestHandler, directory=sys.argv[2])
server = http.server.ThreadingHTTPServer(("127.0.0.1", int(sys.argv[1])), handler)
context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("host.pem", "host.key")
server.socket = context.wrap_socket(server.socket, server_side=True)
print("ready", flush=True)
server.serve_forever()
PYTHON
server=$!
for _ in $(seq 100); do grep -q ready served && break; sleep 0.1; done

export OCTAVO_STORE_REMOTE="https://localhost:$port"
says() { grep -q -- "$1" said || { cat said >&2; echo "it does not say: $1" >&2; exit 1; }; }
# Neither those whom the program knows vouch for it, nor the other authority: it costs a message and a computation.
for ca in "" other.pem; do
  rm -rf distrusts/.octavo distrusts/site
  OCTAVO_STORE_CA=$ca "$octavo" -C distrusts build > said 2>&1
  says 'is not trusted: .*certificate.*OCTAVO_STORE_CA'
  if grep -q '^0 tasks run' said; then exit 1; fi
  diff -r one/site distrusts/site
done
if grep -q GET served; then echo "something was asked of a host that is not trusted" >&2; exit 1; fi

# The file is named by the project, below its folder, or by the environment.
cp own.pem trusts/
printf '\n[store]\nca = "own.pem"\n' >> trusts/octavo.toml
"$octavo" -C trusts build > said 2>&1
says '^0 tasks run, '
diff -r one/site trusts/site
rm -rf distrusts/.octavo distrusts/site
OCTAVO_STORE_CA=own.pem "$octavo" -C distrusts build > said 2>&1
says '^0 tasks run, '
for bad in own.key nothing.pem; do
  rm -rf distrusts/.octavo distrusts/site
  if OCTAVO_STORE_CA=$bad "$octavo" -C distrusts build > said 2>&1; then exit 1; fi
  says 'does not hold certificates alone\|there is no file `nothing.pem`'
done
echo "authority: a host is believed by whom the file names alone, and nothing is asked of any other"
