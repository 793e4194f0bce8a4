//! Conditions on columns: `where = { stage = "pre", layer = ">=3" }`.

use indexmap::IndexMap;
use num_bigint::BigInt;
use octavo_plugin::figure::Where;
use octavo_plugin::value::Named;
use octavo_plugin::{ColumnSchema, ColumnType, Value};
use serde_json::Value as Json;

use super::Problem;
use crate::expr::{Comparison, compare, equal};
use crate::relation::Relation;
use octavo_definition::diagnostic::nearest;

/// One condition on a cell.
#[derive(Clone, Debug, PartialEq)]
enum Test {
    Compare(Comparison, Value),
    /// Ends included.
    Range(Value, Value),
}

impl Test {
    /// A missing cell meets no condition.
    fn accepts(&self, cell: &Value) -> bool {
        match self {
            Self::Compare(Comparison::Equal, value) => equal(cell, value) == Some(true),
            Self::Compare(Comparison::NotEqual, value) => equal(cell, value) == Some(false),
            Self::Compare(comparison, value) => compare(cell, value).is_some_and(|order| match comparison {
                Comparison::Less => order.is_lt(),
                Comparison::AtMost => order.is_le(),
                Comparison::Greater => order.is_gt(),
                _ => order.is_ge(),
            }),
            Self::Range(low, high) => {
                compare(cell, low).is_some_and(|order| order.is_ge())
                    && compare(cell, high).is_some_and(|order| order.is_le())
            }
        }
    }
}

/// The rows that meet all conditions, in their order.
///
/// # Errors
/// The first unknown column, with the nearest names, or condition that does not fit its column. The path is within the
/// selection.
pub fn select(relation: &Relation, selection: &Where) -> Result<Relation, Problem> {
    if selection.is_empty() {
        return Ok(relation.clone());
    }
    Ok(relation.take(&rows(relation, selection)?))
}

/// The indices of the rows that meet all conditions.
pub(super) fn rows(relation: &Relation, selection: &Where) -> Result<Vec<usize>, Problem> {
    let columns = relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect();
    let mut problems = Vec::new();
    let tests = tests(&columns, selection, &mut problems);
    if !problems.is_empty() {
        return Err(problems.remove(0));
    }
    let accepts = |row: &usize| {
        tests.iter().all(|(name, any)| {
            let cell = relation.value(name, *row).expect("the column was found above");
            any.iter().any(|test| test.accepts(&cell))
        })
    };
    Ok((0..relation.rows).filter(accepts).collect())
}

/// Whether a value meets a condition on the column of this name. A condition that does not fit the value's type is told
/// elsewhere, and is met.
pub fn admits(name: &str, condition: &Json, value: &Value) -> bool {
    let kind = match value {
        Value::Integer(_) => ColumnType::Integer,
        Value::Float(_) | Value::Named(_) => ColumnType::Float,
        Value::Bool(_) => ColumnType::Bool,
        Value::Text(_) | Value::Missing(_) => ColumnType::Text,
    };
    let one = |json: &Json| test(kind, name, json).map_or(true, |test| test.accepts(value));
    json_list(condition).map_or_else(|| one(condition), |items| items.iter().any(one))
}

/// Every problem of a selection, with paths within it.
pub(super) fn check(columns: &IndexMap<String, ColumnSchema>, selection: &Where) -> Vec<Problem> {
    let mut problems = Vec::new();
    tests(columns, selection, &mut problems);
    problems
}

