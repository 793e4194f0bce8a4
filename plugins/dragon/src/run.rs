//! A run: from parameters to artifacts.

use octavo_plugin::{
    Artifacts, Column, ColumnType, Failure, Geometry, GeometryKind, RunContext, Table, Value,
};

use crate::crossings::{Contacts, contacts};
use crate::curve::{Curve, Extent};
use crate::facts::{NextFold, next_fold, tent_identity_error};
use crate::occupancy::{Coverage, survey};
use crate::params::{DragonParams, Kind, MAX_BESIDE, MAX_COUNTED, MAX_WALKED};
use crate::picture::picture;
use crate::plane::{Lattice, Plane, Turned, length, quotient};
use crate::rule::Rule;
use crate::visits::{Meter, Visits, count};

/// Most creases in the table `turns`.
const MAX_TURNS: u64 = 4096;
/// Most segments of a level whose crease word stands in the table `levels`.
const MAX_LETTERS: u64 = 1024;
/// Most pieces of a level in the drawing.
const PIECES: usize = 256;
/// End points nearer than this fraction of a segment cannot be held at 0 and 1.
const NEAREST_ENDS: f64 = 1e-100;
/// Most that rounding may amount to, for end points at 0 and 1, in what should be zero.
const MOST_ROUNDING: f64 = 1e-6;

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

fn twin(params: &DragonParams) -> bool {
    params.kind == Kind::Twindragon
}

/// A curve with what is counted and measured on it.
struct Level<'a, P: Plane> {
    params: &'a DragonParams,
    curve: Curve<P>,
    visits: Option<Visits>,
}

impl<P: Plane> Level<'_, P> {
    fn strands(&self) -> u64 {
        if twin(self.params) { 2 } else { 1 }
    }

    /// Segments of all strands.
    fn segments(&self) -> u64 {
        self.strands() * self.curve.segments()
    }

    fn creases(&self) -> u64 {
        self.strands() * (self.curve.segments() - 1)
    }

    fn end(&self) -> [f64; 2] {
        self.curve.plane.cartesian(self.curve.end())
    }

    /// A vertex of the first strand, or beyond its end of the second one, which is the first turned by a half-turn.
    fn vertex(&self, index: u64) -> P::Point {
        match index.checked_sub(self.curve.segments()) {
            Some(beyond) if beyond > 0 => {
                self.curve.plane.subtract(self.curve.end(), self.curve.vertex(beyond))
            }
            _ => self.curve.vertex(index),
        }
    }

    /// A bound on the distance of a vertex from a line through two others that rounding may make or hide: vertices are
    /// sums of at most n turned displacements, which are products of at most n factors.
    fn rounding(&self, points: &[[f64; 2]]) -> f64 {
        let factors = f64::from(self.curve.rule.folds() + 1);
        let size = points.iter().flatten().fold(1.0_f64, |size, x| size.max(x.abs()));
        32.0 * factors * factors * f64::EPSILON * size
    }

    /// Where a point is drawn.
    fn place(&self, point: P::Point) -> [f64; 2] {
        let point = self.curve.plane.cartesian(point);
        if self.params.normalise { quotient(point, self.end()) } else { point }
    }

    /// What should be zero with the end points held at 0 and 1, unless they are so near to each other that it is rounding.
    fn held(&self, value: Value) -> Value {
        let Extent { low, high } = self.curve.boxes(&|point| self.curve.plane.cartesian(point)).whole();
        let rounding = self.rounding(&[low, high]) / length(self.end());
        if self.params.lattice().is_some() || rounding < MOST_ROUNDING {
            return value;
        }
        Value::Missing(
            "the end points are so near to each other that, held at 0 and 1, nothing but rounding is seen"
                .to_owned(),
        )
    }

    fn extent(&self) -> Extent {
        let first = self.curve.boxes(&|point| self.place(point)).whole();
        if twin(self.params) {
            first.join(first.opposite().shift(self.place(self.curve.end())))
        } else {
            first
        }
    }

    fn visit(&self, of: impl Fn(&Visits) -> u64) -> Value {
        match &self.visits {
            Some(visits) => of(visits).into(),
            None if self.params.lattice().is_some() => Value::Missing(format!(
                "visits are counted on shorter strips than one of {} folds",
                self.curve.rule.folds()
            )),
            None => Value::Missing(format!(
                "at {}° vertices have no lattice on which visits can be counted exactly; 60°, 90°, 120° and 180° have one",
                self.params.angle
            )),
        }
    }

    /// As [`Level::visit`], for what means something only where all edges at a point can be drawn.
    fn filled<V: Into<Value>>(&self, of: impl Fn(&Visits) -> V) -> Value {
        match &self.visits {
            Some(visits) if self.params.encloses_area() => of(visits).into(),
            None if self.params.encloses_area() => self.visit(|_| 0),
            _ => Value::Missing("area and boundary are counted at 90° and for the terdragon".to_owned()),
        }
    }

    /// The cells of the points of which all edges are drawn, for end points at distance 1.
    fn area(&self) -> Value {
        let cell = self.params.lattice().map_or(1.0, Lattice::cell_area);
        let [x, y] = self.end();
        self.filled(|visits| visits.full as f64 * cell / (x * x + y * y))
    }

    fn boundary_points(&self) -> Value {
        self.filled(|visits| visits.distinct - visits.full)
    }
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
    let steps: Vec<NextFold> = levels.iter().map(|level| next_fold(&level.curve)).collect();
    context.go_on()?;
    let drawn: Vec<Outline> =
        params.drawn_levels().into_iter().map(|n| Outline::of(&levels[n as usize])).collect();
    let mut artifacts = Artifacts::new();
    scalars(&mut artifacts, &last, steps[rule.folds() as usize]);
    meetings(&mut artifacts, &last, context)?;
    if let Some(coverage) = counted.coverage {
        artifacts.drawing("coverage", picture(&coverage, last.end(), params.normalise));
    }
    artifacts
        .table("vertices", vertices(&drawn))
        .table("turns", turns(rule))
        .table("levels", level_table(&levels, &steps))
        .drawing("curve", drawing(&drawn));
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

