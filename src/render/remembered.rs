//! Pages that were written before and show the same. A page is remembered by a digest of all that it shows: every name that it
//! uses is known from its text, so that the key is put together without writing the page.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;
use octavo_plugin::{ContentHasher, Digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Files;
use super::host::PageHost;
use super::last_good::LastGood;
use super::navigation::Around;
use super::pages::{self, Written};
use super::shared::Shared;
use super::web;
use crate::ids::{ClaimRef, ItemRef, Route};
use crate::locale::Locale;
use crate::memo::Answer;
use crate::prose::{ProseHost as _, Reference, ReferenceKind};
use crate::publish::Content;
use crate::relate::Related;
use crate::render::search::Entry;
use crate::theme::in_batches;
use crate::timings::{TimedKind, timed};

/// So many pages are put into the store together, so that the disk is waited for once. While they are, the next are written, and no more
/// than these are in memory.
const AT_ONCE: usize = 128;

/// Pages that the last rendering of a session found or wrote, by key: they are found again without the disk.
#[derive(Debug, Default)]
pub struct PageMemory {
    last: BTreeMap<Digest, Answer<Sheet>>,
    now: Mutex<BTreeMap<Digest, Answer<Sheet>>>,
}

impl PageMemory {
    /// Another rendering begins: what the last one did not use is forgotten.
    pub fn turn(&mut self) {
        self.last = std::mem::take(self.now.get_mut().unwrap_or_else(PoisonError::into_inner));
    }

    fn find(&self, key: &Digest) -> Option<Answer<Sheet>> {
        let found = self.last.get(key).cloned()?;
        self.put(*key, found.clone());
        Some(found)
    }

    fn put(&self, key: Digest, answer: Answer<Sheet>) {
        self.now.lock().unwrap_or_else(PoisonError::into_inner).insert(key, answer);
    }
}

/// A page that shows what it showed, from the memory of a session or from the store.
fn find(shared: &Shared<'_>, key: &Digest) -> Option<Answer<Sheet>> {
    let Some(memory) = shared.material.pages else { return shared.material.memo.find(key) };
    memory.find(key).or_else(|| {
        let found: Answer<Sheet> = shared.material.memo.find(key)?;
        memory.put(*key, found.clone());
        Some(found)
    })
}

/// What is remembered of a page beside its files.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sheet {
    title: String,
    claims: Vec<(ClaimRef, String)>,
    good: LastGood,
    search: Option<Entry>,
}

/// All these pages in these languages: those that show what they showed, and the others as `write` gives them. They go to the store
/// when they are written, so that no more than some are in memory.
pub(super) fn all(
    shared: &Shared<'_>,
    each: &[(usize, &Locale)],
    write: &(dyn Fn(usize, &Locale) -> Written + Sync),
) -> Vec<Written> {
    let languages = shared.material.site.languages.iter();
    let common: BTreeMap<&str, Digest> =
        languages.map(|locale| (locale.tag.as_str(), of_language(shared, locale))).collect();
    let store = shared.material.store;
    let mut written = Vec::with_capacity(each.len());
    let page = |number: usize| {
        let (page, locale) = each[number];
        let site = shared.material.site;
        let name = || site.pages[page].route(&locale.tag, &site.languages).into();
        let (losses, common) = (store.losses(), common[locale.tag.as_str()]);
        (losses, timed(TimedKind::Page, name, || found_or_written(shared, page, locale, common, write)))
    };
    in_batches(each.len(), AT_ONCE, &page, |pages| {
        // What was written while the store lost something may lack it.
        let whole = pages.iter().all(|(losses, _)| *losses == store.losses());
        let pages = pages.into_iter().map(|(_, page)| page);
        match whole {
            true => written.extend(kept(shared, pages.collect())),
            false => written.extend(pages.map(|(page, _)| page)),
        }
    });
    written
}

/// A page with the key to remember it by, if it was written now and is good.
fn found_or_written(
    shared: &Shared<'_>,
    index: usize,
    locale: &Locale,
    common: Digest,
    write: &(dyn Fn(usize, &Locale) -> Written + Sync),
) -> (Written, Option<Digest>) {
    let site = shared.material.site;
    let page = &site.pages[index];
    let route = page.route(&locale.tag, &site.languages);
    let around = Around::of(shared, locale, &route, Some(index));
    let key = of_page(&pages::host_of(shared, page, locale, &route), &around, common);
    let found = key.and_then(|key| find(shared, &key));
    if let Some(Answer { data: Sheet { title, claims, good, search }, files, .. }) = found {
        let source = page.text(&locale.tag, &site.languages).source.path.clone();
        let (language, files) = (locale.tag.clone(), by_route(files));
        let diagnostics = Vec::new();
        let page = Written { route, language, title, source, claims, files, diagnostics, good, search };
        return (page, None);
    }
    let written = write(index, locale);
    // What is wrong with a page is told each time.
    let key = key.filter(|_| written.diagnostics.is_empty());
    (written, key)
}

