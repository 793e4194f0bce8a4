//! Plugins that are programs of their own: what goes well, and every way in which one can go wrong.
//!
//! Each hostile case runs beside an experiment that works; it must be stopped, be named with its log, and cost the other
//! nothing.

mod path;
mod refused;
mod stopped;

use crate::harness::Place;

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
    let trace = place.octavo(&["build", "--log-format", "json"]).env("PATH", "/nowhere").run().exits(0);
    assert_eq!(trace.published().remembered, 2);
    place.octavo(&["check"]).env("PATH", "/nowhere").run().exits(0);
    // Where something did change, it is missed.
    place.edit("plugins/hostile.sh", "good=", "# edited\ngood=");
    let missed = place.octavo(&["check"]).env("PATH", "/nowhere").run().exits(2);
    missed.says(&["error[plugin]", "`hostile` cannot be started"]);
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
