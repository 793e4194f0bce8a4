//! What stands on paper, and `octavo pdf`: which pages a browser is asked to print, and what is said where none prints.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::harness::Place;

const STRIP: &str = "title = \"A strip\"\nanalysis = \"dragon\"\nseed = 31\n[sweep]\nfolds = [2, 3]\n[values.most]\nfrom = \"scalars\"\nexpr = \"max(segments)\"\n\
                     [claims.eight]\ntext = \"Three folds make eight.\"\ncheck = \"most == 8\"\n[figures.f]\nlayers = [{ mark = \"point\", from = \"scalars\", x = \"folds\", y = \"segments\" }]\n\
                     [tables.t]\nfrom = \"scalars\"\ncolumns = { n = \"folds\" }\n";

const PAGE: &str = "# A strip's \\\\ way\n\n## Main\n\nSee [this](https://example.org/a?b=1&c=2) and https://example.org/d.\n\n![](figure:f)\n\n![](table:t)\n\n{{ claim(\"eight\") }}\n\n\
                    > [!EXERCISE]\n> Why?\n>\n> > [!SOLUTION]\n> > So.\n";

/// A browser that writes the last of its words, as a PDF begins.
const BROWSER: &str = "#!/bin/sh\nfor word in \"$@\"; do\n  case \"$word\" in\n    --print-to-pdf=*) to=\"${word#*=}\" ;;\n    --fail) echo 'no sandbox here' >&2; exit 1 ;;\n  esac\n  \
                       last=\"$word\"\ndone\nprintf '%%PDF-1.7 %s' \"$last\" > \"$to\"\n";

fn place() -> Place {
    let place = Place::with(&[(
        "octavo.toml",
        "octavo = \"1\"\ntitle = \"It's a \\\"site\\\"\"\nlanguages = [\"en\", \"fr\"]\n",
    )]);
    for (path, text) in [
        ("experiments/a/strip.toml", STRIP),
        ("experiments/a/strip.md", PAGE),
        ("experiments/a/index.md", "# A\n"),
        ("experiments/index.md", "# Home\n"),
        ("bin/chromium", BROWSER),
    ] {
        place.write(path, text);
    }
    let browser = place.path("bin/chromium");
    fs::set_permissions(browser, fs::Permissions::from_mode(0o755)).unwrap();
    place
}

#[test]
fn a_page_has_its_provenance_for_paper() {
    let place = place();
    place.build();
    let html = place.read("site/a/strip.html");
    for part in [
        "--of-site: 'It’s a “site”'; --of-page: 'A strip’s \\\\ way'",
        "<a href=\"https://example.org/a?b=1&amp;c=2\" data-note=\"1\">this</a>",
        "<li>https://example.org/a?b=1&amp;c=2</li>",
        "<section class=\"appendix\"",
        "@page { size: a4; }",
        "<td>31</td>",
        "<td>figures/a/strip/f.csv</td>",
        "<td>data/a/strip/t.csv</td>",
        "<li value=\"1\"><strong>holds</strong>",
        "most == 8: 8 against 8",
        "data-number=\"1\"",
        "<h2 id=\"main-2\">",
    ] {
        assert!(html.contains(part), "`{part}` is not in {html}");
    }
    assert!(!html.contains("unsolved"));
    assert!(!place.read("site/a/index.html").contains("class=\"appendix\""));
    place.edit("octavo.toml", "title =", "print = { solutions = false }\ntitle =");
    place.build();
    assert!(place.read("site/a/strip.html").contains("<body class=\" unsolved\">"));
}

#[test]
fn pages_and_folders_are_printed_by_a_browser() {
    let place = place();
    place.build();
    let path = place.path("bin").display().to_string();
    let print = |words: &[&str]| place.octavo(&[&["pdf"], words].concat()).env("PATH", &path).run();
    print(&["a", "index"]).exits(0).says(&[
        "wrote `pdf/a.pdf`",
        "wrote `pdf/a-strip.pdf`",
        "wrote `pdf/index.pdf`",
    ]);
    assert!(place.read("pdf/a-strip.pdf").ends_with("/site/a/strip.html"));
    print(&["a/strip.md", "--language", "fr", "--into", "p"]).exits(0).says(&["wrote `p/a-strip.fr.pdf`"]);
    assert!(place.read("p/a-strip.fr.pdf").ends_with("/site/fr/a/strip.html"));
}

#[test]
fn what_cannot_be_printed_is_told_and_leaves_what_stood() {
    let place = place();
    let browser = place.path("bin/chromium").display().to_string();
    let print = |words: &[&str]| place.octavo(&[&["pdf"], words].concat()).run();
    print(&["a", "--browser", &browser])
        .exits(2)
        .says(&["the page `a/index` is not published", "`octavo build`"]);
    place.build();
    place.write("pdf/a.pdf", "before");
    print(&["a", "--browser", &browser, "--", "--fail"])
        .exits(1)
        .says(&["printed nothing: no sandbox here", "`-- --no-sandbox`"]);
    assert_eq!(place.read("pdf/a.pdf"), "before");
    print(&["a", "--browser", "no-such-browser"]).exits(1).says(&["`no-such-browser` cannot be started"]);
    print(&["a/strap"]).exits(2).says(&["no page and no folder of pages `a/strap`", "`a/strip`"]);
    print(&["a", "--language", "de"]).exits(2).says(&["no language `de`"]);
    let none = place.octavo(&["pdf", "a"]).env("PATH", "/nowhere").run();
    none.exits(2).says(&["no browser is found", "`--browser PROGRAM`"]);
}

/// The command that docs/experiments.md names for EPS, on the PDF of a figure.
#[test]
fn poppler_makes_an_eps_of_the_pdf_of_a_figure() {
    let answers = std::process::Command::new("pdftops").arg("-v").output().is_ok();
    if !answers {
        eprintln!("SKIPPED: there is no `pdftops` (package poppler-utils): no EPS is made");
        return;
    }
    assert!(include_str!("../../docs/experiments.md").contains("`pdftops -eps FIGURE.pdf FIGURE.eps`"));
    let place = place();
    place.edit("experiments/a/strip.toml", "[figures.f]\n", "[figures.f]\nfile = { width = \"85mm\" }\n");
    place.octavo(&["build"]).run().exits(0);
    let figures = place.path("site/figures/a/strip");
    let made = std::process::Command::new("pdftops")
        .args(["-eps", "f.pdf", "f.eps"])
        .current_dir(&figures)
        .output()
        .unwrap();
    assert!(made.status.success(), "{}", String::from_utf8_lossy(&made.stderr));
    let eps = fs::read(figures.join("f.eps")).unwrap();
    let text = String::from_utf8_lossy(&eps);
    assert!(text.starts_with("%!PS-Adobe-3.0 EPSF-3.0"));
    // 85 mm are 241 points; the letters are those of the embedded font.
    assert!(text.contains("%%BoundingBox: 0 0 241 ") && text.contains("Inter"), "{}", &text[..400]);
}
