//! The cases that Rust and Python share.

use indexmap::IndexMap;
use serde_json::{Value as Json, json};

use super::TextForm;
use crate::input::InputContent;
use crate::process::cell_to_json;
use crate::process::columns;
use crate::{ColumnType, InputData, Reading, Table};

const CASES: &str = include_str!("../../../../docs/plugin-protocol/csv.json");

fn bytes(case: &Json) -> Vec<u8> {
    match case["bytes"].as_str() {
        Some(text) => text.chars().map(|byte| u8::try_from(u32::from(byte)).expect("a byte")).collect(),
        None => case["text"].as_str().expect("a text").as_bytes().to_vec(),
    }
}

fn read(case: &Json) -> Json {
    let form: TextForm = serde_json::from_value(case.get("form").cloned().unwrap_or(json!({}))).unwrap();
    let types: IndexMap<String, ColumnType> = serde_json::from_value(case["types"].clone()).unwrap();
    let content = InputContent::File { extension: "csv".into(), bytes: bytes(case) };
    let data = InputData { name: "a.csv".into(), content };
    match columns(Reading::from(&data).written(&form), &types) {
        Ok(Table { columns }) => {
            let cells = |column: &crate::Column| -> Json {
                (0..column.len()).map(|row| large(cell_to_json(&column.value(row)))).collect()
            };
            let columns: serde_json::Map<String, Json> =
                columns.iter().map(|(name, column)| (name.clone(), cells(column))).collect();
            json!({ "columns": columns })
        }
        Err(failure) => match failure.help {
            Some(help) => json!({ "message": failure.message, "help": help }),
            None => json!({ "message": failure.message }),
        },
    }
}

/// An integer beyond what doubles hold stands as text in the cases.
fn large(cell: Json) -> Json {
    match &cell {
        Json::Number(number) if number.as_i64().is_none() && !number.is_f64() => number.to_string().into(),
        _ => cell,
    }
}

#[test]
fn files_are_read_as_in_the_cases_that_python_shares() {
    let all: Json = serde_json::from_str(CASES).unwrap();
    let cases = all["cases"].as_array().unwrap();
    assert!(cases.len() >= 60);
    for case in cases {
        let mut expected = case.clone();
        for key in ["text", "bytes", "form", "types"] {
            expected.as_object_mut().unwrap().shift_remove(key);
        }
        assert_eq!(read(case), expected, "{case}");
    }
}

#[test]
fn signs_have_one_meaning_each() {
    let problem = |form: Json| {
        let form: TextForm = serde_json::from_value(form).unwrap();
        form.problem().map(|(key, message, _)| format!("{key}: {message}"))
    };
    assert_eq!(problem(json!({})), None);
    assert_eq!(problem(json!({"separator": ";", "decimal": ",", "thousands": "."})), None);
    assert_eq!(problem(json!({"decimal": ","})), None, "cells of numbers may be in quotation marks");
    let both =
        |sign: &str| Some(format!("thousands: groups of digits and decimals are both parted by `{sign}`"));
    assert_eq!(problem(json!({"separator": ";", "thousands": "."})), both("."));
    assert_eq!(problem(json!({"decimal": ",", "thousands": ","})), both(","));
}

#[test]
fn what_is_not_declared_is_not_written() {
    let input = crate::Input::File { file: "a.csv".into(), form: TextForm::default() };
    assert_eq!(serde_json::to_string(&input).unwrap(), r#"{"file":"a.csv"}"#);
    let text = r#"{"file":"a.csv","separator":";","missing":["NA"]}"#;
    let input: crate::Input = serde_json::from_str(text).unwrap();
    assert_eq!(serde_json::to_string(&input).unwrap(), text);
}
