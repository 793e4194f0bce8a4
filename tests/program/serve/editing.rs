//! What a reader sees while somebody writes.

use std::time::Duration;

use super::client::Server;
use crate::harness::Place;

fn project() -> Place {
    let place = Place::project(&[
        ("index.md", "# Home\n\n[A page](a/b.md)\n"),
        ("a/b.md", "# B\n\nFirst words.\n\n## Part\n\nText.\n"),
        ("strip.toml", "title = \"A strip\"\nanalysis = \"dragon\"\n[params]\nfolds = 3\n"),
        ("strip.md", "# A strip\n\n{{ value(\"segments\") }} segments\n"),
    ]);
    place.edit(
        "experiments/strip.toml",
        "folds = 3\n",
        "folds = 3\n[values.segments]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n",
    );
    place
}

/// A page without what the server adds.
fn published(body: &str) -> String {
    let at = body.find("<script src=\"/.octavo/serve.js\"").unwrap_or_else(|| panic!("{body}"));
    let end = at + body[at..].find("</script>").unwrap() + "</script>".len();
    format!("{}{}", &body[..at], &body[end..])
}

#[test]
fn what_is_served_is_what_a_build_publishes_which_stays_as_it_is() {
    let place = project();
    place.build();
    let (site, experiments) = (place.tree("site"), place.tree("experiments"));
    let server = Server::start(&place, &[]);
    server.wait_for("/strip.html", "8 segments");
    for (path, bytes) in site.iter().filter(|(path, _)| *path != "octavo.json") {
        let answer = server.get(&format!("/{path}"));
        assert_eq!(answer.status, 200, "{path}");
        if path.ends_with(".html") {
            assert_eq!(published(&answer.body).as_bytes(), bytes, "{path}");
        } else {
            assert_eq!(answer.body, String::from_utf8_lossy(bytes), "{path}");
        }
        let head = server.ask("HEAD", &format!("/{path}"));
        assert_eq!((head.status, head.body.as_str()), (200, ""), "{path}");
        assert_eq!(head.head, answer.head, "{path}");
    }
    assert_eq!(server.get("/").body, server.get("/index.html").body);
    let folder = server.get("/analyses/?x=1");
    assert_eq!(folder.status, 404);
    let missing = server.get("/none.html");
    assert_eq!(missing.status, 404);
    assert_eq!(published(&missing.body).as_bytes(), site["404.html"]);
    let mut events = server.events();
    place.edit("experiments/a/b.md", "First", "Other");
    events.next("site");
    place.edit("experiments/strip.toml", "folds = 3", "folds = 4");
    server.wait_for("/strip.html", "16 segments");
    assert_eq!(server.interrupt().code(), Some(0));
    assert!(place.tree("site") == site, "the published site changed");
    let names = |tree: &crate::harness::Tree| tree.keys().cloned().collect::<Vec<_>>();
    assert_eq!(
        names(&place.tree("experiments")),
        names(&experiments),
        "something was written beside the sources"
    );
    place.edit("experiments/a/b.md", "Other", "First");
    place.edit("experiments/strip.toml", "folds = 4", "folds = 3");
    let again = place.build();
    assert_eq!((again.touched, again.ran), (0, 0), "the build is another one after it");
    assert!(place.tree("site").values().all(|bytes| !String::from_utf8_lossy(bytes).contains("data-octavo")));
}

#[test]
fn a_page_is_never_old_and_a_new_one_is_never_missing() {
    let place = project();
    let server = Server::start(&place, &[]);
    assert!(server.get("/a/b.html").body.contains("First words."));
    // A reader who asks at once, as often as an editor saves.
    for number in 0..20 {
        place.write("experiments/a/b.md", format!("# B\n\nWords number {number}.\n\n## Part\n\nText.\n"));
        assert!(server.get("/a/b.html").body.contains(&format!("Words number {number}.")), "{number}");
    }
    for number in 0..5 {
        place.write(&format!("experiments/new/p{number}.md"), format!("# New {number}\n"));
        let answer = server.get(&format!("/new/p{number}.html"));
        assert_eq!(answer.status, 200, "{number}");
        assert!(answer.body.contains(&format!("New {number}")));
    }
    // Editors put a new file in the place of the old one.
    place.write("experiments/a/.b.md.new", "# B\n\nRenamed words.\n\n## Part\n\nText.\n");
    std::fs::rename(place.path("experiments/a/.b.md.new"), place.path("experiments/a/b.md")).unwrap();
    assert!(server.get("/a/b.html").body.contains("Renamed words."));
    // A title is on other pages, too.
    place.write("experiments/a/b.md", "# Another title\n\nWords.\n");
    assert!(server.get("/a/b.html").body.contains("Another title"));
    assert!(server.get("/index.html").body.contains("Another title"));
    std::fs::remove_file(place.path("experiments/new/p0.md")).unwrap();
    assert_eq!(server.get("/new/p0.html").status, 404);
}

