//! From parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, Network, RunContext, Value};

use super::outputs::{self, Trained};
use super::params::RegionsParams;
use super::{boundary, sampling};
use crate::draw::{self, Map, crease_rows};
use crate::measure::{self, AfterLayer};
use crate::space::Space;
use crate::split::count_regions;
use crate::subject::{Subject, sliced, subject};
use crate::survey::Survey;
use crate::training::Checkpoint;

/// What regions are kept for.
const DRAWN: [&str; 7] = ["graph", "partition", "creases", "boundary", "boundary_length", "by_layer", "maps"];

/// Runs the analysis.
///
/// # Errors
/// If an input is no network of the kind, the run is stopped, or there are too many regions.
pub(super) fn run(params: &RegionsParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    context.step(0, 1)?;
    let subject = subject(params.view(), context)?;
    let space = Space::new(&subject.sliced, subject.domain)?;
    let survey = measure::surveyed(&space, if params.drawing { &DRAWN } else { &[] }, context)?;
    let mut artifacts = Artifacts::new();
    measured(&mut artifacts, params, &subject, &space, &survey, context)?;
    if params.drawing {
        drawings(&mut artifacts, params, &subject, &space, &survey, context)?;
    }
    context.step(1, 1)?;
    Ok(artifacts)
}

/// Scalars and tables.
fn measured(
    artifacts: &mut Artifacts,
    params: &RegionsParams,
    subject: &Subject,
    space: &Space,
    survey: &Survey,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let Subject { network, sliced, .. } = subject;
    let dimension = params.view().dimension();
    measure::scalars(artifacts, network, space, survey, dimension);
    let after = AfterLayer::all(space, survey, usize::from(params.slice.is_some()));
    artifacts.table("layers", measure::layers().table(&after));
    if let Some(trained) = params.view().trained() {
        trained_scalars(artifacts, subject, trained.classifies());
        let epochs = if context.wants("training") { epochs(params, subject, context)? } else { Vec::new() };
        artifacts.table("training", outputs::training(trained.classifies()).table(&epochs));
    }
    if let Some(sampling) = params.sampling.as_ref().filter(|_| context.wants("sampling")) {
        let samples = sampling::samples(sampling, sliced, space, dimension, survey.count, context)?;
        artifacts.table("sampling", sampling::sampling().table(&samples));
    }
    if params.maps {
        artifacts.table("maps", draw::maps().table(&Map::all(&survey.regions)));
    }
    Ok(())
}

fn trained_scalars(artifacts: &mut Artifacts, subject: &Subject, classifies: bool) {
    if let Some(last) = subject.checkpoints.last() {
        artifacts.scalar("train_loss", last.train.loss).scalar("test_loss", last.test.loss);
        if classifies {
            artifacts.scalar("misclassified", last.test.wrong);
        }
    }
}

/// Errors and regions in the course of training.
fn epochs(
    params: &RegionsParams,
    subject: &Subject,
    context: &RunContext<'_>,
) -> Result<Vec<Trained>, Failure> {
    let row = |checkpoint: &Checkpoint| {
        let sliced = sliced(params.view(), &checkpoint.network, context)?;
        let counts = count_regions(&sliced, subject.domain, context)?;
        Ok(Trained {
            epoch: checkpoint.epoch,
            train: checkpoint.train,
            test: checkpoint.test,
            regions: counts.after.last().copied().unwrap_or(1),
        })
    };
    subject.checkpoints.iter().map(row).collect()
}

fn drawings(
    artifacts: &mut Artifacts,
    params: &RegionsParams,
    subject: &Subject,
    space: &Space,
    survey: &Survey,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    let Subject { sliced, domain, .. } = subject;
    let regions = &survey.regions;
    if params.view().dimension() == 1 {
        artifacts.drawing("graph", draw::graph(space, regions)?);
        return Ok(());
    }
    artifacts.drawing("partition", draw::regions(space, regions));
    let shift = usize::from(params.slice.is_some());
    artifacts.drawing("creases", draw::creases(space, regions, shift, &crease_rows("layer"), |_, _| ()));
    if params.by_layer && context.wants("by_layer") {
        // After a layer there are no more regions than after the next.
        let none = Network { layers: Vec::new() };
        let network = if survey.count > measure::MOST_DRAWN { &none } else { sliced };
        let drawing = draw::by_layer(network, *domain, shift, context)?;
        artifacts.drawing("by_layer", drawing);
    }
    if let Some(level) = params.boundary {
        let (drawing, length) = boundary::draw(regions, level, *domain);
        let missing = || Value::Missing(measure::too_many(survey));
        let length = if regions.is_empty() { missing() } else { length.into() };
        artifacts.drawing("boundary", drawing).scalar("boundary_length", length);
    }
    Ok(())
}
