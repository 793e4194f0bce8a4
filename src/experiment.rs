//! The checked definition of an experiment: no raw TOML past this point.

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::figure::Figure;
use octavo_plugin::schema::Schema;
use octavo_plugin::{DynAnalysis, Input, OutputSchema, Value};
use serde_json::Value as Json;

use crate::check::{self, InputPlace};
use crate::diagnostic::{Diagnostic, has_errors};
use crate::manifest::{self, Manifest};
use crate::registry::{PLUGIN, Registry};
use crate::source::{Location, SourceFile};
use crate::sweep::{self, Axis};
use crate::toml_tree::{self, Node};

/// A point of the sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The swept parameters, by dotted path, in the order of the axes.
    pub values: IndexMap<String, Value>,
    /// All parameters in canonical form.
    pub params: Json,
    /// Whether the result depends on the seed.
    pub stochastic: bool,
}

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
    pub id: String,
    /// The definition's text, for messages and for readers.
    pub source: Arc<SourceFile>,
    /// The definition's tree, for places in messages.
    pub node: Node,
    /// Title, values, figures, claims, with default figures merged in.
    pub manifest: Manifest,
    /// What runs.
    pub analysis: Arc<dyn DynAnalysis>,
    /// Replicates per point under the chosen profile.
    pub replicates: u32,
    /// The points in plan order.
    pub points: Vec<Point>,
    /// What the points read.
    pub inputs: Vec<InputUse>,
    /// What every task gives.
    pub outputs: OutputSchema,
}

impl std::fmt::Debug for Experiment {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Experiment")
            .field("id", &self.id)
            .field("points", &self.points.len())
            .finish_non_exhaustive()
    }
}

/// Changes from the command line.
#[derive(Clone, Debug, Default)]
pub struct Overrides {
    /// The profile's name.
    pub profile: Option<String>,
    /// `params.x=3`, as given.
    pub set: Vec<String>,
    /// Most tasks per experiment.
    pub max_tasks: usize,
}

impl Experiment {
    /// Checks a definition. All problems are gathered; without errors there is an experiment.
    pub fn check(
        id: &str,
        source: &Arc<SourceFile>,
        registry: &Registry,
        overrides: &Overrides,
    ) -> (Option<Self>, Vec<Diagnostic>) {
        let (mut node, mut problems) = toml_tree::parse(source);
        if has_errors(&problems) {
            return (None, problems);
        }
        let (json, report) = check::check(&node, manifest::schema(), "the experiment");
        problems.extend(report.diagnostics);
        let Some(analysis) = find_analysis(&node, registry, &mut problems) else { return (None, problems) };
        let manifest: Option<Manifest> = if has_errors(&problems) {
            None
        } else {
            Some(serde_json::from_value(json).expect("the checker accepted it"))
        };
        // Parameters are checked even if the rest is wrong: all problems at once.
        let axes = apply_overrides(&mut node, overrides, &mut problems);
        let schema = analysis.schema();
        let mut builder =
            Builder { analysis: &analysis, schema: &schema, problems: &mut problems, inputs: Vec::new() };
        let points = builder.points(&node, &axes, overrides);
        let inputs = std::mem::take(&mut builder.inputs);
        let Some(mut manifest) = manifest else { return (None, problems) };
        if has_errors(&problems) || points.is_empty() {
            return (None, problems);
        }
        let outputs = same_outputs(&analysis, &points, &node, &mut problems);
        merge_default_figures(&mut manifest, analysis.figures(&points[0].params));
        let replicates = chosen_replicates(&manifest, overrides);
        let experiment = Self {
            id: id.to_owned(),
            source: Arc::clone(source),
            node,
            manifest,
            analysis,
            replicates,
            points,
            inputs,
            outputs,
        };
        if has_errors(&problems) { (None, problems) } else { (Some(experiment), problems) }
    }

    /// Whether any point depends on the seed.
    pub fn stochastic(&self) -> bool {
        self.points.iter().any(|point| point.stochastic)
    }
}

