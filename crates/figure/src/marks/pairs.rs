//! The points of a place joined by a thin line: what was, and what became of it.

use indexmap::IndexMap;
use octavo_plugin::figure::Dash;

use super::dodge::lie;
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Datum;
use crate::scene::{Element, Form, Paint, Style};

const RADIUS: f64 = 4.5;

pub(super) fn pair(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let lying = lie(plot);
    let mut places: IndexMap<String, Vec<&Datum>> = IndexMap::new();
    for datum in data {
        let place = if lying { &datum.y } else { &datum.x };
        let key = place.as_ref().map_or_else(String::new, Cell::key);
        places.entry(key + &datum.group).or_default().push(datum);
    }
    let mut dots = Vec::new();
    for pair in places.values() {
        let mut all: Vec<_> = pair.iter().filter_map(|datum| Some((plot.datum(datum)?, *datum))).collect();
        let along = usize::from(!lying);
        all.sort_by(|(a, _), (b, _)| a[along].total_cmp(&b[along]));
        if let [(first, _), .., (last, _)] = all[..]
            && let Some([from, to]) = clip::segment(plot.frame, first, last)
        {
            let style = look.line(Paint::Muted, 2.0, Dash::Solid);
            output
                .elements
                .push(Element { form: Form::Path(vec![from, to]), style: style.faded(look.opacity(0.7)) });
        }
        // Dots lie over all lines; of two at one place the later one is smaller, so that both are seen.
        for (index, (at, datum)) in
            all.iter().enumerate().filter(|(_, (at, _))| clip::inside(plot.frame, *at))
        {
            let same =
                all[..index].iter().filter(|(other, _)| (other[along] - at[along]).abs() < 1.0).count();
            let paint = look.colour(plot, datum, Paint::Series(0));
            let style = Style::fill(paint).faded(look.opacity(1.0)).outlined(Paint::Paper, 1.0);
            dots.push(Element { form: Form::Circle(*at, RADIUS / (1.0 + 0.6 * same as f64)), style });
        }
    }
    output.elements.extend(dots);
}
