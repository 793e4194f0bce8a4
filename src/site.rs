//! The site as values: pages, their languages, routes and order. No disk here, and no template.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::diagnostic::Diagnostic;
use crate::locale::Locale;
use crate::project::Project;
use crate::prose::{Prose, ProseOptions};
use crate::source::{Location, SourceFile};

/// One text in one language.
#[derive(Debug)]
pub struct Text {
    /// Its language.
    pub language: String,
    /// The parsed Markdown.
    pub prose: Prose,
    /// The Markdown.
    pub source: Arc<SourceFile>,
}

/// A page: one text per language in which it was written.
#[derive(Debug)]
pub struct Page {
    /// Path below the experiments folder without language and extension, such as `dragon/index`.
    pub id: String,
    /// Texts by language tag.
    pub texts: BTreeMap<String, Text>,
}

impl Page {
    /// The text in this language, or else the one in the first language that has it.
    pub fn text(&self, language: &str, languages: &[Locale]) -> &Text {
        let fallback = || languages.iter().find_map(|locale| self.texts.get(&locale.tag));
        self.texts
            .get(language)
            .or_else(fallback)
            .or_else(|| self.texts.values().next())
            .expect("a page has a text")
    }

    /// The folder: empty for pages at the top.
    pub fn folder(&self) -> &str {
        self.id.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    /// Whether this is its folder's own page.
    pub fn is_index(&self) -> bool {
        self.id == "index" || self.id.ends_with("/index")
    }

    /// Where the page stands in a language: the first language has no folder of its own.
    pub fn route(&self, language: &str, languages: &[Locale]) -> String {
        if languages.first().is_some_and(|first| first.tag == language) {
            format!("{}.html", self.id)
        } else {
            format!("{language}/{}.html", self.id)
        }
    }

    fn order(&self, languages: &[Locale]) -> (i64, &str) {
        let first = languages.first().map_or("", |locale| locale.tag.as_str());
        (self.text(first, languages).prose.front.order.unwrap_or(i64::MAX), &self.id)
    }

    /// The page's title in a language.
    pub fn title(&self, language: &str, languages: &[Locale]) -> String {
        let text = self.text(language, languages);
        text.prose.title().unwrap_or_else(|| self.id.clone())
    }

    /// One or two sentences about the page.
    pub fn summary(&self, language: &str, languages: &[Locale]) -> Option<String> {
        self.text(language, languages).prose.front.summary.clone()
    }
}

/// What pages are ordered by: home first, then the order of the folder, its index first, then the page's own order.
type Place = (bool, (i64, String), bool, (i64, String));

/// An entry of the navigation: a page at the top, or a folder with its pages.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Index of the page; for a folder without one of its own, of its first page.
    pub page: usize,
    /// Indices of the other pages of the folder; of all of them if it has no page of its own.
    pub children: Vec<usize>,
    /// The name of a folder that has no page of its own.
    pub folder: Option<String>,
}

/// All pages of a project in reading order.
#[derive(Debug)]
pub struct Site {
    /// The pages.
    pub pages: Vec<Page>,
    /// The navigation, without the home page.
    pub entries: Vec<Entry>,
    /// The languages; the first is the main one.
    pub languages: Vec<Locale>,
}

impl Site {
    /// Reads all Markdown of a project. A page that is a draft is left out; a missing translation is a warning.
    pub fn new(project: &Project) -> (Self, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let options = ProseOptions { raw_html: project.config.raw_html };
        let languages = project.locales.clone();
        let mut pages: BTreeMap<String, Page> = BTreeMap::new();
        for (path, source) in &project.pages {
            let (id, language) = split_language(path, &languages);
            let (prose, found) = Prose::parse(source, &options);
            problems.extend(found);
            if prose.front.draft {
                continue;
            }
            let text = Text { language: language.clone(), prose, source: Arc::clone(source) };
            pages
                .entry(id.clone())
                .or_insert(Page { id, texts: BTreeMap::new() })
                .texts
                .insert(language, text);
        }
        let mut site = Self { pages: pages.into_values().collect(), entries: Vec::new(), languages };
        site.warn_of_missing_translations(&mut problems);
        site.put_in_order();
        (site, problems)
    }

    /// The page with this id.
    pub fn find(&self, id: &str) -> Option<&Page> {
        self.pages.iter().find(|page| page.id == id)
    }

    /// The home page, if there is one.
    pub fn home(&self) -> Option<&Page> {
        self.find("index")
    }

