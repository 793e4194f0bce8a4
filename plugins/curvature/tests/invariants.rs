//! What must hold for every network: invariances, bounds, agreement of the methods, limits.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

mod common;

use std::f64::consts::{PI, TAU};

use common::{circle, close, measure_network, network, with_context};
use octavo_curvature::curves::{Curves, Measure};
use octavo_curvature::forward::{LastLayer, NetworkCurves};
use octavo_curvature::jets::Ellipse;
use octavo_curvature::meanfield::{Ensemble, FixedPoint, Start};
use octavo_curvature::subject::Subject;
use octavo_curvature::{pairs, polygon};
use octavo_plugin::{Activation, Layer, Network, Seed, math};
use proptest::prelude::*;

fn same(left: &[Measure], right: &[Measure], relative: f64, what: &str) {
    assert_eq!(left.len(), right.len());
    for (left, right) in left.iter().zip(right) {
        close(left.length, right.length, relative, what);
        close(left.curvature, right.curvature, relative, what);
    }
}

const ALL: [Activation; 7] = [
    Activation::Tanh,
    Activation::Erf,
    Activation::Relu,
    Activation::Identity,
    Activation::Hardtanh,
    Activation::Gelu,
    Activation::Sine,
];

fn precision(activation: Activation) -> f64 {
    if matches!(activation, Activation::Relu | Activation::Hardtanh) { 1e-9 } else { 1e-10 }
}

#[test]
fn the_starting_angle_does_not_matter() {
    for activation in ALL {
        let net = network(11, &[3, 7, 6, 5], activation, 1.8, 0.3);
        let plain = circle(3, 1.2);
        let (sin, cos) = math::sin_cos(0.77);
        let turned = |u: f64, w: f64| plain.a.iter().zip(&plain.b).map(|(a, b)| u * a + w * b).collect();
        let other = Ellipse { c: plain.c.clone(), a: turned(cos, sin), b: turned(-sin, cos) };
        let backwards =
            Ellipse { c: plain.c.clone(), a: plain.a.clone(), b: plain.b.iter().map(|b| -b).collect() };
        let expected = measure_network(net.clone(), plain, 1e-12).curves;
        same(&measure_network(net.clone(), other, 1e-12).curves, &expected, precision(activation), "start");
        same(&measure_network(net, backwards, 1e-12).curves, &expected, precision(activation), "direction");
    }
}

/// Through a layer of one neuron, where the curve retraces itself, and with biases that switch neurons off for long.
#[test]
fn the_starting_angle_does_not_matter_to_bottlenecks_and_dead_arcs() {
    for activation in ALL {
        for (widths, bias) in [([3, 6, 1, 4], 0.0), ([3, 5, 2, 4], -0.7)] {
            let mut net = network(19, &widths, activation, 2.0, 0.2);
            net.layers.iter_mut().flat_map(|layer| &mut layer.bias).for_each(|x| *x += bias);
            let plain = circle(3, 1.2);
            let (sin, cos) = math::sin_cos(1.91);
            let turned = |u: f64, w: f64| plain.a.iter().zip(&plain.b).map(|(a, b)| u * a + w * b).collect();
            let other = Ellipse { c: plain.c.clone(), a: turned(cos, sin), b: turned(-sin, cos) };
            let expected = measure_network(net.clone(), plain, 1e-9).curves;
            let found = measure_network(net, other, 1e-9).curves;
            for (found, expected) in found.iter().zip(&expected) {
                let what = format!("{activation:?} {widths:?}: {found:?} {expected:?}");
                assert_eq!((found.moves, found.kinks), (expected.moves, expected.kinks), "{what}");
                assert!((found.dead - expected.dead).abs() < 1e-12, "{what}");
                let errors = found.curvature_error + expected.curvature_error + 1e-9;
                assert!((found.curvature - expected.curvature).abs() < errors, "{what}");
            }
        }
    }
}

