//! What a run gives, as declared before it.

use octavo_plugin::{ColumnType, OutputSchema, TableSchema};

/// The scalars, by the names that `sinkhorn` gives them too.
pub(crate) const SCALARS: [&str; 7] =
    ["kl", "kl_reverse", "js", "tv", "hellinger_squared", "w1", "w2_squared"];

/// The declaration.
pub(crate) fn schema() -> OutputSchema {
    let float = ColumnType::Float;
    OutputSchema::new()
        .scalar("kl", float, "nat", "KL(first | second)")
        .scalar("kl_reverse", float, "nat", "KL(second | first)")
        .scalar("js", float, "nat", "Jensen–Shannon divergence")
        .scalar("tv", float, "", "total variation")
        .scalar("hellinger_squared", float, "", "squared Hellinger distance")
        .scalar("w1", float, "", "Wasserstein distance W₁")
        .scalar("w2_squared", float, "", "squared Wasserstein distance W₂²")
        .table(
            "epsilon",
            TableSchema::new("a strength of the entropic term")
                .column("epsilon", float, "", "strength of the entropic term ε")
                .column("ot_eps", float, "", "entropic cost OT_ε")
                .column("sinkhorn_divergence", float, "", "Sinkhorn divergence S_ε"),
        )
        .raster(
            "first",
            "the first image; of a set, all its images side by side with -1 in between",
            "",
            "Value",
        )
        .raster(
            "second",
            "the second image; of a set, all its images side by side with -1 in between",
            "",
            "Value",
        )
}
