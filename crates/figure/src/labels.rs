//! Texts within a panel: names of lines and bands across it, names of lines that end early, and notes.

use super::clip::Frame;
use super::plan::{LegendEntry, Plan};
use super::plot::{LineEnd, Note, Reference};
use super::room::{self, Room};
use super::rows::Rows;
use super::scene::{Anchor, Element, Form, Paint, Point, Span, Style, Text, Weight, label};
use super::text;
use octavo_plugin::figure::Mark;

/// Size of texts within a panel.
pub(crate) const SIZE: f64 = 12.0;
/// Height of a line of them.
const HIGH: f64 = 13.0;
/// Room between a text and the line that it names.
const GAP: f64 = 4.0;
/// A text that stands nearer to its place needs no line to it.
const NEAR: f64 = 10.0;
/// The farthest that a name stands from the end of its line.
const FARTHEST: f64 = 26.0;

/// Where the name of an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// In the list above the plot.
    Legend,
    /// Beside the plot, where its line ends.
    Margin,
    /// Within the plot, on what goes across it.
    Plot,
}

impl Place {
    /// Where it stands if there is no room for it here.
    pub(crate) fn next(self, plan: &Plan, entry: &LegendEntry) -> Self {
        if self == Self::Margin && is_across(plan, entry) { Self::Plot } else { Self::Legend }
    }
}

/// Whether an entry names a line or band across the panel.
pub(crate) fn is_across(plan: &Plan, entry: &LegendEntry) -> bool {
    entry.color.is_none() && plan.layers.get(entry.layer).is_some_and(is_reference)
}

fn is_reference(rows: &Rows) -> bool {
    rows.marks == [Mark::Rule] || rows.layer.is_reference_band()
}

fn size(text: &[Span]) -> [f64; 2] {
    [text::width(text, SIZE, Weight::Regular), HIGH]
}

/// A text in a frame, with a halo.
fn written(text: Vec<Span>, [left, top, ..]: Frame, paint: Paint) -> Element {
    let text = Text::new([left, top + 0.5 * HIGH + 0.36 * SIZE], text, SIZE, Anchor::Start);
    Element { form: Form::Text(text), style: Style::fill(paint).outlined(Paint::Paper, 3.0) }
}

/// The name of a line or band across the panel; `None` if it has no room there.
pub(crate) fn across(name: &str, reference: &Reference, frame: Frame, room: &mut Room) -> Option<Element> {
    let text = label(name);
    let spot = room.best(beside(reference, frame, size(&text))).filter(|spot| spot.covers == 0)?;
    room.take(spot.frame, None);
    Some(written(text, spot.frame, Paint::Muted))
}

/// Places for a name, the best first: within a band, else at a side of the line; at its far end, then its near one, then between.
fn beside(reference: &Reference, [left, top, wide, high]: Frame, [long, tall]: [f64; 2]) -> Vec<Frame> {
    let [x, y, breadth, height] = reference.frame;
    let mut places = Vec::new();
    if reference.lies {
        let rows = if height > tall + GAP {
            vec![y + GAP / 2.0, y + height - tall - GAP / 2.0]
        } else {
            vec![y - tall - 1.0, y + height + 1.0]
        };
        for part in [1.0, 0.0, 0.5, 0.75, 0.25] {
            let start = left + GAP + part * (wide - long - 2.0 * GAP);
            places.extend(rows.iter().map(|row| [start, *row, long, tall]));
        }
    } else {
        let columns = if breadth > long + 2.0 * GAP {
            vec![x + (breadth - long) / 2.0]
        } else {
            vec![x + breadth + GAP, x - long - GAP]
        };
        for part in [0.0, 1.0, 0.25, 0.5, 0.75] {
            let row = top + GAP + part * (high - tall - 2.0 * GAP);
            places.extend(columns.iter().map(|column| [*column, row, long, tall]));
        }
    }
    places
}

/// The name of a line that ends within the panel; `None` if there is no room near its end.
pub(crate) fn at_end(entry: &LegendEntry, end: &LineEnd, room: &mut Room) -> Option<Vec<Element>> {
    let text = label(&entry.full);
    let near = |frame: &Frame| distance(room::nearest(*frame, end.at), end.at) <= FARTHEST;
    let places = room::around(end.at, size(&text)).into_iter().filter(near);
    let spot = room.best(places).filter(|spot| spot.covers == 0)?;
    let leader = leader(end.at, spot.frame);
    room.take(spot.frame, leader);
    let line =
        leader.map(|ends| Element { form: Form::Path(ends.to_vec()), style: Style::line(entry.paint, 1.0) });
    Some(line.into_iter().chain([written(text, spot.frame, Paint::Ink)]).collect())
}

/// Notes beside their places, and how many of them cover something.
pub(crate) fn notes(notes: Vec<Note>, room: &mut Room) -> (Vec<Element>, usize) {
    let (mut elements, mut crowded) = (Vec::new(), 0);
    for Note { at, text, paint } in notes {
        let Some(spot) = room.best(room::around(at, size(&text))) else {
            // What is longer than the panel is not written.
            crowded += 1;
            continue;
        };
        crowded += usize::from(spot.covers > 0);
        let leader = leader(at, spot.frame);
        room.take(spot.frame, leader);
        elements.extend(
            leader.map(|ends| Element {
                form: Form::Path(ends.to_vec()),
                style: Style::line(Paint::Muted, 1.0),
            }),
        );
        elements.push(written(text, spot.frame, paint));
    }
    (elements, crowded)
}

/// The line from a place to its text; none if the text is near.
fn leader(at: Point, frame: Frame) -> Option<[Point; 2]> {
    const OFF: f64 = 5.0;
    let to = room::nearest(frame, at);
    let far = distance(to, at);
    let part = OFF / far;
    let from = [at[0] + (to[0] - at[0]) * part, at[1] + (to[1] - at[1]) * part];
    (far > NEAR).then_some([from, to])
}

fn distance(a: Point, b: Point) -> f64 {
    octavo_plugin::math::hypot(a[0] - b[0], a[1] - b[1])
}
