//! Distinct affine functions, and linear regions: cells joined across sides where the function is the same.
//!
//! **Method.** Float maps whose error intervals do not meet are different; only the others are compared exactly, and only
//! their cells are needed. Within a set of cells with one map, pairs whose boxes touch are tested for sides that lie on
//! one line and share a piece of positive length, exactly wherever floats leave a doubt.

use std::collections::BTreeMap;
use std::rc::Rc;

use octavo_plugin::{Failure, RunContext};
use rayon::prelude::*;

use crate::affine::Form;
use crate::cell::{Corner, distance};
use crate::exact::{self, Triple};
use crate::space::Space;
use crate::split::Region;
use crate::symbolic::{Active, Symbolic};

/// Counts of affine maps and of the regions on which they hold.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LinearCounts {
    pub(crate) affine_functions: usize,
    pub(crate) linear_regions: usize,
}

/// Counts distinct output maps and linear regions, from the first output's map on every cell. `fetch` gives the cells with
/// some indices, in ascending order.
///
/// # Errors
/// If the run is stopped, or there are too many cells to compare.
pub(crate) fn count(
    space: &Space,
    maps: &[Form],
    fetch: impl FnOnce(&[usize]) -> Result<Vec<Region>, Failure>,
    context: &RunContext<'_>,
) -> Result<LinearCounts, Failure> {
    let sets = alike(space, maps);
    let suspected: usize = sets.iter().map(Vec::len).sum();
    let single = maps.len() - suspected;
    let mut counts = LinearCounts { affine_functions: single, linear_regions: single };
    if sets.is_empty() {
        return Ok(counts);
    }
    let mut wanted: Vec<usize> = sets.iter().flatten().copied().collect();
    wanted.sort_unstable();
    let regions = fetch(&wanted)?;
    let place = |index: usize| wanted.partition_point(|&other| other < index);
    let mut trace = Trace::new(space);
    for set in sets {
        let set = set.into_iter().map(place).collect();
        for suspects in suspects(space, &regions, set) {
            context.go_on()?;
            if suspects.len() == 1 {
                counts.affine_functions += 1;
                counts.linear_regions += 1;
                continue;
            }
            for members in trace.same_map(&regions, &suspects).values() {
                counts.affine_functions += 1;
                counts.linear_regions += joined(&mut trace, &regions, members, context)?;
            }
        }
    }
    Ok(counts)
}

/// Sets of two cells or more whose first outputs floats cannot tell apart.
fn alike(space: &Space, maps: &[Form]) -> Vec<Vec<usize>> {
    let mut intervals: Vec<([f64; 2], usize)> =
        maps.iter().enumerate().map(|(index, map)| (interval(space, map, 1), index)).collect();
    intervals.par_sort_unstable_by(|one, other| one.0[0].total_cmp(&other.0[0]).then(one.1.cmp(&other.1)));
    let mut sets = Vec::new();
    let mut start = 0;
    let mut end = f64::NEG_INFINITY;
    let mut close = |from: usize, to: usize| {
        if to - from > 1 {
            let members = intervals[from..to].iter().map(|(_, index)| *index).collect();
            for part in overlapping(members, |index| interval(space, &maps[index], 2)) {
                sets.extend(overlapping(part, |index| interval(space, &maps[index], 0)));
            }
        }
    };
    for (index, ([low, high], _)) in intervals.iter().enumerate() {
        if *low > end {
            close(start, index);
            start = index;
        }
        end = end.max(*high);
    }
    close(start, intervals.len());
    sets.retain(|set| set.len() > 1);
    sets.iter_mut().for_each(|set: &mut Vec<usize>| set.sort_unstable());
    sets
}

