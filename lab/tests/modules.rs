//! The modules of `lab/modules`, run by Node on the example of each analysis's documentation, give what this machine gives.
//!
//! `lab/conform.sh` does the same with all cases of the conformance suites. A module that is older than its sources is left out: the
//! program does not use it either.
#![allow(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test starts Node, reads modules and writes cases; a panic of its helpers is a failed test"
)]

use std::path::Path;
use std::process::Command;
use std::{env, fs};

use octavo_lab::{Answer, Ask, NAMES};
use octavo_plugin::context::Silent;
use octavo_plugin::{DynAnalysis, NUMERICS_REVISION};
use serde_json::{Value as Json, json};

#[path = "../sources.rs"]
mod sources;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap()
}

fn analyses() -> Vec<Box<dyn DynAnalysis>> {
    vec![
        Box::new(octavo_curvature::Curvature),
        Box::new(octavo_dimension::Dimension),
        Box::new(octavo_divergence::Divergence),
        Box::new(octavo_dragon::Dragon),
        Box::new(octavo_escape::Escape),
        Box::new(octavo_gan::Gan),
        Box::new(octavo_regions::Arrangement),
        Box::new(octavo_regions::Folds),
        Box::new(octavo_regions::Lines),
        Box::new(octavo_regions::Portraits),
        Box::new(octavo_regions::Regions),
        Box::new(octavo_regions::Zaslavsky),
        Box::new(octavo_sinkhorn::Sinkhorn),
    ]
}

fn example(analysis: &dyn DynAnalysis) -> Ask {
    let identity = analysis.identity();
    let example: Json = toml::from_str(&analysis.about().example).unwrap();
    Ask {
        analysis: identity.name.to_string(),
        revision: identity.revision,
        numerics: NUMERICS_REVISION,
        params: analysis.prepare(&example).unwrap().params,
        // Larger than what a browser's numbers hold exactly.
        seed: u64::MAX - 2016,
        outputs: None,
    }
}

/// Whether Node is here. It says loudly if not.
fn has_node() -> bool {
    let there = Command::new("node").arg("--version").output().is_ok_and(|done| done.status.success());
    if !there {
        eprintln!("SKIPPED: there is no node here, so no module was run");
    }
    there
}

#[test]
fn every_analysis_of_the_program_is_here() {
    let mut names: Vec<String> =
        analyses().iter().map(|analysis| analysis.identity().name.to_string()).collect();
    names.sort();
    assert_eq!(names, NAMES);
    let listed = fs::read_to_string(root().join("lab/modules/sources.txt")).unwrap();
    let listed: Vec<&str> = listed.lines().filter_map(|line| Some(line.split_once(' ')?.0)).collect();
    // What draws is no analysis.
    let analyses: Vec<&str> = listed.iter().copied().filter(|name| *name != "figure").collect();
    assert_eq!((analyses.as_slice(), listed.len()), (NAMES, NAMES.len() + 1));
}

#[test]
fn modules_give_the_same_digests_under_node() {
    if !has_node() {
        return;
    }
    let listed = fs::read_to_string(root().join("lab/modules/sources.txt")).unwrap();
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR"));
    for analysis in analyses() {
        let ask = example(analysis.as_ref());
        let name = &ask.analysis;
        let digest = sources::digest(root(), name).unwrap();
        if !listed.contains(&format!("{name} {digest}\n")) {
            eprintln!("SKIPPED: the module of `{name}` is older than its sources; `just lab` makes it anew");
            continue;
        }
        let ask = serde_json::to_string(&ask).unwrap();
        let Answer::Done { digest, .. } = serde_json::from_str(&octavo_lab::answer(&ask, &Silent)).unwrap()
        else {
            panic!("{name} fails on its example");
        };
        let cases = folder.join(format!("{name}.jsonl"));
        fs::write(&cases, json!({ "name": "example", "ask": ask, "digest": digest }).to_string()).unwrap();
        let module = root().join(format!("lab/modules/{name}.wasm.gz"));
        let done =
            Command::new("node").arg(root().join("lab/node.mjs")).args([&module, &cases]).output().unwrap();
        assert!(done.status.success(), "{name}: {}", String::from_utf8_lossy(&done.stdout));
    }
}
