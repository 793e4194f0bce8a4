//! Error bars: a thin line with caps from one end of a spread to the other, upright or lying.

use octavo_plugin::figure::{Dash, Mark};

use super::dodge::{Dodge, over_bars};
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Axis;
use crate::rows::{Datum, Rows};
use crate::scale::Scale;
use crate::scene::{Element, Form, Paint, Point, Style};

/// Half the length of a cap in pixels.
pub(super) const CAP: f64 = 4.0;

/// The axis along which the error bars of a layer run.
fn axis(rows: &Rows) -> Axis {
    let has = |name: &str| rows.channels.get(name).is_some();
    let lies = has("x2") || !has("y2") && rows.statistic() == Some("x");
    if lies { Axis::X } else { Axis::Y }
}

/// Both ends of the error bar of a datum.
fn ends(datum: &Datum, axis: Axis) -> Option<[&Cell; 2]> {
    let (first, second) =
        if axis == Axis::X { (&datum.x, &datum.more().x2) } else { (&datum.y, &datum.more().y2) };
    let ends = match (&datum.more().spread, first, second) {
        (_, Some(first), Some(second)) => [first, second],
        (Some((low, high)), ..) => [low, high],
        _ => return None,
    };
    ends.iter().all(|end| end.is_number()).then_some(ends)
}

/// What paints thin marks where no channel decides: ink over bars, which have the colour themselves.
pub(crate) fn paint(layers: &[Rows], look: &Look<'_>) -> Option<Paint> {
    (over_bars(layers) && !look.chosen).then_some(Paint::Ink)
}

pub(super) fn errorbar(
    plot: &Plot<'_>,
    layers: &[Rows],
    data: &[&Datum],
    look: Look<'_>,
    dodge: &Dodge,
    output: &mut Output,
) {
    let rows = &layers[look.index];
    let axis = axis(rows);
    let cap = CAP.min(0.4 * dodge.wide()).max(1.5);
    for datum in data {
        let Some([low, high]) = ends(datum, axis).and_then(|ends| places(plot, datum, axis, ends)) else {
            continue;
        };
        let paint = paint(layers, &look).unwrap_or_else(|| look.colour(plot, datum, Paint::Series(0)));
        let style = look.line(paint, 1.5, Dash::Solid);
        whisker(plot, [low, high].map(|end| dodge.moved(datum, end)), axis, cap, style, output);
    }
}

/// Both ends in pixels. What an axis has no place for, as zero on a logarithmic one, lies outside of it.
fn places(plot: &Plot<'_>, datum: &Datum, axis: Axis, ends: [&Cell; 2]) -> Option<[Point; 2]> {
    let (scale, across, cell) = match axis {
        Axis::X => (&plot.x, &plot.y, datum.y.as_ref()?),
        Axis::Y => (&plot.y, &plot.x, datum.x.as_ref()?),
    };
    let across = across.kind.coordinate(cell)?;
    let place = |end: &Cell| {
        let at = scale.kind.coordinate(end).unwrap_or_else(|| beyond(scale, end));
        plot.place(if axis == Axis::X { [at, across] } else { [across, at] })
    };
    Some(ends.map(place))
}

/// A coordinate outside the axis, on the side of a cell that has none.
fn beyond(scale: &Scale, cell: &Cell) -> f64 {
    let [low, high] = scale.domain;
    let upper = matches!(cell, Cell::Infinite { negative: false } | Cell::Huge { negative: false, .. });
    if upper || cell.number().is_some_and(|value| value > 1.0) {
        high + scale.span()
    } else {
        low - scale.span()
    }
}

/// A thin bar with caps at the ends that lie within the frame.
pub(super) fn whisker(
    plot: &Plot<'_>,
    [a, b]: [Point; 2],
    axis: Axis,
    cap: f64,
    style: Style,
    output: &mut Output,
) {
    let mut push = |points| output.elements.push(Element { form: Form::Path(points), style });
    if let Some([a, b]) = clip::segment(plot.frame, a, b) {
        push(vec![a, b]);
    }
    for [x, y] in [a, b].into_iter().filter(|end| clip::inside(plot.frame, *end)) {
        let ends = if axis == Axis::X { [[x, y - cap], [x, y + cap]] } else { [[x - cap, y], [x + cap, y]] };
        push(ends.to_vec());
    }
}

/// Whether an end of a datum's error bar lies outside the axes.
pub(super) fn is_cut(plot: &Plot<'_>, rows: &Rows, datum: &Datum) -> bool {
    if !rows.marks.contains(&Mark::Errorbar) {
        return false;
    }
    let axis = axis(rows);
    let scale = if axis == Axis::X { &plot.x } else { &plot.y };
    let out = |cell: &&Cell| scale.kind.coordinate(cell).is_none_or(|at| !scale.shows(at));
    ends(datum, axis).is_some_and(|ends| ends.iter().any(out))
}
