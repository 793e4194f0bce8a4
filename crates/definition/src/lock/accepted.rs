//! What was accepted as the results of an experiment.

use std::collections::BTreeMap;

use octavo_plugin::{Named, Value};
use serde::{Deserialize, Deserializer, de};

use super::written::{self, quoted};

/// The results of an experiment as somebody accepted them: what a later build is held against.
#[derive(Clone, Debug, Default, PartialEq, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Accepted {
    /// Verdicts by the names of claims.
    pub claims: BTreeMap<String, String>,
    /// A digest over all tasks, in their order, by the names of outputs: `scalars`, `tables/NAME`, `drawings/NAME`.
    pub outputs: BTreeMap<String, String>,
    /// Named values.
    pub values: BTreeMap<String, Quantity>,
}

/// A value, and how sure it was.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantity {
    /// The value.
    pub value: Value,
    /// Its interval, where it is compared by it.
    pub interval: Option<Interval>,
}

/// The 95 % interval of a value.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Interval {
    /// Its lower end.
    pub low: f64,
    /// Its upper end.
    pub high: f64,
    /// Over how many replicates it was found; 0 where none vary.
    pub replicates: u32,
}

impl Accepted {
    /// Reads what [`Accepted::text`] wrote under the heading `results`.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn parse(text: &str) -> Result<Self, toml::de::Error> {
        #[derive(Deserialize)]
        struct Whole {
            #[serde(default)]
            results: Accepted,
        }
        toml::from_str::<Whole>(text).map(|whole| whole.results)
    }

    /// Its lines in a lock.
    pub fn text(&self) -> String {
        let texts = |map: &BTreeMap<String, String>| -> Vec<(String, String)> {
            map.iter().map(|(name, text)| (name.clone(), quoted(text))).collect()
        };
        let values = self.values.iter().map(|(name, quantity)| (name.clone(), quantity.text()));
        written::section("results.claims", texts(&self.claims).into_iter())
            + &written::section("results.outputs", texts(&self.outputs).into_iter())
            + &written::section("results.values", values)
    }
}

impl From<Value> for Quantity {
    fn from(value: Value) -> Self {
        Self { value, interval: None }
    }
}

impl Quantity {
    /// As TOML.
    fn text(&self) -> String {
        let value = match &self.value {
            Value::Float(number) => written::float(*number),
            Value::Integer(number) => match i64::try_from(number) {
                Ok(small) => small.to_string(),
                Err(_) => format!("{{ integer = \"{number}\" }}"),
            },
            Value::Text(text) => quoted(text),
            Value::Bool(truth) => truth.to_string(),
            Value::Missing(reason) => format!("{{ missing = {} }}", quoted(reason)),
            Value::Named(value) => written::named(*value).to_owned(),
        };
        let Some(Interval { low, high, replicates }) = self.interval else { return value };
        let (low, high) = (written::float(low), written::float(high));
        format!("{{ value = {value}, low = {low}, high = {high}, replicates = {replicates} }}")
    }
}

/// A value as it stands in a lock.
#[derive(Deserialize)]
#[serde(untagged)]
enum Plain {
    Bool(bool),
    Integer(i64),
    Float(f64),
    Text(String),
    Large { integer: String },
    Missing { missing: String },
}

impl Plain {
    fn value<E: de::Error>(self) -> Result<Value, E> {
        Ok(match self {
            Self::Bool(truth) => Value::Bool(truth),
            Self::Integer(number) => number.into(),
            Self::Float(number) if number.is_infinite() && number < 0.0 => {
                Value::Named(Named::NegativeInfinity)
            }
            Self::Float(number) if number.is_infinite() => Value::Named(Named::Infinity),
            Self::Float(number) if number.is_nan() => return Err(E::custom("no value is `nan`")),
            Self::Float(number) => Value::Float(number),
            Self::Text(text) => Value::Text(text),
            Self::Large { integer } => Value::Integer(integer.parse().map_err(E::custom)?),
            Self::Missing { missing } => Value::Missing(missing),
        })
    }
}

impl<'de> Deserialize<'de> for Quantity {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        #[serde(untagged)]
        enum Written {
            Spread { value: Plain, low: f64, high: f64, replicates: u32 },
            Plain(Plain),
        }
        match Written::deserialize(deserializer)? {
            Written::Plain(plain) => plain.value().map(Self::from),
            Written::Spread { value, low, high, replicates } => {
                let interval = Some(Interval { low, high, replicates });
                Ok(Self { value: value.value()?, interval })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_again() {
        let large = Value::Integer("1267650600228229401496703205376".parse().unwrap());
        let odd = "line\none \"two\" \\ tab\t \u{7f} ü";
        let values = [
            Value::Float(0.1 + 0.2),
            Value::Float(1e-300),
            Value::Float(-0.0),
            Value::Float(1e16),
            Value::from(4096),
            large,
            Value::Text(odd.to_owned()),
            Value::Bool(false),
            Value::Missing("no row".to_owned()),
            Value::Named(Named::Infinity),
            Value::Named(Named::NegativeInfinity),
        ];
        let named = values.into_iter().enumerate();
        let mut accepted = Accepted {
            claims: BTreeMap::from([("grows".to_owned(), "holds".to_owned())]),
            outputs: BTreeMap::from([("tables/layers".to_owned(), "ab12".to_owned())]),
            values: named.map(|(number, value)| (format!("v{number}"), value.into())).collect(),
        };
        let interval = Some(Interval { low: 0.25, high: f64::INFINITY, replicates: 20 });
        accepted.values.insert("a b.c".to_owned(), Quantity { value: Value::Float(0.5), interval });
        let text = accepted.text();
        let read = Accepted::parse(&text).unwrap();
        assert_eq!(read, accepted, "{text}");
        let sign = |accepted: &Accepted| accepted.values["v2"].value.as_f64().unwrap().is_sign_negative();
        assert!(sign(&read));
        assert!(text.contains("\nv1 = 1e-300\n") && text.contains("\ngrows = \"holds\"\n"), "{text}");
        assert_eq!(Accepted::default().text(), "");
    }

    #[test]
    fn what_is_no_value_is_refused() {
        for text in ["v = nan", "v = { low = 1.0 }", "v = { integer = \"x\" }", "v = 2020-01-01"] {
            assert!(Accepted::parse(&format!("[results.values]\n{text}\n")).is_err(), "{text}");
        }
    }
}
