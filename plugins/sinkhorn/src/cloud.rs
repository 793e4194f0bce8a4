//! Entropic transport and the Sinkhorn divergence between clouds of points with cost |x - y|², as functions to be called
//! again and again: values, gradients with respect to the points, warm starts, memory of order n.
//!
//! In floats and without a matrix, see [`stream`](crate::stream); the analysis itself works in double-double. The gradient
//! holds the optimal potentials fixed, which is exact at the optimum (the envelope theorem; Feydy et al. 2019).

use octavo_plugin::{Failure, FailureKind, PointSet, RunContext, sum};

use crate::cost::{Ground, Power};
use crate::exact;
use crate::floats::{self, Entropic, Options, Pairs, Stop};
use crate::measure::Measure;
use crate::stream::{self, At, Blocks};
use crate::sweep;

/// Weighted points, row-major.
#[derive(Clone, Debug, PartialEq)]
pub struct Cloud {
    dimension: usize,
    points: Vec<f64>,
    weights: Vec<f64>,
}

impl Cloud {
    /// A cloud of `points` (atoms × dimension, row-major); weights are divided by their sum and may be 0.
    ///
    /// # Errors
    /// [`FailureKind::User`](octavo_plugin::FailureKind::User) if lengths do not fit, a number is not finite, a weight is
    /// negative or none is above 0.
    pub fn new(dimension: usize, points: Vec<f64>, mut weights: Vec<f64>) -> Result<Self, Failure> {
        if dimension == 0 || points.len() != dimension * weights.len() {
            let (numbers, atoms) = (points.len(), weights.len());
            let message = format!(
                "{} do not make {} of dimension {dimension}",
                octavo_plugin::counted(numbers, "coordinate"),
                octavo_plugin::counted(atoms, "point")
            );
            return Err(Failure::user(message));
        }
        let total = sum::sum(&weights);
        let usable = weights.iter().all(|weight| *weight >= 0.0) && total > 0.0 && total.is_finite();
        if !usable || !points.iter().all(|x| x.is_finite()) {
            let message = "coordinates are finite, weights are finite and not negative, and one is above 0";
            return Err(Failure::user(message));
        }
        weights.iter_mut().for_each(|weight| *weight /= total);
        Ok(Self { dimension, points, weights })
    }

    /// A cloud with equal weights.
    ///
    /// # Errors
    /// As [`new`](Self::new).
    pub fn uniform(dimension: usize, points: Vec<f64>) -> Result<Self, Failure> {
        let atoms = points.len() / dimension.max(1);
        Self::new(dimension, points, vec![1.0; atoms])
    }

    fn blocks(&self) -> Blocks {
        Blocks::new(self.dimension, &self.points, &self.weights)
    }
}

/// Where a later call may begin.
#[derive(Clone, Debug, Default)]
pub struct Potentials {
    across: [Vec<f64>; 2],
    within: [Vec<f64>; 2],
}

/// The divergence S_eps(a, b) = OT_eps(a, b) - OT_eps(a, a) / 2 - OT_eps(b, b) / 2.
#[derive(Clone, Debug)]
pub struct SinkhornDivergence {
    /// Its value.
    pub value: f64,
    /// Its gradient with respect to the source's points, atoms × dimension, row-major.
    pub gradient: Vec<f64>,
    /// The optimal potentials, for the next call with points nearby.
    pub potentials: Potentials,
    /// Iterations between source and target.
    pub iterations: u64,
}

