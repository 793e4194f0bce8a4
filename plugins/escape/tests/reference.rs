//! Values of independent programs: `reference/mandel_escape.json` and `reference/mandel_grids.json`.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use octavo_escape::Escape;
use octavo_plugin::input::InputContent;
use octavo_plugin::{Artifacts, Inputs, Value};
use octavo_plugin_test::run;
use serde_json::{Value as Json, json};

fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

#[test]
fn grids_by_digest() {
    let reference: Json = serde_json::from_str(include_str!("reference/mandel_grids.json")).unwrap();
    for grid in reference["grids"].as_array().unwrap() {
        let params = json!({
            "origin": [grid["x0"], grid["y0"]], "pixel": grid["pixel"], "size": [grid["w"], grid["h"]],
            "max_iterations": grid["maxit"],
        });
        let found = run(&Escape, &params, &Inputs::default()).unwrap();
        assert_eq!(scalar(&found, "interior"), grid["interior"].as_f64().unwrap(), "{grid}");
        assert_eq!(scalar(&found, "count_sum"), grid["sum_counts"].as_f64().unwrap());
        assert_eq!(scalar(&found, "count_max"), grid["max_count"].as_f64().unwrap());
        let digest = grid["sha256_i32_rowmajor"].as_str().unwrap();
        assert_eq!(found.scalars["sha256"].value, Value::from(digest));
    }
}

#[test]
fn points_from_a_file() {
    let reference: Json = serde_json::from_str(include_str!("reference/mandel_escape.json")).unwrap();
    let list = reference["c_list"].as_array().unwrap();
    let rows = list.iter().map(|c| [0, 1].map(|part| c["c"][part].as_str().unwrap()).join(","));
    let csv = format!("re,im\n{}\n", rows.collect::<Vec<_>>().join("\n"));
    let mut inputs = Inputs::default();
    let content = InputContent::File { extension: "csv".into(), bytes: csv.into_bytes() };
    let input = inputs.add("c.csv", content);
    for limit in [100, 1000, 10_000] {
        let params = json!({"points": input, "max_iterations": limit});
        let found = run(&Escape, &params, &inputs).unwrap();
        let counts = &found.tables["points"].columns["count"];
        for (row, c) in list.iter().enumerate() {
            assert_eq!(counts.number(row), c[format!("f64_{limit}")].as_f64(), "{c} {limit}");
        }
    }
}
