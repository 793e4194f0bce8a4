//! From parameters to artifacts: the counts and their pictures. [`crate::extras`] adds what else is asked for.

use octavo_plugin::{Artifacts, Failure, PointSet, RunContext, Value};
use sha2::{Digest, Sha256};

use crate::complex::abs;
use crate::counts::Orbits;
use crate::deep::deep;
use crate::drawn::Drawn;
use crate::exterior::{Exterior, exterior, ranks};
use crate::extras;
use crate::fate::{Fate, cycle, fate};
use crate::interior::{next, trap};
use crate::params::{EscapeParams, Kind, Points, Show};
use crate::tables;
use crate::view::View;

/// The lowest rank that a point outside is drawn with: inside is 0, and must look apart.
const LOWEST: f64 = 0.12;
/// The most steps after which an attracting cycle is looked for.
const MOST_STEPS: u32 = 1 << 20;
/// The golden angle in turns.
const GOLDEN: f64 = 0.618_033_988_749_895;

pub(crate) fn run(params: &EscapeParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let mut artifacts = Artifacts::new();
    context.step(0, 1)?;
    if let (Kind::Julia, Some(c)) = (params.kind, params.c) {
        julia(c, params.max_iterations, &mut artifacts);
    }
    if let Some(points) = &params.points {
        let points = coordinates(points, context)?;
        of_points(params, &points, context, &mut artifacts)?;
    } else {
        of_view(params, context, &mut artifacts)?;
    }
    extras::all(params, context, &mut artifacts)?;
    Ok(artifacts)
}

/// Whether the Julia set is in one piece, by the critical orbit.
fn julia(c: [f64; 2], limit: u32, artifacts: &mut Artifacts) {
    let fate = fate(c, limit);
    let undecided = || Value::Missing("the critical orbit neither escapes nor comes to a cycle".to_owned());
    let connected = fate.connected().map_or_else(undecided, Value::from);
    let absent = |why: &str| Value::Missing(why.to_owned());
    let (count, period, multiplier) = match fate {
        Fate::Escapes(count) => (i64::from(count), absent("the orbit escapes"), absent("the orbit escapes")),
        Fate::Attracted { period, multiplier } => (0_i64, i64::from(period).into(), abs(multiplier).into()),
        Fate::Repeats { period, .. } => (0_i64, i64::from(period).into(), absent("the cycle repels")),
        Fate::Undecided => (0_i64, undecided(), undecided()),
    };
    artifacts.scalar("connected", connected).scalar("critical_count", count);
    artifacts.scalar("period", period).scalar("multiplier", multiplier);
}

fn of_points(
    params: &EscapeParams,
    points: &[[f64; 2]],
    context: &RunContext<'_>,
    artifacts: &mut Artifacts,
) -> Result<(), Failure> {
    let orbits = Orbits { c: params.c, limit: params.max_iterations };
    let counts = orbits.counts_at(points, context)?;
    sums(&counts, artifacts);
    let rows: Vec<([f64; 2], i32)> = points.iter().copied().zip(counts).collect();
    artifacts.table("points", tables::points().table(&rows));
    if params.shows(Show::Orbits) {
        artifacts.table("orbits", extras::orbits(params, points));
    }
    if params.shows(Show::Cycles) {
        artifacts.table("cycles", extras::cycles(points, params.max_iterations));
    }
    Ok(())
}

