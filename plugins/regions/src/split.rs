//! Splits the domain into the cells on which every neuron is on or off.
//!
//! **Method.** The tree of cells is followed breadth first until there are enough tasks, always the same ones, then the
//! tasks are walked depth first in parallel ([`walk`](crate::walk)) and their results put together in order. Signs at
//! corners are decided in floats with an error bound, and exactly where that fails, so that lines through corners,
//! coincident lines and slivers are neither merged nor made up.

use std::sync::atomic::{AtomicU64, Ordering};

use octavo_plugin::{Failure, Network, RunContext};
use rayon::prelude::*;

use crate::affine::Form;
use crate::cell::Corner;
use crate::space::{Side, Space};
use crate::walk::{Counts, Task, Visitor, Walk};

/// Most cells of one run that are looked at.
pub(crate) const MOST_REGIONS: u64 = 20_000_000;

/// Most cells that are kept.
pub(crate) const MOST_KEPT: u64 = 2_000_000;

/// Number of tasks; it depends on nothing, so that results do not either.
const TASKS: usize = 192;

/// The first cuts, made once, and the tasks below them.
pub(crate) struct Frontier {
    tasks: Vec<Task>,
    counts: Counts,
}

/// Sees nothing: for cuts alone.
struct Blind<const LOOKS: bool>;

impl<const LOOKS: bool> Visitor for Blind<LOOKS> {
    const LOOKS: bool = LOOKS;

    fn visit(&mut self, _walk: &mut Walk<'_>) -> Result<(), Failure> {
        Ok(())
    }
}

impl Frontier {
    /// Cuts breadth first until there are [`TASKS`] tasks or nothing is left to cut. `LOOKS` as in [`Visitor`].
    ///
    /// # Errors
    /// If the run is stopped.
    pub(crate) fn new<const LOOKS: bool>(space: &Space, context: &RunContext<'_>) -> Result<Self, Failure> {
        let mut walk = Walk::new(space, context);
        let mut counts = Counts::new(space);
        let mut tasks = vec![(Task::root(space), false)];
        while tasks.len() < TASKS && tasks.iter().any(|(_, whole)| !whole) {
            let mut next = Vec::with_capacity(2 * tasks.len());
            for (task, whole) in tasks {
                context.go_on()?;
                let (parts, found) = if whole {
                    (Vec::new(), Counts::new(space))
                } else {
                    walk.step(&task, &mut Blind::<LOOKS>)?
                };
                if parts.is_empty() {
                    next.push((task, true));
                } else {
                    counts.add(&found);
                    next.extend(parts.into_iter().map(|part| (part, false)));
                }
            }
            tasks = next;
        }
        Ok(Self { tasks: tasks.into_iter().map(|(task, _)| task).collect(), counts })
    }

    /// Walks all tasks in parallel. `make` gives the visitor of each task; they come back in order.
    ///
    /// # Errors
    /// If the run is stopped, or the first error of a visitor.
    pub(crate) fn walk<V: Visitor>(
        &self,
        space: &Space,
        context: &RunContext<'_>,
        report: bool,
        make: impl Fn(usize) -> V + Sync,
    ) -> Result<(Vec<V>, Counts), Failure> {
        let (done, total) = (AtomicU64::new(0), self.tasks.len() as u64);
        let one = |walk: &mut Walk<'_>, (index, task): (usize, &Task)| {
            let mut visitor = make(index);
            let counts = walk.run(task, &mut visitor)?;
            if report {
                context.step(done.fetch_add(1, Ordering::Relaxed) + 1, total)?;
            }
            Ok((visitor, counts))
        };
        let parts: Vec<(V, Counts)> = self
            .tasks
            .par_iter()
            .enumerate()
            .with_max_len(1)
            .map_init(|| Walk::new(space, context), one)
            .collect::<Result<_, Failure>>()?;
        let mut counts = self.counts.clone();
        parts.iter().for_each(|(_, part)| counts.add(part));
        Ok((parts.into_iter().map(|(visitor, _)| visitor).collect(), counts))
    }
}

/// Numbers of regions of a network.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RegionCounts {
    /// For each layer with ReLU, the number of activation regions after it; the last is that of the network.
    pub after: Vec<u64>,
    /// Number of signs that floats could not decide.
    pub exact_decisions: u64,
}

