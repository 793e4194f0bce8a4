//! What a build says at its end.

use std::collections::BTreeMap;
use std::path::Path;

use octavo_plugin::counted;

use super::events::{Event, Files, Published};
use super::lock::in_full;
use super::progress::tasks_in_words;
use super::session::{ExitCode, Session};
use crate::build::{self, Counts, Held, Unavailable};
use crate::ids::ClaimRef;
use crate::plain;
use crate::project::Project;
use crate::publish::PublishReport;
use crate::render::claims::Judged;

/// Says what was published.
pub(super) fn summary(
    session: &Session,
    target: &Path,
    report: &PublishReport,
    counts: Counts,
    unavailable: usize,
    root: &Path,
) {
    let Counts { ran, remembered, failed, blocked, .. } = counts;
    let mut tasks = tasks_in_words(counts);
    match unavailable {
        0 => {}
        1 => tasks.push_str(", 1 experiment failed with its plugin"),
        several => tasks.push_str(&format!(", {several} experiments failed with their plugins")),
    }
    let (added, changed, removed) = (report.added.len(), report.changed.len(), report.removed.len());
    let files = if report.swapped() {
        format!(
            "{} new, {changed} changed, {removed} removed, {} as before",
            counted(added, "file"),
            report.unchanged
        )
    } else {
        "nothing changed".to_owned()
    };
    session.output.event(&Event::Published(Published {
        folder: plain::path(target),
        run: ran,
        remembered,
        failed,
        unavailable,
        blocked,
        added,
        changed,
        removed,
        unchanged: report.unchanged,
        files: Files::new([&report.added, &report.changed, &report.removed]),
    }));
    session.output.line(&format!("{tasks}; {files}"));
    for route in &report.edited {
        session.output.line(&format!("`{route}` had been edited by hand and was written anew"));
    }
    tell_home(session, root, target);
}

/// What is told of a build to who did not look at it.
pub(super) struct Outcome<'a> {
    /// The project.
    pub(super) project: &'a Project,
    /// Its experiments held against their locks.
    pub(super) held: &'a [Held],
    /// Their tasks, in the order of `held`: how many have no result, of how many.
    pub(super) failed: &'a [(usize, usize)],
    /// Experiments that were left out, and why.
    pub(super) unavailable: &'a Unavailable,
    /// All claims.
    pub(super) claims: &'a BTreeMap<ClaimRef, Judged>,
    /// Whether results that nobody accepted yet count.
    pub(super) locked: bool,
}

/// A text for a message: a line that says how the build went, and then what somebody has to look at.
pub(super) fn notification(of: &Outcome<'_>) -> String {
    let drifts = |one: &&Held| one.is_drift() && (of.locked || !one.is_to_be_written());
    let drifted: Vec<&Held> = of.held.iter().filter(drifts).collect();
    let failed: Vec<String> = of
        .held
        .iter()
        .zip(of.failed)
        .filter(|(_, (failed, _))| *failed > 0)
        .map(|(one, (failed, all))| {
            format!("failed: `{}`: no result of {failed} of {}", one.id, counted(*all, "task"))
        })
        .chain(of.unavailable.iter().map(|(id, why)| format!("failed: `{id}`: {why}")))
        .collect();
    // Of a claim that lacks results the failure is told.
    let unexpected: Vec<&Judged> =
        of.claims.values().filter(|one| one.is_good() && !one.as_expected()).collect();
    let parts = [
        (drifted.len(), format!("{} not as accepted", counted(drifted.len(), "experiment"))),
        (failed.len(), format!("{} with failures", counted(failed.len(), "experiment"))),
        (unexpected.len(), format!("{} not as expected", counted(unexpected.len(), "claim"))),
    ];
    let parts: Vec<String> =
        parts.into_iter().filter(|(count, _)| *count > 0).map(|(_, text)| text).collect();
    let how = match parts.as_slice() {
        [] => format!("{}, all as accepted", counted(of.held.len(), "experiment")),
        parts => parts.join(", "),
    };
    let mut lines = vec![format!("{}: {how}", of.project.config.project_name())];
    lines.extend(failed);
    lines.extend(drifted.into_iter().map(|one| in_full(one, of.project, false)));
    lines.extend(
        unexpected.into_iter().map(|one| {
            format!("claim: `{}` is {}, expected: {}", one.claim, one.verdict(), one.expect.name())
        }),
    );
    lines.join("\n") + "\n"
}

/// A build of which nothing changed since the last one.
pub(super) fn unchanged(session: &Session, root: &Path, standing: &build::Standing) -> ExitCode {
    let counts = Counts { remembered: standing.tasks, ..Counts::default() };
    session.output.line(&format!("{}; nothing changed", tasks_in_words(counts)));
    tell_home(session, root, &standing.folder);
    ExitCode::Good
}

/// Says where the site begins.
fn tell_home(session: &Session, root: &Path, target: &Path) {
    let page = target.join("index.html");
    let shown = page.strip_prefix(&session.folder).or_else(|_| page.strip_prefix(root)).unwrap_or(&page);
    session.output.line(&format!("open {}", plain::path(shown)));
}
