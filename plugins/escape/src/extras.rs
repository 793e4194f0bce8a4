//! What is given beside the counts, if it is asked for.

use octavo_plugin::{
    Artifacts, Column, ColumnType, Failure, Geometry, GeometryKind, Raster, RunContext, Table, Value,
};
use rayon::prelude::*;

use crate::area;
use crate::atlas::{self, Atlas};
use crate::centres::{self, turns};
use crate::complex::{Complex, abs, square};
use crate::fate::{Fate, fate};
use crate::interior::next;
use crate::land;
use crate::params::{EscapeParams, LikenessParams, MisiurewiczParams, Show};
use crate::rays::ray;
use crate::view::View;

/// |z|² at which an orbit is given no further.
const FAR: f64 = 1e12;
/// Points of the interval on which the fold is shown, less one.
const FOLD_POINTS: u32 = 256;
/// Most steps for which the fold is shown.
const FOLD_STEPS: u32 = 5;

/// Everything that does not need the counts.
pub(crate) fn all(
    params: &EscapeParams,
    context: &RunContext<'_>,
    artifacts: &mut Artifacts,
) -> Result<(), Failure> {
    if params.shows(Show::Area) {
        areas(params, context, artifacts)?;
    }
    if params.shows(Show::Fold) {
        artifacts.table("fold", fold());
    }
    if let Some(wanted) = &params.likeness {
        likeness(wanted, params.max_iterations, context, artifacts)?;
    }
    if let Some(most) = params.nuclei {
        artifacts.table("nuclei", nuclei(most));
    }
    if !params.misiurewicz.is_empty() {
        artifacts.table("misiurewicz", misiurewicz(&params.misiurewicz)?);
    }
    if !params.rays.is_empty() {
        rays(params, artifacts);
    }
    if let Some(wanted) = &params.atlas {
        thumbnails(&atlas::atlas(wanted, params.max_iterations, context)?, artifacts);
    }
    Ok(())
}

fn column<T>(rows: &[T], kind: ColumnType, of: impl Fn(&T) -> Value) -> Column {
    let values: Vec<Value> = rows.iter().map(of).collect();
    Column::from_values(kind, &values).expect("every value is of the column's type or missing")
}

fn floats<T>(rows: &[T], of: impl Fn(&T) -> f64) -> Column {
    rows.iter().map(of).collect::<Vec<f64>>().into()
}

fn integers<T>(rows: &[T], of: impl Fn(&T) -> i64) -> Column {
    rows.iter().map(of).collect::<Vec<i64>>().into()
}

/// The orbits of points, from where they start, step by step.
pub(crate) fn orbits(params: &EscapeParams, points: &[[f64; 2]]) -> Table {
    let mut rows = Vec::new();
    for (number, point) in (1..).zip(points) {
        let (mut z, c) = params.c.map_or(([0.0; 2], *point), |c| (*point, c));
        for step in 0..=i64::from(params.orbit_steps) {
            if square(z) > FAR {
                break;
            }
            rows.push((number, step, z));
            z = next(z, c);
        }
    }
    Table::new()
        .with("point", integers(&rows, |row| row.0))
        .with("step", integers(&rows, |row| row.1))
        .with("re", floats(&rows, |row| row.2[0]))
        .with("im", floats(&rows, |row| row.2[1]))
        .with("size", floats(&rows, |row| abs(row.2)))
}

/// What becomes of the critical orbits of these c.
pub(crate) fn cycles(points: &[[f64; 2]], limit: u32) -> Table {
    let rows: Vec<(Complex, Fate)> = points.par_iter().map(|c| (*c, fate(*c, limit))).collect();
    let missing = || Value::Missing("no attracting cycle".to_owned());
    let multiplier = |of: fn(Complex) -> f64| {
        column(&rows, ColumnType::Float, move |row| match row.1 {
            Fate::Attracted { multiplier, .. } => of(multiplier).into(),
            _ => missing(),
        })
    };
    let connected = |row: &(Complex, Fate)| {
        row.1.connected().map_or_else(|| Value::Missing("undecided".to_owned()), Value::from)
    };
    let preperiod = |row: &(Complex, Fate)| match row.1 {
        Fate::Repeats { preperiod, .. } => i64::from(preperiod).into(),
        _ => missing(),
    };
    let period = |row: &(Complex, Fate)| match row.1 {
        Fate::Attracted { period, .. } | Fate::Repeats { period, .. } => i64::from(period).into(),
        _ => Value::Missing("no cycle".to_owned()),
    };
    Table::new()
        .with("re", floats(&rows, |row| row.0[0]))
        .with("im", floats(&rows, |row| row.0[1]))
        .with("connected", column(&rows, ColumnType::Bool, connected))
        .with("preperiod", column(&rows, ColumnType::Integer, preperiod))
        .with("period", column(&rows, ColumnType::Integer, period))
        .with("multiplier_re", multiplier(|m| m[0]))
        .with("multiplier_im", multiplier(|m| m[1]))
        .with("multiplier", multiplier(abs))
}

fn areas(params: &EscapeParams, context: &RunContext<'_>, artifacts: &mut Artifacts) -> Result<(), Failure> {
    let grids = area::grids(&View::new(params), params.max_iterations, context)?;
    let (area, error) = area::estimate(&grids);
    let table = Table::new()
        .with("shift_x", floats(&grids, |grid| grid.shift[0]))
        .with("shift_y", floats(&grids, |grid| grid.shift[1]))
        .with("area", floats(&grids, |grid| grid.area))
        .with("area_half", floats(&grids, |grid| grid.half));
    artifacts.measured("area", area, error).table("areas", table);
    Ok(())
}

