//! The tables of a run: their rows, and their columns.

use octavo_plugin::Rows;

use crate::estimate::{Count, Slope};

/// What is found at a size of boxes.
pub(crate) struct AtSize<T> {
    /// Length of a unit of size.
    pub(crate) unit: f64,
    pub(crate) found: T,
    pub(crate) in_window: bool,
}

/// The table `counts`.
pub(crate) fn counts() -> Rows<AtSize<Count>> {
    Rows::<AtSize<Count>>::new("a size of boxes, in ratio 2^(1/4); whole numbers of pixels")
        .float("size", "Size of boxes, in units", |row| row.found.size)
        .float("length", "Size of boxes", |row| row.found.size * row.unit)
        .integer("anchored", "Boxes met, grid through the corner", |row| row.found.anchored)
        .float("mean_over_offsets", "Boxes met, mean over offsets", |row| row.found.mean)
        .bool("in_window", "In the window", |row| row.in_window)
}

/// The table `slopes`.
pub(crate) fn slopes() -> Rows<AtSize<Slope>> {
    Rows::<AtSize<Slope>>::new(
        "the slope between a size and the first that is at least twice as large, at their geometric mean",
    )
    .float("size", "Size of boxes, in units", |row| row.found.size)
    .float("length", "Size of boxes", |row| row.found.size * row.unit)
    .float("slope", "Local slope", |row| row.found.slope)
    .bool("in_window", "In the window", |row| row.in_window)
}

/// A box that is drawn.
pub(crate) struct Drawn {
    /// The how manieth of the sizes asked for, from 1.
    pub(crate) step: usize,
    pub(crate) size: f64,
}

/// The attributes of the drawing `boxes`.
pub(crate) fn boxes() -> Rows<Drawn> {
    Rows::<Drawn>::new(
        "a box that the set meets, of the grid through its corner, for each of the sizes asked for",
    )
    .integer("step", "Size", |drawn| drawn.step)
    .float("size", "Size of boxes, in units", |drawn| drawn.size)
}
