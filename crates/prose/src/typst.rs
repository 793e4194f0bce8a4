//! A page as the source of a Typst document: from its HTML, with every number, citation and figure as the page shows it.

mod block;
mod inline;
mod math;
mod text;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use crate::link::{LinkForm, classify, decoded};
use text::string;
use tree::{Element, Node};

/// What a page becomes.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TypstPage {
    /// The document.
    pub source: String,
    /// The pictures that it shows: by their routes in the site, and as the document names them.
    pub pictures: BTreeMap<String, String>,
    /// Whether it cites works.
    pub cites: bool,
    /// What cannot be written, each once.
    pub problems: BTreeSet<String>,
}

/// What a document needs beside the page.
pub struct TypstAround<'a> {
    /// The language of the text.
    pub language: &'a str,
    /// The words of the interface.
    pub word: &'a dyn Fn(&str) -> String,
    /// The file of works, beside the document.
    pub bibliography: &'a str,
    /// How Typst calls the style of citation, or a file of one.
    pub style: &'a str,
    /// Where the page stands in the site: `dragon/index.html`.
    pub route: &'a str,
    /// Address of the published site, if there is one: links to other pages lead there.
    pub base: Option<&'a str>,
    /// How a picture at a route of the site is called beside the document.
    pub names: &'a dyn Fn(&str) -> String,
}

/// The document of a page that the built-in templates wrote; empty if the page has no element of the class `prose`.
pub fn to_typst(html: &str, around: &TypstAround<'_>) -> TypstPage {
    let page = tree::read(html);
    let mut writer = Writer::new(&page, around);
    writer.front(&page);
    match page.find(&|one| one.name == "div" && one.is("prose")) {
        Some(prose) => writer.blocks(&prose.children),
        None => return TypstPage::default(),
    }
    writer.end()
}

/// Writes one page.
struct Writer<'a> {
    around: &'a TypstAround<'a>,
    /// The notes at the end of the page, by their ids.
    notes: BTreeMap<&'a str, &'a Element>,
    /// Ids that places of the document have.
    labels: BTreeSet<String>,
    page: TypstPage,
    out: String,
}

/// What the documents begin with: plain forms, to be changed by whoever sets them.
const PREAMBLE: &str = include_str!("typst/preamble.typ");

impl<'a> Writer<'a> {
    fn new(page: &'a Element, around: &'a TypstAround<'a>) -> Self {
        let mut found = Vec::new();
        page.all(&|one| one.name == "li" && one.attribute("id").starts_with("fn-"), &mut found);
        let notes = found.into_iter().map(|note| (note.attribute("id"), note)).collect();
        let mut placed = Vec::new();
        labelled(page, &mut placed);
        let labels = placed.into_iter().map(text::label).collect();
        Self { around, notes, labels, page: TypstPage::default(), out: String::new() }
    }

    /// The head of the document: title, language, authors, what the page says of itself.
    fn front(&mut self, page: &Element) {
        let head = page.find(&|one| one.name == "header" && one.is("title")).cloned().unwrap_or_default();
        let title = head.find(&|one| one.name == "h1").cloned().unwrap_or_default();
        let mut authors = Vec::new();
        page.all(&|one| one.name == "meta" && one.attribute("name") == "author", &mut authors);
        let authors: String =
            authors.iter().map(|one| format!("{}, ", string(one.attribute("content")))).collect();
        let language = self.around.language.split('-').next().unwrap_or("en");
        let _ = write!(self.out, "{PREAMBLE}\n#set text(lang: {})\n", string(language));
        let _ = writeln!(
            self.out,
            "#set document(title: {}, author: ({authors}))\n\n#title()\n",
            string(title.words().trim())
        );
        if let Some(subtitle) = head.find(&|one| one.is("subtitle")) {
            self.out.push_str("#subtitle[");
            self.inlines(&subtitle.children);
            self.out.push_str("]\n\n");
        }
        for part in ["authors", "date", "abstract"] {
            if let Some(element) = head.find(&|one| one.is(part)) {
                self.blocks(std::slice::from_ref(&Node::Element(element.clone())));
            }
        }
    }

    /// The document, with the list of works.
    fn end(mut self) -> TypstPage {
        if self.page.cites {
            let TypstAround { bibliography, style, .. } = self.around;
            let _ = writeln!(self.out, "#bibliography({}, style: {})", string(bibliography), string(style));
        }
        self.page.source = self.out;
        self.page
    }

    fn problem(&mut self, message: impl Into<String>) {
        self.page.problems.insert(message.into());
    }

    fn word(&self, key: &str) -> String {
        (self.around.word)(key)
    }
}

/// The address on the web of what a link of the page leads to, if it has one.
fn address(around: &TypstAround<'_>, to: &str) -> Option<String> {
    match classify(to) {
        LinkForm::External(address) => Some(address.to_owned()),
        LinkForm::Local(local) => {
            let base = around.base?.trim_end_matches('/');
            Some(format!("{base}/{}", within(around.route, local)))
        }
        _ => None,
    }
}

/// The route of what an address on a page leads to.
fn within(route: &str, address: &str) -> String {
    let mut folders: Vec<&str> = route.split('/').collect();
    folders.pop();
    for part in address.split('/') {
        match part {
            ".." => drop(folders.pop()),
            "." | "" => {}
            part => folders.push(part),
        }
    }
    folders.join("/")
}

/// The ids of what gets a label.
fn labelled<'a>(element: &'a Element, ids: &mut Vec<&'a str>) {
    for one in element.elements() {
        let places = ["figure", "h2", "h3", "h4", "h5", "h6"].contains(&one.name.as_str())
            || one.is("equation")
            || one.is("exercise")
            || one.is("claim");
        if places && !one.attribute("id").is_empty() && one.attribute("role") != "doc-endnotes" {
            ids.push(one.attribute("id"));
        }
        labelled(one, ids);
    }
}

/// The nodes of a list but for what is white space alone.
fn shown(nodes: &[Node]) -> impl Iterator<Item = &Node> {
    nodes.iter().filter(|node| !matches!(node, Node::Text(text) if text.trim().is_empty()))
}
