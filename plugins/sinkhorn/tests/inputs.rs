//! What measures and costs may be given, and what sizes and scales they may have.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_plugin::artifact::Artifact;
use octavo_plugin::context::Silent;
use octavo_plugin::input::InputContent;
use octavo_plugin::{
    Artifacts, CancelToken, DynAnalysis, FailureKind, Inputs, RunContext, Seed, Value, Wanted,
};
use octavo_plugin_test::run;
use octavo_sinkhorn::Sinkhorn;
use serde_json::{Value as Json, json};

fn solved(params: &Json) -> Artifacts {
    run(&Sinkhorn, params, &Inputs::new()).unwrap()
}

fn asked(params: &Json, names: &[&str]) -> Artifacts {
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let params = Sinkhorn.prepare(params).unwrap().params;
    let wanted = Wanted::only(names.iter().map(|name| (*name).to_owned()));
    let context = RunContext::new(Seed(3), &inputs, &cancel, &Silent).asking(&wanted);
    DynAnalysis::run(&Sinkhorn, &params, &context).unwrap()
}

fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

fn column(artifacts: &Artifacts, table: &str, name: &str) -> Vec<f64> {
    let column = artifacts.tables[table].column(name).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

fn file(inputs: &mut Inputs, extension: &str, text: &str) -> Json {
    let content = InputContent::File { extension: extension.into(), bytes: text.into() };
    serde_json::to_value(inputs.add(&format!("a.{extension}"), content)).unwrap()
}

#[test]
fn scales_beyond_the_squares_of_floats_are_right_or_refused() {
    let pair = |distance: f64| json!({ "source": { "points": [[0.0, 0.0]] }, "target": { "points": [[0.0, distance]] } });
    let found = solved(&pair(1e-165));
    assert_eq!(scalar(&found, "w1"), 1e-165);
    let failure = run(&Sinkhorn, &pair(1e150), &Inputs::new()).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Numeric);
    assert!(failure.message.contains("a cost between two points is above 1e280"), "{failure}");
    assert!(failure.help.unwrap().contains("scale the coordinates down"));
    let far = json!({ "epsilon": [1e300] });
    let problems = Sinkhorn.prepare(&far).unwrap().problems;
    assert!(problems[0].message.contains("is not between 1e-280 and 1e280"), "{problems:?}");
    let heavy = json!({ "points": [[0.0], [1.0]], "weights": [1e308, 1e308] });
    let found = solved(&json!({ "source": heavy, "target": { "points": [[0.0]] } }));
    assert_eq!(scalar(&found, "w1"), 0.5);
}

/// Definitions are held against the schema before they are parsed: two shapes may not have the same keys.
#[test]
fn shapes_of_a_parameter_differ_in_their_keys() {
    use octavo_plugin::schema::SchemaKind;
    let schema = Sinkhorn.schema();
    for name in ["source", "target", "cost"] {
        let (_, field) = schema.fields().find(|(field, _)| *field == name).unwrap();
        let SchemaKind::OneOf(shapes) = &field.schema.kind else { panic!("{name} has one shape") };
        let mut keys: Vec<Vec<&String>> = shapes
            .iter()
            .map(|shape| shape.fields().filter(|(_, field)| field.required).map(|(key, _)| key).collect())
            .filter(|keys: &Vec<_>| !keys.is_empty())
            .collect();
        let count = keys.len();
        keys.sort();
        keys.dedup();
        assert_eq!(keys.len(), count, "{name}: {keys:?}");
    }
}

