//! Contours over rows that form a grid: lines of one value, and areas between them.

use std::collections::{BTreeMap, BTreeSet};

use octavo_definition::locale::Locale;
use octavo_plugin::figure::{Dash, Levels};

use super::edges;
use crate::cell::Cell;
use crate::clip;
use crate::colour::Colours;
use crate::contour::{Grid, outline};
use crate::plot::{Look, Output, Plot};
use crate::rows::{Datum, FigureError, Rows};
use crate::scale::Scale;
use crate::scene::{Element, Form, Paint, Point, Style};

/// About as many levels where the layer does not say.
const LEVELS: usize = 8;

/// Whether the rows of each panel and frame form a grid: two or more columns and rows, one row at most at each crossing, and most
/// crossings with one.
///
/// # Errors
/// What they are instead.
pub(crate) fn check(rows: &Rows) -> Result<(), FigureError> {
    let from = rows.layer.from.as_deref().unwrap_or_default();
    let help = "contours take rows with one value at each crossing of a grid; choose with `where`, or give each grid a panel with `facet`";
    let mut panels: BTreeMap<[Option<String>; 2], Vec<&Datum>> = BTreeMap::new();
    for datum in &rows.data {
        panels.entry([datum.more().facet.clone(), datum.more().frame.clone()]).or_default().push(datum);
    }
    for data in panels.values() {
        let keys = |place: fn(&Datum) -> &Option<Cell>| -> BTreeSet<String> {
            data.iter().filter_map(|datum| place(datum).as_ref()).map(Cell::key).collect()
        };
        let (columns, lines) = (keys(|datum| &datum.x).len(), keys(|datum| &datum.y).len());
        let mut taken = BTreeMap::new();
        for datum in data {
            let key = [&datum.x, &datum.y].map(|place| place.as_ref().map(Cell::key));
            if let Some(other) = taken.insert(key, datum.row) {
                let message = format!(
                    "the rows {} and {} of `{from}` stand at one place of a `contour`",
                    other + 1,
                    datum.row + 1
                );
                return Err(FigureError::new(message).help(help));
            }
        }
        if columns < 2 || lines < 2 || 2 * data.len() < columns * lines {
            let message = format!(
                "the {} rows of a `contour` form no grid: `x` has {columns} values and `y` {lines}",
                data.len()
            );
            return Err(FigureError::new(message).help(help));
        }
    }
    Ok(())
}

pub(super) fn contour(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let Colours::Ramp { scale, .. } = plot.colours else { return };
    let Some(grid) = grid(plot, scale, data) else { return };
    let levels = levels(scale, look.layer.levels.as_ref(), plot.locale);
    let filled = look.layer.filled == Some(true);
    if filled {
        areas(plot, scale, &grid, &levels, output);
    }
    for level in levels {
        let paint = if look.chosen {
            look.paint
        } else if filled {
            Paint::Ink
        } else {
            plot.colours.at(level).map_or(Paint::Muted, Paint::Colour)
        };
        let style = look.line(paint, if filled { 0.75 } else { 1.75 }, Dash::Solid);
        let style = if filled && !look.chosen { style.faded(look.opacity(0.4)) } else { style };
        for line in grid.lines(level) {
            let line: Vec<Point> = line.into_iter().map(|at| plot.place(at)).collect();
            for piece in clip::drawn(plot.frame, &line).into_iter().filter(|piece| piece.len() > 1) {
                output.elements.push(Element { form: Form::Path(piece), style });
            }
        }
    }
}

/// What lies above each level, over what lies above the one below it.
fn areas(plot: &Plot<'_>, scale: &Scale, grid: &Grid, levels: &[f64], output: &mut Output) {
    let [low, high] = scale.domain;
    let floors: Vec<f64> = std::iter::once(f64::MIN).chain(levels.iter().copied()).collect();
    for (index, floor) in floors.iter().enumerate() {
        let ceiling = floors.get(index + 1).copied().unwrap_or(high.max(*floor));
        let middle = ((floor.max(low) + ceiling) / 2.0).clamp(low, high);
        let Some(rgb) = plot.colours.at(middle) else { continue };
        let rings: Vec<Vec<Point>> = grid
            .rings(*floor)
            .into_iter()
            .map(|ring| ring.into_iter().map(|at| plot.place(at)).collect())
            .collect();
        let shape = clip::polygon(plot.frame, &outline(&rings));
        if shape.len() > 2 {
            let style = Style::fill(Paint::Colour(rgb));
            output.behind.push(Element { form: Form::Polygon(shape), style });
        }
    }
}

/// The grid of the data, in coordinates.
fn grid(plot: &Plot<'_>, scale: &Scale, data: &[&Datum]) -> Option<Grid> {
    let nothing = |cell: &Cell| plot.colours.is_blank(cell);
    let placed: Vec<([f64; 2], f64)> = data
        .iter()
        .filter_map(|datum| {
            let at = [plot.x.kind.coordinate(datum.x.as_ref()?)?, plot.y.kind.coordinate(datum.y.as_ref()?)?];
            let value = datum
                .color
                .as_ref()
                .filter(|cell| !nothing(cell))
                .and_then(|cell| scale.kind.coordinate(cell));
            Some((at, value.unwrap_or(f64::NAN)))
        })
        .collect();
    let [x, y] = [0, 1].map(|axis| edges::places(placed.iter().map(|(at, _)| at[axis])));
    if x.len() < 2 || y.len() < 2 {
        return None;
    }
    let mut z = vec![f64::NAN; x.len() * y.len()];
    for (at, value) in placed {
        let [column, row] = [(&x, at[0]), (&y, at[1])]
            .map(|(places, at)| places.binary_search_by(|place| place.total_cmp(&at)).unwrap_or(0));
        z[row * x.len() + column] = value;
    }
    Some(Grid { x, y, z })
}

/// The levels as coordinates of the scale of colours.
fn levels(scale: &Scale, wanted: Option<&Levels>, locale: &Locale) -> Vec<f64> {
    let count = match wanted {
        Some(Levels::Values(values)) => {
            return values.iter().filter_map(|value| scale.kind.coordinate(&Cell::from(*value))).collect();
        }
        Some(Levels::Count(count)) => *count,
        None => LEVELS,
    };
    let ticks = scale.ticks(count, None, locale).major;
    // At the ends of the range there is a point, or nothing.
    let [low, high] = scale.domain;
    let slack = 1e-9 * (high - low);
    ticks.iter().map(|tick| tick.at).filter(|at| *at > low + slack && *at < high - slack).collect()
}
