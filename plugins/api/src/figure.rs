//! Descriptions of figures: a small grammar of graphics over results. TOML and analyses give the same type.
//!
//! A figure has a base layer and may have more; a further layer takes over whatever it does not say from the base. A
//! layer draws rows of a table, or parts of a drawing, as marks; channels say which column decides what. Scales, ticks
//! and labels follow from the channels.

mod knobs;
mod marks;
mod panels;
mod texts;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use crate::value::Localized;

pub use knobs::{Knob, KnobSpec};
pub use marks::{BinRule, Bins, Levels, Mark, Marks, Measure, Stack, StackOf, StepAt};
pub use panels::{GridSide, NamedSide, PanelGrid, PanelSpec, Panels};

/// The kind of a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum ScaleKind {
    /// Proportional.
    Linear,
    /// Logarithmic to base 10; values at or below 0 are clipped and counted.
    Log,
    /// Logarithmic on both sides of zero, linear near it.
    Symlog,
    /// A place per distinct value.
    Categorical,
    /// Of `x` and `y`: texts that are dates or times of ISO 8601, such as `2026-11-28` or `2026-11-28T10:30Z`, in proportion to time.
    Time,
}

/// A family of colours.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Palette {
    /// Distinct colours for categories.
    Categorical,
    /// Perceptually uniform, dark to light.
    Sequential,
    /// Two hues around a centre.
    Diverging,
    /// A closed circle of hues, for angles.
    Cyclic,
}

/// A statistic over the rows that share a place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Stat {
    /// Arithmetic mean.
    Mean,
    /// Middle value.
    Median,
    /// Smallest.
    Min,
    /// Largest.
    Max,
    /// Total.
    Sum,
    /// Number of rows.
    Count,
}

/// What decides a position, colour, size, text, facet or frame.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Channel {
    /// A column, sweep parameter or `replicate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// An expression over columns, such as `log(width) / 2`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub expr: Option<String>,
    /// A constant.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub value: Option<Json>,
    /// The kind of scale; by default categorical for text and linear for numbers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub scale: Option<ScaleKind>,
    /// Smallest and largest value shown. Marks outside are clipped and counted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub domain: Option<[f64; 2]>,
    /// Of `x` and `y`: where its ticks stand, in place of those that are chosen by themselves.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub ticks: Vec<f64>,
    /// Whether the scale must include zero.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub zero: Option<bool>,
    /// Axis or legend title; by default the column's label and unit.
    #[serde(skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
    /// How a number is written, such as `%.2f` or `%.1e`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub format: Option<String>,
    /// One value for the rows that agree in all other channels.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stat: Option<Stat>,
    /// The spread drawn by the marks `band` and `errorbar`: `p05-p95`, `p25-p75`, `min-max`, `sd` or `ci95`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub band: Option<String>,
    /// The column over which `stat` and `band` are taken, usually `replicate`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub over: Option<String>,
    /// Whether `stat` and `band` leave missing values out on purpose. Without it, they are missing where one of their values is.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub skip_missing: bool,
    /// The palette of a colour channel.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub palette: Option<Palette>,
    /// The colour channel's value for nothing there: its cells and pixels are left out, and the page shows through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blank: Option<f64>,
    /// What texts among the values are called, per language: `{ valley = { fr = "vallée" } }`.
    #[serde(skip_serializing_if = "IndexMap::is_empty")]
    pub names: IndexMap<String, Localized>,
}

/// A channel in its short form (the name of a column) or in full.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ChannelSpec {
    /// The name of a column.
    Field(String),
    /// All properties.
    Full(Box<Channel>),
}

impl ChannelSpec {
    /// The full form.
    pub fn channel(&self) -> Channel {
        match self {
            Self::Field(field) => Channel { field: Some(field.clone()), ..Channel::default() },
            Self::Full(channel) => (**channel).clone(),
        }
    }
}

impl From<&str> for ChannelSpec {
    fn from(field: &str) -> Self {
        Self::Field(field.to_owned())
    }
}

impl From<Channel> for ChannelSpec {
    fn from(channel: Channel) -> Self {
        Self::Full(Box::new(channel))
    }
}

/// How a stroke is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Dash {
    /// Without gaps.
    Solid,
    /// For theory.
    Dashed,
    /// For references.
    Dotted,
}

