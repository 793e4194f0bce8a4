//! Every page in every language, and the pages that Octavo adds: the list of claims and the one for wrong addresses.

use std::cell::{OnceCell, RefCell};
use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use minijinja::context;
use minijinja::value::{Serde, Value as Templated, merge_maps};
use octavo_plugin::Digest;

use super::host::PageHost;
use super::last_good::LastGood;
use super::navigation::{self, Around};
use super::shared::Shared;
use super::{
    Files, changes, cite, dashboard, glossary, menu, paper, reference, remembered, scoreboard, search,
    statements, web,
};
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::ids::{ClaimRef, Route, encoded, relative};
use crate::locale::{self, Locale};
use crate::prose::{
    FrontMatter, Heading, Macros, Prose, Reference, ReferenceKind, Rendered, escape, inline_html,
    typeset_text,
};
use crate::publish::Content;
use crate::render::search::Entry;
use crate::site::{Page, Site};

/// Route of the page for wrong addresses.
pub(super) const NOT_FOUND: &str = "404.html";

/// A written page.
#[derive(Clone, Debug)]
pub struct Written {
    /// Where it stands.
    pub route: Route,
    /// Its language.
    pub language: String,
    /// Its title.
    pub title: String,
    /// The Markdown file's path.
    pub source: String,
    /// Claims shown on it, with their ids.
    pub claims: Vec<(ClaimRef, String)>,
    /// Files that it needs, itself included.
    pub files: Files,
    /// What went wrong.
    pub diagnostics: Vec<Diagnostic>,
    /// Values and tables of today that it shows.
    pub good: LastGood,
    /// Its words, if it can be found; the text that results show is among its files.
    pub search: Option<Entry>,
    /// What it is remembered by, if it is a page of the project's own and good.
    pub key: Option<Digest>,
}

/// Route of the list of claims in a language.
pub(super) fn claims_route(shared: &Shared<'_>, language: &str) -> Route {
    in_language(shared, language, "claims.html")
}

pub(super) fn in_language(shared: &Shared<'_>, language: &str, route: &str) -> Route {
    locale::route_in(&shared.material.site.languages, language, route)
}

/// Routes of pages that are always ours. (A page of the author's own about an analysis takes the place of ours.)
pub fn taken_routes(
    site: &Site,
    experiments: &[Arc<Experiment>],
    lists: [(&str, bool); 3],
    search: bool,
) -> Vec<Route> {
    let mut routes = vec![Route::new(NOT_FOUND)];
    let claims = experiments.iter().any(|experiment| !experiment.manifest.claims.is_empty());
    let own = [("claims", claims), ("search", search)];
    for (id, _) in own.into_iter().chain(lists).filter(|(_, there)| *there) {
        let page = Page { id: id.to_owned(), texts: BTreeMap::default() };
        routes.extend(site.languages.iter().map(|locale| page.route(&locale.tag, &site.languages)));
    }
    routes
}

/// Writes all pages.
pub fn write_all(shared: &Shared<'_>) -> Vec<Written> {
    let site = shared.material.site;
    let each: Vec<(usize, &Locale)> = site
        .languages
        .iter()
        .flat_map(|locale| (0..site.pages.len()).map(move |page| (page, locale)))
        .collect();
    let mut written = remembered::all(shared, &each, &|page, locale, around| {
        write_at(shared, &site.pages[page], locale, around)
    });
    // A page of the author's own at the same address stays, and what leads on to one.
    let aliases = site.aliases().map(|alias| alias.route);
    let taken: BTreeSet<Route> = written.iter().map(|page| page.route.clone()).chain(aliases).collect();
    let free = |page: &Written| !taken.contains(&page.route);
    let mut own = Vec::new();
    for locale in &site.languages {
        if site.home().is_none() {
            own.push(plain_home(shared, locale));
        }
        if !shared.claims.is_empty() {
            own.extend(Some(scoreboard::page(shared, locale, &written)).filter(free));
        }
        own.extend(statements::page(shared, locale, &written).filter(free));
        own.extend(glossary::page(shared, locale).filter(free));
        own.extend(changes::page(shared, locale).filter(free));
        own.extend(dashboard::page(shared, locale).filter(free));
        own.extend(navigation::contents(shared, locale).filter(free));
        own.extend(reference::write(shared, locale).into_iter().filter(free));
        own.extend(search::page(shared, locale));
    }
    if let Some(first) = site.languages.first() {
        own.push(not_found(shared, first));
    }
    written.append(&mut own);
    written
}

