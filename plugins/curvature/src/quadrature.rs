//! Lengths and total curvatures of closed curves given by their jets, all curves at once.
//!
//! The trapezoid rule on a periodic analytic function converges geometrically. The number of angles is doubled, all
//! earlier ones are used again, and |I(2n) - I(n)| is the error stated for I(2n) (it is that of I(n), so the statement
//! is on the safe side). The angles between neighbouring tangents check that nothing lies between the samples
//! ([`crate::gaps`]). Where the rule does not converge, or the check fails, or an integrand has corners because a planar
//! curve has inflections, adaptive panels take over ([`crate::panels`]).

use std::collections::BTreeSet;
use std::f64::consts::{PI, TAU};

use octavo_plugin::{Failure, RunContext, sum};

use crate::curves::{Curves, Effort, Measure, Measured, SHORTEST, START, judge, noise, sample};
use crate::gaps::Gap;
use crate::jets::Rates;
use crate::panels;

/// Angles in the first trapezoid rule.
const FIRST: usize = 256;
/// Angles evaluated together: their jets stay in the processor's cache. The last one is the first of the next batch, for
/// the angle between their tangents, so that batches divide a power of two.
const BATCH: usize = 65;
/// Angles per radian of total curvature below which two results may agree by chance.
const RESOLUTION: f64 = 8.0;
/// Doublings without progress after which panels take over.
const PATIENCE: u32 = 3;
/// Doublings after which panels take over if the tangents do not agree with the sums; those after which the sums agree with
/// each other count twice.
const DOUBT: u32 = 4;
/// The largest angle between neighbouring tangents that the trapezoid rule is trusted with.
const WIDEST: f64 = 1.5;
/// The rates of each curve at `count` angles from `first` by `step`, each with the angle to the next.
fn around(
    curves: &dyn Curves,
    (first, step, count): (f64, f64, usize),
    context: &RunContext<'_>,
) -> Result<Vec<Rates>, Failure> {
    let angle = |index: usize| first + step * index as f64;
    let batches: Vec<Vec<f64>> = (0..count)
        .step_by(BATCH - 1)
        .map(|start| (start..=(start + BATCH - 1).min(count)).map(angle).collect())
        .collect();
    let mut joined = vec![Rates::default(); curves.dimensions().len()];
    for (batch, angles) in sample(curves, &batches, context)?.iter().zip(&batches) {
        joined.iter_mut().zip(batch).for_each(|(rates, more)| rates.append(more, angles.len() - 1));
    }
    Ok(joined)
}

/// Running sums of one curve under the trapezoid rule.
#[derive(Clone, Debug, Default)]
struct Running {
    speed: f64,
    turning: f64,
    still: usize,
    /// Values whose changes of sign are corners, in order of the angle.
    signed: Vec<f64>,
    previous: [f64; 2],
    /// The difference before the last.
    before: [f64; 2],
    integrals: [f64; 2],
    /// What the angles between the newest tangents exceed the integrand by, in all.
    excess: f64,
    /// The newest gaps in which something may hide, by their index.
    doubtful: BTreeSet<usize>,
}

impl Running {
    fn add(&mut self, rates: &Rates, dimension: usize, points: usize, noise: f64) {
        self.look_between(rates, noise);
        self.speed += sum::sum(&rates.speed);
        let turning: Vec<f64> = rates.turning.iter().map(|turning| turning.abs()).collect();
        self.turning += sum::sum(&turning);
        self.still += rates.speed.iter().filter(|speed| **speed == 0.0).count();
        let new = rates.signed(dimension);
        self.signed = if self.signed.is_empty() {
            new.to_vec()
        } else {
            self.signed.iter().zip(new).flat_map(|(old, new)| [*old, *new]).collect()
        };
        self.before = self.errors();
        self.previous = self.integrals;
        self.integrals = [self.speed, self.turning].map(|total| total * (TAU / points as f64));
    }

    fn look_between(&mut self, rates: &Rates, noise: f64) {
        let count = rates.angle.len();
        let step = TAU / count as f64;
        (self.excess, self.doubtful) = (0.0, BTreeSet::new());
        for (index, angle) in rates.angle.iter().enumerate() {
            let both = |values: &[f64]| [values[index], values[(index + 1) % count]];
            let gap = Gap { angle: *angle, step, turning: both(&rates.turning), growth: both(&rates.growth) };
            let excess = gap.excess(noise);
            self.excess += excess;
            if excess > 0.1 || *angle > WIDEST || gap.may_hide() {
                self.doubtful.insert(index);
            }
        }
    }

    /// Whether the curve stands still somewhere or everywhere, so that it has no total curvature.
    fn lost(&self) -> bool {
        self.still > 0 || self.integrals[0] < SHORTEST
    }