fn of_view(
    params: &EscapeParams,
    context: &RunContext<'_>,
    artifacts: &mut Artifacts,
) -> Result<(), Failure> {
    let view = View::new(params);
    let drawn = Drawn::new(view, params);
    let limit = params.max_iterations;
    if params.is_deep() {
        return of_deep(params, &drawn, context, artifacts);
    }
    let counts = Orbits { c: params.c, limit }.counts(&view, context)?;
    sums(&counts, artifacts);
    context.go_on()?;
    let outside = drawn.each(|index, point| {
        let (z, c) = params.c.map_or(([0.0; 2], point), |c| (point, c));
        (counts[index] != 0).then(|| exterior(z, c, params.c.is_none(), limit)).flatten()
    });
    context.go_on()?;
    let smooth: Vec<Option<f64>> = outside.iter().map(|outside| outside.map(|found| found.smooth)).collect();
    let values = drawn.each(|index, _| f64::from(counts[index]));
    artifacts.drawing("counts", drawn.raster(&values));
    artifacts.drawing("picture", drawn.raster(&ranks(&smooth, LOWEST)));
    let pick = |of: &dyn Fn(&Exterior) -> f64| -> Vec<f64> {
        outside.iter().map(|outside| outside.as_ref().map_or(0.0, of)).collect()
    };
    if params.shows(Show::Smooth) {
        artifacts.drawing("smooth", drawn.raster(&pick(&|found| found.smooth)));
    }
    if params.shows(Show::Distance) {
        artifacts.drawing("distance", drawn.raster(&pick(&|found| found.distance / view.pixel)));
    }
    if params.shows(Show::Period) {
        let periods = drawn.each(|index, c| if counts[index] == 0 { period(c, limit) } else { 0 });
        // Neighbouring periods get hues far apart: turns of the golden angle.
        let hue = |period: &u32| if *period == 0 { -1.0 } else { (f64::from(*period) * GOLDEN).fract() };
        artifacts.drawing("component", drawn.raster(&periods.iter().map(hue).collect::<Vec<_>>()));
        let periods: Vec<f64> = periods.into_iter().map(f64::from).collect();
        artifacts.drawing("period", drawn.raster(&periods));
    }
    Ok(())
}

fn of_deep(
    params: &EscapeParams,
    drawn: &Drawn,
    context: &RunContext<'_>,
    artifacts: &mut Artifacts,
) -> Result<(), Failure> {
    let found = deep(params, context)?;
    sums(&found.counts, artifacts);
    artifacts.scalar("redone", found.again as i64).scalar("steps", found.steps as i64);
    if params.shows(Show::Nucleus) {
        artifacts.table("nucleus", tables::nucleus().table(found.nucleus.as_slice()));
    }
    let smooth = drawn.each(|index, _| found.smooth[index]);
    let counts = drawn.each(|index, _| f64::from(found.counts[index]));
    artifacts.drawing("counts", drawn.raster(&counts));
    artifacts.drawing("picture", drawn.raster(&ranks(&smooth, LOWEST)));
    if params.shows(Show::Smooth) {
        let smooth: Vec<f64> = smooth.iter().map(|smooth| smooth.unwrap_or(0.0)).collect();
        artifacts.drawing("smooth", drawn.raster(&smooth));
    }
    Ok(())
}

/// The period of the attracting cycle of c, 0 if none is found.
fn period(c: [f64; 2], limit: u32) -> u32 {
    let limit = limit.min(MOST_STEPS);
    let (mut z, mut look) = ([0.0; 2], 16);
    for k in 1..=limit {
        z = next(z, c);
        if k == look || k == limit {
            if let Some(steps) = trap(z, c, (k / 2).min(1 << 12)) {
                return cycle(z, c, steps).0;
            }
            look *= 2;
        }
    }
    0
}

fn coordinates(points: &Points, context: &RunContext<'_>) -> Result<Vec<[f64; 2]>, Failure> {
    let input = match points {
        Points::These(points) => return Ok(points.clone()),
        Points::Input(input) => context.input(input)?,
    };
    let points = PointSet::from_input(input)?;
    if points.dimension != 2 {
        let message = format!(
            "the points of `{}` have {}",
            input.name,
            octavo_plugin::counted(points.dimension, "coordinate")
        );
        return Err(Failure::user(message).help("give them in two columns, `re` and `im`"));
    }
    Ok(points.coordinates.as_chunks::<2>().0.to_vec())
}

/// What is the same for pixels and points.
fn sums(counts: &[i32], artifacts: &mut Artifacts) {
    let mut hasher = Sha256::new();
    let (mut interior, mut sum, mut most) = (0_i64, 0_i64, -1_i32);
    for part in counts.chunks(4096) {
        interior += part.iter().filter(|count| **count == 0).count() as i64;
        sum += part.iter().map(|count| i64::from(*count)).sum::<i64>();
        most = part.iter().copied().fold(most, i32::max);
        let bytes: Vec<u8> = part.iter().flat_map(|count| count.to_le_bytes()).collect();
        hasher.update(&bytes);
    }
    let digest: String = hasher.finalize().iter().map(|byte| format!("{byte:02x}")).collect();
    artifacts.scalar("interior", interior).scalar("count_sum", sum);
    artifacts.scalar("count_max", i64::from(most)).scalar("sha256", digest.as_str());
}
