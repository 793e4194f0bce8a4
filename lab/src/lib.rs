//! The built-in analyses for a reader's browser: a task as JSON in, the digests of its artifacts out.
//!
//! An artifact's digest is that of its stored form ([`octavo_plugin::artifact::Artifact::digest`]), by the same code as in the program, so that
//! equal digests mean equal bytes. There is no thread, no clock and no file here. `surface` is what a browser calls;
//! `lab/build.sh` makes a module of each analysis, and docs/lab.md says what it is for.

#[cfg(any(target_family = "wasm", test))]
mod fma;
pub mod surface;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use octavo_plugin::{
    Analysis, Artifacts, CancelToken, Digest, DynAnalysis, Failure, Inputs, NUMERICS_REVISION, Progress,
    RunContext, Seed, Wanted,
};
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

/// A task to be computed once more: all that its key is made of. It takes no inputs.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Ask {
    /// The analysis's name.
    pub analysis: String,
    /// The revision of its numerics.
    pub revision: u32,
    /// [`NUMERICS_REVISION`] of the program that published.
    pub numerics: u32,
    /// The canonical parameters.
    pub params: Json,
    /// The task's seed, already that of its replicate.
    pub seed: u64,
    /// The outputs that are asked for, if not all are.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub outputs: Option<BTreeSet<String>>,
}

/// What came of a task.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The artifacts' digests.
    Done {
        /// One over all of them with their names.
        digest: Digest,
        /// Each artifact's, by its stored name: `scalars`, `tables/NAME`, `drawings/NAME`.
        artifacts: IndexMap<String, Digest>,
    },
    /// Why there are none.
    Failed(String),
}

/// The answer to a task as JSON, as JSON. An unreadable or foreign task is an [`Answer::Failed`].
pub fn answer(ask: &str, progress: &dyn Progress) -> String {
    let read = serde_json::from_str(ask).map_err(|error| Failure::user(format!("this is no task: {error}")));
    let answer = match read.and_then(|ask| computed(&ask, progress)) {
        Ok(artifacts) => Answer::Done {
            digest: artifacts.digest(),
            artifacts: artifacts.each().map(|(name, artifact)| (name, artifact.digest())).collect(),
        },
        Err(failure) => Answer::Failed(failure.to_string()),
    };
    serde_json::to_string(&answer).unwrap_or_else(|error| format!("{{\"failed\":\"{error}\"}}"))
}

/// The artifacts of a task.
///
/// # Errors
/// The analysis's own, or a task of an analysis or revision that is not here.
pub fn computed(ask: &Ask, progress: &dyn Progress) -> Result<Artifacts, Failure> {
    if ask.numerics != NUMERICS_REVISION {
        let message =
            format!("it was computed with numerics {}, and here are {NUMERICS_REVISION}", ask.numerics);
        return Err(Failure::user(message));
    }
    by_name(ask, progress)
}

/// Runs one analysis. It is named by type: through a trait object, schemas, labels and figures would be part of each module.
fn run<A: Analysis>(analysis: &A, ask: &Ask, progress: &dyn Progress) -> Result<Artifacts, Failure> {
    let revision = Analysis::identity(analysis).revision;
    if revision != ask.revision {
        let message = format!("it was computed by revision {}, and here is {revision}", ask.revision);
        return Err(Failure::user(message));
    }
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let wanted = ask.outputs.clone().map_or(Wanted::ALL, Wanted::only);
    let context = RunContext::new(Seed(ask.seed), &inputs, &cancel, progress).asking(&wanted);
    DynAnalysis::run(analysis, &ask.params, &context)
}

macro_rules! analyses {
    ($($name:literal: $analysis:path),* $(,)?) => {
        /// The analyses that are here.
        pub const NAMES: &[&str] = &[$(#[cfg(feature = $name)] $name),*];

        fn by_name(ask: &Ask, progress: &dyn Progress) -> Result<Artifacts, Failure> {
            match ask.analysis.as_str() {
                $(#[cfg(feature = $name)] $name => run(&$analysis, ask, progress),)*
                other => Err(Failure::user(format!("the analysis `{other}` is not here"))),
            }
        }
    };
}
analyses! {
    "arrangement": octavo_regions::Arrangement,
    "curvature": octavo_curvature::Curvature,
    "dimension": octavo_dimension::Dimension,
    "divergence": octavo_divergence::Divergence,
    "dragon": octavo_dragon::Dragon,
    "escape": octavo_escape::Escape,
    "folds": octavo_regions::Folds,
    "gan": octavo_gan::Gan,
    "lines": octavo_regions::Lines,
    "portraits": octavo_regions::Portraits,
    "regions": octavo_regions::Regions,
    "sinkhorn": octavo_sinkhorn::Sinkhorn,
    "zaslavsky": octavo_regions::Zaslavsky,
}

#[cfg(all(test, feature = "dragon"))]
mod tests;
