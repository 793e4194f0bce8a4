//! The tables of a run: their rows, and their columns.

use octavo_plugin::{Rows, Value};

use crate::entropic::Solved;
use crate::interpolation::{Atom, Density, Pixel};
use crate::params::Params;

/// Coordinates that tables have where only the input file says how many there are.
const UNKNOWN: usize = 3;

/// The table `epsilon`.
pub(crate) fn epsilon() -> Rows<Solved> {
    Rows::<Solved>::new("one strength of the entropic term")
        .float("epsilon", "ε", |row| row.epsilon)
        .float("transport_cost", "cost of the plan ⟨P, C⟩", |row| row.worth.transport_cost)
        .float("kl_plan", "KL(P | a ⊗ b)", |row| row.worth.kl_plan)
        .unit("nat")
        .float("ot_eps", "entropic cost OT_ε", |row| row.worth.dual.value())
        .float("sinkhorn_divergence", "Sinkhorn divergence S_ε", |row| {
            Value::or_missing(
                row.divergence,
                "the cost matrix does not say what mass within one measure costs",
            )
        })
        .float("marginal_error", "error of the marginals (L1)", |row| row.worth.marginal_error)
        .integer("iterations", "iterations", |row| row.log.iterations)
        .float("dual_gap", "primal minus dual value", |row| row.worth.gap(row.epsilon))
}

/// What was left to do after an iteration.
pub(crate) struct Step {
    pub(crate) epsilon: f64,
    pub(crate) iteration: u64,
    pub(crate) error: f64,
}

/// The table `convergence`.
pub(crate) fn convergence() -> Rows<Step> {
    Rows::<Step>::new(
        "an iteration between source and target, every one up to the hundredth and then in steps of 5 %",
    )
    .float("epsilon", "ε", |step| step.epsilon)
    .integer("iteration", "iteration", |step| step.iteration)
    .float("marginal_error", "error of the marginals (L1)", |step| step.error)
}

/// Two points, by their numbers in the input from 1, and what mass goes from one to the other.
pub(crate) struct Pair {
    pub(crate) epsilon: f64,
    pub(crate) from: usize,
    pub(crate) to: usize,
    pub(crate) mass: f64,
}

/// The table `plan`.
pub(crate) fn plan() -> Rows<Pair> {
    Rows::<Pair>::new("a pair of points that exchange mass; no rows above 20,000 pairs")
        .float("epsilon", "ε", |pair| pair.epsilon)
        .integer("i", "point of the source", |pair| pair.from)
        .integer("j", "point of the target", |pair| pair.to)
        .float("mass", "mass", |pair| pair.mass)
}

/// A point, and where its mass goes on average.
pub(crate) struct Image<'a> {
    pub(crate) epsilon: f64,
    pub(crate) number: usize,
    pub(crate) point: &'a [f64],
    pub(crate) image: &'a [f64],
    pub(crate) weight: f64,
}

/// The table `barycentric`.
pub(crate) fn barycentric<'a>(params: &Params) -> Rows<Image<'a>> {
    let rows = Rows::<Image<'_>>::new("a point of the source and where its mass goes on average")
        .float("epsilon", "ε", |row| row.epsilon)
        .integer("i", "point", |row| row.number);
    let rows = coordinates(params, rows, "x", Value::Float, |row| row.point);
    // An image may have left the range of floats.
    coordinates(params, rows, "y", Value::from_f64, |row| row.image).float("weight", "mass", |row| row.weight)
}

/// Adds the coordinates of points. Those that the declaration has and the points have not are missing.
fn coordinates<T>(
    params: &Params,
    rows: Rows<T>,
    letter: &str,
    value: fn(f64) -> Value,
    of: impl Fn(&T) -> &[f64] + Copy + 'static,
) -> Rows<T> {
    (0..params.dimension().unwrap_or(UNKNOWN)).fold(rows, |rows, axis| {
        let name = format!("{letter}{}", axis + 1);
        let cell = move |row: &T| match of(row) {
            point if axis < point.len() => value(point[axis]),
            point => Value::Missing(format!("the points have dimension {}", point.len())),
        };
        rows.float(&name, &name, cell).symbol()
    })
}

/// The table `pixels`.
pub(crate) fn pixels() -> Rows<Pixel> {
    Rows::<Pixel>::new("a pixel at time t, if both measures are images on the same pixels and the exact plan is known; no rows above 200,000")
        .float("t", "time t", |pixel| pixel.time)
        .float("x1", "x1", |pixel| pixel.place[0])
        .float("x2", "x2", |pixel| pixel.place[1])
        .float("displaced", "mass, displaced", |pixel| pixel.displaced)
        .float("mixed", "mass, mixed", |pixel| pixel.mixed)
}

fn atoms(params: &Params, about: &str) -> Rows<Atom> {
    let rows = Rows::<Atom>::new(about).float("t", "time t", |atom| atom.time);
    coordinates(params, rows, "x", Value::Float, |atom| &atom.point)
        .float("weight", "mass", |atom| atom.weight)
}

/// The table `interpolation`.
pub(crate) fn interpolation(params: &Params) -> Rows<Atom> {
    atoms(params, "an atom of the displacement interpolation at time t")
}

/// The table `mixture`.
pub(crate) fn mixture(params: &Params) -> Rows<Atom> {
    atoms(params, "an atom of the mixture of source and target at time t")
}

/// The table `densities`.
pub(crate) fn densities() -> Rows<Density> {
    Rows::<Density>::new("a place on the line at time t; no rows in more than one dimension")
        .float("t", "time t", |row| row.time)
        .float("x", "place x", |row| row.place)
        .float("displaced", "density, displaced", |row| row.displaced)
        .float("mixed", "density, mixed", |row| row.mixed)
}

/// A point of a measure, with its number in the input from 1.
pub(crate) struct Listed<'a> {
    pub(crate) number: usize,
    pub(crate) point: &'a [f64],
    pub(crate) weight: f64,
}

fn points<'a>(params: &Params, about: &str) -> Rows<Listed<'a>> {
    let rows = Rows::<Listed<'_>>::new(about).integer("i", "point", |row| row.number);
    coordinates(params, rows, "x", Value::Float, |row| row.point).float("weight", "mass", |row| row.weight)
}

/// The table `source`.
pub(crate) fn source<'a>(params: &Params) -> Rows<Listed<'a>> {
    points(params, "a point of the source")
}

/// The table `target`.
pub(crate) fn target<'a>(params: &Params) -> Rows<Listed<'a>> {
    points(params, "a point of the target")
}
