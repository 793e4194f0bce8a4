//! What is measured on a curve: how far the next fold moves it, and how well tent maps reproduce it.

use octavo_plugin::Value;

use crate::curve::Curve;
use crate::plane::{Plane, length, quotient, times};
use crate::rule::Rule;

/// Most vertices at which a fact is measured; on longer curves they are evenly spaced.
pub const SAMPLES: u64 = 4096;

/// Numbers below `count`, spread evenly: all of them up to [`SAMPLES`]. The step has no factor 2 or 3, so that on long
/// curves all digits of the index vary and none is taken twice.
pub fn samples(count: u64) -> impl Iterator<Item = u64> {
    let step = if count > SAMPLES { (count / SAMPLES).next_multiple_of(6) + 1 } else { 1 };
    (0..SAMPLES.min(count)).map(move |index| index * step % count)
}

/// The larger one; NaN stays.
fn larger(a: f64, b: f64) -> f64 {
    if a >= b || a.is_nan() { a } else { b }
}

/// What one more fold does to a curve whose end points are held at 0 and 1.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct NextFold {
    /// Largest distance of a new vertex from the segment that it divides.
    pub distance: f64,
    /// Largest distance by which an old vertex moves.
    pub shift: f64,
}

/// Compares a curve with the one after one more fold, end points held.
pub fn next_fold<P: Plane>(curve: &Curve<P>) -> NextFold {
    let finer = Curve::new(curve.rule.next(), curve.plane.clone());
    let (plane, radix) = (&curve.plane, curve.rule.radix());
    let scale = length(plane.cartesian(finer.end()));
    let mut result = NextFold { distance: 0.0, shift: 0.0 };
    for segment in samples(curve.segments()) {
        let moved =
            plane.subtract(finer.vertex(segment * radix), grown(curve, &finer, curve.vertex(segment)));
        result.shift = larger(result.shift, length(plane.cartesian(moved)) / scale);
        // Seen from the segment's start, so that nothing is lost to the size of the whole.
        let from_start = |count: u64| plane.cartesian(finer.skip(0, segment * radix, count));
        let middle = from_start(radix).map(|x| x / 2.0);
        for count in 1..radix {
            let [x, y] = from_start(count);
            result.distance = larger(result.distance, length([x - middle[0], y - middle[1]]) / scale);
        }
    }
    result
}

/// Where a vertex comes to lie at the next level, which is turned and longer by what one segment becomes.
fn grown<P: Plane>(curve: &Curve<P>, finer: &Curve<P>, vertex: P::Point) -> P::Point {
    let plane = &curve.plane;
    (0..curve.rule.radix()).fold(plane.origin(), |sum, index| {
        plane.add(sum, plane.rotate(vertex, finer.rule.inner_heading(0, index)))
    })
}

/// The largest distance, end points held at 0 and 1, between a vertex and what as many tent maps as folds make of its
/// place along the strip. With u the turn of the first fold, the curve of a word is
/// `g(t) = h(2t) / (1 + u)` on the first half and `1 - h(2 - 2t) u / (1 + u)` on the second, where h is the curve of the
/// word without its first fold. Missing for curves that are not folded in two.
pub fn tent_identity_error<P: Plane>(curve: &Curve<P>) -> Value {
    if !matches!(curve.rule, Rule::Halves(_)) {
        return Value::Missing("the tent map belongs to strips folded in two".to_owned());
    }
    let end = curve.plane.cartesian(curve.end());
    let error = samples(curve.segments() + 1)
        .map(|index| {
            let [x, y] = quotient(curve.plane.cartesian(curve.vertex(index)), end);
            let [a, b] = by_tents(curve, index);
            length([x - a, y - b])
        })
        .fold(0.0, larger);
    Value::from_f64(error)
}

/// The place of a vertex along the strip through one tent map per fold, then back out through the similarities. Places are
/// counted in segments, so that the tent maps are exact.
fn by_tents<P: Plane>(curve: &Curve<P>, mut place: u64) -> [f64; 2] {
    let (plane, whole) = (&curve.plane, curve.segments());
    let mut branches = Vec::new();
    for level in (0..curve.rule.folds()).rev() {
        let turn = plane.cartesian(plane.rotate(plane.unit(), curve.rule.inner_heading(level, 1)));
        branches.push((place > whole / 2, turn));
        place = 2 * place.min(whole - place);
    }
    let end = if place == 0 { 0.0 } else { 1.0 };
    branches.into_iter().rev().fold([end, 0.0], |point, (second, turn)| {
        let sum = [1.0 + turn[0], turn[1]];
        if second {
            let [x, y] = quotient(times(point, turn), sum);
            [1.0 - x, 0.0 - y]
        } else {
            quotient(point, sum)
        }
    })
}
