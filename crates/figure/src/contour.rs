//! Where values on a grid have a level: lines through its cells, and rings around what lies above (marching squares).

use std::collections::BTreeMap;

use super::scene::Point;

/// Values at the crossings of columns and rows.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Grid {
    /// The place of each column, ascending.
    pub(crate) x: Vec<f64>,
    /// The place of each row, ascending.
    pub(crate) y: Vec<f64>,
    /// Row by row; not a number where there is none.
    pub(crate) z: Vec<f64>,
}

impl Grid {
    fn at(&self, column: usize, row: usize) -> f64 {
        self.z[row * self.x.len() + column]
    }

    /// The corners of a cell, anticlockwise from the lower left.
    fn corners(&self, column: usize, row: usize) -> [(usize, usize); 4] {
        [(column, row), (column + 1, row), (column + 1, row + 1), (column, row + 1)]
    }

    /// The lines on which the values, linear between neighbours, have this level. A closed line ends where it begins. Cells with a missing
    /// corner have none.
    pub(crate) fn lines(&self, level: f64) -> Vec<Vec<Point>> {
        let next = self.crossings(level);
        let reached: std::collections::BTreeSet<usize> = next.values().copied().collect();
        let open: Vec<usize> = next.keys().copied().filter(|edge| !reached.contains(edge)).collect();
        self.traced(next, &open, level)
    }

    /// The borders of where values are at least this: anticlockwise around it, clockwise around its holes. Missing values lie below
    /// every level, and so does what lies outside.
    pub(crate) fn rings(&self, level: f64) -> Vec<Vec<Point>> {
        let padded = self.padded();
        padded.traced(padded.crossings(level), &[], level)
    }

    /// The same grid with a border of its own breadth zero, below every level.
    fn padded(&self) -> Self {
        let twice = |places: &[f64]| -> Vec<f64> {
            let ends = [places.first(), places.last()].map(|end| end.copied());
            ends[0].into_iter().chain(places.iter().copied()).chain(ends[1]).collect()
        };
        let (wide, high) = (self.x.len(), self.y.len());
        let mut z = vec![f64::NEG_INFINITY; (wide + 2) * (high + 2)];
        for row in 0..high {
            for column in 0..wide {
                let value = self.at(column, row);
                let place = (row + 1) * (wide + 2) + column + 1;
                z[place] = if value.is_nan() { f64::NEG_INFINITY } else { value };
            }
        }
        Self { x: twice(&self.x), y: twice(&self.y), z }
    }

    /// From where a line comes into a cell to where it leaves it, with what is above the level on its left. Places are edges of the grid.
    fn crossings(&self, level: f64) -> BTreeMap<usize, usize> {
        let mut next = BTreeMap::new();
        for row in 0..self.y.len().saturating_sub(1) {
            for column in 0..self.x.len().saturating_sub(1) {
                let values = self.corners(column, row).map(|(column, row)| self.at(column, row));
                if values.iter().any(|value| value.is_nan()) {
                    continue;
                }
                let edge = |side: usize| self.edge(column, row, side);
                for (from, to) in within(values, level) {
                    next.insert(edge(*from), edge(*to));
                }
            }
        }
        next
    }

    /// The number of the edge at a side of a cell (below, right, above, left): each crossing has one to the right and one upwards.
    fn edge(&self, column: usize, row: usize, side: usize) -> usize {
        let (column, row, upwards) = match side {
            0 => (column, row, 0),
            1 => (column + 1, row, 1),
            2 => (column, row + 1, 0),
            _ => (column, row, 1),
        };
        2 * (row * self.x.len() + column) + upwards
    }

    /// Where the level lies on an edge.
    fn on(&self, edge: usize, level: f64) -> Point {
        let (column, row) = (edge / 2 % self.x.len(), edge / 2 / self.x.len());
        let (right, up) = if edge.is_multiple_of(2) { (column + 1, row) } else { (column, row + 1) };
        let (a, b) = (self.at(column, row), self.at(right, up));
        let part = match () {
            () if a == f64::NEG_INFINITY => 1.0,
            () if b == f64::NEG_INFINITY => 0.0,
            () => ((level - a) / (b - a)).clamp(0.0, 1.0),
        };
        let between = |from: f64, to: f64| from + (to - from) * part;
        [between(self.x[column], self.x[right]), between(self.y[row], self.y[up])]
    }

    /// Follows all lines: the open ones from these edges on, then the closed ones.
    fn traced(&self, mut next: BTreeMap<usize, usize>, open: &[usize], level: f64) -> Vec<Vec<Point>> {
        let mut lines = Vec::new();
        let mut starts = open.iter().copied();
        while let Some(start) = starts.next().or_else(|| next.keys().next().copied()) {
            let mut line = vec![self.on(start, level)];
            let mut at = start;
            while let Some(to) = next.remove(&at) {
                line.push(self.on(to, level));
                at = to;
            }
            lines.push(line);
        }
        lines
    }
}

