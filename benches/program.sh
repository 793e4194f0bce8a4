# Sourced by benches of the whole program, with the one that is measured or nothing: `program` is that, or the release build of this
# folder, and `work` a folder in memory, where there is one, that goes with the bench.
program=${1:-}
if [ -z "$program" ]; then
    cargo build --release --quiet
    program=$PWD/target/release/octavo
fi
work=$(mktemp -d -p "$([ -d /dev/shm ] && echo /dev/shm || echo "${TMPDIR:-/tmp}")")
trap 'rm -rf "$work"' EXIT
