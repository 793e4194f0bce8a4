//! `octavo verify`: is what stands what comes out of another build, elsewhere; and is what is remembered what was written?

use std::path::PathBuf;
use std::process::{Command, ExitStatus};

use clap::Args;
use octavo_plugin::{counted, simd};

use super::LogFormat;
use super::build::checked;
use super::events::{Compared, Differs, Event};
use super::lock::written;
use super::session::{ExitCode, Session, unknown_experiment};
use super::tidy::{bytes, failed};
use crate::build::compare::{self, Difference, DifferenceKind, Site};
use crate::build::{self, Checked, Loaded, Ran};
use crate::cache::TaskCache;
use crate::diagnostic::Diagnostic;
use crate::environment;
use crate::executor::Outcome;
use crate::ids::ExperimentId;
use crate::lock::Item;
use crate::plain;
use crate::project;
use crate::store::Store;

/// Differences that are told, unless somebody wants all.
const MOST_DIFFERENCES: usize = 50;

/// Arguments of `octavo verify`.
#[derive(Args, Debug)]
pub(super) struct Verify {
    /// Only results of this experiment, and of those that it takes results of; nothing published is compared
    #[arg(long = "experiment", value_name = "ID", num_args = 1..)]
    experiments: Vec<String>,
    /// The site was built with its drafts
    #[arg(long)]
    drafts: bool,
    /// Keep the folder of the rebuild, and say where it is
    #[arg(long)]
    keep: bool,
    /// Build nothing: read every remembered result and compare it with its digest; what is damaged is set aside and made again by
    /// the next build
    #[arg(long, conflicts_with_all = ["experiments", "drafts", "keep"])]
    store: bool,
}

impl Verify {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let verified = if self.store { store(session) } else { self.rebuild(session) };
        verified.unwrap_or_else(|code| code)
    }

    fn rebuild(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let (loaded, checked, problems) = checked(session, self.drafts)?;
        session.report_but_plugins(problems)?;
        let known = || checked.plan.experiments.iter().map(|one| one.id.as_str());
        if let Some(id) = self.experiments.iter().find(|id| !known().any(|known| known == *id)) {
            return Err(session.refuse(unknown_experiment(id, known())));
        }
        let standing = if self.experiments.is_empty() { Some(published(session, &loaded)?) } else { None };
        let store = session.store(&loaded.project)?;
        let tasks = checked.plan.tasks_of(&self.experiments);
        let before = build::remembered(&checked.plan, &TaskCache::new(&store), |_| Outcome::Cancelled);
        tell_missing(session, &tasks, &before);
        session.catch_interrupts();
        let fresh = Fresh::of(session, &loaded)?;
        let status = self.build_in(session, &fresh)?;
        if session.stop.stopped() {
            return Err(ExitCode::Failed);
        }
        let found = compared(session, &checked, &tasks, &before, &fresh, standing.as_ref());
        if self.keep {
            let folder = fresh.keep();
            session.output.line(&format!("the rebuild is in `{}`", plain::path(&folder)));
        }
        let files = standing.as_ref().map_or(0, Site::files);
        let there = tasks.iter().filter(|task| before.outcomes[**task].done().is_some()).count();
        let found = found?;
        tell(session, &found, Compared { files, tasks: there, differences: found.len() });
        Ok(match (status.success(), found.is_empty()) {
            (false, _) => ExitCode::Failed,
            (true, false) => ExitCode::Drift,
            (true, true) => ExitCode::Good,
        })
    }

    /// Builds in the copy, with all that must not matter otherwise than here.
    fn build_in(&self, session: &Session, fresh: &Fresh) -> Result<ExitStatus, ExitCode> {
        let lanes = environment::lanes().unwrap_or_else(|| other_lanes().to_owned());
        let jobs = session.global.jobs.unwrap_or(session.jobs + 1);
        session.output.line(&format!(
            "building once more with {}, lane width {lanes}, shuffled tasks, in another folder, time zone and locale",
            counted(jobs, "thread")
        ));
        let program = environment::program().map_err(|error| broken(session, "this program", &error))?;
        let mut command = Command::new(program);
        command.arg("elsewhere").arg("-C").arg(&fresh.root).arg("--output").arg(fresh.site());
        command.args(["--jobs", &jobs.to_string()]);
        command.args(session.global.profile.iter().flat_map(|name| ["--profile", name]));
        command.args(self.experiments.iter().flat_map(|id| ["--experiment", id]));
        let flags = [
            ("--drafts", self.drafts),
            ("--quiet", session.global.quiet),
            ("--verbose", session.global.verbose),
        ];
        command.args(flags.iter().filter(|(_, on)| *on).map(|(flag, _)| flag));
        if session.global.log_format == LogFormat::Json {
            command.args(["--log-format", "json"]);
        }
        command.envs(environment::ELSEWHERE).env(environment::LANES, lanes);
        command.status().map_err(|error| broken(session, "the rebuild", &error))
    }
}

