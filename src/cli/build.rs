//! `octavo build` and `octavo check`.

mod check;
mod elsewhere;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use octavo_plugin::{Digest, counted};

pub(super) use check::Check;
use clap::Args;
pub(super) use elsewhere::Elsewhere;

use super::lock::{self, Told};
use super::progress::Watcher;
use super::session::{ExitCode, Session};
use super::summary::{Outcome, notification, summary, unchanged};
use super::timings;
use crate::build::{self, Checked, Failed, Held, Keeper, Loaded, Pace, Place, PublishChoice, Ran, Rendered};
use crate::cache::TaskCache;
use crate::diagnostic::{self, Diagnostic};
use crate::disk;
use crate::environment;
use crate::experiment::Experiment;
use crate::experiment::registration::Fresh;
use crate::ids::{ClaimRef, ExperimentId};
use crate::lock::Accepted;
use crate::publish::{Destination, PublishError, PublishReport, Publisher};
use crate::render::claims::Judged;
use crate::source::Location;
use crate::store::Store;
use crate::theme::{TEMPLATE, Theme};
use crate::timings::{TimedKind, timed};

/// Arguments of `octavo build`.
#[derive(Args, Debug, Default)]
pub(super) struct Build {
    /// Remove files that somebody added to the published folder
    #[arg(long)]
    remove_strays: bool,
    /// Publish pages that say `draft = true`, too, each with a mark
    #[arg(long)]
    drafts: bool,
    /// Accept no other results than those that the committed locks hold: the exit code is 3 if some differ
    #[arg(long)]
    locked: bool,
    /// Run no task: show what is remembered. What is not is told, stands on pages as a task that failed, and the exit code is 1
    #[arg(long)]
    from_store: bool,
    /// Write into FILE, as a text for a message, what failed, drifted or turned out other than expected
    #[arg(long, value_name = "FILE")]
    summary: Option<PathBuf>,
    /// Say what would run, as `octavo status` does, and do nothing
    #[arg(long)]
    dry_run: bool,
    /// Tell where the time went, and write a trace for viewers of traces to FILE if one is named
    #[arg(long, value_name = "FILE", num_args = 0..=1, require_equals = true)]
    timings: Option<Option<PathBuf>>,
}

/// A step of a build, timed if somebody asked for it.
fn step<T>(name: &str, work: impl FnOnce() -> T) -> T {
    timed(TimedKind::Step, || name.to_owned(), work)
}

/// The project, what was checked, and what is wrong with it.
pub(super) fn checked(
    session: &Session,
    drafts: bool,
) -> Result<(Loaded, Checked, Vec<Diagnostic>), ExitCode> {
    let mut loaded = step("read the project", || session.loaded())?;
    loaded.project.drafts = drafts;
    let (checked, problems) = step("check everything", || build::check(&loaded, &session.choice()));
    Ok((loaded, checked, problems))
}

impl Build {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        if self.dry_run {
            return super::status::status(session, false).err().unwrap_or(ExitCode::Good);
        }
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
            locked: self.locked,
        };
        if date.is_ok()
            && !self.from_store
            && self.summary.is_none()
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
        let destination = session.destination(&loaded.project);
        Publisher::check(&destination).map_err(refused(session))?;
        let (store, program) = remembering(session, &loaded)?;
        let place = Place { store: &store, program, date };
        let (locked, from_store) = (self.locked, self.from_store);
        let summary = self.summary.as_deref();
        let steps = Steps { session, loaded: &loaded, checked: &checked, place, locked, from_store, summary };
        let result = steps.all(&destination, self.remove_strays);
        let whole = remembered(session, &store, program, &checked);
        let Ended { code, silent, kept } = result?;
        if quiet && silent && whole && code == ExitCode::Good {
            let built = (began, kept);
            let remember = || build::remember(&asked, &loaded.project, &checked, &destination, &store, built);
            step("remember the build", remember);
        }
        Ok(code)
    }
}

/// The store and the digest of the program, for a build that is about to run.
fn remembering(session: &Session, loaded: &Loaded) -> Result<(Store, Digest), ExitCode> {
    let store = session.store(&loaded.project)?;
    let program = build::program_digest(&store).map_err(|error| {
        let message = format!("this program's file cannot be read: {error}");
        session.output.problem(Diagnostic::error("program", message));
        ExitCode::Failed
    })?;
    session.remember_plugins(&loaded.registry);
    session.catch_interrupts();
    Ok((store, program))
}

/// Writes down what was found, and tells what was damaged; whether nothing was.
fn remembered(session: &Session, store: &Store, program: Digest, checked: &Checked) -> bool {
    build::remember_sheets(store, program, checked);
    if let Err(error) = store.finish() {
        session.output.problem(error.diagnostic());
    }
    session.tell_damage(store) == 0
}

