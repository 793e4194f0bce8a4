//! Lines, paths, bands, areas, rules and arrows.

use indexmap::IndexMap;
use octavo_plugin::figure::{Dash, Mark, StepAt};
use octavo_plugin::math;

use super::dodge::Dodge;
use super::errorbars::{CAP, whisker};
use crate::clip;
use crate::colour::Colours;
use crate::plot::{Course, LineEnd, Look, Output, Plot, Reference};
use crate::rows::Axis;
use crate::rows::{Datum, Rows};
use crate::scene::{Element, Form, Paint, Point, Style};
use crate::stack::is_stacked;

/// Data of one line each, sorted by x unless in their own order.
fn groups<'a>(data: &[&'a Datum], by_colour: bool) -> Vec<Vec<&'a Datum>> {
    let mut groups: IndexMap<String, Vec<&Datum>> = IndexMap::new();
    let mut last: Option<(&Datum, usize)> = None;
    for datum in data {
        // Rows of a line mostly follow each other.
        if let Some((before, index)) = last
            && before.group == datum.group
            && (!by_colour || before.color == datum.color)
        {
            groups[index].push(datum);
            continue;
        }
        let colour = datum.color.as_ref().filter(|_| by_colour).map_or_else(String::new, |cell| cell.key());
        let entry = groups.entry(format!("{colour}\u{1f}{}", datum.group));
        last = Some((datum, entry.index()));
        entry.or_default().push(datum);
    }
    groups.into_values().collect()
}

fn sorted<'a>(plot: &Plot<'_>, group: Vec<&'a Datum>) -> Vec<&'a Datum> {
    let at = |datum: &Datum| {
        datum.x.as_ref().and_then(|cell| plot.x.kind.coordinate(cell)).unwrap_or(f64::INFINITY)
    };
    let mut placed: Vec<(f64, &Datum)> = group.into_iter().map(|datum| (at(datum), datum)).collect();
    placed.sort_by(|a, b| a.0.total_cmp(&b.0));
    placed.into_iter().map(|(_, datum)| datum).collect()
}

/// Runs of places; a datum without a place ends a run.
fn runs(places: impl Iterator<Item = Option<Point>>) -> Vec<Vec<Point>> {
    let mut runs = vec![Vec::new()];
    for place in places {
        match place {
            Some(place) => runs.last_mut().expect("there is always a run").push(place),
            None => runs.push(Vec::new()),
        }
    }
    runs.retain(|run: &Vec<Point>| !run.is_empty());
    runs
}

fn push(output: &mut Output, form: Form, style: Style) {
    output.elements.push(Element { form, style });
}

/// Dashes that tell the seventh category from the first.
fn cycle(plot: &Plot<'_>, datum: &Datum) -> Dash {
    let Colours::Categories(names, _) = plot.colours else { return Dash::Solid };
    let index = datum.color.as_ref().and_then(|cell| names.get_index_of(&cell.key())).unwrap_or(0);
    [Dash::Solid, Dash::Dashed, Dash::Dotted][(index / crate::palette::SERIES) % 3]
}

pub(super) fn line(
    plot: &Plot<'_>,
    rows: &Rows,
    data: &[&Datum],
    look: Look<'_>,
    dodge: &Dodge,
    steps: bool,
    output: &mut Output,
) {
    for group in groups(data, true) {
        let group = sorted(plot, group);
        let paint = look.colour(plot, group[0], Paint::Series(0));
        let width =
            plot.sizes.part(rows.channels.get("size"), group[0]).map_or(2.0, |part| 0.75 + 3.25 * part);
        let style = look.line(paint, width, cycle(plot, group[0]));
        let mut end = None;
        let color = group[0].color.as_ref().filter(|_| look.layer.color.is_some() && !look.chosen);
        let color = color.map(|cell| cell.key());
        let place = |datum: &&Datum| plot.datum(datum).map(|at| dodge.moved(datum, at));
        let places: Vec<Option<Point>> = group.iter().map(place).collect();
        let points = places.iter().flatten().copied().collect();
        output.courses.push(Course { color: color.clone(), layer: look.index, points });
        for run in runs(places.into_iter()) {
            if let [single] = run[..] {
                if clip::inside(plot.frame, single) && !rows.marks.contains(&Mark::Point) {
                    push(output, Form::Circle(single, 2.2), Style::fill(paint));
                }
                end = Some(single);
            }
            let run = if steps { stepped(&run, look.layer.step.unwrap_or_default()) } else { run };
            for piece in clip::drawn(plot.frame, &run) {
                end = piece.last().copied();
                if piece.len() > 1 {
                    push(output, Form::Path(piece), style);
                }
            }
        }
        if let Some(at) = end.filter(|at| clip::inside(plot.frame, *at)) {
            output.ends.push(LineEnd { color, layer: look.index, at, paint });
        }
    }
}

