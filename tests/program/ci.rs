//! `octavo new ci`: what it writes is what a service reads, and the scripts in it are run here, with the program under test.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;
use std::process::{Command, Output};

use saphyr_parser::{Event, Parser};
use serde_json::{Map, Value as Json, json};

use crate::harness::{Place, assert_whole};

fn git(place: &Place, arguments: &[&str]) -> Option<Output> {
    let identity = ["-c", "user.name=T", "-c", "user.email=t@example.org"];
    let mut command = Command::new("git");
    command.current_dir(place.path("")).args(identity).args(arguments);
    command.env("GIT_COMMITTER_DATE", "1000000000 +0000").output().ok()
}

fn commit(place: &Place) {
    for arguments in [&["add", "."][..], &["commit", "--quiet", "--message", "All"]] {
        assert!(git(place, arguments).unwrap().status.success(), "{arguments:?}");
    }
}

/// A new project in a repository with one commit; `None` where there is no git.
fn repository() -> Option<Place> {
    let place = Place::new();
    place.octavo(&["new", "project", "."]).run().exits(0);
    git(&place, &["init", "--quiet"])?;
    commit(&place);
    Some(place)
}

/// YAML as JSON: maps, lists, and texts for all else.
fn yaml(text: &str) -> Json {
    let mut open: Vec<(Json, Option<String>)> = Vec::new();
    for event in Parser::new_from_str(text) {
        let done = match event.unwrap_or_else(|error| panic!("{error}\n{text}")).0 {
            Event::Scalar(text, ..) => json!(text),
            Event::MappingStart(..) => {
                open.push((Json::Object(Map::new()), None));
                continue;
            }
            Event::SequenceStart(..) => {
                open.push((json!([]), None));
                continue;
            }
            Event::MappingEnd | Event::SequenceEnd => open.pop().unwrap().0,
            _ => continue,
        };
        match open.last_mut() {
            None => return done,
            Some((Json::Array(list), _)) => list.push(done),
            Some((Json::Object(map), key)) => match key.take() {
                None => *key = Some(done.as_str().unwrap().to_owned()),
                Some(name) => assert!(map.insert(name.clone(), done).is_none(), "`{name}` is there twice"),
            },
            Some(_) => unreachable!("a text holds nothing"),
        }
    }
    panic!("nothing is in it")
}

/// A script of a service, run in the folder of the repository with the folder `home` for its home.
fn run(place: &Place, script: &str, variables: &[(&str, &str)]) -> Output {
    let mut command = Command::new("bash");
    command.args(["-e", "-c", script]).current_dir(place.path("")).env("HOME", place.path("home"));
    command.env_remove("SOURCE_DATE_EPOCH").env("OCTAVO_SITE", place.path("out")).env("OCTAVO_PROJECT", ".");
    command.env("OCTAVO_SUMMARY", "summary.md").env("GITHUB_STEP_SUMMARY", "summary.md");
    command.envs(variables.iter().copied()).output().unwrap()
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&[&output.stdout[..], &output.stderr].concat()).into_owned()
}

/// Puts the program under test where the scripts install it.
fn install(place: &Place) {
    fs::create_dir_all(place.path("home/octavo/bin")).unwrap();
    symlink(env!("CARGO_BIN_EXE_octavo"), place.path("home/octavo/bin/octavo")).unwrap();
}

#[test]
fn workflows_have_what_services_ask_for() {
    let Some(place) = repository() else { return };
    let done = place.octavo(&["new", "ci", "--github", "--gitlab"]).run().exits(0).prints_nothing();
    done.says(&[".github/workflows/site.yml", ".gitlab-ci.yml", "commit it"]);
    let github = yaml(&place.read(".github/workflows/site.yml"));
    assert_eq!(github["permissions"], json!({ "contents": "read" }));
    assert_eq!(github["env"]["OCTAVO_PROJECT"], ".");
    for variable in ["OCTAVO_FROM", "OCTAVO_SOURCE", "OCTAVO_VERSION", "OCTAVO_SHA256"] {
        assert!(github["env"][variable].is_string(), "{variable}");
    }
    let steps = github["jobs"]["build"]["steps"].as_array().unwrap();
    let using = |action: &str| {
        let found =
            steps.iter().find(|step| step["uses"].as_str().is_some_and(|name| name.starts_with(action)));
        found.unwrap_or_else(|| panic!("no {action}"))
    };
    let (restore, save) = (&using("actions/cache/restore@")["with"], using("actions/cache/save@"));
    assert_eq!((&restore["path"], &restore["key"]), (&save["with"]["path"], &save["with"]["key"]));
    assert_eq!(restore["path"], ".octavo");
    assert_eq!(save["if"], "always()");
    // A key is restored by what it begins with.
    for prefix in restore["restore-keys"].as_str().unwrap().lines() {
        assert!(restore["key"].as_str().unwrap().starts_with(prefix), "{prefix}");
    }
    assert_eq!(using("actions/upload-pages-artifact@")["with"]["path"], "${{ env.OCTAVO_SITE }}");
    let publish = &github["jobs"]["publish"];
    assert_eq!(publish["permissions"], json!({ "pages": "write", "id-token": "write" }));
    assert_eq!(publish["needs"], "build");
    let gitlab = yaml(&place.read(".gitlab-ci.yml"));
    let site = &gitlab[".site"];
    assert_eq!(site["cache"][1]["paths"], json!([".octavo"]));
    assert!(site["cache"][1]["fallback_keys"].is_array());
    assert_eq!(site["artifacts"]["paths"][0], "public");
    assert_eq!(gitlab["pages"]["extends"], ".site");
    for file in [".github/workflows/site.yml", ".gitlab-ci.yml"] {
        assert!(!place.read(file).contains('@') || !place.read(file).contains("@install"), "{file}");
        assert!(!place.read(file).contains("example"), "no address is made up");
    }
}

