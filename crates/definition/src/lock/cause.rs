//! Why the results of an experiment were what they were when somebody accepted them.

use std::collections::BTreeMap;
use std::fmt;

use octavo_plugin::Digest;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::Value as Json;

use super::written::{self, quoted};

/// A longer text stands in a lock as its length and digest.
const LONGEST: usize = 100;

/// All that decides the results of an experiment, by name.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Cause {
    /// Analysis, revision, seed and other single facts.
    #[serde(flatten)]
    pub facts: BTreeMap<String, Fact>,
    /// The canonical parameters of the first point but for the swept ones, by their dotted path.
    pub params: BTreeMap<String, Fact>,
    /// The values of each axis of the sweep, by its dotted path.
    pub sweep: BTreeMap<String, Fact>,
    /// Digests of what is read, by the name that the definition has for it.
    pub inputs: BTreeMap<String, Fact>,
}

/// One fact.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Fact {
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Integer(i64),
    /// Another number.
    Float(f64),
    /// A text, or anything else as JSON.
    Text(String),
}

impl Fact {
    /// What stands for a value.
    pub fn of(json: &Json) -> Self {
        match json {
            Json::Bool(truth) => Self::Bool(*truth),
            Json::Number(number) if number.is_f64() => Self::Float(number.as_f64().unwrap_or(f64::NAN)),
            Json::Number(number) => {
                number.as_i64().map_or_else(|| Self::Text(number.to_string()), Self::Integer)
            }
            Json::String(text) => Self::short(text.clone()),
            other => Self::short(other.to_string()),
        }
    }

    fn short(text: String) -> Self {
        if text.len() <= LONGEST {
            return Self::Text(text);
        }
        Self::Text(format!("{} bytes, {}", text.len(), &Digest::of(text.as_bytes()).hex()[..32]))
    }

    fn text(&self) -> String {
        match self {
            Self::Float(number) => written::float(*number),
            Self::Text(text) => quoted(text),
            other => other.to_string(),
        }
    }
}

impl fmt::Display for Fact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Bool(truth) => write!(f, "{truth}"),
            Self::Integer(number) => write!(f, "{number}"),
            Self::Float(number) => write!(f, "{number}"),
            Self::Text(text) => f.write_str(text),
        }
    }
}

/// What kind of thing decides results.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum CauseKind {
    /// A parameter.
    Parameter,
    /// An axis of the sweep.
    Sweep,
    /// A file or a result that is read.
    Input,
    /// A fact of its own, such as the seed; its name says which.
    Fact,
}

/// Something that decides results and is not what it was.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Change {
    /// What kind of thing it is.
    pub kind: CauseKind,
    /// Its name: the dotted path of a parameter, the name of an input, or `analysis`, `revision`, `numerics`, `plugin`, `seed`, `replicates`,
    /// `seeding`, `profile`, `outputs`, `definitions` or `points`.
    pub name: String,
    /// What it was; null if it was not there.
    pub old: Option<String>,
    /// What it is; null if it is not there any more.
    pub new: Option<String>,
}

impl Change {
    /// The change of a fact, if it is one.
    pub fn of_fact(name: &str, old: &impl ToString, new: &impl ToString) -> Option<Self> {
        let (old, new) = (old.to_string(), new.to_string());
        (old != new).then(|| Self {
            kind: CauseKind::Fact,
            name: name.to_owned(),
            old: Some(old),
            new: Some(new),
        })
    }
}

impl fmt::Display for Change {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = match (self.kind, self.name.as_str()) {
            (CauseKind::Parameter, name) => name.to_owned(),
            (CauseKind::Sweep, name) => format!("sweep of {name}"),
            (CauseKind::Input, name) => return write!(f, "input `{name}` {}", self.verb("changed")),
            (CauseKind::Fact, "definitions") => {
                return f.write_str("tables, values or claims are defined otherwise");
            }
            (CauseKind::Fact, "points") => return f.write_str("parameters of other points changed"),
            (CauseKind::Fact, "plugin") => return f.write_str("files of the plugin changed"),
            (CauseKind::Fact, "revision") => "revision of the analysis".to_owned(),
            (CauseKind::Fact, "numerics") => "numerics revision of the program".to_owned(),
            (CauseKind::Fact, name) => name.to_owned(),
        };
        match (&self.old, &self.new) {
            (Some(old), Some(new)) => write!(f, "{name} {old} -> {new}"),
            (None, Some(new)) => write!(f, "{name} {new} is new"),
            (Some(old), None) => write!(f, "{name} {old} is gone"),
            (None, None) => f.write_str(&name),
        }
    }
}

