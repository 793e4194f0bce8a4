//! Knobs: what is wrong with them, what a page finds, and that the drawing module draws what was published. docs/lab.md.

use std::path::Path;
use std::process::Command;

use serde_json::Value as Json;

use crate::harness::{CONFIG, Place};

const STRIP: &str = r#"
title = "A strip"
analysis = "dragon"

[params]
folds = 5
word = "UDUUD"

[figures.curve]
from = "curve"
mark = "path"
knobs = ["angle", { param = "folds", max = 12, label = { en = "folds", fr = "plis" } }, "word", "normalise"]

[figures.turns]
from = "turns"
mark = "point"
x = "index"
y = "turn"

[values.length]
from = "scalars"
expr = "max(segments)"

[claims.doubles]
text = "The strip has 32 segments."
check = "length == 32"
"#;

/// The strip with other knobs, and with more lines at its end.
fn with(knobs: &str, more: &str) -> Place {
    let start = STRIP.find("knobs = ").unwrap();
    let end = start + STRIP[start..].find('\n').unwrap();
    let text = format!("{}knobs = {knobs}{}{more}", &STRIP[..start], &STRIP[end..]);
    Place::project(&[("strip.toml", &text), ("index.md", "# Home\n\n![](figure:strip#curve)\n")])
}

/// What `check` says of these knobs.
fn said(knobs: &str, more: &str) -> String {
    with(knobs, more).octavo(&["check"]).run().exits(2).err
}

#[test]
fn wrong_knobs_are_told_with_what_where_and_the_next_step() {
    for (knobs, words) in [
        ("[\"angel\"]", ["`dragon` has no parameter `angel`", "angle"]),
        ("[\"pixels\"]", ["`pixels` has no value in this experiment", "into `[params]`"]),
        (
            "[{ param = \"angle\", max = 190 }]",
            ["`max` is 190, and `angle` goes above 0 and at most 180", "leave `max` out"],
        ),
        (
            "[{ param = \"folds\", min = 1.5 }]",
            ["`min` is 1.5, and `folds` is a whole number", "write a whole number"],
        ),
        ("[{ param = \"folds\", max = 4 }]", ["the published value of `folds`, 5", "widen the knob"]),
        ("[{ param = \"word\", max = 4 }]", ["`max` changes nothing: `word` is no number", "remove it"]),
        (
            "[{ param = \"angle\", log = true }]",
            ["equal ratios need two bounds above 0", "add `min` and `max`"],
        ),
        ("[\"angle\", \"angle\"]", ["`angle` is turned by two knobs", "keep one"]),
        ("[{ max = 4 }]", ["param", "knobs"]),
    ] {
        let said = said(knobs, "");
        for word in words {
            assert!(said.contains(word), "{knobs}: {word}: {said}");
        }
        assert!(said.contains("strip.toml:"), "{said}");
    }
}

#[test]
fn parts_of_a_parameter_are_turned_and_not_the_whole() {
    let network = |knob: &str| {
        let text = format!(
            "title = \"A network\"\nanalysis = \"regions\"\n[params]\nnetwork = {{ widths = [2, 4, 1] }}\n[figures.cut]\n\
             from = \"partition\"\nmark = \"polygon\"\nknobs = [\"{knob}\"]\n"
        );
        Place::project(&[("net.toml", &text), ("index.md", "# Home\n")]).octavo(&["check"]).run()
    };
    for knob in ["network", "network.widths"] {
        network(knob).exits(2).says(&[&format!("`{knob}` is "), "name a part of it", "net.toml:"]);
    }
    network("network.widths.3").exits(2).says(&["`network.widths.3` has no value in this experiment"]);
    network("network.widths.1").exits(0);
}

#[test]
fn figures_that_cannot_follow_are_told() {
    let swept = said("[\"angle\"]", "\n[sweep]\nangle = [80, 90]\n");
    assert!(
        swept.contains("`angle` has several values already") && swept.contains("without that sweep"),
        "{swept}"
    );
    let many = said("[\"angle\"]", "\n[sweep]\nmax_vertices = { from = 64, to = 1000, step = 1 }\n");
    assert!(many.contains("tasks would be computed again") && many.contains("200"), "{many}");
    let other = said("[\"angle\"]", "\n[[figures.curve.layers]]\nfrom = \"other#curve\"\nmark = \"path\"\n");
    assert!(other.contains("draws `other#curve` too") && other.contains("remove `knobs`"), "{other}");
    let transport = "title = \"From a file\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { file = \"points.csv\" }\n\
                     target = { file = \"points.csv\" }\nepsilon = [0.5]\n[figures.costs]\nfrom = \"epsilon\"\nmark = \"point\"\n\
                     x = \"epsilon\"\ny = \"ot_eps\"\nknobs = [\"epsilon.0\"]\n";
    let place = Place::project(&[
        ("transport.toml", transport),
        ("points.csv", "x,y\n0,0\n1,0\n0,1\n"),
        ("index.md", "# Home\n"),
    ]);
    let said = place.octavo(&["check"]).run().exits(2).err;
    assert!(said.contains("the experiment takes files") && said.contains("into `[params]`"), "{said}");
}

