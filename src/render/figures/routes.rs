//! Where the files of a figure stand in the site.

use octavo_plugin::Digest;

use super::super::packed::Packed;
use super::super::{Files, Material};
use super::own::PictureSheet;
use super::{CsvFile, Drawn, Frame, Look, Placed, Sheet, ShownPicture, THUMBNAIL, Thumbnail, base};
use crate::ids::{FigureIn, Route};
use crate::locale;
use crate::memo::Answer;
use crate::publish::Content;

/// Gives the outputs their routes.
pub(super) fn placed(
    material: &Material<'_>,
    answer: &Answer<Sheet>,
    FigureIn { of, language }: &FigureIn,
    wide: bool,
    key: Digest,
) -> Result<(Drawn, Files), String> {
    let first = locale::is_first(&material.site.languages, language);
    let tag = if first { String::new() } else { format!(".{language}") };
    let mut routes = Routes { answer, base: base(of), tag, files: Files::new() };
    let frames = routes.frames()?;
    let csv = routes.csv()?;
    let json = routes.file(&format!("{}.json", routes.base), "json")?;
    let thumbnail = routes.thumbnail(&frames)?;
    let Sheet { rows, clipped, initial, empty, notes, digest, .. } = answer.data.clone();
    let stale = None;
    let drawn = Drawn {
        frames,
        initial,
        csv,
        json,
        rows,
        clipped,
        empty,
        notes,
        wide,
        thumbnail,
        digest,
        key,
        stale,
    };
    Ok((drawn, routes.files))
}

/// Files for download by their endings.
type Downloads = Vec<(&'static str, Route)>;

/// The files of a figure in a language while they are given their routes.
struct Routes<'a> {
    answer: &'a Answer<Sheet>,
    /// What all routes begin with.
    base: String,
    /// What stands before the ending of files that have words: nothing in the first language.
    tag: String,
    files: Files,
}

impl Routes<'_> {
    fn content(&self, output: &str) -> Result<Content, String> {
        let content = self.answer.files.get(output).cloned();
        content.ok_or_else(|| format!("the remembered figure lacks `{output}`"))
    }

    fn file(&mut self, route: &str, output: &str) -> Result<Route, String> {
        let route = Route::new(route);
        self.files.insert(route.clone(), self.content(output)?);
        Ok(route)
    }

    /// A picture without words, called after what it has: languages that draw the same share the file.
    fn picture(&mut self, what: &str, output: &str) -> Result<Route, String> {
        let route = format!("{}.{what}-{}.png", self.base, self.content(output)?.digest().short());
        self.file(&route, output)
    }

    fn frames(&mut self) -> Result<Vec<Frame>, String> {
        let labels = &self.answer.data.labels;
        let mut frames = Vec::with_capacity(labels.len());
        for (index, label) in labels.iter().enumerate() {
            let number = if labels.len() == 1 { String::new() } else { format!("-{}", index + 1) };
            let stem = format!("{}{number}{}", self.base, self.tag);
            let (look, files) = match self.answer.data.pictures.get(index) {
                Some(picture) => self.own_picture(picture, &stem, index)?,
                None => self.drawing(&stem, index)?,
            };
            frames.push(Frame { label: label.clone(), look, files });
        }
        Ok(frames)
    }

    /// What stands on a page for the drawing of a frame, and its files.
    fn drawing(&mut self, stem: &str, index: usize) -> Result<(Look, Downloads), String> {
        let mut files = Vec::new();
        let pdf = self.answer.data.has_pdf.then_some("pdf");
        for ending in ["svg", "png"].into_iter().chain(pdf) {
            files.push((ending, self.file(&format!("{stem}.{ending}"), &format!("{ending}/{index}"))?));
        }
        Ok((Look::Drawing { inline: self.copy("inline", index)?, phone: self.copy("phone", index)? }, files))
    }

    /// The same for a picture that the analysis drew.
    fn own_picture(
        &mut self,
        sheet: &PictureSheet,
        stem: &str,
        index: usize,
    ) -> Result<(Look, Downloads), String> {
        let ending = if sheet.light == "png" { "png" } else { "svg" };
        let light = self.file(&format!("{stem}.{ending}"), &format!("light/{index}"))?;
        let mut files = vec![(ending, light.clone())];
        if sheet.pdf {
            files.push(("pdf", self.file(&format!("{stem}.pdf"), &format!("pdf/{index}"))?));
        }
        let dark = sheet
            .dark
            .as_ref()
            .map(|ending| self.file(&format!("{stem}.dark.{ending}"), &format!("dark/{index}")));
        let dark = dark.transpose()?;
        let shown = ShownPicture { alt: sheet.alt.clone(), light, dark, size: sheet.size };
        Ok((Look::Picture(shown), files))
    }

    fn copy(&mut self, copy: &str, frame: usize) -> Result<Placed, String> {
        let outputs = (0..).map(|n| format!("{copy}-image/{frame}/{n}"));
        let kept = outputs.take_while(|output| self.answer.files.contains_key(output));
        let images = kept.map(|output| self.picture(copy, &output)).collect::<Result<_, _>>()?;
        Ok(Placed { drawing: self.content(&format!("{copy}/{frame}"))?, images })
    }

    /// Data are neutral: one set of files for all languages.
    fn csv(&mut self) -> Result<Vec<CsvFile>, String> {
        let Sheet { from, tables, packed, .. } = &self.answer.data;
        let mut files = Vec::with_capacity(from.len());
        for (index, ((name, table), packed)) in from.iter().zip(tables).zip(packed).enumerate() {
            let number = if index == 0 { String::new() } else { format!("-{}", index + 1) };
            let route = Packed::route(&format!("{}{number}", self.base), packed.is_some());
            let route = self.file(&route, &format!("csv/{index}"))?;
            files.push(CsvFile { route, name: name.clone(), table: *table, packed: *packed });
        }
        Ok(files)
    }

    /// A picture that the analysis drew stands on cards as it is.
    fn small_picture(&self, frames: &[Frame]) -> Option<Thumbnail> {
        let Look::Picture(shown) = &frames.get(self.answer.data.initial)?.look else { return None };
        let scale = (f64::from(THUMBNAIL[0]) / shown.size[0]).min(f64::from(THUMBNAIL[1]) / shown.size[1]);
        let size = shown.size.map(|side| ((side * scale).round() as u32).max(1));
        Some(Thumbnail { route: shown.light.clone(), size })
    }

    fn thumbnail(&mut self, frames: &[Frame]) -> Result<Option<Thumbnail>, String> {
        let Some(size) = self.answer.data.thumbnail else { return Ok(self.small_picture(frames)) };
        Ok(Some(Thumbnail { route: self.picture("small", "thumbnail")?, size }))
    }
}
