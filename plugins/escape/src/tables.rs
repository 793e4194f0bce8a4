//! The tables of a run: their rows, and their columns.

use octavo_plugin::{Rows, Value};

use crate::area::Grid;
use crate::atlas::Thumbnail;
use crate::centres::{self, turns};
use crate::complex::{Complex, abs};
use crate::deep;
use crate::fate::Fate;

/// The table `points`: points and their counts.
pub(crate) fn points() -> Rows<([f64; 2], i32)> {
    Rows::<([f64; 2], i32)>::new("a point and its count")
        .float("re", "Real part", |row| row.0[0])
        .float("im", "Imaginary part", |row| row.0[1])
        .integer("count", "Steps until |z| > 2", |row| row.1)
}

/// The table `nucleus`.
pub(crate) fn nucleus() -> Rows<deep::Centre> {
    Rows::<deep::Centre>::new("the centre of a component in the picture; none if no period shows")
        .integer("period", "Period", |centre| centre.period)
        .text("re", "Real part", |centre| centre.c[0].clone())
        .text("im", "Imaginary part", |centre| centre.c[1].clone())
        .float("size", "Size", |centre| abs(centre.size))
        .float("direction", "Direction", |centre| 360.0 * turns(centre.size))
        .unit("°")
}

/// The table `areas`.
pub(crate) fn areas() -> Rows<Grid> {
    Rows::<Grid>::new("a shifted grid and the area of its pixels that stay")
        .float("shift_x", "Shift to the right", |grid| grid.shift[0])
        .unit("px")
        .float("shift_y", "Shift upwards", |grid| grid.shift[1])
        .unit("px")
        .float("area", "Area", |grid| grid.area)
        .float("area_half", "Area after half as many steps", |grid| grid.half)
}

/// A step of a point's orbit.
pub(crate) struct Step {
    /// The number of the point, from 1.
    pub(crate) point: usize,
    pub(crate) step: u32,
    pub(crate) z: Complex,
}

/// The table `orbits`.
pub(crate) fn orbits() -> Rows<Step> {
    Rows::<Step>::new("a step of a point's orbit, as long as |z| is below a million")
        .integer("point", "Point", |row| row.point)
        .integer("step", "Step", |row| row.step)
        .float("re", "Real part", |row| row.z[0])
        .float("im", "Imaginary part", |row| row.z[1])
        .float("size", "|z|", |row| abs(row.z))
}

fn undecided(connected: Option<bool>) -> Value {
    Value::or_missing(connected, "undecided")
}

/// A number of the attracting cycle, if there is one.
fn multiplier(fate: &Fate, of: fn(Complex) -> f64) -> Value {
    let found = match fate {
        Fate::Attracted { multiplier, .. } => Some(of(*multiplier)),
        _ => None,
    };
    Value::or_missing(found, "no attracting cycle")
}

fn preperiod(fate: &Fate) -> Value {
    let found = match fate {
        Fate::Repeats { preperiod, .. } => Some(*preperiod),
        _ => None,
    };
    Value::or_missing(found, "no attracting cycle")
}

fn period(fate: &Fate) -> Value {
    let found = match fate {
        Fate::Attracted { period, .. } | Fate::Repeats { period, .. } => Some(*period),
        _ => None,
    };
    Value::or_missing(found, "no cycle")
}

/// The table `cycles`: each c with the fate of its critical orbit.
pub(crate) fn cycles() -> Rows<(Complex, Fate)> {
    Rows::<(Complex, Fate)>::new("a c and what becomes of the orbit of 0")
        .float("re", "Real part of c", |(c, _)| c[0])
        .float("im", "Imaginary part of c", |(c, _)| c[1])
        .bool("connected", "Julia set in one piece", |(_, fate)| undecided(fate.connected()))
        .integer("preperiod", "Steps before the cycle", |(_, fate)| preperiod(fate))
        .integer("period", "Period", |(_, fate)| period(fate))
        .float("multiplier_re", "Multiplier, real part", |(_, fate)| multiplier(fate, |m| m[0]))
        .float("multiplier_im", "Multiplier, imaginary part", |(_, fate)| multiplier(fate, |m| m[1]))
        .float("multiplier", "|Multiplier|", |(_, fate)| multiplier(fate, abs))
}

