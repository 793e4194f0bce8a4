//! Densities of values: a normal kernel around each.

use std::collections::BTreeMap;

use octavo_plugin::figure::{Mark, ScaleKind};
use octavo_plugin::{math, sum};
use octavo_tables::statistics;

use super::{Column, bins};
use crate::cell::Cell;
use crate::checked::CheckedChannel;
use crate::rows::Summary;
use crate::rows::{Bound, Datum, More, Rows, place};

/// Number of places at which a density is taken.
const PLACES: usize = 101;
/// How many bandwidths around a place count.
const REACH: f64 = 6.0;

/// One datum for each place of each density, between the smallest and the largest value. There is none where a value is missing, unless
/// missing ones are skipped, nor where all values are one.
pub(super) fn take(rows: &mut Rows, y: CheckedChannel) {
    let violin = rows.marks == [Mark::Violin];
    let axis = if violin && !rows.lies() { "y" } else { "x" };
    let Some(bound) = rows.channels.get(axis) else { return };
    let (skip, log) = (bound.channel.skip_missing, bound.channel.scale == Some(ScaleKind::Log));
    let unit = if log { String::new() } else { bound.schema.unit.clone() };
    let mut places: BTreeMap<String, usize> = BTreeMap::new();
    let mut together: Vec<(Datum, Vec<Cell>)> = Vec::new();
    for datum in std::mem::take(&mut rows.data) {
        let cell = if axis == "y" { &datum.y } else { &datum.x }.clone().unwrap_or(Cell::Missing);
        let at = *places.entry(place(&datum, axis)).or_insert(together.len());
        match together.get_mut(at) {
            Some((_, cells)) => cells.push(cell),
            None => together.push((datum, vec![cell])),
        }
    }
    let bandwidth = rows.layer.bandwidth;
    for (datum, cells) in together {
        let used = crate::statistics::used(&cells, skip);
        let datum = Datum { count: cells.len(), used, ..datum };
        let at = |value: Cell, summary: Option<Summary>| {
            let density = match &summary {
                Some(Summary::Density { density, .. }) => Cell::from(*density),
                _ => Cell::Missing,
            };
            let value = Some(value);
            let (x, y) = match (violin, axis) {
                (true, "y") => (datum.x.clone(), value),
                (true, _) => (value, datum.y.clone()),
                (false, _) => (value, Some(density)),
            };
            let more = More { summary, ..datum.more().clone() };
            Datum { x, y, ..datum.clone() }.with(more)
        };
        match curve(&cells, skip, log, bandwidth) {
            Curve::Lost => rows.data.push(at(Cell::Missing, None)),
            Curve::Flat(value) => rows.data.push(at(Cell::Number(value), Some(Summary::Flat))),
            Curve::Of { points, beyond } => {
                rows.data.extend(points.into_iter().enumerate().map(|(index, [value, density])| {
                    let beyond = if index == 0 { beyond } else { 0 };
                    at(Cell::Number(value), Some(Summary::Density { density, beyond }))
                }));
            }
        }
    }
    rows.summarised = Some(axis);
    if !violin {
        rows.channels.bound.insert("y", bins::density(y, &unit));
    }
}

/// A density of values.
enum Curve {
    /// A value is missing, or there is none.
    Lost,
    /// All values are this one.
    Flat(f64),
    /// Values and their densities, and the number of values without a place.
    Of { points: Vec<[f64; 2]>, beyond: usize },
}

fn curve(cells: &[Cell], skip: bool, log: bool, bandwidth: Option<f64>) -> Curve {
    let no_number = |cell: &Cell| (!cell.is_number()).then_some(());
    let Ok(kept) = statistics::present(cells, skip, no_number) else { return Curve::Lost };
    let value = |cell: &&Cell| cell.number().filter(|value| value.abs() <= 1e300 && (!log || *value > 0.0));
    let coordinate = |value: f64| if log { math::log10(value) } else { value };
    let number = |at: f64| if log { math::powf(10.0, at) } else { at };
    let mut sorted: Vec<f64> = kept.iter().filter_map(value).map(coordinate).collect();
    sorted.sort_by(f64::total_cmp);
    let [first, .., last] = sorted[..] else {
        return sorted.first().map_or(Curve::Lost, |only| Curve::Flat(number(*only)));
    };
    let Some(width) = bandwidth.or_else(|| silverman(&sorted)).filter(|_| last > first) else {
        return Curve::Flat(number(first));
    };
    let point = |index: usize| {
        let at = first + (last - first) * (index as f64 / (PLACES - 1) as f64);
        [number(at), at_place(&sorted, width, at)]
    };
    Curve::Of { points: (0..PLACES).map(point).collect(), beyond: kept.len() - sorted.len() }
}

