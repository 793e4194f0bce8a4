//! The way of an author: `octavo new plugin`, `octavo plugins`, and the promises that are tried out.

use super::project;
use crate::harness::{Place, differences};

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
fn a_rust_plugin_is_a_crate_and_an_entry() {
    let place = Place::new();
    place.octavo(&["new", "project", "mine"]).run().exits(0);
    place.octavo(&["-C", "mine", "new", "plugin", "my-walk", "--lang", "rust", "--api", "."]).run().exits(2);
    let api = concat!(env!("CARGO_MANIFEST_DIR"), "/plugins/api");
    place.octavo(&["-C", "mine", "new", "plugin", "my-walk", "--lang", "rust", "--api", api]).run().exits(0);
    let manifest: toml::Table = toml::from_str(&place.read("mine/plugins/my-walk/Cargo.toml")).unwrap();
    assert_eq!(manifest["package"]["name"].as_str(), Some("my-walk"));
    assert_eq!(manifest["dependencies"]["octavo-plugin"]["path"].as_str(), Some(api));
    assert!(place.read("mine/plugins/my-walk/src/main.rs").contains("built_in(\"my-walk\", 1)"));
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
#[path = "../../../templates/new/plugin/main.rs"]
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
