//! What a definition may say of the regions of a network.

use octavo_plugin::Problem;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Value as Json, json};

use crate::params::{NetworkSource, Slice, View, square};

/// Parameters of the analysis `regions`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
#[schemars(extend("x-moved" = moved()))]
pub struct RegionsParams {
    /// A network of ReLU layers: from a file, at random, constructed, or trained.
    pub network: NetworkSource,
    /// A plane or line in the space of the network's inputs; the domain is a rectangle of its coordinates.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub slice: Option<Slice>,
    /// Samples of points, to see how few regions they see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sampling: Option<Sampling>,
    /// The level at which a single output decides; of several outputs the largest does, whatever the level. Draws the
    /// decision boundary.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub boundary: Option<f64>,
    /// The rectangle in which regions are counted: its lower left and upper right corners. On a line only the first
    /// coordinates count.
    #[serde(default = "square")]
    pub domain: [[f64; 2]; 2],
    /// Whether to draw the partition; 200,000 regions are drawn at most.
    #[serde(default = "yes")]
    pub drawing: bool,
    /// Whether to draw the partition after each layer too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub by_layer: bool,
    /// Whether to list the affine map of every region.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub maps: bool,
}

/// Samples of points of the domain.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Sampling {
    /// Sides of square grids: the middles of side · side cells, on a line of `side` intervals.
    #[schemars(length(max = 16), inner(range(min = 1, max = 2000)))]
    pub grid: Vec<usize>,
    /// Numbers of random points.
    #[schemars(length(max = 16), inner(range(min = 1, max = 4_000_000)))]
    pub random: Vec<usize>,
}

fn yes() -> bool {
    true
}

/// What was a parameter when `regions` was five analyses in one.
fn moved() -> Json {
    let own = |analysis: &str, keys: &str| {
        format!(
            "it is an analysis of its own now: write `analysis = \"{analysis}\"`, and its parameters ({keys}) directly under `[params]`"
        )
    };
    json!({
        "lines": own("lines", "`count`, `plane`"),
        "folds": own("folds", "`count`, `crease`"),
        "formula": own("zaslavsky", "`folds`, `dimensions`"),
        "arrangement": own("arrangement", "`hyperplanes`, `dimensions`"),
        "portrait": own("portraits", "`points`, `activation`, `gain`"),
    })
}

impl RegionsParams {
    /// The network, and where its regions are counted.
    pub(super) fn view(&self) -> View<'_> {
        View { network: &self.network, slice: self.slice.as_ref(), domain: self.domain }
    }

    /// Whether the result depends on the seed.
    pub(super) fn stochastic(&self) -> bool {
        let sampling = self.sampling.as_ref().is_some_and(|sampling| !sampling.random.is_empty());
        self.view().stochastic() || sampling
    }

    /// What the schema cannot say.
    pub(super) fn problems(&self) -> Vec<Problem> {
        let mut problems = self.view().problems();
        problems.extend(self.drawing_problem());
        problems
    }

    fn drawing_problem(&self) -> Option<Problem> {
        let plane = self.view().dimension() == 2 && self.drawing;
        let in_plane = "it takes a domain in the plane and `drawing = true`";
        if self.boundary.is_some() && !plane {
            return Some(Problem::at("boundary", "there is no decision boundary to draw").help(in_plane));
        }
        if self.by_layer && !plane {
            return Some(Problem::at("by_layer", "there are no layers to draw").help(in_plane));
        }
        (self.maps && !self.drawing).then(|| {
            Problem::at("maps", "maps are listed of regions that are drawn").help("set `drawing = true`")
        })
    }
}