#[test]
fn nothing_is_overwritten_and_something_must_be_asked_for() {
    let place = Place::new();
    place.octavo(&["new", "ci", "--cron"]).run().exits(2).says(&["octavo.toml", "octavo new project"]);
    place.octavo(&["new", "project", "."]).run().exits(0);
    place.octavo(&["new", "ci"]).run().exits(2).says(&["--github", "--gitlab", "--cron"]);
    place.write(".gitlab-ci.yml", "mine");
    let before = place.tree("");
    let done = place.octavo(&["new", "ci", "--github", "--gitlab", "--cron"]).run().exits(2);
    done.says(&[".gitlab-ci.yml` exists", "nothing was changed"]);
    assert_eq!(place.tree(""), before);
    place.octavo(&["new", "ci", "--cron"]).run().exits(0).says(&["crontab"]);
    place.octavo(&["new", "ci", "--cron"]).run().exits(2).says(&["nightly.sh` exists"]);
    assert_eq!(place.read(".gitignore").matches("/nightly.log\n").count(), 1);
}

#[test]
fn a_project_within_a_repository_has_its_workflow_at_the_top() {
    let Some(place) = repository() else { return };
    place.octavo(&["new", "project", "notes/a"]).run().exits(0);
    place.octavo(&["-C", "notes/a", "new", "ci", "--github"]).run().exits(0);
    let github = yaml(&place.read(".github/workflows/site.yml"));
    assert_eq!(github["env"]["OCTAVO_PROJECT"], "notes/a");
    let paths: Vec<&str> = github["jobs"]["build"]["steps"]
        .as_array()
        .unwrap()
        .iter()
        .filter_map(|s| s["with"]["path"].as_str())
        .collect();
    assert_eq!(paths.iter().filter(|path| **path == "notes/a/.octavo").count(), 2, "{paths:?}");
}

/// The two scripts of each workflow: that which installs, and that which builds.
fn scripts(place: &Place) -> [[String; 2]; 2] {
    let github = yaml(&place.read(".github/workflows/site.yml"));
    let steps = github["jobs"]["build"]["steps"].as_array().unwrap();
    let runs = steps.iter().filter_map(|step| step["run"].as_str().map(str::to_owned));
    let gitlab = yaml(&place.read(".gitlab-ci.yml"));
    let script = |index: usize| gitlab[".site"]["script"][index].as_str().unwrap().to_owned();
    [runs.collect::<Vec<_>>().try_into().unwrap(), [script(0), script(1)]]
}

