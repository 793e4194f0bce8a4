//! The tables of a run: their rows, and their columns.

use std::f64::consts::TAU;

use octavo_plugin::value::Value;
use octavo_plugin::{Geometry, Rows};

use crate::curves::{Measure, Measured, SHORTEST};
use crate::meanfield::{LayerTheory, StageTheory};
use crate::pairs::Correlation;
use crate::portrait;

const STAGES: [&str; 2] = ["pre", "post"];
const STILL: &str = "the curve stands still on part of the circle, so it has no direction there";
const POINT: &str = "the curve has collapsed to a single point";
const CORNERS: &str = "the activation has corners, so its second derivative is no function";
const LARGE: &str = "the variance is too large for the quadrature";
/// Why there is no theory of a network.
pub(crate) const FILE: &str = "the network comes from a file";

/// What is known of a layer before or after its activation.
pub(crate) struct AtStage<T> {
    layer: usize,
    stage: &'static str,
    found: T,
}

impl<T> AtStage<T> {
    /// What is found before and after the activations of the last of so many layers.
    pub(crate) fn of_last(layers: usize, found: Vec<T>) -> Vec<Self> {
        let first = layers + 1 - found.len() / 2;
        let places = (first..).flat_map(|layer| STAGES.map(|stage| (layer, stage)));
        places.zip(found).map(|((layer, stage), found)| Self { layer, stage, found }).collect()
    }

    fn columns(about: &str) -> Rows<Self> {
        Rows::<Self>::new(about)
            .integer("layer", "Layer", |row| row.layer)
            .text("stage", "Stage", |row| row.stage)
    }
}

/// The total curvature of a measured curve, or its error: `value`, or why there is none.
pub(crate) fn curvature(measure: &Measure, value: f64) -> Value {
    match measure {
        Measure { moves: true, curvature, .. } if !measure.closes() => Value::Missing(format!(
            "not resolved: a closed curve turns by at least 6.283 rad, and {curvature:.3} rad were seen"
        )),
        Measure { moves: true, .. } => value.into(),
        Measure { length, .. } if *length < SHORTEST => Value::Missing(POINT.to_owned()),
        _ => Value::Missing(STILL.to_owned()),
    }
}

/// The table `layers`.
pub(crate) fn layers() -> Rows<AtStage<Measure>> {
    AtStage::<Measure>::columns("The curve before (`pre`) or after (`post`) the activation of a layer")
        .float("length", "Length", |row| Value::from(row.found.length))
        .float("length_error", "Error of the length", |row| Value::from(row.found.length_error))
        .float("total_curvature", "Total curvature", |row| curvature(&row.found, row.found.curvature))
        .unit("rad")
        .float("error", "Error of the total curvature", |row| {
            curvature(&row.found, row.found.curvature_error)
        })
        .unit("rad")
        .bool("resolved", "Both errors below the tolerance", |row| row.found.resolved)
        .integer("kinks", "Kinks", |row| row.found.kinks)
        .float("dead", "Share standing still", |row| Value::from(row.found.dead))
}

/// The theory of a layer at one of its stages, in a network of some width.
pub(crate) struct Theory {
    chi1: f64,
    chi2: Option<f64>,
    stage: StageTheory,
    width: usize,
}

impl Theory {
    /// All stages of all layers.
    pub(crate) fn all(layers: &[LayerTheory], width: usize) -> Vec<AtStage<Self>> {
        let of = |layer: &LayerTheory| {
            let (chi1, chi2) = (layer.chi1, layer.chi2);
            layer.stages.map(|stage| Self { chi1, chi2, stage, width })
        };
        AtStage::of_last(layers.len(), layers.iter().flat_map(of).collect())
    }

    /// Squared speed over width.
    fn speed(&self) -> f64 {
        square(self.stage.length) / self.width as f64
    }

    /// Width times squared curvature, where there is an acceleration.
    fn bent(&self) -> Option<f64> {
        self.stage.acceleration.map(|_| square(self.stage.curvature) / self.speed())
    }
}

/// The square of the number of turns.
fn square(angle: f64) -> f64 {
    angle / TAU * (angle / TAU)
}

