//! Verdicts of all claims.

use std::collections::BTreeMap;

use octavo_plugin::Value;
use rayon::prelude::*;

use super::Material;
use crate::claim::{self, Judgement};
use crate::locale::Locale;
use crate::manifest::Expect;
use crate::prose::{format_number, typeset_text};

/// A claim with its verdict, or why it has none.
#[derive(Clone, Debug)]
pub struct Judged {
    /// The experiment's id.
    pub experiment: String,
    /// The claim's name.
    pub name: String,
    /// What it turned out as.
    pub judgement: Result<Judgement, String>,
    /// What was expected.
    pub expect: Expect,
}

impl Judged {
    /// The key of the verdict's interface word.
    pub fn verdict(&self) -> &'static str {
        self.judgement.as_ref().map_or("undecided", |judgement| judgement.verdict.name())
    }

    /// Whether it turned out as expected.
    pub fn as_expected(&self) -> bool {
        match &self.judgement {
            Ok(judgement) => judgement.as_expected,
            Err(_) => false,
        }
    }
}

/// Judges every claim, in the order of experiments and definitions.
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
            let related = &material.related[&experiment.id];
            let judgement = claim::judge(&related.results, &experiment.manifest.values, definition);
            let judged = Judged {
                experiment: experiment.id.clone(),
                name: name.clone(),
                judgement: judgement.map_err(|problem| problem.message),
                expect: definition.expect,
            };
            ((experiment.id.clone(), name.clone()), judged)
        })
        .collect()
}

/// The numbers behind a verdict, in a language: name and value.
pub fn lines(judged: &Judged, locale: &Locale) -> Vec<(String, String)> {
    let judgement = match &judged.judgement {
        Ok(judgement) => judgement,
        Err(message) => return vec![(locale.word("failed").to_owned(), message.clone())],
    };
    let mut lines = Vec::new();
    for part in &judgement.parts {
        let [left, right] = [&part.left, &part.right].map(|value| shown(value, locale));
        lines.push((locale.word("measured").to_owned(), format!("{left} · {right}")));
        if let Some((low, high)) = part.interval {
            let [low, high] = [low, high].map(|bound| shown(&Value::from(bound), locale));
            lines.push((locale.word("interval").to_owned(), format!("[{low} ; {high}]")));
        }
    }
    lines
}

/// One line on what decided: the deciding comparison's interval, or that it is exact.
pub fn short(judged: &Judged, locale: &Locale) -> String {
    let reason = match &judged.judgement {
        Ok(judgement) => reason_key(&judgement.part().reason),
        Err(_) => "reason-invalid",
    };
    typeset_text(locale.word(reason), locale)
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
