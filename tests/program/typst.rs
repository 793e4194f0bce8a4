//! `octavo export typst`: what stands in a document, and that Typst makes a tagged PDF of it.

use std::process::{Command, Stdio};

use crate::harness::Place;

const STRIP: &str = r#"
title = { en = "A strip", fr = "Une bande" }
analysis = "dragon"
[sweep]
folds = [2, 3]
[values.most]
from = "scalars"
expr = "max(segments)"
[claims.eight]
text = { en = "Three folds make eight: $2^3$.", fr = "Trois plis en font huit : $2^3$." }
check = "most == 8"
[tables.ends]
from = "scalars"
columns = { twice = "2 * folds", far = "end_x" }
[figures.many]
title = { en = "How many", fr = "Combien" }
[[figures.many.layers]]
from = "scalars"
mark = "line"
x = "folds"
y = "segments"
"#;

const PAGE: &str = r#"+++
title = "Strips & signs"
subtitle = "With *emphasis*"
authors = ["A. Author"]
+++

Some #signs of $Typst$ \* and \[brackets\], `code "here"`, a note[^n] and {{ value("strip#most") }} segments, [@knuth; @poole], as @knuth
says; [more](a/b.md), [the web](https://example.org/x?y=1), and again[^n]. = not a heading

[^n]: Here, with $x^2$.

## A heading with $\pi$

$$ \sum_{i=1}^n \frac{a_i}{2} \le \sqrt{{{ value("strip#most", "%.1f") }}} $$ {#eq:sum}

As [@eq:sum], [@fig:many], [@tab:ends] and [@ex:one] say.

![Drawn *well*](figure:strip#many)

![In a table](table:strip#ends)

{{ claim("strip#eight") }}

> [!EXERCISE] Do it {#ex:one}
> - one
> - two
>
> > [!SOLUTION]
> > 1. first
> > 2. second

| Left | Right |
|:-----|------:|
| a    | 1     |

![A picture](dot.png){alt="A dot"}

```rust
fn main() {}
```
"#;

const WORKS: &str = "@book{knuth, author = {Knuth, Donald}, title = {Art}, year = {1968}}\n@article{poole, author = {Poole, Ben}, title = {Chaos}, journal = {J}, year = {2016}}\n";

fn place() -> Place {
    let place = Place::with(&[
        (
            "octavo.toml",
            "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\nbibliography = \"works.bib\"\nbase_url = \"https://octavo.example/\"\n",
        ),
        ("works.bib", WORKS),
        ("experiments/strip.toml", STRIP),
        ("experiments/index.md", "# Home\n"),
        ("experiments/signs.md", PAGE),
        ("experiments/signs.fr.md", &PAGE.replace("Strips", "Bandes")),
        ("experiments/a/b.md", "# B\n\nText.\n"),
    ]);
    std::fs::write(place.path("experiments/dot.png"), DOT).unwrap();
    place
}

/// A PNG of one pixel.
const DOT: &[u8] = include_bytes!("typst/dot.png");

#[test]
fn a_document_says_what_the_page_says() {
    let place = place();
    place
        .octavo(&["export", "typst", "signs", "--into", "paper"])
        .run()
        .exits(0)
        .says(&["wrote", "signs.typ"]);
    let text = place.read("paper/signs.typ");
    for part in [
        "#set text(lang: \"en\")",
        "#set document(title: \"Strips & signs\", author: (\"A. Author\", ))",
        "#subtitle[With #emph[emphasis];]",
        "Some \\#signs of #math.equation(alt: \"Typst\", $T y p s t$); \\* and \\[brackets\\], #raw(\"code \\\"here\\\"\");, a note#footnote[Here, with \
         #math.equation(alt: \"x^2\", $attach(x, t: 2)$);.] <fn-n> and 8 segments, #cite(label(\"knuth\"));#cite(label(\"poole\"));, as \
         #cite(label(\"knuth\"), form: \"prose\"); says; #link(\"https://octavo.example/a/b.html\")[more];, #link(\"https://example.org/x?y=1\")[the web];, and \
         again#footnote(<fn-n>);. = not a heading",
        "= A heading with #math.equation(alt: \"\\\\pi\", $π$); <a-heading-with-pi>",
        "numbering: _ => \"(1)\", $ attach(limits(∑), b: i = 1, t: n) frac(attach(a, b: i), 2) ≤ sqrt(8.0) $) <eq-sum>",
        "As #link(<eq-sum>)[Equation\u{a0}1];, #ref(<fig-many>);, #ref(<tab-ends>); and #link(<ex-one>)[Exercise\u{a0}1]; say.",
        "image(\"figures/strip-many.svg\", alt: \"How many. Lines: Segments against folds.",
        "caption: [Drawn #emph[well];],\n) <fig-many>",
        "kind: table,\n  supplement: [Table],\n  caption: [In a table],\n) <tab-ends>",
        "[Smallest y], [Largest x]",
        "#claim[holds][Three folds make eight: #math.equation(alt: \"2^3\", $attach(2, t: 3)$);.][8 against 8 · ",
        "#boxed[Exercise\u{a0}1. Do it][\n- one\n- two\n\n#boxed[Solution][\n+ first\n+ second\n]\n] <ex-one>",
        "image(\"figures/files-dot.png\", alt: \"A dot\")",
        "#raw(block: true, lang: \"rust\", (\"fn main() {}\",).join(\"\\n\"))",
        "#bibliography(\"references.bib\", style: \"chicago-author-date\")",
    ] {
        assert!(text.contains(part), "{part}\n\nin\n\n{text}");
    }
    assert_eq!(place.read("paper/references.bib"), WORKS);
    assert!(place.read("paper/figures/strip-many.svg").contains("<svg"));
    for file in ["figures/files-dot.png", "fonts/sans.otf", "fonts/LICENSE.txt"] {
        assert!(place.exists(&format!("paper/{file}")), "{file}");
    }
    assert!(!place.exists("site"), "nothing is published");
}

#[test]
fn a_language_has_its_words_numbers_and_files() {
    let place = place();
    place.octavo(&["export", "typst", "signs", "--language", "fr"]).run().exits(0).says(&["signs.fr.typ"]);
    let text = place.read("typst/signs.fr.typ");
    for part in [
        "#set text(lang: \"fr\")",
        "supplement: [Tableau]",
        "#claim[tient]",
        "sqrt(\"8,0\")",
        "figures/strip-many.fr.svg",
        "#link(<ex-one>)[Exercice\u{a0}1];",
    ] {
        assert!(text.contains(part), "{part}\n\nin\n\n{text}");
    }
    let told = place.octavo(&["export", "typst", "sings"]).run().exits(2).err;
    assert!(told.contains("did you mean `signs`"), "{told}");
    let told = place.octavo(&["export", "typst", "signs", "--language", "de"]).run().exits(2).err;
    assert!(told.contains("no language `de`"), "{told}");
}

#[test]
fn what_no_paper_can_show_is_told() {
    let place = place();
    std::fs::write(place.path("experiments/film.mp4"), "no film").unwrap();
    place.edit("experiments/a/b.md", "Text.", "![](../film.mp4)");
    let told = place.octavo(&["export", "typst", "a"]).run().exits(1).err;
    assert!(told.contains("`a-b.typ` is not the whole page") && told.contains("film.mp4"), "{told}");
}

/// What compiles documents here: the program, or Typst's package for Python.
fn compiler() -> Option<Vec<&'static str>> {
    let answers = |command: &[&str]| {
        let mut program = Command::new(command[0]);
        let said = program.args(&command[1..]).stdout(Stdio::null()).stderr(Stdio::null()).status();
        said.is_ok_and(|status| status.success())
    };
    if answers(&["typst", "--version"]) {
        return Some(vec!["typst", "compile", "--pdf-standard", "ua-1", "--font-path", "fonts"]);
    }
    answers(&["python3", "-c", "import typst"]).then(|| vec!["python3", "compile.py"])
}

const COMPILE: &str = "import sys, typst\npdf = typst.compile(sys.argv[1], font_paths=[\"fonts\"], pdf_standards=[\"ua-1\"])\nopen(sys.argv[2], \"wb\").write(pdf)\n";

#[test]
fn typst_makes_an_accessible_pdf_of_each() {
    let Some(compiler) = compiler() else {
        eprintln!(
            "SKIPPED: there is neither `typst` nor the module `typst` of Python (`pip install typst`): no document is compiled"
        );
        return;
    };
    let place = place();
    for language in ["en", "fr"] {
        place.octavo(&["export", "typst", "signs", "a", "--language", language]).run().exits(0);
    }
    std::fs::write(place.path("typst/compile.py"), COMPILE).unwrap();
    for name in ["signs.typ", "signs.fr.typ", "a-b.typ"] {
        let mut program = Command::new(compiler[0]);
        program.args(&compiler[1..]).args([name, "out.pdf"]).current_dir(place.path("typst"));
        let ended = program.output().unwrap();
        assert!(ended.status.success(), "{name}: {}", String::from_utf8_lossy(&ended.stderr));
        let pdf = std::fs::read(place.path("typst/out.pdf")).unwrap();
        assert!(pdf.starts_with(b"%PDF"), "{name}");
    }
}
