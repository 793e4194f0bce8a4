//! Words of a project with what they mean: `glossary.toml`.

use std::collections::BTreeMap;

use octavo_plugin::schema::Schema;
use octavo_plugin::value::Localized;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::check;
use crate::diagnostic::{Diagnostic, has_errors};
use crate::source::SourceFile;
use crate::toml_tree::{self, Node};

/// The name of the file, beside `octavo.toml`.
pub const FILE: &str = "glossary.toml";

/// The words of a project.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Glossary {
    /// The title of their page, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub title: Localized,
    /// What stands above them, per language.
    #[serde(default, skip_serializing_if = "Localized::is_none")]
    pub summary: Localized,
    /// The words by the names that pages call them by, such as `linear-region`.
    #[serde(default)]
    pub term: BTreeMap<String, Term>,
}

/// A word.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Term {
    /// The word as it is listed, per language.
    pub word: Localized,
    /// Further forms that stand for it on pages, such as its plural, by language.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub also: BTreeMap<String, Vec<String>>,
    /// Whether pages lead here only by `[words](term:NAME)`, since the word means other things, too.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub explicit: bool,
    /// What it means, in a sentence or two, per language.
    pub definition: Localized,
}

impl Term {
    /// The word and its further forms in a language.
    pub fn forms(&self, language: &str) -> impl Iterator<Item = &str> {
        let further = self.also.get(language).into_iter().flatten();
        self.word.get(language).into_iter().chain(further.map(String::as_str))
    }
}

/// What the file may hold.
pub fn schema() -> Schema {
    Schema::of::<Glossary>()
}

impl Glossary {
    /// Reads the file, with its tree for places in messages; nothing if it is wrong.
    pub fn read(source: &std::sync::Arc<SourceFile>, problems: &mut Vec<Diagnostic>) -> Option<(Self, Node)> {
        let (node, found) = toml_tree::parse(source);
        if has_errors(&found) {
            problems.extend(found);
            return None;
        }
        let (json, report) = check::check(&node, &schema(), "the glossary");
        let failed = has_errors(&report.diagnostics);
        problems.extend(report.diagnostics);
        if failed {
            return None;
        }
        let all: Self = serde_json::from_value(json).expect("the checker accepted it");
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        for name in all.term.keys().filter(|name| name.is_empty() || !name.chars().all(plain)) {
            let message = format!("`{name}` is no name of a term");
            let problem = Diagnostic::error("glossary", message).at(node.place_of(&["term", name]));
            problems.push(problem.help("use small letters, digits and `-`: it is a part of an address"));
        }
        Some((all, node))
    }
}
