//! `octavo clean` and `octavo gc`.

use octavo_plugin::counted;
use std::collections::BTreeSet;
use std::time::Duration;

use clap::Args;
use octavo_plugin::Digest;

use super::events::{Collected, Event};
use super::session::{ExitCode, Session};
use crate::build::{Choice, Loaded};
use crate::cache;
use crate::diagnostic::{self, Diagnostic, Severity};
use crate::environment;
use crate::plan::Plan;
use crate::project::Project;
use crate::publish::{PublishError, Publisher};
use crate::render::last_good::LastGood;
use crate::store::{Keep, Store, StoreError, USES_EVERY};

/// Arguments of `octavo clean`.
#[derive(Args, Debug)]
pub(super) struct Clean {
    /// Remove only the site and keep remembered results
    #[arg(long)]
    site: bool,
    /// Remove the site also if somebody added files to it
    #[arg(long)]
    remove_strays: bool,
}

impl Clean {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.clean(session).err().unwrap_or(ExitCode::Good)
    }

    fn clean(&self, session: &Session) -> Result<(), ExitCode> {
        let (project, _) = session.project()?;
        self.remove_site(session, &project)?;
        if !self.site {
            let report = Store::clean(&project.root, &mut |text| session.output.line(text))
                .map_err(failed(session))?;
            session.output.line(&format!("removed {}", counted(report.files, "remembered file")));
        }
        Ok(())
    }

    fn remove_site(&self, session: &Session, project: &Project) -> Result<(), ExitCode> {
        let destination = session.destination(project);
        let shown = destination.folder.strip_prefix(&session.folder).unwrap_or(&destination.folder).display();
        let removed =
            Publisher::remove(&destination, self.remove_strays, &mut |text| session.output.line(text));
        match removed {
            Ok(report) if report.files == 0 => session.output.line(&format!("there is no site in `{shown}`")),
            Ok(report) => {
                session.output.line(&format!("removed `{shown}` with {}", counted(report.files, "file")));
                for route in &report.edited {
                    session.output.line(&format!("`{route}` had been edited by hand and is gone"));
                }
            }
            Err(error) => {
                let refused = !matches!(error, PublishError::Disk(_) | PublishError::Store(_));
                session.output.problem(error.diagnostic());
                return Err(if refused { ExitCode::Definition } else { ExitCode::Failed });
            }
        }
        Ok(())
    }
}

/// Arguments of `octavo gc`.
#[derive(Args, Debug)]
#[command(
    after_help = "Kept are the results of all tasks that any definition has, under every profile; the drawings that stand \
                        in for figures that fail; whatever was made or used within the period of `--keep`, by this checkout or by \
                        another one that shares the store; and what the last builds of this checkout used."
)]
pub(super) struct Gc {
    /// Keep whatever was made or used within this time, such as `12h`, `30d` or `4w`; `0d` for nothing
    #[arg(long, value_name = "TIME", default_value = "30d", value_parser = period)]
    keep: Duration,
    /// Keep whatever the last N builds of this checkout used
    #[arg(long, value_name = "N", default_value_t = 2)]
    keep_builds: usize,
    /// Remove what was used least recently until no more than this is left, such as `500MB` or `2GB`; what definitions and the builds of
    /// `--keep-builds` need stays
    #[arg(long, value_name = "SIZE", value_parser = size)]
    max_size: Option<u64>,
    /// Say what would be removed, and remove nothing
    #[arg(long)]
    dry_run: bool,
}

/// A time such as `30d`.
fn period(text: &str) -> Result<Duration, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let seconds = match &text[digits.len()..] {
        "h" => 3600,
        "d" => 86_400,
        "w" => 7 * 86_400,
        _ => {
            return Err(
                "give a whole number of hours, days or weeks, such as `12h`, `30d` or `4w`".to_owned()
            );
        }
    };
    let number: u64 =
        digits.parse().map_err(|_| "the number before the unit is not a whole number".to_owned())?;
    Ok(Duration::from_secs(number.saturating_mul(seconds)))
}

/// A size such as `2GB`, in bytes.
fn size(text: &str) -> Result<u64, String> {
    let digits = text.trim_end_matches(|c: char| c.is_ascii_alphabetic());
    let power = UNITS.iter().position(|unit| text[digits.len()..].eq_ignore_ascii_case(unit));
    let number = digits.parse::<u64>().ok();
    let bytes =
        power.zip(number).and_then(|(power, number)| number.checked_mul(1000_u64.pow(power as u32 + 1)));
    bytes.ok_or_else(|| "give a whole number of KB, MB, GB or TB, such as `500MB` or `2GB`".to_owned())
}

