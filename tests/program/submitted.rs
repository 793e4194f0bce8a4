//! Work on a cluster: `octavo submit` with processes of this machine, and `octavo probe`.

use std::collections::{BTreeMap, BTreeSet};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

use serde_json::Value as Json;

use crate::harness::{Place, differences, read_tree};

/// The example project. Its plugin writes down, beside taking its time, what it begins and ends.
pub(crate) fn project(seconds: &str) -> Place {
    let place = Place::new();
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/cluster");
    for (path, bytes) in read_tree(&folder) {
        if !path.starts_with(".octavo") && !path.starts_with("site/") && !path.contains("octavo_plugin") {
            place.write(&path, bytes);
        }
    }
    place.write("plugins/octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py"));
    place.edit("experiments/patient.toml", "seconds = 0.1", &format!("seconds = {seconds}"));
    let diary = place.path("diary");
    let note = |what: &str| {
        format!(
            "    with open({diary:?}, \"a\") as diary:\n        diary.write(f\"{{params.n}} {what}\\n\")\n"
        )
    };
    let sleeps = "    time.sleep(params.seconds)\n";
    place.edit("plugins/patient.py", sleeps, &format!("{}{sleeps}{}", note("begins"), note("ends")));
    place
}

/// What the plugin began, with how often.
pub(crate) fn begun(place: &Place) -> BTreeMap<u64, usize> {
    let mut begun = BTreeMap::new();
    let diary = if place.exists("diary") { place.read("diary") } else { String::new() };
    for line in diary.lines().filter_map(|line| line.strip_suffix(" begins")) {
        *begun.entry(line.parse().unwrap()).or_default() += 1;
    }
    begun
}

/// The values of `n` whose results the store has.
pub(crate) fn stored(place: &Place) -> BTreeSet<u64> {
    let out = place.octavo(&["tasks", "--format", "jsonl"]).run().exits(0).out;
    let tasks = out.lines().map(|line| serde_json::from_str::<Json>(line).unwrap());
    let there = tasks.filter(|task| task["state"] == "remembered");
    there.map(|task| task["point"]["n"].as_u64().unwrap()).collect()
}

/// The processes of the jobs that run, as the cluster `four` knows them.
pub(crate) fn workers(place: &Place) -> Vec<String> {
    let path = ".octavo/clusters/four/state.json";
    let state: Json =
        if place.exists(path) { serde_json::from_str(&place.read(path)).unwrap() } else { Json::Null };
    let id = state["running"]["id"].as_str().unwrap_or_default();
    id.split_whitespace().map(str::to_owned).collect()
}

/// Sends a signal. A process that has ended is no trouble.
pub(crate) fn signal(signal: &str, process: &str) {
    let sent = Command::new("kill").args([signal, process]).stderr(Stdio::null()).status();
    assert!(sent.is_ok());
}

pub(crate) fn submit(place: &Place) -> Child {
    let mut command = place.octavo(&["submit", "four"]).command();
    command.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap()
}

/// Waits for something that comes soon, or never.
#[track_caller]
pub(crate) fn until(what: &str, is_so: impl Fn() -> bool) {
    for _ in 0..1200 {
        if is_so() {
            return;
        }
        sleep(Duration::from_millis(50));
    }
    panic!("never: {what}");
}

#[test]
fn four_processes_compute_each_task_once_and_then_a_site_is_built() {
    let place = project("0.01");
    let done = place.octavo(&["submit", "four", "--log-format", "json"]).run().exits(0);
    let lines = done.lines();
    let event = |name: &str| lines.iter().find(|line| line["event"] == name).unwrap();
    let submitted = event("submitted");
    assert_eq!(
        (&submitted["jobs"], &submitted["tasks"], &submitted["batch"]),
        (&4.into(), &24.into(), &1.into())
    );
    assert_eq!((&event("arrived")["results"], &event("arrived")["of"]), (&24.into(), &24.into()));
    let published = done.published();
    assert_eq!((published.ran, published.remembered), (0, 24));
    assert_eq!(begun(&place).into_iter().collect::<Vec<_>>(), (1..=24).map(|n| (n, 1)).collect::<Vec<_>>());
    assert!(!place.exists(".octavo/clusters/four/batch-1"), "what is over leaves nothing");
    place.octavo(&["submit", "four"]).run().exits(0).says_nothing_of("submitted");
    assert_eq!(begun(&place).values().sum::<usize>(), 24);
    place.octavo(&["submit", "four", "--cancel"]).run().exits(0).says(&["nothing of this project runs"]);
    for wrong in ["fuor", "slurm2", "../four"] {
        place.octavo(&["submit", wrong]).run().exits(2).says(&["unknown-cluster"]);
    }
}

