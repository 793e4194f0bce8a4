//! `octavo build` and `octavo check`.

use octavo_plugin::counted;
use std::path::{Path, PathBuf};

use clap::Args;

use super::events::{Event, Files, Published};
use super::progress::{Watcher, tasks_in_words};
use super::session::{ExitCode, Session};
use super::timings;
use crate::build::{self, Checked, Counts, Failed, Loaded, Pace, Place, PublishChoice, Ran, Rendered};
use crate::cache::TaskCache;
use crate::config::{EXTERNAL_LINKS, HOW_TO_BUILD_EXTERNAL_LINKS};
use crate::diagnostic::{self, Diagnostic};
use crate::environment;
use crate::experiment::Experiment;
use crate::external;
use crate::plain;
use crate::publish::{Destination, PublishError, PublishReport, Publisher};
use crate::registration::Fresh;
use crate::source::Location;
use crate::store::Store;
use crate::theme::TEMPLATE;
use crate::timings::{Kind, timed};

/// Arguments of `octavo build`.
#[derive(Args, Debug)]
pub(super) struct Build {
    /// Remove files that somebody added to the published folder
    #[arg(long)]
    remove_strays: bool,
    /// Publish pages that say `draft = true`, too, each with a mark
    #[arg(long)]
    drafts: bool,
    /// Tell where the time went, and write a trace for viewers of traces to FILE if one is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    timings: Option<Option<PathBuf>>,
}

/// Arguments of `octavo check`.
#[derive(Args, Debug)]
pub(super) struct Check {
    /// Check links to and from pages that say `draft = true`, too
    #[arg(long)]
    drafts: bool,
    /// Ask other hosts whether links to them lead somewhere; a program must be built for it (`--features external-links`)
    #[arg(long)]
    external: bool,
}

/// A step of a build, timed if somebody asked for it.
fn step<T>(name: &str, work: impl FnOnce() -> T) -> T {
    timed(Kind::Step, || name.to_owned(), work)
}

/// The project, what was checked, and what is wrong with it.
fn checked(session: &Session, drafts: bool) -> Result<(Loaded, Checked, Vec<Diagnostic>), ExitCode> {
    let mut loaded = step("read the project", || session.loaded())?;
    loaded.project.drafts = drafts;
    let (checked, problems) = step("check everything", || build::check(&loaded, &session.choice()));
    Ok((loaded, checked, problems))
}

impl Check {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let checked = checked(session, self.drafts).and_then(|(loaded, checked, mut problems)| {
            // What is wrong by itself is mended first.
            if !diagnostic::has_errors(&problems) {
                problems.extend(self.external(session, &loaded, &checked)?);
            }
            session.report(problems).map(|()| (loaded, checked))
        });
        match checked {
            Ok((loaded, checked)) => {
                session.remember_plugins(&loaded.registry);
                let (experiments, tasks) = (checked.plan.experiments.len(), checked.plan.tasks.len());
                let pages = checked.site.pages.len() * loaded.project.locales.len();
                session.output.line(&format!(
                    "{} with {} and {} are good",
                    counted(experiments, "experiment"),
                    counted(tasks, "task"),
                    counted(pages, "page")
                ));
                ExitCode::Good
            }
            Err(code) => code,
        }
    }

    /// What is wrong with links to other hosts, if somebody wants to know.
    fn external(
        &self,
        session: &Session,
        loaded: &Loaded,
        checked: &Checked,
    ) -> Result<Vec<Diagnostic>, ExitCode> {
        if !(self.external || loaded.project.config.links.external) {
            return Ok(Vec::new());
        }
        if !EXTERNAL_LINKS {
            let problem = Diagnostic::error("usage", "this program is built without asking other hosts");
            return Err(session.refuse(problem.help(HOW_TO_BUILD_EXTERNAL_LINKS)));
        }
        let addresses = external::addresses(&loaded.project, &checked.site);
        let store = session.store(&loaded.project)?;
        Ok(external::check(&addresses, store.folder(), environment::seconds_since_1970()))
    }
}

