//! Types that one analysis writes and another reads, with one file format each.

mod cells;
mod image;
mod network;
mod paths;
mod png;
mod points;
mod rows;

pub use cells::MOST_COLUMNS;
pub use image::{Image, matrix, weights};
pub use network::{Activation, Init, Layer, Network};
pub use paths::Paths;
pub use png::lightness;
pub use points::{Named, PointSet, named_columns};
pub use rows::Rows;
