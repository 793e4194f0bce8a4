//! Slices, lines, other files, samples, boundaries, hyperplanes and training.
#![allow(clippy::unwrap_used, clippy::needless_pass_by_value, reason = "helpers of tests")]

mod common;

use common::{
    attribute, column, count, drawing, float, have_problems, network, of, regions, relu, with_file,
};
use num_bigint::BigInt;
use octavo_plugin::input::InputContent;
use octavo_plugin::interchange::Init;
use octavo_plugin::{Activation, Artifacts, DynAnalysis, Inputs, Network, Seed};
use octavo_plugin_test::run;
use octavo_regions::{Arrangement, Lines, Portraits, Regions};
use proptest::prelude::*;
use serde_json::{Value as Json, json};

const SQUARE: [[f64; 2]; 2] = [[-1.0, -1.0], [1.0, 1.0]];

fn he(widths: &[usize], seed: u64) -> Network {
    Network::random(widths, Activation::Relu, Init::He, 0.1, &mut Seed(seed).stream("net"))
}

/// Runs a network with more parameters.
fn with(net: &Network, more: Json) -> Artifacts {
    analysed(&Regions, net, more)
}

fn analysed(analysis: &dyn DynAnalysis, net: &Network, more: Json) -> Artifacts {
    let (mut params, inputs) = with_file(net, SQUARE);
    params.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    run(analysis, &params, &inputs).unwrap_or_else(|failure| panic!("{params}: {failure}"))
}

fn floats(artifacts: &Artifacts, table: &str, name: &str) -> Vec<f64> {
    let column = artifacts.tables[table].column(name).unwrap();
    (0..column.len()).map(|row| column.number(row).unwrap()).collect()
}

/// The network with an affine layer of whole numbers before it.
fn after_map(net: &Network, rows: &[[f64; 2]], origin: &[f64]) -> Network {
    let mut net = net.clone();
    let first = &mut net.layers[0];
    let (weights, mut bias) = (first.weights.clone(), first.bias.clone());
    let inputs = first.inputs;
    let dot = |output: usize, vector: &dyn Fn(usize) -> f64| -> f64 {
        (0..inputs).map(|input| weights[output * inputs + input] * vector(input)).sum()
    };
    first.weights = (0..first.outputs)
        .flat_map(|output| [0, 1].map(|axis| dot(output, &|input| rows[input][axis])))
        .collect();
    for (output, bias) in bias.iter_mut().enumerate() {
        *bias += dot(output, &|input| origin[input]);
    }
    first.bias = bias;
    first.inputs = 2;
    net
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 40, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn a_slice_is_the_network_after_an_affine_map(seed: u64, inputs in 2_usize..6) {
        let net = he(&[inputs, 7, 6, 2], seed);
        let mut stream = Seed(seed).stream("slice");
        let mut vector = || (0..inputs).map(|_| stream.between(-4.0, 4.0).round() / 2.0 + 0.25).collect::<Vec<f64>>();
        let (origin, one, mut other) = (vector(), vector(), vector());
        (other[0], other[1]) = (one[0] + 1.0, one[1]);
        let rows: Vec<[f64; 2]> = one.iter().zip(&other).map(|(x, y)| [*x, *y]).collect();
        let expected = network(&after_map(&net, &rows, &origin), SQUARE);
        let found = with(&net, json!({"slice": {"origin": origin, "directions": [one, other]}}));
        for name in ["activation_regions", "linear_regions", "affine_functions", "neurons"] {
            prop_assert_eq!(count(&found, name), count(&expected, name), "{}", name);
        }
        prop_assert_eq!(column(&found, "layers", "layer"), column(&expected, "layers", "layer"));
        prop_assert!((float(&found, "integral") - float(&expected, "integral")).abs() < 1e-9);
        let sum = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(x, y)| x + y).collect::<Vec<f64>>();
        let points = json!([origin, sum(&origin, &one), sum(&origin, &other)]);
        let through = with(&net, json!({"slice": {"points": points}}));
        prop_assert_eq!(count(&through, "activation_regions"), count(&expected, "activation_regions"));
    }

    #[test]
    fn on_a_line_regions_are_the_pieces_between_its_kinks(seed: u64, widths in prop::collection::vec(1_usize..9, 1..4)) {
        let net = he(&[vec![1], widths, vec![1]].concat(), seed);
        let found = with(&net, json!({"slice": {"directions": [[1]]}, "domain": [[-2, 5], [3, 7]]}));
        let graph = drawing(&found, "graph");
        prop_assert_eq!(graph.parts() as u64, count(&found, "activation_regions"));
        let mut end = [-2.0, output(&net, &[-2.0])];
        for part in 0..graph.parts() {
            let [p, q]: [[f64; 2]; 2] = graph.part(part).try_into().unwrap();
            prop_assert!((p[0] - end[0]).abs() < 1e-12 && (p[1] - end[1]).abs() < 1e-9, "{:?} {:?}", p, end);
            prop_assert!(q[0] > p[0]);
            let middle = f64::midpoint(p[0], q[0]);
            prop_assert!((output(&net, &[middle]) - f64::midpoint(p[1], q[1])).abs() < 1e-9);
            end = q;
        }
        prop_assert!((end[0] - 3.0).abs() < 1e-12);
        prop_assert!((float(&found, "area") - 5.0).abs() < 1e-11);
        // A random network with one input needs no slice.
        let widths: Vec<usize> = net.layers.iter().map(|layer| layer.inputs).chain([1]).collect();
        let random = regions(json!({"network": {"widths": widths}}));
        prop_assert!(drawing(&random, "graph").parts() > 0);
    }
}