/// Puts what was written now into the store.
fn kept(shared: &Shared<'_>, mut pages: Vec<(Written, Option<Digest>)>) -> Vec<Written> {
    let mut made = Vec::new();
    for (page, key) in pages.iter_mut().filter_map(|(page, key)| Some((page, (*key)?))) {
        let mut bytes = Vec::new();
        for (route, content) in std::mem::take(&mut page.files) {
            match content {
                Content::Bytes(content) => bytes.push((route.into(), content)),
                Content::Stored(_) => drop(page.files.insert(route, content)),
            }
        }
        let Written { title, claims, good, search, .. } = page.clone();
        let sheet = Sheet { title, claims, good, search };
        made.push((key, (sheet, bytes)));
    }
    let mut answers = shared.material.memo.keep(made).into_iter();
    for (page, key) in pages.iter_mut().filter_map(|(page, key)| Some((page, (*key)?))) {
        let Some(answer) = answers.next() else { continue };
        if let Some(memory) = shared.material.pages.filter(|_| answer.remembered) {
            memory.put(key, answer.clone());
        }
        page.files.extend(by_route(answer.files));
    }
    pages.into_iter().map(|(page, _)| page).collect()
}

/// Files of an answer whose outputs are called by their routes.
fn by_route(files: IndexMap<String, Content>) -> Files {
    files.into_iter().map(|(route, content)| (Route::new(route), content)).collect()
}

/// Digest of what all pages of a language share: the program, the project file, templates, works and interface words.
fn of_language(shared: &Shared<'_>, locale: &Locale) -> Digest {
    let material = shared.material;
    let site = material.site;
    let mut hasher = ContentHasher::new("octavo pages of a language");
    hasher.add(&material.program).add(&material.theme.digest()).add(&material.sources);
    hasher.text(&format!("{:?}", site.languages)).text(&locale.tag);
    hasher.text(&web::feed_route(shared, locale).unwrap_or_default());
    hasher.number(shared.claims.len().min(1) as u64).number(material.experiments.len().min(1) as u64);
    hasher.finish()
}

/// The key of a page; `None` if it shows something that is not good today, or that nobody knows.
fn of_page(host: &PageHost<'_>, around: &Around, language: Digest) -> Option<Digest> {
    let text = host.page.text(&host.locale.tag, &host.shared.material.site.languages);
    let mut hasher = ContentHasher::new("octavo page");
    hasher.add(&language).text(&host.page.id).text(host.route);
    // The text alone does not say in which language it is, nor where links that it names lead from.
    hasher.text(&text.language).text(&text.source.path).text(&text.source.text);
    around.add_to(&mut hasher);
    for reference in text.prose.references() {
        hasher.text(&format!("{:?}", reference.kind)).text(&reference.target);
        add(host, reference, &mut hasher)?;
    }
    if host.page.id == "index" {
        // The home page answers for the whole site.
        let claims = &host.shared.claims;
        let good = claims.values().filter(|judged| judged.as_expected()).count();
        hasher.number(claims.len() as u64).number(good as u64);
    }
    Some(hasher.finish())
}

fn add(host: &PageHost<'_>, reference: &Reference, hasher: &mut ContentHasher) -> Option<()> {
    let shared = host.shared;
    let (id, name) = ItemRef::parse(&reference.target).from(&host.page.id);
    match reference.kind {
        ReferenceKind::Figure => {
            let figure = host.named(&reference.target).ok()?;
            let drawn = shared
                .figures
                .get(&figure.clone().in_language(&host.locale.tag))?
                .as_ref()
                .ok()
                .filter(|drawn| drawn.stale.is_none())?;
            let experiment = shared.material.experiments.get(id)?;
            hasher.add(&drawn.key).text(&experiment.source.text).number(experiment.replicates.into());
            hasher.text(&host.full_tables(&figure).iter().map(ToString::to_string).collect::<String>());
            let analysis = &experiment.analysis.identity().name;
            hasher.number(u64::from(super::reference::exists(shared, analysis)));
        }
        ReferenceKind::Table => {
            good_results(host, id)?;
            let experiment = shared.material.experiments.get(id)?;
            hasher.add(&shared.material.related.get(id)?.digest);
            hasher.add(&json!(experiment.manifest.tables.get(name)));
        }
        ReferenceKind::Value => {
            let related = good_results(host, id)?;
            let experiment = shared.material.experiments.get(id)?;
            hasher.add(&related.digest).add(&json!(experiment.manifest.values.get(name)));
        }
        ReferenceKind::Claim => {
            let judged = shared.claims.get(&host.named(&reference.target).ok()?)?;
            judged.is_good().then_some(())?;
            let standing = format!("{:?} {:?}", judged.standing, judged.fresh);
            hasher.add(&json!([judged.decision, judged.text, judged.check, judged.expect, standing]));
        }
        ReferenceKind::Link => {
            hasher.text(&host.link(&reference.target).ok()?);
        }
        // Works are among what all pages share, and places of the page are in its text.
        ReferenceKind::Cite | ReferenceKind::Mention | ReferenceKind::CrossRef => {}
    }
    Some(())
}

/// The results of an experiment none of whose tasks failed.
fn good_results<'a>(host: &PageHost<'a>, id: &str) -> Option<&'a Related> {
    host.shared.material.related.get(id).filter(|related| related.results.failed.is_empty())
}
