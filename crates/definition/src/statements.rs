//! Sentences of somebody's text, a lecture or a paper, that a project answers one by one: `statements.toml`.

use std::collections::BTreeSet;

use octavo_plugin::schema::Schema;
use octavo_plugin::value::Localized;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::source::SourceFile;
use crate::toml_tree::{self, Node};

/// The name of the file, beside `octavo.toml`.
pub const FILE: &str = "statements.toml";

/// The statements of a project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statements {
    /// The title of their page, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub title: Localized,
    /// What stands above them: whose sentences they are, and how they were chosen, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub summary: Localized,
    /// The statements in the order of their source.
    #[serde(default)]
    pub statement: Vec<Statement>,
}

/// A sentence that is to be answered.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Statement {
    /// What claims and pages call it, such as `31`.
    pub id: String,
    /// The sentence, per language.
    pub text: Localized,
    /// Where it comes from.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub source: Localized,
    /// Its place in the source, such as `§ 3` or `12:40`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// One line on why the answer is what it is, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub why: Localized,
    /// Why no computation can answer it, per language: an opinion, or history. It is then answered by text alone.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub text_only: Localized,
}

/// What the file may hold.
pub fn schema() -> Schema {
    Schema::of::<Statements>()
}

impl Statements {
    /// Reads the file, with its tree for places in messages; nothing if it is wrong.
    pub fn read(source: &std::sync::Arc<SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<(Self, Node)> {
        let (node, found) = toml_tree::parse(source);
        if has_errors(&found) {
            problems.extend(found);
            return None;
        }
        let (json, report) = check::check(&node, &schema(), "the statements");
        let failed = has_errors(&report.diagnostics);
        problems.extend(report.diagnostics);
        if failed {
            return None;
        }
        let all: Self = serde_json::from_value(json).expect("the checker accepted it");
        let mut seen = BTreeSet::new();
        for (index, one) in all.statement.iter().enumerate() {
            let wrong = if one.id.trim().is_empty() {
                Some("a statement needs an `id`".to_owned())
            } else {
                (!seen.insert(&one.id)).then(|| format!("the statement `{}` is there twice", one.id))
            };
            problems.extend(wrong.map(|message| {
                let place = node.place_of(&["statement", &index.to_string(), "id"]);
                Diagnostic::error("statement", message).at(place).help("give each statement an id of its own")
            }));
        }
        Some((all, node))
    }
}
