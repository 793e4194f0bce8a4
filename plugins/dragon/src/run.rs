//! A run: from parameters to artifacts.

use octavo_plugin::{Artifacts, Failure, RunContext, Value};

use crate::crossings::{Contacts, contacts};
use crate::curve::{Curve, Extent};
use crate::facts::{NextFold, next_fold, tent_identity_error};
use crate::level::{Level, twin};
use crate::occupancy::{Coverage, survey};
use crate::params::{DragonParams, MAX_BESIDE, MAX_COUNTED, MAX_WALKED};
use crate::picture::picture;
use crate::plane::{Lattice, Plane, Turned, length};
use crate::tables::{self, Crease, Outline, Vertex, drawing, turns, vertices};
use crate::visits::{Meter, Visits, count};

/// End points nearer than this fraction of a segment cannot be held at 0 and 1.
const NEAREST_ENDS: f64 = 1e-100;

/// Computes everything that is declared.
pub(crate) fn run(params: &DragonParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
    let rule = params.rule();
    match params.lattice() {
        Some(lattice) => {
            let counted = counted(params, lattice, context)?;
            artifacts(params, &lattice, counted, context)
        }
        None => {
            context.step(0, 1)?;
            artifacts(params, &Turned::new(params.angle, rule.folds() + 4), Counted::default(), context)
        }
    }
}

/// What is counted on a lattice.
#[derive(Default)]
struct Counted {
    /// Of each level, up to the last that is short enough.
    visits: Vec<Visits>,
    coverage: Option<Coverage>,
}

fn counted(params: &DragonParams, lattice: Lattice, context: &RunContext<'_>) -> Result<Counted, Failure> {
    let (rule, closed) = (params.rule(), twin(params));
    let most = if lattice.directions() == 4 { MAX_COUNTED } else { MAX_WALKED };
    // Of a strip too long to be counted, the short levels cost next to nothing.
    let most = if rule.segments() > most { MAX_BESIDE } else { most };
    let levels: Vec<u32> = (0..=rule.folds()).take_while(|level| rule.power(*level) <= most).collect();
    let meter = Meter::new(context, levels.iter().map(|level| rule.power(*level)).sum())?;
    let mut counted = Counted::default();
    for level in levels {
        let curve = Curve::new(rule.prefix(level), lattice);
        let pixels = params.pixels.filter(|_| level == rule.folds()).map(|pixels| pixels as usize);
        let visits = match survey(&curve, closed, pixels, &meter)? {
            Some(survey) => {
                counted.coverage = survey.coverage;
                survey.visits
            }
            None => count(&curve, closed, &meter)?,
        };
        counted.visits.push(visits);
    }
    Ok(counted)
}

fn artifacts<P: Plane>(
    params: &DragonParams,
    plane: &P,
    counted: Counted,
    context: &RunContext<'_>,
) -> Result<Artifacts, Failure> {
    let rule = params.rule();
    let level = |folds: u32| Level {
        params,
        curve: Curve::new(rule.prefix(folds), plane.clone()),
        visits: counted.visits.get(folds as usize).copied(),
    };
    let last = level(rule.folds());
    if params.normalise && length(last.end()) < NEAREST_ENDS {
        return Err(Failure::numeric("the end points are too near to each other to be held at 0 and 1")
            .help("take a larger `angle` or leave out `normalise`"));
    }
    let levels: Vec<Level<'_, P>> = (0..=rule.folds()).map(level).collect();
    context.go_on()?;
    let draws = ["vertices", "curve"].into_iter().any(|name| context.wants(name));
    let drawn = params.drawn_levels().into_iter().filter(|_| draws);
    let drawn: Vec<Outline> = drawn.map(|n| Outline::of(&levels[n as usize])).collect();
    let mut artifacts = Artifacts::new();
    scalars(&mut artifacts, &last, next_fold(&last.curve));
    meetings(&mut artifacts, &last, context)?;
    if let Some(coverage) = counted.coverage {
        artifacts.drawing("coverage", picture(&coverage, last.end(), params.normalise));
    }
    if context.wants("vertices") {
        artifacts.table("vertices", vertices().table(&Vertex::all(&drawn)));
    }
    if context.wants("turns") {
        artifacts.table("turns", turns().table(&Crease::all(rule)));
    }
    if context.wants("levels") {
        let steps = levels.iter().map(|level| (level, next_fold(&level.curve)));
        artifacts.table("levels", tables::levels().table(&steps.collect::<Vec<_>>()));
    }
    if context.wants("curve") {
        artifacts.drawing("curve", drawing(&drawn));
    }
    Ok(artifacts)
}

fn scalars<P: Plane>(artifacts: &mut Artifacts, last: &Level<'_, P>, next: NextFold) {
    let left = last.strands() * last.curve.rule.left_turns();
    let end = last.place(last.curve.end());
    let Extent { low, high } = last.extent();
    artifacts
        .scalar("segments", last.segments())
        .scalar("creases", last.creases())
        .scalar("left_turns", left)
        .scalar("right_turns", last.creases() - left)
        .scalar("distinct_points", last.visit(|visits| visits.distinct))
        .scalar("double_points", last.visit(|visits| visits.twice))
        .scalar("boundary_points", last.boundary_points())
        .scalar("max_visits", last.visit(|visits| visits.most))
        .scalar("repeated_edges", last.visit(|visits| visits.repeated_edges))
        .scalar("end_x", end[0])
        .scalar("end_y", end[1])
        .scalar("min_x", low[0])
        .scalar("min_y", low[1])
        .scalar("max_x", high[0])
        .scalar("max_y", high[1])
        .scalar("area", last.area())
        .scalar("convergence_distance", next.distance)
        .scalar("old_vertex_shift", last.held(Value::from_f64(next.shift)))
        .scalar("tent_identity_error", last.held(tent_identity_error(&last.curve)));
}

/// Where the strip crosses and touches itself, if it is asked.
fn meetings<P: Plane>(
    artifacts: &mut Artifacts,
    last: &Level<'_, P>,
    context: &RunContext<'_>,
) -> Result<(), Failure> {
    if !last.params.crossings {
        let missing = || Value::Missing("set `crossings` to count them".to_owned());
        artifacts.scalar("crossings", missing()).scalar("touches", missing());
        return Ok(());
    }
    let plane = &last.curve.plane;
    let points: Vec<[f64; 2]> = (0..=last.segments()).map(|k| plane.cartesian(last.vertex(k))).collect();
    let tolerance = last.rounding(&points);
    let Contacts { crossings, touches } = contacts(&points, twin(last.params), tolerance, context)?;
    artifacts.scalar("crossings", crossings).scalar("touches", touches);
    Ok(())
}