#[test]
fn powers_of_distances() {
    let (source, target) = (json!({ "points": [[0.0], [1.0]] }), json!({ "points": [[4.0], [10.0]] }));
    let cost =
        |cost: Json| solved(&json!({ "source": source, "target": target, "cost": cost, "epsilon": [1.0] }));
    // 4 to 4 and 9 to 9, which a convex cost joins.
    close(scalar(&cost(json!({ "power": 1.5 })), "least_cost"), (8.0 + 27.0) / 2.0, 1e-13);
    let (named, power) = (cost(json!("sqeuclidean")), cost(json!({ "power": 2.0 })));
    assert_eq!(named.tables["epsilon"], power.tables["epsilon"]);
    assert_eq!(scalar(&power, "least_cost"), scalar(&power, "w2_squared"));
    assert_eq!(scalar(&cost(json!("euclidean")), "least_cost"), scalar(&named, "w1"));
    let plane = json!({ "source": { "points": [[0.0, 0.0]] }, "target": { "points": [[4.0, 9.0]] }, "cost": { "power": 1.5, "separate": true } });
    close(scalar(&solved(&plane), "least_cost"), 8.0 + 27.0, 1e-13);
    let low = json!({ "cost": { "power": 0.5 } });
    assert!(Sinkhorn.schema().fields().count() > 0 && !DynAnalysis::json_schema(&Sinkhorn).is_null());
    assert!(Sinkhorn.prepare(&low).is_ok());
}

#[test]
fn a_matrix_of_ones_own() {
    let points = json!({ "points": [[0.0], [1.0], [3.0]], "weights": [1.0, 0.0, 2.0] });
    let other = json!({ "points": [[0.0], [1.0], [3.0]], "weights": [2.0, 1.0, 1.0] });
    let more = |cost: Json| json!({ "source": points, "target": other, "cost": cost, "epsilon": [0.7] });
    let own = solved(&more(json!({ "matrix": [[0.0, 1.0, 9.0], [1.0, 0.0, 4.0], [9.0, 4.0, 0.0]] })));
    let named = solved(&more(json!("sqeuclidean")));
    for key in ["ot_eps", "transport_cost", "sinkhorn_divergence"] {
        close(column(&own, "epsilon", key)[0], column(&named, "epsilon", key)[0], 1e-13);
    }
    close(scalar(&own, "least_cost"), scalar(&named, "w2_squared"), 1e-14);
    assert_eq!(scalar(&own, "w1"), scalar(&named, "w1"));
    // Read, with a cost that is not symmetric: what a measure costs against itself is not known.
    let mut inputs = Inputs::new();
    let matrix = file(&mut inputs, "csv", "0,1,9\n1,0,4\n8,4,0\n");
    let read = run(&Sinkhorn, &more(json!({ "matrix": matrix })), &inputs).unwrap();
    let divergence = read.tables["epsilon"].column("sinkhorn_divergence").unwrap().value(0);
    assert!(matches!(divergence, Value::Missing(reason) if reason.contains("cost matrix")));
    let matrix = file(&mut inputs, "json", "[[0, 1], [1, 0]]");
    let failure = run(&Sinkhorn, &more(json!({ "matrix": matrix })), &inputs).unwrap_err();
    assert!(failure.message.starts_with("the cost matrix is 2 by 2, and there are 3 points"), "{failure}");
}

/// On a line, with a cost that sorting does not solve: the points of a matrix need not be in order.
#[test]
fn a_matrix_on_a_line_is_no_distance() {
    let found = solved(&json!({
        "source": { "points": [[5.0], [0.0]] }, "target": { "points": [[0.0], [5.0]] },
        "cost": { "matrix": [[0.0, 1.0], [1.0, 0.0]] }, "epsilon": [1e-3],
    }));
    assert_eq!((scalar(&found, "least_cost"), scalar(&found, "w1")), (0.0, 0.0));
    close(column(&found, "epsilon", "transport_cost")[0], 0.0, 1e-12);
}

