//! How marks share a place of an axis: side by side, one part of its room for each colour.

use indexmap::IndexSet;
use octavo_plugin::figure::Mark;

use super::edges;
use crate::cell::Cell;
use crate::colour::Colours;
use crate::plot::{Look, Plot};
use crate::rows::{Datum, Rows};
use crate::scale::{self, Scale};
use crate::scene::Point;
use crate::stack::is_stacked;

/// The share of the room of a place that marks take, and the widest part of it in pixels.
struct Room {
    filled: f64,
    widest: f64,
    /// Whether the places of categories that have no data leave their room to the others.
    greedy: bool,
    /// Whether boxes leave room for a violin around them.
    slim: bool,
}

const OF_BARS: Room = Room { filled: 0.74, widest: 90.0, greedy: true, slim: false };
const OF_BOXES: Room = Room { filled: 0.62, widest: 56.0, greedy: false, slim: false };
const OF_VIOLINS: Room = Room { filled: 0.86, widest: 80.0, greedy: false, slim: true };
/// Thin marks of one place keep together.
const OF_THIN: Room = Room { filled: 0.5, widest: 44.0, greedy: false, slim: false };

/// How the marks of a layer share a place.
#[derive(Clone, Debug)]
pub(super) struct Dodge {
    /// Whether places lie below each other, so that bars lie.
    pub(super) lying: bool,
    /// Whether all marks of the layer move, not its bars alone.
    whole_layer: bool,
    sides: IndexSet<String>,
    parts: usize,
    whole: f64,
    /// Whether violins stand at the places, so that boxes are slim.
    pub(super) slim: bool,
}

impl Dodge {
    /// Of the layer with this look in a panel. `data` are its data there.
    pub(super) fn new(plot: &Plot<'_>, layers: &[Rows], data: &[&Datum], look: Look<'_>) -> Self {
        let own = &layers[look.index];
        if !shares_places(own) {
            return Self::of(plot, &[], IndexSet::new(), &OF_THIN);
        }
        let beside: Vec<&Rows> = layers.iter().filter(|rows| stands_beside(plot, layers, rows)).collect();
        let room = room(layers);
        if !stands_beside(plot, layers, own) {
            return Self::of(plot, data, IndexSet::new(), room);
        }
        // Bars alone know their own data and no others.
        if beside.iter().all(|rows| is_of_bars(rows)) {
            let divided = look.layer.color.is_some() && shared_places(data, |datum| along(plot, datum));
            let colours = data.iter().filter(|_| divided).filter_map(|datum| datum.color.as_ref());
            return Self::of(plot, data, colours.map(Cell::key).collect(), room);
        }
        let all: Vec<&Datum> = beside.iter().flat_map(|rows| &rows.data).collect();
        Self { whole_layer: true, ..Self::of(plot, &all, sides(plot, &all), room) }
    }

    fn of(plot: &Plot<'_>, data: &[&Datum], sides: IndexSet<String>, of: &Room) -> Self {
        let lying = lie(plot);
        let (scale, length) = if lying { (&plot.y, plot.frame[3]) } else { (&plot.x, plot.frame[2]) };
        let cells = data.iter().filter_map(|datum| along(plot, datum));
        let coordinates = cells.filter_map(|cell| scale.kind.coordinate(cell));
        let one = scale.kind.is_categorical() && !of.greedy;
        let slot = if one { 1.0 } else { slot(scale, coordinates) };
        let room = slot / scale.span() * length;
        let parts = sides.len().max(1);
        let whole = (of.filled * room).clamp(1.0, of.widest * parts as f64);
        Self { lying, whole_layer: false, sides, parts, whole, slim: of.slim }
    }

    /// The room of one colour at a place, in pixels.
    pub(super) fn wide(&self) -> f64 {
        self.whole / self.parts as f64
    }

    /// Whether several colours share a place.
    pub(super) fn is_divided(&self) -> bool {
        self.parts > 1
    }

    /// How far the middle of a datum's part is from its place, in pixels.
    pub(super) fn shift(&self, datum: &Datum) -> f64 {
        let side = datum.color.as_ref().and_then(|cell| self.sides.get_index_of(&cell.key()));
        side.filter(|_| self.parts > 1)
            .map_or(0.0, |side| (side as f64 + 0.5) * self.wide() - self.whole / 2.0)
    }

    /// A place of a datum, moved to its part if all marks of the layer are.
    pub(super) fn moved(&self, datum: &Datum, at: Point) -> Point {
        if self.whole_layer { self.along(at, self.shift(datum)) } else { at }
    }

