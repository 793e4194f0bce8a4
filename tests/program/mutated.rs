//! Projects with mistakes that nobody thought of: none is answered with a panic, none takes for ever, and every problem has a place.

use std::fs;
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{RecvTimeoutError, channel};
use std::thread;
use std::time::Duration;

use serde_json::Value as Json;

use crate::harness::Place;
use crate::links::broken_links;
use crate::mutator::choices::Choices;
use crate::mutator::{Mutant, examine, mutant};

/// A mutation that takes longer hangs: it is a hundred times what the slowest takes, so that no busy machine reaches it.
const HANGS: Duration = Duration::from_secs(120);

/// What is done with a mutated project.
#[derive(Clone, Copy, PartialEq)]
enum Depth {
    Check,
    Build,
}

/// What came of mutated projects.
#[derive(Default)]
struct Looked {
    /// How many passed the check.
    good: usize,
    /// What is wrong with how they are dealt with.
    wrong: Vec<String>,
}

/// Checks one mutated project, and builds it if it passes.
fn look(place: &Place, name: &str, mutant: &Mutant, depth: Depth) -> Looked {
    let (root, files) = (place.path("project"), &mutant.files);
    let mut looked = Looked::default();
    let walked = catch_unwind(AssertUnwindSafe(|| {
        examine::write(&root, files);
        let Some(good) = examine::check(&root, files, &mut looked.wrong) else { return };
        looked.good += 1;
        if depth == Depth::Build {
            let site = place.path("site");
            drop(fs::remove_dir_all(&site));
            examine::build(&root, &site, files, good, &mut looked.wrong);
            let broken = broken_links(&place.tree("site")).into_iter();
            // The guide's pieces lead to other hosts, too, and a project's own templates wherever they like.
            let own = mutant.story.iter().any(|what| what.contains("templates/"));
            let broken = broken.filter(|link| !own && !link.contains("`http"));
            looked.wrong.extend(broken.map(|link| format!("a link is broken: {link}")));
        }
    }));
    if let Err(panic) = walked {
        let text = panic.downcast_ref::<String>().map(String::as_str).or(panic.downcast_ref().copied());
        looked.wrong.push(format!("panic: {}", text.unwrap_or("without a text")));
    }
    for line in &mut looked.wrong {
        *line = format!("mutation {name}, {}\n    {line}", mutant.story.join("\n    "));
    }
    looked
}

/// Looks at all these, and tells of the one that hangs.
fn look_at(numbers: Range<u64>, depth: Depth) -> Looked {
    let (tell, told) = channel();
    let walk = move || {
        let place = Place::new();
        for number in numbers {
            let began = tell.send((number, None));
            let found = look(&place, &number.to_string(), &mutant(&mut Choices::Numbered(number)), depth);
            // Nobody listens any more if an earlier one took too long.
            if began.and_then(|()| tell.send((number, Some(found)))).is_err() {
                return;
            }
        }
    };
    let walker = thread::spawn(walk);
    let (mut all, mut last) = (Looked::default(), 0);
    loop {
        match told.recv_timeout(HANGS) {
            Ok((number, found)) => {
                last = number;
                let Looked { good, wrong } = found.unwrap_or_default();
                all.good += good;
                all.wrong.extend(wrong);
            }
            Err(RecvTimeoutError::Disconnected) => break,
            Err(RecvTimeoutError::Timeout) => {
                panic!("mutation {last} hangs; before it:\n{}", all.wrong.join("\n"))
            }
        }
    }
    walker.join().expect("panics are caught one by one");
    all
}

#[test]
fn mutated_projects_are_checked_without_panic_and_every_problem_has_a_place() {
    let Looked { good, wrong } = look_at(0..300, Depth::Check);
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!((20..280).contains(&good), "{good} of 300 pass: the mistakes are too large or too small");
}

#[test]
fn what_passes_the_check_builds() {
    let wrong = look_at(1000..1100, Depth::Build).wrong;
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// The fuzzer's bytes make projects, too, however few they are.
#[test]
fn bytes_are_choices() {
    let place = Place::new();
    let long: Vec<u8> = (0..=255).collect();
    for bytes in [b"".as_slice(), b"\0\x01", b"\xff\xff\xff", b"what is this?", &long] {
        let Looked { wrong, .. } =
            look(&place, &format!("{bytes:?}"), &mutant(&mut Choices::Bytes(bytes)), Depth::Check);
        assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    }
}

/// `just mutations 0..20000` checks so many, `just mutations 0..2000 build` builds those that pass.
#[test]
#[ignore = "it takes as long as one likes"]
#[allow(clippy::disallowed_methods, reason = "which mutations are made is for whoever runs it to say")]
fn many_mutated_projects() {
    let range = std::env::var("OCTAVO_MUTATIONS").unwrap_or_else(|_| "0..2000".to_owned());
    let number = |text: &str| text.parse::<u64>().expect("a range is written `0..2000`");
    let (from, to) = range.split_once("..").expect("a range is written `0..2000`");
    let build = std::env::var("OCTAVO_DEPTH").is_ok_and(|depth| depth == "build");
    let depth = if build { Depth::Build } else { Depth::Check };
    let (from, to) = (number(from), number(to));
    let (mut good, mut wrong) = (0, 0);
    for begin in (from..to).step_by(500) {
        let looked = look_at(begin..to.min(begin + 500), depth);
        good += looked.good;
        wrong += looked.wrong.len();
        // At once: whoever waits sees what was found so far, also if a later one hangs.
        eprint!("{}", looked.wrong.join("\n") + if looked.wrong.is_empty() { "" } else { "\n" });
    }
    assert_eq!(wrong, 0, "what is wrong in {range} stands above; {good} are good");
    eprintln!("{good} of {range} pass the check, and nothing is wrong");
}

/// The program itself says the same as its library, with exit codes.
#[test]
fn the_program_ends_with_a_known_code_and_tells_where() {
    let place = Place::new();
    for number in 2000..2030 {
        let mutant = mutant(&mut Choices::Numbered(number));
        examine::write(&place.path("project"), &mutant.files);
        let run = |command: &str| {
            place.octavo(&["-C", "project", "--log-format", "json", "-o", "site", command]).run()
        };
        let checked = run("check");
        let story = format!("mutation {number}, {}\n{}", mutant.story.join("\n    "), checked.err);
        assert!(matches!(checked.code, Some(0 | 2)), "{:?} {story}", checked.code);
        let placed = |line: &Json| {
            // A folder without a project has no text to point at.
            let told = line["severity"].is_string() && line["message"].is_string();
            let missing = !told || line["code"] == "no-project";
            let place = &line["place"];
            missing || place["file"].is_string() && place["line"].is_u64() && place["column"].is_u64()
        };
        assert!(checked.lines().iter().all(placed), "{story}");
        if checked.code == Some(0) {
            let built = run("build");
            // What a template needs is known only when it is rendered.
            let template = built.lines().iter().any(|line| line["code"] == "template");
            let known = matches!(built.code, Some(0 | 1 | 4)) || template;
            assert!(known && built.lines().iter().all(placed), "{:?} {}\n{story}", built.code, built.err);
        }
    }
}
