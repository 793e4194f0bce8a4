//! What is there many thousand times: problems, jobs, and readers that have seen enough.

use std::fs;
use std::process::Command;

use crate::harness::{CONFIG, Place};

/// An experiment with so many keys that it may not have.
fn unknown_keys(count: usize) -> String {
    let keys: String = (0..count).map(|number| format!("keyy{number} = 1\n")).collect();
    format!("title = \"T\"\nanalysis = \"dragon\"\n{keys}")
}

fn page(count: usize, line: impl Fn(usize) -> String) -> String {
    let lines: String = (0..count).map(line).collect();
    format!("# T\n\n{lines}")
}

#[test]
fn a_hundred_problems_of_a_kind_are_shown_and_the_others_counted() {
    let citations = page(8_000, |number| format!("[@wrk{number}]\n\n"));
    let unclosed = format!("# T\n\n{}\n", "{{ ".repeat(8_000));
    // What says the same is shown at ten places.
    for (file, text, code, shown) in [
        ("a.toml", unknown_keys(8_000), "unknown-key", 100),
        ("a.md", citations, "citation", 100),
        ("a.md", unclosed, "substitution", 10),
    ] {
        let place = Place::project(&[(file, &text)]);
        place.write("octavo.toml", format!("{CONFIG}bibliography = \"works.bib\"\n"));
        let works: String = (0..8_000).map(|n| format!("@book{{work{n}, title = {{T}}}}\n")).collect();
        place.write("works.bib", works);
        let done = place.octavo(&["check"]).run().exits(2);
        assert_eq!(done.err.matches(&format!("error[{code}]: ")).count(), shown, "{code}");
        assert!(done.err.len() < 100_000, "{} bytes are printed", done.err.len());
        let rest = format!("and 7,{} more: error[{code}]\n", 1_000 - shown);
        done.says(&[&rest, "8000 errors; nothing was run"]);

        let lines = place.octavo(&["check", "--log-format", "json"]).run().exits(2).lines();
        let told = lines.iter().filter(|line| line["code"] == code && line["message"].is_string());
        assert_eq!(told.count(), shown, "{code}");
        let more: Vec<_> = lines.iter().filter(|line| line["event"] == "more").collect();
        assert_eq!(more.len(), 1);
        assert_eq!((&more[0]["code"], &more[0]["count"]), (&code.into(), &(8_000 - shown).into()));
    }
}

#[test]
fn a_hundred_warnings_of_a_kind_are_shown_beside_the_errors() {
    let headings = page(300, |_| "# Again\n\n".to_owned());
    let place = Place::project(&[("a.md", &headings), ("b.toml", &unknown_keys(3))]);
    let done = place.octavo(&["check"]).run().exits(2);
    assert_eq!(done.err.matches("warning[heading]: ").count(), 10);
    assert_eq!(done.err.matches("error[unknown-key]: ").count(), 3);
    done.says(&["and 290 more: warning[heading]\n", "3 errors; nothing was run"]);
    let done = place.octavo(&["check", "--quiet"]).run().exits(2);
    assert!(!done.err.contains("warning"), "{}", done.err);
}

#[test]
fn any_number_of_jobs_gives_the_same_results() {
    let place = Place::small();
    let run = |jobs: &str| place.octavo(&["run", "folding/strip", "-j", jobs]).run().exits(0).out;
    let one = run("1");
    for jobs in ["7", "100000", "18446744073709551615"] {
        assert_eq!(run(jobs), one, "{jobs}");
    }
}

/// A place to write to whose reader went away.
fn deaf() -> std::io::PipeWriter {
    std::io::pipe().unwrap().1
}

fn ends(mut command: Command) -> (Option<i32>, String) {
    let output = command.output().unwrap();
    (output.status.code(), String::from_utf8(output.stderr).unwrap())
}

#[test]
fn a_reader_that_has_seen_enough_is_no_error() {
    let place = Place::small();
    for arguments in [
        &["list"][..],
        &["list", "pages"],
        &["list", "analyses"],
        &["schema", "project"],
        &["schema", "experiment", "--analysis", "dragon"],
        &["completions", "bash"],
        &["plugins"],
        &["plugins", "describe", "dragon"],
        &["run", "folding/strip", "--quiet"],
        &["run", "folding/strip", "--quiet", "--format", "json"],
        &["--help"],
        &["--version"],
    ] {
        let mut command = place.octavo(arguments).command();
        command.stdout(deaf());
        assert_eq!(ends(command), (Some(0), String::new()), "{arguments:?}");
    }
}

#[test]
fn messages_that_nobody_reads_change_nothing() {
    let place = Place::small();
    let wrong = Place::project(&[("a.toml", &unknown_keys(200))]);
    for (place, arguments, code) in [
        (&place, &["check"][..], 0),
        (&place, &["run", "folding/strip", "--verbose"], 0),
        (&wrong, &["check"], 2),
        (&wrong, &["build", "--log-format", "json"], 2),
        (&wrong, &["no-such-command"], 2),
    ] {
        let mut command = place.octavo(arguments).command();
        command.stdout(deaf()).stderr(deaf());
        assert_eq!(ends(command).0, Some(code), "{arguments:?}");
    }
}

const SWEPT: &str = r#"
title = "Many"
analysis = "dragon"
outputs = ["end_x"]

[params]
folds = 1

[sweep]
angle = { from = 60.0, to = 120.0, steps = 1100 }

[values.most]
from = "scalars"
expr = "max(end_x)"
"#;

#[test]
fn a_thousand_remembered_results_are_trusted_until_one_of_them_is_asked_for() {
    let text = "# Many\n\nAt most {{ value(\"many#most\") }}.\n";
    let place = Place::project(&[("many.toml", SWEPT), ("many.md", text)]);
    place.octavo(&["build"]).run().exits(0).says(&["1100 tasks run"]);
    // Somebody takes a third of the records away; nobody asks for them.
    let of_task = |bytes: &[u8]| String::from_utf8_lossy(bytes).contains("\"cause\":");
    for (path, bytes) in place.tree(".octavo/actions") {
        if of_task(&bytes) && path.as_bytes().last() > Some(&b'9') {
            fs::remove_file(place.path(".octavo/actions").join(path)).unwrap();
        }
    }
    place.edit("experiments/many.md", "At most", "No more than");
    place.octavo(&["build"]).run().exits(0).says(&["0 tasks run, 1100 remembered"]);
    place.edit("experiments/many.toml", "max(end_x)", "max(end_x) + 1");
    let done = place.octavo(&["build"]).run().exits(0);
    assert!(!done.out.contains(" 0 tasks run") && !done.out.starts_with("0 tasks run"), "{}", done.out);
    let other = Place::project(&[
        ("many.toml", &SWEPT.replace("max(end_x)", "max(end_x) + 1")),
        ("many.md", &text.replace("At most", "No more than")),
    ]);
    other.octavo(&["build"]).run().exits(0);
    // The first project has a lock from before, which its page speaks of.
    let most = |place: &Place| {
        let page = fs::read_to_string(place.path("site/many.html")).unwrap();
        page.lines().find(|line| line.contains("No more than")).map(str::to_owned)
    };
    assert!(most(&other).is_some());
    assert_eq!(most(&place), most(&other), "the page of what was lost is that of a fresh build");
}