    fn warn_of_missing_translations(&self, problems: &mut Vec<Diagnostic>) {
        for page in &self.pages {
            for locale in &self.languages {
                if !page.texts.contains_key(&locale.tag) {
                    let text = page.text(&locale.tag, &self.languages);
                    let first = self.languages.first().is_some_and(|first| first.tag == locale.tag);
                    let name = if first {
                        format!("{}.md", page.id)
                    } else {
                        format!("{}.{}.md", page.id, locale.tag)
                    };
                    let message = format!("the page `{}` has no text in `{}`", page.id, locale.tag);
                    let problem = Diagnostic::warning("missing-translation", message);
                    problems
                        .push(problem.at(Location::new(&text.source, 0..0)).help(format!("write `{name}`")));
                }
            }
        }
    }

    /// Home first; then pages at the top and folders, by `order` and then by name; within a folder its index first.
    fn put_in_order(&mut self) {
        let languages = self.languages.clone();
        let folder_order = |folder: &str, pages: &[Page]| {
            let top = folder.split('/').next().unwrap_or(folder).to_owned();
            let index = pages.iter().find(|page| page.id == format!("{top}/index"));
            (index.map_or(i64::MAX, |page| page.order(&languages).0), top)
        };
        let keys: BTreeMap<String, Place> = self
            .pages
            .iter()
            .map(|page| {
                let (own, id) = page.order(&languages);
                let own = (own, id.to_owned());
                let top = if page.folder().is_empty() {
                    own.clone()
                } else {
                    folder_order(page.folder(), &self.pages)
                };
                (page.id.clone(), (page.id != "index", top, !page.is_index(), own))
            })
            .collect();
        self.pages.sort_by(|a, b| keys[&a.id].cmp(&keys[&b.id]));
        self.entries = self.navigation();
    }

    fn navigation(&self) -> Vec<Entry> {
        let mut entries: Vec<(String, Entry)> = Vec::new();
        for (index, page) in self.pages.iter().enumerate().filter(|(_, page)| page.id != "index") {
            let top = page.folder().split('/').next().unwrap_or("").to_owned();
            match entries.last_mut().filter(|(folder, _)| !top.is_empty() && *folder == top) {
                Some((_, entry)) => entry.children.push(index),
                None => {
                    let pageless = !top.is_empty() && !page.is_index();
                    let children = if pageless { vec![index] } else { Vec::new() };
                    let folder = pageless.then(|| top.clone());
                    entries.push((top, Entry { page: index, children, folder }));
                }
            }
        }
        entries.into_iter().map(|(_, entry)| entry).collect()
    }
}

/// `dragon/index.fr.md` is the page `dragon/index` in French; without a tag it is in the first language.
fn split_language(path: &str, languages: &[Locale]) -> (String, String) {
    let stem = path.trim_end_matches(".md");
    let first = languages.first().map_or("en", |locale| locale.tag.as_str());
    match stem.rsplit_once('.') {
        Some((id, tag)) if languages.iter().any(|locale| locale.tag == tag) => {
            (id.to_owned(), tag.to_owned())
        }
        _ => (stem.to_owned(), first.to_owned()),
    }
}

/// The relative address from one route to another.
pub fn relative(from: &str, to: &str) -> String {
    let from: Vec<&str> = from.split('/').collect();
    let to_parts: Vec<&str> = to.split('/').collect();
    let shared = from[..from.len() - 1]
        .iter()
        .zip(&to_parts[..to_parts.len() - 1])
        .take_while(|(a, b)| a == b)
        .count();
    let up = "../".repeat(from.len() - 1 - shared);
    format!("{up}{}", to_parts[shared..].join("/"))
}

/// Routes that are equal when case is ignored: on some filesystems they would be one file.
pub fn clashes<'a>(routes: impl Iterator<Item = &'a str>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    routes.filter(|route| !seen.insert(route.to_lowercase())).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn relative_addresses() {
        assert_eq!(relative("index.html", "dragon/index.html"), "dragon/index.html");
        assert_eq!(relative("dragon/index.html", "index.html"), "../index.html");
        assert_eq!(relative("fr/dragon/index.html", "fr/dragon/limit.html"), "limit.html");
        assert_eq!(relative("fr/dragon/index.html", "data/a/b.csv"), "../../data/a/b.csv");
    }

    #[test]
    fn tags_are_languages_only_if_the_project_has_them() {
        let languages: Vec<Locale> = ["en", "fr"].iter().map(|tag| Locale::built_in(tag).unwrap()).collect();
        assert_eq!(split_language("a/b.fr.md", &languages), ("a/b".into(), "fr".into()));
        assert_eq!(split_language("a/b.md", &languages), ("a/b".into(), "en".into()));
        assert_eq!(split_language("a/v1.2.md", &languages), ("a/v1.2".into(), "en".into()));
    }

    #[test]
    fn routes_that_differ_in_case_clash() {
        assert_eq!(clashes(["a.html", "A.html", "b.html"].into_iter()), ["A.html"]);
    }
}
