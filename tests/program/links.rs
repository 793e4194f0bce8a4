//! A published site stands on its own: every link leads somewhere, and nowhere else.

use std::collections::BTreeSet;

use crate::harness::{Place, Tree};

/// A start tag.
#[derive(Debug)]
pub(crate) struct Tag {
    pub(crate) name: String,
    pub(crate) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }
}

/// The start tags of HTML or SVG, in order. It reads what the program writes, quoted attributes and all, and panics at
/// anything else.
pub(crate) fn tags(text: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix("!--") {
            rest = after.split_once("-->").expect("a comment ends").1;
        } else if rest.starts_with(['!', '?', '/']) {
            rest = rest.split_once('>').expect("a tag ends").1;
        } else {
            let (tag, after) = start_tag(rest);
            let raw = matches!(tag.name.as_str(), "script" | "style");
            rest = if raw {
                after.split_once(&format!("</{}", tag.name)).expect("it is closed").1
            } else {
                after
            };
            tags.push(tag);
        }
    }
    tags
}

fn start_tag(text: &str) -> (Tag, &str) {
    let end = text.find(|c: char| c.is_whitespace() || matches!(c, '>' | '/')).expect("a tag ends");
    let name = text[..end].to_ascii_lowercase();
    assert!(name.starts_with(|c: char| c.is_ascii_alphabetic()), "no tag: {}", &text[..end]);
    let (mut rest, mut attributes) = (text[end..].trim_start(), Vec::new());
    loop {
        if let Some(after) = rest.strip_prefix("/>").or_else(|| rest.strip_prefix('>')) {
            return (Tag { name, attributes }, after);
        }
        let end = rest.find(|c: char| c.is_whitespace() || matches!(c, '=' | '>' | '/')).expect("a tag ends");
        assert!(end > 0, "no attribute: {}", &rest[..rest.len().min(60)]);
        let (key, after) = (rest[..end].to_ascii_lowercase(), &rest[end..]);
        let (value, after) = match after.strip_prefix("=\"") {
            Some(after) => after.split_once('"').expect("a value ends"),
            None => ("", after),
        };
        attributes.push((key, decoded(value)));
        rest = after.trim_start();
    }
}

