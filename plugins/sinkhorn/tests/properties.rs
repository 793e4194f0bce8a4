//! Invariants and closed forms, over random measures.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_plugin::{Artifacts, FailureKind, Inputs, Value, math};
use octavo_plugin_test::run;
use octavo_sinkhorn::Sinkhorn;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

type Points = Vec<Vec<f64>>;

fn measure(points: &Points, weights: &[f64]) -> Json {
    json!({ "points": points, "weights": weights })
}

fn solved(source: &Json, target: &Json, more: &Json) -> Artifacts {
    let mut params = json!({ "source": source, "target": target, "epsilon": [0.3, 0.01] });
    for (key, value) in more.as_object().unwrap() {
        params[key] = value.clone();
    }
    run(&Sinkhorn, &params, &Inputs::new()).unwrap()
}

fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

fn column(artifacts: &Artifacts, name: &str) -> Vec<f64> {
    let column = artifacts.tables["epsilon"].column(name).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

fn cloud(count: std::ops::Range<usize>, dimension: usize) -> impl Strategy<Value = (Points, Vec<f64>)> {
    count.prop_flat_map(move |count| {
        let point = prop::collection::vec(-1.0..1.0_f64, dimension);
        let weight = (-6.0..0.0_f64).prop_map(|exponent| math::powf(10.0, exponent));
        (prop::collection::vec(point, count), prop::collection::vec(weight, count))
    })
}

/// Permutations of 0..n by Heap's method.
fn permutations(n: usize) -> Vec<Vec<usize>> {
    fn go(k: usize, items: &mut Vec<usize>, out: &mut Vec<Vec<usize>>) {
        if k <= 1 {
            return out.push(items.clone());
        }
        for i in 0..k {
            go(k - 1, items, out);
            items.swap(if k.is_multiple_of(2) { i } else { 0 }, k - 1);
        }
    }
    let mut out = Vec::new();
    go(n, &mut (0..n).collect(), &mut out);
    out
}

fn cheapest_assignment(x: &Points, y: &Points, power: i32) -> f64 {
    let distance = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| (a - b) * (a - b)).sum::<f64>().sqrt();
    let cost = |order: &Vec<usize>| -> f64 {
        order.iter().enumerate().map(|(i, j)| math::powi(distance(&x[i], &y[*j]), power)).sum()
    };
    let count = f64::from(u32::try_from(x.len()).unwrap());
    permutations(x.len()).iter().map(cost).fold(f64::INFINITY, f64::min) / count
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, ..ProptestConfig::default() })]

    #[test]
    fn symmetry_sign_and_order((x, a) in cloud(1..9, 2), (y, b) in cloud(1..12, 2), euclidean in any::<bool>()) {
        let more = json!({ "cost": if euclidean { "euclidean" } else { "sqeuclidean" } });
        let there = solved(&measure(&x, &a), &measure(&y, &b), &more);
        let back = solved(&measure(&y, &b), &measure(&x, &a), &more);
        let exact = scalar(&there, if euclidean { "w1" } else { "w2_squared" });
        for key in ["ot_eps", "sinkhorn_divergence", "transport_cost", "kl_plan"] {
            for (p, q) in column(&there, key).into_iter().zip(column(&back, key)) {
                prop_assert!((p - q).abs() <= 1e-12 * (1.0 + p.abs()), "{key}: {p} {q}");
            }
        }
        prop_assert!(column(&there, "sinkhorn_divergence").iter().all(|s| *s >= -1e-14));
        prop_assert!(column(&there, "transport_cost").iter().all(|cost| *cost >= exact - 1e-12));
        prop_assert!(column(&there, "kl_plan").iter().all(|kl| *kl >= 0.0));
        let values = column(&there, "ot_eps");
        prop_assert!(exact <= values[1] + 1e-12 && values[1] <= values[0] + 1e-12);
        for (one, other) in [("w1", "w1"), ("w2_squared", "w2_squared"), ("kl", "kl_reverse"), ("js", "js"), ("tv", "tv")] {
            let (p, q) = (scalar(&there, one), scalar(&back, other));
            prop_assert!(p == q || (p - q).abs() <= 1e-12, "{one}: {p} {q}");
        }
        prop_assert!(scalar(&there, "js") <= std::f64::consts::LN_2 + 1e-15);
    }

    #[test]
    fn a_translation_costs_its_square((x, a) in cloud(1..12, 2), shift in prop::collection::vec(-3.0..3.0_f64, 2)) {
        let found = solved(&measure(&x, &a), &json!({ "shift": shift }), &json!({}));
        let square = shift.iter().map(|s| s * s).sum::<f64>();
        for divergence in column(&found, "sinkhorn_divergence") {
            prop_assert!((divergence - square).abs() <= 1e-12 * (1.0 + square), "{divergence} {square}");
        }
        prop_assert!((scalar(&found, "w2_squared") - square).abs() <= 1e-12 * (1.0 + square));
        prop_assert!((scalar(&found, "w1") - square.sqrt()).abs() <= 1e-12 * (1.0 + square));
    }

    #[test]
    fn the_order_of_points_changes_no_bit((x, a) in cloud(2..9, 2), (y, b) in cloud(2..9, 2)) {
        let turn = |points: &Points, weights: &[f64]| {
            measure(&points.iter().rev().cloned().collect(), &weights.iter().rev().copied().collect::<Vec<_>>())
        };
        let (first, second) = (solved(&measure(&x, &a), &measure(&y, &b), &json!({})), solved(&turn(&x, &a), &turn(&y, &b), &json!({})));
        prop_assert_eq!(&first.scalars, &second.scalars);
        prop_assert_eq!(&first.tables["epsilon"], &second.tables["epsilon"]);
    }

    #[test]
    fn w1_satisfies_the_triangle_inequality((x, a) in cloud(1..10, 2), (y, b) in cloud(1..10, 2), (z, c) in cloud(1..10, 2)) {
        let w1 = |x: &Json, y: &Json| scalar(&solved(x, y, &json!({})), "w1");
        let (p, q, r) = (measure(&x, &a), measure(&y, &b), measure(&z, &c));
        prop_assert!(w1(&p, &r) <= w1(&p, &q) + w1(&q, &r) + 1e-13);
    }

    #[test]
    fn exact_values_are_those_of_the_best_permutation(n in 1_usize..6, dimension in 1_usize..4, seed in prop::collection::vec(0.0..1.0_f64, 36)) {
        let take = |from: usize| -> Points { (0..n).map(|k| seed[from + k * dimension..][..dimension].to_vec()).collect() };
        let (x, y) = (take(0), take(15));
        let found = solved(&measure(&x, &vec![1.0; n]), &measure(&y, &vec![1.0; n]), &json!({}));
        prop_assert!((scalar(&found, "w1") - cheapest_assignment(&x, &y, 1)).abs() < 1e-14);
        prop_assert!((scalar(&found, "w2_squared") - cheapest_assignment(&x, &y, 2)).abs() < 1e-14);
    }

    #[test]
    fn on_a_line_the_simplex_method_agrees_with_sorting((x, a) in cloud(1..20, 1), (y, b) in cloud(1..20, 1)) {
        // The same line in the plane takes the general method.
        let lift = |points: &Points| points.iter().map(|p| vec![p[0], 0.0]).collect();
        let line = solved(&measure(&x, &a), &measure(&y, &b), &json!({}));
        let plane = solved(&measure(&lift(&x), &a), &measure(&lift(&y), &b), &json!({}));
        for key in ["w1", "w2_squared"] {
            prop_assert!((scalar(&line, key) - scalar(&plane, key)).abs() < 1e-14, "{key}");
        }
    }

    #[test]
    fn two_points_against_themselves(distance in 0.1..2.0_f64, epsilon in 0.01..5.0_f64) {
        let pair = json!({ "points": [[0.0], [distance]] });
        let found = solved(&pair, &pair, &json!({ "epsilon": [epsilon] }));
        // P = [[1/2 - q, q], [q, 1/2 - q]] with q = e / (2 (1 + e)), e = exp(-d² / eps).
        let e = math::exp(-distance * distance / epsilon);
        let cost = distance * distance * e / (1.0 + e);
        prop_assert!((column(&found, "transport_cost")[0] - cost).abs() <= 1e-13 * cost);
        let value = -epsilon * math::ln((1.0 + e) / 2.0);
        prop_assert!((column(&found, "ot_eps")[0] - value).abs() <= 1e-13 * value);
        prop_assert_eq!(column(&found, "sinkhorn_divergence")[0], 0.0);
    }

    #[test]
    fn hard_cases_converge((x, mut a) in cloud(5..40, 2), (y, b) in cloud(5..40, 2), scale in -4.0..4.0_f64, offset in -1e4..1e4_f64) {
        let factor = math::powf(10.0, scale);
        let place = |points: &Points| -> Points { points.iter().map(|p| p.iter().map(|x| x * factor + offset).collect()).collect() };
        a[0] = 0.0;
        a[1] *= 1e-9;
        // Down to 1e-5 of the largest cost.
        let epsilon: Vec<f64> = [1.0, 0.1, 0.01, 8e-4, 8e-5].iter().map(|e| e * factor * factor).collect();
        let found = solved(&measure(&place(&x), &a), &measure(&place(&y), &b), &json!({ "epsilon": epsilon, "tolerance": 1e-13 }));
        let size = factor * factor;
        prop_assert!(column(&found, "marginal_error").iter().all(|error| *error <= 1e-13));
        prop_assert!(column(&found, "dual_gap").iter().all(|gap| gap.abs() <= 1e-13 * size));
        let (values, exact) = (column(&found, "ot_eps"), scalar(&found, "w2_squared"));
        prop_assert!(values.windows(2).all(|pair| pair[1] <= pair[0] + 1e-12 * size));
        prop_assert!(values[3] >= exact - 1e-12 * size);
        // OT_eps <= W2² + eps * KL(best plan | product), and that divergence is at most its entropy of the marginals.
        prop_assert!(column(&found, "transport_cost")[3] <= exact + epsilon[3] * 60.0);
    }
}