#[test]
fn whatever_is_killed_the_site_is_the_same_and_nothing_that_is_stored_runs_again() {
    let place = project("0.5");
    let mut known = BTreeSet::new();
    for round in 0..3 {
        let mut process = submit(&place);
        // Jobs go on while nobody looks, so that there may be nothing left to kill in the later rounds.
        let built = || place.exists("site/octavo.json");
        until("a job that runs", || !workers(&place).is_empty() || built());
        let enough = begun(&place).values().sum::<usize>() + 4;
        until("progress", || begun(&place).values().sum::<usize>() >= enough || built());
        assert!(round > 0 || !built(), "the first round must kill something");
        // A worker in each round, and the program that submitted in every other one.
        workers(&place).get(round).iter().for_each(|worker| signal("-9", worker));
        if round != 1 {
            signal("-9", &process.id().to_string());
        } else {
            signal("-INT", &process.id().to_string());
        }
        process.wait().unwrap();
        let (there, before) = (stored(&place), begun(&place));
        known.extend(there.iter().map(|n| (*n, before[n])));
    }
    place.octavo(&["submit", "four"]).run().exits(0);
    let begun = begun(&place);
    for (n, times) in known {
        assert!(begun[&n] <= times, "{n} had a result, and ran again:\n{}", place.read("diary"));
    }
    // One process, with the plugin that writes into the same diary.
    let other = project("0.5");
    other.write("plugins/patient.py", place.read("plugins/patient.py"));
    other.octavo(&["build", "-q", "--jobs", "24"]).run().exits(0);
    assert_eq!(differences(&place.tree("site"), &other.tree("site")), "");
}

#[test]
fn who_is_interrupted_leaves_jobs_that_go_on_or_are_cancelled() {
    let place = project("0.5");
    let mut process = submit(&place);
    until("a task that began", || !begun(&place).is_empty() && !workers(&place).is_empty());
    signal("-INT", &process.id().to_string());
    assert_eq!(process.wait().unwrap().code(), Some(130));
    let so_far = begun(&place).len();
    until("jobs that go on", || begun(&place).len() > so_far);
    place.octavo(&["submit", "four", "--cancel"]).run().exits(0).says(&["cancelled 4 jobs"]);
    until("the end of all jobs", || {
        let before = place.read("diary");
        sleep(Duration::from_millis(800));
        before == place.read("diary")
    });
    assert!(stored(&place).len() < 24);
    place.edit("experiments/patient.toml", "to = 24", "to = 4");
    let done = place.octavo(&["submit", "four", "--log-format", "json"]).run().exits(0);
    assert_eq!(done.published().ran, 0);
}

#[test]
fn a_task_that_keeps_failing_is_told_with_why_and_the_rest_is_kept() {
    let place = project("0.0");
    place.edit("octavo.toml", "jobs = 4", "jobs = 4\nretries = 1");
    let crash = "import os\n    if params.n == 5:\n        os._exit(3)\n    time.sleep";
    place.edit("plugins/patient.py", "time.sleep", crash);
    let done = place.octavo(&["submit", "four"]).run().exits(1);
    let done =
        done.says(&["error[no-result]: `patient n=5` has no result: it failed 2 times", "nothing was built"]);
    done.says(&["`octavo build --from-store`", "batch-2"]);
    assert!(!place.exists("site"));
    assert_eq!(stored(&place).len(), 23);
    assert_eq!(begun(&place).values().max(), Some(&2));
    // A job that cannot even start is told, too.
    place.edit("octavo.toml", "jobs = 4", "jobs = 2\nprogram = \"./no-such-program\"");
    let lost = place.octavo(&["submit", "four"]).run().exits(1);
    lost.says(&["job 1 of batch 3", "no-such-program", "no job brought it"]);
    place.edit(
        "octavo.toml",
        "template = \"local\"",
        "submit = \"echo no room >&2; exit 4\"\nwait = \"true\"",
    );
    place
        .octavo(&["submit", "four"])
        .run()
        .exits(1)
        .says(&["the command `submit` of the cluster `four` failed", "no room"]);
}