#[test]
fn the_order_of_neurons_does_not_matter() {
    for activation in ALL {
        let net = network(12, &[3, 8, 5], activation, 1.8, 0.3);
        let mut order: Vec<usize> = (0..8).collect();
        Seed(12).stream("order").shuffle(&mut order);
        let mut other = net.clone();
        let (first, second) = (&net.layers[0], &net.layers[1]);
        other.layers[0].weights = order.iter().flat_map(|row| first.row(*row).to_vec()).collect();
        other.layers[0].bias = order.iter().map(|row| first.bias[*row]).collect();
        other.layers[1].weights =
            (0..5).flat_map(|row| order.iter().map(move |column| second.row(row)[*column])).collect();
        let expected = measure_network(net, circle(3, 1.0), 1e-12).curves;
        same(
            &measure_network(other, circle(3, 1.0), 1e-12).curves,
            &expected,
            precision(activation),
            "order",
        );
    }
}

#[test]
fn rotations_of_input_and_output_do_not_matter() {
    for activation in ALL {
        let net = network(13, &[3, 6, 4], activation, 1.6, 0.2);
        let expected = measure_network(net.clone(), circle(3, 1.0), 1e-12).curves;
        let (sin, cos) = math::sin_cos(1.1);
        // Rotate the plane of coordinates 1 and 3 of the input, and undo it in the first weights.
        let mut undone = net.clone();
        for row in undone.layers[0].weights.chunks_exact_mut(3) {
            (row[0], row[2]) = (cos * row[0] - sin * row[2], sin * row[0] + cos * row[2]);
        }
        let turn = |v: Vec<f64>| vec![cos * v[0] - sin * v[2], v[1], sin * v[0] + cos * v[2]];
        let plain = circle(3, 1.0);
        let turned = Ellipse { c: turn(plain.c), a: turn(plain.a), b: turn(plain.b) };
        same(&measure_network(undone, turned, 1e-12).curves, &expected, precision(activation), "input");
        // A rotation and a scaling of the last layer: the curve before its activation is the same shape.
        let mut last = net.clone();
        let layer = &mut last.layers[1];
        for k in 0..6 {
            let (x, y) = (layer.weights[k], layer.weights[18 + k]);
            (layer.weights[k], layer.weights[18 + k]) =
                (3.0 * (cos * x - sin * y), 3.0 * (sin * x + cos * y));
            layer.weights[6 + k] *= 3.0;
            layer.weights[12 + k] *= 3.0;
        }
        let found = measure_network(last, plain_circle(), 1e-12).curves;
        close(found[2].length, 3.0 * expected[2].length, precision(activation), "scaled length");
        close(found[2].curvature, expected[2].curvature, precision(activation), "scaled curvature");
    }
}

fn plain_circle() -> Ellipse {
    circle(3, 1.0)
}

