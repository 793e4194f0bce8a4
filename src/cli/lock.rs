//! `octavo lock`, and what `octavo build` does with locks: what was accepted, what drifted, and why.

use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use octavo_plugin::{NUMERICS_REVISION, Value, counted};

use super::build::computed;
use super::events::{Drifted, Event};
use super::session::{ExitCode, Session};
use crate::build::{Held, Keeper, Moved, State};
use crate::date;
use crate::diagnostic::Diagnostic;
use crate::disk;
use crate::environment;
use crate::file;
use crate::ids::ExperimentId;
use crate::locale;
use crate::lock::{Accepting, Change, HISTORY, Item, Lock, ROOT_LOCK, RootLock};
use crate::plain;
use crate::project::Project;

/// Results of an experiment that are told one by one, unless somebody wants all.
const MOST_RESULTS: usize = 20;

/// Experiments of which a build tells in a line that they drifted.
const MOST_EXPERIMENTS: usize = 10;

/// Arguments of `octavo lock`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct LockCommand {
    #[command(subcommand)]
    command: Option<Subject>,
    /// Ids of experiments; by default all
    #[arg(value_name = "EXPERIMENT")]
    experiments: Vec<String>,
    /// Take today's results as accepted, and write down in `history.jsonl` what moved
    #[arg(long)]
    accept: bool,
    /// The day that `history.jsonl` states, such as `2026-11-30`, or `today`; by default that of `SOURCE_DATE_EPOCH`, or none
    #[arg(long, value_name = "DAY", requires = "accept")]
    date: Option<String>,
    /// Why it is accepted, for `history.jsonl`
    #[arg(short, long, value_name = "TEXT", requires = "accept")]
    message: Option<String>,
}

#[derive(Subcommand, Debug)]
enum Subject {
    /// Merge two versions of a lock, for Git
    ///
    /// `git config merge.octavo.driver "octavo lock merge %O %A %B %P"` lets Git ask it for what `.gitattributes` names. The second file
    /// becomes the merged one. What both sides accepted differently is told, and left to `octavo lock --accept`.
    Merge(Merge),
}

/// Arguments of `octavo lock merge`.
#[derive(Args, Debug)]
struct Merge {
    /// The version that both come from
    #[arg(value_name = "BASE")]
    base: PathBuf,
    /// Our version, which becomes the merged one
    #[arg(value_name = "OURS")]
    ours: PathBuf,
    /// Their version
    #[arg(value_name = "THEIRS")]
    theirs: PathBuf,
    /// What the file is called, for messages
    #[arg(value_name = "PATH")]
    path: Option<String>,
}

impl Merge {
    fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let read = |path: &Path| {
            let path = session.folder.join(path);
            let bytes = disk::read(&path).map_err(|error| unwritten(&error))?.unwrap_or_default();
            Lock::parse(&file::text(&self.path.clone().unwrap_or_else(|| plain::path(&path)), bytes)?)
        };
        let refuse = |problem| session.refuse(problem);
        let [base, ours, theirs] =
            [read(&self.base), read(&self.ours), read(&self.theirs)].map(|lock| lock.map_err(refuse));
        let (merged, differ) = Lock::merged(&base?, &ours?, &theirs?);
        let path = session.folder.join(&self.ours);
        disk::write_durably(&path, merged.text().as_bytes()).map_err(|error| refuse(unwritten(&error)))?;
        if differ.is_empty() {
            return Ok(ExitCode::Good);
        }
        let shown = self.path.clone().unwrap_or_else(|| plain::path(&self.ours));
        session.output.trouble(&format!(
            "`{shown}`: both sides have other {}; it has ours now, and `octavo lock` says what is true",
            differ.join(", ")
        ));
        Ok(ExitCode::Failed)
    }
}

