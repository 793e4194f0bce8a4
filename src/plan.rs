//! What would run: the tasks of all experiments, their seeds, and the edges between them.

mod graph;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::sync::Arc;

use octavo_plugin::{ContentHasher, Digest, Input, InputLimits, NUMERICS_REVISION, Seed, Value};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

use crate::diagnostic::Diagnostic;
use crate::experiment::{Experiment, InputUse, Params, Point};
use crate::input::InputFile;
use crate::manifest::Seeding;
use crate::results::Outputs;
use crate::source::SourceFile;

pub use graph::{in_order, levels, origins, with_upstream};

/// Identity of a task: digest of the analysis's name and revision, [`NUMERICS_REVISION`], the canonical parameters with
/// every input replaced by its digest, the digest of a plugin's files, and the seed if the result depends on it. Never the machine, the experiment's
/// name or the place of a file.
pub type TaskKey = Digest;

/// Finds a file that a definition names, to be read within limits.
pub type ReadInput<'a> = &'a dyn Fn(&SourceFile, &str, InputLimits) -> Result<InputFile, String>;

/// The files found so far, by the path of the definition and their names in it.
type Found = BTreeMap<(String, String), Result<Arc<InputFile>, String>>;

/// A value that another task gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Edge {
    /// Keys from the parameters to the input.
    pub path: Vec<String>,
    /// The task whose result it is.
    pub task: usize,
    /// The table or drawing.
    pub artifact: String,
    /// What messages call it.
    pub name: String,
}

impl Edge {
    /// The stored name and the digest of the result among those of its task.
    pub fn found(&self, outputs: &dyn Outputs) -> Option<(String, Digest)> {
        let stored = ["tables", "drawings"].map(|kind| format!("{kind}/{}", self.artifact));
        stored.into_iter().find_map(|name| outputs.digest(&name).map(|digest| (name, digest)))
    }
}

/// One run at one point of the sweep, one replicate.
#[derive(Clone, Debug)]
pub struct Task {
    /// Index of the experiment in the plan.
    pub experiment: usize,
    /// Index of the point in the experiment.
    pub point: usize,
    /// From 0.
    pub replicate: u32,
    /// The seed.
    pub seed: Seed,
    /// Whether the result depends on the seed.
    pub stochastic: bool,
    /// Canonical parameters; inputs from files are replaced by their digests.
    pub params: Params,
    /// The files, which are read when the task runs.
    pub files: Vec<Arc<InputFile>>,
    /// Inputs from other tasks.
    pub edges: Vec<Edge>,
}

/// All tasks, in the order of experiments, points and replicates.
#[derive(Clone, Debug, Default)]
pub struct Plan {
    /// The experiments by id.
    pub experiments: Vec<Arc<Experiment>>,
    /// The tasks.
    pub tasks: Vec<Task>,
    /// For each experiment, its tasks.
    pub ranges: Vec<Range<usize>>,
}

/// Why a task's result is what it is: all that its key is made of, by name.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Cause {
    /// The analysis's name.
    pub analysis: String,
    /// The revision of its numerics.
    pub revision: u32,
    /// [`NUMERICS_REVISION`] of the program.
    pub numerics: u32,
    /// Digest of a plugin's files; none for what is built in.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub code: Option<Digest>,
    /// The canonical parameters, every input replaced by its digest.
    pub params: Json,
    /// The seed, if the result depends on it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub seed: Option<u64>,
    /// The outputs that are asked for, if not all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<BTreeSet<String>>,
}

impl Cause {
    /// The key of the task with this cause.
    pub fn key(&self) -> TaskKey {
        let mut hasher = ContentHasher::new("octavo task");
        hasher.text(&self.analysis).number(self.revision.into()).number(self.numerics.into());
        hasher.add(&self.params);
        if let Some(code) = &self.code {
            hasher.text("code").add(code);
        }
        if let Some(seed) = self.seed {
            hasher.number(seed);
        }
        if let Some(outputs) = &self.outputs {
            hasher.text("outputs").add(&serde_json::json!(outputs));
        }
        hasher.finish()
    }
}

impl Task {
    /// The seed, if the result depends on it.
    pub fn seed_of_cause(&self) -> Option<u64> {
        self.stochastic.then_some(self.seed.0)
    }

    /// What the task's result depends on, once the inputs from other tasks are in `params`.
    pub fn cause(&self, experiment: &Experiment, params: Json) -> Cause {
        let identity = experiment.analysis.identity();
        Cause {
            code: identity.program(),
            analysis: identity.name.into_owned(),
            revision: identity.revision,
            numerics: NUMERICS_REVISION,
            params,
            seed: self.seed_of_cause(),
            outputs: experiment.wanted.names().cloned(),
        }
    }
}

