//! What a page shows of the other pages: the navigation, the page before and the page after, the pages of a section. None of it grows with
//! the number of pages, beyond fixed limits; the list of all pages is a page of its own.

use std::collections::BTreeMap;
use std::ops::Range;

use minijinja::context;
use minijinja::value::{Serde, Value as Templated};
use octavo_plugin::ContentHasher;
use rayon::prelude::*;
use serde::Serialize;

use super::figures::Thumbnail;
use super::pages::{Written, address, bare, extra, in_language, title_of};
use super::search;
use super::shared::Shared;
use crate::ids::{Route, encoded};
use crate::locale::Locale;
use crate::prose::typeset_text;
use crate::site::{Node, Tree};

/// A site with so many pages and folders at most has all of them in the navigation of every page.
const WHOLE: usize = 60;
/// In a larger site, so many neighbours at most are shown of each folder that is open.
const WINDOW: usize = 15;
/// A section, and the home page, show so many of their pages at most; the list of all pages has the others.
const CARDS: usize = 60;

/// What other pages say of a page.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Where it stands.
    pub(super) route: Route,
    pub(super) title: String,
    pub(super) summary: Option<String>,
    /// A small picture of its first figure.
    pub(super) picture: Option<Thumbnail>,
}

/// What is said of every page, in the order of the site, by language.
pub type AllTold = BTreeMap<String, Vec<Told>>;

/// What pages say of each other.
pub fn told(shared: &Shared<'_>) -> AllTold {
    let site = shared.material.site;
    let of_language = |locale: &Locale| {
        let one = |page: &crate::site::Page| Told {
            route: page.route(&locale.tag, &site.languages),
            title: title_of(shared, page, locale),
            summary: page.summary(&locale.tag, &site.languages).map(|text| typeset_text(&text, locale)),
            picture: picture_of(shared, page, locale),
        };
        (locale.tag.clone(), site.pages.par_iter().map(one).collect())
    };
    site.languages.iter().map(of_language).collect()
}

/// The small picture of the first figure of a page, if that is drawn.
fn picture_of(shared: &Shared<'_>, page: &crate::site::Page, locale: &Locale) -> Option<Thumbnail> {
    let first = page.first_figure(&locale.tag, &shared.material.site.languages)?;
    shared.figures.get(&first.in_language(&locale.tag))?.as_ref().ok()?.thumbnail.clone()
}

/// A row of the navigation.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Row {
    title: String,
    url: String,
    /// On the home page, what the page says of itself.
    summary: Option<String>,
    /// Whether it is the page that shows it.
    current: bool,
    /// Whether it stands for pages that are left out, and leads to the list of all.
    more: bool,
    children: Vec<Row>,
}

/// A page as another one refers to it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub(super) struct Card {
    url: String,
    title: String,
    summary: Option<String>,
    /// Where pages are shown as cards.
    picture: Option<Picture>,
}

/// A small picture as a page places it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
struct Picture {
    url: String,
    width: u32,
    height: u32,
}

/// All that a page shows of the others.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Around {
    /// The index of the page, if it has a text.
    pub(super) page: Option<usize>,
    rows: Vec<Row>,
    /// The address of the list of all pages, if not all are among the rows.
    pub(super) contents: Option<String>,
    pub(super) section: Option<Card>,
    /// The pages of a section; nothing on other pages.
    pub(super) children: Option<Vec<Card>>,
    /// Where those are that the page leaves out.
    pub(super) more_children: Option<String>,
    pub(super) previous: Option<Card>,
    pub(super) next: Option<Card>,
}

impl Around {
    /// What the page at a route shows of the others; `page` is its index, if it has a text.
    pub(super) fn of(shared: &Shared<'_>, locale: &Locale, route: &Route, page: Option<usize>) -> Self {
        let view = View { shared, locale, route, page };
        let site = shared.material.site;
        let tree = &site.tree;
        let Some(page) = page else {
            let is_home = *route == in_language(shared, &locale.tag, "index.html");
            let children = is_home.then(|| view.cards(Tree::ROOT));
            return view.around(children.as_ref().map(|_| Tree::ROOT), None, None);
        };
        let node = tree.of_page(page);
        let Node { folder, parent, .. } = tree.node(node);
        let opens = folder.is_some() || node == Tree::ROOT;
        let section = (*parent != Tree::ROOT && node != Tree::ROOT).then(|| view.card(*parent));
        let beside = |page: Option<usize>| page.filter(|page| *page < site.pages.len());
        let (previous, next) = (beside(page.checked_sub(1)), beside(page.checked_add(1)));
        let mut around = view.around(opens.then_some(node), previous, next);
        around.section = section;
        around
    }

