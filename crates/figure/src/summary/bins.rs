//! The intervals of a histogram, and how many rows are in each.

use indexmap::IndexMap;
use octavo_plugin::figure::{BinRule, Bins, Measure, ScaleKind};
use octavo_plugin::{ColumnSchema, ColumnType, Localized, math};
use octavo_tables::statistics::quantile_of_sorted;

use super::Column;
use crate::cell::Cell;
use crate::checked::CheckedChannel;
use crate::rows::Summary;
use crate::rows::{Bound, Datum, More, Rows};
use crate::stack::is_stacked;

/// The most intervals that a rule gives.
const MOST: f64 = 500.0;

/// One datum for each interval of each colour, panel and frame. All of them have the same intervals.
pub(super) fn take(rows: &mut Rows, y: CheckedChannel) {
    let Some(bound) = rows.channels.get("x") else { return };
    let log = bound.channel.scale == Some(ScaleKind::Log);
    let integer = bound.schema.kind == ColumnType::Integer && !log;
    let unit = bound.schema.unit.clone();
    let data = std::mem::take(&mut rows.data);
    let values: Vec<f64> = data.iter().filter_map(|datum| value(datum, log)).collect();
    let edges = edges(&values, rows.layer.bins.as_ref(), log, integer);
    let mut groups: IndexMap<[String; 4], Vec<Datum>> = IndexMap::new();
    for datum in data {
        if datum.x.as_ref().is_none_or(|cell| !cell.is_number()) {
            rows.left_out += 1;
        }
        groups.entry(group(&datum)).or_default().push(datum);
    }
    let measure = rows.layer.measure.unwrap_or_default();
    let counted: Vec<(Datum, Vec<usize>, usize)> =
        groups.into_values().map(|data| count(data, &edges, log)).collect();
    // What is stacked is one distribution, of which colours are parts.
    let total = |datum: &Datum| -> usize {
        let same = |other: &Datum| {
            let alike = other.more().facet == datum.more().facet && other.more().frame == datum.more().frame;
            alike && (is_stacked(&rows.layer) || group(other) == group(datum))
        };
        counted.iter().filter(|(other, ..)| same(other)).flat_map(|(_, counts, _)| counts).sum()
    };
    let bins = counted.iter().flat_map(|(datum, counts, beyond)| {
        let total = total(datum) as f64;
        edges.windows(2).zip(counts).enumerate().map(move |(index, (ends, count))| {
            let height = match measure {
                Measure::Count => *count as f64,
                Measure::Density => *count as f64 / total / (ends[1] - ends[0]),
                Measure::Share => *count as f64 / total,
            };
            let summary = Some(Summary::Bin { beyond: if index == 0 { *beyond } else { 0 } });
            let more = More { x2: Some(Cell::Number(ends[1])), summary, ..datum.more().clone() };
            let (x, y) = (Some(Cell::Number(ends[0])), Some(Cell::from(height)));
            Datum { x, y, count: *count, used: *count, ..datum.clone() }.with(more)
        })
    });
    rows.data = bins.collect();
    rows.summarised = Some("x");
    rows.channels.bound.insert("y", counting(measure, y, &unit));
}

/// The axis that counts.
fn counting(measure: Measure, channel: CheckedChannel, unit: &str) -> Bound {
    let (name, word, kind, unit) = match measure {
        Measure::Count => ("count", "axis-count", ColumnType::Integer, String::new()),
        Measure::Share => ("share", "axis-share", ColumnType::Float, String::new()),
        Measure::Density if unit.is_empty() => ("density", "axis-density", ColumnType::Float, String::new()),
        Measure::Density => ("density", "axis-density", ColumnType::Float, format!("1/{unit}")),
    };
    let schema = ColumnSchema { kind, unit, label: Localized::None };
    let channel = CheckedChannel { field: None, expr: None, value: None, ..channel };
    Bound { channel, cells: Vec::new(), schema, name: name.to_owned(), merged: 0, word: Some(word) }
}

/// The axis of a density.
pub(super) fn density(channel: CheckedChannel, unit: &str) -> Bound {
    counting(Measure::Density, channel, unit)
}

/// The columns of the data: both ends of an interval, the rows in it, and their density or share.
pub(super) fn columns(rows: &Rows, name: &str) -> Vec<Column> {
    let count: Column = ("count".to_owned(), |datum| Some(Cell::Number(datum.count as f64)));
    let mut all: Vec<Column> = vec![
        (format!("{name}_from"), |datum| datum.x.clone()),
        (format!("{name}_to"), |datum| datum.more().x2.clone()),
        count,
    ];
    if let Some(bound) = rows.channels.get("y").filter(|bound| bound.name != "count") {
        all.push((bound.name.clone(), |datum| datum.more().value.clone().or_else(|| datum.y.clone())));
    }
    all
}

