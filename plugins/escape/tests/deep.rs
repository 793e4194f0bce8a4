//! Deep places against fixed point of more digits.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use octavo_escape::EscapeParams;
use octavo_escape::counts::Orbits;
use octavo_escape::deep::{Deep, deep, offset};
use octavo_escape::fixed::Fixed;
use octavo_escape::nucleus::nucleus;
use octavo_escape::params::Show;
use octavo_escape::reference::exact_count;
use octavo_escape::view::View;
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, Inputs, RunContext, Seed, math};

fn with_context<T>(run: impl FnOnce(&RunContext<'_>) -> T) -> T {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    run(&RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent))
}

fn params(center: [&str; 2], pixel: f64, size: u32, limit: u32) -> EscapeParams {
    EscapeParams {
        center: Some(center.map(str::to_owned)),
        pixel: Some(pixel),
        size: [size; 2],
        max_iterations: limit,
        ..EscapeParams::default()
    }
}

/// The counts, and how many differ from those of twelve limbs.
fn wrong(params: &EscapeParams) -> (Deep, usize) {
    wrong_by::<12>(params)
}

/// The counts, and how many differ from those of `L` limbs.
fn wrong_by<const L: usize>(params: &EscapeParams) -> (Deep, usize) {
    let view = View::new(params);
    let found = with_context(|context| deep(params, context)).unwrap();
    let center = params.center.as_ref().unwrap().each_ref().map(|text| Fixed::<L>::parse(text).unwrap());
    let differs = |index: &usize| {
        let delta = offset(&view, *index);
        let c = [0, 1].map(|axis| center[axis].plus(Fixed::of(delta[axis])));
        let exact = with_context(|context| exact_count(c, params.max_iterations, context)).unwrap();
        let (count, _) = exact.unwrap();
        count as i32 != found.counts[*index]
    };
    let differ = (0..view.pixels()).filter(differs).count();
    (found, differ)
}

/// In the middle of a copy of the whole set of period 3428 and size 3.7e-52, in the valley between the cardioid and the disc.
const COPY: [&str; 2] = [
    "-0.743642140046507996371603154451595462420660353306872601950833871479815830549036",
    "0.131824941687533724718691086625065668357813569299701587862066529324661221803979",
];

/// In the same valley, where structures are much smaller than pixels.
const THICK: [&str; 2] = ["-0.743641111604866527235574909584067", "0.131825778621329191276587232416462"];

#[test]
fn pixels_at_three_depths_are_those_of_real_numbers() {
    // Small grids here; `benches/escape.sh` compares 400 pixels at each depth.
    for (center, pixel, size, limit) in
        [(THICK, 1e-14, 12, 20_000), (COPY, 1e-30, 10, 20_000), (COPY, 1e-50, 8, 60_000)]
    {
        let (found, differ) = wrong(&params(center, pixel, size, limit));
        assert_eq!(differ, 0, "{pixel:e}");
        assert!(found.counts.iter().any(|count| *count > 0));
        let counts: i64 = found.counts.iter().map(|count| i64::from(*count)).sum();
        if center == THICK {
            // Doubles do not decide; pairs of them do.
            assert!(found.doubts > 5 && found.again <= found.doubts / 10, "{} {}", found.doubts, found.again);
        }
        if pixel == 1e-50 {
            // Rebasing and jumps do the work; fixed point only what is left.
            assert!(found.again == 0 && 20 * found.steps < counts as u64, "{} {}", found.again, found.steps);
        }
    }
}

#[test]
fn below_the_range_of_doubles_squared_pixels_are_those_of_real_numbers() {
    // About c = i everything comes back 4 √2 times as small, two steps later; a pixel of 1e-300 takes 800.
    for pixel in [1e-130, 1e-200, 1e-300] {
        let (found, differ) = wrong_by::<24>(&params(["0", "1"], pixel, 5, 5000));
        assert_eq!(differ, 0, "{pixel:e}");
        let (least, most) = (found.counts.iter().min().unwrap(), found.counts.iter().max().unwrap());
        // The middle pixel is c = i, the orbit of which stays.
        assert!(*least == 0 && *most > 200 && found.counts[0] < *most, "{least} {most}");
        assert!(found.again <= 2, "{}", found.again);
    }
}

/// The centre of the copy of the whole set that is nearest to c = i within `far`, with its size.
fn copy_near_i(far: f64) -> ([String; 2], u32, f64) {
    let found = EscapeParams { show: vec![Show::Nucleus], ..params(["0", "1"], far, 2, 5000) };
    let period = with_context(|context| deep(&found, context)).unwrap().nucleus.unwrap().period;
    let i = [Fixed::<24>::ZERO, Fixed::of(1.0)];
    let centre = with_context(|context| nucleus(i, period, far, context)).unwrap().unwrap();
    let size = math::hypot(centre.size[0], centre.size[1]);
    (centre.c.map(|part| part.decimal(400)), period, size)
}

#[test]
fn a_copy_below_the_range_of_doubles_squared_is_that_of_real_numbers() {
    for far in [1e-75, 1e-149] {
        let (center, period, size) = copy_near_i(far);
        let center = center.each_ref().map(String::as_str);
        // The whole copy is 2.5 sizes wide.
        let (found, differ) = wrong_by::<24>(&params(center, size * 0.5, 7, 12 * period));
        assert_eq!(differ, 0, "{period} {size:e}");
        assert!(found.counts.iter().filter(|count| **count == 0).count() > 3);
        // It is found again from one of its own pixels, to the last digit that is given.
        let shown = EscapeParams { show: vec![Show::Nucleus], ..params(center, size, 2, 2 * period) };
        let again = with_context(|context| deep(&shown, context)).unwrap().nucleus.unwrap();
        assert_eq!(again.period, period);
        for (again, center) in again.c.iter().zip(center) {
            let digits = again.len() - 3;
            assert_eq!(again[..digits], center[..digits]);
        }
    }
}

#[test]
fn centres_are_found_to_all_their_digits() {
    for (center, pixel, period, start) in [
        (["-1.75", "0.001"], 0.005, 3, "-1.7548776662466927600495088963585286918946066177"),
        (["-1", "0.01"], 0.01, 2, "-1.000000000000000000000000"),
        (COPY, 1e-29, 3428, COPY[0]),
    ] {
        let params = EscapeParams { show: vec![Show::Nucleus], ..params(center, pixel, 8, 50_000) };
        let found = with_context(|context| deep(&params, context)).unwrap().nucleus.unwrap();
        assert_eq!(found.period, period);
        let digits = start.len().min(found.c[0].len() - 3);
        let near = |text: &str| Fixed::<8>::parse(&text[..digits]).unwrap().to_f64();
        assert_eq!(found.c[0][..digits - 2], start[..digits - 2], "{}", near(&found.c[0]));
    }
}

#[test]
fn shallow_places_agree_with_doubles_but_where_these_are_wrong() {
    let params = EscapeParams {
        zoom: 1.0,
        size: [64; 2],
        max_iterations: 500,
        ..params(["-0.5", "0"], 3.0 / 64.0, 64, 500)
    };
    let (found, differ) = wrong(&params);
    assert_eq!(differ, 0);
    let doubles =
        with_context(|context| Orbits { c: None, limit: 500 }.counts(&View::new(&params), context)).unwrap();
    let same = doubles.iter().zip(&found.counts).filter(|(a, b)| a == b).count();
    assert!(same >= doubles.len() - 8, "{same} of {}", doubles.len());
}
