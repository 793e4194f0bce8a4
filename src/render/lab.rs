//! What a reader's browser needs to compute a figure again: a button's addresses, the tasks with their published digests, and the modules.
//!
//! A figure of several experiments needs the tasks of all of them. `templates/assets/lab.js` is the other side; nothing of this is
//! loaded before a click. docs/lab.md says what is compared.

mod knobs;
mod modules;

use std::collections::{BTreeMap, BTreeSet};

use minijinja::context;
use minijinja::value::Value as Templated;
use octavo_plugin::{Digest, OutputSchema, base64};
use serde_json::{Map, Value as Json, json};

use super::figures::Drawn;
use super::{Files, Material};
use crate::experiment::Experiment;
use crate::ids::{ExperimentId, FigureIn, FigureRef, Route, TableRef};
use crate::locale::{self, Locale};
use crate::plan::Plan;
use crate::publish::Content;
use crate::results::Run;

/// The script that does it, as all sites have it.
const SCRIPT: &str = "assets/lab.js";

/// Whether only sites with such figures have this file of the theme.
pub fn has_script(route: &str) -> bool {
    [SCRIPT, knobs::SCRIPT].contains(&route)
}

/// Most tasks that an experiment may have: more would make the file of them long, and the reader wait.
const MOST_TASKS: usize = 1_000;

/// A limit in seconds from which on a definition says itself that its tasks take long.
const LONG: f64 = 60.0;

/// What the words of a language that the script needs begin with.
const WORDS: &str = "lab-";

/// Why a figure has no button.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Obstacle {
    /// A program of the project computes it.
    Plugin,
    /// Its tasks take files or results of others.
    Inputs,
    /// There is no module of the analysis, or an old one.
    Module,
    /// It has more than [`MOST_TASKS`].
    Many,
    /// It has no results, or not all.
    Results,
}

impl Obstacle {
    /// The interface word that says so.
    fn word(self) -> &'static str {
        match self {
            Self::Plugin => "lab-not-plugin",
            Self::Inputs => "lab-not-inputs",
            Self::Module => "lab-not-module",
            Self::Many => "lab-not-many",
            Self::Results => "lab-not-results",
        }
    }
}

/// The experiments whose tasks a figure is made of.
fn drawn_from(figure: &FigureRef, material: &Material<'_>) -> BTreeSet<ExperimentId> {
    let of = &figure.experiment;
    let layers = material.experiments[of].manifest.figures[&figure.name].all_layers();
    let others =
        layers.into_iter().filter_map(|layer| Some(TableRef::parse(&layer.from?, of).ok()?.experiment));
    others.chain([of.clone()]).collect()
}

/// Why an experiment cannot be computed in a browser.
fn obstacle(material: &Material<'_>, id: &ExperimentId) -> Option<Obstacle> {
    let (Some(experiment), Some(related)) = (material.experiments.get(id), material.related.get(id)) else {
        return Some(Obstacle::Results);
    };
    let identity = experiment.analysis.identity();
    let has_module = || modules::of(&identity.name).is_some_and(|module| module.packed.is_some());
    let (runs, failed) = (related.results.runs.len(), related.results.failed.len());
    let found = [
        (identity.program().is_some(), Obstacle::Plugin),
        (!experiment.inputs.is_empty(), Obstacle::Inputs),
        (failed > 0 || runs == 0, Obstacle::Results),
        (runs > MOST_TASKS, Obstacle::Many),
        (!has_module(), Obstacle::Module),
    ];
    found.into_iter().find_map(|(is_so, obstacle)| is_so.then_some(obstacle))
}

/// What a figure's template says of computing it in the browser: where the button finds what it needs, or why there is none.
pub(super) fn context(
    material: &Material<'_>,
    figure: &FigureRef,
    drawn: &Drawn,
    locale: &Locale,
    url: &dyn Fn(&Route) -> String,
) -> Templated {
    if drawn.stale.is_some() {
        return context! { tasks => (), why => (), knobs => () };
    }
    let from = drawn_from(figure, material);
    if let Some(obstacle) = from.iter().find_map(|id| obstacle(material, id)) {
        return context! { tasks => (), why => locale.word(obstacle.word()), knobs => () };
    }
    let tasks: Vec<String> = from.iter().map(|id| url(&tasks_route(id))).collect();
    let turned = (!knobs::controls(material, figure).is_empty()).then(|| {
        context! {
            script => url(&Route::new(knobs::SCRIPT)),
            figure => url(&knobs::route(figure)),
            name => figure.to_string(),
            language => url(&knobs::language_route(material, locale)),
        }
    });
    context! {
        knobs => turned,
        script => url(&Route::new(SCRIPT)),
        words => url(&words_route(material, locale)),
        // An address has no blank in it.
        tasks => tasks.join(" "),
        why => (),
    }
}

