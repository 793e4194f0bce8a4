//! Closed forms, invariants and refusals.

#![allow(clippy::unwrap_used, reason = "a test stops at the first surprise")]

use std::f64::consts::LN_2;

use octavo_divergence::Divergence;
use octavo_plugin::{Artifacts, DynAnalysis, Inputs, Named, Value, math};
use octavo_plugin_test::run;
use proptest::prelude::*;
use serde_json::{Value as Json, json};

fn compared(first: &Json, second: &Json, more: &Json) -> Artifacts {
    let mut params = json!({ "first": first, "second": second });
    more.as_object().unwrap().iter().for_each(|(key, value)| params[key] = value.clone());
    run(&Divergence, &params, &Inputs::new()).unwrap()
}

fn scalar(artifacts: &Artifacts, name: &str) -> f64 {
    artifacts.scalars[name].value.as_f64().unwrap()
}

fn sinkhorn(artifacts: &Artifacts) -> f64 {
    artifacts.tables["epsilon"].column("sinkhorn_divergence").unwrap().number(0).unwrap()
}

fn close(found: f64, expected: f64, tolerance: f64) {
    assert!((found - expected).abs() <= tolerance, "{found} is not {expected}");
}

fn infinite(artifacts: &Artifacts, name: &str) -> bool {
    artifacts.scalars[name].value == Value::Named(Named::Infinity)
}

#[test]
fn two_point_masses() {
    let at = |pixel: usize| json!({ "bar": 1, "pixels": 12, "start": pixel });
    for distance in [1, 3, 9] {
        let found = compared(&at(1), &at(1 + distance), &json!({ "pixel": 0.5 }));
        let theta = 0.5 * distance as f64;
        assert!(infinite(&found, "kl") && infinite(&found, "kl_reverse"));
        close(scalar(&found, "js"), LN_2, 1e-15);
        close(scalar(&found, "tv"), 1.0, 1e-15);
        close(scalar(&found, "hellinger_squared"), 1.0, 1e-15);
        close(scalar(&found, "w1"), theta, 1e-14);
        close(scalar(&found, "w2_squared"), theta * theta, 1e-13);
        close(sinkhorn(&found), theta * theta, 1e-12);
    }
}

#[test]
fn a_bar_that_moves_aside() {
    let bar = json!({ "bar": 4, "pixels": 16 });
    for shift in 0..=8_u32 {
        let found = compared(&bar, &json!({ "change": { "right": shift } }), &json!({}));
        let (t, apart) = (f64::from(shift), f64::from(shift.min(4)));
        close(scalar(&found, "js"), apart * LN_2 / 4.0, 1e-15);
        close(scalar(&found, "tv"), apart / 4.0, 1e-15);
        close(scalar(&found, "w1"), t, 1e-13);
        close(sinkhorn(&found), t * t, 1e-11);
    }
}

/// The same image, shifted in the plane, and one above the other: a translation in two dimensions.
#[test]
fn a_translation_in_the_plane() {
    let mut rows = vec![vec![0.0; 7]; 6];
    (rows[1][1], rows[1][2], rows[2][1]) = (1.0, 2.0, 3.0);
    let found =
        compared(&json!({ "image": rows }), &json!({ "change": { "right": 4, "down": 3 } }), &json!({}));
    close(scalar(&found, "w1"), 5.0, 1e-13);
    close(scalar(&found, "w2_squared"), 25.0, 1e-12);
    close(sinkhorn(&found), 25.0, 1e-10);
}

#[test]
fn a_dead_pixel() {
    let second = json!({ "change": { "at": [1, 0], "by": -1.0 } });
    let found = compared(&json!({ "histogram": [1.0, 1.0, 2.0] }), &second, &json!({}));
    // 1/4, 1/4, 1/2 against 1/3, 0, 2/3.
    assert!(infinite(&found, "kl"));
    close(scalar(&found, "kl_reverse"), math::ln(4.0 / 3.0), 1e-15);
    close(scalar(&found, "tv"), 0.25, 1e-15);
    close(scalar(&found, "w1"), 0.25, 1e-15);
}