    /// A place so many pixels further along the axis of places.
    pub(super) fn along(&self, [x, y]: Point, by: f64) -> Point {
        if self.lying { [x, y + by] } else { [x + by, y] }
    }
}

/// Whether a layer has marks that share the room of a place.
fn shares_places(rows: &Rows) -> bool {
    let wide = |mark: &Mark| matches!(mark, Mark::Bar | Mark::Box | Mark::Violin | Mark::Errorbar);
    rows.layer.dodge.is_some() || rows.layer.jitter.is_some() || rows.marks.iter().any(wide)
}

/// Whether the marks of a layer share the room of a place by their colours.
pub(crate) fn stands_in_parts(rows: &Rows) -> bool {
    shares_places(rows) && !is_stacked(&rows.layer) && rows.layer.dodge != Some(false)
}

/// Whether bars of these scales lie.
pub(super) fn lie(plot: &Plot<'_>) -> bool {
    plot.y.kind.is_categorical() && !plot.x.kind.is_categorical()
}

/// Whether marks of a layer have a place of their own for each colour.
fn stands_beside(plot: &Plot<'_>, layers: &[Rows], rows: &Rows) -> bool {
    let places = if lie(plot) { &plot.y } else { &plot.x };
    let areas = |rows: &Rows| has_bars(rows) || has_boxes(rows);
    let follows =
        rows.marks.contains(&Mark::Errorbar) && (layers.iter().any(areas) || places.kind.is_categorical());
    !is_stacked(&rows.layer) && rows.layer.dodge.unwrap_or(areas(rows) || follows)
}

fn has_bars(rows: &Rows) -> bool {
    rows.marks.contains(&Mark::Bar)
}

fn has_boxes(rows: &Rows) -> bool {
    rows.marks.contains(&Mark::Box) || has_violins(rows)
}

fn has_violins(rows: &Rows) -> bool {
    rows.marks.contains(&Mark::Violin)
}

/// The room that the marks of a figure leave each other.
fn room(layers: &[Rows]) -> &'static Room {
    match () {
        () if over_bars(layers) => &OF_BARS,
        () if layers.iter().any(has_violins) => &OF_VIOLINS,
        () if layers.iter().any(has_boxes) => &OF_BOXES,
        () => &OF_THIN,
    }
}

/// Whether nothing but bars decides how a layer shares places.
fn is_of_bars(rows: &Rows) -> bool {
    rows.layer.dodge.is_none() && has_bars(rows) && !rows.marks.contains(&Mark::Errorbar)
}

/// Whether a figure has bars, over which thin marks are drawn in ink.
pub(crate) fn over_bars(layers: &[Rows]) -> bool {
    layers.iter().any(has_bars)
}

/// Where along the axis of places a datum stands.
fn along<'a>(plot: &Plot<'_>, datum: &'a Datum) -> Option<&'a Cell> {
    if lie(plot) { datum.y.as_ref() } else { datum.x.as_ref() }
}

/// Whether several data stand at one place.
fn shared_places<'a>(data: &[&'a Datum], along: impl Fn(&'a Datum) -> Option<&'a Cell>) -> bool {
    let mut seen = IndexSet::new();
    data.iter().filter_map(|datum| along(datum)).any(|cell| !seen.insert(cell.key()))
}

/// The colours of these data in the order of the legend, if two of them share a place.
fn sides(plot: &Plot<'_>, data: &[&Datum]) -> IndexSet<String> {
    let mut places: IndexSet<(String, String)> = IndexSet::new();
    let mut colours: Vec<&Cell> = Vec::new();
    for datum in data {
        let (Some(place), Some(colour)) = (along(plot, datum), datum.color.as_ref()) else { continue };
        if *colour != Cell::Missing && places.insert((place.key(), colour.key())) {
            colours.push(colour);
        }
    }
    let distinct: IndexSet<&String> = places.iter().map(|(place, _)| place).collect();
    if distinct.len() == places.len() {
        return IndexSet::new();
    }
    match plot.colours {
        Colours::Categories(names, _) => colours.sort_by_key(|cell| names.get_index_of(&cell.key())),
        _ => colours.sort_by(|a, b| scale::order(a).total_cmp(&scale::order(b))),
    }
    colours.into_iter().map(Cell::key).collect()
}

/// The room of a place, in coordinates.
fn slot(scale: &Scale, coordinates: impl Iterator<Item = f64>) -> f64 {
    let places = edges::places(coordinates);
    let gaps = places.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    if gaps.is_finite() { gaps } else { scale.span().min(1.0) }
}