/// A line that keeps its height until it steps to the next one.
fn stepped(run: &[Point], at: StepAt) -> Vec<Point> {
    let corners = run.windows(2).flat_map(|pair| {
        let ([x0, y0], [x1, y1]) = (pair[0], pair[1]);
        let middle = (x0 + x1) / 2.0;
        match at {
            StepAt::After => vec![[x1, y0], [x1, y1]],
            StepAt::Before => vec![[x0, y1], [x1, y1]],
            StepAt::Middle => vec![[middle, y0], [middle, y1], [x1, y1]],
        }
    });
    run.first().copied().into_iter().chain(corners).collect()
}

pub(super) fn path(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let (shapes, rows): (Vec<&Datum>, Vec<&Datum>) =
        data.iter().partition(|datum| super::vertices(datum).is_some());
    for datum in shapes {
        let paint = look.colour(plot, datum, Paint::Ink);
        let vertices = super::vertices(datum).map_or(&[][..], |vertices| vertices);
        let width = if vertices.len() > 5000 { 0.8 } else { 1.25 };
        for run in runs(vertices.iter().map(|vertex| plot.vertex(*vertex))) {
            for piece in clip::drawn(plot.frame, &run) {
                push(output, Form::Path(piece), look.line(paint, width, Dash::Solid));
            }
        }
    }
    let along = matches!(plot.colours, Colours::Ramp { .. }) && look.layer.color.is_some() && !look.chosen;
    for group in groups(&rows, !along) {
        if along {
            coloured_along(plot, &group, look, output);
            continue;
        }
        let style = look.line(look.colour(plot, group[0], Paint::Series(0)), 1.5, Dash::Solid);
        for run in runs(group.iter().map(|datum| plot.datum(datum))) {
            for piece in clip::drawn(plot.frame, &run) {
                push(output, Form::Path(piece), style);
            }
        }
    }
}

/// A path whose colour changes with its rows: one piece per run of one colour.
fn coloured_along(plot: &Plot<'_>, group: &[&Datum], look: Look<'_>, output: &mut Output) {
    for pair in group.windows(2) {
        let (Some(a), Some(b)) = (plot.datum(pair[0]), plot.datum(pair[1])) else { continue };
        let Some([a, b]) = clip::segment(plot.frame, a, b) else { continue };
        let style = look.line(look.colour(plot, pair[0], Paint::Muted), 1.5, Dash::Solid);
        match output.elements.last_mut() {
            Some(Element { form: Form::Path(points), style: same })
                if *same == style && points.last() == Some(&a) =>
            {
                points.push(b);
            }
            _ => push(output, Form::Path(vec![a, b]), style),
        }
    }
}

pub(super) fn band(
    plot: &Plot<'_>,
    rows: &Rows,
    data: &[&Datum],
    look: Look<'_>,
    dodge: &Dodge,
    output: &mut Output,
) {
    let bars = rows.marks.contains(&Mark::Bar).then_some(dodge);
    for group in groups(data, true) {
        let paint = look.colour(plot, group[0], Paint::Series(0));
        let ends = |datum: &&Datum| -> Option<[Point; 2]> {
            let (low, high) = match (&datum.more().spread, &datum.y, &datum.more().y2) {
                (_, Some(low), Some(high)) => (low, high),
                (Some((low, high)), ..) => (low, high),
                _ => return None,
            };
            let x = datum.x.as_ref();
            let low = plot.cells(x, Some(low)).or_else(|| below(plot, x));
            Some([low?, plot.cells(x, Some(high))?])
        };
        let group = sorted(plot, group);
        let pairs: Vec<Option<[Point; 2]>> = group.iter().map(ends).collect();
        if plot.x.kind.is_categorical() || pairs.len() == 1 || bars.is_some() {
            let style = look.line(if bars.is_some() { Paint::Ink } else { paint }, 1.5, Dash::Solid);
            for (datum, [low, high]) in
                group.iter().zip(&pairs).filter_map(|(datum, pair)| Some((datum, (*pair)?)))
            {
                let shift = bars.map_or(0.0, |bars| bars.shift(datum));
                let ends = [[low[0] + shift, low[1]], [high[0] + shift, high[1]]];
                whisker(plot, ends, Axis::Y, CAP, style, output);
            }
            continue;
        }
        for run in pairs.split(Option::is_none) {
            let run: Vec<[Point; 2]> = run.iter().flatten().copied().collect();
            // A place without neighbours has no area.
            if let [[low, high]] = run[..] {
                whisker(plot, [low, high], Axis::Y, CAP, look.line(paint, 1.5, Dash::Solid), output);
                continue;
            }
            let outline: Vec<Point> =
                run.iter().map(|p| p[1]).chain(run.iter().rev().map(|p| p[0])).collect();
            let outline = clip::polygon(plot.frame, &outline);
            if outline.len() > 2 {
                push(output, Form::Polygon(outline), Style::fill(paint).faded(look.opacity(0.2)));
            }
        }
    }
}

/// The lower end of a band where a logarithmic axis has no place for it: below the axis.
fn below(plot: &Plot<'_>, x: Option<&crate::cell::Cell>) -> Option<Point> {
    let x = plot.x.kind.coordinate(x?)?;
    Some(plot.place([x, plot.y.domain[0] - plot.y.span()]))
}