pub(super) fn host_of<'a>(
    shared: &'a Shared<'a>,
    page: &'a Page,
    locale: &'a Locale,
    route: &'a Route,
) -> PageHost<'a> {
    PageHost {
        shared,
        page,
        locale,
        route,
        files: RefCell::default(),
        shown_claims: RefCell::default(),
        told: RefCell::default(),
        placed_figures: RefCell::default(),
        empty_tables: RefCell::default(),
        errors: RefCell::default(),
        good: RefCell::default(),
        known: OnceCell::new(),
    }
}

/// A page's title as it stands on other pages.
pub(super) fn title_of(shared: &Shared<'_>, page: &Page, locale: &Locale) -> String {
    let languages = &shared.material.site.languages;
    let prose = &page.text(&locale.tag, languages).prose;
    let title = if prose.title_has_results() {
        let route = page.route(&locale.tag, languages);
        prose.title_with_results(&host_of(shared, page, locale, &route))
    } else {
        None
    };
    typeset_text(&title.unwrap_or_else(|| page.title(&locale.tag, languages)), locale)
}

/// Writes a page that stands in the site under this index, with a text that may be another one. What other pages say of both must be the same.
pub fn write_as(shared: &Shared<'_>, page: &Page, index: usize, locale: &Locale) -> Written {
    let route = page.route(&locale.tag, &shared.material.site.languages);
    write_at(shared, page, locale, &Around::of(shared, locale, &route, Some(index)))
}

/// Writes a page among the others.
fn write_at(shared: &Shared<'_>, page: &Page, locale: &Locale, around: &Around) -> Written {
    let site = shared.material.site;
    let text = page.text(&locale.tag, &site.languages);
    let route = page.route(&locale.tag, &site.languages);
    let host = host_of(shared, page, locale, &route);
    // A page that is not translated is set as its own language wants it.
    let own = site.languages.iter().find(|other| other.tag == text.language).unwrap_or(locale);
    let rendered = text.prose.render(&host, own);
    let title = rendered.title.clone().unwrap_or_else(|| page.id.clone());
    let own = own_context(shared, page, locale, &host, &rendered, &text.language);
    let asked = text.prose.front.template.as_ref().map(|(name, _)| name.as_str());
    let template = asked.unwrap_or(if page.id == "index" { "home.html" } else { "page.html" });
    let html = document(shared, template, locale, &route, around, own);
    let PageHost { files, shown_claims, empty_tables, errors, good, .. } = host;
    let mut files = files.into_inner();
    let mut diagnostics = rendered.diagnostics;
    diagnostics.extend(errors.into_inner());
    diagnostics.extend(without_rows(&text.prose, &empty_tables.into_inner()));
    let mut search = None;
    match html {
        Ok(html) => {
            search = search::entry(shared, &html, &title, &route, &text.language, &mut files);
            files.insert(route.clone(), Content::Bytes(html.into_bytes()));
        }
        Err(error) => diagnostics.push(error),
    }
    Written {
        search,
        key: None,
        route,
        language: locale.tag.clone(),
        title,
        source: text.source.path.clone(),
        claims: shown_claims.into_inner(),
        files,
        diagnostics,
        good: good.into_inner(),
    }
}

