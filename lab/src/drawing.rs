//! What draws a figure over artifacts that were computed in the browser: by the same code as in the program, so that equal artifacts
//! give an equal drawing.
//!
//! A message is four lines of JSON and the stored forms of artifacts one after another: [`BEGIN`], a [`Definition`], a language
//! (`Locale` with its tag), and for each task its artifacts by stored name with their lengths.

use std::collections::BTreeMap;
use std::sync::Arc;

use indexmap::IndexMap;
use octavo_definition::ids::{ExperimentId, ItemRef};
use octavo_definition::locale::Locale;
use octavo_definition::manifest::{Claim, DerivedTable, DerivedValue};
use octavo_figure::weight::{self, lightened};
use octavo_figure::{CheckedFigure, FigureError, Source, svg};
use octavo_plugin::artifact::Artifact;
use octavo_plugin::figure::{Figure, Where};
use octavo_plugin::{Artifacts, ColumnSchema, ColumnType, Localized, OutputSchema, Value};
use octavo_tables::claim;
use octavo_tables::definitions::{CheckedClaim, CheckedTable, CheckedValue};
use octavo_tables::relation::Relation;
use octavo_tables::results::{Held, Results, Run, select};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value as Json};

/// The line that a message to the drawing code begins with.
pub const BEGIN: &[u8] = b"\"figure\"\n";

/// All that a figure is drawn from but the artifacts and the language.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Definition {
    /// The experiment.
    pub experiment: ExperimentId,
    /// What ids in the drawing begin with.
    pub id: String,
    /// The figure.
    pub figure: Figure,
    /// What every task gives.
    pub outputs: OutputSchema,
    /// The sweep's columns.
    pub points: IndexMap<String, ColumnSchema>,
    /// What readers call the number of a replicate.
    pub replicate: Localized,
    /// Whether the analysis draws random numbers.
    pub stochastic: bool,
    /// Each task's point and replicate.
    pub tasks: Vec<(Map<String, Json>, u32)>,
    /// Derived tables.
    pub tables: IndexMap<String, DerivedTable>,
    /// Named values.
    pub values: IndexMap<String, DerivedValue>,
    /// Claims.
    pub claims: IndexMap<String, Claim>,
    /// The level at which they are decided.
    pub level: f64,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Answer {
    /// The drawing.
    Drawn {
        /// Each frame's label, drawing for the page, and drawing for a phone held upright, as SVG.
        frames: Vec<[String; 3]>,
        /// Rows outside the axes.
        clipped: usize,
        /// The verdict on each claim, by name.
        claims: BTreeMap<String, String>,
    },
    /// Why there is none.
    Failed(String),
}

/// The answer to a message behind its first line, as JSON.
pub fn answered(message: &[u8]) -> Vec<u8> {
    let answer = read(message)
        .and_then(|(definition, locale, runs)| drawn(&definition, &locale, runs))
        .unwrap_or_else(Answer::Failed);
    serde_json::to_vec(&answer).unwrap_or_else(|error| crate::failed(&error.to_string()).into_bytes())
}

/// The parts of a message.
fn read(message: &[u8]) -> Result<(Definition, Locale, Vec<Artifacts>), String> {
    let mut lines = message.splitn(4, |byte| *byte == b'\n');
    let mut line = || lines.next().unwrap_or_default();
    let (definition, locale, lengths) = (line(), line(), line());
    let definition: Definition =
        serde_json::from_slice(definition).map_err(|error| told("figure", &error))?;
    let (tag, locale): (String, Locale) =
        serde_json::from_slice(locale).map_err(|error| told("language", &error))?;
    let lengths: Vec<Vec<(String, usize)>> =
        serde_json::from_slice(lengths).map_err(|error| told("list of artifacts", &error))?;
    let mut bytes = line();
    let runs = lengths.iter().map(|of_task| {
        let mut artifacts = Artifacts::new();
        for (name, length) in of_task {
            let (own, rest) = bytes.split_at_checked(*length).ok_or("bytes of artifacts are missing")?;
            bytes = rest;
            add(&mut artifacts, name, Artifact::decode(own).map_err(|error| error.to_string())?);
        }
        Ok(artifacts)
    });
    let runs = runs.collect::<Result<_, String>>()?;
    Ok((definition, Locale { tag, ..locale }, runs))
}

fn told(what: &str, error: &serde_json::Error) -> String {
    format!("this is no {what}: {error}")
}

/// Puts an artifact where its stored name says.
fn add(artifacts: &mut Artifacts, name: &str, artifact: Artifact) {
    let own = name.rsplit('/').next().unwrap_or(name);
    match artifact {
        Artifact::Scalars(scalars) => artifacts.scalars = scalars,
        Artifact::Table(table) => {
            artifacts.table(own, table);
        }
        Artifact::Drawing(drawing) => {
            artifacts.drawing(own, drawing);
        }
    }
}

