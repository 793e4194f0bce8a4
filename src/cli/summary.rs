//! What a build says at its end.

use std::path::Path;

use octavo_plugin::counted;

use super::events::{Event, Files, Published};
use super::progress::tasks_in_words;
use super::session::{ExitCode, Session};
use crate::build::{self, Counts};
use crate::plain;
use crate::publish::PublishReport;

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