/// Counts the activation regions of a network with two inputs on a rectangle, given by its lower left and upper right
/// corners, and nothing else: the fastest way, in memory that does not depend on the number of regions.
///
/// # Errors
/// If the network does not take two inputs, has other activations than ReLU and identity, or the run is stopped.
pub fn count_regions(
    network: &Network,
    domain: [[f64; 2]; 2],
    context: &RunContext<'_>,
) -> Result<RegionCounts, Failure> {
    let space = Space::new(network, domain)?;
    let frontier = Frontier::new::<false>(&space, context)?;
    let (_, counts) = frontier.walk(&space, context, true, |_| Blind::<false>)?;
    let after = counts_after(&space, &counts).into_iter().map(|(_, count)| count).collect();
    Ok(RegionCounts { after, exact_decisions: counts.exact_decisions })
}

/// Number of cells after each splitting layer, with the layer's index.
pub(crate) fn counts_after(space: &Space, counts: &Counts) -> Vec<(usize, u64)> {
    let splitting = |index: &usize| space.stages[*index].splits();
    (0..space.stages.len()).filter(splitting).map(|index| (index, counts.after[index])).collect()
}

/// Refuses more than so many cells.
pub(crate) struct Limit {
    found: AtomicU64,
    most: u64,
}

impl Limit {
    pub(crate) fn new(most: u64) -> Self {
        Self { found: AtomicU64::new(0), most }
    }

    /// Counts some more.
    ///
    /// # Errors
    /// If there are too many.
    pub(crate) fn count(&self, cells: u64) -> Result<(), Failure> {
        if self.found.fetch_add(cells, Ordering::Relaxed) + cells <= self.most {
            return Ok(());
        }
        Err(Failure::resource(format!("there are more than {} regions", self.most))
            .help("take a smaller network or a smaller `domain`"))
    }
}

/// A cell on which all neurons are on or off.
#[derive(Clone, Debug)]
pub(crate) struct Region {
    pub(crate) cell: Box<[Corner]>,
    /// The neurons that are on; words as [`Stage::words`](crate::space::Stage::words) says.
    pub(crate) pattern: Box<[u64]>,
    /// The affine output map.
    pub(crate) map: Box<[Form]>,
    pub(crate) area: f64,
    pub(crate) centre: [f64; 2],
}

impl Region {
    /// The cell at hand of a walk.
    pub(crate) fn of(walk: &mut Walk<'_>) -> Self {
        let (area, centre) = walk.measure_well();
        Self {
            cell: walk.corners().into(),
            pattern: walk.pattern(),
            map: (0..walk.space.outputs()).map(|output| walk.output(output)).collect(),
            area,
            centre,
        }
    }

    /// Whether a neuron is on.
    pub(crate) fn is_on(&self, space: &Space, side: Side) -> bool {
        let neuron = side.neuron as usize;
        let words = &self.pattern[space.stages[side.layer as usize].words.clone()];
        words[neuron / 64] >> (neuron % 64) & 1 == 1
    }
}

/// What splitting gives.
pub(crate) struct Partition {
    /// In order of construction: where a line cuts, the part with the neuron off comes first.
    pub(crate) regions: Vec<Region>,
}

struct Keep<'a> {
    regions: Vec<Region>,
    limit: &'a Limit,
}

impl Visitor for Keep<'_> {
    const LOOKS: bool = true;

    fn visit(&mut self, walk: &mut Walk<'_>) -> Result<(), Failure> {
        self.limit.count(1)?;
        self.regions.push(Region::of(walk));
        Ok(())
    }
}

/// Splits the domain and keeps all cells, without a report.
///
/// # Errors
/// If the run is stopped, or there are more than [`MOST_KEPT`] cells.
pub(crate) fn partition(space: &Space, context: &RunContext<'_>) -> Result<Partition, Failure> {
    let limit = Limit::new(MOST_KEPT);
    let frontier = Frontier::new::<true>(space, context)?;
    let (kept, _) = frontier.walk(space, context, false, |_| Keep { regions: Vec::new(), limit: &limit })?;
    Ok(Partition { regions: kept.into_iter().flat_map(|keep| keep.regions).collect() })
}
