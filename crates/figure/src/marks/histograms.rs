//! Histograms: bars over intervals, or the outlines of several colours over each other.

use indexmap::IndexMap;
use octavo_plugin::figure::Dash;

use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Datum;
use crate::rows::Summary;
use crate::scene::{Element, Form, Paint, Point, Style};
use crate::stack::is_stacked;

/// How much of each other the areas of two colours cover, and those of more.
const FILL: [f64; 2] = [0.22, 0.1];

pub(super) fn histogram(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let mut groups: IndexMap<String, Vec<&Datum>> = IndexMap::new();
    for datum in data {
        let colour = datum.color.as_ref().map_or_else(String::new, Cell::key);
        groups.entry(format!("{colour}\u{1f}{}", datum.group)).or_default().push(datum);
    }
    let over_each_other = groups.len() > 1 && !is_stacked(look.layer);
    for group in groups.values() {
        let paint = look.colour(plot, group[0], Paint::Series(0));
        if over_each_other {
            let fill = FILL[usize::from(groups.len() > 2)];
            outline(plot, group, fill, look, paint, output);
            continue;
        }
        for [low, high] in group.iter().filter_map(|datum| corners(plot, datum)) {
            // Neighbours are told apart where there is room for it.
            let gap = if high[0] - low[0] > 4.0 { 0.5 } else { 0.0 };
            let (left, right) = (low[0] + gap, high[0] - gap);
            let outline = [[left, low[1]], [left, high[1]], [right, high[1]], [right, low[1]]];
            let outline = clip::polygon(plot.frame, &outline);
            if outline.len() > 2 && (high[1] - low[1]).abs() > 1e-9 {
                let style = Style::fill(paint).faded(look.opacity(1.0));
                output.elements.push(Element { form: Form::Polygon(outline), style });
            }
        }
    }
}

/// The steps of one colour, each run of intervals with rows for itself, and a light area below them.
fn outline(plot: &Plot<'_>, group: &[&Datum], fill: f64, look: Look<'_>, paint: Paint, output: &mut Output) {
    let mut bars: Vec<[Point; 2]> = group.iter().filter_map(|datum| corners(plot, datum)).collect();
    bars.sort_by(|a, b| a[0][0].total_cmp(&b[0][0]));
    let rises = |bar: &[Point; 2]| bar[0][1] - bar[1][1] > 1e-9;
    for run in bars.chunk_by(|a, b| rises(a) == rises(b)).filter(|run| rises(&run[0])) {
        let steps = run.iter().flat_map(|[low, high]| [[low[0], high[1]], *high]);
        let ([start, _], [foot, end]) = (run[0], run[run.len() - 1]);
        let steps: Vec<Point> = std::iter::once(start).chain(steps).chain([[end[0], foot[1]]]).collect();
        let area = clip::polygon(plot.frame, &steps);
        if area.len() > 2 {
            let style = Style::fill(paint).faded(fill * look.opacity(1.0));
            output.elements.push(Element { form: Form::Polygon(area), style });
        }
        for piece in clip::drawn(plot.frame, &steps).into_iter().filter(|piece| piece.len() > 1) {
            let style = look.line(paint, 1.75, Dash::Solid);
            output.elements.push(Element { form: Form::Path(piece), style });
        }
    }
}

/// The lower left and the upper right corner of the bar of an interval; `None` if it does not fit the axis of heights.
fn corners(plot: &Plot<'_>, datum: &Datum) -> Option<[Point; 2]> {
    if is_too_high(plot, datum) {
        return None;
    }
    let base = plot.base();
    let at = |x: Option<&Cell>, y: Option<&Cell>| -> Option<Point> {
        let [x, y] =
            [plot.x.kind.coordinate(x?)?, y.and_then(|y| plot.y.kind.coordinate(y)).unwrap_or(f64::NAN)];
        let place = plot.place([x, if y.is_nan() { plot.y.domain[0] } else { y }]);
        Some(if y.is_nan() { [place[0], base] } else { place })
    };
    Some([at(datum.x.as_ref(), datum.more().y2.as_ref())?, at(datum.more().x2.as_ref(), datum.y.as_ref())?])
}

/// Whether the height of an interval lies outside the axis.
fn is_too_high(plot: &Plot<'_>, datum: &Datum) -> bool {
    let outside = |cell: &Cell| plot.y.kind.coordinate(cell).is_some_and(|at| !plot.y.shows(at));
    let zero = datum.more().y2.is_none() && outside(&Cell::Number(0.0));
    zero || [&datum.y, &datum.more().y2].into_iter().flatten().any(outside)
}

/// The rows of an interval that lies outside the axes, and those that are in none.
pub(super) fn outside(plot: &Plot<'_>, datum: &Datum) -> usize {
    let Some(Summary::Bin { beyond }) = datum.more().summary else { return 0 };
    let out = |cell: &Cell| plot.x.kind.coordinate(cell).is_none_or(|at| !plot.x.shows(at));
    let cut = [&datum.x, &datum.more().x2].into_iter().flatten().any(out) || is_too_high(plot, datum);
    beyond + if cut { datum.count } else { 0 }
}