/// The Sinkhorn divergence between two clouds for the cost |x - y|², with its gradient. `start` may hold the potentials of
/// an earlier call with as many points; they change the way, and the result within the tolerance only. What `max_iterations` do
/// not settle is solved along a path of decreasing epsilon, with twenty times as many.
///
/// # Errors
/// As [`transport_scaled`].
pub fn sinkhorn_divergence(
    source: &Cloud,
    target: &Cloud,
    options: Options,
    start: Option<&Potentials>,
) -> Result<SinkhornDivergence, Failure> {
    check(source, target, options)?;
    let empty = Potentials::default();
    let start = start.unwrap_or(&empty);
    let own = symmetric(source, options, &start.within[0])?;
    let at = |f, g| At { f, g, epsilon: options.epsilon, cost: Power::SQUARE };
    let pull = stream::drift(&source.points, &source.blocks(), at(&own.f, &own.f));
    if source == target {
        let gradient = vec![0.0; source.points.len()];
        let potentials =
            Potentials { across: [own.f.clone(), own.f.clone()], within: [own.f.clone(), own.f] };
        return Ok(SinkhornDivergence { value: 0.0, gradient, potentials, iterations: own.iterations });
    }
    let other = symmetric(target, options, &start.within[1])?;
    let found = match transport(source, target, options, Some((&start.across[0], &start.across[1]))) {
        // Far points make plain iterations slow. Along a path of decreasing epsilon they are not.
        Err(failure) if failure.kind == FailureKind::Numeric => {
            let longer = Options { max_iterations: options.max_iterations.saturating_mul(20), ..options };
            let found = transport_scaled(source, target, longer)?;
            Entropic { iterations: options.max_iterations + found.iterations, ..found }
        }
        found => found?,
    };
    let push = stream::drift(&source.points, &target.blocks(), at(&found.f, &found.g));
    let entry = |index: usize| {
        // Both arguments of OT(a, a) move, which cancels its factor 1/2.
        2.0 * source.weights[index / source.dimension] * (pull[index] - push[index])
    };
    Ok(SinkhornDivergence {
        value: found.value - 0.5 * (own.value + other.value),
        gradient: (0..pull.len()).map(entry).collect(),
        potentials: Potentials { across: [found.f, found.g], within: [own.f, other.f] },
        iterations: found.iterations,
    })
}

fn same_space(source: &Cloud, target: &Cloud) -> Result<(), Failure> {
    if source.dimension != target.dimension {
        let (a, b) = (source.dimension, target.dimension);
        let message =
            format!("the source has {} and the target {b}", octavo_plugin::counted(a, "coordinate"));
        return Err(Failure::user(message));
    }
    Ok(())
}

fn check(source: &Cloud, target: &Cloud, options: Options) -> Result<(), Failure> {
    same_space(source, target)?;
    if !(options.epsilon.is_finite() && options.epsilon > 0.0) {
        return Err(Failure::user(format!("epsilon = {} is not above 0", options.epsilon)));
    }
    Ok(())
}

/// The squared Wasserstein distance between two clouds, exactly: by sorting on a line, else by the network simplex method.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) for dimensions that differ;
/// [`FailureKind::Resource`](octavo_plugin::FailureKind::Resource) for more than 134,217,728 pairs of points in more than one dimension.
pub fn wasserstein_squared(source: &Cloud, target: &Cloud, context: &RunContext<'_>) -> Result<f64, Failure> {
    same_space(source, target)?;
    let measure = |cloud: &Cloud| {
        let Cloud { dimension, points, weights } = cloud.clone();
        Ok::<_, Failure>(Measure::new(&PointSet { dimension, coordinates: points, weights })?.0)
    };
    let found = exact::solve(&measure(source)?, &measure(target)?, &[Ground::SQUARE], context, (0, 1))?;
    Ok(found[0].value)
}

/// Solves the problem between two clouds by Sinkhorn's iteration, from the potentials of `start` where they fit.
///
/// # Errors
/// [`FailureKind::User`](octavo_plugin::FailureKind::User) for dimensions that differ or an epsilon that is not above 0;
/// [`FailureKind::Numeric`](octavo_plugin::FailureKind::Numeric) with the marginal error that was reached if it is above
/// the tolerance after `max_iterations`.
pub fn transport(
    source: &Cloud,
    target: &Cloud,
    options: Options,
    start: Option<(&[f64], &[f64])>,
) -> Result<Entropic, Failure> {
    check(source, target, options)?;
    let pairs = CloudPairs::new(source, target, Power::SQUARE);
    floats::alternate(&pairs, options, start.unwrap_or_default(), &mut Stop::alone())
}

/// Solves the problem between two clouds along a path of decreasing epsilon, with iterations that Anderson's method accelerates:
/// for a small epsilon and potentials that are not known yet.
///
/// # Errors
/// As [`transport`].
pub fn transport_scaled(source: &Cloud, target: &Cloud, options: Options) -> Result<Entropic, Failure> {
    check(source, target, options)?;
    floats::scaled(&CloudPairs::new(source, target, Power::SQUARE), options, &mut Stop::alone())
}

