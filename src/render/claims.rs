//! Verdicts of all claims.

use std::collections::BTreeMap;

use octavo_plugin::{ContentHasher, Value};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Material;
use crate::cache;
use crate::claim::{self, Judgement};
use crate::experiment::Experiment;
use crate::locale::Locale;
use crate::manifest::{Claim, Expect};
use crate::prose::{format_number, typeset_text};
use crate::results::Problem;

/// What a claim turned out as, as plain data that the store remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The verdict's name, which is also the key of its interface word.
    pub verdict: String,
    /// Whether it is the expected one.
    pub as_expected: bool,
    /// The key of the interface words that say what decided.
    pub reason: String,
    /// What decided, for the terminal.
    pub explanation: String,
    /// The comparisons.
    pub parts: Vec<Comparison>,
}

/// One comparison of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    #[serde(with = "plain")]
    left: Value,
    #[serde(with = "plain")]
    right: Value,
    /// The interval of the difference.
    interval: Option<(f64, f64)>,
}

impl Decision {
    fn new(judged: Result<Judgement, Problem>) -> Self {
        let judgement = match judged {
            Ok(judgement) => judgement,
            Err(problem) => {
                let (verdict, reason) = ("undecided".to_owned(), "reason-invalid".to_owned());
                let explanation = problem.message;
                return Self { verdict, as_expected: false, reason, explanation, parts: Vec::new() };
            }
        };
        let comparison = |part: &claim::Part| Comparison {
            left: part.left.clone(),
            right: part.right.clone(),
            interval: part.interval,
        };
        Self {
            verdict: judgement.verdict.name().to_owned(),
            as_expected: judgement.as_expected,
            reason: reason_key(&judgement.part().reason).to_owned(),
            explanation: judgement.part().reason.to_string(),
            parts: judgement.parts.iter().map(comparison).collect(),
        }
    }
}

/// A value as JSON that keeps its kind.
mod plain {
    use octavo_plugin::{Named, Value};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Plain {
        Float(f64),
        Integer(String),
        Text(String),
        Bool(bool),
        Missing(String),
        Named(Named),
    }

    pub(super) fn serialize<S: Serializer>(value: &Value, serializer: S) -> Result<S::Ok, S::Error> {
        let plain = match value {
            Value::Float(float) => Plain::Float(*float),
            Value::Integer(integer) => Plain::Integer(integer.to_string()),
            Value::Text(text) => Plain::Text(text.clone()),
            Value::Bool(truth) => Plain::Bool(*truth),
            Value::Missing(reason) => Plain::Missing(reason.clone()),
            Value::Named(named) => Plain::Named(*named),
        };
        plain.serialize(serializer)
    }

    pub(super) fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Value, D::Error> {
        Ok(match Plain::deserialize(deserializer)? {
            Plain::Float(float) => Value::Float(float),
            Plain::Integer(digits) => Value::Integer(digits.parse().map_err(de::Error::custom)?),
            Plain::Text(text) => Value::Text(text),
            Plain::Bool(truth) => Value::Bool(truth),
            Plain::Missing(reason) => Value::Missing(reason),
            Plain::Named(named) => Value::Named(named),
        })
    }
}

/// A claim with its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The experiment's id.
    pub experiment: String,
    /// The claim's name.
    pub name: String,
    /// What it turned out as.
    pub decision: Decision,
    /// What was expected.
    pub expect: Expect,
}

impl Judged {
    /// The key of the verdict's interface word.
    pub fn verdict(&self) -> &str {
        &self.decision.verdict
    }

    /// Whether it turned out as expected.
    pub fn as_expected(&self) -> bool {
        self.decision.as_expected
    }
}

/// Judges every claim, in the order of experiments and definitions, or finds the verdict in the store.
pub fn judge_all(material: &Material<'_>) -> BTreeMap<(String, String), Judged> {
    let all: Vec<_> = material
        .experiments
        .values()
        .flat_map(|experiment| {
            experiment.manifest.claims.iter().map(move |(name, claim)| (experiment, name, claim))
        })
        .collect();
    all.into_par_iter()
        .map(|(experiment, name, definition)| {
            let judged = Judged {
                experiment: experiment.id.clone(),
                name: name.clone(),
                decision: decide(material, experiment, definition),
                expect: definition.expect,
            };
            ((experiment.id.clone(), name.clone()), judged)
        })
        .collect()
}

fn decide(material: &Material<'_>, experiment: &Experiment, definition: &Claim) -> Decision {
    let related = &material.related[&experiment.id];
    let values = &experiment.manifest.values;
    let mut hasher = ContentHasher::new("octavo verdict");
    hasher.add(&material.program).add(&related.digest).number(related.results.failed as u64);
    let key = hasher.add(&json!({ "claim": definition, "values": values })).finish();
    let remembered = material.store.lookup(&key).ok().flatten();
    if let Some(decision) = remembered.and_then(|record| serde_json::from_value(record.meta).ok()) {
        return decision;
    }
    let decision = Decision::new(claim::judge(&related.results, values, definition));
    let meta = serde_json::to_value(&decision).expect("a decision is plain data");
    // A verdict that cannot be remembered is found again next time.
    let _ = cache::remember(material.store, key, &[], meta);
    decision
}

/// The numbers behind a verdict, in a language: name and value.
pub fn lines(judged: &Judged, locale: &Locale) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    if judged.decision.parts.is_empty() {
        lines.push((locale.word("failed").to_owned(), judged.decision.explanation.clone()));
    }
    for part in &judged.decision.parts {
        let [left, right] = [&part.left, &part.right].map(|value| shown(value, locale));
        lines.push((locale.word("measured").to_owned(), format!("{left} · {right}")));
        if let Some((low, high)) = part.interval {
            let [low, high] = [low, high].map(|bound| shown(&Value::from(bound), locale));
            lines.push((locale.word("interval").to_owned(), format!("[{low} ; {high}]")));
        }
    }
    lines
}

/// One line on what decided.
pub fn short(judged: &Judged, locale: &Locale) -> String {
    typeset_text(locale.word(&judged.decision.reason), locale)
}

fn reason_key(reason: &claim::Reason) -> &'static str {
    use crate::results::Method;
    use claim::Reason;
    match reason {
        Reason::Exact | Reason::Interval(Method::Exact) => "reason-exact",
        Reason::Interval(Method::Uncertainty) => "reason-uncertainty",
        Reason::Interval(Method::Student) => "reason-student",
        Reason::Interval(Method::Bootstrap) => "reason-bootstrap",
        Reason::Missing(_) => "reason-missing",
        Reason::TooFewReplicates { .. } => "reason-few",
        Reason::FailedTasks(_) => "reason-failed",
        Reason::NoInterval => "reason-no-interval",
        Reason::Invalid(_) => "reason-invalid",
    }
}

fn shown(value: &Value, locale: &Locale) -> String {
    format_number(value, Some("%.6g"), locale)
        .or_else(|_| format_number(value, None, locale))
        .unwrap_or_default()
}
