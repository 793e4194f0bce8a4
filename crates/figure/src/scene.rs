//! A figure in one language, as plain data: shapes in pixels with paints by role, ready to be written as SVG or PNG.

use std::sync::Arc;

pub use octavo_plugin::figure::Dash;

use octavo_tables::number::Written;

/// A point in pixels, y downwards.
pub type Point = [f64; 2];

/// Red, green and blue in sRGB.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rgb(pub u8, pub u8, pub u8);

impl Rgb {
    /// `#rrggbb`.
    pub fn hex(self) -> String {
        format!("#{:02x}{:02x}{:02x}", self.0, self.1, self.2)
    }
}

/// A colour by what it is for; the theme decides what a role looks like in light and dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Paint {
    /// The colour of text.
    Ink,
    /// A quiet grey for labels and references.
    Muted,
    /// Lines behind the data.
    Grid,
    /// The background.
    Paper,
    /// A categorical colour, counted from 0; there are [`super::palette::SERIES`].
    Series(usize),
    /// A colour of a ramp, the same in both themes.
    Colour(Rgb),
}

/// An outline or line.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Stroke {
    /// Its colour.
    pub paint: Paint,
    /// Its width in pixels.
    pub width: f64,
    /// Its dashes.
    pub dash: Dash,
}

/// How a shape is painted.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Style {
    /// The inside.
    pub fill: Option<Paint>,
    /// The outline.
    pub stroke: Option<Stroke>,
    /// From 0 (invisible) to 1.
    pub opacity: f64,
}

impl Style {
    /// Filled without an outline.
    pub fn fill(paint: Paint) -> Self {
        Self { fill: Some(paint), stroke: None, opacity: 1.0 }
    }

    /// A solid line.
    pub fn line(paint: Paint, width: f64) -> Self {
        Self { fill: None, stroke: Some(Stroke { paint, width, dash: Dash::Solid }), opacity: 1.0 }
    }

    /// The same with an outline.
    #[must_use]
    pub fn outlined(mut self, paint: Paint, width: f64) -> Self {
        self.stroke = Some(Stroke { paint, width, dash: Dash::Solid });
        self
    }

    /// The same with other dashes.
    #[must_use]
    pub fn dashed(mut self, dash: Dash) -> Self {
        if let Some(stroke) = &mut self.stroke {
            stroke.dash = dash;
        }
        self
    }

    /// The same with another opacity.
    #[must_use]
    pub fn faded(mut self, opacity: f64) -> Self {
        self.opacity = opacity;
        self
    }
}

/// A run of text, on the line or above it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Span {
    /// The characters.
    pub text: String,
    /// Where it stands.
    pub level: Level,
}

/// Where a run of text stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Level {
    /// On the line.
    Base,
    /// Above it, smaller: exponents.
    Raised,
    /// Below it, smaller: indices.
    Lowered,
}

/// The weight of a font.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weight {
    /// For everything.
    Regular,
    /// For panel titles.
    Semibold,
}

/// Which end of a text stands at its point.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Anchor {
    /// Its beginning.
    Start,
    /// Its middle.
    Middle,
    /// Its end.
    End,
}

/// A line of text.
#[derive(Clone, Debug, PartialEq)]
pub struct Text {
    /// Where the baseline is.
    pub at: Point,
    /// The runs in order.
    pub spans: Vec<Span>,
    /// Size of the font in pixels.
    pub size: f64,
    /// Weight of the font.
    pub weight: Weight,
    /// What stands at `at`.
    pub anchor: Anchor,
    /// Clockwise degrees around `at`.
    pub rotation: f64,
}

impl Text {
    /// Regular text of this size.
    pub fn new(at: Point, spans: Vec<Span>, size: f64, anchor: Anchor) -> Self {
        Self { at, spans, size, weight: Weight::Regular, anchor, rotation: 0.0 }
    }
}

/// One run on the line.
pub fn plain(text: impl Into<String>) -> Vec<Span> {
    vec![Span { text: text.into(), level: Level::Base }]
}

/// A number: its power of ten is raised.
pub fn number(written: &Written) -> Vec<Span> {
    let base = |text: &str| Span { text: text.to_owned(), level: Level::Base };
    let power = Span { text: written.power.clone(), level: Level::Raised };
    let all = [base(&written.head), power, base(&written.tail)];
    let (first, rest) = all.split_first().expect("there are three");
    let rest = rest.iter().filter(|span| !span.text.is_empty());
    std::iter::once(first).chain(rest).cloned().collect()
}

