//! `octavo status` and `octavo explain`: what would run, and which input made it so.

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use octavo_plugin::counted;
use octavo_plugin::figure::Figure;
use serde_json::{Value as Json, json};

use super::build::checked;
use super::lock::causes;
use super::session::{ExitCode, Session};
use crate::build::{self, Checked, Loaded, Prospect, TaskState};
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::ids::{ExperimentId, ItemRef, TableRef};
use crate::prose::{Reference, ReferenceKind};
use crate::site::Page;

/// Changes of an experiment that are told in a line of a list.
const FEW: usize = 3;

/// Arguments of `octavo status`.
#[derive(Args, Debug)]
pub(super) struct Status {
    /// How it is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

/// Arguments of `octavo explain`.
#[derive(Args, Debug)]
pub(super) struct Explain {
    /// An experiment, `folding/strip`; a task as `octavo build --verbose` names it, `"folding/strip folds=3"`; a figure, value, table
    /// or claim, `folding/strip#growth`; or a page, `folding/strip.md` or `folding/strip.html`
    #[arg(value_name = "TARGET")]
    target: String,
    /// How it is written to standard output
    #[arg(long, value_enum, default_value_t = Format::Text)]
    format: Format,
}

#[derive(ValueEnum, Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// For people.
    Text,
    /// One JSON object.
    Json,
}

/// The experiments of the project, and what a build would do with each.
fn prospects(session: &Session) -> Result<(Loaded, Checked, Vec<Prospect>), ExitCode> {
    let (loaded, checked, problems) = checked(session, false)?;
    session.report_but_plugins(problems)?;
    let store = session.store(&loaded.project)?;
    let found = build::prospects(&checked.plan, &store, session.global.profile.as_deref());
    session.remember_plugins(&loaded.registry);
    session.tell_damage(&store);
    Ok((loaded, checked, found))
}

impl Status {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        status(session, self.format == Format::Json).err().unwrap_or(ExitCode::Good)
    }
}

/// Says what a build would run.
pub(super) fn status(session: &Session, as_json: bool) -> Result<(), ExitCode> {
    let (_, _, all) = prospects(session)?;
    if as_json {
        let experiments: Vec<Json> = all.iter().map(json_of).collect();
        return session.output.result(&json!({ "experiments": experiments }).to_string());
    }
    let shown = |one: &&Prospect| session.output.verbose() || !one.is_remembered();
    let mut lines: Vec<String> = all.iter().filter(shown).map(|one| line(one, FEW)).collect();
    let count = |state: TaskState| all.iter().map(|one| one.count(state)).sum::<usize>();
    let (run, wait, there) =
        (count(TaskState::WouldRun), count(TaskState::Waits), count(TaskState::Remembered));
    let waiting = if wait > 0 { format!(", {wait} may run after them") } else { String::new() };
    let are = if there == 1 { "is" } else { "are" };
    lines.push(format!("{} would run{waiting}, {there} {are} remembered", counted(run, "task")));
    session.output.result(&lines.join("\n"))
}

/// What a build would do with an experiment, and why.
fn line(one: &Prospect, most: usize) -> String {
    let (run, wait) = (one.count(TaskState::WouldRun), one.count(TaskState::Waits));
    let all = counted(one.tasks.len(), "task");
    let mut parts = Vec::new();
    if run > 0 {
        parts.push(format!("{run} of {all} would run ({})", why(one, most)));
    }
    if wait > 0 {
        let (of, waits) = (if run > 0 { String::new() } else { format!(" of {all}") }, names(&one.waits_for));
        parts.push(format!("{wait}{of} may run when {waits} has results"));
    }
    if parts.is_empty() {
        parts.push(format!("{all} remembered"));
    }
    format!("`{}`: {}", one.id, parts.join("; "))
}

fn names(ids: &BTreeSet<ExperimentId>) -> String {
    ids.iter().map(|id| format!("`{id}`")).collect::<Vec<_>>().join(" and ")
}

/// Why tasks would run.
fn why(one: &Prospect, most: usize) -> String {
    match &one.changes {
        None => "nothing was computed of it here".to_owned(),
        Some(changes) if changes.is_empty() => "what was computed is not remembered any more".to_owned(),
        Some(changes) => causes(changes, most),
    }
}

fn json_of(one: &Prospect) -> Json {
    json!({
        "experiment": one.id,
        "tasks": one.tasks.len(),
        "remembered": one.count(TaskState::Remembered),
        "would_run": one.count(TaskState::WouldRun),
        "waits": one.count(TaskState::Waits),
        "waits_for": one.waits_for,
        "changes": one.changes,
        "last": one.last,
        "redefined": one.redefined,
    })
}

/// What somebody asks about.
struct Target {
    /// What it is, for the first line; empty for an experiment.
    what: String,
    /// The experiments that decide it.
    experiments: BTreeSet<ExperimentId>,
    /// The task, as an index among those of its experiment.
    task: Option<usize>,
}