/// From side to side of a cell with these corners. Where opposite corners lie above, its middle decides whether they are joined.
fn within(values: [f64; 4], level: f64) -> &'static [(usize, usize)] {
    let above = values
        .iter()
        .enumerate()
        .fold(0, |bits, (corner, value)| bits | usize::from(*value >= level) << corner);
    let joined = values.iter().sum::<f64>() / 4.0 >= level;
    match (above, joined) {
        (1, _) => &[(0, 3)],
        (2, _) => &[(1, 0)],
        (3, _) => &[(1, 3)],
        (4, _) => &[(2, 1)],
        (5, true) => &[(0, 1), (2, 3)],
        (5, false) => &[(0, 3), (2, 1)],
        (6, _) => &[(2, 0)],
        (7, _) => &[(2, 3)],
        (8, _) => &[(3, 2)],
        (9, _) => &[(0, 2)],
        (10, true) => &[(3, 0), (1, 2)],
        (10, false) => &[(1, 0), (3, 2)],
        (11, _) => &[(1, 2)],
        (12, _) => &[(3, 1)],
        (13, _) => &[(0, 1)],
        (14, _) => &[(3, 0)],
        _ => &[],
    }
}

/// One outline around rings and their holes: each is joined to the first by a way there and back, which encloses nothing.
pub(crate) fn outline(rings: &[Vec<Point>]) -> Vec<Point> {
    let Some(home) = rings.first().and_then(|ring| ring.first()) else { return Vec::new() };
    let mut outline = Vec::new();
    for (number, ring) in rings.iter().enumerate() {
        outline.extend(ring.iter().copied());
        if number > 0 {
            outline.push(*home);
        }
    }
    outline
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grid(count: usize, of: impl Fn(f64, f64) -> f64) -> Grid {
        let places: Vec<f64> = (0..count).map(|k| -2.0 + 4.0 * k as f64 / (count - 1) as f64).collect();
        let z = places.iter().flat_map(|y| places.iter().map(|x| of(*x, *y)).collect::<Vec<_>>()).collect();
        Grid { x: places.clone(), y: places, z }
    }

    fn area(points: &[Point]) -> f64 {
        let next = |i: usize| points[(i + 1) % points.len()];
        points.iter().enumerate().map(|(i, p)| p[0] * next(i)[1] - next(i)[0] * p[1]).sum::<f64>() / 2.0
    }

    #[test]
    fn a_level_of_a_plane_is_a_straight_line() {
        let lines = grid(9, |x, y| x + 2.0 * y).lines(0.5);
        let [line] = &lines[..] else { panic!("one line: {lines:?}") };
        assert!(line.iter().all(|[x, y]| (x + 2.0 * y - 0.5).abs() < 1e-12), "{line:?}");
        let ends = [line[0], line[line.len() - 1]];
        assert!(
            ends.iter().all(|[x, y]| x.abs() == 2.0 || y.abs() == 2.0),
            "from border to border: {ends:?}"
        );
    }

    /// Between neighbours of distance h the level of x² + y² is off by h² / 8 of its second derivative at most.
    #[test]
    fn a_level_of_a_bowl_is_a_circle() {
        let bowl = grid(81, |x, y| x * x + y * y);
        let lines = bowl.lines(1.0);
        let [circle] = &lines[..] else { panic!("one circle") };
        assert_eq!(circle.first(), circle.last());
        assert!(circle.iter().all(|[x, y]| ((x * x + y * y).sqrt() - 1.0).abs() < 0.05 * 0.05 / 4.0 + 1e-9));
        assert!((area(circle).abs() - std::f64::consts::PI).abs() < 0.005);
        assert!(bowl.lines(9.0).is_empty() && bowl.lines(-1.0).is_empty());
    }

    /// What lies above a level of a bowl is the square without the disc: a ring and its hole in one outline.
    #[test]
    fn what_lies_above_has_its_holes() {
        let bowl = grid(81, |x, y| x * x + y * y);
        let rings = bowl.rings(1.0);
        assert_eq!(rings.len(), 2);
        let expected = 16.0 - std::f64::consts::PI;
        assert!((area(&outline(&rings)) - expected).abs() < 0.005, "{}", area(&outline(&rings)));
        assert!((area(&outline(&bowl.rings(f64::MIN))) - 16.0).abs() < 1e-12);
        let hill = grid(81, |x, y| -x * x - y * y);
        assert!((area(&outline(&hill.rings(-1.0))) - std::f64::consts::PI).abs() < 0.005);
        assert!(outline(&hill.rings(1.0)).is_empty());
    }

    /// x y is 0 at the middle of a cell with corners 1, -1, 1, -1: what is not below it is joined there.
    #[test]
    fn the_middle_decides_at_a_saddle() {
        let saddle = Grid { x: vec![0.0, 1.0], y: vec![0.0, 1.0], z: vec![1.0, -1.0, -1.0, 1.0] };
        let corner = |lines: &[Vec<Point>]| {
            let near = |line: &&Vec<Point>| line.iter().all(|[x, y]| x + y < 1.0);
            lines.iter().filter(near).count()
        };
        assert_eq!((saddle.lines(-0.5).len(), saddle.lines(0.5).len()), (2, 2));
        assert_eq!(corner(&saddle.lines(0.5)), 1, "the lower left corner is alone");
        assert_eq!(corner(&saddle.lines(-0.5)), 0, "it is joined to the upper right one");
        assert_eq!((saddle.rings(0.5).len(), saddle.rings(-0.5).len()), (2, 1));
    }

    #[test]
    fn missing_values_have_no_lines_and_no_area() {
        let mut bowl = grid(5, |x, _| x);
        bowl.z[2 * 5 + 2] = f64::NAN;
        assert_eq!(bowl.lines(0.5).len(), 2, "the line is broken");
        let whole = area(&outline(&bowl.rings(f64::MIN)));
        assert!((whole - 14.0).abs() < 1e-12, "four triangles around it are gone: {whole}");
    }
}
