//! Bars, from zero or to their other end, side by side where a colour divides a place.

use indexmap::IndexSet;

use super::edges;
use crate::figure::clip;
use crate::figure::plot::{Look, Output, Plot};
use crate::figure::rows::Datum;
use crate::figure::scale::Scale;
use crate::figure::scene::{Element, Form, Paint, Point, Style};

pub(super) fn bar(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let lying = plot.y.kind.is_categorical() && !plot.x.kind.is_categorical();
    let along = |datum: &Datum| if lying { datum.y.clone() } else { datum.x.clone() };
    let (scale, length) = if lying { (&plot.y, plot.frame[3]) } else { (&plot.x, plot.frame[2]) };
    let slot = slot(scale, data.iter().filter_map(|datum| along(datum)).filter_map(|cell| scale.kind.coordinate(&cell)));
    let room = slot / scale.span() * length;
    let divided = data.iter().any(|datum| datum.color.is_some() && datum.color != along(datum)) && look.layer.color.is_some();
    let sides: IndexSet<String> =
        data.iter().filter(|_| divided).filter_map(|datum| datum.color.as_ref()).map(|cell| cell.key()).collect();
    let shared = shared_places(data, along);
    let parts = if shared { sides.len().max(1) } else { 1 };
    let whole = (0.74 * room).clamp(1.0, 90.0 * parts as f64);
    let wide = whole / parts as f64;
    for datum in data {
        let side = datum.color.as_ref().filter(|_| parts > 1).and_then(|cell| sides.get_index_of(&cell.key())).unwrap_or(0);
        let shift = if parts > 1 { (side as f64 + 0.5) * wide - whole / 2.0 } else { 0.0 };
        let Some(at) = plot.datum(datum) else { continue };
        let from = if lying {
            [plot.cells(datum.x2.as_ref(), datum.y.as_ref()).map_or(plot.side(), |end| end[0]), at[1]]
        } else {
            [at[0], plot.cells(datum.x.as_ref(), datum.y2.as_ref()).map_or(plot.base(), |end| end[1])]
        };
        let gap = if wide > 6.0 && parts > 1 { 1.0 } else { 0.0 };
        let outline = rectangle(from, at, lying, shift, wide - gap);
        let outline = clip::polygon(plot.frame, &outline);
        if outline.len() > 2 {
            let style = Style::fill(look.colour(plot, datum, Paint::Series(0))).faded(look.opacity(1.0));
            output.elements.push(Element { form: Form::Polygon(outline), style });
        }
    }
}

/// Whether several data stand at one place.
fn shared_places(data: &[&Datum], along: impl Fn(&Datum) -> Option<crate::figure::cell::Cell>) -> bool {
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
