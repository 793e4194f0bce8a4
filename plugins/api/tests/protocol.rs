//! The golden messages of docs/plugin-protocol/v1: both directions of every message are read and written as they stand.

#![allow(clippy::unwrap_used, reason = "a test may panic")]

use std::collections::BTreeMap;
use std::path::PathBuf;

use octavo_plugin::input::InputContent;
use octavo_plugin::process::{
    CheckAnswer, Describe, Folder, Hello, Reply, Request, RunRequest, Welcome, conform, decode_artifacts,
    decode_inputs, encode_artifacts, encode_inputs, plain_name,
};
use octavo_plugin::{Artifacts, ColumnData, Drawing, FailureKind, OutputSchema, Schema, Value};
use serde_json::Value as Json;

fn folder() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../docs/plugin-protocol/v1")
}

/// Lines of a dialogue: who speaks, and what.
fn dialogue(name: &str) -> Vec<(String, Json)> {
    let text = std::fs::read_to_string(folder().join(name)).unwrap();
    let line = |line: &str| {
        let object: serde_json::Map<String, Json> = serde_json::from_str(line).unwrap();
        object.into_iter().next().unwrap()
    };
    text.lines().map(line).collect()
}

/// The golden files beside the messages, and what a test writes.
#[derive(Default)]
struct Files(BTreeMap<String, Vec<u8>>);

impl Folder for Files {
    fn read(&self, name: &str) -> Result<Vec<u8>, String> {
        assert!(plain_name(name), "{name}");
        let golden = || {
            std::fs::read(folder().join("files").join(name)).map_err(|_| format!("there is no file `{name}`"))
        };
        self.0.get(name).cloned().map_or_else(golden, Ok)
    }

    fn write(&mut self, name: &str, bytes: &[u8]) -> Result<(), String> {
        self.0.insert(name.to_owned(), bytes.to_vec());
        Ok(())
    }
}

fn describe() -> Describe {
    let (_, message) = dialogue("describe.ndjson").pop().unwrap();
    serde_json::from_value(message["value"].clone()).unwrap()
}

fn outputs() -> OutputSchema {
    describe().outputs
}

/// The value of the last result of a dialogue.
fn result(name: &str, index: usize) -> Json {
    let results =
        dialogue(name).into_iter().filter(|(who, message)| who == "plugin" && message["reply"] == "result");
    results.map(|(_, message)| message["value"].clone()).nth(index).unwrap()
}

fn golden_artifacts() -> Artifacts {
    let artifacts = decode_artifacts(&result("run.ndjson", 0), &outputs(), &Files::default()).unwrap();
    artifacts.check(&outputs()).unwrap();
    artifacts
}

const DIALOGUES: [&str; 8] = [
    "describe.ndjson",
    "check.ndjson",
    "run.ndjson",
    "files.ndjson",
    "inputs.ndjson",
    "errors.ndjson",
    "cancel.ndjson",
    "first-exchange.ndjson",
];

#[test]
fn every_message_is_read_and_written_as_it_stands() {
    for name in DIALOGUES {
        for (who, message) in dialogue(name) {
            let line = message.to_string();
            let again = match (who.as_str(), message.get("protocol").is_some()) {
                ("host", true) => {
                    serde_json::to_value(serde_json::from_str::<Hello>(&line).unwrap()).unwrap()
                }
                (_, true) => serde_json::to_value(Welcome::parse(line.as_bytes()).unwrap()).unwrap(),
                ("host", false) => match Request::parse(line.as_bytes()).unwrap() {
                    (id, Ok(request)) => request.to_json(id),
                    (5, Err(problem)) if problem.contains("predict") => message.clone(),
                    (_, Err(problem)) => panic!("{name}: {problem}"),
                },
                _ => {
                    let (id, reply) = Reply::parse(line.as_bytes()).unwrap();
                    reply.to_json(id)
                }
            };
            assert_eq!(again, message, "{name}");
        }
    }
}