/// Files that these figures need: tasks of their experiments, modules of analyses, words of languages, and what knobs need.
pub fn files(
    material: &Material<'_>,
    plan: &Plan,
    figures: &BTreeMap<FigureIn, Result<Drawn, String>>,
) -> Files {
    let fresh = figures.iter().filter(|(_, drawn)| drawn.as_ref().is_ok_and(|drawn| drawn.stale.is_none()));
    let groups: BTreeSet<BTreeSet<ExperimentId>> =
        fresh.map(|(id, _)| drawn_from(&id.of, material)).collect();
    let good = groups.into_iter().filter(|group| group.iter().all(|id| obstacle(material, id).is_none()));
    let ids: BTreeSet<ExperimentId> = good.flatten().collect();
    let mut files = Files::new();
    for (index, experiment) in plan.experiments.iter().enumerate().filter(|(_, one)| ids.contains(&one.id)) {
        files.insert(tasks_route(&experiment.id), text(&tasks(material, plan, index)));
        let name = experiment.analysis.identity().name;
        if !files.contains_key(&Route::new(format!("lab/{name}.js"))) {
            files.extend(module(&name));
        }
    }
    let turned = figures.keys().map(|id| &id.of).filter(|of| ids.contains(&of.experiment));
    let turned = turned.collect::<BTreeSet<_>>().into_iter().filter_map(|of| {
        let controls = knobs::controls(material, of);
        (!controls.is_empty()).then(|| (knobs::route(of), knobs::file(material, of, &controls)))
    });
    let turned: Files = turned.collect();
    let languages = || material.site.languages.iter();
    if !turned.is_empty() {
        files.extend(turned);
        files.extend(script(material, knobs::SCRIPT));
        files.extend(
            languages().map(|locale| (knobs::language_route(material, locale), knobs::language(locale))),
        );
        files.extend(module(knobs::DRAWING));
    }
    if !files.is_empty() {
        files.extend(script(material, SCRIPT));
        files.extend(languages().map(|locale| (words_route(material, locale), words(locale))));
    }
    files
}

/// A script of the theme.
fn script(material: &Material<'_>, name: &str) -> Option<(Route, Content)> {
    let script = material.theme.assets().get(name)?;
    Some((Route::new(name), Content::Bytes(script.clone())))
}

/// A module as a script, if it is here.
fn module(name: &str) -> Option<(Route, Content)> {
    let packed = modules::of(name)?.packed?;
    let script = format!("octavoLab.module({}, \"{}\");\n", json!(name), base64::packed(packed));
    Some((Route::new(format!("lab/{name}.js")), text(&script)))
}

fn text(text: &str) -> Content {
    Content::Bytes(text.as_bytes().to_vec())
}

fn tasks_route(id: &ExperimentId) -> Route {
    Route::new(format!("lab/tasks/{id}.js"))
}

fn words_route(material: &Material<'_>, locale: &Locale) -> Route {
    let first = locale::is_first(&material.site.languages, &locale.tag);
    let tag = if first { String::new() } else { format!(".{}", locale.tag) };
    Route::new(format!("lab/words{tag}.js"))
}

/// What the script says, in a language.
fn words(locale: &Locale) -> Content {
    let own = locale.words.iter().filter_map(|(key, word)| Some((key.strip_prefix(WORDS)?, word)));
    let mut words: Map<String, Json> = own.map(|(key, word)| (key.to_owned(), json!(word))).collect();
    words.insert("decimal".to_owned(), json!(locale.decimal));
    for word in ["holds", "refuted", "undecided", "yes", "no"] {
        words.insert(word.to_owned(), json!(locale.word(word)));
    }
    text(&format!("octavoLab.words({});\n", Json::Object(words)))
}

/// The tasks of an experiment with their published digests, as a script.
fn tasks(material: &Material<'_>, plan: &Plan, index: usize) -> String {
    let experiment = &plan.experiments[index];
    let runs = &material.related[&experiment.id].results.runs;
    let tasks = plan.ranges[index].clone().zip(runs);
    let one = |(task, run): (usize, &Run)| {
        let planned = &plan.tasks[task];
        let ask = asked(experiment, &planned.params.json(), planned.seed.0);
        json!([plan.describe(task), ask.to_string(), digests(run, &experiment.outputs)])
    };
    let own = experiment.manifest.limits.time.filter(|time| *time > LONG);
    let all = json!({
        "module": experiment.analysis.identity().name,
        "minutes": own.map(|time| (time / 60.0).round()),
        "tasks": tasks.map(one).collect::<Vec<_>>(),
    });
    format!("octavoLab.tasks({}, {all});\n", json!(experiment.id.as_str()))
}

/// A task as the module reads it (`octavo_lab::Ask`). It stands as a text in the file: a browser would round a seed, and write 1.0 as 1.
fn asked(experiment: &Experiment, params: &Json, seed: u64) -> Json {
    let identity = experiment.analysis.identity();
    let mut ask = json!({
        "analysis": identity.name,
        "revision": identity.revision,
        "numerics": octavo_plugin::NUMERICS_REVISION,
        "params": params,
        "seed": seed,
    });
    if let Some(names) = experiment.wanted.names() {
        ask["outputs"] = json!(names);
    }
    ask
}

/// The digests of what a task gave, by the stored names.
fn digests(run: &Run, outputs: &OutputSchema) -> BTreeMap<String, Digest> {
    let tables = outputs.tables.keys().map(|name| format!("tables/{name}"));
    let drawings = outputs.drawings.keys().map(|name| format!("drawings/{name}"));
    let names = std::iter::once("scalars".to_owned()).chain(tables).chain(drawings);
    names.filter_map(|name| Some((name.clone(), run.outputs.digest(&name)?))).collect()
}
