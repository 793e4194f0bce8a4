//! What readers search: which files there are, what is in them, and what an edit changes.

use std::collections::BTreeSet;

use serde_json::Value as Json;

use crate::harness::{CONFIG, Place};
use crate::paths::refused;

const PAGE: &str = "# Entropy of layers\n\nWords of a page.\n\n## Of $\\varepsilon$ {#eps}\n\nNets have layers.\n\n```text\nhidden\n```\n\n\
                    ![Caption of a strip](figure:curve)\n\n{{ claim(\"folded\") }}\n";
const STRIP: &str = "title = \"Strip\"\nanalysis = \"dragon\"\nparams.folds = 3\n\n[claims.folded]\ntext = \"A strip has creases\"\ncheck = \"segments == 8\"\n";

fn place() -> Place {
    let place = Place::project(&[
        ("index.md", "# Home\n\nWelcome.\n"),
        ("index.fr.md", "# Accueil\n\nBienvenue aux couches.\n"),
        ("strip.md", PAGE),
        ("strip.fr.md", "# La couche\n\nL’entropie des couches.\n"),
        ("strip.toml", STRIP),
    ]);
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\n"));
    place
}

/// What a script gives.
fn value(script: &str) -> Json {
    let inside = script.strip_prefix("octavoSearch(").and_then(|rest| rest.strip_suffix(");\n"));
    serde_json::from_str(inside.unwrap_or_else(|| panic!("{script}"))).unwrap()
}

#[test]
fn each_language_has_words_and_texts_and_a_page_of_results() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let texts = place.tree("site/search/en/text");
    let texts: Vec<Json> = texts.values().map(|bytes| value(std::str::from_utf8(bytes).unwrap())).collect();
    let strip = texts.iter().find(|text| text[0] == "Entropy of layers").unwrap();
    assert_eq!(strip[1], "strip.html");
    assert_eq!(strip[2][0], serde_json::json!(["", "", "Words of a page."]));
    let section = |at: usize| strip[2][1][at].as_str().unwrap().to_owned();
    assert_eq!((section(0).as_str(), section(1).as_str()), ("eps", "Of ε"));
    assert!(section(2).starts_with("Nets have layers. Figure 1. Caption of a strip"), "{}", section(2));
    assert!(section(2).contains("A strip has creases"), "the claim");
    for absent in ["hidden", "JSON", "Provenance", "dragon", "== 8"] {
        assert!(!section(2).contains(absent), "{absent} in {}", section(2));
    }
    // However many chunks there are.
    let words = |language: &str| -> String {
        let files = place.tree(&format!("site/search/{language}")).into_iter();
        files
            .filter(|(name, _)| name.starts_with('w'))
            .map(|(_, bytes)| String::from_utf8(bytes).unwrap())
            .collect()
    };
    for (language, forms) in
        [("en", ["ropy:", "psilon:", "rease,6s:"]), ("fr", ["uche,6s:", "opie:", "venue:"])]
    {
        for form in forms {
            assert!(words(language).contains(form), "{form} in {}", words(language));
        }
    }
    for (page, titles) in
        [("search.html", ["Home", "Entropy of layers"]), ("fr/search.html", ["Accueil", "La couche"])]
    {
        let html = place.read(&format!("site/{page}"));
        let main = html.split_once("<main").unwrap().1;
        titles.iter().for_each(|title| assert!(main.contains(&format!(">{title}</a>")), "{title} on {page}"));
        assert!(main.contains("<label for=\"search\">") && main.contains("role=\"status\""));
        assert_eq!(html.matches("id=\"search\"").count(), 1);
    }
    let html = place.read("site/fr/strip.html");
    assert!(html.contains("action=\"search.html\" data-root=\"../\" data-lang=\"fr\""));
    assert!(html.contains("<script src=\"../assets/search.js\" defer></script>"));
    let loaded = place.read("site/assets/search.js").len() + place.read("site/assets/theme.js").len();
    assert!(loaded < 4096, "{loaded} bytes of scripts for a reader who does not search");
}

