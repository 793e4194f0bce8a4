//! What tests share.

#![allow(
    dead_code,
    clippy::unwrap_used,
    reason = "helpers of tests: not every test uses all, a panic is a failed test"
)]

use octavo_dimension::Dimension;
use octavo_dimension::count::Set;
use octavo_dimension::estimate::{Count, Estimate, estimate};
use octavo_plugin::context::Silent;
use octavo_plugin::input::InputContent;
use octavo_plugin::{Artifacts, CancelToken, Inputs, RunContext, Seed};
use serde_json::Value as Json;

/// The counts of a set over this many offsets.
pub(crate) fn counts(set: &Set, offsets: usize) -> Vec<Count> {
    let (inputs, cancel) = (Inputs::default(), CancelToken::new());
    set.counts(offsets, 8.0, &RunContext::new(Seed(1), &inputs, &cancel, &Silent)).unwrap()
}

/// The estimate with the published window.
pub(crate) fn published(set: &Set, offsets: usize) -> Estimate {
    estimate(&counts(set, offsets), 8.0, set.side() / 32.0).unwrap()
}

/// Runs the analysis; `$input` in `params.set` stands for the content.
pub(crate) fn run_on(content: InputContent, mut params: Json) -> Result<Artifacts, octavo_plugin::Failure> {
    let mut inputs = Inputs::default();
    params["set"] = serde_json::to_value(inputs.add("the input", content)).unwrap();
    octavo_plugin_test::run(&Dimension, &params, &inputs)
}

/// A file.
pub(crate) fn file(extension: &str, bytes: &[u8]) -> InputContent {
    InputContent::File { extension: extension.into(), bytes: bytes.to_vec() }
}

/// A scalar as a float.
pub(crate) fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap_or_else(|| panic!("{name}: {:?}", artifacts.scalars[name]))
}

/// A column of floats or integers.
pub(crate) fn column(artifacts: &Artifacts, table: &str, column: &str) -> Vec<f64> {
    let column = artifacts.tables[table].column(column).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

/// The bytes of a grey PNG whose pixels are black where `dark` holds, and white elsewhere.
pub(crate) fn png(width: usize, height: usize, dark: impl Fn(usize, usize) -> bool) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut encoder = png::Encoder::new(&mut bytes, width as u32, height as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    let pixels: Vec<u8> =
        (0..width * height).map(|k| if dark(k % width, k / width) { 0 } else { 255 }).collect();
    encoder.write_header().unwrap().write_image_data(&pixels).unwrap();
    bytes
}

/// Two classes of points in the plane, 40 each: around (0, 0) and around (2, 1).
pub(crate) fn blobs() -> String {
    let mut stream = Seed(6).stream("blobs");
    let rows: String = (0..80)
        .map(|k| {
            let class = k % 2;
            let [x, y] = [2.0, 1.0].map(|middle| f64::from(class) * middle + 0.4 * stream.normal());
            format!("{x},{y},{class}\n")
        })
        .collect();
    format!("x,y,class\n{rows}")
}
