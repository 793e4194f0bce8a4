//! Pages that are remembered: an edit renders what shows it, and the site is always the one of a build that remembers nothing.

use std::fs;
use std::thread::sleep;
use std::time::Duration;

use crate::harness::Place;

const PROJECT: &str = "octavo = \"1\"\ntitle = { en = \"Two pages\", de = \"Zwei Seiten\" }\nlanguages = [\"en\", \"de\"]\nbibliography = \"experiments/works.bib\"\n";

const STRIP: &str = r#"
title.en = "A strip"
analysis = "dragon"

[sweep]
folds = [2, 3, 4]

[tables.ends]
from = "scalars"
columns = ["folds", "end_x"]

[values.most]
from = "scalars"
expr = "max(segments)"

[figures.growth]
from = "scalars"
mark = "line"
x = "folds"
y = "segments"
caption.en = "How it grows."

[claims.doubles]
text.en = "It has sixteen pieces at last."
check = "most == 16"
"#;

fn project() -> Place {
    let german = "name = \"Deutsch\"\ndecimal = \",\"\nthousands = \".\"\nquotes = [\"„\", \"“\"]\nspaced_punctuation = false\n[words]\ncontents = \"Inhalt\"\n";
    Place::with(&[
        ("octavo.toml", PROJECT),
        ("templates/locales/de.toml", german),
        ("experiments/strip.toml", STRIP),
        ("experiments/index.md", "# Home\n\nSee [the strip](strip.md#growth).\n"),
        ("experiments/index.de.md", "# Anfang\n\nEin [Streifen](strip.md).\n"),
        (
            "experiments/strip.md",
            "# A strip\n\n## Growth\n\nAt most {{ value(\"most\") }} [@someone2001].\n\n![](figure:growth)\n\n{{ table(\"ends\") }}\n\n{{ claim(\"doubles\") }}\n",
        ),
        (
            "experiments/works.md",
            "# Works\n\nAs [@someone2001] says, and $x^2$.\n\n```python\nprint(1)\n```\n",
        ),
        (
            "experiments/works.bib",
            "@book{someone2001, author = {A. Someone}, title = {A book}, year = {2001}}\n",
        ),
    ])
}

/// What a build that remembers no page makes of the same files. The results of tasks are the same in both.
fn anew(place: &Place) -> Place {
    let other = Place::new();
    for (path, bytes) in place.tree("") {
        if !path.starts_with(".octavo/") && !path.starts_with("site/") {
            other.write(&path, bytes);
        }
    }
    other.build();
    other
}

#[test]
fn a_site_of_remembered_pages_is_the_site_of_new_ones() {
    let place = project();
    place.build();
    let edits: [(&str, &str, &str); 15] = [
        ("experiments/works.md", "As [", "As in ["),
        ("experiments/works.md", "# Works", "# All works"),
        ("experiments/strip.md", "## Growth", "## Grown {#growth}"),
        ("experiments/strip.md", "At most", "No more than"),
        ("experiments/strip.toml", "folds = [2, 3, 4]", "folds = [1, 2, 3, 4]"),
        ("experiments/strip.toml", "How it grows.", "How long it gets."),
        ("experiments/strip.toml", "sixteen pieces", "16 pieces"),
        ("experiments/strip.toml", "\"max(segments)\"", "\"max(segments) + 0\""),
        ("experiments/strip.toml", "columns = [\"folds\", \"end_x\"]", "columns = [\"folds\", \"end_y\"]"),
        ("experiments/strip.toml", "title.en = \"A strip\"", "title.en = \"A paper strip\""),
        ("experiments/works.bib", "A. Someone", "B. Someone"),
        ("templates/locales/de.toml", "\"Inhalt\"", "\"Verzeichnis\""),
        ("octavo.toml", "Two pages", "Some pages"),
        ("experiments/strip.toml", "check = \"most == 16\"", "check = \"most >= 16\""),
        ("experiments/index.de.md", "Streifen", "Papierstreifen"),
    ];
    for (path, from, to) in edits {
        place.edit(path, from, to);
        place.build();
        assert!(place.tree("site") == anew(&place).tree("site"), "after {from} -> {to} in {path}");
    }
    place.write("experiments/third.md", "# Third\n\nMore.\n");
    place.write("templates/footer.html", "<footer>Ours</footer>\n");
    place.build();
    assert!(place.tree("site") == anew(&place).tree("site"), "after a new page and template");
    fs::remove_file(place.path("experiments/third.md")).unwrap();
    place.build();
    assert!(place.tree("site") == anew(&place).tree("site"), "after a page less");
}

