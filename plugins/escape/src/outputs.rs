//! The declaration of what a run gives.

use octavo_plugin::{ColumnType, OutputSchema, TableSchema};

use ColumnType::{Float, Integer, Text};

use crate::params::EscapeParams;

/// All outputs of these parameters.
pub(crate) fn schema(params: &EscapeParams) -> OutputSchema {
    let schema = OutputSchema::new()
        .scalar("interior", Integer, "", "Points that stay", "Points qui restent")
        .scalar("count_sum", Integer, "", "Sum of the counts", "Somme des temps")
        .scalar("count_max", Integer, "", "Largest count", "Plus grand temps")
        .scalar("sha256", Text, "", "Digest of the counts", "Empreinte des temps");
    if params.points.is_some() {
        return schema.table("points", points());
    }
    schema.raster(
        "counts",
        "escape count of each pixel, 0 for those that stay",
        "",
        "Steps until |z| > 2",
        "Pas jusqu’à |z| > 2",
    )
}

fn points() -> TableSchema {
    TableSchema::new("a point and its count")
        .column("re", Float, "", "Real part", "Partie réelle")
        .column("im", Float, "", "Imaginary part", "Partie imaginaire")
        .column("count", Integer, "", "Steps until |z| > 2", "Pas jusqu’à |z| > 2")
}
