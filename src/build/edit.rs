//! One page of a rendered site, written anew after an edit of its text that no other page shows.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::names::{self, LinkTarget};
use crate::project::Project;
use crate::prose::{Prose, ProseOptions, Reference, ReferenceKind};
use crate::render::shared::Shared;
use crate::render::{Files, pages, search};
use crate::site::{Page, Text, prose_options};
use crate::source::SourceFile;

/// Writes single pages of a site that stands.
pub struct Editor<'a> {
    shared: &'a Shared<'a>,
    options: ProseOptions,
}

/// A page after an edit.
pub struct Edited {
    /// Its files, in all languages that show this text.
    pub files: Files,
}

impl<'a> Editor<'a> {
    pub(super) fn new(project: &Project, shared: &'a Shared<'a>) -> Self {
        Self { shared, options: prose_options(project) }
    }

    /// The page of a Markdown file, by its path below the folder of experiments, with this text. `None` if the text does not belong to
    /// one page alone: if another page shows something that changed, if it names something else, or if anything is wrong with it.
    pub fn page(&self, path: &str, source: &Arc<SourceFile>) -> Option<Edited> {
        let site = self.shared.material.site;
        let (index, old) = site.text_of(path)?;
        let (prose, problems) = Prose::parse(source, &self.options);
        if !problems.is_empty()
            || !prose.is_told_like(&old.prose)
            || !self.leads_to_what_is_there(index, &prose)
        {
            return None;
        }
        let language = old.language.clone();
        let text = Text { language: language.clone(), prose, source: Arc::clone(source) };
        let id = site.pages[index].id.clone();
        let page = Page { id, texts: BTreeMap::from([(language.clone(), text)]) };
        let mut edited = Edited { files: Files::new() };
        let shown = site
            .languages
            .iter()
            .filter(|locale| site.pages[index].text(&locale.tag, &site.languages).language == language);
        for locale in shown {
            let written = pages::write_as(self.shared, &page, index, locale);
            if !written.diagnostics.is_empty() {
                return None;
            }
            // What searches know of the page moves with the next whole rebuild, which numbers the pages.
            edited.files.extend(search::unfound(written).files);
        }
        Some(edited)
    }

    /// Whether all works are there that a text cites, and all pages and places that it links to. A file that it links to may not be part of the
    /// site yet.
    fn leads_to_what_is_there(&self, index: usize, prose: &Prose) -> bool {
        let material = self.shared.material;
        let page = &material.site.pages[index];
        let known = page.texts.values().flat_map(|text| text.prose.references());
        let known: BTreeSet<&str> = links(known).collect();
        let is_there = |target: &str| {
            let found = names::resolve(material.site, page.folder(), target, material.has_file);
            known.contains(target) || matches!(found, Ok(LinkTarget::Page(..)))
        };
        links(prose.references().iter()).all(is_there)
            && material.bibliography.check(prose.references()).is_empty()
    }
}

/// What a text links to.
fn links<'a>(references: impl IntoIterator<Item = &'a Reference>) -> impl Iterator<Item = &'a str> {
    let links = references.into_iter().filter(|reference| reference.kind == ReferenceKind::Link);
    links.map(|reference| reference.target.as_str())
}
