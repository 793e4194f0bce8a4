//! The reference counts of tests/reference/boxcount.json, to the last box.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

mod common;

use common::{column, file, png, run_on};
use octavo_dimension::bitmap::Bitmap;
use octavo_dimension::known::visited;
use serde_json::{Value as Json, json};

fn reference(set: &str) -> Json {
    let all: Json = serde_json::from_str(include_str!("reference/boxcount.json")).unwrap();
    all["sets"][set].clone()
}

fn numbers(value: &Json) -> Vec<u64> {
    value.as_array().unwrap().iter().map(|number| number.as_u64().unwrap()).collect()
}

fn bitmap(set: &str) -> Bitmap {
    let square = |x: usize| {
        let x = 2 * x as i64 + 1 - 4096;
        x * x
    };
    match set {
        "sierpinski_4096" => Bitmap::from_fn(4096, 4096, |x, y| x & y == 0),
        "circle_4096" => {
            Bitmap::from_fn(4096, 4096, |x, y| square(x) + square(y) < 4 * 1900 * 1900).outline()
        }
        _ => visited(16).outline(),
    }
}

const SETS: [&str; 3] = ["sierpinski_4096", "circle_4096", "dragon_boundary_n16"];

#[test]
fn every_count_is_the_reference() {
    for name in SETS {
        let (set, expected) = (bitmap(name), reference(name));
        assert_eq!(numbers(&expected["shape"]), [set.height() as u64, set.width() as u64], "{name}");
        assert_eq!(expected["set_pixels"], set.len(), "{name}");
        let anchored = numbers(&expected["N_anchored"]);
        assert_eq!(set.dyadic_counts()[..anchored.len()], anchored, "{name}");
        let least = numbers(&expected["N_min_over_half_box_offsets"]);
        assert_eq!(set.half_box_minima()[..least.len()], least, "{name}");
        for (side, count) in numbers(&expected["sizes"]).into_iter().zip(anchored) {
            assert_eq!(set.anchored_count(side as usize), count, "{name}, side {side}");
        }
    }
}

#[test]
fn the_table_of_an_image_holds_the_reference() {
    // All but the circle touch all four edges, so that the grid goes through the corner of the picture.
    for name in ["sierpinski_4096", "dragon_boundary_n16"] {
        let (set, expected) = (bitmap(name), reference(name));
        let image = png(set.width(), set.height(), |x, y| set.contains(x, y));
        let found = run_on(file("png", &image), json!({"boxes": []})).unwrap();
        let rows: Vec<(f64, f64)> =
            column(&found, "counts", "size").into_iter().zip(column(&found, "counts", "anchored")).collect();
        for (size, count) in numbers(&expected["sizes"]).into_iter().zip(numbers(&expected["N_anchored"])) {
            assert!(rows.contains(&(size as f64, count as f64)), "{name}, size {size}");
        }
    }
}
