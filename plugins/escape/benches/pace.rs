//! How fast orbits are counted: one line of JSON per measurement. `benches/escape.sh` runs it beside other programs.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::hint::black_box;
use std::time::Instant;

use octavo_escape::counts::Orbits;
use octavo_escape::view::View;
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed};

fn main() {
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        let orbits = Orbits { c: None, limit: 1000 };
        let view = View { origin: [-2.0, -1.5], pixel: 3.0 / 2048.0, size: [2048; 2] };
        report("whole set, 2048², 1000 iterations, exact counts", threads, 9, || {
            black_box(pool.install(|| with_context(|context| orbits.counts(&view, context))).unwrap());
        });
        let orbits = Orbits { c: None, limit: 50 };
        let pixel = 2.0 / 16_000.0;
        let view = View { origin: [-1.5 - pixel / 2.0, -1.0 - pixel / 2.0], pixel, size: [16_000; 2] };
        report("bitmap of the benchmarks game, 16000², 50 iterations", threads, 3, || {
            black_box(pool.install(|| with_context(|context| orbits.members(&view, context))).unwrap());
        });
    }
}

fn with_context<T>(run: impl FnOnce(&RunContext<'_>) -> T) -> T {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    run(&RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent))
}

/// The least times of several runs after one that does not count, since others may share the machine: on the clock, and on
/// processors.
fn report(what: &str, threads: usize, runs: usize, mut run: impl FnMut()) {
    // Words on the command line choose among the measurements; cargo adds `--bench`.
    let mut asked = std::env::args().skip(1).filter(|word| word != "--bench").peekable();
    if asked.peek().is_some() && !asked.any(|word| what.contains(&word)) {
        return;
    }
    run();
    let times = (0..runs).map(|_| {
        let (start, before) = (Instant::now(), on_processors());
        run();
        (start.elapsed().as_secs_f64(), on_processors() - before)
    });
    let (clock, busy): (Vec<f64>, Vec<f64>) = times.unzip();
    let least = |times: &[f64]| times.iter().copied().fold(f64::INFINITY, f64::min);
    let (clock, busy) = (least(&clock), least(&busy));
    println!(
        "{{\"what\": \"{what}\", \"threads\": {threads}, \"seconds\": {clock:.6}, \"cpu_seconds\": {busy:.6}}}"
    );
}

/// Seconds that the threads of this process have spent on processors; 0 where the system does not say.
fn on_processors() -> f64 {
    let tasks = std::fs::read_dir("/proc/self/task").into_iter().flatten().flatten();
    let nanoseconds = |entry: std::fs::DirEntry| -> Option<f64> {
        let text = std::fs::read_to_string(entry.path().join("schedstat")).ok()?;
        text.split_whitespace().next()?.parse().ok()
    };
    tasks.filter_map(nanoseconds).sum::<f64>() / 1e9
}
