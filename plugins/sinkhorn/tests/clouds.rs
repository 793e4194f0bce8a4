//! The functions on clouds: against the analysis, finite differences and closed forms.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use octavo_plugin::context::Silent;
use octavo_plugin::{CancelToken, FailureKind, Inputs, RunContext, Seed};
use octavo_plugin_test::run;
use octavo_sinkhorn::{Cloud, Options, Sinkhorn, sinkhorn_divergence, transport, wasserstein_squared};
use serde_json::json;

const OPTIONS: Options = Options { epsilon: 0.05, tolerance: 1e-12, max_iterations: 20_000, relaxed: true };

fn normals(name: &str, count: usize, dimension: usize) -> Vec<f64> {
    Seed(11).stream(name).normals(count * dimension, 0.4)
}

fn weighted(name: &str, count: usize, dimension: usize) -> Cloud {
    let weights =
        Seed(11).stream(&format!("{name} weights")).normals(count, 1.0).iter().map(|w| w.abs()).collect();
    Cloud::new(dimension, normals(name, count, dimension), weights).unwrap()
}

#[test]
fn values_are_those_of_the_analysis() {
    let (x, y) = (normals("x", 37, 2), normals("y", 50, 2));
    let pairs = |points: &[f64]| points.chunks(2).map(<[f64]>::to_vec).collect::<Vec<_>>();
    let params = json!({
        "source": { "points": pairs(&x) }, "target": { "points": pairs(&y) },
        "epsilon": [0.05, 0.005], "tolerance": 1e-12,
    });
    let artifacts = run(&Sinkhorn, &params, &Inputs::new()).unwrap();
    let (source, target) = (Cloud::uniform(2, x).unwrap(), Cloud::uniform(2, y).unwrap());
    for (row, epsilon) in [0.05, 0.005].into_iter().enumerate() {
        let expected = |name: &str| artifacts.tables["epsilon"].column(name).unwrap().number(row).unwrap();
        let options = Options { epsilon, tolerance: 1e-11, ..OPTIONS };
        let found = transport(&source, &target, options, None).unwrap();
        assert!((found.value - expected("ot_eps")).abs() < 1e-12, "{epsilon}: {}", found.value);
        assert!(found.marginal_error <= 1e-11);
        let found = sinkhorn_divergence(&source, &target, options, None).unwrap().value;
        assert!((found - expected("sinkhorn_divergence")).abs() < 1e-12, "{epsilon}: {found}");
    }
}

#[test]
fn gradients_are_finite_differences() {
    for dimension in [1, 2, 5] {
        let target = weighted("target", 23, dimension);
        let (points, weights) =
            (normals("moved", 9, dimension), vec![1.0, 2.0, 0.5, 1e-6, 3.0, 0.0, 1.0, 1.0, 0.2]);
        let at = |points: Vec<f64>| {
            let cloud = Cloud::new(dimension, points, weights.clone()).unwrap();
            sinkhorn_divergence(&cloud, &target, OPTIONS, None).unwrap()
        };
        let gradient = at(points.clone()).gradient;
        let h = 1e-4;
        for (index, found) in gradient.iter().enumerate() {
            let moved = |step: f64| {
                let mut points = points.clone();
                points[index] += step;
                at(points).value
            };
            // Fourth order.
            let expected = (8.0 * (moved(h) - moved(-h)) - (moved(2.0 * h) - moved(-2.0 * h))) / (12.0 * h);
            assert!((found - expected).abs() < 1e-9, "{dimension}, {index}: {found} {expected}");
        }
    }
}

#[test]
fn a_translation_costs_its_square_and_pulls_straight_back() {
    let target = weighted("target", 40, 2);
    let mut points = normals("target", 40, 2);
    points.chunks_mut(2).for_each(|point| (point[0], point[1]) = (point[0] + 0.75, point[1] - 0.5));
    let weights = Seed(11).stream("target weights").normals(40, 1.0).iter().map(|w| w.abs()).collect();
    let source = Cloud::new(2, points, weights).unwrap();
    let found = sinkhorn_divergence(&source, &target, OPTIONS, None).unwrap();
    assert!((found.value - 0.8125).abs() < 1e-12, "{}", found.value);
    // The gradient of |theta|² is spread over the atoms by weight.
    for (axis, expected) in [1.5, -1.0].into_iter().enumerate() {
        let total: f64 = found.gradient.iter().skip(axis).step_by(2).sum();
        assert!((total - expected).abs() < 1e-10, "{axis}: {total}");
    }
    let itself = sinkhorn_divergence(&target, &target, OPTIONS, None).unwrap();
    assert!(itself.value == 0.0 && itself.gradient.iter().all(|entry| *entry == 0.0));
}