/// Where a page shows tables that have no rows.
fn without_rows(prose: &Prose, targets: &BTreeSet<String>) -> Vec<Diagnostic> {
    let shown = |reference: &&Reference| {
        reference.kind == ReferenceKind::Table && targets.contains(&reference.target)
    };
    let warning = |reference: &Reference| {
        let message = format!("the table `{}` has no rows", reference.target);
        let problem = Diagnostic::warning("no-rows", message).at(reference.location.clone());
        problem
            .help("compare the `where` of its definition with the values in the table that it takes rows of")
    };
    prose.references().iter().filter(shown).map(warning).collect()
}

/// What `page` is in templates, beside what every page has.
fn own_context(
    shared: &Shared<'_>,
    page: &Page,
    locale: &Locale,
    host: &PageHost<'_>,
    rendered: &Rendered,
    content_language: &str,
) -> Templated {
    let site = shared.material.site;
    let prose = &page.text(&locale.tag, &site.languages).prose;
    let front = &prose.front;
    let title = rendered.title.clone().unwrap_or_else(|| page.id.clone());
    let title_html =
        rendered.title_html.as_ref().map_or_else(|| escape(&title), |html| html.as_str().to_owned());
    let shown = host.shown_claims.borrow();
    // The home page answers for the whole site.
    let badge = if page.id == "index" {
        badge(shared, shared.claims.keys())
    } else {
        badge(shared, shown.iter().map(|(claim, _)| claim))
    };
    let html = rendered.html.as_str();
    let (content, links) = paper::noted(html);
    let short = |text: &Option<String>| text.as_ref().map(|text| short_html(text, locale, prose.macros()));
    let (subtitle, summed_up) = (short(&front.subtitle), short(&front.r#abstract).unwrap_or_default());
    context! {
        title => title,
        title_html => Templated::from_safe_string(title_html),
        subtitle => subtitle.clone().map(Templated::from_safe_string),
        summary => page.summary(&locale.tag, &site.languages).map(|text| typeset_text(&text, locale)),
        page_abstract => Templated::from_safe_string(summed_up.clone()),
        date => front.date.as_ref().map(|date| context! { iso => iso_day(date), shown => locale.date(date) }),
        draft => front.draft,
        authors => authors(shared, page, front),
        content => Templated::from_safe_string(content),
        appendix => host.told.borrow().appendix(&links),
        content_lang => content_language,
        untranslated => content_language != locale.tag,
        outline => outline(rendered),
        has_math => rendered.has_math || summed_up.contains("<math ") || subtitle.is_some_and(|text| text.contains("<math ")),
        has_code => html.contains("<pre"),
        badge => badge,
        is_home => page.id == "index",
        picture => web::picture(shared, host.route, html),
        citation => shared.material.citation.filter(|_| page.id == "index").map(|cited| cite::context(cited, host.route)),
    }
}

/// The headings for "on this page".
fn outline(rendered: &Rendered) -> Vec<Templated> {
    let shown = rendered.outline.iter().filter(|heading| heading.level > 1 && heading.level < 4);
    let entry = |heading: &Heading| context! { level => heading.level, id => heading.id.clone(), html => heading.text.clone() };
    shown.map(entry).collect()
}

/// Who signs a page: the home page, if it names nobody, by those who sign the site.
fn authors(shared: &Shared<'_>, page: &Page, front: &FrontMatter) -> Templated {
    if front.authors.is_empty() && page.id == "index" {
        return cite::authors(shared);
    }
    let each = front.authors.iter();
    each.map(|author| context! { name => author.name.clone(), orcid => author.orcid.clone(), affiliation => author.affiliation.clone() })
        .collect()
}

fn short_html(text: &str, locale: &Locale, macros: &Macros) -> String {
    inline_html(text, locale, macros).into_string()
}

/// The day of a date as `2026-11-24`, for programs; nothing if it is written in words.
pub(super) fn iso_day(date: &str) -> Option<String> {
    let day = date.get(..10)?;
    locale::day(day).map(|_| day.to_owned())
}

/// What links begin with on the page that a server shows at any address: the path of the site, if it is known.
fn absolute(shared: &Shared<'_>, route: &Route) -> Option<String> {
    let base = shared.material.config.base_url.as_ref().filter(|_| *route == NOT_FOUND)?;
    let (_, rest) = base.split_once("://")?;
    let path = rest.split_once('/').map_or("", |(_, path)| path.trim_end_matches('/'));
    Some(if path.is_empty() { "/".to_owned() } else { format!("/{path}/") })
}

/// The address of a route on the page at another one.
pub(super) fn address(shared: &Shared<'_>, from: &Route, to: &Route) -> String {
    absolute(shared, from).map_or_else(|| relative(from, to), |base| format!("{base}{}", encoded(to)))
}

/// A whole HTML document.
fn document(
    shared: &Shared<'_>,
    template: &str,
    locale: &Locale,
    route: &Route,
    around: &Around,
    own: Templated,
) -> Result<String, Diagnostic> {
    let (site, config) = (shared.material.site, shared.material.config);
    let tag = locale.tag.as_str();
    let home = address(shared, route, &in_language(shared, tag, "index.html"));
    let translations: Vec<Templated> = site
        .languages
        .iter()
        .map(|other| {
            let target = match around.page {
                Some(index) => site.pages[index].route(&other.tag, &site.languages),
                None if *route == NOT_FOUND => in_language(shared, &other.tag, "index.html"),
                None => {
                    let plain = route.strip_prefix(&format!("{tag}/")).unwrap_or(route);
                    in_language(shared, &other.tag, plain)
                }
            };
            context! { tag => other.tag.clone(), name => other.name.clone(), url => address(shared, route, &target), absolute => web::on_the_web(shared, &target), current => other.tag == tag }
        })
        .collect();
    let root = absolute(shared, route).unwrap_or_else(|| "../".repeat(route.matches('/').count()));
    let canonical = web::on_the_web(shared, route);
    let nav = around.nav();
    let page = context! {
        lang => tag, dir => locale.direction(), root => root, home => home, translations => translations, canonical => canonical,
        is_claims => *route == claims_route(shared, tag), is_statements => *route == statements::route(shared, tag),
        is_changes => *route == changes::route(shared, tag), is_glossary => *route == glossary::route(shared, tag), is_status => *route == dashboard::route(shared, tag),
        is_analyses => *route == reference::list_route(shared, tag),
        is_contents => navigation::is_contents(shared, locale, route), is_search => *route == search::route(shared, tag), ..merge_maps([own, around.context()])
    };
    let site_context = context! {
        title => config.title.get(tag).map(|title| typeset_text(title, locale)),
        description => config.description.get(tag),
        authors => Templated::from(Serde(config.authors.clone())),
        licence => config.licence.clone(), icon => shared.material.icon.unwrap_or("assets/icon.svg"),
        analyses_url => (!shared.material.experiments.is_empty())
            .then(|| address(shared, route, &reference::list_route(shared, tag))),
        status_url => dashboard::is_there(shared).then(|| address(shared, route, &dashboard::route(shared, tag))),
        statements_url => shared.material.statements.map(|_| address(shared, route, &statements::route(shared, tag))),
        glossary_url => shared.material.glossary.map(|_| address(shared, route, &glossary::route(shared, tag))),
        changes_url => (!shared.material.history.is_empty()).then(|| address(shared, route, &changes::route(shared, tag))),
        claims_url => (!shared.claims.is_empty()).then(|| address(shared, route, &claims_route(shared, tag))),
        menu => menu::entries(shared, locale, route),
        feed_url => web::feed_route(shared, locale).map(|feed| address(shared, route, &feed)),
        prints_solutions => config.print.solutions, paper => Templated::from(Serde(config.print.paper)),
        search_url => config.search.then(|| address(shared, route, &search::route(shared, tag))),
    };
    shared.material.theme.render(
        template,
        context! { site => site_context, page => page, nav => nav, words => shared.words(locale) },
    )
}

/// The pages of a language. A claim belongs to its chapter; the home page, which comes last, shows some again.
pub(super) fn chapters_first<'a>(
    pages: &'a [Written],
    language: &'a str,
    home: &'a str,
) -> impl Iterator<Item = &'a Written> {
    let own = move |page: &&Written| page.language == language;
    let chapters = pages.iter().filter(own).filter(move |page| page.route != home);
    chapters.chain(pages.iter().filter(own).filter(move |page| page.route == home))
}