/// Parts a set into sets of regions whose maps floats cannot tell apart.
fn suspects(space: &Space, regions: &[Region], set: Vec<usize>) -> Vec<Vec<usize>> {
    let mut sets = vec![set];
    for output in 0..space.outputs() {
        for part in 0..3 {
            let interval = |index: usize| interval(space, &regions[index].map[output], part);
            sets = sets.into_iter().flat_map(|set| overlapping(set, interval)).collect();
        }
    }
    for set in &mut sets {
        set.sort_unstable();
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

/// Exact forms on one region after another; what neighbours in order have in common is kept.
struct Trace<'a> {
    space: &'a Space,
    symbolic: Symbolic,
    pattern: Box<[u64]>,
    lists: Lists,
}

/// For each layer the neurons that are on.
struct Lists(Vec<Vec<u32>>);

impl Active for Lists {
    fn on(&self, layer: usize) -> &[u32] {
        &self.0[layer]
    }
}

/// The exact sides and corners of a cell.
struct Outline {
    lines: Vec<Rc<Triple>>,
    corners: Vec<Triple>,
}

impl<'a> Trace<'a> {
    fn new(space: &'a Space) -> Self {
        let layers = space.stages.len();
        let lists = Lists(vec![Vec::new(); layers]);
        Self { space, symbolic: Symbolic::new(layers), pattern: Box::default(), lists }
    }

    fn go_to(&mut self, pattern: &[u64]) {
        let known = !self.pattern.is_empty();
        let differs = |layer: &usize| {
            let words = self.space.stages[*layer].words.clone();
            !known || self.pattern[words.clone()] != pattern[words]
        };
        let layers = self.space.stages.len() - 1;
        let first = (0..layers).find(differs).unwrap_or(layers);
        for layer in first..layers {
            let stage = &self.space.stages[layer];
            let words = &pattern[stage.words.clone()];
            let is_on = |neuron: &u32| words[*neuron as usize / 64] >> (neuron % 64) & 1 == 1;
            self.lists.0[layer].clear();
            self.lists.0[layer].extend((0_u32..).take(stage.layer.outputs).filter(is_on));
            self.symbolic.forget(layer + 1);
        }
        self.pattern = pattern.into();
    }

    /// Parts a set by exact map.
    fn same_map(&mut self, regions: &[Region], set: &[usize]) -> BTreeMap<Vec<Triple>, Vec<usize>> {
        let last = self.space.stages.len() - 1;
        let mut maps: BTreeMap<Vec<Triple>, Vec<usize>> = BTreeMap::new();
        for &index in set {
            self.go_to(&regions[index].pattern);
            let form =
                |output: usize| Triple::clone(&self.symbolic.form(self.space, &self.lists, last, output));
            let map = (0..self.space.outputs()).map(form).collect();
            maps.entry(map).or_default().push(index);
        }
        maps
    }

    fn outline(&mut self, region: &Region) -> Outline {
        self.go_to(&region.pattern);
        let line = |corner: &Corner| self.symbolic.line(self.space, &self.lists, corner.side);
        let lines: Vec<Rc<Triple>> = region.cell.iter().map(line).collect();
        let before = |index: usize| (index + lines.len() - 1) % lines.len();
        let corners =
            (0..lines.len()).map(|index| exact::meet(&lines[before(index)], &lines[index])).collect();
        Outline { lines, corners }
    }
}

/// Number of classes of cells joined across shared pieces of their sides.
fn joined(
    trace: &mut Trace<'_>,
    regions: &[Region],
    members: &[usize],
    context: &RunContext<'_>,
) -> Result<usize, Failure> {
    if members.len() == 1 {
        return Ok(1);
    }
    let outlines: Vec<Outline> = members.iter().map(|&index| trace.outline(&regions[index])).collect();
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
                let cells = [old, new].map(|member| &*regions[members[member]].cell);
                if adjacent(cells, [&outlines[old], &outlines[new]]) {
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
fn adjacent([one, other]: [&[Corner]; 2], outlines: [&Outline; 2]) -> bool {
    (0..one.len()).any(|i| (0..other.len()).any(|j| may_share(one, i, other, j) && share(outlines, i, j)))
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
fn share([one, other]: [&Outline; 2], i: usize, j: usize) -> bool {
    let line = &one.lines[i];
    let ends = |outline: &Outline, index: usize| {
        [index, (index + 1) % outline.corners.len()].map(|index| outline.corners[index].clone())
    };
    let [r, s] = ends(other, j);
    if exact::side(line, &r) != 0 || exact::side(line, &s) != 0 {
        return false;
    }
    let [p, q] = ends(one, i);
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