#[test]
fn a_single_point_receives_everything() {
    let found = solved(
        &json!({ "points": [[1.0, 2.0]] }),
        &json!({ "points": [[1.0, 0.0], [3.0, 2.0]], "weights": [3.0, 1.0] }),
        &json!({}),
    );
    assert!((scalar(&found, "w2_squared") - 4.0).abs() < 1e-15 && (scalar(&found, "w1") - 2.0).abs() < 1e-15);
    assert!(column(&found, "ot_eps").iter().all(|value| (value - 4.0).abs() < 1e-14));
    assert!(column(&found, "kl_plan").iter().all(|kl| kl.abs() < 1e-15));
    assert_eq!(found.scalars["kl"].value.to_string(), "infinity");
    assert_eq!(scalar(&found, "tv"), 1.0);
}

#[test]
fn parts_that_exchange_next_to_nothing_are_solved_too() {
    // Between the parts of these plans flows 1e-9 of the mass and less; rounding must not move them.
    let corners = json!({
        "points": [[0.66, 0.96], [-0.15, 0.05], [-0.41, -0.27], [0.01, 0.37], [0.15, -0.86]],
        "weights": [0.58, 0.067, 1e-6, 1.4e-6, 4.4e-5],
    });
    let found = solved(&corners, &json!({ "shift": [1.625, 0.9375] }), &json!({ "epsilon": [0.01] }));
    assert!((column(&found, "sinkhorn_divergence")[0] - 3.51953125).abs() < 1e-13);
    assert!(column(&found, "iterations")[0] < 200.0);
    let source = json!({ "points": [[0.0, 0.0], [0.0, 0.98], [0.97, 0.0]], "weights": [0.509, 1e-9, 0.024] });
    let target = json!({
        "points": [[0.12, 0.0], [0.83, 0.29], [-0.27, 0.0], [-0.52, 0.82], [-0.32, 0.96]],
        "weights": [3e-6, 2.7e-5, 2.7e-4, 1.3e-4, 2.5e-4],
    });
    let found = solved(&source, &target, &json!({ "epsilon": [8e-5], "tolerance": 1e-13 }));
    let (value, exact) = (column(&found, "ot_eps")[0], scalar(&found, "w2_squared"));
    assert!(exact < value && value < exact + 8e-5, "{exact} {value}");
}

