//! What stands in a project's files: scripts where there should be pictures, and what is no text.

use crate::harness::{CONFIG, Place};
use crate::paths::refused;

#[test]
fn files_with_scripts_are_published_only_where_authors_are_trusted_with_them() {
    let script = "<svg xmlns=\"http://www.w3.org/2000/svg\"><script>alert(1)</script></svg>";
    for (name, text) in [
        ("a.html", "<p>text</p>"),
        ("a.svg", script),
        ("a.svg", "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>"),
        ("part/a.xml", "<x><h:script xmlns:h=\"http://www.w3.org/1999/xhtml\">alert(1)</h:script></x>"),
        ("data", "<script>alert(1)</script>"),
    ] {
        for page in [format!("[a]({name})"), format!("![a]({name})")] {
            let place = Place::project(&[("index.md", &format!("# T\n\nSee {page}.\n")), (name, text)]);
            let parts = [
                "error[active-content]",
                &format!("`experiments/{name}` "),
                "index.md:3:",
                "raw_html = true",
            ];
            refused(&place, &parts);
            place.write("octavo.toml", format!("{CONFIG}raw_html = true\n"));
            place.octavo(&["build"]).run().exits(0);
            assert_eq!(place.read(&format!("site/files/{name}")), text);
        }
    }
    let plain = "<?xml version=\"1.0\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\"><style>a{fill:red}</style><path d=\"M0 0\"/></svg>\n";
    let place = Place::project(&[
        ("index.md", "# T\n\n![a](a.svg), [c](c.csv), [j](draw.js), [n](n.txt)\n"),
        ("a.svg", plain),
        ("c.csv", "x\n1\n"),
        ("draw.js", "draw()\n"),
        ("n.txt", "<p>\n"),
        ("unlinked.html", "<script>alert(1)</script>"),
    ]);
    place.octavo(&["build"]).run().exits(0);
    assert_eq!(place.read("site/files/a.svg"), plain);
    assert!(!place.exists("site/files/unlinked.html"));
}

#[test]
fn what_is_no_text_is_told_with_line_and_column() {
    let french = include_bytes!("../../templates/locales/fr.toml");
    let latin = String::from_utf8(french.to_vec()).unwrap();
    let latin: Vec<u8> = latin.chars().map(|c| u8::try_from(u32::from(c)).unwrap_or(b'?')).collect();
    let bad = latin.iter().position(|byte| *byte >= 0x80).unwrap();
    let line = latin[..bad].iter().filter(|byte| **byte == b'\n').count() + 1;
    let column = bad - latin[..bad].iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1) + 1;
    let page = b"# T\n\nAu caf\xe9.\n".to_vec();
    for (path, bytes, at) in [
        ("experiments/index.md", page, "3:7".to_owned()),
        (
            "experiments/latin.toml",
            b"title = \"caf\xe9\"\nanalysis = \"dragon\"\n".to_vec(),
            "1:13".to_owned(),
        ),
        ("works.bib", b"@book{a,\n  title = {\xdcber}\n}\n".to_vec(), "2:12".to_owned()),
        ("templates/locales/fr.toml", latin, format!("{line}:{column}")),
        ("templates/page.html", b"<p>\n\xff</p>".to_vec(), "2:1".to_owned()),
        ("octavo.toml", b"octavo = \"1\"\ntitle = \"\xe9\"\n".to_vec(), "2:10".to_owned()),
        ("experiments/wide.md", b"\xff\xfe#\0 \0T\0".to_vec(), "1:1".to_owned()),
    ] {
        let place = Place::project(&[("index.md", "# T\n"), ("index.fr.md", "# T\n")]);
        let settings = "languages = [\"en\", \"fr\"]\nbibliography = \"works.bib\"\n";
        place.write("octavo.toml", format!("{CONFIG}{settings}"));
        place.write("works.bib", "");
        place.octavo(&["check"]).run().exits(0);
        place.write(path, bytes);
        let help = if path.contains("wide") { "it is UTF-16" } else { "save it as UTF-8" };
        refused(
            &place,
            &["error[not-utf8]", &format!("`{path}` is not UTF-8 text"), &format!("{path}:{at}"), help],
        );
        let lines = place.octavo(&["check", "--log-format", "json"]).run().exits(2).lines();
        let told = format!("{}:{}", lines[0]["place"]["line"], lines[0]["place"]["column"]);
        let errors = lines.iter().filter(|line| line["severity"] == "error").count();
        assert_eq!((told, errors), (at, 1), "{lines:?}");
    }
}

#[test]
fn a_missing_bibliography_and_a_bad_locale_have_their_place() {
    let place = Place::project(&[("index.md", "# T\n")]);
    for (settings, at) in [
        ("bibliography = \"none.bib\"", "octavo.toml:3:16"),
        ("licence = \"L\"\nbibliography = 'a/none.bib'", "octavo.toml:4:16"),
        ("bibliography = \"experiments\"", "octavo.toml:3:16"),
    ] {
        place.write("octavo.toml", format!("{CONFIG}{settings}\n"));
        refused(&place, &["error[unreadable]", at, "`bibliography`"]);
    }
    place.write("octavo.toml", format!("{CONFIG}languages = [\"eo\"]\n"));
    let english = include_str!("../../templates/locales/en.toml");
    for (words, message, at) in [
        (format!("{english}\nclaims ="), "error[bad-locale]", "eo.toml:"),
        ("name = \"Esperanto\"\nnmae = 3\n".to_owned(), "error[bad-locale]", "eo.toml:2:1"),
    ] {
        place.write("templates/locales/eo.toml", words);
        refused(&place, &["error[bad-locale]", message, at]);
    }
}
