//! The checked definition of an experiment: no raw TOML past this point.

mod columns;
pub mod knobs;
mod limits;
mod overrides;
mod point;
mod points;
pub mod registration;

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::schema::{Schema, SchemaKind};
use octavo_plugin::{DynAnalysis, Input, Localized, OutputSchema, Wanted};

pub use self::limits::TaskLimits;
pub use self::overrides::Overrides;
use self::overrides::{apply_profile, apply_setting};
pub use self::point::{Params, Point, PointValues, Sweep};
use self::points::{Checker, Found};
use crate::check;
use crate::definitions::Definitions;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::experiment::registration::{Fresh, Registered, Standing};
use crate::figure::drawable;
use crate::ids::ExperimentId;
use crate::lock::Replication;
use crate::manifest::{self, Manifest};
use crate::registry::Registry;
use crate::results::Problem;
use crate::source::{Location, SourceFile};
use crate::sweep::{self, Axis};
use crate::texts;
use crate::toml_tree::{self, Node};

/// A value that is read from a file or from another experiment.
#[derive(Clone, Debug)]
pub struct InputUse {
    /// Index of the point.
    pub point: usize,
    /// Keys from the parameters to the input.
    pub path: Vec<String>,
    /// What the author wrote.
    pub input: Input,
    /// Where.
    pub location: Location,
}

/// An experiment that cannot be wrong, as far as that can be known before it runs.
#[derive(Clone)]
pub struct Experiment {
    /// `folder/slug`.
    pub id: ExperimentId,
    /// The definition's text, for messages and for readers.
    pub source: Arc<SourceFile>,
    /// The definition's tree, for places in messages.
    pub node: Node,
    /// Title, values, figures, claims, with default figures merged in.
    pub manifest: Manifest,
    /// Its tables, values and claims with their expressions read.
    pub definitions: Definitions,
    /// What runs.
    pub analysis: Arc<dyn DynAnalysis>,
    /// What readers call the number of a replicate.
    pub replicate: Localized,
    /// Replicates per point under the chosen profile.
    pub replicates: u32,
    /// What a task may use.
    pub limits: TaskLimits,
    /// The points in plan order.
    pub points: Vec<Point>,
    /// What the points read.
    pub inputs: Vec<InputUse>,
    /// All that the analysis could give.
    pub declared: OutputSchema,
    /// What is asked of it.
    pub wanted: Wanted,
    /// What every task gives: what is asked for.
    pub outputs: OutputSchema,
    /// The seed of the definition; `manifest.seed` is the one that runs.
    pub written_seed: u64,
    /// Which of its claims were registered.
    pub registered: Registered,
    /// What fresh replicates under the same profile said of them.
    pub replication: Option<Replication>,
}

impl std::fmt::Debug for Experiment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Experiment")
            .field("id", &self.id)
            .field("points", &self.points.len())
            .finish_non_exhaustive()
    }
}

impl Experiment {
    /// Checks a definition. All problems are gathered; without errors there is an experiment.
    pub fn check(
        id: &ExperimentId,
        source: &Arc<SourceFile>,
        registry: &Registry,
        overrides: &Overrides,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let (mut node, mut problems) = toml_tree::parse(source);
        if has_errors(&problems) {
            return (None, problems);
        }
        let manifest = read_manifest(&node, &mut problems);
        let Some(analysis) = find_analysis(&node, registry, &mut problems) else { return (None, problems) };
        let overrides = &overrides.of(manifest.as_ref());
        // Parameters are checked even if the rest is wrong: all problems at once.
        let schema = analysis.schema();
        let mut builder = Builder { analysis: &analysis, schema: &schema, problems: &mut problems };
        builder.check_other_profiles(&node, overrides);
        let axes = builder.apply_overrides(&mut node, overrides);
        let found = builder.points(&node, &axes, overrides);
        let (Some(mut manifest), Some(mut found)) = (manifest, found) else { return (None, problems) };
        let (analysis, threads) = limits::limited(analysis, &manifest, registry, &node, &mut problems);
        found.translate(&analysis.translations());
        let Found { points, inputs, outputs, figures, other, .. } = found;
        if has_errors(&problems) || points.is_empty() {
            return (None, problems);
        }
        problems.extend(other.map(|index| mixed_outputs(&points[index], &node)));
        let (wanted, unknown) = wanted_outputs(&mut manifest, figures, &outputs, &node);
        problems.extend(unknown);
        problems.extend(too_many_tasks(&points, &manifest, overrides, &node));
        if has_errors(&problems) {
            return (None, problems);
        }
        let (definitions, unread) = Definitions::read(&manifest);
        let (written_seed, replicates) = (manifest.seed, chosen_replicates(&manifest, overrides));
        let registered = Registered::read(&manifest, &definitions, overrides.promised());
        problems.extend(choose_seed(&mut manifest, &registered, &points, overrides, &node));
        let experiment = Self {
            id: id.clone(),
            source: Arc::clone(source),
            node,
            manifest,
            definitions,
            analysis,
            replicate: registry.replicate().clone(),
            replicates,
            limits: TaskLimits::new(&overrides.limits, threads),
            points,
            inputs,
            outputs: outputs.clone().only(&wanted),
            declared: outputs,
            wanted,
            written_seed,
            registered,
            replication: overrides.lock.replication.clone().filter(|of| of.profile == overrides.profile),
        };
        // An expression that cannot be read leaves all other names of the experiment good: pages that use them are checked.
        problems.extend(unread.iter().map(|problem| experiment.diagnostic(problem)));
        (Some(experiment), problems)
    }

