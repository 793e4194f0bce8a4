//! The decision boundary: where a single output takes a level, or where the largest two of several outputs are equal.
//!
//! Within a region outputs are affine, so that the boundary is a segment of a line, or several. Coordinates are floats
//! with the accuracy of the corners; nothing is counted here.

use std::collections::BTreeMap;

use octavo_plugin::{Geometry, GeometryKind, Rows, math};

use crate::affine::Form;
use crate::split::Region;

type Segment = [[f64; 2]; 2];

/// How near to a line of zeros a corner lies on it, relative to the terms of its form, and how near ends are one, relative
/// to the domain.
const NEAR: f64 = 1e-12;

/// A piece of the boundary within a region.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Piece {
    segment: Segment,
    /// Whether it is a side of the region, which has a neighbour there.
    side: bool,
}

/// The attributes of the drawing `boundary`: of a piece, the number of its region from 1.
pub(super) fn boundary() -> Rows<usize> {
    Rows::<usize>::new("The decision boundary").integer("region", "region", |number| *number)
}

/// The drawing `boundary`, and its length.
pub(super) fn draw(regions: &[Region], level: f64, [low, high]: [[f64; 2]; 2]) -> (Geometry, f64) {
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let (mut numbers, mut length) = (Vec::new(), 0.0);
    let mut sides = Sides::new(math::hypot(high[0] - low[0], high[1] - low[1]));
    for (region, number) in regions.iter().zip(1..) {
        for Piece { segment: [p, q], side } in pieces(region, level) {
            if side && !sides.is_new([p, q]) {
                continue;
            }
            length += math::hypot(q[0] - p[0], q[1] - p[1]);
            drawing.push([p, q]);
            numbers.push(number);
        }
    }
    drawing.attributes = boundary().table(&numbers);
    (drawing, length)
}

/// The sides of regions that have been drawn, by the place of their middles.
struct Sides {
    /// How far apart ends of one side may be, seen from its two regions.
    near: f64,
    /// Far more than `near`, so that middles of one side lie in one strip or in neighbouring ones.
    strip: f64,
    drawn: BTreeMap<i64, Vec<Segment>>,
}

impl Sides {
    fn new(diagonal: f64) -> Self {
        Self { near: NEAR * 1e3 * diagonal, strip: 1e-6 * diagonal, drawn: BTreeMap::new() }
    }

    /// Whether a side has not been drawn yet; from now on it has.
    fn is_new(&mut self, [p, q]: Segment) -> bool {
        #[expect(clippy::cast_possible_truncation, reason = "far below 2^63 strips")]
        let strip = (f64::midpoint(p[0], q[0]) / self.strip).floor() as i64;
        let near = self.near;
        let meet = |u: [f64; 2], v: [f64; 2]| (u[0] - v[0]).abs() <= near && (u[1] - v[1]).abs() <= near;
        let same = |[u, v]: &Segment| (meet(p, *u) && meet(q, *v)) || (meet(p, *v) && meet(q, *u));
        let is_new = !self.drawn.range(strip - 1..=strip + 1).any(|(_, sides)| sides.iter().any(same));
        self.drawn.entry(strip).or_default().push([p, q]);
        is_new
    }
}

/// The pieces of the boundary within a region.
fn pieces(region: &Region, level: f64) -> Vec<Piece> {
    let corners: Vec<[f64; 2]> = region.cell.iter().map(|corner| [corner.x, corner.y]).collect();
    let outputs = &region.map;
    if let [only] = &**outputs {
        return zeros(&corners, &Form { c: only.c - level, ..*only }).into_iter().collect();
    }
    let difference = |i: usize, j: usize| {
        let (one, other) = (outputs[i], outputs[j]);
        Form { a: one.a - other.a, b: one.b - other.b, c: one.c - other.c, error: 0.0 }
    };
    let mut found = Vec::new();
    for i in 0..outputs.len() {
        for j in 0..i {
            let largest = (0..outputs.len()).filter(|&k| k != i && k != j);
            let mut piece = zeros(&corners, &difference(i, j));
            for k in largest {
                piece = piece.and_then(|piece| {
                    let segment = positive(piece.segment, &difference(i, k))?;
                    Some(Piece { segment, ..piece })
                });
            }
            found.extend(piece);
        }
    }
    found
}

