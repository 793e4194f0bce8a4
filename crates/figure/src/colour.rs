//! What colours mean: categories or a ramp over numbers, one meaning for a whole figure.

use indexmap::IndexMap;
use octavo_plugin::figure::{Mark, Palette, ScaleKind, Tone};
use octavo_plugin::{ColumnType, Localized};

use octavo_definition::locale::Locale;
use octavo_tables::number::{Format, Written};
use octavo_tables::relation::Shape;

use super::cell::Cell;
use super::checked::CheckedChannel;
use super::palette::{self, Use};
use super::rows::{Bound, Rows};
use super::scale::number;
use super::scale::{Extent, Scale, Transform, Wish};
use super::scene::{Paint, Rgb};

/// The largest number of distinct numbers that are shown as categories.
const FEW: usize = 6;
/// Steps of a ramp: as fine as can be seen, few enough for a picture to be written with a palette, what is left out included, and an
/// odd number, so that a diverging one has its middle.
const STEPS: usize = 251;

/// The colour channel of a figure.
#[derive(Clone, Debug)]
pub(crate) enum Colours {
    /// No colour channel.
    None,
    /// A colour per category: key and label.
    Categories(IndexMap<String, String>, Use),
    /// A ramp over a scale.
    Ramp {
        /// From cells to coordinates.
        scale: Scale,
        /// The colours from the low end to the high one.
        table: Vec<Rgb>,
        /// The value of cells and pixels that are left out.
        blank: Option<f64>,
        /// Whether all that is not blank is of one value: a set, of which a ramp would say nothing.
        one: bool,
    },
}

impl Colours {
    /// The colours of all layers.
    pub(crate) fn new(layers: &[Rows], locale: &Locale) -> (Self, Option<Bound>) {
        let with_color = |rows: &&Rows| rows.channels.get("color").is_some_and(|bound| tone(bound).is_none());
        let coloured: Vec<&Rows> = layers.iter().filter(with_color).collect();
        let rasters: Vec<&Rows> = layers.iter().filter(|rows| has_raster(rows)).collect();
        let first = coloured.first().and_then(|rows| rows.channels.get("color")).cloned();
        let Some(first) = first.or_else(|| rasters.first().map(|rows| raster_channel(rows))) else {
            return (Self::None, None);
        };
        let cells: Vec<&Cell> =
            coloured.iter().flat_map(|rows| &rows.data).filter_map(|datum| datum.color.as_ref()).collect();
        let area = coloured.iter().chain(&rasters).all(|rows| {
            let filled = |mark: &Mark| *mark == Mark::Contour && rows.layer.filled == Some(true);
            let area = |mark: &Mark| matches!(mark, Mark::Cell | Mark::Polygon | Mark::Image | Mark::Bar);
            rows.marks.iter().all(|mark| area(mark) || filled(mark))
        });
        let contours = coloured.iter().any(|rows| rows.marks.contains(&Mark::Contour));
        let cells_only = coloured.iter().chain(&rasters).all(|rows| !rows.marks.contains(&Mark::Bar));
        let usage = if area { Use::Area } else { Use::Thin };
        let colours = if rasters.is_empty() && is_categorical(&first, &cells, area && cells_only || contours)
        {
            let name = |cell: &Cell, whole: bool| category_name(cell, &first.channel, whole, locale);
            match Transform::new(ScaleKind::Categorical, &cells, name) {
                Transform::Categorical(names) => Self::Categories(names, usage),
                _ => Self::None,
            }
        } else {
            Self::ramp(&first, &cells, &rasters, usage)
        };
        (colours, Some(first))
    }