/// What is counted apart.
fn group(datum: &Datum) -> [String; 4] {
    let panel = |key: &Option<String>| key.clone().unwrap_or_default();
    let colour = datum.color.as_ref().map_or_else(String::new, Cell::key);
    [panel(&datum.more().facet), panel(&datum.more().frame), colour, datum.group.to_string()]
}

/// A value that an axis has a place for.
fn value(datum: &Datum, log: bool) -> Option<f64> {
    let value = datum.x.as_ref()?.number()?;
    (value.abs() <= 1e300 && (!log || value > 0.0)).then_some(value)
}

/// The first datum of a group, its numbers in each interval, and how many values are in none.
fn count(data: Vec<Datum>, edges: &[f64], log: bool) -> (Datum, Vec<usize>, usize) {
    let mut counts = vec![0; edges.len().saturating_sub(1)];
    let mut beyond = 0;
    for datum in data.iter().filter(|datum| datum.x.as_ref().is_some_and(Cell::is_number)) {
        match value(datum, log).and_then(|value| interval(edges, value)) {
            Some(index) => counts[index] += 1,
            None => beyond += 1,
        }
    }
    let first = data.into_iter().next().unwrap_or_default();
    (first, counts, beyond)
}

/// The interval that a value is in: the one above an edge, but for the last edge.
fn interval(edges: &[f64], value: f64) -> Option<usize> {
    let [first, .., last] = edges else { return None };
    if value < *first || value > *last {
        return None;
    }
    Some(edges.partition_point(|edge| *edge <= value).min(edges.len() - 1) - 1)
}

/// The ends of the intervals, ascending; none for no values.
fn edges(values: &[f64], bins: Option<&Bins>, log: bool, integer: bool) -> Vec<f64> {
    if let Some(Bins::Edges { edges }) = bins {
        let mut edges: Vec<f64> = edges.iter().copied().filter(|edge| edge.is_finite()).collect();
        edges.sort_by(f64::total_cmp);
        edges.dedup();
        return edges;
    }
    let place = |value: f64| if log { math::log10(value) } else { value };
    let mut sorted: Vec<f64> = values.iter().map(|value| place(*value)).collect();
    sorted.sort_by(f64::total_cmp);
    let [low, high] = match sorted[..] {
        [] => return Vec::new(),
        [first, .., last] if first < last => [first, last],
        [only, ..] => {
            let half = 0.5_f64.max(1e-3 * only.abs());
            let count = if let Some(Bins::Count(count)) = bins { *count } else { 1 };
            return even(only - half, only + half, count, log);
        }
    };
    let width = match bins {
        Some(Bins::Count(count)) => return even(low, high, *count, log),
        Some(Bins::Rule { rule: BinRule::Sturges }) => sturges(&sorted, high - low),
        _ => freedman_diaconis(&sorted).unwrap_or_else(|| sturges(&sorted, high - low)),
    };
    if integer {
        return whole(sorted[0], sorted[sorted.len() - 1], width);
    }
    even(low, high, ((high - low) / width).ceil().clamp(1.0, MOST) as usize, log)
}

/// So many intervals of one width; on a logarithmic axis of one ratio.
fn even(low: f64, high: f64, count: usize, log: bool) -> Vec<f64> {
    let count = count.clamp(1, 1000);
    let at = |index: usize| match index {
        0 => low,
        _ if index == count => high,
        _ => low + (high - low) * (index as f64 / count as f64),
    };
    let number = |at: f64| if log { math::powf(10.0, at) } else { at };
    let mut edges: Vec<f64> = (0..=count).map(|index| number(at(index))).collect();
    edges.dedup();
    edges
}

/// Intervals of a whole width whose ends lie between whole numbers.
fn whole(low: f64, high: f64, width: f64) -> Vec<f64> {
    let width = width.floor().max(1.0).max(((high - low) / MOST).ceil());
    let count = ((high - low + 1.0) / width).ceil().max(1.0) as usize;
    (0..=count).map(|index| low - 0.5 + width * index as f64).collect()
}

