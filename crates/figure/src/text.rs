//! Text metrics and outlines from the bundled font: pure, the same on every machine.
//!
//! Layout only estimates: a page shows text in its own sans, of which the bundled font is a subset.

use std::sync::LazyLock;

use ttf_parser::{Face, GlyphId, OutlineBuilder};

use super::fallback::{Fallback, visual_order};
use super::scene::{Anchor, Level, Point, Span, Text, Weight, append};

/// The size of raised and lowered runs relative to the line.
pub const RAISED_SIZE: f64 = 0.72;
/// Size of a run, and how far it stands above the line, in ems of the line.
pub fn relative(level: Level) -> (f64, f64) {
    match level {
        Level::Base => (1.0, 0.0),
        Level::Raised => (RAISED_SIZE, 0.38),
        Level::Lowered => (RAISED_SIZE, -0.22),
    }
}
/// Height of a capital, in ems.
pub const CAP: f64 = 0.727;

static REGULAR: LazyLock<Face<'static>> = LazyLock::new(|| face(font_bytes(Weight::Regular)));
static SEMIBOLD: LazyLock<Face<'static>> = LazyLock::new(|| face(font_bytes(Weight::Semibold)));

/// The file of the bundled font.
pub(crate) fn font_bytes(weight: Weight) -> &'static [u8] {
    match weight {
        Weight::Regular => include_bytes!("../../../templates/fonts/sans.otf"),
        Weight::Semibold => include_bytes!("../../../templates/fonts/sans-semibold.otf"),
    }
}

/// The files of the bundled font by their names, with their licence: for programs that set the words of drawings themselves.
pub fn font_files() -> [(&'static str, &'static [u8]); 3] {
    [
        ("sans.otf", font_bytes(Weight::Regular)),
        ("sans-semibold.otf", font_bytes(Weight::Semibold)),
        ("LICENSE.txt", include_bytes!("../../../templates/fonts/sans.LICENSE.txt")),
    ]
}