impl Build {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        let Some(trace) = &self.timings else { return self.build(session).unwrap_or_else(|code| code) };
        crate::timings::begin();
        let code = self.build(session).unwrap_or_else(|code| code);
        match timings::tell(session, trace.as_deref()) {
            Err(failed) if code == ExitCode::Good => failed,
            _ => code,
        }
    }

    fn build(&self, session: &Session) -> Result<ExitCode, ExitCode> {
        let began = environment::now();
        let date = environment::source_date_epoch();
        let root = session.root()?;
        let output = session.global.output.as_deref().map(|output| session.folder.join(output));
        let asked = build::Asked {
            root: &root,
            output: output.as_deref(),
            profile: session.global.profile.as_deref(),
            drafts: self.drafts,
            date: date.as_ref().ok().copied().flatten(),
        };
        if date.is_ok()
            && session.output.is_brief()
            && let Some(standing) = step("look for changes", || build::standing(&asked))
            && Store::open(&root).and_then(|store| store.renew()).is_ok()
        {
            return Ok(unchanged(session, &root, &standing));
        }
        let (loaded, checked, problems) = checked(session, self.drafts)?;
        let quiet = problems.is_empty();
        session.report_but_plugins(problems)?;
        let date = date.map_err(|error| {
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
        let destination = session.destination(&loaded.project);
        Publisher::check(&destination).map_err(refused(session))?;
        let store = Store::open_telling(&loaded.project.root, &mut |text| session.output.line(text))
            .map_err(|error| fail(error.diagnostic()))?;
        let program = build::program_digest(&store).map_err(|error| {
            fail(Diagnostic::error("program", format!("this program's file cannot be read: {error}")))
        })?;
        session.remember_plugins(&loaded.registry);
        session.catch_interrupts();
        let place = Place { store: &store, program, date };
        let steps = Steps { session, loaded: &loaded, checked: &checked, place };
        let result = steps.all(&destination, self.remove_strays);
        build::remember_sheets(&store, program, &checked);
        if let Err(error) = store.finish() {
            session.output.problem(error.diagnostic());
        }
        let whole = session.tell_damage(&store) == 0;
        let (code, silent) = result?;
        if quiet && silent && whole && code == ExitCode::Good {
            let remember = || build::remember(&asked, &loaded.project, &checked, &destination, &store, began);
            step("remember the build", remember);
        }
        Ok(code)
    }
}

/// The steps after the check, and what is told of each.
struct Steps<'a> {
    session: &'a Session,
    loaded: &'a Loaded,
    checked: &'a Checked,
    place: Place<'a>,
}

