//! `octavo list`: what there is.

use std::sync::Arc;

use clap::{Args, ValueEnum};
use octavo_plugin::{Localized, plural};
use serde_json::{Map, Value as Json, json};

use super::plugins::Listed;
use super::session::{ExitCode, Session};
use crate::build::Definitions;
use crate::experiment::Experiment;
use crate::locale::Locale;
use crate::plain;
use crate::project::Project;
use crate::site::{Page, Sheets, Site};

/// Arguments of `octavo list`.
#[derive(Args, Debug)]
pub(super) struct List {
    /// What to list
    #[arg(value_enum, default_value_t = What::Experiments)]
    what: What,
    /// How it is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    /// Experiments with their analysis and number of tasks.
    Experiments,
    /// Markdown pages.
    Pages,
    /// Analyses with their revision.
    Analyses,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// A line each, for people.
    Text,
    /// One JSON object.
    Json,
}

impl List {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let text = match self.what {
            What::Experiments => self.experiments(session),
            What::Pages => self.pages(session),
            What::Analyses => self.analyses(session),
        };
        text.and_then(|text| session.output.result(&text)).err().unwrap_or(ExitCode::Good)
    }

    /// Each of some things as a line, or all of them as an object with a list.
    fn written<T>(
        &self,
        name: &str,
        all: &[T],
        line: impl Fn(&T) -> String,
        json: impl Fn(&T) -> Json,
    ) -> String {
        match self.format {
            Format::Text => all.iter().map(line).collect::<Vec<_>>().join("\n"),
            Format::Json => json!({ name: all.iter().map(json).collect::<Vec<_>>() }).to_string(),
        }
    }

    fn experiments(&self, session: &Session) -> Result<String, ExitCode> {
        let loaded = session.loaded()?;
        let Definitions { experiments, problems, .. } = loaded.definitions(&session.choice());
        session.output.diagnostics(&[loaded.problems, problems].concat());
        let line = |one: &Arc<Experiment>| {
            let (tasks, title) = (one.tasks(), one.manifest.title.get("en").unwrap_or_default());
            let noun = plural(&tasks, "task");
            format!("{:<28} {:<12} {tasks:>5} {noun:<5}  {title}", one.id, one.manifest.analysis)
        };
        let locales = &loaded.project.locales;
        let json = |one: &Arc<Experiment>| {
            let claims: Vec<&String> = one.manifest.claims.keys().collect();
            json!({
                "experiment": one.id, "title": by_language(&one.manifest.title, locales),
                "analysis": one.manifest.analysis, "tasks": one.tasks(), "claims": claims,
            })
        };
        Ok(self.written("experiments", &experiments, line, json))
    }

    /// Texts of pages are read for their titles only if these are asked for.
    fn pages(&self, session: &Session) -> Result<String, ExitCode> {
        let (mut project, problems) = session.project()?;
        session.report(problems)?;
        if self.format == Format::Text {
            return Ok(project.pages.keys().cloned().collect::<Vec<_>>().join("\n"));
        }
        project.drafts = true;
        let (site, _) = Site::new(&project, &Sheets::default());
        let all: Vec<Json> = site.pages.iter().flat_map(|page| texts(page, &project)).collect();
        Ok(json!({ "pages": all }).to_string())
    }

    fn analyses(&self, session: &Session) -> Result<String, ExitCode> {
        let (analyses, _) = super::plugins::listed(session)?;
        let json = |one: &Listed| match one {
            Listed::Good { name, revision, command, title } => {
                json!({ "analysis": name, "revision": revision, "title": title, "command": command })
            }
            Listed::Bad { name } => {
                json!({ "analysis": name, "revision": null, "title": null, "command": null })
            }
        };
        Ok(self.written("analyses", &analyses, |one| plain::lines(&one.line()), json))
    }
}

/// A text in all languages of a project.
fn by_language(text: &Localized, locales: &[Locale]) -> Json {
    let own = locales.iter().filter_map(|locale| Some((locale.tag.clone(), text.get(&locale.tag)?.into())));
    Json::Object(own.collect::<Map<_, _>>())
}

/// The texts of a page, each with its place in the site.
fn texts(page: &Page, project: &Project) -> Vec<Json> {
    let locales = &project.locales;
    let own = locales.iter().filter_map(|locale| page.texts.get(&locale.tag));
    let text = own.map(|text| {
        json!({
            "source": text.source.path, "language": text.language, "route": page.route(&text.language, locales),
            "title": page.title(&text.language, locales), "draft": text.prose.front.draft,
        })
    });
    text.collect()
}
