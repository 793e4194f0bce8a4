//! Times the count of regions of one network: `count_regions FILE RUNS [survey]`, or writes a random network to a file:
//! `count_regions FILE --random SEED WIDTH WIDTH ...` (He initialisation, biases N(0, 0.1²)).
#![allow(clippy::print_stdout, clippy::print_stderr, clippy::unwrap_used, reason = "a program for people")]

use std::time::Instant;

use octavo_plugin::context::Progress;
use octavo_plugin::input::InputContent;
use octavo_plugin::interchange::Init;
use octavo_plugin::{Activation, CancelToken, DynAnalysis, Inputs, Network, RunContext, Seed, Value};
use octavo_regions::{Regions, count_regions};
use serde_json::json;

const SQUARE: [[f64; 2]; 2] = [[-1.0, -1.0], [1.0, 1.0]];

/// Tells how many regions are expected.
struct Notes;

impl Progress for Notes {
    fn report(&self, _done: u64, _total: u64) {}

    fn note(&self, message: &str) {
        eprintln!("{message}");
    }
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let file = &arguments[0];
    if arguments[1] == "--random" {
        let numbers: Vec<u64> = arguments[2..].iter().map(|text| text.parse().unwrap()).collect();
        let widths: Vec<usize> = numbers[1..].iter().map(|width| usize::try_from(*width).unwrap()).collect();
        let mut stream = Seed(numbers[0]).stream("network");
        let net = Network::random(&widths, Activation::Relu, Init::He, 0.1, &mut stream);
        std::fs::write(file, net.to_json()).unwrap();
        return;
    }
    let runs: usize = arguments[1].parse().unwrap();
    let survey = arguments.get(2).is_some();
    let mut inputs = Inputs::new();
    let bytes = std::fs::read(file).unwrap();
    let input = inputs.add("net.json", InputContent::File { extension: "json".into(), bytes });
    let cancel = CancelToken::new();
    let context = RunContext::new(Seed(0), &inputs, &cancel, &Notes);
    let net = Network::from_input(context.input(&input).unwrap()).unwrap();
    let params = Regions.prepare(&json!({"network": input, "drawing": false})).unwrap().params;
    let mut times = Vec::new();
    let mut regions = 0;
    for _ in 0..runs {
        let start = Instant::now();
        if survey {
            let found = Regions.run(&params, &context).unwrap();
            regions = match &found.scalars["activation_regions"].value {
                Value::Integer(count) => count.try_into().unwrap(),
                other => panic!("the count is {other}"),
            };
        } else {
            regions = *count_regions(&net, SQUARE, &context).unwrap().after.last().unwrap();
        }
        times.push(start.elapsed().as_secs_f64());
    }
    times.sort_by(f64::total_cmp);
    println!("{regions} {:.6}", times[runs / 2]);
}
