//! What is given beside the counts, if it is asked for.

use octavo_plugin::{Artifacts, Failure, Geometry, GeometryKind, Raster, RunContext, Table};
use rayon::prelude::*;

use crate::area;
use crate::atlas::{self, Atlas};
use crate::centres;
use crate::complex::{Complex, square};
use crate::fate::{Fate, fate};
use crate::interior::next;
use crate::land;
use crate::params::{EscapeParams, LikenessParams, MisiurewiczParams, Show};
use crate::rays::ray;
use crate::tables::{self, Folded, Found, Ray, Step};
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
        artifacts.table("nuclei", tables::nuclei().table(&centres::centres(most)));
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

/// The orbits of points, from where they start, step by step.
pub(crate) fn orbits(params: &EscapeParams, points: &[[f64; 2]]) -> Table {
    let mut rows = Vec::new();
    for (point, start) in (1..).zip(points) {
        let (mut z, c) = params.c.map_or(([0.0; 2], *start), |c| (*start, c));
        for step in 0..=params.orbit_steps {
            if square(z) > FAR {
                break;
            }
            rows.push(Step { point, step, z });
            z = next(z, c);
        }
    }
    tables::orbits().table(&rows)
}

/// What becomes of the critical orbits of these c.
pub(crate) fn cycles(points: &[[f64; 2]], limit: u32) -> Table {
    let rows: Vec<(Complex, Fate)> = points.par_iter().map(|c| (*c, fate(*c, limit))).collect();
    tables::cycles().table(&rows)
}

fn areas(params: &EscapeParams, context: &RunContext<'_>, artifacts: &mut Artifacts) -> Result<(), Failure> {
    let grids = area::grids(&View::new(params), params.max_iterations, context)?;
    let (area, error) = area::estimate(&grids);
    artifacts.measured("area", area, error).table("areas", tables::areas().table(&grids));
    Ok(())
}

fn fold() -> Table {
    let point = |step: u32, index: u32| {
        let t = f64::from(index) / f64::from(FOLD_POINTS);
        let [z, folded] = land::fold(t, step);
        Folded { t, step, z, folded }
    };
    let rows: Vec<Folded> =
        (0..=FOLD_STEPS).flat_map(|step| (0..=FOLD_POINTS).map(move |index| point(step, index))).collect();
    tables::fold().table(&rows)
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

fn misiurewicz(wanted: &[MisiurewiczParams]) -> Result<Table, Failure> {
    let find = |wanted: &MisiurewiczParams| {
        let MisiurewiczParams { preperiod, period, near } = *wanted;
        let point = centres::misiurewicz(near, preperiod, period).ok_or_else(|| {
            let message = format!("near {near:?} there is no point whose orbit falls on a cycle of period {period} after {preperiod} steps");
            Failure::user(message).help("look for it in a picture, and give `near` more exactly")
        })?;
        Ok(Found { preperiod, period, point })
    };
    let found = wanted.iter().map(find).collect::<Result<Vec<_>, Failure>>()?;
    Ok(tables::misiurewicz().table(&found))
}

fn rays(params: &EscapeParams, artifacts: &mut Artifacts) {
    let [low, high] = View::new(params).extent();
    let shown = |point: &Complex| (0..2).all(|axis| (low[axis]..=high[axis]).contains(&point[axis]));
    let mut drawing = Geometry::new(GeometryKind::Paths);
    let mut rays = Vec::new();
    for angle in &params.rays {
        let points = ray(angle[0], angle[1], params.ray_depth);
        rays.push(Ray { angle: *angle, end: points.last().copied().unwrap_or_default() });
        // What is outside the picture would make it small.
        drawing.push(points.into_iter().filter(shown));
    }
    drawing.attributes = tables::rays().table(&rays);
    artifacts.drawing("rays", drawing).table("landings", tables::landings().table(&rays));
}

fn thumbnails(atlas: &Atlas, artifacts: &mut Artifacts) {
    let [width, height] = atlas.view.size;
    let values = atlas.values.chunks(width).rev().flatten().copied().collect();
    artifacts.drawing("atlas", Raster { width, height, extent: atlas.view.extent(), values });
    artifacts.table("thumbnails", tables::thumbnails().table(&atlas.thumbnails));
}