    fn ramp(bound: &Bound, cells: &[&Cell], rasters: &[&Rows], usage: Use) -> Self {
        let channel = &bound.channel;
        let scale = match channel.scale {
            None | Some(ScaleKind::Categorical) => ScaleKind::Linear,
            Some(scale) => scale,
        };
        let kind = Transform::new(scale, cells, |cell, _| cell.key());
        let mut extent = Extent::EMPTY;
        let blank = |cell: &Cell| channel.blank.is_some_and(|blank| *cell == Cell::Number(blank));
        let shown = cells.iter().filter(|cell| !blank(cell));
        shown.filter_map(|cell| kind.coordinate(cell)).for_each(|at| extent.add(at));
        for raster in rasters.iter().flat_map(|rows| &rows.relation.shapes) {
            if let Shape::Raster(raster) = raster {
                let cells = raster.values.iter().map(|value| Cell::Number(*value));
                let coordinates = cells.filter(|cell| !blank(cell)).filter_map(|cell| kind.coordinate(&cell));
                coordinates.for_each(|at| extent.add(at));
            }
        }
        let palette = channel.palette.unwrap_or(Palette::Sequential);
        let wish = Wish {
            domain: channel.domain.or_else(|| turn(palette, bound, extent)),
            zero: channel.zero == Some(true),
            integer: bound.schema.kind == ColumnType::Integer && kind == Transform::Linear,
            tight: true,
        };
        let mut scale = Scale::new(kind, extent, wish);
        let [low, high] = scale.domain;
        let across = low < 0.0 && high > 0.0;
        let diverging = palette == Palette::Diverging;
        // The centre is zero, unless the author's domain leaves it out.
        let centre = if diverging && channel.domain.is_some() && !across { (low + high) / 2.0 } else { 0.0 };
        let reach = (high - centre).max(centre - low);
        if diverging && channel.domain.is_none() {
            scale.domain = if across { [-reach, reach] } else { [low.min(0.0), high.max(0.0)] };
        }
        let step = |index: usize| {
            let t = index as f64 / (STEPS - 1) as f64;
            let at = low_of(&scale) + t * scale.span();
            let t = if palette == Palette::Diverging { 0.5 + 0.5 * (at - centre) / reach } else { t };
            palette::ramp(palette, usage, t)
        };
        let table = (0..STEPS).map(step).collect();
        let one = channel.blank.is_some() && channel.domain.is_none() && extent.low >= extent.high;
        Self::Ramp { scale, table, blank: channel.blank, one }
    }

    /// The colour of a cell; muted for a category without one, `None` for a number without a place on the ramp.
    pub(crate) fn paint(&self, cell: &Cell) -> Option<Paint> {
        match self {
            Self::None => None,
            Self::Categories(names, usage) => {
                names.get_index_of(&cell.key()).map(|index| palette::category(index, *usage))
            }
            Self::Ramp { scale, .. } => self.at(scale.kind.coordinate(cell)?).map(Paint::Colour),
        }
    }

    /// Whether a cell stands for nothing there, so that it is not drawn.
    pub(crate) fn is_blank(&self, cell: &Cell) -> bool {
        matches!((self, cell), (Self::Ramp { blank: Some(blank), .. }, Cell::Number(value)) if value == blank)
    }

    /// The colour at a coordinate of the ramp.
    pub(crate) fn at(&self, coordinate: f64) -> Option<Rgb> {
        let Self::Ramp { scale, table, .. } = self else { return None };
        let part = scale.part(coordinate).clamp(0.0, 1.0);
        Some(table[(part * (table.len() - 1) as f64).round() as usize])
    }
}

fn low_of(scale: &Scale) -> f64 {
    scale.domain[0]
}

/// A whole turn for a cyclic palette over angles.
fn turn(palette: Palette, bound: &Bound, extent: Extent) -> Option<[f64; 2]> {
    let half = match bound.schema.unit.as_str() {
        _ if palette != Palette::Cyclic => return None,
        "rad" => std::f64::consts::PI,
        "°" | "deg" => 180.0,
        _ => return None,
    };
    Some(if extent.low < 0.0 { [-half, half] } else { [0.0, 2.0 * half] })
}