    /// The definition with the seed that its author wrote, also while it runs under another one.
    pub fn written(&self) -> Manifest {
        Manifest { seed: self.written_seed, ..self.manifest.clone() }
    }

    /// Whether a claim of this name was registered before its data were seen.
    pub fn standing(&self, claim: &str) -> Standing {
        if self.stochastic() { self.registered.of(claim) } else { Standing::Certain }
    }

    /// Whether the verdict on a claim came back on fresh replicates.
    pub fn fresh(&self, claim: &str, verdict: &str) -> Fresh {
        if !self.stochastic() {
            return Fresh::NotAsked;
        }
        self.registered.fresh(self.replication.as_ref(), claim, verdict, &self.revision())
    }

    /// Name and revision of the analysis, as a lock names it.
    pub fn revision(&self) -> String {
        let identity = self.analysis.identity();
        format!("{} {}", identity.name, identity.revision)
    }

    /// Number of its tasks: a point whose result does not depend on the seed has one.
    pub fn tasks(&self) -> u64 {
        tasks_of(&self.points, self.replicates)
    }

    /// Whether any point depends on the seed.
    pub fn stochastic(&self) -> bool {
        self.points.iter().any(|point| point.stochastic)
    }

    /// A problem at its place in the definition; within an expression, at the part of it.
    pub fn diagnostic(&self, problem: &Problem) -> Diagnostic {
        let path: Vec<&str> = problem.path.iter().map(String::as_str).collect();
        let mut location = self.node.place_of(&path);
        if let Some(span) = &problem.span {
            let text = &self.source.text[location.span.clone()];
            // Only in a plain string do bytes of the value stand at the same places in the file.
            let quoted =
                text.starts_with(['"', '\'']) && !text.starts_with("\"\"\"") && !text.starts_with("'''");
            if quoted && !text.contains('\\') && span.end + 1 < text.len() {
                location = location.within(span.start + 1..(span.end + 1).max(span.start + 2));
            }
        }
        problem.diagnostic().at(location)
    }
}

/// The manifest, if it is good.
fn read_manifest(node: &Node, problems: &mut Vec<Diagnostic>) -> Option<Manifest> {
    let (json, report) = check::check(node, manifest::schema(), "the experiment");
    problems.extend(report.diagnostics);
    problems.extend(texts::formulas_in_labels(node));
    problems.extend(texts::without_results(node, &["params", "sweep", "zip", "profiles"]));
    (!has_errors(problems)).then(|| serde_json::from_value(json).expect("the checker accepted it"))
}

