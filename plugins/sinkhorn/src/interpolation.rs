//! Between two measures: by displacement along the exact plan, and by mixing.
//!
//! Displacement (McCann 1997): the mass that the optimal plan for |x - y|² sends from x to y stands at (1 - t) x + t y at
//! time t. The whole plan is used, not its barycentric map, so that t = 0 gives the source and t = 1 the target. A
//! mixture leaves every point where it is and fades from one weight to the other.

use crate::measure::Measure;

/// Number of intervals of a density.
pub(crate) const INTERVALS: usize = 120;

/// Mass at a point at a time.
pub(crate) struct Atom {
    pub(crate) time: f64,
    pub(crate) point: Vec<f64>,
    pub(crate) weight: f64,
}

/// The displacement interpolation along a plan.
pub(crate) fn displaced(
    source: &Measure,
    target: &Measure,
    plan: &[(usize, usize, f64)],
    times: &[f64],
) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for t in times {
        for (i, j, mass) in plan.iter().filter(|(.., mass)| *mass > 0.0) {
            let ends = source.point(*i).iter().zip(target.point(*j));
            let point = ends.map(|(x, y)| (1.0 - t) * x + t * y).collect();
            atoms.push(Atom { time: *t, point, weight: *mass });
        }
    }
    atoms
}

/// A pixel at a time, with its mass under both interpolations.
pub(crate) struct Pixel {
    pub(crate) time: f64,
    pub(crate) place: [f64; 2],
    pub(crate) displaced: f64,
    pub(crate) mixed: f64,
}

/// Both interpolations of two images as images on the same pixels. Mass that stands between pixels is shared among the
/// four around it, which keeps the mean. None without axes.
pub(crate) fn pixels(
    source: &Measure,
    target: &Measure,
    displaced: &[Atom],
    times: &[f64],
    axes: Option<&[Vec<f64>; 2]>,
) -> Vec<Pixel> {
    let mut pixels = Vec::new();
    if let Some([xs, ys]) = axes {
        for time in times {
            let mut canvas = vec![0.0; xs.len() * ys.len()];
            let mut faded = canvas.clone();
            for atom in displaced.iter().filter(|atom| atom.time.total_cmp(time).is_eq()) {
                spread(&mut canvas, [xs, ys], [atom.point[0], atom.point[1]], atom.weight);
            }
            for (measure, share) in [(source, 1.0 - time), (target, *time)] {
                for (atom, weight) in measure.weights.iter().enumerate() {
                    let point = [measure.point(atom)[0], measure.point(atom)[1]];
                    spread(&mut faded, [xs, ys], point, share * weight);
                }
            }
            for (index, (displaced, mixed)) in canvas.into_iter().zip(faded).enumerate() {
                let place = [xs[index % xs.len()], ys[index / xs.len()]];
                pixels.push(Pixel { time: *time, place, displaced, mixed });
            }
        }
    }
    pixels
}

/// Shares mass among the pixels around a point.
fn spread(canvas: &mut [f64], [xs, ys]: [&[f64]; 2], point: [f64; 2], mass: f64) {
    for (row, down) in around(ys, point[1]) {
        for (column, across) in around(xs, point[0]) {
            canvas[row * xs.len() + column] += mass * down * across;
        }
    }
}

/// The entries of an axis around a place within its range, with their shares.
fn around(axis: &[f64], place: f64) -> [(usize, f64); 2] {
    let above = axis.partition_point(|x| *x <= place).clamp(1, axis.len().max(2) - 1).min(axis.len() - 1);
    let below = above.saturating_sub(1);
    let width = axis[above] - axis[below];
    let share = if width > 0.0 { ((place - axis[below]) / width).clamp(0.0, 1.0) } else { 0.0 };
    [(below, 1.0 - share), (above, share)]
}

/// The mixture (1 - t) source + t target.
pub(crate) fn mixed(source: &Measure, target: &Measure, times: &[f64]) -> Vec<Atom> {
    let mut atoms = Vec::new();
    for t in times {
        for (measure, share) in [(source, 1.0 - t), (target, *t)] {
            for (atom, weight) in measure.weights.iter().enumerate() {
                if share * weight > 0.0 {
                    atoms.push(Atom {
                        time: *t,
                        point: measure.point(atom).to_vec(),
                        weight: share * weight,
                    });
                }
            }
        }
    }
    atoms
}

/// An interval of the line at a time, with its density under both interpolations.
pub(crate) struct Density {
    pub(crate) time: f64,
    /// The middle of the interval.
    pub(crate) place: f64,
    pub(crate) displaced: f64,
    pub(crate) mixed: f64,
}