/// The route and id of the place that shows each claim, in the first language.
pub fn places_of_claims(site: &Site, pages: &[Written]) -> BTreeMap<ClaimRef, String> {
    let mut places = BTreeMap::new();
    let Some(first) = site.languages.first() else { return places };
    for page in chapters_first(pages, &first.tag, "index.html") {
        for (claim, id) in &page.claims {
            places.entry(claim.clone()).or_insert_with(|| format!("{}#{id}", page.route));
        }
    }
    places
}

/// How many claims there are and whether all turned out as expected; `None` without claims.
pub(super) fn badge<'a>(
    shared: &Shared<'_>,
    claims: impl Iterator<Item = &'a ClaimRef>,
) -> Option<Templated> {
    let good: Vec<bool> =
        claims.map(|key| shared.claims.get(key).is_some_and(super::claims::Judged::as_expected)).collect();
    (!good.is_empty()).then(|| context! { count => good.len(), good => good.iter().all(|good| *good) })
}

/// The home of a project without an `index.md`: its title and its contents.
fn plain_home(shared: &Shared<'_>, locale: &Locale) -> Written {
    let config = shared.material.config;
    let title = config.title.get(&locale.tag).unwrap_or_default().to_owned();
    let typeset = typeset_text(&title, locale);
    let route = in_language(shared, &locale.tag, "index.html");
    let own = context! {
        title => typeset.clone(), title_html => typeset,
        subtitle => config.description.get(&locale.tag).map(|text| typeset_text(text, locale)),
        authors => cite::authors(shared), citation => shared.material.citation.map(|cited| cite::context(cited, &route)),
        content => "", untranslated => false, is_home => true, outline => Vec::<String>::new(), ..bare()
    };
    extra(shared, "home.html", locale, &route, title, own)
}

