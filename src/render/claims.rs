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
use crate::experiment::registration::{Fresh, Standing};
use crate::ids::ClaimRef;
use crate::locale::Locale;
use crate::manifest::{Claim, Expect};
use crate::prose::typeset_text;
use crate::results::Problem;

/// What a claim turned out as, as plain data that the store remembers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Decision {
    /// The verdict's name, which is also the key of its interface word.
    pub verdict: String,
    /// Whether it is the expected one.
    pub as_expected: bool,
    /// What decided.
    pub ground: Ground,
    /// What decided, for the terminal.
    pub explanation: String,
    /// The comparisons.
    pub parts: Vec<Comparison>,
}

/// What a verdict rests on, for a reader.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ground {
    /// The key of the interface words that say it.
    pub key: String,
    /// The level of the interval, in per cent.
    pub level: String,
    /// Number of replicates.
    pub replicates: usize,
}

/// One comparison of a claim.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// The comparison as written.
    pub(super) check: String,
    pub(super) verdict: String,
    pub(super) ground: Ground,
    #[serde(with = "memory::plain")]
    pub(super) left: Value,
    #[serde(with = "memory::plain")]
    pub(super) right: Value,
    pub(super) units: [String; 2],
    /// Left minus right.
    #[serde(with = "memory::plain")]
    pub(super) difference: Value,
    /// How far it may be from 0, for `within`.
    pub(super) tolerance: Option<f64>,
    /// The 95 % interval of the difference.
    #[serde(with = "memory::interval")]
    pub(super) interval: Option<(f64, f64)>,
    /// The one at the level of the verdict.
    #[serde(with = "memory::interval")]
    pub(super) decisive: Option<(f64, f64)>,
    /// Whether the replicates are so skewed that the level promises too much.
    pub(super) skewed: bool,
}

impl Decision {
    fn new(judged: Result<Judgement, Problem>, check: &str) -> Self {
        let judgement = match judged {
            Ok(judgement) => judgement,
            Err(problem) => {
                let ground = Ground { key: INVALID.to_owned(), level: String::new(), replicates: 0 };
                let (verdict, explanation) = ("undecided".to_owned(), problem.message);
                return Self { verdict, as_expected: false, ground, explanation, parts: Vec::new() };
            }
        };
        Self {
            verdict: judgement.verdict.name().to_owned(),
            as_expected: judgement.as_expected,
            ground: Ground::new(&judgement.part().reason),
            explanation: judgement.part().reason.to_string(),
            parts: judgement.parts.iter().map(|part| Comparison::new(part, check)).collect(),
        }
    }
}

impl Comparison {
    fn new(part: &claim::Part, check: &str) -> Self {
        Self {
            check: check.get(part.span.clone()).unwrap_or(check).to_owned(),
            verdict: part.verdict.name().to_owned(),
            ground: Ground::new(&part.reason),
            left: part.left.clone(),
            right: part.right.clone(),
            units: part.units.clone(),
            difference: part.difference.clone(),
            tolerance: part.tolerance,
            interval: part.interval,
            decisive: part.decisive,
            skewed: part.skewed,
        }
    }
}

impl Ground {
    fn new(reason: &claim::Reason) -> Self {
        let (level, replicates) = match reason {
            claim::Reason::Interval { level, replicates, .. } => {
                (claim::written_percent(*level), *replicates)
            }
            claim::Reason::TooFewReplicates { have, .. } => (String::new(), *have),
            _ => (String::new(), 0),
        };
        Self { key: reason_key(reason).to_owned(), level, replicates }
    }

    /// In a language.
    pub(super) fn words(&self, locale: &Locale) -> String {
        let (level, replicates) = (locale.number(&self.level), locale.number(&self.replicates.to_string()));
        let text = locale.fill(&self.key, &[("level", &level), ("replicates", &replicates)]);
        typeset_text(&text, locale)
    }
}

/// A claim with its verdict.
#[derive(Clone, Debug)]
pub struct Judged {
    /// Which one it is.
    pub claim: ClaimRef,
    /// What it turned out as.
    pub decision: Decision,
    /// What was expected.
    pub expect: Expect,
    /// Its text, per language.
    pub text: Localized,
    /// Its check.
    pub check: String,
    /// Whether it was registered before its data were seen.
    pub standing: Standing,
    /// Whether it came back on fresh replicates.
    pub fresh: Fresh,
    /// Why this is not today's verdict but the last one.
    pub stale: Option<String>,
}

impl Judged {
    /// The key of the verdict's interface word. What explores is never said to hold or to be refuted.
    pub fn verdict(&self) -> &str {
        if self.explores() { "exploratory" } else { &self.decision.verdict }
    }

