//! Figures that show what an analysis drew itself: its files as they are, with the recipe in them.

use octavo_plugin::{ImageFile, ImageKind, Picture};
use serde::{Deserialize, Serialize};

use super::rows::RowFiles;
use super::{Shared, Sheet, told};
use crate::figure::notes::Notes;
use crate::figure::own::pictures;
use crate::figure::{CheckedFigure, Source, png, svg};
use crate::locale::Locale;
use crate::memo::Made;

/// What is remembered of the picture of a frame beside its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub(super) struct PictureSheet {
    /// What stands for it where it cannot be seen.
    pub(super) alt: String,
    /// Width and height in pixels of CSS.
    pub(super) size: [f64; 2],
    /// The ending of its file.
    pub(super) light: String,
    /// The ending of the file for dark pages, if there is one.
    pub(super) dark: Option<String>,
    /// Whether there is a PDF, too.
    pub(super) pdf: bool,
}

/// The pictures of a figure as files: `light/N`, `dark/N`, `pdf/N` by frame.
///
/// # Errors
/// Why there is none, or more than one, to show.
pub(super) fn make(
    checked: &CheckedFigure,
    source: &dyn Source,
    locale: &Locale,
    shared: &Shared<'_>,
) -> Result<Made<Sheet>, String> {
    let found = pictures(checked, source, locale).map_err(|error| told(&error))?;
    let rows = shared.rows.get_or_init(|| RowFiles::of(&found.data()));
    let recipe = shared.recipe.get().and_then(|recipe| super::text_of(recipe, &rows.digest));
    let mut outputs = Vec::new();
    let mut sheets = Vec::with_capacity(found.frames.len());
    for (index, (_, picture)) in found.frames.iter().enumerate() {
        outputs.push((format!("light/{index}"), with_recipe(picture.image(), recipe.as_deref())));
        outputs.extend(picture.dark().map(|dark| (format!("dark/{index}"), dark.bytes().to_vec())));
        outputs.extend(picture.pdf().map(|pdf| (format!("pdf/{index}"), pdf.to_vec())));
        sheets.push(sheet_of(picture, checked, locale));
    }
    outputs.extend(rows.outputs.iter().filter(|(name, _)| name == "json").cloned());
    let sheet = Sheet {
        labels: found.frames.iter().map(|(label, _)| label.clone()).collect(),
        from: Vec::new(),
        tables: Vec::new(),
        packed: Vec::new(),
        rows: rows.rows,
        clipped: 0,
        initial: found.initial,
        empty: Vec::new(),
        notes: Notes::default(),
        thumbnail: None,
        has_pdf: false,
        pictures: sheets,
        digest: rows.digest,
    };
    Ok((sheet, outputs))
}

fn sheet_of(picture: &Picture, checked: &CheckedFigure, locale: &Locale) -> PictureSheet {
    let more = checked.figure().description.get(&locale.tag);
    let alt = picture.alt().get(&locale.tag).into_iter().chain(more).collect::<Vec<_>>().join(" ");
    let ending = |image: &ImageFile| image.kind().extension().to_owned();
    PictureSheet {
        alt,
        size: picture.image().size(),
        light: ending(picture.image()),
        dark: picture.dark().map(ending),
        pdf: picture.pdf().is_some(),
    }
}

fn with_recipe(image: &ImageFile, recipe: Option<&str>) -> Vec<u8> {
    let Some(recipe) = recipe else { return image.bytes().to_vec() };
    match image.kind() {
        ImageKind::Png => png::with_recipe(image.bytes(), recipe),
        ImageKind::Svg => svg::with_recipe(&String::from_utf8_lossy(image.bytes()), recipe).into_bytes(),
    }
}
