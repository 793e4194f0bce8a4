//! `octavo build` and `octavo check`.

use std::collections::BTreeMap;
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
use crate::project::Project;
use crate::publish::{PublishError, PublishOptions, PublishReport, Publisher};
use crate::render::File;
use crate::store::Store;
use crate::theme::{TEMPLATE, Theme};

/// Arguments of `octavo build`.
#[derive(Args, Debug)]
pub(super) struct Build {
    /// Remove files that somebody added to the published folder
    #[arg(long)]
    remove_strays: bool,
}

/// Checks the project: what was checked and what is wrong with it.
fn checked(session: &Session) -> Result<(Project, Checked, Vec<Diagnostic>), ExitCode> {
    let (project, mut problems) = session.project()?;
    let (experiments, unavailable) = session.experiments(&project, None, &mut problems);
    let checked = build::check(&project, experiments, unavailable, &mut problems);
    Ok((project, checked, problems))
}

pub(super) fn check(session: &Session) -> ExitCode {
    let checked = checked(session)
        .and_then(|(project, checked, problems)| session.report(problems).map(|()| (project, checked)));
    match checked {
        Ok((project, checked)) => {
            session.remember_plugins();
            let (experiments, tasks) = (checked.plan.experiments.len(), checked.plan.tasks.len());
            let pages = checked.site.pages.len() * project.locales.len();
            session
                .output
                .line(&format!("{experiments} experiments with {tasks} tasks and {pages} pages are good"));
            ExitCode::Good
        }
        Err(code) => code,
    }
}

impl Build {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.build(session).unwrap_or_else(|code| code)
    }

    fn build(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let (project, checked, problems) = checked(session)?;
        session.report_but_plugins(problems)?;
        let date = environment::source_date_epoch().map_err(|error| {
            let problem = Diagnostic::error("environment", error.to_string());
            session.refuse(
                problem.help("`date +%s` prints such a number; without the variable no date is stated"),
            )
        })?;
        let theme = checked.theme.as_ref().ok_or(ExitCode::Definition)?;
        let fail = |diagnostic: Diagnostic| {
            session.output.problem(diagnostic);
            ExitCode::Failed
        };
        let program = build::program_digest().map_err(|error| {
            fail(Diagnostic::error("program", format!("this program's file cannot be read: {error}")))
        })?;
        let store = Store::open_telling(&project.root, &mut |text| session.output.line(text))
            .map_err(|error| fail(error.diagnostic()))?;
        let sources = [project.experiments_folder(), project.root.join("templates")];
        Publisher::check(&session.site(&project), &store, &sources).map_err(refused(session))?;
        session.remember_plugins();
        session.catch_interrupts();
        let (outcomes, counts) = run(session, &project, &checked, &store);
        let result =
            self.finish(session, &project, &checked, theme, &store, program, date, &outcomes, counts);
        if let Err(error) = store.finish() {
            session.output.problem(error.diagnostic());
        }
        for warning in store.take_warnings() {
            session.output.problem(Diagnostic::warning("damaged-store", warning.to_string()));
        }
        result
    }

    #[expect(clippy::too_many_arguments, reason = "the stages of one build")]
    fn finish(
        &self,
        session: &Session,
        project: &Project,
        checked: &Checked,
        theme: &Theme,
        store: &Store,
        program: Digest,
        date: Option<u64>,
        outcomes: &[Outcome],
        counts: Counts,
    ) -> Result<ExitCode, ExitCode> {
        if session.stop.stopped() {
            session
                .output
                .line(&format!("stopped; {} finished tasks are kept", counts.ran + counts.remembered));
            return Ok(ExitCode::Failed);
        }
        let stopped = session.tell_stopped_plugins();
        let mut rendered = build::render(project, checked, theme, outcomes, store, program);
        rendered.about.extend(date.map(|seconds| ("date".to_owned(), date::iso(seconds).into())));
        if let Err(error) = build::remember_last_good(store, &rendered.last_good) {
            session.output.problem(Diagnostic::warning("store", error.to_string()));
        }
        diagnostic::sort(&mut rendered.diagnostics);
        if session.global.strict {
            diagnostic::make_strict(&mut rendered.diagnostics);
        }
        session.output.diagnostics(&rendered.diagnostics);
        if rendered.diagnostics.iter().any(|problem| problem.code == TEMPLATE) {
            session.output.trouble("nothing was published, since a template is wrong");
            return Ok(ExitCode::Definition);
        }
        for (experiment, name, error) in &rendered.failed_figures {
            let message = format!("the figure `{experiment}#{name}` has no drawing: {error}");
            session.output.problem(Diagnostic::error("no-figure", message));
        }
        let good = counts.failed + counts.blocked + counts.cancelled + stopped == 0
            && !diagnostic::has_errors(&rendered.diagnostics)
            && rendered.failed_figures.is_empty()
            && checked.unavailable.is_empty();
        let unexpected = report_claims(session, &rendered);
        if session.global.strict && !(good && unexpected == 0) {
            session.output.trouble("nothing was published, since not everything is good (`--strict`)");
            return Ok(if good { ExitCode::Claim } else { ExitCode::Failed });
        }
        let target = session.site(project);
        let report = self.publish(session, &target, rendered, store)?;
        summary(session, &target, &report, counts, checked.unavailable.len(), project);
        Ok(match (good, unexpected) {
            (false, _) => ExitCode::Failed,
            (true, 0) => ExitCode::Good,
            (true, _) => ExitCode::Claim,
        })
    }

    fn publish(
        &self,
        session: &Session,
        target: &std::path::Path,
        rendered: Rendered,
        store: &Store,
    ) -> Result<PublishReport, ExitCode> {
        let fail = |diagnostic: Diagnostic| {
            session.output.problem(diagnostic);
            ExitCode::Failed
        };
        let mut files: BTreeMap<String, Digest> = BTreeMap::new();
        let (mut routes, mut contents) = (Vec::new(), Vec::new());
        for (route, file) in rendered.files {
            match file {
                File::Stored(digest) => drop(files.insert(route, digest)),
                File::Bytes(bytes) => {
                    routes.push(route);
                    contents.push(bytes);
                }
            }
        }
        let digests = store.put_all(&contents).map_err(|error| fail(error.diagnostic()))?;
        files.extend(routes.into_iter().zip(digests));
        let options = PublishOptions { about: rendered.about, remove_strays: self.remove_strays };
        Publisher::publish(target, &files, store, &options, &mut |text| session.output.line(text))
            .map_err(refused(session))
    }
}

