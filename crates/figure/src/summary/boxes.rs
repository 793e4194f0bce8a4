//! The five numbers and the outliers of a box.

use std::collections::BTreeMap;
use std::sync::Arc;

use octavo_tables::statistics;

use crate::cell::Cell;
use crate::rows::{Datum, Rows, place};
use crate::rows::{Five, Summary};
use crate::statistics::{scaled_all, used};

/// How far a whisker reaches at most, in distances of the quartiles.
const REACH: f64 = 1.5;

/// One datum for each box. A box is missing where one of its values is, unless these are skipped.
pub(super) fn take(rows: &mut Rows) {
    let axis = if rows.lies() { "x" } else { "y" };
    let Some(bound) = rows.channels.get(axis) else { return };
    let skip = bound.channel.skip_missing;
    let value = |datum: &Datum| if axis == "y" { datum.y.clone() } else { datum.x.clone() };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut together: Vec<(Datum, Vec<Cell>)> = Vec::new();
    for datum in std::mem::take(&mut rows.data) {
        let cell = value(&datum).unwrap_or(Cell::Missing);
        let at = *places.entry(place(&datum, axis)).or_insert(together.len());
        match together.get_mut(at) {
            Some((_, cells)) => cells.push(cell),
            None => together.push((datum, vec![cell])),
        }
    }
    let boxed = |(mut datum, cells): (Datum, Vec<Cell>)| {
        let five = five(&cells, skip);
        let median = five.as_ref().map_or(Cell::Missing, |five| five.numbers[2].clone());
        *(if axis == "y" { &mut datum.y } else { &mut datum.x }) = Some(median);
        datum.count = cells.len();
        datum.used = used(&cells, skip);
        datum.more_mut().summary = five.map(|five| Summary::Box(Arc::new(five)));
        datum
    };
    rows.data = together.into_iter().map(boxed).collect();
    rows.summarised = Some(axis);
}

/// The numbers of a box of these cells; `None` for none, or where one is missing and not skipped.
fn five(cells: &[Cell], skip: bool) -> Option<Five> {
    let all = scaled_all(cells, skip, |values| of_values(values).unwrap_or_default())?;
    let (numbers, outliers) = all.split_first_chunk::<5>()?;
    Some(Five { numbers: numbers.clone(), outliers: outliers.to_vec() })
}

/// The five numbers of these values, and then the outliers.
fn of_values(values: &[f64]) -> Option<Vec<Option<f64>>> {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let quartile = |share: f64| statistics::quantile_of_sorted(&sorted, share);
    let (lower, middle, upper) = (quartile(0.25)?, quartile(0.5)?, quartile(0.75)?);
    let reach = REACH * (upper - lower);
    // Between infinite quartiles nothing is out of reach.
    let within = |value: f64| !(value < lower - reach || value > upper + reach);
    // A whisker ends at a value, and never within the box.
    let low = sorted.iter().copied().find(|value| within(*value)).map(|value| value.min(lower));
    let high = sorted.iter().rev().copied().find(|value| within(*value)).map(|value| value.max(upper));
    let outliers = sorted.iter().copied().filter(|value| !within(*value)).map(Some);
    Some([low, Some(lower), Some(middle), Some(upper), high].into_iter().chain(outliers).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(values: &[f64], numbers: [f64; 5], outliers: &[f64]) {
        let cells: Vec<Cell> = values.iter().map(|value| Cell::from(*value)).collect();
        let found = five(&cells, false).unwrap();
        assert_eq!(found.numbers, numbers.map(Cell::from), "{values:?}");
        assert_eq!(found.outliers, outliers.iter().map(|value| Cell::from(*value)).collect::<Vec<_>>());
    }

    #[test]
    fn boxes_of_known_samples() {
        check(&[3.0, 1.0, 2.0, 5.0, 4.0], [1.0, 2.0, 3.0, 4.0, 5.0], &[]);
        check(&[1.0, 2.0, 3.0, 4.0], [1.0, 1.75, 2.5, 3.25, 4.0], &[]);
        // Quartiles 2 and 4, so that 7 is the last value within reach and 7.5 the first beyond.
        check(&[1.0, 2.0, 3.0, 4.0, 7.0], [1.0, 2.0, 3.0, 4.0, 7.0], &[]);
        check(&[1.0, 2.0, 3.0, 4.0, 7.5], [1.0, 2.0, 3.0, 4.0, 4.0], &[7.5]);
        check(&[1.0, 2.0, 3.0, 4.0, 7.01], [1.0, 2.0, 3.0, 4.0, 4.0], &[7.01]);
        // The lower quartile lies between an outlier and the rest: the whisker does not end within the box.
        check(&[-100.0, 10.0, 11.0, 12.0], [-17.5, -17.5, 10.5, 11.25, 12.0], &[-100.0]);
        check(&[-9.0, 2.0, 3.0, 4.0, 9.0], [2.0, 2.0, 3.0, 4.0, 4.0], &[-9.0, 9.0]);
        // No value between the quartile and its fence: the whisker has no length.
        check(&[0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 9.0], [0.0, 0.0, 1.0, 1.0, 1.0], &[9.0]);
        check(&[5.0], [5.0; 5], &[]);
        check(&[2.0; 7], [2.0; 5], &[]);
        check(&[2.0, 2.0, 2.0, 2.0, 3.0], [2.0; 5], &[3.0]);
    }

    #[test]
    fn infinite_values_are_outliers_and_missing_ones_leave_no_box() {
        let inf = f64::INFINITY;
        check(&[1.0, 2.0, 3.0, 4.0, inf], [1.0, 2.0, 3.0, 4.0, 4.0], &[inf]);
        let mut cells: Vec<Cell> = [1.0, 2.0, 3.0, 4.0].map(Cell::Number).to_vec();
        cells[3] = Cell::Missing;
        assert_eq!(five(&cells, false), None);
        assert_eq!(five(&cells, true).unwrap().numbers[2], Cell::Number(2.0));
        assert_eq!(five(&[], false), None);
        assert_eq!(five(&[Cell::Missing], true), None);
        assert_eq!(
            five(&[Cell::Infinite { negative: false }, Cell::Infinite { negative: false }], false)
                .unwrap()
                .numbers[2],
            Cell::Infinite { negative: false }
        );
    }

    #[test]
    fn integers_beyond_floats_have_boxes() {
        let huge = |log10: f64| Cell::Huge { negative: false, log10 };
        let found = five(&[huge(400.0), huge(400.0), huge(400.0), huge(400.0), huge(500.0)], false).unwrap();
        let Cell::Huge { log10, .. } = found.numbers[3] else { panic!("beyond floats") };
        assert!((log10 - 400.0).abs() < 1e-9 && found.outliers.len() == 1);
    }
}
