//! Numbers that authors typed where a result should stand.

use crate::harness::Place;

const EXPERIMENT: &str = r#"
title = "E"
analysis = "dragon"

[params]
folds = 10

[values.segments]
from = "scalars"
expr = "max(segments)"

[values.below]
from = "scalars"
expr = "-max(segments) / 3000"

[values.share]
from = "scalars"
expr = "max(segments) / 3000"
"#;

/// A project with one page of this text, in English and in French.
fn place(english: &str, french: &str) -> Place {
    let show = "\n\n{{ value(\"e#segments\") }}\n";
    Place::with(&[
        ("octavo.toml", "octavo = \"1\"\ntitle = \"Case\"\nlanguages = [\"en\", \"fr\"]\n"),
        ("experiments/e.toml", EXPERIMENT),
        ("experiments/index.md", &format!("# Home\n\n{english}{show}")),
        ("experiments/index.fr.md", &format!("# Accueil\n\n{french}{show}")),
    ])
}

#[test]
fn a_typed_result_is_told_with_its_place() {
    // 2^10 segments, and 0.34133 of 3000.
    let place = place("The strip has 1,024 segments.", "La bande a 1 024 segments.");
    place.octavo(&["build"]).run().exits(0).says(&[
        "`1,024` is the result `e#segments`, typed by hand",
        "experiments/index.md:3:15",
        "`1 024` is the result `e#segments`",
        "experiments/index.fr.md:3:12",
    ]);
    place.octavo(&["build", "--strict"]).run().exits(1);
}

#[test]
fn it_is_compared_as_far_as_it_is_written() {
    for typed in ["0.34 of it", "0.341 of it", "34.1% of it", "34.13 % of it"] {
        place(typed, "rien").octavo(&["build"]).run().exits(0).says(&["is the result `e#share`"]);
    }
}

#[test]
fn signs_count() {
    place("It is \u{2212}0.341.", "-0,34")
        .octavo(&["build"])
        .run()
        .exits(0)
        .says(&["the result `e#below`", "index.fr.md"]);
    place("0.342 or -0.342 of it", "rien").octavo(&["build", "--strict"]).run().exits(0);
}

#[test]
fn other_numbers_and_formulas_are_no_results() {
    let english =
        "0.35 of it, 34 of it, 1,025 or 1023, `1024`, $1024$, a 1024-bit key, 34.2%, arXiv:1024.0341.";
    place(english, "0,342 et 1 023, 10 24.").octavo(&["build", "--strict"]).run().exits(0);
}
