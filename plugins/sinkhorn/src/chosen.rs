//! The method `auto`: Newton's where pairs are few or digits many, along axes between images, over tiles elsewhere. All stop at the
//! tolerance but Newton's, which goes beyond it at once.

use octavo_plugin::simd::LANES;
use octavo_plugin::{Failure, RunContext};

use crate::cost::{Ground, MOST_CELLS, Power};
use crate::curve;
use crate::descent;
use crate::entropic::{self, Dense, Solved, on_clouds, on_grids, reached, wants_divergence};
use crate::floats::{Entropic, Options, Stop};
use crate::measure::Measure;
use crate::params::{Method, Params};
use crate::problem::{Costs, Problem};
use crate::tiles::{KEPT, Side, Tiles};

/// Pairs up to which Newton's method takes a moment.
const FEW: usize = 1 << 16;

/// Solves every epsilon, by the method that is named or by the fastest.
///
/// # Errors
/// If a tolerance is not reached, a cost is out of range, or the pairs of a cost matrix are too many.
pub(crate) fn solve_all(
    params: &Params,
    problem: &Problem,
    costs: &Costs,
    context: &RunContext<'_>,
) -> Result<Vec<Solved>, Failure> {
    if params.method != Method::Auto {
        return entropic::solve_all(params, problem, costs, context);
    }
    let (rows, columns) = (problem.source.len(), problem.target.len());
    let most = rows.max(columns);
    let newton = |epsilon: &[f64]| {
        let params = Params { epsilon: epsilon.to_vec(), method: Method::Newton, ..params.clone() };
        Dense::new(problem, costs)?.solve_all(&params, context)
    };
    let dense = most * most <= MOST_CELLS;
    if dense && rows * columns <= FEW {
        return newton(&params.epsilon);
    }
    if let (Some(source), Some(target), Ground::Power(cost)) =
        (&problem.source_grid, &problem.target_grid, &costs.across)
        && cost.is_sum()
    {
        return on_grids(params, problem, [source, target], *cost, context);
    }
    let near = |cost: &Power| *cost == Power::SQUARE && problem.source.dimension <= 3;
    if most * most > KEPT && !matches!(&costs.across, Ground::Power(cost) if near(cost)) {
        let Ground::Power(cost) = &costs.across else {
            let message = format!("{rows} by {columns} points make more than {KEPT} pairs");
            return Err(Failure::resource(message).help("take fewer points"));
        };
        return on_clouds(params, problem, *cost, context);
    }
    let sides = Sides::new(problem);
    let tiles = sides.across(problem, costs)?;
    let all = 2 + 3 * params.epsilon.len() as u64;
    let one = |(index, epsilon): (usize, &f64)| {
        let exact = !descent::within_floats(&tiles, *epsilon, params.tolerance);
        let progress = (2 + 3 * index as u64, all);
        let found = if dense && exact {
            None
        } else {
            let run = Run { params, problem, costs, context, sides: &sides, epsilon: *epsilon, progress };
            run.solve(&tiles)?
        };
        match (found, &costs.across) {
            (Some(found), _) => Ok(found),
            (None, _) if dense => first(newton(&[*epsilon])?),
            (None, Ground::Power(cost)) => {
                let params = Params { epsilon: vec![*epsilon], ..params.clone() };
                first(on_clouds(&params, problem, *cost, context)?)
            }
            (None, Ground::Matrix { .. }) => Err(out_of_range(*epsilon)),
        }
    };
    params.epsilon.iter().enumerate().map(one).collect()
}

fn out_of_range(epsilon: f64) -> Failure {
    Failure::numeric(format!("at epsilon = {epsilon} the plan is out of the range of floats"))
        .help("scale the costs, or choose a larger `epsilon`, so that they are near each other")
}

fn first(found: Vec<Solved>) -> Result<Solved, Failure> {
    found.into_iter().next().ok_or_else(|| Failure::bug("an epsilon ended without a result"))
}

/// Both measures in the order of the tiles.
struct Sides {
    source: Side,
    target: Side,
    /// The atom at each place.
    orders: [Vec<usize>; 2],
}

