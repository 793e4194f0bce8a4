//! Statistics over the rows that share a place: cells of a figure in terms of [`octavo_tables::statistics`]. Values may be integers
//! beyond the range of floats: all are divided by one power of ten first, which these statistics follow.

use octavo_plugin::figure::Stat;
use octavo_plugin::{math, sum};

use super::cell::Cell;
use octavo_tables::statistics::{self, Band};

/// Number of cells that a statistic is taken of: all of them, or those that are numbers if the others are skipped.
pub(crate) fn used(cells: &[Cell], skip: bool) -> usize {
    cells.iter().filter(|cell| !skip || cell.is_number()).count()
}

/// Mean, median and so on of cells; missing if one of them is no number, unless these are skipped. `count` is the number of rows.
pub(crate) fn stat(stat: Stat, cells: &[Cell], skip: bool) -> Cell {
    if stat == Stat::Count {
        return Cell::Number(used(cells, skip) as f64);
    }
    scaled(cells, skip, |values| match stat {
        Stat::Mean => statistics::mean(values),
        Stat::Median => statistics::median(values),
        Stat::Min => statistics::quantile(values, 0.0),
        Stat::Max => statistics::quantile(values, 1.0),
        Stat::Sum => Some(sum::sum(values)),
        Stat::Count => None,
    })
}

/// The lower and upper end of a band; missing where it has none, as the deviation of a single value.
pub(crate) fn spread(band: Band, cells: &[Cell], skip: bool) -> (Cell, Cell) {
    let end = |pick: fn((f64, f64)) -> f64| scaled(cells, skip, |values| band.of(values).map(pick));
    (end(|ends| ends.0), end(|ends| ends.1))
}

/// Applies a function that scales with its values to cells of any size.
fn scaled(cells: &[Cell], skip: bool, function: impl Fn(&[f64]) -> Option<f64>) -> Cell {
    let one = scaled_all(cells, skip, |values| vec![function(values)]);
    one.and_then(|cells| cells.into_iter().next()).unwrap_or(Cell::Missing)
}