/// The first output at a point.
fn output(net: &Network, point: &[f64]) -> f64 {
    outputs(net, point)[0]
}

fn outputs(net: &Network, point: &[f64]) -> Vec<f64> {
    net.layers.iter().fold(point.to_vec(), |values, layer| {
        (0..layer.outputs)
            .map(|i| {
                let sum: f64 = layer.row(i).iter().zip(&values).map(|(w, x)| w * x).sum();
                layer.activation.value(sum + layer.bias[i])
            })
            .collect()
    })
}

#[test]
fn the_tent_map_has_two_to_the_n_pieces_on_a_line() {
    let unit = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    for n in 1..9 {
        let mut layers = vec![(unit(&[&[1.0], &[1.0]]), vec![0.0, -0.5])];
        for _ in 1..n {
            layers.push((unit(&[&[2.0, -4.0], &[2.0, -4.0]]), vec![0.0, -0.5]));
        }
        layers.push((unit(&[&[2.0, -4.0]]), vec![0.0]));
        let params = json!({"slice": {"directions": [[1]]}, "domain": [[0, 0], [1, 1]]});
        let found = with(&relu(layers), params);
        assert_eq!(count(&found, "activation_regions"), 1 << n);
        assert_eq!(count(&found, "linear_regions"), 1 << n);
        assert_eq!(float(&found, "integral"), 0.5);
    }
}

#[test]
fn rows_of_data_span_a_slice() {
    let net = he(&[3, 8, 8, 1], 5);
    let points = [[0.5, 1.0, -1.0], [1.5, 0.25, 0.0], [0.0, -1.0, 2.0]];
    let (mut params, mut inputs) = with_file(&net, SQUARE);
    let text = "a,b,c,label\n9,9,9,0\n0.5,1,-1,1\n1.5,0.25,0,2\n0,-1,2,3\n";
    let bytes = text.as_bytes().to_vec();
    let data = inputs.add("data.csv", InputContent::File { extension: "csv".into(), bytes });
    params["slice"] = json!({"data": data, "rows": [2, 3, 4]});
    let found = run(&Regions, &params, &inputs).unwrap();
    let expected = with(&net, json!({"slice": {"points": points}}));
    assert_eq!(found, expected);
    params["slice"]["rows"] = json!([2, 3, 5]);
    assert!(run(&Regions, &params, &inputs).unwrap_err().message.contains("no row 5"));
}

