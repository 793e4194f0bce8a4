//! How the code hangs together, held: arrows between rooms, between crates and between the modules of a crate point one way,
//! no file is longer than 500 lines and no function longer than 60.
//!
//! A room is a module at the root of a crate, with all that lies below it. The sources are read as text: comments, strings and
//! test modules are blanked first (tests may use what stands above the code that they test), and what is left of every
//! `crate::...` and `super::...`, grouped or not, in a `use` or in the middle of a function, is an arrow.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};

#[path = "tidy/circles.rs"]
mod circles;
#[path = "tidy/reader.rs"]
mod reader;

use circles::{circle, uses};
use reader::{arrows, blank, functions, is_test, module, without_tests};

/// The rooms of the program and of the crates that it stands on, leaf first: a room uses only rooms that stand before it.
const ROOMS: &[(&str, &[&str])] = &[
    (
        "crates/definition/src",
        &[
            "plain",
            "ids",
            "source",
            "diagnostic",
            "locale",
            "lock",
            "toml_tree",
            "manifest",
            "check",
            "sweep",
            "statements",
            "glossary",
        ],
    ),
    (
        "crates/tables/src",
        &["number", "relation", "statistics", "expr", "problem", "drift", "definitions", "results", "claim"],
    ),
    ("crates/store/src", &["date", "environment", "disk", "lines", "remote", "store", "publish", "memo"]),
    (
        "src",
        &[
            "timings",
            "commit",
            "file",
            "input",
            "texts",
            "process",
            "config",
            "theme",
            "project",
            "site",
            "external",
            "registry",
            "experiment",
            "plan",
            "executor",
            "cache",
            "relate",
            "names",
            "render",
            "build",
            "serve",
            "cli",
        ],
    ),
];

/// The crates of the workspace, leaf first: a crate uses only crates of rows before its own. Analyses that no other crate of
/// `plugins` uses stand in the row [`ANALYSES`] without being named.
const CRATES: &[&[&str]] = &[
    &["octavo-plugin"],
    &["octavo-plugin-test", "octavo-learning", "octavo-sinkhorn", "octavo-definition"],
    &["octavo-tables", "octavo-store"],
    &["octavo-figure", "octavo-prose"],
    &[],
    &["octavo-lab"],
    &["octavo"],
];
const ANALYSES: usize = 4;

/// Folders whose crates have modules that use each other in no circle: all below `plugins`, and these below `crates`.
const WITHOUT_CIRCLES: &[&str] =
    &["plugins", "crates/definition", "crates/tables", "crates/store", "crates/figure", "crates/prose"];

/// So many rooms a newcomer to the program can still look over.
const MOST_ROOMS: usize = 22;

const LONGEST_FILE: usize = 500;
const LONGEST_FUNCTION: usize = 60;

