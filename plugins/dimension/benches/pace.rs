//! Errors and times of the estimator on known sets: one line of JSON per measurement. `benches/dimension.sh` runs it beside
//! porespy. With a folder as argument it writes the sets there as images (PBM), a pixel to a unit; with `turned` it counts the
//! sets and their images at several angles and two levels, and how many lie in the stated interval.

#![allow(clippy::print_stdout, clippy::unwrap_used, reason = "a benchmark talks to its reader")]

use std::hint::black_box;
use std::io::Write as _;
use std::path::Path;
use std::time::Instant;

use octavo_dimension::bitmap::Bitmap;
use octavo_dimension::count::{Pixels, Set};
use octavo_dimension::estimate::{Estimate, estimate};
use octavo_dimension::known::Known;
use octavo_dimension::shape::Grid;
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed};

const SETS: [(&str, Known); 7] = [
    ("koch", Known::Koch),
    ("dragon-boundary", Known::DragonBoundary),
    ("sierpinski", Known::Sierpinski),
    ("circle", Known::Circle),
    ("cantor-dust", Known::CantorDust),
    ("apollonian", Known::Apollonian),
    ("rabbit", Known::Rabbit),
];

/// Angles of sets that are turned, in radians.
const ANGLES: [f64; 7] = [0.0, 0.2, 0.37, 0.55, 0.74, 1.0, 1.3];

fn main() {
    let folder = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    if folder.as_deref() == Some("turned") {
        return turned();
    }
    for (name, known) in SETS {
        let set = known.set(known.levels().0);
        let bitmap = pixels(&set);
        if let Some(folder) = &folder {
            write(&Path::new(folder).join(format!("{name}.pbm")), &bitmap);
        }
        report(name, "segments and points", known, &set);
        report(name, "image", known, &Set::Pixels(Pixels::new(bitmap)));
    }
    let gasket = Bitmap::from_fn(4096, 4096, |x, y| x & y == 0);
    let seconds = best(200, || drop(black_box(gasket.dyadic_counts())));
    println!(r#"{{"set":"dyadic counts of 4096 by 4096 pixels","what":"pyramid","seconds":{seconds}}}"#);
}

/// The pixels of side 1 unit that a set meets.
fn pixels(set: &Set) -> Bitmap {
    let Set::Shape { shape, unit } = set else { panic!("known sets are shapes") };
    let cells = shape.cells(Grid { origin: shape.extent().low, side: *unit });
    let side = set.side() as usize + 2;
    let mut bitmap = Bitmap::empty(side, side);
    cells.each().for_each(|[x, y]| bitmap.insert(x, side - 1 - y));
    bitmap.cropped().unwrap().0
}

/// Errors and stated uncertainties of turned sets and of their images, and how many of each kind are within theirs.
fn turned() {
    let mut held = [0; 2];
    let mut all = 0;
    for ((name, known), less) in SETS.into_iter().flat_map(|set| [(set, 0), (set, 1)]) {
        for angle in ANGLES {
            let level = known.levels().0 - less;
            let Set::Shape { shape, unit } = known.set(level) else { panic!("known sets are shapes") };
            let set = Set::Shape { shape: shape.turned(angle.to_degrees()), unit };
            let image = Set::Pixels(Pixels::new(pixels(&set)));
            for (held, (what, set)) in held.iter_mut().zip([("segments and points", set), ("image", image)]) {
                let found = estimated(&set);
                let (error, stated) = (found.dimension - known.dimension(), found.uncertainty());
                println!(
                    r#"{{"set":"{name}","what":"{what}","level":{level},"angle":{angle},"error":{error},"stated":{stated}}}"#
                );
                *held += u32::from(error.abs() <= stated);
            }
            all += 1;
        }
    }
    println!(r#"{{"sets held":{},"images held":{},"of":{all}}}"#, held[0], held[1]);
}

/// The estimate with the published window.
fn estimated(set: &Set) -> Estimate {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    let context = RunContext::new(Seed(1), &inputs, &cancel, &Silent);
    let counts = set.counts(64, 8.0, &context).unwrap();
    estimate(&counts, 8.0, set.side() / 32.0).unwrap()
}

fn report(set: &str, what: &str, known: Known, of: &Set) {
    let mut found = None;
    let seconds = best(3, || found = Some(estimated(of)));
    let found = found.unwrap();
    let (error, stated) = (found.dimension - known.dimension(), found.uncertainty());
    let (dimension, known) = (found.dimension, known.dimension());
    println!(
        r#"{{"set":"{set}","what":"{what}","known":{known},"dimension":{dimension},"error":{error},"stated":{stated},"seconds":{seconds}}}"#
    );
}

fn best(runs: usize, mut run: impl FnMut()) -> f64 {
    let time = |_| {
        let start = Instant::now();
        run();
        start.elapsed().as_secs_f64()
    };
    (0..runs).map(time).fold(f64::INFINITY, f64::min)
}

/// Portable bitmap: a bit is a pixel, 1 is black.
fn write(path: &Path, bitmap: &Bitmap) {
    let mut file = std::fs::File::create(path).unwrap();
    write!(file, "P4\n{} {}\n", bitmap.width(), bitmap.height()).unwrap();
    for y in 0..bitmap.height() {
        let byte =
            |x: usize| (0..8).fold(0_u8, |byte, bit| byte << 1 | u8::from(bitmap.contains(8 * x + bit, y)));
        let row: Vec<u8> = (0..bitmap.width().div_ceil(8)).map(byte).collect();
        file.write_all(&row).unwrap();
    }
}
