//! Text of a definition, a page or a data file never becomes markup.

use crate::harness::Place;
use crate::links::{broken_links, tags};

/// Four ways out of a text, around a word that can be found again.
fn hostile(word: &str) -> String {
    format!(
        "</title></text>]]><script>alert('{word}')</script><img src=x onerror=alert(1)>\" onload=\"alert(2) & {{{{ 7 }}}}"
    )
}

/// As a TOML string, with control characters.
fn quoted(word: &str) -> String {
    let text = hostile(word).replace('\\', "\\\\").replace('"', "\\\"");
    format!("\"{text}\\u0001\\u001b[31m\\u202e\"")
}

fn place() -> Place {
    let place = Place::new();
    place.write(
        "octavo.toml",
        format!(
            "octavo = \"1\"\ntitle = {}\ndescription = {}\nlicence = {}\nbibliography = \"works.bib\"\n[[authors]]\nname = {}\n",
            quoted("w-site"),
            quoted("w-about"),
            quoted("w-licence"),
            quoted("w-author")
        ),
    );
    place.write(
        "works.bib",
        "@article{k, author = {Doe<b>w-bib</b>}, title = {<script>alert(1)</script>}, journal = {J}, year = {2000}, url = {javascript:alert(1)}, doi = {\"><script>alert(1)</script>}}\n",
    );
    let network = r#"{"layers":[{"weights":[[1.0,0.5]],"bias":[0.1],"activation":"relu"},{"weights":[[1.0]],"bias":[0.0],"activation":"identity"}]}"#;
    place.write("experiments/<img src=x onerror=alert(1)>.json", network);
    place.write("experiments/plain.json", network);
    let [title, summary, figure, axis, layer, value, claim] =
        ["w-title", "w-summary", "w-figure", "w-axis", "w-layer", "w-value", "w-claim"].map(quoted);
    place.write(
        "experiments/h.toml",
        format!(
            "title = {title}\nsummary = {summary}\nanalysis = \"regions\"\n\
             [params]\nnetwork = {{ file = \"plain.json\" }}\n\
             [sweep]\n\"network.file\" = [\"plain.json\", \"<img src=x onerror=alert(1)>.json\"]\n\
             [values.v]\nfrom = \"scalars\"\nexpr = \"max(neurons)\"\nlabel = {value}\nunit = {value}\n\
             [figures.f]\ntitle = {figure}\nfrom = \"scalars\"\nmark = \"point\"\n\
             x = {{ field = \"neurons\", label = {axis} }}\ny = {{ field = \"area\", label = {axis} }}\n\
             color = {{ field = \"network.file\", label = {axis} }}\nlabel = {layer}\n\
             [figures.g]\ntitle = {figure}\nfrom = \"scalars\"\nmark = \"bar\"\nx = \"network.file\"\ny = \"area\"\n\
             facet = {{ field = \"network.file\", label = {axis} }}\n\
             [tables.t]\nfrom = \"scalars\"\nlabels.area = {value}\n\
             [claims.c]\ntext = {claim}\ncheck = \"v > 0\"\n"
        ),
    );
    place.write(
        "experiments/h.md",
        "+++\ntitle = \"<script>w-front</script>\"\nsubtitle = \"\\\"><script>alert(1)</script>\"\nsummary = \"<b onclick=x>w-lead</b>\"\nauthors = [\"<i>w-writer</i>\"]\n+++\n\n\
         ![w-caption \"\\<script>alert(1)\\</script> onload=\"x](figure:f)\n\n![w-second](figure:g)\n\n![w-rows](table:t)\n\n{{ claim(\"c\") }}\n\n\
         Value {{ value(\"v\") }}, work [@k], code `<script>w-code</script>` and $x < y$.\n\n```html\n<script>w-block</script>\n```\n\n## \\<img src=x onerror=alert(1)> w-heading\n",
    );
    place
}

#[test]
fn text_never_becomes_markup() {
    let place = place();
    place.octavo(&["build"]).run().exits(0);
    let site = place.tree("site");
    let mut all = String::new();
    for (route, bytes) in &site {
        if !(route.ends_with(".html") || route.ends_with(".svg")) {
            continue;
        }
        let text = String::from_utf8(bytes.clone()).unwrap();
        for tag in tags(&text) {
            let ours = |src: &str| src.ends_with("assets/theme.js") || src.ends_with("assets/search.js");
            let own = tag.name == "script" && tag.get("src").is_some_and(ours);
            let known = own
                || !matches!(
                    tag.name.as_str(),
                    "script" | "iframe" | "object" | "embed" | "b" | "foreignobject"
                );
            assert!(known, "{route}: {tag:?}");
            assert_ne!(tag.get("src"), Some("x"), "{route}: {tag:?}");
            for (name, value) in &tag.attributes {
                assert!(!name.starts_with("on"), "{route}: {tag:?}");
                assert!(
                    !value.trim_start().to_ascii_lowercase().starts_with("javascript:"),
                    "{route}: {tag:?}"
                );
            }
        }
        let control = text.chars().find(|c| c.is_control() && !matches!(c, '\n' | '\t' | '\r'));
        assert_eq!(control, None, "{route}");
        assert!(!route.ends_with(".svg") || !text.contains("]]>"), "{route}");
        all.push_str(&text);
    }
    // None of the texts was simply left out.
    for word in [
        "w-site",
        "w-author",
        "w-bib",
        "w-figure",
        "w-axis",
        "w-value",
        "w-claim",
        "w-front",
        "w-lead",
        "w-caption",
        "w-second",
        "w-rows",
        "w-code",
        "w-block",
        "w-heading",
    ] {
        assert!(all.contains(word), "{word} is on no page");
    }
    assert_eq!(broken_links(&site), [""; 0]);
}

#[test]
fn addresses_of_other_kinds_and_raw_markup_are_refused() {
    let (scheme, data, markup) = (
        "error[link]: a link may not begin with `javascript:`",
        "error[link]: a link may not begin with `data:`",
        "error[raw-html]: raw HTML is not allowed",
    );
    for (text, said, at) in [
        ("[x](javascript:alert(1))", scheme, "3:1"),
        ("[x](JaVaScRiPt:alert(1))", scheme, "3:1"),
        ("[x](data:text/html,hello)", data, "3:1"),
        ("![x](javascript:alert(1))", scheme, "3:1"),
        ("<javascript:alert(1)>", scheme, "3:1"),
        ("<img src=x onerror=alert(1)>", markup, "3:1"),
        ("text <b>bold</b>", markup, "3:6"),
        ("[x]: javascript:alert(1)\n\n[x]", scheme, "5:1"),
    ] {
        let place = Place::project(&[("index.md", &format!("# T\n\n{text}\n"))]);
        let at = format!("experiments/index.md:{at}");
        place.octavo(&["build"]).run().exits(2).says(&[said, &at]);
        assert!(!place.exists("site"), "{text}");
    }
}