    /// Whether an interval decides it, or could, and not an exact comparison or a statement about these runs alone.
    pub fn is_by_interval(&self) -> bool {
        let key = self.decision.ground.key.as_str();
        matches!(key, "reason-student" | "reason-jackknife" | "reason-share" | "reason-bounds")
    }

    /// Whether its data explore.
    pub fn explores(&self) -> bool {
        self.standing == Standing::Exploratory
    }

    /// Whether fresh replicates do not confirm it.
    pub fn is_fragile(&self) -> bool {
        self.fresh.is_fragile()
    }

    /// Whether it turned out as expected, today. What explores predicts nothing; what is fragile meets no expectation.
    pub fn as_expected(&self) -> bool {
        (self.decision.as_expected || self.explores()) && !self.is_fragile() && self.stale.is_none()
    }

    /// Whether this is a verdict on today's results, none of which is missing since its task failed.
    pub fn is_good(&self) -> bool {
        self.stale.is_none() && self.decision.ground.key != FAILED
    }
}

/// Judges every claim, in the order of experiments and definitions, or finds the verdict in the store. The claims of an experiment
/// that is missing keep their last verdict.
pub fn judge_all(material: &Material<'_>) -> BTreeMap<ClaimRef, Judged> {
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
            let decision = decide(material, experiment, name, definition);
            let claim = ClaimRef::new(&experiment.id, name);
            let judged = Judged {
                claim: claim.clone(),
                fresh: experiment.fresh(name, &decision.verdict),
                decision,
                expect: definition.expect,
                text: definition.text.clone(),
                check: definition.check.clone(),
                standing: experiment.standing(name),
                stale: None,
            };
            (claim, judged)
        })
        .collect::<Vec<_>>();
    let last = material.last_good.claims.iter().filter_map(|(claim, good)| {
        let stale = Some(material.unavailable.get(&claim.experiment)?.clone());
        let GoodClaim { text, check, decision, expect } = good.clone();
        Some((
            claim.clone(),
            Judged {
                claim: claim.clone(),
                decision,
                expect,
                text,
                check,
                standing: Standing::Certain,
                fresh: Fresh::NotAsked,
                stale,
            },
        ))
    });
    last.chain(today).collect()
}

/// The key of the words for a verdict that lacks results.
const FAILED: &str = "reason-failed";

/// The key of the words for a check that cannot be evaluated.
const INVALID: &str = "reason-invalid";

fn decide(material: &Material<'_>, experiment: &Experiment, name: &str, definition: &Claim) -> Decision {
    let related = &material.related[&experiment.id];
    let Definitions { values, claims, .. } = &experiment.definitions;
    let level = material.config.claims.level;
    let asked = json!({ "claim": definition, "values": experiment.manifest.values, "level": level });
    memory::recall(material, related, "octavo verdict", &asked, || {
        Decision::new(claim::judge(&related.results, values, &claims[name], level), &definition.check)
    })
}

/// One line on what decided, and on what it is worth: registration and replication.
pub fn short(judged: &Judged, locale: &Locale) -> Vec<String> {
    let registered = judged.standing.key().map(|key| match judged.standing {
        Standing::Registered { times } => locale.fill(key, &[("times", &times.to_string())]),
        _ => locale.word(key).to_owned(),
    });
    let fresh = judged.fresh.key();
    let fresh =
        fresh.map(|(key, count)| locale.fill(key, &[("replicates", &locale.number(&count.to_string()))]));
    let more = registered.into_iter().chain(fresh).map(|text| typeset_text(&text, locale));
    std::iter::once(judged.decision.ground.words(locale)).chain(more).collect()
}

fn reason_key(reason: &claim::Reason) -> &'static str {
    use crate::results::Method;
    use claim::Reason;
    match reason {
        Reason::Exact => "reason-exact",
        Reason::Interval { method, replicates, .. } => match method {
            Method::Exact => "reason-exact",
            Method::Uncertainty => "reason-uncertainty",
            Method::Student => "reason-student",
            Method::Jackknife => "reason-jackknife",
            Method::Share => "reason-share",
            Method::Bounds => "reason-bounds",
            Method::Agreement => "reason-agreement",
            Method::TheseRuns if *replicates == 1 => "reason-run",
            Method::TheseRuns => "reason-runs",
        },
        Reason::Missing(_) => "reason-missing",
        Reason::TooFewReplicates { .. } => "reason-few",
        Reason::FailedTasks(_) => FAILED,
        Reason::NoInterval(_) => "reason-no-interval",
        Reason::Invalid(_) => INVALID,
    }
}
