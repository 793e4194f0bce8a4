//! Data files: one for the same rows, one for the rows of a table, and names that a reader knows.

use std::collections::BTreeMap;

use serde_json::{Value as Json, json};

use super::draw;
use super::fixtures::{self, Tables};
use crate::Drawn;
use crate::data::csv;
use crate::files::{DataFile, FileName, files};
use octavo_definition::locale::Locale;
use octavo_tables::relation::Relation;

fn drawn(description: Json, relation: Relation) -> Drawn {
    let tables =
        Tables(BTreeMap::from([("runs".to_owned(), relation.clone()), ("more".to_owned(), relation)]));
    draw(&fixtures::figure(description), &tables, &Locale::built_in("en").unwrap()).unwrap()
}

/// Four runs: depth, error and bound, and whether they count.
fn runs() -> Relation {
    fixtures::table(vec![
        ("depth", "", "layers", "couches", vec![1_i64, 2, 1, 2].into()),
        ("error", "", "error", "erreur", vec![0.5, 0.25, 0.75, 0.5].into()),
        ("bound", "", "bound", "borne", vec![1.0, 0.5, 1.0, 0.5].into()),
        ("kind", "", "kind", "genre", vec!["a", "a", "b", "b"].into()),
    ])
}

fn names(files: &[DataFile], language: &str) -> Vec<String> {
    let locale = Locale::built_in(language).unwrap();
    files.iter().map(|file| file.name.text(&locale).to_owned()).collect()
}

fn check(description: Json, english: &[&str], french: &[&str], contents: &[&str]) {
    let files = files(&drawn(description, runs()).data());
    assert_eq!(names(&files, "en"), english);
    assert_eq!(names(&files, "fr"), french);
    let found: Vec<String> = files.iter().map(|file| csv(&file.relation).replace('\n', " ")).collect();
    assert_eq!(found.iter().map(|text| text.trim()).collect::<Vec<_>>(), contents);
}

#[test]
fn layers_over_the_same_rows_share_a_file() {
    check(
        json!({"from": "runs", "mark": "line", "x": "depth", "y": "error", "layers": [{"mark": "point", "y": "bound"}]}),
        &["runs"],
        &["runs"],
        &["depth,error,bound 1,0.5,1 2,0.25,0.5 1,0.75,1 2,0.5,0.5"],
    );
}

#[test]
fn layers_of_other_rows_of_a_table_share_a_file_without_doubled_rows() {
    check(
        json!({"from": "runs", "where": {"kind": "a"}, "mark": "line", "x": "depth", "y": "error",
        "layers": [{"where": {"kind": "b"}}, {"where": {"depth": 1}}]}),
        &["runs"],
        &["runs"],
        &["depth,error 1,0.5 2,0.25 1,0.75 2,0.5"],
    );
    check(
        json!({"from": "runs", "where": {"kind": "a"}, "mark": "line", "x": "depth", "y": {"expr": "-error"},
        "layers": [{"where": {"kind": "b"}, "y": {"expr": "-bound"}}]}),
        &["runs"],
        &["runs"],
        &["depth,-error,-bound 1,-0.5, 2,-0.25, 1,,-1 2,,-0.5"],
    );
}

#[test]
fn a_file_is_called_what_its_layer_is_called() {
    check(
        json!({"from": "runs", "where": {"kind": "a"}, "mark": "line", "x": "depth", "y": "error",
        "label": {"en": "all layers", "fr": "toutes les couches"}, "layers": [{"from": "more", "label": {"en": "theory", "fr": "théorie"}}]}),
        &["all layers", "theory"],
        &["toutes les couches", "théorie"],
        &["depth,error 1,0.5 2,0.25", "depth,error 1,0.5 2,0.25 1,0.75 2,0.5"],
    );
}

#[test]
fn a_file_is_called_what_it_shows_where_that_tells_all_apart() {
    check(
        json!({"from": "runs", "where": {"kind": "a"}, "mark": "line", "x": "depth", "y": {"field": "error", "stat": "max"},
        "layers": [{"y": "bound"}]}),
        &["error", "bound"],
        &["erreur", "borne"],
        &["depth,error,rows 1,0.5,1 2,0.25,1", "depth,bound 1,1 2,0.5"],
    );
    check(
        json!({"from": "runs", "where": {"kind": "a"}, "mark": "line", "x": "depth", "y": "error",
        "layers": [{"from": "more", "where": {"kind": "b"}}]}),
        &["runs", "more"],
        &["runs", "more"],
        &["depth,error 1,0.5 2,0.25", "depth,error 1,0.75 2,0.5"],
    );
}

#[test]
fn of_a_statistic_and_its_rows_the_rows_are_called_like_the_table() {
    for points in [json!("error"), json!({"expr": "-error"})] {
        let description = json!({"from": "runs", "mark": "line", "x": "depth", "y": {"field": "error", "stat": "max"},
            "layers": [{"mark": "point", "y": points}]});
        let files = files(&drawn(description, runs()).data());
        assert_eq!(names(&files, "fr"), ["erreur", "runs"]);
        assert_eq!(files[1].name, FileName::Table("runs".to_owned()));
    }
}

#[test]
fn parts_of_drawings_are_rows_and_keep_numbers_of_their_own() {
    let (_, _, tables) = fixtures::all().into_iter().find(|(name, ..)| *name == "dragon").unwrap();
    let description = json!({"from": "runs", "where": {"folds": 2}, "mark": "path", "layers": [{"where": {"folds": 4}}, {"where": {"folds": 8}, "tone": "ink"}, {"where": {"folds": 2}}]});
    let files = files(&drawn(description, tables.0["t"].clone()).data());
    let [DataFile { name, relation, .. }] = &files[..] else { panic!("{files:?}") };
    assert_eq!(*name, FileName::Table("runs".to_owned()));
    let vertices = |part: i64| {
        (0..relation.rows).filter(|row| relation.value("part", *row) == Some(part.into())).count()
    };
    // 2, 4 and 8 folds, each curve once.
    assert_eq!([vertices(0), vertices(1), vertices(2), vertices(3)], [5, 17, 257, 0]);
}
