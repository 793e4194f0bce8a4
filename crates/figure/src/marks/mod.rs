//! Marks: from the data of a layer to forms in one panel.

use octavo_plugin::figure::Mark;

use octavo_tables::relation::Shape;

use super::cell::Cell;
use super::plot::{Look, Output, Plot};
use super::rows::{Datum, Rows};

mod areas;
mod bars;
mod boxes;
mod contours;
mod dodge;
pub(crate) mod edges;
mod errorbars;
mod histograms;
mod jitter;
mod lines;
mod pairs;
mod points;
mod references;
mod violins;

pub(crate) use contours::check as check_grid;
use dodge::Dodge;
pub(crate) use dodge::stands_in_parts;
pub(crate) use errorbars::paint as thin_paint;
pub(crate) use lines::is_horizontal;

/// How much of their colour boxes and violins have inside, and what stands for them in a legend.
pub(crate) const PALE: f64 = 0.2;

/// Areas lie under lines and lines under points, whatever the order of writing.
pub(crate) fn ordered(mut marks: Vec<Mark>) -> Vec<Mark> {
    let height = |mark: &Mark| match mark {
        Mark::Image | Mark::Cell | Mark::Polygon | Mark::Contour | Mark::Picture => 0,
        Mark::Area | Mark::Band | Mark::Bar | Mark::Box | Mark::Histogram | Mark::Violin => 1,
        Mark::Rule => 2,
        Mark::Line | Mark::Step | Mark::Density | Mark::Path | Mark::Arrow | Mark::Errorbar => 3,
        Mark::Point | Mark::Pair => 4,
        Mark::Text | Mark::Note => 5,
    };
    marks.sort_by_key(height);
    marks
}

/// Draws the data of a layer, the one with this look, in a panel.
pub(crate) fn draw(plot: &Plot<'_>, layers: &[Rows], data: &[&Datum], look: Look<'_>) -> Output {
    let rows = &layers[look.index];
    let dodge = Dodge::new(plot, layers, data, look);
    let mut output = Output::default();
    for mark in &rows.marks {
        match mark {
            Mark::Line | Mark::Step | Mark::Density => {
                lines::line(plot, rows, data, look, &dodge, *mark == Mark::Step, &mut output);
            }
            Mark::Path => lines::path(plot, data, look, &mut output),
            Mark::Band if rows.layer.is_reference_band() => references::band(plot, data, look, &mut output),
            Mark::Band => lines::band(plot, rows, data, look, &dodge, &mut output),
            Mark::Area => lines::area(plot, data, look, &mut output),
            Mark::Rule => lines::rule(plot, rows, data, look, &mut output),
            Mark::Arrow => lines::arrow(plot, data, look, &mut output),
            Mark::Point => points::point(plot, rows, data, look, &dodge, &mut output),
            Mark::Text => points::text(plot, rows, data, look, &mut output),
            Mark::Note => points::note(plot, rows, data, look, &mut output),
            Mark::Pair => pairs::pair(plot, data, look, &mut output),
            Mark::Contour => contours::contour(plot, rows, data, look, &mut output),
            Mark::Bar => bars::bar(plot, data, look, &dodge, &mut output),
            Mark::Box => boxes::boxes(plot, data, look, &dodge, &mut output),
            Mark::Histogram => histograms::histogram(plot, data, look, &mut output),
            Mark::Violin => violins::violin(plot, rows, data, look, &dodge, &mut output),
            Mark::Errorbar => errorbars::errorbar(plot, layers, data, look, &dodge, &mut output),
            Mark::Cell if has_raster(data) => areas::image(plot, data, look, &mut output),
            Mark::Cell => areas::cell(plot, data, look, &mut output),
            Mark::Image => areas::image(plot, data, look, &mut output),
            Mark::Polygon => areas::polygon(plot, data, look, &mut output),
            // It stands alone, as a file of its own.
            Mark::Picture => {}
        }
    }
    output.clipped = clipped(plot, rows, data);
    output
}

fn has_raster(data: &[&Datum]) -> bool {
    data.iter().any(|datum| matches!(datum.more().shape, Some(Shape::Raster(_))))
}

/// The rows of which a place lies outside the axes.
fn clipped(plot: &Plot<'_>, rows: &Rows, data: &[&Datum]) -> usize {
    let [x, y] = [&plot.x, &plot.y];
    if rows.marks == [Mark::Histogram] {
        return data.iter().map(|datum| histograms::outside(plot, datum)).sum();
    }
    if let [Mark::Violin | Mark::Density] = rows.marks[..] {
        return violins::outside(plot, data);
    }
    if rows.marks == [Mark::Box] {
        return data.iter().map(|datum| boxes::outside(plot, rows, datum)).sum();
    }
    let out = |scale: &super::scale::Scale, cell: Option<&Cell>| match cell {
        None | Some(Cell::Missing) => false,
        Some(cell) => scale.kind.coordinate(cell).is_none_or(|at| !scale.shows(at)),
    };
    let horizontal = is_horizontal(rows);
    let (bars, lying) = (rows.marks.contains(&Mark::Bar), dodge::lie(plot));
    let is_out = |datum: &&&Datum| match &datum.more().shape {
        Some(Shape::Part(geometry, part)) if datum.x.is_none() => geometry
            .part(*part)
            .iter()
            .any(|[px, py]| out(x, Some(&Cell::Number(*px))) || out(y, Some(&Cell::Number(*py)))),
        _ if rows.marks == [Mark::Rule] && horizontal => out(y, datum.y.as_ref()),
        _ if rows.marks == [Mark::Rule] => out(x, datum.x.as_ref()),
        _ => {
            let placed = !matches!(
                (&datum.x, &datum.y),
                (None | Some(Cell::Missing), _) | (_, None | Some(Cell::Missing))
            );
            (bars && placed && bars::is_cut(plot, datum, lying))
                || errorbars::is_cut(plot, rows, datum)
                || out(x, datum.x.as_ref())
                || out(y, datum.y.as_ref())
                || out(x, datum.more().x2.as_ref())
                || out(y, datum.more().y2.as_ref())
        }
    };
    data.iter().filter(is_out).count()
}

/// The vertices of a datum's part, if it is of a drawing.
fn vertices(datum: &Datum) -> Option<&[[f64; 2]]> {
    match &datum.more().shape {
        Some(Shape::Part(geometry, part)) => Some(geometry.part(*part)),
        _ => None,
    }
}