#[test]
fn workflows_build_keep_results_and_say_what_became_of_it() {
    let Some(place) = repository() else { return };
    place.octavo(&["new", "ci", "--github", "--gitlab"]).run().exits(0);
    install(&place);
    for [_, build] in scripts(&place) {
        let done = run(&place, &build, &[]);
        assert!(done.status.success(), "{}", text(&done));
        assert_whole(&place.tree("out"));
        let summary = place.read("summary.md");
        assert!(summary.starts_with("### Octavo: all is good (exit code 0)\n\n    "), "{summary}");
        let manifest: Json = serde_json::from_str(&place.read("out/octavo.json")).unwrap();
        assert_eq!(manifest["date"], "2001-09-09T01:46:40Z", "the date of the commit");
        // The next machine has an empty folder, and the store that the last one left.
        fs::remove_dir_all(place.path("out")).unwrap();
        fs::remove_file(place.path("summary.md")).unwrap();
        let again = run(&place, &build, &[]);
        assert!(text(&again).contains("0 tasks run, 12 remembered"), "{}", text(&again));
        fs::remove_file(place.path("summary.md")).unwrap();
        place.edit("experiments/strip.toml", "segments == 2^12", "segments == 2^11");
        let wrong = run(&place, &build, &[]);
        assert_eq!(wrong.status.code(), Some(4), "{}", text(&wrong));
        let summary = place.read("summary.md");
        assert!(
            summary.starts_with("### Octavo: ") && summary.contains("(exit code 4)\n\n    "),
            "{summary}"
        );
        assert!(summary.contains("\n    warning[unexpected-claim]"), "{summary}");
        place.edit("experiments/strip.toml", "segments == 2^11", "segments == 2^12");
        fs::remove_file(place.path("summary.md")).unwrap();
        fs::remove_dir_all(place.path(".octavo")).unwrap();
        fs::remove_dir_all(place.path("out")).unwrap();
    }
}

#[test]
fn workflows_install_what_they_are_told_to_and_nothing_else() {
    let Some(place) = repository() else { return };
    place.octavo(&["new", "ci", "--github", "--gitlab"]).run().exits(0);
    place.write("release/octavo-v1/octavo", "#!/bin/sh\necho octavo of a release\n");
    fs::set_permissions(place.path("release/octavo-v1/octavo"), fs::Permissions::from_mode(0o755)).unwrap();
    let pack = "cd release && tar -czf o.tar.gz octavo-v1 && sha256sum o.tar.gz && curl --version";
    let packed = run(&place, pack, &[]);
    if !packed.status.success() {
        return;
    }
    let (digest, address) =
        (text(&packed)[..64].to_owned(), format!("file://{}", place.path("release/o.tar.gz").display()));
    // A cargo that tells what it was asked.
    place.write("tools/cargo", "#!/bin/sh\nmkdir -p \"$HOME/octavo/bin\"\necho \"echo $*\" > \"$HOME/octavo/bin/octavo\"\nchmod +x \"$HOME/octavo/bin/octavo\"\n");
    fs::set_permissions(place.path("tools/cargo"), fs::Permissions::from_mode(0o755)).unwrap();
    let path = format!("{}:/usr/bin:/bin", place.path("tools").display());
    for [install, _] in scripts(&place) {
        let install = |from: &str, source: &str, version: &str, digest: &str| {
            let _ = fs::remove_dir_all(place.path("home"));
            let variables = [("OCTAVO_FROM", from), ("OCTAVO_SOURCE", source), ("OCTAVO_VERSION", version)];
            let done = run(
                &place,
                &install,
                &[&variables[..], &[("OCTAVO_SHA256", digest), ("PATH", &path)]].concat(),
            );
            (done.status.code(), text(&done))
        };
        assert_eq!(install("archive", &address, "", &digest), (Some(0), "octavo of a release\n".to_owned()));
        let (code, said) = install("archive", &address, "", &digest.replace(&digest[..1], "x"));
        assert!(code == Some(2) && said.contains("OCTAVO_SHA256"), "{said}");
        assert!(!place.exists("home/octavo/bin/octavo"));
        let commit = "0123456789".repeat(4);
        let (code, said) = install("cargo", "https://o.invalid/o", &commit, "");
        assert!(
            code == Some(0) && said.contains(&format!("https://o.invalid/o --rev {commit} --locked")),
            "{said}"
        );
        let (code, said) = install("cargo", "https://o.invalid/o", "v1", "");
        assert!(code == Some(0) && said.contains("--tag v1 --locked"), "{said}");
        for (from, source, part) in
            [("cargo", "", "OCTAVO_SOURCE"), ("cargo", "x", "OCTAVO_VERSION"), ("x", "x", "OCTAVO_FROM")]
        {
            let (code, said) = install(from, source, "", "");
            assert!(code == Some(2) && said.contains(part), "{said}");
        }
    }
}

/// The script for cron, with these variables.
fn nightly(place: &Place, variables: &[(&str, &Path)]) -> (Option<i32>, String) {
    let mut command = Command::new(place.path("nightly.sh"));
    command.env("OCTAVO", env!("CARGO_BIN_EXE_octavo")).env_remove("SOURCE_DATE_EPOCH").current_dir("/");
    let done = command.envs(variables.iter().copied()).output().unwrap();
    (done.status.code(), text(&done))
}

