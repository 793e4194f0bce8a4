//! Drawings of a set: a raster, and the boxes that it meets.

use octavo_plugin::{Geometry, GeometryKind, Raster};

use crate::count::{Pixels, Set};
use crate::shape::{Extent, Grid, Point, Shape};
use crate::tables::{self, Drawn};

/// The set as a raster of so many pixels along its longer side, or fewer for a smaller bitmap: 1 where it is, 0 elsewhere.
pub(crate) fn picture(set: &Set, pixels: usize) -> Raster {
    match set {
        Set::Pixels(set) => of_pixels(set, pixels),
        Set::Shape { shape, .. } => of_shape(shape, pixels),
    }
}

fn of_pixels(set: &Pixels, pixels: usize) -> Raster {
    let bitmap = &set.bitmap;
    let step = bitmap.side().div_ceil(pixels);
    let [width, height] = [bitmap.width(), bitmap.height()].map(|side| side.div_ceil(step));
    let mut values = vec![0.0; width * height];
    for y in 0..bitmap.height() {
        for x in (0..bitmap.width()).filter(|x| bitmap.contains(*x, y)) {
            values[y / step * width + x / step] = 1.0;
        }
    }
    let side = set.pixel * step as f64;
    let [left, top] = set.corner;
    Raster {
        width,
        height,
        extent: [[left, top - side * height as f64], [left + side * width as f64, top]],
        values,
    }
}

fn of_shape(shape: &Shape, pixels: usize) -> Raster {
    let Extent { low, high } = shape.extent();
    let side = shape.extent().side() / (pixels as f64 - 0.5);
    // Half a pixel of room on both sides.
    let origin = low.map(|x| x - 0.25 * side);
    let [width, height] = [0, 1].map(|axis: usize| ((high[axis] - origin[axis]) / side) as usize + 1);
    let mut values = vec![0.0; width * height];
    for [x, y] in shape.cells(Grid { origin, side }).each() {
        values[(height - 1 - y) * width + x] = 1.0;
    }
    let corner = [origin[0] + side * width as f64, origin[1] + side * height as f64];
    Raster { width, height, extent: [origin, corner], values }
}

/// The boxes that the set meets, of grids through its corner, with sides that are these shares of its longer side.
pub(crate) fn boxes(set: &Set, shares: &[f64]) -> Geometry {
    let mut geometry = Geometry::new(GeometryKind::Polygons);
    let mut drawn = Vec::new();
    for (step, share) in (1..).zip(shares) {
        let size = (share * set.side()).max(1.0);
        for [corner, opposite] in met(set, size) {
            geometry.push([corner, [opposite[0], corner[1]], opposite, [corner[0], opposite[1]]]);
            drawn.push(Drawn { step, size });
        }
    }
    geometry.attributes = tables::boxes().table(&drawn);
    geometry
}

/// Two opposite corners of each box.
fn met(set: &Set, size: f64) -> Vec<[Point; 2]> {
    match set {
        Set::Shape { shape, unit } => {
            let grid = Grid { origin: shape.extent().low, side: size * unit };
            let corner = |[x, y]: [usize; 2]| {
                [grid.origin[0] + grid.side * x as f64, grid.origin[1] + grid.side * y as f64]
            };
            let mut cells: Vec<[usize; 2]> = shape.cells(grid).each().collect();
            cells.sort_unstable();
            cells.into_iter().map(|[x, y]| [corner([x, y]), corner([x + 1, y + 1])]).collect()
        }
        Set::Pixels(Pixels { bitmap, corner, pixel }) => {
            let side = size.round() as usize;
            let place = |x: usize, y: usize| [corner[0] + pixel * x as f64, corner[1] - pixel * y as f64];
            let holds = |x: usize, y: usize| {
                (y..(y + side).min(bitmap.height()))
                    .any(|y| (x..(x + side).min(bitmap.width())).any(|x| bitmap.contains(x, y)))
            };
            let rows = (0..bitmap.height()).step_by(side);
            let all = rows.flat_map(|y| (0..bitmap.width()).step_by(side).map(move |x| (x, y)));
            all.filter(|(x, y)| holds(*x, *y))
                .map(|(x, y)| [place(x, y), place(x + side, y + side)])
                .collect()
        }
    }
}
