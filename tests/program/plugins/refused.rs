//! Plugins that cannot be described or asked, and what is wrong about them in `octavo.toml`: their experiments are left out.

use super::{project, survivors};
use crate::harness::assert_whole;

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
    place.octavo(&["build"]).run().exits(1).says(&parts).says(&["1 task run"]);
    place.octavo(&["check"]).run().exits(2).says(&parts);
    assert_whole(&place.tree("site"));
}

/// A plugin that cannot be described: it is named with its log, and its experiments are left out.
#[track_caller]
fn refused(arguments: &str, parts: &[&str]) {
    let place = project(arguments, "time = 30", "end = \"good\"");
    if arguments.contains("silent") {
        place.edit("octavo.toml", "limits = ", "start_limit = 1\nlimits = ");
    }
    let place_of_it = ["error[plugin]", "octavo.toml", "[plugins.hostile]"];
    place
        .octavo(&["build"])
        .run()
        .exits(1)
        .says(parts)
        .says(&place_of_it)
        .says(&["1 task run, 0 remembered, 1 experiment failed with its plugin"]);
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
    refused(", \"silent\"", &["did not start within 1 s", "raise `start_limit` of `[plugins.hostile]`"]);
    refused(", \"stranger\"", &["its first line is no welcome: `Hello, I am a program.`"]);
    refused(
        ", \"dies\"",
        &["ended before it answered (exit status 1)", "ImportError: no module named weather"],
    );
    refused(", \"names\"", &["`../../points` is no name of an output"]);
}

#[test]
fn files_that_it_loads_and_that_inputs_does_not_name_are_told() {
    let place = project(", \"loads\"", "time = 30", "end = \"good\"");
    place.write("plugins/helper.sh", "echo helped");
    let parts = [
        "warning[plugin-files]: the plugin `hostile` loads `plugins/helper.sh`, which its `inputs` does not name",
        "octavo.toml:3:",
        "in `[plugins.hostile]` write `inputs = [\"plugins/helper.sh\"]`",
    ];
    place.octavo(&["build"]).run().exits(0).says(&parts);
    // What it said about itself is remembered, and so is this.
    place.octavo(&["build"]).run().exits(0).says(&parts).says(&["0 tasks run"]);
    place.octavo(&["check"]).run().exits(0).says(&parts);
    place.octavo(&["check", "--strict"]).run().exits(2);
    place.edit("octavo.toml", "limits = ", "inputs = [\"plugins/helper.sh\"]\nlimits = ");
    place.octavo(&["build"]).run().exits(0).says_nothing_of("plugin-files").says(&["1 task run"]);
    place.write("plugins/helper.sh", "echo helped otherwise");
    place.octavo(&["build"]).run().exits(0).says(&["1 task run"]);
}

#[test]
fn files_that_it_loads_while_it_computes_are_told_once() {
    let place = project("", "time = 30", "end = \"lazy\"\n[sweep]\nn = [1, 2]");
    place.write("plugins/helper.sh", "echo helped");
    let told = place.octavo(&["build", "-j", "1"]).run().exits(0).says(&[
        "the plugin `hostile` loads `plugins/helper.sh`, which its `inputs` does not name",
        "write `inputs = [\"plugins/helper.sh\"]`",
    ]);
    assert_eq!(told.err.matches("loads `plugins/helper.sh`").count(), 1);
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
    edited("limits", "start_limit = 0\nlimits", &["out-of-range", "`plugins.hostile.start_limit`"]);
}

#[test]
fn one_that_breaks_at_check_takes_its_own_experiments_alone() {
    let place = project("", "time = 30", "end = \"good\"");
    place.edit("plugins/hostile.sh", "\"problems\\\":[]}}\"; continue", "\"problems\\\":[NaN]}}\"; continue");
    place.octavo(&["build"]).run().exits(1).says(&["error[plugin]", "`NaN`", "bad.toml", "1 task run"]);
    assert!(place.read("site/strip.html").contains("1024 segments"));
}

#[test]
fn what_depends_on_it_is_left_out_with_it() {
    let place = project(", \"dies\"", "time = 30", "end = \"good\"");
    place.write(
        "experiments/after.toml",
        "title = \"After\"\nanalysis = \"sinkhorn\"\n[params]\nsource = { from = \"bad\", artifact = \"points\" }\n",
    );
    place.octavo(&["build"]).run().exits(1).says(&["ended before it answered", "1 task run"]);
}
