//! Adaptive Gauss-Legendre panels over all curves at once, split where an integrand has a corner.
//!
//! A panel is integrated with 16 nodes, and again as two halves with 16 nodes each; the difference is its error. A panel
//! is done when its error is below its share of the tolerance for every curve, otherwise its halves are looked at in the
//! next round. All panels of a round are evaluated together.

use std::f64::consts::TAU;

use octavo_plugin::{Failure, RunContext};

use crate::gauss::SIXTEEN;
use crate::jets::Rates;
use crate::quadrature::{Curves, Effort, START, sample};

/// Panels at the start, before corners split them.
const PANELS: usize = 32;
/// Panels shorter than this share of the circle get the tolerance of this share: a narrow peak of curvature needs panels
/// so short that their own share lies below rounding.
const LEAST_SHARE: f64 = 1e-3;
/// Bisections of an inflection: from a trapezoid step down to about 1e-12. A corner misplaced by d costs d² only.
const BISECTIONS: usize = 30;

/// Integral of speed and of turning of one curve, with errors.
#[derive(Clone, Copy, Debug, Default)]
pub struct Integrals {
    /// Length and total curvature.
    pub values: [f64; 2],
    /// Their errors.
    pub errors: [f64; 2],
}

/// What the panels found.
#[derive(Clone, Debug)]
pub struct Found {
    /// One per curve.
    pub curves: Vec<Integrals>,
    /// Number of angles evaluated.
    pub points: usize,
}

struct Panel {
    low: f64,
    high: f64,
    /// Per curve.
    whole: Vec<[f64; 2]>,
}

/// Integrates all curves. `estimates` are their integrals roughly, `signed` their values at evenly spaced angles from
/// [`START`] whose changes of sign are corners (empty for curves without).
///
/// # Errors
/// Those of [`Curves::sample`], and a request to stop.
pub fn integrate(
    curves: &dyn Curves,
    effort: Effort,
    estimates: &[[f64; 2]],
    signed: &[&[f64]],
    context: &RunContext<'_>,
) -> Result<Found, Failure> {
    let (corners, mut points) = corners(curves, signed, context)?;
    let mut edges: Vec<f64> = (0..=PANELS).map(|edge| START + TAU * edge as f64 / PANELS as f64).collect();
    edges.extend(corners);
    edges.sort_by(f64::total_cmp);
    let ranges: Vec<[f64; 2]> =
        edges.windows(2).map(|pair| [pair[0], pair[1]]).filter(|pair| pair[0] < pair[1]).collect();
    let mut open = panels(curves, &ranges, context)?;
    points += 16 * open.len();
    let mut totals = vec![Integrals::default(); estimates.len()];
    while !open.is_empty() {
        context.step(points as u64, (points + 32 * open.len()) as u64)?;
        let halves: Vec<[f64; 2]> = open
            .iter()
            .flat_map(|panel| {
                let middle = 0.5 * (panel.low + panel.high);
                [[panel.low, middle], [middle, panel.high]]
            })
            .collect();
        let mut halves = panels(curves, &halves, context)?.into_iter();
        points += 32 * open.len();
        let budget_left = points + 64 * open.len() <= effort.max_points.saturating_mul(2);
        let mut next = Vec::new();
        for panel in open {
            let (left, right) =
                (halves.next().expect("two halves each"), halves.next().expect("two halves each"));
            let share = (panel.high - panel.low) / TAU;
            let done = settle(&panel, &left, &right, estimates, effort.tolerance * share.max(LEAST_SHARE));
            if done || !budget_left || share < 1e-13 {
                add(&mut totals, &panel, &left, &right);
            } else {
                next.extend([left, right]);
            }
        }
        open = next;
    }
    Ok(Found { curves: totals, points })
}

fn settle(panel: &Panel, left: &Panel, right: &Panel, estimates: &[[f64; 2]], tolerance: f64) -> bool {
    estimates.iter().enumerate().all(|(curve, estimate)| {
        [0, 1].iter().all(|&which| {
            let halves = left.whole[curve][which] + right.whole[curve][which];
            let error = (panel.whole[curve][which] - halves).abs();
            error <= tolerance * estimate[which] || error <= 8.0 * f64::EPSILON * halves
        })
    })
}

fn add(totals: &mut [Integrals], panel: &Panel, left: &Panel, right: &Panel) {
    for (curve, total) in totals.iter_mut().enumerate() {
        for which in 0..2 {
            let halves = left.whole[curve][which] + right.whole[curve][which];
            total.values[which] += halves;
            total.errors[which] += (panel.whole[curve][which] - halves).abs();
        }
    }
}

fn panels(curves: &dyn Curves, ranges: &[[f64; 2]], context: &RunContext<'_>) -> Result<Vec<Panel>, Failure> {
    let angles: Vec<f64> = ranges.iter().flat_map(|[low, high]| SIXTEEN.nodes_on(*low, *high)).collect();
    let rates = sample(curves, &angles, context)?;
    let panel = |(index, [low, high]): (usize, &[f64; 2])| {
        let nodes = 16 * index..16 * (index + 1);
        let integral = |rates: &Rates| {
            [&rates.speed, &rates.turning].map(|values| {
                SIXTEEN.integral(*low, *high, values[nodes.clone()].iter().map(|value| value.abs()))
            })
        };
        Panel { low: *low, high: *high, whole: rates.iter().map(integral).collect() }
    };
    Ok(ranges.iter().enumerate().map(panel).collect())
}

/// The angles at which signed values change sign, by bisection of all of them together, and the angles this took.
fn corners(
    curves: &dyn Curves,
    signed: &[&[f64]],
    context: &RunContext<'_>,
) -> Result<(Vec<f64>, usize), Failure> {
    let dimensions = curves.dimensions();
    let mut brackets: Vec<(usize, f64, f64, bool)> = Vec::new();
    for (curve, values) in signed.iter().enumerate() {
        let step = TAU / values.len().max(1) as f64;
        for (index, value) in values.iter().enumerate() {
            let next = values[(index + 1) % values.len()];
            if (*value > 0.0) != (next > 0.0) {
                let low = START + step * index as f64;
                brackets.push((curve, low, low + step, *value > 0.0));
            }
        }
    }
    for _ in 0..BISECTIONS {
        let middles: Vec<f64> = brackets.iter().map(|(_, low, high, _)| 0.5 * (low + high)).collect();
        let rates = sample(curves, &middles, context)?;
        for (index, (curve, low, high, positive)) in brackets.iter_mut().enumerate() {
            let value = rates[*curve].signed(dimensions[*curve])[index];
            *(if (value > 0.0) == *positive { low } else { high }) = middles[index];
        }
    }
    let points = BISECTIONS * brackets.len();
    Ok((brackets.iter().map(|(_, low, high, _)| 0.5 * (low + high)).collect(), points))
}