/// A point of the interval under both maps.
pub(crate) struct Folded {
    pub(crate) t: f64,
    pub(crate) step: u32,
    pub(crate) z: f64,
    pub(crate) folded: f64,
}

/// The table `fold`.
pub(crate) fn fold() -> Rows<Folded> {
    Rows::<Folded>::new("2 cos(π t) after some steps of z² - 2, and of the tent map on t")
        .float("t", "t", |row| row.t)
        .integer("step", "Steps", |row| row.step)
        .float("z", "z after as many steps of z² − 2", |row| row.z)
        .float("folded", "2 cos(π T(…T(t)))", |row| row.folded)
}

/// The table `nuclei`.
pub(crate) fn nuclei() -> Rows<centres::Centre> {
    Rows::<centres::Centre>::new("a component of the Mandelbrot set")
        .integer("period", "Period", |centre| centre.period)
        .float("re", "Real part", |centre| centre.c[0])
        .float("im", "Imaginary part", |centre| centre.c[1])
        .float("size", "Size", |centre| abs(centre.size))
        .float("direction", "Direction", |centre| 360.0 * turns(centre.size))
        .unit("°")
        .bool("copy", "Body of a copy of the whole", |centre| centre.copy)
}

/// A Misiurewicz point that was found.
pub(crate) struct Found {
    pub(crate) preperiod: u32,
    pub(crate) period: u32,
    pub(crate) point: centres::Misiurewicz,
}

/// The table `misiurewicz`.
pub(crate) fn misiurewicz() -> Rows<Found> {
    Rows::<Found>::new("a point whose critical orbit falls on a repelling cycle")
        .integer("period", "Period", |found| found.period)
        .float("re", "Real part", |found| found.point.c[0])
        .float("im", "Imaginary part", |found| found.point.c[1])
        .integer("preperiod", "Steps before the cycle", |found| found.preperiod)
        .float("multiplier", "|Multiplier|", |found| abs(found.point.multiplier))
        .float("turn", "Angle of the multiplier", |found| 360.0 * turns(found.point.multiplier))
        .unit("°")
        .float("factor_re", "Map to land, real part", |found| found.point.factor[0])
        .float("factor_im", "Map to land, imaginary part", |found| found.point.factor[1])
}

/// An external ray.
pub(crate) struct Ray {
    /// Its angle in turns as a fraction: numerator and denominator.
    pub(crate) angle: [u32; 2],
    /// The last point of it that was computed.
    pub(crate) end: Complex,
}

fn of_rays(about: &str) -> Rows<Ray> {
    Rows::<Ray>::new(about).text("angle", "Angle", |ray| format!("{}/{}", ray.angle[0], ray.angle[1])).float(
        "turns",
        "Angle in turns",
        |ray| f64::from(ray.angle[0]) / f64::from(ray.angle[1]),
    )
}

/// The attributes of the drawing `rays`.
pub(crate) fn rays() -> Rows<Ray> {
    of_rays("an external ray")
}

/// The table `landings`.
pub(crate) fn landings() -> Rows<Ray> {
    of_rays("an external ray and the last point of it that was computed")
        .float("re", "Real part", |ray| ray.end[0])
        .float("im", "Imaginary part", |ray| ray.end[1])
}

/// The table `thumbnails`.
pub(crate) fn thumbnails() -> Rows<Thumbnail> {
    Rows::<Thumbnail>::new("a thumbnail of the atlas")
        .integer("column", "Column", |row| row.place[0])
        .integer("row", "Row from below", |row| row.place[1])
        .float("re", "Real part of c", |row| row.c[0])
        .float("im", "Imaginary part of c", |row| row.c[1])
        .bool("connected", "In one piece", |row| undecided(row.connected))
}