#[test]
fn an_identity_network_makes_ellipses() {
    let net = network(14, &[5, 9, 2, 4, 3], Activation::Identity, 1.2, 0.5);
    for measure in measure_network(net, circle(5, 2.0), 1e-12).curves {
        close(measure.curvature, TAU, 1e-13, "ellipse");
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, failure_persistence: None, ..ProptestConfig::default() })]

    /// Fenchel: a closed curve turns by at least 2 pi. Cauchy: it is at least twice as long as it is wide.
    #[test]
    fn fenchel(seed in 0_u64..1000, kind in 0_usize..7, sigma_w in 0.5..3.0_f64, outputs in 2_usize..6) {
        let net = network(seed, &[2, 6, 5, outputs], ALL[kind], sigma_w, 0.4);
        let curves = measure_network(net, circle(2, 1.0), 1e-9).curves;
        for measure in curves.iter().filter(|measure| measure.moves) {
            prop_assert!(measure.curvature > TAU * (1.0 - 1e-7) - measure.curvature_error, "{measure:?}");
        }
    }

    /// An inscribed polygon is shorter and turns less, and comes close when it is fine.
    #[test]
    fn inscribed_polygons(seed in 0_u64..1000, kind in 0_usize..7) {
        let net = network(seed, &[2, 5, 4, 3], ALL[kind], 1.4, 0.4);
        let measure = measure_network(net.clone(), circle(2, 1.0), 1e-9).curves[4];
        prop_assume!(measure.moves);
        let count = 20_000;
        let angles: Vec<f64> = (0..count).map(|k| TAU * k as f64 / count as f64).collect();
        let circle = circle(2, 1.0);
        let curves = NetworkCurves::<f64>::new(&net, &circle);
        let flat = with_context(|context| curves.positions(3, &angles, context)).unwrap();
        let points: Vec<[f64; 3]> = (0..count).map(|k| [flat[k], flat[count + k], flat[2 * count + k]]).collect();
        // Steps this short, along an arc that nearly stands still, turn by the rounding of their ends.
        let step = |k: usize| {
            let (a, b) = (points[k], points[(k + 1) % count]);
            (0..3).map(|i| (a[i] - b[i]).abs()).fold(0.0, f64::max)
        };
        prop_assume!((0..count).map(step).filter(|step| *step > 0.0).all(|step| step > 1e-8));
        let (length, turning) = polygon::measure(&points).unwrap();
        prop_assert!(length <= measure.length * (1.0 + 1e-9) && length > measure.length * (1.0 - 1e-3));
        prop_assert!(turning <= measure.curvature * (1.0 + 1e-7) + 1e-7, "{turning} {}", measure.curvature);
        // Two kinks may lie between neighbouring vertices, and the polygon cuts off what turns between them.
        if !matches!(ALL[kind], Activation::Relu | Activation::Hardtanh) {
            prop_assert!(turning > measure.curvature * (1.0 - 2e-2), "{turning} {}", measure.curvature);
        }
    }
}

#[test]
fn a_relu_that_never_switches_is_the_identity() {
    let mut net = network(15, &[3, 5, 4], Activation::Relu, 1.0, 0.0);
    net.layers.iter_mut().for_each(|layer| layer.bias.iter_mut().for_each(|bias| *bias = 1e3));
    let mut linear = net.clone();
    linear.layers.iter_mut().for_each(|layer| layer.activation = Activation::Identity);
    let curves = measure_network(net, plain_circle(), 1e-9).curves;
    same(&curves, &measure_network(linear, plain_circle(), 1e-9).curves, 1e-14, "no kink");
    assert!(curves.iter().all(|measure| measure.kinks == 0 && measure.dead == 0.0));
}

#[test]
fn absolute_value_folds_the_circle() {
    // |x| = relu(x) + relu(-x): the circle becomes a half circle, run through twice.
    let layer = |outputs, inputs, weights: &[f64], activation| Layer {
        inputs,
        outputs,
        weights: weights.to_vec(),
        bias: vec![0.0; outputs],
        activation,
    };
    // y keeps its sign: relu(y) - relu(-y).
    let first = layer(4, 2, &[1.0, 0.0, -1.0, 0.0, 0.0, 1.0, 0.0, -1.0], Activation::Relu);
    let second = layer(2, 4, &[1.0, 1.0, 0.0, 0.0, 0.0, 0.0, 1.0, -1.0], Activation::Identity);
    let measure = measure_network(Network { layers: vec![first, second] }, circle(2, 1.0), 1e-9).curves[2];
    close(measure.length, TAU, 1e-14, "length");
    // Two reversals by pi at the ends of the half circle, and the half circle twice.
    close(measure.curvature, 4.0 * PI, 1e-14, "curvature");
    assert_eq!(measure.kinks, 2);
}

#[test]
fn on_a_line_reversals_count() {
    for activation in [Activation::Tanh, Activation::Identity] {
        let net = network(16, &[2, 1], activation, 1.0, 0.1);
        let curves = measure_network(net.clone(), circle(2, 1.0), 1e-10).curves;
        close(curves[0].curvature, TAU, 1e-12, "there and back");
        let radius = math::hypot(net.layers[0].weights[0], net.layers[0].weights[1]);
        close(curves[0].length, 4.0 * radius, 1e-10, "there and back");
    }
}

