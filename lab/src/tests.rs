//! What is answered, and what is refused.

#![allow(clippy::unwrap_used, reason = "helpers of tests: a panic is a failed test")]

use super::*;
use octavo_plugin::artifact::Artifact;
use octavo_plugin::context::Silent;
use serde_json::json;

fn ask(change: &Json) -> String {
    let mut ask = json!({ "analysis": "dragon", "revision": 3, "numerics": NUMERICS_REVISION, "params": { "folds": 3 }, "seed": 1 });
    let own = change.as_object().unwrap().clone();
    ask.as_object_mut().unwrap().extend(own);
    ask.to_string()
}

fn told(change: &Json) -> Answer {
    serde_json::from_str(&answer(&ask(change), &Silent)).unwrap()
}

#[test]
fn digests_are_those_of_the_stored_form() {
    let read: Ask = serde_json::from_str(&ask(&json!({}))).unwrap();
    let artifacts = computed(&read, &Silent).unwrap();
    let Answer::Done { digest, artifacts: digests } = told(&json!({})) else { panic!("no digests") };
    assert_eq!(digest, artifacts.digest());
    assert_eq!(digests["scalars"], Digest::of(&Artifact::Scalars(artifacts.scalars.clone()).encode()));
    assert_eq!(
        digests["tables/turns"],
        Digest::of(&Artifact::Table(artifacts.tables["turns"].clone()).encode())
    );
}

#[test]
fn what_is_not_asked_for_has_no_digest() {
    let Answer::Done { artifacts, .. } = told(&json!({ "outputs": ["turns"] })) else { panic!("no digests") };
    assert_eq!(artifacts.keys().collect::<Vec<_>>(), ["scalars", "tables/turns"]);
}

#[test]
fn what_other_code_published_is_refused() {
    for (change, why) in [
        (json!({ "revision": 2 }), "revision 2"),
        (json!({ "numerics": NUMERICS_REVISION + 1 }), "numerics"),
        (json!({ "analysis": "unknown" }), "`unknown` is not here"),
        (json!({ "params": { "folds": "three" } }), "invalid type"),
    ] {
        let Answer::Failed(text) = told(&change) else { panic!("{change} is accepted") };
        assert!(text.contains(why), "{change}: {text}");
    }
    assert!(answer("no JSON", &Silent).contains("this is no task"));
}