/// The table `theory`.
pub(crate) fn theory() -> Rows<AtStage<Theory>> {
    AtStage::<Theory>::columns(
        "Mean-field theory of the curve before (`pre`) or after (`post`) the activation of a layer",
    )
    .float("q", "Variance in theory", |row| Value::from(row.found.stage.q))
    .float("chi1", "χ₁ of the layer", |row| Value::from(row.found.chi1))
    .float("chi2", "χ₂ of the layer", |row| Value::or_missing(row.found.chi2, CORNERS))
    .float("g", "Squared speed over width", |row| Value::from(row.found.speed()))
    .float("a", "Squared acceleration over width", |row| {
        Value::or_missing(row.found.stage.acceleration, CORNERS)
    })
    .float("k", "Width times squared curvature", |row| Value::or_missing(row.found.bent(), CORNERS))
    .float("big_g", "Squared number of turns", |row| Value::from(square(row.found.stage.curvature)))
    .float("length", "Length in theory", |row| Value::from(row.found.stage.length))
    .float("total_curvature", "Total curvature in theory", |row| Value::from(row.found.stage.curvature))
    .unit("rad")
}

/// The table `correlations`, of a random network or of one from a file.
pub(crate) fn correlations(random: bool) -> Rows<Correlation> {
    let reason = if random { LARGE } else { FILE };
    Rows::<Correlation>::new(
        "Correlation before the activation of a layer of points this far apart on the circle",
    )
    .integer("layer", "Layer", |pair| pair.layer)
    .float("angle", "Angle between the points", |pair| pair.angle)
    .unit("rad")
    .float("correlation", "Correlation", |pair| Value::from(pair.measured))
    .float("theory", "Correlation in theory", move |pair| Value::or_missing(pair.theory, reason))
}

/// A label above the drawing of a layer.
pub(crate) struct Label {
    layer: usize,
    place: [f64; 2],
    curvature: Value,
}

impl Label {
    /// The labels of the drawn layers.
    pub(crate) fn all(drawing: &Geometry, wanted: &[usize], measured: &Measured) -> Vec<Self> {
        let label = |(layer, place): (&usize, [f64; 2])| {
            let measure = &measured.curves[2 * (layer - 1)];
            Self { layer: *layer, place, curvature: curvature(measure, measure.curvature) }
        };
        wanted.iter().zip(portrait::label_places(drawing, wanted)).map(label).collect()
    }
}

/// The table `portraits`.
pub(crate) fn portraits() -> Rows<Label> {
    Rows::<Label>::new("A label above the drawing of a layer")
        .integer("layer", "Layer", |label| label.layer)
        .float("x", "Place of the label, x", |label| label.place[0])
        .float("y", "Place of the label, y", |label| label.place[1])
        .float("total_curvature", "Total curvature", |label| label.curvature.clone())
        .unit("rad")
}

/// The table `map`: a correlation and the one that follows.
pub(crate) fn map() -> Rows<[f64; 2]> {
    Rows::<[f64; 2]>::new("The correlation map of the theory at the fixed point of the variance")
        .float("correlation", "Correlation", |row| row[0])
        .float("next", "Correlation in the next layer", |row| row[1])
}

/// The fixed point at one setting.
pub(crate) struct Setting {
    pub(crate) sigma_w: f64,
    pub(crate) sigma_b: f64,
    pub(crate) q: Value,
    pub(crate) chi1: Value,
}

/// The table `phase`.
pub(crate) fn phase() -> Rows<Setting> {
    Rows::<Setting>::new("The fixed point at one setting")
        .float("sigma_w", "Weights σ_w", |row| row.sigma_w)
        .float("sigma_b", "Biases σ_b", |row| row.sigma_b)
        .float("q", "Variance at the fixed point", |row| row.q.clone())
        .float("chi1", "χ₁ at the fixed point", |row| row.chi1.clone())
}

/// A point of the critical line.
pub(crate) struct Critical {
    pub(crate) sigma_b: f64,
    pub(crate) sigma_w: f64,
    pub(crate) q: Value,
}

/// The table `critical`.
pub(crate) fn critical() -> Rows<Critical> {
    Rows::<Critical>::new("A point of the critical line, where χ₁ = 1")
        .float("sigma_b", "Biases σ_b", |row| row.sigma_b)
        .float("sigma_w", "Weights σ_w", |row| row.sigma_w)
        .float("q", "Variance at the fixed point", |row| row.q.clone())
}
