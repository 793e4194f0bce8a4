//! The points of a sweep, many of which fit into memory: what they share is there once.

use std::sync::Arc;

use octavo_plugin::Value;
use serde_json::{Number, Value as Json};

use crate::sweep::{self, Axis};

/// A point of the sweep.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    /// The swept parameters.
    pub values: PointValues,
    /// All parameters in canonical form.
    pub params: Params,
    /// Whether the result depends on the seed.
    pub stochastic: bool,
}

/// The axes of a sweep with the values that results show.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Sweep {
    /// Groups of axes that advance together: each axis's dotted path and values.
    groups: Vec<Vec<(String, Vec<Value>)>>,
}

impl Sweep {
    /// The axes of a definition.
    pub fn new(groups: &[Vec<Axis>]) -> Self {
        let values = |axis: &Axis| axis.values.iter().map(sweep::value_of).collect();
        let axes = |group: &Vec<Axis>| group.iter().map(|axis| (axis.key.clone(), values(axis))).collect();
        Self { groups: groups.iter().map(axes).collect() }
    }

    /// Every axis with its values, each value once, in the order of the axes.
    pub fn axes(&self) -> impl Iterator<Item = (&str, &[Value])> {
        self.groups.iter().flatten().map(|(key, values)| (key.as_str(), values.as_slice()))
    }

    fn sizes(&self) -> impl DoubleEndedIterator<Item = usize> {
        self.groups.iter().map(|group| group.first().map_or(0, |(_, values)| values.len()))
    }
}

/// The swept parameters at one point, by dotted path, in the order of the axes.
#[derive(Clone, Debug, PartialEq)]
pub struct PointValues {
    sweep: Arc<Sweep>,
    index: usize,
}

impl PointValues {
    /// The values at the point of this number.
    pub fn new(sweep: &Arc<Sweep>, index: usize) -> Self {
        Self { sweep: Arc::clone(sweep), index }
    }

    /// The whole sweep.
    pub fn sweep(&self) -> &Sweep {
        &self.sweep
    }

    /// Each parameter and its value.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Value)> {
        let chosen = sweep::place(self.index, self.sweep.sizes());
        let groups = self.sweep.groups.iter().zip(chosen);
        groups
            .flat_map(|(group, place)| group.iter().map(move |(key, values)| (key.as_str(), &values[place])))
    }

    /// The value of a parameter that is swept.
    pub fn get(&self, key: &str) -> Option<&Value> {
        self.iter().find(|(name, _)| *name == key).map(|(_, value)| value)
    }

    /// The names of the swept parameters.
    pub fn keys(&self) -> impl Iterator<Item = &str> {
        self.sweep.axes().map(|(key, _)| key)
    }
}

/// Parameters as JSON: those of another point, and the places where these differ.
#[derive(Clone, Debug, PartialEq)]
pub struct Params {
    base: Arc<Json>,
    /// Numbers of leaves of the base, counted from its start, with their values here.
    changes: Arc<[(usize, Leaf)]>,
}

/// A number, or anything else.
#[derive(Clone, Debug, PartialEq)]
enum Leaf {
    Number(Number),
    Other(Box<Json>),
}

impl Params {
    /// Parameters that share nothing.
    pub fn new(json: Json) -> Self {
        Self { base: Arc::new(json), changes: Arc::new([]) }
    }

    /// Parameters of which only that is kept in which they differ from these.
    pub fn like(other: &Self, json: Json) -> Self {
        let mut changes = Vec::new();
        if differences(&other.base, &json, &mut 0, &mut changes) {
            Self { base: Arc::clone(&other.base), changes: changes.into() }
        } else {
            Self::new(json)
        }
    }

    /// How many values are kept beside those of these other parameters; `None` if nothing is shared with them.
    #[cfg(test)]
    pub(super) fn beside(&self, other: &Self) -> Option<usize> {
        Arc::ptr_eq(&self.base, &other.base).then(|| self.changes.len())
    }

    /// The parameters.
    pub fn json(&self) -> Json {
        let mut json = (*self.base).clone();
        put(&mut json, &mut 0, &mut self.changes.iter().peekable());
        json
    }

    /// Makes the parameters of `last`, which `json` holds, these. Points of a sweep differ in few leaves, and a copy of all parameters
    /// for each of very many costs more than what is done with it.
    pub fn replace(&self, last: &Self, json: &mut Json) {
        let leaf = |(_, value): &(usize, Leaf)| match value {
            Leaf::Number(_) => true,
            Leaf::Other(value) => !matches!(**value, Json::Object(_) | Json::Array(_)),
        };
        let same = |(one, other): (&(usize, Leaf), &(usize, Leaf))| one.0 == other.0;
        // A list where the base has a leaf has leaves of its own, so that they are not counted as in the base.
        let alike = Arc::ptr_eq(&self.base, &last.base)
            && self.changes.len() == last.changes.len()
            && self.changes.iter().zip(&*last.changes).all(same)
            && last.changes.iter().all(leaf);
        if alike {
            put(json, &mut 0, &mut self.changes.iter().peekable());
        } else {
            *json = self.json();
        }
    }
}

