//! The cost between all pairs of atoms, to about 106 bits.

use octavo_plugin::Failure;
use rayon::prelude::*;

use crate::double::Double;
use crate::measure::Measure;
use crate::params::Cost;

/// Most entries of a cost matrix. Cost, transposed cost and plan take 40 bytes an entry: 160 MB in all.
pub(crate) const MOST_CELLS: usize = 4_000_000;

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
    /// If there are more than [`MOST_CELLS`] entries, or one is no finite number.
    pub(crate) fn new(source: &Measure, target: &Measure, cost: Cost) -> Result<Self, Failure> {
        let (rows, columns) = (source.len(), target.len());
        if rows.saturating_mul(columns) > MOST_CELLS {
            let message = format!("{rows} by {columns} points make more than {MOST_CELLS} pairs");
            return Err(Failure::resource(message).help("take fewer points"));
        }
        let entries: Vec<Double> = (0..rows)
            .into_par_iter()
            .flat_map_iter(|i| (0..columns).map(move |j| between(source.point(i), target.point(j), cost)))
            .collect();
        let hi: Vec<f64> = entries.iter().map(|entry| entry.hi).collect();
        if hi.iter().any(|entry| !entry.is_finite()) {
            return Err(Failure::numeric("a cost between two points leaves the range of floats")
                .help("scale the coordinates down"));
        }
        let largest = hi.iter().copied().fold(0.0, f64::max);
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

/// The cost between two points.
pub(crate) fn between(x: &[f64], y: &[f64], cost: Cost) -> Double {
    let square: Double = x.iter().zip(y).map(|(x, y)| Double::difference(*x, *y).square()).sum();
    match cost {
        Cost::Sqeuclidean => square,
        Cost::Euclidean => square.sqrt(),
    }
}