#[test]
fn arrows_between_rooms_point_one_way() {
    let wrong: Vec<String> = ROOMS.iter().flat_map(|(folder, order)| wrong_arrows(folder, order)).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What is wrong with the arrows between the rooms of a folder, and with the list of them.
fn wrong_arrows(folder: &str, order: &[&str]) -> Vec<String> {
    let (mut wrong, mut rooms) = (Vec::new(), BTreeSet::new());
    for path in sources(&[folder]) {
        let inside = path.strip_prefix(root().join(folder)).unwrap();
        let module = module(inside);
        let Some(room) = module.first() else { continue };
        if is_test(inside) || room == "testing" {
            continue;
        }
        rooms.insert(room.clone());
        let Some(place) = order.iter().position(|known| known == room) else {
            wrong.push(format!("the room `{room}` of {folder} has no place in the order"));
            continue;
        };
        for used in arrows(&without_tests(&blank(&fs::read_to_string(&path).unwrap())), &module) {
            let other = order.iter().position(|known| *known == used);
            if used != *room && other.is_some_and(|other| other > place) {
                wrong.push(format!(
                    "{folder}/{} uses `{used}`, which stands above `{room}`",
                    inside.display()
                ));
            }
        }
    }
    let gone = order.iter().filter(|room| !rooms.contains(**room));
    wrong.extend(gone.map(|room| format!("{folder} has no room `{room}`")));
    if rooms.len() > MOST_ROOMS {
        wrong.push(format!("{folder} has {} rooms, more than {MOST_ROOMS}", rooms.len()));
    }
    wrong
}

#[test]
fn arrows_between_crates_point_one_way() {
    let mut wrong = Vec::new();
    let crates: Vec<(String, Option<usize>, String)> = manifests().iter().map(|path| a_crate(path)).collect();
    for (name, own, text) in &crates {
        let Some(own) = own else {
            wrong.push(format!("the crate `{name}` has no place in the order"));
            continue;
        };
        for used in dependencies(text) {
            let row = crates.iter().find(|(name, ..)| name == used).and_then(|(_, row, _)| *row);
            if row.is_none_or(|row| row >= *own) {
                wrong.push(format!("`{name}` uses `{used}`, which does not stand before it"));
            }
        }
    }
    let gone =
        CRATES.iter().copied().flatten().filter(|name| !crates.iter().any(|(known, ..)| known == *name));
    wrong.extend(gone.map(|name| format!("there is no crate `{name}`")));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The name of a crate, its row, and its manifest.
fn a_crate(manifest: &Path) -> (String, Option<usize>, String) {
    let text = fs::read_to_string(manifest).unwrap();
    let package = text.lines().skip_while(|line| *line != "[package]");
    let name =
        package.filter_map(|line| line.strip_prefix("name = ")).next().unwrap().trim_matches('"').to_owned();
    let named = CRATES.iter().position(|row| row.contains(&&*name));
    let analysis = manifest.starts_with(root().join("plugins")).then_some(ANALYSES);
    (name, named.or(analysis), text)
}

#[test]
fn modules_of_a_crate_go_in_no_circle() {
    let mut wrong = Vec::new();
    for place in WITHOUT_CIRCLES {
        let held: Vec<PathBuf> =
            manifests().into_iter().filter(|manifest| manifest.starts_with(root().join(place))).collect();
        if held.is_empty() {
            wrong.push(format!("{place} has no crate"));
        }
        for manifest in held {
            let folder = manifest.parent().unwrap();
            if let Some(circle) = circle(&uses(&modules(&folder.join("src")))) {
                let shown = folder.strip_prefix(root()).unwrap().display();
                wrong.push(format!("{shown}: {}", circle.join(" uses ")));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The files below a folder but those of tests, each with its blanked text.
fn modules(folder: &Path) -> Vec<(PathBuf, String)> {
    let files = sources_below(folder).into_iter().filter(|path| !is_test(path));
    files
        .map(|path| {
            let text = without_tests(&blank(&fs::read_to_string(&path).unwrap()));
            (path.strip_prefix(folder).unwrap().to_owned(), text)
        })
        .collect()
}

#[test]
fn circles_are_found() {
    let found = |files: &[(&str, &str)]| {
        let files: Vec<(PathBuf, String)> =
            files.iter().map(|(path, text)| (PathBuf::from(path), (*text).to_owned())).collect();
        circle(&uses(&files)).map(|circle| circle.join(" "))
    };
    let [a, b] = [("a.rs", "use crate::b::B;"), ("b/deep.rs", "use crate::{C, d};")];
    let root = |text| ("lib.rs", text);
    assert_eq!(found(&[root("mod a; pub use c::{self, C};"), a, b, ("c.rs", "")]), None);
    let back = ("c.rs", "fn f() { crate::a::g() }");
    assert_eq!(found(&[root("pub use c::{B, C};"), a, b, back]).as_deref(), Some("a b c a"));
    assert_eq!(found(&[root("pub use self::c::deeper::{C};"), a, b, back]).as_deref(), Some("a b c a"));
    assert_eq!(found(&[root("use elsewhere::C;"), a, b, back]), None);
    // What the root defines itself stands above everything that it uses.
    assert_eq!(found(&[root("use a::A; struct C;"), a, b]).as_deref(), Some("a b the root a"));
    assert_eq!(found(&[root(""), ("a.rs", "use crate::a::x;"), ("b.rs", "use super::a;")]), None);
}

#[test]
fn files_and_functions_are_short() {
    let mut long = Vec::new();
    for path in sources(&["src", "crates", "plugins", "lab", "tests", "benches"]) {
        let text = fs::read_to_string(&path).unwrap();
        let shown = path.strip_prefix(root()).unwrap().display();
        let lines = text.lines().count();
        if lines > LONGEST_FILE {
            long.push(format!("{shown} has {lines} lines"));
        }
        for (name, lines) in functions(&blank(&text)) {
            if lines > LONGEST_FUNCTION {
                long.push(format!("{shown}: `{name}` has {lines} lines"));
            }
        }
    }
    assert!(long.is_empty(), "{}", long.join("\n"));
}

#[test]
fn the_reader_knows_comments_strings_and_lifetimes() {
    let text = r####"fn a<'x>(b: &'x str) -> char { /* { /* } */ { */ '{' }
// fn no() {
fn c() { let s = "} \" fn d() {"; let r = r##"}"# fn e() {"##; let b = b'}'; let n = '\''; }
trait T { fn f(&self); fn g() -> [u8; 3] { [0; 3] }
}"####;
    let found = functions(&blank(text));
    let names: Vec<&str> = found.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["a", "c", "g"]);
    assert_eq!(functions("fn h(\n) {\n    x();\n}\nfn i() {}"), [("h".to_owned(), 4), ("i".to_owned(), 1)]);
}

#[test]
fn every_way_of_writing_an_arrow_is_seen() {
    let uses = |text: &str, module: &[&str]| {
        let module: Vec<String> = module.iter().map(|part| (*part).to_owned()).collect();
        arrows(&without_tests(&blank(text)), &module).into_iter().collect::<Vec<_>>()
    };
    assert_eq!(uses("use crate::plan::{Plan, Task};", &["a"]), ["plan"]);
    assert_eq!(uses("use crate::{cli::{self, x}, plan, store as s};", &["a"]), ["cli", "plan", "store"]);
    assert_eq!(uses("fn f() { use crate::cli; crate::plan::go() }", &["a"]), ["cli", "plan"]);
    assert_eq!(uses("use super::cli; use super::super::b;", &["a"]), ["cli"]);
    assert_eq!(uses("use super::cli; use super::super::{b, c::d};", &["a", "x"]), ["b", "c"]);
    assert_eq!(uses("mod y { fn f() { super::super::cli::go() } }", &["a"]), ["cli"]);
    assert_eq!(uses("pub(crate) fn f() {} // crate::cli\n", &["a"]), [""; 0]);
    assert_eq!(uses("#[cfg(test)]\nmod tests { use crate::cli; }\nuse crate::plan;", &["a"]), ["plan"]);
}

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// All Rust files below these folders of the repository, but what is built.
fn sources(folders: &[&str]) -> Vec<PathBuf> {
    let mut found: Vec<PathBuf> =
        folders.iter().flat_map(|folder| sources_below(&root().join(folder))).collect();
    found.sort();
    found
}

/// All Rust files below a folder, but what is built.
fn sources_below(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    let mut left = vec![folder.to_owned()];
    while let Some(folder) = left.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                left.extend(Some(path).filter(|path| !path.ends_with("target")));
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                found.push(path);
            }
        }
    }
    assert!(!found.is_empty());
    found.sort();
    found
}

fn manifests() -> Vec<PathBuf> {
    let folders = ["crates", "plugins"].map(|folder| fs::read_dir(root().join(folder)).unwrap());
    let each = folders.into_iter().flatten().map(|entry| entry.unwrap().path().join("Cargo.toml"));
    ["Cargo.toml", "lab/Cargo.toml"]
        .into_iter()
        .map(|path| root().join(path))
        .chain(each.filter(|path| path.exists()))
        .collect()
}

/// Crates of the workspace among the dependencies of a manifest; its tests may use what stands above it.
fn dependencies(manifest: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut within = false;
    for line in manifest.lines() {
        if line.starts_with('[') {
            within = ["[dependencies]", "[build-dependencies]"].contains(&line);
        } else if within && line.starts_with("octavo") {
            let end = line.find(|c: char| !(c.is_ascii_alphanumeric() || c == '-')).unwrap();
            found.push(&line[..end]);
        }
    }
    found
}