/// The vertices of a level that are given, equally spaced along the strip.
struct Outline {
    folds: u32,
    stride: u64,
    points: Vec<[f64; 2]>,
}

impl Outline {
    fn of<P: Plane>(level: &Level<'_, P>) -> Self {
        let rule = level.curve.rule;
        let fits = |stride: &u64| level.segments() / stride <= u64::from(level.params.max_vertices);
        let mut strides = (0..=rule.folds()).map(|k| rule.power(k));
        let stride = strides.find(fits).unwrap_or(level.curve.segments());
        let indices = (0..=level.segments() / stride).map(|i| i * stride);
        let points = indices.map(|index| level.place(level.vertex(index))).collect();
        Self { folds: rule.folds(), stride, points }
    }
}

fn vertices(drawn: &[Outline]) -> Table {
    let rows = || drawn.iter().flat_map(|outline| (0..outline.points.len()).map(move |i| (outline, i)));
    let levels: Vec<i64> = rows().map(|(outline, _)| i64::from(outline.folds)).collect();
    let indices: Vec<i64> = rows().map(|(outline, i)| (i as u64 * outline.stride) as i64).collect();
    let axis = |axis: usize| -> Vec<f64> { rows().map(|(outline, i)| outline.points[i][axis]).collect() };
    Table::new().with("level", levels).with("index", indices).with("x", axis(0)).with("y", axis(1))
}

fn drawing(drawn: &[Outline]) -> Geometry {
    let mut geometry = Geometry::new(GeometryKind::Paths);
    let (mut levels, mut positions) = (Vec::new(), Vec::new());
    for outline in drawn {
        let steps = outline.points.len() - 1;
        let size = steps.div_ceil(PIECES);
        for start in (0..steps).step_by(size) {
            let stop = (start + size).min(steps);
            geometry.push(outline.points[start..=stop].iter().copied());
            levels.push(i64::from(outline.folds));
            positions.push((start + stop) as f64 / (2 * steps) as f64);
        }
    }
    geometry.attributes = Table::new().with("level", levels).with("position", positions);
    geometry
}