fn decoded(value: &str) -> String {
    let pairs =
        [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#x27;", "'"), ("&#39;", "'"), ("&#x2f;", "/")];
    let text = pairs.iter().fold(value.to_owned(), |text, (from, to)| text.replace(from, to));
    text.replace("&amp;", "&")
}

/// Hosts to which a reader may be sent, by an `a` and by nothing that loads by itself.
const REFERENCES: [&str; 3] = ["https://doi.org/", "https://arxiv.org/", "https://orcid.org/"];

/// What is wrong with the links of a site.
pub(crate) fn broken_links(site: &Tree) -> Vec<String> {
    let mut problems = Vec::new();
    for (route, bytes) in site.iter().filter(|(route, _)| route.ends_with(".html")) {
        for tag in tags(std::str::from_utf8(bytes).expect("a page is text")) {
            for name in ["href", "src", "xlink:href", "poster", "data", "action", "srcset"] {
                let problem = tag.get(name).and_then(|link| wrong(site, route, &tag, link));
                problems.extend(problem.map(|problem| format!("{route}: <{} {name}>: {problem}", tag.name)));
            }
        }
    }
    for (route, bytes) in site.iter().filter(|(route, _)| route.ends_with(".css")) {
        let text = std::str::from_utf8(bytes).expect("a style is text");
        problems.extend(text.contains("@import").then(|| format!("{route}: an import")));
        for part in text.split("url(").skip(1) {
            let link = part.split(')').next().unwrap_or_default().trim_matches(['"', '\'']);
            let problem = resolved(route, link).filter(|path| site.contains_key(path));
            problems.extend(problem.is_none().then(|| format!("{route}: {link}")));
        }
    }
    problems
}

fn wrong(site: &Tree, route: &str, tag: &Tag, link: &str) -> Option<String> {
    if tag.name == "a" && REFERENCES.iter().any(|start| link.starts_with(start)) {
        return None;
    }
    if matches!(tag.name.as_str(), "image" | "img") && link.starts_with("data:image/png;base64,") {
        return None;
    }
    let (path, place) = link.split_once('#').map_or((link, None), |(path, place)| (path, Some(place)));
    let Some(path) = resolved(route, path) else { return Some(format!("`{link}` leads out of the site")) };
    let Some(bytes) = site.get(&path) else { return Some(format!("`{link}` leads to nothing")) };
    let place = place.filter(|_| path.ends_with(".html"))?;
    let known: BTreeSet<String> = tags(std::str::from_utf8(bytes).expect("a page is text"))
        .iter()
        .filter_map(|tag| tag.get("id").map(str::to_owned))
        .collect();
    (!known.contains(place)).then(|| format!("`{link}` leads to no place on the page"))
}

/// The path of a relative link.
fn resolved(route: &str, link: &str) -> Option<String> {
    if link.is_empty() {
        return Some(route.to_owned());
    }
    if link.starts_with('/') || link.contains(':') {
        return None;
    }
    let mut parts: Vec<&str> = route.split('/').collect();
    parts.pop();
    for part in link.split('/') {
        match part {
            "." => {}
            ".." => drop(parts.pop()?),
            part => parts.push(part),
        }
    }
    Some(parts.join("/"))
}

#[test]
fn every_link_is_relative_and_leads_to_a_file_and_a_place_in_it() {
    let place = Place::small();
    place.build();
    let site = place.tree("site");
    assert_eq!(broken_links(&site), [""; 0]);
    let page = place.read("site/folding/index.html");
    let links: Vec<_> = tags(&page).iter().filter_map(|tag| tag.get("href").map(str::to_owned)).collect();
    for link in ["../assets/style.css", "https://doi.org/10.1090/memo/0154", "#fig-growth"] {
        assert!(links.iter().any(|found| found == link), "{link} is not among {links:#?}");
    }
    assert!(links.iter().any(|link| link.ends_with("net.json")), "{links:#?}");
}

#[test]
fn a_project_without_a_home_page_gets_one_that_leads_to_its_pages() {
    let place = Place::project(&[("a.md", "# Page A\n"), ("sub/b.md", "# Page B\n")]);
    place.write("octavo.toml", "octavo = \"1\"\ntitle = \"Door\"\nlanguages = [\"en\", \"fr\"]\n");
    place.octavo(&["build"]).run().exits(0);
    for folder in ["site", "site/fr"] {
        let home = place.read(&format!("{folder}/index.html"));
        assert!(home.contains("<h1>Door</h1>") && home.contains("href=\"sub/b.html\""), "{home}");
    }
    assert_eq!(broken_links(&place.tree("site")), [""; 0]);

    let bare = Place::project(&[("a.toml", "title = \"T\"\nanalysis = \"dragon\"\n")]);
    bare.build();
    assert_eq!(broken_links(&bare.tree("site")), [""; 0]);
}

#[test]
fn an_address_of_the_site_changes_nothing_but_what_says_it() {
    let place = Place::small();
    let config = place.read("octavo.toml");
    place.write(
        "octavo.toml",
        config.replace("languages", "base_url = \"https://example.org/sub/\"\nlanguages"),
    );
    place.build();
    for (route, bytes) in place.tree("site").iter().filter(|(route, _)| route.ends_with(".html")) {
        for tag in tags(std::str::from_utf8(bytes).unwrap()) {
            let absolute = tag.attributes.iter().any(|(_, value)| value.starts_with("https://example.org"));
            assert!(!absolute || matches!(tag.name.as_str(), "link" | "meta"), "{route}: {tag:?}");
            assert!(
                tag.name != "link" || !absolute || tag.get("rel") != Some("stylesheet"),
                "{route}: {tag:?}"
            );
        }
    }
}

#[test]
fn the_checker_sees_what_is_wrong() {
    let page = |body: &str| Tree::from([("a/p.html".to_owned(), body.as_bytes().to_vec())]);
    for (body, problems) in [
        ("<a href=\"p.html\">x</a> <a href=\"#i\" id=\"i\">x</a>", 0),
        ("<a href=\"https://doi.org/10.1/2\">x</a>", 0),
        ("<img src=\"https://doi.org/10.1/2\">", 1),
        ("<image href=\"data:image/png;base64,AA==\"/>", 0),
        ("<a href=\"data:image/png;base64,AA==\">x</a>", 1),
        ("<a href=\"../q.html\">x</a>", 1),
        ("<a href=\"../../q.html\">x</a>", 1),
        ("<a href=\"/a/p.html\">x</a>", 1),
        ("<a href=\"javascript:x()\">x</a>", 1),
        ("<a href=\"#nothing\">x</a>", 1),
    ] {
        assert_eq!(broken_links(&page(body)).len(), problems, "{body}");
    }
}

/// A page without a text in the reader's language is shown in another, whose places the translation of what it leads to does not have.
#[test]
fn a_place_that_a_translation_lacks_leads_to_its_page() {
    let place = Place::with(&[
        ("octavo.toml", "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\n"),
        ("experiments/index.md", "# Home\n\n[x](a.md#the-formula)\n"),
        ("experiments/a.md", "# A\n\n## The formula\n"),
        ("experiments/a.fr.md", "# A\n\n## La formule\n"),
    ]);
    place.octavo(&["build"]).run().exits(0);
    assert!(place.read("site/index.html").contains("href=\"a.html#the-formula\""));
    assert!(place.read("site/fr/index.html").contains("href=\"a.html\">x"));
    assert_eq!(broken_links(&place.tree("site")), [""; 0]);
}

#[cfg(not(feature = "external-links"))]
#[test]
fn a_program_that_cannot_ask_other_hosts_says_how_one_is_built_that_can() {
    let place = Place::project(&[("index.md", "# T\n\n[a](https://example.org)\n")]);
    place.octavo(&["check"]).run().exits(0);
    place.octavo(&["check", "--external"]).run().exits(2).says(&["--features external-links"]);
    place.edit("octavo.toml", "title", "links.external = true\ntitle");
    let done = place.octavo(&["build"]).run().exits(2);
    done.says(&["error[bad-project]", "octavo.toml:2", "--features external-links"]);
    place.edit("octavo.toml", "external = true", "external = false");
    place.octavo(&["build", "--strict"]).run().exits(0);
}
