//! The decision boundary: where a single output takes a level, or where the largest two of several outputs are equal.
//!
//! Within a region outputs are affine, so that the boundary is a segment of a line, or several. Coordinates are floats
//! with the accuracy of the corners; nothing is counted here.

use octavo_plugin::{Geometry, GeometryKind, Table, math};

use crate::form::Form;
use crate::split::Region;

type Segment = [[f64; 2]; 2];

/// The drawing `boundary`, and its length.
pub(crate) fn draw(regions: &[Region], level: f64) -> (Geometry, f64) {
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let (mut numbers, mut length) = (Vec::new(), 0.0);
    for (region, number) in regions.iter().zip(1_i64..) {
        for [p, q] in segments(region, level) {
            length += math::hypot(q[0] - p[0], q[1] - p[1]);
            drawing.push([p, q]);
            numbers.push(number);
        }
    }
    drawing.attributes = Table::new().with("region", numbers);
    (drawing, length)
}

/// The pieces of the boundary within a region.
fn segments(region: &Region, level: f64) -> Vec<Segment> {
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
                piece = piece.and_then(|segment| positive(segment, &difference(i, k)));
            }
            found.extend(piece);
        }
    }
    found
}

/// Where a form is zero within a polygon on which it is positive somewhere.
fn zeros(corners: &[[f64; 2]], form: &Form) -> Option<Segment> {
    let values: Vec<f64> = corners.iter().map(|[x, y]| form.at(*x, *y)).collect();
    if !values.iter().any(|value| *value > 0.0) {
        return None;
    }
    let mut ends: Vec<[f64; 2]> = Vec::with_capacity(2);
    for (index, here) in values.iter().enumerate() {
        let next = (index + 1) % corners.len();
        if *here == 0.0 {
            ends.push(corners[index]);
        } else if here * values[next] < 0.0 {
            ends.push(between([corners[index], corners[next]], *here, values[next]));
        }
    }
    match ends.as_slice() {
        [p, q] if p != q => Some([*p, *q]),
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

    fn square(map: &[Form]) -> Region {
        let cell = cell::domain([[-1.0, -1.0], [1.0, 1.0]]).into();
        Region { cell, pattern: Box::default(), map: map.into(), area: 4.0, centre: [0.0; 2] }
    }

    #[test]
    fn one_output_takes_a_level() {
        let region = square(&[Form::exactly(2.0, 0.0, 0.5)]);
        assert_eq!(draw(std::slice::from_ref(&region), 1.5).1, 2.0);
        assert_eq!(segments(&region, 1.5), [[[0.5, -1.0], [0.5, 1.0]]]);
        assert_eq!(segments(&region, 5.0), [] as [Segment; 0]);
        // Along a side: drawn from the positive side alone.
        assert_eq!(segments(&region, -1.5).len(), 1);
        assert_eq!(segments(&region, 2.5).len(), 0);
    }

    #[test]
    fn three_outputs_meet_in_a_star() {
        let region = square(&[
            Form::exactly(0.0, 1.0, 0.0),
            Form::exactly(1.0, -1.0, 0.0),
            Form::exactly(-1.0, -1.0, 0.0),
        ]);
        let found = segments(&region, 0.0);
        assert_eq!(found.len(), 3);
        let origin = |end: &[f64; 2]| end[0].abs() + end[1].abs() < 1e-12;
        assert!(found.iter().all(|segment| segment.iter().any(origin)), "{found:?}");
    }
}
