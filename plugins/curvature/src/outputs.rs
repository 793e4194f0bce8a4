//! What a run gives: the declaration and the tables that fulfil it.

use std::sync::atomic::{AtomicU64, Ordering};

use octavo_plugin::value::Value;
use octavo_plugin::{Artifacts, ColumnType, Failure, GeometryKind, Named, OutputSchema, RunContext};

use rayon::prelude::*;

use crate::correlation::{self, CorrelationMap};
use crate::curves::{Measure, Measured};
use crate::meanfield::{Ensemble, FixedPoint, critical};
use crate::params::{Params, PhaseSpec};
use crate::portrait;
use crate::tables::{self, AtStage, Critical, FILE, Setting, curvature};

const ANY: &str = "every variance stays what it is";

/// All that a run with these parameters gives.
pub(crate) fn declare(params: &Params) -> OutputSchema {
    if params.phase.is_some() {
        return declare_phase();
    }
    use ColumnType::{Float, Integer};
    let mut schema = OutputSchema::new()
        .scalar("depth", Integer, "", "Layers")
        .scalar("points", Integer, "", "Angles evaluated, or arcs")
        .scalar("resolved", ColumnType::Bool, "", "All measured curves to the tolerance")
        .scalar("length", Float, "", "Length in the last layer")
        .scalar("total_curvature", Float, "rad", "Total curvature in the last layer")
        .scalar("q_star", Float, "", "Variance at the fixed point")
        .scalar("chi1", Float, "", "χ₁ at the fixed point")
        .table("layers", tables::layers().schema());
    if params.closed() {
        let label = "Length of the curve that goes in";
        schema = schema.scalar("input_length", Float, "", label);
        let label = "Total curvature of the curve that goes in";
        schema = schema.scalar("input_curvature", Float, "rad", label);
    } else if params.random().is_some() {
        schema = schema.table("theory", tables::theory().schema());
    }
    if !params.correlations.is_empty() {
        let random = params.random().is_some();
        schema = schema.table("correlations", tables::correlations(random).schema());
        if random {
            schema = schema
                .scalar("c_star", Float, "", "Correlation at the fixed point")
                .table("map", tables::map().schema());
        }
    }
    if !params.portraits.is_empty() {
        schema = schema
            .geometry("circle", GeometryKind::Paths, portrait::parts_drawn().schema())
            .table("portraits", tables::portraits().schema());
    }
    schema
}

fn declare_phase() -> OutputSchema {
    OutputSchema::new()
        .table("phase", tables::phase().schema())
        .table("critical", tables::critical().schema())
}

/// Fills in scalars and the table `layers`.
pub(crate) fn add_measures(artifacts: &mut Artifacts, measured: &Measured, depth: usize) {
    let curves = &measured.curves;
    let table = tables::layers().table(&AtStage::of_last(depth, curves.to_vec()));
    let last = &curves[curves.len() - 2];
    artifacts
        .scalar("depth", depth)
        .scalar("points", measured.points)
        .scalar("resolved", curves.iter().all(|measure| measure.resolved))
        .measured("length", last.length, last.length_error)
        .measured("total_curvature", curvature(last, last.curvature), last.curvature_error)
        .table("layers", table);
}

/// Fills in the measure of the polygon that goes in.
pub(crate) fn add_input(artifacts: &mut Artifacts, input: &Measure) {
    artifacts.measured("input_length", input.length, input.length_error).measured(
        "input_curvature",
        curvature(input, input.curvature),
        input.curvature_error,
    );
}

/// Fills in the fixed point, for a random network, and why there is none otherwise.
pub(crate) fn add_fixed_point(artifacts: &mut Artifacts, ensemble: Option<&Ensemble>) {
    let missing = || Value::Missing(FILE.to_owned());
    let (q, chi1) = ensemble.map_or_else(|| (missing(), missing()), fixed_point);
    artifacts.scalar("q_star", q).scalar("chi1", chi1);
}

fn fixed_point(ensemble: &Ensemble) -> (Value, Value) {
    match ensemble.fixed_point() {
        FixedPoint::Finite(q) => (q.into(), ensemble.chi1(q).into()),
        // Only activations whose chi1 is the same everywhere have no finite fixed point.
        FixedPoint::Infinite => (Value::Named(Named::Infinity), ensemble.chi1(1.0).into()),
        FixedPoint::Any => (Value::Missing(ANY.to_owned()), ensemble.chi1(1.0).into()),
    }
}

/// Steps of the table of the correlation map.
const STEPS: u32 = 100;

/// Fills in the correlation map at the fixed point and where it leads.
///
/// # Errors
/// If the run should stop.
pub(crate) fn add_map(
    artifacts: &mut Artifacts,
    ensemble: &Ensemble,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let map = match ensemble.fixed_point() {
        FixedPoint::Finite(q) if q > 0.0 && q <= correlation::LARGEST => {
            Some(CorrelationMap::new(*ensemble, q))
        }
        _ => None,
    };
    let missing = || Value::Missing("there is no finite variance above zero".to_owned());
    let mut rows = Vec::new();
    if let Some(map) = &map {
        for step in 0..=STEPS {
            context.go_on()?;
            let correlation = f64::from(step) / f64::from(STEPS);
            rows.push([correlation, map.next(correlation)]);
        }
    }
    let end = map.map_or_else(missing, |map| map.fixed_point().into());
    artifacts.scalar("c_star", end).table("map", tables::map().table(&rows));
    Ok(())
}

/// The tables `phase` and `critical`.
///
/// # Errors
/// If the run should stop.
pub(crate) fn add_phase(
    artifacts: &mut Artifacts,
    spec: &PhaseSpec,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let (weights, biases) = (spec.sigma_w.values(), spec.sigma_b.values());
    let done = AtomicU64::new(0);
    let row = |sigma_b: &f64| {
        context.step(done.fetch_add(1, Ordering::Relaxed), biases.len() as u64)?;
        let points = weights.iter().map(|sigma_w| {
            let ensemble = Ensemble { activation: spec.activation, sigma_w: *sigma_w, sigma_b: *sigma_b };
            let (q, chi1) = fixed_point(&ensemble);
            Setting { sigma_w: *sigma_w, sigma_b: *sigma_b, q, chi1 }
        });
        Ok(points.collect())
    };
    let rows: Vec<Vec<Setting>> = biases.par_iter().map(row).collect::<Result<_, Failure>>()?;
    let phase = tables::phase().table(&rows.into_iter().flatten().collect::<Vec<_>>());
    let point = |sigma_b: f64| {
        let (sigma_w, at) = critical(spec.activation, sigma_b);
        let q = match at {
            FixedPoint::Finite(q) => q.into(),
            FixedPoint::Infinite => Value::Named(Named::Infinity),
            FixedPoint::Any => Value::Missing(ANY.to_owned()),
        };
        Critical { sigma_b, sigma_w, q }
    };
    let mut line = tables::critical().table(&spec.line().into_iter().map(point).collect::<Vec<_>>());
    // So they stand in stored results, and an order is no reason to compute those again.
    line.columns.move_index(0, 2);
    artifacts.table("phase", phase).table("critical", line);
    Ok(())
}