    /// Adds all of it to a key.
    pub(super) fn add_to(&self, hasher: &mut ContentHasher) {
        let Self { page: _, rows, contents, section, children, more_children, previous, next } = self;
        add_rows(rows, hasher);
        hasher
            .text(&format!("{contents:?} {section:?} {children:?} {more_children:?} {previous:?} {next:?}"));
    }

    /// What templates know as parts of `page`.
    pub(super) fn context(&self) -> Templated {
        let Self { contents, section, children, more_children, previous, next, .. } = self;
        let card = |card: &Option<Card>| Templated::from(Serde(card.clone()));
        context! {
            contents => contents,
            section_title => section.as_ref().map(|section| &section.title),
            section_url => section.as_ref().map(|section| &section.url),
            children => Templated::from(Serde(children.clone())),
            more_children => more_children,
            previous => card(previous),
            next => card(next),
        }
    }

    /// The rows for templates.
    pub(super) fn nav(&self) -> Templated {
        Templated::from(Serde(self.rows.clone()))
    }
}

fn add_rows(rows: &[Row], hasher: &mut ContentHasher) {
    hasher.number(rows.len() as u64);
    for Row { title, url, summary, current, more, children } in rows {
        hasher.text(title).text(url).text(summary.as_deref().unwrap_or_default());
        hasher.number(u64::from(*current)).number(u64::from(*more));
        add_rows(children, hasher);
    }
}

/// Whether every page has the whole navigation.
fn is_whole(shared: &Shared<'_>) -> bool {
    shared.material.site.tree.len() <= WHOLE
}

/// Route of the list of all pages in a language.
fn contents_route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "contents.html")
}

/// Whether this is the address of the list of all pages.
pub(super) fn is_contents(shared: &Shared<'_>, locale: &Locale, route: &Route) -> bool {
    *route == contents_route(shared, &locale.tag)
}

/// The id of a folder in the list of all pages.
fn id_of(folder: &str) -> String {
    format!("in-{}", encoded(folder))
}

/// So many neighbours of a place, as many on both sides as there are. A gap of one is closed: a mark for it takes as much room.
fn window(length: usize, place: usize) -> Range<usize> {
    let end = (place.saturating_sub(WINDOW / 2) + WINDOW).min(length);
    let start = end.saturating_sub(WINDOW);
    let start = if start == 1 { 0 } else { start };
    start..if end + 1 == length { length } else { end }
}

/// The other pages, seen from one.
struct View<'a> {
    shared: &'a Shared<'a>,
    locale: &'a Locale,
    route: &'a Route,
    page: Option<usize>,
}