/// A folder that cannot be published to is a wrong command line; the rest can go wrong in any build.
fn refused(session: &Session) -> impl Fn(PublishError) -> ExitCode {
    |error| {
        session.output.problem(error.diagnostic());
        if matches!(error, PublishError::Target { .. }) { ExitCode::Definition } else { ExitCode::Failed }
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
    let mut unexpected = 0;
    for judged in rendered.claims.values().filter(|judged| !judged.as_expected()) {
        unexpected += 1;
        let expected = serde_json::to_value(judged.expect).ok();
        let expected = expected.as_ref().and_then(|word| word.as_str()).unwrap_or_default().to_owned();
        let message = format!(
            "the claim `{}#{}` is {}, expected: {expected}",
            judged.experiment,
            judged.name,
            judged.verdict()
        );
        let diagnostic = Diagnostic::warning("unexpected-claim", message);
        session.output.reason(&diagnostic.help(judged.decision.explanation.clone()));
    }
    unexpected
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
        "event": "published", "folder": target, "run": ran, "remembered": remembered, "failed": failed,
        "unavailable": unavailable, "blocked": blocked, "added": added, "changed": changed, "removed": removed, "unchanged": report.unchanged,
    }));
    session.output.line(&format!("{tasks}; {files}"));
    for route in &report.edited {
        session.output.line(&format!("`{route}` had been edited by hand and was written anew"));
    }
    let page = target.join("index.html");
    let shown =
        page.strip_prefix(&session.folder).or_else(|_| page.strip_prefix(&project.root)).unwrap_or(&page);
    session.output.line(&format!("open {}", shown.display()));
}
