//! The analysis `curvature`: length and total curvature of a circle pushed through a network, layer by layer.
//!
//! [`subject`] makes network and circle. Smooth networks go through [`forward`] (jets), whose [`curves`] are measured by
//! [`quadrature`] (trapezoid rule, then [`panels`]); piecewise linear ones through [`arcs`], exactly; [`closed`] polygons
//! in place of the circle go [`through`] both. [`meanfield`] and [`correlation`] are the
//! theory of wide networks, [`portrait`] draws the curves; `tables` says what the rows and columns of tables are.

pub mod activations;
pub mod arcs;
pub mod closed;
pub mod correlation;
pub mod curves;
pub mod eigen;
pub mod ellipse;
mod figures;
pub mod forward;
pub mod gaps;
pub mod gauss;
pub mod jets;
pub mod meanfield;
mod outputs;
pub mod pairs;
pub mod panels;
pub mod params;
mod passes;
pub mod polygon;
pub mod portrait;
pub mod quadrature;
pub mod real;
pub mod subject;
mod tables;
pub mod through;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::{
    About, Analysis, Artifacts, Failure, Identity, Localized, OutputSchema, Problem, RunContext, Translation,
};

use closed::Closed;
use curves::{Effort, Measured};
use forward::{LastLayer, NetworkCurves};
use params::{Layers, NetworkSpec, Params, Precision};
use real::Real;
use subject::Subject;
use tables::{Label, Theory};

/// Single precision does not come closer.
const SINGLE_TOLERANCE: f64 = 1e-4;

/// The analysis.
pub struct Curvature;

impl Analysis for Curvature {
    type Params = Params;

    fn identity(&self) -> Identity {
        Identity::built_in("curvature", 4)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("A circle through a network"),
            summary: Localized::en(
                "Pushes a circle through a network and measures the length and the total curvature of its image in every layer, exactly to a stated error, beside the mean-field theory of wide random networks.",
            ),
            documentation: include_str!("../README.md").into(),
            translations: &[Translation {
                language: "fr",
                words: include_str!("../labels/fr.toml"),
                documentation: include_str!("../README.fr.md"),
            }],
            example: "network = { width = 20, depth = 4, activation = \"tanh\", sigma_w = 2.0, sigma_b = 0.3 }\ntolerance = 1e-6\nportraits = [2, 4]\n".into(),
        }
    }

    fn stochastic(&self, params: &Params) -> bool {
        params.phase.is_none() && !matches!(params.network, Some(NetworkSpec::Input(_)))
    }

    fn check(&self, params: &Params) -> Vec<Problem> {
        subject::check(params)
    }

    fn outputs(&self, params: &Params) -> OutputSchema {
        outputs::declare(params)
    }

    fn figures(&self, params: &Params) -> IndexMap<String, Figure> {
        figures::defaults(params)
    }

    fn run(&self, params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        let mut artifacts = Artifacts::new();
        if let Some(phase) = &params.phase {
            outputs::add_phase(&mut artifacts, phase, context)?;
            return Ok(artifacts);
        }
        let subject = subject::prepare(params, context)?;
        let closed = Closed::named(params, subject.network.inputs(), context)?;
        let measured = match &closed {
            Some(closed) => measure_closed(&subject, closed, params, context)?,
            None => measure(&subject, params, context)?,
        };
        if let Some(closed) = &closed {
            outputs::add_input(&mut artifacts, &closed::itself(closed, effort(params)));
        }
        outputs::add_measures(&mut artifacts, &measured, subject.network.layers.len());
        outputs::add_fixed_point(&mut artifacts, subject.ensemble.as_ref());
        if let Some(ensemble) = subject.ensemble.as_ref().filter(|_| closed.is_none()) {
            let (width, depth) = (subject.network.inputs(), subject.network.layers.len());
            let layers = ensemble.curve(subject::start(ensemble, &subject.circle), width, depth);
            artifacts.table("theory", tables::theory().table(&Theory::all(&layers, width)));
        }
        if !params.correlations.is_empty() {
            let pairs = pairs::measure(&subject, &params.correlations, context)?;
            artifacts.table("correlations", tables::correlations(subject.ensemble.is_some()).table(&pairs));
            if let Some(ensemble) = &subject.ensemble {
                outputs::add_map(&mut artifacts, ensemble, context)?;
            }
        }
        if !params.portraits.is_empty() {
            let curves = NetworkCurves::new(&subject.network, &subject.circle);
            let drawing = portrait::draw(&curves, &params.portraits, context)?;
            artifacts.table(
                "portraits",
                tables::portraits().table(&Label::all(&drawing, &params.portraits, &measured)),
            );
            artifacts.drawing("circle", drawing);
        }
        Ok(artifacts)
    }
}

/// Measures the curves of all layers, by arcs or by jets.
///
/// # Errors
/// If the network mixes ReLU with smooth activations; those of [`arcs::measure`] and [`quadrature::measure`].
pub fn measure(subject: &Subject, params: &Params, context: &RunContext<'_>) -> Result<Measured, Failure> {
    let effort = effort(params);
    refuse_mixed(subject)?;
    let (network, circle) = (&subject.network, &subject.circle);
    if arcs::piecewise_linear(network) {
        return arcs::measure(network, circle, params.layers, effort, context);
    }
    match params.precision {
        Precision::F64 => measure_jets(&NetworkCurves::<f64>::new(network, circle), params, context),
        Precision::F32 => measure_jets(&NetworkCurves::<f32>::new(network, circle), params, context),
    }
}

fn measure_jets<T: Real>(
    curves: &NetworkCurves<'_, T>,
    params: &Params,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    match params.layers {
        Layers::All => quadrature::measure(curves, effort(params), context),
        Layers::Last => quadrature::measure(&LastLayer(curves), effort(params), context),
    }
}

fn measure_closed(
    subject: &Subject,
    closed: &Closed,
    params: &Params,
    context: &RunContext<'_>,
) -> Result<Measured, Failure> {
    refuse_mixed(subject)?;
    let (network, effort) = (&subject.network, effort(params));
    match params.precision {
        Precision::F64 => through::measure::<f64>(network, closed, params.layers, effort, context),
        Precision::F32 => through::measure::<f32>(network, closed, params.layers, effort, context),
    }
}

fn effort(params: &Params) -> Effort {
    let least = if params.precision == Precision::F32 { SINGLE_TOLERANCE } else { 0.0 };
    Effort { tolerance: params.tolerance.max(least), max_points: params.max_points }
}

fn refuse_mixed(subject: &Subject) -> Result<(), Failure> {
    if subject::mixed(&subject.network) {
        return Err(Failure::user("the network mixes `relu` or `hardtanh` with a smooth activation")
            .help("use `relu`, `hardtanh` and `identity`, or `tanh`, `erf`, `gelu`, `sine` and `identity`"));
    }
    Ok(())
}
