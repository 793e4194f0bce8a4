//! What a run gives, as declared before it.

use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::OutputSchema;

use crate::params::Params;
use crate::tables;

/// The declaration.
pub(crate) fn schema(params: &Params) -> OutputSchema {
    OutputSchema::new()
        .scalar("w1", Float, "", "Wasserstein distance W₁")
        .scalar("w2_squared", Float, "", "squared Wasserstein distance W₂²")
        .scalar("least_cost", Float, "", "least cost min ⟨P, C⟩")
        .scalar("priced_pairs", Integer, "", "pairs priced on the way to W₂²")
        .scalar("kl", Float, "nat", "KL(source | target)")
        .scalar("kl_reverse", Float, "nat", "KL(target | source)")
        .scalar("js", Float, "nat", "Jensen–Shannon divergence")
        .scalar("tv", Float, "", "total variation")
        .scalar("hellinger_squared", Float, "", "squared Hellinger distance")
        .table("epsilon", tables::epsilon().schema())
        .table("convergence", tables::convergence().schema())
        .table("plan", tables::plan().schema())
        .table("barycentric", tables::barycentric(params).schema())
        .table("pixels", tables::pixels().schema())
        .table("interpolation", tables::interpolation(params).schema())
        .table("mixture", tables::mixture(params).schema())
        .table("densities", tables::densities().schema())
        .table("source", tables::source(params).schema())
        .table("target", tables::target(params).schema())
}