#[test]
fn dead_arcs_and_dead_curves() {
    // One neuron, positive for an angle of 2 acos(1/2): the rest of the circle stands still.
    let half = |bias: f64| Network {
        layers: vec![Layer {
            inputs: 2,
            outputs: 1,
            weights: vec![1.0, 0.0],
            bias: vec![bias],
            activation: Activation::Relu,
        }],
    };
    let partly = measure_network(half(-0.5), circle(2, 1.0), 1e-9).curves[1];
    close(partly.dead, 2.0 / 3.0, 1e-14, "dead share");
    close(partly.length, 1.0, 1e-14, "up by a half and down again");
    close(partly.curvature, TAU, 1e-14, "two reversals");
    let dead = measure_network(half(-2.0), circle(2, 1.0), 1e-9).curves[1];
    assert!(!dead.moves && dead.length == 0.0 && dead.dead == 1.0);
}

#[test]
fn inflections_of_planar_layers_do_not_spoil_the_integral() {
    let net = network(17, &[2, 12, 2], Activation::Tanh, 3.0, 0.5);
    let measured = measure_network(net.clone(), circle(2, 1.5), 1e-11);
    let found = measured.curves[2];
    // The slow way: a trapezoid rule so fine that corners cost 1e-9.
    let count = 400_000;
    let angles: Vec<f64> = (0..count).map(|k| TAU * k as f64 / f64::from(count)).collect();
    let circle = circle(2, 1.5);
    let rates = &NetworkCurves::<f64>::new(&net, &circle).sample(&angles).unwrap()[2];
    assert!(rates.turning.iter().any(|turn| *turn < 0.0) && rates.turning.iter().any(|turn| *turn > 0.0));
    let slow = rates.turning.iter().map(|turn| turn.abs()).sum::<f64>() * TAU / f64::from(count);
    assert!((found.curvature - slow).abs() < 1e-8, "{} {slow}", found.curvature);
    assert!(found.curvature_error < 1e-10 * found.curvature, "{found:?}");
    assert!(measured.points < 20_000, "{}", measured.points);
}

/// Means over nets of width 256 against theory, within three standard errors and 1 %.
#[test]
fn wide_networks_follow_the_theory() {
    for (activation, sigma_w, sigma_b, depth) in
        [(Activation::Tanh, 1.3, 0.3, 5), (Activation::Erf, 2.0, 0.3, 4), (Activation::Relu, 1.2, 0.0, 3)]
    {
        let (width, nets) = (256, 20);
        let ensemble = Ensemble { activation, sigma_w, sigma_b };
        let q = match ensemble.fixed_point() {
            FixedPoint::Finite(q) if q > 0.0 => q,
            _ => 1.0,
        };
        let g = q - sigma_b * sigma_b;
        let radius = (width as f64 * g).sqrt() / sigma_w;
        let theory = ensemble.curve(Start { q, g }, width, depth);
        let runs: Vec<Vec<Measure>> = (0..nets)
            .map(|seed| {
                let net = network(seed, &vec![width; depth + 1], activation, sigma_w, sigma_b);
                measure_network(net, circle(width, radius), 1e-3).curves
            })
            .collect();
        for stage in 0..2 * depth {
            let layer = &theory[stage / 2].stages[stage % 2];
            let curvatures = runs.iter().map(|run| run[stage].curvature).collect();
            let lengths = runs.iter().map(|run| run[stage].length).collect();
            let pairs: [(Vec<f64>, f64); 2] = [(curvatures, layer.curvature), (lengths, layer.length)];
            for (values, expected) in pairs {
                let mean = values.iter().sum::<f64>() / nets as f64;
                let variance =
                    values.iter().map(|x| (x - mean) * (x - mean)).sum::<f64>() / (nets - 1) as f64;
                let allowed = 3.0 * (variance / nets as f64).sqrt() + 0.01 * expected;
                assert!(
                    (mean - expected).abs() < allowed,
                    "{activation:?} stage {stage}: {mean} for {expected}"
                );
            }
        }
    }
}

