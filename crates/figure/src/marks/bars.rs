//! Bars, from zero or to their other end, side by side where a colour divides a place.

use indexmap::IndexSet;

use super::edges;
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Datum;
use crate::scale::Scale;
use crate::scene::{Element, Form, Paint, Point, Style};

/// How bars share a place.
pub(super) struct Dodge {
    /// Whether bars lie.
    pub(super) lying: bool,
    sides: IndexSet<String>,
    parts: usize,
    whole: f64,
}

impl Dodge {
    pub(super) fn new(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>) -> Self {
        let lying = lie(plot);
        let along = |datum: &Datum| if lying { datum.y.clone() } else { datum.x.clone() };
        let (scale, length) = if lying { (&plot.y, plot.frame[3]) } else { (&plot.x, plot.frame[2]) };
        let cells = data.iter().filter_map(|datum| along(datum));
        let room = slot(scale, cells.filter_map(|cell| scale.kind.coordinate(&cell))) / scale.span() * length;
        let divided = look.layer.color.is_some() && shared_places(data, along);
        let colours = data.iter().filter(|_| divided).filter_map(|datum| datum.color.as_ref());
        let sides: IndexSet<String> = colours.map(|cell| cell.key()).collect();
        let parts = sides.len().max(1);
        Self { lying, sides, parts, whole: (0.74 * room).clamp(1.0, 90.0 * parts as f64) }
    }

    /// Width of one bar.
    fn wide(&self) -> f64 {
        self.whole / self.parts as f64
    }

    /// How far the middle of a datum's bar is from its place.
    pub(super) fn shift(&self, datum: &Datum) -> f64 {
        let side = datum.color.as_ref().and_then(|cell| self.sides.get_index_of(&cell.key()));
        side.filter(|_| self.parts > 1)
            .map_or(0.0, |side| (side as f64 + 0.5) * self.wide() - self.whole / 2.0)
    }
}

pub(super) fn bar(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let dodge = Dodge::new(plot, data, look);
    let wide = dodge.wide();
    let gap = if wide > 6.0 && dodge.parts > 1 { 1.0 } else { 0.0 };
    let free = look.layer.x2.is_none() && look.layer.y2.is_none();
    let mut taken = IndexSet::new();
    for datum in data {
        let Some(at) = plot.datum(datum) else { continue };
        // Its length is what a bar says: one that does not fit says something else.
        if is_cut(plot, datum, dodge.lying) {
            continue;
        }
        let along = if dodge.lying { at[1] } else { at[0] };
        output.overlaid += usize::from(free && !taken.insert((along + dodge.shift(datum)).to_bits()));
        let from = if dodge.lying {
            [plot.cells(datum.x2.as_ref(), datum.y.as_ref()).map_or(plot.side(), |end| end[0]), at[1]]
        } else {
            [at[0], plot.cells(datum.x.as_ref(), datum.y2.as_ref()).map_or(plot.base(), |end| end[1])]
        };
        let outline = rectangle(from, at, dodge.lying, dodge.shift(datum), wide - gap);
        let outline = clip::polygon(plot.frame, &outline);
        if outline.len() > 2 {
            let style = Style::fill(look.colour(plot, datum, Paint::Series(0))).faded(look.opacity(1.0));
            output.elements.push(Element { form: Form::Polygon(outline), style });
        }
    }
}

/// Whether an end of a datum's bar lies outside the axes: the other end, or zero where there is none.
pub(super) fn is_cut(plot: &Plot<'_>, datum: &Datum, lying: bool) -> bool {
    let (scale, ends) =
        if lying { (&plot.x, [&datum.x, &datum.x2]) } else { (&plot.y, [&datum.y, &datum.y2]) };
    let inside = |cell: &Cell| scale.kind.coordinate(cell).is_some_and(|at| scale.shows(at));
    // A logarithmic axis has no zero: its bars rise from its end.
    let no_zero = scale.kind.coordinate(&Cell::Number(0.0)).is_none();
    let base = || no_zero || inside(&Cell::Number(0.0));
    !ends[0].as_ref().is_some_and(inside) || !ends[1].as_ref().map_or_else(base, inside)
}

/// Whether the bars of these data lie.
pub(super) fn lie(plot: &Plot<'_>) -> bool {
    plot.y.kind.is_categorical() && !plot.x.kind.is_categorical()
}

/// Whether several data stand at one place.
fn shared_places(data: &[&Datum], along: impl Fn(&Datum) -> Option<Cell>) -> bool {
    let mut seen = IndexSet::new();
    data.iter().filter_map(|datum| along(datum)).any(|cell| !seen.insert(cell.key()))
}

/// The room of a place, in coordinates.
fn slot(scale: &Scale, coordinates: impl Iterator<Item = f64>) -> f64 {
    let places = edges::places(coordinates);
    let gaps = places.windows(2).map(|pair| pair[1] - pair[0]).fold(f64::INFINITY, f64::min);
    if gaps.is_finite() { gaps } else { scale.span().min(1.0) }
}

fn rectangle(from: Point, to: Point, lying: bool, shift: f64, wide: f64) -> Vec<Point> {
    let half = wide / 2.0;
    if lying {
        let (top, bottom) = (to[1] + shift - half, to[1] + shift + half);
        vec![[from[0], top], [to[0], top], [to[0], bottom], [from[0], bottom]]
    } else {
        let (left, right) = (to[0] + shift - half, to[0] + shift + half);
        vec![[left, from[1]], [left, to[1]], [right, to[1]], [right, from[1]]]
    }
}
