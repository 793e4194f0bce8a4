//! What a run gives, as declared before it.

use octavo_plugin::ColumnType::{Float, Integer};
use octavo_plugin::OutputSchema;

use crate::params::Params;
use crate::tables;

/// Columns and rows of the drawing `opinion`.
pub(crate) const PIXELS: usize = 96;

/// The declaration.
pub(crate) fn schema(params: &Params) -> OutputSchema {
    let schema = OutputSchema::new()
        .scalar("steps", Integer, "", "steps")
        .scalar("work", Integer, "", "multiplications done")
        .scalar("generator_parameters", Integer, "", "parameters of the generator")
        .scalar("critic_parameters", Integer, "", "parameters of all adversaries")
        .scalar("reached", Integer, "", "modes reached")
        .scalar("modes", Integer, "", "modes covered")
        .scalar("balanced", Integer, "", "modes with half to twice their share")
        .scalar("good", Float, "", "share of points within 3 sd")
        .scalar("variation", Float, "", "total variation of the modes’ shares")
        .scalar("divergence", Float, "", "Sinkhorn divergence to the target")
        .table("history", tables::history().schema())
        .table("baselines", tables::baselines().schema())
        .table("samples", tables::samples().schema())
        .table("target", tables::target().schema())
        .table("exam", tables::exam().schema());
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
