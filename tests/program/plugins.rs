//! Plugins that are programs of their own: what goes well, and every way in which one can go wrong.
//!
//! Each hostile case runs beside an experiment that works; it must be stopped, be named with its log, and cost the other
//! nothing.

use std::process::Child;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, kill_process};

use crate::harness::{Done, Place, assert_whole, differences};

const HOSTILE: &str = include_str!("plugins/hostile.sh");

/// A project with the hostile plugin, an experiment of it, and one of `dragon`.
fn project(arguments: &str, limits: &str, params: &str) -> Place {
    let place = Place::project(&[
        ("bad.toml", &format!("title = \"Bad\"\nanalysis = \"hostile\"\n[params]\n{params}\n")),
        ("bad.md", "# Bad\n\n![Points.](figure:points)\n"),
        ("strip.toml", "title = \"Strip\"\nanalysis = \"dragon\"\n"),
        ("strip.md", "# Strip\n\nIt has {{ value(\"segments\") }} segments.\n"),
        ("index.md", "# Home\n"),
    ]);
    place.edit(
        "experiments/strip.toml",
        "\"dragon\"\n",
        "\"dragon\"\n[values.segments]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n",
    );
    place.write("plugins/hostile.sh", HOSTILE);
    place.write(
        "octavo.toml",
        format!(
            "octavo = \"1\"\ntitle = \"Test\"\n[plugins.hostile]\ncommand = [\"sh\", \"plugins/hostile.sh\"{arguments}]\nlimits = {{ {limits} }}\n"
        ),
    );
    place
}

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
        "1 tasks run, 0 remembered, 1 failed",
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

/// Processes that were started in this folder.
fn survivors(place: &Place) -> Vec<String> {
    let mut found = Vec::new();
    for entry in std::fs::read_dir("/proc").into_iter().flatten().filter_map(Result::ok) {
        let folder = std::fs::read_link(entry.path().join("cwd"));
        if folder.is_ok_and(|folder| folder == place.path("")) {
            let command = std::fs::read_to_string(entry.path().join("cmdline")).unwrap_or_default();
            // Those that are dead have no command line.
            if !command.is_empty() {
                found.push(command.replace('\0', " "));
            }
        }
    }
    found
}

#[test]
fn a_plugin_computes_and_is_remembered() {
    let place = project("", "time = 20", "end = \"good\"");
    let first = place.build();
    assert_eq!((first.ran, first.failed), (2, 0));
    assert!(place.read("site/bad.html").contains("<svg"));
    let again = place.build();
    assert_eq!((again.ran, again.remembered, again.touched), (0, 2, 0));
    // Its file is part of the key, and of no other's.
    place.write("plugins/hostile.sh", format!("{HOSTILE}# edited\n"));
    let edited = place.build();
    assert_eq!((edited.ran, edited.remembered), (1, 1));
}

#[test]
fn nothing_is_started_where_nothing_changed() {
    let place = project("", "time = 20", "end = \"good\"");
    place.build();
    // The digest is the same, so a program that cannot be started any more is not missed.
    place.edit("octavo.toml", "command = [\"sh\"", "command = [\"sh\"");
    let trace = place.octavo(&["build", "--log-format", "json"]).env("PATH", "/nowhere").run().exits(0);
    assert_eq!(trace.published().remembered, 2);
    place.octavo(&["check"]).env("PATH", "/nowhere").run().exits(0);
}

#[test]
fn one_process_computes_task_after_task() {
    let place = project("", "time = 20", "");
    place.write(
        "experiments/bad.toml",
        "title = \"Many\"\nanalysis = \"hostile\"\n[sweep]\nn = { from = 1, to = 30 }\n",
    );
    place.edit("plugins/hostile.sh", "read -r line\nsay", "echo x >>starts\nread -r line\nsay");
    let done = place.octavo(&["build", "-j", "2", "--log-format", "json"]).run().exits(0);
    assert_eq!(done.published().ran, 31);
    let starts = place.read("starts").lines().count();
    assert!(starts <= 2, "{starts} processes for 30 tasks on 2 workers");
}

