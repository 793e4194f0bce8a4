//! What is measured of all cells as they come: areas, integrals, and the first output's map.
//!
//! Cells are kept only if they are to be drawn. Those whose map floats cannot tell from another's are walked to once more.

use octavo_plugin::{Failure, RunContext};

use crate::affine::Form;
use crate::linear::{self, LinearCounts};
use crate::space::Space;
use crate::split::{self, Frontier, Limit, MOST_KEPT, MOST_REGIONS, Region, counts_after};
use crate::walk::{Visitor, Walk};

/// A sum with a second float for what the first loses (Neumaier 1974).
#[derive(Clone, Copy, Debug, Default)]
struct Sum {
    total: f64,
    lost: f64,
}

impl Sum {
    fn add(&mut self, value: f64) {
        let next = self.total + value;
        let [large, small] =
            if self.total.abs() >= value.abs() { [self.total, value] } else { [value, self.total] };
        self.lost += (large - next) + small;
        self.total = next;
    }

    fn merge(&mut self, other: Self) {
        self.add(other.total);
        self.lost += other.lost;
    }

    fn value(self) -> f64 {
        self.total + self.lost
    }
}

/// Sums over all cells.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Sums([Sum; 3]);

impl Sums {
    /// Adds a cell with its area, centroid and first output.
    fn add(&mut self, area: f64, [x, y]: [f64; 2], map: &Form) {
        let slope = map.a * map.a + map.b * map.b;
        for (sum, value) in self.0.iter_mut().zip([area, area * map.at(x, y), area * slope]) {
            sum.add(value);
        }
    }

    fn merge(&mut self, other: Self) {
        self.0.iter_mut().zip(other.0).for_each(|(sum, part)| sum.merge(part));
    }

    /// Sum of areas, integral of the first output and of its squared slope.
    pub(crate) fn values(self) -> [f64; 3] {
        self.0.map(Sum::value)
    }
}

/// What a survey finds.
pub(crate) struct Survey {
    pub(crate) count: u64,
    /// All regions in order of construction, if they were to be kept and are not too many; else none.
    pub(crate) regions: Vec<Region>,
    /// Number of cells after each splitting layer, with the layer's index.
    pub(crate) after: Vec<(usize, u64)>,
    /// For each neuron of the first layer, how many cells of the neurons before it it cuts.
    pub(crate) cuts: Vec<u64>,
    pub(crate) exact_decisions: u64,
    pub(crate) sums: Sums,
    pub(crate) linear: LinearCounts,
}

/// Measures cells as they come.
struct Look<'a> {
    sums: Sums,
    maps: Vec<Form>,
    /// The cells, as long as they are kept.
    regions: Vec<Region>,
    limit: &'a Limit,
    /// How many are kept at most.
    keep: &'a Limit,
}

impl Visitor for Look<'_> {
    const LOOKS: bool = true;

    fn visit(&mut self, walk: &mut Walk<'_>) -> Result<(), Failure> {
        self.limit.count(1)?;
        let map = walk.output(0);
        let (area, centre) = walk.measure();
        self.sums.add(area, centre, &map);
        self.maps.push(map);
        if self.keep.count(1).is_ok() {
            self.regions.push(Region::of(walk));
        } else {
            self.regions = Vec::new();
        }
        Ok(())
    }
}

/// Walks through all cells, and keeps them if they are at most so many.
///
/// # Errors
/// If the run is stopped, or there are too many cells.
pub(crate) fn survey(space: &Space, context: &RunContext<'_>, keep: u64) -> Result<Survey, Failure> {
    let limit = Limit::new(MOST_REGIONS);
    let kept = Limit::new(keep);
    let frontier = Frontier::new::<true>(space, context)?;
    frontier.estimate(space, context)?.within(space, MOST_REGIONS, context)?;
    let make =
        |_| Look { sums: Sums::default(), maps: Vec::new(), regions: Vec::new(), limit: &limit, keep: &kept };
    let (parts, counts) = frontier.walk(space, context, true, make)?;
    let mut sums = Sums::default();
    parts.iter().for_each(|part| sums.merge(part.sums));
    // The index of each task's first cell.
    let starts: Vec<usize> =
        parts.iter().scan(0, |next, part| Some(std::mem::replace(next, *next + part.maps.len()))).collect();
    let mut maps = Vec::with_capacity(parts.iter().map(|part| part.maps.len()).sum());
    let mut regions = Vec::new();
    for part in parts {
        maps.extend(part.maps);
        regions.extend(part.regions);
    }
    if maps.len() as u64 > keep {
        // Some tasks had ended before there were too many.
        regions = Vec::new();
    }
    let fetch = |wanted: &[usize]| -> Result<Vec<Region>, Failure> {
        if regions.len() == maps.len() {
            return Ok(wanted.iter().map(|&index| regions[index].clone()).collect());
        }
        again(&frontier, space, context, &starts, wanted)
    };
    let linear = linear::count(space, &maps, fetch, context)?;
    let (after, cuts) = (counts_after(space, &counts), counts.cuts);
    Ok(Survey {
        count: maps.len() as u64,
        regions,
        after,
        cuts,
        exact_decisions: counts.exact_decisions,
        sums,
        linear,
    })
}

/// Counts the cells, and measures nothing.
///
/// # Errors
/// If the run is stopped, or there are too many cells.
pub(crate) fn counted(space: &Space, context: &RunContext<'_>) -> Result<Survey, Failure> {
    let counts = split::counted(space, context)?;
    let after = counts_after(space, &counts);
    Ok(Survey {
        count: after.last().map_or(1, |(_, count)| *count),
        regions: Vec::new(),
        after,
        cuts: counts.cuts,
        exact_decisions: counts.exact_decisions,
        sums: Sums::default(),
        linear: LinearCounts::default(),
    })
}

/// Keeps cells with certain indices.
struct Pick<'a> {
    next: usize,
    wanted: &'a [usize],
    found: Vec<Region>,
}

impl Visitor for Pick<'_> {
    const LOOKS: bool = true;

    fn visit(&mut self, walk: &mut Walk<'_>) -> Result<(), Failure> {
        if let Some((first, rest)) = self.wanted.split_first()
            && *first == self.next
        {
            self.found.push(Region::of(walk));
            self.wanted = rest;
        }
        self.next += 1;
        Ok(())
    }
}

/// Walks once more and picks the cells with these indices, in ascending order.
fn again(
    frontier: &Frontier,
    space: &Space,
    context: &RunContext<'_>,
    starts: &[usize],
    wanted: &[usize],
) -> Result<Vec<Region>, Failure> {
    if wanted.len() as u64 > MOST_KEPT {
        return Err(Failure::resource(format!(
            "more than {MOST_KEPT} regions may have the map of another, too many to compare"
        ))
        .help("take a smaller network or a smaller `domain`"));
    }
    let make = |task: usize| {
        let from = wanted.partition_point(|index| *index < starts[task]);
        let to =
            starts.get(task + 1).map_or(wanted.len(), |next| wanted.partition_point(|index| index < next));
        Pick { next: starts[task], wanted: &wanted[from..to], found: Vec::new() }
    };
    let (picks, _) = frontier.walk(space, context, false, make)?;
    Ok(picks.into_iter().flat_map(|pick| pick.found).collect())
}