impl Sides {
    fn new(problem: &Problem) -> Self {
        let Problem { source, target, .. } = problem;
        let orders = curve::orders(source, target);
        let side = |measure: &Measure, order: &[usize]| {
            let points = order.iter().flat_map(|atom| measure.point(*atom)).copied().collect();
            let weights = order.iter().map(|atom| measure.weights[*atom]).collect();
            Side::new(measure.dimension, points, weights)
        };
        Self { source: side(source, &orders[0]), target: side(target, &orders[1]), orders }
    }

    fn across(&self, problem: &Problem, costs: &Costs) -> Result<Tiles<'_>, Failure> {
        let Problem { source, target, .. } = problem;
        self.tiles([&self.source, &self.target], [source, target], &costs.across, [0, 1])
    }

    /// The pairs between two sides, of these numbers.
    fn tiles<'a>(
        &'a self,
        [rows, columns]: [&'a Side; 2],
        [source, target]: [&Measure; 2],
        ground: &Ground,
        [first, second]: [usize; 2],
    ) -> Result<Tiles<'a>, Failure> {
        if let Ground::Power(power) = ground {
            return Tiles::new(rows, columns, *power);
        }
        let row = |i: &usize| {
            let i = *i;
            self.orders[second].chunks(LANES).map(move |atoms| {
                let mut cells = [0.0; LANES];
                for (cell, j) in cells.iter_mut().zip(atoms) {
                    *cell = ground.between(source, i, target, *j).value();
                }
                cells
            })
        };
        Tiles::kept(rows, columns, self.orders[first].iter().flat_map(row).collect())
    }
}

/// One epsilon.
struct Run<'a, 'b> {
    params: &'a Params,
    problem: &'a Problem,
    costs: &'a Costs,
    context: &'a RunContext<'b>,
    sides: &'a Sides,
    epsilon: f64,
    progress: (u64, u64),
}

impl Run<'_, '_> {
    fn options(&self) -> Options {
        let Params { tolerance, max_iterations, .. } = *self.params;
        Options { epsilon: self.epsilon, tolerance, max_iterations, relaxed: false }
    }

    /// Nothing where masses leave the range of floats.
    fn solve(&self, tiles: &Tiles<'_>) -> Result<Option<Solved>, Failure> {
        let Self { problem, costs, context, epsilon, progress, .. } = *self;
        let same = problem.source == problem.target && matches!(costs.across, Ground::Power(_));
        let mut stop = Stop::with(context, progress);
        let found = if same {
            descent::symmetric(tiles, self.options(), &mut stop)?
        } else {
            descent::solve(tiles, self.options(), &mut stop)?
        };
        let Some(found) = found else { return Ok(None) };
        let Some((worth, images)) = descent::worth(tiles, &found, epsilon, context.wants("barycentric"))
        else {
            return Ok(None);
        };
        reached(&worth, &stop.log, epsilon, self.params.tolerance)?;
        let divergence = match () {
            () if same => Some(0.0),
            () if wants_divergence(context) => match self.divergence(&found)? {
                Some(divergence) => divergence,
                None => return Ok(None),
            },
            () => None,
        };
        let images = self.by_atom(&images);
        Ok(Some(Solved { epsilon, worth, divergence, log: stop.log, plan: None, images }))
    }

    /// What is left of a value after half of each measure's own; nothing inside if the costs do not say it.
    fn divergence(&self, found: &Entropic) -> Result<Option<Option<f64>>, Failure> {
        let Some(within) = &self.costs.within else { return Ok(Some(None)) };
        let Problem { source, target, .. } = self.problem;
        let mut value = found.value;
        for (index, (side, measure)) in
            [(&self.sides.source, source), (&self.sides.target, target)].into_iter().enumerate()
        {
            let tiles = self.sides.tiles([side; 2], [measure; 2], &within[index], [index; 2])?;
            let progress = (self.progress.0 + 1 + index as u64, self.progress.1);
            let mut stop = Stop::with(self.context, progress);
            match descent::symmetric(&tiles, self.options(), &mut stop)? {
                Some(own) => value -= 0.5 * own.value,
                None => return Ok(None),
            }
        }
        Ok(Some(Some(value)))
    }

    /// From the order of the tiles to that of the atoms.
    fn by_atom(&self, images: &[f64]) -> Vec<f64> {
        let dimension = self.problem.source.dimension;
        let mut found = vec![0.0; images.len()];
        for (image, atom) in images.chunks_exact(dimension).zip(&self.sides.orders[0]) {
            found[atom * dimension..][..dimension].copy_from_slice(image);
        }
        found
    }
}
