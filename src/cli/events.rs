//! What `--log-format json` writes to standard error, one event a line. docs/interfaces.md describes the same, and `octavo schema
//! events` prints it as a JSON Schema.

use indexmap::IndexMap;
use octavo_plugin::Failure;
use schemars::JsonSchema;
use serde::Serialize;
use serde_json::Value as Json;

use super::news::{Fetching, Said};
use super::store::Went;
use crate::build::compare::{Difference, DifferenceKind};
use crate::build::{Held, Moved, State};
use crate::diagnostic::{Digested, Severity, Told};
use crate::executor::Outcome;
use crate::ids::ExperimentId;
use crate::lock::{Change, Item};
use crate::plan::Plan;

/// Most routes of files that an event names.
const MOST_FILES: usize = 1000;

/// One line. Programs pass over events and keys that they do not know.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub(super) enum Event {
    /// Something is wrong.
    Problem(Told),
    /// Problems that are not told one by one.
    More {
        /// How bad they are.
        severity: Severity,
        /// The kind of problem.
        code: String,
        /// How many.
        count: usize,
    },
    /// A task has ended.
    Task(TaskEnd),
    /// A task said something to whoever waits for it, such as how much there is to do.
    Note(Said),
    /// A task said something that whoever builds should look at.
    Warning(Said),
    /// A task failed, and is tried again.
    Retry {
        /// Which task.
        #[serde(flatten)]
        of: TaskName,
        /// The number of the new try, from 1.
        retry: u32,
        /// How many there may be.
        retries: u32,
        /// Why the try before gave nothing.
        failure: Failure,
    },
    /// A site was published.
    Published(Published),
    /// Results of an experiment are not as they were accepted.
    Drift(Drifted),
    /// Results were written into locks.
    Accepted {
        /// Of which experiments.
        #[schemars(with = "Vec<String>")]
        experiments: Vec<ExperimentId>,
    },
    /// A site is served from now on.
    Serving {
        /// Where.
        address: String,
    },
    /// Where the time of a build went.
    Timings(Timings),
    /// Something is not the same in a rebuild.
    Difference(Differs),
    /// A rebuild was compared with what stands.
    Compared(Compared),
    /// The store on another machine is asked for many results.
    Fetching(Fetching),
    /// Tasks were handed to a cluster.
    Submitted {
        /// Its name.
        cluster: String,
        /// The number of the batch, from 1.
        batch: u64,
        /// Jobs that were started together.
        jobs: usize,
        /// Tasks that they share.
        tasks: usize,
        /// By what the cluster knows them.
        id: String,
    },
    /// No job of a batch is left, or all of its results are there.
    Arrived {
        /// The number of the batch.
        batch: u64,
        /// Results that came of it.
        results: usize,
        /// Tasks that it had.
        of: usize,
    },
    /// The store was read.
    Verified {
        /// Good records.
        records: usize,
        /// Good results.
        results: usize,
        /// Their size.
        bytes: u64,
        /// Entries that were set aside.
        damaged: usize,
    },
    /// Remembered results were removed.
    Collected(Collected),
    /// Remembered results would be removed without `--dry-run`.
    WouldCollect(Collected),
    /// What is remembered was written into a file.
    Exported {
        /// Records.
        records: usize,
        /// Results.
        results: usize,
        /// Size of the file.
        bytes: u64,
    },
    /// What is in such a file was added.
    Imported {
        /// New records.
        records: usize,
        /// New results.
        results: usize,
        /// Their size.
        bytes: u64,
        /// Records and results that were there already.
        known: usize,
    },
    /// Results of tasks were brought to the remote store. `left` are records that could not be.
    Pushed(Went),
    /// Results of tasks were fetched from the remote store. `left` are tasks whose results are neither here nor there.
    Pulled(Went),
}

impl Event {
    /// A line of a list of problems.
    pub(super) fn of_problem(line: &Digested<'_>) -> Self {
        match *line {
            Digested::Shown(problem) => Self::Problem(problem.told()),
            Digested::More(severity, code, count) => Self::More { severity, code: code.to_owned(), count },
        }
    }
}

/// Which task it is.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TaskName {
    /// The experiment's id, the values of its point, and `#` with the number of the replicate if there are several.
    task: String,
    /// The experiment's id.
    #[schemars(with = "String")]
    experiment: ExperimentId,
    /// The value of each swept parameter, by its dotted path.
    point: IndexMap<String, Json>,
    /// The number of the replicate, from 0.
    replicate: u32,
    /// What computes it.
    analysis: AnalysisName,
}

/// Which analysis it is.
#[derive(Debug, Serialize, JsonSchema)]
struct AnalysisName {
    /// Its name.
    name: String,
    /// The revision of its numerics.
    revision: u32,
}

