//! One panel's coordinate system, and what marks give back.

use octavo_plugin::figure::{Dash, Layer};

use super::cell::Cell;
use super::clip::Frame;
use super::colour::{self, Colours};
use super::rows::{Bound, Datum, Rows};
use super::scale::{Extent, Scale};
use super::scene::{Element, Paint, Point, Span, Stroke, Style};

/// What sizes mean: a constant in pixels, or a scale.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Sizes {
    /// The mark's own.
    Default,
    /// From the smallest to the largest value.
    Range(Extent),
}

impl Sizes {
    /// The sizes of all layers.
    pub(crate) fn new(layers: &[Rows]) -> Self {
        let mut extent = Extent::EMPTY;
        for rows in layers {
            if rows.channels.get("size").is_some_and(|bound| !bound.is_constant()) {
                let sizes = rows.data.iter().filter_map(|datum| datum.more().size.as_ref()?.number());
                let sizes = sizes.filter(|size| size.abs() <= 1e300);
                sizes.for_each(|size| extent.add(size));
            }
        }
        if extent.low <= extent.high { Self::Range(extent) } else { Self::Default }
    }

    /// From 0 to 1 for a datum of a layer with a size channel that is not constant.
    pub(crate) fn part(&self, bound: Option<&Bound>, datum: &Datum) -> Option<f64> {
        let Self::Range(Extent { low, high }) = *self else { return None };
        let value = bound.filter(|bound| !bound.is_constant()).and(datum.more().size.as_ref())?.number()?;
        let low = if low >= 0.0 { 0.0 } else { low };
        Some(if high > low { (value - low) / (high - low) } else { 1.0 })
    }
}

/// A panel's coordinate system.
#[derive(Clone, Debug)]
pub(crate) struct Plot<'a> {
    /// Where marks may be.
    pub(crate) frame: Frame,
    /// Horizontal scale.
    pub(crate) x: Scale,
    /// Vertical scale.
    pub(crate) y: Scale,
    /// The figure's colours.
    pub(crate) colours: &'a Colours,
    /// The language of texts.
    pub(crate) locale: &'a octavo_definition::locale::Locale,
    /// The figure's sizes.
    pub(crate) sizes: Sizes,
}

impl Plot<'_> {
    /// The place of coordinates in pixels: numbers upwards, categories from the top.
    pub(crate) fn place(&self, [x, y]: [f64; 2]) -> Point {
        let [left, top, wide, high] = self.frame;
        let down = if self.y.kind.is_categorical() { self.y.part(y) } else { 1.0 - self.y.part(y) };
        [left + self.x.part(x) * wide, top + down * high]
    }

    /// The place of cells, if the scales have one.
    pub(crate) fn cells(&self, x: Option<&Cell>, y: Option<&Cell>) -> Option<Point> {
        Some(self.place([self.x.kind.coordinate(x?)?, self.y.kind.coordinate(y?)?]))
    }

    /// The place of a datum.
    pub(crate) fn datum(&self, datum: &Datum) -> Option<Point> {
        self.cells(datum.x.as_ref(), datum.y.as_ref())
    }

    /// A vertex of a drawing in pixels.
    pub(crate) fn vertex(&self, [x, y]: [f64; 2]) -> Option<Point> {
        self.cells(Some(&Cell::Number(x)), Some(&Cell::Number(y)))
    }

    /// The y coordinate, in pixels, from which bars and areas rise.
    pub(crate) fn base(&self) -> f64 {
        let zero = self.y.kind.coordinate(&Cell::Number(0.0)).unwrap_or(self.y.domain[0]);
        self.place([self.x.domain[0], zero.clamp(self.y.domain[0], self.y.domain[1])])[1]
    }

    /// The x coordinate, in pixels, from which horizontal bars start.
    pub(crate) fn side(&self) -> f64 {
        let zero = self.x.kind.coordinate(&Cell::Number(0.0)).unwrap_or(self.x.domain[0]);
        self.place([zero.clamp(self.x.domain[0], self.x.domain[1]), self.y.domain[0]])[0]
    }
}

