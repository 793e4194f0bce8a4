//! Wide tables: the values of a column head the columns.

use indexmap::{IndexMap, IndexSet};
use octavo_plugin::Value;

use super::{Column, Look, Title, cell, of_field};
use crate::expr::key;
use crate::locale::Locale;
use crate::manifest::{Pivot, ShownColumn};
use crate::relation::Relation;

/// Most columns that a pivot makes.
const MOST_COLUMNS: usize = 200;

/// The columns of a wide table: those that head the rows, then one for each value of the pivot's column, both in the order in
/// which the rows have them. A cell of which there is no row is missing.
///
/// # Errors
/// If several rows have one cell, or there are too many columns.
pub(super) fn columns(
    relation: &Relation,
    pivot: &Pivot,
    look: &Look,
    locale: &Locale,
) -> Result<Vec<Column>, String> {
    let heads: Vec<Column> =
        pivot.rows.each().iter().filter_map(|name| of_field(relation, &shown(name, look), locale)).collect();
    let across = field(relation, &pivot.columns, look, locale)?;
    let value = field(relation, &pivot.value, look, locale)?;
    // The first row of each combination, and where each value stands among the columns.
    let mut rows: IndexMap<Vec<String>, usize> = IndexMap::new();
    let mut places: IndexMap<String, usize> = IndexMap::new();
    let mut cells: IndexMap<(usize, usize), usize> = IndexMap::new();
    for row in 0..relation.rows {
        let head = heads.iter().map(|column| key(&column.values[row])).collect();
        let below = rows.entry(head);
        let line = below.index();
        below.or_insert(row);
        let place = places.entry(key(&across.values[row]));
        let column = place.index();
        place.or_insert(row);
        if let Some(other) = cells.insert((line, column), row) {
            return Err(twice(relation, pivot, [other, row]));
        }
    }
    if places.len() > MOST_COLUMNS {
        let count = places.len();
        return Err(format!("the pivot has {count} columns, and at most {MOST_COLUMNS} are shown"));
    }
    let firsts: Vec<usize> = rows.values().copied().collect();
    let taken = |column: Column| Column {
        values: firsts.iter().map(|row| column.values[*row].clone()).collect(),
        group: String::new(),
        ..column
    };
    let made = places.values().enumerate().map(|(place, first)| {
        let of = |line: usize| match cells.get(&(line, place)) {
            Some(row) => value.values[*row].clone(),
            None => Value::Missing(String::new()),
        };
        Column {
            title: Title {
                label: cell(&across.values[*first], None, locale).text,
                unit: across.title.unit.clone(),
                numeric: value.title.numeric,
            },
            values: (0..firsts.len()).map(of).collect(),
            format: value.format.clone(),
            group: across.title.label.clone(),
            names: value.names.clone(),
        }
    });
    let made: Vec<Column> = made.collect();
    Ok(heads.into_iter().map(taken).chain(made).collect())
}

fn field(relation: &Relation, name: &str, look: &Look, locale: &Locale) -> Result<Column, String> {
    of_field(relation, &shown(name, look), locale).ok_or_else(|| format!("there is no column `{name}`"))
}

/// How a column looks: as its entry in `columns` says, if there is one.
fn shown(name: &str, look: &Look) -> ShownColumn {
    let own = look.columns.iter().flatten().find(|column| column.field == name);
    own.cloned().unwrap_or_else(|| ShownColumn { field: name.to_owned(), ..ShownColumn::default() })
}

/// Two rows that want one cell.
fn twice(relation: &Relation, pivot: &Pivot, [first, second]: [usize; 2]) -> String {
    let names: IndexSet<&String> = pivot.rows.each().iter().chain([&pivot.columns]).collect();
    let of = |name: &&String| {
        let value = relation.value(name, second).unwrap_or(Value::Missing(String::new()));
        format!("{name} = {value}")
    };
    let agreed: Vec<String> = names.iter().map(of).collect();
    let (first, second) = (first + 1, second + 1);
    format!("rows {first} and {second} of the table have one place in the pivot: {}", agreed.join(", "))
}
