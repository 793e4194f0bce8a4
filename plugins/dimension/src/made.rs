//! What an analysis makes of its parameters before boxes are counted.

use octavo_plugin::Raster;

use crate::count::Set;

/// A set, a picture of where it comes from, if that says more than the set alone, and what else is measured on the way.
pub(crate) struct Made {
    pub(crate) set: Set,
    pub(crate) picture: Option<Raster>,
    pub(crate) scalars: Vec<(&'static str, f64)>,
}

impl From<Set> for Made {
    fn from(set: Set) -> Self {
        Self { set, picture: None, scalars: Vec::new() }
    }
}
