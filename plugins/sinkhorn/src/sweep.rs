//! Both half-steps of Sinkhorn's iteration in one pass over the pairs.

use octavo_plugin::math;
use octavo_plugin::simd::{self, Kernel, LANES};
use rayon::prelude::*;

use crate::stream::{At, Blocks, Row, SAFE, TASK};

/// Groups of rows with sums of their own.
const GROUPS: usize = 32;
/// The most columns whose terms are kept: those of a row then stay in a second-level cache.
pub(crate) const KEPT: usize = 1 << 15;

/// What one pass over all pairs finds.
pub(crate) struct Sweep {
    /// As [`excess`](crate::stream::excess) gives it, of the rows.
    pub(crate) rows: Vec<f64>,
    /// For each column the sum over i of a_i b_j exp(E_ij), after the potential of each row has moved.
    columns: Vec<f64>,
    /// What the masses would sum up to if all exponentials were 1.
    shares: f64,
}

impl Sweep {
    /// The excess of the columns; NaN where a mass is too large to be trusted, or so small that clamped terms count.
    pub(crate) fn column_excess(&self, columns: &Blocks) -> Vec<f64> {
        let mut logs = self.columns.clone();
        math::ln_slice(&mut logs);
        let one = |(mass, (log, log_weight)): (&f64, (&f64, &f64))| {
            let trusted = *mass > self.shares / SAFE && *mass > 1.0 / SAFE && *mass < SAFE;
            if trusted { log - log_weight } else { f64::NAN }
        };
        self.columns.iter().zip(logs.iter().zip(&columns.log_weights)).map(one).collect()
    }
}

/// Both half-steps with one exponential a pair: the rows' excess s, and what the columns' masses are after f has moved by
/// -`factor` epsilon s. A row's terms are kept until their sum is known; then they only need a factor. Nothing if the move is
/// so large that a factor leaves the range of floats.
pub(crate) fn sweep(
    points: &[f64],
    weights: &[f64],
    columns: &Blocks,
    at: At<'_>,
    factor: f64,
) -> Option<Sweep> {
    let scale = 1.0 / at.epsilon;
    let offsets = columns.offsets(at.g, scale);
    // Groups of rows, whose sums are added in order, depend on the sizes alone.
    let group = weights.len().div_ceil(GROUPS).max(1 + TASK / columns.count);
    let one = |(points, (f, weights)): (&[f64], (&[f64], &[f64]))| {
        let mut terms = vec![[0.0; LANES]; offsets.len()];
        let mut masses = terms.clone();
        let mut found = Vec::with_capacity(weights.len());
        let mut shares = 0.0;
        for ((point, f), weight) in points.chunks_exact(columns.dimension).zip(f).zip(weights) {
            let row = Row { point, columns, offsets: &offsets, shift: f * scale, scale, cost: at.cost };
            let (top, sum) = row.terms(&mut terms);
            let excess = top + math::ln(sum);
            // Terms are too small by exp(top).
            let share = if *weight > 0.0 { weight * math::exp(top - factor * excess) } else { 0.0 };
            if share >= SAFE || (share <= 1.0 / SAFE && *weight > 1.0 / SAFE) || share.is_nan() {
                return None;
            }
            simd::dispatch(AddScaled { share, terms: &terms, masses: &mut masses });
            found.push(excess);
            shares += share;
        }
        Some((found, masses, shares))
    };
    let groups = points
        .par_chunks(group * columns.dimension)
        .zip(at.f.par_chunks(group).zip(weights.par_chunks(group)))
        .map(one)
        .collect::<Option<Vec<_>>>()?;
    let mut rows = Vec::with_capacity(weights.len());
    let mut masses = vec![[0.0; LANES]; offsets.len()];
    let mut shares = 0.0;
    for (found, part, share) in groups {
        rows.extend(found);
        shares += share;
        simd::dispatch(AddScaled { share: 1.0, terms: &part, masses: &mut masses });
    }
    let mut masses = masses.concat();
    masses.truncate(columns.count);
    Some(Sweep { rows, columns: masses, shares })
}

/// Adds a share of the terms to the masses.
struct AddScaled<'a> {
    share: f64,
    terms: &'a [[f64; LANES]],
    masses: &'a mut [[f64; LANES]],
}

impl Kernel for AddScaled<'_> {
    type Output = ();

    #[inline(always)]
    fn run(self) {
        for (mass, term) in self.masses.as_flattened_mut().iter_mut().zip(self.terms.as_flattened()) {
            *mass = self.share.mul_add(*term, *mass);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::cost::Power;
    use crate::stream::excess;

    /// One pass gives what two give: rows bit for bit, columns up to the order of their sums.
    #[test]
    fn a_sweep_is_two_half_steps() {
        let stream = octavo_plugin::Seed(6).stream("sweep").normals(2 * 300 + 2 * 77, 1.0);
        let (sources, targets) = stream.split_at(2 * 300);
        let weights: Vec<f64> = (1..=300).map(|k| f64::from(k) / 45_150.0).collect();
        let others: Vec<f64> = (0..77).map(|k| if k == 5 { 0.0 } else { 1.0 / 76.0 }).collect();
        let (rows, columns) = (Blocks::new(2, sources, &weights), Blocks::new(2, targets, &others));
        let f: Vec<f64> = (0..300).map(|k| 0.01 * f64::from(k % 17)).collect();
        let g: Vec<f64> = (0..77).map(|k| -0.02 * f64::from(k % 5)).collect();
        for (epsilon, factor) in [(0.5, 1.0), (0.5, 1.7), (0.02, 1.0)] {
            let at = At { f: &f, g: &g, epsilon, cost: Power::SQUARE };
            let found = sweep(sources, &weights, &columns, at, factor).unwrap();
            assert_eq!(found.rows, excess(sources, &columns, at));
            let moved: Vec<f64> =
                f.iter().zip(&found.rows).map(|(f, excess)| f - factor * epsilon * excess).collect();
            let expected = excess(targets, &rows, At { f: &g, g: &moved, ..at });
            let masses = found.column_excess(&columns);
            for (column, (found, expected)) in masses.iter().zip(&expected).enumerate() {
                let known = column != 5 && *expected > -500.0;
                assert_eq!(found.is_nan(), !known, "{column}: {found} {expected}");
                assert!(!known || (found - expected).abs() < 1e-12, "{column}: {found} {expected}");
            }
        }
    }
}
