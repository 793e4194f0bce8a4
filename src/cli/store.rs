//! `octavo store`: what is remembered, and as a file for another machine.

mod moved;

use std::collections::BTreeMap;
use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use octavo_plugin::{Digest, counted, plural};
use serde_json::{Value as Json, json};

pub(super) use moved::Went;

use super::events::Event;
use super::session::{ExitCode, Session};
use super::tidy::{bytes, every_plan, failed};
use crate::cache;
use crate::date;
use crate::diagnostic::Severity;
use crate::environment;
use crate::ids::ExperimentId;
use crate::plain;
use crate::store::{ActionRecord, ArchiveError, Contents, Tally};

/// Arguments of `octavo store`.
#[derive(Args, Debug)]
#[command(args_conflicts_with_subcommands = true)]
pub(super) struct StoreCommand {
    /// How it is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
    #[command(subcommand)]
    what: Option<What>,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

#[derive(Subcommand, Debug)]
enum What {
    /// Write all that is remembered into a tar file; the same store gives the same bytes
    Export {
        /// The file, which must not be there yet
        #[arg(value_name = "FILE.tar")]
        file: PathBuf,
    },
    /// Add what is in such a file and not remembered yet
    ///
    /// All of it is compared with its digests before anything is added, and nothing that is there is overwritten. Who can write such a
    /// file can change results: import those of people alone who may change the project.
    Import {
        /// A file that `octavo store export` wrote
        #[arg(value_name = "FILE.tar")]
        file: PathBuf,
    },
    /// Bring results of tasks to the remote store, those that it has not
    ///
    /// The remote store is the one that `remote` in `[store]` of `octavo.toml` or the variable `OCTAVO_STORE_REMOTE` names; what gives access to it
    /// stands in `OCTAVO_STORE_TOKEN`.
    Push,
    /// Fetch results of tasks from the remote store, those that are missing here
    ///
    /// A build does so by itself. Who can write to the remote store can change results: use that of people alone who may change the project.
    Pull,
}

/// Whose a record is.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Owner {
    /// A task of this experiment, as it is defined today under some profile.
    Experiment(ExperimentId),
    /// A task of no definition of today.
    Nobody,
    /// A table, figure or page, or something else that is made of results.
    Made,
}

impl StoreCommand {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let done = match &self.what {
            None => self.show(session),
            Some(What::Export { file }) => export(session, file),
            Some(What::Import { file }) => import(session, file),
            Some(What::Push) => moved::push(session),
            Some(What::Pull) => moved::pull(session),
        };
        done.err().unwrap_or(ExitCode::Good)
    }

    fn show(&self, session: &Session) -> Result<(), ExitCode> {
        let loaded = session.loaded()?;
        let (plans, problems) = every_plan(&loaded);
        let store = session.store(&loaded.project)?;
        let mut owners: BTreeMap<Digest, Vec<Owner>> = BTreeMap::new();
        for plan in &plans {
            for (task, key) in cache::known_keys(plan, &store) {
                let owner = Owner::Experiment(plan.experiment_of(task).id.clone());
                let all = owners.entry(key).or_default();
                if !all.contains(&owner) {
                    all.push(owner);
                }
            }
        }
        let of = |key: &Digest, record: &ActionRecord| match owners.get(key) {
            Some(owners) => owners.clone(),
            None if record.meta.has("cause") => vec![Owner::Nobody],
            None => vec![Owner::Made],
        };
        let contents = store.contents(of).map_err(failed(session))?;
        session.remember_plugins(&loaded.registry);
        session.tell_damage(&store);
        let wrong = problems.iter().filter(|problem| problem.severity == Severity::Error).count();
        if wrong > 0 {
            let verb = if wrong == 1 { "is" } else { "are" };
            session.output.trouble(&format!(
                "{} in definitions {verb} in the way of knowing whose all results are; `octavo check` tells them",
                counted(wrong, "error")
            ));
        }
        session.output.result(&match self.format {
            Format::Json => as_json(&contents).to_string(),
            Format::Text => as_text(&contents, environment::seconds_since_1970()),
        })
    }
}

fn export(session: &Session, file: &std::path::Path) -> Result<(), ExitCode> {
    let store = session.store_at(&session.root()?)?;
    let done = store.export(&session.folder.join(file)).map_err(refused(session))?;
    session.tell_damage(&store);
    let (records, results, size) = (done.records, done.blobs, done.bytes);
    session.output.event(&Event::Exported { records, results, bytes: size });
    session.output.line(&format!(
        "wrote {} and {} into `{}`, {}",
        counted(records, "record"),
        counted(results, "result"),
        plain::path(file),
        bytes(size)
    ));
    Ok(())
}