#[test]
fn slices_that_do_not_fit_are_refused() {
    let net = he(&[3, 4, 1], 1);
    let (mut params, inputs) = with_file(&net, SQUARE);
    for (slice, message) in [
        (json!({"directions": [[1, 0], [0, 1]]}), "has 2 numbers, and the network takes 3 inputs"),
        (json!({"directions": [[1, 0, 2], [2, 0, 4]]}), "directions are dependent"),
        (json!({"points": [[1, 0, 2], [1, 0, 2], [0, 0, 0]]}), "directions are dependent"),
    ] {
        params["slice"] = slice;
        assert_eq!(Regions.prepare(&params).unwrap().problems, []);
        let failure = run(&Regions, &params, &inputs).unwrap_err();
        assert!(failure.message.contains(message), "{}", failure.message);
    }
    for slice in
        [json!({}), json!({"points": [[0, 0, 0]]}), json!({"rows": [1, 2]}), json!({"origin": [1, 2, 3]})]
    {
        params["slice"] = slice;
        assert_eq!(Regions.prepare(&params).unwrap().problems[0].path, "slice", "{params}");
    }
}

#[test]
fn a_file_of_tensors_is_the_same_network() {
    let net = he(&[2, 9, 5, 1], 4);
    let floats = |values: &[f64]| values.iter().flat_map(|x| x.to_le_bytes()).collect::<Vec<u8>>();
    let mut tensors = Vec::new();
    for (index, layer) in net.layers.iter().enumerate() {
        tensors.push((format!("{index}.weight"), vec![layer.outputs, layer.inputs], floats(&layer.weights)));
        tensors.push((format!("{index}.bias"), vec![layer.outputs], floats(&layer.bias)));
    }
    // The header: a JSON object with type, shape and place of each tensor, after its length in eight bytes.
    let mut header = serde_json::Map::new();
    let mut data = Vec::new();
    for (name, shape, bytes) in tensors {
        let start = data.len();
        data.extend(bytes);
        header.insert(name, json!({"dtype": "F64", "shape": shape, "data_offsets": [start, data.len()]}));
    }
    let mut header = serde_json::to_vec(&header).unwrap();
    header.resize(header.len().next_multiple_of(8), b' ');
    let bytes = [(header.len() as u64).to_le_bytes().to_vec(), header, data].concat();
    let mut inputs = Inputs::new();
    let file = inputs.add("net.safetensors", InputContent::File { extension: "safetensors".into(), bytes });
    let params = json!({"network": {"safetensors": file, "layers": ["0", "1", "2"]}});
    assert_eq!(run(&Regions, &params, &inputs).unwrap(), network(&net, SQUARE));
}

#[test]
fn samples_see_at_most_what_there_is() {
    let net = he(&[2, 24, 24, 1], 6);
    let found = with(&net, json!({"sampling": {"grid": [1, 10, 40, 160], "random": [1600, 25_600]}}));
    let regions = count(&found, "activation_regions");
    let seen: Vec<u64> = column(&found, "sampling", "seen").iter().map(|n| n.try_into().unwrap()).collect();
    assert_eq!(seen[0], 1);
    assert!(seen[..4].is_sorted() && seen[4] < seen[5], "{seen:?}");
    assert!(seen.iter().all(|seen| *seen <= regions));
    assert!(seen[3] * 2 > regions, "a fine grid sees more than half of few regions: {seen:?} of {regions}");
    let shares = floats(&found, "sampling", "share");
    assert_eq!(shares[3], seen[3] as f64 / regions as f64);
    // Whole regions of a fold network hold a grid that avoids its creases.
    let all = regions_of_folds();
    assert_eq!(column(&all, "sampling", "seen"), [BigInt::from(64)]);
}

