//! Distinct affine functions, and linear regions: cells joined across sides where the function is the same.
//!
//! **Method.** Float maps whose error intervals do not meet are different; only the others are compared exactly. Within a
//! set of cells with one map, pairs whose boxes touch are tested for sides that lie on one line and share a piece of
//! positive length, exactly wherever floats leave a doubt.

use std::collections::BTreeMap;

use octavo_plugin::{Failure, RunContext};

use crate::cell::{Corner, distance, exact_corner};
use crate::exact::{self, Triple};
use crate::form::Form;
use crate::space::Space;
use crate::split::Region;

/// Counts of affine maps and of the regions on which they hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct LinearCounts {
    pub(crate) affine_functions: usize,
    pub(crate) linear_regions: usize,
}

/// Counts distinct output maps and linear regions.
///
/// # Errors
/// If the run is stopped.
pub(crate) fn count(
    space: &Space,
    regions: &[Region],
    context: &RunContext<'_>,
) -> Result<LinearCounts, Failure> {
    let mut counts = LinearCounts { affine_functions: 0, linear_regions: 0 };
    for suspects in suspects(space, regions) {
        context.go_on()?;
        if suspects.len() == 1 {
            counts.affine_functions += 1;
            counts.linear_regions += 1;
            continue;
        }
        for members in same_map(space, regions, &suspects).values() {
            counts.affine_functions += 1;
            counts.linear_regions += joined(space, regions, members, context)?;
        }
    }
    Ok(counts)
}

/// Sets of regions whose maps floats cannot tell apart.
fn suspects(space: &Space, regions: &[Region]) -> Vec<Vec<usize>> {
    let outputs = regions.first().map_or(0, |region| region.map.len());
    let mut sets = vec![(0..regions.len()).collect::<Vec<usize>>()];
    for output in 0..outputs {
        for part in 0..3 {
            let interval = |index: usize| interval(space, &regions[index].map[output], part);
            sets = sets.into_iter().flat_map(|set| overlapping(set, interval)).collect();
        }
    }
    sets
}

/// An interval around a coefficient of a form.
fn interval(space: &Space, form: &Form, part: usize) -> [f64; 2] {
    let (value, size) = [(form.c, 1.0), (form.a, space.reach.x), (form.b, space.reach.y)][part];
    let error = form.error / size * (1.0 + 1e-9);
    [(value - error).next_down(), (value + error).next_up()]
}

/// Parts a set so that intervals of different parts do not meet.
fn overlapping(mut set: Vec<usize>, interval: impl Fn(usize) -> [f64; 2]) -> Vec<Vec<usize>> {
    if set.len() == 1 {
        return vec![set];
    }
    set.sort_by(|&one, &other| interval(one)[0].total_cmp(&interval(other)[0]).then(one.cmp(&other)));
    let mut parts: Vec<Vec<usize>> = Vec::new();
    let mut end = f64::NEG_INFINITY;
    for index in set {
        let [low, high] = interval(index);
        match parts.last_mut() {
            Some(part) if low <= end => part.push(index),
            _ => parts.push(vec![index]),
        }
        end = end.max(high);
    }
    parts
}

/// Parts a set by exact map.
fn same_map(space: &Space, regions: &[Region], set: &[usize]) -> BTreeMap<Vec<Triple>, Vec<usize>> {
    let mut maps: BTreeMap<Vec<Triple>, Vec<usize>> = BTreeMap::new();
    for &index in set {
        let region = &regions[index];
        let map = (0..region.map.len()).map(|output| region.node.form(space, output).clone()).collect();
        maps.entry(map).or_default().push(index);
    }
    maps
}

/// Number of classes of cells joined across shared pieces of their sides.
fn joined(
    space: &Space,
    regions: &[Region],
    members: &[usize],
    context: &RunContext<'_>,
) -> Result<usize, Failure> {
    let boxes: Vec<[f64; 4]> = members.iter().map(|&index| bounding_box(&regions[index].cell)).collect();
    let mut order: Vec<usize> = (0..members.len()).collect();
    order.sort_by(|&one, &other| boxes[one][0].total_cmp(&boxes[other][0]).then(one.cmp(&other)));
    let mut classes = Classes::new(members.len());
    let mut open: Vec<usize> = Vec::new();
    for &new in &order {
        context.go_on()?;
        open.retain(|&old| boxes[old][2] >= boxes[new][0]);
        for &old in &open {
            let apart = boxes[old][3] < boxes[new][1] || boxes[new][3] < boxes[old][1];
            if !apart && classes.find(old) != classes.find(new) {
                let (one, other) = (&regions[members[old]], &regions[members[new]]);
                if adjacent(space, one, other) {
                    classes.join(old, new);
                }
            }
        }
        open.push(new);
    }
    Ok(classes.count)
}

