//! Convex cells: corners known as meeting points of two lines, with float coordinates and a bound on their error.

use octavo_plugin::{math, sum};

use crate::exact::{self, Triple};
use crate::space::{Node, Side, Space};

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

/// Corners in counter-clockwise order.
pub(crate) type Cell = Vec<Corner>;

/// The whole domain.
pub(crate) fn domain([[x0, y0], [x1, y1]]: [[f64; 2]; 2]) -> Cell {
    let corners = [(x0, y0), (x1, y0), (x1, y1), (x0, y1)];
    let corner =
        |(number, (x, y)): (u32, (f64, f64))| Corner { x, y, error: 0.0, side: Side::border(number) };
    (0..).zip(corners).map(corner).collect()
}

/// The exact place of a corner.
pub(crate) fn exact_corner(space: &Space, node: &Node, cell: &[Corner], index: usize) -> Triple {
    let before = cell[(index + cell.len() - 1) % cell.len()].side;
    exact::meet(&node.line(space, before), &node.line(space, cell[index].side))
}

/// Cuts a cell along a line that crosses it. `signs` has the line's sign at each corner, `meet` gives the place where it
/// crosses a side. Returns the part where the line is negative, then the one where it is positive.
pub(crate) fn cut(
    cell: &[Corner],
    signs: &[i8],
    line: Side,
    mut meet: impl FnMut(usize) -> ([f64; 2], f64),
) -> [Cell; 2] {
    let mut parts = [Cell::with_capacity(cell.len() + 1), Cell::with_capacity(cell.len() + 1)];
    for (index, corner) in cell.iter().enumerate() {
        let (here, next) = (signs[index], signs[(index + 1) % cell.len()]);
        for (part, sign) in parts.iter_mut().zip([-1, 1]) {
            if here == sign || (here == 0 && next == sign) {
                part.push(*corner);
            } else if here == 0 {
                // The line leaves this part here: its next side lies along the line.
                part.push(Corner { side: line, ..*corner });
            }
        }
        if here * next < 0 {
            let ([x, y], error) = meet(index);
            let entered = usize::from(next > 0);
            parts[entered].push(Corner { x, y, error, side: corner.side });
            parts[1 - entered].push(Corner { x, y, error, side: line });
        }
    }
    parts
}

/// Area and centroid. The area has at least six good digits, also for slivers, where it is computed exactly.
pub(crate) fn measure(space: &Space, node: &Node, cell: &[Corner]) -> (f64, [f64; 2]) {
    let origin = cell[0];
    let relative: Vec<[f64; 2]> =
        cell.iter().map(|corner| [corner.x - origin.x, corner.y - origin.y]).collect();
    let (area, middle) = moments(&relative);
    let reach = relative.iter().flatten().fold(0.0_f64, |reach, x| reach.max(x.abs()));
    let error = cell.iter().fold(f64::EPSILON * reach, |error, corner| error.max(corner.error));
    let placed = |[x, y]: [f64; 2]| [origin.x + x, origin.y + y];
    if area > 1e6 * error * reach {
        return (area, placed(middle));
    }
    let corners: Vec<Triple> = (0..cell.len()).map(|index| exact_corner(space, node, cell, index)).collect();
    let relative: Vec<[f64; 2]> =
        corners.iter().map(|corner| exact::difference(corner, &corners[0])).collect();
    (exact::area(&corners), placed(moments(&relative).1))
}

/// Area and centroid of a polygon whose first corner is the origin.
fn moments(corners: &[[f64; 2]]) -> (f64, [f64; 2]) {
    let double = |pair: &[[f64; 2]]| pair[0][0] * pair[1][1] - pair[0][1] * pair[1][0];
    let doubles: Vec<f64> = corners.windows(2).map(|pair| double(pair).max(0.0)).collect();
    let total = sum::sum(&doubles);
    let middle = |axis: usize| {
        let terms: Vec<f64> =
            corners.windows(2).zip(&doubles).map(|(pair, d)| d * (pair[0][axis] + pair[1][axis])).collect();
        // A sliver so thin that floats see no area has its middle in the mean of its corners.
        let mean =
            || sum::mean(&corners.iter().map(|corner| corner[axis]).collect::<Vec<_>>()).unwrap_or(0.0);
        if total > 0.0 { sum::sum(&terms) / (3.0 * total) } else { mean() }
    };
    (total / 2.0, [middle(0), middle(1)])
}

/// Length of the vector between two corners.
pub(crate) fn distance(one: &Corner, other: &Corner) -> f64 {
    math::hypot(one.x - other.x, one.y - other.y)
}