fn regions_of_folds() -> Artifacts {
    regions(json!({"network": {"fold": 6}, "sampling": {"grid": [24]}}))
}

#[test]
fn the_boundary_is_where_the_output_takes_the_level() {
    // |x| + |y| = 1/2: a square with sides of length 1/sqrt(2).
    let rows = |rows: &[&[f64]]| rows.iter().map(|row| row.to_vec()).collect::<Vec<_>>();
    let net = relu(vec![
        (rows(&[&[1.0, 0.0], &[-1.0, 0.0], &[0.0, 1.0], &[0.0, -1.0]]), vec![0.0; 4]),
        (rows(&[&[1.0; 4]]), vec![0.0]),
    ]);
    let found = with(&net, json!({"boundary": 0.5}));
    assert_eq!(drawing(&found, "boundary").parts(), 4);
    assert!((float(&found, "boundary_length") - 8.0_f64.sqrt()).abs() < 1e-12);
    let classes = he(&[2, 12, 12, 4], 2);
    let found = with(&classes, json!({"boundary": 0.0}));
    let boundary = drawing(&found, "boundary");
    assert!(boundary.parts() > 0);
    for part in 0..boundary.parts() {
        let [p, q]: [[f64; 2]; 2] = boundary.part(part).try_into().unwrap();
        let mut values = outputs(&classes, &[f64::midpoint(p[0], q[0]), f64::midpoint(p[1], q[1])]);
        values.sort_by(|x, y| y.total_cmp(x));
        assert!((values[0] - values[1]).abs() < 1e-9, "{values:?}");
    }
}

#[test]
fn layers_are_drawn_one_after_the_other() {
    let net = he(&[2, 9, 8, 7, 1], 3);
    let found = with(&net, json!({"by_layer": true, "maps": true}));
    let layers = attribute(&found, "by_layer", "layer");
    for (layer, regions) in (1..).zip(column(&found, "layers", "activation_regions")) {
        let drawn = layers.iter().filter(|other| **other == f64::from(layer)).count();
        assert_eq!(BigInt::from(drawn), regions);
    }
    let [a, b, c] = ["slope_x", "slope_y", "constant"].map(|name| floats(&found, "maps", name));
    let partition = drawing(&found, "partition");
    for (region, ((a, b), c)) in a.iter().zip(&b).zip(&c).enumerate() {
        let corners = partition.part(region);
        let middle = [0, 1].map(|axis| corners.iter().map(|p| p[axis]).sum::<f64>() / corners.len() as f64);
        assert!((a * middle[0] + b * middle[1] + c - output(&net, &middle)).abs() < 1e-10);
    }
}

#[test]
fn hyperplanes_are_counted_up_to_a_thousand_dimensions() {
    let found = of(&Arrangement, json!({"hyperplanes": 11, "dimensions": [1, 2, 3, 5, 11, 40, 1000]}));
    assert_eq!(column(&found, "arrangements", "counted"), column(&found, "arrangements", "zaslavsky"));
    assert_eq!(*column(&found, "arrangements", "counted").last().unwrap(), BigInt::from(2048));
}

fn trained(more: Json) -> Artifacts {
    let mut trained = json!({"widths": [1, 16, 1], "target": "smooth", "samples": 128, "test_samples": 256, "epochs": 60, "batch": 16});
    trained.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
    regions(json!({"network": {"trained": trained}, "domain": [[0, 0], [1, 1]]}))
}

