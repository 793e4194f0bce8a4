//! Violins: the density of the values of a place, on both sides of it, upright or lying. All have one area for one number of values.

use indexmap::IndexMap;
use octavo_plugin::figure::Dash;

use super::dodge::Dodge;
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Summary;
use crate::rows::{Datum, Rows};
use crate::scene::{Element, Form, Paint, Point, Style};

/// How much of the page a violin lets through.
const FILL: f64 = 0.22;

pub(super) fn violin(
    plot: &Plot<'_>,
    rows: &Rows,
    data: &[&Datum],
    look: Look<'_>,
    dodge: &Dodge,
    output: &mut Output,
) {
    // The densest place of all panels is as wide as there is room.
    let densest = rows.data.iter().filter_map(Datum::density).fold(0.0, f64::max);
    let half = dodge.wide() / 2.0 * if dodge.is_divided() { 0.95 } else { 1.0 };
    let mut groups: IndexMap<String, Vec<&Datum>> = IndexMap::new();
    for datum in data {
        let place = if dodge.lying { &datum.y } else { &datum.x };
        let key = |cell: &Option<Cell>| cell.as_ref().map_or_else(String::new, Cell::key);
        let key = format!("{}\u{1f}{}\u{1f}{}", key(place), key(&datum.color), datum.group);
        groups.entry(key).or_default().push(datum);
    }
    for group in groups.values() {
        let paint = look.colour(plot, group[0], Paint::Series(0));
        let line = look.line(paint, 1.5, Dash::Solid);
        let place = |datum: &&Datum| Some((dodge.moved(datum, plot.datum(datum)?), datum.density()));
        let places: Vec<(Point, Option<f64>)> = group.iter().filter_map(place).collect();
        let side = |sign: f64| {
            move |(at, density): &(Point, Option<f64>)| {
                dodge.along(*at, sign * density.map_or(0.5 * half, |density| density / densest * half))
            }
        };
        if let [single] = &places[..] {
            if let Some([a, b]) = clip::segment(plot.frame, side(-1.0)(single), side(1.0)(single)) {
                output.elements.push(Element { form: Form::Path(vec![a, b]), style: line });
            }
            continue;
        }
        let outline: Vec<Point> =
            places.iter().map(side(1.0)).chain(places.iter().rev().map(side(-1.0))).collect();
        let outline = clip::polygon(plot.frame, &outline);
        if outline.len() > 2 {
            let fill = Style::fill(paint).faded(FILL * look.opacity(1.0));
            output.elements.push(Element { form: Form::Polygon(outline.clone()), style: fill });
            output.elements.push(Element { form: Form::Polygon(outline), style: line });
        }
    }
}

/// The values without a place, and the densities of which a part lies outside the axes.
pub(super) fn outside(plot: &Plot<'_>, data: &[&Datum]) -> usize {
    let mut cut: IndexMap<usize, bool> = IndexMap::new();
    let mut beyond = 0;
    for datum in data {
        let scales = [(&plot.x, &datum.x), (&plot.y, &datum.y)];
        let out = scales.iter().any(|(scale, cell)| match cell {
            None | Some(Cell::Missing) => false,
            Some(cell) => scale.kind.coordinate(cell).is_none_or(|at| !scale.shows(at)),
        });
        *cut.entry(datum.row).or_default() |= out;
        if let Some(Summary::Density { beyond: more, .. }) = datum.more().summary {
            beyond += more;
        }
    }
    beyond + cut.values().filter(|cut| **cut).count()
}