/// One frame of a drawn figure.
#[derive(Clone, Debug, PartialEq)]
pub struct Frame {
    /// What it shows.
    pub label: String,
    /// The drawing for a page and for print.
    pub scene: Scene,
    /// The same laid out for a phone held upright, 350 pixels wide.
    pub phone: Scene,
    /// The same laid out for a paper, if the author gives its width.
    pub file: Option<Scene>,
}

impl Frame {
    /// The drawing for files.
    pub fn for_files(&self) -> &Scene {
        self.file.as_ref().unwrap_or(&self.scene)
    }
}

/// Adds a run, to the last one if it stands on the same level.
pub fn append(spans: &mut Vec<Span>, span: Span) {
    match spans.last_mut() {
        Some(last) if last.level == span.level => last.text.push_str(&span.text),
        _ => spans.push(span),
    }
}

/// A label: an index after a letter that stands alone, as in `σ_w`, or in braces after any letter, as in `W_{ij}`, is lowered.
/// Identifiers such as `total_curvature`, `x_train` or `a_b.csv` stay as they are.
pub fn label(text: &str) -> Vec<Span> {
    let characters: Vec<char> = text.chars().collect();
    let mut spans: Vec<Span> = Vec::new();
    let mut at = 0;
    while let Some(character) = characters.get(at) {
        let found = index(&characters, at);
        let (taken, level, end) = match &found {
            Some((index, end)) => (*index, Level::Lowered, *end),
            None => (std::slice::from_ref(character), Level::Base, at + 1),
        };
        append(&mut spans, Span { text: taken.iter().collect(), level });
        at = end;
    }
    spans
}

/// The longest word that is an index of a Latin letter.
const INDEX: usize = 3;

/// The index that an underscore at this place begins, and where the text goes on.
fn index(text: &[char], at: usize) -> Option<(&[char], usize)> {
    let (before, after) = (&text[..at], text.get(at + 1..)?);
    let letter = *before.last().filter(|c| text[at] == '_' && c.is_alphabetic())?;
    if after.first() == Some(&'{') {
        let length = after.iter().position(|c| *c == '}')?;
        let index = &after[1..length];
        return (!index.is_empty() && !index.contains(&'{')).then_some((index, at + length + 2));
    }
    let length = after.iter().take_while(|c| is_index(**c)).count();
    let (index, rest) = after.split_at(length);
    let long = letter.is_ascii() && index.iter().filter(|c| c.is_alphabetic()).count() > INDEX;
    let file = matches!(rest, ['.', next, ..] if next.is_alphabetic());
    let identifier = long || file || rest.first() == Some(&'_') || !stands_alone(&before[..at - 1]);
    (length > 0 && !identifier).then_some((index, at + 1 + length))
}

/// Letters and digits, but no raised or lowered ones.
fn is_index(c: char) -> bool {
    c.is_ascii_digit() || c.is_alphabetic() && !('\u{2070}'..='\u{209f}').contains(&c)
}

/// Whether a letter after this text is no part of a word; it may have a number for a factor.
fn stands_alone(before: &[char]) -> bool {
    let factor = before.iter().rev().take_while(|c| c.is_ascii_digit()).count();
    match &before[..before.len() - factor] {
        [.., c, '.'] => !c.is_alphanumeric(),
        [.., c] => !c.is_alphanumeric() && *c != '_',
        [] => true,
    }
}

/// The characters of all runs; a raised run is marked by `^`, a lowered one by `_`.
pub fn flat(spans: &[Span]) -> String {
    let mark = |level: Level| match level {
        Level::Base => "",
        Level::Raised => "^",
        Level::Lowered => "_",
    };
    spans.iter().fold(String::new(), |all, span| all + mark(span.level) + &span.text)
}

