//! What is to be known of a figure beyond its drawing: what was left out, what cannot be told apart, what is not there.

use std::collections::{BTreeMap, BTreeSet};

use octavo_plugin::figure::ScaleKind;
use octavo_plugin::{Column, ColumnData, Value};
use serde::{Deserialize, Serialize};

use octavo_definition::locale::Locale;

use super::cell::Cell;
use super::rows::Summary;
use super::rows::{Bound, Datum, Rows};
use super::{Fallback, Frame, text};

/// What was counted while a frame was drawn.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tally {
    /// Rows outside the axes.
    pub(crate) clipped: usize,
    /// Whether a layer has marks, by its place.
    pub(crate) has_marks: Vec<bool>,
    /// Bars of a layer that stand where another one does, by its place.
    pub(crate) overlaid: Vec<usize>,
    /// Most texts that name categories of an axis and have no place there.
    pub(crate) unnamed: usize,
    /// Notes that cover marks or other notes.
    pub(crate) crowded: usize,
    /// The names of lines that lie on each other.
    pub(crate) coincident: Vec<[String; 2]>,
}

/// The largest integer up to which a float tells all integers apart.
const EXACT: i64 = 1 << 53;
/// Most letters that a note lists.
const LETTERS: usize = 20;

/// What is to be known of a figure beyond its drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Notes {
    /// Of statistics that skip missing values: fewest and most values used, and fewest and most rows.
    pub used: Option<[usize; 4]>,
    /// Number of places whose statistic is missing since one of its values is.
    pub lost: usize,
    /// Number of places whose spread is missing since they have one value.
    pub alone: usize,
    /// Number of places without a density, since all their values are one.
    #[serde(default)]
    pub flat: usize,
    /// Number of rows whose place is missing, so that they have no mark.
    pub missing: usize,
    /// Columns of integers beyond 2^53 of which several stand at one place, and how many do.
    pub merged: Vec<(String, usize)>,
    /// Number of texts that name categories of an axis and have no place there.
    pub unnamed: usize,
    /// Number of notes that cover marks or other notes.
    #[serde(default)]
    pub crowded: usize,
    /// The names of lines that lie on each other, two by two.
    #[serde(default)]
    pub coincident: Vec<[String; 2]>,
    /// Letters that no font has, so that the PNG lacks them.
    pub letters: String,
    /// Layers with rows and without a mark, by their place among all layers.
    pub idle: Vec<usize>,
    /// Layers of bars of which several stand at one place, by their place among all layers.
    pub overlaid: Vec<usize>,
}

impl Notes {
    pub(super) fn new(layers: &[Rows], frames: &[Frame], tallies: &[Tally]) -> Self {
        let statistic = |rows: &&Rows| rows.statistic().is_some();
        let skips = |rows: &&Rows| statistic_skips(rows);
        let data = || layers.iter().filter(statistic);
        let counts: Vec<&Datum> = data().filter(skips).flat_map(|rows| &rows.data).collect();
        let range = |of: fn(&Datum) -> usize| {
            let all = || counts.iter().map(|datum| of(datum));
            Some([all().min()?, all().max()?])
        };
        let used = range(|datum| datum.used).zip(range(|datum| datum.count));
        let lost = |rows: &Rows| rows.data.iter().filter(|datum| is_lost(rows, datum)).count();
        let idle = |index: &usize| {
            let rows = &layers[*index];
            rows.layer.from.is_some()
                && rows.relation.rows > 0
                && !tallies.iter().any(|tally| tally.has_marks[*index])
        };
        Self {
            used: used.map(|([a, b], [c, d])| [a, b, c, d]),
            lost: data().filter(|rows| !statistic_skips(rows)).map(lost).sum(),
            alone: data().map(alone).sum(),
            flat: layers
                .iter()
                .flat_map(|rows| &rows.data)
                .filter(|datum| matches!(datum.more().summary, Some(Summary::Flat)))
                .count(),
            missing: missing(layers),
            merged: merged(layers),
            unnamed: tallies.iter().map(|tally| tally.unnamed).max().unwrap_or(0),
            crowded: tallies.iter().map(|tally| tally.crowded).max().unwrap_or(0),
            coincident: tallies
                .iter()
                .flat_map(|tally| tally.coincident.clone())
                .collect::<BTreeSet<_>>()
                .into_iter()
                .collect(),
            letters: letters(frames, None),
            idle: (0..layers.len()).filter(idle).collect(),
            overlaid: (0..layers.len())
                .filter(|index| tallies.iter().any(|tally| tally.overlaid[*index] > 0))
                .collect(),
        }
    }

    /// What stands under the figure, in a language.
    pub fn lines(&self, locale: &Locale) -> Vec<String> {
        let mut lines = Vec::new();
        let range = |low: usize, high: usize| {
            if low == high { low.to_string() } else { format!("{low}–{high}") }
        };
        if let Some([fewest, most, least, rows]) = self.used {
            let gaps = [("used", range(fewest, most)), ("rows", range(least, rows))];
            lines.push(locale.fill("note-used", &gaps.each_ref().map(|(gap, text)| (*gap, text.as_str()))));
        }
        if self.lost > 0 {
            lines.push(locale.fill("note-lost", &[("count", &self.lost.to_string())]));
        }
        for (key, count) in
            [("note-alone", self.alone), ("note-flat", self.flat), ("note-missing", self.missing)]
        {
            lines.extend((count > 0).then(|| locale.fill(key, &[("count", &count.to_string())])));
        }
        for (column, count) in &self.merged {
            lines.push(locale.fill("note-merged", &[("count", &count.to_string()), ("column", column)]));
        }
        if self.unnamed > 0 {
            lines.push(locale.fill("note-unnamed", &[("count", &self.unnamed.to_string())]));
        }
        for [one, other] in &self.coincident {
            lines.push(locale.fill("note-coincident", &[("one", one), ("other", other)]));
        }
        if self.crowded > 0 {
            lines.push(locale.fill("note-crowded", &[("count", &self.crowded.to_string())]));
        }
        if !self.letters.is_empty() {
            lines.push(locale.fill("note-letters", &[("letters", &self.letters)]));
        }
        lines
    }
}

