//! What a run gives, as declared before it.

use octavo_plugin::{ColumnType, OutputSchema, TableSchema};

/// The scalars, by the names that `sinkhorn` gives them too.
pub(crate) const SCALARS: [&str; 7] =
    ["kl", "kl_reverse", "js", "tv", "hellinger_squared", "w1", "w2_squared"];

/// The declaration.
pub(crate) fn schema() -> OutputSchema {
    let float = ColumnType::Float;
    OutputSchema::new()
        .scalar("kl", float, "nat", "KL(first | second)", "KL(première | seconde)")
        .scalar("kl_reverse", float, "nat", "KL(second | first)", "KL(seconde | première)")
        .scalar("js", float, "nat", "Jensen–Shannon divergence", "divergence de Jensen–Shannon")
        .scalar("tv", float, "", "total variation", "variation totale")
        .scalar(
            "hellinger_squared",
            float,
            "",
            "squared Hellinger distance",
            "carré de la distance de Hellinger",
        )
        .scalar("w1", float, "", "Wasserstein distance W₁", "distance de Wasserstein W₁")
        .scalar(
            "w2_squared",
            float,
            "",
            "squared Wasserstein distance W₂²",
            "carré de la distance de Wasserstein W₂²",
        )
        .table(
            "epsilon",
            TableSchema::new("a strength of the entropic term")
                .column(
                    "epsilon",
                    float,
                    "",
                    "strength of the entropic term ε",
                    "poids du terme entropique ε",
                )
                .column("ot_eps", float, "", "entropic cost OT_ε", "coût entropique OT_ε")
                .column(
                    "sinkhorn_divergence",
                    float,
                    "",
                    "Sinkhorn divergence S_ε",
                    "divergence de Sinkhorn S_ε",
                ),
        )
        .raster(
            "first",
            "the first image; of a set, all its images side by side with -1 in between",
            "",
            "Value",
            "Valeur",
        )
        .raster(
            "second",
            "the second image; of a set, all its images side by side with -1 in between",
            "",
            "Value",
            "Valeur",
        )
}