fn find_analysis(
    node: &Node,
    registry: &Registry,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<dyn DynAnalysis>> {
    let named = node.get("analysis")?;
    let toml_tree::TomlValue::Text(name) = &named.kind else { return None };
    match registry.get(name) {
        Some(Ok(analysis)) => Some(analysis),
        Some(Err(problem)) => {
            problems.push(problem);
            None
        }
        None => {
            let problem = Diagnostic::error("unknown-analysis", format!("there is no analysis `{name}`"));
            problems.push(problem.at(named.location.clone()).nearest(name, registry.names()));
            None
        }
    }
}

/// Puts the seed that runs into the manifest. What is explored under the seed that is published is no exploration.
fn choose_seed(
    manifest: &mut Manifest,
    registered: &Registered,
    points: &[Point],
    overrides: &Overrides,
    node: &Node,
) -> Option<Diagnostic> {
    let mut problem = None;
    let stochastic = points.iter().any(|point| point.stochastic);
    if let Some(explore) = overrides.policy.explore_seed.filter(|_| stochastic && !manifest.claims.is_empty())
    {
        if manifest.seed == explore {
            let message = format!(
                "the seed {explore} is `claims.explore_seed` of octavo.toml, under which experiments explore"
            );
            let help = "give the experiment a seed of its own, such as today's date as a number";
            let place = node.place_of(&["seed"]);
            problem = Some(Diagnostic::error("explored-seed", message).at(place).help(help));
        }
        if registered.explores(manifest) {
            manifest.seed = explore;
        }
    }
    manifest.seed = overrides.seed.unwrap_or(manifest.seed);
    problem
}

fn chosen_replicates(manifest: &Manifest, overrides: &Overrides) -> u32 {
    let profile = overrides.profile.as_ref().and_then(|name| manifest.profiles.get(name));
    profile.and_then(|profile| profile.replicates).unwrap_or(manifest.replicates)
}

/// Number of tasks of some points.
fn tasks_of(points: &[Point], replicates: u32) -> u64 {
    points.iter().map(|point| if point.stochastic { u64::from(replicates) } else { 1 }).sum()
}

/// Replicates count, too: a sweep of few points may have many tasks.
fn too_many_tasks(
    points: &[Point],
    manifest: &Manifest,
    overrides: &Overrides,
    node: &Node,
) -> Option<Diagnostic> {
    let replicates = chosen_replicates(manifest, overrides);
    let tasks = tasks_of(points, replicates);
    if tasks <= overrides.limits.tasks as u64 {
        return None;
    }
    let message =
        format!("{replicates} replicates make {tasks} tasks, and the limit is {}", overrides.limits.tasks);
    let of_profile = overrides.profile.as_deref().map(|name| ["profiles", name, "replicates"]);
    let of_profile = of_profile.filter(|[first, name, last]| {
        node.get(first).and_then(|all| all.get(name)).is_some_and(|profile| profile.get(last).is_some())
    });
    let place = of_profile.map_or_else(|| node.place_of(&["replicates"]), |path| node.place_of(&path));
    let problem = Diagnostic::error("too-many-tasks", message).at(place);
    Some(problem.help("take fewer, or raise `limits.tasks` in octavo.toml or in the experiment"))
}

fn params_of(node: &Node) -> Node {
    let empty =
        || Node { kind: toml_tree::TomlValue::Table(IndexMap::new()), location: node.location.clone() };
    node.get("params").cloned().unwrap_or_else(empty)
}

struct Builder<'a> {
    analysis: &'a Arc<dyn DynAnalysis>,
    schema: &'a Schema,
    problems: &'a mut Vec<Diagnostic>,
}

impl Builder<'_> {
    /// Puts the profile's and the command line's changes into the tree, and reads the axes of the sweep.
    fn apply_overrides(&mut self, node: &mut Node, overrides: &Overrides) -> Vec<Vec<Axis>> {
        if let Some(profile) = &overrides.profile {
            apply_profile(node, profile);
        }
        for setting in &overrides.set {
            apply_setting(node, setting, self.problems);
        }
        self.axes(node)
    }

    fn axes(&mut self, node: &Node) -> Vec<Vec<Axis>> {
        let whole = |key: &str| {
            let path: Vec<&str> = key.split('.').collect();
            check::schema_at(self.schema, &path).is_some_and(|at| matches!(at.kind, SchemaKind::Integer(_)))
        };
        sweep::axes(node, &whole, self.problems)
    }

    /// Holds the profiles that are not chosen against the schema, so that they do not fail on the day they are.
    fn check_other_profiles(&mut self, node: &Node, overrides: &Overrides) {
        let what = format!("the parameters of `{}`", self.analysis.identity().name);
        let misfits = |params: &Node| check::check(params, self.schema, &what).1.diagnostics;
        // What is wrong without the profile is told elsewhere.
        let known = misfits(&params_of(node));
        for (name, entry) in node.get("profiles").and_then(Node::entries).into_iter().flatten() {
            if Some(name) == overrides.profile.as_ref() {
                continue;
            }
            let mut changed = node.clone();
            apply_profile(&mut changed, name);
            let found = misfits(&params_of(&changed));
            self.problems.extend(found.into_iter().filter(|problem| !known.contains(problem)));
            // The profile's own axes; the others are told elsewhere, too.
            let axes = self.axes(&entry.node);
            if self.axes_are_known(&axes) {
                axes.iter().flatten().for_each(|axis| self.check_axis(axis));
            }
        }
    }

    fn check_axis(&mut self, axis: &Axis) {
        let path: Vec<&str> = axis.key.split('.').collect();
        let Some(schema) = check::schema_at(self.schema, &path) else { return };
        let what = format!("`{}`", axis.key);
        for value in &axis.values {
            self.problems.extend(check::check(value, schema, &what).1.diagnostics);
        }
    }

    /// The points; nothing if one of them is wrong.
    fn points(&mut self, node: &Node, axes: &[Vec<Axis>], overrides: &Overrides) -> Option<Found> {
        if !self.axes_are_known(axes) {
            return None;
        }
        // Counted first: the combinations of a few axes can be more than fit into memory.
        let Some(count) = sweep::count(axes).filter(|count| *count <= overrides.limits.tasks) else {
            self.problems.push(too_many_points(sweep::count(axes), node, overrides));
            return None;
        };
        let what = format!("the parameters of `{}`", self.analysis.identity().name);
        let sweep = Arc::new(Sweep::new(axes));
        let checker = Checker { analysis: self.analysis, schema: self.schema, node, axes, what, sweep };
        let mut found = checker.all(count);
        self.problems.append(&mut found.problems);
        (!found.failed).then_some(found)
    }

    fn axes_are_known(&mut self, axes: &[Vec<Axis>]) -> bool {
        let mut good = true;
        for axis in axes.iter().flatten() {
            let path: Vec<&str> = axis.key.split('.').collect();
            if check::schema_at(self.schema, &path).is_none() {
                self.problems.push(self.unknown_axis(axis, &path));
                good = false;
            }
        }
        good
    }

    fn unknown_axis(&self, axis: &Axis, path: &[&str]) -> Diagnostic {
        let analysis = self.analysis.identity().name;
        if let Some(help) = check::moved_at(self.schema, path) {
            let message = format!("`{}` is no parameter of `{analysis}` any more", axis.key);
            return Diagnostic::error("moved-key", message).at(axis.location.clone()).help(help);
        }
        let message = format!("`{}` is not a parameter of `{analysis}`", axis.key);
        let known = check::paths(self.schema);
        let problem = Diagnostic::error("unknown-parameter", message).at(axis.location.clone());
        problem.nearest(&axis.key, known.iter().map(String::as_str))
    }
}