impl Change {
    fn verb(&self, changed: &'static str) -> &'static str {
        match (&self.old, &self.new) {
            (None, _) => "is new",
            (_, None) => "is gone",
            _ => changed,
        }
    }
}

impl Cause {
    /// Its lines in a lock.
    pub(super) fn text(&self) -> String {
        let part = |heading: &str, facts: &BTreeMap<String, Fact>| {
            written::section(heading, facts.iter().map(|(name, fact)| (name.clone(), fact.text())))
        };
        part("cause", &self.facts)
            + &part("cause.params", &self.params)
            + &part("cause.sweep", &self.sweep)
            + &part("cause.inputs", &self.inputs)
    }

    /// In what another cause differs from this one. That parameters of other points changed is said only if nothing else is.
    pub fn changes(&self, now: &Self) -> Vec<Change> {
        let mut all = Vec::new();
        let parts = [
            (CauseKind::Parameter, &self.params, &now.params),
            (CauseKind::Sweep, &self.sweep, &now.sweep),
            (CauseKind::Input, &self.inputs, &now.inputs),
            (CauseKind::Fact, &self.facts, &now.facts),
        ];
        for (kind, old, new) in parts {
            let names: std::collections::BTreeSet<&String> = old.keys().chain(new.keys()).collect();
            for name in names {
                let (old, new) = (old.get(name), new.get(name));
                if old != new {
                    let shown = |fact: Option<&Fact>| fact.map(ToString::to_string);
                    all.push(Change { kind, name: name.clone(), old: shown(old), new: shown(new) });
                }
            }
        }
        if all.len() > 1 {
            all.retain(|change| change.name != "points" || change.kind != CauseKind::Fact);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn cause(facts: &[(&str, Json)], params: &[(&str, Json)], inputs: &[(&str, &str)]) -> Cause {
        let facts_of =
            |all: &[(&str, Json)]| all.iter().map(|(n, v)| ((*n).to_owned(), Fact::of(v))).collect();
        let inputs = inputs.iter().map(|(n, v)| ((*n).to_owned(), Fact::Text((*v).to_owned()))).collect();
        Cause { facts: facts_of(facts), params: facts_of(params), inputs, ..Cause::default() }
    }

    #[test]
    fn what_is_written_is_read_again() {
        let long: Vec<u32> = (0..100).collect();
        let one = cause(
            &[("seed", json!(u64::MAX)), ("analysis", json!("dragon")), ("revision", json!(4))],
            &[("a.b", json!(1e-9)), ("c", json!([1, 2])), ("d", json!(true)), ("e", json!(long))],
            &[("data/coast.csv", "ab")],
        );
        let text = one.text();
        #[derive(Deserialize)]
        struct Whole {
            cause: Cause,
        }
        assert_eq!(toml::from_str::<Whole>(&text).unwrap().cause, one, "{text}");
        assert!(text.lines().all(|line| line.len() < LONGEST + 20), "{text}");
        assert!(text.starts_with("\n[cause]\nanalysis = \"dragon\"\nrevision = 4\nseed = \""), "{text}");
    }

    #[test]
    fn changes_are_named() {
        let old = cause(
            &[("seed", json!(1)), ("points", json!("x"))],
            &[("folds", json!(10)), ("gone", json!(1))],
            &[("a.csv", "1")],
        );
        let new = cause(
            &[("seed", json!(2)), ("points", json!("y"))],
            &[("folds", json!(12)), ("new", json!("n"))],
            &[("a.csv", "2"), ("b.csv", "3")],
        );
        let said: Vec<String> = old.changes(&new).iter().map(ToString::to_string).collect();
        let expected = [
            "folds 10 -> 12",
            "gone 1 is gone",
            "new n is new",
            "input `a.csv` changed",
            "input `b.csv` is new",
            "seed 1 -> 2",
        ];
        assert_eq!(said, expected);
        assert_eq!(old.changes(&old), []);
        let points = Cause { facts: new.facts, ..Cause::default() };
        let before = Cause {
            facts: BTreeMap::from([
                ("points".to_owned(), Fact::Integer(1)),
                ("seed".to_owned(), Fact::Integer(2)),
            ]),
            ..Cause::default()
        };
        assert_eq!(before.changes(&points)[0].to_string(), "parameters of other points changed");
    }
}
