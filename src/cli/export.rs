//! `octavo export`: all results as files for other programs.

mod typst;

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use octavo_plugin::counted;
use serde_json::Value as Json;

use super::build::computed;
use super::session::{ExitCode, Session, unknown_experiment};
use crate::build::Keeper;
use crate::build::export::{DICTIONARY, Export, Resource};
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::ids::Route;

/// Arguments of `octavo export`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true, subcommand_negates_reqs = true)]
pub(super) struct ExportCommand {
    #[command(subcommand)]
    what: Option<What>,
    /// The folder that is written: a new or empty one, or that of an export before (`./typst` for one with the name of a command)
    #[arg(value_name = "FOLDER", required = true)]
    folder: Option<PathBuf>,
    /// Ids of experiments; by default all
    #[arg(value_name = "EXPERIMENT")]
    experiments: Vec<String>,
    /// Write each table as Parquet, too; a program must be built for it (`--features parquet`)
    #[arg(long)]
    parquet: bool,
}

/// What is exported beside data.
#[derive(Subcommand, Debug)]
enum What {
    /// Write pages as sources of Typst documents, with drawings, fonts and works
    ///
    /// Each page becomes a document that `typst compile` makes a tagged PDF (PDF/UA-1) of: figures and formulas have alternative texts, and
    /// numbers, verdicts and citations are those of the page. docs/interfaces.md.
    Typst(typst::Typst),
}

impl ExportCommand {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        match (&self.what, &self.folder) {
            (Some(What::Typst(typst)), _) => typst.execute(session),
            (None, Some(folder)) => self.data(session, folder),
            (None, None) => ExitCode::Definition,
        }
    }

    fn data(&self, session: &Session, named: &Path) -> ExitCode {
        if self.parquet && !Export::HAS_PARQUET {
            let problem = Diagnostic::error("parquet", "this program is built without Parquet");
            return session
                .refuse(problem.help("build it with `--features parquet`, or leave `--parquet` out"));
        }
        let folder = session.folder.join(named);
        let old = match before(&folder, named) {
            Ok(old) => old,
            Err(problem) => return session.refuse(problem),
        };
        let run = |keeper: &Keeper<'_>, good: bool| {
            let known = || keeper.checked.plan.experiments.iter().map(|one| one.id.as_str());
            for id in &self.experiments {
                if !known().any(|known| known == id) {
                    return Err(session.refuse(unknown_experiment(id, known())));
                }
            }
            let whole = self.write(session, keeper, (&folder, named), old)?;
            Ok(if good && whole { ExitCode::Good } else { ExitCode::Failed })
        };
        computed(session, run).unwrap_or_else(|code| code)
    }

    /// Writes all files, the dictionary last; whether nothing is missing.
    fn write(
        &self,
        session: &Session,
        keeper: &Keeper<'_>,
        (folder, named): (&Path, &Path),
        mut old: BTreeSet<String>,
    ) -> Result<bool, ExitCode> {
        let fail = |error: disk::DiskError| {
            session.output.problem(Diagnostic::error("target", error.to_string()));
            ExitCode::Failed
        };
        let ids: BTreeSet<&str> = self.experiments.iter().map(String::as_str).collect();
        let language = keeper.project.config.languages.first().map_or("en", String::as_str);
        let export = Export::new(keeper, &ids, language, self.parquet);
        let (mut resources, mut whole, mut written) = (Vec::new(), true, BTreeSet::new());
        for resource in export.resources() {
            // Where capitals make no difference, one file would take the place of the other.
            let alone = |one: Resource| match written.insert(one.path.to_lowercase()) {
                true => Ok(one),
                false => Err(format!(
                    "`{}` is not exported: another file differs from it in capitals alone",
                    one.path
                )),
            };
            match resource.and_then(alone) {
                Ok(resource) => {
                    put(&folder.join(&resource.path), &resource.bytes).map_err(fail)?;
                    old.remove(&resource.path);
                    resources.push(resource.descriptor);
                }
                Err(why) => {
                    session.output.problem(Diagnostic::warning("incomplete", why));
                    whole = false;
                }
            }
        }
        for path in &old {
            disk::remove_file(&folder.join(path)).map_err(fail)?;
        }
        let of = |ending: &str| resources.iter().filter(|one| one["format"] == ending).count();
        let mut files = counted(of("csv"), "CSV file");
        if self.parquet {
            files = format!("{files}, {}", counted(of("parquet"), "Parquet file"));
        }
        let mut text = format!("{:#}", export.dictionary(resources));
        text.push('\n');
        put(&folder.join(DICTIONARY), text.as_bytes()).map_err(fail)?;
        session.output.line(&format!("wrote {files} and `{DICTIONARY}` into `{}`", named.display()));
        Ok(whole)
    }
}

/// The files of an export that stands in the folder.
fn before(folder: &Path, named: &Path) -> Result<BTreeSet<String>, Diagnostic> {
    let refuse = || {
        let problem = format!("`{}` is neither empty nor an export of Octavo", named.display());
        Diagnostic::error("target", problem).help("name a folder that is not there yet")
    };
    let unread = |error: disk::DiskError| Diagnostic::error("target", error.to_string());
    let is_there = disk::metadata(folder).map_err(unread)?.is_some();
    if !is_there || disk::list(folder).map_err(unread)?.is_empty() {
        return Ok(BTreeSet::new());
    }
    let bytes = disk::read(&folder.join(DICTIONARY)).map_err(|_| refuse())?.ok_or_else(refuse)?;
    let package: Json = serde_json::from_slice(&bytes).map_err(|_| refuse())?;
    if package["generator"] != "octavo" {
        return Err(refuse());
    }
    let resources = package["resources"].as_array().into_iter().flatten();
    let paths = resources.filter_map(|one| Some(one["path"].as_str()?.to_owned()));
    // Only what this command may have written is ever removed.
    let is_ours = |path: &String| [".csv", ".parquet"].iter().any(|ending| path.ends_with(ending));
    Ok(paths.filter(|path| is_ours(path) && Route::new(path.as_str()).check().is_ok()).collect())
}

/// Writes a file, with the folders above it.
fn put(path: &Path, bytes: &[u8]) -> Result<(), disk::DiskError> {
    if let Some(folder) = path.parent() {
        disk::create_folders(folder)?;
    }
    disk::write_durably(path, bytes)
}
