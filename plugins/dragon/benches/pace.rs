//! How fast curves are made: one line of JSON per measurement. `benches/dragon.sh` runs it beside other programs.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::hint::black_box;
use std::time::Instant;

use octavo_dragon::curve::Curve;
use octavo_dragon::occupancy::survey;
use octavo_dragon::plane::Lattice;
use octavo_dragon::rule::{Rule, Word};
use octavo_dragon::stream::Stream;
use octavo_dragon::visits::{Meter, count};
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed};

/// Points in the reused buffer: 16 KiB, which stay in the nearest cache beside the templates.
const BUFFER: usize = 1 << 11;

fn main() {
    let positions = dragon(28);
    let points = positions.segments() as f64 + 1.0;
    report("positions into a reused buffer, 28 folds", 1, points, 7, || {
        let mut buffer = vec![[0_i32; 2]; BUFFER];
        let mut stream = Stream::new(&positions).unwrap();
        while black_box(stream.fill(&mut buffer)) > 0 {}
    });
    let stored = dragon(24);
    let mut memory = vec![[0_i32; 2]; stored.segments() as usize + 1];
    report("positions into one array, 24 folds", 1, memory.len() as f64, 7, || {
        assert_eq!(Stream::new(&stored).unwrap().fill(&mut memory), stored.segments() as usize + 1);
        black_box(&memory);
    });
    report("fill of the same array with one value", 1, memory.len() as f64, 7, || {
        memory.fill(black_box([1, 2]));
        black_box(&memory);
    });
    drop(memory);
    let large = dragon(30);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        report("occupancy raster, 30 folds", threads, large.segments() as f64, 7, || {
            let found =
                pool.install(|| with_meter(|meter| survey(&large, false, Some(2048), meter))).unwrap();
            assert_eq!(found.unwrap().visits.distinct, 543_713_626);
        });
    }
    let walked = dragon(24);
    for threads in [1, 2] {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        report("visits by walking, 24 folds", threads, walked.segments() as f64, 5, || {
            black_box(pool.install(|| with_meter(|meter| count(&walked, false, meter))).unwrap());
        });
    }
    let small = dragon(20);
    report("rewriting L-system and turtle, compiled, 20 folds", 1, small.segments() as f64 + 1.0, 5, || {
        assert_eq!(black_box(rewritten(20)).last().unwrap().map(i64::from), small.end());
    });
}

fn dragon(folds: u32) -> Curve<Lattice> {
    Curve::new(Rule::Halves(Word::all_up(folds)), Lattice::of_angle(90.0).unwrap())
}

fn with_meter<T>(run: impl FnOnce(&Meter<'_, '_>) -> T) -> T {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    let context = RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent);
    run(&Meter::new(&context, 1).unwrap())
}

/// The medians of several runs after one that does not count: of the time on the clock, and of the time on processors,
/// which says more on a machine that is shared.
fn report(what: &str, threads: usize, items: f64, runs: usize, mut run: impl FnMut()) {
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
    let (mut clock, mut busy): (Vec<f64>, Vec<f64>) = times.unzip();
    clock.sort_by(f64::total_cmp);
    busy.sort_by(f64::total_cmp);
    let (clock, busy) = (clock[runs / 2], busy[runs / 2]);
    println!(
        "{{\"what\": \"{what}\", \"threads\": {threads}, \"points\": {items}, \"seconds\": {clock:.6}, \"cpu_seconds\": {busy:.6}}}"
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

/// The textbook way: the word `FX` rewritten by X -> X+YF+ and Y -> -FX-Y, then drawn by a turtle.
fn rewritten(folds: u32) -> Vec<[i32; 2]> {
    let mut word = b"FX".to_vec();
    for _ in 0..folds {
        let mut next = Vec::with_capacity(4 * word.len());
        for letter in &word {
            match letter {
                b'X' => next.extend_from_slice(b"X+YF+"),
                b'Y' => next.extend_from_slice(b"-FX-Y"),
                other => next.push(*other),
            }
        }
        word = next;
    }
    let (mut at, mut step) = ([0, 0], [1, 0]);
    let mut points = vec![at];
    for letter in word {
        match letter {
            b'F' => {
                at = [at[0] + step[0], at[1] + step[1]];
                points.push(at);
            }
            b'+' => step = [-step[1], step[0]],
            b'-' => step = [step[1], -step[0]],
            _ => {}
        }
    }
    points
}
