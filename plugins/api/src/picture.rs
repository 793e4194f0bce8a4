//! Plots and pictures that an analysis draws with a library of its own: an SVG or a PNG, with words for who cannot see it.
//!
//! Whatever comes in is taken apart and written anew: of an SVG what is on an allow list, of a PNG its pixels. So a [`Picture`] holds nothing that runs,
//! asks another host, or grows without bound where a browser shows it.

use crate::Failure;
use crate::value::Localized;

mod css;
mod pdf;
mod pixels;
mod svg;
mod tree;
mod xml;

/// Most characters of an alternative text.
const MOST_ALT: usize = 4_000;
/// Largest side in pixels of CSS.
const MOST_SIDE: f64 = 20_000.0;

/// The kind of file of an [`ImageFile`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ImageKind {
    /// Shapes and texts.
    Svg,
    /// Pixels.
    Png,
}

impl ImageKind {
    /// The ending of its files, without the dot.
    pub fn extension(self) -> &'static str {
        match self {
            Self::Svg => "svg",
            Self::Png => "png",
        }
    }
}

/// A picture as a file that a browser can be given.
#[derive(Clone, Debug, PartialEq)]
pub struct ImageFile {
    kind: ImageKind,
    bytes: Vec<u8>,
    size: [f64; 2],
}

impl ImageFile {
    /// An SVG, of which what draws is kept.
    ///
    /// # Errors
    /// A sentence with the line and the next step, if it holds what may not stand in a picture, or has no size.
    pub fn svg(bytes: &[u8]) -> Result<Self, String> {
        let (text, size) = svg::clean(bytes)?;
        Ok(Self { kind: ImageKind::Svg, bytes: text.into_bytes(), size: within_bounds(size)? })
    }

    /// A PNG in colours or grey, of which the pixels and their density are kept, with 8 bits a sample.
    ///
    /// # Errors
    /// A sentence with the next step, if it is damaged or too large.
    pub fn png(bytes: &[u8]) -> Result<Self, String> {
        let (bytes, size) = pixels::clean(bytes)?;
        Ok(Self { kind: ImageKind::Png, bytes, size: within_bounds(size)? })
    }

    /// What was cleaned before. Pixels are taken as they are: they cannot run.
    pub(crate) fn stored(kind: ImageKind, bytes: Vec<u8>) -> Result<Self, String> {
        match kind {
            ImageKind::Svg => Self::svg(&bytes),
            ImageKind::Png => {
                let size = within_bounds(pixels::size(&bytes)?)?;
                Ok(Self { kind, bytes, size })
            }
        }
    }

    /// The kind of file.
    pub fn kind(&self) -> ImageKind {
        self.kind
    }

    /// The file.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Width and height in pixels of CSS, of which 96 are an inch.
    pub fn size(&self) -> [f64; 2] {
        self.size
    }
}

fn within_bounds(size: [f64; 2]) -> Result<[f64; 2], String> {
    if size.iter().all(|side| side.is_finite() && (1.0..=MOST_SIDE).contains(side)) {
        return Ok(size);
    }
    let [width, height] = size;
    Err(format!("it is {width} by {height} pixels large: let it have between 1 and {MOST_SIDE} each way"))
}

/// A picture that a run gives, with an alternative text.
#[derive(Clone, Debug, PartialEq)]
pub struct Picture {
    alt: Localized,
    image: ImageFile,
    dark: Option<ImageFile>,
    pdf: Option<Vec<u8>>,
}

impl Picture {
    /// A picture for light pages; on dark ones it stands on white, if there is no version of its own.
    ///
    /// # Errors
    /// [`FailureKind::Bug`](crate::FailureKind::Bug) if the text for those who cannot see it is empty or very long.
    pub fn new(alt: impl Into<Localized>, image: ImageFile) -> Result<Self, Failure> {
        let alt = alt.into();
        check_alt(&alt).map_err(Failure::bug)?;
        Ok(Self { alt, image, dark: None, pdf: None })
    }

    /// With a version for dark pages.
    #[must_use]
    pub fn with_dark(mut self, dark: ImageFile) -> Self {
        self.dark = Some(dark);
        self
    }

    /// With the same as a page of PDF, for download.
    ///
    /// # Errors
    /// A sentence with the next step, if it is no PDF of one page, or does something when it is opened.
    pub fn with_pdf(mut self, pdf: Vec<u8>) -> Result<Self, String> {
        pdf::check(&pdf)?;
        self.pdf = Some(pdf);
        Ok(self)
    }

    /// What stands for it where it cannot be seen.
    pub fn alt(&self) -> &Localized {
        &self.alt
    }

    /// The version for light pages.
    pub fn image(&self) -> &ImageFile {
        &self.image
    }

    /// The version for dark pages.
    pub fn dark(&self) -> Option<&ImageFile> {
        self.dark.as_ref()
    }

    /// The same as PDF.
    pub fn pdf(&self) -> Option<&[u8]> {
        self.pdf.as_deref()
    }

    /// What was stored, without what takes long to look at.
    pub(crate) fn stored(
        alt: Localized,
        image: ImageFile,
        dark: Option<ImageFile>,
        pdf: Option<Vec<u8>>,
    ) -> Result<Self, String> {
        check_alt(&alt)?;
        pdf.as_deref().map(pdf::check).transpose()?;
        Ok(Self { alt, image, dark, pdf })
    }
}

fn check_alt(alt: &Localized) -> Result<(), String> {
    let texts: Vec<&str> = match alt {
        Localized::None => Vec::new(),
        Localized::All(text) => vec![text],
        Localized::Each(texts) => texts.values().map(String::as_str).collect(),
    };
    if texts.is_empty() || texts.iter().any(|text| text.trim().is_empty()) {
        let help = "say in one or two sentences what it shows, for those who cannot see it";
        return Err(format!("its alternative text `alt` is empty: {help}"));
    }
    match texts.iter().map(|text| text.chars().count()).max() {
        Some(most) if most > MOST_ALT => {
            Err(format!("its `alt` has {most} characters: let it have at most {MOST_ALT}"))
        }
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests;
