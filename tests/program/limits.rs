//! What a task may use: limits and retries of the project and of single experiments, which decide no key.

use serde_json::Value as Json;

use crate::harness::{Done, Place};

const PLUGIN: &str =
    "octavo = \"1\"\ntitle = \"Test\"\n[plugins.hostile]\ncommand = [\"sh\", \"plugins/hostile.sh\"]\n";

/// A project with an experiment of the hostile plugin.
fn hostile(end: &str, own: &str, limits: &str) -> Place {
    let bad = format!("title = \"Bad\"\nanalysis = \"hostile\"\n{own}\n[params]\nend = \"{end}\"\n");
    let place = Place::project(&[("index.md", "# Home\n"), ("bad.toml", &bad)]);
    place.write("plugins/hostile.sh", include_str!("plugins/hostile.sh"));
    place.write("octavo.toml", format!("{PLUGIN}[limits]\n{limits}\n"));
    place
}

fn build(place: &Place, code: i32) -> Done {
    place.octavo(&["build", "--log-format", "json"]).run().exits(code)
}

fn events(done: &Done, name: &str) -> Vec<Json> {
    done.lines().into_iter().filter(|line| line["event"] == name).collect()
}

/// The number of each retry of a build that ends with this code.
fn retries(place: &Place, code: i32) -> Vec<Json> {
    events(&build(place, code), "retry").iter().map(|event| event["retry"].clone()).collect()
}

#[test]
fn a_plugin_that_broke_off_is_tried_again_and_its_result_is_that_of_any_other_try() {
    let place = hostile("recovers", "retries = 2", "");
    let done = build(&place, 0);
    let retry = &events(&done, "retry")[0];
    assert_eq!((&retry["task"], &retry["experiment"]), (&"bad".into(), &"bad".into()));
    assert_eq!((&retry["retry"], &retry["retries"]), (&1.into(), &2.into()));
    assert_eq!(retry["failure"]["kind"], "bug");
    assert_eq!((done.published().ran, events(&done, "retry").len()), (1, 1));
    // How often it may be tried decides no key, nor does any other limit.
    place.edit("experiments/bad.toml", "retries = 2", "limits = { time = 20, memory = 999, output = 9 }");
    assert_eq!(place.build().remembered, 1);
    let place = hostile("recovers", "", "retries = 1");
    place.octavo(&["build"]).run().exits(0).says(&[
        "bad: retry 1 of 1, since it failed (bug): the plugin `hostile` ended before it answered",
        "[1/1] bad: 1 task run, 0 remembered; ",
    ]);
}

#[test]
fn what_another_try_cannot_mend_is_tried_once() {
    assert_eq!(retries(&hostile("killed", "retries = 2", ""), 1), [1, 2]);
    assert_eq!(retries(&hostile("killed", "retries = 1", "retries = 9"), 1), [1]);
    assert_eq!(retries(&hostile("killed", "retries = 0", "retries = 9"), 1), [0; 0]);
    assert_eq!(retries(&hostile("error", "retries = 2", ""), 1), [0; 0]);
    let slow = "title = \"Slow\"\nanalysis = \"sinkhorn\"\nretries = 2\n[params]\nmethod = \"plain\"\nepsilon = [0.001]\nmax_iterations = 3\n";
    assert_eq!(retries(&Place::project(&[("slow.toml", slow)]), 1), [0; 0]);
}

#[test]
fn an_experiment_has_limits_of_its_own() {
    let told = |own: &str, limits: &str, end: &str| {
        let done = build(&hostile(end, own, limits), 1);
        let ended = events(&done, "task").remove(0);
        (ended["outcome"]["failure"]["message"].as_str().unwrap().to_owned(), ended["threads"].clone())
    };
    let (message, threads) = told("limits = { time = 0.4, threads = 3 }", "", "loop");
    // Who is first to look at the clock, the one for plugins or the one for all tasks, is chance.
    assert!(message.contains("did not answer within "), "{message}");
    assert_eq!(threads, 3);
    let (message, threads) = told("limits = { output = 1 }", "", "flood");
    assert!(message.contains("wrote more than 1 MiB"), "{message}");
    assert_eq!(threads, 1);
    // The plugin's limit follows that of the experiment where the project allows less.
    let place = hostile("slow", "limits = { time = 60 }", "time = 0.5");
    place.octavo(&["build"]).run().exits(0);
}

