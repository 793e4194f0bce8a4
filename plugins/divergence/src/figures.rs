//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::figure::{Channel, Figure, Mark};

/// Both images.
pub(crate) fn figures() -> IndexMap<String, Figure> {
    [("first", "The first image", "La première image"), ("second", "The second image", "La seconde image")]
        .into_iter()
        .map(|(name, en, fr)| (name.to_owned(), image(name, en, fr)))
        .collect()
}

/// What is below 0 stands between the images of a set.
fn image(name: &str, en: &str, fr: &str) -> Figure {
    let value = Channel { field: Some("value".into()), blank: Some(-1.0), ..Channel::default() };
    Figure::new(name, Mark::Image, en, fr).color(value).geometry()
}
