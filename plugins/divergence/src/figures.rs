//! Default figures.

use indexmap::IndexMap;
use octavo_plugin::figure::{Channel, Figure, Mark};

/// Both images.
pub(crate) fn figures() -> IndexMap<String, Figure> {
    [("first", "The first image"), ("second", "The second image")]
        .into_iter()
        .map(|(name, title)| (name.to_owned(), image(name, title)))
        .collect()
}

/// What is below 0 stands between the images of a set.
fn image(name: &str, title: &str) -> Figure {
    let value = Channel { field: Some("value".into()), blank: Some(-1.0), ..Channel::default() };
    Figure::new(name, Mark::Image, title).color(value).geometry()
}
