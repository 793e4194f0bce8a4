//! Words that pages explain where they first use them.

use crate::harness::Place;

const GLOSSARY: &str = r#"
summary = { en = "All of *our* words.", fr = "Tous *nos* mots." }
[term.fold]
word = { en = "fold", fr = "pli" }
also = { en = ["folds"], fr = ["plis"] }
definition = { en = "Paper on itself: $2$ layers & a \"crease\".", fr = "Du papier sur lui-même." }
[term.dragon-curve]
word = { en = "dragon curve", fr = "courbe du dragon" }
definition = { en = "What a strip folds into.", fr = "Ce que donne une bande." }
[term.plan]
explicit = true
word = { en = "plan", fr = "plan" }
definition = { en = "A table.", fr = "Un tableau." }
"#;

const PAGE: &str = "# Folds and a dragon curve\n\n## A fold\n\n`fold` $fold$ [fold](https://example.org) *Folds* come first, another fold second.\n\n\
- A dragon\n  curve, and a dragon curve; a plan, [this plan](term:plan).\n\n![Of a fold](fold.png)\n";

fn place() -> Place {
    Place::with(&[
        ("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\n"),
        ("glossary.toml", GLOSSARY),
        ("experiments/index.md", PAGE),
        ("experiments/fold.png", "no picture"),
        ("experiments/a/index.md", "# A\n\nUnfolded folds.\n"),
        ("experiments/a/index.fr.md", "# A\n\nL'endroit du pli et la courbe\u{a0}du dragon.\n"),
        ("experiments/index.fr.md", "# F\n\nUn plissement.\n"),
    ])
}

#[test]
fn the_first_use_of_each_word_leads_to_what_it_means() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let page = place.read("site/index.html");
    let fold = "<a class=\"term\" href=\"glossary.html#fold\" title=\"Paper on itself: 2 layers &amp; a “crease”.\">Folds</a>";
    assert!(page.contains(&format!("<em>{fold}</em> come first, another fold second.")), "{page}");
    let dragon = "A <a class=\"term\" href=\"glossary.html#dragon-curve\" title=\"What a strip folds into.\">dragon\ncurve</a>, and a dragon curve; a plan, \
                  <a class=\"term\" href=\"glossary.html#plan\" title=\"A table.\">this plan</a>.";
    assert!(page.contains(dragon), "{page}");
    assert_eq!(page.matches("class=\"term\"").count(), 3, "{page}");
    let inner = place.read("site/a/index.html");
    assert!(inner.contains("Unfolded <a class=\"term\" href=\"../glossary.html#fold\""), "{inner}");
    let french = place.read("site/fr/a/index.html");
    let fold = "L’endroit du <a class=\"term\" href=\"../glossary.html#fold\" title=\"Du papier sur lui-même.\">pli</a> et la <a class=\"term\"";
    assert!(french.contains(fold), "{french}");
    assert!(!place.read("site/fr/index.html").contains("class=\"term\""));
    let list = place.read("site/glossary.html");
    for part in
        ["All of <em>our</em> words.", "<dt id=\"dragon-curve\">", "<math", "aria-current=\"page\">Glossary"]
    {
        assert!(list.contains(part), "{part} in\n{list}");
    }
    assert!(
        list.find("dragon-curve").unwrap() < list.find("id=\"fold\"").unwrap(),
        "in the order of the alphabet"
    );
    assert!(place.read("site/fr/glossary.html").contains("<dd>Un tableau.</dd>"));
    // What a word means stands on every page that uses it.
    place.edit("glossary.toml", "A table.", "A plan of transport.");
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("site/index.html").contains("title=\"A plan of transport.\""));
    std::fs::remove_file(place.path("glossary.toml")).unwrap();
    place.edit("experiments/index.md", "[this plan](term:plan)", "this plan");
    place.octavo(&["build"]).run().exits(0);
    assert!(!place.exists("site/glossary.html"));
    assert!(!place.read("site/index.html").contains("lossary"));
}

#[test]
fn words_that_are_wrong_are_told_with_their_place() {
    for (file, from, to, says) in [
        (
            "experiments/index.md",
            "term:plan",
            "term:plann",
            &["unknown-term", "index.md:8", "did you mean `plan`"][..],
        ),
        (
            "glossary.toml",
            "fr = [\"plis\"]",
            "fr = [\"Plan\"]",
            &["`plan` is a word of two terms in `fr`: `fold` and `plan`", "glossary.toml:10"],
        ),
        (
            "glossary.toml",
            "en = [\"folds\"]",
            "en = [\"Fold\"]",
            &["the term `fold` has `Fold` twice in `en`"],
        ),
        (
            "glossary.toml",
            ", fr = \"Un tableau.\"",
            "",
            &["the term `plan` has no definition in `fr`", "glossary.toml:13"],
        ),
        (
            "glossary.toml",
            "word = { en = \"plan\", fr",
            "word = { en = \" \", fr",
            &["the term `plan` has no word in `en`"],
        ),
        ("glossary.toml", "fr = [\"plis\"]", "de = [\"Falte\"]", &["the project has no language `de`"]),
        ("glossary.toml", "$2$", "$\\\\frac{2$", &["math", "glossary.toml:6"]),
        ("glossary.toml", "term.plan", "term.Plan", &["`Plan` is no name of a term"]),
        ("glossary.toml", "explicit", "explicitly", &["glossary.toml:11", "explicit"]),
    ] {
        let place = place();
        place.edit(file, from, to);
        let told = place.octavo(&["check"]).run().exits(2).err;
        for part in says {
            assert!(told.contains(part), "{part} in\n{told}");
        }
    }
    let place = place();
    std::fs::remove_file(place.path("glossary.toml")).unwrap();
    let told = place.octavo(&["check"]).run().exits(2).err;
    assert!(told.contains("there is no term `plan`") && told.contains("glossary.toml"), "{told}");
}