impl Explain {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.explain(session).err().unwrap_or(ExitCode::Good)
    }

    fn explain(&self, session: &Session) -> Result<(), ExitCode> {
        let (loaded, checked, all) = prospects(session)?;
        let target = self.find(&loaded, &checked).map_err(|problem| session.refuse(problem))?;
        let wanted: Vec<&Prospect> = all.iter().filter(|one| target.experiments.contains(&one.id)).collect();
        if self.format == Format::Json {
            let experiments: Vec<Json> = wanted.iter().map(|one| json_of(one)).collect();
            let state =
                target.task.and_then(|task| wanted.first()?.tasks.get(task)).map(|state| match state {
                    TaskState::Remembered => "remembered",
                    TaskState::WouldRun => "would-run",
                    TaskState::Waits => "waits",
                });
            let told = json!({ "target": self.target, "task": state, "experiments": experiments });
            return session.output.result(&told.to_string());
        }
        let mut lines: Vec<String> = Some(target.what).filter(|what| !what.is_empty()).into_iter().collect();
        if let Some(state) = target.task.and_then(|task| wanted.first()?.tasks.get(task)) {
            lines.push(match state {
                TaskState::Remembered => "the task is remembered".to_owned(),
                TaskState::WouldRun => "the task would run".to_owned(),
                TaskState::Waits => "the task waits for results of others".to_owned(),
            });
        }
        for one in wanted {
            lines.push(line(one, usize::MAX));
            lines.push(match one.last.as_deref() {
                None => "  before what was computed last, nothing was".to_owned(),
                Some([]) => "  what was computed last differs in nothing that is known from what was before"
                    .to_owned(),
                Some(changes) => format!("  computed last since: {}", causes(changes, usize::MAX)),
            });
            if one.redefined {
                lines.push("  since then its tables, values or claims are defined otherwise".to_owned());
            }
        }
        session.output.result(&lines.join("\n"))
    }

    fn find(&self, loaded: &Loaded, checked: &Checked) -> Result<Target, Diagnostic> {
        let (target, plan) = (self.target.as_str(), &checked.plan);
        let experiment = |id: &str| plan.experiments.iter().position(|one| one.id == id);
        let one = |index: usize| BTreeSet::from([plan.experiments[index].id.clone()]);
        if let Some(index) = experiment(target) {
            return Ok(Target { what: String::new(), experiments: one(index), task: None });
        }
        if let ItemRef { experiment: Some(id), name } = ItemRef::parse(target)
            && let Some(index) = experiment(id)
            && let Some((kind, experiments)) = item(&plan.experiments[index], name)
        {
            return Ok(Target { what: format!("{kind} `{target}`"), experiments, task: None });
        }
        if let Some(task) = (0..plan.tasks.len()).find(|task| plan.describe(*task) == target) {
            let index = plan.tasks[task].experiment;
            let place = task - plan.ranges[index].start;
            let experiments = one(index);
            return Ok(Target { what: format!("task `{target}`"), experiments, task: Some(place) });
        }
        if let Some(page) = self.page(loaded, checked) {
            let shown = page.texts.values().flat_map(|text| text.prose.references());
            let experiments = shown.filter_map(|reference| named(reference, &page.id)).collect();
            return Ok(Target {
                what: format!("page `{target}` shows results of these"),
                experiments,
                task: None,
            });
        }
        let known = plan.experiments.iter().map(|one| one.id.as_str());
        Err(Diagnostic::error("unknown-target", format!("there is nothing `{target}`"))
            .help("name an experiment, a task, `EXPERIMENT#NAME`, or a page")
            .nearest(target, known))
    }

    /// The page of a Markdown file, seen from the project's folder or that of pages, or at a route of the site.
    fn page<'c>(&self, loaded: &Loaded, checked: &'c Checked) -> Option<&'c Page> {
        let project = &loaded.project;
        let folder = format!("{}/", project.config.experiments);
        let below = self.target.strip_prefix(&folder).unwrap_or(&self.target);
        checked.site.pages.iter().find(|page| {
            page.texts.iter().any(|(language, text)| {
                text.source.path.strip_prefix(&folder) == Some(below)
                    || page.route(language, &project.locales) == self.target
            })
        })
    }
}

/// What an experiment has under a name, and the experiments that decide it.
fn item(experiment: &Experiment, name: &str) -> Option<(&'static str, BTreeSet<ExperimentId>)> {
    let manifest = &experiment.manifest;
    let own = || BTreeSet::from([experiment.id.clone()]);
    if let Some(figure) = manifest.figures.get(name) {
        let drawn = Figure::all_layers(figure).into_iter().filter_map(|layer| layer.from);
        let drawn = drawn.filter_map(|from| Some(TableRef::parse(&from, &experiment.id).ok()?.experiment));
        return Some(("figure", drawn.chain(own()).collect()));
    }
    let has_table = manifest.tables.contains_key(name) || experiment.outputs.tables.contains_key(name);
    let kinds = [
        ("value", manifest.values.contains_key(name)),
        ("claim", manifest.claims.contains_key(name)),
        ("table", has_table || name == "scalars"),
        ("scalar", experiment.outputs.scalars.contains_key(name)),
        ("drawing", experiment.outputs.drawings.contains_key(name)),
    ];
    kinds.into_iter().find(|(_, there)| *there).map(|(kind, _)| (kind, own()))
}

/// The experiment of which a page shows something by this reference.
fn named(reference: &Reference, page: &str) -> Option<ExperimentId> {
    use ReferenceKind::{Claim, Figure, Table, Value};
    let shows = matches!(reference.kind, Figure | Table | Value | Claim);
    shows.then(|| ExperimentId::parse(ItemRef::parse(&reference.target).from(page).0).ok()).flatten()
}
