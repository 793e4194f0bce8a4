//! What a run gives, as declared before it.

use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized, OutputSchema, Table, TableSchema, Value};

use crate::params::Params;

/// Coordinates that tables have where only the input file says how many there are.
const UNKNOWN: usize = 3;
/// Pairs of atoms up to which the table `plan` has rows.
pub(crate) const PLAN_CELLS: usize = 20_000;
/// Pixels times instants up to which the table `pixels` has rows.
pub(crate) const PIXEL_ROWS: usize = 200_000;
/// Share of the largest mass of a plan below which a pair is left out of the table `plan`.
pub(crate) const PLAN_SHARE: f64 = 1e-6;

/// The declaration.
pub(crate) fn schema(params: &Params) -> OutputSchema {
    let coordinates = columns(params);
    exact(OutputSchema::new())
        .table("epsilon", epsilon())
        .table("convergence", convergence())
        .table("plan", plan())
        .table("barycentric", barycentric(coordinates))
        .table("pixels", pixels())
        .table("interpolation", cloud("an atom of the displacement interpolation at time t", coordinates))
        .table("mixture", cloud("an atom of the mixture of source and target at time t", coordinates))
        .table("densities", densities())
        .table("source", measure("a point of the source", coordinates))
        .table("target", measure("a point of the target", coordinates))
}

/// Number of columns for coordinates.
fn columns(params: &Params) -> usize {
    params.dimension().unwrap_or(UNKNOWN)
}

/// Adds the coordinates to a table. Those that the declaration has and the points have not are missing.
pub(crate) fn with_coordinates(params: &Params, table: Table, coordinates: Vec<Vec<f64>>) -> Table {
    with_columns(params, table, "x", coordinates.into_iter().map(Column::from).collect())
}

/// Adds the coordinates of images to a table.
pub(crate) fn with_images(params: &Params, table: Table, coordinates: Vec<Column>) -> Table {
    with_columns(params, table, "y", coordinates)
}

fn with_columns(params: &Params, table: Table, letter: &str, coordinates: Vec<Column>) -> Table {
    let (dimension, rows) = (coordinates.len(), coordinates.first().map_or(0, Column::len));
    let known = coordinates.into_iter();
    let reason = Value::Missing(format!("the points have dimension {dimension}"));
    let missing = std::iter::repeat_with(|| {
        Column::from_values(ColumnType::Float, &vec![reason.clone(); rows])
            .expect("a missing value fits any type")
    });
    known
        .chain(missing)
        .take(columns(params))
        .enumerate()
        .fold(table, |table, (axis, column)| table.with(&format!("{letter}{}", axis + 1), column))
}

fn exact(schema: OutputSchema) -> OutputSchema {
    let float = ColumnType::Float;
    schema
        .scalar("w1", float, "", "Wasserstein distance W₁")
        .scalar("w2_squared", float, "", "squared Wasserstein distance W₂²")
        .scalar("least_cost", float, "", "least cost min ⟨P, C⟩")
        .scalar("kl", float, "nat", "KL(source | target)")
        .scalar("kl_reverse", float, "nat", "KL(target | source)")
        .scalar("js", float, "nat", "Jensen–Shannon divergence")
        .scalar("tv", float, "", "total variation")
        .scalar("hellinger_squared", float, "", "squared Hellinger distance")
}

fn epsilon() -> TableSchema {
    let float = ColumnType::Float;
    TableSchema::new("one strength of the entropic term")
        .column("epsilon", float, "", "ε")
        .column("transport_cost", float, "", "cost of the plan ⟨P, C⟩")
        .column("kl_plan", float, "nat", "KL(P | a ⊗ b)")
        .column("ot_eps", float, "", "entropic cost OT_ε")
        .column("sinkhorn_divergence", float, "", "Sinkhorn divergence S_ε")
        .column("marginal_error", float, "", "error of the marginals (L1)")
        .column("iterations", ColumnType::Integer, "", "iterations")
        .column("dual_gap", float, "", "primal minus dual value")
}

fn convergence() -> TableSchema {
    TableSchema::new(
        "an iteration between source and target, every one up to the hundredth and then in steps of 5 %",
    )
    .column("epsilon", ColumnType::Float, "", "ε")
    .column("iteration", ColumnType::Integer, "", "iteration")
    .column("marginal_error", ColumnType::Float, "", "error of the marginals (L1)")
}

fn plan() -> TableSchema {
    TableSchema::new("a pair of points that exchange mass; no rows above 20,000 pairs")
        .column("epsilon", ColumnType::Float, "", "ε")
        .column("i", ColumnType::Integer, "", "point of the source")
        .column("j", ColumnType::Integer, "", "point of the target")
        .column("mass", ColumnType::Float, "", "mass")
}

fn barycentric(coordinates: usize) -> TableSchema {
    let table = TableSchema::new("a point of the source and where its mass goes on average")
        .column("epsilon", ColumnType::Float, "", "ε")
        .column("i", ColumnType::Integer, "", "point");
    let table = coordinate_columns(coordinate_columns(table, "x", coordinates), "y", coordinates);
    table.column("weight", ColumnType::Float, "", "mass")
}

fn pixels() -> TableSchema {
    TableSchema::new("a pixel at time t, if both measures are images on the same pixels and the exact plan is known; no rows above 200,000")
        .column("t", ColumnType::Float, "", "time t")
        .column("x1", ColumnType::Float, "", "x1")
        .column("x2", ColumnType::Float, "", "x2")
        .column("displaced", ColumnType::Float, "", "mass, displaced")
        .column("mixed", ColumnType::Float, "", "mass, mixed")
}

fn coordinate_columns(table: TableSchema, letter: &str, coordinates: usize) -> TableSchema {
    (1..=coordinates).fold(table, |mut table, axis| {
        let name = format!("{letter}{axis}");
        // A letter is the same in all languages.
        let label = Localized::All(name.clone());
        table.columns.insert(name, ColumnSchema { kind: ColumnType::Float, unit: String::new(), label });
        table
    })
}

fn cloud(about: &str, coordinates: usize) -> TableSchema {
    let table = TableSchema::new(about).column("t", ColumnType::Float, "", "time t");
    coordinate_columns(table, "x", coordinates).column("weight", ColumnType::Float, "", "mass")
}

fn densities() -> TableSchema {
    TableSchema::new("a place on the line at time t; no rows in more than one dimension")
        .column("t", ColumnType::Float, "", "time t")
        .column("x", ColumnType::Float, "", "place x")
        .column("displaced", ColumnType::Float, "", "density, displaced")
        .column("mixed", ColumnType::Float, "", "density, mixed")
}

fn measure(about: &str, coordinates: usize) -> TableSchema {
    let table = TableSchema::new(about).column("i", ColumnType::Integer, "", "point");
    coordinate_columns(table, "x", coordinates).column("weight", ColumnType::Float, "", "mass")
}