#[test]
fn limits_of_an_experiment_bound_its_tasks_and_what_they_read() {
    let sweep = |own: &str| {
        format!("title = \"S\"\nanalysis = \"dragon\"\nlimits = {{ {own} }}\n[sweep]\nfolds = [1, 2, 3]\n")
    };
    let place = Place::project(&[("s.toml", &sweep("tasks = 2"))]);
    place.octavo(&["check"]).run().exits(2).says(&["error[too-many-tasks]", "3 points, and the limit is 2"]);
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\n[limits]\ntasks = 2\n");
    place.write("experiments/s.toml", sweep("tasks = 3"));
    place.octavo(&["check"]).run().exits(0);
    place.write("experiments/s.toml", sweep("tasks = 3, memory = 100"));
    let parts = [
        "error[idle-limit]",
        "`memory` bounds the processes of a plugin, and `dragon` is built in",
        "s.toml:3:",
    ];
    place.octavo(&["check"]).run().exits(2).says(&parts);
    let points = |own: &str| {
        format!(
            "title = \"P\"\nanalysis = \"sinkhorn\"\nlimits = {{ input = {{ {own} }} }}\n[params]\nsource = {{ file = \"a.csv\" }}\ntarget = {{ file = \"a.csv\" }}\nepsilon = [1.0]\n"
        )
    };
    let place = Place::project(&[("a.csv", "x,y\n0,0\n1,0\n1,1\n"), ("p.toml", &points("numbers = 5"))]);
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\n[limits]\ninput = { numbers = 1 }\n");
    place.octavo(&["build"]).run().exits(1).says(&["at most 5 numbers are read", "or in the experiment"]);
    place.write("experiments/p.toml", points("numbers = 8"));
    place.octavo(&["build"]).run().exits(0);
}

#[test]
fn a_whole_table_that_is_too_large_is_offered_as_a_sample() {
    let strip = "title = \"T\"\nanalysis = \"dragon\"\n[params]\nfolds = 16\n[sweep]\nangle = [91, 92, 93, 94]\n\
        [figures.way]\nfrom = \"vertices\"\nmark = \"line\"\nx = \"x\"\ny = \"y\"\nframe = \"angle\"\n";
    let place = Place::project(&[("index.md", "# T\n\n![Way](figure:a#way)\n"), ("a.toml", strip)]);
    let config = place.read("octavo.toml");
    place.build();
    let bytes = |route: &str| std::fs::read(place.path(route)).unwrap();
    let (whole, rows) = (bytes("site/data/a/vertices.csv.gz"), bytes("site/figures/a/way.csv.gz"));
    assert!(
        whole.len() > 1 << 20 && !place.read("site/index.html").contains("sample"),
        "{} bytes",
        whole.len()
    );
    place.write("octavo.toml", format!("{config}\n[limits]\ndownload = 1\n"));
    assert_eq!(place.build().ran, 0);
    let html = place.read("site/index.html");
    assert!(html.contains("href=\"data/a/vertices.sample.csv.gz\""), "{html}");
    assert!(html.contains("(a sample, 32,770 of 65,540 rows; all: octavo export FOLDER a)"), "{html}");
    let sample = bytes("site/data/a/vertices.sample.csv.gz").len();
    assert!(sample <= 1 << 20 && !place.path("site/data/a/vertices.csv.gz").exists(), "{sample} bytes");
    assert_eq!(rows, bytes("site/figures/a/way.csv.gz"), "drawn rows are whole");
    place
        .octavo(&["reproduce", "site/data/a/vertices.sample.csv.gz", "--site", "site/octavo.json"])
        .run()
        .exits(2)
        .says(&["`data/a/vertices.sample.csv.gz`, a sample of the rows of a table", "octavo export"]);
    place.edit("experiments/a.toml", "[sweep]", "[limits]\ndownload = 1\n[sweep]");
    place.octavo(&["build"]).run().exits(2).says(&["download"]);
}
