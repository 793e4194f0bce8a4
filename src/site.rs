//! The site as values: pages, their languages, routes and order. No disk here, and no template.

mod aliases;
mod sheets;
mod tree;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use rayon::prelude::*;

use crate::diagnostic::Diagnostic;
use crate::ids::{FigureRef, Route};
use crate::locale::{self, Locale, is_like_a_tag};
use crate::project::Project;
use crate::prose::{Prose, ProseOptions, ReferenceKind, plain_words};
use crate::source::{Location, SourceFile};
pub use aliases::Alias;
use sheets::Read;
pub use sheets::Sheets;
pub use tree::{Node, Tree};

/// The bodies of so many bytes of text are kept in memory from the check to the writing of pages.
const MOST_KEPT: usize = 2 << 20;

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
    pub fn route(&self, language: &str, languages: &[Locale]) -> Route {
        locale::route_in(languages, language, &format!("{}.html", self.id))
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

    /// The first computed figure on the page in a language.
    pub fn first_figure(&self, language: &str, languages: &[Locale]) -> Option<FigureRef> {
        let references = self.text(language, languages).prose.references();
        let first = references.iter().find(|reference| reference.kind == ReferenceKind::Figure)?;
        FigureRef::parse(&first.target, &self.id).ok()
    }

    /// One or two sentences about the page.
    pub fn summary(&self, language: &str, languages: &[Locale]) -> Option<String> {
        let prose = &self.text(language, languages).prose;
        let plain = |text: &str| plain_words(text, prose.macros());
        prose.front.summary.clone().or_else(|| prose.front.r#abstract.as_deref().map(plain))
    }
}

/// All pages of a project in reading order.
#[derive(Debug)]
pub struct Site {
    /// The pages.
    pub pages: Vec<Page>,
    /// Their indices by id.
    places: BTreeMap<String, usize>,
    /// Ids of pages that are drafts and left out.
    pub drafts: BTreeSet<String>,
    /// The folders that they stand in.
    pub tree: Tree,
    /// What is to be remembered of their texts.
    pub sheets: Sheets,
    /// The languages; the first is the main one.
    pub languages: Vec<Locale>,
}

impl Site {
    /// Reads all Markdown of a project, as far as it is not remembered. A page that is a draft is left out; a missing translation is a warning.
    pub fn new(project: &Project, remembered: &Sheets) -> (Self, Vec<Diagnostic>) {
        let mut problems = Vec::new();
        let options = prose_options(project);
        let languages = project.locales.clone();
        let mut pages: BTreeMap<String, Page> = BTreeMap::new();
        let mut drafts = BTreeSet::new();
        let mut sheets = Sheets::default();
        for (path, source, read) in read_all(project, &options, remembered) {
            let Read { prose, problems: found, sheet } = read;
            let (id, language) = split_language(path, &languages);
            problems.extend(found);
            sheet.into_iter().for_each(|sheet| sheets.add(sheet));
            if prose.front.draft && !project.drafts {
                drafts.insert(id);
                continue;
            }
            problems.extend(other_language(&id, source, &project.config.languages));
            let text = Text { language: language.clone(), prose, source: Arc::clone(source) };
            let page = pages.entry(id.clone()).or_insert(Page { id, texts: BTreeMap::new() });
            if let Some(other) = page.texts.insert(language.clone(), text) {
                problems.push(same_route(&other.source, source, &page.route(&language, &languages)));
            }
        }
        let mut pages: Vec<Page> = pages.into_values().collect();
        warn_of_missing_translations(&pages, &languages, &mut problems);
        tree::sort(&mut pages, &languages);
        let places = pages.iter().enumerate().map(|(index, page)| (page.id.clone(), index)).collect();
        let tree = Tree::new(&pages);
        (Self { pages, places, drafts, tree, sheets, languages }, problems)
    }

    /// Pages at the same address, also where case does not count, or at one that Octavo takes, and addresses that not
    /// every system can hold.
    pub fn clashes(&self, generated: &[Route]) -> Vec<Diagnostic> {
        let mut problems = Vec::new();
        let mut seen: BTreeMap<String, Option<&Arc<SourceFile>>> =
            generated.iter().map(|route| (route.to_lowercase(), None)).collect();
        let mut told = BTreeSet::new();
        for (page, locale) in self.pages.iter().flat_map(|page| self.languages.iter().map(move |l| (page, l)))
        {
            let route = page.route(&locale.tag, &self.languages);
            let source = &page.text(&locale.tag, &self.languages).source;
            let other = seen.insert(route.to_lowercase(), Some(source));
            let problem = match (other, route.check()) {
                (_, Err(problem)) => {
                    let message = format!("`{}` cannot be a page: {problem}", source.path);
                    let problem = Diagnostic::error("bad-route", message).help("give the file another name");
                    problem.at(Location::new(source, 0..0))
                }
                (None, Ok(())) => continue,
                (Some(None), Ok(())) => taken_route(source, &route),
                (Some(Some(other)), Ok(())) => same_route(other, source, &route),
            };
            if told.insert((problem.code, page.id.clone())) {
                problems.push(problem);
            }
        }
        problems
    }

    /// The page that a Markdown file writes, by its path below the folder of experiments, and the text that it was.
    pub fn text_of(&self, path: &str) -> Option<(usize, &Text)> {
        let (id, language) = split_language(path, &self.languages);
        let index = *self.places.get(&id)?;
        Some((index, self.pages[index].texts.get(&language)?))
    }

    /// The page with this id.
    pub fn find(&self, id: &str) -> Option<&Page> {
        self.places.get(id).map(|index| &self.pages[*index])
    }

    /// The home page, if there is one.
    pub fn home(&self) -> Option<&Page> {
        self.find("index")
    }
}

/// The ids of `base.html` and of what is included there.
const FRAME: &[&str] = &["main", "search", "outline-title", "cite-this", "appendix"];

/// What a project allows on its pages.
pub fn prose_options(project: &Project) -> ProseOptions {
    let (macros, _) = project.config.math.commands();
    ProseOptions { raw_html: project.config.raw_html, macros, taken: FRAME }
}

/// All texts in their order. The bodies of the first are kept, and those of the others read again when they are written.
fn read_all<'a>(
    project: &'a Project,
    options: &ProseOptions,
    remembered: &Sheets,
) -> Vec<(&'a String, &'a Arc<SourceFile>, Read)> {
    let mut bytes = 0;
    let texts = project.pages.iter().map(|(path, source)| {
        bytes += source.text.len();
        (path, source, bytes > MOST_KEPT)
    });
    let texts: Vec<_> = texts.collect();
    let read = |(path, source, fold)| {
        let mut read = remembered.read(source, options);
        if fold {
            read.prose.fold();
        }
        (path, source, read)
    };
    texts.into_par_iter().map(read).collect()
}