#[test]
fn a_description_is_read_and_written_as_it_stands() {
    let about = describe();
    assert_eq!(serde_json::to_value(&about).unwrap(), {
        let mut golden = result("describe.ndjson", 0);
        // What a figure has by default is written out.
        golden["figures"]["decay"]["aspect"] = "fill".into();
        golden["figures"]["decay"]["width"] = "body".into();
        golden
    });
    let schema = Schema::parse(&about.schema).unwrap();
    let params = conform(&serde_json::json!({"half_life": 2}), &schema).unwrap();
    assert_eq!(params.to_string(), r#"{"half_life":2.0,"steps":2,"noise":0.0,"shape":"exponential"}"#);
    let mut incomplete = result("describe.ndjson", 0);
    for field in incomplete.as_object().unwrap().keys().cloned().collect::<Vec<_>>() {
        let value = incomplete.as_object_mut().unwrap().remove(&field).unwrap();
        assert!(serde_json::from_value::<Describe>(incomplete.clone()).is_err(), "`{field}` is mandatory");
        incomplete[field] = value;
    }
}

#[test]
fn unknown_fields_are_ignored() {
    let lines = dialogue("unknown-fields.ndjson");
    let hello: Hello = serde_json::from_value(lines[0].1.clone()).unwrap();
    assert_eq!(hello.versions, [1, 2]);
    assert_eq!(Welcome::parse(lines[1].1.to_string().as_bytes()).unwrap().version, 1);
    assert!(matches!(Request::parse(lines[2].1.to_string().as_bytes()), Ok((1, Ok(Request::Check(_))))));
    let (_, Reply::Result(value)) = Reply::parse(lines[3].1.to_string().as_bytes()).unwrap() else {
        panic!()
    };
    assert_eq!(serde_json::from_value::<CheckAnswer>(value).unwrap().problems(), []);
}

#[test]
fn another_version_is_seen_before_anything_else() {
    let (_, line) = dialogue("other-version.ndjson").pop().unwrap();
    assert_eq!(Welcome::parse(line.to_string().as_bytes()).unwrap().version, 7);
}

#[test]
fn values_are_what_the_document_says() {
    let artifacts = golden_artifacts();
    let scalar = |name: &str| artifacts.scalars[name].clone();
    assert_eq!((scalar("half").value, scalar("half").uncertainty), (Value::Float(2.0), Some(0.001)));
    assert_eq!(scalar("atoms").value.to_string(), "36893488147419103232");
    assert_eq!(scalar("end").value.as_f64(), Some(f64::INFINITY));
    assert_eq!(scalar("input_rows").value, Value::Missing("there is no input".into()));
    let decay = &artifacts.tables["decay"];
    assert_eq!(decay.columns["step"].data, ColumnData::Integer(vec![0, 1, 2]));
    assert_eq!(decay.columns["left"].value(2), Value::Missing("not measured".into()));
    assert_eq!(decay.columns["word"].value(2), Value::Text("<b>é</b>".into()));
    let Drawing::Raster(map) = &artifacts.drawings["map"] else { panic!() };
    assert_eq!((map.width, map.height, map.values.as_slice()), (3, 1, [1.0, 0.75, 0.5].as_slice()));
}

#[test]
fn files_give_the_same_bits_as_lists() {
    let golden = golden_artifacts();
    let files = decode_artifacts(&result("files.ndjson", 0), &outputs(), &Files::default()).unwrap();
    assert_eq!(files.digest(), golden.digest());
}

#[test]
fn what_is_written_is_read_with_the_same_bits() {
    let golden = golden_artifacts();
    let mut files = Files::default();
    let small = encode_artifacts(&golden, &mut files).unwrap();
    assert_eq!(small, result("run.ndjson", 0));
    assert!(files.0.is_empty());
    let large = large(&golden);
    let message = encode_artifacts(&large, &mut files).unwrap();
    assert_eq!(files.0.keys().collect::<Vec<_>>(), ["1.csv", "2.npy", "3.npy", "4.csv", "5.npy"]);
    let again = decode_artifacts(&message, &outputs(), &files).unwrap();
    assert_eq!(again, large);
    assert_eq!(again.digest(), large.digest());
}

/// The same outputs with many rows, and every kind of value among them.
fn large(golden: &Artifacts) -> Artifacts {
    let mut large = golden.clone();
    let odd = [0.1, -0.0, 1e300, 5e-324, f64::INFINITY, f64::NEG_INFINITY, 1.0 / 3.0];
    let left: Vec<Value> = (0..1000)
        .map(|row| match row % 9 {
            7 => Value::Missing("a reason, with \"marks\"".into()),
            8 => Value::Missing(String::new()),
            index => Value::from_f64(odd[index]),
        })
        .collect();
    let words: Vec<Value> = (0..1000)
        .map(|row| match row % 4 {
            0 => Value::Text(String::new()),
            1 => Value::Text("a,\"b\"\r\nc".into()),
            2 => Value::Missing(String::new()),
            _ => Value::Text("infinity".into()),
        })
        .collect();
    let column = |kind, values: &[Value]| octavo_plugin::Column::from_values(kind, values).unwrap();
    use octavo_plugin::ColumnType::{Float, Text};
    let table = octavo_plugin::Table::new()
        .with("step", (0..1000).map(|row| i64::MAX - row).collect::<Vec<_>>())
        .with("time", (0..1000).map(|row| f64::from(row) * 0.1).collect::<Vec<_>>())
        .with("left", column(Float, &left))
        .with("word", column(Text, &words))
        .with("first", (0..1000).map(|row| row % 2 == 0).collect::<Vec<_>>());
    large.table("decay", table);
    let mut curve = octavo_plugin::Geometry::new(octavo_plugin::GeometryKind::Paths);
    (0..1000).for_each(|part| curve.push([[f64::from(part), 0.1], [-0.0, 1e-300]]));
    curve.attributes = octavo_plugin::Table::new().with("part", (0..1000).collect::<Vec<i64>>());
    large.drawing("curve", curve);
    let values = (0..1200).map(|index| f64::from(index) / 7.0).collect();
    let extent = [[0.0, 0.0], [3.0, 1.0]];
    large.drawing("map", octavo_plugin::Raster { width: 40, height: 30, extent, values });
    large
}

#[test]
fn inputs_arrive_with_their_content() {
    let mut seen = 0;
    for (who, message) in dialogue("inputs.ndjson") {
        let Ok((id, Ok(Request::Run(run)))) = Request::parse(message.to_string().as_bytes()) else {
            continue;
        };
        assert_eq!(who, "host");
        let RunRequest { inputs, .. } = *run;
        let decoded = decode_inputs(&inputs, &Files::default()).unwrap();
        let (address, data) = decoded.each().next().unwrap();
        assert!(run_names(&message, address));
        match (id, &data.content) {
            (1, InputContent::File { extension, bytes }) => {
                assert_eq!((extension.as_str(), bytes.as_slice()), ("csv", b"x,y\n0,1\n1,0.5\n".as_slice()));
            }
            (2 | 3, InputContent::Artifact(octavo_plugin::artifact::Artifact::Table(table))) => {
                assert_eq!(table.columns["left"].value(1).as_f64(), Some(f64::INFINITY));
                assert_eq!(table.columns["step"].data, ColumnData::Integer(vec![0, 1]));
            }
            (
                4,
                InputContent::Artifact(octavo_plugin::artifact::Artifact::Drawing(Drawing::Geometry(curve))),
            ) => {
                assert_eq!((curve.parts(), curve.attributes.rows()), (2, 2));
            }
            other => panic!("{other:?}"),
        }
        // The host writes small inputs as they stand.
        if id != 3 {
            assert_eq!(encode_inputs(&decoded, &mut Files::default()).unwrap(), inputs);
        }
        seen += 1;
    }
    assert_eq!(seen, 4);
}

fn run_names(message: &Json, address: &str) -> bool {
    message["params"]["data"]["file"] == address
}

#[test]
fn what_must_be_refused_is_refused_with_its_reason() {
    let text = std::fs::read_to_string(folder().join("refused.ndjson")).unwrap();
    for line in text.lines() {
        let golden: Json = serde_json::from_str(line).unwrap();
        let (sent, reason) = (golden["plugin_line"].as_str().unwrap(), golden["reason"].as_str().unwrap());
        let refused = match Reply::parse(sent.as_bytes()) {
            Err(failure) => failure,
            Ok((1, Reply::Result(value))) => {
                let read = decode_artifacts(&value, &outputs(), &Files::default());
                read.and_then(|artifacts| artifacts.check(&outputs())).unwrap_err()
            }
            // A reply to no request.
            Ok((id, _)) => {
                assert_eq!(id.to_string(), reason);
                continue;
            }
        };
        assert!(refused.message.contains(reason), "`{reason}` is not in: {}", refused.message);
        let numeric = sent.contains("NaN") || sent.contains("1e999") || sent.contains("-1.0");
        assert_eq!(refused.kind == FailureKind::Numeric, numeric, "{}", refused.message);
    }
}

#[test]
fn names_of_files_are_plain() {
    for good in ["a.csv", "A-1_b.npy", "x"] {
        assert!(plain_name(good), "{good}");
    }
    let long = "x".repeat(101);
    for bad in ["", ".", "..", ".a", "a/b", "/a", "a\\b", "a b", "é", "a\0b", "../a.csv", long.as_str()] {
        assert!(!plain_name(bad), "{bad}");
    }
}
