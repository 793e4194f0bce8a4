//! `octavo new`: projects and experiments that work at once.

use std::fs;
use std::path::Path;

use clap::{Args, Subcommand};
use serde_json::Value as Json;

use super::new_ci;
use super::new_plugin;
use super::schema;
use super::session::{ExitCode, Session};
use crate::build::Loaded;
use crate::diagnostic::Diagnostic;
use crate::ids::ExperimentId;
use crate::project::{self, cff, zenodo};
use crate::registry::Registry;

/// Arguments of `octavo new`.
#[derive(Args, Debug)]
pub(super) struct New {
    #[command(subcommand)]
    kind: Subject,
}

#[derive(Subcommand, Debug)]
enum Subject {
    /// Make a folder with a project of one experiment and one page
    Project {
        /// Name of the new folder
        name: String,
    },
    /// Add an experiment and its page to the project
    Experiment {
        /// Id of the experiment, such as `folding/creases`
        id: String,
        /// The analysis that it runs
        #[arg(long, default_value = "dragon")]
        analysis: String,
    },
    /// Add an analysis of your own: a program, an experiment that runs it, and a page
    Plugin {
        /// Name of the analysis, such as `weather`
        name: String,
        /// The language
        #[arg(long, value_enum, default_value_t = new_plugin::Language::Python)]
        lang: new_plugin::Language,
        /// For Rust: the folder `plugins/api` of Octavo's source
        #[arg(long, value_name = "FOLDER")]
        api: Option<std::path::PathBuf>,
    },
    /// Add files that build and publish the site with every push, or every night
    Ci(new_ci::Ci),
    /// Write `.zenodo.json`, which says to Zenodo what `CITATION.cff` says
    Zenodo {
        /// Write it anew if it is there
        #[arg(long)]
        replace: bool,
    },
}

impl New {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let made = match &self.kind {
            Subject::Project { name } => new_project(session, name),
            Subject::Experiment { id, analysis } => new_experiment(session, id, analysis),
            Subject::Plugin { name, lang, api } => new_plugin::make(session, name, *lang, api.as_deref()),
            Subject::Ci(ci) => ci.make(session),
            Subject::Zenodo { replace } => new_zenodo(session, *replace),
        };
        match made {
            Ok(text) => {
                session.output.line(&text);
                ExitCode::Good
            }
            Err(problem) => {
                session.output.problem(problem);
                ExitCode::Definition
            }
        }
    }
}

/// How Git merges what was accepted.
const ATTRIBUTES: &str = "/experiments/**/*.lock merge=octavo\n/history.jsonl merge=union\n";

fn new_project(session: &Session, name: &str) -> Result<String, Diagnostic> {
    let folder = session.folder.join(name);
    let occupied = folder.read_dir().is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file();
    if occupied {
        let message = format!("`{name}` exists and is not empty");
        return Err(Diagnostic::error("exists", message).help("choose another name; nothing was changed"));
    }
    let title = name.rsplit('/').next().unwrap_or(name);
    let config =
        include_str!("../../templates/new/octavo.toml").replace("TITLE", &title.replace(['"', '\\'], " "));
    write(&folder.join(project::PROJECT_FILE), &format!("{}{config}", schema::line_of_project()))?;
    write(&folder.join("experiments/index.md"), include_str!("../../templates/new/index.md"))?;
    schema::write_all(&folder, &Registry::built_in(), &mut Vec::new())?;
    let strip = schema::line_of_experiment(Path::new("experiments/strip.toml"));
    write(
        &folder.join("experiments/strip.toml"),
        &[&strip, include_str!("../../templates/new/strip.toml")].concat(),
    )?;
    write(&folder.join(".gitignore"), "/site\n/.octavo\n")?;
    write(&folder.join(".gitattributes"), ATTRIBUTES)?;
    Ok(format!("made the project `{name}`; next: `cd {name}` and `octavo build`"))
}

fn new_experiment(session: &Session, id: &str, analysis: &str) -> Result<String, Diagnostic> {
    ExperimentId::parse(id).map_err(|wrong| {
        Diagnostic::error("bad-id", wrong.to_string())
            .help("use lower-case letters, digits and `-`, for example `folding/creases`")
    })?;
    let Loaded { project, registry, .. } =
        session.loaded().map_err(|_| Diagnostic::error("no-project", "the project cannot be read"))?;
    let found = registry.get(analysis).unwrap_or_else(|| {
        let problem = Diagnostic::error("unknown-analysis", format!("there is no analysis `{analysis}`"));
        Err(problem.nearest(analysis, registry.names()))
    })?;
    let base = project.experiments_folder().join(id);
    let (definition, page) = (base.with_extension("toml"), base.with_extension("md"));
    if let Some(there) = [&definition, &page].into_iter().find(|path| path.exists()) {
        let message = format!("`{}` exists", there.display());
        return Err(Diagnostic::error("exists", message).help("choose another id; nothing was changed"));
    }
    let example = beside(found.about().example.trim(), id);
    let line = schema::line_for(&project, &definition);
    let toml =
        format!("{line}title = \"{id}\"\nanalysis = \"{analysis}\"\nseed = 1\n\n[params]\n{example}\n");
    let params = found.schema();
    let figures = default_figures(found.as_ref(), &toml);
    let docs: Vec<String> = params
        .fields()
        .map(|(name, field)| format!("- `{name}`: {}", field.schema.doc.replace('\n', " ")))
        .collect();
    let markdown = format!("# {id}\n\n{figures}\nThe parameters of `{analysis}`:\n\n{}\n", docs.join("\n"));
    write(&definition, &toml)?;
    write(&page, &markdown.replace("ID", id))?;
    Ok(format!("made `{}` and its page; next: `octavo build`", definition.display()))
}

