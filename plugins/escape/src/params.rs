//! What a reader may choose.

use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Most pixels of a picture.
pub const MAX_PIXELS: u64 = 1 << 26;

/// Which set.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Kind {
    /// The Mandelbrot set: each pixel is a c, and its orbit starts at 0.
    #[default]
    Mandelbrot,
    /// The filled Julia set of one c: each pixel is where an orbit starts.
    Julia,
}

/// Points in place of the pixels of a picture.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Points {
    /// These: pairs of real and imaginary part.
    These(Vec<[f64; 2]>),
    /// A CSV file with columns `re` and `im`, or a table of another experiment.
    Input(Input),
}

/// Parameters of the analysis `escape`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct EscapeParams {
    /// The map of all c, or the filled Julia set of one.
    pub kind: Kind,
    /// The c of a Julia set: real and imaginary part.
    pub c: Option<[f64; 2]>,
    /// The lower left corner of the picture. If left out: such that the Mandelbrot set, or 0 for a Julia set, is in the middle.
    pub origin: Option<[f64; 2]>,
    /// The side of a pixel. If left out: such that the picture is 3 wide, for a Julia set 4.
    #[schemars(range(max = 100.0), extend("exclusiveMinimum" = 0.0))]
    pub pixel: Option<f64>,
    /// In place of `origin`: the middle of the picture, real and imaginary part as decimal numbers of any length in quotes,
    /// for places that lie deep.
    pub center: Option<[String; 2]>,
    /// With `center`: by how much `pixel` is divided.
    #[schemars(range(max = 1e300), extend("exclusiveMinimum" = 0.0))]
    pub zoom: f64,
    /// Columns and rows of pixels.
    #[schemars(inner(range(min = 1, max = 16_384)))]
    pub size: [u32; 2],
    /// How many steps an orbit is followed before it counts as one that stays.
    #[schemars(range(min = 1, max = 2_000_000_000))]
    pub max_iterations: u32,
    /// Counts the steps of these points in place of those of the pixels of a picture.
    pub points: Option<Points>,
    /// The most columns and rows of a drawing; a finer grid is drawn by every k-th pixel, with the smallest k that fits.
    #[schemars(range(min = 16, max = 4096))]
    pub picture: u32,
}

impl Default for EscapeParams {
    fn default() -> Self {
        Self {
            kind: Kind::Mandelbrot,
            c: None,
            origin: None,
            pixel: None,
            center: None,
            zoom: 1.0,
            size: [512, 512],
            max_iterations: 1000,
            points: None,
            picture: 1024,
        }
    }
}

impl EscapeParams {
    /// Problems between parameters.
    pub fn problems(&self) -> Vec<Problem> {
        let problems = [self.c_problem(), self.place_problem(), self.size_problem(), self.points_problem()];
        problems.into_iter().flatten().collect()
    }

    fn c_problem(&self) -> Option<Problem> {
        match (self.kind, self.c) {
            (Kind::Julia, None) => Some(
                Problem::at("c", "a Julia set needs its `c`")
                    .help("such as `c = [-0.123, 0.745]`, the rabbit"),
            ),
            (Kind::Mandelbrot, Some(_)) => Some(
                Problem::at("c", "the Mandelbrot set has no `c`: its pixels are all c")
                    .help("leave it out, or say `kind = \"julia\"`"),
            ),
            (_, Some(c)) if c.iter().any(|part| !(part.abs() <= 1e3)) => {
                Some(Problem::at("c", "a part of `c` is beyond 1000"))
            }
            _ => None,
        }
    }

    fn place_problem(&self) -> Option<Problem> {
        let Some(center) = &self.center else {
            return (self.zoom != 1.0).then(|| {
                Problem::at("zoom", "`zoom` needs a `center`").help(
                    "such as `center = [\"-0.75\", \"0.1\"]`; without one, `pixel` says how large a pixel is",
                )
            });
        };
        if self.origin.is_some() {
            return Some(Problem::at("origin", "there are an `origin` and a `center`").help("leave one out"));
        }
        let wrong = center.iter().find(|text| !text.parse::<f64>().is_ok_and(|part| part.abs() <= 1e3))?;
        Some(
            Problem::at("center", format!("`{wrong}` is no decimal number between -1000 and 1000"))
                .help("such as \"-0.743643887037158704752191506114774\""),
        )
    }

    fn size_problem(&self) -> Option<Problem> {
        let pixels = u64::from(self.size[0]) * u64::from(self.size[1]);
        (pixels > MAX_PIXELS).then(|| {
            Problem::at("size", format!("{pixels} pixels are more than {MAX_PIXELS}")).help("take fewer")
        })
    }

    fn points_problem(&self) -> Option<Problem> {
        match &self.points {
            Some(Points::These(points)) if points.is_empty() => {
                Some(Problem::at("points", "there is no point"))
            }
            Some(_) if self.center.is_some() => {
                Some(Problem::at("points", "points have no `center`").help("leave out one of them"))
            }
            _ => None,
        }
    }

    /// The side of a pixel.
    pub fn pixel(&self) -> f64 {
        let wide = if self.kind == Kind::Julia { 4.0 } else { 3.0 };
        let pixel = self.pixel.unwrap_or(wide / f64::from(self.size[0]));
        if self.center.is_some() { pixel / self.zoom } else { pixel }
    }

    /// The middle of the picture, if no `origin` says otherwise; of a deep place, its nearest doubles.
    pub fn middle(&self) -> [f64; 2] {
        match (&self.center, self.kind) {
            (Some(center), _) => [0, 1].map(|axis| center[axis].parse().unwrap_or(0.0)),
            (None, Kind::Mandelbrot) => [-0.5, 0.0],
            (None, Kind::Julia) => [0.0, 0.0],
        }
    }
}