/// Single precision gives the same rates up to its own rounding, and other bits.
#[test]
fn single_precision_is_close() {
    let net = network(31, &[40; 7], Activation::Tanh, 2.0, 0.3);
    let circle = circle(40, 5.0);
    let angles: Vec<f64> = (0..100).map(|index| TAU * f64::from(index) / 100.0).collect();
    let double = NetworkCurves::<f64>::new(&net, &circle).sample(&angles).unwrap();
    let single = NetworkCurves::<f32>::new(&net, &circle).sample(&angles).unwrap();
    for (double, single) in double.iter().zip(&single) {
        for (values, others) in [(&double.speed, &single.speed), (&double.turning, &single.turning)] {
            let mean = |values: &[f64]| values.iter().sum::<f64>() / values.len() as f64;
            close(mean(values), mean(others), 1e-4, "single precision");
            assert_ne!(values, others);
        }
    }
}

/// Squares leave the range of single precision long before speeds do: they are then computed in double precision.
#[test]
fn single_precision_keeps_its_range() {
    for scale in [1e-11, 1e11] {
        let mut net = network(33, &[6; 4], Activation::Identity, 1.0, 0.0);
        net.layers[2].weights.iter_mut().for_each(|weight| *weight *= scale);
        net.layers[1].weights.iter_mut().for_each(|weight| *weight *= scale);
        let circle = circle(6, 1.0);
        let angles: Vec<f64> = (0..20).map(|index| TAU * f64::from(index) / 20.0).collect();
        let double = NetworkCurves::<f64>::new(&net, &circle).sample(&angles).unwrap();
        let single = NetworkCurves::<f32>::new(&net, &circle).sample(&angles).unwrap();
        for (double, single) in double.iter().zip(&single) {
            for (values, others) in [
                (&double.speed, &single.speed),
                (&double.turning, &single.turning),
                (&double.angle, &single.angle),
            ] {
                values
                    .iter()
                    .zip(others)
                    .for_each(|(value, other)| close(*value, *other, 1e-4, "single precision"));
            }
        }
    }
}

/// Measuring the last layer alone gives what measuring all of them gives for it.
#[test]
fn the_last_layer_alone_is_the_last_of_all() {
    for (activation, width) in [(Activation::Tanh, 30), (Activation::Gelu, 3), (Activation::Sine, 2)] {
        let net = network(34, &[width; 5], activation, 1.8, 0.2);
        let circle = circle(width, 2.0);
        let curves = NetworkCurves::<f64>::new(&net, &circle);
        let angles: Vec<f64> = (0..50).map(|index| TAU * f64::from(index) / 50.0).collect();
        let (all, last) = (curves.sample(&angles).unwrap(), LastLayer(&curves));
        let last = last.sample(&angles).unwrap();
        assert_eq!(last.len(), 2);
        for (all, last) in all[all.len() - 2..].iter().zip(&last) {
            for (values, others) in [(&all.speed, &last.speed), (&all.turning, &last.turning)] {
                values.iter().zip(others).for_each(|(value, other)| close(*value, *other, 1e-12, "rates"));
            }
            all.angle
                .iter()
                .zip(&last.angle)
                .for_each(|(angle, other)| assert!((angle - other).abs() < 1e-13));
        }
    }
}