impl Plan {
    /// Plans the experiments. `read` finds a file that a definition names; it is asked once for each.
    pub fn new(experiments: Vec<Arc<Experiment>>, read: ReadInput<'_>) -> (Self, Vec<Diagnostic>) {
        let mut plan = Self { experiments, tasks: Vec::new(), ranges: Vec::new() };
        let mut problems = Vec::new();
        for index in 0..plan.experiments.len() {
            let start = plan.tasks.len();
            plan.add_tasks(index);
            plan.ranges.push(start..plan.tasks.len());
        }
        let mut found = Found::new();
        for index in 0..plan.experiments.len() {
            let experiment = Arc::clone(&plan.experiments[index]);
            for used in &experiment.inputs {
                plan.add_input(index, &experiment, used, (read, &mut found), &mut problems);
            }
        }
        plan.refuse_cycles(&mut problems);
        (plan, problems)
    }

    /// The experiment of a task.
    pub fn experiment_of(&self, task: usize) -> &Arc<Experiment> {
        &self.experiments[self.tasks[task].experiment]
    }

    /// A task in a few words, such as `dragon/limit folds=3 #2`.
    pub fn describe(&self, task: usize) -> String {
        let (task, experiment) = (&self.tasks[task], self.experiment_of(task));
        let mut text = experiment.id.to_string();
        for (key, value) in experiment.points[task.point].values.iter() {
            text.push_str(&format!(" {}={value}", key.rsplit('.').next().unwrap_or(key)));
        }
        if experiment.replicates > 1 {
            text.push_str(&format!(" #{}", task.replicate));
        }
        text
    }

    /// The plan of some experiments and of whatever they depend on.
    #[must_use]
    pub fn restricted_to(&self, wanted: &[usize]) -> Vec<usize> {
        let own: Vec<usize> = wanted.iter().flat_map(|index| self.ranges[*index].clone()).collect();
        with_upstream(self, &own)
    }

    /// The tasks of the experiments with these ids, and of whatever they depend on; all tasks if none is named.
    pub fn tasks_of(&self, ids: &[String]) -> Vec<usize> {
        let named = |index: usize| ids.iter().any(|id| self.experiments[index].id == *id);
        let wanted = |index: &usize| ids.is_empty() || named(*index);
        let wanted: Vec<usize> = (0..self.experiments.len()).filter(wanted).collect();
        self.restricted_to(&wanted)
    }

    fn add_tasks(&mut self, index: usize) {
        let experiment = Arc::clone(&self.experiments[index]);
        // Replicates of something deterministic would be the same task again.
        let replicates_of = |point: &Point| if point.stochastic { experiment.replicates } else { 1 };
        // A list of very many tasks that grows is copied as often as it doubles.
        self.tasks.reserve(experiment.points.iter().map(|point| replicates_of(point) as usize).sum());
        for (number, point) in experiment.points.iter().enumerate() {
            let replicates = replicates_of(point);
            for replicate in 0..replicates {
                let mut seed = Seed::of_replicate(experiment.manifest.seed, replicate);
                if experiment.manifest.seeding == Seeding::Independent {
                    let values: Map<String, Json> =
                        point.values.iter().map(|(key, value)| (key.to_owned(), value.to_json())).collect();
                    seed = seed.with(&Json::Object(values));
                }
                self.tasks.push(Task {
                    experiment: index,
                    point: number,
                    replicate,
                    seed,
                    stochastic: point.stochastic,
                    params: point.params.clone(),
                    files: Vec::new(),
                    edges: Vec::new(),
                });
            }
        }
    }

    /// The tasks of a point of an experiment: they stand together.
    fn of_point(&self, experiment: usize, point: usize) -> Range<usize> {
        let Range { start, end } = self.ranges[experiment];
        let tasks = &self.tasks[start..end];
        let before = |bound: usize| start + tasks.partition_point(|task| task.point < bound);
        before(point)..before(point + 1)
    }

