//! What the analysis declares: every output with its type, unit and words, and every default figure, as they stand in
//! `declared.json`. Nothing else would notice a label or a unit that says the wrong thing.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use octavo_dragon::Dragon;
use octavo_plugin::DynAnalysis;
use serde_json::{Value as Json, json};

fn declared() -> Json {
    let of = |params: Json| {
        let mut prepared = Dragon.prepare(&params).unwrap();
        prepared.translate(&Dragon.translations());
        json!({
            "params": prepared.params,
            "stochastic": prepared.stochastic,
            "outputs": prepared.outputs,
            "figures": prepared.figures,
        })
    };
    json!([
        of(json!({})),
        of(json!({"folds": 14, "pixels": 256})),
        of(json!({"kind": "terdragon", "folds": 5, "levels": true, "normalise": true})),
    ])
}

#[test]
fn what_is_declared_is_what_is_written_down() {
    let written: Json = serde_json::from_str(include_str!("declared.json")).unwrap();
    let found = declared();
    assert!(
        written == found,
        "if this is meant, write it down:\n{}",
        serde_json::to_string_pretty(&found).unwrap()
    );
}
