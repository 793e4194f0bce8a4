//! What the tests share: running the analysis and reading its artifacts.
#![allow(dead_code, reason = "each test binary uses a part")]
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "helpers of tests")]

use num_bigint::BigInt;
use octavo_plugin::input::InputContent;
use octavo_plugin::{
    Activation, Artifacts, Drawing, DynAnalysis, Failure, Geometry, Inputs, Layer, Network, Value,
};
use octavo_plugin_test::run;
use octavo_regions::Regions;
use serde_json::{Value as Json, json};

/// Runs without inputs.
pub(crate) fn of(analysis: &dyn DynAnalysis, params: Json) -> Artifacts {
    run(analysis, &params, &Inputs::new()).unwrap_or_else(|failure| panic!("{params}: {failure}"))
}

/// The regions of a network.
pub(crate) fn regions(params: Json) -> Artifacts {
    of(&Regions, params)
}

/// These parameters have one problem each, at this path.
pub(crate) fn have_problems(analysis: &dyn DynAnalysis, cases: &[(Json, &str)]) {
    for (params, path) in cases {
        let problems = analysis.prepare(params).unwrap().problems;
        assert_eq!(problems.len(), 1, "{params}: {problems:?}");
        assert_eq!(problems[0].path, *path, "{params}");
    }
}

/// The inputs with a network file, and parameters that name it.
pub(crate) fn with_file(network: &Network, domain: [[f64; 2]; 2]) -> (Json, Inputs) {
    let mut inputs = Inputs::new();
    let bytes = network.to_json().into_bytes();
    let input = inputs.add("net.json", InputContent::File { extension: "json".into(), bytes });
    (json!({"network": input, "domain": domain}), inputs)
}

/// Runs a network through its file form.
pub(crate) fn try_network(network: &Network, domain: [[f64; 2]; 2]) -> Result<Artifacts, Failure> {
    let (params, inputs) = with_file(network, domain);
    run(&Regions, &params, &inputs)
}

/// The same for a network that must work.
pub(crate) fn network(network: &Network, domain: [[f64; 2]; 2]) -> Artifacts {
    try_network(network, domain).unwrap_or_else(|failure| panic!("{failure}: {}", network.to_json()))
}

/// A network of ReLU layers and a last one without.
pub(crate) fn relu(layers: Vec<(Vec<Vec<f64>>, Vec<f64>)>) -> Network {
    let last = layers.len() - 1;
    let layer = |(index, (rows, bias)): (usize, (Vec<Vec<f64>>, Vec<f64>))| Layer {
        inputs: rows[0].len(),
        outputs: rows.len(),
        weights: rows.concat(),
        bias,
        activation: if index == last { Activation::Identity } else { Activation::Relu },
    };
    Network { layers: layers.into_iter().enumerate().map(layer).collect() }
}

pub(crate) fn float(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

pub(crate) fn count(artifacts: &Artifacts, name: &str) -> u64 {
    match &artifacts.scalars[name].value {
        Value::Integer(value) => value.try_into().unwrap(),
        other => panic!("{name} is {other}"),
    }
}

pub(crate) fn column(artifacts: &Artifacts, table: &str, column: &str) -> Vec<BigInt> {
    let column = artifacts.tables[table].column(column).unwrap();
    (0..column.len())
        .map(|row| match column.value(row) {
            Value::Integer(value) => value,
            other => panic!("row {row} is {other}"),
        })
        .collect()
}

pub(crate) fn drawing<'a>(artifacts: &'a Artifacts, name: &str) -> &'a Geometry {
    match &artifacts.drawings[name] {
        Drawing::Geometry(geometry) => geometry,
        _ => panic!("{name} is no geometry"),
    }
}

pub(crate) fn attribute(artifacts: &Artifacts, name: &str, column: &str) -> Vec<f64> {
    let column = drawing(artifacts, name).attributes.column(column).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}
