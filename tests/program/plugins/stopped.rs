//! Plugins that go wrong while they compute: each is stopped, named with its log, and costs the other experiment nothing.

use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use super::{HOSTILE, project, survivors};
use crate::harness::{Done, Place, assert_whole};

/// Builds, and says how it was told. The other experiment is published all the same, and nothing is left running.
#[track_caller]
fn goes_wrong(limits: &str, end: &str, parts: &[&str]) -> Done {
    let place = project("", limits, &format!("end = \"{end}\""));
    let begin = Instant::now();
    let done = place.octavo(&["build"]).run().exits(1).says(parts);
    let log = if end == "flood-log" { "more and more" } else { "the run of request" };
    let done = done.says(&[
        "bad: failed",
        "`hostile`",
        "the last lines of its log",
        log,
        "1 task run, 0 remembered, 1 failed",
    ]);
    // No test asserts a time; this one is about an end that never came.
    assert!(begin.elapsed() < Duration::from_secs(60));
    assert_whole(&place.tree("site"));
    assert!(place.read("site/strip.html").contains("1024 segments"));
    let page = place.read("site/bad.html");
    assert!(page.contains("role=\"alert\""), "{page}");
    assert!(!page.contains(log), "the log stands on no page");
    assert_eq!(survivors(&place), Vec::<String>::new());
    done
}

#[test]
fn one_that_loops_for_ever_is_stopped() {
    goes_wrong("time = 0.5", "loop", &["failed (resource)", "did not answer within 0.5 s", "limits.time"]);
}

#[test]
fn one_that_talks_without_a_pause_is_stopped_at_its_limit() {
    // Left alone it would end well.
    goes_wrong("time = 1", "talk", &["failed (resource)", "did not answer within 1 s", "limits.time"]);
}

#[test]
fn one_that_stops_reading_is_stopped_while_it_is_written_to() {
    let pad = "x".repeat(300_000);
    let place =
        project(", \"deaf\"", "time = 30, processes = 20", &format!("end = \"good\"\npad = \"{pad}\""));
    place.octavo(&["build"]).run().exits(1).says(&[
        "error[plugin]",
        "the plugin `hostile` was stopped: it started more than 20 processes",
        "1 task run, 0 remembered, 1 experiment failed with its plugin",
    ]);
    assert_eq!(survivors(&place), Vec::<String>::new());
}

#[test]
fn what_it_leaves_in_the_background_has_its_limits() {
    let place = project("", "time = 30, processes = 20", "end = \"background\"");
    place.write("plugins/other.sh", HOSTILE.replace("\"name\":\"hostile\"", "\"name\":\"other\""));
    place.write(
        "experiments/later.toml",
        "title = \"Later\"\nanalysis = \"other\"\n[params]\nend = \"slow\"\n",
    );
    place.write(
        "octavo.toml",
        place.read("octavo.toml") + "[plugins.other]\ncommand = [\"sh\", \"plugins/other.sh\"]\n",
    );
    // While the other computes, nobody asks this one anything.
    place.octavo(&["build", "-j", "1"]).run().exits(1).says(&[
        "error[plugin]",
        "the plugin `hostile` was stopped: it started more than 20 processes, between two tasks",
        "raise `limits.processes`",
        "3 tasks run, 0 remembered;",
    ]);
    assert_eq!(survivors(&place), Vec::<String>::new());
    assert!(place.read("site/bad.html").contains("<svg"), "what it answered stands");
}

/// A build that runs the task that ends so, once it says that it is in it.
fn begun(place: &Place) -> Child {
    let child = place.octavo(&["build", "-j", "1"]).command().spawn().unwrap();
    let begin = Instant::now();
    // What the plugin said is written down just before tasks run.
    while !(place.exists("begun") && place.exists(".octavo/plugins/hostile.json")) {
        assert!(begin.elapsed() < Duration::from_secs(60), "it never began");
        std::thread::sleep(Duration::from_millis(10));
    }
    std::thread::sleep(Duration::from_millis(500));
    child
}

#[test]
fn an_interrupt_is_obeyed_whatever_it_does() {
    let pad = "x".repeat(300_000);
    for params in ["end = \"talk\"".to_owned(), format!("end = \"deaf\"\npad = \"{pad}\"")] {
        let place = project("", "time = 300", &params);
        let child = begun(&place);
        kill_process(Pid::from_raw(i32::try_from(child.id()).unwrap()).unwrap(), Signal::INT).unwrap();
        let output = child.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(130), "{said}");
        assert!(
            said.contains("finished task") && said.contains(" kept") && !said.contains("failed"),
            "{said}"
        );
        assert_eq!(survivors(&place), Vec::<String>::new());
    }
}

