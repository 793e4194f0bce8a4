//! Figures that show a picture of the analysis's own: nothing else can stand in them, since nobody knows where its axes are.

use octavo_plugin::figure::{Aspect, Figure, Layer, Mark};
use octavo_tables::results::Problem;

use super::marks::marks_of;
use super::{channels, problem};

/// What a figure has beside its picture.
pub(super) fn unfit(figure: &Figure, layers: &[&Layer]) -> Vec<Problem> {
    if !layers.iter().any(|layer| marks_of(layer).contains(&Mark::Picture)) {
        return Vec::new();
    }
    let alone = layers.len() == 1 && marks_of(layers[0]).len() == 1 && figure.layers.is_empty();
    if !alone {
        let help = "make a figure of its own for it, without other marks and `layers`".to_owned();
        let message = "a picture stands alone: nobody knows where its axes are";
        return vec![problem("unfit-picture", message, &["mark"], Some(help))];
    }
    let mut problems = Vec::new();
    if figure.facet.is_some() {
        let help = "step through them with `frame`, or let the analysis draw them in one".to_owned();
        problems.push(problem("unfit-picture", "pictures have no panels", &["facet"], Some(help)));
    }
    let layer = &figure.base;
    let keys = [
        ("aspect", figure.aspect != Aspect::Fill),
        ("height", figure.height.is_some()),
        ("axes", figure.axes.is_some()),
        ("file", figure.file.is_some()),
        ("group", !layer.group.is_empty()),
        ("tone", layer.tone.is_some()),
        ("opacity", layer.opacity.is_some()),
        ("stack", layer.stack.is_some()),
        ("label", !layer.label.is_none()),
    ];
    let keys = keys.into_iter().filter(|(_, given)| *given).map(|(key, _)| key);
    for key in channels(layer).into_iter().map(|(name, _)| name).chain(keys) {
        let message = format!("`{key}` changes nothing: a picture is shown as it is");
        problems.push(problem("unused-key", &message, &[key], Some("remove it".to_owned())));
    }
    problems
}
