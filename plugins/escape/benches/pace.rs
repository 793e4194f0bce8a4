//! How fast orbits are counted: one line of JSON per measurement. `benches/escape.sh` runs it beside other programs.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::hint::black_box;
use std::time::Instant;

use octavo_escape::EscapeParams;
use octavo_escape::atlas::atlas;
use octavo_escape::counts::Orbits;
use octavo_escape::deep::{Deep, deep, offset};
use octavo_escape::fixed::Fixed;
use octavo_escape::params::AtlasParams;
use octavo_escape::reference::exact_count;
use octavo_escape::view::View;
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed};
use rayon::prelude::*;

fn main() {
    // All threads live to the end, so that what they spent is never lost.
    let pools = [1, 2].map(|threads| rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap());
    for pool in &pools {
        let threads = pool.current_num_threads();
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
        report("atlas, 25 by 19 thumbnails", threads, 5, || {
            let params = AtlasParams::default();
            black_box(pool.install(|| with_context(|context| atlas(&params, 1000, context))).unwrap());
        });
    }
    let pool = &pools[1];
    for (name, center) in [
        ("beside a copy of period 3428", COPY),
        ("beside a copy of period 49140", LATE),
        ("in the thick of a valley", VALLEY),
    ] {
        for pixel in [1e-14, 1e-30, 1e-50] {
            let params = place(center, pixel, 20);
            let what = format!("400 pixels of {pixel:e} {name}");
            let found = report_once(&what, || {
                pool.install(|| with_context(|context| deep(&params, context))).unwrap()
            });
            if let Some(found) = found {
                let wrong = pool.install(|| differing(&params, &found));
                eprintln!(
                    "{}",
                    note(&what, &found, &format!("{wrong} of 400 differ from 576 bits of fraction"))
                );
            }
        }
    }
    for (period, center) in [(3428, COPY), (48210, FAR), (49140, LATE)] {
        let params = place(center, 1e-50, 512);
        let what = format!("512² pixels of 1e-50 beside a copy of period {period}");
        let found =
            report_once(&what, || pool.install(|| with_context(|context| deep(&params, context))).unwrap());
        if let Some(found) = found {
            eprintln!("{}", note(&what, &found, ""));
        }
    }
}

/// Deep places beside the cardioid.
const COPY: [&str; 2] = [
    "-0.743642140046507996371603154451595462420660353306872601950833871479815830549036",
    "0.131824941687533724718691086625065668357813569299701587862066529324661221803979",
];
const LATE: [&str; 2] = [
    "-0.743417275523433405982462365347648960612108675935950659820086674077925505245562835331629808",
    "0.116411518655068651914244739373349357403032604334385685016789887256569590877292303668002491",
];
const FAR: [&str; 2] = [
    "-0.731888658856983768533528707835359052279783439551594742891417307796931508480680111247171183",
    "0.355205752634896583638644332550835172388147804642779674247697774380771114529882173265842097",
];
const VALLEY: [&str; 2] = [
    "-0.743641111604866527235574909584067623800334378203275046849542208842620646404672",
    "0.131825778621329191276587232416462894225861083264622038453200592091025900017518",
];

fn place(center: [&str; 2], pixel: f64, size: u32) -> EscapeParams {
    EscapeParams {
        center: Some(center.map(str::to_owned)),
        pixel: Some(pixel),
        size: [size; 2],
        max_iterations: 400_000,
        ..EscapeParams::default()
    }
}

/// How many counts are not those of ten limbs.
fn differing(params: &EscapeParams, found: &Deep) -> usize {
    let view = View::new(params);
    let center = params.center.as_ref().unwrap().each_ref().map(|text| Fixed::<10>::parse(text).unwrap());
    let differs = |index: &usize| {
        let delta = offset(&view, *index);
        let c = [0, 1].map(|axis| center[axis].plus(Fixed::of(delta[axis])));
        let exact = with_context(|context| exact_count(c, params.max_iterations, context)).unwrap();
        exact.unwrap().0 as i32 != found.counts[*index]
    };
    (0..view.pixels()).into_par_iter().filter(differs).count()
}

fn note(what: &str, found: &Deep, more: &str) -> String {
    let counts: i64 = found.counts.iter().map(|count| i64::from(*count)).sum();
    let (mean, fewer) = (counts / found.counts.len() as i64, counts as f64 / found.steps as f64);
    let (doubts, again) = (found.doubts, found.again);
    format!(
        "{what}: mean count {mean}, {fewer:.1} times fewer steps, {doubts} pixels in pairs of doubles, {again} in fixed point; {more}"
    )
}

/// One run, as [`report`]; `None` if it is not asked for.
fn report_once<T>(what: &str, run: impl Fn() -> T) -> Option<T> {
    let mut found = None;
    report(what, 2, 0, || found = Some(run()));
    found
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
    // With no further run, the first one counts.
    if runs > 0 {
        run();
    }
    let times = (0..runs.max(1)).map(|_| {
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
