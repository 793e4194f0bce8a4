//! Counting by blocks of edges against walking every segment.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use octavo_dragon::curve::Curve;
use octavo_dragon::occupancy::{Coverage, Survey, survey};
use octavo_dragon::plane::{Lattice, Plane};
use octavo_dragon::rule::{Rule, Word};
use octavo_dragon::visits::{Meter, Visits, count};
use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, FailureKind, Inputs, RunContext, Seed, StopReason};
use proptest::prelude::*;

fn with_meter<T>(run: impl FnOnce(&Meter<'_, '_>) -> T) -> T {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    let context = RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent);
    run(&Meter::new(&context, 1).unwrap())
}

fn square(word: Word) -> Curve<Lattice> {
    Curve::new(Rule::Halves(word), Lattice::of_angle(90.0).unwrap())
}

fn surveyed(curve: &Curve<Lattice>, closed: bool, pixels: Option<usize>) -> Survey {
    with_meter(|meter| survey(curve, closed, pixels, meter)).unwrap().expect("no edge is drawn twice")
}

fn walked(curve: &Curve<Lattice>, closed: bool) -> Visits {
    with_meter(|meter| count(curve, closed, meter)).unwrap()
}

proptest! {
    #[test]
    fn blocks_and_segments_agree(word in "[UD]{0,16}", closed: bool) {
        let curve = square(Word::parse(&word));
        let (walked, found) = (walked(&curve, closed), with_meter(|meter| survey(&curve, closed, None, meter)));
        // A strip and its turned copy may share edges: then there is nothing to compare.
        prop_assert_eq!(found.unwrap().map(|found| found.visits), (walked.repeated_edges == 0).then_some(walked));
    }

    #[test]
    fn pictures_hold_every_visited_point(word in "[UD]{0,15}", closed: bool, pixels in 256..700_usize) {
        let curve = square(Word::parse(&word));
        prop_assume!(!closed || walked(&curve, true).repeated_edges == 0);
        let coverage = surveyed(&curve, closed, Some(pixels)).coverage.unwrap();
        prop_assert!(coverage.width <= pixels && coverage.height <= pixels);
        prop_assert_eq!(coverage, slow_coverage(&curve, closed, pixels));
    }
}

/// The same picture from a list of all vertices.
fn slow_coverage(curve: &Curve<Lattice>, closed: bool, pixels: usize) -> Coverage {
    let first = (0..=curve.segments()).map(|index| curve.vertex(index));
    let mut points: Vec<_> = first.collect();
    if closed {
        let back: Vec<_> = points.iter().map(|point| curve.plane.subtract(curve.end(), *point)).collect();
        points.extend(back);
    }
    points.sort_unstable();
    points.dedup();
    let bound = |pick: fn(i64, i64) -> i64, axis: usize| points.iter().map(|p| p[axis]).reduce(pick).unwrap();
    let low = [0, 1].map(|axis| bound(i64::min, axis));
    let size = [0, 1].map(|axis| bound(i64::max, axis) - low[axis] + 1);
    let mut pixel = 1;
    while size[0].max(size[1]) > pixel * pixels as i64 {
        pixel *= 2;
    }
    let [width, height] = size.map(|points| ((points + pixel - 1) / pixel) as usize);
    let mut counts = vec![0; width * height];
    for point in &points {
        let [x, y] = [0, 1].map(|axis| ((point[axis] - low[axis]) / pixel) as usize);
        counts[y * width + x] += 1;
    }
    let high = [low[0] + width as i64 * pixel - 1, low[1] + height as i64 * pixel - 1];
    let area = octavo_dragon::planes::Rectangle { low, high };
    Coverage { area, pixel, width, height, counts }
}

#[test]
fn many_tiles_follow_the_recurrence() {
    // Points visited once: s(n) = s(n-1) + 2 s(n-3); each of the 2^n + 1 visits is one of one or of two to its point.
    let mut once = vec![2, 3, 5];
    for n in 3..=30 {
        once.push(once[n - 1] + 2 * once[n - 3]);
    }
    for n in [17, 22, 30] {
        let visits = surveyed(&square(Word::all_up(n)), false, None).visits;
        let once = once[n as usize];
        assert_eq!(visits.distinct, ((1 << n) + 1 + once) / 2, "{n}");
        assert_eq!(visits.twice, ((1 << n) + 1 - once) / 2, "{n}");
        assert!(n < 30 || visits.distinct == 543_713_626);
        assert_eq!((visits.most, visits.repeated_edges), (2, 0));
    }
}

#[test]
fn the_flat_strip_over_many_tiles() {
    let curve = Curve::new(Rule::Halves(Word::all_up(17)), Lattice::of_angle(180.0).unwrap());
    assert_eq!(surveyed(&curve, false, None).visits, walked(&curve, false));
    let back_and_forth = with_meter(|meter| survey(&curve, true, None, meter)).unwrap();
    assert_eq!(back_and_forth, None, "the way back draws every edge again");
}

#[test]
fn other_lattices_are_left_to_the_walk() {
    for curve in [
        Curve::new(Rule::Halves(Word::all_up(5)), Lattice::of_angle(60.0).unwrap()),
        Curve::new(Rule::Thirds(5), Lattice::TERDRAGON),
    ] {
        assert_eq!(with_meter(|meter| survey(&curve, false, None, meter)).unwrap(), None);
    }
}

#[test]
fn a_cancelled_survey_stops() {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    let context = RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent);
    let meter = Meter::new(&context, 1).unwrap();
    cancel.stop(StopReason::Cancelled);
    let failure = survey(&square(Word::all_up(12)), false, None, &meter).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Cancelled);
}
