//! Killed, interrupted, or out of room at any moment: the site is wholly old or wholly new, and the next build succeeds.

use std::fs;
use std::io::{BufRead, BufReader, Read};
use std::path::Path;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use rustix::process::{Pid, Signal, kill_process};
use walkdir::WalkDir;

use crate::harness::{Place, Published, Tree, assert_whole, differences};

/// A few points, one figure and two pages.
fn strip() -> Place {
    Place::project(&[
        (
            "strip.toml",
            "title = \"Strip\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [1, 2]\n[figures.growth]\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n",
        ),
        ("strip.md", "# Strip\n\n![Growth.](figure:growth)\n"),
        ("index.md", "# Home\n"),
    ])
}

fn change(place: &Place) {
    place.edit("experiments/strip.toml", "[1, 2]", "[1, 2, 3, 4]");
    place.write("experiments/more.md", "# More\n");
    place.edit("experiments/index.md", "Home", "New home");
}

/// A copy with modes, as blobs are read-only.
fn copy(from: &Path) -> Place {
    let place = Place::new();
    for entry in WalkDir::new(from).min_depth(1) {
        let entry = entry.unwrap();
        let to = place.path(entry.path().strip_prefix(from).unwrap().to_str().unwrap());
        if entry.file_type().is_dir() {
            fs::create_dir(to).unwrap();
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
    place
}

/// One fault in the second build.
fn survives(fault: &str, before: &Place, old: &Tree, new: &Tree) {
    let place = copy(&before.path(""));
    let done = place.octavo(&["build", "-j", "2"]).env("OCTAVO_FAULT", fault).run().prints_nothing();
    let site = place.tree("site");
    assert_whole(&site);
    match done.code {
        None => assert!(fault.starts_with("kill"), "{fault}: {}", done.err),
        Some(0) => assert_eq!(differences(&site, new), "", "{fault}: it says that it is good"),
        Some(1) => assert!(done.err.contains("error"), "{fault}: {}", done.err),
        Some(code) => panic!("{fault}: exit code {code}: {}", done.err),
    }
    assert!(site == *old || site == *new, "{fault}: {}", differences(&site, new));
    place.build();
    assert_eq!(differences(&place.tree("site"), new), "", "{fault}");
}

#[test]
fn killed_or_out_of_room_anywhere_in_a_second_build() {
    let before = strip();
    before.build();
    let old = before.tree("site");
    change(&before);
    let after = copy(&before.path(""));
    let traced = after.octavo(&["build", "-j", "2"]).env("OCTAVO_FAULT", "trace").run().exits(0);
    let operations = traced.err.lines().filter(|line| line.starts_with("disk ")).count();
    let new = after.tree("site");
    assert!(operations > 200 && old != new, "{operations} operations");

    const SAMPLES: usize = 25;
    let spread = |kind: &'static str| {
        (0..SAMPLES).map(move |index| format!("{kind}:{}", 1 + index * (operations - 1) / (SAMPLES - 1)))
    };
    let faults: Vec<String> = spread("kill").chain(spread("full")).collect();
    let next = AtomicUsize::new(0);
    thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| {
                while let Some(fault) = faults.get(next.fetch_add(1, Ordering::SeqCst)) {
                    survives(fault, &before, &old, &new);
                }
            });
        }
    });
}

#[test]
fn an_interrupted_run_keeps_what_is_finished() {
    let place = strip();
    let endless = "title = \"Long\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [1e-5]\ntolerance = 1e-14\nmax_iterations = 10000000\n\
                   source = { uniform = 1500 }\ntarget = { uniform = 1500 }\n";
    place.write("experiments/z.toml", endless);
    let mut command = place.octavo(&["build", "-j", "1", "--log-format", "json"]).command();
    let mut child = command.spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap());
    let mut line = String::new();
    for _ in 0..2 {
        line.clear();
        lines.read_line(&mut line).unwrap();
        assert!(line.contains("\"strip folds="), "{line}");
    }
    let pid = Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap();
    kill_process(pid, Signal::INT).unwrap();
    let mut rest = String::new();
    lines.read_to_string(&mut rest).unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130), "{rest}");
    assert!(!place.exists("site"), "a build that was stopped publishes nothing");
    fs::remove_file(place.path("experiments/z.toml")).unwrap();
    let Published { ran, remembered, .. } = place.build();
    assert_eq!((ran, remembered), (0, 2));
}

#[test]
fn a_store_that_lost_or_changed_its_bytes_is_mended() {
    let place = strip();
    place.build();
    let site = place.tree("site");
    let blobs: Vec<_> = place.tree(".octavo/blobs").into_keys().collect();
    assert!(blobs.len() > 5);
    for (index, blob) in blobs.iter().enumerate() {
        let path = place.path(&format!(".octavo/blobs/{blob}"));
        fs::remove_file(&path).unwrap();
        if index % 2 == 0 {
            fs::write(&path, b"something else").unwrap();
        }
    }
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(differences(&site, &place.tree("site")), "");
    place.octavo(&["clean", "--site"]).run().exits(0);
    place.build();
    assert_eq!(differences(&site, &place.tree("site")), "");
}