impl Gc {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.gc(session).err().unwrap_or(ExitCode::Good)
    }

    fn gc(&self, session: &Session) -> Result<(), ExitCode> {
        let loaded = session.loaded()?;
        let plans = whole_plans(session, &loaded)?;
        let store = Store::exclusive(&loaded.project.root, &mut |text| session.output.line(text))
            .map_err(failed(session))?;
        let mut keys: BTreeSet<Digest> = LastGood::read(&store).map_err(failed(session))?.keys().collect();
        for plan in &plans {
            keys.extend(cache::known_keys(plan, &store).into_iter().map(|(_, key)| key));
        }
        // A use may be later than the time that is written down for it. Nothing is within zero seconds, not even now.
        let period = match self.keep.as_secs() {
            0 => 0,
            seconds => seconds.saturating_add(USES_EVERY),
        };
        let since = (environment::seconds_since_1970() + 1).saturating_sub(period);
        let (builds, max_bytes) = (self.keep_builds, self.max_size);
        let keep = Keep { keys, since, builds, max_bytes, dry_run: self.dry_run };
        let report = store.gc(&keep).map_err(failed(session))?;
        let collected = Collected {
            records: report.actions,
            results: report.blobs,
            bytes: report.bytes,
            kept_records: report.kept_actions,
            kept_results: report.kept_blobs,
            kept_bytes: report.kept_bytes,
        };
        let event = if self.dry_run { Event::WouldCollect } else { Event::Collected };
        session.output.event(&event(collected));
        session.output.line(&format!(
            "{} {} and {}, {}; {} and {} are kept, {}",
            if self.dry_run { "would remove" } else { "removed" },
            counted(report.actions, "record"),
            counted(report.blobs, "result"),
            bytes(report.bytes),
            counted(report.kept_actions, "record"),
            counted(report.kept_blobs, "result"),
            bytes(report.kept_bytes),
        ));
        if self.max_size.is_some_and(|most| report.kept_bytes > most) {
            session
                .output
                .line("what definitions and the last builds need is more than `--max-size`, and stays");
        }
        session.tell_damage(&store);
        Ok(())
    }
}

/// The plans of a project without a profile and under each of them, and what is wrong with definitions that they lack.
pub(super) fn every_plan(loaded: &Loaded) -> (Vec<Plan>, Vec<Diagnostic>) {
    let mut problems = loaded.problems.clone();
    let definitions = loaded.under(&Choice::default());
    let profiles: BTreeSet<String> = definitions
        .experiments
        .iter()
        .flat_map(|experiment| experiment.manifest.profiles.keys().cloned())
        .collect();
    let mut plans = Vec::new();
    for profile in std::iter::once(None).chain(profiles.into_iter().map(Some)) {
        let found = loaded.under(&Choice { profile, ..Choice::default() });
        let read = |source: &crate::source::SourceFile, file: &str, limits| {
            loaded.project.read_input(source, file, limits)
        };
        let (plan, more) = Plan::new(found.experiments, &read);
        problems.extend(found.problems);
        problems.extend(more);
        plans.push(plan);
    }
    diagnostic::sort(&mut problems);
    problems.retain(|problem| problem.severity == Severity::Error);
    problems.dedup_by(|one, other| one.code == other.code && one.message == other.message);
    (plans, problems)
}

/// The same where all must be known: as long as a definition is wrong or a plugin does not start, it is not known which results they
/// use, and nothing may be removed.
fn whole_plans(session: &Session, loaded: &Loaded) -> Result<Vec<Plan>, ExitCode> {
    let (plans, problems) = every_plan(loaded);
    if problems.is_empty() {
        return Ok(plans);
    }
    session.output.diagnostics(&problems);
    session.output.trouble("nothing was removed, since it is not known which results these definitions use");
    Err(ExitCode::Definition)
}

pub(super) fn failed(session: &Session) -> impl Fn(StoreError) -> ExitCode {
    |error| {
        session.output.problem(error.diagnostic());
        ExitCode::Failed
    }
}

const UNITS: [&str; 4] = ["KB", "MB", "GB", "TB"];

/// A size for people.
pub(super) fn bytes(count: u64) -> String {
    let mut size = count as f64;
    let mut unit = "bytes";
    for next in UNITS {
        if size < 1000.0 {
            break;
        }
        size /= 1000.0;
        unit = next;
    }
    if unit == "bytes" { counted(count, "byte") } else { format!("{size:.1} {unit}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn times_and_sizes_are_as_people_write_them() {
        let hours = |text: &str| period(text).map(|time| time.as_secs() / 3600);
        assert_eq!([hours("12h"), hours("30d"), hours("4w"), hours("0d")], [Ok(12), Ok(720), Ok(672), Ok(0)]);
        for text in ["", "30", "d", "3.5d", "-1d", "30 d", "30m", "1y", "99999999999999999999d"] {
            assert!(period(text).is_err(), "{text}");
        }
        let sizes = ["0KB", "500MB", "2GB", "1TB", "3kB", "2gb"].map(size);
        assert_eq!(sizes, [0, 500_000_000, 2_000_000_000, 1_000_000_000_000, 3000, 2_000_000_000].map(Ok));
        for text in ["", "2", "GB", "2 GB", "2GiB", "1.5GB", "-1MB", "99999999999TB"] {
            assert!(size(text).is_err(), "{text}");
        }
        assert_eq!(
            [bytes(0), bytes(999), bytes(1000), bytes(1_234_567)],
            ["0 bytes", "999 bytes", "1.0 KB", "1.2 MB"]
        );
    }
}