    /// Whether nothing hides between the samples.
    fn settled(&self, tolerance: f64) -> bool {
        self.lost() || (self.doubtful.is_empty() && self.excess <= tolerance * self.integrals[1])
    }

    fn errors(&self) -> [f64; 2] {
        [0, 1].map(|which| (self.integrals[which] - self.previous[which]).abs())
    }

    /// The last differences; if refinement stopped before the curve was resolved, the larger of the last two.
    fn stated_errors(&self, points: usize) -> [f64; 2] {
        let mut errors = self.errors();
        if !self.resolved(points) {
            errors = [0, 1].map(|which| errors[which].max(self.before[which]));
        }
        [errors[0], errors[1].max(self.excess)]
    }

    fn resolved(&self, points: usize) -> bool {
        self.lost() || points as f64 >= RESOLUTION * self.integrals[1]
    }

    fn relative_error(&self) -> f64 {
        let errors = self.errors();
        let relative = |which: usize| errors[which] / self.integrals[which];
        match self.integrals {
            _ if self.lost() => 0.0,
            [_, turning] if turning > 0.0 => relative(0).max(relative(1)),
            _ => relative(0),
        }
    }

    fn sign_changes(&self) -> usize {
        let next = self.signed.iter().cycle().skip(1);
        self.signed.iter().zip(next).filter(|(here, next)| (**here > 0.0) != (**next > 0.0)).count()
    }
}

/// Measures all curves to the tolerance, or as well as `max_points` allows: the errors say which.
///
/// # Errors
/// If a number leaves the range of floats, or the run should stop.
pub fn measure(curves: &dyn Curves, effort: Effort, context: &RunContext<'_>) -> Result<Measured, Failure> {
    let mut trapezoid = Trapezoid::new(curves.dimensions());
    trapezoid.refine(curves, context)?;
    let (mut worst, mut stuck, mut doubts, mut corners) = (f64::INFINITY, 0, 0, usize::MAX);
    loop {
        trapezoid.refine(curves, context)?;
        let (error, changes) = (trapezoid.relative_error(), trapezoid.sign_changes());
        let resolved = trapezoid.resolved();
        let agrees = error <= effort.tolerance && resolved;
        let settled = trapezoid.settled(effort.tolerance);
        if agrees && changes == 0 && settled {
            break;
        }
        stuck = if resolved && error > 0.5 * worst { stuck + 1 } else { 0 };
        doubts += u32::from(resolved && !settled) + u32::from(agrees);
        let full = 2 * trapezoid.points > effort.max_points;
        if full || (changes > 0 && changes == corners) || stuck >= PATIENCE || doubts >= DOUBT {
            return by_panels(curves, effort, &trapezoid, context);
        }
        (worst, corners) = (error, changes);
    }
    context.step(1, 1)?;
    let points = trapezoid.points;
    let measure = |(index, running): (usize, &Running)| {
        finish(rounding(curves, index), running, running.integrals, running.stated_errors(points), points)
    };
    let measures = trapezoid.curves.iter().enumerate().map(measure).map(|measure| judge(measure, effort));
    Ok(Measured { curves: measures.collect(), points })
}

/// Measures curves that turn at once at these parameters (in order, both ends included) and are smooth between them.
///
/// # Errors
/// Those of [`measure`].
pub fn through_corners(
    curves: &dyn Curves,
    corners: &[f64],
    effort: Effort,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    let count = curves.dimensions().len();
    let hints = panels::Hints {
        signed: vec![&[]; count],
        lost: vec![false; count],
        doubtful: Vec::new(),
        corners: corners.to_vec(),
        points: 0,
    };
    let found = panels::integrate(curves, effort, &hints, context)?;
    // The end of a side is the last float before the corner.
    let pairs: Vec<Vec<f64>> = corners[1..]
        .iter()
        .zip(corners[1..corners.len() - 1].iter().chain(&corners[..1]))
        .map(|(end, start)| vec![end.next_down(), *start])
        .collect();
    let mut turns = vec![Vec::new(); count];
    for rates in sample(curves, &pairs, context)? {
        turns.iter_mut().zip(rates).for_each(|(turns, rates)| turns.push(rates.angle[0]));
    }
    let measure = |(index, (panel, turns)): (usize, (&panels::Integrals, &Vec<f64>))| {
        let rounding = rounding(curves, index);
        let curvature = panel.values[1] + sum::sum(turns);
        let measure = Measure {
            length: panel.values[0],
            length_error: panel.errors[0].max(rounding * panel.values[0]),
            curvature,
            curvature_error: panel.errors[1].max(rounding * curvature),
            kinks: turns.iter().filter(|turn| **turn > 1e3 * rounding).count(),
            dead: 0.0,
            moves: !panel.still && panel.values[0] > SHORTEST,
            resolved: false,
        };
        judge(measure, effort)
    };
    let curves = found.curves.iter().zip(&turns).enumerate().map(measure).collect();
    Ok(Measured { curves, points: found.points + 2 * pairs.len() })
}

