//! Types that one analysis writes and another reads, with one file format each.

mod image;
mod network;
mod points;

pub use image::{Image, matrix, weights};
pub use network::{Activation, Init, Layer, Network};
pub use points::PointSet;
