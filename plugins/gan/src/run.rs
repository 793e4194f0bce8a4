//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, Raster, RunContext, Value};

use crate::duel::{Duel, Square};
use crate::exam::{exam, together};
use crate::judge::{Judged, judge};
use crate::loss::probability;
use crate::outputs::PIXELS;
use crate::params::{Loss, Opponent, Params};
use crate::tables::{self, Baseline, Checkpoint, Exam, Made, covered};
use crate::target::Target;

/// What is remembered of the checkpoints.
#[derive(Default)]
struct Record {
    history: Vec<Checkpoint>,
    samples: Vec<Made>,
}

/// The computation.
pub(crate) fn run(params: &Params, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let target = Target::new(&params.target, context)?;
    let mut duel = Duel::new(params, &target, context);
    let real = target.draw(params.samples, &mut context.stream("compared with"));
    let mut record = Record::default();
    let mut last = look(&mut duel, &real, &mut record, context)?;
    for checkpoint in 1..=params.checkpoints {
        let goal = f64::from(checkpoint) / f64::from(params.checkpoints);
        while duel.budget.share() < goal && !duel.budget.is_spent() {
            context.step(duel.budget.spent(), duel.budget.total())?;
            duel.turn()?;
        }
        last = look(&mut duel, &real, &mut record, context)?;
    }
    let baselines = baselines(&duel, &real, context)?;
    let mut artifacts = artifacts(&duel, last, &real, &record, context);
    artifacts.table("baselines", tables::baselines().table(&baselines));
    Ok(artifacts)
}

/// What is worth as much as nothing, and what could not be better: points strewn over the square, and other real ones.
fn baselines(duel: &Duel<'_>, real: &[f64], context: &RunContext<'_>) -> Result<Vec<Baseline>, Failure> {
    let count = duel.params.samples;
    let strewn = duel.fakes(Opponent::Nobody, count, &mut context.stream("strewn"));
    let drawn = duel.target.draw(count, &mut context.stream("real again"));
    [("strewn", strewn), ("real", drawn)]
        .into_iter()
        .map(|(kind, points)| {
            Ok(Baseline { kind, judged: judge(duel.target, &points, real, duel.params.measure_epsilon)? })
        })
        .collect()
}

/// Measures and remembers where the game stands.
fn look(
    duel: &mut Duel<'_>,
    real: &[f64],
    record: &mut Record,
    context: &RunContext<'_>,
) -> Result<Judged, Failure> {
    let points = duel.shown(duel.params.samples, &mut context.stream("shown"));
    if !points.iter().all(|x| x.is_finite()) {
        let message =
            format!("the made points are not finite after {}", octavo_plugin::counted(duel.steps, "step"));
        return Err(Failure::numeric(message).help("take smaller rates of learning"));
    }
    let found = judge(duel.target, &points, real, duel.params.measure_epsilon)?;
    let pull = duel.pull(&points, &mut context.stream("pull"))?;
    #[expect(clippy::cast_precision_loss, reason = "a few adversaries")]
    let paid = duel.critics.iter().map(|critic| critic.paid).sum::<f64>() / duel.critics.len() as f64;
    let (number, spent) = (record.history.len(), duel.budget.share());
    record.history.push(Checkpoint {
        number,
        spent,
        work: duel.budget.spent(),
        steps: duel.steps,
        judged: found,
        generator_loss: duel.paid,
        critic_loss: paid.is_finite().then_some(paid),
        pull,
    });
    let made = |at: &[f64; 2]| Made { checkpoint: number, spent, at: *at };
    record.samples.extend(points.as_chunks().0.iter().map(made));
    Ok(found)
}

fn artifacts(
    duel: &Duel<'_>,
    last: Judged,
    real: &[f64],
    record: &Record,
    context: &RunContext<'_>,
) -> Artifacts {
    let mut artifacts = Artifacts::new();
    let whole = |number: u64| Value::Integer(number.into());
    let critic_parameters = duel.critics.iter().map(|critic| critic.parameters).sum();
    artifacts
        .scalar("steps", whole(duel.steps))
        .scalar("work", whole(duel.budget.spent()))
        .scalar("generator_parameters", whole(duel.generator.parameters))
        .scalar("critic_parameters", whole(critic_parameters))
        .scalar("reached", covered(&last, |found| found.reached))
        .scalar("modes", covered(&last, |found| found.modes))
        .scalar("balanced", covered(&last, |found| found.balanced))
        .scalar("good", covered(&last, |found| found.good))
        .scalar("variation", covered(&last, |found| found.variation))
        .scalar("divergence", Value::Float(last.divergence));
    artifacts
        .table("history", tables::history().table(&record.history))
        .table("samples", tables::samples().table(&record.samples))
        .table("target", tables::target().table(real.as_chunks().0))
        .table("exam", tables::exam().table(&exams(duel, context)));
    if duel.params.opinion {
        artifacts.drawing("opinion", opinion(duel));
    }
    artifacts
}

fn exams(duel: &Duel<'_>, context: &RunContext<'_>) -> Vec<Exam> {
    let right = |distance: f64| {
        let told = || exam(&duel.critics, duel.target, distance, context);
        Exam { distance, right: (!duel.critics.is_empty()).then(told) }
    };
    duel.params.exam.iter().copied().map(right).collect()
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