fn new_zenodo(session: &Session, replace: bool) -> Result<String, Diagnostic> {
    let Loaded { project, .. } =
        session.loaded().map_err(|_| Diagnostic::error("no-project", "the project cannot be read"))?;
    let Some(citation) = &project.citation else {
        let problem = Diagnostic::error("citation", format!("there is no `{}` that can be read", cff::FILE));
        return Err(
            problem.help("write one: title, authors, version, license; docs/experiments.md says more")
        );
    };
    let (path, text) = (project.root.join(zenodo::FILE), zenodo::text(citation, &project.config));
    match fs::read_to_string(&path) {
        Ok(before) if before == text => {
            return Ok(format!("`{}` says what `{}` says", zenodo::FILE, cff::FILE));
        }
        Ok(_) if !replace => {
            let problem =
                Diagnostic::error("exists", format!("`{}` exists and says something else", zenodo::FILE));
            return Err(problem.help("`--replace` writes it anew; nothing was changed"));
        }
        _ => write(&path, &text)?,
    }
    Ok(format!("wrote `{}` from `{}`; commit both", zenodo::FILE, cff::FILE))
}

/// An example whose files are named from the folder of experiments, for an experiment that may lie below it.
fn beside(example: &str, id: &str) -> String {
    let above = "../".repeat(id.matches('/').count());
    let mut files = std::collections::BTreeSet::new();
    if let Ok(params) = toml::from_str::<Json>(example) {
        named_files(&params, &mut files);
    }
    let moved = |text: String, file: &String| {
        ['"', '\''].iter().fold(text, |text, quote| {
            text.replace(&format!("{quote}{file}{quote}"), &format!("{quote}{above}{file}{quote}"))
        })
    };
    files.iter().filter(|file| !file.starts_with('/')).fold(example.to_owned(), moved)
}

/// The files that parameters name: `{ file = "a.csv" }`.
fn named_files(params: &Json, found: &mut std::collections::BTreeSet<String>) {
    match params {
        Json::Object(entries) => {
            found.extend(entries.get("file").and_then(Json::as_str).map(str::to_owned));
            entries.values().for_each(|entry| named_files(entry, found));
        }
        Json::Array(items) => items.iter().for_each(|item| named_files(item, found)),
        _ => {}
    }
}

/// A line of Markdown per default figure.
fn default_figures(analysis: &dyn octavo_plugin::DynAnalysis, toml: &str) -> String {
    let table = toml::from_str::<serde_json::Value>(toml).ok();
    let prepared = table.and_then(|table| analysis.prepare(&table["params"]).ok()).unwrap_or_default();
    let figures = prepared.figures;
    figures
        .iter()
        .map(|(name, figure)| format!("![{}](figure:ID#{name})\n\n", figure.title.get("en").unwrap_or(name)))
        .collect()
}

pub(super) fn write(path: &Path, text: &str) -> Result<(), Diagnostic> {
    let failed = |error: std::io::Error| {
        Diagnostic::error("unwritable", format!("`{}` cannot be written: {error}", path.display()))
    };
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(failed)?;
    }
    fs::write(path, text).map_err(failed)
}

/// Adds a line to the `.gitignore` of a project that does not have it.
pub(super) fn ignore(root: &Path, line: &str) -> Result<(), Diagnostic> {
    let file = root.join(".gitignore");
    let before = fs::read_to_string(&file).unwrap_or_default();
    if before.lines().any(|there| there == line) {
        return Ok(());
    }
    let gap = if before.is_empty() || before.ends_with('\n') { "" } else { "\n" };
    write(&file, &format!("{before}{gap}{line}\n"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_of_an_example_are_found_from_below() {
        let example =
            "f = { file = \"data/a.csv\", separator = \";\" }\nw = \"data\"\nl = [{ file = 'b.csv' }]";
        assert_eq!(beside(example, "wind"), example);
        assert_eq!(
            beside(example, "north/sea/wind"),
            "f = { file = \"../../data/a.csv\", separator = \";\" }\nw = \"data\"\nl = [{ file = '../../b.csv' }]"
        );
    }
}