    fn add_input(
        &mut self,
        index: usize,
        experiment: &Experiment,
        used: &InputUse,
        (read, found): (ReadInput<'_>, &mut Found),
        problems: &mut Vec<Diagnostic>,
    ) {
        let tasks = self.of_point(index, used.point);
        match &used.input {
            Input::File { file, form } => match found
                .entry((experiment.source.path.clone(), file.clone()))
                .or_insert_with(|| read(&experiment.source, file, experiment.limits.input).map(Arc::new))
            {
                Ok(file) => {
                    let input = file.input().written(form);
                    for task in tasks {
                        let mut params = self.tasks[task].params.json();
                        set_input(&mut params, &used.path, &input);
                        self.tasks[task].params = Params::like(&self.tasks[task].params, params);
                        self.tasks[task].files.push(Arc::clone(file));
                    }
                }
                Err(message) => problems.push(
                    Diagnostic::error("bad-input", message.clone())
                        .at(used.location.clone())
                        .help("the path is relative to the definition's own folder"),
                ),
            },
            Input::Result { from, artifact, selection } => match self.upstream(from, artifact, selection) {
                Ok(found) => {
                    for task in tasks {
                        let upstream = found.for_replicate(self.tasks[task].replicate);
                        self.tasks[task].edges.push(Edge {
                            path: used.path.clone(),
                            task: upstream,
                            artifact: artifact.clone(),
                            name: format!("{from}#{artifact}"),
                        });
                    }
                }
                Err(diagnostic) => problems.push(diagnostic.at(used.location.clone())),
            },
        }
    }

    /// The tasks of one sweep point of another experiment.
    fn upstream(
        &self,
        from: &str,
        artifact: &str,
        selection: &Map<String, Json>,
    ) -> Result<Upstream, Diagnostic> {
        let ids = || self.experiments.iter().map(|experiment| experiment.id.as_str());
        let index = ids().position(|id| id == from).ok_or_else(|| {
            Diagnostic::error("unknown-experiment", format!("there is no experiment `{from}`"))
                .nearest(from, ids())
        })?;
        let experiment = &self.experiments[index];
        let names =
            || experiment.outputs.tables.keys().chain(experiment.outputs.drawings.keys()).map(String::as_str);
        if !names().any(|name| name == artifact) {
            let message = format!("`{from}` gives no table or drawing `{artifact}`");
            return Err(Diagnostic::error("unknown-artifact", message).nearest(artifact, names()));
        }
        if experiment.outputs.drawings.get(artifact).is_some_and(|drawing| drawing.picture) {
            let message =
                format!("`{artifact}` of `{from}` is a picture, and nothing can be computed from one");
            let help = "let its analysis give a table or raster, too, and name that";
            return Err(Diagnostic::error("unknown-artifact", message).help(help));
        }
        let known: Vec<&str> =
            experiment.points[0].values.keys().chain(std::iter::once("replicate")).collect();
        if let Some(key) = selection.keys().find(|key| !known.contains(&key.as_str())) {
            let message = format!("`{key}` is not swept in `{from}`");
            return Err(Diagnostic::error("unknown-name", message).nearest(key, known));
        }
        let replicate = selection.get("replicate").and_then(Json::as_u64);
        let chosen: Vec<usize> = self.ranges[index]
            .clone()
            .filter(|task| {
                let task = &self.tasks[*task];
                let point = &experiment.points[task.point];
                let agrees = |(key, wanted): (&String, &Json)| {
                    key == "replicate" || point.values.get(key).is_some_and(|value| equals(value, wanted))
                };
                selection.iter().all(agrees)
                    && replicate.is_none_or(|wanted| u64::from(task.replicate) == wanted)
            })
            .collect();
        let points: BTreeSet<usize> = chosen.iter().map(|task| self.tasks[*task].point).collect();
        match points.len() {
            1 => Ok(Upstream(chosen)),
            0 => Err(Diagnostic::error("no-such-task", format!("no task of `{from}` has these values"))
                .help(format!("choose among the values of {}", known.join(", ")))),
            several => Err(Diagnostic::error(
                "several-tasks",
                format!("{several} points of `{from}` have these values"),
            )
            .help(format!("say which in `where`: {}", known.join(", ")))),
        }
    }

    fn refuse_cycles(&self, problems: &mut Vec<Diagnostic>) {
        // Depth first: 1 is on the current path, 2 is done.
        let mut state = vec![0_u8; self.tasks.len()];
        for start in 0..self.tasks.len() {
            let mut path: Vec<(usize, usize)> = vec![(start, 0)];
            while let Some((task, next)) = path.pop() {
                if next == 0 {
                    if state[task] != 0 {
                        continue;
                    }
                    state[task] = 1;
                }
                match self.tasks[task].edges.get(next) {
                    None => state[task] = 2,
                    Some(edge) => {
                        path.push((task, next + 1));
                        if state[edge.task] == 1 {
                            let message = format!("`{}` depends on itself", self.experiment_of(task).id);
                            let experiment = self.experiment_of(task);
                            let used = experiment.inputs.iter().find(|used| used.path == edge.path);
                            let place = used.map(|used| used.location.clone());
                            let mut diagnostic = Diagnostic::error("cycle", message);
                            diagnostic.location = place;
                            problems.push(diagnostic.help(format!(
                                "it takes a result of `{}`",
                                self.experiment_of(edge.task).id
                            )));
                            return;
                        }
                        path.push((edge.task, 0));
                    }
                }
            }
        }
    }
}

/// The tasks of the chosen point, one per replicate.
struct Upstream(Vec<usize>);

impl Upstream {
    /// The same replicate if there is one, else the first.
    fn for_replicate(&self, replicate: u32) -> usize {
        let index = usize::try_from(replicate).unwrap_or(0);
        self.0.get(index).copied().unwrap_or(self.0[0])
    }
}

fn equals(value: &Value, wanted: &Json) -> bool {
    match (value.as_f64(), wanted.as_f64()) {
        (Some(value), Some(wanted)) => value == wanted,
        _ => value.to_json() == *wanted,
    }
}

/// Puts an input into parameters at a path.
pub fn set_input(params: &mut Json, path: &[String], input: &Input) {
    let place = path.iter().try_fold(params, |json, key| match json {
        Json::Array(items) => key.parse::<usize>().ok().and_then(|index| items.get_mut(index)),
        other => other.get_mut(key),
    });
    if let Some(place) = place {
        *place = serde_json::to_value(input).expect("an input is plain data");
    }
}

/// The tasks that wait for each task; one that takes several artifacts of a task waits for it once.
pub fn dependents(plan: &Plan) -> BTreeMap<usize, BTreeSet<usize>> {
    let mut waiting: BTreeMap<usize, BTreeSet<usize>> = BTreeMap::new();
    for (index, task) in plan.tasks.iter().enumerate() {
        for edge in &task.edges {
            waiting.entry(edge.task).or_default().insert(index);
        }
    }
    waiting
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::plan;

    fn keys(definitions: &[(&str, &str)]) -> Vec<TaskKey> {
        let (plan, problems) = plan(definitions);
        assert_eq!(problems, []);
        plan.tasks
            .iter()
            .enumerate()
            .map(|(i, task)| task.cause(plan.experiment_of(i), task.params.json()).key())
            .collect()
    }

    #[test]
    fn a_key_depends_on_what_matters_and_on_nothing_else() {
        let base = keys(&[("a", "[params]\na = 3.0\n")]);
        let same = [
            ("renamed", "[params]\na = 3.0\n"),
            ("a", "seed = 7\n[params]\na = 3.0\n"),
            ("a", "# a comment\nreplicates = 3\n[params]\na = 3.0\nb = 2.0\n"),
        ];
        for definition in same {
            assert_eq!(keys(&[definition]), base, "{definition:?}");
        }
        let other = [
            ("a", "[params]\na = 3.5\n"),
            ("a", "[params]\na = 3.0\nnoise = true\n"),
            ("a", "[params]\na = 3.0\nsource = { file = \"data.txt\" }\n"),
        ];
        for definition in other {
            assert_ne!(keys(&[definition]), base, "{definition:?}");
        }
    }

    #[test]
    fn replicates_have_seeds_of_their_own_and_points_share_them() {
        let (plan, _) =
            plan(&[("a", "seed = 1\nreplicates = 2\n[params]\nnoise = true\n[sweep]\na = [1, 2]\n")]);
        let seeds: Vec<u64> = plan.tasks.iter().map(|task| task.seed.0).collect();
        assert_eq!(seeds.len(), 4);
        assert_ne!(seeds[0], seeds[1]);
        assert_eq!(seeds[..2], seeds[2..]);
        let (plan, _) = self::plan(&[(
            "a",
            "seed = 1\nseeding = \"independent\"\n[params]\nnoise = true\n[sweep]\na = [1, 2]\n",
        )]);
        assert_ne!(plan.tasks[0].seed, plan.tasks[1].seed);
    }

    #[test]
    fn edges_name_one_task_and_never_close_a_circle() {
        let upstream = ("up", "[sweep]\na = [1, 2]\n");
        let takes = |selection: &str| {
            format!("[params]\nsource = {{ from = \"up\", artifact = \"numbers\"{selection} }}\n")
        };
        let (good, problems) = plan(&[("down", &takes(", where = { a = 2 }")), upstream]);
        assert_eq!(problems, []);
        assert_eq!(good.tasks[0].edges[0].task, 2);
        assert_eq!(good.restricted_to(&[0]), [0, 2]);
        let codes = |definitions: &[(&str, &str)]| {
            plan(definitions).1.iter().map(|problem| problem.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[("down", &takes("")), upstream]), ["several-tasks"]);
        assert_eq!(codes(&[("down", &takes(", where = { a = 9 }")), upstream]), ["no-such-task"]);
        assert_eq!(codes(&[("down", &takes(", where = { z = 9 }")), upstream]), ["unknown-name"]);
        assert_eq!(codes(&[("down", &takes(""))]), ["unknown-experiment"]);
        assert_eq!(codes(&[("a", "[params]\nsource = { file = \"none.csv\" }\n")]), ["bad-input"]);
        let circle = |to: &str| format!("[params]\nsource = {{ from = \"{to}\", artifact = \"numbers\" }}\n");
        assert_eq!(codes(&[("a", &circle("b")), ("b", &circle("a"))]), ["cycle"]);
    }
}