/// A lane width that is not the one of this processor, and as little slower as there is.
fn other_lanes() -> &'static str {
    match simd::level_name() {
        "v4" => "v3",
        "v3" => "scalar",
        _ => "v4",
    }
}

fn broken(session: &Session, what: &str, error: &std::io::Error) -> ExitCode {
    session.output.problem(Diagnostic::error("verify", format!("{what} cannot be started: {error}")));
    ExitCode::Failed
}

/// The site that stands.
fn published(session: &Session, loaded: &Loaded) -> Result<Site, ExitCode> {
    let folder = session.destination(&loaded.project).folder;
    let read = Site::read(&folder).map_err(|error| unreadable(session, &error))?;
    read.ok_or_else(|| {
        let message = format!("there is no site in `{}` that could be compared", plain::path(&folder));
        let help = "`octavo build` publishes one; `octavo verify --experiment ID` compares results alone";
        session.refuse(Diagnostic::error("verify", message).help(help))
    })
}

fn unreadable(session: &Session, error: &crate::disk::DiskError) -> ExitCode {
    session.output.problem(Diagnostic::error("verify", error.to_string()));
    ExitCode::Failed
}

/// Says how many tasks have no result here.
fn tell_missing(session: &Session, tasks: &[usize], before: &Ran) {
    let missing = tasks.iter().filter(|task| before.outcomes[**task].done().is_none()).count();
    if missing > 0 {
        let message =
            format!("{} of the definitions as they are now have no result here", counted(missing, "task"));
        let help = "`octavo build` first: what was edited since the last build is told as a difference";
        session.output.problem(Diagnostic::warning("verify", message).help(help));
    }
}

/// A copy of the project in a folder of its own, gone at the end.
struct Fresh {
    folder: tempfile::TempDir,
    root: PathBuf,
}

impl Fresh {
    fn of(session: &Session, loaded: &Loaded) -> Result<Self, ExitCode> {
        let project = &loaded.project;
        let without = [session.destination(project).folder, project.root.join(&project.config.output)];
        let made = tempfile::Builder::new().prefix("octavo-verify-").tempdir().and_then(|folder| {
            let root = project::copy(project, &without, &folder.path().join("copy"))?;
            Ok(Self { folder, root })
        });
        made.map_err(|error| {
            let message = format!("the project cannot be copied: {error}");
            let help = "the copy lies in the folder for temporary files, which `TMPDIR` names";
            session.output.problem(Diagnostic::error("verify", message).help(help));
            ExitCode::Failed
        })
    }

    fn site(&self) -> PathBuf {
        self.folder.path().join("site")
    }

    fn keep(self) -> PathBuf {
        let root = self.root.clone();
        let _ = self.folder.keep();
        root
    }
}

/// All that differs.
fn compared(
    session: &Session,
    checked: &Checked,
    tasks: &[usize],
    before: &Ran,
    fresh: &Fresh,
    standing: Option<&Site>,
) -> Result<Vec<Difference>, ExitCode> {
    let plan = &checked.plan;
    let store = session.store_at(&fresh.root)?;
    let after = build::remembered(plan, &TaskCache::new(&store), |_| Outcome::Cancelled);
    let mut found = compare::results(plan, tasks, &before.outcomes, &after.outcomes);
    let Some(standing) = standing else { return Ok(found) };
    let rebuilt = Site::read(&fresh.site()).map_err(|error| unreadable(session, &error))?;
    let Some(rebuilt) = rebuilt else {
        session.output.trouble("the rebuild published nothing");
        return Ok(found);
    };
    let known: Vec<ExperimentId> = found.iter().filter_map(|one| one.experiment.clone()).collect();
    let files = compare::sites(plan, standing, &rebuilt, &known);
    found.extend(files.map_err(|error| unreadable(session, &error))?);
    Ok(found)
}

