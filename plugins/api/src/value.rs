//! Values of results: what a scalar or a cell of a table may be.

use std::collections::BTreeMap;
use std::fmt;

use num_bigint::BigInt;
use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// A value that is no finite number but has a name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Named {
    /// Larger than every number, for example KL divergence without absolute continuity.
    Infinity,
    /// Smaller than every number.
    NegativeInfinity,
}

impl Named {
    /// The name that results, JSON and expressions use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Infinity => "infinity",
            Self::NegativeInfinity => "-infinity",
        }
    }
}

/// One value of a result. A float is finite; anything else has a case of its own.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    /// A finite float. NaN and infinity are refused where artifacts are checked.
    Float(f64),
    /// An integer of any size: 2^1000 is an ordinary result.
    Integer(BigInt),
    /// Text.
    Text(String),
    /// Yes or no.
    Bool(bool),
    /// No value, and why.
    Missing(String),
    /// A value with a name, such as infinity.
    Named(Named),
}

impl Value {
    /// A float, or the named infinity; NaN is missing.
    pub fn from_f64(value: f64) -> Self {
        if value.is_finite() {
            Self::Float(value)
        } else if value.is_nan() {
            Self::Missing("not a number".to_owned())
        } else if value > 0.0 {
            Self::Named(Named::Infinity)
        } else {
            Self::Named(Named::NegativeInfinity)
        }
    }

    /// The value if there is one, and else why there is none.
    pub fn or_missing(value: Option<impl Into<Self>>, reason: &str) -> Self {
        value.map_or_else(|| Self::Missing(reason.to_owned()), Into::into)
    }

    /// The value as a float, infinities included; `None` for text, truth values and missing values. Integers beyond
    /// 2^53 are rounded, beyond the range of floats they are infinite.
    pub fn as_f64(&self) -> Option<f64> {
        match self {
            Self::Float(value) => Some(*value),
            Self::Integer(value) => num_traits::ToPrimitive::to_f64(value),
            Self::Named(Named::Infinity) => Some(f64::INFINITY),
            Self::Named(Named::NegativeInfinity) => Some(f64::NEG_INFINITY),
            Self::Text(_) | Self::Bool(_) | Self::Missing(_) => None,
        }
    }

    /// The value for other programs: floats round-trip, integers beyond 2^53 are decimal strings, a named value is its
    /// name, a missing one is null.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Float(value) => {
                serde_json::Number::from_f64(*value).map_or(serde_json::Value::Null, Into::into)
            }
            Self::Integer(value) => match i64::try_from(value) {
                Ok(small) if small.unsigned_abs() <= 1 << 53 => small.into(),
                _ => value.to_string().into(),
            },
            Self::Text(text) => text.clone().into(),
            Self::Bool(value) => (*value).into(),
            Self::Missing(_) => serde_json::Value::Null,
            Self::Named(named) => named.name().into(),
        }
    }
}

impl fmt::Display for Value {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Float(value) => write!(f, "{value}"),
            Self::Integer(value) => write!(f, "{value}"),
            Self::Text(text) => f.write_str(text),
            Self::Bool(value) => write!(f, "{value}"),
            Self::Missing(_) => Ok(()),
            Self::Named(named) => f.write_str(named.name()),
        }
    }
}

impl From<f64> for Value {
    fn from(value: f64) -> Self {
        Self::from_f64(value)
    }
}

impl From<bool> for Value {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl From<&str> for Value {
    fn from(value: &str) -> Self {
        Self::Text(value.to_owned())
    }
}

impl From<String> for Value {
    fn from(value: String) -> Self {
        Self::Text(value)
    }
}

macro_rules! from_integer {
    ($($ty:ty),*) => {$(
        impl From<$ty> for Value {
            fn from(value: $ty) -> Self {
                Self::Integer(BigInt::from(value))
            }
        }
    )*};
}
from_integer!(u8, u16, u32, u64, usize, i32, i64, u128, BigInt, num_bigint::BigUint);

/// A text in several languages (`title.en`, `title.fr`), or one text for all (`title = "..."`).
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum Localized {
    /// One text for every language.
    All(String),
    /// A text per language tag.
    Each(BTreeMap<String, String>),
    /// No text.
    #[default]
    #[schemars(skip)]
    None,
}

impl Localized {
    /// A text in English, which other languages may be added to.
    pub fn en(text: &str) -> Self {
        Self::Each(BTreeMap::from([("en".to_owned(), text.to_owned())]))
    }

    /// The same with a text in one more language. One text for all languages stays that.
    #[must_use]
    pub fn with(mut self, language: &str, text: &str) -> Self {
        if let Self::Each(texts) = &mut self {
            texts.insert(language.to_owned(), text.to_owned());
        }
        self
    }

    /// The text in this language, else the one for all languages, else the English one, else the first there is.
    pub fn get(&self, language: &str) -> Option<&str> {
        match self {
            Self::All(text) => Some(text),
            Self::Each(texts) => {
                let found = texts.get(language).or_else(|| texts.get("en")).or_else(|| texts.values().next());
                found.map(String::as_str)
            }
            Self::None => None,
        }
    }

    /// Whether this language has a text of its own or shares the one for all.
    pub fn covers(&self, language: &str) -> bool {
        match self {
            Self::All(_) => true,
            Self::Each(texts) => texts.contains_key(language),
            Self::None => false,
        }
    }

    /// Whether there is no text at all.
    pub fn is_none(&self) -> bool {
        matches!(self, Self::None)
    }
}

impl From<&str> for Localized {
    fn from(text: &str) -> Self {
        Self::All(text.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn json_keeps_what_a_double_would_lose() {
        let big = BigInt::from(1) << 1000_u32;
        assert_eq!(Value::from(big.clone()).to_json(), serde_json::json!(big.to_string()));
        assert_eq!(Value::from(1_u64 << 53).to_json(), serde_json::json!(9_007_199_254_740_992_u64));
        assert_eq!(Value::from((1_u64 << 53) + 1).to_json(), serde_json::json!("9007199254740993"));
        assert_eq!(Value::from(f64::INFINITY).to_json(), serde_json::json!("infinity"));
        assert_eq!(Value::from(0.1).to_json().to_string(), "0.1");
    }

    #[test]
    fn nan_is_missing_with_a_reason() {
        assert_eq!(Value::from(f64::NAN), Value::Missing("not a number".to_owned()));
    }
}
