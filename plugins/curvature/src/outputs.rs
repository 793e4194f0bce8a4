//! What a run gives: the declaration and the tables that fulfil it.

use std::f64::consts::TAU;
use std::sync::atomic::{AtomicU64, Ordering};

use octavo_plugin::value::Value;
use octavo_plugin::{
    Artifacts, Column, ColumnType, Failure, Geometry, GeometryKind, Named, OutputSchema, RunContext, Table,
    TableSchema,
};

use rayon::prelude::*;

use crate::correlation::{self, CorrelationMap};
use crate::curves::{Measure, Measured, SHORTEST};
use crate::meanfield::{Ensemble, FixedPoint, LayerTheory, StageTheory, critical};
use crate::pairs::Correlation;
use crate::params::{Params, PhaseSpec};
use crate::portrait;

const STAGES: [&str; 2] = ["pre", "post"];
const STILL: &str = "the curve stands still on part of the circle, so it has no direction there";
const POINT: &str = "the curve has collapsed to a single point";
const FILE: &str = "the network comes from a file";
const CORNERS: &str = "the activation has corners, so its second derivative is no function";
const LARGE: &str = "the variance is too large for the quadrature";
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
        .table("layers", layers_schema());
    if params.closed() {
        let label = "Length of the curve that goes in";
        schema = schema.scalar("input_length", Float, "", label);
        let label = "Total curvature of the curve that goes in";
        schema = schema.scalar("input_curvature", Float, "rad", label);
    } else if params.random().is_some() {
        schema = schema.table("theory", theory_schema());
    }
    if !params.correlations.is_empty() {
        schema = schema.table("correlations", correlations_schema());
        if params.random().is_some() {
            schema = schema
                .scalar("c_star", Float, "", "Correlation at the fixed point")
                .table("map", map_schema());
        }
    }
    if !params.portraits.is_empty() {
        let attributes =
            TableSchema::new("A stretch of the curve before the activation, on its principal axes")
                .column("layer", Integer, "", "Layer")
                .column("angle", Float, "rad", "Angle on the circle");
        schema =
            schema.geometry("circle", GeometryKind::Paths, attributes).table("portraits", portraits_schema());
    }
    schema
}

fn stage_columns(about: &str) -> TableSchema {
    TableSchema::new(about).column("layer", ColumnType::Integer, "", "Layer").column(
        "stage",
        ColumnType::Text,
        "",
        "Stage",
    )
}

fn layers_schema() -> TableSchema {
    use ColumnType::{Float, Integer};
    stage_columns("The curve before (`pre`) or after (`post`) the activation of a layer")
        .column("length", Float, "", "Length")
        .column("length_error", Float, "", "Error of the length")
        .column("total_curvature", Float, "rad", "Total curvature")
        .column("error", Float, "rad", "Error of the total curvature")
        .column("resolved", ColumnType::Bool, "", "Both errors below the tolerance")
        .column("kinks", Integer, "", "Kinks")
        .column("dead", Float, "", "Share standing still")
}

fn theory_schema() -> TableSchema {
    use ColumnType::Float;
    stage_columns("Mean-field theory of the curve before (`pre`) or after (`post`) the activation of a layer")
        .column("q", Float, "", "Variance in theory")
        .column("chi1", Float, "", "χ₁ of the layer")
        .column("chi2", Float, "", "χ₂ of the layer")
        .column("g", Float, "", "Squared speed over width")
        .column("a", Float, "", "Squared acceleration over width")
        .column("k", Float, "", "Width times squared curvature")
        .column("big_g", Float, "", "Squared number of turns")
        .column("length", Float, "", "Length in theory")
        .column("total_curvature", Float, "rad", "Total curvature in theory")
}

fn correlations_schema() -> TableSchema {
    use ColumnType::{Float, Integer};
    TableSchema::new("Correlation before the activation of a layer of points this far apart on the circle")
        .column("layer", Integer, "", "Layer")
        .column("angle", Float, "rad", "Angle between the points")
        .column("correlation", Float, "", "Correlation")
        .column("theory", Float, "", "Correlation in theory")
}