#[test]
fn what_others_take_comes_in_a_batch_before_them_and_a_user_may_have_clusters_of_their_own() {
    let take = |from: &str, epsilon: &str| {
        format!(
            "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [{epsilon}]\nsource = {{ from = \"{from}\", artifact = \"target\" }}\n"
        )
    };
    let place = Place::project(&[
        ("first.toml", "title = \"F\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [1.0]\n"),
        ("second.toml", &take("first", "1.0")),
        ("third.toml", &take("second", "0.5")),
    ]);
    place.write("own/octavo/config.toml", "[cluster.two]\ntemplate = \"local\"\njobs = 2\n");
    let own = place.path("own").to_string_lossy().into_owned();
    let done =
        place.octavo(&["submit", "two", "--log-format", "json"]).env("XDG_CONFIG_HOME", &own).run().exits(0);
    let batches = done.lines().iter().filter(|line| line["event"] == "submitted").count();
    assert_eq!((batches, done.published().ran), (3, 0));
    place.write("own/octavo/config.toml", "[cluster.two]\ntemplat = \"local\"\n");
    place
        .octavo(&["submit", "two"])
        .env("XDG_CONFIG_HOME", &own)
        .run()
        .exits(2)
        .says(&["templat", "config.toml"]);
}

#[test]
fn a_wait_that_fails_is_told_and_starts_no_work_again() {
    let place = project("0.2");
    let config = place.read("octavo.toml");
    let cluster = |wait: &str| {
        format!("{config}\n[cluster.two]\ntemplate = \"local\"\njobs = 2\nwait = \"\"\"\n{wait}\n\"\"\"\n")
    };
    place.write("octavo.toml", cluster("echo the queue does not answer >&2\nexit 3"));
    let told = ["`wait`", "exit status: 3; the queue does not answer", "`octavo submit two` takes up"];
    place.octavo(&["submit", "two"]).run().exits(1).says(&told);
    place.write(
        "octavo.toml",
        cluster(
            "for process in $OCTAVO_ID; do while ps -o pid= -p $process >/dev/null; do sleep 0.1; done; done",
        ),
    );
    place.octavo(&["submit", "two"]).run().exits(0);
    assert_eq!(begun(&place), (1..=24).map(|n| (n, 1)).collect());
}

#[test]
fn a_machine_that_is_not_like_the_first_is_told_how() {
    let place = project("0.0");
    place.octavo(&["build", "-q"]).run().exits(0);
    let printed = place.octavo(&["probe"]).run().exits(0).says_nothing().out;
    place.write("probe.json", &printed);
    let against = || place.octavo(&["probe", "--against", "probe.json"]);
    against().run().exits(0).says_nothing();
    against().env("OCTAVO_SIMD", "scalar").run().exits(0).says_nothing();
    let known: Json = serde_json::from_str(&printed).unwrap();
    assert_eq!(known["canaries"].as_array().unwrap().len(), 1);
    let zero = "0".repeat(64);
    let other = |change: &dyn Fn(&mut Json)| {
        let mut known = known.clone();
        change(&mut known);
        place.write("probe.json", known.to_string());
        against().run().exits(1)
    };
    other(&|known| known["program"] = zero.clone().into()).says(&["error[other-program]"]);
    other(&|known| known["numbers"] = zero.clone().into())
        .says(&["error[other-bits]", "products of matrices"]);
    other(&|known| known["plugins"]["patient"] = "pyhton9".into())
        .says(&["error[no-interpreter]", "`pyhton9`"]);
    other(&|known| {
        let outputs = known["canaries"][0]["outputs"].as_object_mut().unwrap();
        outputs.values_mut().for_each(|digest| *digest = zero.clone().into());
    })
    .says(&["error[other-bits]", "is another result of `patient n="]);
    place.write("probe.json", "{}");
    against().run().exits(2).says(&["bad-probe"]);
}

/// The lines of the steps of the workflow that are named.
fn steps<'a>(workflow: &'a str, names: &[&str]) -> Vec<&'a str> {
    let step = |name: &&str| {
        let (_, rest) =
            workflow.split_once(&format!("- name: {name}\n")).unwrap_or_else(|| panic!("no step {name}"));
        rest.lines().find_map(|line| line.trim_start().strip_prefix("run: ")).unwrap()
    };
    names.iter().map(step).collect()
}