/// A floor of the mean: each of 1, 0, 2 gets 1 more, so that 2, 1, 3 sixths stand against 1, 3, 2 sixths.
#[test]
fn a_floor_makes_everything_finite() {
    let (first, second) = (json!({ "histogram": [1.0, 0.0, 2.0] }), json!({ "histogram": [0.0, 2.0, 1.0] }));
    let found = compared(&first, &second, &json!({ "floor": 1.0 }));
    let sixth = |a: f64, b: f64| a / 6.0 * math::ln(a / b);
    close(scalar(&found, "kl"), sixth(2.0, 1.0) + sixth(1.0, 3.0) + sixth(3.0, 2.0), 1e-15);
    close(scalar(&found, "tv"), 1.0 / 3.0, 1e-15);
}

/// Every image of a set has one pixel moved by a half: the cheapest plan moves each to its copy.
#[test]
fn sets_of_images() {
    let set = json!({ "images": 20, "size": [8, 8] });
    let found = compared(&set, &json!({ "change": { "at": [2, 5], "by": 0.5 } }), &json!({}));
    close(scalar(&found, "js"), LN_2, 1e-14);
    assert!(infinite(&found, "kl"));
    close(scalar(&found, "w1"), 0.5, 1e-12);
    close(sinkhorn(&found), 0.25, 1e-10);
    let sheet = match &found.drawings["first"] {
        octavo_plugin::Drawing::Raster(raster) => (raster.width, raster.height),
        _ => (0, 0),
    };
    assert_eq!(sheet, (5 * 9 - 1, 4 * 9 - 1));
}

#[test]
fn a_file_is_what_it_says() {
    let mut inputs = Inputs::new();
    let content =
        octavo_plugin::input::InputContent::File { extension: "csv".into(), bytes: b"0,1\n3,0\n".to_vec() };
    let file = serde_json::to_value(inputs.add("a.csv", content)).unwrap();
    let params = json!({ "first": file, "second": { "image": [[3.0, 0.0], [0.0, 1.0]] } });
    let found = run(&Divergence, &params, &inputs).unwrap();
    // Each quarter crosses one side: three quarters upwards, one quarter downwards.
    close(scalar(&found, "w1"), 1.0, 1e-14);
}

/// Images of some thousand pixels, whose transport the grid's own solver finds.
#[test]
fn larger_images_are_grids() {
    let mut rows = vec![vec![0.0; 50]; 48];
    for (row, line) in rows.iter_mut().take(44).enumerate() {
        for (column, pixel) in line.iter_mut().take(46).enumerate() {
            *pixel = 1.0 + ((row * 5 + column * 3) % 7) as f64;
        }
    }
    let shift = json!({ "change": { "right": 4, "down": 3 } });
    let found = compared(&json!({ "image": rows }), &shift, &json!({ "epsilon": [20.0] }));
    close(sinkhorn(&found), 25.0, 1e-6);
}

/// More pairs of pixels than the exact method takes: the value is missing and says why, and the divergence is still found.
#[test]
fn images_beyond_the_exact_method_say_so() {
    let image = |side| json!({ "bumps": [{ "center": [20.0, 16.0], "deviation": 3.0 }], "size": [side, side], "background": 0.01 });
    let found = compared(&image(64), &image(64), &json!({ "epsilon": [20.0] }));
    assert_eq!(scalar(&found, "w1"), 0.0);
    let found = compared(&image(112), &image(112), &json!({ "epsilon": [20.0] }));
    assert!(
        matches!(&found.scalars["w1"].value, Value::Missing(reason) if reason.contains("12544 by 12544 points"))
    );
    assert_eq!(sinkhorn(&found), 0.0);
}