/// The trapezoid rule on all curves.
struct Trapezoid {
    dimensions: Vec<usize>,
    curves: Vec<Running>,
    points: usize,
}

impl Trapezoid {
    fn new(dimensions: Vec<usize>) -> Self {
        Self { curves: vec![Running::default(); dimensions.len()], dimensions, points: 0 }
    }

    /// The first angles, or as many again between those there are.
    fn refine(&mut self, curves: &dyn Curves, context: &RunContext<'_>) -> Result<(), Failure> {
        context.step(self.points as u64, (2 * self.points).max(FIRST) as u64)?;
        let (count, shift) = if self.points == 0 { (FIRST, 0.0) } else { (self.points, 0.5) };
        let step = TAU / count as f64;
        let rates = around(curves, (START + step * shift, step, count), context)?;
        self.points += count;
        let noise = noise(curves.epsilon());
        for ((running, rates), dimension) in self.curves.iter_mut().zip(&rates).zip(&self.dimensions) {
            running.add(rates, *dimension, self.points, noise);
        }
        Ok(())
    }

    fn relative_error(&self) -> f64 {
        self.curves.iter().map(Running::relative_error).fold(0.0, f64::max)
    }

    fn sign_changes(&self) -> usize {
        self.curves.iter().map(Running::sign_changes).sum()
    }

    fn resolved(&self) -> bool {
        self.curves.iter().all(|running| running.resolved(self.points))
    }

    fn settled(&self, tolerance: f64) -> bool {
        self.curves.iter().all(|running| running.settled(tolerance))
    }

    /// The ends of the newest gaps in which something may hide.
    fn doubtful(&self) -> Vec<f64> {
        let (count, step) = (self.points / 2, TAU / (self.points / 2) as f64);
        let gaps: BTreeSet<usize> =
            self.curves.iter().flat_map(|running| &running.doubtful).copied().collect();
        let ends: BTreeSet<usize> = gaps.into_iter().flat_map(|gap| [gap, (gap + 1) % count]).collect();
        // The last gap ends half a step beyond a whole turn.
        ends.into_iter().map(|index| START + step * (index as f64 + 0.5)).collect()
    }
}

fn by_panels(
    curves: &dyn Curves,
    effort: Effort,
    trapezoid: &Trapezoid,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    let running = &trapezoid.curves;
    let hints = panels::Hints {
        signed: running.iter().map(|running| running.signed.as_slice()).collect(),
        lost: running.iter().map(Running::lost).collect(),
        doubtful: trapezoid.doubtful(),
        corners: Vec::new(),
        points: trapezoid.points,
    };
    let found = panels::integrate(curves, effort, &hints, context)?;
    let measure = |(index, running): (usize, &Running)| {
        let panel = &found.curves[index];
        // The better of the two, by their own statements.
        let stated = running.stated_errors(trapezoid.points);
        let trusted = running.sign_changes() == 0 && running.settled(effort.tolerance);
        let pick = |which: usize| {
            if panel.errors[which] <= stated[which] || !trusted {
                (panel.values[which], panel.errors[which])
            } else {
                (running.integrals[which], stated[which])
            }
        };
        let (length, curvature) = (pick(0), pick(1));
        let values = [length.0, curvature.0];
        let errors = [length.1, curvature.1];
        let mut measure = finish(rounding(curves, index), running, values, errors, trapezoid.points);
        measure.moves &= !panel.still;
        if trapezoid.dimensions[index] == 1 && measure.moves {
            measure.kinks = (measure.curvature / PI).round() as usize;
        }
        judge(measure, effort)
    };
    let measures = running.iter().enumerate().map(measure).collect();
    Ok(Measured { curves: measures, points: trapezoid.points + found.points })
}

/// The relative error that rounding makes in a curve.
fn rounding(curves: &dyn Curves, index: usize) -> f64 {
    4.0 * curves.epsilon() * (curves.skipped() + index + 1) as f64
}

/// The measure of a curve, with errors no smaller than what rounding does.
fn finish(rounding: f64, running: &Running, values: [f64; 2], errors: [f64; 2], points: usize) -> Measure {
    Measure {
        length: values[0],
        length_error: errors[0].max(rounding * values[0]),
        curvature: values[1],
        curvature_error: errors[1].max(rounding * values[1]),
        kinks: 0,
        dead: running.still as f64 / points as f64,
        moves: !running.lost(),
        resolved: false,
    }
}
