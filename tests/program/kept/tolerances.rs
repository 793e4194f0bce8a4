//! How far a value may be from the accepted one.

use super::{NOISE, locks, place};
use crate::harness::Place;

/// Whether results drift if the first was accepted in place of what is computed, under a tolerance.
fn drifts(tolerance: &str, of_experiment: &str) -> bool {
    let place = place();
    place.edit("experiments/costs.toml", "[values.price]", &format!("[values.price]\n{tolerance}"));
    place.edit("experiments/costs.toml", "title = \"Costs\"", &format!("title = \"Costs\"\n{of_experiment}"));
    place.build();
    let lock = place.read("experiments/costs.lock");
    let line = lock.lines().find(|line| line.starts_with("price = ")).unwrap();
    let price: f64 = line["price = ".len()..].parse().unwrap();
    let moved = price * (1.0 + 1e-7);
    place.edit("experiments/costs.lock", line, &format!("price = {moved:?}"));
    let accepted = locks(&place);
    place.octavo(&["build"]).run().exits(0);
    // The accepted value stays, so that many small steps are seen.
    assert_eq!(locks(&place), accepted);
    place.octavo(&["build", "--locked"]).run().code == Some(3)
}

#[test]
fn a_value_may_drift_as_far_as_its_definition_says() {
    for (tolerance, of_experiment, expected) in [
        ("", "", true),
        ("drift = \"exact\"", "", true),
        ("drift = { rel = 1e-6 }", "", false),
        ("drift = { rel = 1e-8 }", "", true),
        ("drift = { rel = 0, abs = 1 }", "", false),
        ("drift = { ulp = 4 }", "", true),
        ("drift = { ulp = 1000000000 }", "", false),
        ("drift = \"printed\"", "", false),
        ("drift = { printed = \"%.3f\" }", "", false),
        ("drift = { printed = \"%.15f\" }", "", true),
        ("", "drift = { rel = 1e-6 }", false),
        ("drift = \"exact\"", "drift = { rel = 1e-6 }", true),
    ] {
        assert_eq!(drifts(tolerance, of_experiment), expected, "{tolerance} {of_experiment}");
    }
    let place = place();
    place.edit("experiments/costs.toml", "[values.price]", "[values.price]\ndrift = { printed = \"%.3x\" }");
    place.octavo(&["check"]).run().exits(2).says(&["`%.3x` is no number format", "costs.toml:7:"]);
    place.edit("experiments/costs.toml", "printed = \"%.3x\"", "much = 3");
    place.octavo(&["check"]).run().exits(2).says(&["much"]);
}

#[test]
fn an_output_is_held_bit_by_bit_unless_the_experiment_says_otherwise() {
    let place = place();
    place.build();
    place.edit("experiments/strip.lock", "\nscalars = \"", "\nscalars = \"0");
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["output scalars: 0"]);
    place.edit("experiments/strip.toml", "[sweep]", "drift = \"printed\"\n[sweep]");
    place.octavo(&["build", "--locked"]).run().exits(0);
}

#[test]
fn chance_is_no_drift_where_intervals_decide() {
    let place = Place::project(&[("noise.toml", &NOISE.replace("title", "drift = \"stat\"\ntitle"))]);
    place.build();
    let lock = place.read("experiments/noise.lock");
    assert!(lock.contains("last = { value = ") && lock.contains("replicates = 8 }"), "{lock}");
    place.edit("experiments/noise.toml", "seed = 7", "seed = 8");
    place.octavo(&["build", "--locked"]).run().exits(0);
    place.edit("experiments/noise.toml", "sigma_w = 1.5", "sigma_w = 5.5");
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["value last: "]);
    // An interval that was not asked for at first is added to the same value.
    let place = Place::project(&[("noise.toml", NOISE)]);
    place.build();
    place.edit("experiments/noise.toml", "title", "drift = \"stat\"\ntitle");
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(place.read("experiments/noise.lock").replace(' ', ""), lock.replace(' ', ""));
}
