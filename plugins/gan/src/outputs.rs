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
const LABELS: [[&str; 2]; 11] = [
    ["checkpoint", "étape"],
    ["share of the budget spent", "part du budget dépensée"],
    ["multiplications done", "multiplications effectuées"],
    ["steps", "pas"],
    ["modes reached", "modes atteints"],
    ["modes covered", "modes couverts"],
    ["share of points within 3 sd", "part des points à moins de 3 écarts types"],
    ["Sinkhorn divergence to the target", "divergence de Sinkhorn à la cible"],
    ["loss of the generator", "perte du générateur"],
    ["loss of the adversary", "perte de l’adversaire"],
    ["slope felt by a made point", "pente ressentie par un point généré"],
];

/// The declaration.
pub(crate) fn schema(params: &Params) -> OutputSchema {
    let schema = OutputSchema::new()
        .scalar("steps", Integer, "", "steps", "pas")
        .scalar("work", Integer, "", "multiplications done", "multiplications effectuées")
        .scalar(
            "generator_parameters",
            Integer,
            "",
            "parameters of the generator",
            "paramètres du générateur",
        )
        .scalar(
            "critic_parameters",
            Integer,
            "",
            "parameters of all adversaries",
            "paramètres de tous les adversaires",
        )
        .scalar("reached", Integer, "", "modes reached", "modes atteints")
        .scalar("modes", Integer, "", "modes covered", "modes couverts")
        .scalar("good", Float, "", "share of points within 3 sd", "part des points à moins de 3 écarts types")
        .scalar(
            "divergence",
            Float,
            "",
            "Sinkhorn divergence to the target",
            "divergence de Sinkhorn à la cible",
        )
        .table("history", history())
        .table(
            "samples",
            point(
                TableSchema::new("a made point at a checkpoint")
                    .column("checkpoint", Integer, "", "checkpoint", "étape")
                    .column("spent", Float, "", "share of the budget spent", "part du budget dépensée"),
            ),
        )
        .table("target", point(TableSchema::new("a real point")))
        .table(
            "exam",
            TableSchema::new("a kind of subtle fakes")
                .column("distance", Float, "", "distance from a real point", "distance à un point réel")
                .column("right", Float, "", "pairs in the right order", "paires dans le bon ordre"),
        );
    if params.opinion {
        schema.raster(
            "opinion",
            "what the adversaries say of each place at the end: a probability of being real; for `wasserstein` a score",
            "",
            "what the adversary says",
            "ce que dit l’adversaire",
        )
    } else {
        schema
    }
}

fn history() -> TableSchema {
    let columns = HISTORY.iter().zip(LABELS);
    columns.fold(TableSchema::new("a checkpoint"), |table, ((name, kind), [en, fr])| {
        table.column(name, *kind, "", en, fr)
    })
}

fn point(table: TableSchema) -> TableSchema {
    table.column("x", Float, "", "x", "x").column("y", Float, "", "y", "y")
}