fn portraits_schema() -> TableSchema {
    use ColumnType::{Float, Integer};
    TableSchema::new("A label above the drawing of a layer")
        .column("layer", Integer, "", "Layer")
        .column("x", Float, "", "Place of the label, x")
        .column("y", Float, "", "Place of the label, y")
        .column("total_curvature", Float, "rad", "Total curvature")
}

fn map_schema() -> TableSchema {
    use ColumnType::Float;
    TableSchema::new("The correlation map of the theory at the fixed point of the variance")
        .column("correlation", Float, "", "Correlation")
        .column("next", Float, "", "Correlation in the next layer")
}

fn declare_phase() -> OutputSchema {
    use ColumnType::Float;
    let weights = |table: TableSchema| table.column("sigma_w", Float, "", "Weights σ_w");
    let biases = |table: TableSchema| table.column("sigma_b", Float, "", "Biases σ_b");
    let phase = biases(weights(TableSchema::new("The fixed point at one setting")))
        .column("q", Float, "", "Variance at the fixed point")
        .column("chi1", Float, "", "χ₁ at the fixed point");
    let line = weights(biases(TableSchema::new("A point of the critical line, where χ₁ = 1"))).column(
        "q",
        Float,
        "",
        "Variance at the fixed point",
    );
    OutputSchema::new().table("phase", phase).table("critical", line)
}

fn floats(values: impl IntoIterator<Item = Value>) -> Column {
    let values: Vec<Value> = values.into_iter().collect();
    Column::from_values(ColumnType::Float, &values).expect("all values are floats, missing or named")
}

/// The last of so many layers, before and after their activations.
fn keys(last: usize, layers: usize) -> Table {
    let numbers: Vec<i64> = (1..=layers as i64).skip(layers - last).flat_map(|layer| [layer; 2]).collect();
    let stages: Vec<&str> = STAGES.iter().copied().cycle().take(2 * last).collect();
    Table::new().with("layer", numbers).with("stage", stages)
}

fn curvature(measure: &Measure, value: f64) -> Value {
    match measure {
        Measure { moves: true, curvature, .. } if !measure.closes() => Value::Missing(format!(
            "not resolved: a closed curve turns by at least 6.283 rad, and {curvature:.3} rad were seen"
        )),
        Measure { moves: true, .. } => value.into(),
        Measure { length, .. } if *length < SHORTEST => Value::Missing(POINT.to_owned()),
        _ => Value::Missing(STILL.to_owned()),
    }
}

