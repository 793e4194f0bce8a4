//! Values computed independently (multiprecision quadrature, polygons, mean-field recursions).

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use common::{activation, case, circle, close, floats, measure_curves, measure_network, network};
use octavo_curvature::correlation::CorrelationMap;
use octavo_curvature::curves::Curves;
use octavo_curvature::jets::{Jets, Rates};
use octavo_curvature::meanfield::{Ensemble, FixedPoint, Start, critical};
use octavo_curvature::polygon;
use octavo_plugin::{Activation, Failure, math};
use serde_json::Value as Json;

fn read(text: &str) -> Json {
    serde_json::from_str(text).unwrap()
}

#[test]
fn smooth_networks() {
    let json = read(include_str!("reference/nets_smooth.json"));
    let cases = json["cases"].as_array().unwrap();
    assert_eq!(cases.len(), 5);
    for reference in cases {
        let (network, circle) = case(reference);
        let measured = measure_network(network, circle, 1e-12);
        for (index, measure) in measured.curves.iter().enumerate() {
            let stage = ["pre", "post"][index % 2];
            let what = format!("{} layer {} {stage}", reference["id"], index / 2 + 1);
            let expected = |name: &str| reference[format!("{stage}_{name}")][index / 2].as_f64().unwrap();
            close(measure.length, expected("length"), 1e-12, &what);
            close(measure.curvature, expected("total_curvature"), 1e-12, &what);
            // The stated errors hold, with room for the reference's own rounding.
            assert!(
                (measure.length - expected("length")).abs() <= measure.length_error + 1e-13 * measure.length,
                "{what}"
            );
            let off = (measure.curvature - expected("total_curvature")).abs();
            assert!(off <= measure.curvature_error + 1e-13 * measure.curvature, "{what}: {off}");
        }
    }
}

#[test]
fn stated_errors_hold_at_every_tolerance() {
    let json = read(include_str!("reference/nets_smooth.json"));
    for reference in json["cases"].as_array().unwrap() {
        for tolerance in [1e-2, 1e-3, 1e-4, 1e-7, 1e-10] {
            let (network, circle) = case(reference);
            for (index, measure) in measure_network(network, circle, tolerance).curves.iter().enumerate() {
                let stage = ["pre", "post"][index % 2];
                let expected = reference[format!("{stage}_total_curvature")][index / 2].as_f64().unwrap();
                let off = (measure.curvature - expected).abs();
                assert!(
                    off <= measure.curvature_error + 1e-12 * expected,
                    "{} {index} at {tolerance}: {off} > {}",
                    reference["id"],
                    measure.curvature_error
                );
            }
        }
    }
}

#[test]
fn relu_networks() {
    let json = read(include_str!("reference/nets_relu.json"));
    for reference in json["cases"].as_array().unwrap() {
        let (network, circle) = case(reference);
        let measured = measure_network(network, circle, 1e-8);
        for (index, measure) in measured.curves.iter().enumerate() {
            let stage = ["pre", "post"][index % 2];
            let expected = &reference["layers"][index / 2][stage];
            let what = format!("{} layer {} {stage}", reference["id"], index / 2 + 1);
            close(measure.length, expected["length"].as_f64().unwrap(), 1e-12, &what);
            close(measure.curvature, expected["total_curvature"].as_f64().unwrap(), 1e-12, &what);
            assert_eq!(measure.kinks as u64, expected["n_kinks"].as_u64().unwrap(), "{what}");
        }
    }
}

/// A curve given by its position and derivatives.
struct Given<const N: usize>(fn(f64) -> [[f64; N]; 3]);

impl<const N: usize> Curves for Given<N> {
    fn dimensions(&self) -> Vec<usize> {
        vec![N]
    }

    fn sample(&self, angles: &[f64]) -> Result<Vec<Rates>, Failure> {
        Ok(vec![Jets::of_curve(angles, self.0).rates()])
    }
}

fn wave(t: f64, k: f64) -> ([f64; 3], [f64; 3]) {
    let (sin, cos) = math::sin_cos(k * t);
    ([cos, -k * sin, -k * k * cos], [sin, k * cos, -k * k * sin])
}