#[test]
fn an_edit_writes_the_pages_that_show_it() {
    let place = project();
    place.build();
    let records = || place.tree(".octavo/actions").len();
    let before = records();
    assert_eq!(place.build().touched, 0);
    assert_eq!(records(), before, "nothing changed, and something was computed");
    place.edit("experiments/works.md", "As [", "As in [");
    let edited = place.build();
    // The page in both languages with the text that searches show, the list of files, and the index of the language in which the word is new on
    // it, in two files; every other page and figure is as it was.
    assert_eq!((edited.touched, records()), (7, before + 3));
    place.edit("experiments/works.md", "As in [", "As [");
    place.build();
    assert_eq!(records(), before + 3, "what was written once is remembered");
}

#[test]
fn a_page_that_is_damaged_in_the_store_is_written_again() {
    let place = project();
    place.build();
    let site = place.tree("site");
    let blobs = place.path(".octavo/blobs");
    let mut damaged = 0;
    for (path, bytes) in place.tree(".octavo/blobs") {
        if bytes.starts_with(b"<!") || bytes.starts_with(b"<svg") {
            let path = blobs.join(path);
            fs::remove_file(&path).unwrap();
            fs::write(&path, vec![b'x'; bytes.len()]).unwrap();
            damaged += 1;
        }
    }
    assert!(damaged > 6, "pages and drawings are in the store");
    fs::remove_dir_all(place.path("site")).unwrap();
    place.octavo(&["build"]).run().exits(0).says(&["damaged"]);
    assert!(place.tree("site") == site, "the site is as it was");
}

/// Builds as people do, until nothing was touched within the last moments before a build began.
fn settled(place: &Place) {
    // The first build of an experiment writes its lock.
    place.octavo(&["build"]).run().exits(0);
    sleep(Duration::from_millis(150));
    place.octavo(&["build"]).run().exits(0);
}

/// The project, in English and in nothing that its builds would have to tell of.
fn silent() -> Place {
    let place = project();
    place.edit("octavo.toml", "languages = [\"en\", \"de\"]\n", "");
    fs::remove_file(place.path("experiments/index.de.md")).unwrap();
    fs::remove_dir_all(place.path("templates")).unwrap();
    place
}