impl LockCommand {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let done = match &self.command {
            Some(Subject::Merge(merge)) => merge.run(session),
            None => self.run(session),
        };
        done.unwrap_or_else(|code| code)
    }

    fn run(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let date = self.date(session)?;
        computed(session, |keeper, good| {
            let known = || keeper.checked.plan.experiments.iter().map(|one| one.id.as_str());
            for id in &self.experiments {
                if !known().any(|known| known == id) {
                    return Err(session.refuse(super::session::unknown_experiment(id, known())));
                }
            }
            let mut held = keeper.held();
            held.retain(|one| self.experiments.is_empty() || self.names(&one.id));
            let failed = if good { ExitCode::Good } else { ExitCode::Failed };
            if self.accept {
                return self.accept(session, keeper, &held, date.as_deref()).map(|()| failed);
            }
            tell(session, keeper.project, &held, Told::InFull);
            let drifted = held.iter().filter(|one| one.is_drift()).count();
            if drifted == 0 && good {
                session
                    .output
                    .line(&format!("{}: all results are as accepted", counted(held.len(), "experiment")));
            }
            Ok(if good && drifted > 0 { ExitCode::Drift } else { failed })
        })
    }

    /// The day for the history.
    fn date(&self, session: &Session) -> Result<Option<String>, ExitCode> {
        let day = |seconds: u64| date::iso(seconds)[..10].to_owned();
        match self.date.as_deref() {
            Some("today") => Ok(Some(day(environment::seconds_since_1970()))),
            Some(text) if locale::day(text).is_some() => Ok(Some(text.to_owned())),
            Some(text) => {
                let problem = Diagnostic::error("usage", format!("`{text}` is no day"));
                Err(session.refuse(problem.help("write it as `--date 2026-11-30`, or `--date today`")))
            }
            None => match environment::source_date_epoch() {
                Ok(seconds) => Ok(seconds.map(day)),
                Err(error) => Err(session.refuse(Diagnostic::error("environment", error.to_string()))),
            },
        }
    }

    /// Whether the experiment was named.
    fn names(&self, id: &ExperimentId) -> bool {
        self.experiments.iter().any(|named| id == named)
    }

    fn accept(
        &self,
        session: &Session,
        keeper: &Keeper<'_>,
        held: &[Held],
        date: Option<&str>,
    ) -> Result<(), ExitCode> {
        let fail = |problem: Diagnostic| {
            session.output.problem(problem);
            ExitCode::Failed
        };
        let (mut lines, mut accepted) = (Vec::new(), Vec::new());
        for one in held {
            let differs = keeper.history(one);
            let named = self.names(&one.id);
            let wanted = one.is_drift() || named && !differs.is_empty();
            if !wanted || matches!(one.state, State::Explores { .. }) {
                continue;
            }
            lines.extend(differs);
            accepted.push(one.id.clone());
        }
        for line in &mut lines {
            line.date = date.map(str::to_owned);
            line.message.clone_from(&self.message);
        }
        append(&keeper.project.root, &lines).map_err(fail)?;
        for id in &accepted {
            rewrite(keeper.project, id, |lock| keeper.accept(id, lock, true)).map_err(fail)?;
        }
        let left = |one: &Held| !accepted.contains(&one.id) && one.is_drift();
        let settled = !keeper.held().iter().any(left);
        write_root(keeper.project, settled).map_err(fail)?;
        session.output.event(&Event::Accepted { experiments: accepted.clone() });
        if accepted.is_empty() {
            session.output.line("all results are as accepted");
            return Ok(());
        }
        session.output.line(&format!(
            "accepted the results of {}; commit {}",
            counted(accepted.len(), "experiment"),
            if lines.is_empty() { "the locks".to_owned() } else { format!("the locks and `{HISTORY}`") },
        ));
        if date.is_none() && !lines.is_empty() {
            session
                .output
                .line("the changes have no date: give one with `--date 2026-11-30` or `--date today`");
        }
        Ok(())
    }
}

/// How much is told of results that drifted.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Told {
    /// A line an experiment.
    Briefly,
    /// Each result with its cause, and what was never accepted.
    InFull,
}