#[test]
fn training_lowers_the_error() {
    for more in [
        json!({}),
        json!({"optimizer": "gradient", "batch": 0, "rate": 0.2, "epochs": 600}),
        json!({"target": "sawtooth", "teeth": 1}),
        json!({"target": "takagi"}),
        json!({"target": "mandelbrot", "widths": [2, 12, 12, 1]}),
        json!({"target": "dragon", "widths": [2, 12, 12, 1], "samples": 400}),
    ] {
        let found = trained(more.clone());
        let [train, test] = ["train_loss", "test_loss"].map(|name| floats(&found, "training", name));
        assert_eq!(train.len(), 21, "{more}");
        assert!(train[20] < 0.5 * train[0] && test[20] < 0.7 * test[0], "{more}: {train:?} {test:?}");
        assert_eq!(
            *column(&found, "training", "regions").last().unwrap(),
            count(&found, "activation_regions").into()
        );
        assert_eq!(float(&found, "test_loss"), test[20]);
    }
}

#[test]
fn training_on_data_tells_classes_apart() {
    let mut text = "a,b,c,class\n".to_owned();
    let mut stream = Seed(1).stream("data");
    for _ in 0..160 {
        let point = stream.normals(3, 1.0);
        let class = u8::from(point[0] > 0.0) + u8::from(point[1] > 0.5);
        text += &format!("{},{},{},{class}\n", 16.0 * point[0], 16.0 * point[1], 16.0 * point[2]);
    }
    let mut inputs = Inputs::new();
    let content = InputContent::File { extension: "csv".into(), bytes: text.into_bytes() };
    let data = inputs.add("data.csv", content);
    let params = json!({
        "network": {"trained": {"widths": [3, 12, 3], "data": data, "classes": 3, "scale": 0.0625, "batch": 16, "epochs": 80}},
        "slice": {"data": data, "rows": [1, 2, 3]},
        "boundary": 0.0,
    });
    assert_eq!(Regions.prepare(&params).unwrap().problems, []);
    let found = run(&Regions, &params, &inputs).unwrap();
    assert!(float(&found, "misclassified") < 0.2, "{}", float(&found, "misclassified"));
    assert!(float(&found, "train_loss") < 0.25);
    let mut wrong = params;
    wrong["network"]["trained"]["classes"] = json!(2);
    wrong["network"]["trained"]["widths"] = json!([3, 12, 2]);
    assert!(run(&Regions, &wrong, &inputs).unwrap_err().message.contains("has the class 2"));
}

#[test]
fn what_cannot_be_trained_or_drawn_is_said() {
    let cases = [
        (json!({"network": {"trained": {"widths": [1, 4, 1]}}}), "network.trained.target"),
        (
            json!({"network": {"trained": {"widths": [1, 4, 2], "target": "smooth"}}}),
            "network.trained.widths",
        ),
        (
            json!({"network": {"trained": {"widths": [1, 4, 1], "target": "dragon"}}}),
            "network.trained.widths",
        ),
        (
            json!({"network": {"trained": {"widths": [2, 4, 1], "target": "smooth", "classes": 1}}}),
            "network.trained.classes",
        ),
        (json!({"network": {"widths": [5, 4, 1]}}), "network.widths"),
        (json!({"network": {"widths": [1, 4, 1]}, "boundary": 0.5}), "boundary"),
        (json!({"network": {"widths": [2, 4, 1]}, "by_layer": true, "drawing": false}), "by_layer"),
        (json!({"network": {"widths": [2, 4, 1]}, "maps": true, "drawing": false}), "maps"),
        (json!({"network": {"widths": [2, 4, 1]}, "domain": [[0, 0], [1, 0]]}), "domain"),
    ];
    have_problems(&Regions, &cases);
    let net = json!({"widths": [2, 4, 1]});
    let portraits = [
        (json!({"network": net, "points": 1025}), "points"),
        (json!({"network": net, "domain": [[0, 0], [1, 0]]}), "domain"),
        (json!({"network": {"widths": [5, 4, 1]}}), "network.widths"),
    ];
    have_problems(&Portraits, &portraits);
    let line = json!({"network": {"widths": [1, 4, 1]}, "points": 1025});
    assert_eq!(Portraits.prepare(&line).unwrap().problems, []);
}

