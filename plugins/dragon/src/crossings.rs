//! Where a strip meets itself: pairs of its segments that cross, and pairs that touch.
//!
//! Segments are sorted into square cells of side 1 by their midpoints. Two segments of length 1 that meet have midpoints at
//! a distance of at most 1, so that only segments in neighbouring cells are compared. Whether they meet is said by the
//! distances of the four ends from the other segment's line: they cross if both pairs lie on opposite sides, and do not
//! meet if one pair lies on one side. Where a distance is within the rounding of the coordinates, no sign is trusted and the
//! pair counts as touching. Cost: the number of pairs in neighbouring cells, which is near the number of segments as long
//! as the strip does not lie in many layers.

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::plane::length;

/// Pairs of segments that are not neighbours along the strip.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Contacts {
    /// Pairs that cross in one inner point of each.
    pub crossings: u64,
    /// Pairs that have a point in common and do not cross, or come so close that rounding hides it.
    pub touches: u64,
}

impl Contacts {
    fn join(self, other: Self) -> Self {
        Self { crossings: self.crossings + other.crossings, touches: self.touches + other.touches }
    }
}

/// Counts where a polyline of unit segments meets itself. `closed`: its last vertex is its first. Distances up to
/// `tolerance` count as none.
///
/// # Errors
/// If the run is to stop.
pub fn contacts(
    points: &[[f64; 2]],
    closed: bool,
    tolerance: f64,
    context: &RunContext<'_>,
) -> Result<Contacts, Failure> {
    let strip = Strip { points, closed, tolerance };
    let rows = strip.rows();
    let pairs = (0..rows.len()).into_par_iter().map(|index| {
        let row = &rows[index];
        let above = rows.get(index + 1).filter(|above| above.number == row.number + 1);
        strip.meet(row, above, context)
    });
    let counts: Vec<Contacts> = pairs.collect::<Result<_, _>>()?;
    Ok(counts.into_iter().fold(Contacts::default(), Contacts::join))
}

/// The segments whose midpoints lie in one row of cells, from left to right.
struct Row {
    number: i64,
    /// Column of each segment, and its index.
    segments: Vec<(i64, usize)>,
}

struct Strip<'a> {
    points: &'a [[f64; 2]],
    closed: bool,
    tolerance: f64,
}

impl Strip<'_> {
    fn rows(&self) -> Vec<Row> {
        let mut cells: Vec<[i64; 3]> = (0..self.points.len() - 1)
            .map(|index| {
                let [x, y] = self.middle(index).map(|x| x.floor() as i64);
                [y, x, index as i64]
            })
            .collect();
        cells.sort_unstable();
        let row = |cells: &[[i64; 3]]| Row {
            number: cells[0][0],
            segments: cells.iter().map(|[_, x, index]| (*x, *index as usize)).collect(),
        };
        cells.chunk_by(|a, b| a[0] == b[0]).map(row).collect()
    }

    fn middle(&self, index: usize) -> [f64; 2] {
        let [[a, b], [c, d]] = self.ends(index);
        [(a + c) / 2.0, (b + d) / 2.0]
    }

    fn ends(&self, index: usize) -> [[f64; 2]; 2] {
        [self.points[index], self.points[index + 1]]
    }

    /// Compares the segments of a row with each other and with those of the row above.
    fn meet(&self, row: &Row, above: Option<&Row>, context: &RunContext<'_>) -> Result<Contacts, Failure> {
        let mut contacts = Contacts::default();
        let above = above.map_or(&[][..], |row| &row.segments);
        let mut first = 0;
        for (place, (column, index)) in row.segments.iter().enumerate() {
            context.go_on()?;
            first += above[first..].iter().take_while(|(other, _)| *other < column - 1).count();
            let near = |segments| near(segments, column + 1);
            for other in near(&row.segments[place + 1..]).chain(near(&above[first..])) {
                self.compare(*index, other, &mut contacts);
            }
        }
        Ok(contacts)
    }

    fn compare(&self, i: usize, j: usize, contacts: &mut Contacts) {
        let apart = i.abs_diff(j);
        if apart == 1 || (self.closed && apart == self.points.len() - 2) {
            return;
        }
        let (near, far) = (self.middle(i), self.middle(j));
        if length([near[0] - far[0], near[1] - far[1]]) > 1.0 + self.tolerance {
            return;
        }
        let (one, other) = (self.ends(i), self.ends(j));
        match [self.sides(one, other), self.sides(other, one)] {
            [Side::Same, _] | [_, Side::Same] => {}
            [Side::Across, Side::Across] => contacts.crossings += 1,
            _ => contacts.touches += 1,
        }
    }

    /// On which sides of a segment's line the ends of another lie.
    fn sides(&self, line: [[f64; 2]; 2], ends: [[f64; 2]; 2]) -> Side {
        let [[a, b], [c, d]] = line;
        let [p, q] = ends.map(|[x, y]| (c - a) * (y - b) - (d - b) * (x - a));
        match (p.abs() > self.tolerance, q.abs() > self.tolerance) {
            (true, true) if (p > 0.0) == (q > 0.0) => Side::Same,
            (true, true) => Side::Across,
            _ => Side::Doubtful,
        }
    }
}

