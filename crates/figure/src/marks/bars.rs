//! Bars, from zero or to their other end, side by side where a colour divides a place.

use indexmap::IndexSet;

use super::dodge::Dodge;
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Datum;
use crate::scene::{Element, Form, Paint, Point, Style};
use crate::stack::is_stacked;

pub(super) fn bar(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, dodge: &Dodge, output: &mut Output) {
    let wide = dodge.wide();
    let gap = if wide > 6.0 && dodge.is_divided() { 1.0 } else { 0.0 };
    let stacked = is_stacked(look.layer);
    let free = look.layer.x2.is_none() && look.layer.y2.is_none() && !stacked;
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
            [plot.cells(datum.more().x2.as_ref(), datum.y.as_ref()).map_or(plot.side(), |end| end[0]), at[1]]
        } else {
            [at[0], plot.cells(datum.x.as_ref(), datum.more().y2.as_ref()).map_or(plot.base(), |end| end[1])]
        };
        let outline = rectangle(from, at, dodge.lying, dodge.shift(datum), wide - gap);
        let outline = clip::polygon(plot.frame, &outline);
        if outline.len() > 2 {
            let style = Style::fill(look.colour(plot, datum, Paint::Series(0))).faded(look.opacity(1.0));
            // The paper shows where a piece ends and the next begins, unless it would hide the piece.
            let long = (at[0] - from[0]).abs().max((at[1] - from[1]).abs()) > 4.0;
            let style = if stacked && long { style.outlined(Paint::Paper, 1.0) } else { style };
            output.elements.push(Element { form: Form::Polygon(outline), style });
        }
    }
}

/// Whether an end of a datum's bar lies outside the axes: the other end, or zero where there is none.
pub(super) fn is_cut(plot: &Plot<'_>, datum: &Datum, lying: bool) -> bool {
    let (scale, ends) =
        if lying { (&plot.x, [&datum.x, &datum.more().x2]) } else { (&plot.y, [&datum.y, &datum.more().y2]) };
    let inside = |cell: &Cell| scale.kind.coordinate(cell).is_some_and(|at| scale.shows(at));
    // A logarithmic axis has no zero: its bars rise from its end.
    let no_zero = scale.kind.coordinate(&Cell::Number(0.0)).is_none();
    let base = || no_zero || inside(&Cell::Number(0.0));
    !ends[0].as_ref().is_some_and(inside) || !ends[1].as_ref().map_or_else(base, inside)
}

/// The corners of a bar between two ends.
pub(super) fn rectangle(from: Point, to: Point, lying: bool, shift: f64, wide: f64) -> Vec<Point> {
    let half = wide / 2.0;
    if lying {
        let (top, bottom) = (to[1] + shift - half, to[1] + shift + half);
        vec![[from[0], top], [to[0], top], [to[0], bottom], [from[0], bottom]]
    } else {
        let (left, right) = (to[0] + shift - half, to[0] + shift + half);
        vec![[left, from[1]], [left, to[1]], [right, to[1]], [right, from[1]]]
    }
}