fn find_analysis(
    node: &Node,
    registry: &Registry,
    problems: &mut Vec<Diagnostic>,
) -> Option<Arc<dyn DynAnalysis>> {
    let named = node.get("analysis")?;
    let toml_tree::Kind::Text(name) = &named.kind else { return None };
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

fn chosen_replicates(manifest: &Manifest, overrides: &Overrides) -> u32 {
    let profile = overrides.profile.as_ref().and_then(|name| manifest.profiles.get(name));
    profile.and_then(|profile| profile.replicates).unwrap_or(manifest.replicates)
}

/// Puts the profile's and the command line's changes into the tree, and reads the axes of the sweep.
fn apply_overrides(node: &mut Node, overrides: &Overrides, problems: &mut Vec<Diagnostic>) -> Vec<Vec<Axis>> {
    let profile = overrides.profile.as_deref().and_then(|name| node.get("profiles")?.get(name)).cloned();
    if let Some(profile) = &profile {
        for (key, entry) in profile.get("params").and_then(Node::entries).into_iter().flatten() {
            sweep::set_dotted(node, &format!("params.{key}"), entry.node.clone());
        }
        for (key, entry) in profile.get("sweep").and_then(Node::entries).into_iter().flatten() {
            node.set(&["sweep", key], entry.node.clone());
        }
    }
    for setting in &overrides.set {
        apply_setting(node, setting, problems);
    }
    sweep::axes(node, problems)
}

fn apply_setting(node: &mut Node, setting: &str, problems: &mut Vec<Diagnostic>) {
    let source = SourceFile::new("--set", setting);
    let Some((path, _)) =
        setting.split_once('=').filter(|(path, _)| path.starts_with("params.") || *path == "seed")
    else {
        let problem = Diagnostic::error("bad-setting", format!("`--set {setting}` has another form"));
        problems.push(problem.help("write `--set params.NAME=VALUE`, for example `--set params.folds=12`"));
        return;
    };
    let (value, syntax) = toml_tree::parse_value(&source, path.len() + 1);
    problems.extend(syntax);
    if let Some(swept) = path.strip_prefix("params.") {
        // A parameter that is set is no longer swept.
        node.remove(&["sweep", swept]);
    }
    sweep::set_dotted(node, path, value);
}

struct Builder<'a> {
    analysis: &'a Arc<dyn DynAnalysis>,
    schema: &'a Schema,
    problems: &'a mut Vec<Diagnostic>,
    inputs: Vec<InputUse>,
}

impl Builder<'_> {
    fn points(&mut self, node: &Node, axes: &[Vec<Axis>], overrides: &Overrides) -> Vec<Point> {
        let empty = toml_tree::Kind::Table(IndexMap::new());
        let base =
            node.get("params").cloned().unwrap_or(Node { kind: empty, location: node.location.clone() });
        if !self.axes_are_known(axes) {
            return Vec::new();
        }
        let combinations = sweep::combinations(axes);
        if combinations.len() > overrides.max_tasks {
            let message = format!(
                "the sweep has {} points, and {} are allowed",
                combinations.len(),
                overrides.max_tasks
            );
            let problem = Diagnostic::error("too-many-tasks", message).at(node.place_of(&["sweep"]));
            self.problems.push(problem.help("shorten the sweep, or raise `limits.tasks` in octavo.toml"));
            return Vec::new();
        }
        let points =
            combinations.iter().enumerate().map(|(index, chosen)| self.point(index, &base, node, chosen));
        let points: Option<Vec<Point>> = points.collect::<Vec<_>>().into_iter().collect();
        points.unwrap_or_default()
    }

    fn axes_are_known(&mut self, axes: &[Vec<Axis>]) -> bool {
        let mut good = true;
        for axis in axes.iter().flatten() {
            let path: Vec<&str> = axis.key.split('.').collect();
            if check::schema_at(self.schema, &path).is_none() {
                let message =
                    format!("`{}` is not a parameter of `{}`", axis.key, self.analysis.about().name);
                let known = check::paths(self.schema);
                let problem = Diagnostic::error("unknown-parameter", message).at(axis.location.clone());
                self.problems.push(problem.nearest(&axis.key, known.iter().map(String::as_str)));
                good = false;
            }
        }
        good
    }

    fn point(&mut self, index: usize, base: &Node, node: &Node, chosen: &[(&str, &Node)]) -> Option<Point> {
        let mut params = base.clone();
        let mut values = IndexMap::new();
        for (key, value) in chosen {
            sweep::set_dotted(&mut params, key, (*value).clone());
            values.insert((*key).to_owned(), sweep::value_of(value));
        }
        let about = self.analysis.about();
        let (json, report) =
            check::check(&params, self.schema, &format!("the parameters of `{}`", about.name));
        let failed = has_errors(&report.diagnostics);
        for mut diagnostic in report.diagnostics {
            // The table itself may be absent; then the place is the name of the analysis.
            if diagnostic.location.as_ref().is_some_and(|at| at.span.is_empty()) {
                diagnostic.location = Some(node.place_of(&["analysis"]));
            }
            self.problems.push(diagnostic);
        }
        if failed {
            return None;
        }
        let params_json = match self.analysis.canonical(&json) {
            Ok(canonical) => canonical,
            Err(message) => {
                let code = if self.analysis.broken(&json).is_some() { PLUGIN } else { "bad-parameters" };
                let place = node.place_of(&["analysis"]);
                self.problems.push(Diagnostic::error(code, message).at(place));
                return None;
            }
        };
        let before = self.problems.len();
        for problem in self.analysis.check(&params_json) {
            let path: Vec<&str> = problem.path.split('.').filter(|part| !part.is_empty()).collect();
            let place = match params.place_of(&path) {
                place if place.span.is_empty() => node.place_of(&["analysis"]),
                place => place,
            };
            let diagnostic = Diagnostic::error("bad-parameters", problem.message).at(place);
            self.problems.push(match problem.help {
                Some(help) => diagnostic.help(help),
                None => diagnostic,
            });
        }
        report.inputs.into_iter().for_each(|place| self.input(index, &params_json, place));
        let stochastic = self.analysis.stochastic(&params_json);
        (self.problems.len() == before).then_some(Point { values, params: params_json, stochastic })
    }

    fn input(&mut self, point: usize, params: &Json, place: InputPlace) {
        let value = place.path.iter().try_fold(params, |json, key| match json {
            Json::Array(items) => items.get(key.parse::<usize>().ok()?),
            other => other.get(key),
        });
        let input = value.and_then(|value| serde_json::from_value::<Input>(value.clone()).ok());
        if let Some(input) = input {
            self.inputs.push(InputUse { point, path: place.path, input, location: place.location });
        }
    }
}

