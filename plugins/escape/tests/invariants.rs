//! What holds for every picture, and counts against the definition.

#![allow(
    clippy::unwrap_used,
    clippy::needless_pass_by_value,
    reason = "helpers of tests: a panic is a failed test"
)]

use octavo_escape::counts::Orbits;
use octavo_escape::view::View;
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed};

fn with_context<T>(run: impl FnOnce(&RunContext<'_>) -> T) -> T {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    run(&RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent))
}

fn counts(c: Option<[f64; 2]>, limit: u32, view: &View) -> Vec<i32> {
    with_context(|context| Orbits { c, limit }.counts(view, context)).unwrap()
}

/// The definition, word by word.
fn count(mut z: [f64; 2], c: [f64; 2], limit: u32) -> i32 {
    if z[0] * z[0] + z[1] * z[1] > 4.0 {
        return -1;
    }
    for k in 1..=limit {
        let (zr2, zi2) = (z[0] * z[0], z[1] * z[1]);
        z = [zr2 - zi2 + c[0], 2.0 * z[0] * z[1] + c[1]];
        if z[0] * z[0] + z[1] * z[1] > 4.0 {
            return k as i32;
        }
    }
    0
}

fn by_definition(c: Option<[f64; 2]>, limit: u32, view: &View) -> Vec<i32> {
    let pixels = (0..view.size[1]).flat_map(|row| (0..view.size[0]).map(move |column| [column, row]));
    let at = |[column, row]: [usize; 2]| [view.coordinate(0, column), view.coordinate(1, row)];
    pixels
        .map(at)
        .map(|point| match c {
            Some(c) => count(point, c, limit),
            None => count([0.0; 2], point, limit),
        })
        .collect()
}

#[test]
fn counts_are_those_of_the_definition() {
    let views = [
        View { origin: [-2.1, -1.3], pixel: 0.041, size: [75, 64] },
        View { origin: [-0.752, -0.005], pixel: 1e-4, size: [41, 90] },
        View { origin: [-1.78, -0.02], pixel: 4e-4, size: [130, 100] },
        View { origin: [0.2499, -1e-5], pixel: 1e-6, size: [33, 21] },
        View { origin: [-3.0, -5.0], pixel: 0.5, size: [20, 20] },
    ];
    for view in views {
        for limit in [1, 2, 11, 12, 13, 50, 2500] {
            assert_eq!(counts(None, limit, &view), by_definition(None, limit, &view), "{view:?} {limit}");
            for c in [[-0.123, 0.745], [0.0, 1.0], [-2.0, 0.0], [-0.8, 0.156], [1.5, -2.5], [0.0, 3.0]] {
                let (ours, theirs) = (counts(Some(c), limit, &view), by_definition(Some(c), limit, &view));
                assert_eq!(ours, theirs, "{c:?} {view:?} {limit}");
            }
        }
    }
}

#[test]
fn the_mandelbrot_set_is_symmetric_about_the_real_axis() {
    // The first is symmetric in doubles, so that half of it is copied; the second is so only up to rounding.
    for (origin, pixel, size) in [
        ([-2.0, -1.5], 3.0 / 96.0, [96, 96]),
        ([-2.0, -1.0], 0.02, [100, 100]),
        ([-1.5, -0.25], 1.0 / 64.0, [64, 96]),
    ] {
        let view = View { origin, pixel, size };
        let below = View { origin: [origin[0], -(origin[1] + pixel * size[1] as f64)], ..view };
        let (up, down) = (counts(None, 300, &view), counts(None, 300, &below));
        let turned: Vec<i32> = down.chunks(size[0]).rev().flatten().copied().collect();
        let same = up.iter().zip(&turned).filter(|(a, b)| a == b).count();
        assert!(same + 3 >= up.len(), "{same} of {}", up.len());
    }
    let copied = View { origin: [-2.0, -1.5], pixel: 3.0 / 96.0, size: [96, 96] }.mirrors();
    assert_eq!(copied.iter().filter(|row| row.is_some()).count(), 48);
}

#[test]
fn julia_sets_are_symmetric_about_zero() {
    for c in [[-0.123, 0.745], [0.3, 0.5], [-1.0, 0.0], [0.36, 0.1]] {
        let view = View { origin: [-2.0, -2.0], pixel: 4.0 / 128.0, size: [128, 128] };
        let found = counts(Some(c), 500, &view);
        let turned: Vec<i32> = found.iter().rev().copied().collect();
        assert_eq!(found, turned, "{c:?}");
    }
}

#[test]
fn members_are_the_pixels_that_stay() {
    for (width, height) in [(64, 40), (61, 9), (7, 3)] {
        let view =
            View { origin: [-2.0, -1.2], pixel: 2.4 / f64::from(height), size: [width, height as usize] };
        let orbits = Orbits { c: None, limit: 50 };
        let bits = with_context(|context| orbits.members(&view, context)).unwrap();
        let bytes = width.div_ceil(8);
        for (place, count) in counts(None, 50, &view).iter().enumerate() {
            let (row, column) = (place / width, place % width);
            let bit = bits[row * bytes + column / 8] >> (7 - column % 8) & 1;
            assert_eq!(bit == 1, *count == 0, "{place}");
        }
    }
}
