//! What the parameters of a sweep are as columns of tables.

use indexmap::IndexMap;
use octavo_plugin::{ColumnSchema, ColumnType, Localized, Value};

use super::Experiment;
use crate::check;

impl Experiment {
    /// The sweep's columns, as they stand in every table.
    pub fn point_schema(&self) -> IndexMap<String, ColumnSchema> {
        let Some(first) = self.points.first() else { return IndexMap::new() };
        let parameters = self.analysis.schema();
        let column = |(key, values): (&str, &[Value])| {
            let path: Vec<&str> = key.split('.').collect();
            let unit =
                check::schema_at(&parameters, &path).map_or(String::new(), |schema| schema.unit.clone());
            let label = path.last().copied().unwrap_or(key).replace('_', " ");
            (
                key.to_owned(),
                ColumnSchema { kind: kind_of(values.iter()), unit, label: Localized::All(label) },
            )
        };
        first.values.sweep().axes().map(column).collect()
    }
}

/// The narrowest type that holds all values.
fn kind_of<'a>(values: impl Iterator<Item = &'a Value>) -> ColumnType {
    let kinds = values.map(|value| match value {
        Value::Integer(_) => ColumnType::Integer,
        Value::Float(_) => ColumnType::Float,
        Value::Bool(_) => ColumnType::Bool,
        Value::Text(_) | Value::Missing(_) | Value::Named(_) => ColumnType::Text,
    });
    let number = |kind| matches!(kind, ColumnType::Integer | ColumnType::Float);
    kinds
        .reduce(|one, other| match (one, other) {
            _ if one == other => one,
            _ if number(one) && number(other) => ColumnType::Float,
            _ => ColumnType::Text,
        })
        .unwrap_or(ColumnType::Text)
}