/// Computes all results without publishing anything, and hands them on, with whether everything is good.
pub(super) fn computed(
    session: &Session,
    then: impl FnOnce(&Keeper<'_>, bool) -> Result<ExitCode, ExitCode>,
) -> Result<ExitCode, ExitCode> {
    rendered(session, false, |computed| then(computed.keeper, computed.good))
}

/// What was computed and is not published.
pub(super) struct Computed<'a> {
    pub(super) keeper: &'a Keeper<'a>,
    pub(super) rendered: &'a Rendered,
    pub(super) store: &'a Store,
    /// Whether everything is good.
    pub(super) good: bool,
}

/// The same with the files of the site; with `plain` as Octavo's own templates write them.
pub(super) fn rendered(
    session: &Session,
    plain: bool,
    then: impl FnOnce(&Computed<'_>) -> Result<ExitCode, ExitCode>,
) -> Result<ExitCode, ExitCode> {
    let (loaded, mut checked, problems) = checked(session, false)?;
    session.report_but_plugins(problems)?;
    if plain && checked.theme.is_some() {
        let own = |(name, _): &(&String, &Vec<u8>)| name.starts_with("pages/");
        let pages = loaded.project.overrides.iter().filter(own);
        let pages = pages.map(|(name, bytes)| (name.clone(), bytes.clone())).collect();
        checked.theme = Theme::new(&pages, &loaded.project.config.theme).ok();
    }
    if checked.theme.is_none() {
        return Err(ExitCode::Definition);
    }
    let (store, program) = remembering(session, &loaded)?;
    let place = Place { store: &store, program, date: None };
    let (locked, from_store, summary) = (false, false, None);
    let steps = Steps { session, loaded: &loaded, checked: &checked, place, locked, from_store, summary };
    let result = steps.unpublished(plain, then);
    remembered(session, &store, program, &checked);
    result
}

/// How a build ended.
struct Ended {
    code: ExitCode,
    /// Whether there was nothing to tell but what was published.
    silent: bool,
    /// Whether all results are those that locks hold.
    kept: bool,
}

impl Ended {
    /// That of one that published nothing.
    fn unpublished(code: ExitCode) -> Self {
        Self { code, silent: false, kept: false }
    }
}

/// The steps after the check, and what is told of each.
struct Steps<'a> {
    session: &'a Session,
    loaded: &'a Loaded,
    checked: &'a Checked,
    place: Place<'a>,
    locked: bool,
    /// Whether no task may run.
    from_store: bool,
    /// Where a text for a message is wanted.
    summary: Option<&'a Path>,
}

