//! What a run gives, as declared before it.

use octavo_plugin::ColumnType::{self, Float, Integer};
use octavo_plugin::{OutputSchema, TableSchema};

use crate::params::Params;

/// Columns and rows of the drawing `opinion`.
pub(crate) const PIXELS: usize = 96;

/// The columns of the table `history`.
pub(crate) const HISTORY: [(&str, ColumnType); 11] = [
    ("checkpoint", Integer),
    ("spent", Float),
    ("work", Integer),
    ("step", Integer),
    ("reached", Integer),
    ("modes", Integer),
    ("good", Float),
    ("divergence", Float),
    ("generator_loss", Float),
    ("critic_loss", Float),
    ("pull", Float),
];

/// What the columns of the table `history` are called.
const LABELS: [&str; 11] = [
    "checkpoint",
    "share of the budget spent",
    "multiplications done",
    "steps",
    "modes reached",
    "modes covered",
    "share of points within 3 sd",
    "Sinkhorn divergence to the target",
    "loss of the generator",
    "loss of the adversary",
    "slope felt by a made point",
];

/// The declaration.
pub(crate) fn schema(params: &Params) -> OutputSchema {
    let schema = OutputSchema::new()
        .scalar("steps", Integer, "", "steps")
        .scalar("work", Integer, "", "multiplications done")
        .scalar("generator_parameters", Integer, "", "parameters of the generator")
        .scalar("critic_parameters", Integer, "", "parameters of all adversaries")
        .scalar("reached", Integer, "", "modes reached")
        .scalar("modes", Integer, "", "modes covered")
        .scalar("good", Float, "", "share of points within 3 sd")
        .scalar("divergence", Float, "", "Sinkhorn divergence to the target")
        .table("history", history())
        .table(
            "samples",
            point(
                TableSchema::new("a made point at a checkpoint")
                    .column("checkpoint", Integer, "", "checkpoint")
                    .column("spent", Float, "", "share of the budget spent"),
            ),
        )
        .table("target", point(TableSchema::new("a real point")))
        .table(
            "exam",
            TableSchema::new("a kind of subtle fakes")
                .column("distance", Float, "", "distance from a real point")
                .column("right", Float, "", "pairs in the right order"),
        );
    if params.opinion {
        schema.raster(
            "opinion",
            "what the adversaries say of each place at the end: a probability of being real; for `wasserstein` a score",
            "",
            "what the adversary says",
        )
    } else {
        schema
    }
}

fn history() -> TableSchema {
    let columns = HISTORY.iter().zip(LABELS);
    columns.fold(TableSchema::new("a checkpoint"), |table, ((name, kind), label)| {
        table.column(name, *kind, "", label)
    })
}

fn point(table: TableSchema) -> TableSchema {
    table.column("x", Float, "", "x").column("y", Float, "", "y")
}