/// For each condition its column and tests, one of which must accept.
fn tests<'a>(
    columns: &IndexMap<String, ColumnSchema>,
    selection: &'a Where,
    problems: &mut Vec<Problem>,
) -> Vec<(&'a str, Vec<Test>)> {
    let mut all = Vec::new();
    for (name, condition) in selection {
        let Some(column) = columns.get(name) else {
            let known = columns.keys().map(String::as_str);
            let problem = Problem::new("unknown-column", format!("there is no column `{name}`"));
            problems.push(problem.help(nearest(name, known)).under(&[name]));
            continue;
        };
        let one = |json: &Json| test(column.kind, name, json);
        let found: Vec<Result<Test, Problem>> = match json_list(condition) {
            Some(items) => items
                .iter()
                .enumerate()
                .map(|(index, item)| one(item).map_err(|problem| problem.under(&[name, &index.to_string()])))
                .collect(),
            None => vec![one(condition).map_err(|problem| problem.under(&[name]))],
        };
        let mut accepted = Vec::new();
        for test in found {
            match test {
                Ok(test) => accepted.push(test),
                Err(problem) => problems.push(problem),
            }
        }
        all.push((name.as_str(), accepted));
    }
    all
}

fn json_list(json: &Json) -> Option<&Vec<Json>> {
    match json {
        Json::Array(items) => Some(items),
        _ => None,
    }
}

fn test(kind: ColumnType, name: &str, json: &Json) -> Result<Test, Problem> {
    let number = matches!(kind, ColumnType::Float | ColumnType::Integer);
    match json {
        Json::Number(_) if number => {
            let text = json.to_string();
            let value = number_of(&text).ok_or_else(|| unfit(kind, name, json))?;
            Ok(Test::Compare(Comparison::Equal, value))
        }
        Json::Bool(truth) if kind == ColumnType::Bool => {
            Ok(Test::Compare(Comparison::Equal, (*truth).into()))
        }
        Json::String(text) if number => numeric(text).ok_or_else(|| unfit(kind, name, json)),
        Json::String(text) if kind == ColumnType::Text => Ok(textual(text)),
        _ => Err(unfit(kind, name, json)),
    }
}

fn unfit(kind: ColumnType, name: &str, json: &Json) -> Problem {
    let help = match kind {
        ColumnType::Text => "write a text, `\"!=text\"` or a list of these",
        ColumnType::Bool => "write `true` or `false`",
        _ => "write a number, a comparison such as `\">=3\"`, a range such as `\"3..10\"` or a list of these",
    };
    let message = format!("`{json}` is no condition on `{name}`, which is of type {kind}");
    Problem::new("condition", message).help(Some(help))
}

fn textual(text: &str) -> Test {
    let (comparison, rest) = match (text.strip_prefix("!="), text.strip_prefix("==")) {
        (Some(rest), _) => (Comparison::NotEqual, rest),
        (None, Some(rest)) => (Comparison::Equal, rest),
        (None, None) => (Comparison::Equal, text),
    };
    Test::Compare(comparison, rest.into())
}

fn numeric(text: &str) -> Option<Test> {
    const OPERATORS: [(&str, Comparison); 6] = [
        ("<=", Comparison::AtMost),
        (">=", Comparison::AtLeast),
        ("==", Comparison::Equal),
        ("!=", Comparison::NotEqual),
        ("<", Comparison::Less),
        (">", Comparison::Greater),
    ];
    let text = text.trim();
    for (operator, comparison) in OPERATORS {
        if let Some(rest) = text.strip_prefix(operator) {
            return Some(Test::Compare(comparison, number_of(rest)?));
        }
    }
    match text.split_once("..") {
        Some((low, high)) => Some(Test::Range(number_of(low)?, number_of(high)?)),
        None => Some(Test::Compare(Comparison::Equal, number_of(text)?)),
    }
}

fn number_of(text: &str) -> Option<Value> {
    let text = text.trim();
    match text {
        "infinity" => return Some(Value::Named(Named::Infinity)),
        "-infinity" => return Some(Value::Named(Named::NegativeInfinity)),
        _ => {}
    }
    if let Ok(integer) = text.parse::<BigInt>() {
        return Some(Value::Integer(integer));
    }
    let plain = text.starts_with(|c: char| c.is_ascii_digit() || c == '-' || c == '+');
    text.parse::<f64>().ok().filter(|x| plain && x.is_finite()).map(Value::Float)
}
