#!/usr/bin/env bash
# The cluster `parallel` as docs/clusters.md shows it, with GNU parallel on this machine. `octavo` is the first argument. parallel is taken as it
# is installed, or else from its Debian package, which is unpacked and not installed; where it cannot be had, the script says so and leaves it
# out, or fails if OCTAVO_NEED_CLUSTERS is set.
set -euo pipefail
octavo=$(realpath "${1:?name the program}")
here=$(cd "$(dirname "$0")" && pwd)
folder=$(mktemp -d)
chmod 755 "$folder"
trap 'rm -rf "$folder"' EXIT
if ! parallel --version > "$folder/said" 2>&1 || ! grep -q '^GNU parallel' "$folder/said"; then
  mkdir "$folder/package"
  (cd "$folder/package" && apt-get --quiet download parallel && dpkg --extract ./*.deb .) > "$folder/said" 2>&1 || true
  export PATH="$folder/package/usr/bin:$PATH"
fi
if ! parallel --version > "$folder/said" 2>&1 || ! grep -q '^GNU parallel' "$folder/said"; then
  echo "SKIPPED: GNU parallel cannot be had here: the cluster \`parallel\` of docs/clusters.md is not tried" >&2
  [ -z "${OCTAVO_NEED_CLUSTERS:-}" ]
  exit
fi
for name in one many; do
  cp -rL "$here/../../examples/cluster" "$folder/$name"
  rm -rf "$folder/$name"/{.octavo,site}
done
{ echo; sed -n '/^\[cluster.parallel\]$/,/^```$/p' "$here/../../docs/clusters.md" | grep -v '^```'; } >> "$folder/many/octavo.toml"
"$octavo" -C "$folder/one" --quiet build
"$octavo" -C "$folder/many" submit parallel 2>&1 | tee "$folder/said"
grep -q 'submitted 24 tasks in ' "$folder/said"
grep -q '^0 tasks run, 24 remembered' "$folder/said"
diff -r "$folder/one/site" "$folder/many/site"
echo "parallel: 24 tasks in jobs of GNU parallel, and the same site"
