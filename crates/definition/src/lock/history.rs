//! `history.jsonl` beside `octavo.toml`: every time that somebody accepted other results than before, a line for each of them.

use std::sync::Arc;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::cause::Change;
use crate::diagnostic::Diagnostic;
use crate::ids::ExperimentId;
use crate::source::{Location, SourceFile};

/// The name of the file.
pub const HISTORY: &str = "history.jsonl";

/// What a result is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Item {
    /// A named value.
    Value,
    /// The verdict of a claim.
    Claim,
    /// An output of the analysis, over all tasks.
    Output,
}

/// A result that was accepted in place of another one.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Accepting {
    /// The day, such as `2026-11-30`, if whoever accepted it said so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub date: Option<String>,
    /// The experiment's id.
    pub experiment: ExperimentId,
    /// What it is.
    pub item: Item,
    /// Its name.
    pub name: String,
    /// What it was; null if it was not there.
    pub old: Json,
    /// What it is; null if it is not there any more.
    pub new: Json,
    /// Why, as far as the lock knew.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cause: Vec<Change>,
    /// Why, in the words of whoever accepted it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message: Option<String>,
}

impl Accepting {
    /// Its line, with its end.
    ///
    /// # Panics
    /// Never: every part can be written.
    pub fn line(&self) -> String {
        format!("{}\n", serde_json::to_string(self).expect("an entry is plain data"))
    }

    /// All lines of a history, in their order.
    ///
    /// # Errors
    /// The first line that is none.
    pub fn all(source: &Arc<SourceFile>) -> Result<Vec<Self>, Diagnostic> {
        let mut start = 0;
        let mut all = Vec::new();
        for line in source.text.split_inclusive('\n') {
            let span = start..start + line.trim_end().len();
            start += line.len();
            if line.trim().is_empty() {
                continue;
            }
            let read = serde_json::from_str(line).map_err(|error| {
                let place = Location { source: source.clone(), span };
                Diagnostic::error("bad-history", format!("the line is no entry of a history: {error}"))
                    .at(place)
                    .help("restore the file from version control; of a merge conflict keep the lines of both sides")
            });
            all.push(read?);
        }
        Ok(all)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::lock::CauseKind;

    #[test]
    fn what_is_written_is_read_again_and_a_bad_line_is_found() {
        let cause =
            Change { kind: CauseKind::Parameter, name: "folds".into(), old: Some("1".into()), new: None };
        let one = Accepting {
            date: Some("2026-11-30".to_owned()),
            experiment: ExperimentId::like("a-b"),
            item: Item::Value,
            name: "rate".to_owned(),
            old: Json::from(0.1),
            new: Json::Null,
            cause: vec![cause],
            message: None,
        };
        let other = Accepting { date: None, cause: Vec::new(), message: Some("why".into()), ..one.clone() };
        let text = format!("{}\n{}", one.line(), other.line());
        let read = |text: &str| Accepting::all(&SourceFile::new(HISTORY, text));
        assert_eq!(read(&text), Ok(vec![one, other]));
        let problem = read(&format!("{text}<<<<<<< ours\n")).unwrap_err();
        let place = problem.location.unwrap();
        assert_eq!((problem.code, place.source.line_column(place.span.start)), ("bad-history", (4, 1)));
    }
}