/// The same for a function that gives several values; `None` if a cell is no number, unless these are skipped.
pub(crate) fn scaled_all(
    cells: &[Cell],
    skip: bool,
    function: impl Fn(&[f64]) -> Vec<Option<f64>>,
) -> Option<Vec<Cell>> {
    let huge = cells.iter().filter_map(|cell| match cell {
        Cell::Huge { log10, .. } => Some(*log10),
        _ => None,
    });
    let exponent = huge.fold(0.0_f64, f64::max).floor();
    let reduce = |cell: &Cell| match cell {
        Cell::Number(value) if exponent > 0.0 => Some(value * math::powf(10.0, -exponent)),
        Cell::Number(value) => Some(*value),
        Cell::Huge { negative, log10 } => {
            let size = math::powf(10.0, log10 - exponent);
            Some(if *negative { -size } else { size })
        }
        Cell::Infinite { negative } => Some(if *negative { f64::NEG_INFINITY } else { f64::INFINITY }),
        Cell::Text(_) | Cell::Missing => None,
    };
    let no_number = |cell: &Cell| (!cell.is_number()).then_some(());
    let kept = statistics::present(cells, skip, no_number).ok()?;
    let values: Vec<f64> = kept.into_iter().filter_map(reduce).collect();
    let cell = |result: Option<f64>| match result {
        None => Cell::Missing,
        Some(result) if exponent > 0.0 && result.is_finite() && result != 0.0 => {
            Cell::Huge { negative: result < 0.0, log10: math::log10(result.abs()) + exponent }
        }
        Some(result) => Cell::from(result),
    };
    Some(function(&values).into_iter().map(cell).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Vec<Cell> {
        values.iter().map(|value| Cell::Number(*value)).collect()
    }

    #[test]
    fn closed_forms() {
        let cells = numbers(&[4.0, 1.0, 3.0, 2.0]);
        let cases = [
            (Stat::Mean, 2.5),
            (Stat::Median, 2.5),
            (Stat::Min, 1.0),
            (Stat::Max, 4.0),
            (Stat::Sum, 10.0),
            (Stat::Count, 4.0),
        ];
        for (kind, expected) in cases {
            assert_eq!(stat(kind, &cells, false), Cell::Number(expected), "{kind:?}");
        }
        assert_eq!(spread(Band::MinMax, &cells, false), (Cell::Number(1.0), Cell::Number(4.0)));
        assert_eq!(
            spread(Band::Percentiles(0.25, 0.75), &numbers(&[0.0, 10.0]), false),
            (Cell::Number(2.5), Cell::Number(7.5))
        );
    }

    #[test]
    fn a_missing_cell_makes_the_statistic_missing_but_not_the_count() {
        let mut cells = numbers(&[1.0, 2.0, 3.0]);
        for hole in [Cell::Missing, Cell::Text("none".into())] {
            cells[1] = hole;
            for kind in [Stat::Mean, Stat::Median, Stat::Min, Stat::Max, Stat::Sum] {
                assert_eq!(stat(kind, &cells, false), Cell::Missing, "{kind:?}");
            }
            assert_eq!(stat(Stat::Count, &cells, false), Cell::Number(3.0));
            assert_eq!(spread(Band::MinMax, &cells, false), (Cell::Missing, Cell::Missing));
        }
        assert_eq!(stat(Stat::Mean, &[Cell::Missing], false), Cell::Missing);
        assert_eq!(stat(Stat::Median, &[], false), Cell::Missing);
    }

    #[test]
    fn missing_cells_are_skipped_on_request_alone() {
        let mut cells = numbers(&[1.0, 2.0, 4.0, 6.0]);
        cells[1] = Cell::Missing;
        for (kind, expected) in [
            (Stat::Mean, 11.0 / 3.0),
            (Stat::Median, 4.0),
            (Stat::Min, 1.0),
            (Stat::Max, 6.0),
            (Stat::Sum, 11.0),
            (Stat::Count, 3.0),
        ] {
            assert_eq!(stat(kind, &cells, true), Cell::Number(expected), "{kind:?}");
        }
        assert_eq!((used(&cells, true), used(&cells, false)), (3, 4));
        assert_eq!(spread(Band::MinMax, &cells, true), (Cell::Number(1.0), Cell::Number(6.0)));
        let one = [Cell::Number(3.0), Cell::Missing];
        assert_eq!(spread(Band::Ci95, &one, true), (Cell::Missing, Cell::Missing));
        assert_eq!(stat(Stat::Mean, &[Cell::Missing], true), Cell::Missing);
    }

    #[test]
    fn one_value_has_no_deviation_and_no_interval() {
        let one = numbers(&[7.0]);
        assert_eq!(spread(Band::Sd, &one, false), (Cell::Missing, Cell::Missing));
        assert_eq!(spread(Band::Ci95, &one, false), (Cell::Missing, Cell::Missing));
        assert_eq!(spread(Band::MinMax, &one, false), (Cell::Number(7.0), Cell::Number(7.0)));
    }

    /// With one degree of freedom Student's t is Cauchy's distribution, with two it can be inverted by hand; the values
    /// 0, 1 (and 2) have the mean 1/2 (1) and the standard error 1/2 (1/√3).
    #[test]
    fn intervals_are_exact() {
        let two = math::tan(std::f64::consts::PI * 0.475) / 2.0;
        let three = 2.0 * 0.475 * (2.0 / (4.0 * 0.975 * 0.025_f64)).sqrt() / 3.0_f64.sqrt();
        for (values, mean, half) in [(&[0.0, 1.0][..], 0.5, two), (&[0.0, 1.0, 2.0], 1.0, three)] {
            let (Cell::Number(low), Cell::Number(high)) = spread(Band::Ci95, &numbers(values), false) else {
                panic!("an interval of numbers");
            };
            assert!((high - mean - half).abs() < 1e-12 * half && (mean - half - low).abs() < 1e-12 * half);
        }
    }

    #[test]
    fn huge_integers_keep_their_size() {
        let huge = |log10: f64| Cell::Huge { negative: false, log10 };
        let Cell::Huge { log10, .. } =
            stat(Stat::Median, &[huge(400.0), huge(500.0), Cell::Number(3.0)], false)
        else {
            panic!("a median beyond floats");
        };
        assert!((log10 - 400.0).abs() < 1e-9);
    }
}
