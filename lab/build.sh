#!/usr/bin/env bash
# Builds a module of each analysis and the one that draws figures, or those that are named, into lab/modules/. `OCTAVO_LAB_CHECK=1` compares them with what is there instead.
#
# The toolchain is rustup's with its target wasm32-unknown-unknown, or, where that is not there, one without the target's
# library that has the library's sources: Debian's rustc-web, cargo-web, rust-web-src and lld-19.
set -euo pipefail
cd "$(dirname "$0")/.."

names=("$@")
if [ ${#names[@]} -eq 0 ]; then
  mapfile -t names < <(sed -n '/^default = \[/,/^\]/p' lab/Cargo.toml | grep -o '"[a-z]*"' | tr -d '"')
fi

target=wasm32-unknown-unknown
folder=$PWD/target/lab
cargo=${CARGO:-cargo}
rustc=${RUSTC:-rustc}
more=()
if [ ! -d "$("$rustc" --print sysroot)/lib/rustlib/$target" ]; then
  cargo=${LAB_CARGO:-/usr/bin/cargo}
  rustc=${LAB_RUSTC:-/usr/bin/rustc}
  if [ ! -e "$("$rustc" --print sysroot)/lib/rustlib/src/rust/library" ]; then
    echo "lab/build.sh: there is neither rustup's target ($target: \`rustup target add $target\`) nor a toolchain with the sources of the library at $("$rustc" --print sysroot)/lib/rustlib/src/rust" >&2
    exit 1
  fi
  # Where the sources of the library really lie: they are remapped below.
  more_flags=("--remap-path-prefix=$(readlink -f "$("$rustc" --print sysroot)/lib/rustlib/src/rust")=rust")
  # This toolchain builds the library of the target together with the module.
  export RUSTC_BOOTSTRAP=1
  more=(-Zbuild-std=std,panic_abort)
  linker=$(command -v wasm-ld-19 || command -v wasm-ld)
fi

home=${CARGO_HOME:-$HOME/.cargo}
sysroot=$("$rustc" --print sysroot)
# Where cargo unpacks crates is called after the registry that they came from. The last prefix that fits is the one that is replaced.
crates=()
for folder_of_crates in "$home"/registry/src/*/; do
  crates+=("--remap-path-prefix=${folder_of_crates%/}=crates")
done
flags=(
  # No path of this machine stands in a module.
  "--remap-path-prefix=$PWD=octavo" "--remap-path-prefix=$home=cargo" "--remap-path-prefix=$sysroot/lib/rustlib/src/rust=rust"
  ${crates[@]+"${crates[@]}"}
  ${more_flags[@]+"${more_flags[@]}"}
  # What a reader's browser gives at most, 256 MB, and what every browser of the last years has.
  -Clink-arg=--max-memory=268435456 -Clink-arg=-zstack-size=1048576 -Ctarget-feature=+simd128
  ${linker:+-Clinker=$linker -Clinker-flavor=wasm-ld}
)
# CARGO_ENCODED_RUSTFLAGS keeps words with spaces whole.
CARGO_ENCODED_RUSTFLAGS=$(printf '%s\x1f' "${flags[@]}")
export CARGO_ENCODED_RUSTFLAGS=${CARGO_ENCODED_RUSTFLAGS%$'\x1f'} RUSTC=$rustc

for name in "${names[@]}"; do
  # What draws is made as small as can be; of what computes, speed counts as much. Both in one folder would build all crates in turns.
  built=$folder
  if [ "$name" = figure ]; then
    built=$folder/small
    export CARGO_PROFILE_LAB_OPT_LEVEL=z
  fi
  "$cargo" rustc --quiet --locked -p octavo-lab --lib --crate-type cdylib --target $target --target-dir "$built" \
    --profile lab --no-default-features --features "$name" "${more[@]}"
  cp "$built/$target/lab/octavo_lab.wasm" "$folder/$name.wasm"
  unset CARGO_PROFILE_LAB_OPT_LEVEL
done

# The program that packs them is one of this machine.
unset CARGO_ENCODED_RUSTFLAGS RUSTC RUSTC_BOOTSTRAP
"${CARGO:-cargo}" run --quiet --locked -p octavo-lab --no-default-features --features dragon --example pack -- "$folder" "${names[@]}"