fn is_categorical(bound: &Bound, cells: &[&Cell], area: bool) -> bool {
    let CheckedChannel { scale, palette, .. } = &bound.channel;
    match (scale, palette) {
        (Some(ScaleKind::Categorical), _) | (_, Some(Palette::Categorical)) => true,
        (Some(_), _) | (_, Some(_)) => false,
        _ => {
            let distinct: std::collections::BTreeSet<String> = cells.iter().map(|cell| cell.key()).collect();
            cells.iter().any(|cell| matches!(cell, Cell::Text(_))) || !area && distinct.len() <= FEW
        }
    }
}

fn has_raster(rows: &Rows) -> bool {
    rows.marks.iter().any(|mark| matches!(mark, Mark::Image | Mark::Cell))
        && rows.relation.shapes.iter().any(|shape| matches!(shape, Shape::Raster(_)))
}

/// The colour channel of a raster: its values, as the layer wants them.
fn raster_channel(rows: &Rows) -> Bound {
    let channel = rows.color.clone().unwrap_or_default();
    let schema = rows.relation.field("value").map_or_else(
        || octavo_plugin::ColumnSchema {
            kind: ColumnType::Float,
            unit: String::new(),
            label: Localized::None,
        },
        |field| field.schema.clone(),
    );
    Bound { channel, cells: Vec::new(), schema, name: "value".to_owned(), merged: 0, word: None }
}

/// The tone that a constant colour names.
pub(crate) fn tone(bound: &Bound) -> Option<Paint> {
    let text = bound.channel.value.as_ref()?.as_str()?;
    let tone: Tone = serde_json::from_value(text.into()).ok()?;
    Some(tone_paint(tone))
}

/// The paint of a tone.
pub(crate) fn tone_paint(tone: Tone) -> Paint {
    match tone {
        Tone::Ink => Paint::Ink,
        Tone::Muted => Paint::Muted,
        Tone::Series1 => Paint::Series(0),
        Tone::Series2 => Paint::Series(1),
        Tone::Series3 => Paint::Series(2),
        Tone::Series4 => Paint::Series(3),
        Tone::Series5 => Paint::Series(4),
        Tone::Series6 => Paint::Series(5),
    }
}

/// A cell of a channel as a reader sees it.
pub(crate) fn channel_text(cell: &Cell, channel: &CheckedChannel, locale: &Locale) -> String {
    named(cell, &channel.names, locale).unwrap_or_else(|| cell_text(cell, channel.format.as_ref(), locale))
}

/// The name of a cell that stands for a category; with all digits of a number, if wanted and no format says how many.
pub(crate) fn category_name(cell: &Cell, channel: &CheckedChannel, whole: bool, locale: &Locale) -> String {
    match cell {
        Cell::Number(value) if whole && channel.format.is_none() => named(cell, &channel.names, locale)
            .unwrap_or_else(|| octavo_tables::number::whole(*value, locale)),
        _ => channel_text(cell, channel, locale),
    }
}

/// The author's name of a text or of a number as it is written in TOML (`0`, `0.5`).
pub(crate) fn named(cell: &Cell, names: &IndexMap<String, Localized>, locale: &Locale) -> Option<String> {
    let name = match cell {
        Cell::Text(text) => names.get(&**text)?,
        Cell::Number(number) => names.get(&number.to_string())?,
        _ => return None,
    };
    name.get(&locale.tag).map(str::to_owned)
}

/// A cell as a reader sees it where no channel says more.
pub(crate) fn cell_text(cell: &Cell, format: Option<&Format>, locale: &Locale) -> String {
    match cell {
        Cell::Number(value) => number(*value, format, locale).text(),
        Cell::Huge { negative, log10 } => {
            let head = if *negative { "\u{2212}10" } else { "10" };
            Written::power(head, log10.round() as i64, locale).text()
        }
        Cell::Text(text) => {
            let word = format!("value-{text}");
            locale.words.get(&word).cloned().unwrap_or_else(|| text.to_string())
        }
        Cell::Infinite { negative } => if *negative { "\u{2212}∞" } else { "∞" }.to_owned(),
        Cell::Missing => "–".to_owned(),
    }
}
