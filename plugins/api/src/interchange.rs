//! Types that one analysis writes and another reads, with one file format each.

mod network;
mod points;

pub use network::{Activation, Init, Layer, Network};
pub use points::PointSet;
