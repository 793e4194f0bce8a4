//! What a reader may choose.

use octavo_plugin::{Input, Problem};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::fixed::Fixed;

/// Most pixels of a picture.
const MAX_PIXELS: u64 = 1 << 26;

/// The smallest pixel of a deep place.
const SMALLEST: f64 = 1e-300;
/// Most steps at a deep place, whose orbit and jumps are kept in memory: up to 400 bytes a step.
const MOST_DEEP: u32 = 2_000_000;

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

/// What is given beside the counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Show {
    /// A drawing `smooth`: counts without jumps, from a large bail-out.
    Smooth,
    /// A drawing `distance`: estimated distance to the set, in pixels.
    Distance,
    /// A drawing `period`: of each pixel of the Mandelbrot set, the period of its attracting cycle.
    Period,
    /// The area of the Mandelbrot set with its error, and a table `areas`, from 16 shifted grids.
    Area,
    /// A table `orbits`: the orbit of each of `points`, step by step.
    Orbits,
    /// A table `cycles`: of each of `points` as a c, what becomes of the critical orbit.
    Cycles,
    /// A table `fold`: z² - 2 beside the tent map.
    Fold,
    /// A table `nucleus`: the centre of the component nearest to `center` whose period shows in the picture, to all its digits.
    Nucleus,
}

/// The map under a grid of thumbnails.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct AtlasParams {
    /// Thumbnails in a row; there are three quarters as many rows, an odd number.
    #[schemars(range(min = 2, max = 128))]
    pub columns: u32,
    /// Pixels of a thumbnail in each direction.
    #[schemars(range(min = 8, max = 512))]
    pub thumbnail: u32,
}

impl Default for AtlasParams {
    fn default() -> Self {
        Self { columns: 25, thumbnail: 48 }
    }
}

impl AtlasParams {
    /// Rows of thumbnails: such that one row lies on the real axis.
    pub fn rows(&self) -> u32 {
        3 * self.columns / 4 / 2 * 2 + 1
    }
}

/// The map beside the land.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct LikenessParams {
    /// The point about which the two sets are compared, whose critical orbit should fall on a repelling cycle.
    pub c: [f64; 2],
    /// By what complex number the Mandelbrot set is turned and stretched; the table `misiurewicz` tells it.
    pub factor: [f64; 2],
    /// Half the side of the square that is compared.
    #[schemars(range(max = 4.0), extend("exclusiveMinimum" = 0.0))]
    pub radius: f64,
    /// Pixels in each direction.
    #[schemars(range(min = 8, max = 2048))]
    pub size: u32,
}

impl Default for LikenessParams {
    fn default() -> Self {
        Self { c: [0.0, 1.0], factor: [0.8, -0.4], radius: 0.1, size: 256 }
    }
}

/// A point whose critical orbit falls on a repelling cycle.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct MisiurewiczParams {
    /// Number of the first value on the cycle: 2 for c = i, whose orbit is 0, i, -1 + i, -i, -1 + i, ...
    #[schemars(range(min = 1, max = 1000))]
    pub preperiod: u32,
    /// Period of the cycle.
    #[schemars(range(min = 1, max = 1000))]
    pub period: u32,
    /// Where it is looked for.
    pub near: [f64; 2],
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
    /// What is given beside the counts.
    pub show: Vec<Show>,
    /// How many steps of each orbit the table `orbits` gives.
    #[schemars(range(min = 1, max = 100_000))]
    pub orbit_steps: u32,
    /// A drawing `atlas` and a table `thumbnails`: the Mandelbrot set under a grid of Julia sets, each of the c in its middle.
    pub atlas: Option<AtlasParams>,
    /// A table `nuclei`: the centres of all components of the Mandelbrot set of periods from 1 to this, with their sizes.
    #[schemars(range(min = 1, max = 10))]
    pub nuclei: Option<u32>,
    /// A table `misiurewicz`: these points.
    pub misiurewicz: Vec<MisiurewiczParams>,
    /// Drawings `map` and `land`: the Mandelbrot set about a point beside the Julia set of that point.
    pub likeness: Option<LikenessParams>,
    /// A drawing `rays` and a table `landings`: external rays of these angles, pairs of numerator and denominator.
    pub rays: Vec<[u32; 2]>,
    /// How often the logarithm of the potential is halved along a ray.
    #[schemars(range(min = 1, max = 500))]
    pub ray_depth: u32,
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
            show: Vec::new(),
            orbit_steps: 100,
            atlas: None,
            nuclei: None,
            misiurewicz: Vec::new(),
            likeness: None,
            rays: Vec::new(),
            ray_depth: 40,
            picture: 1024,
        }
    }
}