/// Pixels of one size, drawn into a rectangle.
#[derive(Clone, Debug, PartialEq)]
pub struct Image {
    /// Left, top, width and height in the scene.
    pub frame: [f64; 4],
    /// Number of columns of pixels.
    pub width: usize,
    /// Number of rows of pixels.
    pub height: usize,
    /// Red, green, blue, alpha (not premultiplied), row by row from the top.
    pub rgba: Arc<Vec<u8>>,
    /// Whether pixels between these are mixed of them; else each is a sharp square.
    pub smooth: bool,
    /// If the pixels are only a mask, what shows through it: so a raster layer follows the theme.
    pub tint: Option<Paint>,
}

/// A form.
#[derive(Clone, Debug, PartialEq)]
pub enum Form {
    /// An open line.
    Path(Vec<Point>),
    /// A closed area.
    Polygon(Vec<Point>),
    /// A circle: centre and radius.
    Circle(Point, f64),
    /// Very many circles of one radius, one over the other: their centres.
    Circles(Vec<Point>, f64),
    /// Left, top, width and height.
    Rect([f64; 4]),
    /// Text; an outline is a halo behind it.
    Text(Text),
    /// Pixels.
    Image(Image),
}

/// A form and how it is painted.
#[derive(Clone, Debug, PartialEq)]
pub struct Element {
    /// The form.
    pub form: Form,
    /// How it is painted.
    pub style: Style,
}

/// What a group of elements is for; its class in SVG.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Role {
    /// Lines behind the data.
    Grid,
    /// The data.
    Marks,
    /// Axis lines, ticks and their labels.
    Axes,
    /// Titles and direct labels.
    Labels,
    /// What colours and sizes mean.
    Legend,
}

impl Role {
    /// The class name.
    pub fn class(self) -> &'static str {
        match self {
            Self::Grid => "grid",
            Self::Marks => "marks",
            Self::Axes => "axes",
            Self::Labels => "labels",
            Self::Legend => "legend",
        }
    }
}

/// Elements that belong together.
#[derive(Clone, Debug, PartialEq)]
pub struct Group {
    /// What they are for.
    pub role: Role,
    /// In drawing order.
    pub elements: Vec<Element>,
}

/// A whole figure in one language.
#[derive(Clone, Debug, PartialEq)]
pub struct Scene {
    /// Width in pixels.
    pub width: f64,
    /// Height in pixels.
    pub height: f64,
    /// Language tag.
    pub language: String,
    /// The accessible name.
    pub title: String,
    /// What a reader who cannot see the figure is told.
    pub description: String,
    /// In drawing order.
    pub groups: Vec<Group>,
}

impl Scene {
    /// Room around the scene in a file of its own, in pixels.
    pub const MARGIN: f64 = 12.0;

    /// A scene of this size without anything.
    pub fn empty(width: f64, height: f64) -> Self {
        let (language, title, description) = (String::new(), String::new(), String::new());
        Self { width, height, language, title, description, groups: Vec::new() }
    }

    /// All texts, in drawing order.
    pub fn texts(&self) -> impl Iterator<Item = &Text> {
        self.groups.iter().flat_map(|group| &group.elements).filter_map(|element| match &element.form {
            Form::Text(text) => Some(text),
            _ => None,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn indices_are_lowered_after_letters() {
        let check = |text: &str, expected: &[&str], without: &str| {
            let spans = label(text);
            let of = |level: Level| spans.iter().filter(move |s| s.level == level).map(|s| s.text.as_str());
            assert_eq!(of(Level::Lowered).collect::<Vec<_>>(), expected, "{text}");
            assert_eq!(of(Level::Base).collect::<String>(), without, "{text}");
        };
        check("σ_w = 2, x_10", &["w", "10"], "σ = 2, x");
        check("weights σ_w²", &["w"], "weights σ²");
        check("W_{ij} and max_{i<n}", &["ij", "i<n"], "W and max");
        check("3x_1+x_2/n_max", &["1", "2", "max"], "3x+x/n");
        check("σ_weights", &["weights"], "σ");
        check("(x_1). Then", &["1"], "(x). Then");
        check("E_n.", &["n"], "E.");
    }

    #[test]
    fn identifiers_keep_their_underscores() {
        for text in [
            "total_curvature (a_) b__c",
            "a_b_c",
            "x_train",
            "data/a_b.csv",
            "network.s_w",
            "_x",
            "x_{}",
            "x_{1",
            "10_000",
            "é_",
        ] {
            assert_eq!(label(text), plain(text));
        }
    }
}
