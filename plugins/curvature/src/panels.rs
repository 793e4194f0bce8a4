//! Adaptive Gauss-Legendre panels over all curves at once, the worst ones split first.
//!
//! A panel is integrated with 16 nodes, and again as two halves with 16 nodes each; the difference is its error, if the
//! tangents agree: the angles between those at neighbouring nodes bound the integral from below ([`crate::gaps`]). Where
//! they turn too far for a quadrature rule, at a cusp say, the value is the sum of these angles, the length of a polygon
//! inscribed in the path of the unit tangent. Panels are split in rounds, those with the largest errors first, until the
//! errors of each curve sum up to the tolerance or the budget is spent; what is left is stated.

use std::f64::consts::TAU;

use octavo_plugin::{Failure, RunContext};

use crate::curves::{Curves, Effort, START, noise, sample};
use crate::gaps::{GENTLE, Gap};
use crate::gauss::SIXTEEN;
use crate::jets::Rates;

/// Panels at the start, before what the trapezoid rule saw splits them.
const PANELS: usize = 32;
/// Nodes of a panel: those of the rule and both ends.
const NODES: usize = 18;
/// Panels evaluated together.
const TOGETHER: usize = 3;
/// The least number of panels that may be split in a round, so that there is work for every thread.
const ROUND: usize = 48;
/// Panels shorter than this are not split: their nodes would coincide.
const SHORTEST: f64 = 2e-14;
/// Lengths below this are zero.
const NOTHING: f64 = 1e-280;
/// Bisections of an inflection: from a trapezoid step down to about 1e-12. A corner misplaced by d costs d² only.
const BISECTIONS: usize = 30;

/// What the trapezoid rule saw.
pub struct Hints<'a> {
    /// Per curve: values at evenly spaced angles from [`START`] whose changes of sign are corners (empty for curves
    /// without).
    pub signed: Vec<&'a [f64]>,
    /// Per curve: it stands still, so that its errors do not count.
    pub lost: Vec<bool>,
    /// Ends of stretches in which something may hide.
    pub doubtful: Vec<f64>,
    /// Where curves turn at once, so that panels end there.
    pub corners: Vec<f64>,
    /// Angles evaluated.
    pub points: usize,
}

/// Integral of speed and of turning of one curve, with errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Integrals {
    /// Length and total curvature.
    pub values: [f64; 2],
    /// Their errors.
    pub errors: [f64; 2],
    /// Whether the speed was zero at a node.
    pub still: bool,
}

/// What the panels found.
#[derive(Clone, Debug)]
pub struct Found {
    /// One per curve.
    pub curves: Vec<Integrals>,
    /// Number of angles evaluated.
    pub points: usize,
}

/// One curve over one stretch of angles.
#[derive(Clone, Copy, Debug, Default)]
struct Stretch {
    integrals: [f64; 2],
    /// The angles between neighbouring tangents, in all.
    angles: f64,
    /// What the curve turns beside cusps beyond the angles.
    beside: f64,
    excess: f64,
    widest: f64,
    /// Gaps too wide for the rule that are no isolated cusps.
    rough: u32,
    hiding: u32,
    still: bool,
}

/// A stretch of angles, integrated in halves.
struct Panel {
    low: f64,
    high: f64,
    /// Per curve, for the panels that the halves become.
    halves: [Vec<Stretch>; 2],
    curves: Vec<Integrals>,
}

/// Integrates all curves.
///
/// # Errors
/// Those of [`Curves::sample`], and a request to stop.
pub fn integrate(
    curves: &dyn Curves,
    effort: Effort,
    hints: &Hints<'_>,
    context: &RunContext<'_>,
) -> Result<Found, Failure> {
    let (edges, mut points) = edges(curves, effort, hints, context)?;
    let ranges: Vec<[f64; 2]> =
        edges.windows(2).map(|pair| [pair[0], pair[1]]).filter(|pair| pair[0] < pair[1]).collect();
    let whole = stretches(curves, &ranges, context)?;
    points += NODES * ranges.len();
    let mut panels = panels(curves, ranges.into_iter().zip(whole).collect(), context)?;
    points += 2 * NODES * panels.len();
    let budget = effort.max_points.saturating_mul(2);
    loop {
        context.step(points as u64, budget.max(points) as u64)?;
        let left = budget.saturating_sub(points) / (4 * NODES);
        let chosen = choose(&panels, &hints.lost, effort.tolerance, left);
        if chosen.is_empty() {
            return Ok(Found { curves: totals(&panels, hints.lost.len()), points });
        }
        points += 4 * NODES * chosen.len();
        let parts: Vec<([f64; 2], Vec<Stretch>)> = chosen
            .iter()
            .flat_map(|index| {
                let panel = &mut panels[*index];
                let middle = 0.5 * (panel.low + panel.high);
                let [left, right] = std::mem::take(&mut panel.halves);
                [([panel.low, middle], left), ([middle, panel.high], right)]
            })
            .collect();
        let mut parts = self::panels(curves, parts, context)?.into_iter();
        for index in chosen {
            panels[index] = parts.next().expect("two halves each");
            panels.extend(parts.next());
        }
    }
}