fn warn_of_missing_translations(pages: &[Page], languages: &[Locale], problems: &mut Vec<Diagnostic>) {
    for page in pages {
        for locale in languages.iter().filter(|locale| !page.texts.contains_key(&locale.tag)) {
            let text = page.text(&locale.tag, languages);
            let name = if locale::is_first(languages, &locale.tag) {
                format!("{}.md", page.id)
            } else {
                format!("{}.{}.md", page.id, locale.tag)
            };
            let message = format!("the page `{}` has no text in `{}`", page.id, locale.tag);
            let problem = Diagnostic::warning("missing-translation", message);
            problems.push(problem.at(Location::new(&text.source, 0..0)).help(format!("write `{name}`")));
        }
    }
}

fn same_route(one: &Arc<SourceFile>, other: &Arc<SourceFile>, route: &Route) -> Diagnostic {
    let message = format!("`{}` and `{}` both give `{route}`", one.path, other.path);
    Diagnostic::error("same-route", message).at(Location::new(other, 0..0)).help("rename one of them")
}

fn taken_route(source: &Arc<SourceFile>, route: &Route) -> Diagnostic {
    let message = format!("`{}` gives `{route}`, a page that Octavo writes", source.path);
    Diagnostic::error("same-route", message).at(Location::new(source, 0..0)).help("rename the file")
}

