//! A language that nobody here speaks: interface words and words of analyses are files of a project.

use std::collections::BTreeMap;

use crate::harness::Place;

const GERMAN: &str = "octavo = \"1\"\ntitle = \"Falten\"\nlanguages = [\"de\"]\n";
const STRIP: &str = "title = \"Ein Streifen\"\nanalysis = \"dragon\"\n[params]\nfolds = 6\n";
const PAGE: &str = "# Streifen\n\n![](figure:strip#convergence)\n\n{{ table(\"strip#levels\") }}\n";

/// The English interface words, every one of them changed.
fn words() -> String {
    let english: toml::Table = include_str!("../../templates/locales/en.toml").parse().unwrap();
    let mut german = english;
    german["name"] = "Deutsch".into();
    let words = german["words"].as_table_mut().unwrap();
    // Months are counted and patterns have gaps: they stay.
    for (_, word) in words.iter_mut().filter(|(key, _)| !["months", "date-pattern"].contains(&key.as_str())) {
        *word = format!("{} (de)", word.as_str().unwrap()).into();
    }
    toml::to_string(&german).unwrap()
}

fn project(labels: &str) -> Place {
    let place = Place::with(&[
        ("octavo.toml", GERMAN),
        ("experiments/strip.toml", STRIP),
        ("experiments/index.md", PAGE),
        ("templates/locales/de.toml", &words()),
    ]);
    if !labels.is_empty() {
        place.write("templates/labels/dragon.de.toml", labels);
    }
    place
}

/// All texts of `dragon` in a file that a translator would begin with, every one translated.
fn all_labels(place: &Place) -> String {
    let written = place.octavo(&["plugins", "labels", "dragon"]).run().exits(0).out;
    let texts: BTreeMap<String, String> = toml::from_str(&written).unwrap();
    assert!(texts.len() > 40 && texts.iter().all(|(english, text)| english == text), "{written}");
    let german: BTreeMap<_, _> =
        texts.into_keys().map(|text| (text.clone(), format!("{text} auf Deutsch"))).collect();
    toml::to_string(&german).unwrap()
}

#[test]
fn a_german_project_translates_an_analysis_without_code() {
    let place = project("");
    place.write("templates/labels/dragon.de.toml", all_labels(&place));
    let done = place.octavo(&["build", "--strict"]).run().exits(0);
    assert_eq!(done.err.matches("warning").count(), 0, "{}", done.err);
    let page = place.read("site/index.html");
    for text in ["Folds auf Deutsch", "How far the next fold moves the curve auf Deutsch"] {
        assert!(page.contains(text), "{text}");
    }
    let list = place.read("site/analyses.html");
    assert!(list.contains("Dragon curve auf Deutsch"), "{list}");
    // French comes with the program, and is not asked for here.
    assert!(!page.contains("Plis"));
    let again = place.octavo(&["plugins", "labels", "dragon", "--language", "de"]).run().exits(0).out;
    assert!(
        again.contains("\"Folds\" = \"Folds auf Deutsch\"")
            || again.contains("Folds = \"Folds auf Deutsch\""),
        "{again}"
    );
}

#[test]
fn what_is_not_translated_is_english_and_told() {
    let place = project("");
    let silent = place.octavo(&["build"]).run().exits(0);
    assert!(!silent.err.contains("warning"), "{}", silent.err);
    assert!(place.read("site/index.html").contains("Folds"));
    place.write(
        "templates/labels/dragon.de.toml",
        "Folds = \"Faltungen\"\n\"Foldz\" = \"x\"\nSegments = 3\nVertex = \" \"\n",
    );
    let err = place.octavo(&["check"]).run().exits(2).err;
    for part in [
        "templates/labels/dragon.de.toml:2:1",
        "no text of the analysis is `Foldz`",
        "did you mean `Folds`?",
        "templates/labels/dragon.de.toml:3",
        "what stands for `Segments` must be a text",
        "templates/labels/dragon.de.toml:4:",
        "nothing stands for `Vertex`",
        "they stay English",
    ] {
        assert!(err.contains(part), "{part}\n{err}");
    }
    place.write("templates/labels/dragon.de.toml", "Folds = \"Faltungen\"\n");
    let err = place.octavo(&["build"]).run().exits(0).err;
    assert!(
        err.contains("templates/labels/dragon.de.toml") && err.contains(" more: they stay English"),
        "{err}"
    );
    assert!(place.read("site/index.html").contains("Faltungen"));
}

#[test]
fn files_of_words_that_nothing_uses_are_told() {
    let place = project("");
    place.write("templates/labels/dargon.de.toml", "Folds = \"x\"\n");
    place.write("templates/labels/dragon.it.toml", "Folds = \"x\"\n");
    place.write("templates/labels/dragon.toml", "Folds = \"x\"\n");
    let err = place.octavo(&["check"]).run().exits(0).err;
    for part in [
        "`templates/labels/dargon.de.toml` translates no analysis",
        "did you mean `dragon`?",
        "`templates/labels/dragon.it.toml` is for `it`, which is no language of the project",
        "`templates/labels/dragon.toml` translates no analysis",
    ] {
        assert!(err.contains(part), "{part}\n{err}");
    }
}

#[test]
fn an_interface_word_that_a_later_version_brings_is_english_and_told() {
    let place = project("");
    let words = words();
    let shorter: String =
        words.lines().filter(|line| !line.starts_with("claims = ")).map(|line| format!("{line}\n")).collect();
    assert_ne!(words.trim(), shorter.trim());
    place.write("templates/locales/de.toml", shorter);
    let err = place.octavo(&["build"]).run().exits(0).err;
    assert!(err.contains("lacks the word `claims`: it stays English"), "{err}");
    place.octavo(&["build", "--strict"]).run().exits(2);
}

#[test]
fn a_plugin_is_translated_by_its_project_too() {
    let place = Place::with(&[
        ("octavo.toml", &format!("{GERMAN}\n[plugins.walk]\ncommand = [\"python3\", \"walk.py\"]\n")),
        ("walk.py", include_str!("plugins/labelled.py")),
        ("octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py")),
        ("experiments/walk.toml", "title = \"Weg\"\nanalysis = \"walk\"\n"),
        ("experiments/index.md", "# Weg\n\n{{ table(\"walk#steps\") }}\n"),
        ("templates/locales/de.toml", &words()),
        ("templates/labels/walk.de.toml", "Step = \"Schritt\"\n"),
    ]);
    place.octavo(&["build"]).run().exits(0);
    let page = place.read("site/index.html");
    assert!(page.contains("Schritt") && !page.contains(">Step<"), "{page}");
}
