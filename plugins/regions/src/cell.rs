//! Convex cells: corners known as meeting points of two lines, with float coordinates and a bound on their error.

use octavo_plugin::math;

use crate::exact::{self, Triple};
use crate::space::Side;

/// A corner, and the line on which the side to the next corner lies. The corner is the meeting point of that line and the
/// one of the corner before; two consecutive sides are never on one line, so that this defines it exactly.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Corner {
    pub(crate) x: f64,
    pub(crate) y: f64,
    /// How far x and y may each be off.
    pub(crate) error: f64,
    pub(crate) side: Side,
}

/// The whole domain, counter-clockwise.
pub(crate) fn domain([[x0, y0], [x1, y1]]: [[f64; 2]; 2]) -> [Corner; 4] {
    let corners = [(0, x0, y0), (1, x1, y0), (2, x1, y1), (3, x0, y1)];
    corners.map(|(number, x, y)| Corner { x, y, error: 0.0, side: Side::border(number) })
}

/// A place where the cutting line crosses a side: the side's first corner, and the place.
pub(crate) type Crossing = (usize, ([f64; 2], f64));

/// Appends the part of a cell on which the cutting line has a sign (-1 or 1). `signs` has its sign at each corner,
/// `crossings` its places between corners.
pub(crate) fn part(
    corners: &mut Vec<Corner>,
    cell: std::ops::Range<usize>,
    signs: &[i8],
    crossings: &[Crossing],
    line: Side,
    sign: i8,
) {
    let mut crossings = crossings.iter();
    let mut next_crossing = crossings.next();
    for (index, place) in cell.enumerate() {
        let corner = corners[place];
        let here = signs[index];
        let next = signs[if index + 1 == signs.len() { 0 } else { index + 1 }];
        if here == sign || (here == 0 && next == sign) {
            corners.push(corner);
        } else if here == 0 {
            // The line leaves this part here: its next side lies along the line.
            corners.push(Corner { side: line, ..corner });
        }
        if here * next < 0 {
            let (_, ([x, y], error)) = *next_crossing.expect("one crossing for each change of sign");
            next_crossing = crossings.next();
            let side = if next == sign { corner.side } else { line };
            corners.push(Corner { x, y, error, side });
        }
    }
}

/// Area and centroid of a cell, and whether the area has at least six good digits; that of a sliver may not.
pub(crate) fn measure(cell: &[Corner]) -> (f64, [f64; 2], bool) {
    let origin = cell[0];
    let (mut reach, mut error) = (0.0_f64, 0.0_f64);
    for corner in cell {
        reach = reach.max((corner.x - origin.x).abs()).max((corner.y - origin.y).abs());
        error = error.max(corner.error);
    }
    let (area, [x, y]) = moments(cell.iter().map(|corner| [corner.x - origin.x, corner.y - origin.y]));
    let error = error.max(f64::EPSILON * reach);
    (area, [origin.x + x, origin.y + y], area > 1e6 * error * reach)
}

/// Area and centroid of a cell from its exact corners.
pub(crate) fn measure_exactly(cell: &[Corner], corners: &[Triple]) -> (f64, [f64; 2]) {
    let relative = corners.iter().map(|corner| exact::difference(corner, &corners[0]));
    let (_, [x, y]) = moments(relative);
    (exact::area(corners), [cell[0].x + x, cell[0].y + y])
}

/// Area and centroid of a polygon whose first corner is the origin.
fn moments(mut corners: impl Iterator<Item = [f64; 2]>) -> (f64, [f64; 2]) {
    let mut before = corners.next().unwrap_or_default();
    let (mut double, mut moment, mut sum, mut count) = (0.0, [0.0; 2], before, 1.0);
    for corner in corners {
        let cross = (before[0] * corner[1] - before[1] * corner[0]).max(0.0);
        double += cross;
        for axis in 0..2 {
            moment[axis] += cross * (before[axis] + corner[axis]);
            sum[axis] += corner[axis];
        }
        count += 1.0;
        before = corner;
    }
    // A sliver so thin that floats see no area has its middle in the mean of its corners.
    let (moment, weight) = if double > 0.0 { (moment, 3.0 * double) } else { (sum, count) };
    (double / 2.0, moment.map(|moment| moment / weight))
}

/// Length of the vector between two corners.
pub(crate) fn distance(one: &Corner, other: &Corner) -> f64 {
    math::hypot(one.x - other.x, one.y - other.y)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cut_square_falls_into_two_triangles() {
        let mut corners = domain([[0.0, 0.0], [1.0, 1.0]]).to_vec();
        let (line, signs) = (Side::of(0, 7), [-1, 0, 1, 0]);
        part(&mut corners, 0..4, &signs, &[], line, -1);
        part(&mut corners, 0..4, &signs, &[], line, 1);
        let areas = [&corners[4..7], &corners[7..]].map(measure);
        assert_eq!(areas.map(|(area, _, good)| (area, good)), [(0.5, true); 2]);
        assert_eq!(areas[0].1, [1.0 / 3.0, 1.0 / 3.0]);
        assert_eq!(corners[4..].iter().filter(|corner| corner.side == line).count(), 2);
    }

    #[test]
    fn a_cut_between_corners_is_shared() {
        let mut corners = domain([[0.0, 0.0], [2.0, 1.0]]).to_vec();
        let crossings = [(0, ([0.5, 0.0], 0.0)), (2, ([0.5, 1.0], 0.0))];
        part(&mut corners, 0..4, &[-1, 1, 1, -1], &crossings, Side::of(0, 0), -1);
        part(&mut corners, 0..4, &[-1, 1, 1, -1], &crossings, Side::of(0, 0), 1);
        let areas = [&corners[4..8], &corners[8..]].map(measure);
        assert_eq!(areas, [(0.5, [0.25, 0.5], true), (1.5, [1.25, 0.5], true)]);
    }
}