#[test]
fn curves_with_known_curvature() {
    let json = read(include_str!("reference/curves.json"));
    let circle = Given::<2>(|t| {
        let (x, y) = wave(t, 1.0);
        [0, 1, 2].map(|d| [x[d], y[d]])
    });
    let ellipse = Given::<2>(|t| {
        let (x, y) = wave(t, 1.0);
        [0, 1, 2].map(|d| [2.0 * x[d], y[d]])
    });
    let eight = Given::<2>(|t| {
        let (x, y) = (wave(t, 1.0).0, wave(t, 2.0).1);
        [0, 1, 2].map(|d| [x[d], 0.5 * y[d]])
    });
    let torus = Given::<4>(|t| {
        let ((x, y), (z, w)) = (wave(t, 1.0), wave(t, 2.0));
        [0, 1, 2].map(|d| [x[d], y[d], z[d], w[d]])
    });
    let trefoil = Given::<3>(|t| {
        let ((c1, s1), (c2, s2), (_, s3)) = (wave(t, 1.0), wave(t, 2.0), wave(t, 3.0));
        [0, 1, 2].map(|d| [s1[d] + 2.0 * s2[d], c1[d] - 2.0 * c2[d], -s3[d]])
    });
    let curves: [(&str, &dyn Curves); 5] = [
        ("circle", &circle),
        ("ellipse_2_1", &ellipse),
        ("figure8_gerono", &eight),
        ("torus_R4_1_2", &torus),
        ("trefoil", &trefoil),
    ];
    for (reference, (id, curve)) in json["curves"].as_array().unwrap().iter().zip(curves) {
        assert_eq!(reference["id"], id);
        let measure = measure_curves(curve, 1e-13).curves[0];
        close(measure.length, reference["length_f64"].as_f64().unwrap(), 1e-13, id);
        close(measure.curvature, reference["total_curvature_f64"].as_f64().unwrap(), 1e-13, id);
    }
}

#[test]
fn polygons_turn_by_their_exterior_angles() {
    let json = read(include_str!("reference/curves.json"));
    for reference in json["polygons"].as_array().unwrap() {
        let points: Vec<[f64; 2]> =
            reference["points"].as_array().unwrap().iter().map(|p| floats(p).try_into().unwrap()).collect();
        let number = |key: &str| reference[key].as_str().unwrap().parse::<f64>().unwrap();
        let (length, turning) = polygon::measure(&points).unwrap();
        close(length, number("length"), 1e-14, "length");
        close(turning, number("total_turning"), 1e-14, "turning");
    }
    assert_eq!(polygon::measure(&[[1.0, 2.0], [1.0, 2.0]]), None);
}

fn ensemble(json: &Json) -> Ensemble {
    Ensemble {
        activation: activation(&json["activation"]),
        sigma_w: json["sigma_w"].as_f64().unwrap(),
        sigma_b: json["sigma_b"].as_f64().unwrap(),
    }
}

#[test]
fn mean_field_fixed_points_and_recursions() {
    let json = read(include_str!("reference/meanfield.json"));
    let points = json["fixed_points"].as_array().unwrap();
    assert_eq!(points.len(), 19);
    for reference in points {
        let ensemble = ensemble(reference);
        let what = format!("{ensemble:?}");
        let FixedPoint::Finite(q) = ensemble.fixed_point() else { panic!("{what}") };
        let number = |key: &str| reference[key].as_f64().unwrap();
        close(q, number("q_star"), 1e-10, &what);
        close(ensemble.chi1(q), number("chi1"), 1e-10, &what);
        close(ensemble.chi2(q).unwrap(), number("chi2"), 1e-10, &what);
        if q > 0.0 {
            let start = Start { q, g: q - ensemble.sigma_b * ensemble.sigma_b };
            let layers = ensemble.curve(start, 1, 20);
            let lengths = floats(&reference["LE_over_sqrtN_layers1to20"]);
            let curvatures = floats(&reference["LG_layers1to20"]);
            for (index, layer) in layers.iter().enumerate() {
                close(layer.stages[0].length, lengths[index], 1e-10, &what);
                close(layer.stages[0].curvature, curvatures[index], 1e-10, &what);
            }
        }
    }
}

