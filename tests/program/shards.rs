//! Work that is divided among processes: `octavo tasks`, `octavo run --shard` and `--tasks`.

use std::collections::BTreeSet;
use std::thread;

use serde_json::Value as Json;

use crate::harness::{Done, Place, differences};

/// A sweep of eight, the same once more under another name, and what takes a result of each of two points.
fn project() -> Place {
    let sweep = "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [1, 2, 3, 4, 5, 6, 7, 8]\n";
    let chain = |from: &str, epsilon: f64| {
        format!(
            "title = \"C\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [{epsilon:?}]\nsource = {{ from = \"{from}\", artifact = \"target\" }}\n"
        )
    };
    Place::project(&[
        ("index.md", "# Home\n\n{{ value(\"sweep#most\") }}\n"),
        ("sweep.toml", &format!("{sweep}[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n")),
        ("twin.toml", sweep),
        ("first.toml", "title = \"F\"\nanalysis = \"sinkhorn\"\n[params]\nepsilon = [1.0]\n"),
        ("second.toml", &chain("first", 1.0)),
        ("third.toml", &chain("second", 0.5)),
    ])
}

fn shard(place: &Place, more: &[&str]) -> Done {
    place.octavo(&[&["run", "--log-format", "json", "--jobs", "1"], more].concat()).run()
}

/// The keys that a command computed.
fn computed(done: &Done) -> Vec<String> {
    let lines = done.lines();
    let ends = lines.iter().filter(|line| line["event"] == "task" && line["outcome"]["remembered"] == false);
    ends.map(|line| line["outcome"]["key"].as_str().unwrap().to_owned()).collect()
}

fn listed(place: &Place, more: &[&str]) -> Vec<Json> {
    let done = place.octavo(&[&["tasks", "--format", "jsonl"], more].concat()).run().exits(0).says_nothing();
    done.out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn shards_compute_each_task_once_and_the_site_has_the_same_bytes() {
    let (one, many) = (project(), project());
    one.octavo(&["build", "-q"]).run().exits(0);
    let mut all = Vec::new();
    for number in 1..=3 {
        let part = format!("{number}/3");
        let own = computed(&shard(&many, &["--shard", &part, "--wait", "0"]).exits(0).prints_nothing());
        assert!(own.len() >= 3, "{part}: {own:?}");
        all.extend(own);
    }
    let distinct: BTreeSet<&String> = all.iter().collect();
    assert_eq!((all.len(), distinct.len()), (11, 11), "eight of the sweep and three of the chain");
    let published = many.build();
    assert_eq!((published.ran, published.remembered), (0, 19));
    assert_eq!(differences(&one.tree("site"), &many.tree("site")), "");
    let again = shard(&many, &["--shard", "1/1"]).exits(0);
    assert_eq!(computed(&again), Vec::<String>::new());
}

#[test]
fn a_shard_waits_for_results_of_others_and_computes_what_does_not_come() {
    let place = project();
    let parts = ["1/2", "2/2"];
    let done: Vec<Done> = thread::scope(|scope| {
        let place = &place;
        let run = |part| scope.spawn(move || shard(place, &["--shard", part]).exits(0));
        let started: Vec<_> = parts.map(run).into_iter().collect();
        started.into_iter().map(|one| one.join().unwrap()).collect()
    });
    let all: Vec<String> = done.iter().flat_map(computed).collect();
    assert_eq!(all.len(), all.iter().collect::<BTreeSet<_>>().len(), "none is computed twice");
    assert_eq!(place.build().ran, 0);
    // Where nobody computes what is needed, a shard does: the last of the chain is dealt alone here.
    let alone = project();
    let done = shard(&alone, &["--shard", "11/11", "--wait", "0"]).exits(0);
    assert_eq!(computed(&done).len(), 3, "the chain as a whole");
}

#[test]
fn a_listing_says_what_is_known_before_anything_runs() {
    let place = project();
    let tasks = listed(&place, &[]);
    assert_eq!(tasks.len(), 19);
    let of = |id: &str| tasks.iter().find(|task| task["experiment"] == id).unwrap();
    let (first, third) = (of("first"), of("third"));
    assert_eq!(first["origin"], first["key"]);
    assert_eq!((&first["state"], &first["level"]), (&"would-run".into(), &0.into()));
    assert_eq!((&third["state"], &third["level"], &third["key"]), (&"waits".into(), &2.into(), &Json::Null));
    assert_eq!((&first["seconds"], &first["plugin"]), (&Json::Null, &Json::Null));
    assert_eq!(of("sweep")["point"]["folds"], 1);
    let text = place.octavo(&["tasks"]).run().exits(0).out;
    assert!(text.ends_with("19 tasks, 19 missing, of which no time is known\n"), "{text}");
    place.octavo(&["run", "second"]).run().exits(0);
    let missing = listed(&place, &["--missing"]);
    assert_eq!(missing.len(), 17);
    let third = missing.iter().find(|task| task["experiment"] == "third").unwrap();
    assert!(third["key"].is_string() && third["seconds"].is_number(), "{third}");
    assert_eq!(third["state"], "would-run");
    let all: Json = serde_json::from_str(&place.octavo(&["tasks", "--format", "json"]).run().out).unwrap();
    assert_eq!(all["tasks"].as_array().unwrap().len(), 19);
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(listed(&place, &["--missing"]), Vec::<Json>::new());
}

#[test]
fn a_listing_divides_the_same_whatever_is_remembered_meanwhile() {
    let place = project();
    place.octavo(&["run", "first", "-q"]).run().exits(0);
    place.write("tasks.jsonl", place.octavo(&["tasks", "--missing", "--format", "jsonl"]).run().out);
    let mut all = Vec::new();
    for part in ["3/3", "1/3", "2/3"] {
        let arguments = ["--shard", part, "--tasks", "tasks.jsonl", "--wait", "0"];
        // Each of them starts with durations that the one before it left.
        all.extend(computed(&shard(&place, &arguments).exits(0)));
    }
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (10, 10));
    assert_eq!(place.build().ran, 0);
}

