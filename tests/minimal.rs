//! CONTRIBUTING.md says how an analysis is added. Its list is followed to the letter in a copy of the workspace, and what comes of it
//! is counted and tested.
//!
//! The copy shares the folder of what is built: cargo knows a crate of a workspace by its path within it, and files keep their times,
//! so that beside the new crate only the contract and the suite are compiled, once, where their dependencies have fewer features than in
//! the whole workspace. That is some seconds of `cargo test`, and the next time none. The program with the new analysis in it is
//! minutes of compiling in a folder of its own: it is ignored, and `just minimal`, which is part of `just nightly`, makes it. Neither
//! needs a network.

#![allow(clippy::unwrap_used, reason = "a panic is a failed test")]

use std::collections::BTreeSet;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// What an analysis may take, everything counted but what cargo writes into `Cargo.lock`.
const MOST_LINES: usize = 120;
const MOST_FILES: usize = 6;

/// What of the repository is copied. Neither what was built nor what a site was made of is in there.
const COPIED: [&str; 17] = [
    "Cargo.toml",
    "Cargo.lock",
    "CONTRIBUTING.md",
    "build.rs",
    "commit",
    "clippy.toml",
    "rust-toolchain.toml",
    "rustfmt.toml",
    "benches",
    "crates",
    "docs",
    "experiments",
    "lab",
    "plugins",
    "src",
    "templates",
    "tests",
];

/// A text that the list puts somewhere.
#[derive(Debug, PartialEq)]
struct Step {
    file: String,
    /// In a file that is there: what the line above the text contains.
    below: Option<String>,
    text: String,
}

/// The fenced texts of the list, each with its file and place from the first line of its item.
fn steps(contributing: &str) -> Vec<Step> {
    let (_, section) = contributing.split_once("\n## Add an analysis\n").unwrap();
    let (section, _) = section.split_once("\n## ").unwrap();
    let (mut steps, mut item, mut lines) = (Vec::new(), "", section.lines());
    while let Some(line) = lines.next() {
        if line.starts_with(|first: char| first.is_ascii_digit()) {
            item = line;
        }
        let Some(indent) = line.find("```") else { continue };
        let text = lines.by_ref().take_while(|line| !line.trim_start().starts_with("```"));
        let text = text.map(|line| format!("{}\n", line.get(indent..).unwrap_or_default())).collect();
        let named: Vec<&str> = item.split('`').skip(1).step_by(2).collect();
        let below = item.contains(" below ").then(|| named[1].to_owned());
        steps.push(Step { file: named[0].to_owned(), below, text });
    }
    steps
}

#[test]
fn the_list_is_read() {
    let text = "\n## Add an analysis\n\n1. Write `a/b`, a file:\n\n   ```toml\n   x = 1\n\n     y\n   ```\n2. Add to `c` below `# d`:\n   ```\n   z\n   ```\n3. `e`\n\n## F\n";
    let step = |file: &str, below: Option<&str>, text: &str| Step {
        file: file.to_owned(),
        below: below.map(str::to_owned),
        text: text.to_owned(),
    };
    assert_eq!(steps(text), [step("a/b", None, "x = 1\n\n  y\n"), step("c", Some("# d"), "z\n")]);
}

#[test]
fn an_analysis_is_short() {
    let steps = steps(&contributing());
    let lines: usize = steps.iter().map(|step| step.text.lines().count()).sum();
    let files: BTreeSet<&str> = steps.iter().map(|step| step.file.as_str()).collect();
    assert!(lines <= MOST_LINES && files.len() <= MOST_FILES, "{lines} lines in {files:?}");
}

#[test]
fn the_list_makes_an_analysis_that_conforms() {
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).parent().unwrap();
    let place = followed("conforms");
    cargo(&place, target, &["test", "--package", "octavo-harmonic"]);
}

#[test]
#[ignore = "compiles the whole program once more"]
fn the_program_has_the_analysis() {
    let place = followed("program");
    let target = Path::new(env!("CARGO_TARGET_TMPDIR")).join("minimal/target");
    cargo(&place, &target, &["test", "--package", "octavo", "--test", "tidy"]);
    cargo(
        &place,
        &target,
        &["clippy", "--package", "octavo-harmonic", "--all-targets", "--", "-D", "warnings"],
    );
    cargo(&place, &target, &["fmt", "--package", "octavo-harmonic", "--check"]);
    fs::create_dir_all(place.join("project/experiments")).unwrap();
    fs::write(place.join("project/octavo.toml"), "octavo = \"1\"\ntitle = \"Test\"\n").unwrap();
    let experiment = "title = \"Sums\"\nanalysis = \"harmonic\"\n[params]\nterms = 3\n";
    fs::write(place.join("project/experiments/sums.toml"), experiment).unwrap();
    cargo(&place, &target, &["run", "--package", "octavo", "--", "-C", "project", "build", "--strict"]);
}

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn contributing() -> String {
    fs::read_to_string(root().join("CONTRIBUTING.md")).unwrap()
}

/// A copy of the workspace, of this name, in which the list has been followed. What the list writes is as old as the list, so that cargo
/// finds nothing new where nothing is.
fn followed(name: &str) -> PathBuf {
    let place = Path::new(env!("CARGO_TARGET_TMPDIR")).join("minimal").join(name);
    if place.exists() {
        fs::remove_dir_all(&place).unwrap();
    }
    fs::create_dir_all(&place).unwrap();
    for part in COPIED {
        copy(&root().join(part), &place.join(part));
    }
    for Step { file, below, text } in steps(&contributing()) {
        let path = place.join(&file);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        let text =
            below.map_or(text.clone(), |below| inserted(&fs::read_to_string(&path).unwrap(), &below, &text));
        fs::write(&path, text).unwrap();
        set_times(&path, &root().join("CONTRIBUTING.md"));
    }
    place
}

fn set_times(path: &Path, like: &Path) {
    let modified = fs::metadata(like).unwrap().modified().unwrap();
    fs::File::options().write(true).open(path).unwrap().set_modified(modified).unwrap();
}

/// A text with more of it below the first line that contains something.
fn inserted(text: &str, below: &str, more: &str) -> String {
    assert!(text.contains(below), "there is no line `{below}`");
    let at = text.find(below).unwrap();
    let at = at + text[at..].find('\n').unwrap() + 1;
    [&text[..at], more, &text[at..]].concat()
}

/// Copies a file or folder with its times.
fn copy(from: &Path, to: &Path) {
    if from.is_dir() {
        fs::create_dir(to).unwrap();
        let entries = fs::read_dir(from).unwrap().map(|entry| entry.unwrap().file_name());
        entries.filter(|name| name != "target").for_each(|name| copy(&from.join(&name), &to.join(&name)));
    } else {
        fs::copy(from, to).unwrap();
        set_times(to, from);
    }
}

/// Runs cargo in a copy, with the profile of this test.
fn cargo(place: &Path, target: &Path, arguments: &[&str]) {
    let profile = if cfg!(debug_assertions) { "dev" } else { "release" };
    let (command, rest) = arguments.split_first().unwrap();
    let mut cargo = Command::new(env!("CARGO"));
    cargo.current_dir(place).env("CARGO_TARGET_DIR", target).arg(command);
    if *command != "fmt" {
        cargo.args(["--offline", "--profile", profile]);
    }
    let done = cargo.args(rest).output().unwrap();
    let said = [done.stdout, done.stderr].concat();
    assert!(done.status.success(), "cargo {}:\n{}", arguments.join(" "), String::from_utf8_lossy(&said));
}
