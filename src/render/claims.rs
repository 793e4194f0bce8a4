//! Verdicts of all claims.

use std::collections::BTreeMap;

use octavo_plugin::{Localized, Value};
use rayon::prelude::*;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::last_good::GoodClaim;
use super::{Material, memory};
use crate::claim::{self, Judgement};
use crate::definitions::Definitions;
use crate::experiment::Experiment;
use crate::locale::Locale;
use crate::manifest::{Claim, Expect};
use crate::number::apart;
use crate::prose::typeset_text;
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
    #[serde(with = "memory::plain")]
    left: Value,
    #[serde(with = "memory::plain")]
    right: Value,
    /// The interval of the difference.
    #[serde(with = "memory::interval")]
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
    /// Its text, per language.
    pub text: Localized,
    /// Its check.
    pub check: String,
    /// Why this is not today's verdict but the last one.
    pub stale: Option<String>,
}

impl Judged {
    /// The key of the verdict's interface word.
    pub fn verdict(&self) -> &str {
        &self.decision.verdict
    }

    /// Whether it turned out as expected, today.
    pub fn as_expected(&self) -> bool {
        self.decision.as_expected && self.stale.is_none()
    }

    /// Whether this is a verdict on today's results, none of which is missing since its task failed.
    pub fn is_good(&self) -> bool {
        self.stale.is_none() && self.decision.reason != FAILED
    }
}

/// Judges every claim, in the order of experiments and definitions, or finds the verdict in the store. The claims of an experiment
/// that is missing keep their last verdict.
pub fn judge_all(material: &Material<'_>) -> BTreeMap<(String, String), Judged> {
    let all: Vec<_> = material
        .experiments
        .values()
        .flat_map(|experiment| {
            experiment.manifest.claims.iter().map(move |(name, claim)| (experiment, name, claim))
        })
        .collect();
    let today = all
        .into_par_iter()
        .map(|(experiment, name, definition)| {
            let judged = Judged {
                experiment: experiment.id.clone(),
                name: name.clone(),
                decision: decide(material, experiment, name, definition),
                expect: definition.expect,
                text: definition.text.clone(),
                check: definition.check.clone(),
                stale: None,
            };
            ((experiment.id.clone(), name.clone()), judged)
        })
        .collect::<Vec<_>>();
    let last = material.last_good.claims.iter().filter_map(|((experiment, name), good)| {
        let stale = Some(material.unavailable.get(experiment)?.clone());
        let GoodClaim { text, check, decision, expect } = good.clone();
        let (experiment, name) = (experiment.clone(), name.clone());
        Some((
            (experiment.clone(), name.clone()),
            Judged { experiment, name, decision, expect, text, check, stale },
        ))
    });
    last.chain(today).collect()
}

/// The key of the words for a verdict that lacks results.
const FAILED: &str = "reason-failed";

fn decide(material: &Material<'_>, experiment: &Experiment, name: &str, definition: &Claim) -> Decision {
    let related = &material.related[&experiment.id];
    let Definitions { values, claims, .. } = &experiment.definitions;
    let asked = json!({ "claim": definition, "values": experiment.manifest.values });
    memory::recall(material, related, "octavo verdict", &asked, || {
        Decision::new(claim::judge(&related.results, values, &claims[name]))
    })
}

/// The numbers behind a verdict, in a language: name and value.
pub fn lines(judged: &Judged, locale: &Locale) -> Vec<(String, String)> {
    let mut lines = Vec::new();
    if judged.decision.parts.is_empty() {
        lines.push((locale.word("failed").to_owned(), judged.decision.explanation.clone()));
    }
    for part in &judged.decision.parts {
        let [left, right] = apart(&part.left, &part.right, locale);
        lines.push((locale.word("measured").to_owned(), format!("{left} · {right}")));
        // An exact comparison has nothing to be uncertain of.
        if let Some((low, high)) = part.interval.filter(|(low, high)| low < high) {
            let [low, high] = apart(&Value::from(low), &Value::from(high), locale);
            lines.push((
                locale.word("interval").to_owned(),
                format!("[{low}{} {high}]", locale.word("list-separator")),
            ));
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
        Reason::FailedTasks(_) => FAILED,
        Reason::NoInterval => "reason-no-interval",
        Reason::Invalid(_) => "reason-invalid",
    }
}