/// Tables are put together over tasks, so that all points must declare the same outputs.
fn same_outputs(
    analysis: &Arc<dyn DynAnalysis>,
    points: &[Point],
    node: &Node,
    problems: &mut Vec<Diagnostic>,
) -> OutputSchema {
    let first = analysis.outputs(&points[0].params);
    let other = points.iter().find(|point| analysis.outputs(&point.params) != first);
    if let Some(point) = other {
        let shown: Vec<String> = point.values.iter().map(|(key, value)| format!("{key} = {value}")).collect();
        let message = format!("the point {} gives other tables than the first point", shown.join(", "));
        let problem = Diagnostic::error("mixed-outputs", message).at(node.place_of(&["sweep"]));
        problems.push(problem.help("put the points into two experiments"));
    }
    first
}

fn merge_default_figures(manifest: &mut Manifest, defaults: IndexMap<String, Figure>) {
    for (name, figure) in defaults {
        manifest.figures.entry(name).or_insert(figure);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{check, no_overrides};

    fn problems(text: &str) -> Vec<String> {
        let (experiment, problems) = check("a", text, &no_overrides());
        assert_eq!(experiment.is_none(), !problems.is_empty());
        let shown = problems.iter().map(|problem| {
            let text = problem.location.as_ref().map(|at| at.source.text[at.span.clone()].to_owned());
            format!("{} `{}`", problem.code, text.unwrap_or_default())
        });
        shown.collect()
    }

    #[test]
    fn parameters_and_sweeps_are_checked_where_they_stand() {
        assert_eq!(problems(""), Vec::<String>::new());
        assert_eq!(problems("[params]\na = 101\n"), ["out-of-range `101`"]);
        assert_eq!(problems("[sweep]\na = [1, 200]\n"), ["out-of-range `200`"]);
        assert_eq!(problems("[sweep]\naa = [1]\n"), ["unknown-parameter `aa`"]);
        assert_eq!(problems("[params]\nend = \"goood\"\n"), ["unknown-word `\"goood\"`"]);
        assert_eq!(problems("[params]\nb = nan\n"), ["not-finite `nan`"]);
        assert_eq!(problems("[sweep]\nb = { from = 1, to = 5000 }\n"), ["too-many-tasks `sweep`"]);
        assert_eq!(problems("[params]\na = \"x\"\n[figures.f]\nmark = 3\n").len(), 2);
        assert_eq!(problems("title = \"T\"\nanalysis = \"smaple\"\n"), ["unknown-analysis `\"smaple\"`"]);
    }

    #[test]
    fn settings_and_profiles_replace_parameters() {
        let text =
            "[params]\na = 3\n[sweep]\nb = [1, 2]\n[profiles.full]\nreplicates = 4\nsweep.b = [1, 2, 3]\n";
        let with = |overrides: &Overrides| check("a", text, overrides).0.unwrap();
        let full = with(&Overrides { profile: Some("full".into()), ..no_overrides() });
        assert_eq!((full.points.len(), full.replicates), (3, 4));
        let set =
            with(&Overrides { set: vec!["params.a=7".into(), "params.b=0.5".into()], ..no_overrides() });
        assert_eq!(set.points.len(), 1);
        assert_eq!(set.points[0].params["a"], 7.0);
        assert_eq!(set.points[0].params["b"], 0.5);
        let (_, problems) =
            check("a", text, &Overrides { set: vec!["params.a=x y".into()], ..no_overrides() });
        assert_eq!(problems[0].code, "toml-syntax");
    }
}
