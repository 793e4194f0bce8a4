//! Boxes from quartile to quartile, with median, whiskers and outliers, upright or lying.

use octavo_plugin::figure::Dash;

use super::bars::rectangle;
use super::dodge::Dodge;
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Five;
use crate::rows::{Datum, Rows};
use crate::scene::{Element, Form, Paint, Point, Style};

/// How much of the page an empty box lets through.
const FILL: f64 = super::PALE;

pub(super) fn boxes(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, dodge: &Dodge, output: &mut Output) {
    let wide = match dodge.wide() {
        room if dodge.slim => (0.16 * room).clamp(3.0, 12.0),
        room if dodge.is_divided() => 0.86 * room,
        room => room,
    };
    for datum in data {
        let Some(five) = datum.five() else { continue };
        let place = |cell: &Cell| place(plot, datum, dodge, cell);
        let paint = look.colour(plot, datum, Paint::Series(0));
        one(plot, five, &place, &Drawn { paint, wide, look, lying: dodge.lying }, output);
        if look.layer.outliers == Some(false) {
            continue;
        }
        for at in five.outliers.iter().filter_map(place).filter(|at| clip::inside(plot.frame, *at)) {
            let style = Style { fill: Some(Paint::Paper), ..Style::line(paint, 1.25) };
            output
                .elements
                .push(Element { form: Form::Circle(at, 2.6), style: style.faded(look.opacity(1.0)) });
        }
    }
}

/// How a box looks.
struct Drawn<'a> {
    paint: Paint,
    wide: f64,
    look: Look<'a>,
    lying: bool,
}

fn one(
    plot: &Plot<'_>,
    five: &Five,
    place: &dyn Fn(&Cell) -> Option<Point>,
    drawn: &Drawn<'_>,
    output: &mut Output,
) {
    let places: Option<Vec<Point>> = five.numbers.iter().map(place).collect();
    let Some([low, lower, middle, upper, high]) = places.as_deref() else { return };
    let Drawn { paint, wide, look, lying } = *drawn;
    let line = look.line(paint, 1.5, Dash::Solid);
    let mut segment = |a: Point, b: Point, style: Style| {
        if let Some([a, b]) = clip::segment(plot.frame, a, b) {
            output.elements.push(Element { form: Form::Path(vec![a, b]), style });
        }
    };
    let across = |[x, y]: Point, half: f64| {
        if lying { [[x, y - half], [x, y + half]] } else { [[x - half, y], [x + half, y]] }
    };
    for (end, quartile) in [(low, lower), (high, upper)] {
        if end != quartile {
            segment(*quartile, *end, line);
            let [a, b] = across(*end, 0.2 * wide);
            segment(a, b, line);
        }
    }
    let outline = clip::polygon(plot.frame, &rectangle(*lower, *upper, lying, 0.0, wide));
    if outline.len() > 2 {
        let fill = Style::fill(paint).faded(FILL * look.opacity(1.0));
        output.elements.push(Element { form: Form::Polygon(outline.clone()), style: fill });
        output.elements.push(Element { form: Form::Polygon(outline), style: line });
    }
    let [a, b] = across(*middle, wide / 2.0);
    if let Some([a, b]) = clip::segment(plot.frame, a, b) {
        let style = look.line(paint, 3.0, Dash::Solid);
        output.elements.push(Element { form: Form::Path(vec![a, b]), style });
    }
}

/// Where a value of a datum's box stands.
fn place(plot: &Plot<'_>, datum: &Datum, dodge: &Dodge, cell: &Cell) -> Option<Point> {
    let at = if dodge.lying {
        plot.cells(Some(cell), datum.y.as_ref())
    } else {
        plot.cells(datum.x.as_ref(), Some(cell))
    };
    at.map(|at| dodge.moved(datum, at))
}

/// How much of a box lies outside the axes: the box itself, if a part of it does, and each of its outliers.
pub(super) fn outside(plot: &Plot<'_>, rows: &Rows, datum: &Datum) -> usize {
    let Some(five) = datum.five() else { return 0 };
    let scale = if rows.lies() { &plot.x } else { &plot.y };
    let out = |cell: &&Cell| scale.kind.coordinate(cell).is_none_or(|at| !scale.shows(at));
    let outliers = five.outliers.iter().filter(|_| rows.layer.outliers != Some(false));
    usize::from(five.numbers.iter().any(|cell| out(&cell))) + outliers.filter(out).count()
}