#[test]
fn the_documentation_shows_the_files_of_the_example_and_its_workflow_works() {
    let (page, workflow) = (
        include_str!("../../docs/clusters.md"),
        include_str!("../../examples/cluster/.github/workflows/octavo-shards.yml"),
    );
    let config = include_str!("../../examples/cluster/octavo.toml");
    let blocks = |kind: &str| {
        let start = format!("```{kind}\n");
        let parts = page.split(&start).skip(1);
        parts.map(|part| part.split("```").next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    let shown: Vec<String> =
        blocks("toml").into_iter().filter(|block| !block.contains("[cluster.parallel]")).collect();
    assert!(shown.len() == 2 && shown.iter().all(|block| config.contains(block)), "{shown:?}");
    let shard = steps(workflow, &["Compute a shard", "Pack what it remembers"]);
    let build = steps(workflow, &["Take up what the shards remember", "Build"]);
    for steps in [&shard, &build] {
        assert!(blocks("sh").contains(&format!("{}\n", steps.join("\n"))), "{steps:?}");
    }
    let one = project("0.0");
    let bin = std::path::Path::new(env!("CARGO_BIN_EXE_octavo")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", bin.display());
    let sh = |folder: &str, lines: &[&str], number: usize| {
        let mut command = Command::new("sh");
        command.args(["-ec", &lines.join("\n")]).current_dir(one.path(folder)).env("PATH", &path);
        command.env("SHARD", number.to_string()).env("SHARDS", "3");
        let done = command.output().unwrap();
        assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
    };
    let files = one.tree("");
    for number in 1..=3 {
        let folder = format!("shard-{number}");
        files.iter().for_each(|(path, bytes)| one.write(&format!("{folder}/{path}"), bytes));
        sh(&folder, &shard, number);
        let archive = std::fs::read(one.path(&format!("{folder}/results-{number}.tar"))).unwrap();
        one.write(&format!("build/results/results-{number}/results-{number}.tar"), archive);
    }
    files.iter().for_each(|(path, bytes)| one.write(&format!("build/{path}"), bytes));
    let computed = begun(&one).values().sum::<usize>();
    sh("build", &build, 0);
    assert_eq!((computed, begun(&one).values().sum::<usize>()), (24, 24));
}

#[test]
fn a_matrix_of_a_service_brings_results_from_stores_of_its_own() {
    let place = project("0.0");
    // What stands in for the service computes shards in copies of the project, one after the other.
    place.write(
        "bin/gh",
        "#!/bin/sh\nset -eu\ncase \"$1 $2\" in\n\
         'workflow run')\n  [ \"$3 $4\" = 'octavo-shards.yml -f' ]\n  for n in $(seq \"${5#shards=}\"); do\n    mkdir -p \"$SERVICE/$n\"\n    \
         cp -r octavo.toml experiments plugins \"$SERVICE/$n\"\n    \"$OCTAVO_PROGRAM\" -C \"$SERVICE/$n\" run --shard \"$n/${5#shards=}\" --wait 0 ${7:+--profile \"${7#profile=}\"}\n    \
         mkdir \"$SERVICE/$n/out\"\n    \"$OCTAVO_PROGRAM\" -C \"$SERVICE/$n\" store export \"out/results.tar\"\n  done;;\n\
         'run list') echo 7;;\n'run watch') [ \"$3\" = 7 ];;\n\
         'run download')\n  for n in \"$SERVICE\"/*; do mkdir -p \"${4#--dir=}/${n##*/}\"; cp \"$n/out/results.tar\" \"${4#--dir=}/${n##*/}\"; done;;\n\
         *) exit 9;;\nesac\n",
    );
    let made = Command::new("chmod").args(["+x"]).arg(place.path("bin/gh")).status().unwrap();
    assert!(made.success());
    place.write("octavo.toml", format!("{}\n[cluster.github-matrix]\njobs = 3\n", place.read("octavo.toml")));
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", place.path("bin").display());
    let service = place.path("service").to_string_lossy().into_owned();
    let submit = place.octavo(&["submit", "github-matrix", "--log-format", "json"]);
    let done = submit.env("PATH", &path).env("SERVICE", &service).run().exits(0);
    assert_eq!((done.published().ran, done.published().remembered), (0, 24));
    assert_eq!(begun(&place).values().sum::<usize>(), 24);
    // A profile is handed on to the jobs of the service.
    place.edit("experiments/patient.toml", "[profiles.full.params]\nseconds = 1.0\n", "");
    place.edit("experiments/patient.toml", "to = 200", "to = 30");
    std::fs::remove_dir_all(place.path("service")).unwrap();
    let submit = place.octavo(&["submit", "github-matrix", "--log-format", "json", "--profile", "full"]);
    let done = submit.env("PATH", &path).env("SERVICE", &service).run().exits(0);
    assert_eq!((done.published().ran, done.published().remembered), (0, 30));
}
