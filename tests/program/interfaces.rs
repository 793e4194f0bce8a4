//! What people and other programs read of the program, as files: a change of them is seen in review. docs/interfaces.md describes it.
//!
//! `OCTAVO_REWRITE=1 cargo test --test program interfaces` writes the files of `tests/program/interfaces` anew.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use octavo_plugin::Schema;
use octavo_plugin::process::conform;
use serde_json::{Map, Value as Json};

use crate::harness::{Done, Place};

/// Compares with a file, or writes it if that is asked for.
#[track_caller]
fn golden(name: &str, found: &str) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/program/interfaces").join(name);
    #[expect(clippy::disallowed_methods, reason = "it asks for the files anew and changes no result")]
    let rewrite = std::env::var_os("OCTAVO_REWRITE").is_some();
    if rewrite {
        fs::write(&path, found).unwrap();
        return;
    }
    let expected = fs::read_to_string(&path).unwrap_or_default();
    if expected != found {
        let same = expected.lines().zip(found.lines()).take_while(|(left, right)| left == right).count();
        let line = |text: &str| text.lines().nth(same).unwrap_or("the end").to_owned();
        panic!(
            "tests/program/interfaces/{name}:{}: expected\n{}\nfound\n{}\n\
             if this is intended, `OCTAVO_REWRITE=1 cargo test --test program interfaces` writes the file",
            same + 1,
            line(&expected),
            line(found),
        );
    }
}

/// Help is wrapped at the same width whatever the terminal.
fn help(place: &Place, command: &[&str]) -> Done {
    place.octavo(&[command, &["--help"]].concat()).env("COLUMNS", "100").run().exits(0).says_nothing()
}

/// The names under `Commands:`.
fn subcommands(help: &str) -> Vec<&str> {
    let Some((_, rest)) = help.split_once("\nCommands:\n") else { return Vec::new() };
    let lines = rest.lines().take_while(|line| !line.is_empty());
    let names = lines.filter(|line| line.starts_with("  ") && !line.starts_with("   "));
    names.filter_map(|line| line.split_whitespace().next()).filter(|name| *name != "help").collect()
}

fn all_help(place: &Place, command: &[&str], text: &mut String) {
    let out = help(place, command).out;
    let _ = writeln!(text, "$ {}\n{}", [&["octavo"], command, &["--help"]].concat().join(" "), out);
    for name in subcommands(&out) {
        all_help(place, &[command, &[name]].concat(), text);
    }
}

#[test]
fn help_of_every_command() {
    let mut text = String::new();
    all_help(&Place::new(), &[], &mut text);
    assert!(text.matches("$ octavo").count() > 10, "{text}");
    golden("help.txt", &text);
}

/// A project file, and what is wrong below `experiments`.
const MISTAKES: &[(&str, &[(&str, &str)])] = &[
    ("an unknown key", &[("a.toml", "title = \"A\"\nanalysis = \"dragon\"\n[parms]\nfolds = 3\n")]),
    (
        "a parameter of a wrong type, and one out of its range",
        &[
            ("a.toml", "title = \"A\"\nanalysis = \"dragon\"\n[params]\nfolds = \"three\"\n"),
            ("b.toml", "title = \"B\"\nanalysis = \"dragon\"\n[params]\nfolds = 61\n"),
        ],
    ),
    ("an unknown analysis", &[("a.toml", "title = \"A\"\nanalysis = \"dargon\"\n")]),
    ("TOML that cannot be read", &[("a.toml", "title = \"A\nanalysis = \"dragon\"\n")]),
    (
        "a column that no table has",
        &[(
            "a.toml",
            "title = \"A\"\nanalysis = \"dragon\"\n[figures.f]\nfrom = \"levels\"\nmark = \"line\"\nx = \"n\"\ny = \"segmets\"\n",
        )],
    ),
    (
        "an expression that cannot be read",
        &[(
            "a.toml",
            "title = \"A\"\nanalysis = \"dragon\"\n[claims.c]\ntext = \"C\"\ncheck = \"segments = = 2\"\n",
        )],
    ),
    (
        "names on a page that do not exist",
        &[("a.md", "# A\n\n![F](figure:b#f)\n\n{{ value(\"v\") }} [l](b.md) [@fig:g] $\\nothing$\n")],
    ),
    ("a warning", &[("a.md", "# A\n\n::: note\nx\n:::\n")]),
];

