//! Heatmaps, rasters and polygons: areas without seams.

use std::sync::Arc;

use octavo_plugin::Raster;

use super::edges;
use crate::cell::Cell;
use crate::clip;
use crate::plot::{Look, Output, Plot};
use crate::rows::Datum;
use crate::scene::{Element, Form, Image, Paint, Style};
use octavo_tables::relation::Shape;

/// The largest side of an image in pixels.
const LARGEST: usize = 1400;

pub(super) fn cell(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let at = |datum: &Datum| -> Option<[f64; 2]> {
        Some([plot.x.kind.coordinate(datum.x.as_ref()?)?, plot.y.kind.coordinate(datum.y.as_ref()?)?])
    };
    let placed: Vec<([f64; 2], &Datum)> =
        data.iter().filter_map(|datum| Some((at(datum)?, *datum))).collect();
    let [columns, rows] = [0, 1].map(|axis| edges::places(placed.iter().map(|(at, _)| at[axis])));
    if columns.is_empty() || rows.is_empty() {
        return;
    }
    let nothing = |cell: &Cell| *cell == Cell::Missing || plot.colours.is_blank(cell);
    let nothing = |datum: &Datum| datum.color.as_ref().is_some_and(nothing);
    let paint = |datum: &Datum| look.colour(plot, datum, Paint::Series(0));
    if edges::even(&columns) && edges::even(&rows) && columns.len().max(rows.len()) <= LARGEST {
        let mut pixels = vec![[0_u8; 4]; columns.len() * rows.len()];
        for (at, datum) in &placed {
            if nothing(datum) {
                continue;
            }
            let [column, row] = [(&columns, at[0]), (&rows, at[1])]
                .map(|(places, at)| places.binary_search_by(|place| place.total_cmp(&at)).unwrap_or(0));
            let rgb = crate::palette::LIGHT.rgb(paint(datum));
            pixels[(rows.len() - 1 - row) * columns.len() + column] = [rgb.0, rgb.1, rgb.2, 255];
        }
        let (x, y) = (edges::borders(&columns), edges::borders(&rows));
        let extent = [[x[0], y[0]], [x[x.len() - 1], y[y.len() - 1]]];
        picture(plot, &pixels, columns.len(), rows.len(), extent, look, output);
        return;
    }
    let (x, y) = (edges::borders(&columns), edges::borders(&rows));
    for (at, datum) in placed.iter().filter(|(_, datum)| !nothing(datum)) {
        let [column, row] = [(&columns, at[0]), (&rows, at[1])]
            .map(|(places, at)| places.binary_search_by(|place| place.total_cmp(&at)).unwrap_or(0));
        let corners = [
            [x[column], y[row]],
            [x[column + 1], y[row]],
            [x[column + 1], y[row + 1]],
            [x[column], y[row + 1]],
        ];
        let outline = clip::polygon(plot.frame, &corners.map(|corner| plot.place(corner)));
        let paint = paint(datum);
        let style = Style::fill(paint).outlined(paint, 0.5).faded(look.opacity(1.0));
        output.elements.push(Element { form: Form::Polygon(outline), style });
    }
}

pub(super) fn image(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    for datum in data {
        let Some(Shape::Raster(raster)) = &datum.more().shape else { continue };
        let corner = |index: usize| -> Option<[f64; 2]> {
            let [x, y] = raster.extent[index];
            Some([plot.x.kind.coordinate(&Cell::Number(x))?, plot.y.kind.coordinate(&Cell::Number(y))?])
        };
        let (Some(low), Some(high)) = (corner(0), corner(1)) else { continue };
        let (width, height, pixels) = sampled(plot, raster);
        picture(plot, &pixels, width, height, [low, high], look, output);
    }
}

/// The colours of a raster, with fewer pixels where there are more than a page can show.
fn sampled(plot: &Plot<'_>, raster: &Raster) -> (usize, usize, Vec<[u8; 4]>) {
    let (width, height) = (raster.width.min(LARGEST), raster.height.min(LARGEST));
    let crate::colour::Colours::Ramp { scale, .. } = plot.colours else {
        return (width, height, vec![[0; 4]; width * height]);
    };
    let colour = |index: usize| {
        let (row, column) =
            ((index / width) * raster.height / height, (index % width) * raster.width / width);
        let value = Cell::from(raster.values[row * raster.width + column]);
        if plot.colours.is_blank(&value) {
            return [0; 4];
        }
        let rgb = scale.kind.coordinate(&value).and_then(|at| plot.colours.at(at));
        rgb.map_or([0; 4], |rgb| [rgb.0, rgb.1, rgb.2, 255])
    };
    (width, height, (0..width * height).map(colour).collect())
}