/// `dragon/index.fr.md` is the page `dragon/index` in French; without a tag it is in the first language.
fn split_language(path: &str, languages: &[Locale]) -> (String, String) {
    let stem = path.strip_suffix(".md").unwrap_or(path);
    let first = languages.first().map_or("en", |locale| locale.tag.as_str());
    match stem.rsplit_once('.') {
        Some((id, tag)) if languages.iter().any(|locale| locale.tag == tag) => {
            (id.to_owned(), tag.to_owned())
        }
        _ => (stem.to_owned(), first.to_owned()),
    }
}

/// A page whose name ends in the tag of a language that the project does not have. It is shown under that name; most likely
/// it is meant as a translation.
fn other_language(id: &str, source: &Arc<SourceFile>, languages: &[String]) -> Option<Diagnostic> {
    let (page, tag) = id.rsplit_once('.')?;
    // What is wrong with the language of a tag that the project has was told.
    if !is_like_a_tag(tag) || page.ends_with('/') || languages.iter().any(|known| known == tag) {
        return None;
    }
    let near = languages.iter().find(|known| known.eq_ignore_ascii_case(tag));
    let name = source.path.rsplit('/').next().unwrap_or(&source.path);
    let (message, help) = match near {
        Some(known) => (
            format!("`{}` is a page of its own: the project writes its language `{known}`", source.path),
            format!("name the file `{}`", name.replace(&format!(".{tag}.md"), &format!(".{known}.md"))),
        ),
        None => (
            format!("`{}` is a page of its own: the project has no language `{tag}`", source.path),
            format!("add `{tag}` to `languages` in octavo.toml, or name the file without the dot"),
        ),
    };
    Some(Diagnostic::warning("other-language", message).at(Location::new(source, 0..0)).help(help))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tags_are_languages_only_if_the_project_has_them() {
        let languages: Vec<Locale> = ["en", "fr"].iter().map(|tag| Locale::built_in(tag).unwrap()).collect();
        assert_eq!(split_language("a/b.fr.md", &languages), ("a/b".into(), "fr".into()));
        assert_eq!(split_language("a/b.md", &languages), ("a/b".into(), "en".into()));
        assert_eq!(split_language("a/v1.2.md", &languages), ("a/v1.2".into(), "en".into()));
    }

    fn clashes(files: &[&str], generated: &[&str]) -> Vec<String> {
        let folder = tempfile::tempdir().unwrap();
        let config = "octavo = \"1\"\ntitle = \"T\"\nlanguages = [\"en\", \"fr\"]\n";
        std::fs::write(folder.path().join("octavo.toml"), config).unwrap();
        for file in files {
            let path = folder.path().join("experiments").join(file);
            std::fs::create_dir_all(path.parent().unwrap()).unwrap();
            std::fs::write(path, "# T\n").unwrap();
        }
        let (project, _) = Project::load(folder.path());
        let (site, mut problems) = Site::new(&project.unwrap(), &Sheets::default());
        let generated: Vec<Route> = generated.iter().map(|route| Route::new(*route)).collect();
        problems.extend(site.clashes(&generated));
        let errors = problems.into_iter().filter(|problem| problem.code != "missing-translation");
        errors.map(|problem| format!("{}: {}", problem.code, problem.message)).collect()
    }

    #[test]
    fn no_two_texts_and_no_text_of_ours_stand_at_one_address() {
        let none: [&str; 0] = [];
        assert_eq!(clashes(&["index.md", "index.fr.md", "a.md", "fr.md"], &["claims.html"]), none);
        let both =
            "same-route: `experiments/index.fr.md` and `experiments/fr/index.md` both give `fr/index.html`";
        assert_eq!(clashes(&["index.md", "index.fr.md", "fr/index.md"], &[]), [both]);
        let case = "same-route: `experiments/A.md` and `experiments/a.md` both give `a.html`";
        assert_eq!(clashes(&["a.md", "A.md"], &[]), [case]);
        let twice = "same-route: `experiments/a.en.md` and `experiments/a.md` both give `a.html`";
        assert_eq!(clashes(&["a.md", "a.en.md"], &[]), [twice]);
        let ours = "same-route: `experiments/Claims.md` gives `Claims.html`, a page that Octavo writes";
        assert_eq!(clashes(&["Claims.md"], &["claims.html", "404.html"]), [ours]);
        assert_eq!(clashes(&["con.md"], &[]).len(), 1);
    }
}
