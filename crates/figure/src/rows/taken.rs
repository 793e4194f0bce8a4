//! What stands for many rows that a mark took together.

use std::sync::Arc;

use octavo_plugin::figure::Layer;

use super::Datum;
use crate::cell::Cell;

/// What the rows of a place are drawn as.
#[derive(Clone, Debug, PartialEq)]
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

/// The five numbers of a box, and what lies beyond them.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Five {
    /// The lowest value within reach, lower quartile, median, upper quartile, the highest value within reach.
    pub(crate) numbers: [Cell; 5],
    /// The values out of reach, ascending.
    pub(crate) outliers: Vec<Cell>,
}

impl Five {
    /// The outliers in one text, a blank between each and the next.
    pub(crate) fn listed(&self) -> Cell {
        let text = |cell: &Cell| match cell {
            Cell::Number(value) => value.to_string(),
            Cell::Infinite { negative } => if *negative { "-infinity" } else { "infinity" }.to_owned(),
            Cell::Huge { negative, log10 } => format!("{}10^{log10}", if *negative { "-" } else { "" }),
            Cell::Text(_) | Cell::Missing => String::new(),
        };
        let all: Vec<String> = self.outliers.iter().map(text).collect();
        Cell::Text(all.join(" ").into())
    }
}

impl Datum {
    /// The numbers of its box.
    pub(crate) fn five(&self) -> Option<&Five> {
        match &self.more().summary {
            Some(Summary::Box(five)) => Some(five),
            _ => None,
        }
    }

    /// Its place of a density.
    pub(crate) fn density(&self) -> Option<f64> {
        match self.more().summary {
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
