//! `octavo diff`: in what results differ from those of another revision.

mod page;
mod revision;

use std::collections::{BTreeMap, BTreeSet};
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use octavo_plugin::counted;
use serde_json::{Value as Json, json};
use toml::Table;

use self::revision::Revision;
use super::build::computed;
use super::events::Drifted;
use super::lock::{causes, told_of};
use super::session::{ExitCode, Session};
use crate::build::{Held, Moved, State, exact_differences};
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::file;
use crate::ids::{ExperimentId, FigureRef};
use crate::lock::{Accepted, Accepting, Cause, HISTORY, Lock};
use crate::project::Project;

/// Results of an experiment that are told one by one, unless somebody wants all.
const MOST_RESULTS: usize = 20;

/// Arguments of `octavo diff`.
#[derive(Args, Debug)]
pub(super) struct Diff {
    /// A revision of Git: a branch, a tag, a commit
    #[arg(value_name = "REV", default_value = "HEAD")]
    revision: String,
    /// Compare the locks as they stand, and compute nothing
    #[arg(long)]
    locks: bool,
    /// How it is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    /// Write it as a page, too
    #[arg(long, value_name = "FILE.html")]
    page: Option<PathBuf>,
    /// A site that was built from the revision, for the page: figures of it and of the site of today stand side by side
    #[arg(long, value_name = "FOLDER", requires = "page")]
    site: Option<PathBuf>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// Results with their cause, by the ids of experiments.
type Results = BTreeMap<ExperimentId, (Accepted, Cause)>;

/// What became of a figure.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Redrawn {
    /// It was not there.
    New,
    /// It is not there any more.
    Gone,
    /// It is defined otherwise.
    Defined,
    /// It is defined as it was, and results of its experiment moved.
    Results,
}

impl Redrawn {
    fn name(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Defined => "definition",
            Self::Results => "results",
        }
    }

    /// For people.
    fn words(self) -> &'static str {
        match self {
            Self::New => "new",
            Self::Gone => "gone",
            Self::Defined => "defined otherwise",
            Self::Results => "of other results",
        }
    }
}

/// In what an experiment differs.
struct Difference {
    /// Its results, as against a lock. One without results at the revision is new; one that has none any more has moved to nothing.
    held: Held,
    /// Its figures.
    figures: Vec<(FigureRef, Redrawn)>,
}

/// In what a project differs from a revision.
struct Differences {
    /// What the user called the revision.
    named: String,
    commit: String,
    /// How many experiments there are on both sides together.
    experiments: usize,
    /// Those that differ, by id.
    all: Vec<Difference>,
    /// Lines of the history that the revision lacks.
    accepted: Vec<Accepting>,
}

impl Diff {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let done = if self.locks {
            let loaded = session.loaded();
            loaded.and_then(|loaded| self.tell(session, &loaded.project, &locked(&loaded.project), true))
        } else {
            computed(session, |keeper, good| self.tell(session, keeper.project, &keeper.all(), good))
        };
        done.unwrap_or_else(|code| code)
    }

    fn tell(
        &self,
        session: &Session,
        project: &Project,
        today: &Results,
        good: bool,
    ) -> Result<ExitCode, ExitCode> {
        let differences = self.differences(project, today).map_err(|problem| session.refuse(problem))?;
        if let Some(path) = &self.page {
            let old = self.site.as_ref().map(|site| session.folder.join(site));
            let sites = old.map(|old| [old, session.destination(project).folder]);
            let text = page::text(&differences, project, sites.as_ref());
            disk::write_durably(&session.folder.join(path), text.as_bytes()).map_err(|error| {
                session.output.problem(Diagnostic::error("unwritable", error.to_string()));
                ExitCode::Failed
            })?;
        }
        let text = match self.format {
            Format::Text => differences.text(session.output.verbose()),
            Format::Json => differences.json().to_string(),
        };
        session.output.result(&text)?;
        Ok(if good { ExitCode::Good } else { ExitCode::Failed })
    }

    fn differences(&self, project: &Project, today: &Results) -> Result<Differences, Diagnostic> {
        let revision = Revision::find(&project.root, &self.revision)?;
        let before = results_at(&revision, project)?;
        let ids: BTreeSet<&ExperimentId> = before.keys().chain(today.keys()).collect();
        let mut all = Vec::new();
        for id in &ids {
            let held = held(id, before.get(*id), today.get(*id));
            let figures = figures(&revision, project, id, &held)?;
            if !matches!(held.state, State::Kept) || !figures.is_empty() {
                all.push(Difference { held, figures });
            }
        }
        let (experiments, accepted) = (ids.len(), accepted_since(&revision, project)?);
        Ok(Differences { named: self.revision.clone(), commit: revision.commit, experiments, all, accepted })
    }
}