#[test]
fn one_that_leaves_its_group_outlives_the_build_as_documented() {
    let place = project("", "time = 1", "end = \"away\"");
    place.octavo(&["build"]).run().exits(1).says(&["did not answer within 1 s"]);
    let left = survivors(&place);
    assert_eq!(left, ["sleep 1000 "], "the rest is gone");
    let pid: i32 = place.read("pid").trim().parse().unwrap();
    kill_process(Pid::from_raw(pid).unwrap(), Signal::KILL).unwrap();
}

#[test]
fn one_that_floods_its_output_is_stopped() {
    goes_wrong("output = 1", "flood", &["failed (resource)", "it wrote more than 1 MiB", "limits.output"]);
    goes_wrong("output = 1", "flood-log", &["failed (resource)", "it wrote more than 1 MiB"]);
    goes_wrong("output = 1", "flood-files", &["failed (resource)", "it wrote more than 1 MiB"]);
    goes_wrong("output = 100", "line", &["failed (bug)", "longer than 16 MiB"]);
}

#[test]
fn one_that_allocates_without_end_is_stopped() {
    // Whether the system refuses the memory or the host sees it first depends on how busy the machine is.
    goes_wrong("memory = 64", "allocate", &["failed (resource)", "64 MiB of memory", "limits.memory"]);
    // A shell that is refused memory crashes.
    goes_wrong("memory = 64", "crash", &["failed (bug)", "killed by signal", "64 MiB of memory"]);
}

#[test]
fn one_that_forks_without_end_is_stopped_with_its_whole_group() {
    goes_wrong("processes = 20", "fork", &["failed (resource)", "it started more than 20 processes"]);
    goes_wrong("time = 20", "orphan", &["failed (bug)", "request 99 that was never made"]);
}

#[test]
fn one_that_ends_early_is_named_with_how() {
    goes_wrong("time = 20", "half", &["failed (bug)", "in the middle of a message (exit status 3)"]);
    goes_wrong("time = 20", "killed", &["failed (bug)", "before it answered (killed by signal 9)"]);
}

#[test]
fn what_is_no_message_is_refused() {
    goes_wrong("time = 20", "utf8", &["failed (bug)", "a line is not UTF-8"]);
    goes_wrong("time = 20", "nan", &["failed (numeric)", "`NaN`"]);
    goes_wrong("time = 20", "range", &["failed (numeric)", "`1e999`, a number out of range; send"]);
    goes_wrong("time = 20", "undeclared", &["failed (bug)", "the scalar `y` was not declared"]);
}

#[test]
fn what_could_be_read_in_two_ways_is_refused() {
    goes_wrong("time = 20", "twice", &["failed (bug)", "it answers the request", "twice"]);
    goes_wrong("time = 20", "key", &["failed (bug)", "the key `value` is there twice"]);
    let csv = |end: &str, part: &str| goes_wrong("time = 20", end, &["failed (bug)", part]);
    csv("quote", "`points.csv`, row 2 (line 3), column `x`: a quotation mark is never closed");
    csv("return", "`points.csv`, line 1, column 1: a carriage return alone ends no line");
    csv("name", "`points.csv`, line 1: columns 1 and 2 are both called `x`");
    csv("ragged", "`points.csv`, row 2 (line 3), column 2: `3` stands beyond the last of 1 columns");
}

#[test]
fn the_log_of_a_task_is_its_own() {
    let place = project("", "time = 20", "end = \"good\"");
    place.write(
        "experiments/worse.toml",
        "title = \"Worse\"\nanalysis = \"hostile\"\n[params]\nend = \"undeclared\"\n",
    );
    // One worker computes both in one process, the good one first.
    let said = place.octavo(&["build", "-j", "1"]).run().exits(1).says(&["worse: failed (bug)"]).err;
    assert_eq!(said.matches("the run of request").count(), 1, "{said}");
}

#[test]
fn a_reason_without_end_is_cut() {
    let value = "end = \"reason\"\n[values.v]\nfrom = \"points\"\nexpr = \"first(x)\"";
    let place = project("", "time = 20", value);
    place.write("experiments/bad.md", "# Bad\n\nIt is {{ value(\"v\") }}.\n");
    let said = place.octavo(&["build"]).run().exits(0).says(&["yyyyyyyy..."]).err;
    assert!(said.len() < 5000, "{}", said.len());
}

#[test]
fn files_are_read_from_their_folder_alone() {
    goes_wrong("time = 20", "dots", &["failed (bug)", "`../points.csv` is not the plain name"]);
    goes_wrong("time = 20", "link", &["failed (bug)", "`points.csv` is a link"]);
    goes_wrong("time = 20", "pipe", &["failed (bug)", "`points.csv` is no regular file"]);
    goes_wrong(
        "output = 1",
        "missing",
        &["failed (resource)", "its result takes more than 8 MiB of memory", "limits.output"],
    );
    goes_wrong(
        "time = 20",
        "nan-file",
        &["failed (numeric)", "row 2 (line 3), column `x`: `nan` is not finite"],
    );
}