#[test]
fn an_edit_changes_two_chunks_at_most_and_gives_what_a_new_build_gives() {
    let place = Place::new();
    place.write("octavo.toml", CONFIG);
    place.write("experiments/index.md", "# Home\n");
    for page in 0..60_u32 {
        let word = |n: u32| {
            let number = (page * 131 + n * 977).wrapping_mul(2_654_435_761) % 4001;
            [1, 13, 169, 2197].map(|step| char::from(b'a' + (number / step % 13 * 2) as u8)).iter().collect()
        };
        let words: Vec<String> = (0..300).map(word).collect();
        place.write(&format!("experiments/p{page}.md"), format!("# Page {page}\n\n{}\n", words.join(" ")));
    }
    place.octavo(&["build"]).run().exits(0);
    let before = place.tree("site/search");
    assert!(before.keys().filter(|name| name.contains("/w")).count() > 3, "{:?}", before.keys());
    assert!(before.iter().all(|(name, bytes)| !name.contains("/w") || bytes.len() <= 16 << 10));
    for (old, new) in [("# Page 7\n\n", "# Page 7\n\nunheard "), ("unheard ", "zebras "), ("zebras ", "")] {
        let before = place.tree("site/search");
        place.edit("experiments/p7.md", old, new);
        place.octavo(&["build"]).run().exits(0);
        let after = place.tree("site/search");
        let names: BTreeSet<&String> = before.keys().chain(after.keys()).collect();
        let changed: Vec<_> =
            names.into_iter().filter(|name| before.get(*name) != after.get(*name)).collect();
        let chunks = changed.iter().filter(|name| name.contains("/w")).count();
        assert!((1..=2).contains(&chunks) && changed.len() <= chunks + 2, "{changed:?}");
        let whole = place.tree("site");
        std::fs::remove_dir_all(place.path("site")).unwrap();
        std::fs::remove_dir_all(place.path(".octavo")).unwrap();
        place.octavo(&["build"]).run().exits(0);
        assert!(place.tree("site") == whole, "a build from nothing gives the same bytes");
    }
    assert!(place.tree("site/search") == before, "all is as it was");
}

#[test]
fn a_site_may_do_without() {
    let place = place();
    place.write("experiments/search.md", "# My own search\n");
    place.write("experiments/search.fr.md", "# Ma recherche\n");
    refused(
        &place,
        &["error[same-route]", "`experiments/search.md` gives `search.html`, a page that Octavo writes"],
    );
    place.write("octavo.toml", format!("{CONFIG}languages = [\"en\", \"fr\"]\nsearch = false\n"));
    place.octavo(&["build"]).run().exits(0);
    let site = place.tree("site");
    assert!(
        !site.keys().any(|name| name.starts_with("search/") || name.ends_with("find.js")),
        "{:?}",
        site.keys()
    );
    assert!(!place.exists("site/assets/search.js"));
    assert!(place.read("site/search.html").contains("My own search"));
    assert!(!place.read("site/index.html").contains("assets/search.js"));
    assert!(!place.read("site/index.html").contains("class=\"search\""));
}

#[test]
fn what_is_not_there_is_not_found() {
    let place = place();
    place.write("experiments/draft.md", "+++\ndraft = true\n+++\n# Draft\n\nSecretly.\n");
    place.write("experiments/only.md", "# Only English\n\nUntranslated layers.\n");
    place.octavo(&["build"]).run().exits(0);
    let all = |language: &str| {
        let files = place.tree(&format!("site/search/{language}")).into_values();
        files.map(|bytes| String::from_utf8(bytes).unwrap()).collect::<String>()
    };
    assert!(!all("en").contains("Secretly") && !all("en").contains("ecretly"));
    // A page without a translation is shown in the other language, and is found there.
    assert!(all("fr").contains("Untranslated layers.") && all("fr").contains("fr/only.html"));
    for title in ["Search", "Contents", "This page does not exist"] {
        assert!(!all("en").contains(&format!("[\"{title}\",")), "{title}");
    }
}