/// Puts pixels over an extent in coordinates, without the columns and rows that lie outside the axes, each repeated so that
/// viewers that smooth images show sharp cells.
fn picture(
    plot: &Plot<'_>,
    pixels: &[[u8; 4]],
    width: usize,
    height: usize,
    [low, high]: [[f64; 2]; 2],
    look: Look<'_>,
    output: &mut Output,
) {
    let centre = |column: usize, row: usize| {
        let part = |index: usize, count: usize| (index as f64 + 0.5) / count as f64;
        let (px, py) = (part(column, width), 1.0 - part(row, height));
        plot.place([low[0] + (high[0] - low[0]) * px, low[1] + (high[1] - low[1]) * py])
    };
    let columns: Vec<usize> = (0..width).filter(|c| shown(plot.frame, 0, centre(*c, 0)[0])).collect();
    let rows: Vec<usize> = (0..height).filter(|r| shown(plot.frame, 1, centre(0, *r)[1])).collect();
    let (Some(first), Some(top), Some(last), Some(bottom)) =
        (columns.first(), rows.first(), columns.last(), rows.last())
    else {
        return;
    };
    let corner = |column: usize, row: usize| {
        let (px, py) = (column as f64 / width as f64, 1.0 - row as f64 / height as f64);
        plot.place([low[0] + (high[0] - low[0]) * px, low[1] + (high[1] - low[1]) * py])
    };
    let ([x0, y0], [x1, y1]) = (corner(*first, *top), corner(last + 1, bottom + 1));
    let upside_down = y0 > y1;
    let (y0, y1) = (y0.min(y1), y0.max(y1));
    let repeat = |length: f64, count: usize| ((2.0 * length / count as f64).ceil() as usize).clamp(1, 64);
    let (across, down) = (repeat(x1 - x0, columns.len()), repeat(y1 - y0, rows.len()));
    let mut rgba = Vec::with_capacity(4 * across * down * columns.len() * rows.len());
    let ordered: Vec<usize> = if upside_down { rows.iter().rev().copied().collect() } else { rows.clone() };
    for row in ordered {
        let start = rgba.len();
        for column in &columns {
            (0..across).for_each(|_| rgba.extend_from_slice(&pixels[row * width + column]));
        }
        let line = start..rgba.len();
        (1..down).for_each(|_| rgba.extend_from_within(line.clone()));
    }
    let clear = rgba.as_chunks::<4>().0.iter().any(|pixel| pixel[3] < 255);
    let image = Image {
        frame: [x0, y0, x1 - x0, y1 - y0],
        width: columns.len() * across,
        height: rows.len() * down,
        rgba: Arc::new(rgba),
        smooth: false,
        tint: None,
    };
    let style = Style { fill: None, stroke: None, opacity: look.opacity(1.0) };
    output.elements.push(Element { form: Form::Image(image), style });
    // A hairline parts a picture without holes from the page: its darkest colours come near the dark one.
    if !clear {
        let style = Style { fill: None, ..Style::line(Paint::Muted, 0.75).faded(0.5) };
        output.elements.push(Element { form: Form::Rect([x0, y0, x1 - x0, y1 - y0]), style });
    }
}

fn shown(frame: clip::Frame, axis: usize, at: f64) -> bool {
    at >= frame[axis] && at <= frame[axis] + frame[axis + 2]
}

pub(super) fn polygon(plot: &Plot<'_>, data: &[&Datum], look: Look<'_>, output: &mut Output) {
    let mut shapes: Vec<(Paint, Vec<[f64; 2]>)> = Vec::new();
    for datum in data {
        let Some(vertices) = super::vertices(datum) else { continue };
        let places: Option<Vec<_>> = vertices.iter().map(|vertex| plot.vertex(*vertex)).collect();
        let outline = places.map(|places| clip::polygon(plot.frame, &places)).unwrap_or_default();
        if outline.len() > 2 {
            shapes.push((look.colour(plot, datum, Paint::Series(0)), outline));
        }
    }
    let opacity = look.opacity(1.0);
    shapes.sort_by_key(|(paint, _)| *paint);
    for (paint, outline) in shapes {
        let style = Style::fill(paint).faded(opacity);
        let style = match look.layer.stroke {
            Some(width) => style.outlined(Paint::Paper, width),
            None if opacity >= 1.0 => style.outlined(paint, 0.6),
            None => style,
        };
        output.elements.push(Element { form: Form::Polygon(outline), style });
    }
}