#[test]
fn all_methods_end_at_one_plan() {
    let (source, target) =
        (json!({ "uniform": 40 }), json!({ "gaussian": 30, "center": [0.5, 0.2], "deviation": 0.3 }));
    let solved_by = |method: &str| {
        solved(&source, &target, &json!({ "method": method, "epsilon": [0.05, 0.01], "tolerance": 1e-11 }))
    };
    let [newton, relaxed, plain] = ["newton", "overrelaxed", "plain"].map(solved_by);
    for other in [&relaxed, &plain] {
        for key in ["ot_eps", "transport_cost", "sinkhorn_divergence"] {
            for (p, q) in column(&newton, key).iter().zip(column(other, key)) {
                assert!((p - q).abs() < 1e-10, "{key}: {p} {q}");
            }
        }
    }
    let iterations = |artifacts: &Artifacts| column(artifacts, "iterations")[1];
    assert!(iterations(&newton) < iterations(&relaxed) && iterations(&relaxed) < iterations(&plain));
}

#[test]
fn too_few_iterations_are_a_failure_that_says_how_far_it_came() {
    for method in ["newton", "overrelaxed", "plain"] {
        let params = json!({ "epsilon": [1e-4], "max_iterations": 5, "method": method });
        let failure = run(&Sinkhorn, &params, &Inputs::new()).unwrap_err();
        assert_eq!(failure.kind, FailureKind::Numeric);
        assert!(failure.message.starts_with("after 5 iterations at epsilon = "), "{failure}");
        assert!(failure.message.contains(" the marginal error is "), "{failure}");
        assert!(failure.message.contains("epsilon = 0.0001"), "{failure}");
        assert!(failure.message.contains("above the tolerance 1e-9"), "{failure}");
        assert!(failure.help.unwrap().contains("max_iterations"));
    }
}