/// The end of a line, for a direct label.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct LineEnd {
    /// The key of its colour; `None` for a layer of one colour.
    pub(crate) color: Option<String>,
    /// The index of its layer.
    pub(crate) layer: usize,
    /// Where it ends.
    pub(crate) at: Point,
    /// Its colour.
    pub(crate) paint: Paint,
}

/// The course of a line.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Course {
    /// The key of its colour; `None` for a layer of one colour.
    pub(crate) color: Option<String>,
    /// The index of its layer.
    pub(crate) layer: usize,
    /// Its places in order.
    pub(crate) points: Vec<Point>,
}

/// A text that looks for room near its place.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Note {
    /// What it is about.
    pub(crate) at: Point,
    /// What it says.
    pub(crate) text: Vec<Span>,
    /// Its colour.
    pub(crate) paint: Paint,
}

/// A line or band across the panel.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Reference {
    /// The index of its layer.
    pub(crate) layer: usize,
    /// What it covers; a line has no breadth.
    pub(crate) frame: Frame,
    /// Whether it lies.
    pub(crate) lies: bool,
}

/// What the marks of a layer give in one panel.
#[derive(Clone, Debug, Default)]
pub(crate) struct Output {
    /// What to draw.
    pub(crate) elements: Vec<Element>,
    /// Rows outside the axes, infinite ones included.
    pub(crate) clipped: usize,
    /// Bars that stand where another one does.
    pub(crate) overlaid: usize,
    /// Where lines end.
    pub(crate) ends: Vec<LineEnd>,
    /// What to draw behind all marks.
    pub(crate) behind: Vec<Element>,
    /// Where lines run.
    pub(crate) courses: Vec<Course>,
    /// What is written beside marks.
    pub(crate) notes: Vec<Note>,
    /// Lines and bands across the panel.
    pub(crate) references: Vec<Reference>,
}

/// How a layer's marks look.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look<'a> {
    /// The layer.
    pub(crate) layer: &'a Layer,
    /// Its index.
    pub(crate) index: usize,
    /// Its colour where no channel decides.
    pub(crate) paint: Paint,
    /// Whether the author chose that colour.
    pub(crate) chosen: bool,
}

impl<'a> Look<'a> {
    /// The look of a layer; `label_index` counts the layers with a label before it.
    pub(crate) fn new(rows: &'a Rows, index: usize, label_index: usize) -> Self {
        let layer = &rows.layer;
        let tone = layer.tone.map(colour::tone_paint);
        let tone = tone.or_else(|| rows.channels.get("color").and_then(colour::tone));
        Self { layer, index, paint: tone.unwrap_or(Paint::Series(label_index)), chosen: tone.is_some() }
    }

    /// The colour of a datum.
    pub(crate) fn colour(&self, plot: &Plot<'_>, datum: &Datum, default: Paint) -> Paint {
        if self.layer.color.is_some() && !self.chosen {
            return datum.color.as_ref().and_then(|cell| plot.colours.paint(cell)).unwrap_or(Paint::Muted);
        }
        if self.chosen || self.paint != Paint::Series(0) { self.paint } else { default }
    }

    /// A line of the layer's width and dash.
    pub(crate) fn line(&self, paint: Paint, width: f64, dash: Dash) -> Style {
        let stroke = Stroke {
            paint,
            width: self.layer.stroke.unwrap_or(width),
            dash: self.layer.dash.unwrap_or(dash),
        };
        Style { fill: None, stroke: Some(stroke), opacity: self.opacity(1.0) }
    }

    /// The layer's opacity, or else this one.
    pub(crate) fn opacity(&self, default: f64) -> f64 {
        self.layer.opacity.unwrap_or(default)
    }
}
