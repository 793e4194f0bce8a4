//! One page of a rendered site, written anew after an edit of its text that no other page shows.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::project::Project;
use crate::prose::{Prose, ProseOptions};
use crate::render::shared::Shared;
use crate::render::{Files, pages};
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
        if !problems.is_empty() || !prose.is_told_like(&old.prose) {
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
            edited.files.extend(written.files);
        }
        Some(edited)
    }
}
