//! Parameters in messages: held against the schema, completed, and with integers as doubles can hold them.

use crate::counted;
use serde_json::{Map, Value as Json};

use crate::schema::{Schema, SchemaKind};

/// Beyond this a whole number is a decimal string.
const LARGEST: u64 = 1 << 53;

/// The parameters as a message has them.
pub fn to_message(params: &Json) -> Json {
    match params {
        Json::Number(number) => {
            let size = number.as_i64().map(i64::unsigned_abs).or_else(|| number.as_u64());
            match size {
                Some(size) if size > LARGEST => number.to_string().into(),
                _ => params.clone(),
            }
        }
        Json::Array(items) => items.iter().map(to_message).collect(),
        Json::Object(object) => {
            object.iter().map(|(key, value)| (key.clone(), to_message(value))).collect::<Map<_, _>>().into()
        }
        other => other.clone(),
    }
}

/// The parameters with every default filled in, every float a float, and decimal strings as whole numbers where the schema
/// says so.
///
/// # Errors
/// A sentence that names the parameter that does not fit.
pub fn conform(params: &Json, schema: &Schema) -> Result<Json, String> {
    conform_at(params, schema, "")
}

/// The same for the value of the parameter at this dotted path.
///
/// # Errors
/// As [`conform`].
pub fn conform_at(value: &Json, schema: &Schema, path: &str) -> Result<Json, String> {
    fit(value, schema, path)
}

/// The shape that is needed, with its bounds.
fn needed(schema: &Schema) -> String {
    let bounds = match &schema.kind {
        SchemaKind::Integer(bounds) | SchemaKind::Number(bounds) => bounds.describe(),
        SchemaKind::List { min, max, .. } => match (min, max) {
            (0, None) => None,
            (min, None) => Some(format!("{} or more", counted(*min, "item"))),
            (min, Some(max)) if min == max => Some(counted(*max, "item")),
            (min, Some(max)) => Some(format!("{min} to {max} items")),
        },
        _ => None,
    };
    bounds.map_or_else(|| schema.type_name(), |bounds| format!("{}, {bounds},", schema.type_name()))
}

fn fit(json: &Json, schema: &Schema, path: &str) -> Result<Json, String> {
    let wrong = || {
        let name = if path.is_empty() { "it".to_owned() } else { format!("`{path}`") };
        let shown: String = json.to_string().chars().take(60).collect();
        Err(format!("{name} is `{shown}`, and {} is needed", needed(schema)))
    };
    match (&schema.kind, json) {
        (SchemaKind::Any, _) | (SchemaKind::Bool, Json::Bool(_)) | (SchemaKind::Text, Json::String(_)) => {
            Ok(json.clone())
        }
        (SchemaKind::Choice(words), Json::String(text)) if words.iter().any(|(word, _)| word == text) => {
            Ok(json.clone())
        }
        (SchemaKind::Integer(bounds), _) => match integer(json) {
            Some(number) if number.as_f64().is_some_and(|value| bounds.contain(value)) => Ok(number),
            _ => wrong(),
        },
        (SchemaKind::Number(bounds), Json::Number(number)) => match number.as_f64() {
            Some(float) if bounds.contain(float) => Ok(float.into()),
            _ => wrong(),
        },
        (SchemaKind::List { item, min, max }, Json::Array(items))
            if items.len() >= *min && max.is_none_or(|max| items.len() <= max) =>
        {
            items
                .iter()
                .enumerate()
                .map(|(index, json)| fit(json, item, &join(path, &index.to_string())))
                .collect()
        }
        (SchemaKind::Map(item), Json::Object(object)) => {
            let entry = |(key, json): (&String, &Json)| Ok((key.clone(), fit(json, item, &join(path, key))?));
            object.iter().map(entry).collect::<Result<Map<_, _>, String>>().map(Into::into)
        }
        (SchemaKind::Record(_), Json::Object(object)) => record(object, schema, path),
        (SchemaKind::OneOf(shapes), _) => {
            shapes.iter().find_map(|shape| fit(json, shape, path).ok()).map_or_else(wrong, Ok)
        }
        _ => wrong(),
    }
}

fn record(object: &Map<String, Json>, schema: &Schema, path: &str) -> Result<Json, String> {
    let mut filled = Map::new();
    for (key, field) in schema.fields() {
        let path = join(path, key);
        match (object.get(key), &field.default) {
            // A parameter without a default that was not given is absent or null.
            (Some(Json::Null), None) if !field.required => drop(filled.insert(key.clone(), Json::Null)),
            (Some(json), _) | (None, Some(json)) => {
                filled.insert(key.clone(), fit(json, &field.schema, &path)?);
            }
            (None, None) if field.required => return Err(format!("`{path}` is missing")),
            (None, None) => {}
        }
    }
    match object.keys().find(|key| !schema.fields().any(|(name, _)| name == *key)) {
        Some(key) => Err(format!("`{}` is no parameter", join(path, key))),
        None => Ok(filled.into()),
    }
}

fn integer(json: &Json) -> Option<Json> {
    match json {
        Json::Number(number) if number.is_i64() || number.is_u64() => Some(json.clone()),
        Json::String(text) => {
            text.parse::<i64>().map(Json::from).or_else(|_| text.parse::<u64>().map(Json::from)).ok()
        }
        _ => None,
    }
}

fn join(path: &str, key: &str) -> String {
    if path.is_empty() { key.to_owned() } else { format!("{path}.{key}") }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn schema() -> Schema {
        Schema::parse(&json!({"type": "object", "required": ["r"], "properties": {
            "n": {"type": "integer", "default": 2, "minimum": 0},
            "x": {"type": "number", "default": 1, "exclusiveMinimum": 0},
            "r": {"type": "string"},
            "o": {"type": ["string", "null"]},
            "part": {"type": "object", "properties": {"y": {"type": "number", "default": 0.5}}, "default": {}},
        }}))
        .unwrap()
    }

    #[test]
    fn defaults_are_filled_in_and_numbers_have_their_type() {
        let full = conform(&json!({"r": "a", "n": "9007199254740993"}), &schema()).unwrap();
        assert_eq!(full.to_string(), r#"{"n":9007199254740993,"x":1.0,"r":"a","part":{"y":0.5}}"#);
        assert_eq!(conform(&full, &schema()), Ok(full.clone()));
        assert_eq!(to_message(&full)["n"], json!("9007199254740993"));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        for (params, expected) in [
            (json!({}), "`r` is missing"),
            (json!({"r": 1}), "`r` is `1`, and text is needed"),
            (json!({"r": "", "n": 1.5}), "`n` is `1.5`, and a whole number, at least 0, is needed"),
            (json!({"r": "", "x": 0}), "`x` is `0`, and a number, above 0, is needed"),
            (json!({"r": "", "z": 0}), "`z` is no parameter"),
            (json!({"r": "", "part": {"y": []}}), "`part.y` is `[]`"),
        ] {
            let message = conform(&params, &schema()).unwrap_err();
            assert!(message.contains(expected), "{message}");
        }
    }
}
