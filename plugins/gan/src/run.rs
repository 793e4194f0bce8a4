//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Column, ColumnType, Failure, Raster, RunContext, Table, Value};

use crate::budget::parameters;
use crate::duel::{Duel, Square};
use crate::exam::{exam, together};
use crate::judge::{Coverage, Judged, judge};
use crate::loss::probability;
use crate::outputs::{HISTORY, PIXELS};
use crate::params::{Loss, Params};
use crate::target::Target;

/// What is remembered of the checkpoints.
#[derive(Default)]
struct Record {
    /// The columns of the table `history`.
    history: Vec<Vec<Value>>,
    /// The columns of the table `samples`.
    checkpoints: Vec<i64>,
    spent: Vec<f64>,
    points: Vec<f64>,
}

/// The computation.
pub(crate) fn run(params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let target = Target::new(&params.target, context)?;
    let mut duel = Duel::new(params, &target, context);
    let real = target.draw(params.samples, &mut context.stream("compared with"));
    let mut record = Record::default();
    let mut last = look(&duel, &real, &mut record, context)?;
    for checkpoint in 1..=params.checkpoints {
        let goal = f64::from(checkpoint) / f64::from(params.checkpoints);
        while duel.budget.share() < goal && !duel.budget.is_spent() {
            context.step(duel.budget.spent(), duel.budget.total())?;
            duel.turn()?;
        }
        last = look(&duel, &real, &mut record, context)?;
    }
    Ok(artifacts(&duel, last, &real, record, context))
}

/// Measures and remembers where the game stands.
fn look(
    duel: &Duel<'_>,
    real: &[f64],
    record: &mut Record,
    context: &RunContext<'_>,
) -> Result<Judged, Failure> {
    let points = duel.shown(duel.params.samples, &mut context.stream("shown"));
    if !points.iter().all(|x| x.is_finite()) {
        let message = format!("the made points are not finite after {} steps", duel.steps);
        return Err(Failure::numeric(message).help("take smaller rates of learning"));
    }
    let found = judge(duel.target, &points, real, duel.params.measure_epsilon)?;
    let pull = duel.pull(&points, &mut context.stream("pull"))?;
    let [reached, modes, good] = covered(found);
    let missing = |reason: &str| Value::Missing(reason.to_owned());
    let whole = |number: u64| Value::Integer(number.into());
    #[expect(clippy::cast_precision_loss, reason = "a few adversaries")]
    let paid = duel.critics.iter().map(|critic| critic.paid).sum::<f64>() / duel.critics.len() as f64;
    let checkpoint = record.history.len();
    record.history.push(vec![
        whole(checkpoint as u64),
        Value::Float(duel.budget.share()),
        whole(duel.budget.spent()),
        whole(duel.steps),
        reached,
        modes,
        good,
        Value::Float(found.divergence),
        duel.paid.map_or_else(|| missing("the generator has not moved"), Value::Float),
        if paid.is_finite() { Value::Float(paid) } else { missing("no adversary has moved") },
        Value::Float(pull),
    ]);
    let count = points.len() / 2;
    record.checkpoints.extend(vec![i64::try_from(checkpoint).expect("a small number"); count]);
    record.spent.extend(vec![duel.budget.share(); count]);
    record.points.extend(points);
    Ok(found)
}

/// Modes reached, modes covered, and the share of good points.
fn covered(judged: Judged) -> [Value; 3] {
    let Some(Coverage { reached, modes, good }) = judged.coverage else {
        return [(); 3].map(|()| Value::Missing("points of a reader’s own have no known modes".to_owned()));
    };
    let whole = |number: usize| Value::Integer((number as u64).into());
    [whole(reached), whole(modes), Value::Float(good)]
}

fn artifacts(
    duel: &Duel<'_>,
    last: Judged,
    real: &[f64],
    record: Record,
    context: &RunContext<'_>,
) -> Artifacts {
    let mut artifacts = Artifacts::new();
    let whole = |number: u64| Value::Integer(number.into());
    let [reached, modes, good] = covered(last);
    let critic_parameters = duel.critics.iter().map(|critic| parameters(&critic.network)).sum();
    artifacts
        .scalar("steps", whole(duel.steps))
        .scalar("work", whole(duel.budget.spent()))
        .scalar("generator_parameters", whole(parameters(&duel.generator.network)))
        .scalar("critic_parameters", whole(critic_parameters))
        .scalar("reached", reached)
        .scalar("modes", modes)
        .scalar("good", good)
        .scalar("divergence", Value::Float(last.divergence));
    artifacts.table("history", history(&record.history));
    let [x, y] = axes(&record.points);
    let samples = Table::new()
        .with("checkpoint", record.checkpoints)
        .with("spent", record.spent)
        .with("x", x)
        .with("y", y);
    artifacts.table("samples", samples);
    let [x, y] = axes(real);
    artifacts.table("target", Table::new().with("x", x).with("y", y));
    artifacts.table("exam", exams(duel, context));
    if duel.params.opinion {
        artifacts.drawing("opinion", opinion(duel));
    }
    artifacts
}

fn exams(duel: &Duel<'_>, context: &RunContext<'_>) -> Table {
    let distances = duel.params.exam.clone();
    let right = |distance: &f64| {
        if duel.critics.is_empty() {
            return Value::Missing("there is no adversary".to_owned());
        }
        Value::Float(exam(&duel.critics, duel.target, *distance, context))
    };
    let right: Vec<Value> = distances.iter().map(right).collect();
    let right = Column::from_values(ColumnType::Float, &right).expect("floats, or missing");
    Table::new().with("distance", distances).with("right", right)
}

fn history(rows: &[Vec<Value>]) -> Table {
    HISTORY.iter().enumerate().fold(Table::new(), |table, (index, (name, kind))| {
        let cells: Vec<Value> = rows.iter().map(|row| row[index].clone()).collect();
        let column = Column::from_values(*kind, &cells).expect("cells of the declared type");
        table.with(name, column)
    })
}

fn axes(points: &[f64]) -> [Vec<f64>; 2] {
    [0, 1].map(|axis| points.iter().skip(axis).step_by(2).copied().collect())
}

/// What the adversaries say over the square, as a probability where the game has one.
#[expect(clippy::cast_precision_loss, reason = "pixels are few")]
fn opinion(duel: &Duel<'_>) -> Raster {
    let Square { corner: [x, y], side } = duel.square;
    let pixel = side / PIXELS as f64;
    let points: Vec<f64> = (0..PIXELS * PIXELS)
        .flat_map(|index| {
            let [column, row] = [index % PIXELS, index / PIXELS].map(|place| (place as f64 + 0.5) * pixel);
            [x + column, y + side - row]
        })
        .collect();
    let mut values = together(&duel.critics, &points);
    if duel.params.loss != Loss::Wasserstein {
        values.iter_mut().for_each(|score| *score = probability(*score));
    }
    Raster { width: PIXELS, height: PIXELS, extent: [[x, y], [x + side, y + side]], values }
}
