//! Same inputs, same bytes; and nothing to do twice.

use std::fs;

use crate::harness::{Place, Tree, assert_whole, differences};

/// Builds the small project from nothing.
fn built(arguments: &[&str], variables: &[(&str, &str)]) -> Tree {
    let place = Place::small();
    let mut run = place.octavo(&[&["build", "--log-format", "json"], arguments].concat());
    for (name, value) in variables {
        run = run.env(name, value);
    }
    let done = run.run().exits(0).prints_nothing();
    assert_eq!(done.published().remembered, 0, "the store was empty");
    let site = place.tree("site");
    assert_whole(&site);
    site
}

#[track_caller]
fn assert_same(one: &Tree, other: &Tree) {
    let found = differences(one, other);
    assert!(found.is_empty(), "the sites differ:\n{found}");
}

#[test]
fn the_small_project_has_every_analysis() {
    let place = Place::small();
    let tree = place.tree("experiments");
    let definitions: Vec<String> = tree
        .iter()
        .filter(|(path, _)| path.ends_with(".toml"))
        .map(|(_, bytes)| String::from_utf8(bytes.clone()).unwrap())
        .collect();
    for name in octavo::registry::Registry::built_in().names() {
        let line = format!("\nanalysis = \"{name}\"\n");
        assert!(definitions.iter().any(|text| text.contains(&line)), "`{name}` is not in the small project");
    }
}

#[test]
fn a_second_build_runs_nothing_and_publishes_nothing() {
    let place = Place::small();
    let first = place.build();
    assert!(first.ran > 10 && first.remembered == 0, "{first:?}");
    let site = place.tree("site");
    let written = fs::metadata(place.path("site/index.html")).unwrap().modified().unwrap();
    let second = place.build();
    assert_eq!((second.ran, second.remembered, second.touched), (0, first.ran, 0));
    assert_eq!(second.unchanged, first.touched);
    assert_same(&site, &place.tree("site"));
    assert_eq!(fs::metadata(place.path("site/index.html")).unwrap().modified().unwrap(), written);
}

#[test]
fn folders_threads_and_processors_leave_no_trace() {
    let one = built(&["-j", "1"], &[]);
    assert!(one.len() > 40, "{:?}", one.keys());
    let elsewhere = [("OCTAVO_SIMD", "scalar"), ("TZ", "Asia/Tokyo"), ("LANG", "fr_FR.UTF-8"), ("HOME", "/")];
    assert_same(&one, &built(&["-j", "8"], &elsewhere));
    for lanes in ["v3", "v4"] {
        assert_same(&one, &built(&[], &[("OCTAVO_SIMD", lanes)]));
    }
    let older = [("GLIBC_TUNABLES", "glibc.cpu.hwcaps=-FMA,-AVX2,-AVX")];
    assert_same(&one, &built(&[], &older));
}

#[test]
fn a_store_of_another_history_gives_the_same_site() {
    let place = Place::small();
    place.edit("experiments/folding/strip.toml", "to = 6", "to = 7");
    place.edit("experiments/folding/index.md", "A strip of", "Something else about");
    place.build();
    place.edit("experiments/folding/strip.toml", "to = 7", "to = 6");
    place.edit("experiments/folding/index.md", "Something else about", "A strip of");
    // What was accepted is of the project, and not of the store.
    for lock in place.tree("experiments").into_keys().filter(|path| path.ends_with(".lock")) {
        fs::remove_file(place.path(&format!("experiments/{lock}"))).unwrap();
    }
    place.build();
    assert_same(&built(&[], &[]), &place.tree("site"));
}
