//! Pictures that an analysis drew itself: as figures of a page, as files, and refused where they could do more than be seen. And the files of
//! other figures, for papers.

use crate::harness::Place;

const CONFIG: &str = "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\n[plugins.drawn]\ncommand = [\"python3\", \"drawn.py\"]\ninputs = [\"octavo_plugin.py\"]\n";
const PAGE: &str = "# T\n\n![A box.](figure:box#plot)\n";

fn place(definition: &str) -> Place {
    Place::with(&[
        ("octavo.toml", CONFIG),
        ("drawn.py", include_str!("plugins/drawn.py")),
        ("octavo_plugin.py", include_str!("../../plugins/python/octavo_plugin.py")),
        ("experiments/box.toml", &format!("title = \"B\"\nanalysis = \"drawn\"\n{definition}")),
        ("experiments/index.md", PAGE),
        ("experiments/index.fr.md", PAGE),
    ])
}

const FIGURE: &str = "[figures.plot]\nfrom = \"plot\"\nmark = \"picture\"\n";

#[test]
fn a_picture_is_a_figure_as_a_file_of_its_own() {
    let place = place(FIGURE);
    place.build();
    let page = place.read("site/index.html");
    for part in [
        "<img class=\"drawn on-light\" src=\"figures/box/plot.svg\" width=\"40\" height=\"30\" alt=\"A &lt;red&gt; box.\"",
        "<img class=\"drawn on-dark\" src=\"figures/box/plot.dark.svg\"",
        "<a href=\"figures/box/plot.svg\" download>SVG</a>, <a href=\"figures/box/plot.pdf\" download>PDF</a>",
        "<code>box</code>",
        "Figure 1.",
    ] {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert!(!page.contains("<rect"), "it is never written into the page");
    assert!(place.read("site/fr/index.html").contains("alt=\"Une boîte &lt;rouge&gt;.\""));
    let svg = place.read("site/figures/box/plot.svg");
    assert!(svg.starts_with("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 40 30\" width=\"40\" height=\"30\"><metadata id=\"recipe\">"));
    assert!(svg.ends_with("</metadata><rect width=\"1\" height=\"5\" fill=\"red\"/></svg>"), "{svg}");
    assert!(place.read("site/octavo.json").contains("\"figures/box/plot.pdf\""));
    place.octavo(&["build", "--locked"]).run().exits(0).says(&["nothing changed"]);
}

#[test]
fn a_drawn_file_computes_its_figure_again() {
    for (definition, route) in [("", "plot.svg"), ("[params]\nwhat = \"png\"\n", "plot.png")] {
        let place = place(&format!("{definition}{FIGURE}"));
        place.build();
        let other = Place::new();
        other.write(route, std::fs::read(place.path("site/figures/box").join(route)).unwrap());
        other
            .octavo(&["reproduce", route, "--trust-plugin"])
            .run()
            .exits(0)
            .says(&["1 task: the same came out"]);
    }
}

#[test]
fn each_frame_has_a_picture() {
    let place = place(&format!("[sweep]\nn = [1, 2, 3]\n{FIGURE}frame = \"n\"\n"));
    place.build();
    assert!(place.read("site/figures/box/plot-3.svg").contains("<rect width=\"3\""));
    // Of several one must be chosen.
    place.edit("experiments/box.toml", "frame = \"n\"", "");
    place.octavo(&["build"]).run().exits(1).says(&["it has 3 pictures, and one is shown", "where = { n = 3"]);
    place.edit("experiments/box.toml", "mark = \"picture\"", "mark = \"picture\"\nwhere = { n = 2 }");
    place.build();
    assert!(place.read("site/figures/box/plot.svg").contains("<rect width=\"2\""));
}

#[test]
fn what_could_do_more_than_be_seen_fails_with_the_reason() {
    let cases = [
        ("script", "`1.svg`: line 2: `<script>` may not stand in a picture: leave it out"),
        ("onload", "`onload` of `<g>` runs a script"),
        ("http", "`<use>` leads to `http://a.example/b#c`"),
        ("data", "`<image>` leads to `data:image/svg+xml"),
        ("laughs", "it defines entities"),
        ("dark", "`2.svg`: line 1: `<script>`"),
        ("sizeless", "it has no size: give its root `width` and `height`"),
        ("bomb", "60000 by 60000 pixels, more than 25000000"),
        ("cut", "it is no PNG that can be read"),
        ("action", "`/OpenAction`, by which it would act"),
        ("mute", "its `alt` is empty"),
        ("type", "`1.png`: it is no PNG that can be read"),
        ("gif", "it ends neither in `.svg` nor in `.png`"),
        ("link", "there is no file `2.svg`"),
    ];
    let sweep: Vec<String> = cases.iter().map(|(what, _)| format!("\"{what}\"")).collect();
    let place = place(&format!("[sweep]\nwhat = [{}]\n", sweep.join(", ")));
    place.write("experiments/index.md", "# T\n");
    place.write("experiments/index.fr.md", "# T\n");
    let done = place.octavo(&["build"]).run().exits(1);
    done.says(&cases.map(|(_, why)| why));
}

#[test]
fn a_figure_that_asks_more_of_a_picture_is_refused_at_its_place() {
    let cases = [
        ("from = \"plot\"\nmark = \"line\"\nx = \"n\"\ny = \"n\"\n", "has no numbers that a mark could draw"),
        ("from = \"scalars\"\nmark = \"picture\"\n", "needs a picture that the analysis draws itself"),
        ("from = \"plot\"\nmark = [\"picture\", \"point\"]\n", "a picture stands alone"),
        ("from = \"plot\"\nmark = \"picture\"\nfacet = \"n\"\n", "pictures have no panels"),
        ("from = \"plot\"\nmark = \"picture\"\nheight = 200\n", "`height` changes nothing"),
        ("from = \"plot\"\nmark = \"picture\"\nx = \"n\"\n", "`x` changes nothing"),
    ];
    for (figure, why) in cases {
        let place = place(&format!("[sweep]\nn = [1, 2]\n[figures.plot]\n{figure}"));
        place.octavo(&["check"]).run().exits(2).says(&[why, "experiments/box.toml:"]);
    }
}

#[test]
fn nothing_is_computed_from_a_picture() {
    let place = place("");
    place.write(
        "experiments/next.toml",
        "title = \"N\"\nanalysis = \"dimension\"\n[params]\nset = { from = \"box\", artifact = \"plot\" }\n",
    );
    place.octavo(&["check"]).run().exits(2).says(&["is a picture, and nothing can be computed from one"]);
}

const STRIP: &str = "title = \"S\"\nanalysis = \"dragon\"\n[sweep]\nfolds = [2, 3]\n[figures.growth]\ntitle = \"Growth\"\nfrom = \"scalars\"\nmark = \"point\"\nx = \"folds\"\ny = \"segments\"\n";

#[test]
fn files_for_a_paper_are_as_wide_as_its_column() {
    let strip = format!("{STRIP}file = {{ width = \"85mm\", dpi = 300 }}\n");
    let page = "# T\n\n![G.](figure:strip#growth)\n";
    let place = Place::project(&[("strip.toml", &strip), ("index.md", page)]);
    place.build();
    let svg = place.read("site/figures/strip/growth.svg");
    assert!(svg.contains(" width=\"321.26\" ") && svg.contains("@font-face{font-family:Inter;"), "{svg}");
    let pdf = std::fs::read(place.path("site/figures/strip/growth.pdf")).unwrap();
    let pdf = String::from_utf8_lossy(&pdf);
    assert!(pdf.contains("/MediaBox [0 0 240.94 ") && pdf.contains("/Title (Growth)"), "{pdf}");
    let png = std::fs::read(place.path("site/figures/strip/growth.png")).unwrap();
    let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
    // 300 pixels an inch are 11,811 a metre.
    assert_eq!((number(16), &png[37..41], number(41)), (1004, b"pHYs".as_slice(), 11_811));
    let page = place.read("site/index.html");
    assert!(
        page.contains("viewBox=\"0 0 700 ") && page.contains("growth.pdf\" download>PDF</a>"),
        "the page has it as before"
    );
    // As wide as it says at whatever density there is: 16,000 pixels are the most, and 192 an inch what is not asked for.
    for (file, pixels, a_metre) in
        [("width = \"400mm\", dpi = 1200", 16_000, 40_000), ("width = \"85mm\"", 643, 7_559)]
    {
        place.write("experiments/strip.toml", format!("{STRIP}file = {{ {file} }}\n"));
        place.build();
        let png = std::fs::read(place.path("site/figures/strip/growth.png")).unwrap();
        let number = |at: usize| u32::from_be_bytes(png[at..at + 4].try_into().unwrap());
        assert_eq!((number(16), number(41)), (pixels, a_metre), "{file}");
    }
    place.edit("experiments/strip.toml", "85mm", "wide");
    place.octavo(&["check"]).run().exits(2).says(&["`wide` is no width of a file", "such as `85mm`"]);
}