impl EscapeParams {
    /// Problems between parameters.
    pub fn problems(&self) -> Vec<Problem> {
        let problems = [
            self.c_problem(),
            self.place_problem(),
            self.size_problem(),
            self.points_problem(),
            self.show_problem(),
            self.rays_problem(),
        ];
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
            (_, Some(c)) if !c.iter().all(|part| part.abs() <= 1e3) => {
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
        let number = |text: &&String| {
            text.parse::<f64>().is_ok_and(|part| part.abs() <= 1e3) && Fixed::<2>::parse(text).is_some()
        };
        if let Some(wrong) = center.iter().find(|text| !number(text)) {
            let message = format!("`{wrong}` is no decimal number between -1000 and 1000");
            return Some(
                Problem::at("center", message).help("such as \"-0.743643887037158704752191506114774\""),
            );
        }
        self.depth_problem()
    }

    fn depth_problem(&self) -> Option<Problem> {
        let pixel = self.pixel();
        if self.kind == Kind::Julia {
            return (pixel < 1e-13).then(|| {
                let message = format!("pixels of {pixel:e} are too small for doubles");
                Problem::at("zoom", message).help("only the Mandelbrot set is drawn deeper")
            });
        }
        if pixel < SMALLEST {
            let message = format!("pixels of {pixel:e} are smaller than {SMALLEST:e}");
            return Some(Problem::at("zoom", message).help("take a smaller `zoom`"));
        }
        (self.max_iterations > MOST_DEEP).then(|| {
            let message = format!("with a `center` at most {MOST_DEEP} steps are followed");
            Problem::at("max_iterations", message).help("take fewer, or an `origin`")
        })
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

    fn show_problem(&self) -> Option<Problem> {
        let problem = |show: &Show| match show {
            Show::Orbits | Show::Cycles if self.points.is_none() => {
                Some("is of `points`, and there are none".to_owned())
            }
            Show::Smooth | Show::Distance | Show::Period if self.points.is_some() => {
                Some("is of a picture, and `points` have none".to_owned())
            }
            Show::Period | Show::Area | Show::Cycles if self.kind == Kind::Julia => {
                Some("is of the Mandelbrot set".to_owned())
            }
            Show::Period | Show::Area | Show::Distance if self.center.is_some() => {
                Some("is not of a picture with a `center`".to_owned())
            }
            Show::Nucleus if !self.is_deep() => Some("is of a picture with a `center`".to_owned()),
            Show::Area if self.points.is_some() => Some("is of a picture, and `points` have none".to_owned()),
            _ => None,
        };
        self.show.iter().find_map(|show| {
            let name = serde_json::to_value(show).ok()?;
            let message = format!("`{}` {}", name.as_str()?, problem(show)?);
            Some(Problem::at("show", message).help("leave it out"))
        })
    }

    fn rays_problem(&self) -> Option<Problem> {
        let [numerator, denominator] = self.rays.iter().find(|ray| ray[0] >= ray[1])?;
        let message = format!("{numerator}/{denominator} is no angle in [0, 1)");
        Some(Problem::at("rays", message).help("such as `rays = [[1, 3], [2, 3]]`, in turns"))
    }

    /// Whether pixels are distances from a `center` of many digits.
    pub fn is_deep(&self) -> bool {
        self.center.is_some() && self.kind == Kind::Mandelbrot
    }

    /// Whether this is asked for.
    pub fn shows(&self, show: Show) -> bool {
        self.show.contains(&show)
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
