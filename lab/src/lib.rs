//! The built-in analyses for a reader's browser: a task as JSON in, the digests of its artifacts out, and what draws figures over them.
//!
//! An artifact's digest is that of its stored form ([`octavo_plugin::artifact::Artifact::digest`]), by the same code as in the program, so that
//! equal digests mean equal bytes. There is no thread, no clock and no file here. `surface` is what a browser calls;
//! `lab/build.sh` makes a module of each analysis, and docs/lab.md says what it is for.

#[cfg(feature = "figure")]
pub mod drawing;
#[cfg(any(target_family = "wasm", test))]
mod fma;
pub mod surface;
#[cfg_attr(feature = "figure", allow(dead_code, reason = "the module that draws has no analysis in it"))]
mod turned;

use std::collections::BTreeSet;

use indexmap::IndexMap;
use octavo_plugin::{
    Analysis, Artifacts, CancelToken, Digest, DynAnalysis, Failure, Inputs, NUMERICS_REVISION, Progress,
    RunContext, Seed, Wanted,
};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

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

/// What a reader wants of a task beyond its digests.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Wish {
    /// Parameters that are to have other values, by dotted path.
    pub set: Map<String, Json>,
    /// The artifacts of which the bytes are wanted, too, by stored name.
    pub give: Vec<String>,
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
        /// The artifacts of which the bytes follow, with their lengths.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        given: Vec<(String, usize)>,
    },
    /// Why there are none.
    Failed(String),
}

/// The answer to a task as JSON, as JSON. An unreadable or foreign task is an [`Answer::Failed`].
pub fn answer(ask: &str, progress: &dyn Progress) -> String {
    String::from_utf8(answer_with(ask, &Wish::default(), progress))
        .unwrap_or_else(|error| failed(&error.to_string()))
}

/// The answer to a message: a line with a task, and perhaps one with a [`Wish`]. It is a line of JSON and, if artifacts are
/// wanted, their stored forms one after another.
pub fn answered(message: &[u8], progress: &dyn Progress) -> Vec<u8> {
    #[cfg(feature = "figure")]
    if let Some(rest) = message.strip_prefix(drawing::BEGIN) {
        return drawing::answered(rest);
    }
    let text = String::from_utf8_lossy(message);
    let (ask, wish) = text.split_once('\n').unwrap_or((&text, "{}"));
    match serde_json::from_str(wish) {
        Ok(wish) => answer_with(ask, &wish, progress),
        Err(error) => failed(&format!("this is no wish: {error}")).into_bytes(),
    }
}

fn answer_with(ask: &str, wish: &Wish, progress: &dyn Progress) -> Vec<u8> {
    let read = serde_json::from_str(ask).map_err(|error| Failure::user(format!("this is no task: {error}")));
    let artifacts = read.and_then(|ask| computed(&ask, &wish.set, progress));
    let artifacts = match artifacts {
        Ok(artifacts) => artifacts,
        Err(failure) => return failed(&failure.to_string()).into_bytes(),
    };
    let (mut digests, mut given, mut bytes) = (IndexMap::new(), Vec::new(), Vec::new());
    for (name, artifact) in artifacts.each() {
        let stored = artifact.encode();
        if wish.give.contains(&name) {
            given.push((name.clone(), stored.len()));
            bytes.extend_from_slice(&stored);
        }
        digests.insert(name, Digest::of(&stored));
    }
    let answer = Answer::Done { digest: artifacts.digest(), artifacts: digests, given };
    let mut line =
        serde_json::to_vec(&answer).unwrap_or_else(|error| failed(&error.to_string()).into_bytes());
    if !bytes.is_empty() {
        line.push(b'\n');
        line.append(&mut bytes);
    }
    line
}

/// A failure as an answer.
fn failed(why: &str) -> String {
    serde_json::json!({ "failed": why }).to_string()
}

/// The artifacts of a task.
///
/// # Errors
/// The analysis's own, a task of an analysis or revision that is not here, or parameters that do not go together.
pub fn computed(ask: &Ask, set: &Map<String, Json>, progress: &dyn Progress) -> Result<Artifacts, Failure> {
    if ask.numerics != NUMERICS_REVISION {
        let message =
            format!("it was computed with numerics {}, and here are {NUMERICS_REVISION}", ask.numerics);
        return Err(Failure::user(message));
    }
    by_name(ask, set, progress)
}

/// Runs one analysis. It is named by type: through a trait object, schemas, labels and figures would be part of each module.
#[cfg_attr(feature = "figure", allow(dead_code, reason = "the module that draws has no analysis in it"))]
fn run<A: Analysis>(
    analysis: &A,
    ask: &Ask,
    set: &Map<String, Json>,
    progress: &dyn Progress,
) -> Result<Artifacts, Failure> {
    let revision = Analysis::identity(analysis).revision;
    if revision != ask.revision {
        let message = format!("it was computed by revision {}, and here is {revision}", ask.revision);
        return Err(Failure::user(message));
    }
    let (inputs, cancel) = (Inputs::new(), CancelToken::new());
    let wanted = ask.outputs.clone().map_or(Wanted::ALL, Wanted::only);
    let context = RunContext::new(Seed(ask.seed), &inputs, &cancel, progress).asking(&wanted);
    let params = turned::params(analysis, &ask.params, set)?;
    DynAnalysis::run(analysis, &params, &context)
}

macro_rules! analyses {
    ($($name:literal: $analysis:path),* $(,)?) => {
        /// The analyses that are here.
        pub const NAMES: &[&str] = &[$(#[cfg(feature = $name)] $name),*];

        #[cfg_attr(feature = "figure", allow(unused_variables, reason = "the module that draws has no analysis in it"))]
        fn by_name(ask: &Ask, set: &Map<String, Json>, progress: &dyn Progress) -> Result<Artifacts, Failure> {
            match ask.analysis.as_str() {
                $(#[cfg(feature = $name)] $name => run(&$analysis, ask, set, progress),)*
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

#[cfg(all(test, feature = "dragon", feature = "figure"))]
mod tests;
