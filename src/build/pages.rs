//! Which pages would be written anew, and what made them so: the key of each page is remembered with the one before it, and beside each key
//! what it was made of.

use std::collections::BTreeMap;

use octavo_plugin::{ContentHasher, Digest};
use serde::{Deserialize, Serialize};

use super::check::Checked;
use super::render::Rendered;
use super::sources::sources;
use super::status::FOLDER;
use crate::disk;
use crate::ids::{ItemRef, Route};
use crate::memo::Memo;
use crate::project::Project;
use crate::render::made_of::{self, MadeOf, PartChange};
use crate::render::remembered;
use crate::site::Page;
use crate::store::Store;

/// What is remembered of the pages of this checkout under a profile.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
struct Pages {
    /// By route, the key of each page and the one before it.
    keys: BTreeMap<Route, (Digest, Option<Digest>)>,
    /// What all pages load, and what they loaded before it was changed for the last time.
    loaded: MadeOf,
    before: Option<MadeOf>,
}

fn name(profile: Option<&str>) -> String {
    let digest = ContentHasher::new("octavo pages").text(profile.unwrap_or_default()).finish();
    format!("{FOLDER}/{}", &digest.hex()[..32])
}

fn known(store: &Store, profile: Option<&str>) -> Pages {
    let bytes = disk::read(&store.folder().join(name(profile))).ok().flatten();
    bytes.and_then(|bytes| serde_json::from_slice(&bytes).ok()).unwrap_or_default()
}

/// Remembers by which keys pages were written. It is worth nothing but explanations: what goes wrong is no trouble.
pub fn remember_pages(store: &Store, checked: &Checked, rendered: &Rendered, profile: Option<&str>) {
    let Some(theme) = &checked.theme else { return };
    let last = known(store, profile);
    let mut now = Pages { loaded: made_of::loaded(theme), ..Pages::default() };
    now.before = if now.loaded == last.loaded { last.before.clone() } else { Some(last.loaded.clone()) };
    // What was loaded before anything was remembered is not known.
    now.before = now.before.filter(|before| *before != MadeOf::default());
    for (route, key) in &rendered.pages {
        let entry = match (last.keys.get(route), key) {
            // A page with which something is wrong is not remembered.
            (last, None) => last.copied(),
            (Some(last), Some(key)) if last.0 == *key => Some(*last),
            (last, Some(key)) => Some((*key, last.map(|last| last.0))),
        };
        now.keys.extend(entry.map(|entry| (route.clone(), entry)));
    }
    let folder = store.folder();
    if now != last
        && disk::create_folders(&folder.join(FOLDER)).is_ok()
        && let Ok(json) = serde_json::to_vec(&now)
    {
        let _ = disk::write_durably_from(&folder.join("tmp"), &folder.join(name(profile)), &json);
    }
}

/// What a build would do with a page.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct PageProspect {
    /// Where it stands.
    pub route: Route,
    /// In what it differs from what was written last, as far as that is known without results; null if nothing is known of that.
    pub changes: Option<Vec<PartChange>>,
    /// In what that differed from what was written before it; null if that is not known.
    pub last: Option<Vec<PartChange>>,
    /// In what the files that all pages load differ from those that were published last.
    pub loads: Vec<PartChange>,
    /// In what those differed from what was published before; null if that is not known.
    pub loaded: Option<Vec<PartChange>>,
}

/// What pages are made of today.
pub struct Today<'a> {
    checked: &'a Checked,
    store: &'a Store,
    pages: Pages,
    common: MadeOf,
    loaded: MadeOf,
}

impl<'a> Today<'a> {
    /// That of a project; `None` if a template is wrong.
    pub fn new(
        project: &Project,
        checked: &'a Checked,
        (store, program): (&'a Store, Digest),
        profile: Option<&str>,
    ) -> Option<Self> {
        let theme = checked.theme.as_ref()?;
        let common = made_of::of_all(program, theme, &sources(project), &checked.site.languages);
        Some(Self { checked, store, pages: known(store, profile), common, loaded: made_of::loaded(theme) })
    }

    /// What a build would do with a page, in each language in which it is shown with a text of this language, or in all.
    pub fn page(&self, page: &Page, language: Option<&str>) -> Vec<PageProspect> {
        let languages = &self.checked.site.languages;
        let shown = languages.iter().filter(|locale| {
            language.is_none_or(|asked| page.text(&locale.tag, languages).language == asked)
        });
        shown.map(|locale| self.at(page, &locale.tag)).collect()
    }

    fn at(&self, page: &Page, language: &str) -> PageProspect {
        let languages = &self.checked.site.languages;
        let route = page.route(language, languages);
        let keys = self.pages.keys.get(&route);
        let made = |key: &Digest| remembered::made_of(Memo::new(self.store), key);
        let was = keys.and_then(|(key, _)| made(key));
        let before = keys.and_then(|(_, before)| made(before.as_ref()?));
        let mut today = self.common.clone();
        let text = page.text(language, languages);
        made_of::of_text(text, &mut today);
        for reference in text.prose.references() {
            let id = ItemRef::parse(&reference.target).from(&page.id).0;
            if let Some(experiment) = self.checked.plan.experiments.iter().find(|one| one.id == id) {
                made_of::of_definition(reference, &page.id, experiment, &mut today);
            }
        }
        PageProspect {
            route,
            changes: was.as_ref().map(|was| was.plain().changes(&today)),
            last: before.zip(was).map(|(before, was)| before.changes(&was)),
            loads: self.pages.loaded.changes(&self.loaded),
            loaded: self.pages.before.as_ref().map(|before| before.changes(&self.pages.loaded)),
        }
    }

    /// In what all pages differ from what was written last, and in what the files do that all load; nothing if no page is remembered.
    pub fn of_all(&self) -> Vec<PartChange> {
        let made = |(key, _): &(Digest, _)| remembered::made_of(Memo::new(self.store), key);
        let Some(was) = self.pages.keys.values().find_map(made) else { return Vec::new() };
        let mut changes = was.plain().changes(&self.common);
        changes.retain(|change| change.kind.is_of_all());
        changes.extend(self.pages.loaded.changes(&self.loaded));
        changes
    }
}