#[test]
fn messages_of_typical_mistakes() {
    let mut text = String::new();
    let done = Place::new().octavo(&["check"]).run();
    let _ = writeln!(text, "# no project\n$ octavo check\n{}exit code {:?}\n", done.err, done.code.unwrap());
    for (name, files) in MISTAKES {
        let done = Place::project(files).octavo(&["check"]).run();
        let _ = writeln!(text, "# {name}\n$ octavo check\n{}exit code {:?}\n", done.err, done.code.unwrap());
    }
    golden("messages.txt", &text);
}

/// One experiment that works with a claim that does not hold, one that fails, and one that needs its result.
fn events_project() -> Place {
    let strip = "title = \"Strip\"\nanalysis = \"dragon\"\n[params]\nfolds = 2\n[claims.c]\ntext = \"C\"\ncheck = \"segments == 5\"\n";
    let slow = "title = \"Slow\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\nmax_iterations = 3\n";
    let after = "title = \"After\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { from = \"slow\", artifact = \"target\" }\n";
    Place::project(&[
        ("index.md", "# Home\n\n{{ claim(\"strip#c\") }}\n"),
        ("after.toml", after),
        ("slow.toml", slow),
        ("strip.toml", strip),
    ])
}

/// An event without what differs from place to place and from version to version: folders, digests, sizes.
fn normalised(event: &mut Json) {
    match event {
        Json::Object(object) => {
            for (key, value) in object {
                match key.as_str() {
                    "folder" => *value = "FOLDER".into(),
                    "key" | "results" if value.is_string() => *value = "DIGEST".into(),
                    "bytes" | "kept_bytes" => *value = "BYTES".into(),
                    "seconds" if value.is_number() => *value = "SECONDS".into(),
                    "threads" if value.is_number() => *value = "THREADS".into(),
                    // Which of them is the slowest is chance.
                    "slowest" => *value = "SLOWEST".into(),
                    _ => normalised(value),
                }
            }
        }
        Json::Array(list) => list.iter_mut().for_each(normalised),
        _ => {}
    }
}

/// The schema of each kind of event, as the program prints it.
fn schemas(place: &Place) -> BTreeMap<String, Schema> {
    let printed = place.octavo(&["schema", "events"]).run().exits(0).says_nothing().out;
    let printed: Json = serde_json::from_str(&printed).unwrap();
    let of = |kind: &Json| {
        let name = kind["properties"]["event"]["const"].as_str().unwrap().to_owned();
        (name, Schema::parse(kind).unwrap())
    };
    printed["oneOf"].as_array().unwrap().iter().map(of).collect()
}

/// Every event has the keys of its kind, and no others.
#[track_caller]
fn assert_known(schemas: &BTreeMap<String, Schema>, event: &Json) {
    let name = event["event"].as_str().unwrap_or_else(|| panic!("no event: {event}"));
    let schema = schemas.get(name).unwrap_or_else(|| panic!("`{name}` is in no schema: {event}"));
    conform(event, schema).unwrap_or_else(|message| panic!("{message}: {event}"));
}