impl Steps<'_> {
    /// The exit code, and whether there was nothing to tell but what was published.
    fn all(&self, to: &Destination, remove_strays: bool) -> Result<(ExitCode, bool), ExitCode> {
        let session = self.session;
        let mut ran = step("run tasks", || self.run());
        if session.stop.stopped() {
            let kept = ran.counts.ran + ran.counts.remembered;
            let verb = if kept == 1 { "is" } else { "are" };
            session.output.line(&format!("stopped; {} {verb} kept", counted(kept, "finished task")));
            return Ok((ExitCode::Failed, false));
        }
        let stopped = session.tell_stopped_plugins(&self.loaded.registry);
        let mut rendered = step("render pages", || self.render(&mut ran))?;
        let good = self.is_good(&ran, &rendered) && stopped == 0;
        let unexpected = self.report_claims(&rendered);
        let stale = self.report_stale_replication(&rendered);
        let explores = self.tell_exploration();
        if session.global.strict && !(good && unexpected == 0 && stale == 0) {
            session.output.trouble("nothing was published, since not everything is good (`--strict`)");
            return Ok((if good { ExitCode::Claim } else { ExitCode::Failed }, false));
        }
        let silent = rendered.diagnostics.is_empty() && stale == 0 && !explores;
        let report = step("publish", || self.publish(&ran, &mut rendered, to, remove_strays))?;
        summary(
            session,
            &to.folder,
            &report,
            ran.counts,
            self.checked.unavailable.len(),
            &self.loaded.project.root,
        );
        let code = match (good, unexpected) {
            (false, _) => ExitCode::Failed,
            (true, 0) => ExitCode::Good,
            (true, _) => ExitCode::Claim,
        };
        Ok((code, silent && report.edited.is_empty()))
    }

    fn run(&self) -> Ran {
        let (session, plan) = (self.session, &self.checked.plan);
        let tasks: Vec<usize> = (0..plan.tasks.len()).collect();
        let watcher = Watcher::new(plan, &tasks, &session.output);
        let pace = Pace { jobs: session.jobs, observer: &watcher, stop: &session.stop };
        let ran = build::run(plan, &tasks, &TaskCache::new(self.place.store), pace);
        watcher.finish();
        ran
    }

    /// Renders, and tells what is wrong with it. A result that is found damaged only now is computed, and all is rendered once more.
    fn render(&self, ran: &mut Ran) -> Result<Rendered, ExitCode> {
        let (session, store) = (self.session, self.place.store);
        let render = |ran: &Ran| build::render(&self.loaded.project, self.checked, ran, self.place);
        let losses = store.losses();
        let mut rendered = render(ran);
        if store.losses() > losses {
            *ran = self.run().after(ran.counts);
            rendered = render(ran);
        }
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
            Diagnostic {
                location: self.place_of(experiment, &["figures", name]),
                ..Diagnostic::error("no-figure", message)
            }
        });
        session.output.diagnostics(&failed.collect::<Vec<_>>());
        Ok(rendered)
    }

    /// Where an experiment defines something.
    fn place_of(&self, experiment: &str, keys: &[&str]) -> Option<Location> {
        let found = self.checked.plan.experiments.iter().find(|one| one.id == experiment);
        found.map(|experiment| experiment.node.place_of(keys))
    }

    /// Whether every task, page and figure is good.
    fn is_good(&self, ran: &Ran, rendered: &Rendered) -> bool {
        ran.counts.failed + ran.counts.blocked + ran.counts.cancelled == 0
            && !diagnostic::has_errors(&rendered.diagnostics)
            && rendered.failed_figures.is_empty()
            && self.checked.unavailable.is_empty()
    }

    /// Shows the claims that turned out other than expected; their number.
    fn report_claims(&self, rendered: &Rendered) -> usize {
        // A verdict of another day is told as the experiment's failure.
        let today = rendered.claims.values().filter(|judged| !judged.as_expected() && judged.stale.is_none());
        let unexpected = today.map(|judged| {
            let expected = judged.expect.name();
            let fragile = if judged.is_fragile() { ", and fresh replicates do not confirm it" } else { "" };
            let message = format!(
                "the claim `{}#{}` is {}, expected: {expected}{fragile}",
                judged.experiment,
                judged.name,
                judged.verdict()
            );
            let location = self.place_of(&judged.experiment, &["claims", &judged.name]);
            let problem = Diagnostic { location, ..Diagnostic::warning("unexpected-claim", message) };
            problem.help(judged.decision.explanation.clone())
        });
        let unexpected: Vec<Diagnostic> = unexpected.collect();
        self.session.output.reasons(&unexpected);
        unexpected.len()
    }

    /// Tells of experiments that explore, whose claims have no verdict yet; whether there are any.
    fn tell_exploration(&self) -> bool {
        let explores =
            |one: &&std::sync::Arc<Experiment>| one.stochastic() && one.registered.explores(&one.manifest);
        let ids: Vec<&str> =
            self.checked.plan.experiments.iter().filter(explores).map(|one| one.id.as_str()).collect();
        let (Some(first), Some(seed)) = (ids.first(), self.loaded.project.config.claims.explore_seed) else {
            return false;
        };
        let what = match ids.len() {
            1 => format!("`{first}` explores"),
            count => format!("`{first}` and {} more explore", count - 1),
        };
        self.session.output.line(&format!(
            "{what} under the seed {seed}: claims have no verdict until `octavo claims register` registers them"
        ));
        true
    }

    /// Tells of verdicts whose fresh replicates were computed by another revision of the analysis; their number.
    fn report_stale_replication(&self, rendered: &Rendered) -> usize {
        let stale = rendered.claims.values().filter(|judged| judged.fresh == Fresh::Stale);
        let ids: std::collections::BTreeSet<&str> = stale.map(|judged| judged.experiment.as_str()).collect();
        let told = ids.iter().map(|id| {
            let message = format!("the fresh replicates of `{id}` are of another revision of its analysis");
            let problem = Diagnostic::warning("stale-replication", message)
                .help(format!("`octavo replicate {id}` runs them again"));
            Diagnostic { location: self.place_of(id, &["claims"]), ..problem }
        });
        self.session.output.reasons(&told.collect::<Vec<_>>());
        ids.len()
    }

    fn publish(
        &self,
        ran: &Ran,
        rendered: &mut Rendered,
        to: &Destination,
        remove_strays: bool,
    ) -> Result<PublishReport, ExitCode> {
        let output = &self.session.output;
        let choice = PublishChoice { to, remove_strays, waiting: &mut |text| output.line(text) };
        let done = build::publish(&self.loaded.project, self.checked, ran, rendered, self.place, choice);
        let (report, forgotten) = done.map_err(|failed| {
            match failed {
                Failed::Publish(error) => return refused(self.session)(error),
                Failed::Loss(first) => output.trouble(&format!(
                    "nothing was published, since what stands in for a failure is damaged: {first}"
                )),
                Failed::NotMadeAgain => {
                    output.trouble("nothing was published, since what is damaged could not be made again");
                }
            }
            ExitCode::Failed
        })?;
        if let Some(error) = forgotten {
            output.problem(Diagnostic::warning("store", error.to_string()));
        }
        Ok(report)
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

fn summary(
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
fn unchanged(session: &Session, root: &Path, standing: &build::Standing) -> ExitCode {
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