/// Tells what drifted; whether there was anything to tell.
pub(super) fn tell(session: &Session, project: &Project, held: &[Held], told: Told) -> bool {
    let wanted = |one: &&Held| match told {
        Told::Briefly => matches!(one.state, State::Moved(_) | State::Explores { accepted: true }),
        Told::InFull => one.is_drift(),
    };
    let drifted: Vec<&Held> = held.iter().filter(wanted).collect();
    for one in &drifted {
        session.output.event(&Event::Drift(Drifted::new(one)));
    }
    if told == Told::InFull || session.output.verbose() {
        drifted
            .iter()
            .for_each(|one| session.output.trouble(&in_full(one, project, session.output.verbose())));
        return !drifted.is_empty();
    }
    for one in drifted.iter().take(MOST_EXPERIMENTS) {
        session.output.line(&brief(one));
    }
    if let Some(more) = drifted.len().checked_sub(MOST_EXPERIMENTS).filter(|more| *more > 0) {
        session.output.line(&format!("results of {} more are not as accepted", counted(more, "experiment")));
    }
    if !drifted.is_empty() {
        session
            .output
            .line("`octavo lock` shows each result, and `octavo lock --accept` accepts them as they are");
    }
    !drifted.is_empty()
}

fn brief(held: &Held) -> String {
    match &held.state {
        State::Moved(moved) => {
            let are = if moved.len() == 1 { "is" } else { "are" };
            let (count, why) = (counted(moved.len(), "result"), causes(&held.changes, 3));
            format!("`{}`: {count} {are} not as accepted ({why})", held.id)
        }
        _ => format!("`{}` explores; what was accepted of it stays as it is", held.id),
    }
}

/// What drifted of an experiment, result by result, unless they are too many.
pub(super) fn in_full(held: &Held, project: &Project, all: bool) -> String {
    let (id, lock) = (&held.id, project.lock_name(&held.id));
    let name = |profile: &Option<String>| {
        profile.as_ref().map_or_else(|| "no profile".to_owned(), |name| format!("the profile `{name}`"))
    };
    match &held.state {
        State::Moved(moved) => {
            let mut text = format!("drift: `{id}`: {}", counted(moved.len(), "result"));
            text += if moved.len() == 1 { " is not as accepted" } else { " are not as accepted" };
            let shown = if all { moved.len() } else { moved.len().min(MOST_RESULTS) };
            for one in &moved[..shown] {
                text += &format!("\n  {}", told_of(one));
            }
            if shown < moved.len() {
                text += &format!("\n  and {} more (`--verbose`)", moved.len() - shown);
            }
            text + &format!("\n  cause: {}", causes(&held.changes, if all { usize::MAX } else { 10 }))
        }
        State::New => format!(
            "drift: `{id}`: nothing was accepted yet; `octavo build` writes `{lock}`, and you commit it"
        ),
        State::More => {
            format!(
                "drift: `{id}`: some results were never accepted; `octavo build` adds them to `{lock}`, and you commit it"
            )
        }
        State::OtherProfile { today, accepted } => format!(
            "drift: `{id}`: results under {} cannot be held against those under {}, which `{lock}` has",
            name(today),
            name(accepted)
        ),
        _ => format!(
            "drift: `{id}` explores, and `{lock}` has results of before; `octavo claims register {id}` ends that"
        ),
    }
}

/// A result that moved, in a line.
pub(super) fn told_of(moved: &Moved) -> String {
    let kind = match moved.item {
        Item::Value => "value",
        Item::Claim => "claim",
        Item::Output => "output",
    };
    let side = |value: &Option<Value>, without: &str| match value {
        Some(value) => written(value, moved.item),
        None => without.to_owned(),
    };
    let mut text =
        format!("{kind} {}: {} -> {}", moved.name, side(&moved.old, "nothing"), side(&moved.new, "gone"));
    let apart = moved.apart().map(|apart| apart.to_string()).filter(|apart| !apart.is_empty());
    text.extend(apart.map(|apart| format!(" ({apart})")));
    text
}

/// A value with all its digits; of a digest the first.
pub(super) fn written(value: &Value, item: Item) -> String {
    match value {
        Value::Float(number) => format!("{number:?}"),
        Value::Text(digest) if item == Item::Output => digest.chars().take(12).collect(),
        Value::Text(text) if item == Item::Value => format!("\"{text}\""),
        Value::Missing(reason) => format!("no value ({reason})"),
        other => other.to_string(),
    }
}

/// What decides results and changed, in a line.
pub(super) fn causes(changes: &[Change], most: usize) -> String {
    if changes.is_empty() {
        return "nothing that the lock knows of".to_owned();
    }
    let shown: Vec<String> = changes.iter().take(most).map(ToString::to_string).collect();
    let more = changes.len() - shown.len();
    let more = if more > 0 { format!("; and {more} more") } else { String::new() };
    format!("{}{more}", shown.join("; "))
}

