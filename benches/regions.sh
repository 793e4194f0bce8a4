#!/usr/bin/env bash
# Counts the regions of random networks with this crate and with the crate regioncam 0.5, in turn, on the same networks, and
# prints both times, their ratio, the rate and the memory. The peer is built in a scratch folder, never in the workspace.
# Usage: benches/regions.sh [ROUNDS] [SCRATCH]
set -euo pipefail
cd "$(dirname "$0")/.."
rounds=${1:-5}
scratch=${2:-${TMPDIR:-/tmp}/octavo-regions-peer}
export RAYON_NUM_THREADS=${RAYON_NUM_THREADS:-2}
cargo build --release --quiet -p octavo-regions --example count_regions
ours=$PWD/target/release/examples/count_regions
mkdir -p "$scratch/src"
cp benches/regions/peer.rs "$scratch/src/main.rs"
cat > "$scratch/Cargo.toml" <<'MANIFEST'
[package]
name = "peer"
version = "0.0.0"
edition = "2021"
[workspace]
[dependencies]
regioncam = { version = "0.5", default-features = false }
ndarray = "0.16"
serde_json = "1"
[profile.release]
lto = "fat"
codegen-units = 1
MANIFEST
cargo build --release --quiet --manifest-path "$scratch/Cargo.toml"
peer=$scratch/target/release/peer
median() { sort -n | awk '{ all[NR] = $1 } END { print all[int((NR + 1) / 2)] }'; }
field() { cut -d' ' -f"$1" <<< "$2"; }

echo "$(uname -m), $(nproc) processors, $RAYON_NUM_THREADS threads, load $(cut -d' ' -f1 /proc/loadavg)"
printf '%-18s %10s %10s %10s %10s %8s %10s %10s\n' network regions peer "peer s" "ours s" ratio "regions/s" "all s"
for widths in "2 128 128 128 1" "2 256 256 256 1"; do
    file=$scratch/net.json
    # shellcheck disable=SC2086
    "$ours" "$file" --random 1 $widths
    : > "$scratch/peer.times"; : > "$scratch/ours.times"; : > "$scratch/all.times"
    for _ in $(seq "$rounds"); do
        theirs=$("$peer" "$file" 1); field 2 "$theirs" >> "$scratch/peer.times"
        found=$("$ours" "$file" 5); field 2 "$found" >> "$scratch/ours.times"
        field 2 "$("$ours" "$file" 1 survey)" >> "$scratch/all.times"
    done
    slow=$(median < "$scratch/peer.times"); fast=$(median < "$scratch/ours.times"); all=$(median < "$scratch/all.times")
    printf '%-18s %10s %10s %10s %10s %8s %10s %10s\n' "${widths// /-}" "$(field 1 "$found")" "$(field 1 "$theirs")" \
        "$slow" "$fast" "$(awk "BEGIN { printf \"%.1f\", $slow / $fast }")" \
        "$(awk "BEGIN { printf \"%.0f\", $(field 1 "$found") / $fast }")" "$all"
done
file=$scratch/net.json
"$ours" "$file" --random 1 2 512 512 512 1
memory() { # kilobytes at most, and what the program printed
    "$@" & local pid=$! most=0 now
    while kill -0 "$pid" 2> /dev/null; do
        now=$(awk '/VmHWM/ { print $2 }' "/proc/$pid/status" 2> /dev/null || true)
        [ "${now:-0}" -gt "$most" ] && most=$now
        sleep 0.02
    done
    wait "$pid"
    echo "  at most $((most / 1024)) MB"
}
echo "2-512-512-512-1, count alone (regions, seconds):"; memory "$ours" "$file" 1
echo "2-512-512-512-1, with areas, integrals and affine functions:"; memory "$ours" "$file" 1 survey
