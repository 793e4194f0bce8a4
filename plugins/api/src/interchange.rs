//! Types that one analysis writes and another reads, with one file format each.

mod image;
mod network;
mod numbers;
mod paths;
mod png;
mod points;
mod rows;

pub use image::{Image, matrix, weights};
pub use network::{Activation, Init, Layer, Network};
pub use numbers::{Head, Numbers, numbers};
pub use paths::Paths;
pub use png::lightness;
pub use points::{Named, PointSet, named_columns};
pub use rows::Rows;