#[test]
fn its_environment_is_empty_but_for_what_is_written_down() {
    let place = project("", "time = 20", "end = \"environment\"");
    place.edit("plugins/hostile.sh", "env >&2", "env >environment");
    place.octavo(&["build"]).env("SECRET", "1").env("HOME", "/home/x").run().exits(0);
    let mut names: Vec<String> = place
        .read("environment")
        .lines()
        .filter_map(|line| line.split_once('=').map(|(name, _)| name.to_owned()))
        // A shell sets these itself.
        .filter(|name| !["PWD", "OLDPWD", "SHLVL", "_"].contains(&name.as_str()))
        .collect();
    names.sort();
    assert_eq!(names, ["LC_ALL", "OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "PATH", "PYTHONHASHSEED", "TZ"]);
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
        "1 tasks run, 0 remembered, 1 experiment failed with its plugin",
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
        assert_eq!(output.status.code(), Some(1), "{said}");
        assert!(said.contains("finished tasks are kept") && !said.contains("failed"), "{said}");
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
fn warnings_are_told_up_to_a_number() {
    let place = project("", "time = 20", "end = \"warn\"");
    let done = place.octavo(&["build"]).run().exits(0).says(&[
        "careful 1\n",
        "careful 100\n",
        "and 30 more warnings",
    ]);
    assert!(!done.err.contains("careful 101"), "{}", done.err);
}

#[test]
fn texts_of_it_cannot_write_to_the_terminal_as_they_like() {
    let told = |end: &str, code: i32, parts: &[&str]| {
        let place = project("", "time = 20", &format!("end = \"{end}\""));
        let done = place.octavo(&["build"]).run().exits(code).says(parts);
        assert!(!done.err.contains(['\u{1b}', '\u{202e}']), "{}", done.err);
        assert!(!done.err.contains("\nerror: forged"), "{}", done.err);
        done
    };
    told("check-problem", 2, &["error[bad-parameters]: a error: forged", "help: b  [31m red"]);
    told(
        "check-error",
        2,
        &["error[bad-parameters]: the plugin `hostile`: there is no wind; wait  [31mfor some"],
    );
}

#[test]
fn an_error_at_check_is_about_its_experiment_alone() {
    let place = project("", "time = 20", "end = \"check-bug\"");
    place.write("experiments/good.toml", "title = \"Good\"\nanalysis = \"hostile\"\n");
    place.octavo(&["build"]).run().exits(1).says(&[
        "error[plugin]: the plugin `hostile`: there is no wind",
        "bad.toml",
        "2 tasks run, 0 remembered, 1 experiment failed with its plugin",
    ]);
}

#[test]
fn a_default_figure_that_draws_what_is_not_there_is_its_own_fault() {
    let place = project("", "time = 20", "end = \"good\"");
    place.edit("plugins/hostile.sh", r#""y":"x"}"#, r#""y":"z"}"#);
    let parts =
        ["error[plugin]: the plugin `hostile`: its figure `points`: there is no column `z`", "bad.toml"];
    place.octavo(&["build"]).run().exits(1).says(&parts).says(&["1 tasks run"]);
    place.octavo(&["check"]).run().exits(2).says(&parts);
    assert_whole(&place.tree("site"));
}

#[test]
fn a_fresh_process_for_each_run_can_answer_cancel() {
    let place = Place::new();
    place.octavo(&["new", "project", "mine"]).run().exits(0);
    place.octavo(&["-C", "mine", "new", "plugin", "hello"]).run().exits(0);
    place.edit("mine/plugins/hello.py", "cancel=True,", "cancel=True, reuse=False,");
    place
        .octavo(&["-C", "mine", "plugins", "check", "hello"])
        .run()
        .exits(0)
        .prints(&["keeps all 18 promises"]);
}

#[test]
fn two_scripts_run_again_each_by_itself() {
    let place = Place::new();
    place.octavo(&["new", "project", "mine"]).run().exits(0);
    for name in ["hello", "second"] {
        place.octavo(&["-C", "mine", "new", "plugin", name]).run().exits(0);
    }
    place.octavo(&["-C", "mine", "build"]).run().exits(0).says(&["44 tasks run, 0 remembered"]);
    place.edit("mine/plugins/second.py", "random.gauss(0.0, 1.0)", "random.gauss(0.0, 2.0)");
    place.octavo(&["-C", "mine", "build"]).run().exits(0).says(&["16 tasks run, 28 remembered"]);
    // The module that both import is part of both.
    place.edit("mine/plugins/octavo_plugin.py", "# SPDX", "# Ours. SPDX");
    place.octavo(&["-C", "mine", "build"]).run().exits(0).says(&["32 tasks run, 12 remembered"]);
}

#[test]
fn a_file_of_it_is_known_by_its_whole_path_and_one_without_files_is_warned_of() {
    let place = project("", "time = 20", "end = \"good\"");
    let whole = place.path("plugins/hostile.sh").display().to_string();
    place.edit("octavo.toml", "plugins/hostile.sh", &whole);
    assert_eq!(place.build().ran, 2);
    place.write("plugins/hostile.sh", format!("{HOSTILE}# edited\n"));
    assert_eq!(place.build().ran, 1);
    place.edit("octavo.toml", &format!("\"{whole}\""), &format!("\"-c\", \". {whole}\""));
    place.octavo(&["check"]).run().exits(0).says(&[
        "warning[plugin-files]",
        "`hostile`",
        "name its files in `inputs`",
    ]);
}

#[test]
fn a_rust_plugin_is_a_crate_and_an_entry() {
    let place = Place::new();
    place.octavo(&["new", "project", "mine"]).run().exits(0);
    place.octavo(&["-C", "mine", "new", "plugin", "my-walk", "--lang", "rust", "--api", "."]).run().exits(2);
    let api = concat!(env!("CARGO_MANIFEST_DIR"), "/plugins/api");
    place.octavo(&["-C", "mine", "new", "plugin", "my-walk", "--lang", "rust", "--api", api]).run().exits(0);
    let manifest: toml::Table = toml::from_str(&place.read("mine/plugins/my-walk/Cargo.toml")).unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some("my-walk"));
    assert_eq!(manifest["dependencies"]["octavo-plugin"]["path"].as_str(), Some(api));
    assert!(place.read("mine/plugins/my-walk/src/main.rs").contains("name: \"my-walk\""));
    let settings: toml::Table = toml::from_str(&place.read("mine/octavo.toml")).unwrap();
    let command = settings["plugins"]["my-walk"]["command"].as_array().unwrap();
    assert_eq!(command[0].as_str(), Some("plugins/my-walk/target/release/my-walk"));
    // It is not compiled yet: it is named, and the rest is built.
    place
        .octavo(&["-C", "mine", "build"])
        .run()
        .exits(1)
        .says(&["`my-walk` cannot be started", "12 tasks run"]);
}

/// What `octavo new plugin --lang rust` writes is compiled with these tests.
#[allow(dead_code, unreachable_pub, reason = "the template is a program")]
#[path = "../../templates/new/plugin/main.rs"]
mod template;

#[test]
fn names_that_would_hide_others_are_refused() {
    let place = Place::new();
    place.octavo(&["new", "project", "mine"]).run().exits(0);
    let before = place.tree("mine");
    for (language, name) in [
        ("python", "octavo_plugin"),
        ("python", "numpy"),
        ("python", "random"),
        ("python", "json"),
        ("rust", "test"),
        ("rust", "match"),
        ("rust", "serde"),
    ] {
        let refused = place.octavo(&["-C", "mine", "new", "plugin", name, "--lang", language]).run().exits(2);
        refused.says(&["error[bad-plugin]", "cannot be the name of this plugin", "nothing was changed"]);
    }
    place.edit("mine/octavo.toml", "octavo = \"1\"", "octavo = \"1\"\nplugins = {}");
    let refused = place.octavo(&["-C", "mine", "new", "plugin", "hello"]).run().exits(2);
    refused.says(&[
        "error[bad-plugin]",
        "`octavo.toml` cannot take another plugin",
        "octavo.toml:",
        "[plugins.hello]",
    ]);
    place.edit("mine/octavo.toml", "\nplugins = {}", "");
    assert_eq!(differences(&place.tree("mine"), &before), "");
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
    let parts = ["failed (resource)", "memory exhausted", "64 MiB of memory", "limits.memory"];
    goes_wrong("memory = 64", "allocate", &parts);
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
fn files_are_read_from_their_folder_alone() {
    goes_wrong("time = 20", "dots", &["failed (bug)", "`../points.csv` is not the plain name"]);
    goes_wrong("time = 20", "link", &["failed (bug)", "`points.csv` is a link"]);
    goes_wrong("time = 20", "pipe", &["failed (bug)", "`points.csv` is no regular file"]);
    goes_wrong(
        "output = 1",
        "missing",
        &["failed (resource)", "its result takes more than 8 MiB of memory", "limits.output"],
    );
    goes_wrong("time = 20", "nan-file", &["failed (numeric)", "row 1, column `x`", "not finite"]);
}

#[test]
fn an_error_of_its_own_is_told_as_it_is() {
    let place = project("", "time = 20", "end = \"error\"");
    place
        .octavo(&["build"])
        .run()
        .exits(1)
        .says(&["bad: failed (user): the plugin `hostile`: there is no wind", "help: wait for some"]);
}

#[test]
fn script_in_its_texts_stays_text() {
    let place = project(", \"title\"", "time = 20", "end = \"good\"");
    place.build();
    for (path, bytes) in place.tree("site") {
        if path.ends_with(".html") || path.ends_with(".svg") {
            let text = String::from_utf8_lossy(&bytes);
            assert!(!text.contains("<script>alert") && !text.contains("<img src=x"), "{path}");
        }
    }
    assert!(place.read("site/bad.html").contains("&lt;img src=x"));
}

/// A plugin that cannot be described: it is named with its log, and its experiments are left out.
#[track_caller]
fn refused(arguments: &str, parts: &[&str]) {
    let time = if arguments.contains("silent") { "time = 1" } else { "time = 30" };
    let place = project(arguments, time, "end = \"good\"");
    let place_of_it = ["error[plugin]", "octavo.toml", "[plugins.hostile]"];
    place
        .octavo(&["build"])
        .run()
        .exits(1)
        .says(parts)
        .says(&place_of_it)
        .says(&["1 tasks run, 0 remembered, 1 experiment failed with its plugin"]);
    place.octavo(&["check"]).run().exits(2).says(parts).says(&place_of_it);
    place.octavo(&["build", "--strict"]).run().exits(2).says(&["nothing was run"]);
    place.octavo(&["run", "bad"]).run().exits(2).says(parts);
    assert_eq!(survivors(&place), Vec::<String>::new());
    // The rest is published, and the page says why the figure is not there.
    assert_whole(&place.tree("site"));
    assert!(place.read("site/strip.html").contains("1024 segments"));
    let page = place.read("site/bad.html");
    assert!(page.contains("role=\"alert\"") && page.contains("`hostile`"), "{page}");
    // Without it, all is good: a plugin that nobody uses is not even started.
    std::fs::remove_file(place.path("experiments/bad.toml")).unwrap();
    std::fs::remove_file(place.path("experiments/bad.md")).unwrap();
    place.build();
}

#[test]
fn one_that_speaks_another_version_is_named_with_both() {
    refused(", \"version\"", &["speaks version 7 of the protocol, and this Octavo speaks version 1"]);
}

#[test]
fn one_that_does_not_introduce_itself_is_refused() {
    refused(", \"silent\"", &["did not answer within 1 s"]);
    refused(", \"stranger\"", &["its first line is no welcome: `Hello, I am a program.`"]);
    refused(
        ", \"dies\"",
        &["ended before it answered (exit status 1)", "ImportError: no module named weather"],
    );
    refused(", \"names\"", &["`../../points` is no name of an output"]);
}

#[test]
fn what_is_wrong_in_octavo_toml_is_said_there() {
    let place = project("", "time = 20", "end = \"good\"");
    let edited = |from: &str, to: &str, parts: &[&str]| {
        let before = place.read("octavo.toml");
        place.edit("octavo.toml", from, to);
        place.octavo(&["check"]).run().exits(2).says(parts);
        place.write("octavo.toml", before);
    };
    edited("plugins.hostile", "plugins.dragon", &["`dragon` is a built-in analysis"]);
    edited("plugins.hostile", "plugins.Hostile", &["`Hostile` cannot be the name of a plugin"]);
    edited("[\"sh\"", "[\"no-such-program\"", &["cannot be started", "no-such-program"]);
    edited("limits", "inputs = [\"../*.py\"]\nlimits", &["`../*.py` leads out of the project"]);
    edited("limits", "inputs = [\"*.R\"]\nlimits", &["no file matches `*.R`"]);
    edited("time = 20", "time = -1", &["out-of-range"]);
}

#[test]
fn one_that_breaks_at_check_takes_its_own_experiments_alone() {
    let place = project("", "time = 30", "end = \"good\"");
    place.edit("plugins/hostile.sh", "\"problems\\\":[]}}\"; continue", "\"problems\\\":[NaN]}}\"; continue");
    place.octavo(&["build"]).run().exits(1).says(&["error[plugin]", "`NaN`", "bad.toml", "1 tasks run"]);
    assert!(place.read("site/strip.html").contains("1024 segments"));
}

#[test]
fn what_depends_on_it_is_left_out_with_it() {
    let place = project(", \"dies\"", "time = 30", "end = \"good\"");
    place.write(
        "experiments/after.toml",
        "title = \"After\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { from = \"bad\", artifact = \"points\" }\n",
    );
    place.octavo(&["build"]).run().exits(1).says(&["ended before it answered", "1 tasks run"]);
}

#[test]
fn the_commands_name_describe_and_try_plugins_out() {
    let place = project("", "time = 30", "end = \"good\"");
    let listed = place.octavo(&["plugins"]).run().exits(0);
    listed.prints(&["dragon           revision ", "hostile          revision 1    sh plugins/hostile.sh"]);
    let described = place.octavo(&["plugins", "describe", "hostile"]).run().exits(0);
    described.prints(&[
        "a plugin of this project",
        "  n: a whole number, default 0",
        "table points: a row is a point",
    ]);
    place
        .octavo(&["plugins", "describe", "dragon"])
        .run()
        .exits(0)
        .prints(&["angle: a number, above 0 and at most 180, in °, default 90.0"]);
    place.octavo(&["plugins", "check", "hostile"]).run().exits(0).prints(&["keeps all 18 promises"]);
    place.octavo(&["plugins", "check", "dragon"]).run().exits(2).says(&["no plugin `dragon`"]);
    place.octavo(&["plugins", "describe", "dargon"]).run().exits(2).says(&["did you mean `dragon`?"]);
}

/// Edits the good plugin, and says which promise it then breaks.
#[track_caller]
fn breaks(from: &str, to: &str, parts: &[&str]) {
    let place = project("", "time = 30", "end = \"good\"");
    place.edit("plugins/hostile.sh", from, to);
    place.octavo(&["plugins", "check", "hostile"]).run().exits(1).prints(&["FAIL"]).prints(parts);
}

#[test]
fn a_broken_promise_is_found() {
    breaks(
        r#""value":1.5}},"tables":{"points":{"columns":{"x":[1,2]}}}}'"#,
        r#""value":'$$'}},"tables":{"points":{"columns":{"x":[1,2]}}}}'"#,
        &["FAIL  a fresh process gives the same results"],
    );
    breaks(
        r#"good='{"scalars":{"x""#,
        r#"good='{"scalars":{"z""#,
        &["FAIL  its examples give what is declared", "`z` was not declared"],
    );
    breaks(
        r#""description":"A number.","#,
        "",
        &["FAIL  every parameter is described", "`n` has no `description`"],
    );
    breaks(
        r#""default":0"#,
        r#""minimum":1,"default":0"#,
        &["the default of `n` does not fit: `n` is `0`, and a whole number, at least 1, is needed"],
    );
    breaks(r#""y":"x"}"#, r#""y":"z"}"#, &["FAIL  its default figures", "there is no column `z`"]);
    // What the host would not let pass.
    breaks(
        r#"*'"request":"check"'*) say"#,
        r#"*'"request":"check"'*'"n":"text"'*) exit 7 ;; *'"request":"check"'*) say"#,
        &["FAIL  bad parameters are answered", "`n` = \"text\"", "exit status 7"],
    );
    breaks(
        r#""from":"points","mark""#,
        r#""from":"pionts","mark""#,
        &["FAIL  its default figures", "`pionts`"],
    );
    breaks(
        r#""from":"points","mark""#,
        r#""from":"points","makr":1,"mark""#,
        &["FAIL  its default figures", "`makr`"],
    );
    breaks("there is no such request\\\"}\"", "x\\\"}\"; exit", &["FAIL  what it does not know"]);
}

#[test]
fn the_newcomers_path_goes_as_written() {
    let place = Place::new();
    place.octavo(&["new", "project", "mine"]).run().exits(0);
    place.octavo(&["-C", "mine", "new", "plugin", "hello", "--lang", "python"]).run().exits(0);
    place
        .octavo(&["-C", "mine", "plugins", "check", "hello"])
        .run()
        .exits(0)
        .prints(&["`hello` keeps all 18 promises"]);
    place.octavo(&["-C", "mine", "build", "--strict"]).run().exits(0).says(&["28 tasks run"]);
    let page = place.read("mine/site/hello.html");
    assert!(page.contains("<svg") && page.contains("carries the walk beyond 20"), "{page}");
    let reference = place.read("mine/site/analyses/hello.html");
    for part in
        ["a plugin of this project", "is not promised", "Number of steps.", "1 to 100000", "End of the walk"]
    {
        assert!(reference.contains(part), "`{part}` is not in {reference}");
    }
    assert!(place.read("mine/site/analyses/dragon.html").contains("Interior angle at every crease"));
    // An edited script runs its own tasks again, and no others.
    place.edit("mine/plugins/hello.py", "random.gauss(0.0, 1.0)", "random.gauss(0.0, 2.0)");
    place.octavo(&["-C", "mine", "build"]).run().exits(0).says(&["16 tasks run, 12 remembered"]);
    // Names that are taken stay as they are.
    place
        .octavo(&["-C", "mine", "new", "plugin", "hello"])
        .run()
        .exits(2)
        .says(&["there is an analysis `hello` already"]);
    place
        .octavo(&["-C", "mine", "new", "plugin", "dragon"])
        .run()
        .exits(2)
        .says(&["there is an analysis `dragon` already"]);
    place
        .octavo(&["-C", "mine", "new", "plugin", "Bad"])
        .run()
        .exits(2)
        .says(&["cannot be the name of a plugin"]);
}