/// What a script hands over to a function of `octavoLab`: its last argument.
fn handed_over(script: &str) -> Json {
    let inner = script.split_once('(').unwrap().1.trim_end().strip_suffix(");").unwrap();
    serde_json::from_str::<Vec<Json>>(&format!("[{inner}]")).unwrap().pop().unwrap()
}

/// A built site with knobs in two languages; `None` without modules.
fn built() -> Option<Place> {
    let place = with(STRIP.split_once("knobs = ").unwrap().1.split_once('\n').unwrap().0, "");
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n"));
    place.octavo(&["build"]).run().exits(0);
    if place.exists("site/lab/figures/strip/curve.js") {
        return Some(place);
    }
    eprintln!("SKIPPED: a module is older than its sources; `just lab` makes it anew");
    None
}

#[test]
fn a_figure_with_knobs_has_a_button_and_what_it_needs() {
    let Some(place) = built() else { return };
    let (english, french) = (place.read("site/index.html"), place.read("site/fr/index.html"));
    assert!(english.contains("data-figure=\"lab/figures/strip/curve.js\" data-name=\"strip#curve\" data-language=\"lab/language.js\">Turn the knobs</button>"), "{english}");
    assert!(
        french.contains("data-language=\"../lab/language.fr.js\">Tourner les boutons</button>"),
        "{french}"
    );
    assert!(!english.contains("<script src=\"assets/knobs.js"), "nothing is loaded before a click");
    for file in ["assets/knobs.js", "assets/lab.js", "lab/figure.js", "lab/dragon.js", "lab/language.fr.js"] {
        assert!(place.exists(&format!("site/{file}")), "{file}");
    }
    let all = handed_over(&place.read("site/lab/figures/strip/curve.js"));
    let [angle, folds, word, normalise] = all["controls"].as_array().unwrap().as_slice() else {
        panic!("{all}")
    };
    assert_eq!(
        (&angle["kind"], &angle["max"], &angle["above"], &angle["value"]),
        (&"number".into(), &180.0.into(), &true.into(), &90.0.into())
    );
    assert_eq!(
        (&folds["label"]["fr"], &folds["max"], &folds["whole"]),
        (&"plis".into(), &12.0.into(), &true.into())
    );
    assert_eq!(
        (&word["kind"], &normalise["kind"], &normalise["value"]),
        (&"text".into(), &"bool".into(), &false.into())
    );
    assert!(angle["about"]["fr"].as_str().unwrap().starts_with("Angle"), "{angle}");
    let strip = place.read("experiments/strip.toml");
    let filled: String = all["toml"]
        .as_array()
        .unwrap()
        .iter()
        .map(|part| match part {
            Json::String(text) => text.clone(),
            Json::Number(control) => {
                ["97", "7", "\"UUDD\"", "true"][control.as_u64().unwrap() as usize].to_owned()
            }
            other => panic!("{other}"),
        })
        .collect();
    let wanted = strip.replace("folds = 5", "folds = 7").replace("\"UDUUD\"", "\"UUDD\"");
    assert_eq!(filled, wanted.replace("[params]\n", "[params]\nangle = 97\nnormalise = true\n"));
}

#[test]
fn a_site_without_knobs_has_nothing_of_them() {
    let place = with("[]", "");
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/assets/knobs.js") && !place.exists("site/lab/figure.js"));
    assert!(!place.read("site/index.html").contains("Turn the knobs"));
}

#[test]
fn the_drawing_module_draws_what_was_published() {
    let has_node = Command::new("node").arg("--version").output().is_ok_and(|done| done.status.success());
    if !has_node {
        eprintln!("SKIPPED: there is no node here, so nothing was drawn");
        return;
    }
    let Some(place) = built() else { return };
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("lab/drawn.mjs");
    let site = place.path("site");
    let done =
        Command::new("node").arg(script).arg(site).args(["index.html", "fr/index.html"]).output().unwrap();
    let said = String::from_utf8_lossy(&done.stdout).into_owned();
    assert!(done.status.success(), "{said}{}", String::from_utf8_lossy(&done.stderr));
    assert!(said.contains("2 figures compared"), "{said}");
}