/// Batches and their memory leave no trace: all angles together give the bits of each alone.
#[test]
fn batches_do_not_change_a_bit() {
    for activation in [Activation::Tanh, Activation::Erf] {
        for outputs in [1, 2, 5] {
            let net = network(32, &[3, 9, 7, outputs], activation, 1.5, 0.3);
            let circle = circle(3, 1.0);
            let curves = NetworkCurves::<f64>::new(&net, &circle);
            let angles: Vec<f64> = (0..37).map(|index| TAU * f64::from(index) / 37.0).collect();
            let together = curves.sample(&angles).unwrap();
            for (index, angle) in angles.iter().enumerate() {
                for (all, one) in together.iter().zip(curves.sample(&[*angle]).unwrap()) {
                    assert_eq!(all.speed[index].to_bits(), one.speed[0].to_bits());
                    assert_eq!(all.turning[index].to_bits(), one.turning[0].to_bits());
                }
            }
        }
    }
}

/// A linear network keeps what theory says of it; an infinite width is met by a wide one.
#[test]
fn correlations_follow_theory() {
    for (activation, sigma_w, sigma_b) in
        [(Activation::Identity, 1.0, 0.5), (Activation::Tanh, 2.0, 0.3), (Activation::Relu, 1.4, 0.1)]
    {
        let width = 400;
        let net = network(33, &[width; 6], activation, sigma_w, sigma_b);
        let ensemble = Ensemble { activation, sigma_w, sigma_b };
        let subject = Subject { network: net, circle: circle(width, 15.0), ensemble: Some(ensemble) };
        let angles = [0.0, 0.3, PI];
        let found = with_context(|context| pairs::measure(&subject, &angles, context)).unwrap();
        assert_eq!(found.len(), 15);
        for pair in &found {
            let theory = pair.theory.unwrap();
            let slack = if pair.angle == 0.0 { 1e-12 } else { 0.12 };
            assert!((pair.measured - theory).abs() < slack, "{activation:?}: {pair:?}");
        }
        assert!(found[2].measured < 0.5 * found[1].measured);
    }
}

/// The lower bound of a slow reference: the angles between the tangents at very many angles, in all.
fn slow(network: &Network, circle: &Ellipse, count: usize) -> Vec<f64> {
    let curves = NetworkCurves::<f64>::new(network, circle);
    let angles: Vec<f64> = (0..=count).map(|k| 0.123 + TAU * k as f64 / count as f64).collect();
    let mut totals = vec![0.0; 2 * network.layers.len()];
    for start in (0..count).step_by(1024) {
        let batch = curves.sample(&angles[start..=(start + 1024).min(count)]).unwrap();
        for (total, rates) in totals.iter_mut().zip(&batch) {
            *total += rates.angle.iter().sum::<f64>();
        }
    }
    totals
}

/// Narrow networks with strong weights make near-cusps far narrower than any sampling. What is stated must hold.
#[test]
fn stated_errors_hold_on_narrow_chaotic_networks() {
    let (mut curves, mut resolved) = (0, 0);
    for (width, depth, sigma_w, radius) in
        [(3, 4, 4.0, 1.7), (3, 3, 20.0, 1.7), (6, 4, 4.0, 2.4), (8, 3, 20.0, 2.4)]
    {
        for seed in 0..6 {
            let net = network(100 + seed, &vec![width; depth + 1], Activation::Tanh, sigma_w, 0.3);
            let reference = slow(&net, &circle(width, radius), 200_000);
            for tolerance in [1e-3, 1e-8] {
                let found = measure_network(net.clone(), circle(width, radius), tolerance).curves;
                for (index, (measure, bound)) in found.iter().zip(&reference).enumerate() {
                    if !measure.moves {
                        continue;
                    }
                    let what = format!("{width} {sigma_w} {seed} {tolerance} {index}: {bound} {measure:?}");
                    let error = measure.curvature_error;
                    assert!(measure.curvature + error >= bound * (1.0 - 1e-10), "{what}");
                    assert!(measure.curvature - error <= bound * (1.0 + 1e-3), "{what}");
                    curves += 1;
                    resolved += i32::from(measure.resolved);
                }
            }
        }
    }
    println!("{resolved} of {curves}");
    assert!(resolved > curves * 9 / 10, "{resolved} of {curves}");
}
