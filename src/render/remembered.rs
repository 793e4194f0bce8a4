//! Pages that were written before and show the same. A page is remembered by a digest of all that it shows: every name that it
//! uses is known from its text, so that the key is put together without writing the page.

use std::collections::BTreeMap;
use std::convert::Infallible;
use std::sync::{Mutex, PoisonError};

use indexmap::IndexMap;
use octavo_plugin::{ContentHasher, Digest};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Files;
use super::host::PageHost;
use super::last_good::LastGood;
use super::made_of::{self, MadeOf, PartKind};
use super::navigation::Around;
use super::pages::{self, Written};
use super::shared::Shared;
use super::web;
use crate::ids::{ClaimRef, ItemRef, Route};
use crate::locale::Locale;
use crate::memo::{Answer, Memo};
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
    /// What it shares with others is remembered by this digest.
    common: Digest,
    /// What else it was made of.
    parts: MadeOf,
}

/// All these pages in these languages: those that show what they showed, and the others as `write` gives them. They go to the store
/// when they are written, so that no more than some are in memory.
pub(super) fn all(
    shared: &Shared<'_>,
    each: &[(usize, &Locale)],
    write: &(dyn Fn(usize, &Locale, &Around) -> Written + Sync),
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
            false => written.extend(pages.map(|(page, _)| Written { key: None, ..page })),
        }
    });
    written
}

/// What is to be remembered of a page that was written now.
struct New {
    key: Digest,
    common: Digest,
    parts: MadeOf,
}

/// A page, and what is to be remembered of it if it was written now and is good.
fn found_or_written(
    shared: &Shared<'_>,
    index: usize,
    locale: &Locale,
    common: Digest,
    write: &(dyn Fn(usize, &Locale, &Around) -> Written + Sync),
) -> (Written, Option<New>) {
    let site = shared.material.site;
    let page = &site.pages[index];
    let route = page.route(&locale.tag, &site.languages);
    let around = Around::of(shared, locale, &route, Some(index));
    let parts = of_page(&pages::host_of(shared, page, locale, &route), &around);
    let key = parts.as_ref().map(|parts| key_of(common, parts));
    let found = key.and_then(|key| find(shared, &key));
    if let Some(Answer { data: Sheet { title, claims, good, search, .. }, files, .. }) = found {
        let source = page.text(&locale.tag, &site.languages).source.path.clone();
        let (language, files) = (locale.tag.clone(), by_route(files));
        let diagnostics = Vec::new();
        let page = Written { route, language, title, source, claims, files, diagnostics, good, search, key };
        return (page, None);
    }
    let mut written = write(index, locale, &around);
    // What is wrong with a page is told each time.
    written.key = key.filter(|_| written.diagnostics.is_empty());
    let new = written.key.zip(parts).map(|(key, parts)| New { key, common, parts });
    (written, new)
}

/// Puts what was written now into the store.
fn kept(shared: &Shared<'_>, pages: Vec<(Written, Option<New>)>) -> Vec<Written> {
    let (mut written, mut made, mut places) = (Vec::with_capacity(pages.len()), Vec::new(), Vec::new());
    for (mut page, new) in pages {
        let Some(New { key, common, parts }) = new else {
            written.push(page);
            continue;
        };
        let mut bytes = Vec::new();
        for (route, content) in std::mem::take(&mut page.files) {
            match content {
                Content::Bytes(content) => bytes.push((route.into(), content)),
                Content::Stored(_) => drop(page.files.insert(route, content)),
            }
        }
        let Written { title, claims, good, search, .. } = page.clone();
        let sheet = Sheet { title, claims, good, search, common, parts };
        made.push((key, (sheet, bytes)));
        places.push((written.len(), key));
        written.push(page);
    }
    for ((place, key), answer) in places.into_iter().zip(shared.material.memo.keep(made)) {
        if let Some(memory) = shared.material.pages.filter(|_| answer.remembered) {
            memory.put(key, answer.clone());
        }
        written[place].files.extend(by_route(answer.files));
    }
    written
}

/// Files of an answer whose outputs are called by their routes.
fn by_route(files: IndexMap<String, Content>) -> Files {
    files.into_iter().map(|(route, content)| (Route::new(route), content)).collect()
}