/// Both interpolations of two measures on a line as densities over [`INTERVALS`] equal intervals. Each atom is spread evenly over the cell between the middles to its
/// neighbours, which makes quantiles piecewise linear, and those are interpolated exactly. None in the plane.
pub(crate) fn densities(source: &Measure, target: &Measure, times: &[f64]) -> Vec<Density> {
    let mut densities = Vec::new();
    if source.dimension == 1 {
        let (from, to) = (Quantiles::new(source), Quantiles::new(target));
        let low = from.low().min(to.low());
        let width = (from.high().max(to.high()) - low).max(f64::MIN_POSITIVE);
        let bins = Bins { low, width: width / as_float(INTERVALS) };
        let (first, second) = (bins.density(&from.pieces), bins.density(&to.pieces));
        for time in times {
            let between = bins.density(&from.between(&to, *time));
            for k in 0..INTERVALS {
                densities.push(Density {
                    time: *time,
                    place: low + (as_float(k) + 0.5) * bins.width,
                    displaced: between[k],
                    mixed: (1.0 - time) * first[k] + time * second[k],
                });
            }
        }
    }
    densities
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
fn as_float(count: usize) -> f64 {
    count as f64
}

/// Mass spread evenly over an interval, which may be a point.
#[derive(Clone, Copy, Debug)]
struct Piece {
    mass: f64,
    from: f64,
    to: f64,
}

struct Quantiles {
    pieces: Vec<Piece>,
}

impl Quantiles {
    fn new(measure: &Measure) -> Self {
        let x = &measure.coordinates;
        let last = x.len() - 1;
        let middle = |a: usize, b: usize| 0.5 * (x[a] + x[b]);
        let piece = |k: usize| {
            // The outermost cells are as long outwards as inwards.
            let left = if k > 0 { middle(k - 1, k) } else { 2.0 * x[0] - middle(0, 1.min(last)) };
            let right = if k < last {
                middle(k, k + 1)
            } else {
                2.0 * x[last] - middle(last.saturating_sub(1), last)
            };
            Piece { mass: measure.weights[k], from: left, to: right }
        };
        Self { pieces: (0..=last).map(piece).collect() }
    }

    fn low(&self) -> f64 {
        self.pieces[0].from
    }

    fn high(&self) -> f64 {
        self.pieces[self.pieces.len() - 1].to
    }

    /// The pieces of the interpolation at time t: both are cut at the union of their cumulative masses.
    fn between(&self, other: &Self, t: f64) -> Vec<Piece> {
        let (mut i, mut j) = (0, 0);
        let (mut first, mut second) = (self.pieces[0], other.pieces[0]);
        let mut pieces = Vec::new();
        loop {
            let mass = first.mass.min(second.mass);
            let (head, tail) = cut(first, mass);
            let (other_head, other_tail) = cut(second, mass);
            pieces.push(Piece {
                mass,
                from: (1.0 - t) * head.from + t * other_head.from,
                to: (1.0 - t) * head.to + t * other_head.to,
            });
            (first, second) = (tail, other_tail);
            if first.mass <= 0.0 {
                i += 1;
                first = match self.pieces.get(i) {
                    Some(piece) => *piece,
                    None => return pieces,
                };
            }
            if second.mass <= 0.0 {
                j += 1;
                second = match other.pieces.get(j) {
                    Some(piece) => *piece,
                    None => return pieces,
                };
            }
        }
    }
}

/// A piece in two, the first of this mass.
fn cut(piece: Piece, mass: f64) -> (Piece, Piece) {
    let share = if piece.mass > 0.0 { mass / piece.mass } else { 1.0 };
    let at = (1.0 - share) * piece.from + share * piece.to;
    (Piece { mass, to: at, ..piece }, Piece { mass: piece.mass - mass, from: at, ..piece })
}

struct Bins {
    low: f64,
    width: f64,
}

impl Bins {
    /// Mass per length in each interval.
    fn density(&self, pieces: &[Piece]) -> Vec<f64> {
        let mut density = vec![0.0; INTERVALS];
        for piece in pieces {
            let (from, to) = ((piece.from - self.low) / self.width, (piece.to - self.low) / self.width);
            let (first, last) = (interval(from), interval(to));
            for (k, value) in density.iter_mut().enumerate().take(last + 1).skip(first) {
                let covered = to.min(as_float(k + 1)) - from.max(as_float(k));
                let share = if first == last || to <= from { 1.0 } else { covered.max(0.0) / (to - from) };
                *value += piece.mass * share / self.width;
            }
        }
        density
    }
}

fn interval(position: f64) -> usize {
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "clamped to the intervals")]
    let index = position.floor().clamp(0.0, as_float(INTERVALS - 1)) as usize;
    index
}

#[cfg(test)]
mod tests {
    use super::*;
    use octavo_plugin::PointSet;

    fn measure(coordinates: &[f64], weights: &[f64]) -> Measure {
        let set = PointSet { dimension: 1, coordinates: coordinates.to_vec(), weights: weights.to_vec() };
        Measure::new(&set).unwrap().0
    }

    #[test]
    fn densities_keep_mass_and_move_the_mean() {
        let source = measure(&[0.0, 0.1, 0.2], &[1.0, 2.0, 1.0]);
        let target = measure(&[0.7, 0.8, 0.9, 1.0], &[0.1, 3.0, 1.0, 0.2]);
        let rows = densities(&source, &target, &[0.0, 0.3, 1.0]);
        let column = |of: fn(&Density) -> f64| rows.iter().map(of).collect::<Vec<f64>>();
        let (x, displaced, mixed) =
            (column(|row| row.place), column(|row| row.displaced), column(|row| row.mixed));
        let step = x[1] - x[0];
        let mean = |m: &Measure| m.coordinates.iter().zip(&m.weights).map(|(x, w)| x * w).sum::<f64>();
        for (k, t) in [0.0, 0.3, 1.0].into_iter().enumerate() {
            let range = k * INTERVALS..(k + 1) * INTERVALS;
            for density in [&displaced[range.clone()], &mixed[range.clone()]] {
                assert!((density.iter().sum::<f64>() * step - 1.0).abs() < 1e-12);
                let found: f64 = density.iter().zip(&x).map(|(d, x)| d * x * step).sum();
                let expected = (1.0 - t) * mean(&source) + t * mean(&target);
                assert!((found - expected).abs() < step, "{found} {expected}");
            }
        }
    }
}