#[test]
fn links_and_headings_of_an_edit_are_checked_as_in_a_build() {
    let place = project();
    let server = Server::start(&place, &[]);
    server.wait_for("/strip.html", "8 segments");
    let mut events = server.events();
    let write =
        |text: &str| place.write("experiments/a/b.md", format!("# B\n\n{text}\n\n## Part\n\nText.\n"));
    write("A [link](../strip.md) to a page, and one to [a part](#part).");
    server.wait_for("/a/b.html", "href=\"../strip.html\"");
    write("A [link](../strip.md#nowhere).");
    assert_eq!(events.next("problems")[0]["code"], "broken-link");
    write("## New\n\nA heading.");
    assert_eq!(events.next("problems"), serde_json::json!([]));
    // Another page may lead to it at once, and no more when it goes.
    place.edit("experiments/index.md", "a/b.md", "a/b.md#new");
    server.wait_for("/index.html", "a/b.html#new");
    write("No heading.");
    assert_eq!(events.next("problems")[0]["place"]["file"], "experiments/index.md");
    assert!(server.get("/a/b.html").body.contains("A heading."), "the last good page");
    place.edit("experiments/index.md", "#new", "");
    assert_eq!(events.next("problems"), serde_json::json!([]));
    server.wait_for("/a/b.html", "No heading.");
    // A file is part of the site as soon as a page links to it.
    place.write("experiments/a/data.csv", "x\n1\n");
    write("See [the data](data.csv).");
    server.wait_for("/a/b.html", "files/a/data.csv");
    assert_eq!(server.get("/files/a/data.csv").body, "x\n1\n");
}

#[test]
fn what_the_store_loses_is_made_again() {
    let place = project();
    let server = Server::start(&place, &[]);
    server.wait_for("/strip.html", "8 segments");
    let blobs: Vec<String> = place.tree(".octavo/blobs").into_keys().collect();
    assert!(!blobs.is_empty());
    for (number, blob) in blobs.iter().enumerate() {
        let path = place.path(".octavo/blobs").join(blob);
        std::fs::remove_file(&path).unwrap();
        // Damage is no less than loss.
        if number % 2 == 0 {
            std::fs::write(&path, "something else").unwrap();
        }
    }
    for path in ["/a/b.html", "/index.html", "/strip.html"] {
        server.wait_for(path, "</body>");
    }
    server.wait_for("/strip.html", "8 segments");
    place.edit("experiments/a/b.md", "First", "Second");
    server.wait_for("/a/b.html", "Second words.");
}

#[test]
fn a_large_file_is_sent_piece_by_piece() {
    let place = project();
    let size = 400 << 20;
    std::fs::File::create(place.path("experiments/large.bin")).unwrap().set_len(size).unwrap();
    place.edit("experiments/index.md", "[A page]", "[A large file](large.bin) and [a page]");
    let server = Server::start(&place, &[]);
    assert_eq!(server.length("/files/large.bin"), size);
    assert!(server.memory() < 200 << 20, "{} bytes", server.memory());
}

#[test]
fn an_edit_is_told_and_many_saves_are_few() {
    let place = project();
    let server = Server::start(&place, &[]);
    server.wait_for("/strip.html", "8 segments");
    let mut events = server.events();
    place.edit("experiments/a/b.md", "First", "Second");
    let news = events.next("site");
    assert_eq!(news["routes"], serde_json::json!(["a/b.html"]), "{news}");
    events.changes_until_quiet(Duration::from_millis(300));
    for number in 0..50 {
        place.write("experiments/a/b.md", format!("# B\n\nSave {number}.\n\n## Part\n\nText.\n"));
        std::thread::sleep(Duration::from_millis(5));
    }
    let changes = events.changes_until_quiet(Duration::from_secs(2));
    // The first one at once, and the others together; on a busy machine a save may come later than expected.
    assert!((1..10).contains(&changes), "{changes} changes");
    assert!(server.get("/a/b.html").body.contains("Save 49."));
}

#[test]
fn errors_lie_over_the_last_good_page_and_go_by_themselves() {
    let place = project();
    let server = Server::start(&place, &[]);
    server.wait_for("/a/b.html", "Text.");
    let mut events = server.events();
    place.edit("experiments/a/b.md", "Text.", "Text, and [a link](nowhere.md).");
    let problems = events.next("problems");
    assert_eq!(problems[0]["code"], "broken-link", "{problems}");
    let expected = serde_json::json!({ "file": "experiments/a/b.md", "line": 7, "column": 11 });
    assert_eq!(problems[0]["place"], expected);
    assert!(server.get("/a/b.html").body.contains("Text."));
    assert!(!server.get("/a/b.html").body.contains("nowhere"));
    // Another error, in another file; and prose of a good page goes on when both are mended.
    place.edit("experiments/strip.toml", "folds = 3", "folds = \"three\"");
    assert_eq!(events.next("problems").as_array().unwrap().len(), 2);
    place.edit("experiments/a/b.md", "[a link](nowhere.md)", "no link");
    let problems = events.next("problems");
    assert_eq!(problems.as_array().unwrap().len(), 1, "{problems}");
    assert_eq!(problems[0]["place"]["file"], "experiments/strip.toml");
    place.edit("experiments/strip.toml", "folds = \"three\"", "folds = 3");
    assert_eq!(events.next("problems"), serde_json::json!([]));
    assert!(server.get("/a/b.html").body.contains("and no link"));
    place.edit("octavo.toml", "title", "titel");
    assert_eq!(events.next("problems")[0]["place"]["file"], "octavo.toml");
    place.edit("octavo.toml", "titel", "title");
    assert_eq!(events.next("problems"), serde_json::json!([]));
}

