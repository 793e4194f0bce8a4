//! A small analysis and helpers for the engine's own tests.

use std::io;
use std::sync::Arc;

use octavo_plugin::artifact::Artifact;
use octavo_plugin::input::InputContent;
use octavo_plugin::{
    About, Analysis, Artifacts, ColumnType, Failure, Identity, Input, InputLimits, Localized, OutputSchema,
    RunContext, Table, TableSchema, Translation,
};
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::config::Limits;
use crate::diagnostic::Diagnostic;
use crate::experiment::{Experiment, Overrides};
use crate::ids::ExperimentId;
use crate::input::{InputFile, Open};
use crate::plan::Plan;
use crate::registry::Registry;
use crate::source::SourceFile;

/// Adds numbers, or fails in the way that it is told to.
pub(crate) struct Sample;

/// Parameters of [`Sample`].
#[derive(Clone, Serialize, Deserialize, JsonSchema)]
#[serde(default)]
pub(crate) struct SampleParams {
    /// First summand.
    #[schemars(range(min = 0.0, max = 100.0))]
    a: f64,
    /// Second summand.
    b: f64,
    /// Whether a random number is added.
    noise: bool,
    /// How it ends.
    end: End,
    /// A file whose length, or a table whose first column's sum, is added.
    source: Option<Input>,
    /// The same once more.
    target: Option<Input>,
}

impl Default for SampleParams {
    fn default() -> Self {
        Self { a: 1.0, b: 2.0, noise: false, end: End::Good, source: None, target: None }
    }
}

#[derive(Clone, Copy, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
enum End {
    Good,
    Fail,
    Panic,
    Nan,
    Forever,
}

impl Analysis for Sample {
    type Params = SampleParams;

    fn identity(&self) -> Identity {
        Identity::built_in("sample", 1)
    }

    fn about(&self) -> About {
        About {
            title: Localized::en("Sample"),
            summary: Localized::en("Adds."),
            documentation: "".into(),
            example: "a = 1.0".into(),
            translations: &[Translation {
                language: "fr",
                words: "\"Sample\" = \"Exemple\"\n\"sum\" = \"somme\"\n",
                documentation: "",
            }],
        }
    }

    fn stochastic(&self, params: &SampleParams) -> bool {
        params.noise
    }

    fn outputs(&self, _params: &SampleParams) -> OutputSchema {
        let table = TableSchema::new("numbers").column("x", ColumnType::Float, "", "x");
        OutputSchema::new()
            .scalar("sum", ColumnType::Float, "", "sum")
            .table("numbers", table.clone())
            .table("again", table)
    }

    fn run(&self, params: &SampleParams, context: &RunContext<'_>) -> Result<Artifacts, Failure> {
        context.step(0, 1)?;
        match params.end {
            End::Fail => return Err(Failure::numeric("it did not converge").help("use more steps")),
            End::Panic => panic!("a defect"),
            End::Forever => loop {
                context.go_on()?;
                std::thread::yield_now();
            },
            End::Good | End::Nan => {}
        }
        let noise = if params.noise { context.stream("noise").uniform() } else { 0.0 };
        let mut extra = 0.0;
        for input in [&params.source, &params.target].into_iter().flatten() {
            extra += match &context.input(input)?.content {
                #[expect(clippy::cast_precision_loss, reason = "test files are short")]
                InputContent::File { bytes, .. } => bytes.len() as f64,
                InputContent::Artifact(Artifact::Table(table)) => {
                    (0..table.rows()).filter_map(|row| table.columns[0].number(row)).sum()
                }
                InputContent::Artifact(_) => return Err(Failure::user("a table is needed")),
            };
        }
        let sum = if params.end == End::Nan { f64::NAN } else { params.a + params.b + noise + extra };
        let mut artifacts = Artifacts::new();
        artifacts.scalars.insert(
            "sum".into(),
            octavo_plugin::Scalar { value: octavo_plugin::Value::Float(sum), uncertainty: None },
        );
        artifacts.table("numbers", Table::new().with("x", vec![params.a, params.b]));
        artifacts.table("again", Table::new().with("x", vec![params.a, params.b]));
        Ok(artifacts)
    }
}

/// A file with this content.
pub(crate) fn file(name: &str, content: &'static [u8]) -> InputFile {
    let size = content.len() as u64;
    InputFile::new(name, Arc::new(content), size, InputLimits::default()).expect("memory can be read")
}

impl Open for &'static [u8] {
    fn open(&self) -> io::Result<Box<dyn io::Read>> {
        Ok(Box::new(*self))
    }
}

/// A registry of [`Sample`] alone.
pub(crate) fn registry() -> Registry {
    Registry::of([Arc::new(Sample) as Arc<dyn octavo_plugin::DynAnalysis>])
}

/// Checks a definition that uses [`Sample`].
pub(crate) fn check(id: &str, text: &str, overrides: &Overrides) -> (Option<Experiment>, Vec<Diagnostic>) {
    let text = if text.contains("analysis") {
        text.to_owned()
    } else {
        format!("title = \"T\"\nanalysis = \"sample\"\n{text}")
    };
    let source = SourceFile::new(format!("experiments/{id}.toml"), text);
    Experiment::check(&ExperimentId::parse(id).unwrap(), &source, &registry(), overrides)
}

/// Overrides that change nothing.
pub(crate) fn no_overrides() -> Overrides {
    Overrides { limits: Limits { tasks: 1000, ..Limits::default() }, ..Overrides::default() }
}

/// Plans definitions that use [`Sample`]; `data.txt` is the only file there is.
pub(crate) fn plan(definitions: &[(&str, &str)]) -> (Plan, Vec<Diagnostic>) {
    let experiments = definitions.iter().map(|(id, text)| {
        let (experiment, problems) = check(id, text, &no_overrides());
        Arc::new(experiment.unwrap_or_else(|| panic!("{id}: {problems:?}")))
    });
    Plan::new(experiments.collect(), &|_, name, _| match name {
        "data.txt" => Ok(file("data.txt", b"twelve bytes")),
        _ => Err(format!("there is no file `{name}`")),
    })
}