#[test]
fn events_for_other_programs() {
    let place = events_project();
    let schemas = schemas(&place);
    let mut text = String::new();
    for (command, code) in [
        (&["build"][..], 1),
        (&["build"], 1),
        (&["verify", "--store"], 0),
        (&["verify"], 1),
        (&["gc", "--dry-run"], 0),
        (&["gc"], 0),
        (&["check", "--profile", "fll"], 2),
        (&["check", "--proflie", "full"], 2),
        (&["build", "--timings"], 1),
    ] {
        let shared = ["--log-format", "json", "--jobs", "1"];
        let done = place.octavo(&[command, &shared].concat()).run().exits(code).prints_nothing();
        let _ = writeln!(text, "$ octavo {} --log-format json", command.join(" "));
        // Which of the tasks that wait for nothing is first is chance.
        let mut lines = done.lines();
        lines.iter().for_each(|line| assert_known(&schemas, line));
        lines.iter_mut().for_each(normalised);
        lines.sort_by_key(|line| (line["event"] != "task", line["task"].as_str().map(str::to_owned)));
        text.extend(lines.iter().map(|line| format!("{line}\n")));
        let _ = writeln!(text, "exit code {code}\n");
    }
    golden("events.txt", &text);
}

/// The kind of a value. Of a list it is the one of all its elements together; names that are data stand as `NAME`.
fn shape(value: &Json) -> Json {
    match value {
        Json::Null => "null".into(),
        Json::Bool(_) => "true or false".into(),
        Json::Number(_) => "number".into(),
        Json::String(_) => "text".into(),
        Json::Array(list) => Json::Array(list.iter().map(shape).reduce(both).into_iter().collect()),
        Json::Object(object) => object.iter().map(|(key, value)| (key.clone(), shape(value))).collect(),
    }
}

fn both(one: Json, other: Json) -> Json {
    match (one, other) {
        (Json::Object(mut one), Json::Object(other)) => {
            for (key, value) in other {
                let merged = match one.get(&key) {
                    Some(before) => both(before.clone(), value),
                    None => value,
                };
                one.insert(key, merged);
            }
            one.into()
        }
        (one, other) if one == other => one,
        (one, other) => format!("{} or {}", one.as_str().unwrap(), other.as_str().unwrap()).into(),
    }
}

/// A map whose keys are data, by the kinds of its values.
fn by_name(object: &Json) -> Json {
    let kinds = object.as_object().unwrap().values().cloned().reduce(both);
    Map::from_iter(kinds.map(|kind| ("NAME".to_owned(), kind))).into()
}

#[test]
fn the_shape_of_the_manifest_of_a_site() {
    let place = Place::small();
    place.octavo(&["build", "--quiet"]).env("SOURCE_DATE_EPOCH", "0").run().exits(0);
    let manifest: Json = serde_json::from_str(&place.read("site/octavo.json")).unwrap();
    let mut shape = shape(&manifest);
    shape["files"] = by_name(&shape["files"]);
    shape["claims"][0]["text"] = by_name(&shape["claims"][0]["text"]);
    golden("octavo.json.txt", &format!("{shape:#}\n"));
}

#[test]
fn the_page_on_interfaces_names_every_event_and_key() {
    let page = include_str!("../../docs/interfaces.md");
    let events = include_str!("interfaces/events.txt");
    let mut missing: Vec<String> = Vec::new();
    let mut ask =
        |name: &str| missing.extend((!page.contains(&format!("`{name}`"))).then(|| name.to_owned()));
    for line in events.lines().filter(|line| line.starts_with('{')) {
        let event: Map<String, Json> = serde_json::from_str(line).unwrap();
        event.keys().for_each(|key| ask(key));
        event.get("event").and_then(Json::as_str).iter().for_each(|name| ask(name));
    }
    for (name, schema) in schemas(&Place::new()) {
        ask(&name);
        schema.fields().for_each(|(key, _)| ask(key));
    }
    let manifest: Map<String, Json> =
        serde_json::from_str(include_str!("interfaces/octavo.json.txt")).unwrap();
    for (key, value) in &manifest {
        ask(key);
        value.get(0).and_then(Json::as_object).into_iter().flatten().for_each(|(key, _)| ask(key));
    }
    assert_eq!(missing, Vec::<String>::new(), "docs/interfaces.md does not name these");
}
