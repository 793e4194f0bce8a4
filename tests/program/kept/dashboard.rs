//! The page that says how the site stands, and the text for a message.

use super::changes::changed;
use super::{COSTS, STRIP, place};
use crate::harness::{CONFIG, Place};

/// What stands in a section of the page, by the key of its state.
fn section<'p>(page: &'p str, key: &str) -> &'p str {
    let start = page.find(&format!("id=\"{key}\"")).unwrap_or_else(|| panic!("no {key} in\n{page}"));
    &page[start..start + page[start..].find("</section>").unwrap()]
}

#[test]
fn what_drifted_stands_first_with_its_way_and_cause() {
    let place = changed();
    place.write("experiments/costs.toml", COSTS);
    place.write("experiments/points.csv", "x\n0.5\n-1.5\n");
    place.write("experiments/all.md", "# All\n\n{{ value(\"costs#price\") }}\n");
    place.write("experiments/index.md", "# Home\n\n{{ value(\"costs#price\") }}\n");
    place.octavo(&["build"]).run().exits(0);
    let page = place.read("site/status.html");
    let kept = section(&page, "status-kept");
    assert!(
        kept.contains("<a href=\"strip.html\">A strip</a>")
            && kept.contains("<a href=\"all.html\">Costs</a>"),
        "{kept}"
    );
    // The way of a value through all that was accepted: 8 or 16, and 32.
    assert!(kept.contains("<code>most</code> 32 <svg class=\"sparkline\""), "{kept}");
    assert!(kept.contains("d=\"M2.0 18.0L48.0 12.7L94.0 2.0\""), "{kept}");
    assert!(!page.contains("id=\"status-moved\""));
    place.edit("experiments/strip.toml", "[2, 5]", "[2, 3]");
    place.octavo(&["build"]).run();
    let page = place.read("site/status.html");
    let moved = section(&page, "status-moved");
    for part in [
        "<code>most</code> 32 → <strong>8</strong> <small>75% apart</small> <svg",
        "sweep of folds [2,5] → [2,3]",
        "scalars",
    ] {
        assert!(moved.contains(part), "{part} is not in\n{moved}");
    }
    assert!(page.find("status-moved\" id=").unwrap() < page.find("status-kept\" id=").unwrap());
    assert!(!section(&page, "status-kept").contains("A strip"));
    let verdicts = section(&page, "verdicts");
    let (now, before) = (
        verdicts.find("not accepted").unwrap(),
        verdicts.find("1\u{a0}November 2026</time> · One &lt;fold&gt; more").unwrap(),
    );
    assert!(now < before && verdicts.matches("<li>").count() == 2, "{verdicts}");
    let french = place.read("site/fr/status.html");
    for part in ["<h1>État</h1>", "Autres que ceux acceptés", "écart de 75", "novembre 2026</time>"] {
        assert!(french.contains(part), "{part} is not in\n{french}");
    }
    for (page, link) in [("index", "status.html"), ("claims", "status.html"), ("changes", "status.html")] {
        assert!(place.read(&format!("site/{page}.html")).contains(&format!("href=\"{link}\"")), "{page}");
    }
}

#[test]
fn the_first_build_shows_what_the_next_one_shows() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let page = place.read("site/status.html");
    assert!(section(&page, "status-kept").contains("Costs"));
    place.octavo(&["build", "--verbose"]).run().exits(0).says(&["nothing changed"]);
    assert_eq!(place.read("site/status.html"), page);
}

#[test]
fn what_failed_and_what_has_another_profile_is_told() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    place.edit("experiments/strip.toml", "[sweep]", "[limits]\ntime = 0.0000001\n[sweep]");
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 3, 24]");
    place.edit(
        "experiments/costs.toml",
        "[params]",
        "[profiles.full.params]\nsource = { file = \"points.csv\" }\n[params]",
    );
    place.octavo(&["build", "--profile", "full"]).run().exits(1);
    let page = place.read("site/status.html");
    let failed = section(&page, "status-failed");
    assert!(failed.contains("no result of 1 of 3 tasks"), "{failed}");
    let other = section(&page, "status-other-profile");
    assert!(other.contains("today: full; accepted: no profile"), "{other}");
}

#[test]
fn a_page_of_ones_own_at_the_address_stays_and_a_site_without_experiments_has_none() {
    let place = place();
    place.write("experiments/status.md", "# My status\n");
    place.octavo(&["build", "--strict"]).run().exits(0);
    assert!(place.read("site/status.html").contains("My status"));
    let plain = Place::project(&[("index.md", "# Home\n")]);
    plain.octavo(&["build", "--strict"]).run().exits(0);
    assert!(!plain.exists("site/status.html") && !plain.read("site/index.html").contains("status.html"));
}

#[test]
fn the_text_for_a_message_says_what_somebody_has_to_look_at() {
    let place = place();
    place.write("octavo.toml", CONFIG.replace("Test", "Folds"));
    place.octavo(&["build", "--summary", "sum.txt"]).run().exits(0);
    assert_eq!(place.read("sum.txt"), "Folds: 2 experiments, all as accepted\n");
    // A build with nothing to do has its text, too.
    std::fs::remove_file(place.path("sum.txt")).unwrap();
    place.octavo(&["build", "--locked", "--summary", "sum.txt"]).run().exits(0);
    assert!(place.exists("sum.txt"));
    place.edit("experiments/strip.toml", "[2, 3]", "[2, 4]");
    place.octavo(&["build", "--locked", "--strict", "--summary", "sum.txt"]).run().exits(3);
    let text = place.read("sum.txt");
    let start = "Folds: 1 experiment not as accepted, 1 claim not as expected\ndrift: `strip`: 7 results are not as accepted\n";
    assert!(text.starts_with(start), "{text}");
    for part in [
        "\n  value most: 8 -> 16 (relative",
        "\n  cause: sweep of folds [2,3] -> [2,4]\n",
        "\nclaim: `strip#eight` is refuted, expected: holds\n",
    ] {
        assert!(text.contains(part), "{part} is not in\n{text}");
    }
    place.write(
        "experiments/strip.toml",
        STRIP.replace("[sweep]", "[limits]\ntime = 0.0000001\n[sweep]").replace("[2, 3]", "[2, 25]"),
    );
    place.octavo(&["build", "--summary", "sum.txt"]).run().exits(1);
    let text = place.read("sum.txt");
    assert!(
        text.contains("1 experiment with failures")
            && text.contains("\nfailed: `strip`: no result of 1 of 2 tasks\n"),
        "{text}"
    );
    place.octavo(&["build", "--summary", "none/such/folder.txt"]).run().exits(1).says(&["error[unwritable]"]);
}