/// The width by the rule of Freedman and Diaconis (1981); `None` if the quartiles are one.
fn freedman_diaconis(sorted: &[f64]) -> Option<f64> {
    let distance = quantile_of_sorted(sorted, 0.75)? - quantile_of_sorted(sorted, 0.25)?;
    let width = 2.0 * distance / math::cbrt(sorted.len() as f64);
    (width > 0.0 && width.is_finite()).then_some(width)
}

/// The width by the rule of Sturges (1926): so many intervals as the binary logarithm of the number of values, and one more.
fn sturges(sorted: &[f64], range: f64) -> f64 {
    let count = f64::from(usize::BITS - (sorted.len().max(1) - 1).leading_zeros()) + 1.0;
    range / count
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(values: &[f64], bins: Option<&Bins>) -> Vec<f64> {
        edges(values, bins, false, false)
    }

    fn rule(rule: BinRule) -> Bins {
        Bins::Rule { rule }
    }

    #[test]
    fn intervals_of_known_values() {
        let ten: Vec<f64> = (0..=10).map(f64::from).collect();
        assert_eq!(of(&ten, Some(&Bins::Count(4))), [0.0, 2.5, 5.0, 7.5, 10.0]);
        let own = Bins::Edges { edges: vec![0.0, 1.0, 5.0, 20.0] };
        assert_eq!(of(&ten, Some(&own)), [0.0, 1.0, 5.0, 20.0]);
        // 11 values: ⌈log2 11⌉ + 1 = 5.
        assert_eq!(of(&ten, Some(&rule(BinRule::Sturges))), [0.0, 2.0, 4.0, 6.0, 8.0, 10.0]);
        assert_eq!(of(&[0.0, 1.0, 2.0, 8.0], Some(&rule(BinRule::Sturges))).len(), 4);
        // Quartiles 2.5 and 7.5: a width of 10 / ∛11 = 4.5, so three intervals.
        assert_eq!(of(&ten, Some(&rule(BinRule::FreedmanDiaconis))).len(), 4);
        // 1,000 values from 0 to 999: a width of 999 / 10, so eleven intervals for a range of 999.
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        assert_eq!(of(&many, None).len(), 11);
        // One quartile: by the other rule.
        assert_eq!(of(&[1.0, 1.0, 1.0, 1.0, 5.0], None), [1.0, 2.0, 3.0, 4.0, 5.0]);
    }

    #[test]
    fn intervals_of_few_values() {
        assert_eq!(of(&[], None), [0.0; 0]);
        assert_eq!(of(&[3.0], None), [2.5, 3.5]);
        assert_eq!(of(&[3.0; 9], Some(&Bins::Count(2))), [2.5, 3.0, 3.5]);
        assert_eq!(of(&[1e15; 2], None), [1e15 - 1e12, 1e15 + 1e12]);
        let far = of(&[0.0, 1.0, 2.0, 3.0, 1e12], None);
        assert_eq!((far.len(), far[0], far[500]), (501, 0.0, 1e12));
    }

    #[test]
    fn whole_numbers_have_intervals_of_whole_width() {
        let dice: Vec<f64> = (1..=6).cycle().take(60).map(f64::from).collect();
        assert_eq!(edges(&dice, None, false, true), [0.5, 1.5, 2.5, 3.5, 4.5, 5.5, 6.5]);
        let many: Vec<f64> = (0..1000).map(f64::from).collect();
        let found = edges(&many, None, false, true);
        assert!(
            found[0] == -0.5
                && found.windows(2).all(|pair| pair[1] - pair[0] == 99.0)
                && found[found.len() - 1] >= 999.0
        );
    }

    #[test]
    fn logarithmic_intervals_have_one_ratio() {
        let found = edges(&[1.0, 10.0, 1000.0], Some(&Bins::Count(3)), true, false);
        let ratios: Vec<f64> = found.windows(2).map(|pair| pair[1] / pair[0]).collect();
        assert!(ratios.iter().all(|ratio| (ratio - 10.0).abs() < 1e-9), "{found:?}");
        assert_eq!((found[0], found[3]), (1.0, 1000.0));
    }

    #[test]
    fn a_value_on_an_edge_is_above_it_but_for_the_last() {
        let edges = [0.0, 1.0, 2.0, 4.0];
        for (value, expected) in [
            (0.0, Some(0)),
            (0.999, Some(0)),
            (1.0, Some(1)),
            (2.0, Some(2)),
            (4.0, Some(2)),
            (4.001, None),
            (-0.001, None),
        ] {
            assert_eq!(interval(&edges, value), expected, "{value}");
        }
        assert_eq!(interval(&[], 1.0), None);
        assert_eq!(interval(&[1.0], 1.0), None);
    }
}