pub(super) fn area(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let stacked = is_stacked(look.layer);
    let base = plot.base();
    for group in groups(data, true) {
        let paint = look.colour(plot, group[0], Paint::Series(0));
        let ends = |datum: &&Datum| {
            let foot = datum.more().y2.as_ref().filter(|_| stacked);
            let foot = foot.and_then(|y2| plot.cells(datum.x.as_ref(), Some(y2)));
            let top = plot.datum(datum)?;
            Some([foot.unwrap_or([top[0], base]), top])
        };
        let group = sorted(plot, group);
        let ends: Vec<Option<[Point; 2]>> = group.iter().map(ends).collect();
        for run in ends.split(Option::is_none).filter(|run| !run.is_empty()) {
            let run: Vec<[Point; 2]> = run.iter().flatten().copied().collect();
            let top: Vec<Point> = run.iter().map(|ends| ends[1]).collect();
            let feet: Vec<Point> = if stacked {
                run.iter().rev().map(|ends| ends[0]).collect()
            } else {
                vec![run[run.len() - 1][0], run[0][0]]
            };
            let outline: Vec<Point> = top.iter().chain(&feet).copied().collect();
            let outline = clip::polygon(plot.frame, &outline);
            if outline.len() > 2 {
                let opacity = look.opacity(if stacked { 0.85 } else { 0.25 });
                push(output, Form::Polygon(outline), Style::fill(paint).faded(opacity));
            }
            for piece in clip::drawn(plot.frame, &top).into_iter().filter(|piece| piece.len() > 1) {
                let style =
                    if stacked { Style::line(Paint::Paper, 1.0) } else { look.line(paint, 1.5, Dash::Solid) };
                push(output, Form::Path(piece), Style { opacity: 1.0, ..style });
            }
        }
    }
}

/// Whether a layer's rules stand at y: its own y, or a constant there.
pub(crate) fn is_horizontal(rows: &Rows) -> bool {
    let constant = |name: &str| rows.channels.get(name).is_some_and(crate::rows::Bound::is_constant);
    match (rows.own.x.is_some(), rows.own.y.is_some()) {
        (true, false) => false,
        (false, true) => true,
        _ if constant("x") != constant("y") => constant("y"),
        _ => rows.channels.get("y").is_some(),
    }
}

pub(super) fn rule(plot: &Plot<'_>, rows: &Rows, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let horizontal = is_horizontal(rows);
    let [left, top, wide, high] = plot.frame;
    for datum in data {
        let paint = look.colour(plot, datum, Paint::Muted);
        let style = look.line(paint, 1.25, Dash::Dashed);
        let at = if horizontal {
            datum
                .y
                .as_ref()
                .and_then(|cell| plot.y.kind.coordinate(cell))
                .map(|y| plot.place([plot.x.domain[0], y])[1])
        } else {
            datum
                .x
                .as_ref()
                .and_then(|cell| plot.x.kind.coordinate(cell))
                .map(|x| plot.place([x, plot.y.domain[0]])[0])
        };
        let Some(at) = at else { continue };
        let ends = if horizontal { [[left, at], [left + wide, at]] } else { [[at, top], [at, top + high]] };
        if ends.iter().all(|end| clip::inside(plot.frame, *end)) {
            push(output, Form::Path(ends.to_vec()), style);
            let [from, to] = ends;
            let frame = [from[0], from[1], to[0] - from[0], to[1] - from[1]];
            output.references.push(Reference { layer: look.index, frame, lies: horizontal });
            if horizontal {
                output.ends.push(LineEnd { color: None, layer: look.index, at: ends[1], paint });
            }
        }
    }
}

pub(super) fn arrow(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    const HEAD: f64 = 7.0;
    for datum in data {
        let tail = plot.datum(datum);
        let tip = plot.cells(
            datum.more().x2.as_ref().or(datum.x.as_ref()),
            datum.more().y2.as_ref().or(datum.y.as_ref()),
        );
        let (Some(tail), Some(tip)) = (tail, tip) else { continue };
        let Some([from, to]) = clip::segment(plot.frame, tail, tip) else { continue };
        let style = look.line(look.colour(plot, datum, Paint::Ink), 1.25, Dash::Solid);
        let (dx, dy) = (tip[0] - tail[0], tip[1] - tail[1]);
        let length = math::hypot(dx, dy);
        if length < 1e-9 {
            continue;
        }
        let (ux, uy) = (dx / length, dy / length);
        let head = HEAD.min(0.6 * length);
        let whole = to == tip;
        let neck = if whole { [tip[0] - 0.8 * head * ux, tip[1] - 0.8 * head * uy] } else { to };
        push(output, Form::Path(vec![from, neck]), style);
        if let (true, Some(stroke)) = (whole, style.stroke) {
            let back = [tip[0] - head * ux, tip[1] - head * uy];
            let side = 0.42 * head;
            let wings =
                [[back[0] - side * uy, back[1] + side * ux], [back[0] + side * uy, back[1] - side * ux]];
            let head = Form::Polygon(vec![tip, wings[0], wings[1]]);
            push(output, head, Style::fill(stroke.paint).faded(style.opacity));
        }
    }
}
