//! How fast transport between clouds is: one line of JSON per measurement. `benches/sinkhorn.sh` runs it beside POT.
//!
//! Usage: pace FOLDER, with the clouds `source.f64` and `target.f64` (points of the plane, little-endian) and
//! `large-source.f64`, `large-target.f64` in it.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::path::Path;
use std::time::Instant;

use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed};
use octavo_sinkhorn::{Cloud, Options, transport, wasserstein_squared};

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap();
    let read = |name: &str| {
        let bytes = std::fs::read(Path::new(&folder).join(name)).unwrap();
        Cloud::uniform(2, bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect()).unwrap()
    };
    let threads = std::thread::available_parallelism().unwrap().get().min(2);
    rayon::ThreadPoolBuilder::new().num_threads(threads).build_global().unwrap();
    let mean: f64 =
        std::fs::read_to_string(Path::new(&folder).join("mean-cost")).unwrap().trim().parse().unwrap();
    // First, as it is the only one whose memory counts.
    let (source, target) = (read("large-source.f64"), read("large-target.f64"));
    // A tolerance that a few iterations meet: the pace is wanted, not the plan.
    let options = Options { epsilon: 0.01 * mean, tolerance: 0.1, max_iterations: 100, relaxed: false };
    let begun = Instant::now();
    let found = transport(&source, &target, options, None).unwrap();
    report(0.01, "large", begun, found.iterations, found.value);
    let (source, target) = (read("source.f64"), read("target.f64"));
    for (share, relaxed) in [(0.01, true), (0.001, true), (0.01, false), (0.001, false)] {
        let options = Options { epsilon: share * mean, tolerance: 1e-6, max_iterations: 100_000, relaxed };
        let begun = Instant::now();
        let found = transport(&source, &target, options, None).unwrap();
        report(share, if relaxed { "over-relaxed" } else { "plain" }, begun, found.iterations, found.value);
    }
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let begun = Instant::now();
    let context = RunContext::new(Seed(1), &inputs, &cancel, &Silent);
    let value = wasserstein_squared(&source, &target, &context).unwrap();
    report(0.0, "exact", begun, 1, value);
}

fn report(share: f64, what: &str, begun: Instant, iterations: u64, value: f64) {
    let seconds = begun.elapsed().as_secs_f64();
    let megabytes = peak();
    println!(
        r#"{{"who": "ours", "what": "{what}", "share": {share}, "seconds": {seconds}, "iterations": {iterations}, "value": {value}, "megabytes": {megabytes}}}"#
    );
}

/// The largest memory of this process so far, in MB; 0 where the system does not tell.
fn peak() -> f64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse::<f64>().ok())
        .map_or(0.0, |kilobytes| kilobytes / 1000.0)
}