#[test]
fn a_project_that_is_wrong_from_the_start_is_waited_for() {
    let place = project();
    place.edit("experiments/strip.toml", "analysis", "analyses");
    let server = Server::start(&place, &[]);
    let mut events = server.events();
    let answer = server.get("/index.html");
    assert_eq!(answer.status, 503);
    assert!(answer.body.contains("data-missing"), "{}", answer.body);
    place.edit("experiments/strip.toml", "analyses", "analysis");
    events.next("site");
    assert_eq!(server.get("/index.html").status, 200);
}

#[test]
fn drafts_are_shown_where_they_are_asked_for() {
    let place = project();
    place.write("experiments/c.md", "+++\ndraft = true\n+++\n\n# A draft\n");
    let page = |arguments: &[&str]| Server::start(&place, arguments).get("/c.html").status;
    assert_eq!((page(&[]), page(&["--drafts"])), (404, 200));
}

#[test]
fn files_are_looked_at_where_the_system_does_not_tell() {
    let place = project();
    let server = Server::start(&place, &["--poll"]);
    server.wait_for("/strip.html", "8 segments");
    let mut events = server.events();
    place.edit("experiments/a/b.md", "First", "Second");
    assert_eq!(events.next("site")["routes"], serde_json::json!(["a/b.html"]));
    place.write("experiments/later.md", "# Later\n");
    events.next("site");
    assert_eq!(server.get("/later.html").status, 200);
}

const SLOW: &str = r#"
import time
from dataclasses import dataclass
from pathlib import Path
from octavo_plugin import Column, Outputs, Results, Run, analysis, serve

@dataclass
class Params:
    n: int = 1

def outputs(params: Params) -> Outputs:
    return Outputs(scalars={"twice": Column(int, "Twice")})

@analysis(name="slow", revision=1, title="Slow", summary="Waits for a file.", outputs=outputs, examples=[{}])
def slow(params: Params, run: Run) -> Results:
    while not Path("go").exists():
        run.progress(1, 2)
        time.sleep(0.01)
    return Results(scalars={"twice": 2 * params.n})

serve(slow)
"#;

#[test]
fn a_changed_parameter_computes_while_prose_goes_on() {
    let place = project();
    place.write("octavo_plugin.py", include_str!("../../../plugins/python/octavo_plugin.py"));
    place.write("slow.py", SLOW);
    place.write("go", "");
    let plugin = "[plugins.slow]\ncommand = [\"python3\", \"slow.py\"]\ninputs = [\"octavo_plugin.py\"]\n";
    place.write("octavo.toml", format!("{}{plugin}", crate::harness::CONFIG));
    let value = "[values.twice]\nfrom = \"scalars\"\nexpr = \"max(twice)\"\n";
    place.write(
        "experiments/slow.toml",
        format!("title = \"Slow\"\nanalysis = \"slow\"\n[params]\nn = 3\n{value}"),
    );
    place.write("experiments/slow.md", "# Slow\n\nTwice is {{ value(\"twice\") }}.\n");
    let server = Server::start(&place, &[]);
    let mut events = server.events();
    server.wait_for("/slow.html", "Twice is 6.");
    std::fs::remove_file(place.path("go")).unwrap();
    place.edit("experiments/slow.toml", "n = 3", "n = 4");
    let mut progress = events.next("progress");
    while progress["part"] != 0.5 {
        progress = events.next("progress");
    }
    assert_eq!((&progress["done"], &progress["total"]), (&0.into(), &1.into()), "{progress}");
    // What was good stands in, marked, and nothing is said to be wrong.
    assert!(server.get("/slow.html").body.contains('6'));
    place.edit("experiments/a/b.md", "First", "While it computes, other");
    assert!(server.get("/a/b.html").body.contains("While it computes, other words."));
    place.edit("experiments/slow.md", "Twice is", "Two times is");
    assert!(server.get("/slow.html").body.contains("Two times is"));
    place.write("go", "");
    server.wait_for("/slow.html", "Two times is 8.");
    assert!(server.get("/a/b.html").body.contains("While it computes"));
    std::fs::remove_file(place.path("go")).unwrap();
    place.edit("experiments/slow.toml", "n = 4", "n = 5");
    while events.next("progress").is_null() {}
    assert_eq!(server.interrupt().code(), Some(0), "what computes is stopped");
}
