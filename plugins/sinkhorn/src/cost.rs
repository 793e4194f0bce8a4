//! What it costs to move a unit of mass from one atom to another, to about 106 bits where the cost is a sum of squares or its
//! root, and the matrix of all pairs.

use octavo_plugin::{Failure, math};
use rayon::prelude::*;

use crate::double::{Double, power_of_two};
use crate::measure::Measure;

/// Most entries of a cost matrix in double-double. Cost, transposed cost and plan take 40 bytes an entry.
pub(crate) const MOST_CELLS: usize = 1 << 20;
/// Costs stay below this: products with weights and splittings into halves stay in the range of floats.
const MOST: f64 = 1e280;
/// Differences outside of these would leave the range of floats when squared.
const SMALL: f64 = 1e-140;
const LARGE: f64 = 1e140;

/// A cost between two measures.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Ground {
    /// A power of distances.
    Power(Power),
    /// One entry for each pair of atoms, row by row.
    Matrix { columns: usize, entries: Vec<f64> },
}

/// |x - y| to a power, or the sum of |x_k - y_k| to that power over the axes.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Power {
    pub(crate) exponent: f64,
    pub(crate) separate: bool,
}

impl Ground {
    /// |x - y|, to the power 1.
    pub(crate) const DISTANCE: Self = Self::Power(Power { exponent: 1.0, separate: false });
    /// |x - y|².
    pub(crate) const SQUARE: Self = Self::Power(Power::SQUARE);

    /// The cost between two atoms.
    pub(crate) fn between(&self, source: &Measure, i: usize, target: &Measure, j: usize) -> Double {
        match self {
            Self::Power(power) => power.between(source.point(i), target.point(j)),
            Self::Matrix { columns, entries } => Double::from(entries[i * columns + j]),
        }
    }
}

impl Power {
    /// The square.
    pub(crate) const SQUARE: Self = Self { exponent: 2.0, separate: false };

    /// The cost between two points.
    pub(crate) fn between(self, x: &[f64], y: &[f64]) -> Double {
        let differences = x.iter().zip(y).map(|(x, y)| Double::difference(*x, *y));
        if self.exponent.total_cmp(&2.0).is_eq() {
            return differences.map(Double::square).sum();
        }
        if self.separate {
            return differences.map(|difference| self.raised(difference.absolute())).sum();
        }
        self.raised(norm(differences))
    }

    fn raised(self, distance: Double) -> Double {
        match self.exponent {
            one if one.total_cmp(&1.0).is_eq() => distance,
            two if two.total_cmp(&2.0).is_eq() => distance.square(),
            exponent => Double::from(math::powf(distance.value(), exponent)),
        }
    }

    /// Whether the cost is a sum over axes.
    pub(crate) fn is_sum(self) -> bool {
        self.separate || self.exponent.total_cmp(&2.0).is_eq()
    }
}

/// The Euclidean norm. Differences so small or large that their squares are not floats are scaled by a power of two.
fn norm(differences: impl Iterator<Item = Double> + Clone) -> Double {
    let largest = differences.clone().map(|d| d.hi.abs()).fold(0.0, f64::max);
    if largest == 0.0 || (SMALL..LARGE).contains(&largest) {
        return differences.map(Double::square).sum::<Double>().sqrt();
    }
    let scale = power_of_two(largest);
    let root = differences.map(|d| d.scaled(1.0 / scale).square()).sum::<Double>().sqrt();
    root.scaled(scale)
}

/// rows × columns costs in double-double.
#[derive(Clone, Debug)]
pub(crate) struct CostMatrix {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) hi: Vec<f64>,
    pub(crate) lo: Vec<f64>,
    pub(crate) largest: f64,
}

impl CostMatrix {
    /// The costs from every atom of one measure to every atom of the other. Differences of coordinates are exact, so
    /// that a common shift of both measures costs no accuracy.
    ///
    /// # Errors
    /// If there are more than [`MOST_CELLS`] entries, or one is out of range.
    pub(crate) fn new(source: &Measure, target: &Measure, ground: &Ground) -> Result<Self, Failure> {
        let (rows, columns) = (source.len(), target.len());
        if rows.saturating_mul(columns) > MOST_CELLS {
            let message = format!("{rows} by {columns} points make more than {MOST_CELLS} pairs");
            return Err(Failure::resource(message).help("take fewer points"));
        }
        let entries: Vec<Double> = (0..rows)
            .into_par_iter()
            .flat_map_iter(|i| (0..columns).map(move |j| ground.between(source, i, target, j)))
            .collect();
        let hi: Vec<f64> = entries.iter().map(|entry| entry.hi).collect();
        let largest = largest(&hi)?;
        Ok(Self { rows, columns, hi, lo: entries.iter().map(|entry| entry.lo).collect(), largest })
    }

    /// The same costs with rows and columns exchanged.
    pub(crate) fn transposed(&self) -> Self {
        let turn = |entries: &[f64]| -> Vec<f64> {
            (0..self.columns)
                .flat_map(|j| (0..self.rows).map(move |i| entries[i * self.columns + j]))
                .collect()
        };
        Self {
            rows: self.columns,
            columns: self.rows,
            hi: turn(&self.hi),
            lo: turn(&self.lo),
            largest: self.largest,
        }
    }

    /// One entry.
    pub(crate) fn at(&self, row: usize, column: usize) -> Double {
        let index = row * self.columns + column;
        Double { hi: self.hi[index], lo: self.lo[index] }
    }
}

/// The largest absolute cost.
///
/// # Errors
/// If one is out of range.
pub(crate) fn largest(costs: &[f64]) -> Result<f64, Failure> {
    if costs.iter().all(|cost| cost.abs() <= MOST) {
        return Ok(costs.iter().map(|cost| cost.abs()).fold(0.0, f64::max));
    }
    Err(Failure::numeric(format!("a cost between two points is above {MOST:e}"))
        .help("scale the coordinates down"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_of_any_scale_are_distances() {
        for scale in [1e-300, 1e-165, 1e-20, 1.0, 1e150, 1e300] {
            let found =
                Power { exponent: 1.0, separate: false }.between(&[0.0, 0.0], &[3.0 * scale, 4.0 * scale]);
            assert!((found.value() / scale - 5.0).abs() < 1e-15, "{scale}: {found:?}");
        }
    }

    #[test]
    fn powers_of_distances_and_sums_of_powers() {
        let cost =
            |exponent, separate| Power { exponent, separate }.between(&[1.0, 2.0], &[4.0, -2.0]).value();
        assert_eq!([cost(1.0, false), cost(2.0, false), cost(3.0, false)], [5.0, 25.0, 125.0]);
        assert_eq!([cost(1.0, true), cost(2.0, true), cost(3.0, true)], [7.0, 25.0, 91.0]);
        assert!((cost(1.5, false) - 125_f64.sqrt()).abs() < 1e-14);
    }
}
