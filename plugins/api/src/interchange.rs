//! Types that one analysis writes and another reads, with one file format each.

mod image;
mod network;
mod paths;
mod points;

pub use image::{Image, lightness, matrix, weights};
pub use network::{Activation, Init, Layer, Network};
pub use paths::Paths;
pub use points::{PointSet, csv_rows};