/// The creases of the strip, or of a longer one those of its first folds: they are its every 2^k-th (3^k-th).
fn turns(rule: Rule) -> Table {
    let shown = (0..=rule.folds()).take_while(|level| rule.power(*level) <= MAX_TURNS).last().unwrap_or(0);
    let (rule, stride, segments) = (rule.prefix(shown), rule.power(rule.folds() - shown), rule.segments());
    let vertices = || 1..rule.segments();
    let left = |vertex: u64| rule.turn(vertex) > 0;
    let words = |yes: &str, no: &str| -> Vec<String> {
        vertices().map(|vertex| if left(vertex) { yes } else { no }.to_owned()).collect()
    };
    let positions: Vec<f64> = vertices().map(|v| (v * stride) as f64 / segments as f64).collect();
    // Turns added up, not headings by the formula: the two are to be compared.
    let add = |heading: &mut i64, vertex: u64| {
        *heading += i64::from(rule.turn(vertex));
        Some(*heading)
    };
    let headings: Vec<i64> = vertices().scan(0, add).collect();
    let gray = |vertex: u64| i64::from((vertex ^ (vertex >> 1)).count_ones());
    let folds: Vec<i64> = vertices().map(|v| i64::from(shown - rule.level_of(v))).collect();
    Table::new()
        .with("index", vertices().map(|vertex| (vertex * stride) as i64).collect::<Vec<_>>())
        .with("position", positions)
        .with("fold", folds)
        .with("direction", vertices().map(|v| direction(rule, v)).collect::<Vec<_>>())
        .with("turn", words("L", "R"))
        .with("crease", words("valley", "mountain"))
        .with("heading", headings)
        .with("gray_ones", vertices().map(gray).collect::<Vec<i64>>())
}

/// The letter of the fold that made a crease: the strip of its folds alone begins with that turn.
fn direction(rule: Rule, vertex: u64) -> String {
    if rule.inner_heading(rule.level_of(vertex), 1) > 0 { "U" } else { "D" }.to_owned()
}

/// All turns of a strip, if they are few enough to be read.
fn crease_word(rule: Rule) -> Value {
    if rule.segments() > MAX_LETTERS {
        return Value::Missing(format!(
            "a word of more than {} letters stands in the table `turns`",
            MAX_LETTERS - 1
        ));
    }
    let letter = |vertex| if rule.turn(vertex) > 0 { 'L' } else { 'R' };
    Value::Text((1..rule.segments()).map(letter).collect())
}

fn level_table<P: Plane>(levels: &[Level<'_, P>], steps: &[NextFold]) -> Table {
    let column = |kind: ColumnType, of: &dyn Fn(&Level<'_, P>) -> Value| {
        let values: Vec<Value> = levels.iter().map(of).collect();
        Column::from_values(kind, &values).expect("each column has values of its type")
    };
    let integers = |of: &dyn Fn(&Level<'_, P>) -> Value| column(ColumnType::Integer, of);
    let floats = |of: &dyn Fn(&Level<'_, P>) -> Value| column(ColumnType::Float, of);
    let convergence: Vec<Value> = steps.iter().map(|step| Value::from_f64(step.distance)).collect();
    Table::new()
        .with("n", integers(&|level| level.curve.rule.folds().into()))
        .with("segments", integers(&|level| level.segments().into()))
        .with("creases", integers(&|level| level.creases().into()))
        .with("crease_word", column(ColumnType::Text, &|level| crease_word(level.curve.rule)))
        .with("distinct_points", integers(&|level| level.visit(|visits| visits.distinct)))
        .with("double_points", integers(&|level| level.visit(|visits| visits.twice)))
        .with("boundary_points", integers(&|level| level.boundary_points()))
        .with("max_visits", integers(&|level| level.visit(|visits| visits.most)))
        .with("repeated_edges", integers(&|level| level.visit(|visits| visits.repeated_edges)))
        .with("area", floats(&|level| level.area()))
        .with("end_x", floats(&|level| level.end()[0].into()))
        .with("end_y", floats(&|level| level.end()[1].into()))
        .with(
            "convergence",
            Column::from_values(ColumnType::Float, &convergence).expect("distances are floats or missing"),
        )
}