/// Tells each difference, and how many there are.
fn tell(session: &Session, found: &[Difference], all: Compared) {
    let output = &session.output;
    let most = if output.verbose() { usize::MAX } else { MOST_DIFFERENCES };
    for (number, one) in found.iter().enumerate() {
        output.event(&Event::Difference(Differs::new(one)));
        if number < most {
            output.trouble(&in_words(one));
        }
    }
    if let Some(more) = found.len().checked_sub(most).filter(|more| *more > 0) {
        output.trouble(&format!("and {more} more (`--verbose`)"));
    }
    let results = format!("results of {}", counted(all.tasks, "task"));
    let compared = match all.files {
        0 => results,
        files => format!("{} and {results}", counted(files, "file")),
    };
    match found.len() {
        0 => output.line(&format!("{compared}: the rebuild has the same bytes")),
        count => output.trouble(&format!("{compared}: {} to the rebuild", counted(count, "difference"))),
    }
    output.event(&Event::Compared(all));
}

/// A difference in a line.
pub(super) fn in_words(one: &Difference) -> String {
    let id = one.experiment.as_deref().unwrap_or_default();
    let place = one.task.clone().unwrap_or_else(|| id.to_owned());
    let (name, row) = (&one.name, one.row.unwrap_or_default());
    let column = one.column.as_ref().map_or_else(String::new, |column| format!(", column `{column}`"));
    let what = match one.kind {
        DifferenceKind::Result => format!("`{place}`: {name}"),
        DifferenceKind::Scalar => format!("`{place}`: scalar `{name}`"),
        DifferenceKind::Cell if one.task.is_none() => {
            format!("published rows of `{id}#{name}`, row {row}{column}")
        }
        DifferenceKind::Cell => format!("`{place}`: table `{name}`, row {row}{column}"),
        DifferenceKind::Rows => format!("`{place}`: rows of `{name}`"),
        DifferenceKind::Drawing if one.row.is_some() => format!("`{place}`: drawing `{name}`, part {row}"),
        DifferenceKind::Drawing => format!("`{place}`: drawing `{name}`"),
        DifferenceKind::Value => format!("value `{id}#{name}`"),
        DifferenceKind::Claim => format!("claim `{id}#{name}`"),
        DifferenceKind::Figure => format!("figure `{id}#{name}`"),
        DifferenceKind::Page if row > 0 => format!("page `{name}`, line {row}"),
        DifferenceKind::Page => format!("page `{name}`"),
        DifferenceKind::File if row > 0 => format!("file `{name}`, line {row}"),
        DifferenceKind::File => format!("file `{name}`"),
    };
    let item = if matches!(one.kind, DifferenceKind::Claim | DifferenceKind::Result | DifferenceKind::Figure)
    {
        Item::Claim
    } else {
        Item::Value
    };
    let side = |value: &Option<octavo_plugin::Value>| {
        value.as_ref().map_or_else(|| "nothing".to_owned(), |value| written(value, item))
    };
    let mut text = match (&one.standing, &one.rebuilt) {
        (None, None) => format!("differs: {what}"),
        (Some(files), None) if one.kind == DifferenceKind::Figure => {
            format!("differs: {what} ({})", written(files, item))
        }
        (standing, rebuilt) => format!("differs: {what}: {} -> {}", side(standing), side(rebuilt)),
    };
    if one.more > 0 {
        text += &format!(" (and {} more)", one.more);
    }
    if one.follows {
        text += "; it takes results that differ";
    }
    text
}

/// Reads everything that is remembered.
fn store(session: &Session) -> Result<ExitCode, ExitCode> {
    let (project, _) = session.project()?;
    let store =
        Store::open_telling(&project.root, &mut |text| session.output.line(text)).map_err(failed(session))?;
    let report = store.verify().map_err(failed(session))?;
    let damaged = store.take_warnings();
    for warning in &damaged {
        session.output.problem(Diagnostic::error("damaged-store", warning.to_string()));
    }
    session.output.event(&Event::Verified {
        records: report.actions,
        results: report.blobs,
        bytes: report.bytes,
        damaged: damaged.len(),
    });
    let good = format!(
        "{}, {}, and {} are good",
        counted(report.blobs, "result"),
        bytes(report.bytes),
        counted(report.actions, "record")
    );
    match damaged.len() {
        0 => session.output.line(&good),
        1 => session.output.trouble(&format!("1 entry is damaged; {good}")),
        several => session.output.trouble(&format!("{several} entries are damaged; {good}")),
    }
    Ok(if damaged.is_empty() { ExitCode::Good } else { ExitCode::Failed })
}
