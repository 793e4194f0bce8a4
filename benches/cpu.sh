#!/usr/bin/env bash
# Runs small experiments on this processor and on an emulated one without AVX and FMA, and compares the digests of all
# results: scalars and tables, bit for bit.
# Usage: benches/cpu.sh [PROGRAM [CPU]]; needs qemu-x86_64 (package qemu-user).
set -euo pipefail
cd "$(dirname "$0")/.."
program=$(realpath "${1:-target/debug/octavo}")
cpu=${2:-Nehalem}
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

experiment() { # NAME, PARAMETERS
    printf 'title.en = "%s"\nanalysis = "curvature"\nseed = 5\n[params]\n%s\n' "$1" "$2" > "$scratch/$1.toml"
}
experiment tanh 'network = { width = 40, depth = 5 }
tolerance = 1e-6
correlations = [0.1]'
experiment erf 'network = { width = 17, depth = 4, activation = "erf" }
tolerance = 1e-6'
experiment single 'network = { width = 33, depth = 4 }
precision = "f32"
tolerance = 1e-4'
experiment relu 'network = { width = 20, depth = 4, activation = "relu", sigma_w = 1.4 }'
experiment narrow 'network = { width = 3, depth = 3, sigma_w = 20.0 }
max_points = 4096'
experiment gelu 'network = { width = 9, depth = 3, activation = "gelu" }
tolerance = 1e-5'

same=0
for file in "$scratch"/*.toml; do
    name=$(basename "$file" .toml)
    for way in native emulated; do
        folder=$scratch/$way-$name
        mkdir "$folder"
        cp "$file" "$folder/"
        run=("$program")
        [ "$way" = native ] || run=(qemu-x86_64 -cpu "$cpu" "$program")
        (cd "$folder" && "${run[@]}" run "$name.toml" --format json --quiet) | sha256sum | cut -c1-16 > "$folder.digest"
    done
    native=$(cat "$scratch/native-$name.digest") emulated=$(cat "$scratch/emulated-$name.digest")
    echo "$name: native $native, $cpu $emulated"
    [ "$native" = "$emulated" ] || same=1
done
exit $same