fn face(bytes: &'static [u8]) -> Face<'static> {
    Face::parse(bytes, 0).expect("the bundled fonts are read by a test")
}

/// The bundled font.
pub(crate) fn font(weight: Weight) -> &'static Face<'static> {
    match weight {
        Weight::Regular => &REGULAR,
        Weight::Semibold => &SEMIBOLD,
    }
}

/// Whether a character is drawn by the bundled font or the other one, or there is nothing to draw.
pub fn has(character: char, weight: Weight, fallback: Option<&Fallback>) -> bool {
    character.is_whitespace()
        || character.is_control()
        || is_angle(character)
        || font(weight).glyph_index(character).is_some()
        || fallback.is_some_and(|fallback| fallback.has(character))
}

/// Whether a character is as wide as high in every font that has it: East Asian letters and pictures.
fn is_wide(character: char) -> bool {
    matches!(character,
        '\u{1100}'..='\u{115f}' | '\u{2e80}'..='\u{a4cf}' | '\u{a960}'..='\u{a97f}' | '\u{ac00}'..='\u{d7a3}'
        | '\u{f900}'..='\u{faff}' | '\u{fe30}'..='\u{fe6f}' | '\u{ff00}'..='\u{ff60}' | '\u{ffe0}'..='\u{ffe6}'
        | '\u{1f300}'..='\u{1f64f}' | '\u{1f680}'..='\u{1faff}' | '\u{20000}'..='\u{3fffd}')
}

/// The advance of a character in ems; a character that the font lacks counts as wide as a digit, or as an em if it is wide.
fn advance(face: &Face<'_>, character: char) -> f64 {
    if is_wide(character) && face.glyph_index(character).is_none() {
        return 1.0;
    }
    let units = face
        .glyph_index(character)
        .or_else(|| face.glyph_index('0'))
        .and_then(|glyph| face.glyph_hor_advance(glyph))
        .unwrap_or(0);
    f64::from(units) / f64::from(face.units_per_em())
}

/// The width of runs in pixels.
pub fn width(spans: &[Span], size: f64, weight: Weight) -> f64 {
    let face = font(weight);
    let ems = |span: &Span| -> f64 {
        let wide: f64 = span.text.chars().map(|character| advance(face, character)).sum();
        wide * relative(span.level).0
    };
    spans.iter().map(ems).sum::<f64>() * size
}

/// Runs cut with an ellipsis so that they are at most this wide.
pub fn cut(spans: &[Span], size: f64, weight: Weight, room: f64) -> Vec<Span> {
    if width(spans, size, weight) <= room {
        return spans.to_vec();
    }
    let ellipsis = || Span { text: "…".to_owned(), level: Level::Base };
    let mut kept: Vec<Span> = Vec::new();
    let mut left = room - width(&[ellipsis()], size, weight);
    for (character, level) in spans.iter().flat_map(|s| s.text.chars().map(|c| (c, s.level))) {
        let one = Span { text: character.to_string(), level };
        left -= width(std::slice::from_ref(&one), size, weight);
        if left < 0.0 {
            break;
        }
        append(&mut kept, one);
    }
    if let Some(last) = kept.last_mut() {
        last.text.truncate(last.text.trim_end().len());
    }
    append(&mut kept, ellipsis());
    kept
}

/// Left, top, right and bottom of an unrotated text.
pub fn bounds(text: &Text) -> [f64; 4] {
    let wide = width(&text.spans, text.size, text.weight);
    let left = text.at[0] - shift(text.anchor, wide);
    [left, text.at[1] - 0.8 * text.size, left + wide, text.at[1] + 0.22 * text.size]
}

/// How far a text of this width begins before its point.
pub(crate) fn shift(anchor: Anchor, wide: f64) -> f64 {
    match anchor {
        Anchor::Start => 0.0,
        Anchor::Middle => wide / 2.0,
        Anchor::End => wide,
    }
}

/// Angle brackets, which the bundled fonts lack, as corners in ems from the left; the right one is mirrored.
const ANGLE: [[f32; 2]; 6] =
    [[0.40, 0.78], [0.47, 0.78], [0.27, 0.30], [0.47, -0.18], [0.40, -0.18], [0.20, 0.30]];

fn is_angle(character: char) -> bool {
    matches!(character, '\u{27e8}' | '\u{27e9}')
}

/// The bundled font, and the one that has what it lacks.
struct Faces<'a> {
    own: &'a Face<'static>,
    other: Option<(&'a Fallback, Face<'a>)>,
}

impl<'a> Faces<'a> {
    fn new(weight: Weight, fallback: Option<&'a Fallback>) -> Self {
        Self { own: font(weight), other: fallback.map(|fallback| (fallback, fallback.face())) }
    }

    /// The font that a character is drawn in, and its glyph there.
    fn glyph(&self, character: char) -> (&Face<'a>, Option<GlyphId>) {
        let own = self.own.glyph_index(character);
        match &self.other {
            Some((fallback, face)) if own.is_none() && fallback.has(character) => {
                (face, face.glyph_index(character))
            }
            _ => (self.own, own),
        }
    }

    /// How wide a character is drawn, in ems.
    fn advance(&self, character: char) -> f64 {
        match self.glyph(character) {
            (face, Some(glyph)) => {
                f64::from(face.glyph_hor_advance(glyph).unwrap_or(0)) / f64::from(face.units_per_em())
            }
            (_, None) => advance(self.own, character),
        }
    }
}

/// The outlines of a text as moves, lines, curves and closings, in pixels relative to its point, unrotated. What the bundled
/// font lacks is taken from the other one.
pub fn outline(text: &Text, fallback: Option<&Fallback>, pen: &mut dyn OutlineBuilder) {
    let faces = Faces::new(text.weight, fallback);
    let run = |span: &Span| {
        let (part, lift) = relative(span.level);
        (text.size * part, text.size * lift, visual_order(&span.text))
    };
    let runs: Vec<(f64, f64, Vec<char>)> = text.spans.iter().map(run).collect();
    let wide = |(size, _, characters): &(f64, f64, Vec<char>)| {
        characters.iter().map(|character| faces.advance(*character)).sum::<f64>() * size
    };
    let mut x = -shift(text.anchor, runs.iter().map(wide).sum());
    for (size, lift, characters) in runs {
        for character in characters {
            let (face, glyph) = faces.glyph(character);
            let units = glyph.map_or(1.0, |_| f64::from(face.units_per_em()));
            let mut placed = Placed { pen: &mut *pen, offset: [x, -lift], scale: size / units };
            match glyph {
                Some(glyph) => {
                    face.outline_glyph(glyph, &mut placed);
                }
                None if is_angle(character) => {
                    angle(character == '\u{27e9}', faces.advance(character), &mut placed);
                }
                None => {}
            }
            x += faces.advance(character) * size;
        }
    }
}