#[test]
fn critical_lines() {
    let json = read(include_str!("reference/meanfield.json"));
    // erf(sqrt(pi)/2 x) has unit slope; its standard deviations are those of erf, scaled.
    let unit = std::f64::consts::PI.sqrt() / 2.0;
    let lines =
        [("tanh", Activation::Tanh, 1.0), ("erf", Activation::Erf, 1.0), ("erf_s", Activation::Erf, unit)];
    for (name, activation, scale) in lines {
        let line = json["critical_line"][name].as_array().unwrap();
        assert_eq!(line.len(), 12);
        for reference in line {
            let bias = reference["sigma_b"].as_f64().unwrap();
            let (sigma_w, at) = critical(activation, scale * bias);
            close(sigma_w / scale, reference["sigma_w"].as_f64().unwrap(), 1e-10, name);
            let FixedPoint::Finite(q) = at else { panic!("{name}") };
            let expected = reference["q"].as_f64().unwrap();
            close(q / (scale * scale), expected, 1e-10, name);
        }
    }
}

#[test]
fn correlations() {
    let json = read(include_str!("reference/meanfield.json"));
    for reference in json["correlation_trajectories"].as_array().unwrap() {
        let ensemble = ensemble(reference);
        let map = CorrelationMap::new(ensemble, reference["q"].as_f64().unwrap());
        let expected = floats(&reference["c"]);
        let mut c = expected[0];
        for (step, expected) in expected.iter().enumerate().skip(1) {
            c = map.next(c);
            assert!((c - expected).abs() < 1e-10, "{ensemble:?}, step {step}: {c} for {expected}");
        }
    }
}

#[test]
fn relu_theory_is_linear_in_depth() {
    let relu = Ensemble { activation: Activation::Relu, sigma_w: 1.3, sigma_b: 0.0 };
    let width = 100;
    let layers = relu.curve(Start { q: 0.8, g: 0.8 }, width, 6);
    for (index, layer) in layers.iter().enumerate() {
        let pi = std::f64::consts::PI;
        let expected = 2.0 * pi + index as f64 * 2.0 * (pi * width as f64).sqrt();
        close(layer.stages[0].curvature, expected, 1e-14, "total curvature");
    }
}

/// Means and spreads of simulated networks of finite width, drawn elsewhere: ours have the same within sampling errors.
#[test]
fn finite_widths() {
    let json = read(include_str!("reference/meanfield.json"));
    let cases = json["finite_width_simulations"].as_array().unwrap();
    for reference in cases.iter().filter(|case| case["width"].as_u64().unwrap() <= 64) {
        let (width, sigma_w) =
            (reference["width"].as_u64().unwrap() as usize, reference["sigma_w"].as_f64().unwrap());
        let ensemble = ensemble(reference);
        let theirs = reference["nets"].as_f64().unwrap();
        let nets = if width < 16 { 40 } else { 12 };
        let FixedPoint::Finite(q) = ensemble.fixed_point() else { panic!() };
        let g = q - ensemble.sigma_b * ensemble.sigma_b;
        let (depth, radius) = (6, (width as f64 * g).sqrt() / sigma_w);
        let theory = ensemble.curve(Start { q, g }, width, depth);
        let expected = floats(&reference["LG_theory"]);
        let runs: Vec<Vec<f64>> = (0..nets)
            .map(|seed| {
                let net = network(
                    seed,
                    &vec![width; depth + 1],
                    ensemble.activation,
                    ensemble.sigma_w,
                    ensemble.sigma_b,
                );
                let measured = measure_network(net, circle(width, radius), 1e-3);
                measured.curves.iter().step_by(2).map(|measure| measure.curvature).collect()
            })
            .collect();
        for layer in 0..depth {
            close(theory[layer].stages[0].curvature, expected[layer], 1e-9, "theory");
            let values: Vec<f64> = runs.iter().map(|run| run[layer]).collect();
            let mean = values.iter().sum::<f64>() / nets as f64;
            let number = |key: &str| reference[key][layer].as_f64().unwrap();
            let spread = number("LG_std");
            let allowed = 4.0 * spread * (1.0 / theirs + 1.0 / nets as f64).sqrt() + 2e-3 * number("LG_mean");
            let what = format!("{ensemble:?} width {width} layer {}", layer + 1);
            assert!((mean - number("LG_mean")).abs() < allowed, "{what}: {mean} {}", number("LG_mean"));
            if width >= 16 && layer > 0 {
                let ours =
                    (values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (nets - 1) as f64).sqrt();
                assert!((0.4..2.2).contains(&(ours / spread)), "{what}: {ours} for {spread}");
            }
        }
    }
}