/// Smallest x and y, largest x and y, with room for errors.
fn bounding_box(cell: &[Corner]) -> [f64; 4] {
    let start = [f64::INFINITY, f64::INFINITY, f64::NEG_INFINITY, f64::NEG_INFINITY];
    cell.iter().fold(start, |[x0, y0, x1, y1], corner| {
        let Corner { x, y, error, .. } = corner;
        [
            x0.min((x - error).next_down()),
            y0.min((y - error).next_down()),
            x1.max((x + error).next_up()),
            y1.max((y + error).next_up()),
        ]
    })
}

/// Whether two cells with disjoint interiors share a piece of their sides of positive length.
fn adjacent(space: &Space, one: &Region, other: &Region) -> bool {
    (0..one.cell.len()).any(|i| {
        (0..other.cell.len())
            .any(|j| may_share(&one.cell, i, &other.cell, j) && share(space, (one, i), (other, j)))
    })
}

fn ends(cell: &[Corner], index: usize) -> [Corner; 2] {
    [cell[index], cell[(index + 1) % cell.len()]]
}

/// `false` only if two sides certainly share no piece: they lie on different lines or apart on one.
fn may_share(one: &[Corner], i: usize, other: &[Corner], j: usize) -> bool {
    let ([p, q], [r, s]) = (ends(one, i), ends(other, j));
    near_line(&p, &q, &r) && near_line(&p, &q, &s) && near_line(&r, &s, &p) && near_line(&r, &s, &q)
}

/// Whether `r` may lie on the line through `p` and `q`.
fn near_line(p: &Corner, q: &Corner, r: &Corner) -> bool {
    let cross = (q.x - p.x) * (r.y - p.y) - (q.y - p.y) * (r.x - p.x);
    let error = p.error.max(q.error).max(r.error);
    let size = distance(p, q) + distance(p, r);
    let coordinates = [p, q, r].iter().fold(0.0_f64, |size, c| size.max(c.x.abs()).max(c.y.abs()));
    // Twice the displacement along each leg, the product of displacements, and the roundings of the differences.
    let displacement = 2.0 * error + 4.0 * f64::EPSILON * coordinates;
    cross.abs() <= 2.0 * displacement * (size + displacement)
}

/// The exact test of two sides.
fn share(space: &Space, (one, i): (&Region, usize), (other, j): (&Region, usize)) -> bool {
    let line = one.node.line(space, one.cell[i].side);
    let corner = |region: &Region, index: usize| {
        exact_corner(space, &region.node, &region.cell, index % region.cell.len())
    };
    let (r, s) = (corner(other, j), corner(other, j + 1));
    if exact::side(&line, &r) != 0 || exact::side(&line, &s) != 0 {
        return false;
    }
    let (p, q) = (corner(one, i), corner(one, i + 1));
    // Along a line that is not vertical x tells places apart, along a vertical one y.
    let axis = usize::from(line[1].is_zero());
    let ordered = |a: Triple, b: Triple| if exact::compare(&a, &b, axis) < 0 { [a, b] } else { [b, a] };
    let ([p, q], [r, s]) = (ordered(p, q), ordered(r, s));
    exact::compare(&p, &s, axis) < 0 && exact::compare(&r, &q, axis) < 0
}

/// Disjoint sets.
struct Classes {
    parents: Vec<usize>,
    count: usize,
}

impl Classes {
    fn new(count: usize) -> Self {
        Self { parents: (0..count).collect(), count }
    }

    fn find(&mut self, mut item: usize) -> usize {
        while self.parents[item] != item {
            self.parents[item] = self.parents[self.parents[item]];
            item = self.parents[item];
        }
        item
    }

    fn join(&mut self, one: usize, other: usize) {
        let (one, other) = (self.find(one), self.find(other));
        if one != other {
            self.parents[one.max(other)] = one.min(other);
            self.count -= 1;
        }
    }
}