impl Steps<'_> {
    fn all(&self, to: &Destination, remove_strays: bool) -> Result<Ended, ExitCode> {
        let session = self.session;
        let mut ran = step("run tasks", || self.run());
        self.go_on(&ran)?;
        let stopped = session.tell_stopped_plugins(&self.loaded.registry);
        let mut rendered = step("render pages", || self.render(&mut ran))?;
        let good = self.is_good(&ran, &rendered) && stopped == 0;
        let unexpected = self.report_claims(&rendered);
        let stale = self.report_stale_replication(&rendered);
        let explores = self.tell_exploration();
        let today = std::mem::take(&mut rendered.today);
        let keeper = self.keeper(&ran, &today);
        let held = std::mem::take(&mut rendered.held);
        build::remember_causes(self.place.store, &keeper);
        build::remember_pages(self.place.store, self.checked, &rendered, keeper.profile);
        self.note_found(&ran);
        let told = if self.locked { Told::InFull } else { Told::Briefly };
        let moved = lock::tell(session, &self.loaded.project, &held, told);
        self.sum_up(&ran, &held, &rendered.claims)?;
        let drifted = self.locked && moved;
        if session.global.strict && !(good && unexpected == 0 && stale == 0 && !drifted) {
            session.output.trouble("nothing was published, since not everything is good (`--strict`)");
            return Ok(Ended::unpublished(match (good, drifted) {
                (false, _) => ExitCode::Failed,
                (true, true) => ExitCode::Drift,
                (true, false) => ExitCode::Claim,
            }));
        }
        let silent = rendered.diagnostics.is_empty() && stale == 0 && !explores && !moved;
        let report = step("publish", || self.publish(&ran, &mut rendered, to, remove_strays))?;
        let left_out = self.checked.unavailable.len();
        summary(session, &to.folder, &report, ran.counts, left_out, &self.loaded.project.root);
        let written = self.locked || lock::write_new(session, &keeper, &held);
        let code = match (good, drifted, unexpected) {
            (false, ..) => ExitCode::Failed,
            (true, true, _) => ExitCode::Drift,
            (true, false, 0) => ExitCode::Good,
            (true, false, _) => ExitCode::Claim,
        };
        let kept = !held.iter().any(Held::is_drift);
        Ok(Ended { code, silent: silent && written && report.edited.is_empty(), kept })
    }

    /// Computes and renders all, publishes nothing, and hands the results on, with whether everything is good.
    fn unpublished(
        &self,
        plain: bool,
        then: impl FnOnce(&Computed<'_>) -> Result<ExitCode, ExitCode>,
    ) -> Result<ExitCode, ExitCode> {
        let mut ran = self.run();
        self.go_on(&ran)?;
        let stopped = self.session.tell_stopped_plugins(&self.loaded.registry);
        let rendered = self.render(&mut ran)?;
        let good = self.is_good(&ran, &rendered) && stopped == 0;
        let keeper = self.keeper(&ran, &rendered.today);
        build::remember_causes(self.place.store, &keeper);
        // Pages of other templates than the project's explain nothing of its site.
        if !plain {
            build::remember_pages(self.place.store, self.checked, &rendered, keeper.profile);
        }
        then(&Computed { keeper: &keeper, rendered: &rendered, store: self.place.store, good })
    }

    /// The next build need not look at what this one had. What cannot be written down costs time only.
    fn note_found(&self, ran: &Ran) {
        let keys = ran.outcomes.iter().filter_map(|outcome| outcome.done().map(|done| done.key));
        let _ = self.place.store.note_found(&self.place.program, keys);
    }

    fn keeper<'k>(&'k self, ran: &'k Ran, today: &'k BTreeMap<ExperimentId, Accepted>) -> Keeper<'k> {
        let (project, profile) = (&self.loaded.project, self.session.global.profile.as_deref());
        Keeper { project, checked: self.checked, ran, today, profile }
    }

    /// Ends a build that Ctrl-C stopped.
    fn go_on(&self, ran: &Ran) -> Result<(), ExitCode> {
        if !self.session.stop.stopped() {
            return Ok(());
        }
        let kept = ran.counts.ran + ran.counts.remembered;
        let verb = if kept == 1 { "is" } else { "are" };
        self.session.output.line(&format!("stopped; {} {verb} kept", counted(kept, "finished task")));
        Err(ExitCode::Failed)
    }

    fn run(&self) -> Ran {
        let (session, plan) = (self.session, &self.checked.plan);
        let tasks: Vec<usize> = (0..plan.tasks.len()).collect();
        let watcher = Watcher::new(plan, &tasks, &session.output);
        let cache = TaskCache::trusting(self.place.store, &self.place.program);
        let ran = if self.from_store {
            build::stored(plan, &cache, &watcher)
        } else {
            build::run(
                plan,
                &tasks,
                &cache,
                Pace { jobs: session.jobs, observer: &watcher, stop: &session.stop },
            )
        };
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
        let failed = rendered.failed_figures.iter().map(|(figure, error)| {
            let message = format!("the figure `{figure}` has no drawing: {error}");
            Diagnostic {
                location: self.place_of(&figure.experiment, &["figures", &figure.name]),
                ..Diagnostic::error("no-figure", message)
            }
        });
        session.output.diagnostics(&failed.collect::<Vec<_>>());
        Ok(rendered)
    }

    /// Writes the text for a message, if one is wanted.
    fn sum_up(&self, ran: &Ran, held: &[Held], claims: &BTreeMap<ClaimRef, Judged>) -> Result<(), ExitCode> {
        let Some(path) = self.summary else { return Ok(()) };
        let tasks = |range: &std::ops::Range<usize>| {
            let outcomes = &ran.outcomes[range.clone()];
            (outcomes.iter().filter(|outcome| outcome.done().is_none()).count(), outcomes.len())
        };
        let failed: Vec<(usize, usize)> = self.checked.plan.ranges.iter().map(tasks).collect();
        let (project, unavailable, locked) = (&self.loaded.project, &self.checked.unavailable, self.locked);
        let outcome = Outcome { project, held, failed: &failed, unavailable, claims, locked };
        let text = notification(&outcome);
        disk::write_durably(&self.session.folder.join(path), text.as_bytes()).map_err(|error| {
            self.session.output.problem(Diagnostic::error("unwritable", error.to_string()));
            ExitCode::Failed
        })
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
                "the claim `{}` is {}, expected: {expected}{fragile}",
                judged.claim,
                judged.verdict()
            );
            let location = self.place_of(&judged.claim.experiment, &["claims", &judged.claim.name]);
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
        let ids: std::collections::BTreeSet<&str> =
            stale.map(|judged| judged.claim.experiment.as_str()).collect();
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