/// An angle bracket in ems, in the middle of its room.
fn angle(mirrored: bool, wide: f64, pen: &mut dyn OutlineBuilder) {
    let place = |[x, y]: [f32; 2]| {
        let x = x - 0.335;
        [wide as f32 / 2.0 + if mirrored { -x } else { x }, y]
    };
    for (index, [x, y]) in ANGLE.map(place).into_iter().enumerate() {
        if index == 0 { pen.move_to(x, y) } else { pen.line_to(x, y) }
    }
    pen.close();
}

/// Moves outlines from the font's units to pixels.
struct Placed<'a> {
    pen: &'a mut dyn OutlineBuilder,
    offset: Point,
    scale: f64,
}

impl Placed<'_> {
    fn map(&self, x: f32, y: f32) -> (f32, f32) {
        let [left, base] = self.offset;
        ((left + f64::from(x) * self.scale) as f32, (base - f64::from(y) * self.scale) as f32)
    }
}

impl OutlineBuilder for Placed<'_> {
    fn move_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.map(x, y);
        self.pen.move_to(x, y);
    }

    fn line_to(&mut self, x: f32, y: f32) {
        let (x, y) = self.map(x, y);
        self.pen.line_to(x, y);
    }

    fn quad_to(&mut self, x1: f32, y1: f32, x: f32, y: f32) {
        let ((x1, y1), (x, y)) = (self.map(x1, y1), self.map(x, y));
        self.pen.quad_to(x1, y1, x, y);
    }

    fn curve_to(&mut self, x1: f32, y1: f32, x2: f32, y2: f32, x: f32, y: f32) {
        let ((x1, y1), (x2, y2), (x, y)) = (self.map(x1, y1), self.map(x2, y2), self.map(x, y));
        self.pen.curve_to(x1, y1, x2, y2, x, y);
    }

    fn close(&mut self) {
        self.pen.close();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::scene::{flat, label, plain};

    #[test]
    fn the_bundled_fonts_have_what_figures_write() {
        for weight in [Weight::Regular, Weight::Semibold] {
            for character in "0123456789−.,×∞αβγδεσμπΔΣ≤≥éèçœ«» ()=…→²⁻".chars()
            {
                assert!(font(weight).glyph_index(character).is_some(), "{character} in {weight:?}");
            }
        }
    }

    #[test]
    fn widths_add_up_and_scale() {
        let (one, two) =
            (width(&plain("10"), 12.0, Weight::Regular), width(&plain("1010"), 12.0, Weight::Regular));
        assert!((two - 2.0 * one).abs() < 1e-12);
        assert!((width(&plain("10"), 24.0, Weight::Regular) - two).abs() < 1e-12);
        let raised = vec![Span { text: "10".into(), level: Level::Raised }];
        assert!((width(&raised, 12.0, Weight::Regular) - one * RAISED_SIZE).abs() < 1e-12);
    }

    #[test]
    fn cut_texts_fit() {
        for text in ["A label that is far too long for its place", "σ_w, σ_w, σ_w, σ_w, σ_w, σ_w, σ_w, σ_w"]
        {
            for room in [20.0, 43.0, 100.0] {
                let short = cut(&label(text), 12.0, Weight::Regular, room);
                assert!(flat(&short).ends_with('…'), "{short:?}");
                let wide = width(&short, 12.0, Weight::Regular);
                assert!(wide <= room && wide > room - 14.0, "{short:?} is {wide} wide");
            }
        }
        assert_eq!(cut(&plain("short"), 12.0, Weight::Regular, 100.0), plain("short"));
    }
}