impl TaskName {
    /// The task of this number.
    pub(super) fn new(plan: &Plan, task: usize) -> Self {
        let (planned, experiment) = (&plan.tasks[task], plan.experiment_of(task));
        let values = experiment.points[planned.point].values.iter();
        let identity = experiment.analysis.identity();
        Self {
            task: plan.describe(task),
            experiment: experiment.id.clone(),
            point: values.map(|(key, value)| (key.to_owned(), value.to_json())).collect(),
            replicate: planned.replicate,
            analysis: AnalysisName { name: identity.name.into_owned(), revision: identity.revision },
        }
    }
}

/// The end of a task.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct TaskEnd {
    /// Which task.
    #[serde(flatten)]
    pub(super) of: TaskName,
    /// What became of it.
    pub(super) outcome: End,
    /// How long it was computed; null if it was not.
    pub(super) seconds: Option<f64>,
    /// How many threads it could use; null if it was not computed.
    pub(super) threads: Option<usize>,
}

/// What became of a task.
#[derive(Debug, Serialize, JsonSchema)]
#[serde(tag = "state", rename_all = "lowercase")]
pub(super) enum End {
    /// There is a result.
    Done {
        /// Whether it was there already.
        remembered: bool,
        /// The digest of everything that decides it.
        key: String,
    },
    /// There is none.
    Failed {
        /// Why.
        failure: Failure,
    },
    /// It was not run, since another task has no result.
    Blocked {
        /// The other task.
        by: String,
    },
    /// The build was stopped.
    Cancelled,
}

impl End {
    /// The end of a task of this plan.
    pub(super) fn new(plan: &Plan, outcome: &Outcome) -> Self {
        match outcome {
            Outcome::Done(done) => Self::Done { remembered: done.cached, key: done.key.hex() },
            Outcome::Failed(failure) => Self::Failed { failure: failure.clone() },
            Outcome::Blocked(by) => Self::Blocked { by: plan.describe(*by) },
            Outcome::Cancelled => Self::Cancelled,
        }
    }
}

/// Results that are not as they were accepted.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Drifted {
    /// The experiment's id.
    #[schemars(with = "String")]
    experiment: ExperimentId,
    /// What its lock says of them.
    state: DriftState,
    /// Those that moved.
    results: Vec<DriftedResult>,
    /// What decides results and is not what it was; empty if the lock knows of nothing.
    cause: Vec<Change>,
}

/// What a lock says of results that are not those that it holds.
#[derive(Clone, Copy, Debug, Serialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
enum DriftState {
    /// It holds others.
    Moved,
    /// It holds none.
    New,
    /// It lacks some.
    More,
    /// It holds those under another profile.
    OtherProfile,
    /// The experiment explores, and it holds those of before.
    Explores,
}

/// A result that moved.
#[derive(Debug, Serialize, JsonSchema)]
struct DriftedResult {
    /// What it is.
    item: Item,
    /// Its name.
    name: String,
    /// What was accepted; null for a missing value.
    old: Json,
    /// What it is; null for a missing value, and if it is not there any more.
    new: Json,
    /// The difference in shares of the old one; null for what is no number, or 0.
    relative: Option<f64>,
    /// The difference in units in the last place; null for what is no float.
    ulp: Option<u64>,
}

impl Drifted {
    /// Those of an experiment.
    pub(super) fn new(held: &Held) -> Self {
        let state = match held.state {
            State::New => DriftState::New,
            State::More => DriftState::More,
            State::OtherProfile { .. } => DriftState::OtherProfile,
            State::Explores { .. } => DriftState::Explores,
            State::Moved(_) | State::Kept | State::Without => DriftState::Moved,
        };
        let json =
            |value: &Option<octavo_plugin::Value>| value.as_ref().map_or(Json::Null, |value| value.to_json());
        let result = |moved: &Moved| DriftedResult {
            item: moved.item,
            name: moved.name.clone(),
            old: json(&moved.old),
            new: json(&moved.new),
            relative: moved.apart().and_then(|apart| apart.relative),
            ulp: moved.apart().and_then(|apart| apart.ulps),
        };
        let results = match &held.state {
            State::Moved(moved) => moved.iter().map(result).collect(),
            _ => Vec::new(),
        };
        Self { experiment: held.id.clone(), state, results, cause: held.changes.clone() }
    }
}

/// A published site.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Published {
    /// Where it is.
    pub(super) folder: String,
    /// Tasks that were computed.
    pub(super) run: usize,
    /// Tasks that were remembered.
    pub(super) remembered: usize,
    /// Tasks without a result.
    pub(super) failed: usize,
    /// Experiments that were left out, since their plugin cannot be used.
    pub(super) unavailable: usize,
    /// Tasks that were not run, since others failed.
    pub(super) blocked: usize,
    /// New files.
    pub(super) added: usize,
    /// Files with other bytes than before.
    pub(super) changed: usize,
    /// Files that are gone.
    pub(super) removed: usize,
    /// Files with the same bytes as before.
    pub(super) unchanged: usize,
    /// Which files changed.
    pub(super) files: Files,
}

