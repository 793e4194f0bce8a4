# `just` lists these. Each is a plain command, too: nothing here is needed to build or test.

# Formatting, lints and the unit tests of what needs no plugin: under a minute when warm.
quick:
    cargo fmt --all --check
    cargo clippy --workspace --all-targets -- -D warnings
    cargo test --workspace --lib --exclude octavo --exclude octavo-dimension --exclude octavo-escape --exclude octavo-regions
    cargo test -p octavo --lib --test tidy

# Everything that must hold on a clean checkout; what runs for every change.
ci:
    .ci/run

# What is too slow for every change: other people's tools, strange inputs, dependencies.
nightly: csl external s3 parquet deny threads (fuzz "60") mutations gallery minimal promise clusters lab-check
    cargo run --release -- build --strict --profile full -o nightly-site

# What is built only when it is asked for: styles of citation as CSL files.
csl:
    cargo clippy -p octavo-prose --all-targets --features csl -- -D warnings
    cargo test -p octavo-prose --features csl
    cargo check -p octavo --features csl

# Asking other hosts whether links lead somewhere, and remote stores by `https`; the tests ask this machine alone.
external:
    cargo clippy -p octavo --all-targets --features external-links -- -D warnings
    cargo test -p octavo --features external-links --test program -- external far::

# Stores in buckets, which only a program has that is built for it: signatures of the documentation, and a server that checks them; and a host that
# an authority of one's own vouches for.
s3:
    cargo clippy -p octavo --all-targets --features s3 -- -D warnings
    cargo test -p octavo-store --features s3 remote
    cargo test -p octavo --features s3 --test program -- far::
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/s3.sh target/debug/octavo
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/authority.sh target/debug/octavo

# Tables as Parquet, which only a program has that is built for it.
parquet:
    cargo clippy -p octavo --all-targets --features parquet -- -D warnings
    cargo test -p octavo --features parquet --lib export
    cargo test -p octavo --features parquet --test program exported

# Licences, advisories and duplicates among the dependencies.
deny:
    cargo deny check

# The course on one thread and on many, each from nothing: the same bytes.
threads:
    #!/usr/bin/env bash
    set -euo pipefail
    cargo build --release
    folder=$(mktemp -d)
    trap 'rm -rf "$folder"' EXIT
    for jobs in 1 8; do
      mkdir "$folder/$jobs"
      cp -r octavo.toml statements.toml glossary.toml experiments templates "$folder/$jobs"
      target/release/octavo -C "$folder/$jobs" --quiet -j "$jobs" build
    done
    diff -r "$folder/1/site" "$folder/8/site"

# Each fuzz target for so many seconds (it needs a nightly toolchain and cargo-fuzz).
fuzz seconds="60":
    #!/usr/bin/env bash
    set -euo pipefail
    for target in definition prose expression protocol record project; do
      case $target in
        definition) more=tests/program/small/experiments ;;
        prose) more=tests/prose ;;
        protocol) more=docs/plugin-protocol/v1 ;;
        *) more= ;;
      esac
      mkdir -p fuzz/corpus/$target
      cargo +nightly fuzz run --fuzz-dir fuzz $target fuzz/corpus/$target fuzz/seeds/$target $more -- \
        -max_total_time={{seconds}} -max_len=4096 -timeout=10 -rss_limit_mb=4096
    done

# Projects with mistakes, by number: `just mutations 0..20000` checks them, `just mutations 0..2000 build` builds what passes.
mutations range="0..5000" depth="check":
    OCTAVO_MUTATIONS={{range}} OCTAVO_DEPTH={{depth}} \
      cargo test --release --test program mutated::many -- --ignored --nocapture

# What the level of claims promises, by 2,000 simulated courses of 200 claims that are true of nothing.
promise:
    cargo test --release -p octavo-tables promise -- --include-ignored --nocapture

# Work on real engines, none of them left out, and processes that are killed at random.
clusters:
    cargo build --release
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/hyperqueue.sh target/release/octavo
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/slurm.sh target/release/octavo
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/nginx.sh target/release/octavo
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/parallel.sh target/release/octavo
    tests/cluster/kills.py target/release/octavo 50
    OCTAVO_NEED_CLUSTERS=1 tests/cluster/hyperqueue.sh target/release/octavo kills 50 1

# What several processes must reach, measured (docs/clusters.md): with HyperQueue, too. Nothing else may run meanwhile.
bars *names:
    cargo build --release
    tests/cluster/hyperqueue.sh target/release/octavo bars {{names}}

# The whole program beside its peers, into docs/performance.md: all sections, or those that are named. Nothing else may run meanwhile.
bench *steps:
    cargo build --release
    ${PYTHON:-python3} benches/performance.py {{steps}}

# The modules of analyses for a reader's browser, all or those that are named (docs/lab.md).
lab *names:
    lab/build.sh {{names}}

# The modules are those of today's sources, and give the digests of the program on all cases of the conformance suites.
lab-check:
    OCTAVO_LAB_CHECK=1 lab/build.sh
    lab/conform.sh

# A page of every kind of figure, to look at in a browser.
gallery:
    cargo test -p octavo-figure --lib -- --ignored gallery

# The program with the analysis of CONTRIBUTING.md built in: it compiles everything once more.
minimal:
    cargo test -p octavo --test minimal -- --ignored

# The bundled course into site/.
build:
    cargo run --release -- build