/// The panels to split: the worst of those that matter for a curve that is not exact enough yet, at most `most`.
fn choose(panels: &[Panel], lost: &[bool], tolerance: f64, most: usize) -> Vec<usize> {
    let totals = totals(panels, lost.len());
    let allowed: Vec<[f64; 2]> = totals
        .iter()
        .zip(lost)
        .map(|(total, lost)| {
            [0, 1].map(|which| {
                let counts = !lost && !total.still && total.values[0] > NOTHING;
                let unmet = counts && total.errors[which] > tolerance * total.values[which];
                if unmet { tolerance * total.values[which] } else { f64::INFINITY }
            })
        })
        .collect();
    let score = |panel: &Panel| {
        let of = |(integrals, allowed): (&Integrals, &[f64; 2])| {
            let share = |which: usize| {
                let rounding = integrals.errors[which] <= 16.0 * f64::EPSILON * integrals.values[which];
                if rounding { 0.0 } else { integrals.errors[which] / allowed[which] }
            };
            share(0).max(share(1))
        };
        if panel.high - panel.low < SHORTEST {
            return 0.0;
        }
        panel.curves.iter().zip(&allowed).map(of).fold(0.0, f64::max)
    };
    let least = 0.5 / panels.len() as f64;
    let mut scores: Vec<(f64, usize)> =
        panels.iter().map(score).enumerate().map(|(index, score)| (score, index)).collect();
    scores.retain(|(score, _)| *score > least);
    scores.sort_by(|left, right| right.0.total_cmp(&left.0).then(left.1.cmp(&right.1)));
    scores.truncate(most.min(ROUND.max(panels.len() / 4)));
    scores.into_iter().map(|(_, index)| index).collect()
}

fn totals(panels: &[Panel], count: usize) -> Vec<Integrals> {
    let mut totals = vec![Integrals::default(); count];
    for panel in panels {
        for (total, part) in totals.iter_mut().zip(&panel.curves) {
            for which in 0..2 {
                total.values[which] += part.values[which];
                total.errors[which] += part.errors[which];
            }
            total.still |= part.still;
        }
    }
    totals
}

/// Integrates the halves of stretches that are known as wholes.
fn panels(
    curves: &dyn Curves,
    wholes: Vec<([f64; 2], Vec<Stretch>)>,
    context: &RunContext<'_>,
) -> Result<Vec<Panel>, Failure> {
    let ranges: Vec<[f64; 2]> = wholes
        .iter()
        .flat_map(|([low, high], _)| {
            let middle = 0.5 * (low + high);
            [[*low, middle], [middle, *high]]
        })
        .collect();
    let mut halves = stretches(curves, &ranges, context)?.into_iter();
    let panel = |([low, high], whole): ([f64; 2], Vec<Stretch>)| {
        let halves = [0, 1].map(|_| halves.next().expect("two halves each"));
        let both = halves[0].iter().zip(&halves[1]);
        let curves =
            whole.iter().zip(both).map(|(whole, (left, right))| settle(whole, left, right)).collect();
        Panel { low, high, halves, curves }
    };
    Ok(wholes.into_iter().map(panel).collect())
}

/// The better of quadrature and polygon, and how far it may be off.
fn settle(whole: &Stretch, left: &Stretch, right: &Stretch) -> Integrals {
    let halves = |of: fn(&Stretch) -> f64| of(left) + of(right);
    let [length, integral] = [0, 1].map(|which| left.integrals[which] + right.integrals[which]);
    let angles = halves(|half| half.angles);
    let quadrature = (whole.integrals[1] - integral).abs();
    let short = (angles - integral).max(0.0) + halves(|half| half.excess);
    let hiding = left.hiding + right.hiding;
    let (value, error) = if left.widest.max(right.widest) <= GENTLE && hiding == 0 {
        (integral, quadrature.max(short))
    } else {
        let beside = halves(|half| half.beside);
        let polygon = angles + beside;
        let coarse = whole.angles + whole.beside;
        let mut error = 2.0 * (polygon - coarse).abs() + beside * beside + TAU * f64::from(hiding);
        if left.rough + right.rough > 0 {
            error = error.max(quadrature).max((integral - polygon).abs());
        }
        (polygon, error)
    };
    let length_error = (whole.integrals[0] - length).abs();
    Integrals { values: [length, value], errors: [length_error, error], still: left.still || right.still }
}

