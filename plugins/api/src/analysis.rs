//! The trait an analysis implements, and its erased form that the host holds.

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::figure::Figure;
use crate::schema::Schema;
use crate::{Artifacts, Failure, Localized, OutputSchema, RunContext};

/// Who an analysis is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// The name that definitions use.
    pub name: &'static str,
    /// Moves whenever a bit of any result moves; it is part of every task key.
    pub revision: u32,
    /// A few words, per language.
    pub title: Localized,
    /// One or two sentences, per language.
    pub summary: Localized,
    /// The mathematics in Markdown: definition, method, cost, error, sources.
    pub documentation: &'static str,
    /// A complete example of parameters in TOML, run as a test.
    pub example: &'static str,
}

/// A problem between parameters that a schema cannot say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// Dotted path of the parameter, such as `network.widths`; empty for the whole.
    pub path: String,
    /// What is wrong, one sentence without a full stop.
    pub message: String,
    /// What to do, if known.
    pub help: Option<String>,
}

impl Problem {
    /// A problem at a parameter.
    pub fn at(path: &str, message: impl Into<String>) -> Self {
        Self { path: path.to_owned(), message: message.into(), help: None }
    }

    /// The same problem with the next step.
    #[must_use]
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// What an analysis says about parameters before it runs.
#[derive(Clone, Debug, PartialEq)]
pub struct Examined {
    /// The parameters in canonical form.
    pub params: Json,
    /// Problems between them; with any, nothing is said below.
    pub problems: Vec<Problem>,
    /// Whether the result depends on the seed.
    pub stochastic: bool,
    /// All that a run will give.
    pub outputs: OutputSchema,
}

/// A pure function from parameters, seed and inputs to artifacts, with its declaration.
pub trait Analysis: Send + Sync + 'static {
    /// The parameters: a documented struct with bounds, and defaults from `#[serde(default)]`.
    type Params: Serialize + DeserializeOwned + JsonSchema;

    /// Name, revision and texts.
    fn about(&self) -> About;

    /// Whether the result depends on the seed. If not, seed and replicate are in no key.
    fn stochastic(&self, params: &Self::Params) -> bool;

    /// Problems between parameters.
    fn check(&self, params: &Self::Params) -> Vec<Problem> {
        let _ = params;
        Vec::new()
    }

    /// All that a run with these parameters will give.
    fn outputs(&self, params: &Self::Params) -> OutputSchema;

    /// Figures that stand for these outputs unless the author defines others under the same names.
    fn figures(&self, params: &Self::Params) -> IndexMap<String, Figure> {
        let _ = params;
        IndexMap::new()
    }

    /// The computation.
    ///
    /// # Errors
    /// A [`Failure`] that says what happened and what to do.
    fn run(&self, params: &Self::Params, context: &RunContext<'_>) -> Result<Artifacts, Failure>;
}

/// The erased form of an [`Analysis`]: parameters are JSON.
pub trait DynAnalysis: Send + Sync {
    /// Name, revision and texts.
    fn about(&self) -> About;
    /// What beside the revision says which code computes: for a program of its own, the digest of its files. `None` for
    /// what is built in.
    fn code(&self) -> Option<crate::Digest> {
        None
    }
    /// Why nothing can be said about these parameters, if that is no fault of theirs: a program of its own that broke. What
    /// is built in never does.
    fn broken(&self, params: &Json) -> Option<Failure> {
        let _ = params;
        None
    }
    /// The JSON Schema of the parameters.
    fn json_schema(&self) -> Json;
    /// The schema of the parameters.
    fn schema(&self) -> Schema;
    /// The parameters in canonical form: every default filled in, every float a float.
    ///
    /// # Errors
    /// A message of the deserialiser, for parameters that were not checked against the schema.
    fn canonical(&self, params: &Json) -> Result<Json, String>;
    /// Whether the result depends on the seed.
    fn stochastic(&self, params: &Json) -> bool;
    /// Problems between parameters.
    fn check(&self, params: &Json) -> Vec<Problem>;
    /// All that a run will give.
    fn outputs(&self, params: &Json) -> OutputSchema;
    /// The default figures.
    fn figures(&self, params: &Json) -> IndexMap<String, Figure>;
    /// `canonical`, and of what it gives `check`, `stochastic` and `outputs`.
    ///
    /// # Errors
    /// As `canonical`.
    fn examine(&self, params: &Json) -> Result<Examined, String> {
        let params = self.canonical(params)?;
        let problems = self.check(&params);
        let good = problems.is_empty();
        let stochastic = good && self.stochastic(&params);
        let outputs = if good { self.outputs(&params) } else { OutputSchema::default() };
        Ok(Examined { params, problems, stochastic, outputs })
    }
    /// The computation, with the artifacts held against the declaration.
    ///
    /// # Errors
    /// The analysis's own [`Failure`], or one of [`Artifacts::check`].
    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure>;
}

fn typed<P: DeserializeOwned>(params: &Json) -> Result<P, String> {
    P::deserialize(params).map_err(|error| error.to_string())
}

impl<A: Analysis> DynAnalysis for A {
    fn about(&self) -> About {
        Analysis::about(self)
    }

    fn json_schema(&self) -> Json {
        Schema::json_of::<A::Params>()
    }

    fn schema(&self) -> Schema {
        Schema::of::<A::Params>()
    }

    fn canonical(&self, params: &Json) -> Result<Json, String> {
        serde_json::to_value(typed::<A::Params>(params)?).map_err(|error| error.to_string())
    }

    fn stochastic(&self, params: &Json) -> bool {
        typed(params).is_ok_and(|params| Analysis::stochastic(self, &params))
    }

    fn check(&self, params: &Json) -> Vec<Problem> {
        match typed(params) {
            Ok(params) => Analysis::check(self, &params),
            Err(message) => vec![Problem::at("", message)],
        }
    }

    fn outputs(&self, params: &Json) -> OutputSchema {
        typed(params).map(|params| Analysis::outputs(self, &params)).unwrap_or_default()
    }

    fn figures(&self, params: &Json) -> IndexMap<String, Figure> {
        typed(params).map(|params| Analysis::figures(self, &params)).unwrap_or_default()
    }

    /// A sweep has many points: its parameters are read once for all questions.
    fn examine(&self, params: &Json) -> Result<Examined, String> {
        let read: A::Params = typed(params)?;
        let params = serde_json::to_value(&read).map_err(|error| error.to_string())?;
        let problems = Analysis::check(self, &read);
        let good = problems.is_empty();
        let stochastic = good && Analysis::stochastic(self, &read);
        let outputs = if good { Analysis::outputs(self, &read) } else { OutputSchema::default() };
        Ok(Examined { params, problems, stochastic, outputs })
    }

    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        let params: A::Params = typed(params).map_err(Failure::user)?;
        let artifacts = Analysis::run(self, &params, context)?;
        artifacts.check(&Analysis::outputs(self, &params))?;
        Ok(artifacts)
    }
}