/// Routes of files that changed, each list sorted: at most 1000 in all.
#[derive(Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub(super) struct Files {
    /// New ones.
    added: Vec<String>,
    /// Those with other bytes than before.
    changed: Vec<String>,
    /// Those that are gone.
    removed: Vec<String>,
    /// How many more there are than the lists name.
    more: usize,
}

impl Files {
    /// The files that were added, changed and removed.
    pub(super) fn new(routes: [&[String]; 3]) -> Self {
        let all: usize = routes.iter().map(|some| some.len()).sum();
        let mut left = MOST_FILES;
        let mut first = |routes: &[String]| {
            let some = &routes[..routes.len().min(left)];
            left -= some.len();
            some.to_vec()
        };
        let [added, changed, removed] = routes.map(&mut first);
        Self { added, changed, removed, more: all.saturating_sub(MOST_FILES) }
    }
}

/// Something that is not the same in a rebuild.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Differs {
    /// What it is.
    kind: DifferenceKind,
    /// The experiment's id; null for what belongs to none.
    #[schemars(with = "Option<String>")]
    experiment: Option<ExperimentId>,
    /// The task, as events of tasks name it; null for what is published.
    task: Option<String>,
    /// The scalar, table, drawing, value, claim or figure, or the route of the file.
    name: String,
    /// The row of a table or the line of a file, from 1.
    row: Option<usize>,
    /// The column of a table.
    column: Option<String>,
    /// What stands; null for a missing value, and if it is not there.
    standing: Json,
    /// What the rebuild gave; null for a missing value, and if it is not there.
    rebuilt: Json,
    /// How many more of its kind in the same thing differ and are not told.
    more: usize,
    /// Whether the task takes results that differ themselves.
    follows: bool,
}

impl Differs {
    pub(super) fn new(one: &Difference) -> Self {
        let json =
            |value: &Option<octavo_plugin::Value>| value.as_ref().map_or(Json::Null, |value| value.to_json());
        let Difference { kind, experiment, task, name, row, column, more, follows, .. } = one.clone();
        let (standing, rebuilt) = (json(&one.standing), json(&one.rebuilt));
        Self { kind, experiment, task, name, row, column, standing, rebuilt, more, follows }
    }
}

/// What of a rebuild was compared.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Compared {
    /// Files of the site; 0 if only results were compared.
    pub(super) files: usize,
    /// Tasks whose results were compared.
    pub(super) tasks: usize,
    /// How many differences were told.
    pub(super) differences: usize,
}

/// Where the time went.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Timings {
    /// The steps of the build in their order.
    pub(super) steps: Vec<Timed>,
    /// Tasks that were computed.
    pub(super) tasks: Slowest,
    /// Figures, drawn or remembered.
    pub(super) figures: Slowest,
    /// Pages, written or remembered.
    pub(super) pages: Slowest,
    /// Indexes of searches.
    pub(super) indexes: Slowest,
}

/// Things of one kind that took time.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Slowest {
    /// How many there were.
    pub(super) count: usize,
    /// The time of all of them, on all threads together.
    pub(super) seconds: f64,
    /// The slowest ones, at most ten.
    pub(super) slowest: Vec<Timed>,
}

/// Something that took time.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Timed {
    /// What it was.
    pub(super) name: String,
    /// How long it took.
    pub(super) seconds: f64,
}

/// What was removed from the store and what was not.
#[derive(Debug, Serialize, JsonSchema)]
pub(super) struct Collected {
    /// Records that were removed.
    pub(super) records: usize,
    /// Results that were removed.
    pub(super) results: usize,
    /// Their size.
    pub(super) bytes: u64,
    /// Records that are kept.
    pub(super) kept_records: usize,
    /// Results that are kept.
    pub(super) kept_results: usize,
    /// Size of both.
    pub(super) kept_bytes: u64,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn at_most_a_thousand_files_are_named_and_the_rest_is_counted() {
        for (counts, expected) in [
            ([0, 0, 0], [0, 0, 0, 0]),
            ([2, 3, 1], [2, 3, 1, 0]),
            ([999, 1, 0], [999, 1, 0, 0]),
            ([600, 600, 5], [600, 400, 0, 205]),
            ([5000, 1, 1], [1000, 0, 0, 4002]),
        ] {
            let routes: [Vec<String>; 3] = counts.map(|count| (0..count).map(|n| n.to_string()).collect());
            let files = Files::new([&routes[0], &routes[1], &routes[2]]);
            let found = [files.added.len(), files.changed.len(), files.removed.len(), files.more];
            assert_eq!(found, expected);
        }
    }
}
