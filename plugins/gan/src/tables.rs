//! The tables of a run: their rows, and their columns.

use octavo_plugin::{Rows, Value};

use crate::judge::{Coverage, Judged};

/// Where the game stood.
pub(crate) struct Checkpoint {
    /// From 0.
    pub(crate) number: usize,
    /// Share of the budget.
    pub(crate) spent: f64,
    /// Multiplications.
    pub(crate) work: u64,
    pub(crate) steps: u64,
    pub(crate) judged: Judged,
    /// What the generator paid, once it has moved.
    pub(crate) generator_loss: Option<f64>,
    /// What the adversaries paid, once one has moved.
    pub(crate) critic_loss: Option<f64>,
    /// The slope that a made point feels.
    pub(crate) pull: f64,
}

/// Something of the coverage of the modes, where there are any.
pub(crate) fn covered<V: Into<Value>>(judged: &Judged, of: fn(&Coverage) -> V) -> Value {
    let known = judged.coverage.as_ref().map(of);
    Value::or_missing(known, "points of a reader’s own have no known modes")
}

/// The columns that say what points are worth.
fn worth<T: 'static>(rows: Rows<T>, of: fn(&T) -> &Judged) -> Rows<T> {
    rows.integer("reached", "modes reached", move |row| covered(of(row), |found| found.reached))
        .integer("modes", "modes covered", move |row| covered(of(row), |found| found.modes))
        .integer("balanced", "modes with half to twice their share", move |row| {
            covered(of(row), |found| found.balanced)
        })
        .float("good", "share of points within 3 sd", move |row| covered(of(row), |found| found.good))
        .float("variation", "total variation of the modes’ shares", move |row| {
            covered(of(row), |found| found.variation)
        })
        .float("divergence", "Sinkhorn divergence to the target", move |row| of(row).divergence)
}

/// The table `history`.
pub(crate) fn history() -> Rows<Checkpoint> {
    let rows = Rows::<Checkpoint>::new("a checkpoint")
        .integer("checkpoint", "checkpoint", |row| row.number)
        .float("spent", "share of the budget spent", |row| row.spent)
        .integer("work", "multiplications done", |row| row.work)
        .integer("step", "steps", |row| row.steps);
    worth(rows, |row| &row.judged)
        .float("generator_loss", "loss of the generator", |row| {
            Value::or_missing(row.generator_loss, "the generator has not moved")
        })
        .float("critic_loss", "loss of the adversary", |row| {
            Value::or_missing(row.critic_loss, "no adversary has moved")
        })
        .float("pull", "slope felt by a made point", |row| row.pull)
}

/// What points that nobody taught are worth, measured as those of the generator are.
pub(crate) struct Baseline {
    /// Whose points they are.
    pub(crate) kind: &'static str,
    pub(crate) judged: Judged,
}

/// The table `baselines`.
pub(crate) fn baselines() -> Rows<Baseline> {
    let rows = Rows::<Baseline>::new("points that nobody taught").text("kind", "points", |row| row.kind);
    worth(rows, |row| &row.judged)
}

/// A point that the generator made.
pub(crate) struct Made {
    pub(crate) checkpoint: usize,
    /// Share of the budget.
    pub(crate) spent: f64,
    pub(crate) at: [f64; 2],
}

/// The table `samples`.
pub(crate) fn samples() -> Rows<Made> {
    Rows::<Made>::new("a made point at a checkpoint")
        .integer("checkpoint", "checkpoint", |made| made.checkpoint)
        .float("spent", "share of the budget spent", |made| made.spent)
        .float("x", "x", |made| made.at[0])
        .float("y", "y", |made| made.at[1])
}

/// The table `target`.
pub(crate) fn target() -> Rows<[f64; 2]> {
    Rows::<[f64; 2]>::new("a real point").float("x", "x", |at| at[0]).float("y", "y", |at| at[1])
}

/// How well subtle fakes are told.
pub(crate) struct Exam {
    /// From a real point.
    pub(crate) distance: f64,
    /// Share of pairs in the right order, if there is an adversary.
    pub(crate) right: Option<f64>,
}

/// The table `exam`.
pub(crate) fn exam() -> Rows<Exam> {
    Rows::<Exam>::new("a kind of subtle fakes")
        .float("distance", "distance from a real point", |exam| exam.distance)
        .float("right", "pairs in the right order", |exam| {
            Value::or_missing(exam.right, "there is no adversary")
        })
}
