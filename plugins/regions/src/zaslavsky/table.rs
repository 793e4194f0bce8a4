//! The table of the closed formulas.

use num_bigint::BigInt;
use octavo_plugin::{Rows, Table, math};

use super::params::ZaslavskyParams;
use crate::closed_form::{doubling, zaslavsky};

/// Numbers of folds: all to 10, then about ten a decade, and the last.
fn steps(last: usize) -> Vec<usize> {
    let mut steps = Vec::new();
    let mut unit = 1;
    while unit <= last {
        steps.extend((1..10).map(|digit| digit * unit));
        if unit >= 10 {
            steps.extend([12, 15, 25, 35].map(|tenths| tenths * unit / 10));
        }
        unit *= 10;
    }
    steps.retain(|&step| step < last);
    steps.push(last);
    steps.sort_unstable();
    steps
}

/// log10 of a positive integer, to about 1e-15 of its value.
fn log10(value: &BigInt) -> f64 {
    let digits = value.to_string();
    let lead = digits.get(..17).unwrap_or(&digits);
    let number: f64 = lead.parse().expect("digits are a number");
    #[expect(clippy::cast_precision_loss, reason = "far fewer than 2^53 digits")]
    let rest = (digits.len() - lead.len()) as f64;
    math::log10(number) + rest
}

/// A number of hyperplanes in general position, their regions, and 2^n.
pub(super) struct Formulas {
    n: usize,
    dimension: u32,
    regions: BigInt,
    doubling: BigInt,
}

/// The columns of the table `formulas`.
pub(super) fn columns() -> Rows<Formulas> {
    Rows::<Formulas>::new("A number of hyperplanes in general position in a space of some dimension")
        .integer("n", "folds", |row| row.n)
        .integer("dimension", "dimension", |row| row.dimension)
        .big("regions", "regions of parallel folds", |row| row.regions.clone())
        .big("doubling", "regions of successive folds, 2^n", |row| row.doubling.clone())
        .integer("digits", "digits of the number of regions", |row| row.regions.to_string().len())
        .float("log10_regions", "log10 of the regions", |row| log10(&row.regions))
        .float("log10_doubling", "log10 of 2^n", |row| log10(&row.doubling))
}

/// The table `formulas`: for each dimension and number of folds, the most regions of hyperplanes beside 2^n.
pub(super) fn table(params: &ZaslavskyParams) -> Table {
    let last = usize::try_from(params.folds).expect("the schema bounds folds");
    let mut rows = Vec::new();
    for &dimension in &params.dimensions {
        let space = usize::try_from(dimension).expect("the schema bounds dimensions");
        let row = |n: usize| Formulas { n, dimension, regions: zaslavsky(n, space), doubling: doubling(n) };
        rows.extend(steps(last).into_iter().map(row));
    }
    let mut table = columns().table(&rows);
    // The large integers come last in stored results, and an order is no reason to compute those again.
    for _ in ["regions", "doubling"] {
        table.columns.move_index(2, 6);
    }
    table
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn logarithms_beyond_the_range_of_floats() {
        assert!((log10(&BigInt::from(10).pow(2000)) - 2000.0).abs() < 1e-12);
        assert!((log10(&BigInt::from(2)) - std::f64::consts::LOG10_2).abs() < 1e-15);
    }

    #[test]
    fn steps_are_sorted_and_end_where_asked() {
        for last in [1, 7, 10, 64, 1000] {
            let steps = steps(last);
            assert!(steps.is_sorted_by(|a, b| a < b), "{steps:?}");
            assert_eq!(steps.last(), Some(&last));
        }
        assert_eq!(steps(5), [1, 2, 3, 4, 5]);
    }
}