/// Writes results into locks that have none of them yet. What cannot be written is a warning; whether there was nothing to tell.
pub(super) fn write_new(session: &Session, keeper: &Keeper<'_>, held: &[Held]) -> bool {
    let mut added = Vec::new();
    let mut failed = Vec::new();
    for one in held.iter().filter(|one| one.is_to_be_written()) {
        match rewrite(keeper.project, &one.id, |lock| keeper.accept(&one.id, lock, false)) {
            Ok(()) => added.push(one.id.clone()),
            Err(problem) => failed.push(problem),
        }
    }
    let settled = failed.is_empty() && held.iter().all(|one| !one.is_drift() || one.is_to_be_written());
    let mut root = false;
    if !added.is_empty() || keeper.project.root_lock.is_some() {
        match write_root(keeper.project, settled) {
            Ok(written) => root = written,
            Err(problem) => failed.push(problem),
        }
    }
    // One reason is enough: a folder that cannot be written to holds many.
    let silent = failed.is_empty();
    if let Some(problem) = failed.into_iter().next() {
        session.output.problem(Diagnostic { severity: crate::diagnostic::Severity::Warning, ..problem });
    }
    if !added.is_empty() {
        session.output.event(&Event::Accepted { experiments: added.clone() });
        let what = match added.as_slice() {
            [one] => format!("`{}`", keeper.project.lock_name(one)),
            several => format!("{} `.lock`", several.len()),
        };
        let root = if root { format!(" and `{ROOT_LOCK}`") } else { String::new() };
        session.output.line(&format!("wrote {what}{root}, for what was accepted; commit all `.lock` files"));
    }
    silent
}

/// Changes the lock of an experiment as it stands on disk: something else may have been registered meanwhile.
fn rewrite(project: &Project, id: &ExperimentId, change: impl FnOnce(&mut Lock)) -> Result<(), Diagnostic> {
    let path = project.lock_path(id);
    let bytes = disk::read(&path).map_err(|error| unwritten(&error))?;
    let source = bytes.map(|bytes| file::text(&project.lock_name(id), bytes)).transpose()?;
    let before = source.as_ref().map(Lock::parse).transpose()?;
    let mut lock = before.clone().unwrap_or_default();
    change(&mut lock);
    if before.as_ref() == Some(&lock) {
        return Ok(());
    }
    disk::write_durably(&path, lock.text().as_bytes()).map_err(|error| unwritten(&error))
}

/// Writes what all locks have in common. `settled` says whether all results are now as accepted: only then is the numerics of this program
/// theirs. Whether there was anything to write.
fn write_root(project: &Project, settled: bool) -> Result<bool, Diagnostic> {
    let now = RootLock::new(NUMERICS_REVISION);
    if project.root_lock.is_some_and(|before| before == now || !settled) {
        return Ok(false);
    }
    let path = project.root.join(ROOT_LOCK);
    disk::write_durably(&path, now.text().as_bytes()).map_err(|error| unwritten(&error))?;
    Ok(true)
}

/// Adds lines to the history, unless it ends with them already.
fn append(root: &Path, lines: &[Accepting]) -> Result<(), Diagnostic> {
    let added: String = lines.iter().map(Accepting::line).collect();
    let path = root.join(HISTORY);
    let before = disk::read(&path).map_err(|error| unwritten(&error))?.unwrap_or_default();
    let before = file::text(HISTORY, before)?;
    Accepting::all(&before)?;
    if added.is_empty() || before.text.ends_with(&added) {
        return Ok(());
    }
    let gap = if before.text.is_empty() || before.text.ends_with('\n') { "" } else { "\n" };
    let text = format!("{}{gap}{added}", before.text);
    disk::write_durably(&path, text.as_bytes()).map_err(|error| unwritten(&error))
}

fn unwritten(error: &disk::DiskError) -> Diagnostic {
    let help = "what was accepted belongs into a file that is committed; give the folder back its right to be written to";
    Diagnostic::error("lock", error.to_string()).help(help)
}