/// What the locks of the project hold.
fn locked(project: &Project) -> Results {
    let one =
        |(id, lock): (&ExperimentId, &Lock)| Some((id.clone(), (lock.results.clone()?, lock.cause.clone())));
    project.locks.iter().filter_map(one).collect()
}

/// What the locks held at a revision.
fn results_at(revision: &Revision<'_>, project: &Project) -> Result<Results, Diagnostic> {
    let folder = format!("{}/", project.config.experiments.trim_end_matches('/'));
    let mut found = Results::new();
    for path in revision.list(&folder)? {
        let name = path.strip_prefix(&folder).and_then(|name| name.strip_suffix(".lock"));
        let Some(id) = name.and_then(|name| ExperimentId::parse(name).ok()) else { continue };
        let Some(bytes) = revision.read(&path)?.filter(|bytes| Lock::is_begun_by(bytes)) else { continue };
        let lock = Lock::parse(&file::text(&format!("{path} ({})", &revision.commit[..12]), bytes)?)?;
        found.extend(lock.results.map(|results| (id, (results, lock.cause))));
    }
    Ok(found)
}

/// Results of an experiment against those at the revision.
fn held(id: &ExperimentId, before: Option<&(Accepted, Cause)>, now: Option<&(Accepted, Cause)>) -> Held {
    let none = (Accepted::default(), Cause::default());
    let moved = exact_differences(&before.unwrap_or(&none).0, &now.unwrap_or(&none).0);
    let state = match (before, moved.is_empty()) {
        (None, _) => State::New,
        (Some(_), true) => State::Kept,
        (Some(_), false) => State::Moved(moved),
    };
    let both = before.zip(now).filter(|_| matches!(state, State::Moved(_)));
    let changes = both.map(|((_, before), (_, now))| before.changes(now)).unwrap_or_default();
    Held { id: id.clone(), state, changes }
}

/// The figures that are defined in an experiment's file and are not what they were.
fn figures(
    revision: &Revision<'_>,
    project: &Project,
    id: &ExperimentId,
    held: &Held,
) -> Result<Vec<(FigureRef, Redrawn)>, Diagnostic> {
    let path = format!("{}/{id}.toml", project.config.experiments.trim_end_matches('/'));
    let before = revision.read(&path)?.and_then(|bytes| String::from_utf8(bytes).ok()).unwrap_or_default();
    let now = project.experiments.get(id).map_or("", |source| &source.text);
    // A definition that cannot be read has no figures that could be compared.
    let [before, now] = [before.as_str(), now].map(|text| {
        let table: Table = toml::from_str(text).unwrap_or_default();
        table.get("figures").and_then(toml::Value::as_table).cloned().unwrap_or_default()
    });
    let moved = matches!(&held.state, State::Moved(moved) if moved.iter().any(|one| one.new.is_some()));
    let names: BTreeSet<&String> = before.keys().chain(now.keys()).collect();
    let one = |name: &String| {
        let redrawn = match (before.get(name), now.get(name)) {
            (None, _) => Redrawn::New,
            (_, None) => Redrawn::Gone,
            (before, now) if before != now => Redrawn::Defined,
            _ if moved => Redrawn::Results,
            _ => return None,
        };
        Some((FigureRef::new(id, name), redrawn))
    };
    // All of a new experiment is new.
    let figures = names.into_iter().filter(|_| held.state != State::New);
    Ok(figures.filter_map(one).collect())
}

