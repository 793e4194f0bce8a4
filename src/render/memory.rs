//! What was found from results before is remembered in the store by their digest.

use std::convert::Infallible;

use serde::Serialize;
use serde::de::DeserializeOwned;
use serde_json::{Value as Json, json};

use octavo_plugin::{ContentHasher, Digest};

use super::Material;
use crate::relate::Related;

/// The answer to a question about results: found in the store, or computed and stored. `kind` keeps questions of
/// different types apart.
pub(super) fn recall<T: Serialize + DeserializeOwned>(
    material: &Material<'_>,
    related: &Related,
    kind: &str,
    asked: &Json,
    compute: impl FnOnce() -> T,
) -> T {
    recall_key(material, related, kind, asked, compute).0
}

/// The same, with the key of the answer, if it is remembered.
pub(super) fn recall_key<T: Serialize + DeserializeOwned>(
    material: &Material<'_>,
    related: &Related,
    kind: &str,
    asked: &Json,
    compute: impl FnOnce() -> T,
) -> (T, Option<Digest>) {
    let mut hasher = ContentHasher::new(kind);
    hasher.add(&material.program).add(&related.digest);
    for failed in &related.results.failed {
        let point: Vec<_> = failed.point.iter().map(|(key, value)| json!([key, value.to_json()])).collect();
        hasher.add(&json!(point)).number(failed.replicate.into());
    }
    let key = hasher.add(asked).finish();
    let made = || Ok::<_, Infallible>((compute(), Vec::new()));
    match material.memo.get_or_make(&key, made) {
        Ok(answer) => (answer.data, answer.remembered.then_some(key)),
        Err(never) => match never {},
    }
}

/// A value as JSON that keeps its kind.
pub(super) mod plain {
    use octavo_plugin::{Named, Value};
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[derive(Serialize, Deserialize)]
    #[serde(rename_all = "lowercase")]
    enum Plain {
        Float(f64),
        Integer(String),
        Text(String),
        Bool(bool),
        Missing(String),
        Named(Named),
    }

    pub(in crate::render) fn serialize<S: Serializer>(
        value: &Value,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        let plain = match value {
            Value::Float(float) => Plain::Float(*float),
            Value::Integer(integer) => Plain::Integer(integer.to_string()),
            Value::Text(text) => Plain::Text(text.clone()),
            Value::Bool(truth) => Plain::Bool(*truth),
            Value::Missing(reason) => Plain::Missing(reason.clone()),
            Value::Named(named) => Plain::Named(*named),
        };
        plain.serialize(serializer)
    }

    pub(in crate::render) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Value, D::Error> {
        Ok(match Plain::deserialize(deserializer)? {
            Plain::Float(float) => Value::Float(float),
            Plain::Integer(digits) => Value::Integer(digits.parse().map_err(de::Error::custom)?),
            Plain::Text(text) => Value::Text(text),
            Plain::Bool(truth) => Value::Bool(truth),
            Plain::Missing(reason) => Value::Missing(reason),
            Plain::Named(named) => Value::Named(named),
        })
    }
}

/// The ends of an interval as JSON; numbers alone would lose infinite ends, which it has no word for.
pub(super) mod interval {
    use octavo_plugin::Value;
    use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

    #[derive(Serialize, Deserialize)]
    struct End(#[serde(with = "super::plain")] Value);

    pub(in crate::render) fn serialize<S: Serializer>(
        interval: &Option<(f64, f64)>,
        serializer: S,
    ) -> Result<S::Ok, S::Error> {
        interval.map(|(low, high)| (End(low.into()), End(high.into()))).serialize(serializer)
    }

    pub(in crate::render) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Option<(f64, f64)>, D::Error> {
        let end = |end: End| end.0.as_f64().ok_or_else(|| de::Error::custom("an end is no number"));
        let ends = Option::<(End, End)>::deserialize(deserializer)?;
        ends.map(|(low, high)| Ok((end(low)?, end(high)?))).transpose()
    }
}

#[cfg(test)]
mod tests {
    use serde::{Deserialize, Serialize};

    /// An interval as it is remembered.
    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    struct Kept(#[serde(with = "super::interval")] Option<(f64, f64)>);

    #[test]
    fn intervals_come_back_with_infinite_ends_too() {
        for interval in [None, Some((-0.5, 1.0 / 3.0)), Some((f64::NEG_INFINITY, f64::INFINITY))] {
            let json = serde_json::to_string(&Kept(interval)).unwrap();
            assert_eq!(serde_json::from_str::<Kept>(&json).unwrap(), Kept(interval), "{json}");
        }
    }
}