#[test]
fn the_script_for_cron_publishes_is_silent_and_has_a_lock() {
    let place = Place::new();
    place.octavo(&["new", "project", "."]).run().exits(0);
    place.octavo(&["new", "ci", "--cron"]).run().exits(0);
    let to = place.path("www/site");
    fs::create_dir(place.path("www")).unwrap();
    let to = [("TO", to.as_path())];
    let good = (Some(0), String::new());
    assert_eq!(nightly(&place, &to), good);
    let published = place.tree("www/site");
    assert_whole(&published);
    assert_eq!(nightly(&place, &to), good);
    let log = place.read("nightly.log");
    assert_eq!(log.matches("exit code 0: all is good").count(), 2, "{log}");
    assert!(log.contains("12 tasks run") && log.contains("0 tasks run, 12 remembered"), "{log}");
    // What is wrong is told to who started it, and the site stays.
    place.edit("experiments/strip.toml", "segments == 2^12", "segments == 2^11");
    let (code, said) = nightly(&place, &to);
    assert!(
        code == Some(4) && said.contains("a claim turned out other than expected (exit code 4)"),
        "{said}"
    );
    assert!(said.contains("unexpected-claim"), "{said}");
    assert_eq!(place.tree("www/site"), published);
    place.edit("experiments/strip.toml", "title =", "titel =");
    assert_eq!(nightly(&place, &to).0, Some(2));
    let held = fs::File::create(place.path("nightly.lock")).unwrap();
    held.lock().unwrap();
    let (code, said) = nightly(&place, &to);
    assert!(code == Some(75) && said.contains("another run holds"), "{said}");
    drop(held);
    assert_eq!(nightly(&place, &to).0, Some(2));
    // A log that is long begins anew.
    place.write("nightly.log", "x".repeat(1_000_001));
    assert_eq!(nightly(&place, &to).0, Some(2));
    assert!(place.read("nightly.log").starts_with("== ") && place.exists("nightly.log.1"));
}

#[test]
fn committed_locks_hold_where_nobody_looks() {
    let Some(place) = repository() else { return };
    place.octavo(&["new", "ci", "--github", "--gitlab", "--cron"]).run().exits(0);
    install(&place);
    place.octavo(&["build"]).run().exits(0);
    assert!(place.exists("octavo.lock") && place.exists("experiments/strip.lock"));
    let builds = scripts(&place).map(|[_, build]| build);
    let all = |expected: i32, part: &str| {
        for build in &builds {
            let _ = fs::remove_file(place.path("summary.md"));
            let done = run(&place, build, &[]);
            assert_eq!(done.status.code(), Some(expected), "{}", text(&done));
            assert!(place.read("summary.md").contains(part), "{}", place.read("summary.md"));
        }
        let (code, said) = nightly(&place, &[]);
        assert!(code == Some(expected) && (code == Some(0) || said.contains(part)), "{said}");
    };
    // What a build wrote and nobody committed says nothing.
    place.edit("experiments/strip.toml", "segments == 2^12", "segments == 2^11");
    all(4, "a claim turned out other than expected");
    place.edit("experiments/strip.toml", "segments == 2^11", "segments == 2^12");
    commit(&place);
    all(0, "all is good");
    place.edit("experiments/strip.toml", "segments == 2^12", "segments == 2^11");
    all(3, "results moved from the committed locks");
    // What is sent begins with what somebody has to look at.
    let (_, said) = nightly(&place, &[]);
    for text in [said, place.read("summary.md")] {
        assert!(text.contains(": 1 experiment not as accepted, 1 claim not as expected\n"), "{text}");
        assert!(text.contains("  claim doubling: holds -> refuted\n"), "{text}");
    }
}

#[test]
fn the_script_for_cron_sends_a_site_elsewhere() {
    let place = Place::new();
    place.octavo(&["new", "project", "."]).run().exits(0);
    place.octavo(&["new", "ci", "--cron"]).run().exits(0);
    place.write("tools/rsync", "#!/bin/sh\necho \"$*\" >> \"$SENT\"\ntest ! -e \"$SENT.fail\"\n");
    fs::set_permissions(place.path("tools/rsync"), fs::Permissions::from_mode(0o755)).unwrap();
    let (sent, path) = (place.path("sent"), format!("{}:/usr/bin:/bin", place.path("tools").display()));
    let variables = [("TO", Path::new("host:www")), ("SENT", sent.as_path()), ("PATH", Path::new(&path))];
    assert_eq!(nightly(&place, &variables), (Some(0), String::new()));
    assert_whole(&place.tree("nightly-site"));
    let asked = place.read("sent");
    assert!(asked.contains("--delete") && asked.ends_with("/nightly-site/ host:www/\n"), "{asked}");
    place.write("sent.fail", "");
    let (code, said) = nightly(&place, &variables);
    assert!(code == Some(69) && said.contains("host:www"), "{said}");
}
