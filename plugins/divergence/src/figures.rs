//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::figure::{Figure, Mark};

/// Both images.
pub(crate) fn figures() -> IndexMap<String, Figure> {
    [("first", "The first image", "La première image"), ("second", "The second image", "La seconde image")]
        .into_iter()
        .map(|(name, en, fr)| (name.to_owned(), Figure::new(name, Mark::Image, en, fr).geometry()))
        .collect()
}