/// A constant colour by role; the theme decides what it looks like in light and dark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Tone {
    /// The colour of text.
    Ink,
    /// A quiet grey.
    Muted,
    /// First categorical colour, and so on.
    Series1,
    /// Second.
    Series2,
    /// Third.
    Series3,
    /// Fourth.
    Series4,
    /// Fifth.
    Series5,
    /// Sixth.
    Series6,
}

/// Conditions on columns: a value, a list of values, or a comparison such as `">=3"`.
pub type Where = IndexMap<String, Json>;

/// Marks over the rows of one table or the parts of one drawing.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Layer {
    /// A table (`scalars` is the one of all scalars, one row per task) or a drawing, of this experiment or, as
    /// `folder/slug#name`, of another.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub from: Option<String>,
    /// Which rows.
    #[serde(rename = "where", skip_serializing_if = "Where::is_empty")]
    pub selection: Where,
    /// How rows are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mark: Option<Marks>,
    /// Horizontal position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x: Option<ChannelSpec>,
    /// Vertical position.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y: Option<ChannelSpec>,
    /// Other end of an arrow, bar or error bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub x2: Option<ChannelSpec>,
    /// Other end of an arrow, bar, band or error bar.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub y2: Option<ChannelSpec>,
    /// Colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub color: Option<ChannelSpec>,
    /// Radius of points or width of lines.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub size: Option<ChannelSpec>,
    /// What the mark `text` writes.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub text: Option<ChannelSpec>,
    /// Columns that separate lines without a colour of their own.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub group: Vec<String>,
    /// Whether marks of several colours at one place stand side by side. By default bars do, and error bars with them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dodge: Option<bool>,
    /// Of points on an axis of categories: the part of their room over which they are strewn, so that they do not cover each
    /// other. The same rows are always strewn alike.
    #[schemars(range(max = 1.0), extend("exclusiveMinimum" = 0.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub jitter: Option<f64>,
    /// Into which intervals a histogram divides x; by default by the rule of Freedman and Diaconis.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bins: Option<Bins>,
    /// Of violins and densities: the standard deviation of the normal kernel, in the unit of the values; by default by the
    /// rule of Silverman, for each colour and place.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bandwidth: Option<f64>,
    /// Where steps stand: right after a value, right before it or half-way between two; by default after.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub step: Option<StepAt>,
    /// What the heights of a histogram are; by default the number of rows.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub measure: Option<Measure>,
    /// Whether the colours of a place are stacked: as they are, or each place to 1.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stack: Option<Stack>,
    /// Of contours: at which values lines stand; by default at about eight round ones.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub levels: Option<Levels>,
    /// Whether the areas between contour lines are filled, by default they are not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub filled: Option<bool>,
    /// Whether boxes show their outliers, by default they do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outliers: Option<bool>,
    /// The layer's name in the legend, for a layer of one colour.
    #[serde(skip_serializing_if = "Localized::is_none")]
    pub label: Localized,
    /// Constant colour.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tone: Option<Tone>,
    /// How strokes are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dash: Option<Dash>,
    /// Width of strokes in pixels.
    #[schemars(range(max = 20.0), extend("exclusiveMinimum" = 0.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stroke: Option<f64>,
    /// From 0 (invisible) to 1.
    #[schemars(range(min = 0.0, max = 1.0))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub opacity: Option<f64>,
}

impl Layer {
    /// Whether it is a band across the whole plot, between two constants of one axis.
    pub fn is_reference_band(&self) -> bool {
        self.is_stretch([&self.x, &self.x2]) || self.is_stretch([&self.y, &self.y2])
    }

    /// Whether it is a band between these two constants.
    fn is_stretch(&self, ends: [&Option<ChannelSpec>; 2]) -> bool {
        let band = matches!(self.mark, Some(Marks::One(Mark::Band)));
        let constant =
            |end: &Option<ChannelSpec>| end.as_ref().is_some_and(|end| end.channel().value.is_some());
        band && ends.into_iter().all(constant)
    }
}

/// How x and y units relate.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Aspect {
    /// The plot fills its frame.
    #[default]
    Fill,
    /// One unit of x is as long as one of y: for geometry.
    Equal,
}

/// How wide a figure stands on its page.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Width {
    /// As wide as the text.
    #[default]
    Body,
    /// Wider than the text.
    Wide,
}

/// The size of the files of a figure, for a paper.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct FileSize {
    /// The width with its margins, such as `85mm`, `3.3in` or `240pt`: the figure is laid out anew for it, in type of the same size.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub width: Option<String>,
    /// Pixels an inch of the PNG; by default 192.
    #[schemars(range(min = 72, max = 1200))]
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dpi: Option<u32>,
}

