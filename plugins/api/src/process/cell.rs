//! A single value in a message.

use num_bigint::BigInt;
use serde_json::{Value as Json, json};

use crate::delimited::{self, Number, TextForm};
use crate::output::ColumnType;
use crate::value::{Named, Value};

/// The value as a message has it.
pub fn cell_to_json(value: &Value) -> Json {
    match value {
        Value::Missing(reason) if reason.is_empty() => Json::Null,
        Value::Missing(reason) => json!({ "missing": reason }),
        Value::Named(named) => json!({ "named": named.name() }),
        plain => plain.to_json(),
    }
}

/// The value of a cell of this type.
pub(super) fn cell(kind: ColumnType, json: &Json) -> Result<Value, String> {
    match (kind, json) {
        (_, Json::Null) => Ok(Value::Missing(String::new())),
        (_, Json::Object(object)) => match (object.get("missing"), object.get("named")) {
            (Some(Json::String(reason)), _) => Ok(Value::Missing(cut(reason))),
            (None, Some(Json::String(name))) => named(name).ok_or_else(|| {
                format!("there is no named value `{name}`; they are `infinity` and `-infinity`")
            }),
            _ => Err(wrong(kind, json)),
        },
        (ColumnType::Float, Json::Number(number)) => {
            number.as_f64().map(Value::Float).ok_or_else(|| wrong(kind, json))
        }
        (ColumnType::Integer, Json::Number(number)) => match (number.as_i64(), number.as_u64()) {
            (Some(integer), _) => Ok(integer.into()),
            (None, Some(integer)) => Ok(integer.into()),
            (None, None) => Err(wrong(kind, json)),
        },
        (ColumnType::Integer, Json::String(digits)) => {
            integer(digits).map(Value::Integer).ok_or_else(|| wrong(kind, json))
        }
        (ColumnType::Text, Json::String(text)) => Ok(Value::Text(text.clone())),
        (ColumnType::Bool, Json::Bool(truth)) => Ok(Value::Bool(*truth)),
        _ => Err(wrong(kind, json)),
    }
}

/// Most characters of a reason: it stands in cells and messages.
const REASON: usize = 500;

/// A reason that fits in a cell.
fn cut(reason: &str) -> String {
    match reason.char_indices().nth(REASON) {
        Some((end, _)) => format!("{}...", &reason[..end]),
        None => reason.to_owned(),
    }
}

/// The value of a cell of a CSV file of this form; `None` if it is of another type.
pub(super) fn text_cell(kind: ColumnType, text: &str, form: &TextForm) -> Option<Value> {
    let missing = || Some(Value::Missing(String::new()));
    match kind {
        _ if form.is_missing(text) => missing(),
        ColumnType::Text => Some(Value::Text(text.to_owned())),
        _ if text.is_empty() => missing(),
        ColumnType::Bool => text.parse().ok().map(Value::Bool),
        ColumnType::Float | ColumnType::Integer => match (kind, delimited::number(text, form)) {
            (ColumnType::Integer, Some(Number::Finite(_)) | None) => {
                delimited::integer(text, form)?.parse().ok().map(Value::Integer)
            }
            (_, Some(Number::Finite(value))) => Some(Value::Float(value)),
            (_, Some(Number::Missing)) => missing(),
            (_, Some(Number::Infinite { negative: false })) => Some(Value::Named(Named::Infinity)),
            (_, Some(Number::Infinite { negative: true })) => Some(Value::Named(Named::NegativeInfinity)),
            (_, None) => None,
        },
    }
}

/// A cell of a CSV file; `None` if it can only be an exception.
pub(super) fn cell_to_text(value: &Value) -> Option<String> {
    match value {
        Value::Float(float) => serde_json::Number::from_f64(*float).map(|number| number.to_string()),
        Value::Missing(_) => None,
        other => Some(other.to_string()),
    }
}

fn named(name: &str) -> Option<Value> {
    match name {
        "infinity" => Some(Value::Named(Named::Infinity)),
        "-infinity" => Some(Value::Named(Named::NegativeInfinity)),
        _ => None,
    }
}

fn integer(digits: &str) -> Option<BigInt> {
    let body = digits.strip_prefix('-').unwrap_or(digits);
    (!body.is_empty() && body.bytes().all(|byte| byte.is_ascii_digit()))
        .then(|| digits.parse().ok())
        .flatten()
}

fn wrong(kind: ColumnType, json: &Json) -> String {
    let shown: String = json.to_string().chars().take(60).collect();
    let help = match (kind, json) {
        (ColumnType::Integer, Json::Number(_)) => "; a large integer is a decimal string",
        _ => "",
    };
    format!("`{shown}` is no {kind}{help}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_reason_without_end_is_cut() {
        let reason = |text: &str| match cell(ColumnType::Float, &json!({ "missing": text })).unwrap() {
            Value::Missing(reason) => reason,
            other => panic!("{other:?}"),
        };
        assert_eq!(reason("no wind"), "no wind");
        assert_eq!(reason(&"é".repeat(500)), "é".repeat(500));
        assert_eq!(reason(&"é".repeat(1 << 20)), format!("{}...", "é".repeat(500)));
    }
}