fn import(session: &Session, file: &std::path::Path) -> Result<(), ExitCode> {
    let store = session.store_at(&session.root()?)?;
    let done = store.import(&session.folder.join(file)).map_err(refused(session))?;
    session.tell_damage(&store);
    let (records, results, size, known) = (done.records, done.blobs, done.bytes, done.known);
    session.output.event(&Event::Imported { records, results, bytes: size, known });
    let verb = if known == 1 { "was" } else { "were" };
    session.output.line(&format!(
        "{} and {} are new, {}; {known} {verb} there already",
        counted(records, "record"),
        counted(results, "result"),
        bytes(size)
    ));
    Ok(())
}

/// A file that is no good is a wrong command line; the rest can go wrong with any.
fn refused(session: &Session) -> impl Fn(ArchiveError) -> ExitCode {
    |error| {
        session.output.problem(error.diagnostic());
        if matches!(error, ArchiveError::Store(_)) { ExitCode::Failed } else { ExitCode::Definition }
    }
}

fn as_json(contents: &Contents<Owner>) -> Json {
    let tally = |tally: &Tally| {
        let date = |time: u64| date::iso(time);
        let (oldest, newest) = tally.written.unzip();
        json!({ "count": tally.count, "bytes": tally.bytes, "oldest": oldest.map(date), "newest": newest.map(date) })
    };
    let experiments = contents.groups.iter().filter_map(|(owner, group)| {
        let Owner::Experiment(id) = owner else { return None };
        let mut one = tally(group);
        one["experiment"] = id.as_str().into();
        Some(one)
    });
    let group = |owner: Owner| tally(&contents.groups.get(&owner).copied().unwrap_or_default());
    json!({
        "records": tally(&contents.records),
        "results": tally(&contents.blobs),
        "lines": tally(&contents.lines),
        "damaged": tally(&contents.damaged),
        "experiments": experiments.collect::<Vec<_>>(),
        "of_no_experiment": group(Owner::Nobody),
        "made": group(Owner::Made),
    })
}

fn as_text(contents: &Contents<Owner>, now: u64) -> String {
    let mut rows = vec![
        ("records".to_owned(), contents.records),
        ("results".to_owned(), contents.blobs),
        ("lines".to_owned(), contents.lines),
    ];
    if contents.damaged.count > 0 {
        rows.push(("damaged".to_owned(), contents.damaged));
    }
    let mut lines = vec!["by kind:".to_owned()];
    lines.extend(table(&rows, "entry", "entries", now));
    let owned = contents.groups.iter().map(|(owner, tally)| {
        let name = match owner {
            Owner::Experiment(id) => id.to_string(),
            Owner::Nobody => "(of no experiment of today)".to_owned(),
            Owner::Made => "(tables, figures, pages)".to_owned(),
        };
        (name, *tally)
    });
    let owned: Vec<(String, Tally)> = owned.collect();
    if !owned.is_empty() {
        lines.push("by experiment, with what their records name:".to_owned());
        lines.extend(table(&owned, "record", "records", now));
    }
    lines.join("\n")
}

/// Lines with a name, a number, a size and an age, below each other.
fn table(rows: &[(String, Tally)], one: &str, many: &str, now: u64) -> Vec<String> {
    let width = rows.iter().map(|(name, _)| name.chars().count()).max().unwrap_or_default();
    let line = |(name, tally): &(String, Tally)| {
        let noun = if tally.count == 1 { one } else { many };
        let number = format!("{} {noun}", tally.count);
        let written = match tally.written {
            None => String::new(),
            Some((oldest, newest)) => {
                let [oldest, newest] = [oldest, newest].map(|time| age(now.saturating_sub(time)));
                if oldest == newest {
                    format!("  {oldest} old")
                } else {
                    format!("  {newest} to {oldest} old")
                }
            }
        };
        format!("  {name:width$}  {number:>15}  {:>9}{written}", bytes(tally.bytes))
    };
    rows.iter().map(line).collect()
}

/// So many seconds in the largest unit of which there is one.
fn age(seconds: u64) -> String {
    let units = [(86_400, "day"), (3_600, "hour"), (60, "minute"), (1, "second")];
    let (size, unit) = units.into_iter().find(|(size, _)| seconds >= *size).unwrap_or((1, "second"));
    let number = usize::try_from(seconds / size).unwrap_or(usize::MAX);
    format!("{number} {}", plural(&number, unit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ages_have_one_unit_and_lines_stand_below_each_other() {
        let ages = [0, 1, 59, 60, 7_199, 86_399, 86_400, 3_000_000].map(age);
        let expected =
            ["0 seconds", "1 second", "59 seconds", "1 minute", "1 hour", "23 hours", "1 day", "34 days"];
        assert_eq!(ages, expected);
        let tally = |count, written| Tally { count, bytes: 1_500, written };
        let rows = [("a".to_owned(), tally(1, Some((40, 100)))), ("long".to_owned(), tally(20, None))];
        let lines = [
            "  a             1 entry     1.5 KB  0 seconds to 1 minute old",
            "  long       20 entries     1.5 KB",
        ];
        assert_eq!(table(&rows, "entry", "entries", 100), lines);
    }
}
