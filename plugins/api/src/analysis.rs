//! The trait an analysis implements, and its erased form that the host holds.

use std::borrow::Cow;

use indexmap::IndexMap;
use schemars::JsonSchema;
use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::Value as Json;

use crate::figure::Figure;
use crate::labels::Translation;
use crate::schema::Schema;
use crate::{Artifacts, Digest, Failure, Localized, OutputSchema, RunContext, Translations};

/// Which code computes: part of every task key.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Identity {
    /// The name that definitions use.
    pub name: Cow<'static, str>,
    /// Moves whenever a bit of any result moves.
    pub revision: u32,
    /// Where the code is.
    pub origin: Origin,
}

/// Where the code of an analysis is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Origin {
    /// In Octavo: name and revision say which code it is.
    BuiltIn,
    /// In a program of a project, of whose files this is the digest.
    Program(Digest),
}

impl Identity {
    /// An analysis that comes with Octavo.
    pub const fn built_in(name: &'static str, revision: u32) -> Self {
        Self { name: Cow::Borrowed(name), revision, origin: Origin::BuiltIn }
    }

    /// The digest of the program, if it is one of a project.
    pub fn program(&self) -> Option<Digest> {
        match self.origin {
            Origin::BuiltIn => None,
            Origin::Program(digest) => Some(digest),
        }
    }
}

/// What an analysis says about itself in words.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct About {
    /// A few words.
    pub title: Localized,
    /// One or two sentences.
    pub summary: Localized,
    /// The mathematics in Markdown: definition, method, cost, error, sources.
    pub documentation: Cow<'static, str>,
    /// A complete example of parameters in TOML, run as a test.
    pub example: Cow<'static, str>,
    /// What it says in other languages.
    pub translations: &'static [Translation],
}

impl About {
    /// Translates title and summary.
    pub fn translate(&mut self, words: &Translations) {
        words.translate(&mut self.title);
        words.translate(&mut self.summary);
    }
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

/// What an analysis says about one set of parameters before it runs.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Prepared {
    /// The parameters in canonical form: every default filled in, every float a float.
    pub params: Json,
    /// Problems between them; with any, nothing is said below.
    pub problems: Vec<Problem>,
    /// Whether the result depends on the seed. If not, seed and replicate are in no key.
    pub stochastic: bool,
    /// All that a run will give.
    pub outputs: OutputSchema,
    /// Figures that stand for these outputs unless the author defines others under the same names.
    pub figures: IndexMap<String, Figure>,
}

impl Prepared {
    /// Translates its labels and the texts of its figures.
    pub fn translate(&mut self, words: &Translations) {
        words.outputs(&mut self.outputs);
        self.figures.values_mut().for_each(|figure| words.figure(figure));
    }
}

/// What an analysis says about one more point of a sweep.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Next {
    /// As in [`Prepared`].
    pub params: Json,
    /// As in [`Prepared`]; with any, nothing is said below.
    pub problems: Vec<Problem>,
    /// As in [`Prepared`].
    pub stochastic: bool,
    /// Whether a run will give what one at the first point gives.
    pub same_outputs: bool,
}

/// What tells of one point of a sweep after the other; the parameters are JSON.
pub type Follow<'a> = Box<dyn Fn(&Json) -> Result<Next, Failure> + Send + Sync + 'a>;

/// A pure function from parameters, seed and inputs to artifacts, with its declaration.
pub trait Analysis: Send + Sync + 'static {
    /// The parameters: a documented struct with bounds, and defaults from `#[serde(default)]`.
    type Params: Serialize + DeserializeOwned + JsonSchema;

    /// Name and revision: [`Identity::built_in`].
    fn identity(&self) -> Identity;

    /// Its texts.
    fn about(&self) -> About;

    /// Whether the result depends on the seed. If not, as is assumed, seed and replicate are in no key.
    fn stochastic(&self, params: &Self::Params) -> bool {
        let _ = params;
        false
    }

    /// Problems between parameters.
    fn check(&self, params: &Self::Params) -> Vec<Problem> {
        let _ = params;
        Vec::new()
    }

    /// All that a run with these parameters will give.
    fn outputs(&self, params: &Self::Params) -> OutputSchema;

    /// The same number for any two parameters with the same [`outputs`](Analysis::outputs), where that is cheap to say; without
    /// it the declarations of all points of a sweep are written out and compared, which takes longer than all else that is done
    /// with a point before it runs.
    fn outputs_kind(&self, params: &Self::Params) -> Option<u64> {
        let _ = params;
        None
    }

    /// Figures that stand for these outputs unless the author defines others under the same names.
    fn figures(&self, params: &Self::Params) -> IndexMap<String, Figure> {
        let _ = params;
        IndexMap::new()
    }

    /// The computation. It gives all that is declared, or at least what is asked for ([`RunContext::wants`]).
    ///
    /// # Errors
    /// A [`Failure`] that says what happened and what to do.
    fn run(&self, params: &Self::Params, context: &RunContext<'_>) -> Result<Artifacts, Failure>;
}