/// Fills in scalars and the table `layers`.
pub(crate) fn add_measures(artifacts: &mut Artifacts, measured: &Measured, depth: usize) {
    let curves = &measured.curves;
    let column = |of: fn(&Measure) -> Value| floats(curves.iter().map(of));
    let table = keys(curves.len() / 2, depth)
        .with("length", column(|measure| measure.length.into()))
        .with("length_error", column(|measure| measure.length_error.into()))
        .with("total_curvature", column(|measure| curvature(measure, measure.curvature)))
        .with("error", column(|measure| curvature(measure, measure.curvature_error)))
        .with("resolved", curves.iter().map(|measure| measure.resolved).collect::<Vec<bool>>())
        .with("kinks", curves.iter().map(|measure| measure.kinks as i64).collect::<Vec<i64>>())
        .with("dead", column(|measure| measure.dead.into()));
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

/// The table `theory`.
pub(crate) fn theory(layers: &[LayerTheory], width: usize) -> Table {
    let stages = || layers.iter().flat_map(|layer| layer.stages.iter());
    let twice =
        |of: &dyn Fn(&LayerTheory) -> Value| floats(layers.iter().flat_map(|layer| [of(layer), of(layer)]));
    let no_bend = || Value::Missing(CORNERS.to_owned());
    let or_corners = |value: Option<f64>| value.map_or_else(no_bend, Value::from);
    let square = |turns: f64| turns / TAU * (turns / TAU);
    let speed = |stage: &StageTheory| square(stage.length) / width as f64;
    let bent = |stage: &StageTheory| stage.acceleration.map(|_| square(stage.curvature) / speed(stage));
    keys(layers.len(), layers.len())
        .with("q", floats(stages().map(|stage| stage.q.into())))
        .with("chi1", twice(&|layer| layer.chi1.into()))
        .with("chi2", twice(&|layer| or_corners(layer.chi2)))
        .with("g", floats(stages().map(|stage| speed(stage).into())))
        .with("a", floats(stages().map(|stage| or_corners(stage.acceleration))))
        .with("k", floats(stages().map(|stage| or_corners(bent(stage)))))
        .with("big_g", floats(stages().map(|stage| square(stage.curvature).into())))
        .with("length", floats(stages().map(|stage| stage.length.into())))
        .with("total_curvature", floats(stages().map(|stage| stage.curvature.into())))
}

/// The table `portraits`.
pub(crate) fn portraits(drawing: &Geometry, wanted: &[usize], measured: &Measured) -> Table {
    let places = portrait::label_places(drawing, wanted);
    let curves: Vec<&Measure> = wanted.iter().map(|layer| &measured.curves[2 * (layer - 1)]).collect();
    Table::new()
        .with("layer", wanted.iter().map(|layer| *layer as i64).collect::<Vec<i64>>())
        .with("x", places.iter().map(|place| place[0]).collect::<Vec<f64>>())
        .with("y", places.iter().map(|place| place[1]).collect::<Vec<f64>>())
        .with("total_curvature", floats(curves.iter().map(|measure| curvature(measure, measure.curvature))))
}

/// The table `correlations`.
pub(crate) fn correlations(pairs: &[Correlation], random: bool) -> Table {
    let missing = || Value::Missing(if random { LARGE } else { FILE }.to_owned());
    Table::new()
        .with("layer", pairs.iter().map(|pair| pair.layer as i64).collect::<Vec<i64>>())
        .with("angle", pairs.iter().map(|pair| pair.angle).collect::<Vec<f64>>())
        .with("correlation", floats(pairs.iter().map(|pair| pair.measured.into())))
        .with("theory", floats(pairs.iter().map(|pair| pair.theory.map_or_else(missing, Value::from))))
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
    let mut rows: Vec<f64> = Vec::new();
    if map.is_some() {
        rows.extend((0..=STEPS).map(|step| f64::from(step) / f64::from(STEPS)));
    }
    let mut images = Vec::new();
    for c in &rows {
        context.go_on()?;
        images.extend(map.as_ref().map(|map| map.next(*c)));
    }
    let end = map.map_or_else(missing, |map| map.fixed_point().into());
    artifacts.scalar("c_star", end).table("map", Table::new().with("correlation", rows).with("next", images));
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
            [(*sigma_w).into(), (*sigma_b).into(), q, chi1]
        });
        Ok(points.collect())
    };
    let rows: Vec<Vec<[Value; 4]>> = biases.par_iter().map(row).collect::<Result<_, Failure>>()?;
    let mut columns: [Vec<Value>; 4] = Default::default();
    for point in rows.into_iter().flatten() {
        columns.iter_mut().zip(point).for_each(|(column, value)| column.push(value));
    }
    let [sigma_w, sigma_b, q, chi1] = columns.map(floats);
    let phase =
        Table::new().with("sigma_w", sigma_w).with("sigma_b", sigma_b).with("q", q).with("chi1", chi1);
    let biases = spec.line();
    let line: Vec<(f64, FixedPoint)> = biases.iter().map(|bias| critical(spec.activation, *bias)).collect();
    let variance = |(_, at): &(f64, FixedPoint)| match at {
        FixedPoint::Finite(q) => (*q).into(),
        FixedPoint::Infinite => Value::Named(Named::Infinity),
        FixedPoint::Any => Value::Missing(ANY.to_owned()),
    };
    let critical = Table::new()
        .with("sigma_w", line.iter().map(|(weight, _)| *weight).collect::<Vec<f64>>())
        .with("q", floats(line.iter().map(variance)))
        .with("sigma_b", biases);
    artifacts.table("phase", phase).table("critical", critical);
    Ok(())
}
