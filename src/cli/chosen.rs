//! Which pages and which language a command was asked for.

use crate::diagnostic::Diagnostic;
use crate::locale::{self, Locale};
use crate::project::Project;
use crate::site::{Page, Site};

/// The language that was asked for; by default the project's first.
pub(super) fn language<'a>(project: &'a Project, asked: Option<&str>) -> Result<&'a Locale, Diagnostic> {
    let known = || project.locales.iter().map(|locale| locale.tag.as_str());
    let asked = asked.or_else(|| known().next()).unwrap_or("en");
    project.locales.iter().find(|locale| locale.tag == asked).ok_or_else(|| {
        let problem = format!("the project has no language `{asked}`");
        Diagnostic::error("unknown-language", problem).nearest(asked, known())
    })
}

/// The pages that were named, or that lie in a folder that was, each once, in the order of the words.
pub(super) fn pages<'a>(site: &'a Site, words: &[String]) -> Result<Vec<&'a Page>, Diagnostic> {
    let mut chosen: Vec<&Page> = Vec::new();
    for word in words {
        let name = word.trim_end_matches('/');
        let name = name.strip_suffix(".md").unwrap_or(name);
        let within = format!("{name}/");
        let found: Vec<&Page> =
            site.pages.iter().filter(|page| page.id == name || page.id.starts_with(&within)).collect();
        if found.is_empty() {
            let problem = format!("there is no page and no folder of pages `{word}`");
            let known = site.pages.iter().map(|page| page.id.as_str());
            return Err(Diagnostic::error("unknown-page", problem).nearest(name, known));
        }
        for page in found {
            if !chosen.iter().any(|other| other.id == page.id) {
                chosen.push(page);
            }
        }
    }
    Ok(chosen)
}

/// What the file of a page is called: `dragon.pdf`, `folding-parallel.fr.pdf`.
pub(super) fn file_name(id: &str, language: &Locale, languages: &[Locale], ending: &str) -> String {
    let name = id.strip_suffix("/index").unwrap_or(id).replace('/', "-");
    match locale::is_first(languages, &language.tag) {
        true => format!("{name}.{ending}"),
        false => format!("{name}.{}.{ending}", language.tag),
    }
}
