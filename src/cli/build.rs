//! `octavo build` and `octavo check`.

use std::time::Duration;

use clap::Args;
use octavo_plugin::Digest;
use serde_json::json;

use super::progress::{Counts, Watcher};
use super::session::{ExitCode, Session};
use crate::build::{self, Checked, Rendered};
use crate::date;
use crate::diagnostic::{self, Diagnostic};
use crate::environment;
use crate::executor::{self, Options, Outcome};
use crate::plain;
use crate::project::Project;
use crate::publish::{Destination, PublishError, PublishOptions, PublishReport, Publisher};
use crate::store::Store;
use crate::theme::TEMPLATE;

/// Arguments of `octavo build`.
#[derive(Args, Debug)]
pub(super) struct Build {
    /// Remove files that somebody added to the published folder
    #[arg(long)]
    remove_strays: bool,
    /// Publish pages that say `draft = true`, too, each with a mark
    #[arg(long)]
    drafts: bool,
}

/// Arguments of `octavo check`.
#[derive(Args, Debug)]
pub(super) struct Check {
    /// Check links to and from pages that say `draft = true`, too
    #[arg(long)]
    drafts: bool,
}

/// Checks the project: what was checked and what is wrong with it.
fn checked(session: &Session, drafts: bool) -> Result<(Project, Checked, Vec<Diagnostic>), ExitCode> {
    let (mut project, mut problems) = session.project()?;
    project.drafts = drafts;
    let (experiments, unavailable) = session.experiments(&project, None, &mut problems);
    let checked = build::check(&project, experiments, unavailable, &mut problems);
    Ok((project, checked, problems))
}

impl Check {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let checked = checked(session, self.drafts)
            .and_then(|(project, checked, problems)| session.report(problems).map(|()| (project, checked)));
        match checked {
            Ok((project, checked)) => {
                session.remember_plugins();
                let (experiments, tasks) = (checked.plan.experiments.len(), checked.plan.tasks.len());
                let pages = checked.site.pages.len() * project.locales.len();
                session.output.line(&format!(
                    "{experiments} experiments with {tasks} tasks and {pages} pages are good"
                ));
                ExitCode::Good
            }
            Err(code) => code,
        }
    }
}

impl Build {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.build(session).unwrap_or_else(|code| code)
    }

    fn build(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let (project, checked, problems) = checked(session, self.drafts)?;
        session.report_but_plugins(problems)?;
        let date = environment::source_date_epoch().map_err(|error| {
            let problem = Diagnostic::error("environment", error.to_string());
            session.refuse(
                problem.help("`date +%s` prints such a number; without the variable no date is stated"),
            )
        })?;
        if checked.theme.is_none() {
            return Err(ExitCode::Definition);
        }
        let fail = |diagnostic: Diagnostic| {
            session.output.problem(diagnostic);
            ExitCode::Failed
        };
        let program = build::program_digest().map_err(|error| {
            fail(Diagnostic::error("program", format!("this program's file cannot be read: {error}")))
        })?;
        let destination = session.destination(&project);
        Publisher::check(&destination).map_err(refused(session))?;
        let store = Store::open_telling(&project.root, &mut |text| session.output.line(text))
            .map_err(|error| fail(error.diagnostic()))?;
        session.remember_plugins();
        session.catch_interrupts();
        let (outcomes, counts) = run(session, &project, &checked, &store);
        let finish =
            Finish { session, project: &project, checked: &checked, store: &store, program, date, counts };
        let result = finish.publish(&destination, &outcomes, self.remove_strays);
        if let Err(error) = store.finish() {
            session.output.problem(error.diagnostic());
        }
        session.tell_damage(&store);
        result
    }
}

/// What is left to do once the tasks are over.
struct Finish<'a> {
    session: &'a Session,
    project: &'a Project,
    checked: &'a Checked,
    store: &'a Store,
    program: Digest,
    date: Option<u64>,
    counts: Counts,
}