#[test]
fn a_warm_start_saves_iterations_and_changes_nothing_else() {
    let (source, target) = (weighted("source", 60, 2), weighted("target", 45, 2));
    let cold = sinkhorn_divergence(&source, &target, OPTIONS, None).unwrap();
    let warm = sinkhorn_divergence(&source, &target, OPTIONS, Some(&cold.potentials)).unwrap();
    assert!(warm.iterations <= 2 && cold.iterations > 10, "{} {}", warm.iterations, cold.iterations);
    assert!((warm.value - cold.value).abs() < 1e-13);
    let other =
        sinkhorn_divergence(&weighted("third", 10, 2), &target, OPTIONS, Some(&cold.potentials)).unwrap();
    assert!(other.value > 0.0);
}

#[test]
fn points_that_were_thrown_far_apart_are_no_failure() {
    // Sixty-four points up to some hundred units away from a small ring: costs of 1e5 at epsilon = 0.05.
    let thrown: Vec<f64> = Seed(5).stream("thrown").normals(128, 100.0);
    let ring = normals("ring", 64, 2);
    let (source, target) = (Cloud::uniform(2, thrown).unwrap(), Cloud::uniform(2, ring).unwrap());
    let options = Options { tolerance: 1e-2, max_iterations: 300, ..OPTIONS };
    assert_eq!(transport(&source, &target, options, None).unwrap_err().kind, FailureKind::Numeric);
    let found = sinkhorn_divergence(&source, &target, options, None).unwrap();
    assert!(found.iterations > 300);
    // At this epsilon both own terms and the entropy are nothing beside the cost of the cheapest assignment.
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let context = RunContext::new(Seed(1), &inputs, &cancel, &Silent);
    let exact = wasserstein_squared(&source, &target, &context).unwrap();
    assert!((found.value - exact).abs() < 1e-3 * exact, "{} {exact}", found.value);
}

#[test]
fn hard_scales_end_right_or_as_a_failure() {
    let (source, target) = (weighted("source", 30, 2), weighted("target", 30, 2));
    let few = Options { epsilon: 1e-4, max_iterations: 5, ..OPTIONS };
    let failure = transport(&source, &target, few, None).unwrap_err();
    assert_eq!(failure.kind, FailureKind::Numeric);
    assert!(
        failure.message.starts_with("after 5 iterations at epsilon = 0.0001 the marginal error is "),
        "{failure}"
    );
    // The same clouds 1e4 away have the same value up to the rounding of their coordinates.
    let far = |name: &str| {
        let points = normals(name, 30, 2).iter().map(|x| x + 1e4).collect();
        Cloud::uniform(2, points).unwrap()
    };
    let near = |name: &str| Cloud::uniform(2, normals(name, 30, 2)).unwrap();
    let options = Options { epsilon: 0.02, tolerance: 1e-10, ..OPTIONS };
    let here = transport(&near("source"), &near("target"), options, None).unwrap().value;
    let there = transport(&far("source"), &far("target"), options, None).unwrap().value;
    assert!((here - there).abs() < 1e-10, "{here} {there}");
    let wrong = Cloud::uniform(3, normals("source", 4, 3)).unwrap();
    assert!(transport(&source, &wrong, options, None).unwrap_err().message.contains("2 coordinates"));
    assert!(Cloud::new(1, vec![0.0, f64::NAN], vec![1.0, 1.0]).is_err());
    assert!(Cloud::new(1, vec![0.0, 1.0], vec![0.0, 0.0]).is_err());
}

#[test]
fn values_keep_their_bits() {
    let (source, target) = (weighted("source", 60, 2), weighted("target", 45, 2));
    let found = sinkhorn_divergence(&source, &target, OPTIONS, None).unwrap();
    let bits = found
        .gradient
        .iter()
        .fold(found.value.to_bits(), |bits, entry| bits.rotate_left(1) ^ entry.to_bits());
    assert_eq!(bits, 0xff5acf3e88a59dd9, "{bits:#x}");
}

#[test]
fn bits_do_not_depend_on_the_lane_width() {
    octavo_plugin_test::same_bits_on_every_simd_level("values_keep_their_bits");
}
