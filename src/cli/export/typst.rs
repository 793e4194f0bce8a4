//! `octavo export typst`: pages as sources of Typst documents, with their pictures, fonts and works.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use clap::Args;
use octavo_plugin::counted;

use super::super::build::{Computed, rendered};
use super::super::chosen;
use super::super::session::{ExitCode, Session};
use super::put;
use crate::config::BibliographyStyle;
use crate::diagnostic::Diagnostic;
use crate::figure;
use crate::ids::Route;
use crate::locale::Locale;
use crate::project::Project;
use crate::prose::{CitationStyle, TypstAround, TypstPage, to_typst};
use crate::publish::Content;
use crate::site::Page;

/// Arguments of `octavo export typst`.
#[derive(Args, Debug)]
pub(in crate::cli) struct Typst {
    /// Pages as `octavo list pages` names them, or folders of pages, which stand for all that is in them
    #[arg(value_name = "PAGE", required = true)]
    pages: Vec<String>,
    /// The language of the pages; by default the project's first
    #[arg(long, value_name = "TAG")]
    language: Option<String>,
    /// The folder that the files are written into
    #[arg(long, value_name = "FOLDER", default_value = "typst")]
    into: PathBuf,
}

impl Typst {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        rendered(session, true, |computed| self.write(session, computed)).unwrap_or_else(|code| code)
    }

    fn write(&self, session: &Session, computed: &Computed<'_>) -> Result<ExitCode, ExitCode> {
        let project = computed.keeper.project;
        let refuse = |problem| session.refuse(problem);
        let locale = chosen::language(project, self.language.as_deref()).map_err(refuse)?;
        let pages = chosen::pages(&computed.keeper.checked.site, &self.pages).map_err(refuse)?;
        let mut code = if computed.good { ExitCode::Good } else { ExitCode::Failed };
        let (mut pictures, mut cites) = (BTreeMap::new(), false);
        for page in pages {
            let name = chosen::file_name(&page.id, locale, &project.locales, "typ");
            let document = match document(computed, page, locale) {
                Ok(document) => document,
                Err(problem) => {
                    session.output.problem(problem);
                    code = ExitCode::Failed;
                    continue;
                }
            };
            for what in &document.problems {
                let message = format!("`{name}` is not the whole page: {what}");
                session.output.problem(Diagnostic::warning("incomplete", message));
                code = ExitCode::Failed;
            }
            self.put(session, &name, document.source.as_bytes())?;
            session.output.line(&format!("wrote `{}`", self.into.join(&name).display()));
            pictures.extend(document.pictures);
            cites |= document.cites;
        }
        self.put_pictures(session, computed, &pictures)?;
        if cites {
            self.put_works(session, project)?;
        }
        session.output.line(&format!(
            "wrote {} beside; compile with `typst compile --font-path fonts --pdf-standard ua-1`",
            counted(pictures.len(), "picture")
        ));
        Ok(code)
    }

    fn put(&self, session: &Session, name: &str, bytes: &[u8]) -> Result<(), ExitCode> {
        let path: &Path = &session.folder.join(&self.into).join(name);
        put(path, bytes).map_err(|error| {
            session.output.problem(Diagnostic::error("target", error.to_string()));
            ExitCode::Failed
        })
    }

    /// Writes the pictures, and the fonts that drawings are set in.
    fn put_pictures(
        &self,
        session: &Session,
        computed: &Computed<'_>,
        pictures: &BTreeMap<String, String>,
    ) -> Result<(), ExitCode> {
        for (route, name) in pictures {
            let Some(bytes) = bytes(computed, &Route::new(route.as_str())) else {
                let message = format!("the file `{route}` is not there");
                session.output.problem(Diagnostic::error("incomplete", message));
                return Err(ExitCode::Failed);
            };
            self.put(session, name, &bytes)?;
        }
        for (name, bytes) in figure::text::font_files() {
            self.put(session, &format!("fonts/{name}"), bytes)?;
        }
        Ok(())
    }

    fn put_works(&self, session: &Session, project: &Project) -> Result<(), ExitCode> {
        if let Some(works) = &project.bibliography {
            self.put(session, WORKS, works.text.as_bytes())?;
        }
        match &project.csl_source {
            Some(style) => self.put(session, STYLE, style.text.as_bytes()),
            None => Ok(()),
        }
    }
}

/// The file of works beside a document.
const WORKS: &str = "references.bib";
/// The style of citation, if the project has a file of one.
const STYLE: &str = "style.csl";

/// The document of a page, with the routes of its pictures.
fn document(computed: &Computed<'_>, page: &Page, locale: &Locale) -> Result<TypstPage, Diagnostic> {
    let project = computed.keeper.project;
    let route = page.route(&locale.tag, &project.locales);
    let wrong = |message: String| Diagnostic::error("incomplete", message);
    let html = bytes(computed, &route).and_then(|bytes| String::from_utf8(bytes).ok());
    let html = html.ok_or_else(|| wrong(format!("the page `{}` was not written", page.id)))?;
    let text = page.text(&locale.tag, &project.locales);
    let own = project.locales.iter().find(|other| other.tag == text.language).unwrap_or(locale);
    let style = match &project.config.bibliography_style {
        BibliographyStyle::File(_) => STYLE,
        BibliographyStyle::Own(CitationStyle::Numbers) => "ieee",
        BibliographyStyle::Own(CitationStyle::AuthorYear) => "chicago-author-date",
    };
    let around = TypstAround {
        language: &text.language,
        route: route.as_str(),
        word: &|key| own.word(key).to_owned(),
        bibliography: WORKS,
        style,
        base: project.config.base_url.as_deref(),
        names: &picture_name,
    };
    let document = to_typst(&html, &around);
    if document.source.is_empty() {
        let help = "a page with a template of its own has its text in an element of the class `prose`";
        return Err(wrong(format!("the page `{}` has no text", page.id)).help(help));
    }
    Ok(document)
}

/// What a picture is called beside the document: the same for every page that shows it.
fn picture_name(route: &str) -> String {
    let plain = route.strip_prefix("figures/").unwrap_or(route);
    format!("figures/{}", plain.replace('/', "-"))
}

/// A file of the site.
fn bytes(computed: &Computed<'_>, route: &Route) -> Option<Vec<u8>> {
    match computed.rendered.files.get(route)? {
        Content::Bytes(bytes) => Some(bytes.clone()),
        Content::Stored(digest) => computed.store.get(digest).ok().flatten(),
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn pictures_of_all_folders_stand_in_one() {
        let names: BTreeSet<String> =
            ["figures/a/b/c.svg", "a/c.png", "c.png"].iter().map(|route| picture_name(route)).collect();
        assert_eq!(
            names.into_iter().collect::<Vec<_>>(),
            ["figures/a-b-c.svg", "figures/a-c.png", "figures/c.png"]
        );
    }
}
