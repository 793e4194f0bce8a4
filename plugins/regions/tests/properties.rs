//! Invariants on random and degenerate networks, lines and folds.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "helpers of tests")]

mod brute;
mod common;

use common::{attribute, column, count, drawing, float, have_problems, network, of, relu, try_network};
use std::sync::Mutex;

use num_bigint::BigInt;
use octavo_plugin::context::{Progress, Silent};
use octavo_plugin::interchange::Init;
use octavo_plugin::{
    Activation, Artifacts, CancelToken, DynAnalysis, Failure, FailureKind, Inputs, Network, RunContext, Seed,
    Value, Wanted, math,
};
use octavo_regions::{Folds, Lines, Regions, count_regions, doubling, zaslavsky};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const SQUARE: [[f64; 2]; 2] = [[-1.0, -1.0], [1.0, 1.0]];

fn seeded(analysis: &dyn DynAnalysis, params: Json, seed: u64) -> Artifacts {
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let context = RunContext::new(Seed(seed), &inputs, &cancel, &Silent);
    analysis.run(&params, &context).unwrap_or_else(|failure| panic!("{params}: {failure}"))
}

fn he(widths: &[usize], seed: u64) -> Network {
    Network::random(widths, Activation::Relu, Init::He, 0.1, &mut Seed(seed).stream("net"))
}

/// How a neuron is made degenerate: (layer, what, onto which, from which).
type Edit = (usize, u8, usize, usize);

/// Copies, negates, doubles or zeroes neurons: their rows of weights and biases.
fn degrade(network: &mut Network, edits: &[Edit]) {
    let hidden = network.layers.len() - 1;
    for &(layer, what, to, from) in edits {
        let layer = &mut network.layers[layer % hidden];
        let (to, from) = (to % layer.outputs, from % layer.outputs);
        let factor = [1.0, -1.0, 2.0, 0.0][usize::from(what % 4)];
        for input in 0..layer.inputs {
            layer.weights[to * layer.inputs + input] = factor * layer.weights[from * layer.inputs + input];
        }
        layer.bias[to] = factor * layer.bias[from];
    }
}

/// Networks of small whole weights and half-whole biases.
fn small() -> impl Strategy<Value = Network> {
    let widths = prop::collection::vec(1_usize..5, 1..4);
    let network = widths.prop_flat_map(|hidden| {
        let widths: Vec<usize> = [vec![2], hidden, vec![1]].concat();
        let layers: Vec<_> = widths
            .windows(2)
            .map(|pair| {
                let row = prop::collection::vec((-2_i8..=2).prop_map(f64::from), pair[0]);
                let bias = prop::collection::vec((-2_i8..=2).prop_map(|b| f64::from(b) / 2.0), pair[1]);
                (prop::collection::vec(row, pair[1]), bias)
            })
            .collect();
        layers.prop_map(relu)
    });
    let edits = prop::collection::vec((0_usize..3, 0_u8..4, 0_usize..4, 0_usize..4), 0..4);
    (network, edits).prop_map(|(mut network, edits)| {
        degrade(&mut network, &edits);
        network
    })
}

fn after(artifacts: &Artifacts) -> Vec<usize> {
    column(artifacts, "layers", "activation_regions").iter().map(|n| n.try_into().unwrap()).collect()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 1500, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn degenerate_networks_agree_with_a_slow_exact_count(net in small()) {
        let (found, expected) = (network(&net, SQUARE), brute::count(&net));
        prop_assert_eq!(after(&found), expected.after);
        prop_assert_eq!(count(&found, "affine_functions"), expected.affine_functions as u64);
        prop_assert_eq!(count(&found, "linear_regions"), expected.linear_regions as u64);
        prop_assert!((float(&found, "area") - 4.0).abs() < 1e-12);
    }
}

