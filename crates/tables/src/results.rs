//! The relational view of an experiment's finished tasks.
//!
//! Every table is the concatenation over tasks in plan order, with the sweep's columns and `replicate` put first.
//! Derived tables are computed from these, values and claims from all of them. [`ResultsSchema`] says the same things
//! before anything runs, so that names and types are checked first.

mod base;
mod check;
mod derive;
mod estimate;
mod failed;
mod look;
mod outputs;
mod schema;
mod select;
mod spread;
mod stream;
mod uncertainty;

#[cfg(test)]
pub(crate) mod tests;

use std::sync::Arc;

use indexmap::IndexMap;
use octavo_plugin::figure::Where;
use octavo_plugin::{Column, ColumnSchema, ColumnType, Localized, OutputSchema, Value};

use octavo_definition::ids::ExperimentId;

use crate::definitions::{CheckedTable, CheckedValue};
use crate::relation::Relation;

pub use crate::definitions::SCALARS;
pub use crate::problem::Problem;
pub use estimate::Estimate;
pub(crate) use estimate::Sampler;
pub use failed::Failed;
pub(crate) use outputs::Loaded;
pub use outputs::{Held, Outputs, load_all};
pub use schema::{REPLICATE, ResultsSchema};
pub use select::{admits, select};
pub use spread::Method;
pub(crate) use spread::{Basis, Obstacle, Quantity, Samplers, Spread, spread};

/// A finished task.
#[derive(Clone, Debug)]
pub struct Run {
    /// The sweep's columns at this point.
    pub point: IndexMap<String, Value>,
    /// Which replicate, from 0.
    pub replicate: u32,
    /// What it gave.
    pub outputs: Arc<dyn Outputs>,
}

/// The finished tasks of an experiment and what is derived from them.
#[derive(Clone, Debug)]
pub struct Results {
    /// The experiment's id.
    pub experiment: ExperimentId,
    /// Whether the analysis draws random numbers.
    pub stochastic: bool,
    /// What every run gives.
    pub outputs: OutputSchema,
    /// The sweep's columns.
    pub point_schema: IndexMap<String, ColumnSchema>,
    /// What readers call the number of a replicate.
    pub replicate: Localized,
    /// The finished tasks in plan order.
    pub runs: Vec<Run>,
    /// The tasks without a result, in plan order.
    pub failed: Vec<Failed>,
    /// Derived tables by name.
    pub tables: IndexMap<String, CheckedTable>,
}

impl Results {
    /// What there is, without the rows.
    pub fn schema(&self) -> ResultsSchema<'_> {
        ResultsSchema {
            outputs: &self.outputs,
            point: &self.point_schema,
            replicate: &self.replicate,
            tables: &self.tables,
        }
    }

    /// A table or drawing by name, over all finished tasks: `scalars`, one that the analysis gives, or a derived one.
    ///
    /// # Errors
    /// An unknown name, a clash of names, derived tables in a circle, or an expression that cannot be evaluated.
    pub fn relation(&self, name: &str) -> Result<Relation, Problem> {
        View::all(self).relation(name)
    }

    /// The first rows of a table or drawing, and how many it has; of a table of the analysis no more than these are put together.
    ///
    /// # Errors
    /// As [`Results::relation`].
    pub fn first_rows(&self, name: &str, most: usize) -> Result<(Relation, usize), Problem> {
        self.schema().schema_of(name)?;
        if let Some(found) = base::first_rows(&View::all(self), name, most) {
            return found;
        }
        let relation = self.relation(name)?;
        let rows: Vec<usize> = (0..relation.rows.min(most)).collect();
        Ok((relation.take(&rows), relation.rows))
    }

    /// A scalar of the analysis under its own name, in an experiment without a sweep: of several replicates the mean, or
    /// whether it is true of all. `None` if there is no such scalar.
    pub fn scalar(&self, name: &str) -> Option<CheckedValue> {
        let several = self.runs.len() > 1;
        CheckedValue::of_scalar(&self.outputs, several, name).filter(|_| self.point_schema.is_empty())
    }

    /// The replicates that finished tasks belong to, ascending.
    pub fn replicates(&self) -> Vec<u32> {
        let all: std::collections::BTreeSet<u32> = self.runs.iter().map(|run| run.replicate).collect();
        all.into_iter().collect()
    }
}

/// Some of the tasks, possibly repeated, and possibly with one scalar moved within its uncertainty.
#[derive(Clone, Debug)]
pub(crate) struct View<'a> {
    pub(crate) results: &'a Results,
    /// Indices of runs, and the replicate each of them counts as.
    pub(crate) runs: Vec<(usize, u32)>,
    pub(crate) shift: Option<Shift<'a>>,
    /// Shared with all views that come from this one.
    pub(crate) loaded: Arc<Loaded>,
    /// How many bytes of results are held together, where they are not asked for again and again.
    pub(crate) room: Option<u64>,
}

/// A scalar of one run, moved by an amount.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Shift<'a> {
    pub(crate) run: usize,
    pub(crate) scalar: &'a str,
    pub(crate) amount: f64,
}

impl<'a> View<'a> {
    pub(crate) fn all(results: &'a Results) -> Self {
        let runs = results.runs.iter().enumerate().map(|(index, run)| (index, run.replicate)).collect();
        Self { results, runs, shift: None, loaded: Arc::default(), room: Some(stream::ROOM) }
    }

    /// The tasks of these replicates in this order; a replicate that is drawn twice counts as two.
    pub(crate) fn of_replicates(&self, draw: &[u32]) -> Self {
        let mut runs = Vec::new();
        for (place, replicate) in (0_u32..).zip(draw) {
            let of_it = self.runs.iter().filter(|(run, _)| self.results.runs[*run].replicate == *replicate);
            runs.extend(of_it.map(|(run, _)| (*run, place)));
        }
        Self { runs, room: None, ..self.clone() }
    }

    /// The tasks whose points meet the conditions.
    pub(crate) fn at(&self, selection: &Where) -> Result<Self, Problem> {
        let rows = select::rows(&base::points(self), selection)?;
        Ok(Self { runs: rows.into_iter().map(|row| self.runs[row]).collect(), ..self.clone() })
    }

    pub(crate) fn relation(&self, name: &str) -> Result<Relation, Problem> {
        // The schema's check refuses circles and clashes of names, so that what follows ends.
        self.results.schema().schema_of(name)?;
        let relation = {
            let mut made = derive::Made::new();
            derive::relation(self, name, &mut made)?
        };
        Ok(Arc::unwrap_or_clone(relation))
    }
}

/// A column of values: of this type if they fit, else the narrowest that fits; an integer beyond the range of floats is
/// missing in a column of floats. Gives the type too.
pub(crate) fn column_of(kind: ColumnType, values: &[Value]) -> (Column, ColumnType) {
    if kind != ColumnType::Float
        && let Some(column) = Column::from_values(kind, values)
    {
        return (column, kind);
    }
    let floats: Vec<Value> = values
        .iter()
        .map(|value| match value {
            Value::Integer(_) if !value.as_f64().is_some_and(f64::is_finite) => {
                Value::Missing("the integer is beyond the range of floats".to_owned())
            }
            other => other.clone(),
        })
        .collect();
    if let Some(column) = Column::from_values(ColumnType::Float, &floats) {
        return (column, ColumnType::Float);
    }
    let texts: Vec<Value> = values
        .iter()
        .map(
            |value| if matches!(value, Value::Missing(_)) { value.clone() } else { value.to_string().into() },
        )
        .collect();
    let column = Column::from_values(ColumnType::Text, &texts).expect("every value is a text or missing");
    (column, ColumnType::Text)
}