/// The lines of the history that the revision lacks, in their order.
fn accepted_since(revision: &Revision<'_>, project: &Project) -> Result<Vec<Accepting>, Diagnostic> {
    let bytes = revision.read(HISTORY)?.unwrap_or_default();
    let mut before = Accepting::all(&file::text(HISTORY, bytes)?)?;
    let is_new = |line: &&Accepting| match before.iter().position(|known| known == *line) {
        Some(known) => {
            before.swap_remove(known);
            false
        }
        None => true,
    };
    Ok(project.history.iter().filter(is_new).cloned().collect())
}

impl Differences {
    /// For people.
    fn text(&self, whole: bool) -> String {
        let mut lines: Vec<String> = self.all.iter().map(|one| one.text(whole)).collect();
        let mut told = BTreeSet::new();
        for line in &self.accepted {
            let why = line.message.as_ref().map(|why| format!(": {why}")).unwrap_or_default();
            let day = line.date.as_ref().map(|day| format!(" on {day}")).unwrap_or_default();
            let text = format!("accepted since: `{}`{day}{why}", line.experiment);
            if told.insert(text.clone()) {
                lines.push(text);
            }
        }
        lines.push(format!(
            "experiments that differ from {}: {} of {}",
            self.name(),
            self.all.len(),
            self.experiments
        ));
        lines.join("\n")
    }

    /// The revision for a reader: as it was named, and its commit.
    fn name(&self) -> String {
        let short = &self.commit[..12];
        if self.commit.starts_with(&self.named) {
            short.to_owned()
        } else {
            format!("{} ({short})", self.named)
        }
    }

    fn json(&self) -> Json {
        let all: Vec<Json> = self.all.iter().map(Difference::json).collect();
        json!({ "revision": self.commit, "experiments": all, "accepted": self.accepted })
    }
}

impl Difference {
    /// Whether it has no results now.
    fn is_gone(&self) -> bool {
        matches!(&self.held.state, State::Moved(moved) if moved.iter().all(|one| one.new.is_none()))
    }

    fn moved(&self) -> &[Moved] {
        if let State::Moved(moved) = &self.held.state { moved } else { &[] }
    }

    fn text(&self, whole: bool) -> String {
        let Held { id, state, changes } = &self.held;
        let mut text = match state {
            State::New => return format!("`{id}`: new"),
            _ if self.is_gone() => return format!("`{id}`: has no results now"),
            State::Moved(moved) => format!("`{id}`: {} moved", counted(moved.len(), "result")),
            _ => format!("`{id}`"),
        };
        let shown = if whole { usize::MAX } else { MOST_RESULTS };
        for one in self.moved().iter().take(shown) {
            text += &format!("\n  {}", told_of(one));
        }
        if let Some(more) = self.moved().len().checked_sub(shown).filter(|more| *more > 0) {
            text += &format!("\n  and {more} more (`--verbose`)");
        }
        for (figure, redrawn) in &self.figures {
            text += &format!("\n  figure {}: {}", figure.name, redrawn.words());
        }
        if !self.moved().is_empty() {
            text += &format!("\n  cause: {}", causes(changes, if whole { usize::MAX } else { 10 }));
        }
        text
    }

    fn json(&self) -> Json {
        let mut json = json!(Drifted::new(&self.held));
        let figures =
            self.figures.iter().map(|(figure, how)| json!({ "figure": figure.name, "state": how.name() }));
        json["figures"] = figures.collect();
        if self.is_gone() {
            json["state"] = "gone".into();
        } else if self.held.state == State::Kept {
            json["state"] = "kept".into();
        }
        json
    }
}