impl View<'_> {
    fn around(&self, opened: Option<usize>, previous: Option<usize>, next: Option<usize>) -> Around {
        let shared = self.shared;
        let tree = &shared.material.site.tree;
        let path = self.page.map(|page| tree.path(tree.of_page(page))).unwrap_or_default();
        let whole = is_whole(shared);
        let rows = if whole { self.all(Tree::ROOT) } else { self.level(Tree::ROOT, &path) };
        let card = |page: usize| self.card_of(page, None);
        let more = |node: &usize| tree.node(*node).children.len() > CARDS;
        Around {
            page: self.page,
            rows,
            contents: (!whole).then(|| address(shared, self.route, &self.contents_route())),
            section: None,
            children: opened.map(|node| self.cards(node)),
            more_children: opened.filter(more).map(|node| self.place_in_contents(node)),
            previous: previous.map(card),
            next: next.map(card),
        }
    }

    /// All rows below a node.
    fn all(&self, node: usize) -> Vec<Row> {
        let children = self.shared.material.site.tree.node(node).children.iter();
        children.map(|child| self.row(*child, self.all(*child))).collect()
    }

    /// Some rows below a node, the ones on the way to the page open.
    fn level(&self, node: usize, path: &[usize]) -> Vec<Row> {
        let tree = &self.shared.material.site.tree;
        let children = &tree.node(node).children;
        let shown = window(children.len(), path.first().map_or(0, |next| tree.node(*next).place));
        let row = |child: &usize| {
            let open = path.first() == Some(child);
            self.row(*child, if open { self.level(*child, &path[1..]) } else { Vec::new() })
        };
        let before = (shown.start > 0).then(|| self.more(node, "pages-before"));
        let after = (shown.end < children.len()).then(|| self.more(node, "pages-after"));
        before.into_iter().chain(children[shown].iter().map(row)).chain(after).collect()
    }

    fn row(&self, node: usize, children: Vec<Row>) -> Row {
        let tree = &self.shared.material.site.tree;
        let Card { url, title, summary, .. } = self.card(node);
        let current = self.page.is_some_and(|page| tree.of_page(page) == node);
        let is_home = self.page.is_some_and(|page| tree.of_page(page) == Tree::ROOT);
        Row { title, url, summary: summary.filter(|_| is_home), current, more: false, children }
    }

    /// A row for pages of a folder that are left out.
    fn more(&self, node: usize, word: &str) -> Row {
        let (title, url) = (self.locale.word(word).to_owned(), self.place_in_contents(node));
        Row { title, url, summary: None, current: false, more: true, children: Vec::new() }
    }

    fn contents_route(&self) -> Route {
        contents_route(self.shared, &self.locale.tag)
    }

    /// Where a folder stands in the list of all pages.
    fn place_in_contents(&self, node: usize) -> String {
        let url = address(self.shared, self.route, &self.contents_route());
        let site = self.shared.material.site;
        // An author's own page at that address has no such places.
        let folder = site.tree.node(node).folder.as_ref().filter(|_| site.find("contents").is_none());
        folder.map_or(url.clone(), |folder| format!("{url}#{}", encoded(&id_of(folder))))
    }

    /// The pages of a folder, as many as a page shows.
    fn cards(&self, node: usize) -> Vec<Card> {
        let children = self.shared.material.site.tree.node(node).children.iter();
        let with_picture = |child: &usize| {
            let page = self.shared.material.site.tree.leads_to(*child);
            let picture = page.and_then(|page| self.shared.told[&self.locale.tag][page].picture.as_ref());
            let placed = |Thumbnail { route, size: [width, height] }: &Thumbnail| Picture {
                url: address(self.shared, self.route, route),
                width: *width,
                height: *height,
            };
            Card { picture: picture.map(placed), ..self.card(*child) }
        };
        children.take(CARDS).map(with_picture).collect()
    }

    /// A page or folder: the title of its own page, or else the folder's name.
    fn card(&self, node: usize) -> Card {
        let tree = &self.shared.material.site.tree;
        let Node { page, folder, .. } = tree.node(node);
        let name = folder.as_deref().filter(|_| page.is_none());
        let name = name.map(|folder| folder.rsplit('/').next().unwrap_or(folder));
        tree.leads_to(node).map_or_else(
            || Card { url: String::new(), title: String::new(), summary: None, picture: None },
            |page| self.card_of(page, name),
        )
    }

    fn card_of(&self, page: usize, name: Option<&str>) -> Card {
        let Told { route, title, summary, .. } = &self.shared.told[&self.locale.tag][page];
        let title = name.unwrap_or(title).to_owned();
        Card { url: address(self.shared, self.route, route), title, summary: summary.clone(), picture: None }
    }
}

/// The list of all pages in a language, if not every page has it.
pub(super) fn contents(shared: &Shared<'_>, locale: &Locale) -> Option<Written> {
    (!is_whole(shared)).then_some(())?;
    let route = contents_route(shared, &locale.tag);
    let entries = all_entries(shared, locale, &route);
    let title = locale.word("contents").to_owned();
    let own = context! { title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(), entries => entries, ..bare() };
    Some(search::unfound(extra(shared, "contents.html", locale, &route, title, own)))
}

/// All pages and folders as the list of all pages has them, seen from a page.
pub(super) fn all_entries(shared: &Shared<'_>, locale: &Locale, route: &Route) -> Vec<Templated> {
    entries(&View { shared, locale, route, page: None }, Tree::ROOT)
}

fn entries(view: &View<'_>, node: usize) -> Vec<Templated> {
    let tree = &view.shared.material.site.tree;
    let entry = |child: &usize| {
        let Card { url, title, .. } = view.card(*child);
        let anchor = tree.node(*child).folder.as_deref().map(id_of);
        context! { url => url, title => title, anchor => anchor, children => entries(view, *child) }
    };
    tree.node(node).children.iter().map(entry).collect()
}
