//! What marks take together of many rows, where one number is not enough: the five numbers of a box, the intervals of a histogram,
//! the places of a density.

mod bins;
mod boxes;
mod density;

use std::sync::Arc;

use octavo_plugin::figure::{Layer, Mark};

use super::cell::Cell;
use super::checked::CheckedChannel;
use super::rows::{Datum, Rows};

pub(crate) use boxes::Five;

/// What the rows of a place are drawn as.
#[derive(Clone, Debug)]
pub(crate) enum Summary {
    /// A box with whiskers.
    Box(Arc<Five>),
    /// A place of a density.
    Density {
        /// The density there.
        density: f64,
        /// The number of values of its colour and panel that have no place; told by the first one.
        beyond: usize,
    },
    /// Where all values of a density are, so that it has none.
    Flat,
    /// An interval of a histogram.
    Bin {
        /// The number of values of its colour and panel that are in no interval; told by the first one.
        beyond: usize,
    },
}

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

impl Datum {
    /// The numbers of its box.
    pub(crate) fn five(&self) -> Option<&Five> {
        match &self.summary {
            Some(Summary::Box(five)) => Some(five),
            _ => None,
        }
    }

    /// Its place of a density.
    pub(crate) fn density(&self) -> Option<f64> {
        match self.summary {
            Some(Summary::Density { density, .. }) => Some(density),
            _ => None,
        }
    }

    /// The cells of its box that a layer draws.
    pub(crate) fn of_box(&self, layer: &Layer) -> Vec<&Cell> {
        let Some(five) = self.five() else { return Vec::new() };
        let outliers = five.outliers.iter().filter(|_| layer.outliers != Some(false));
        five.numbers.iter().chain(outliers).collect()
    }
}