impl Finish<'_> {
    /// Renders and publishes. What turns out to be damaged in the store while it is copied is made again, once: what is damaged
    /// after that keeps the standing release live.
    fn publish(
        &self,
        to: &Destination,
        outcomes: &[Outcome],
        remove_strays: bool,
    ) -> Result<ExitCode, ExitCode> {
        let session = self.session;
        if session.stop.stopped() {
            let kept = self.counts.ran + self.counts.remembered;
            session.output.line(&format!("stopped; {kept} finished tasks are kept"));
            return Ok(ExitCode::Failed);
        }
        let stopped = session.tell_stopped_plugins();
        let mut rendered = self.render(outcomes)?;
        let (good, unexpected) = self.judge(&rendered, stopped);
        if session.global.strict && !(good && unexpected == 0) {
            session.output.trouble("nothing was published, since not everything is good (`--strict`)");
            return Ok(if good { ExitCode::Claim } else { ExitCode::Failed });
        }
        let last_good = std::mem::take(&mut rendered.last_good);
        if self.refuse_loss(&rendered) {
            return Ok(ExitCode::Failed);
        }
        let options = PublishOptions { about: rendered.about, remove_strays };
        let put = |files| {
            Publisher::publish(to, files, self.store, &options, &mut |text| session.output.line(text))
        };
        let report = match put(rendered.files) {
            Err(PublishError::MissingBlobs { .. }) => {
                let again = self.rendered(outcomes)?;
                if self.refuse_loss(&again) || again.failed_figures != rendered.failed_figures {
                    session
                        .output
                        .trouble("nothing was published, since what is damaged could not be made again");
                    return Ok(ExitCode::Failed);
                }
                put(again.files)
            }
            other => other,
        };
        let report = report.map_err(refused(session))?;
        if let Err(error) = last_good.remember(self.store) {
            session.output.problem(Diagnostic::warning("store", error.to_string()));
        }
        summary(session, &to.folder, &report, self.counts, self.checked.unavailable.len(), self.project);
        Ok(match (good, unexpected) {
            (false, _) => ExitCode::Failed,
            (true, 0) => ExitCode::Good,
            (true, _) => ExitCode::Claim,
        })
    }

    /// Whether the site would lose what it shows, since the last good form of something that failed is damaged, too.
    fn refuse_loss(&self, rendered: &Rendered) -> bool {
        if let Some(first) = rendered.lost.first() {
            let text =
                format!("nothing was published, since what stands in for a failure is damaged: {first}");
            self.session.output.trouble(&text);
        }
        !rendered.lost.is_empty()
    }

    /// Renders, and tells what is wrong with it.
    fn render(&self, outcomes: &[Outcome]) -> Result<Rendered, ExitCode> {
        let session = self.session;
        let mut rendered = self.rendered(outcomes)?;
        diagnostic::sort(&mut rendered.diagnostics);
        if session.global.strict {
            diagnostic::make_strict(&mut rendered.diagnostics);
        }
        session.output.diagnostics(&rendered.diagnostics);
        if rendered.diagnostics.iter().any(|problem| problem.code == TEMPLATE) {
            session.output.trouble("nothing was published, since a template is wrong");
            return Err(ExitCode::Definition);
        }
        let failed = rendered.failed_figures.iter().map(|(experiment, name, error)| {
            let message = format!("the figure `{experiment}#{name}` has no drawing: {error}");
            Diagnostic::error("no-figure", message)
        });
        session.output.diagnostics(&failed.collect::<Vec<_>>());
        Ok(rendered)
    }

    fn rendered(&self, outcomes: &[Outcome]) -> Result<Rendered, ExitCode> {
        let theme = self.checked.theme.as_ref().ok_or(ExitCode::Definition)?;
        let mut rendered =
            build::render(self.project, self.checked, theme, outcomes, self.store, self.program);
        rendered.about.extend(self.date.map(|seconds| ("date".to_owned(), date::iso(seconds).into())));
        Ok(rendered)
    }

    /// Whether all is good, and how many claims turned out other than expected.
    fn judge(&self, rendered: &Rendered, stopped: usize) -> (bool, usize) {
        let good = self.counts.failed + self.counts.blocked + self.counts.cancelled + stopped == 0
            && !diagnostic::has_errors(&rendered.diagnostics)
            && rendered.failed_figures.is_empty()
            && self.checked.unavailable.is_empty();
        (good, report_claims(self.session, rendered))
    }
}

