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
    let artifacts = computed(&read, &Map::new(), &Silent).unwrap();
    let Answer::Done { digest, artifacts: digests, .. } = told(&json!({})) else { panic!("no digests") };
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

/// The head of an answer to a task with a wish, and the bytes behind it.
fn wished(change: &Json, wish: &Json) -> (Answer, Vec<u8>) {
    let answer = answered(format!("{}\n{wish}", ask(change)).as_bytes(), &Silent);
    let mut parts = answer.splitn(2, |byte| *byte == b'\n');
    let head = serde_json::from_slice(parts.next().unwrap()).unwrap();
    (head, parts.next().unwrap_or_default().to_vec())
}

#[test]
fn turned_parameters_give_what_a_definition_with_them_gives() {
    let params = json!({ "params": { "folds": 5, "angle": 97.0 } });
    // Only what stands in the parameters can be turned, and a page hands over all of them.
    let (missing, _) = wished(&json!({}), &json!({ "set": { "folds": 5, "angle": 97 } }));
    assert!(matches!(&missing, Answer::Failed(why) if why.contains("no parameter `angle`")), "{missing:?}");
    let whole = json!({ "params": { "folds": 3, "angle": 90.0 } });
    let (turned, bytes) = wished(&whole, &json!({ "set": { "folds": 5, "angle": 97 } }));
    assert_eq!((turned, bytes.len()), (told(&params), 0));
}

#[test]
fn parameters_that_do_not_go_together_are_told() {
    let whole = json!({ "params": { "folds": 3, "word": "UD" } });
    for (set, why) in
        [(json!({ "folds": "many" }), "invalid type"), (json!({ "levels.7": 1 }), "no parameter")]
    {
        let (answer, _) = wished(&whole, &json!({ "set": set }));
        assert!(matches!(&answer, Answer::Failed(told) if told.contains(why)), "{answer:?}");
    }
}

#[test]
fn artifacts_are_handed_over_in_their_stored_form() {
    let (head, bytes) = wished(&json!({}), &json!({ "give": ["scalars", "tables/turns"] }));
    let Answer::Done { artifacts, given, .. } = head else { panic!("no artifacts") };
    assert_eq!(given.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["scalars", "tables/turns"]);
    let (first, rest) = bytes.split_at(given[0].1);
    assert_eq!((Digest::of(first), rest.len()), (artifacts["scalars"], given[1].1));
    assert_eq!(Digest::of(rest), artifacts["tables/turns"]);
}

/// A message to the drawing code: a figure of the strip after one to three folds.
fn drawing(language: &str) -> Vec<u8> {
    let asked = |folds: u32| {
        let (head, bytes) = wished(&json!({ "params": { "folds": folds } }), &json!({ "give": ["scalars"] }));
        let Answer::Done { given, .. } = head else { panic!("no artifacts") };
        (given, bytes)
    };
    let outputs = Analysis::outputs(&octavo_dragon::Dragon, &Default::default());
    let column = |label: &str| octavo_plugin::ColumnSchema {
        kind: octavo_plugin::ColumnType::Integer,
        unit: String::new(),
        label: label.into(),
    };
    let definition = json!({
        "experiment": "strip", "id": "fig-strip-growth", "outputs": outputs, "points": { "folds": column("folds") },
        "replicate": "replicate", "stochastic": false, "level": 0.995, "tables": {},
        "figure": { "from": "scalars", "mark": "point", "x": "folds", "y": "segments" },
        "tasks": [[{ "folds": 1 }, 0], [{ "folds": 2 }, 0], [{ "folds": 3 }, 0]],
        "values": { "most": { "from": "scalars", "expr": "max(segments)" } },
        "claims": { "eight": { "text": "eight", "check": "most == 8" }, "nine": { "text": "nine", "check": "most == 9" } },
    });
    let locale = octavo_definition::locale::Locale::built_in(language).unwrap();
    let runs: Vec<_> = (1..=3).map(asked).collect();
    let lengths: Vec<_> = runs.iter().map(|(given, _)| given).collect();
    let head = format!("{definition}\n{}\n{}\n", json!([language, locale]), json!(lengths));
    let bytes = runs.iter().flat_map(|(_, bytes)| bytes.iter().copied());
    drawing::BEGIN.iter().copied().chain(head.into_bytes()).chain(bytes).collect()
}

#[test]
fn a_figure_is_drawn_over_artifacts_in_a_language() {
    for (language, word) in [("en", "from 1 to 3"), ("fr", "de 1 à 3")] {
        let answer = serde_json::from_slice(&answered(&drawing(language), &Silent)).unwrap();
        let drawing::Answer::Drawn { frames, clipped, claims } = answer else { panic!("{answer:?}") };
        let [[label, page, phone]] = frames.as_slice() else { panic!("one frame") };
        assert!(
            page.contains(&format!("lang=\"{language}\"")) && page.contains("id=\"fig-strip-growth-title\"")
        );
        assert!(page.contains(word), "{page}");
        assert!(phone.contains("id=\"fig-strip-growth-phone-title\"") && label.is_empty());
        assert_eq!((clipped, claims["eight"].as_str(), claims["nine"].as_str()), (0, "holds", "refuted"));
    }
}

#[test]
fn a_message_that_is_no_figure_is_told() {
    let mut broken = drawing("en");
    broken.truncate(broken.len() - 1);
    for message in [broken.as_slice(), b"\"figure\"\n{}\n", b"\"figure\"\n"] {
        let answer: drawing::Answer = serde_json::from_slice(&answered(message, &Silent)).unwrap();
        assert!(matches!(answer, drawing::Answer::Failed(_)), "{answer:?}");
    }
}