fn not_found(shared: &Shared<'_>, locale: &Locale) -> Written {
    let title = locale.word("not-found").to_owned();
    let own = context! { title => title.clone(), title_html => title.clone(), outline => Vec::<String>::new(), ..bare() };
    search::unfound(extra(shared, "404.html", locale, &Route::new(NOT_FOUND), title, own))
}

/// What a page without prose has.
pub(super) fn bare() -> Templated {
    context! {
        subtitle => (), summary => (), page_abstract => (), date => (), draft => false, has_math => false, has_code => false, is_home => false, badge => (), picture => (), citation => (), appendix => (),
        authors => Vec::<String>::new(),
    }
}

pub(super) fn extra(
    shared: &Shared<'_>,
    template: &str,
    locale: &Locale,
    route: &Route,
    title: String,
    own: Templated,
) -> Written {
    let mut written = Written {
        route: route.to_owned(),
        language: locale.tag.clone(),
        title,
        source: String::new(),
        claims: Vec::new(),
        files: Files::new(),
        diagnostics: Vec::new(),
        good: LastGood::default(),
        search: None,
        key: None,
    };
    match document(shared, template, locale, route, &Around::of(shared, locale, route, None), own) {
        Ok(html) => {
            let Written { title, files, search, .. } = &mut written;
            *search = search::entry(shared, &html, title, route, &locale.tag, files);
            files.insert(route.to_owned(), Content::Bytes(html.into_bytes()));
        }
        Err(error) => written.diagnostics.push(error),
    }
    written
}
