//! Models of sets found elsewhere: in markets, in nature, among dynamical systems.

use octavo_plugin::{Failure, RunContext, Stream, math};

use crate::count::Set;
use crate::params::{Model, ModelSet};
use crate::read::resolved;
use crate::shape::{Point, Segment, Shape};

mod aggregation;

/// Points of a clustered model in one cluster.
const CLUSTER: u32 = 8;
/// Largest clusters, as a share of the side.
const LARGEST: f64 = 0.005;
/// Steps of a map before its points are kept.
const BEFORE: usize = 1000;

/// The set of a model.
///
/// # Errors
/// If the run is stopped.
pub(crate) fn set(spec: ModelSet, context: &RunContext<'_>) -> Result<Set, Failure> {
    let (size, mut stream) = (spec.size(), context.stream("model"));
    let (parts, unit) = match spec.model {
        Model::Walk => path(&walk(size, &mut stream)),
        Model::Graph => path(&graph(&sums((0..size).map(|_| stream.normal())))),
        Model::Price => path(&graph(&sums(returns(size, &mut stream).into_iter()))),
        Model::Aggregation => (aggregation::cluster(size, &mut stream, context)?, Some(1.0)),
        Model::Clusters => points(clusters(size, &mut stream)),
        Model::Henon => points(orbit(size, [0.1, 0.1], |[x, y]| [1.0 - 1.4 * x * x + y, 0.3 * x])),
        Model::Logistic => points(orbit(size, [0.5, 0.0], |[x, _]| [ACCUMULATION * x * (1.0 - x), 0.0])),
    };
    let shape = Shape::new(parts).ok_or_else(|| Failure::bug("a model has no points"))?;
    let unit = unit.unwrap_or_else(|| resolved(&shape));
    Ok(Set::Shape { shape, unit })
}

/// Where the periods 2, 4, 8, ... of the logistic map accumulate.
const ACCUMULATION: f64 = 3.569_945_671_870_945;

fn points(points: Vec<Point>) -> (Vec<Segment>, Option<f64>) {
    (points.into_iter().map(|point| [point; 2]).collect(), None)
}

/// The segments between points, and their root mean square length.
fn path(points: &[Point]) -> (Vec<Segment>, Option<f64>) {
    let segments: Vec<Segment> = points.windows(2).map(|pair| [pair[0], pair[1]]).collect();
    let square = |[a, b]: &Segment| (b[0] - a[0]) * (b[0] - a[0]) + (b[1] - a[1]) * (b[1] - a[1]);
    let mean = segments.iter().map(square).sum::<f64>() / segments.len() as f64;
    (segments, Some(mean.sqrt()))
}

fn walk(steps: usize, stream: &mut Stream) -> Vec<Point> {
    let mut step = |place: &mut Point| {
        *place = [place[0] + stream.normal(), place[1] + stream.normal()];
        Some(*place)
    };
    std::iter::once([0.0, 0.0]).chain((0..steps).scan([0.0, 0.0], |place, _| step(place))).collect()
}

fn sums(steps: impl Iterator<Item = f64>) -> Vec<f64> {
    let total = |total: &mut f64, step: f64| {
        *total += step;
        Some(*total)
    };
    std::iter::once(0.0).chain(steps.scan(0.0, total)).collect()
}

/// Values over time, both from 0 to 1.
fn graph(values: &[f64]) -> Vec<Point> {
    let [low, high] =
        values.iter().fold([f64::INFINITY, f64::NEG_INFINITY], |[a, b], x| [a.min(*x), b.max(*x)]);
    let last = (values.len() - 1) as f64;
    values.iter().enumerate().map(|(k, value)| [k as f64 / last, (value - low) / (high - low)]).collect()
}

/// Steps whose logarithm of size reverts to its mean slowly, and of which one in a thousand is ten times as large.
fn returns(steps: usize, stream: &mut Stream) -> Vec<f64> {
    let mut volatility = 0.0;
    let step = |_| {
        volatility = 0.999 * volatility + 0.03 * stream.normal();
        let jump = if stream.uniform() < 0.001 { 10.0 } else { 1.0 };
        math::exp(volatility) * jump * stream.normal()
    };
    (0..steps).map(step).collect()
}

/// Clusters of 2^[`CLUSTER`] points, spread evenly over a square of side 1: every cluster is two clusters that are 2^(1/1.2)
/// times smaller, with middles as far from its own as they are large, in random directions.
fn clusters(size: usize, stream: &mut Stream) -> Vec<Point> {
    let shrink = math::exp2(-1.0 / 1.2);
    let mut points = Vec::with_capacity(size);
    for _ in 0..size.div_ceil(1 << CLUSTER) {
        let mut middles = vec![[stream.uniform(), stream.uniform()]];
        let mut radius = LARGEST / 2.0;
        for _ in 0..CLUSTER {
            let mut inner = Vec::with_capacity(2 * middles.len());
            for middle in middles {
                for _ in 0..2 {
                    let (sin, cos) = math::sin_cos(std::f64::consts::TAU * stream.uniform());
                    inner.push([middle[0] + radius * cos, middle[1] + radius * sin]);
                }
            }
            radius *= shrink;
            middles = inner;
        }
        points.extend(middles);
    }
    points
}

/// Points that a map visits, after its first [`BEFORE`].
fn orbit(size: usize, start: Point, map: impl Fn(Point) -> Point) -> Vec<Point> {
    std::iter::successors(Some(start), |point| Some(map(*point))).skip(BEFORE).take(size).collect()
}