#[test]
fn failures_speak_of_what_is_compared() {
    let params =
        json!({ "first": { "bar": 4, "pixels": 16 }, "second": { "histogram": [1.0, 2.0] }, "pixel": 1e150 });
    let failure = run(&Divergence, &params, &Inputs::new()).unwrap_err();
    assert!(failure.message.starts_with("the transport between the two was not found: "), "{failure}");
    assert_eq!(failure.help.unwrap(), "choose larger values of `epsilon`, or another unit for `pixel`");
}

fn check_refused(params: &Json, message: &str) {
    let problems = Divergence.prepare(params).unwrap().problems;
    if let Some(problem) = problems.first() {
        assert_eq!(problem.message, message);
        return;
    }
    assert_eq!(run(&Divergence, params, &Inputs::new()).unwrap_err().message, message);
}

#[test]
fn refusals_say_what_is_wrong() {
    let image = json!({ "image": [[1.0, 0.0], [0.0, 1.0]] });
    let with = |second: Json| json!({ "first": image, "second": second });
    check_refused(
        &with(json!({ "change": { "at": [2, 0] } })),
        "the picture has no pixel in column 2 and row 0",
    );
    check_refused(&with(json!({ "change": { "right": 1 } })), "the shift moves weight out of the picture");
    check_refused(&with(json!({ "change": { "by": -2.0 } })), "adding -2 makes a pixel -1");
    check_refused(
        &with(json!({ "images": 3, "size": [2, 2] })),
        "a set of images and a single image cannot be compared",
    );
    check_refused(&with(json!({ "image": [[1.0], [1.0, 2.0]] })), "the rows of an image have one length");
    check_refused(
        &with(json!({ "histogram": [0.0, 0.0] })),
        "weights are finite and not below 0, and one of them is above 0",
    );
    check_refused(&json!({ "first": { "change": {} } }), "only the second can be a changed copy");
    check_refused(&json!({ "first": { "bar": 4, "pixels": 6, "start": 3 } }), "the bar leaves the line");
    check_refused(&json!({ "epsilon": [0.0] }), "0 is not above 0");
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    /// Symmetry, bounds, Pinsker's inequality, Cauchy-Schwarz between W1 and W2, and what a copy gives.
    #[test]
    fn inequalities(a in prop::collection::vec(0.01..1.0_f64, 12), b in prop::collection::vec(0.01..1.0_f64, 12)) {
        let image = |pixels: &[f64]| json!({ "image": pixels.chunks(4).collect::<Vec<_>>() });
        let there = compared(&image(&a), &image(&b), &json!({}));
        let back = compared(&image(&b), &image(&a), &json!({}));
        for (name, other) in [("kl", "kl_reverse"), ("js", "js"), ("tv", "tv"), ("hellinger_squared", "hellinger_squared")] {
            prop_assert!((scalar(&there, name) - scalar(&back, other)).abs() < 1e-15);
        }
        for name in ["w1", "w2_squared"] {
            prop_assert!((scalar(&there, name) - scalar(&back, name)).abs() < 1e-13);
        }
        let (kl, tv, js) = (scalar(&there, "kl"), scalar(&there, "tv"), scalar(&there, "js"));
        prop_assert!(2.0 * tv * tv <= kl + 1e-15, "Pinsker");
        prop_assert!(js <= LN_2 * tv + 1e-15 && js >= 0.0);
        prop_assert!(scalar(&there, "hellinger_squared") <= tv + 1e-15);
        let w1 = scalar(&there, "w1");
        prop_assert!(w1 * w1 <= scalar(&there, "w2_squared") + 1e-13);
        prop_assert!(sinkhorn(&there) >= -1e-14 && (sinkhorn(&there) - sinkhorn(&back)).abs() < 1e-11);
        let same = compared(&image(&a), &json!({ "change": {} }), &json!({}));
        for name in ["kl", "js", "tv", "w1", "w2_squared"] {
            prop_assert_eq!(scalar(&same, name), 0.0, "{} of a copy", name);
        }
        prop_assert_eq!(sinkhorn(&same), 0.0);
    }
}