/// Digest of what all pages of a language share. What that is, is remembered by it, for explanations.
fn of_language(shared: &Shared<'_>, locale: &Locale) -> Digest {
    let material = shared.material;
    let languages = &material.site.languages;
    let mut parts = made_of::of_all(material.program, material.theme, &material.sources, languages);
    let lists = ContentHasher::new("octavo lists of a language")
        .text(&locale.tag)
        .text(&web::feed_route(shared, locale).unwrap_or_default())
        .number(shared.claims.len().min(1) as u64)
        .number(material.experiments.len().min(1) as u64)
        .finish();
    parts.add(PartKind::Lists, "", lists);
    let mut hasher = ContentHasher::new("octavo pages of a language");
    parts.add_to(&mut hasher);
    let digest = hasher.finish();
    let made = || Ok::<_, Infallible>((parts, Vec::new()));
    let Ok(_) = material.memo.get_or_make(&digest, made);
    digest
}

/// What a page is made of beside what it shares; `None` if it shows something that is not good today, or that nobody knows.
fn of_page(host: &PageHost<'_>, around: &Around) -> Option<MadeOf> {
    let text = host.page.text(&host.locale.tag, &host.shared.material.site.languages);
    let mut parts = MadeOf::default();
    // The text alone does not say where links that it names lead from.
    parts.add_text(PartKind::Place, "", &format!("{} {}", host.page.id, host.route.as_str()));
    made_of::of_text(text, &mut parts);
    let mut hasher = ContentHasher::new("octavo neighbours of a page");
    around.add_to(&mut hasher);
    if host.page.id == "index" {
        // The home page answers for the whole site.
        let claims = &host.shared.claims;
        let good = claims.values().filter(|judged| judged.as_expected()).count();
        hasher.number(claims.len() as u64).number(good as u64);
    }
    parts.add(PartKind::Neighbours, "", hasher.finish());
    for reference in text.prose.references() {
        add(host, reference, &mut parts)?;
    }
    Some(parts)
}

fn add(host: &PageHost<'_>, reference: &Reference, parts: &mut MadeOf) -> Option<()> {
    let shared = host.shared;
    let id = ItemRef::parse(&reference.target).from(&host.page.id).0;
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
            made_of::of_definition(reference, &host.page.id, experiment, parts);
            let analysis = &experiment.analysis.identity().name;
            let drawing = ContentHasher::new("octavo drawing of a page")
                .add(&drawn.key)
                .number(experiment.replicates.into())
                .text(&host.full_tables(&figure).iter().map(ToString::to_string).collect::<String>())
                .number(u64::from(super::reference::exists(shared, analysis)))
                .finish();
            parts.add(PartKind::Drawing, figure.to_string(), drawing);
        }
        ReferenceKind::Table | ReferenceKind::Value => {
            let related = good_results(host, id)?;
            made_of::of_definition(reference, &host.page.id, shared.material.experiments.get(id)?, parts);
            parts.add(PartKind::Results, id, related.digest);
        }
        ReferenceKind::Claim => {
            let claim = host.named(&reference.target).ok()?;
            let judged = shared.claims.get(&claim)?;
            judged.is_good().then_some(())?;
            let standing = format!("{:?} {:?}", judged.standing, judged.fresh);
            let digest = ContentHasher::new("octavo claim of a page")
                .add(&json!([judged.decision, judged.text, judged.check, judged.expect, standing]))
                .finish();
            parts.add(PartKind::Claim, claim.to_string(), digest);
        }
        ReferenceKind::Link => {
            parts.add_text(PartKind::Link, &reference.target, &host.link(&reference.target).ok()?);
        }
        // Works and words are among what all pages share, and places of the page are in its text.
        ReferenceKind::Cite | ReferenceKind::Mention | ReferenceKind::Term | ReferenceKind::CrossRef => {}
    }
    Some(())
}

/// All that the page under a key was made of; `None` if that is not remembered any more.
pub fn made_of(memo: Memo<'_>, key: &Digest) -> Option<MadeOf> {
    let sheet: Answer<Sheet> = memo.find(key)?;
    let common: Answer<MadeOf> = memo.find(&sheet.data.common)?;
    Some(sheet.data.parts.and(&common.data))
}

/// The key of a page of these parts.
fn key_of(common: Digest, parts: &MadeOf) -> Digest {
    let mut hasher = ContentHasher::new("octavo page");
    hasher.add(&common);
    parts.add_to(&mut hasher);
    hasher.finish()
}

/// The results of an experiment none of whose tasks failed.
fn good_results<'a>(host: &PageHost<'a>, id: &str) -> Option<&'a Related> {
    host.shared.material.related.get(id).filter(|related| related.results.failed.is_empty())
}
