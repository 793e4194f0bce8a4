//! What a site says of results that were accepted in place of others.

use super::{STRIP, place};
use crate::harness::Place;

/// A project whose strip was folded once more, twice.
pub(super) fn changed() -> Place {
    let place = Place::project(&[
        (
            "strip.toml",
            &STRIP.replace("check = \"most == 8\"", "check = \"most == 8\"\nexpect = \"undecided\""),
        ),
        ("strip.md", "# Strip\n\nAt most {{ value(\"most\") }}.\n"),
        ("index.md", "# Home\n"),
    ]);
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"Test\"\nlanguages = [\"en\", \"fr\"]\nbase_url = \"https://example.org/t\"\n");
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/changes.html") && !place.exists("site/changes.xml"));
    for (from, to, date, why) in [
        ("[2, 3]", "[2, 4]", "2026-11-01", "One <fold> more"),
        ("[2, 4]", "[2, 5]", "2026-11-30", "And another"),
    ] {
        place.edit("experiments/strip.toml", from, to);
        place.octavo(&["lock", "--accept", "--date", date, "-m", why]).run().exits(0);
    }
    place.octavo(&["build"]).run().exits(0);
    place
}

#[test]
fn the_page_of_changes_is_made_of_the_history_alone() {
    let place = changed();
    let page = place.read("site/changes.html");
    for part in [
        "id=\"change-1\"",
        "<time datetime=\"2026-11-01\">",
        "<a href=\"strip.html\">strip</a>: One &lt;fold&gt; more",
        "most: <span>16 → <strong>32</strong>",
        "eight: <span>holds → <strong>refuted</strong>",
        "class=\"sparkline\"",
        "sweep of folds [2,3] → [2,4]",
        "Outputs that changed",
    ] {
        assert!(page.contains(part), "{part} is not in\n{page}");
    }
    // The newest first; its line goes through all that was accepted.
    assert!(page.find("id=\"change-2\"").unwrap() < page.find("id=\"change-1\"").unwrap());
    assert!(page.contains("d=\"M2.0 18.0L48.0 12.7L94.0 2.0\""), "{page}");
    let french = place.read("site/fr/changes.html");
    assert!(french.contains("Changements") && french.contains("balayage de folds [2,3] → [2,4]"), "{french}");
    assert!(place.read("site/index.html").contains("href=\"changes.html\""));
    let feed = place.read("site/changes.xml");
    for part in [
        "<title>Test: Changes</title>",
        "<updated>2026-11-30T00:00:00Z</updated>",
        "<id>https://example.org/t/changes.html#change-1</id>",
        "One &lt;fold&gt; more · most 8 → 16 · eight holds → refuted · sweep of folds [2,3] → [2,4]",
    ] {
        assert!(feed.contains(part), "{part} is not in\n{feed}");
    }
    // Another checkout, without what was built here.
    let other = super::clone(&place);
    other.octavo(&["build", "--locked"]).run().exits(0);
    assert_eq!(other.tree("site"), place.tree("site"));
}

#[test]
fn a_history_without_days_has_no_feed_and_a_wrong_one_is_told() {
    let place = place();
    place.build();
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 4]");
    place.octavo(&["lock", "--accept"]).run().exits(0);
    place.octavo(&["build"]).run().exits(4);
    let page = place.read("site/changes.html");
    assert!(page.contains("most: <span>8 → <strong>16</strong>") && !page.contains("<time"), "{page}");
    assert!(!place.exists("site/changes.xml"));
    // A value that is gone takes its line with it; one that is new has no place in the history.
    place.edit("experiments/strip.toml", "[values.most]", "[values.best]");
    place.edit("experiments/strip.toml", "most ==", "best ==");
    place.edit("experiments/strip.md", "most\"", "best\"");
    place.octavo(&["build", "--locked"]).run().exits(3).says(&["value most: 16 -> gone"]);
    place.octavo(&["lock", "--accept"]).run().exits(0);
    place.octavo(&["build", "--locked"]).run().exits(4);
    let page = place.read("site/changes.html");
    assert!(
        page.contains("most: <span>16 → <strong>missing</strong>") && !page.contains("best: <span>"),
        "{page}"
    );
    // A page of the author's own cannot stand there.
    place.write("experiments/changes.md", "# Mine\n");
    place.octavo(&["check"]).run().exits(2).says(&["changes.md"]);
    std::fs::remove_file(place.path("experiments/changes.md")).unwrap();
    place.write("history.jsonl", "{\"experiment\": 3}\n");
    place.octavo(&["build"]).run().exits(2).says(&["error[bad-history]", "history.jsonl:1:1"]);
}
