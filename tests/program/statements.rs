//! Sentences of somebody's text, answered one by one.

use serde_json::{Value as Json, json};

use crate::harness::Place;

const STRIP: &str = "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 3\n\
[claims.eight]\ntext = { en = \"Three folds make eight segments.\", fr = \"Trois plis font huit segments.\" }\ncheck = \"segments == 8\"\nstatement = \"1\"\n\
[claims.nine]\ntext = { en = \"They make nine.\", fr = \"Ils en font neuf.\" }\ncheck = \"segments == 9\"\nexpect = \"refuted\"\nstatement = [\"2\", \"3\"]\n\
[claims.many]\ntext = { en = \"With ten folds, more.\", fr = \"Avec dix plis, davantage.\" }\ncheck = \"segments > 7\"\nstatement = \"3\"\ncondition = true\n";

const STATEMENTS: &str = r#"
title = { en = "The lecture, sentence by sentence", fr = "Le cours, phrase par phrase" }
summary = { en = "All of *its* sentences.", fr = "Toutes *ses* phrases." }
[[statement]]
id = "1"
text = { en = "A strip folded $n$ times has $2^n$ segments.", fr = "Une bande pliée $n$ fois a $2^n$ segments." }
source = { en = "a lecture", fr = "un cours" }
place = "§ 1"
why = { en = "Counted.", fr = "Compté." }
[[statement]]
id = "2"
text = { en = "It has nine.", fr = "Elle en a neuf." }
[[statement]]
id = "3"
text = { en = "It has many.", fr = "Elle en a beaucoup." }
[[statement]]
id = "4"
text = { en = "Folding is fun.", fr = "Plier est amusant." }
text_only = { en = "An opinion.", fr = "Une opinion." }
"#;

fn place() -> Place {
    Place::with(&[
        ("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\n"),
        ("statements.toml", STATEMENTS),
        ("experiments/strip.toml", STRIP),
        (
            "experiments/index.md",
            "+++\nstatements = [\"4\"]\n+++\n\n# Strips\n\n{{ claim(\"strip#eight\") }}\n",
        ),
        ("experiments/index.fr.md", "# Bandes\n\n{{ claim(\"strip#eight\") }}\n"),
    ])
}

#[test]
fn answers_are_computed_and_listed_in_every_language() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let about: Json = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
    assert_eq!(
        about["statements"],
        json!([
            { "statement": "1", "verdict": "holds", "claims": ["strip#eight"] },
            { "statement": "2", "verdict": "refuted", "claims": ["strip#nine"] },
            { "statement": "3", "verdict": "refined", "claims": ["strip#many", "strip#nine"] },
            { "statement": "4", "verdict": "text-only", "claims": [] },
        ])
    );
    let page = place.read("site/statements.html");
    for part in [
        "The lecture, sentence by sentence",
        "All of <em>its</em> sentences.",
        "a lecture, § 1",
        "Counted.",
        "An opinion.",
        "index.html#claim-eight",
        "id=\"statement-3\"",
        "states a condition",
        ">4 statements · 1 holds · 1 refuted · 1 refined · 1 text only<",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    let page = place.read("site/fr/statements.html");
    for part in [
        "Le cours, phrase par phrase",
        "Compté.",
        "4 affirmations · 1 tient · 1 réfuté · 1 affiné · 1 texte seul",
        "un cours, § 1",
    ] {
        assert!(page.contains(part), "{part} in\n{page}");
    }
    assert!(place.read("site/index.html").contains("href=\"statements.html\""));
    // Without the file no page leads there.
    std::fs::remove_file(place.path("statements.toml")).unwrap();
    place.edit("experiments/index.md", "statements = [\"4\"]\n", "");
    for line in
        ["statement = \"1\"\n", "statement = [\"2\", \"3\"]\n", "statement = \"3\"\ncondition = true\n"]
    {
        place.edit("experiments/strip.toml", line, "");
    }
    place.octavo(&["build"]).run().exits(0);
    assert!(
        !place.exists("site/statements.html") && !place.read("site/index.html").contains("statements.html")
    );
}

#[test]
fn what_has_no_answer_and_what_answers_nothing_is_told() {
    for (file, from, to, says) in [
        (
            "experiments/strip.toml",
            "statement = \"3\"\ncondition",
            "condition",
            &["condition-of-nothing", "strip.toml:17", "names none"][..],
        ),
        (
            "experiments/strip.toml",
            "statement = \"1\"\n",
            "",
            &["unanswered-statement", "statements.toml:5", "nothing answers the statement `1`"][..],
        ),
        (
            "experiments/strip.toml",
            "statement = \"1\"",
            "statement = \"11\"",
            &["unknown-statement", "strip.toml:8", "there is no statement `11`"],
        ),
        (
            "experiments/strip.toml",
            "[\"2\", \"3\"]",
            "[\"2\", \"33\"]",
            &["unknown-statement", "strip.toml:13:19", "did you mean `3`"],
        ),
        (
            "experiments/strip.toml",
            "statement = \"1\"",
            "statement = [\"1\", \"4\"]",
            &["`4` is `text_only`, and claims answer it"],
        ),
        (
            "experiments/index.md",
            "[\"4\"]",
            "[\"5\"]",
            &["unknown-statement", "index.md:1", "there is no statement `5`"],
        ),
        ("experiments/index.md", "[\"4\"]", "4", &["index.md:2", "a list of ids of statements"]),
        (
            "statements.toml",
            "id = \"2\"",
            "id = \"1\"",
            &["the statement `1` is there twice", "statements.toml:11"],
        ),
        ("statements.toml", "id = \"2\"", "idd = \"2\"", &["statements.toml:11", "idd"]),
        (
            "statements.toml",
            "text_only = { en = \"An opinion.\", fr = \"Une opinion.\" }\n",
            "",
            &["only a page answers the statement `4`"],
        ),
    ] {
        let place = place();
        place.edit(file, from, to);
        place.octavo(&["check"]).run().exits(2).says(says);
    }
}
