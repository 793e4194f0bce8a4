//! `octavo status` and `octavo explain`: what would run, and which input made it so.

mod pages;

use std::collections::BTreeSet;

use clap::{Args, ValueEnum};
use octavo_plugin::counted;
use octavo_plugin::figure::Figure;
use serde_json::{Value as Json, json};

use super::build::checked;
use super::lock::causes;
use super::session::{ExitCode, Session};
use crate::build::{self, Checked, Loaded, PageProspect, Prospect, TaskState, Today};
use crate::diagnostic::Diagnostic;
use crate::experiment::Experiment;
use crate::ids::{ExperimentId, ItemRef, TableRef};
use crate::prose::{Reference, ReferenceKind};
use crate::site::Page;
use crate::store::Store;

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

/// A project, and what a build would do with each of its experiments.
struct Found {
    loaded: Loaded,
    checked: Checked,
    store: Store,
    all: Vec<Prospect>,
}

impl Found {
    fn new(session: &Session) -> Result<Self, ExitCode> {
        let (loaded, checked, problems) = checked(session, false)?;
        session.report_but_plugins(problems)?;
        let store = session.store(&loaded.project)?;
        let all = build::prospects(&checked.plan, &store, session.global.profile.as_deref());
        session.remember_plugins(&loaded.registry);
        session.tell_damage(&store);
        Ok(Self { loaded, checked, store, all })
    }

    /// What pages are made of today; `None` if a template is wrong, or this program's file cannot be read.
    fn pages(&self, session: &Session) -> Option<Today<'_>> {
        let program = build::program_digest(&self.store).ok()?;
        let profile = session.global.profile.as_deref();
        Today::new(&self.loaded.project, &self.checked, (&self.store, program), profile)
    }
}

impl Status {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        status(session, self.format == Format::Json).err().unwrap_or(ExitCode::Good)
    }
}

/// Says what a build would run.
pub(super) fn status(session: &Session, as_json: bool) -> Result<(), ExitCode> {
    let found = Found::new(session)?;
    let (all, today) = (&found.all, found.pages(session));
    if as_json {
        let experiments: Vec<Json> = all.iter().map(json_of).collect();
        let pages = today.map(|today| today.of_all()).unwrap_or_default();
        return session.output.result(&json!({ "experiments": experiments, "pages": pages }).to_string());
    }
    let shown = |one: &&Prospect| session.output.verbose() || !one.is_remembered();
    let mut lines: Vec<String> = all.iter().filter(shown).map(|one| line(one, FEW)).collect();
    lines.extend(today.iter().flat_map(|today| pages::of_all(today, FEW)));
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
    /// The page, as an index among those of the site, and the language of the text that is meant, if one is.
    page: Option<(usize, Option<String>)>,
}

impl Target {
    /// Something of these experiments.
    fn of(what: String, experiments: BTreeSet<ExperimentId>) -> Self {
        Self { what, experiments, task: None, page: None }
    }
}

impl Explain {
    pub(super) fn execute(&self, session: &Session) -> ExitCode {
        self.explain(session).err().unwrap_or(ExitCode::Good)
    }

    fn explain(&self, session: &Session) -> Result<(), ExitCode> {
        let found = Found::new(session)?;
        let target = self.find(&found.loaded, &found.checked).map_err(|problem| session.refuse(problem))?;
        let pages = self.pages(session, &found, &target);
        let wanted: Vec<&Prospect> =
            found.all.iter().filter(|one| target.experiments.contains(&one.id)).collect();
        if self.format == Format::Json {
            let experiments: Vec<Json> = wanted.iter().map(|one| json_of(one)).collect();
            let state =
                target.task.and_then(|task| wanted.first()?.tasks.get(task)).map(|state| match state {
                    TaskState::Remembered => "remembered",
                    TaskState::WouldRun => "would-run",
                    TaskState::Waits => "waits",
                });
            let told =
                json!({ "target": self.target, "task": state, "experiments": experiments, "pages": pages });
            return session.output.result(&told.to_string());
        }
        let mut lines: Vec<String> = pages.iter().flat_map(pages::of_page).collect();
        lines.extend(Some(target.what).filter(|what| !what.is_empty()));
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
            return Ok(Target::of(String::new(), one(index)));
        }
        if let ItemRef { experiment: Some(id), name } = ItemRef::parse(target)
            && let Some(index) = experiment(id)
            && let Some((kind, experiments)) = item(&plan.experiments[index], name)
        {
            return Ok(Target::of(format!("{kind} `{target}`"), experiments));
        }
        if let Some(task) = (0..plan.tasks.len()).find(|task| plan.describe(*task) == target) {
            let index = plan.tasks[task].experiment;
            let place = task - plan.ranges[index].start;
            let target = Target::of(format!("task `{target}`"), one(index));
            return Ok(Target { task: Some(place), ..target });
        }
        if let Some((place, language)) = self.page(loaded, checked) {
            let page = &checked.site.pages[place];
            let shown = page.texts.values().flat_map(|text| text.prose.references());
            let experiments: BTreeSet<_> = shown.filter_map(|reference| named(reference, &page.id)).collect();
            let shows = if experiments.is_empty() { "no results" } else { "results of these" };
            let target = Target::of(format!("page `{target}` shows {shows}"), experiments);
            return Ok(Target { page: Some((place, language)), ..target });
        }
        let pages: Vec<String> = checked.site.pages.iter().map(|page| format!("{}.md", page.id)).collect();
        let known = plan.experiments.iter().map(|one| one.id.as_str());
        let known = known.chain(pages.iter().map(String::as_str));
        Err(Diagnostic::error("unknown-target", format!("there is nothing `{target}`"))
            .help("name an experiment, a task, `EXPERIMENT#NAME`, or a page")
            .nearest(target, known))
    }

    /// What would become of the page that is asked for, in each language in which it is shown with the text that is meant.
    fn pages(&self, session: &Session, found: &Found, target: &Target) -> Vec<PageProspect> {
        let Some((place, language)) = &target.page else { return Vec::new() };
        let page = &found.checked.site.pages[*place];
        let Some(today) = found.pages(session) else { return Vec::new() };
        let mut pages = today.page(page, language.as_deref());
        // One route was named, or all are meant.
        if pages.iter().any(|one| one.route == self.target) {
            pages.retain(|one| one.route == self.target);
        }
        pages
    }

    /// The page of a Markdown file, seen from the project's folder or that of pages, with the language of that file, or at a route of the site.
    fn page(&self, loaded: &Loaded, checked: &Checked) -> Option<(usize, Option<String>)> {
        let project = &loaded.project;
        let folder = format!("{}/", project.config.experiments);
        let below = self.target.strip_prefix(&folder).unwrap_or(&self.target);
        let text_of = |page: &Page| {
            let mut texts = page.texts.iter();
            let found = texts.find(|(_, text)| text.source.path.strip_prefix(&folder) == Some(below))?;
            Some(Some(found.0.clone()))
        };
        let at_route = |page: &Page| {
            let mut languages = project.locales.iter();
            languages.any(|locale| page.route(&locale.tag, &project.locales) == self.target).then_some(None)
        };
        let find = |(place, page): (usize, &Page)| Some((place, text_of(page).or_else(|| at_route(page))?));
        checked.site.pages.iter().enumerate().find_map(find)
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