/// Each curve over each range.
fn stretches(
    curves: &dyn Curves,
    ranges: &[[f64; 2]],
    context: &RunContext<'_>,
) -> Result<Vec<Vec<Stretch>>, Failure> {
    let nodes = |[low, high]: &[f64; 2]| {
        let inner = SIXTEEN.nodes_on(*low, *high);
        // The last node before the end: beyond a corner the curve takes another direction.
        std::iter::once(*low).chain(inner).chain(std::iter::once(high.next_down())).collect::<Vec<f64>>()
    };
    let batches: Vec<Vec<f64>> =
        ranges.chunks(TOGETHER).map(|ranges| ranges.iter().flat_map(nodes).collect()).collect();
    let rates = sample(curves, &batches, context)?;
    let noise = noise(curves.epsilon());
    let one = |(index, range): (usize, &[f64; 2])| {
        let (batch, place) = (index / TOGETHER, NODES * (index % TOGETHER));
        let angles = &batches[batch][place..place + NODES];
        rates[batch].iter().map(|rates| stretch(*range, angles, rates, place, noise)).collect()
    };
    Ok(ranges.iter().enumerate().map(one).collect())
}

fn stretch([low, high]: [f64; 2], angles: &[f64], rates: &Rates, place: usize, noise: f64) -> Stretch {
    let inner = place + 1..place + NODES - 1;
    let integrals = [&rates.speed, &rates.turning]
        .map(|values| SIXTEEN.integral(low, high, values[inner.clone()].iter().map(|value| value.abs())));
    let still = rates.speed[place..place + NODES].contains(&0.0);
    let mut stretch = Stretch { integrals, still, ..Stretch::default() };
    for (index, pair) in angles.windows(2).enumerate() {
        let at = place + index;
        let both = |values: &[f64]| [values[at], values[at + 1]];
        let gap = Gap {
            angle: rates.angle[at],
            step: pair[1] - pair[0],
            turning: both(&rates.turning),
            growth: both(&rates.growth),
        };
        stretch.angles += gap.angle;
        stretch.excess += gap.excess(noise);
        stretch.widest = stretch.widest.max(gap.angle);
        stretch.hiding += u32::from(gap.may_hide());
        match gap.beside_a_cusp() {
            Some(beside) => stretch.beside += beside,
            None => stretch.rough += u32::from(gap.angle > GENTLE),
        }
    }
    stretch
}

/// The edges of the first panels and the angles it took to find them.
fn edges(
    curves: &dyn Curves,
    effort: Effort,
    hints: &Hints<'_>,
    context: &RunContext<'_>,
) -> Result<(Vec<f64>, usize), Failure> {
    let count = PANELS.max(hints.points.min(effort.max_points) / 64);
    let mut edges: Vec<f64> = (0..=count).map(|edge| START + TAU * edge as f64 / count as f64).collect();
    let (corners, points) = corners(curves, effort, hints, context)?;
    edges.extend(corners);
    edges.extend(&hints.corners);
    // Very many stretches in doubt say no more than even panels do.
    if hints.doubtful.len() <= 2 * count {
        edges.extend(hints.doubtful.iter().filter(|edge| **edge < START + TAU));
    }
    edges.sort_by(f64::total_cmp);
    Ok((edges, points))
}

/// The angles at which signed values change sign, by bisection of all of them together, and the angles this took.
fn corners(
    curves: &dyn Curves,
    effort: Effort,
    hints: &Hints<'_>,
    context: &RunContext<'_>,
) -> Result<(Vec<f64>, usize), Failure> {
    let dimensions = curves.dimensions();
    let mut brackets: Vec<(usize, f64, f64, bool)> = Vec::new();
    for (curve, values) in hints.signed.iter().enumerate() {
        let step = TAU / values.len().max(1) as f64;
        for (index, value) in values.iter().enumerate() {
            let next = values[(index + 1) % values.len()];
            if (*value > 0.0) != (next > 0.0) {
                let low = START + step * index as f64;
                brackets.push((curve, low, low + step, *value > 0.0));
            }
        }
    }
    let points = BISECTIONS * brackets.len();
    if points > effort.max_points {
        return Ok((Vec::new(), 0));
    }
    for _ in 0..BISECTIONS {
        let middles: Vec<f64> = brackets.iter().map(|(_, low, high, _)| 0.5 * (low + high)).collect();
        let batches: Vec<Vec<f64>> = middles.chunks(TOGETHER * NODES).map(<[f64]>::to_vec).collect();
        let rates = sample(curves, &batches, context)?;
        for (index, (curve, low, high, positive)) in brackets.iter_mut().enumerate() {
            let (batch, place) = (index / (TOGETHER * NODES), index % (TOGETHER * NODES));
            let value = rates[batch][*curve].signed(dimensions[*curve])[place];
            *(if (value > 0.0) == *positive { low } else { high }) = middles[index];
        }
    }
    Ok((brackets.iter().map(|(_, low, high, _)| 0.5 * (low + high)).collect(), points))
}
