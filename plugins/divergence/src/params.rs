//! The parameters.

use octavo_plugin::{Input, Problem};
use octavo_sinkhorn::Blob;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Parameters of the analysis `divergence`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Params {
    /// The first histogram, image or set of images.
    pub first: Thing,
    /// The second one, of the same kind; `change` makes it from the first.
    pub second: Thing,
    /// Distance between the centres of neighbouring pixels. Sets of images have no use for it.
    #[schemars(extend("exclusiveMinimum" = 0.0))]
    pub pixel: f64,
    /// Added to every pixel of both images before they are compared, in units of each image's mean: a common way out of
    /// infinite divergences. Sets of images have no use for it.
    #[schemars(range(min = 0.0))]
    pub floor: f64,
    /// Strengths of the entropic term of the Sinkhorn divergence, each above 0, in units of a squared distance.
    #[schemars(length(min = 1, max = 100), inner(range(min = 0.0)))]
    pub epsilon: Vec<f64>,
}

impl Default for Params {
    fn default() -> Self {
        Self {
            first: Thing::Bar { bar: 4, pixels: 16, start: 2 },
            second: Thing::Changed { change: Changes { right: 1, ..Changes::default() } },
            pixel: 1.0,
            floor: 0.0,
            epsilon: vec![1.0],
        }
    }
}

/// What is compared. Values are weights: none is below 0, and they are divided by their sum.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged, deny_unknown_fields)]
pub enum Thing {
    /// A grey PNG, a CSV of numbers without a header, or JSON: a line of the file is a row of pixels, one row or one column a
    /// histogram. A raster of another experiment is read too.
    Read(Input),
    /// A histogram on a line.
    Histogram {
        /// The weight of each bin.
        #[schemars(length(min = 1, max = 20_000))]
        histogram: Vec<f64>,
    },
    /// An image, row by row from the top.
    Image {
        /// The rows, of one length.
        #[schemars(length(min = 1, max = 256))]
        image: Vec<Vec<f64>>,
    },
    /// A bar of equal weights on a line of pixels.
    Bar {
        /// Number of pixels of the bar.
        #[schemars(range(min = 1, max = 20_000))]
        bar: usize,
        /// Number of pixels of the line.
        #[schemars(range(min = 1, max = 20_000))]
        pixels: usize,
        /// The first pixel of the bar, from 0.
        #[serde(default)]
        start: usize,
    },
    /// An image of round blobs before a background.
    Bumps {
        /// The blobs.
        #[schemars(length(min = 1, max = 1000))]
        bumps: Vec<Blob>,
        /// Number of columns and of rows.
        #[schemars(inner(range(min = 1, max = 256)))]
        size: [usize; 2],
        /// What every pixel has besides.
        #[serde(default)]
        #[schemars(range(min = 0.0))]
        background: f64,
    },
    /// A set of random images, pixels uniform between 0 and 1; each image has the same weight in the set.
    Random {
        /// Number of images.
        #[schemars(range(min = 1, max = 1000))]
        images: usize,
        /// Number of columns and of rows.
        #[schemars(inner(range(min = 1, max = 256)))]
        size: [usize; 2],
    },
    /// A set of images from a CSV of numbers without a header or JSON: a line of the file is an image, row by row. Or from a grey
    /// PNG with images side by side and below each other, without gaps.
    Set {
        /// The file.
        set: Input,
        /// Number of columns of pixels of an image.
        #[schemars(range(min = 1, max = 256))]
        columns: usize,
        /// Number of rows of pixels of an image; a PNG needs it, other files say it themselves.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        #[schemars(range(min = 1, max = 256))]
        rows: Option<usize>,
    },
    /// A copy of the first, changed; for `second` only. In a set every image is changed.
    Changed {
        /// The changes; none leaves a copy.
        change: Changes,
    },
}

/// Changes of an image, made in this order. Pixels are named by column and row, from 0 at the top left.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Changes {
    /// Puts noise, uniform between 0 and twice the image's mean, in the place of this share of the columns, from the right,
    /// rounded to the nearest.
    #[schemars(range(min = 0.0, max = 1.0))]
    pub noise: f64,
    /// The pixel that `by` concerns: column and row.
    pub at: [usize; 2],
    /// What is added to the pixel `at`; the sum is not below 0.
    pub by: f64,
    /// Sets so many pixels to 0, drawn at random among those above 0.
    pub dead: usize,
    /// Moves everything to the right by so many pixels. What leaves the picture must be 0.
    pub right: i64,
    /// Moves everything down by so many pixels.
    pub down: i64,
}

impl Thing {
    fn random(&self) -> bool {
        match self {
            Self::Random { .. } => true,
            Self::Changed { change } => change.noise > 0.0 || change.dead > 0,
            _ => false,
        }
    }

    fn problem(&self) -> Option<&'static str> {
        let usable = |values: &[f64]| {
            values.iter().all(|x| x.is_finite() && *x >= 0.0) && values.iter().any(|x| *x > 0.0)
        };
        match self {
            Self::Histogram { histogram } if !usable(histogram) => {
                Some("weights are finite and not below 0, and one of them is above 0")
            }
            Self::Image { image }
                if image.iter().any(|row| row.len() != image[0].len() || row.is_empty()) =>
            {
                Some("the rows of an image have one length")
            }
            Self::Image { image } if !usable(&image.concat()) => {
                Some("pixels are finite and not below 0, and one of them is above 0")
            }
            Self::Bar { bar, pixels, start } if start + bar > *pixels => Some("the bar leaves the line"),
            Self::Bumps { bumps, .. }
                if bumps.iter().any(|blob| !blob.center.iter().all(|x| x.is_finite())) =>
            {
                Some("centres are finite numbers")
            }
            _ => None,
        }
    }
}

impl Params {
    /// Whether the result depends on the seed.
    pub(crate) fn random(&self) -> bool {
        self.first.random() || self.second.random()
    }

    /// Problems between parameters.
    pub(crate) fn problems(&self) -> Vec<Problem> {
        let things = [("first", &self.first), ("second", &self.second)];
        let own = things.into_iter().filter_map(|(path, thing)| Some(Problem::at(path, thing.problem()?)));
        let mut found: Vec<Problem> = own.collect();
        if matches!(self.first, Thing::Changed { .. }) {
            let problem = Problem::at("first", "only the second can be a changed copy");
            found.push(problem.help("give the first its pixels"));
        }
        for (index, epsilon) in self.epsilon.iter().enumerate() {
            if !(epsilon.is_finite() && *epsilon > 0.0) {
                let problem = Problem::at(&format!("epsilon.{index}"), format!("{epsilon} is not above 0"));
                found.push(problem.help("the limit of epsilon = 0 is among the results: `w2_squared`"));
            } else if !(1e-280..=1e280).contains(epsilon) {
                let problem = Problem::at(
                    &format!("epsilon.{index}"),
                    format!("{epsilon:e} is not between 1e-280 and 1e280"),
                );
                found.push(problem.help("choose another unit for `pixel` and `epsilon`"));
            }
        }
        found
    }
}