/// A folder that cannot be published to is a wrong command line; the rest can go wrong in any build.
fn refused(session: &Session) -> impl Fn(PublishError) -> ExitCode {
    |error| {
        session.output.problem(error.diagnostic());
        if matches!(error, PublishError::Target { .. } | PublishError::OtherProject { .. }) {
            ExitCode::Definition
        } else {
            ExitCode::Failed
        }
    }
}

fn run(session: &Session, project: &Project, checked: &Checked, store: &Store) -> (Vec<Outcome>, Counts) {
    let tasks: Vec<usize> = (0..checked.plan.tasks.len()).collect();
    let watcher = Watcher::new(&checked.plan, tasks.len(), &session.output);
    let options = Options {
        jobs: session.jobs,
        time_limit: Duration::from_secs_f64(project.config.limits.time.min(1e9)),
        inputs: project.config.limits.input,
        cache: store,
        observer: &watcher,
        stop: &session.stop,
    };
    let outcomes = executor::run(&checked.plan, &tasks, &options);
    (outcomes, watcher.finish())
}

/// Shows the claims that turned out other than expected; their number.
fn report_claims(session: &Session, rendered: &Rendered) -> usize {
    // A verdict of another day is told as the experiment's failure.
    let today = rendered.claims.values().filter(|judged| !judged.as_expected() && judged.stale.is_none());
    let unexpected = today.map(|judged| {
        let expected = serde_json::to_value(judged.expect).ok();
        let expected = expected.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned();
        let message = format!(
            "the claim `{}#{}` is {}, expected: {expected}",
            judged.experiment,
            judged.name,
            judged.verdict()
        );
        Diagnostic::warning("unexpected-claim", message).help(judged.decision.explanation.clone())
    });
    let unexpected: Vec<Diagnostic> = unexpected.collect();
    session.output.reasons(&unexpected);
    unexpected.len()
}

fn summary(
    session: &Session,
    target: &std::path::Path,
    report: &PublishReport,
    counts: Counts,
    unavailable: usize,
    project: &Project,
) {
    let Counts { ran, remembered, failed, blocked, .. } = counts;
    let mut tasks = format!("{ran} tasks run, {remembered} remembered");
    if failed + blocked > 0 {
        tasks.push_str(&format!(", {failed} failed, {blocked} waited for these"));
    }
    match unavailable {
        0 => {}
        1 => tasks.push_str(", 1 experiment failed with its plugin"),
        several => tasks.push_str(&format!(", {several} experiments failed with their plugins")),
    }
    let (added, changed, removed) = (report.added.len(), report.changed.len(), report.removed.len());
    let files = if report.swapped() {
        format!("{added} files new, {changed} changed, {removed} removed, {} as before", report.unchanged)
    } else {
        "nothing changed".to_owned()
    };
    session.output.json(&json!({
        "event": "published", "folder": plain::path(target), "run": ran, "remembered": remembered, "failed": failed,
        "unavailable": unavailable, "blocked": blocked, "added": added, "changed": changed, "removed": removed, "unchanged": report.unchanged,
    }));
    session.output.line(&format!("{tasks}; {files}"));
    for route in &report.edited {
        session.output.line(&format!("`{route}` had been edited by hand and was written anew"));
    }
    let page = target.join("index.html");
    let shown =
        page.strip_prefix(&session.folder).or_else(|_| page.strip_prefix(&project.root)).unwrap_or(&page);
    session.output.line(&format!("open {}", plain::path(shown)));
}
