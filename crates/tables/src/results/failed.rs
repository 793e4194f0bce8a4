//! Which failed tasks matter to a selection: one that its conditions exclude takes nothing from it.

use std::collections::BTreeSet;

use indexmap::IndexMap;
use octavo_plugin::Value;
use octavo_plugin::figure::Where;

use super::schema::{REPLICATE, replicate_schema};
use super::{Results, base, estimate, select};
use crate::relation::Relation;

/// A task without a result.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Failed {
    /// The sweep's columns at its point.
    pub point: IndexMap<String, Value>,
    /// Which replicate, from 0.
    pub replicate: u32,
    /// Why there is none.
    pub why: String,
}

impl Results {
    /// The failed tasks whose rows would be among the selected ones of a table: their indices in `failed`. A condition
    /// excludes a task if it is one on a swept parameter or on `replicate` and rows of several tasks do not mix before it.
    pub fn failed_in(&self, table: &str, selection: &Where) -> BTreeSet<usize> {
        if self.failed.is_empty() {
            return BTreeSet::new();
        }
        self.failed_among(&(0..self.failed.len()).collect(), table, selection)
    }

    /// Why rows that a selection asks for are not there, if they are not.
    pub fn failure_in(&self, table: &str, selection: &Where) -> Option<&str> {
        self.failed_in(table, selection).first().map(|index| self.failed[*index].why.as_str())
    }

    fn failed_among(&self, among: &BTreeSet<usize>, name: &str, selection: &Where) -> BTreeSet<usize> {
        let kept = self.not_excluded(among, name, selection);
        // Circles were refused before anything ran.
        let Some(table) = self.tables.get(name).filter(|_| !kept.is_empty()) else { return kept };
        let table = table.definition();
        let mut found = self.failed_among(&kept, &table.from, &table.selection);
        if let Some(join) = &table.join {
            found.extend(self.failed_among(&kept, &join.from, &join.selection));
        }
        found
    }

    fn not_excluded(&self, among: &BTreeSet<usize>, name: &str, selection: &Where) -> BTreeSet<usize> {
        let tells = |column: &str| {
            (self.point_schema.contains_key(column) || column == REPLICATE)
                && estimate::separable(self, name, column)
        };
        let conditions: Where = selection
            .iter()
            .filter(|(column, _)| tells(column))
            .map(|(column, condition)| (column.clone(), condition.clone()))
            .collect();
        let indices: Vec<usize> = among.iter().copied().collect();
        match select::rows(&self.failed_points(&indices), &conditions) {
            Ok(rows) => rows.into_iter().map(|row| indices[row]).collect(),
            Err(_) => among.clone(),
        }
    }

    fn failed_points(&self, indices: &[usize]) -> Relation {
        let failed = || indices.iter().map(|index| &self.failed[*index]);
        let mut relation = Relation { rows: indices.len(), ..Relation::default() };
        for (name, schema) in &self.point_schema {
            let none = || Value::Missing("the point has no such parameter".to_owned());
            let values: Vec<Value> =
                failed().map(|task| task.point.get(name).cloned().unwrap_or_else(none)).collect();
            base::insert(&mut relation, name, schema, &values);
        }
        let replicates: Vec<Value> = failed().map(|task| task.replicate.into()).collect();
        base::insert(&mut relation, REPLICATE, &replicate_schema(&self.replicate), &replicates);
        relation
    }
}
