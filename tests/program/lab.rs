//! Figures that are computed again where they are read: which have a button, and what the button finds. docs/lab.md.

use octavo_plugin::Digest;
use serde_json::Value as Json;

use crate::harness::{CONFIG, Place};

const STRIP: &str = r#"
title = "A strip"
analysis = "dragon"
seed = 7

[limits]
time = 150

[sweep]
folds = [1, 2, 3]

[figures.growth]
from = "scalars"
mark = "point"
x = "folds"
y = "segments"
"#;

const TRANSPORT: &str = r#"
title = "From a file"
analysis = "sinkhorn"

[params]
source = { file = "points.csv" }
target = { file = "points.csv" }
epsilon = [0.5]

[figures.costs]
from = "epsilon"
mark = "point"
x = "epsilon"
y = "ot_eps"
"#;

fn place() -> Place {
    let place = Place::project(&[
        ("strip.toml", STRIP),
        ("transport.toml", TRANSPORT),
        ("points.csv", "x,y\n0,0\n1,0\n0,1\n"),
        ("index.md", "# Home\n\n![](figure:strip#growth)\n\n![](figure:transport#costs)\n"),
        ("plain.md", "# Plain\n\nNo figure.\n"),
    ]);
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n"));
    place
}

/// What a script hands over to a function of `octavoLab`: its last argument.
fn handed_over(script: &str, function: &str) -> Json {
    let inner = script.strip_prefix(&format!("octavoLab.{function}(")).unwrap().trim_end();
    let inner = format!("[{}]", inner.strip_suffix(");").unwrap());
    serde_json::from_str::<Vec<Json>>(&inner).unwrap().pop().unwrap()
}

#[test]
fn a_figure_of_a_built_in_analysis_has_a_button_and_what_it_needs() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let html = place.read("site/index.html");
    if html.contains("this program has no module") {
        eprintln!("SKIPPED: a module is older than its sources; `just lab` makes it anew");
        return;
    }
    // Without a script there is nothing to see.
    let button = "<button class=\"recompute\" type=\"button\" hidden data-script=\"assets/lab.js\" data-words=\"lab/words.js\" \
                  data-tasks=\"lab/tasks/strip.js\">Recompute here</button>";
    assert!(html.contains(button), "{html}");
    assert_eq!(html.matches("class=\"recompute\"").count(), 1);
    assert!(html.contains("<dt>Recompute here</dt><dd>not here: it takes files"), "{html}");
    assert!(!html.contains("<script src=\"assets/lab.js"), "nothing is loaded before a click");
    let french = place.read("site/fr/index.html");
    assert!(
        french.contains(
            "data-words=\"../lab/words.fr.js\" data-tasks=\"../lab/tasks/strip.js\">Recalculer ici"
        )
    );
    let lab: Vec<String> = place.tree("site/lab").into_keys().collect();
    assert_eq!(lab, ["dragon.js", "tasks/strip.js", "words.fr.js", "words.js"]);
    assert!(place.read("site/lab/dragon.js").starts_with("octavoLab.module(\"dragon\", \"H4sI"));
    assert_eq!(handed_over(&place.read("site/lab/words.fr.js"), "words")["decimal"], ",");
}

#[test]
fn tasks_stand_with_the_digests_that_are_in_the_store() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    if !place.exists("site/lab/tasks/strip.js") {
        eprintln!("SKIPPED: a module is older than its sources; `just lab` makes it anew");
        return;
    }
    let all = handed_over(&place.read("site/lab/tasks/strip.js"), "tasks");
    assert_eq!((&all["module"], &all["minutes"]), (&"dragon".into(), &2.5_f64.round().into()));
    let tasks = all["tasks"].as_array().unwrap();
    assert_eq!(tasks.len(), 3);
    let records: Vec<String> = place
        .tree(".octavo")
        .into_values()
        .map(|bytes| String::from_utf8_lossy(&bytes).into_owned())
        .collect();
    for (task, folds) in tasks.iter().zip(1..) {
        assert_eq!(task[0], format!("strip folds={folds}"));
        // The task is a text within the text: a seed of 64 bits and the difference between 1 and 1.0 must not be lost.
        let ask: Json = serde_json::from_str(task[1].as_str().unwrap()).unwrap();
        assert_eq!((&ask["params"]["folds"], &ask["analysis"]), (&folds.into(), &"dragon".into()));
        assert!(task[1].as_str().unwrap().contains("\"angle\":90.0"), "{task}");
        assert!(ask["seed"].as_u64().unwrap() > 1 << 53, "{ask}");
        let digests = task[2].as_object().unwrap();
        assert!(digests.contains_key("scalars") && digests.contains_key("tables/turns"), "{task}");
        for digest in digests.values() {
            let digest = digest.as_str().unwrap();
            assert!(digest.parse::<Digest>().is_ok());
            assert!(records.iter().any(|record| record.contains(digest)), "{digest} is not in the store");
        }
    }
}

#[test]
fn a_site_without_such_a_figure_has_no_file_of_it() {
    let place = Place::project(&[("strip.toml", STRIP), ("index.md", "# Home\n\nNo figure.\n")]);
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/lab") && !place.exists("site/assets/lab.js"));
}
