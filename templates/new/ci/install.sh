set -eu
if [ -x "$HOME/octavo/bin/octavo" ]; then
  "$HOME/octavo/bin/octavo" --version
  exit 0
fi
if [ -z "$OCTAVO_SOURCE" ]; then
  echo "error: OCTAVO_SOURCE is empty; fill it in at the top of this file" >&2
  exit 2
fi
case "$OCTAVO_FROM" in
  cargo)
    if printf '%s\n' "$OCTAVO_VERSION" | grep -Eqx '[0-9a-f]{40}'; then
      set -- --rev "$OCTAVO_VERSION"
    elif [ -n "$OCTAVO_VERSION" ]; then
      set -- --tag "$OCTAVO_VERSION"
    else
      echo "error: OCTAVO_VERSION is empty; name a tag or a whole commit, so that every run has the same program" >&2
      exit 2
    fi
    cargo install --git "$OCTAVO_SOURCE" "$@" --locked --root "$HOME/octavo" octavo
    ;;
  archive)
    archive=$(mktemp)
    curl --fail --silent --show-error --location --output "$archive" "$OCTAVO_SOURCE"
    if ! echo "$OCTAVO_SHA256  $archive" | sha256sum --check --quiet; then
      echo "error: the archive does not have the digest OCTAVO_SHA256" >&2
      exit 2
    fi
    mkdir -p "$HOME/octavo/bin"
    tar -xzf "$archive" -C "$HOME/octavo/bin" --strip-components=1
    ;;
  *)
    echo "error: OCTAVO_FROM is \`$OCTAVO_FROM\`; write cargo or archive" >&2
    exit 2
    ;;
esac
"$HOME/octavo/bin/octavo" --version
