//! What marks take together of many rows, where one number is not enough: the five numbers of a box, the intervals of a histogram,
//! the places of a density.

mod bins;
mod boxes;
mod density;

use octavo_plugin::figure::Mark;

use super::cell::Cell;
use super::checked::CheckedChannel;
use super::rows::{Datum, Rows};

/// Whether a mark takes the rows of a place together by itself.
pub(crate) fn takes_together(mark: Mark) -> bool {
    matches!(mark, Mark::Box | Mark::Histogram | Mark::Violin | Mark::Density)
}

/// Takes together what the marks of a layer show as one. `y` is what the author says of an axis that counts.
pub(crate) fn take(rows: &mut Rows, y: Option<&CheckedChannel>) {
    match rows.marks[..] {
        [Mark::Box] => boxes::take(rows),
        [Mark::Histogram] => bins::take(rows, y.cloned().unwrap_or_default()),
        [Mark::Violin | Mark::Density] => density::take(rows, y.cloned().unwrap_or_default()),
        _ => {}
    }
}

/// A column of the data: its name, and its cell of a datum.
pub(crate) type Column = (String, fn(&Datum) -> Option<Cell>);

/// The columns that stand for what a layer took together.
pub(crate) fn columns(rows: &Rows) -> Vec<Column> {
    let Some(bound) = rows.summarised.and_then(|name| rows.channels.get(name)) else { return Vec::new() };
    let named = |suffix: &str| format!("{}_{suffix}", bound.name);
    match rows.marks[..] {
        [Mark::Histogram] => return bins::columns(rows, &bound.name),
        [Mark::Violin | Mark::Density] => return density::columns(rows, bound),
        _ => {}
    }
    vec![
        (named("low"), |datum| number(datum, 0)),
        (named("q1"), |datum| number(datum, 1)),
        (named("median"), |datum| number(datum, 2)),
        (named("q3"), |datum| number(datum, 3)),
        (named("high"), |datum| number(datum, 4)),
        (named("outliers"), |datum| datum.five().map(|five| five.listed())),
    ]
}

fn number(datum: &Datum, index: usize) -> Option<Cell> {
    datum.five().map(|five| five.numbers[index].clone())
}