/// The counts of a run without drawings, and of counting alone on some number of threads.
fn counted(net: &Network, threads: usize) -> (Artifacts, Vec<u64>) {
    let (mut params, inputs) = common::with_file(net, SQUARE);
    params["drawing"] = json!(false);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(threads).build().unwrap();
    let (none, cancel) = (Inputs::new(), CancelToken::new());
    let context = RunContext::new(Seed(0), &none, &cancel, &Silent);
    pool.install(|| {
        let found = octavo_plugin_test::run(&Regions, &params, &inputs).unwrap();
        (found, count_regions(net, SQUARE, &context).unwrap().after)
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 300, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn counting_alone_and_streaming_agree_with_what_is_drawn(seed: u64, edits in prop::collection::vec((0_usize..3, 0_u8..4, 0_usize..9, 0_usize..9), 0..6), threads in 1_usize..4) {
        let mut net = he(&[2, 9, 8, 4, 1], seed);
        degrade(&mut net, &edits);
        let drawn = network(&net, SQUARE);
        let (streamed, alone) = counted(&net, threads);
        prop_assert_eq!(&drawn.tables["layers"], &streamed.tables["layers"]);
        prop_assert_eq!(&drawn.scalars, &streamed.scalars);
        prop_assert_eq!(after(&drawn), alone.iter().map(|n| usize::try_from(*n).unwrap()).collect::<Vec<_>>());
    }
}

/// Keeps what a run tells.
#[derive(Default)]
struct Told(Mutex<Vec<String>>);

impl Progress for Told {
    fn report(&self, _done: u64, _total: u64) {}

    fn warn(&self, message: &str) {
        self.0.lock().unwrap().push(message.to_owned());
    }
}

/// The regions of a square folded so many times, of which some outputs are asked for, and what the run told.
fn folded(times: u32, asked: &Wanted) -> (Result<Artifacts, Failure>, Vec<String>) {
    let (inputs, cancel, told) = (Inputs::new(), CancelToken::new(), Told::default());
    let context = RunContext::new(Seed(0), &inputs, &cancel, &told).asking(asked);
    let found = DynAnalysis::run(&Regions, &json!({"network": {"fold": times}, "boundary": 0.25}), &context);
    (found, told.0.into_inner().unwrap())
}

#[test]
fn a_drawing_that_is_too_large_is_left_out_and_the_count_stays() {
    let (found, told) = folded(18, &Wanted::ALL);
    let found = found.unwrap();
    assert_eq!(count(&found, "activation_regions"), 1 << 18);
    assert!((float(&found, "area") - 4.0).abs() < 1e-12);
    let left_out = ["partition", "creases", "boundary"].map(|name| drawing(&found, name).parts());
    assert_eq!(left_out, [0; 3]);
    let why = "262144 regions are more than the 200000 that are drawn at most";
    assert_eq!(told, [format!("the drawing is left out: {why}")]);
    assert_eq!(found.scalars["boundary_length"].value, Value::Missing(why.to_owned()));
}

#[test]
fn what_is_asked_for_alone_is_what_it_is_among_all() {
    let (all, _) = folded(10, &Wanted::ALL);
    for name in ["activation_regions", "layers", "area", "exact_decisions", "partition", "boundary_length"] {
        let asked = Wanted::only([name.to_owned()]);
        let (mut one, told) = folded(10, &asked);
        let (one, all) = (one.as_mut().unwrap(), all.as_ref().unwrap());
        assert!(told.is_empty());
        assert_eq!(one.scalars.get(name), all.scalars.get(name), "{name}");
        assert_eq!(one.tables.get(name), all.tables.get(name), "{name}");
        assert_eq!(one.drawings.get(name), all.drawings.get(name), "{name}");
    }
}

#[test]
fn far_too_many_regions_are_refused_before_they_are_walked_through() {
    // Both parts of a fold are alike, so that every way down tells the number.
    let (found, _) = folded(60, &Wanted::ALL);
    let failure = found.unwrap_err();
    assert_eq!(failure.kind, FailureKind::Resource);
    assert!(failure.message.starts_with("about 1.2e18 activation regions, as "), "{}", failure.message);
    assert!(failure.message.ends_with("more than the 20000000 that a run may take"), "{}", failure.message);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 150, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn areas_sum_to_the_domain(seed: u64, widths in prop::collection::vec(1_usize..14, 1..5), side in 0.01_f64..50.0) {
        let net = he(&[vec![2], widths, vec![1]].concat(), seed);
        let found = network(&net, [[-side, 0.5], [0.25, 0.5 + side]]);
        let area = (side + 0.25) * side;
        prop_assert!((float(&found, "area") - area).abs() < 1e-12 * area);
    }

    #[test]
    fn each_layer_refines_and_earlier_counts_stay(seed: u64, widths in prop::collection::vec(2_usize..10, 2..5)) {
        let net = he(&[vec![2], widths, vec![1]].concat(), seed);
        let full = after(&network(&net, SQUARE));
        prop_assert!(full.is_sorted());
        for layers in 1..net.layers.len() - 1 {
            let first = Network { layers: net.layers[..layers].to_vec() };
            prop_assert_eq!(after(&network(&first, SQUARE)), full[..layers].to_vec());
        }
    }

    #[test]
    fn the_order_of_neurons_does_not_matter(seed: u64, edits in prop::collection::vec((0_usize..3, 0_u8..4, 0_usize..8, 0_usize..8), 0..4)) {
        let mut net = he(&[2, 8, 7, 6, 1], seed);
        degrade(&mut net, &edits);
        let mut other = net.clone();
        for layer in 0..3 {
            let mut order: Vec<usize> = (0..net.layers[layer].outputs).collect();
            Seed(seed).stream("order").shuffle(&mut order);
            permute(&mut other, layer, &order);
        }
        let (found, permuted) = (network(&net, SQUARE), network(&other, SQUARE));
        prop_assert_eq!(after(&found), after(&permuted));
        for name in ["activation_regions", "linear_regions", "affine_functions"] {
            prop_assert_eq!(count(&found, name), count(&permuted, name), "{}", name);
        }
        prop_assert!((float(&found, "integral") - float(&permuted, "integral")).abs() < 1e-11);
    }

    #[test]
    fn copies_and_opposites_cut_nothing_new(seed: u64, pairs in prop::collection::vec((any::<bool>(), 0_usize..6), 1..4)) {
        let net = he(&[2, 6, 5, 1], seed);
        let mut more = net.clone();
        for (opposite, from) in pairs {
            let sign = if opposite { -1.0 } else { 1.0 };
            let layer = &mut more.layers[0];
            let row: Vec<f64> = layer.row(from).iter().map(|w| sign * w).collect();
            layer.weights.extend(row);
            layer.bias.push(sign * layer.bias[from]);
            layer.outputs += 1;
            let next = &mut more.layers[1];
            next.weights = next.weights.chunks(next.inputs).flat_map(|row| [row, &[0.0]].concat()).collect();
            next.inputs += 1;
        }
        prop_assert_eq!(after(&network(&net, SQUARE)), after(&network(&more, SQUARE)));
    }

    #[test]
    fn lines_in_the_whole_plane_reach_the_formula(seed: u64, n in 1_usize..40) {
        let found = seeded(&Lines, json!({"count": n, "plane": true}), seed);
        prop_assert_eq!(BigInt::from(count(&found, "activation_regions")), zaslavsky(n, 2));
        prop_assert_eq!(column(&found, "steps", "regions"), column(&found, "steps", "parallel"));
        let crossed: Vec<BigInt> = (1..=n).map(BigInt::from).collect();
        prop_assert_eq!(column(&found, "steps", "crossed"), crossed);
    }

    #[test]
    fn lines_in_the_domain_count_their_crossings(seed: u64, n in 1_usize..40) {
        let found = seeded(&Lines, json!({"count": n}), seed);
        let creases = drawing(&found, "creases");
        let cross = |[p, q]: [[f64; 2]; 2], r: [f64; 2]| (q[0] - p[0]) * (r[1] - p[1]) - (q[1] - p[1]) * (r[0] - p[0]);
        let ends = |index: usize| -> [[f64; 2]; 2] { creases.part(index).try_into().unwrap() };
        let meet = |i: usize, j: usize| {
            let (one, other) = (ends(i), ends(j));
            cross(one, other[0]) * cross(one, other[1]) < 0.0 && cross(other, one[0]) * cross(other, one[1]) < 0.0
        };
        let crossings = (0..n).flat_map(|i| (0..i).map(move |j| (i, j))).filter(|&(i, j)| meet(i, j)).count();
        prop_assert_eq!(count(&found, "activation_regions"), (1 + n + crossings) as u64);
    }

    #[test]
    fn folds_are_isometries_and_at_most_double(seed: u64, n in 1_usize..7) {
        let found = seeded(&Folds, json!({"count": n}), seed);
        for (regions, bound) in column(&found, "steps", "regions").iter().zip(column(&found, "steps", "doubling")) {
            prop_assert!(*regions <= bound);
        }
        let (flat, folded) = (drawing(&found, "partition"), drawing(&found, "folded"));
        for facet in 0..flat.parts() {
            let lengths = |part: &[[f64; 2]]| -> Vec<f64> {
                part.windows(2).map(|p| math::hypot(p[0][0] - p[1][0], p[0][1] - p[1][1])).collect()
            };
            for (one, other) in lengths(flat.part(facet)).iter().zip(lengths(folded.part(facet))) {
                prop_assert!((one - other).abs() < 1e-12);
            }
        }
        let paper = attribute(&found, "folded", "layers");
        prop_assert!(paper.iter().all(|layers| *layers >= 1.0 && *layers <= flat.parts() as f64));
    }
}

/// Moves neuron `order[i]` of a layer to place i, and the weights of the next layer with it.
fn permute(network: &mut Network, index: usize, order: &[usize]) {
    let old = network.layers[index].clone();
    let layer = &mut network.layers[index];
    layer.weights = order.iter().flat_map(|&from| old.row(from).to_vec()).collect();
    layer.bias = order.iter().map(|&from| old.bias[from]).collect();
    let next = &mut network.layers[index + 1];
    let rows: Vec<Vec<f64>> = (0..next.outputs).map(|output| next.row(output).to_vec()).collect();
    next.weights = rows.iter().flat_map(|row| order.iter().map(|&from| row[from])).collect();
}

#[test]
fn halving_folds_double_exactly() {
    let found = of(&Folds, json!({"count": 9, "crease": "halving"}));
    let expected: Vec<BigInt> = (1..=9).map(doubling).collect();
    assert_eq!(column(&found, "steps", "regions"), expected);
    let paper = attribute(&found, "folded", "layers");
    assert!(paper.iter().all(|layers| *layers == 512.0), "every facet lies in one pile");
}

#[test]
fn the_first_fold_through_the_centroid_halves_the_area() {
    let found = of(&Folds, json!({"count": 1}));
    let areas = attribute(&found, "partition", "area");
    assert!(areas.len() == 2 && (areas[0] - areas[1]).abs() < 1e-12, "{areas:?}");
}

#[test]
fn panels_number_the_crossed_regions() {
    let found = of(&Lines, json!({"count": 5, "plane": true}));
    let steps = attribute(&found, "panels", "step");
    let crossed = attribute(&found, "panels", "crossed");
    for step in 1..=5_u32 {
        let step_is = |value: &f64| *value == f64::from(step);
        let regions = steps.iter().filter(|s| step_is(s)).count();
        assert_eq!(BigInt::from(regions), zaslavsky(step as usize, 2));
        let whole = steps.iter().zip(&crossed).filter(|(s, c)| step_is(s) && **c == 0.0).count();
        // Of the regions of the lines before, the newest crosses `step`.
        assert_eq!(BigInt::from(whole), zaslavsky(step as usize - 1, 2) - step);
    }
    assert_eq!(found.tables["labels"].rows(), 1 + 2 + 3 + 4 + 5);
}

#[test]
fn an_identity_layer_and_a_last_relu_are_taken_as_they_are() {
    let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    let mut net = relu(vec![
        (rows(&[&[1.0, 1.0], &[1.0, -1.0]]), vec![0.0, 0.0]),
        (rows(&[&[1.0, 0.0], &[0.0, 1.0]]), vec![0.0, 0.0]),
    ]);
    let plain = network(&net, SQUARE);
    assert_eq!((count(&plain, "activation_regions"), count(&plain, "linear_regions")), (4, 4));
    net.layers.swap(0, 1);
    let turned = network(&net, SQUARE);
    assert_eq!(after(&turned), [4]);
    assert_eq!(column(&turned, "layers", "layer"), [BigInt::from(2)]);
}

#[test]
fn cells_with_one_map_are_joined_only_along_sides() {
    let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    let net = relu(vec![
        (rows(&[&[1.0, 0.0], &[0.0, 1.0], &[-1.0, 0.0], &[0.0, -1.0]]), vec![0.0; 4]),
        (rows(&[&[1.0, -1.0, 1.0, -1.0], &[-1.0, 1.0, -1.0, 1.0]]), vec![0.0; 2]),
        (rows(&[&[1.0, 0.0]]), vec![0.0]),
    ]);
    // The output is max(|x| - |y|, 0): zero on two sectors that meet at the origin alone, each of two cells.
    let found = network(&net, SQUARE);
    assert_eq!(count(&found, "activation_regions"), 8);
    assert_eq!(count(&found, "affine_functions"), 5);
    assert_eq!(count(&found, "linear_regions"), 6);
}

/// One hidden layer with these neurons (a, b, c) and output weights.
fn shallow(neurons: &[[f64; 3]], outputs: &[f64]) -> Network {
    let rows = neurons.iter().map(|[a, b, _]| vec![*a, *b]).collect();
    let bias = neurons.iter().map(|neuron| neuron[2]).collect();
    relu(vec![(rows, bias), (vec![outputs.to_vec()], vec![0.0])])
}

#[test]
fn slivers_beyond_the_resolution_of_floats_count() {
    for exponent in [40, 60, 200, 900] {
        let tiny = math::powi(2.0, -exponent);
        for (c, expected) in [(tiny, 7), (-tiny, 7), (0.0, 6)] {
            let net = shallow(&[[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [1.0, 1.0, c]], &[1.0; 3]);
            let found = network(&net, SQUARE);
            assert_eq!(count(&found, "activation_regions"), expected, "2^-{exponent}");
            assert_eq!(count(&found, "linear_regions"), expected, "2^-{exponent}");
        }
        let strips = network(&shallow(&[[1.0, 0.5, 0.0], [1.0, 0.5, tiny]], &[1.0; 2]), SQUARE);
        assert_eq!(count(&strips, "activation_regions"), 3, "2^-{exponent}");
        let areas = attribute(&strips, "partition", "area");
        assert!((areas[1] / tiny - 2.0).abs() < 1e-9, "a strip of width 2^-{exponent} has area {}", areas[1]);
    }
}

#[test]
fn a_later_layer_sees_the_sides_of_a_sliver() {
    let tiny = math::powi(2.0, -70);
    let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    // The second layer is zero where x = 0, known already, and where ReLU(x) - ReLU(x - c tiny) is half of c tiny.
    for (c, expected) in [(0.5, 4), (1.0, 3), (1.5, 4), (0.0, 3)] {
        let net = relu(vec![
            (rows(&[&[1.0, 0.0], &[1.0, 0.0], &[1.0, 0.0], &[1.0, 0.0]]), vec![0.0, -tiny, 2.0, -c * tiny]),
            (rows(&[&[0.0, 0.0, 1.0, 0.0], &[1.0, 0.0, 0.0, -1.0]]), vec![-2.0, -c * tiny / 2.0]),
            (rows(&[&[1.0, 1.0]]), vec![0.0]),
        ]);
        let found = network(&net, SQUARE);
        assert_eq!(after(&found)[0], expected, "{c}");
        assert_eq!(after(&found), brute_strips(c, tiny), "{c}");
    }
}

/// The regions of the network above, from the places on the x axis where it changes.
fn brute_strips(c: f64, tiny: f64) -> Vec<usize> {
    let mut first = vec![0.0, tiny, c * tiny];
    first.sort_by(f64::total_cmp);
    first.dedup();
    let mut second = first.clone();
    second.push(c * tiny / 2.0);
    second.sort_by(f64::total_cmp);
    second.dedup();
    vec![first.len() + 1, second.len() + 1]
}

#[test]
fn maps_closer_than_floats_can_tell_are_told_apart() {
    for exponent in [30, 70, 300] {
        let tiny = math::powi(2.0, -exponent);
        for (weight, expected) in [(tiny, 2), (0.0, 1)] {
            let net = shallow(&[[1.0, 0.3, 4.0], [0.1, 1.0, 0.2]], &[0.7, weight]);
            let found = network(&net, SQUARE);
            assert_eq!(count(&found, "activation_regions"), 2);
            assert_eq!(count(&found, "affine_functions"), expected, "2^-{exponent}");
            assert_eq!(count(&found, "linear_regions"), expected, "2^-{exponent}");
        }
    }
}

#[test]
fn what_cannot_be_counted_is_said() {
    let three = he(&[3, 4, 1], 1);
    assert!(try_network(&three, SQUARE).unwrap_err().message.contains("takes 3 inputs"));
    let mut curved = he(&[2, 4, 1], 1);
    curved.layers[0].activation = Activation::Tanh;
    assert!(try_network(&curved, SQUARE).unwrap_err().message.contains("layer 1 is not piecewise linear"));
    curved.layers[0].activation = Activation::Hardtanh;
    assert!(try_network(&curved, SQUARE).unwrap_err().message.contains("layer 1 bends at two places"));
    let domain = json!({"count": 2, "domain": [[0, 0], [0, 1]]});
    have_problems(&Lines, &[(domain.clone(), "domain")]);
    have_problems(&Folds, &[(domain, "domain"), (json!({"maps": true, "drawing": false}), "maps")]);
    let cases = [
        (json!({"network": {"fold": 2}, "domain": [[0, 0], [3, 1]]}), "domain"),
        (json!({"network": {"widths": [3, 2, 1]}}), "network.widths"),
        (json!({"network": {"widths": [2, 4096, 4096, 1]}}), "network.widths"),
    ];
    have_problems(&Regions, &cases);
}
