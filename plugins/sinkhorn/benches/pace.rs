//! How fast transport between clouds is: one line of JSON per measurement. `benches/sinkhorn.sh` runs it beside POT.
//!
//! Usage: pace FOLDER, with the clouds `source.f64` and `target.f64` (points of the plane, little-endian) and
//! `large-source.f64`, `large-target.f64` in it, and the grids of 64² weights `grid-source.f64` and `grid-target.f64`.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::path::Path;
use std::time::Instant;

use octavo_plugin::context::Silent;
use octavo_plugin::{Analysis, CancelToken, Inputs, RunContext, Seed};
use octavo_sinkhorn::{
    Cloud, Grid, Measured, Method, Options, Params, Sinkhorn, grid_transport, transport, transport_scaled,
    wasserstein_squared,
};

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with("--")).unwrap();
    let read = |name: &str| Cloud::uniform(2, floats(&Path::new(&folder).join(name))).unwrap();
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
    for share in [0.01, 0.001] {
        let options =
            Options { epsilon: share * mean, tolerance: 1e-6, max_iterations: 100_000, relaxed: true };
        let begun = Instant::now();
        let found = transport_scaled(&source, &target, options).unwrap();
        report(share, "scaling", begun, found.iterations, found.value);
    }
    grids(Path::new(&folder));
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let begun = Instant::now();
    let context = RunContext::new(Seed(1), &inputs, &cancel, &Silent);
    let value = wasserstein_squared(&source, &target, &context).unwrap();
    report(0.0, "exact", begun, 1, value);
    analysis(Path::new(&folder), mean, &context);
}

/// Grids of 64² pixels in the unit square: a fixed number of iterations, as the pace is wanted.
fn grids(folder: &Path) {
    let axis = || (0..64).map(|k| f64::from(k) / 63.0).collect::<Vec<_>>();
    let grid = |name: &str| Grid::new(axis(), axis(), &floats(&folder.join(name))).unwrap();
    let (source, target) = (grid("grid-source.f64"), grid("grid-target.f64"));
    let options = Options { epsilon: 0.01, tolerance: 1e-9, max_iterations: 10_000, relaxed: false };
    let begun = Instant::now();
    let found = grid_transport(&source, &target, options).unwrap();
    report(0.01, "grid", begun, found.iterations, found.value);
}

/// The whole analysis, with exact values, divergence and tables.
fn analysis(folder: &Path, mean: f64, context: &RunContext<'_>) {
    let listed = |name: &str| Measured::Points {
        points: floats(&folder.join(name)).chunks(2).map(<[f64]>::to_vec).collect(),
        weights: Vec::new(),
    };
    for (share, method, name) in
        [(0.01, Method::Scaling, "analysis"), (0.01, Method::Overrelaxed, "analysis o-r")]
    {
        let params = Params {
            source: listed("source.f64"),
            target: listed("target.f64"),
            epsilon: vec![share * mean],
            tolerance: 1e-6,
            method,
            ..Params::default()
        };
        let begun = Instant::now();
        let found = Sinkhorn.run(&params, context).unwrap();
        let value = found.scalars["w2_squared"].value.as_f64().unwrap();
        report(share, name, begun, 1, value);
    }
}

fn floats(path: &Path) -> Vec<f64> {
    let bytes = std::fs::read(path).unwrap();
    bytes.as_chunks::<8>().0.iter().map(|b| f64::from_le_bytes(*b)).collect()
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