#[test]
fn thousands_of_points_take_the_way_without_a_matrix() {
    // 12,000 by 12,000 pairs: too many for the simplex method, in which case values are missing with a reason.
    let many = json!({
        "source": { "uniform": 12_000 }, "target": { "uniform": 12_000 }, "epsilon": [1.0], "interpolation": [0.5],
    });
    let names = ["w1", "w2_squared", "least_cost", "interpolation"];
    let found = asked(&many, &names);
    for name in &names[..3] {
        let Value::Missing(reason) = &found.scalars[*name].value else { panic!("{name}") };
        assert_eq!(reason, "12000 by 12000 points make more than 134217728 pairs");
    }
    assert_eq!(found.tables["interpolation"].rows(), 0);
    let fewer = json!({
        "source": { "uniform": 1200 }, "target": { "uniform": 1100 }, "epsilon": [1.0], "tolerance": 1e-8, "interpolation": [0.5],
    });
    let found = solved(&fewer);
    assert!(column(&found, "epsilon", "marginal_error")[0] <= 1e-8);
    assert!(column(&found, "epsilon", "dual_gap")[0].abs() < 1e-8);
    assert_eq!(found.tables["plan"].rows(), 0);
    // On a line sorting always works.
    let line = json!({ "source": { "line": 1500, "start": [0.0], "end": [1.0] }, "target": { "shift": 0.25 }, "epsilon": [0.1] });
    for (cost, expected) in [("sqeuclidean", 0.0625), ("euclidean", 0.25)] {
        let mut line = line.clone();
        line["cost"] = cost.into();
        let found = solved(&line);
        close(scalar(&found, "least_cost"), expected, 1e-13);
        if cost == "sqeuclidean" {
            close(column(&found, "epsilon", "sinkhorn_divergence")[0], expected, 1e-9);
        }
    }
}

/// Just below and just above the number of pairs that are kept in memory, one more point of next to no weight.
#[test]
fn both_ways_agree() {
    let of = |count: usize, cost: Json| {
        let mut point = Seed(4).stream("points");
        let mut points: Vec<Vec<f64>> = (0..1024).map(|_| vec![point.uniform(), point.uniform()]).collect();
        let mut weights = vec![1.0; 1024];
        points.resize(count, vec![0.5, 0.5]);
        weights.resize(count, 1e-13);
        solved(&json!({
            "source": { "points": points, "weights": weights }, "target": { "points": [[0.0, 0.0], [0.3, 0.9], [1.0, 0.2]] },
            "cost": cost, "epsilon": [0.2], "interpolation": [], "tolerance": 1e-12,
        }))
    };
    for cost in [
        json!("sqeuclidean"),
        json!("euclidean"),
        json!({ "power": 1.5 }),
        json!({ "power": 3, "separate": true }),
    ] {
        let (dense, floats) = (of(1024, cost.clone()), of(1025, cost.clone()));
        for key in ["ot_eps", "transport_cost", "kl_plan", "sinkhorn_divergence"] {
            let (p, q) = (column(&dense, "epsilon", key)[0], column(&floats, "epsilon", key)[0]);
            assert!((p - q).abs() < 1e-10, "{cost}, {key}: {p} {q}");
        }
        let (p, q) = (column(&dense, "barycentric", "y1")[7], column(&floats, "barycentric", "y1")[7]);
        close(p, q, 1e-9);
    }
}

#[test]
fn images_are_grids_with_a_solver_of_their_own() {
    let blob = |x: f64| json!([{ "center": [x, 11.0], "deviation": 2.0 }]);
    let found = solved(&json!({
        "source": { "bumps": blob(12.0), "size": [40, 36], "pixel": 0.1, "background": 0.01 },
        "target": { "shift": [0.3, -0.4] }, "epsilon": [0.5, 0.05], "interpolation": [], "tolerance": 1e-10,
    }));
    column(&found, "epsilon", "sinkhorn_divergence").into_iter().for_each(|s| close(s, 0.25, 1e-10));
    close(scalar(&found, "w2_squared"), 0.25, 1e-12);
    // Small images, in which weights are moved by two pixels: halfway they stand in between.
    let image = |column: usize| {
        let mut rows = vec![vec![0.0; 5]; 4];
        (rows[1][column], rows[2][column]) = (1.0, 3.0);
        json!({ "image": rows })
    };
    let found = solved(
        &json!({ "source": image(1), "target": image(3), "epsilon": [0.1], "interpolation": [0.0, 0.5] }),
    );
    let (moved, mixed) = (column(&found, "pixels", "displaced"), column(&found, "pixels", "mixed"));
    assert_eq!((moved[6], moved[11], mixed[6]), (0.25, 0.75, 0.25));
    assert_eq!((moved[20 + 7], moved[20 + 12], moved[20 + 6]), (0.25, 0.75, 0.0));
    assert_eq!((mixed[20 + 6], mixed[20 + 8], mixed[20 + 7]), (0.125, 0.125, 0.0));
    column(&found, "barycentric", "y1").into_iter().for_each(|y| close(y, 3.0, 1e-12));
    let mut inputs = Inputs::new();
    let (csv, json) = (file(&mut inputs, "csv", "0,1\n3,0\n"), file(&mut inputs, "json", "[[3, 0], [0, 1]]"));
    let read = json!({ "source": { "image": csv }, "target": { "image": json } });
    close(scalar(&run(&Sinkhorn, &read, &inputs).unwrap(), "w1"), 1.0, 1e-14);
}