/// Where the ends of a segment lie as seen from a line.
enum Side {
    /// Both on one side.
    Same,
    /// On opposite sides.
    Across,
    /// One is too near to the line to say.
    Doubtful,
}

/// The segments up to a column.
fn near(segments: &[(i64, usize)], last: i64) -> impl Iterator<Item = usize> {
    segments.iter().take_while(move |(column, _)| *column <= last).map(|(_, index)| *index)
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::context::Silent;
    use octavo_plugin::math::sin_cos;
    use octavo_plugin::{CancelToken, Inputs, Seed};
    use proptest::prelude::*;

    fn count(points: &[[f64; 2]], closed: bool) -> [u64; 2] {
        let (inputs, cancel) = (Inputs::default(), CancelToken::new());
        let context = RunContext::new(Seed::of_replicate(0, 0), &inputs, &cancel, &Silent);
        let contacts = contacts(points, closed, 1e-9, &context).unwrap();
        [contacts.crossings, contacts.touches]
    }

    /// A path of unit steps in these directions, in degrees.
    fn path(degrees: &[f64]) -> Vec<[f64; 2]> {
        let mut points = vec![[0.1, 0.2]];
        for angle in degrees {
            let ([x, y], (sin, cos)) = (points[points.len() - 1], sin_cos(angle.to_radians()));
            points.push([x + cos, y + sin]);
        }
        points
    }

    #[test]
    fn small_figures() {
        assert_eq!(count(&path(&[0.0, 90.0, 180.0]), false), [0, 0]);
        assert_eq!(count(&path(&[0.0, 90.0, 180.0, 270.0]), false), [0, 1], "a square closes in a point");
        assert_eq!(count(&path(&[0.0, 90.0, 180.0, 270.0]), true), [0, 0]);
        assert_eq!(count(&path(&[0.0, 90.0, 180.0, 270.0, 0.0]), false), [0, 3], "an edge drawn twice");
        assert_eq!(count(&path(&[0.0, 130.0, 260.0]), false), [1, 0]);
        assert_eq!(count(&path(&[0.0, 100.0, 240.0, 10.0]), false)[0], 1);
        // A pentagram crosses itself five times.
        assert_eq!(count(&path(&[0.0, 144.0, 288.0, 72.0, 216.0]), true), [5, 0]);
    }

    /// Crossings by the parameters of the intersection of the lines, over all pairs.
    fn slow(points: &[[f64; 2]]) -> u64 {
        let pair = |i: usize, j: usize| {
            let (a, c) = (points[i], points[j]);
            let d = [points[i + 1][0] - a[0], points[i + 1][1] - a[1]];
            let e = [points[j + 1][0] - c[0], points[j + 1][1] - c[1]];
            let det = d[0] * e[1] - d[1] * e[0];
            let by = [c[0] - a[0], c[1] - a[1]];
            let s = (by[0] * e[1] - by[1] * e[0]) / det;
            let t = (by[0] * d[1] - by[1] * d[0]) / det;
            s > 0.0 && s < 1.0 && t > 0.0 && t < 1.0
        };
        let count = points.len() - 1;
        (0..count).map(|i| (i + 2..count).filter(|j| pair(i, *j)).count() as u64).sum()
    }

    proptest! {
        #[test]
        fn cells_miss_no_crossing(degrees in prop::collection::vec(0.0..360.0_f64, 1..200)) {
            let points = path(&degrees);
            prop_assert_eq!(count(&points, false)[0], slow(&points));
        }
    }
}
