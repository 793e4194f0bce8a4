//! Work on a cluster that is cancelled, interrupted, or does not go as it should.

use std::io::{BufRead, BufReader};
use std::process::{Command, Stdio};

use serde_json::Value as Json;

use crate::harness::Place;
use crate::submitted::{begun, project, signal, stored, submit, until, workers};

/// The number of the last batch that was submitted to the cluster `four`, if its jobs run.
fn running(place: &Place) -> u64 {
    if workers(place).is_empty() {
        return 0;
    }
    let state: Json =
        serde_json::from_str(&place.read(".octavo/clusters/four/state.json")).unwrap_or(Json::Null);
    state["batch"].as_u64().unwrap_or_default()
}

fn is_alive(process: &str) -> bool {
    Command::new("kill").args(["-0", process]).stderr(Stdio::null()).status().unwrap().success()
}

#[test]
fn who_cancels_waits_for_nobody_who_looks_on() {
    let place = project("1.0");
    let mut process = submit(&place);
    until("a task that began", || !begun(&place).is_empty() && !workers(&place).is_empty());
    let cancel = || place.octavo(&["submit", "four", "--cancel"]).run().exits(0);
    cancel().says(&["cancelled 4 jobs"]).says_nothing_of("waiting");
    assert_eq!(process.wait().unwrap().code(), Some(130));
    cancel().says(&["nothing of this project runs"]);
    assert!(stored(&place).len() < 24 && !place.exists("site"), "nothing was submitted again");
    place.edit("experiments/patient.toml", "to = 24", "to = 4");
    place.octavo(&["submit", "four"]).run().exits(0);
}

#[test]
fn what_failed_before_an_interruption_is_told_after_it_with_where_it_was_said() {
    let place = project("0.0");
    place.edit("octavo.toml", "jobs = 4", "jobs = 4\nretries = 1");
    let fails = "import os\n    from octavo_plugin import NumericError\n    if params.n == 5:\n        raise NumericError(\"no square today\")\n    \
                 if params.n == 6:\n        time.sleep(2)\n        os._exit(3)\n    time.sleep";
    place.edit("plugins/patient.py", "time.sleep", fails);
    let mut process = submit(&place);
    until("the second batch", || running(&place) == 2);
    signal("-INT", &process.id().to_string());
    assert_eq!(process.wait().unwrap().code(), Some(130));
    let told = place.octavo(&["submit", "four"]).run().exits(1);
    let line = |task: &str| {
        let (_, rest) = told.err.split_once(&format!("`patient {task}` has no result")).unwrap();
        let end = rest.find("`octavo build` tries it here").unwrap();
        rest[..end].to_owned()
    };
    let (numeric, crash) = (line("n=5"), line("n=6"));
    assert!(numeric.contains("no square today") && numeric.contains("batch-1`"), "{numeric}");
    assert!(crash.contains("failed 2 times") && crash.contains("batch-2`"), "{crash}");
    assert_eq!((begun(&place)[&5], begun(&place)[&6]), (1, 2));
}

#[test]
fn who_is_interrupted_leaves_nothing_that_waits() {
    let place = project("0.5");
    let wait = "sleep 1000 & echo $! > \\\"$OCTAVO_BATCH/../waiter\\\"; wait";
    place.edit("octavo.toml", "jobs = 4", &format!("jobs = 4\nwait = \"{wait}\""));
    let mut process = submit(&place);
    let waiter = ".octavo/clusters/four/waiter";
    until("a command that waits", || place.exists(waiter) && !place.read(waiter).is_empty());
    let waiter = place.read(waiter).trim().to_owned();
    until("a task that began", || !begun(&place).is_empty() && !workers(&place).is_empty());
    assert!(is_alive(&waiter));
    signal("-INT", &process.id().to_string());
    assert_eq!(process.wait().unwrap().code(), Some(130));
    until("the end of what waits", || !is_alive(&waiter));
    let so_far = begun(&place).len();
    until("jobs that go on", || begun(&place).len() > so_far);
    place.octavo(&["submit", "four", "--cancel"]).run().exits(0);
}

#[test]
fn a_command_may_say_much_and_leave_something_that_holds_its_output() {
    let place = project("0.0");
    let much = "head -c 300000 /dev/zero | tr '\\\\0' x >&2\nsleep 1000 &\necho $! > sleeper\n";
    let jobs = "for job in $(seq \\\"$OCTAVO_JOBS\\\"); do sh \\\"$OCTAVO_SCRIPT\\\" $job & echo $!; done\n";
    let submits = |then: &str| format!("jobs = 4\nsubmit = \"\"\"\n{much}{jobs}{then}\"\"\"");
    place.edit("octavo.toml", "jobs = 4", &submits(""));
    let end = || signal("-9", place.read("sleeper").trim());
    place.octavo(&["submit", "four"]).run().exits(0);
    end();
    let other = project("0.0");
    other.edit("octavo.toml", "jobs = 4", &submits("echo the end >&2\nexit 7\n"));
    let told = other.octavo(&["submit", "four"]).run().exits(1).says(&["exit status: 7", "the end"]);
    assert!(told.err.len() < 5_000, "{} bytes", told.err.len());
    signal("-9", other.read("sleeper").trim());
}

#[test]
fn a_slow_task_holds_up_those_alone_that_take_its_result() {
    let place = project("0.0");
    place.edit("experiments/patient.toml", "to = 24", "to = 1");
    let go = place.path("go");
    let waits = format!(
        "import os\n    until = time.time() + 20\n    while not os.path.exists({go:?}) and time.time() < until:\n        time.sleep(0.05)\n    time.sleep"
    );
    place.edit("plugins/patient.py", "time.sleep", &waits);
    let chain = |from: &str| {
        format!(
            "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [0.5]\nsource = {{ from = \"{from}\", artifact = \"target\" }}\n"
        )
    };
    let first = "title = \"F\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [1.0]\n";
    for (name, text) in [("first", first), ("second", &chain("first")), ("third", &chain("second"))] {
        place.write(&format!("experiments/{name}.toml"), text);
    }
    let run = ["run", "--shard", "1/1", "--jobs", "2", "--log-format", "json"];
    let mut process = place.octavo(&run).command().spawn().unwrap();
    let mut ends = Vec::new();
    for line in BufReader::new(process.stderr.take().unwrap()).lines() {
        let event: Json = serde_json::from_str(&line.unwrap()).unwrap();
        if event["event"] == "task" {
            ends.push(event["experiment"].as_str().unwrap().to_owned());
        }
        if event["experiment"] == "third" {
            place.write("go", "");
        }
    }
    assert!(process.wait().unwrap().success());
    assert_eq!(ends, ["first", "second", "third", "patient"]);
}