fn too_many_points(count: Option<usize>, node: &Node, overrides: &Overrides) -> Diagnostic {
    let count = count.map_or_else(|| "too many points to count".to_owned(), |n| format!("{n} points"));
    let message = format!("the sweep has {count}, and the limit is {}", overrides.limits.tasks);
    let place = node.place_of(&[if node.get("sweep").is_some() { "sweep" } else { "zip" }]);
    let problem = Diagnostic::error("too-many-tasks", message).at(place);
    problem.help("shorten the sweep, or raise `limits.tasks` in octavo.toml or in the experiment")
}

/// Tables are put together over tasks, so that all points must declare the same outputs.
fn mixed_outputs(point: &Point, node: &Node) -> Diagnostic {
    let shown: Vec<String> = point.values.iter().map(|(key, value)| format!("{key} = {value}")).collect();
    let message = format!("the point {} gives other tables than the first point", shown.join(", "));
    let problem = Diagnostic::error("mixed-outputs", message).at(node.place_of(&["sweep"]));
    problem.help("put the points into two experiments")
}

/// What is asked for, and what of it is not declared. Default figures that draw what is asked for come to the manifest.
fn wanted_outputs(
    manifest: &mut Manifest,
    figures: IndexMap<String, Figure>,
    outputs: &OutputSchema,
    node: &Node,
) -> (Wanted, Vec<Diagnostic>) {
    let wanted = manifest.outputs.clone().map_or(Wanted::ALL, Wanted::only);
    let unknown = unknown_outputs(manifest, &wanted, outputs, node);
    merge_default_figures(manifest, figures, &outputs.clone().only(&wanted));
    (wanted, unknown)
}

/// What is asked for and not declared, each at its place.
fn unknown_outputs(
    manifest: &Manifest,
    wanted: &Wanted,
    declared: &OutputSchema,
    node: &Node,
) -> Vec<Diagnostic> {
    let unknown = wanted.unknown(declared);
    let known: Vec<String> = if unknown.is_empty() { Vec::new() } else { declared.names().collect() };
    let asked = manifest.outputs.iter().flatten().enumerate();
    let problem = |(index, name): (usize, &String)| {
        let message = format!("`{}` gives no `{name}` with these parameters", manifest.analysis);
        let place = node.place_of(&["outputs", &index.to_string()]);
        let problem = Diagnostic::error("unknown-output", message).at(place);
        problem.nearest(name, known.iter().map(String::as_str))
    };
    asked.filter(|(_, name)| unknown.contains(&name.as_str())).map(problem).collect()
}

/// Default figures that draw what is asked for; the others have nothing to show.
fn merge_default_figures(
    manifest: &mut Manifest,
    defaults: IndexMap<String, Figure>,
    outputs: &OutputSchema,
) {
    let all = manifest.outputs.is_none();
    for (name, figure) in defaults {
        if all || drawable::check_default_figure(outputs, &name, &figure).is_ok() {
            manifest.figures.entry(name).or_insert(figure);
        }
    }
}

#[cfg(test)]
mod tests;
