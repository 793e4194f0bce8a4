//! The files of a drawing for download.

use super::Shared;
use crate::figure::{self, CheckedFigure, png, svg};
use crate::render::Material;

/// Pixels of the PNG per pixel of the figure.
const PNG_SCALE: f64 = 2.0;

/// The files of a frame: `svg/N`, `png/N` and, if its definition has files for a paper, `pdf/N`.
pub(super) fn files(
    material: &Material<'_>,
    checked: &CheckedFigure,
    frame: &figure::Frame,
    recipe: Option<&str>,
    shared: &Shared<'_>,
    index: usize,
) -> Vec<(String, Vec<u8>)> {
    let scene = frame.for_files();
    let paper = checked.figure().file.as_ref();
    // A file of a given width says how many pixels an inch has: without that it would be printed at another width.
    let asked = paper.map(|file| file.dpi.map_or(PNG_SCALE, |dpi| f64::from(dpi) / 96.0));
    let scale = png::within_largest(scene, asked.unwrap_or(PNG_SCALE));
    let dpi = asked.map(|_| (scale * 96.0).round() as u32);
    let png = png::encode_with_recipe(scene, scale, material.font, recipe);
    let png = dpi.map_or_else(|| png.clone(), |dpi| png::with_density(&png, dpi));
    let svg = svg::file_with_recipe(scene, recipe, &shared.pictures).into_bytes();
    let pdf = paper.map(|_| (format!("pdf/{index}"), figure::pdf::file(scene, material.font)));
    [(format!("svg/{index}"), svg), (format!("png/{index}"), png)].into_iter().chain(pdf).collect()
}
