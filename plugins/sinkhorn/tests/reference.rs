//! Every value of the reference files, to 1e-11 relative.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_plugin::{Artifacts, Inputs, Value};
use octavo_plugin_test::run;
use octavo_sinkhorn::Sinkhorn;
use serde_json::{Value as Json, json};

const RELATIVE: f64 = 1e-11;

fn close(what: &str, found: f64, expected: f64) {
    // Values that are 0 in exact arithmetic are compared absolutely.
    let allowed = if expected == 0.0 { 1e-15 } else { RELATIVE * expected.abs() };
    assert!((found - expected).abs() <= allowed, "{what}: {found:e} is not {expected:e}");
}

fn column(artifacts: &Artifacts, name: &str, row: usize) -> f64 {
    artifacts.tables["epsilon"].column(name).unwrap().number(row).unwrap()
}

fn check(text: &str) {
    let reference: Json = serde_json::from_str(text).unwrap();
    let name = reference["name"].as_str().unwrap();
    let results = reference["results"].as_array().or_else(|| reference["entropic"].as_array()).unwrap();
    let epsilons: Vec<f64> = results.iter().map(|row| row["epsilon"].as_f64().unwrap()).collect();
    let params = json!({
        "source": { "points": reference["x"], "weights": reference["a"] },
        "target": { "points": reference["y"], "weights": reference["b"] },
        "cost": reference["cost"],
        "epsilon": epsilons,
    });
    let artifacts =
        run(&Sinkhorn, &params, &Inputs::new()).unwrap_or_else(|failure| panic!("{name}: {failure}"));
    for (row, expected) in results.iter().enumerate() {
        for key in ["transport_cost", "kl_plan", "ot_eps", "sinkhorn_divergence"] {
            close(
                &format!("{name}, row {row}, {key}"),
                column(&artifacts, key, row),
                expected[key].as_f64().unwrap(),
            );
        }
        assert!(column(&artifacts, "marginal_error", row) < 1e-13, "{name}, row {row}");
        assert!(column(&artifacts, "dual_gap", row).abs() < 1e-13, "{name}, row {row}");
    }
    let pairs = [
        ("w1", &reference["exact_w1"]),
        ("w2_squared", &reference["exact_w2_squared"]),
        ("kl", &reference["divergences"]["kl_ab"]),
        ("kl_reverse", &reference["divergences"]["kl_ba"]),
        ("js", &reference["divergences"]["js_nats"]),
        ("tv", &reference["divergences"]["tv_half_l1"]),
        ("hellinger_squared", &reference["divergences"]["hellinger2"]),
    ];
    for (key, expected) in pairs {
        let scalar = &artifacts.scalars[key];
        match expected {
            Json::Null => {}
            Json::String(_) => assert_eq!(scalar.value.to_string(), "infinity", "{name}, {key}"),
            expected => {
                let Value::Float(found) = scalar.value else { panic!("{name}, {key}: {:?}", scalar.value) };
                close(&format!("{name}, {key}"), found, expected.as_f64().unwrap());
            }
        }
    }
}

#[test]
fn p01_two_points() {
    check(include_str!("reference/p01_two_points.json"));
}

#[test]
fn p02_histograms() {
    check(include_str!("reference/p02_hist1d.json"));
}

#[test]
fn p03_clouds_of_two_sizes() {
    check(include_str!("reference/p03_cloud2d_unbalanced_sizes.json"));
}

#[test]
fn p07_parallel_lines() {
    check(include_str!("reference/p07_parallel_lines.json"));
}

#[test]
fn p09_a_small_defect() {
    check(include_str!("reference/p09_small_defect.json"));
}
