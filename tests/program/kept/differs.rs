//! `octavo diff`: against results that were accepted at another revision.

use std::process::Command;

use serde_json::Value as Json;

use super::{STRIP, place};
use crate::harness::Place;

const FIGURE: &str = "[figures.growth]\ntitle = \"Growth\"\nfrom = \"scalars\"\nmark = \"line\"\nx = \"folds\"\ny = \"segments\"\n";

fn git(place: &Place, arguments: &[&str]) {
    let mut command = Command::new("git");
    command.current_dir(place.path("")).args(["-c", "user.name=A", "-c", "user.email=a@example.org"]);
    let done = command.args(arguments).output().unwrap();
    assert!(done.status.success(), "{}", String::from_utf8_lossy(&done.stderr));
}

fn commit(place: &Place, message: &str) {
    git(place, &["add", "-A"]);
    git(place, &["commit", "-qm", message]);
}

/// A project in a folder of its repository, with all that was accepted committed.
fn committed() -> Place {
    let place = place();
    place.write("experiments/strip.toml", format!("{STRIP}{FIGURE}"));
    place.write("experiments/strip.md", "# Strip\n\n![Growth](figure:strip#growth)\n");
    place.write(".gitignore", "/site\n/.octavo\n/old\n/d.html\n");
    place.octavo(&["build"]).run().exits(0);
    git(&place, &["init", "-qb", "main"]);
    commit(&place, "first");
    place
}

#[test]
fn values_verdicts_and_figures_are_held_against_a_revision() {
    let place = committed();
    place.octavo(&["diff"]).run().exits(0).prints(&["experiments that differ from HEAD (", "): 0 of 2"]);
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 4]");
    place.octavo(&["diff"]).run().exits(0).prints(&[
        "`strip`: 7 results moved\n  value most: 8 -> 16 (relative 1.0e0",
        "  claim eight: holds -> refuted",
        "  figure growth: of other results",
        "  cause: sweep of folds [2,3] -> [2,4]",
        "experiments that differ from HEAD (",
        "): 1 of 2",
    ]);
    // The locks are still the ones of before.
    place
        .octavo(&["diff", "--locks"])
        .run()
        .exits(0)
        .prints(&["experiments that differ from HEAD", ": 0 of 2"]);
    place.octavo(&["lock", "--accept", "--date", "2026-11-30", "-m", "One more"]).run().exits(0);
    commit(&place, "second");
    place.octavo(&["diff", "--locks", "HEAD~1"]).run().exits(0).prints(&[
        "  value most: 8 -> 16",
        "accepted since: `strip` on 2026-11-30: One more\n",
        "experiments that differ from HEAD~1 (",
        "): 1 of 2",
    ]);
    place.edit("experiments/strip.toml", "mark = \"line\"", "mark = \"point\"");
    place.octavo(&["diff"]).run().exits(0).prints(&[
        "`strip`\n  figure growth: defined otherwise\nexperiments that differ from HEAD (",
        "): 1 of 2",
    ]);
}

#[test]
fn experiments_come_and_go() {
    let place = committed();
    for file in ["strip.toml", "strip.lock", "strip.md"] {
        std::fs::remove_file(place.path(&format!("experiments/{file}"))).unwrap();
    }
    place.write("experiments/band.toml", STRIP);
    place.octavo(&["diff", "main"]).run().exits(0).prints(&[
        "`band`: new",
        "`strip`: has no results now",
        "2 of 3",
    ]);
    let json = place.octavo(&["diff", "main", "--format", "json"]).run().exits(0).out;
    let json: Json = serde_json::from_str(&json).unwrap();
    let states: Vec<(&str, &str)> = json["experiments"]
        .as_array()
        .unwrap()
        .iter()
        .map(|one| (one["experiment"].as_str().unwrap(), one["state"].as_str().unwrap()))
        .collect();
    assert_eq!(states, [("band", "new"), ("strip", "gone")]);
    assert_eq!(json["revision"].as_str().unwrap().len(), 40);
}

#[test]
fn a_project_may_lie_in_a_folder_of_its_repository() {
    let place = Place::new();
    for (path, bytes) in committed().tree("") {
        if !path.starts_with(".git/") && !path.starts_with(".octavo/") {
            place.write(&format!("notes/p/{path}"), bytes);
        }
    }
    git(&place, &["init", "-qb", "main"]);
    commit(&place, "first");
    place.edit("notes/p/experiments/strip.lock", "most = 8", "most = 9");
    place
        .octavo(&["-C", "notes/p", "diff", "--locks"])
        .run()
        .exits(0)
        .prints(&["`strip`: 1 result moved\n  value most: 8 -> 9"]);
}

#[test]
fn a_page_has_both_sides_and_figures_of_both_sites() {
    let place = committed();
    place.octavo(&["build", "-o", "old"]).run().exits(0);
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 4]");
    place.octavo(&["build"]).run();
    place.octavo(&["diff", "--page", "d.html", "--site", "old"]).run().exits(0);
    let page = place.read("d.html");
    for part in [
        "<h1>What differs from HEAD (",
        "<h2><code>strip</code></h2>",
        "<td>most</td><td>8</td><td><strong>16</strong></td><td>100% apart</td>",
        "<td>eight</td><td>holds</td><td><strong>refuted</strong></td>",
        "<code>growth</code>: a figure of other results",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    let pictures: Vec<&str> = page.split("src=\"data:image/svg+xml;base64,").skip(1).collect();
    assert_eq!(pictures.len(), 2);
    assert_ne!(pictures[0].split('"').next(), pictures[1].split('"').next());
    assert!(!page.contains("http"), "nothing is fetched");
    place.octavo(&["diff", "--page", "d.html"]).run().exits(0);
    assert!(!place.read("d.html").contains("data:image"));
}

#[test]
fn what_git_does_not_have_is_told() {
    let place = committed();
    let refused = place.octavo(&["diff", "--locks", "nowhere"]).run().exits(2);
    refused.says(&["error[no-revision]", "Git knows no revision `nowhere` here"]);
    // What looks like an option is a name.
    place.octavo(&["diff", "--locks", "--", "--output=x"]).run().exits(2).says(&["error[no-revision]"]);
    assert!(!place.exists("x"));
    place
        .octavo(&["diff", "--locks"])
        .env("PATH", "/nonexistent")
        .run()
        .exits(2)
        .says(&["error[no-git]", "install Git"]);
    std::fs::remove_dir_all(place.path(".git")).unwrap();
    place
        .octavo(&["diff", "--locks"])
        .env("GIT_CEILING_DIRECTORIES", "/")
        .run()
        .exits(2)
        .says(&["error[no-repository]", "Git finds no repository around"]);
}