/// Whether both have the same tables and lists; collects the leaves in which they differ.
fn differences(base: &Json, json: &Json, leaf: &mut usize, changes: &mut Vec<(usize, Leaf)>) -> bool {
    match (base, json) {
        (Json::Object(base), Json::Object(object)) => {
            base.len() == object.len()
                && base.iter().zip(object).all(|((key, base), (other, json))| {
                    key == other && differences(base, json, leaf, changes)
                })
        }
        (Json::Array(base), Json::Array(items)) => {
            base.len() == items.len()
                && base.iter().zip(items).all(|(base, json)| differences(base, json, leaf, changes))
        }
        (Json::Object(_) | Json::Array(_), _) => false,
        _ => {
            if !same(base, json) {
                let value = match json {
                    Json::Number(number) => Leaf::Number(number.clone()),
                    other => Leaf::Other(Box::new(other.clone())),
                };
                changes.push((*leaf, value));
            }
            *leaf += 1;
            true
        }
    }
}

/// Whether both are the same value, to the sign of a zero.
fn same(one: &Json, other: &Json) -> bool {
    let bits = |json: &Json| json.as_f64().map(f64::to_bits);
    one == other && bits(one) == bits(other)
}

type Changes<'a> = std::iter::Peekable<std::slice::Iter<'a, (usize, Leaf)>>;

fn put(json: &mut Json, leaf: &mut usize, changes: &mut Changes<'_>) {
    match json {
        Json::Object(object) => object.values_mut().for_each(|value| put(value, leaf, changes)),
        Json::Array(items) => items.iter_mut().for_each(|item| put(item, leaf, changes)),
        place => {
            if let Some((_, value)) = changes.next_if(|(number, _)| number == leaf) {
                *place = match value {
                    Leaf::Number(number) => Json::Number(number.clone()),
                    Leaf::Other(other) => (**other).clone(),
                };
            }
            *leaf += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn a_zero_keeps_its_sign() {
        let first = Params::new(json!([0.0, -0.0]));
        assert_eq!(Params::like(&first, json!([-0.0, 0.0])).json().to_string(), "[-0.0,0.0]");
    }

    #[test]
    fn parameters_are_what_they_were_and_keep_only_differences() {
        let base = json!({ "a": 1, "b": { "c": [1.5, 2, "x"], "d": null }, "e": true, "f": {}, "g": [] });
        let cases = [
            (base.clone(), Some(0)),
            (
                json!({ "a": 1.0, "b": { "c": [1.5, 2, "y"], "d": null }, "e": false, "f": {}, "g": [] }),
                Some(3),
            ),
            (
                json!({ "a": 1, "b": { "c": [1.5, 2, "x"], "d": { "h": [1] } }, "e": true, "f": {}, "g": [] }),
                Some(1),
            ),
            (json!({ "a": 1, "b": { "c": [1.5, 2], "d": null }, "e": true, "f": {}, "g": [] }), None),
            (json!({ "e": true, "a": 1, "b": { "c": [1.5, 2, "x"], "d": null }, "f": {}, "g": [] }), None),
            (json!({ "a": 1, "b": { "c": [1.5, 2, "x"], "d": 0.0 }, "e": -0.0, "f": {}, "g": [] }), Some(2)),
            (json!({ "a": [], "b": 2 }), None),
            (json!(3), None),
            // Lists and tables where the base has a leaf, and leaves of the same number after them.
            (
                json!({ "a": [7, 8], "b": { "c": [1.5, 2, "x"], "d": 1 }, "e": true, "f": {}, "g": [] }),
                Some(2),
            ),
            (json!({ "a": 5, "b": { "c": [1.5, 2, "x"], "d": 6 }, "e": true, "f": {}, "g": [] }), Some(2)),
            (json!({ "a": 6, "b": { "c": [1.5, 2, "x"], "d": 2 }, "e": true, "f": {}, "g": [] }), Some(2)),
        ];
        let mut kept = Vec::new();
        let first = Params::new(base);
        for (json, changes) in cases {
            let params = Params::like(&first, json.clone());
            assert_eq!(params.json(), json);
            assert_eq!(serde_json::to_string(&params.json()).unwrap(), serde_json::to_string(&json).unwrap());
            assert_eq!(params.beside(&first), changes, "{json}");
            kept.push(params);
        }
        for (last, next) in kept.iter().flat_map(|last| kept.iter().map(move |next| (last, next))) {
            let mut json = last.json();
            next.replace(last, &mut json);
            assert_eq!(json.to_string(), next.json().to_string());
        }
    }
}
