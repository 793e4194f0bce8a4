//! Bands across the whole panel, between two constants.

use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot, Reference};
use crate::rows::Datum;
use crate::scale::Scale;
use crate::scene::{Element, Form, Paint, Style};

/// How much of the page a band covers.
const FILL: f64 = 0.16;

pub(super) fn band(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let [left, top, wide, high] = plot.frame;
    for datum in data {
        let lies = datum.y.is_some() && datum.more().y2.is_some();
        let (scale, ends) = if lies {
            (&plot.y, [&datum.y, &datum.more().y2])
        } else {
            (&plot.x, [&datum.x, &datum.more().x2])
        };
        let [Some(a), Some(b)] = ends.map(|end| part(scale, end.as_ref())) else { continue };
        let at = |part: f64| {
            let place = scale.domain[0] + part * scale.span();
            if lies {
                plot.place([plot.x.domain[0], place])[1]
            } else {
                plot.place([place, plot.y.domain[0]])[0]
            }
        };
        let (low, high_end) = (at(a).min(at(b)), at(a).max(at(b)));
        let frame = if lies { [left, low, wide, high_end - low] } else { [low, top, high_end - low, high] };
        // A band of which nothing is within the axes has no edges to show.
        if frame[2] <= 0.0 || frame[3] <= 0.0 || !clip::inside(plot.frame, [frame[0], frame[1]]) {
            continue;
        }
        let style = Style::fill(look.colour(plot, datum, Paint::Muted)).faded(look.opacity(FILL));
        output.behind.push(Element { form: Form::Rect(frame), style });
        output.references.push(Reference { layer: look.index, frame, lies });
    }
}

/// The part of the axis at which an edge stands, within the axis.
fn part(scale: &Scale, end: Option<&Cell>) -> Option<f64> {
    let at = match end? {
        Cell::Infinite { negative } => scale.domain[usize::from(!negative)],
        cell => scale.kind.coordinate(cell)?,
    };
    Some(scale.part(at).clamp(0.0, 1.0))
}
