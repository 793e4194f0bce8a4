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

/// Most cells that are counted, where nothing else is asked of them: some hours of work.
pub(crate) const MOST_COUNTED: u64 = 20_000_000_000;

/// So many standard errors above a limit, an estimate is as good as the count.
const CERTAIN: f64 = 4.0;

/// How many ways down are taken from each task for an estimate, where there are more than a few cells.
const WAYS: usize = 4;
const FEW: f64 = 1e5;

/// Who waits for more work than this, as products of numbers in the cells' layers, is told how many cells there may be: some seconds.
const LONG: f64 = 3e10;

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

    /// How many cells there are, by some ways down from each task: by one where that says that they are few.
    ///
    /// # Errors
    /// If the run is stopped.
    pub(crate) fn estimate(&self, space: &Space, context: &RunContext<'_>) -> Result<Estimate, Failure> {
        let one = |walk: &mut Walk<'_>, way: usize, (index, task): (usize, &Task)| {
            let mut stream = context.stream(&format!("estimate {way} {index}"));
            walk.descend(task, &mut stream, &mut Blind::<false>)
        };
        let mut ways: Vec<Vec<f64>> = Vec::new();
        while ways.len() < WAYS {
            let each = self.tasks.par_iter().enumerate().with_max_len(1);
            let way = ways.len();
            let found = each.map_init(|| Walk::new(space, context), |walk, task| one(walk, way, task));
            ways.push(found.collect::<Result<_, Failure>>()?);
            if way == 0 && ways[0].iter().sum::<f64>() < FEW {
                break;
            }
        }
        Ok(Estimate::of(&ways))
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

/// An estimate of a number of cells.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Estimate {
    /// How many ways down were taken.
    ways: usize,
    /// The estimate, whose mean is the number.
    cells: f64,
    /// Its standard error; infinite if each part was asked once.
    error: f64,
}

impl Estimate {
    /// From the numbers of cells of parts, as each way down says.
    fn of(ways: &[Vec<f64>]) -> Self {
        let (count, parts) = (ways.len(), ways.first().map_or(0, Vec::len));
        let mean = |part: usize| ways.iter().map(|way| way[part]).sum::<f64>() / count as f64;
        let squares = |part: usize| {
            let mean = mean(part);
            ways.iter().map(|way| (way[part] - mean) * (way[part] - mean)).sum::<f64>()
        };
        let variance = (0..parts).map(squares).sum::<f64>() / (count * count.saturating_sub(1)) as f64;
        let error = if count > 1 { variance.sqrt() } else { f64::INFINITY };
        Self { ways: count * parts, cells: (0..parts).map(mean).sum(), error }
    }

    /// Refuses what is certainly more than so many cells, and tells whoever waits how many there may be.
    ///
    /// # Errors
    /// If there are too many.
    pub(crate) fn within(self, space: &Space, most: u64, context: &RunContext<'_>) -> Result<(), Failure> {
        let Self { ways, cells, error } = self;
        let percent = 100.0 * error / cells.max(1.0);
        let about = format!(
            "about {cells:.1e} activation regions, as {ways} random ways down the tree of cells say (standard error {percent:.0} %)"
        );
        if cells - CERTAIN * error > most as f64 {
            return Err(Failure::resource(format!("{about}: more than the {most} that a run may take"))
                .help("take a smaller network or a smaller `domain`, or ask for `outputs = [\"activation_regions\"]` alone"));
        }
        let layers = space.stages.iter().map(|stage| (stage.layer.inputs * stage.layer.outputs) as f64);
        if cells * layers.sum::<f64>() > LONG {
            context.note(&about);
        }
        Ok(())
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
/// If the network does not take two inputs, has other activations than ReLU and identity, there are far more than 20,000,000,000 regions,
/// or the run is stopped.
pub fn count_regions(
    network: &Network,
    domain: [[f64; 2]; 2],
    context: &RunContext<'_>,
) -> Result<RegionCounts, Failure> {
    let space = Space::new(network, domain)?;
    let counts = counted(&space, context)?;
    let after = counts_after(&space, &counts).into_iter().map(|(_, count)| count).collect();
    Ok(RegionCounts { after, exact_decisions: counts.exact_decisions })
}

/// The same of a space.
///
/// # Errors
/// As [`count_regions`].
pub(crate) fn counted(space: &Space, context: &RunContext<'_>) -> Result<Counts, Failure> {
    let frontier = Frontier::new::<false>(space, context)?;
    frontier.estimate(space, context)?.within(space, MOST_COUNTED, context)?;
    Ok(frontier.walk(space, context, true, |_| Blind::<false>)?.1)
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

#[cfg(test)]
mod tests {
    use octavo_plugin::context::Silent;
    use octavo_plugin::interchange::Init;
    use octavo_plugin::{Activation, CancelToken, Inputs, Seed};

    use super::*;

    /// The count of a random network's regions, and `runs` estimates of it.
    fn counted_and_estimated(widths: &[usize], runs: u64) -> (f64, Vec<Estimate>) {
        let network =
            Network::random(widths, Activation::Relu, Init::He, 0.1, &mut Seed(7).stream("network"));
        let space = Space::new(&network, [[-1.0, -1.0], [1.0, 1.0]]).unwrap();
        let (inputs, cancel) = (Inputs::new(), CancelToken::new());
        let estimate = |seed| {
            let context = RunContext::new(Seed(seed), &inputs, &cancel, &Silent);
            Frontier::new::<false>(&space, &context).unwrap().estimate(&space, &context).unwrap()
        };
        let context = RunContext::new(Seed(0), &inputs, &cancel, &Silent);
        let counts = counted(&space, &context).unwrap();
        (counts_after(&space, &counts).last().unwrap().1 as f64, (0..runs).map(estimate).collect())
    }

    #[test]
    fn estimates_lie_around_the_count() {
        for (widths, runs) in
            [(&[2, 40, 1][..], 100), (&[2, 24, 24, 24, 24, 24, 1], 100), (&[2, 400, 400, 1], 25)]
        {
            let (count, estimates) = counted_and_estimated(widths, runs);
            let mean = estimates.iter().map(|e| e.cells).sum::<f64>() / runs as f64;
            let squares: f64 = estimates.iter().map(|e| (e.cells - mean) * (e.cells - mean)).sum();
            let deviation = (squares / (runs - 1) as f64).sqrt();
            // Four standard errors of the mean of all runs.
            assert!(
                (mean - count).abs() < 4.0 * deviation / (runs as f64).sqrt(),
                "{widths:?}: {count}, {mean}"
            );
            assert!(deviation < 0.4 * count, "{widths:?}: {count}, {deviation}");
            if count > FEW {
                let told = estimates.iter().map(|e| e.error).sum::<f64>() / runs as f64;
                assert!((0.5..2.0).contains(&(told / deviation)), "{widths:?}: {told}, {deviation}");
                assert!(estimates.iter().all(|e| e.cells - CERTAIN * e.error < count), "{widths:?}");
            }
        }
    }
}