/// The bandwidth by the rule of Silverman (1986, 3.31): 0.9 times the smaller of the standard deviation and the distance of the
/// quartiles by 1.34, by the fifth root of the number of values. `None` if all are one.
fn silverman(sorted: &[f64]) -> Option<f64> {
    let deviation = statistics::sd(sorted)?;
    let quartile = |share: f64| statistics::quantile_of_sorted(sorted, share);
    let distance = (quartile(0.75)? - quartile(0.25)?) / 1.34;
    let spread = if distance > 0.0 { deviation.min(distance) } else { deviation };
    let width = 0.9 * spread / math::powf(sorted.len() as f64, 0.2);
    (width > 0.0 && width.is_finite()).then_some(width)
}

/// The mean of the normal densities around all values.
fn at_place(sorted: &[f64], width: f64, at: f64) -> f64 {
    let from = sorted.partition_point(|value| *value < at - REACH * width);
    let to = sorted.partition_point(|value| *value <= at + REACH * width);
    let kernel = |value: &f64| {
        let z = (at - value) / width;
        math::exp(-0.5 * z * z)
    };
    let terms: Vec<f64> = sorted[from..to].iter().map(kernel).collect();
    sum::sum(&terms) / (sorted.len() as f64 * width * std::f64::consts::TAU.sqrt())
}

/// The columns of the data: a value and its density.
pub(super) fn columns(rows: &Rows, bound: &Bound) -> Vec<Column> {
    let value: fn(&Datum) -> Option<Cell> =
        if rows.summarised == Some("y") { |datum| datum.y.clone() } else { |datum| datum.x.clone() };
    let density: Column = ("density".to_owned(), |datum| datum.density().map(Cell::from));
    vec![(bound.name.clone(), value), density]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn numbers(values: &[f64]) -> Vec<Cell> {
        values.iter().map(|value| Cell::from(*value)).collect()
    }

    fn points(values: &[f64], bandwidth: Option<f64>) -> Vec<[f64; 2]> {
        match curve(&numbers(values), false, false, bandwidth) {
            Curve::Of { points, .. } => points,
            _ => panic!("a density"),
        }
    }

    #[test]
    fn a_density_is_the_mean_of_normal_ones() {
        let found = points(&[-1.0, 1.0], Some(0.5));
        let normal = |z: f64| math::exp(-0.5 * z * z) / (0.5 * std::f64::consts::TAU.sqrt());
        let (ends, middle) = ((normal(0.0) + normal(4.0)) / 2.0, normal(2.0));
        for (index, expected) in [(0, ends), (50, middle), (100, ends)] {
            assert!((found[index][1] - expected).abs() < 1e-15, "{index}");
        }
        assert_eq!((found.len(), found[0][0], found[50][0], found[100][0]), (101, -1.0, 0.0, 1.0));
    }

    #[test]
    fn the_bandwidth_is_that_of_the_rule() {
        // Deviation √2.5 = 1.58, quartiles 2 and 4: 0.9 · 2 / 1.34 / ⁵√5.
        let width = silverman(&[1.0, 2.0, 3.0, 4.0, 5.0]).unwrap();
        assert!((width - 0.9 * 2.0 / 1.34 / math::powf(5.0, 0.2)).abs() < 1e-15);
        // One quartile: by the deviation.
        let width = silverman(&[1.0, 1.0, 1.0, 1.0, 6.0]).unwrap();
        assert!((width - 0.9 * 5.0_f64.sqrt() / math::powf(5.0, 0.2)).abs() < 1e-15);
        assert_eq!((silverman(&[2.0, 2.0]), silverman(&[2.0])), (None, None));
    }

    #[test]
    fn few_values_are_flat_and_missing_ones_lose_the_rest() {
        assert!(matches!(curve(&numbers(&[3.0; 4]), false, false, None), Curve::Flat(value) if value == 3.0));
        assert!(matches!(curve(&numbers(&[3.0; 4]), false, false, Some(1.0)), Curve::Flat(_)));
        assert!(matches!(curve(&numbers(&[3.0]), false, false, None), Curve::Flat(_)));
        assert!(matches!(curve(&[], false, false, None), Curve::Lost));
        let mut cells = numbers(&[1.0, 2.0, f64::INFINITY]);
        assert!(matches!(curve(&cells, false, false, None), Curve::Of { beyond: 1, .. }));
        cells.push(Cell::Missing);
        assert!(matches!(curve(&cells, false, false, None), Curve::Lost));
        assert!(matches!(curve(&cells, true, false, None), Curve::Of { beyond: 1, .. }));
        assert!(matches!(
            curve(&numbers(&[-1.0, 1.0, 10.0]), false, true, None),
            Curve::Of { beyond: 1, .. }
        ));
    }
}