/// The erased form of an [`Analysis`]: parameters are JSON.
pub trait DynAnalysis: Send + Sync {
    /// Name, revision and origin.
    fn identity(&self) -> Identity;
    /// Its texts, in all its languages.
    fn about(&self) -> About;
    /// What stands for its English texts in other languages: a sweep has many points, and of one alone anybody sees labels.
    fn translations(&self) -> Translations;
    /// The JSON Schema of the parameters.
    fn json_schema(&self) -> Json;
    /// The schema of the parameters.
    fn schema(&self) -> Schema;
    /// Canonical parameters, and all that is known of a run with them; labels are English where they are to be translated
    /// ([`DynAnalysis::translations`]).
    ///
    /// # Errors
    /// [`FailureKind::User`](crate::FailureKind::User) for parameters that do not fit the schema; another kind if nothing can be
    /// said about them for no fault of theirs: a program that broke off.
    fn prepare(&self, params: &Json) -> Result<Prepared, Failure>;
    /// What [`prepare`](DynAnalysis::prepare) says of the other points of a sweep, the `first` of which it was asked about. There
    /// may be a million, and nobody reads their labels and figures.
    fn follow<'a>(&'a self, first: &'a Prepared) -> Follow<'a> {
        Box::new(move |params| {
            let Prepared { params, problems, stochastic, outputs, .. } = self.prepare(params)?;
            Ok(Next { params, problems, stochastic, same_outputs: outputs == first.outputs })
        })
    }
    /// The computation with canonical parameters, the artifacts held against the declaration. What is not asked for is left out.
    ///
    /// # Errors
    /// The analysis's own [`Failure`], or one of [`Artifacts::check`].
    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure>;
}

fn typed<P: DeserializeOwned>(params: &Json) -> Result<P, Failure> {
    P::deserialize(params).map_err(|error| Failure::user(error.to_string()))
}

/// The parameters, and their canonical form.
fn canonical<P: Serialize + DeserializeOwned>(params: &Json) -> Result<(P, Json), Failure> {
    let read: P = typed(params)?;
    let params = serde_json::to_value(&read).map_err(|error| Failure::bug(error.to_string()))?;
    Ok((read, params))
}

impl<A: Analysis> DynAnalysis for A {
    fn identity(&self) -> Identity {
        Analysis::identity(self)
    }

    fn about(&self) -> About {
        let mut about = Analysis::about(self);
        let words = Translations::of(about.translations);
        about.translate(&words);
        about
    }

    fn translations(&self) -> Translations {
        Translations::of(Analysis::about(self).translations)
    }

    fn json_schema(&self) -> Json {
        Schema::json_of::<A::Params>()
    }

    fn schema(&self) -> Schema {
        Schema::of::<A::Params>()
    }

    fn prepare(&self, params: &Json) -> Result<Prepared, Failure> {
        let (read, params) = canonical::<A::Params>(params)?;
        let problems = Analysis::check(self, &read);
        if !problems.is_empty() {
            return Ok(Prepared { params, problems, ..Prepared::default() });
        }
        Ok(Prepared {
            params,
            problems,
            stochastic: Analysis::stochastic(self, &read),
            outputs: Analysis::outputs(self, &read),
            figures: Analysis::figures(self, &read),
        })
    }

    fn follow<'a>(&'a self, first: &'a Prepared) -> Follow<'a> {
        let kind =
            typed::<A::Params>(&first.params).ok().and_then(|read| Analysis::outputs_kind(self, &read));
        Box::new(move |params| {
            let (read, params) = canonical::<A::Params>(params)?;
            let problems = Analysis::check(self, &read);
            if !problems.is_empty() {
                return Ok(Next { params, problems, ..Next::default() });
            }
            let same_kind = kind.is_some() && Analysis::outputs_kind(self, &read) == kind;
            let same_outputs = same_kind || Analysis::outputs(self, &read) == first.outputs;
            Ok(Next { params, problems, stochastic: Analysis::stochastic(self, &read), same_outputs })
        })
    }

    fn run(&self, params: &Json, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        let params: A::Params = typed(params)?;
        let artifacts = Analysis::run(self, &params, context)?.only(context.wanted());
        match context.declared() {
            Some(declared) => artifacts.check(declared)?,
            None => artifacts.check(&Analysis::outputs(self, &params).only(context.wanted()))?,
        }
        Ok(artifacts)
    }
}
