//! Points and texts.

use octavo_plugin::figure::Mark;

use super::dodge::Dodge;
use super::jitter;
use crate::clip;
use crate::colour;
use crate::plot::{Look, Note, Output, Plot};
use crate::rows::{Datum, Rows};
use crate::scene::{Anchor, Element, Form, Paint, Point, Style, Text, Weight, label};

/// More points than these are a single form where they look alike.
const MANY: usize = 20_000;

pub(super) fn point(
    plot: &Plot<'_>,
    rows: &Rows,
    data: &[&Datum],
    look: Look<'_>,
    dodge: &Dodge,
    output: &mut Output,
) {
    let size = rows.channels.get("size");
    let many = data.iter().map(|datum| super::vertices(datum).map_or(1, |vertices| vertices.len())).sum();
    let on_line = rows.marks.contains(&Mark::Line);
    let (radius, opacity) = match many {
        0..=60 if on_line => (3.0, 1.0),
        0..=300 => (3.25, 1.0),
        301..=2000 => (2.25, 0.8),
        2001..=MANY => (1.5, 0.6),
        _ => (1.0, 0.5),
    };
    let strewn = jitter::shifts(data, rows.layer.jitter.unwrap_or(0.0) * dodge.wide());
    for (datum, strewn) in data.iter().zip(strewn) {
        let paint = look.colour(plot, datum, Paint::Series(0));
        let constant = size
            .filter(|bound| bound.is_constant())
            .and(datum.more().size.as_ref())
            .and_then(|cell| cell.number());
        let radius = match plot.sizes.part(size, datum) {
            Some(part) => 1.5 + 7.5 * part.max(0.0).sqrt(),
            None => constant.unwrap_or(radius).clamp(0.1, 100.0),
        };
        let halo = many <= 500 && look.opacity(opacity) >= 1.0;
        let style = Style::fill(paint).faded(look.opacity(opacity));
        let style = if halo { style.outlined(Paint::Paper, 1.0) } else { style };
        let mut dot = |at: Option<Point>| {
            let Some(at) = at.filter(|at| clip::inside(plot.frame, *at)) else { return };
            match output.elements.last_mut() {
                Some(Element { form: Form::Circles(centres, same), style: other })
                    if *same == radius && *other == style =>
                {
                    centres.push(at);
                }
                // An element each would take eight times the memory.
                _ if many > MANY => {
                    output.elements.push(Element { form: Form::Circles(vec![at], radius), style });
                }
                _ => output.elements.push(Element { form: Form::Circle(at, radius), style }),
            }
        };
        match super::vertices(datum) {
            Some(vertices) if datum.x.is_none() => {
                vertices.iter().for_each(|vertex| dot(plot.vertex(*vertex)));
            }
            _ => dot(plot.datum(datum).map(|at| dodge.along(dodge.moved(datum, at), strewn))),
        }
    }
}

pub(super) fn text(plot: &Plot<'_>, rows: &Rows, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let lift = if rows.marks.contains(&Mark::Point) { -8.0 } else { 4.3 };
    let Some(bound) = rows.channels.get("text") else { return };
    for datum in data {
        let place = match super::vertices(datum) {
            Some(vertices) if datum.x.is_none() => centre(vertices).and_then(|at| plot.vertex(at)),
            _ => plot.datum(datum),
        };
        let Some(at) = place.filter(|at| clip::inside(plot.frame, *at)) else { continue };
        let Some(cell) = &datum.more().text else { continue };
        let text = label(&colour::channel_text(cell, &bound.channel, plot.locale));
        let half = crate::text::width(&text, 12.0, Weight::Regular) / 2.0;
        let [left, _, wide, _] = plot.frame;
        let at = [at[0].min(left + wide - half).max(left + half), at[1]];
        let style = Style::fill(look.colour(plot, datum, Paint::Ink)).outlined(Paint::Paper, 3.0);
        let text = Text::new([at[0], at[1] + lift], text, 12.0, Anchor::Middle);
        output.elements.push(Element { form: Form::Text(text), style: style.faded(look.opacity(1.0)) });
    }
}

/// Texts that find their own room, near the places of their rows.
pub(super) fn note(plot: &Plot<'_>, rows: &Rows, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let Some(bound) = rows.channels.get("text") else { return };
    for datum in data {
        let place = plot.datum(datum).filter(|at| clip::inside(plot.frame, *at));
        let (Some(at), Some(cell)) = (place, &datum.more().text) else { continue };
        let text = label(&colour::channel_text(cell, &bound.channel, plot.locale));
        output.notes.push(Note { at, text, paint: look.colour(plot, datum, Paint::Ink) });
    }
}

/// The middle of the vertices.
fn centre(vertices: &[[f64; 2]]) -> Option<[f64; 2]> {
    let count = vertices.len() as f64;
    let total = vertices.iter().fold([0.0, 0.0], |sum, [x, y]| [sum[0] + x, sum[1] + y]);
    (count > 0.0).then(|| [total[0] / count, total[1] / count])
}