#[test]
fn a_build_of_which_nothing_changed_reads_nothing_and_any_touch_is_noticed() {
    let place = silent();
    settled(&place);
    let written = |place: &Place| place.tree(".octavo/builds").len();
    assert_eq!(written(&place), 1);
    // What it does not read may be damaged: nobody notices.
    let definition = place.path(".octavo/actions");
    let parked = place.path("parked");
    fs::rename(&definition, &parked).unwrap();
    let done = place.octavo(&["build"]).run().exits(0);
    done.says(&["0 tasks run, 3 remembered; nothing changed", "open site/index.html"]);
    assert!(place.tree(".octavo/actions").is_empty(), "something was computed anew");
    fs::remove_dir(&definition).ok();
    fs::rename(&parked, &definition).unwrap();
    type Touch<'a> = &'a dyn Fn(&Place);
    let touches: [(&str, Touch<'_>); 7] = [
        ("a word", &|place| place.edit("experiments/works.md", "As [", "As in [")),
        ("a definition", &|place| place.edit("experiments/strip.toml", "[2, 3, 4]", "[1, 2, 3, 4]")),
        ("a new page", &|place| place.write("experiments/more.md", "# More\n")),
        ("a page less", &|place| fs::remove_file(place.path("experiments/more.md")).unwrap()),
        ("a template", &|place| place.write("templates/styles/own.css", "")),
        ("an edited page", &|place| place.edit("site/works.html", "works", "workz")),
        ("a file less", &|place| fs::remove_file(place.path("site/works.html")).unwrap()),
    ];
    for (what, touch) in touches {
        settled(&place);
        touch(&place);
        place.octavo(&["build"]).run().exits(0);
        assert!(place.tree("site") == anew(&place).tree("site"), "after {what}");
    }
    settled(&place);
    place.write("site/stray.txt", "mine");
    place.octavo(&["build"]).run().says(&["stray.txt"]);
}

#[test]
fn another_choice_is_another_build() {
    let place = silent();
    settled(&place);
    place.octavo(&["build", "-o", "other"]).run().exits(0);
    assert!(place.exists("other/index.html"));
    place.octavo(&["build", "--drafts"]).run().exits(0);
    let dated = place.octavo(&["build"]).env("SOURCE_DATE_EPOCH", "1000000000").run().exits(0);
    assert!(!dated.err.contains("nothing changed"), "the date is stated in octavo.json");
    let undated = place.octavo(&["build"]).run().exits(0);
    assert!(!undated.err.contains("nothing changed"), "another release stands");
}

#[test]
fn another_program_does_not_take_the_word_of_the_last() {
    let place = silent();
    settled(&place);
    let copy = place.path("another");
    fs::copy(env!("CARGO_BIN_EXE_octavo"), &copy).unwrap();
    let done = std::process::Command::new(copy)
        .current_dir(place.path(""))
        .args(["build", "--timings"])
        .output()
        .unwrap();
    let told = String::from_utf8(done.stderr).unwrap();
    // It looked at the project itself.
    let looked = "read the project";
    assert!(done.status.success() && told.contains(looked), "{told}");
    settled(&place);
    let again = place.octavo(&["build", "--timings"]).run().exits(0);
    assert!(!again.err.contains(looked), "its own word is good");
}

#[test]
fn what_is_known_of_unchanged_texts_is_held_against_those_that_changed() {
    let place = project();
    place.build();
    assert!(place.exists(".octavo/sheets"));
    // The place that another page links to goes away: told where the link stands, in a text that was not parsed.
    place.edit("experiments/strip.md", "## Growth", "## Grown");
    place.octavo(&["check"]).run().exits(2).says(&["has no place `#growth`", "experiments/index.md:3:5"]);
    place.edit("experiments/strip.md", "## Grown", "## Growth");
    place.octavo(&["check"]).run().exits(0);
    place.edit("experiments/strip.toml", "[values.most]", "[values.least]");
    place.edit("experiments/strip.toml", "most == 16", "least == 16");
    place.octavo(&["check"]).run().exits(2).says(&["has no value `most`", "experiments/strip.md:5:9"]);
    place.edit("experiments/strip.toml", "[values.least]", "[values.most]");
    place.edit("experiments/strip.toml", "least == 16", "most == 16");
    // An option that decides what is wrong with a text.
    place.write("experiments/raw.md", "# Raw\n\n<b>bold</b>\n");
    place.octavo(&["check"]).run().exits(2).says(&["experiments/raw.md:3:1"]);
    place.write("octavo.toml", format!("raw_html = true\n{PROJECT}"));
    place.octavo(&["build"]).run().exits(0);
    place.write("octavo.toml", PROJECT);
    place.octavo(&["check"]).run().exits(2).says(&["experiments/raw.md:3:1"]);
}

#[test]
fn what_is_wrong_with_an_unchanged_text_is_told_each_time() {
    let place = project();
    place.write("experiments/warned.md", "# Warned\n\n## Again\n\n# Warned\n");
    for _ in 0..3 {
        place.octavo(&["build"]).run().exits(0).says(&["warning[heading]", "experiments/warned.md:5:1"]);
    }
}

#[test]
fn damage_to_what_is_known_of_texts_costs_time_only() {
    let place = project();
    place.build();
    let site = place.tree("site");
    let known = place.read(".octavo/sheets");
    let other_program = known.replacen("octavo lines 1 ", "octavo lines 1 0", 1);
    let swapped = known.replace("A strip", "B strip");
    assert_ne!(swapped, known);
    for damaged in
        [String::new(), "\n".to_owned(), known[..known.len() / 2].to_owned(), swapped, other_program]
    {
        place.write(".octavo/sheets", damaged);
        place.write("experiments/more.md", "# More\n");
        place.build();
        fs::remove_file(place.path("experiments/more.md")).unwrap();
        place.build();
        assert!(place.tree("site") == site);
        assert_eq!(place.read(".octavo/sheets"), known);
    }
    fs::remove_file(place.path(".octavo/sheets")).unwrap();
    fs::create_dir(place.path(".octavo/sheets")).unwrap();
    place.build();
    assert!(place.tree("site") == site);
}

#[test]
fn a_block_of_code_that_did_not_change_is_the_same_on_a_page_that_did() {
    let place = project();
    place.build();
    let known = place.read(".octavo/code");
    assert_eq!(known.lines().count(), 2, "a head, and the one block with a language: {known}");
    let block = |place: &Place| {
        let page = place.read("site/works.html");
        let (_, block) = page.split_once("<pre class=\"code\"").unwrap();
        block.split_once("</pre>").unwrap().0.to_owned()
    };
    let before = block(&place);
    assert!(before.contains("hl-number\">1</span>"), "{before}");
    place.edit("experiments/works.md", "As [", "As in [");
    place.build();
    assert_eq!((block(&place), place.read(".octavo/code")), (before, known));
    place.edit("experiments/works.md", "print(1)", "print(2)");
    place.build();
    assert!(block(&place).contains("hl-number\">2</span>"));
    assert_eq!(place.read(".octavo/code").lines().count(), 3);
    // A language that is not known is told each time.
    place.edit("experiments/works.md", "```python", "```pyhton");
    for _ in 0..2 {
        place.octavo(&["build"]).run().exits(0).says(&["no language is called `pyhton`"]);
    }
}