#[test]
fn a_listing_of_other_definitions_is_refused() {
    let place = project();
    let text = place.octavo(&["tasks", "--format", "jsonl"]).run().out;
    place.write("tasks.jsonl", &text);
    place.edit("experiments/sweep.toml", "[1, 2, 3, 4, 5, 6, 7, 8]", "[1, 2, 3, 4, 5, 6, 7]");
    place.edit("experiments/twin.toml", "[1, 2, 3, 4, 5, 6, 7, 8]", "[1, 2, 3, 4, 5, 6, 7]");
    let refused = place.octavo(&["run", "--shard", "1/2", "--tasks", "tasks.jsonl"]).run().exits(2);
    refused.says(&["other-tasks", "2 tasks", "`sweep folds=8`"]);
    let line = text.lines().next().unwrap();
    place.write("tasks.jsonl", format!("{line}\n{{\"origin\": 3}}\n"));
    place.octavo(&["run", "--tasks", "tasks.jsonl"]).run().exits(2).says(&["line 2 is no task"]);
    place.octavo(&["run", "--tasks", "none.jsonl"]).run().exits(2).says(&["there is no such file"]);
    for wrong in [&["--shard", "0/2"][..], &["--shard", "3/2"], &["sweep", "--shard", "1/2"], &[]] {
        place.octavo(&[&["run"], wrong].concat()).run().exits(2).prints_nothing();
    }
    place.write("tasks.jsonl", format!("{line}\n"));
    let done = shard(&place, &["--tasks", "tasks.jsonl"]).exits(0);
    assert_eq!(computed(&done).len(), 1);
}

#[test]
fn what_stands_behind_a_failure_is_not_run_and_the_rest_is() {
    let place = project();
    place.write(
        "experiments/first.toml",
        "title = \"F\"\nanalysis = \"sinkhorn\"\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\nmax_iterations = 3\n",
    );
    let done = shard(&place, &["--shard", "1/1"]).exits(1);
    let lines = done.lines();
    let states = |state: &str| {
        let of = lines.iter().filter(|line| line["outcome"]["state"] == state);
        of.map(|line| line["experiment"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(states("failed"), ["first"]);
    assert_eq!(states("blocked"), ["second", "third"]);
    assert_eq!(states("done").len(), 8);
}

#[test]
fn definitions_that_cannot_be_built_are_refused_before_anything_runs() {
    let place = project();
    let sweep = place.read("experiments/sweep.toml");
    let figure = "[figures.bad]\ntitle = \"B\"\nfrom = \"scalars\"\nmark = \"line\"\nx = \"folds\"\ny = \"no-such-column\"\n";
    place.write("experiments/sweep.toml", format!("{sweep}{figure}"));
    let told = place.octavo(&["build"]).run().exits(2).err;
    let told = told.lines().next().unwrap();
    for arguments in [&["--shard", "1/2"][..], &["--shard", "1/1", "--log-format", "json"]] {
        let refused = place.octavo(&[&["run"], arguments].concat()).run().exits(2);
        refused.says(&[told.split_once(": ").unwrap().1]);
    }
    assert_eq!(listed_states(&place, &sweep), ["would-run"; 8]);
}

/// How the tasks of the experiment `sweep` stand when it is mended.
fn listed_states(place: &Place, mended: &str) -> Vec<String> {
    place.write("experiments/sweep.toml", mended);
    let of = listed(place, &[]).into_iter().filter(|task| task["experiment"] == "sweep");
    of.map(|task| task["state"].as_str().unwrap().to_owned()).collect()
}
