//! Contours over rows that form a grid: lines of one value, and areas between them.

use std::collections::{BTreeMap, BTreeSet};

use octavo_definition::locale::Locale;
use octavo_plugin::figure::{Dash, Levels};
use octavo_plugin::math;

use super::edges;
use crate::cell::Cell;
use crate::checked::CheckedChannel;
use crate::clip::{self, Frame};
use crate::colour::{Colours, cell_text};
use crate::contour::{Grid, outline};
use crate::plot::{Look, Output, Plot};
use crate::rows::{Datum, FigureError, Rows};
use crate::scale::Scale;
use crate::scene::{Anchor, Element, Form, Paint, Point, Span, Style, Text, Weight, label};
use crate::text;

/// Height of the letters of names, in pixels.
const SIZE: f64 = 12.0;

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

pub(super) fn contour(plot: &Plot<'_>, rows: &Rows, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let Colours::Ramp { scale, .. } = plot.colours else { return };
    let Some(grid) = grid(plot, scale, data) else { return };
    let channel = rows.channels.get("color").map(|bound| &bound.channel);
    let levels = levels(scale, look.layer.levels.as_ref(), channel, plot.locale);
    let filled = look.layer.filled == Some(true);
    if filled {
        let levels: Vec<f64> = levels.iter().map(|level| level.at).collect();
        areas(plot, scale, &grid, &levels, output);
    }
    let mut names = Names { frame: plot.frame, taken: Vec::new(), texts: Vec::new() };
    for Level { at: level, name } in levels {
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
                names.add(&piece, &name);
                output.elements.push(Element { form: Form::Path(piece), style });
            }
        }
    }
    output.elements.append(&mut names.texts);
}

/// A level with what is written on its lines.
struct Level {
    /// Its coordinate on the scale of colours.
    at: f64,
    name: Vec<Span>,
}

/// What is written on lines: each name stands where no other one does, or is left out.
struct Names {
    frame: Frame,
    taken: Vec<Frame>,
    texts: Vec<Element>,
}

impl Names {
    /// Shorter lines have no name.
    const SHORTEST: f64 = 60.0;

    /// Writes a name on a line, in its middle if there is room.
    fn add(&mut self, line: &[Point], name: &[Span]) {
        let steps: Vec<f64> = line
            .windows(2)
            .map(|pair| math::hypot(pair[1][0] - pair[0][0], pair[1][1] - pair[0][1]))
            .collect();
        let length: f64 = steps.iter().sum();
        if length < Self::SHORTEST {
            return;
        }
        let wide = text::width(name, SIZE, Weight::Regular) + 4.0;
        let [left, top, across, high] = self.frame;
        let free = |[x, y]: Point| {
            let frame = [x - wide / 2.0, y - 8.0, wide, 16.0];
            let within = frame[0] >= left
                && frame[0] + wide <= left + across
                && frame[1] >= top
                && frame[1] + 16.0 <= top + high;
            (within && self.taken.iter().all(|other| apart(*other, frame))).then_some((frame, [x, y]))
        };
        let places = [0.5, 0.35, 0.65, 0.2, 0.8].map(|part| along(line, &steps, part * length));
        let Some((frame, [x, y])) = places.into_iter().flatten().find_map(free) else { return };
        self.taken.push(frame);
        let text = Text::new([x, y + 4.3], name.to_vec(), SIZE, Anchor::Middle);
        self.texts.push(Element {
            form: Form::Text(text),
            style: Style::fill(Paint::Ink).outlined(Paint::Paper, 3.0),
        });
    }
}

fn apart(one: Frame, other: Frame) -> bool {
    one[0] + one[2] <= other[0]
        || other[0] + other[2] <= one[0]
        || one[1] + one[3] <= other[1]
        || other[1] + other[3] <= one[1]
}

/// The point of a line so far from its beginning.
fn along(line: &[Point], steps: &[f64], mut far: f64) -> Option<Point> {
    for (step, pair) in steps.iter().zip(line.windows(2)) {
        if far <= *step && *step > 0.0 {
            let part = far / step;
            return Some([0, 1].map(|axis| pair[0][axis] + part * (pair[1][axis] - pair[0][axis])));
        }
        far -= step;
    }
    None
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

/// The levels, with their names as the ramp writes them.
fn levels(
    scale: &Scale,
    wanted: Option<&Levels>,
    channel: Option<&CheckedChannel>,
    locale: &Locale,
) -> Vec<Level> {
    let count = match wanted {
        Some(Levels::Values(values)) => {
            let level = |value: &f64| {
                let cell = Cell::from(*value);
                let format = channel.and_then(|channel| channel.format.as_ref());
                Some(Level {
                    at: scale.kind.coordinate(&cell)?,
                    name: label(&cell_text(&cell, format, locale)),
                })
            };
            return values.iter().filter_map(level).collect();
        }
        Some(Levels::Count(count)) => *count,
        None => LEVELS,
    };
    let ticks = scale.ticks(count, channel.and_then(|channel| channel.format.as_ref()), locale).major;
    // At the ends of the range there is a point, or nothing.
    let [low, high] = scale.domain;
    let slack = 1e-9 * (high - low);
    let inside = ticks.into_iter().filter(|tick| tick.at > low + slack && tick.at < high - slack);
    inside.map(|tick| Level { at: tick.at, name: tick.label }).collect()
}