#[test]
fn the_plan_has_the_marginals() {
    let (source, target) = (
        json!({ "points": [[0.0], [1.0], [0.0]], "weights": [1.0, 2.0, 3.0] }),
        json!({ "line": 4, "start": [0.0], "end": [3.0] }),
    );
    let found = solved(&source, &target, &json!({ "epsilon": [0.5] }));
    let plan = &found.tables["plan"];
    let sum = |name: &str, index: f64| -> f64 {
        (0..plan.rows())
            .filter(|row| plan.column(name).unwrap().number(*row) == Some(index))
            .map(|row| plan.column("mass").unwrap().number(row).unwrap())
            .sum()
    };
    for (index, weight) in [(1.0, 1.0 / 6.0), (2.0, 1.0 / 3.0), (3.0, 0.5)] {
        assert!((sum("i", index) - weight).abs() < 1e-5);
    }
    (1..=4).for_each(|index| assert!((sum("j", f64::from(index)) - 0.25).abs() < 1e-5));
}

#[test]
fn what_cannot_be_used_is_refused() {
    let cases = [
        (
            json!({ "source": { "points": [[0.0], [1.0, 2.0]] } }),
            "every point needs the same number of coordinates",
        ),
        (json!({ "source": { "points": [[0.0]], "weights": [0.0] } }), "weights are not negative"),
        (json!({ "source": { "uniform": 3 } }), "the source has 2 coordinates and the target 1"),
        (json!({ "source": { "shift": 1.0 } }), "only the target can be a shifted copy"),
        (json!({ "epsilon": [0.0] }), "0 is not above 0"),
    ];
    for (params, expected) in cases {
        let problems = octavo_plugin::DynAnalysis::prepare(&Sinkhorn, &params).unwrap().problems;
        assert!(problems.iter().any(|problem| problem.message.contains(expected)), "{problems:?}");
    }
}

#[test]
fn files_give_as_many_coordinates_as_they_have() {
    use octavo_plugin::input::InputContent;
    let mut inputs = Inputs::new();
    let mut add = |text: &str| {
        inputs.add("points.csv", InputContent::File { extension: "csv".into(), bytes: text.into() })
    };
    let (source, target) = (add("x1,x2,weight\n0,0,1\n1,0,1\n"), add("x1,x2,weight\n0,1,1\n1,1,1\n"));
    let found = run(&Sinkhorn, &json!({ "source": source, "target": target }), &inputs).unwrap();
    assert_eq!(scalar(&found, "w2_squared"), 1.0);
    assert!(matches!(found.tables["interpolation"].column("x3").unwrap().value(0), Value::Missing(_)));
    assert_eq!(found.tables["densities"].rows(), 0);
}