/// A cloud against itself by the averaged iteration, for which both potentials are one.
fn symmetric(cloud: &Cloud, options: Options, start: &[f64]) -> Result<Entropic, Failure> {
    floats::symmetric(&CloudPairs::new(cloud, cloud, Power::SQUARE), options, start, &mut Stop::alone())
}

/// Two clouds with the cost between them.
pub(crate) struct CloudPairs<'a> {
    source: &'a Cloud,
    target: &'a Cloud,
    rows: Blocks,
    columns: Blocks,
    cost: Power,
}

impl<'a> CloudPairs<'a> {
    /// Lays out the points of both.
    pub(crate) fn new(source: &'a Cloud, target: &'a Cloud, cost: Power) -> Self {
        Self { source, target, rows: source.blocks(), columns: target.blocks(), cost }
    }
}

impl Pairs for CloudPairs<'_> {
    fn weights(&self) -> [&[f64]; 2] {
        [&self.source.weights, &self.target.weights]
    }

    fn row_excess(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        stream::excess(&self.source.points, &self.columns, At { f, g, epsilon, cost: self.cost })
    }

    fn column_excess(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        stream::excess(&self.target.points, &self.rows, At { f: g, g: f, epsilon, cost: self.cost })
    }

    fn both_excesses(&self, f: &[f64], g: &[f64], epsilon: f64, factor: f64) -> [Vec<f64>; 2] {
        let at = At { f, g, epsilon, cost: self.cost };
        let sweep = (self.target.weights.len() <= sweep::KEPT)
            .then(|| sweep::sweep(&self.source.points, &self.source.weights, &self.columns, at, factor))
            .flatten();
        let moved = |beside: &[f64]| -> Vec<f64> {
            f.iter().zip(beside).map(|(f, excess)| f - factor * epsilon * excess).collect()
        };
        let Some(sweep) = sweep else {
            let beside = self.row_excess(f, g, epsilon);
            let below = self.column_excess(&moved(&beside), g, epsilon);
            return [beside, below];
        };
        let mut below = sweep.column_excess(&self.columns);
        // Columns whose masses were lost to underflow, or that have no weight, on their own.
        let lost: Vec<usize> = (0..below.len()).filter(|column| below[*column].is_nan()).collect();
        if !lost.is_empty() {
            let dimension = self.target.dimension;
            let points: Vec<f64> = lost
                .iter()
                .flat_map(|column| &self.target.points[column * dimension..][..dimension])
                .copied()
                .collect();
            let own: Vec<f64> = lost.iter().map(|column| g[*column]).collect();
            let at = At { f: &own, g: &moved(&sweep.rows), epsilon, cost: self.cost };
            for (column, excess) in lost.iter().zip(stream::excess(&points, &self.rows, at)) {
                below[*column] = excess;
            }
        }
        [sweep.rows, below]
    }

    fn row_costs(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        stream::costs(&self.source.points, &self.columns, At { f, g, epsilon, cost: self.cost })
    }

    fn row_images(&self, f: &[f64], g: &[f64], epsilon: f64) -> Vec<f64> {
        let mut images =
            stream::drift(&self.source.points, &self.columns, At { f, g, epsilon, cost: self.cost });
        images.iter_mut().zip(&self.source.points).for_each(|(image, x)| *image += x);
        images
    }

    /// The diagonal of the box around both clouds to the cost's power.
    fn largest(&self) -> f64 {
        let dimension = self.source.dimension;
        let corner = |pick: fn(f64, f64) -> f64, start: f64| -> Vec<f64> {
            let all =
                self.source.points.chunks_exact(dimension).chain(self.target.points.chunks_exact(dimension));
            all.fold(vec![start; dimension], |corner, point| {
                corner.iter().zip(point).map(|(a, b)| pick(*a, *b)).collect()
            })
        };
        self.cost.between(&corner(f64::min, f64::INFINITY), &corner(f64::max, f64::NEG_INFINITY)).value()
    }
}
