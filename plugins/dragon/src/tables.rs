//! The tables of a run: their rows, and their columns.

use octavo_plugin::{Geometry, GeometryKind, Rows, Value};

use crate::facts::NextFold;
use crate::level::Level;
use crate::plane::Plane;
use crate::rule::Rule;

/// Most creases in the table `turns`.
const MAX_TURNS: u64 = 4096;
/// Most segments of a level whose crease word stands in the table `levels`.
const MAX_LETTERS: u64 = 1024;
/// Most pieces of a level in the drawing.
const PIECES: usize = 256;

/// The vertices of a level that are given, equally spaced along the strip.
pub(crate) struct Outline {
    folds: u32,
    stride: u64,
    points: Vec<[f64; 2]>,
}

impl Outline {
    /// Every vertex of a level, or every 2^k-th (3^k-th).
    pub(crate) fn of<P: Plane>(level: &Level<'_, P>) -> Self {
        let rule = level.curve.rule;
        let fits = |stride: &u64| level.segments() / stride <= u64::from(level.params.max_vertices);
        let mut strides = (0..=rule.folds()).map(|k| rule.power(k));
        let stride = strides.find(fits).unwrap_or(level.curve.segments());
        let points = level.vertices(stride).into_iter().map(|point| level.place(point)).collect();
        Self { folds: rule.folds(), stride, points }
    }
}

/// A vertex of a drawn level.
pub(crate) struct Vertex<'a> {
    level: &'a Outline,
    /// Its place among those that are given.
    number: usize,
}

impl<'a> Vertex<'a> {
    /// The vertices of all drawn levels.
    pub(crate) fn all(drawn: &'a [Outline]) -> Vec<Self> {
        let of = |level: &'a Outline| (0..level.points.len()).map(move |number| Self { level, number });
        drawn.iter().flat_map(of).collect()
    }

    fn index(&self) -> u64 {
        self.number as u64 * self.level.stride
    }

    fn place(&self) -> [f64; 2] {
        self.level.points[self.number]
    }
}

/// The table `vertices`.
pub(crate) fn vertices<'a>() -> Rows<Vertex<'a>> {
    Rows::<Vertex<'a>>::new("a vertex of a drawn level, every 2^k-th (3^k-th) where a level has more than `max_vertices` segments")
        .integer("level", "Folds", |vertex| vertex.level.folds)
        .integer("index", "Vertex", Vertex::index)
        .float("x", "x", |vertex| vertex.place()[0])
        .float("y", "y", |vertex| vertex.place()[1])
}

/// A piece of a drawn level.
pub(crate) struct Piece {
    folds: u32,
    position: f64,
}

/// The attributes of the drawing `curve`.
pub(crate) fn curve() -> Rows<Piece> {
    Rows::<Piece>::new("the drawn levels, each cut into at most 256 pieces of equal length")
        .integer("level", "Folds", |piece| piece.folds)
        .float("position", "Place along the strip", |piece| piece.position)
}

/// The drawing `curve`.
pub(crate) fn drawing(drawn: &[Outline]) -> Geometry {
    let mut geometry = Geometry::new(GeometryKind::Paths);
    let mut pieces = Vec::new();
    for outline in drawn {
        let steps = outline.points.len() - 1;
        let size = steps.div_ceil(PIECES);
        for start in (0..steps).step_by(size) {
            let stop = (start + size).min(steps);
            geometry.push(outline.points[start..=stop].iter().copied());
            pieces.push(Piece { folds: outline.folds, position: (start + stop) as f64 / (2 * steps) as f64 });
        }
    }
    geometry.attributes = curve().table(&pieces);
    geometry
}

/// A crease of the strip.
pub(crate) struct Crease {
    index: u64,
    position: f64,
    fold: u32,
    direction: &'static str,
    left: bool,
    heading: i64,
    gray_ones: u32,
}

impl Crease {
    /// The creases of the strip, or of a longer one those of its first folds: they are its every 2^k-th (3^k-th).
    pub(crate) fn all(rule: Rule) -> Vec<Self> {
        let shown =
            (0..=rule.folds()).take_while(|level| rule.power(*level) <= MAX_TURNS).last().unwrap_or(0);
        let (rule, stride, segments) =
            (rule.prefix(shown), rule.power(rule.folds() - shown), rule.segments());
        let crease = |heading: &mut i64, vertex: u64| {
            // Turns added up, not headings by the formula: the two are to be compared.
            *heading += i64::from(rule.turn(vertex));
            Some(Self {
                index: vertex * stride,
                position: (vertex * stride) as f64 / segments as f64,
                fold: shown - rule.level_of(vertex),
                direction: direction(rule, vertex),
                left: rule.turn(vertex) > 0,
                heading: *heading,
                gray_ones: (vertex ^ (vertex >> 1)).count_ones(),
            })
        };
        (1..rule.segments()).scan(0, crease).collect()
    }
}

/// The table `turns`.
pub(crate) fn turns() -> Rows<Crease> {
    Rows::<Crease>::new(
        "a crease of the strip, in order; of a longer strip the creases of its first 12 folds (7 levels)",
    )
    .integer("index", "Vertex", |crease| crease.index)
    .float("position", "Place along the strip", |crease| crease.position)
    .integer("fold", "Fold that made it", |crease| crease.fold)
    .text("direction", "Direction of that fold", |crease| crease.direction)
    .text("turn", "Turn", |crease| if crease.left { "L" } else { "R" })
    .text("crease", "Crease", |crease| if crease.left { "valley" } else { "mountain" })
    .integer("heading", "Left turns minus right turns, up to this one", |crease| crease.heading)
    .integer("gray_ones", "Ones in the Gray code of the crease’s number", |crease| crease.gray_ones)
}

/// The letter of the fold that made a crease: the strip of its folds alone begins with that turn.
fn direction(rule: Rule, vertex: u64) -> &'static str {
    if rule.inner_heading(rule.level_of(vertex), 1) > 0 { "U" } else { "D" }
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

/// The table `levels`: of each level, what the fold after it does is known too.
pub(crate) fn levels<'a, P: Plane>() -> Rows<(&'a Level<'a, P>, NextFold)> {
    Rows::<(&Level<'_, P>, NextFold)>::new(
        "the strip after its first n folds, n from 0 to `folds`, in units of a segment",
    )
    .integer("n", "Folds", |(level, _)| level.curve.rule.folds())
    .integer("segments", "Segments", |(level, _)| level.segments())
    .integer("creases", "Creases", |(level, _)| level.creases())
    .text("crease_word", "Crease word", |(level, _)| crease_word(level.curve.rule))
    .integer("distinct_points", "Distinct points", |(level, _)| level.visit(|visits| visits.distinct))
    .integer("double_points", "Points visited exactly twice", |(level, _)| level.visit(|visits| visits.twice))
    .integer("boundary_points", "Points with a free edge", |(level, _)| level.boundary_points())
    .integer("max_visits", "Most visits to one point", |(level, _)| level.visit(|visits| visits.most))
    .integer("repeated_edges", "Edges drawn again", |(level, _)| level.visit(|visits| visits.repeated_edges))
    .float("area", "Area for end points at distance 1", |(level, _)| level.area())
    .float("end_x", "x of the end point", |(level, _)| Value::from(level.end()[0]))
    .float("end_y", "y of the end point", |(level, _)| Value::from(level.end()[1]))
    .float("convergence", "Distance to the vertices of the next fold", |(_, next)| Value::from(next.distance))
}