fn drawn(definition: &Definition, locale: &Locale, runs: Vec<Artifacts>) -> Result<Answer, String> {
    let results = results(definition, runs);
    let mut problems = Vec::new();
    let checked = CheckedFigure::read(&definition.figure, &mut problems);
    if let Some(problem) = problems.into_iter().next() {
        return Err(problem.message);
    }
    let drawn = octavo_figure::draw(&checked, &OwnSource(&results), locale).map_err(|error| said(&error))?;
    let (most, id) = (weight::most(drawn.frames.len()), &definition.id);
    let several = drawn.frames.len() > 1;
    let one = |(index, frame): (usize, &octavo_figure::Frame)| {
        let id = if several { format!("{id}-{index}") } else { id.clone() };
        let [page, phone] = weight::COPIES;
        let draw = |scene, (copy, scale): (&str, f64)| {
            svg::inline(&lightened(scene, most, scale), &weight::id_of(&id, copy))
        };
        [frame.label.clone(), draw(&frame.scene, page), draw(&frame.phone, phone)]
    };
    let frames = drawn.frames.iter().enumerate().map(one).collect();
    Ok(Answer::Drawn { frames, clipped: drawn.clipped, claims: verdicts(definition, &results) })
}

/// Why a figure cannot be drawn, with the next step.
fn said(error: &FigureError) -> String {
    error.help.as_ref().map_or_else(|| error.to_string(), |help| format!("{error} ({help})"))
}

fn results(definition: &Definition, runs: Vec<Artifacts>) -> Results {
    let Definition { experiment, outputs, points, replicate, stochastic, tasks, tables, .. } =
        definition.clone();
    let run = |((point, replicate), artifacts): ((Map<String, Json>, u32), Artifacts)| {
        let value = |(name, json): (String, Json)| {
            let value = value(&json, points.get(&name).map(|schema| schema.kind));
            (name, value)
        };
        Run {
            point: point.into_iter().map(value).collect(),
            replicate,
            outputs: Arc::new(Held::new(artifacts)),
        }
    };
    let runs = tasks.into_iter().zip(runs).map(run).collect();
    let read = |(name, table)| (name, CheckedTable::read(table, &mut Vec::new()));
    let tables = tables.into_iter().map(read).collect();
    Results {
        experiment,
        stochastic,
        outputs,
        point_schema: points,
        replicate,
        runs,
        failed: Vec::new(),
        tables,
    }
}

/// A value of a sweep from its JSON, in a column of this type.
fn value(json: &Json, kind: Option<ColumnType>) -> Value {
    match json {
        Json::Bool(is_so) => Value::Bool(*is_so),
        Json::Number(number) if kind != Some(ColumnType::Float) && !number.is_f64() => {
            number.as_i64().map_or_else(|| number.as_u64().unwrap_or_default().into(), Value::from)
        }
        Json::Number(number) => Value::from_f64(number.as_f64().unwrap_or(f64::NAN)),
        Json::String(text) => Value::Text(text.clone()),
        other => Value::Text(other.to_string()),
    }
}

/// The verdict on each claim, of which the reasons stand on no page.
fn verdicts(definition: &Definition, results: &Results) -> BTreeMap<String, String> {
    let read =
        |(name, value): (&String, &DerivedValue)| (name.clone(), CheckedValue::read(value, &mut Vec::new()));
    let values: IndexMap<String, CheckedValue> = definition.values.iter().map(read).collect();
    let judged = |(name, claim): (&String, &Claim)| {
        let claim = CheckedClaim::read(claim, &mut Vec::new());
        let judgement = claim::judge(results, &values, &claim, definition.level);
        let verdict = judgement.map_or(claim::Verdict::Undecided, |judgement| judgement.verdict);
        (name.clone(), verdict.name().to_owned())
    };
    definition.claims.iter().map(judged).collect()
}

/// The tables of the one experiment.
struct OwnSource<'a>(&'a Results);

impl Source for OwnSource<'_> {
    fn relation(&self, from: &str, selection: &Where) -> Result<Arc<Relation>, String> {
        let ItemRef { experiment, name } = ItemRef::parse(from);
        if experiment.is_some_and(|other| other != self.0.experiment.as_str()) {
            return Err(format!("`{from}` is of another experiment"));
        }
        let relation = self.0.relation(name).map_err(|problem| problem.message)?;
        select(&relation, selection).map(Arc::new).map_err(|problem| problem.message)
    }
}