fn fold() -> Table {
    let points = |step| (0..=FOLD_POINTS).map(move |index| (step, f64::from(index) / f64::from(FOLD_POINTS)));
    let rows: Vec<(u32, f64)> = (0..=FOLD_STEPS).flat_map(points).collect();
    Table::new()
        .with("t", floats(&rows, |row| row.1))
        .with("step", integers(&rows, |row| i64::from(row.0)))
        .with("z", floats(&rows, |row| land::fold(row.1, row.0)[0]))
        .with("folded", floats(&rows, |row| land::fold(row.1, row.0)[1]))
}

fn likeness(
    wanted: &LikenessParams,
    limit: u32,
    context: &RunContext<'_>,
    artifacts: &mut Artifacts,
) -> Result<(), Failure> {
    let size = wanted.size as usize;
    let found = land::likeness(wanted.c, wanted.factor, wanted.radius, size, limit, context)?;
    let raster = |counts: &[i32]| Raster {
        width: size,
        height: size,
        extent: [[-1.0, -1.0], [1.0, 1.0]],
        values: counts.chunks(size).rev().flatten().map(|count| f64::from(*count)).collect(),
    };
    artifacts.scalar("agreement", found.agreement).scalar("shift", i64::from(found.shift));
    artifacts.drawing("map", raster(&found.map)).drawing("land", raster(&found.land));
    Ok(())
}

fn nuclei(most: u32) -> Table {
    let found = centres::centres(most);
    Table::new()
        .with("period", integers(&found, |centre| i64::from(centre.period)))
        .with("re", floats(&found, |centre| centre.c[0]))
        .with("im", floats(&found, |centre| centre.c[1]))
        .with("size", floats(&found, |centre| abs(centre.size)))
        .with("direction", floats(&found, |centre| 360.0 * turns(centre.size)))
        .with("copy", found.iter().map(|centre| centre.copy).collect::<Vec<bool>>())
}

fn misiurewicz(wanted: &[MisiurewiczParams]) -> Result<Table, Failure> {
    let find = |wanted: &MisiurewiczParams| {
        let MisiurewiczParams { preperiod, period, near } = *wanted;
        let found = centres::misiurewicz(near, preperiod, period).ok_or_else(|| {
            let message = format!("near {near:?} there is no point whose orbit falls on a cycle of period {period} after {preperiod} steps");
            Failure::user(message).help("look for it in a picture, and give `near` more exactly")
        })?;
        Ok((preperiod, period, found))
    };
    let found = wanted.iter().map(find).collect::<Result<Vec<_>, Failure>>()?;
    Ok(Table::new()
        .with("period", integers(&found, |row| i64::from(row.1)))
        .with("re", floats(&found, |row| row.2.c[0]))
        .with("im", floats(&found, |row| row.2.c[1]))
        .with("preperiod", integers(&found, |row| i64::from(row.0)))
        .with("multiplier", floats(&found, |row| abs(row.2.multiplier)))
        .with("turn", floats(&found, |row| 360.0 * turns(row.2.multiplier)))
        .with("factor_re", floats(&found, |row| row.2.factor[0]))
        .with("factor_im", floats(&found, |row| row.2.factor[1])))
}

fn rays(params: &EscapeParams, artifacts: &mut Artifacts) {
    let [low, high] = View::new(params).extent();
    let shown = |point: &Complex| (0..2).all(|axis| (low[axis]..=high[axis]).contains(&point[axis]));
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let mut ends = Vec::new();
    for [numerator, denominator] in &params.rays {
        let points = ray(*numerator, *denominator, params.ray_depth);
        ends.push(points.last().copied().unwrap_or_default());
        // What is outside the picture would make it small.
        drawing.push(points.into_iter().filter(shown));
    }
    let names: Vec<String> = params.rays.iter().map(|[a, b]| format!("{a}/{b}")).collect();
    let angles = floats(&params.rays, |[a, b]| f64::from(*a) / f64::from(*b));
    drawing.attributes = Table::new().with("angle", names.clone()).with("turns", angles.clone());
    let landings = Table::new()
        .with("angle", names)
        .with("turns", angles)
        .with("re", floats(&ends, |end| end[0]))
        .with("im", floats(&ends, |end| end[1]));
    artifacts.drawing("rays", drawing).table("landings", landings);
}

fn thumbnails(atlas: &Atlas, artifacts: &mut Artifacts) {
    let [width, height] = atlas.view.size;
    let values = atlas.values.chunks(width).rev().flatten().copied().collect();
    artifacts.drawing("atlas", Raster { width, height, extent: atlas.view.extent(), values });
    let rows = &atlas.thumbnails;
    let connected = |row: &atlas::Thumbnail| {
        row.connected.map_or_else(|| Value::Missing("undecided".to_owned()), Value::from)
    };
    let table = Table::new()
        .with("column", integers(rows, |row| row.place[0] as i64))
        .with("row", integers(rows, |row| row.place[1] as i64))
        .with("re", floats(rows, |row| row.c[0]))
        .with("im", floats(rows, |row| row.c[1]))
        .with("connected", column(rows, ColumnType::Bool, connected));
    artifacts.table("thumbnails", table);
}