/// Where a form is zero within a polygon, or along a side of it, unless it is zero everywhere.
fn zeros(corners: &[[f64; 2]], form: &Form) -> Option<Piece> {
    let value = |[x, y]: &[f64; 2]| {
        let size = (form.a * x).abs() + (form.b * y).abs() + form.c.abs();
        let value = form.at(*x, *y);
        if value.abs() <= NEAR * size { 0.0 } else { value }
    };
    let values: Vec<f64> = corners.iter().map(value).collect();
    let mut ends: Vec<(usize, [f64; 2])> = Vec::with_capacity(2);
    for (index, here) in values.iter().enumerate() {
        let next = (index + 1) % corners.len();
        if *here == 0.0 {
            ends.push((index, corners[index]));
        } else if here * values[next] < 0.0 {
            ends.push((corners.len(), between([corners[index], corners[next]], *here, values[next])));
        }
    }
    match ends.as_slice() {
        [(i, p), (j, q)] if p != q => {
            let side = *i < corners.len()
                && *j < corners.len()
                && (j - i == 1 || (*i == 0 && *j + 1 == corners.len()));
            Some(Piece { segment: [*p, *q], side })
        }
        _ => None,
    }
}

/// The place on a segment where a form with these values at its ends, of opposite signs, is zero.
fn between([p, q]: Segment, here: f64, there: f64) -> [f64; 2] {
    let share = here / (here - there);
    [0, 1].map(|axis| p[axis] + share * (q[axis] - p[axis]))
}

/// The part of a segment on which a form is not negative.
fn positive([p, q]: Segment, form: &Form) -> Option<Segment> {
    let [u, v] = [p, q].map(|[x, y]| form.at(x, y));
    match (u >= 0.0, v >= 0.0) {
        (true, true) => Some([p, q]),
        (true, false) => Some([p, between([p, q], u, v)]),
        (false, true) => Some([between([p, q], u, v), q]),
        (false, false) => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cell;

    const DOMAIN: [[f64; 2]; 2] = [[-1.0, -1.0], [1.0, 1.0]];

    fn square(map: &[Form]) -> Region {
        let cell = cell::domain(DOMAIN).into();
        Region { cell, pattern: Box::default(), map: map.into(), area: 4.0, centre: [0.0; 2] }
    }

    #[test]
    fn one_output_takes_a_level() {
        let region = square(&[Form::exactly(2.0, 0.0, 0.5)]);
        assert_eq!(draw(std::slice::from_ref(&region), 1.5, DOMAIN).1, 2.0);
        let segment = [[0.5, -1.0], [0.5, 1.0]];
        assert_eq!(pieces(&region, 1.5), [Piece { segment, side: false }]);
        assert_eq!(pieces(&region, 5.0), []);
        // Along a side, whatever the sign within.
        assert!(pieces(&region, -1.5)[0].side && pieces(&region, 2.5)[0].side);
    }

    #[test]
    fn a_side_of_two_regions_is_drawn_once_whatever_their_signs() {
        let half = |low: f64, high: f64, slope: f64| {
            let cell = cell::domain([[low, -1.0], [high, 1.0]]).into();
            let map = [Form::exactly(slope, 0.0, 0.0)].into();
            Region { cell, pattern: Box::default(), map, area: 2.0, centre: [0.0; 2] }
        };
        for slopes in [[1.0, 1.0], [-1.0, 1.0], [1.0, -1.0], [-1.0, -1.0], [0.0, 1.0], [0.0, -1.0]] {
            let regions = [half(-1.0, 0.0, slopes[0]), half(0.0, 1.0, slopes[1])];
            assert_eq!(draw(&regions, 0.0, DOMAIN).1, 2.0, "{slopes:?}");
        }
    }

    #[test]
    fn three_outputs_meet_in_a_star() {
        let region = square(&[
            Form::exactly(0.0, 1.0, 0.0),
            Form::exactly(1.0, -1.0, 0.0),
            Form::exactly(-1.0, -1.0, 0.0),
        ]);
        let found: Vec<Segment> = pieces(&region, 0.0).iter().map(|piece| piece.segment).collect();
        assert_eq!(found.len(), 3);
        let origin = |end: &[f64; 2]| end[0].abs() + end[1].abs() < 1e-12;
        assert!(found.iter().all(|segment| segment.iter().any(origin)), "{found:?}");
    }
}
