//! What a task costs in a plugin beyond the plugin's own work: `cargo bench --bench plugin_task`.
//!
//! This program is the host and the plugin. The plugin computes `dragon` with two folds, whose own time is measured in
//! process and taken off. The bar is 2 ms a task.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement may panic and prints")]

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use octavo::process::{Limits, Plugin, ProcessAnalysis};
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Digest, DynAnalysis, Inputs, RunContext, Seed};

const RUNS: usize = 1000;

fn main() -> ExitCode {
    if std::env::args().nth(1).as_deref() == Some("serve") {
        return octavo_plugin::serve(octavo_dragon::Dragon);
    }
    let own = median(&octavo_dragon::Dragon);
    let begin = Instant::now();
    let plugin = plugin();
    let start = begin.elapsed();
    let through = median(&plugin);
    println!("start and describe: {:.1} ms", milliseconds(start));
    println!("in process: {:.3} ms a task", milliseconds(own));
    println!("as a process: {:.3} ms a task", milliseconds(through));
    println!("overhead: {:.3} ms a task (median of {RUNS})", milliseconds(through.saturating_sub(own)));
    ExitCode::SUCCESS
}

fn median(analysis: &dyn DynAnalysis) -> Duration {
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let params = analysis.prepare(&serde_json::json!({"folds": 2})).unwrap().params;
    let context = RunContext::new(Seed(1), &inputs, &cancel, &Silent);
    let run = |_| {
        let begin = Instant::now();
        analysis.run(&params, &context).unwrap();
        begin.elapsed()
    };
    let mut times: Vec<Duration> = (0..RUNS).map(run).collect();
    times.sort_unstable();
    times[RUNS / 2]
}

fn plugin() -> ProcessAnalysis {
    let this = std::env::current_exe().unwrap().display().to_string();
    let plugin = Plugin {
        name: "dragon".to_owned(),
        command: vec![this, "serve".to_owned()],
        root: PathBuf::from("/"),
        files: BTreeSet::new(),
        inputs: Vec::new(),
        limits: Limits {
            start: Duration::from_secs(60),
            time: Duration::from_secs(60),
            memory: 4 << 30,
            output: 256 << 20,
            threads: 1,
            processes: 8,
        },
        digest: Digest::of(b"bench"),
        octavo: PathBuf::from(env!("CARGO_BIN_EXE_octavo")),
    };
    ProcessAnalysis::new(plugin, Path::new("/nowhere")).unwrap()
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}