/// A figure.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub struct Figure {
    /// A few words; also the accessible name.
    #[serde(skip_serializing_if = "Localized::is_none")]
    pub title: Localized,
    /// The caption where the prose gives none.
    #[serde(skip_serializing_if = "Localized::is_none")]
    pub caption: Localized,
    /// What a reader who cannot see the figure should know beyond what its data say.
    #[serde(skip_serializing_if = "Localized::is_none")]
    pub description: Localized,
    /// The base layer.
    #[serde(flatten)]
    pub base: Layer,
    /// Further layers, drawn in order above the base. Each takes over what it does not say.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub layers: Vec<Layer>,
    /// Small multiples.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub facet: Option<PanelSpec>,
    /// Frames to step through.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub frame: Option<PanelSpec>,
    /// How x and y units relate.
    pub aspect: Aspect,
    /// How wide it stands on its page.
    pub width: Width,
    /// The size of its files for download, for a paper.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<FileSize>,
    /// Height of a panel in pixels; by default from the width.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schemars(range(min = 60.0, max = 2000.0))]
    pub height: Option<f64>,
    /// Whether axes are drawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub axes: Option<bool>,
    /// Parameters that readers may turn on the page: `["angle", { param = "folds", max = 18 }]`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub knobs: Vec<KnobSpec>,
}

impl Figure {
    /// A figure over a table or drawing, with a title in English.
    pub fn new(from: &str, mark: Mark, title: &str) -> Self {
        let base = Layer { from: Some(from.to_owned()), mark: Some(Marks::One(mark)), ..Layer::default() };
        Self { title: Localized::en(title), base, ..Self::default() }
    }

    /// The figure with x and y.
    #[must_use]
    pub fn xy(mut self, x: impl Into<ChannelSpec>, y: impl Into<ChannelSpec>) -> Self {
        self.base.x = Some(x.into());
        self.base.y = Some(y.into());
        self
    }

    /// The figure with a colour channel.
    #[must_use]
    pub fn color(mut self, color: impl Into<ChannelSpec>) -> Self {
        self.base.color = Some(color.into());
        self
    }

    /// The figure with equal units of x and y and no axes: for geometry.
    #[must_use]
    pub fn geometry(mut self) -> Self {
        self.aspect = Aspect::Equal;
        self.axes = Some(false);
        self
    }

    /// The layers as they are drawn: the base first (unless it has no mark and there are others), each further one
    /// completed from the base.
    pub fn all_layers(&self) -> Vec<Layer> {
        let complete = |(number, own): (Option<usize>, &Layer)| match number {
            None => own.clone(),
            Some(_) => self.complete(own),
        };
        self.own_layers().into_iter().map(complete).collect()
    }

    /// The layers of [`Figure::all_layers`] as they are written, each with its number among `layers`; the base has none.
    pub fn own_layers(&self) -> Vec<(Option<usize>, &Layer)> {
        let base = self.base.mark.is_some() || self.layers.is_empty();
        let further = self.layers.iter().enumerate().map(|(number, layer)| (Some(number), layer));
        base.then_some((None, &self.base)).into_iter().chain(further).collect()
    }

    fn complete(&self, layer: &Layer) -> Layer {
        let own_source = layer.from.is_some();
        let base = &self.base;
        // A line or band across the plot stands at an x or at a y, not at both.
        let rule =
            layer.mark.as_ref().is_some_and(|marks| marks.each().iter().all(|mark| *mark == Mark::Rule));
        let at_x = rule && layer.x.is_some() || layer.is_stretch([&layer.x, &layer.x2]);
        let at_y = rule && layer.y.is_some() || layer.is_stretch([&layer.y, &layer.y2]);
        Layer {
            from: layer.from.clone().or_else(|| base.from.clone()),
            selection: if own_source || !layer.selection.is_empty() {
                layer.selection.clone()
            } else {
                base.selection.clone()
            },
            mark: layer.mark.clone().or_else(|| base.mark.clone()),
            x: layer.x.clone().or_else(|| if at_y { None } else { base.x.clone() }),
            y: layer.y.clone().or_else(|| if at_x { None } else { base.y.clone() }),
            color: layer
                .color
                .clone()
                .or_else(|| if own_source || layer.tone.is_some() { None } else { base.color.clone() }),
            group: if own_source || !layer.group.is_empty() {
                layer.group.clone()
            } else {
                base.group.clone()
            },
            ..layer.clone()
        }
    }
}

#[cfg(test)]
mod tests;