fn statistic_skips(rows: &Rows) -> bool {
    let bound = rows.statistic().and_then(|name| rows.channels.get(name));
    bound.is_some_and(|bound| bound.channel.skip_missing)
}

fn is_lost(rows: &Rows, datum: &Datum) -> bool {
    let cell = if rows.statistic() == Some("y") { &datum.y } else { &datum.x };
    *cell == Some(Cell::Missing) && datum.count > 0
}

/// The places of a layer that have a value and, though one is drawn, no spread.
fn alone(rows: &Rows) -> usize {
    let asked = rows.shows_spread()
        && rows
            .statistic()
            .and_then(|name| rows.channels.get(name))
            .is_some_and(|b| b.channel.band.is_some());
    let none = (Cell::Missing, Cell::Missing);
    let alone = |datum: &&Datum| {
        datum.more().spread.as_ref() == Some(&none) && datum.used == 1 && !is_lost(rows, datum)
    };
    if asked { rows.data.iter().filter(alone).count() } else { 0 }
}

/// The rows without a place; of layers that place the same rows alike once.
fn missing(layers: &[Rows]) -> usize {
    let mut told: BTreeSet<[String; 4]> = BTreeSet::new();
    let mut count = layers.iter().map(|rows| rows.left_out).sum();
    for rows in layers.iter().filter(|rows| rows.statistic().is_none()) {
        let name = |axis: &str| rows.channels.get(axis).map_or_else(String::new, |bound| bound.name.clone());
        let selection = serde_json::to_string(&rows.layer.selection).unwrap_or_default();
        let from = rows.layer.from.clone().unwrap_or_default();
        if told.insert([from, selection, name("x"), name("y")]) {
            let lacks = |cell: &Option<Cell>| *cell == Some(Cell::Missing);
            count += rows.data.iter().filter(|datum| lacks(&datum.x) || lacks(&datum.y)).count();
        }
    }
    count
}

/// The columns that place, colour or divide rows by integers of which floats make one.
fn merged(layers: &[Rows]) -> Vec<(String, usize)> {
    let mut all: BTreeMap<String, usize> = BTreeMap::new();
    for rows in layers {
        let channels = rows.channels.bound.iter().filter(|(name, _)| !matches!(**name, "size" | "text"));
        let bounds = channels.map(|(_, bound)| bound).chain(rows.panels.iter().flatten());
        // On a logarithmic axis nobody looks for a difference of one part in 10¹⁵.
        let told = |bound: &&Bound| !bound.is_aggregated() && bound.channel.scale != Some(ScaleKind::Log);
        for bound in bounds.filter(told).filter(|bound| bound.merged > 0) {
            let count = all.entry(bound.name.clone()).or_default();
            *count = bound.merged.max(*count);
        }
    }
    all.into_iter().collect()
}

/// Number of different integers of a column that share the cell of another one.
pub(super) fn shared_cells(column: &Column) -> usize {
    let mut cells: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let large = |row: &usize| match &column.data {
        ColumnData::Integer(integers) => integers[*row].unsigned_abs() > EXACT.unsigned_abs(),
        ColumnData::Big(_) => true,
        _ => false,
    };
    for row in (0..column.len()).filter(large) {
        let value = column.value(row);
        if matches!(value, Value::Integer(_)) {
            cells.entry(Cell::from(&value).key()).or_default().insert(value.to_string());
        }
    }
    cells.values().map(BTreeSet::len).filter(|count| *count > 1).sum()
}

/// The letters of all texts that neither the bundled fonts nor the other one have, in order of appearance.
pub fn letters(frames: &[Frame], fallback: Option<&Fallback>) -> String {
    let mut lacking: Vec<char> = Vec::new();
    for frame in frames {
        for text in frame.scene.texts() {
            for character in text.spans.iter().flat_map(|span| span.text.chars()) {
                if !text::has(character, text.weight, fallback)
                    && !lacking.contains(&character)
                    && lacking.len() < LETTERS
                {
                    lacking.push(character);
                }
            }
        }
    }
    lacking.into_iter().collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use num_bigint::BigInt;
    use octavo_plugin::ColumnType;

    #[test]
    fn integers_that_floats_cannot_tell_apart_are_counted() {
        let count = |cells: &[i64]| {
            let values: Vec<Value> = cells.iter().map(|cell| Value::from(*cell)).collect();
            shared_cells(&Column::from_values(ColumnType::Integer, &values).unwrap())
        };
        assert_eq!(count(&[EXACT, EXACT + 1]), 0);
        assert_eq!(count(&[EXACT + 1, EXACT + 2, EXACT + 3, EXACT + 4]), 2);
        assert_eq!(count(&[EXACT + 3, EXACT + 4, EXACT + 5, 7]), 3);
        assert_eq!(count(&[-EXACT - 3, -EXACT - 4, EXACT + 4]), 2);
        assert_eq!(count(&[EXACT + 3, EXACT + 3]), 0);
        assert_eq!(count(&[1, 2, 3]), 0);
        let big = BigInt::from(10).pow(30);
        let values = [Value::from(big.clone()), Value::from(big + 1), Value::from(5)];
        assert_eq!(shared_cells(&Column::from_values(ColumnType::Integer, &values).unwrap()), 2);
    }
}