#[test]
fn points_on_a_crease_see_no_region_of_their_own() {
    // An odd grid has a column of points on the crease x = 0, where neither neuron of the fold is on.
    let found = regions(json!({"network": {"fold": 1}, "sampling": {"grid": [5, 129]}}));
    assert_eq!(column(&found, "sampling", "seen"), [BigInt::from(2), BigInt::from(2)]);
    assert_eq!(floats(&found, "sampling", "share"), [1.0, 1.0]);
}

#[test]
fn a_bottleneck_silences_the_lower_bound() {
    let mut net = he(&[2, 1, 4, 1], 3);
    net.layers[0].activation = Activation::Identity;
    assert_eq!(count(&network(&net, SQUARE), "montufar_lower"), 1);
    // One line through the image of a map onto a line: at most five regions.
    assert!(count(&network(&net, SQUARE), "activation_regions") <= 5);
    let wide = he(&[2, 4, 4, 1], 3);
    assert_eq!(count(&network(&wide, SQUARE), "montufar_lower"), 4 * 11);
}

#[test]
fn a_network_with_many_inputs_is_told_of_slices() {
    let (params, inputs) = with_file(&he(&[5, 4, 1], 1), SQUARE);
    let failure = run(&Regions, &params, &inputs).unwrap_err();
    assert!(failure.message.contains("takes 5 inputs"), "{failure}");
    assert!(failure.help.iter().any(|help| help.contains("`slice`")), "{failure}");
}

#[test]
fn slopes_beyond_the_range_of_floats_are_infinite() {
    let mut net = he(&[2, 3, 1], 1);
    net.layers[0].weights.fill(1e308);
    net.layers[1].weights.fill(2.0);
    let found = network(&net, SQUARE);
    let slopes = &drawing(&found, "partition").attributes.column("slope").unwrap();
    assert!((0..slopes.len()).any(|row| slopes.value(row).as_f64() == Some(f64::INFINITY)));
}

#[test]
fn numbers_of_cells_stand_on_the_newest_line() {
    let found = of(&Lines, json!({"count": 6, "plane": true}));
    let [steps, numbers] = ["step", "number"].map(|name| {
        column(&found, "labels", name).iter().map(|n| n.try_into().unwrap()).collect::<Vec<u64>>()
    });
    let (xs, ys) = (floats(&found, "labels", "x"), floats(&found, "labels", "y"));
    let lines = drawing(&found, "panel_lines");
    let (of, line) = (attribute(&found, "panel_lines", "step"), attribute(&found, "panel_lines", "line"));
    for (row, step) in steps.iter().enumerate() {
        let newest =
            (0..lines.parts()).find(|&part| of[part] == *step as f64 && line[part] == of[part]).unwrap();
        let [p, q]: [[f64; 2]; 2] = lines.part(newest).try_into().unwrap();
        let off = (q[0] - p[0]) * (ys[row] - p[1]) - (q[1] - p[1]) * (xs[row] - p[0]);
        assert!(off.abs() < 1e-9, "number {} of step {step}: {off}", numbers[row]);
    }
    assert_eq!(steps.len(), (1..=6).sum::<usize>());
}

#[test]
fn a_portrait_holds_the_outputs() {
    let mut net = he(&[2, 9, 7, 2], 4);
    net.layers.iter_mut().take(2).for_each(|layer| layer.activation = Activation::Tanh);
    let found = analysed(&Portraits, &net, json!({"slice": {"directions": [[1, 2]]}, "points": 50}));
    let (xs, values) = (floats(&found, "graph", "x"), floats(&found, "graph", "value"));
    assert_eq!((xs.len(), xs[0]), (50, -0.98));
    for (x, value) in xs.iter().zip(&values) {
        assert!((output(&net, &[*x, 2.0 * x]) - value).abs() < 1e-12);
    }
    let random = |activation: &str| {
        let params = json!({"network": {"widths": [2, 9, 1]}, "points": 20, "activation": activation});
        float(&of(&Portraits, params), "variation")
    };
    assert_ne!(random("relu"), random("tanh"));
}