#[test]
fn a_table_of_points_is_an_input_again() {
    let mut inputs = Inputs::new();
    let (source, target) =
        (file(&mut inputs, "csv", "x1,x2\n0,0\n1,0\n"), file(&mut inputs, "json", "[[0, 1], [1, 1]]"));
    let found = run(&Sinkhorn, &json!({ "source": source, "target": target }), &inputs).unwrap();
    assert!(matches!(found.tables["source"].column("x3").unwrap().value(0), Value::Missing(_)));
    let table = InputContent::Artifact(Artifact::Table(found.tables["source"].clone()));
    let again = serde_json::to_value(inputs.add("source", table)).unwrap();
    let found = run(&Sinkhorn, &json!({ "source": again, "target": target }), &inputs).unwrap();
    assert_eq!(scalar(&found, "w2_squared"), 1.0);
}

#[test]
fn help_never_names_the_method_in_use() {
    for (method, other) in
        [("newton", "tolerance"), ("scaling", "newton"), ("overrelaxed", "scaling"), ("plain", "newton")]
    {
        let params = json!({ "epsilon": [1e-4], "max_iterations": 5, "method": method });
        let help = run(&Sinkhorn, &params, &Inputs::new()).unwrap_err().help.unwrap();
        assert!(!help.contains(method) && help.contains(other), "{method}: {help}");
    }
}

/// The mean of the images is the mean of the target, whatever epsilon is.
#[test]
fn a_barycentric_map_keeps_the_mean() {
    let found =
        solved(&json!({ "source": { "uniform": 30 }, "target": { "gaussian": 20 }, "epsilon": [1.0, 0.01] }));
    let (weights, images) = (column(&found, "barycentric", "weight"), column(&found, "barycentric", "y2"));
    let (masses, places) = (column(&found, "target", "weight"), column(&found, "target", "x2"));
    let mean: f64 = masses.iter().zip(&places).map(|(w, x)| w * x).sum();
    for half in [0..30, 30..60] {
        let moved: f64 = half.map(|row| weights[row] * images[row]).sum();
        close(moved, mean, 1e-12);
    }
}

/// How often costs of pairs were compared with prices.
fn priced(source: &Json, target: &Json) -> Value {
    let params = json!({ "source": { "points": source }, "target": { "points": target }, "epsilon": [1.0] });
    let found = run(&Sinkhorn, &params, &Inputs::new()).unwrap();
    found.scalars["priced_pairs"].value.clone()
}

#[test]
fn all_pairs_are_priced_at_least_once_and_whole_rows_at_a_time() {
    // Of one source there is one plan: a look at each pair shows that nothing is cheaper.
    assert_eq!(priced(&json!([[0, 0]]), &json!([[1, 1], [2, 0], [0, 5]])), Value::Integer(3.into()));
    let cloud = json!([[0, 0], [3, 1], [1, 4], [5, 5], [2, 2]]);
    let Value::Integer(count) = priced(&cloud, &json!([[5, 0], [0, 5], [4, 4], [1, 1]])) else { panic!() };
    let count = u64::try_from(count).unwrap();
    assert!(count >= 20 && count.is_multiple_of(4), "{count}");
    let line = priced(&json!([[0], [1]]), &json!([[2], [3]]));
    assert_eq!(line, Value::Missing("on a line, sorting is enough".to_owned()));
}
