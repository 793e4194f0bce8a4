//! Many pairs: the method `auto` against Newton's, closed forms and definitions, and exact values among candidates against what is
//! known.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_plugin::context::Silent;
use octavo_plugin::{Artifacts, CancelToken, DynAnalysis, Inputs, RunContext, Seed, Wanted, math};
use octavo_sinkhorn::Sinkhorn;
use serde_json::{Value as Json, json};

fn solved(params: &Json, names: &[&str]) -> Artifacts {
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let params = Sinkhorn.prepare(params).unwrap().params;
    let wanted = Wanted::only(names.iter().map(|name| (*name).to_owned()));
    let context = RunContext::new(Seed(3), &inputs, &cancel, &Silent).asking(&wanted);
    DynAnalysis::run(&Sinkhorn, &params, &context).unwrap()
}

fn with(base: &Json, more: &Json) -> Json {
    let mut params = base.clone();
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    params
}

fn column(artifacts: &Artifacts, table: &str, name: &str) -> Vec<f64> {
    let column = artifacts.tables[table].column(name).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

fn scalar(artifacts: &Artifacts, name: &str) -> (f64, f64) {
    let scalar = &artifacts.scalars[name];
    (scalar.value.as_f64().unwrap(), scalar.uncertainty.unwrap())
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

#[test]
fn the_fastest_way_ends_where_newtons_method_does() {
    let clouds = |dimension: usize| json!({ "source": { "uniform": 290, "dimension": dimension }, "target": { "uniform": 260, "dimension": dimension } });
    let line = json!({ "source": { "uniform": 700, "dimension": 1 }, "target": { "uniform": 600, "dimension": 1 }, "epsilon": [0.1, 0.05] });
    let heavy = json!({ "source": { "histogram": [{ "center": 0.3, "deviation": 0.1 }], "bins": 301 }, "target": { "histogram": [{ "center": 0.6, "deviation": 0.05 }], "bins": 290 } });
    let cases = [
        (clouds(1), json!({ "epsilon": [0.1, 0.001] })),
        (clouds(2), json!({ "epsilon": [0.1, 0.003, 0.0003] })),
        (clouds(2), json!({ "epsilon": [0.01], "cost": "euclidean" })),
        (clouds(3), json!({ "epsilon": [0.01] })),
        (clouds(3), json!({ "epsilon": [0.05], "cost": { "power": 1.5, "separate": true } })),
        (clouds(20), json!({ "epsilon": [0.05] })),
        (line, json!({})),
        (heavy, json!({ "epsilon": [0.01, 0.001] })),
    ];
    for (base, more) in cases {
        let params = with(&with(&base, &more), &json!({ "tolerance": 1e-8 }));
        let names = ["epsilon", "barycentric"];
        let found = solved(&params, &names);
        let expected = solved(&with(&params, &json!({ "method": "newton" })), &names);
        assert!(column(&found, "epsilon", "marginal_error").iter().all(|error| *error <= 1e-8));
        // Newton's method goes on to the last digits.
        assert!(column(&found, "epsilon", "marginal_error").iter().any(|error| *error > 1e-13), "{params}");
        let tolerances =
            [("ot_eps", 1e-9), ("sinkhorn_divergence", 1e-9), ("transport_cost", 1e-7), ("kl_plan", 1e-5)];
        for (name, tolerance) in tolerances {
            for (found, expected) in
                column(&found, "epsilon", name).into_iter().zip(column(&expected, "epsilon", name))
            {
                assert!(
                    (found - expected).abs() <= tolerance * (1.0 + expected.abs()),
                    "{name}: {found} {expected} {params}"
                );
            }
        }
        for name in ["i", "x1", "y1", "weight"] {
            for (found, expected) in
                column(&found, "barycentric", name).into_iter().zip(column(&expected, "barycentric", name))
            {
                close(found, expected, 1e-3);
            }
        }
    }
}

#[test]
fn digits_beyond_are_there_for_who_asks() {
    let clouds = json!({ "source": { "uniform": 290 }, "target": { "uniform": 260 }, "epsilon": [0.02] });
    let found = solved(&with(&clouds, &json!({ "tolerance": 1e-14 })), &["epsilon"]);
    let newton = solved(&with(&clouds, &json!({ "tolerance": 1e-14, "method": "newton" })), &["epsilon"]);
    assert_eq!(found.tables["epsilon"], newton.tables["epsilon"]);
}

#[test]
fn digits_that_floats_have_not_are_a_failure_at_once() {
    let params = json!({ "source": { "uniform": 1100 }, "target": { "uniform": 1030 }, "epsilon": [0.0001], "tolerance": 1e-14 });
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let canonical = Sinkhorn.prepare(&params).unwrap().params;
    let wanted = Wanted::only(["epsilon.ot_eps".to_owned()]);
    let context = RunContext::new(Seed(3), &inputs, &cancel, &Silent).asking(&wanted);
    let failure = DynAnalysis::run(&Sinkhorn, &canonical, &context).unwrap_err();
    let iterations: u64 = failure.message.split(' ').nth(1).unwrap().parse().unwrap();
    assert!(failure.message.contains("above the tolerance 1e-14") && iterations < 10_000, "{failure}");
}

/// Between normal distributions on a line, on a grid that is fine enough: with t = sqrt(σ²τ² + (ε/4)²) the plan's covariance is t - ε/4.
#[test]
fn normal_distributions_have_a_closed_form() {
    let normal = |center: f64, deviation: f64| json!({ "histogram": [{ "center": center, "deviation": deviation }], "bins": 400, "domain": [-6.0, 6.0] });
    let (sigma, tau, shift) = (0.7, 0.5, 1.25);
    for epsilon in [0.5, 0.1] {
        let params = json!({
            "source": normal(-0.5, sigma), "target": normal(-0.5 + shift, tau), "epsilon": [epsilon], "tolerance": 1e-9,
        });
        let found = solved(&params, &["epsilon"]);
        let covariance = (sigma * sigma * tau * tau + epsilon * epsilon / 16.0).sqrt() - epsilon / 4.0;
        let cost = shift * shift + sigma * sigma + tau * tau - 2.0 * covariance;
        let share = covariance / (sigma * tau);
        let kl = -0.5 * math::ln(1.0 - share * share);
        close(column(&found, "epsilon", "transport_cost")[0], cost, 1e-7);
        close(column(&found, "epsilon", "kl_plan")[0], kl, 1e-7);
        close(column(&found, "epsilon", "ot_eps")[0], cost + epsilon * kl, 1e-8);
    }
}

#[test]
fn a_matrix_may_have_as_many_rows() {
    let line = |count: usize, from: f64| -> Vec<Vec<f64>> {
        (0..count).map(|k| vec![from + ((k * 7919) % count) as f64 / count as f64]).collect()
    };
    let (x, y) = (line(1100, 0.0), line(300, 0.5));
    let matrix: Vec<Vec<f64>> =
        x.iter().map(|x| y.iter().map(|y| (x[0] - y[0]) * (x[0] - y[0])).collect()).collect();
    let base =
        json!({ "source": { "points": x }, "target": { "points": y }, "epsilon": [0.01], "tolerance": 1e-8 });
    let own = solved(&with(&base, &json!({ "cost": { "matrix": matrix } })), &["epsilon", "least_cost"]);
    let named = solved(&base, &["epsilon", "least_cost"]);
    close(column(&own, "epsilon", "ot_eps")[0], column(&named, "epsilon", "ot_eps")[0], 1e-12);
    close(scalar(&own, "least_cost").0, scalar(&named, "least_cost").0, 1e-12);
}

/// The same line in the plane takes the general method: sorting is known to be right.
#[test]
fn candidates_find_what_sorting_does() {
    let weighted = |name: &str, count: usize| {
        let mut stream = Seed(21).stream(name);
        let places: Vec<f64> = (0..count).map(|_| stream.uniform()).collect();
        let weights: Vec<f64> = (0..count).map(|_| stream.uniform()).collect();
        move |lift: bool| {
            let points: Vec<Vec<f64>> =
                places.iter().map(|x| if lift { vec![0.6 * x, 0.8 * x] } else { vec![*x] }).collect();
            json!({ "points": points, "weights": weights })
        }
    };
    let (source, target) = (weighted("a", 1700), weighted("b", 1300));
    let names = ["w1", "w2_squared"];
    let [line, plane] =
        [false, true].map(|lift| solved(&json!({ "source": source(lift), "target": target(lift) }), &names));
    for name in names {
        let ((found, uncertainty), (expected, _)) = (scalar(&plane, name), scalar(&line, name));
        close(found, expected, 1e-14);
        assert!(uncertainty < 1e-14, "{uncertainty:e}");
    }
}

/// A translation is the cheapest plan for |x - y|², in any number of coordinates.
#[test]
fn candidates_find_translations() {
    for (dimension, count) in [(2, 1500), (30, 500)] {
        let shift: Vec<f64> = (0..dimension).map(|axis| 0.1 * (axis as f64 - 3.0)).collect();
        let square: f64 = shift.iter().map(|x| x * x).sum();
        let params =
            json!({ "source": { "uniform": count, "dimension": dimension }, "target": { "shift": shift } });
        let found = solved(&params, &["w1", "w2_squared"]);
        for (name, expected) in [("w1", square.sqrt()), ("w2_squared", square)] {
            let (found, uncertainty) = scalar(&found, name);
            close(found, expected, 1e-12 * expected);
            assert!(uncertainty < 1e-11 * expected, "{uncertainty:e}");
        }
    }
}

#[test]
fn a_line_of_any_size_is_sorted() {
    let params =
        json!({ "source": { "line": 20_000, "start": [0.0], "end": [1.0] }, "target": { "shift": 0.25 } });
    let found = solved(&params, &["w1", "w2_squared", "least_cost"]);
    close(scalar(&found, "w1").0, 0.25, 1e-13);
    close(scalar(&found, "w2_squared").0, 0.0625, 1e-13);
}

/// The conformance suite takes each case some dozen times, which is too often for as many pairs.
#[test]
fn candidates_keep_their_bits_whatever_the_threads() {
    let names = ["w1", "w2_squared", "priced_pairs"];
    let run = |threads: usize| {
        let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
        pool.install(|| {
            let params = json!({ "source": { "uniform": 610, "dimension": 12 }, "target": { "uniform": 590, "dimension": 12 } });
            let found = solved(&params, &names);
            names.map(|name| found.scalars[name].value.to_string())
        })
    };
    let found = run(1);
    assert_eq!(found, run(3));
    assert_eq!(found, ["0.7094685569069102", "0.516188041815063", "10623077"]);
}
