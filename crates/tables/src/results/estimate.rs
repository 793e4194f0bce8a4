//! Values and their intervals: over replicates for stochastic analyses, from stated uncertainties for all.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use octavo_plugin::Value;

use super::schema::REPLICATE;
use super::spread::{Method, Quantity, spread};
use super::{Problem, Results, SCALARS, Shift, View, select, stream};
use crate::definitions::{CheckedTable, CheckedValue};
use crate::expr::{Expr, Nature, Prepared, types};

/// A value with what is known of its spread.
#[derive(Clone, Debug, PartialEq)]
pub struct Estimate {
    /// The expression over all selected rows.
    pub value: Value,
    /// For stochastic analyses, the expression over the rows of each replicate alone.
    pub per_replicate: Vec<(u32, Value)>,
    /// Half-width that the stated uncertainties of scalars give it together; `None` if none is behind it, infinite if
    /// it cannot be told.
    pub uncertainty: Option<f64>,
    /// Its unit; empty for pure numbers.
    pub unit: String,
    /// The 95 % interval, widened by the uncertainty; `None` for what is no number, and where the replicates give none.
    pub interval: Option<(f64, f64)>,
    /// How the interval was found.
    pub method: Method,
}

impl Results {
    /// A value of the experiment over all its tasks, without an interval.
    ///
    /// # Errors
    /// As [`Results::estimate`].
    pub fn value(&self, value: &CheckedValue) -> Result<Value, Problem> {
        Ok(Sampler::new(self, value)?.whole)
    }

    /// Values of the experiment over all its tasks, in their order. Those that are computed from one table share what is loaded for it.
    pub fn values<'v>(
        &self,
        values: impl IntoIterator<Item = &'v CheckedValue>,
    ) -> Vec<Result<Value, Problem>> {
        let values: Vec<&CheckedValue> = values.into_iter().collect();
        let mut by_table: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, value) in values.iter().enumerate() {
            by_table.entry(&value.from).or_default().push(index);
        }
        let mut found = Vec::new();
        for indices in by_table.into_values() {
            let everything = View::all(self);
            let whole = |index: usize| Ok(Sampler::of(&everything, values[index])?.whole);
            found.extend(indices.into_iter().map(|index| (index, whole(index))));
        }
        found.sort_by_key(|(index, _)| *index);
        found.into_iter().map(|(_, value)| value).collect()
    }

    /// A value of the experiment with its spread.
    ///
    /// # Errors
    /// What [`ResultsSchema::check_value`](super::ResultsSchema::check_value) would have found, or an integer beyond the
    /// size limit; the path is below the value.
    pub fn estimate(&self, value: &CheckedValue) -> Result<Estimate, Problem> {
        let samplers = IndexMap::from([(String::new(), Sampler::new(self, value)?)]);
        let spread = spread(self, &samplers, Quantity::Value(""))?;
        let (interval, method) = (spread.interval(0.95), spread.basis.method());
        let unit = samplers[0].unit.clone();
        let value = spread.value;
        Ok(Estimate {
            value,
            per_replicate: spread.per_replicate,
            uncertainty: spread.uncertainty,
            unit,
            interval,
            method,
        })
    }
}

/// A value that can be computed again over other replicates or moved scalars.
#[derive(Clone, Debug)]
pub(crate) struct Sampler<'a> {
    results: &'a Results,
    value: CheckedValue,
    unit: String,
    /// The arguments of the aggregates and the rows of each replicate, where replicates do not mix before the value.
    rows: Option<(Prepared, BTreeMap<u32, Vec<usize>>)>,
    whole: Value,
    /// Whether a single row is selected.
    single: bool,
    /// The tasks that can matter: those at the selected sweep points, where points do not mix before the value.
    view: View<'a>,
}

impl<'a> Sampler<'a> {
    pub(crate) fn new(results: &'a Results, value: &CheckedValue) -> Result<Self, Problem> {
        Self::of(&View::all(results), value)
    }

    /// The same over a view of all tasks.
    pub(super) fn of(everything: &View<'a>, value: &CheckedValue) -> Result<Self, Problem> {
        let fault = |error| Problem::expression(error).under(&["expr"]);
        let (results, expr) = (everything.results, &value.expr);
        let asked = || expr.names().into_iter().map(|(name, _)| name);
        let keep = asked().chain([REPLICATE.to_owned()]).collect();
        let large = stream::selected(everything, &value.from, &value.selection, Some(&keep)).transpose();
        let large = large.map_err(|problem| problem.under(&["where"]))?;
        let is_chosen = large.is_some();
        let relation = large.map_or_else(|| everything.relation(&value.from), Ok)?;
        let columns =
            relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect();
        expr.check(&types(&columns)).map_err(|mut errors| fault(errors.remove(0)))?;
        let relation = match is_chosen {
            true => relation,
            false => select(&relation, &value.selection).map_err(|problem| problem.under(&["where"]))?,
        };
        let prepared = Prepared::new(expr, &relation).map_err(fault)?;
        let mut by_replicate: BTreeMap<u32, Vec<usize>> = BTreeMap::new();
        for row in 0..relation.rows {
            let replicate = relation.value(REPLICATE, row).and_then(|value| value.as_f64()).unwrap_or(0.0);
            #[expect(
                clippy::cast_possible_truncation,
                clippy::cast_sign_loss,
                reason = "replicates are u32"
            )]
            by_replicate.entry(replicate as u32).or_default().push(row);
        }
        let own = expr.unit_column().and_then(|name| columns.get(name)).map(|schema| schema.unit.clone());
        let unit = if value.unit.is_empty() { own.unwrap_or_default() } else { value.unit.clone() };
        let all: Vec<usize> = (0..relation.rows).collect();
        let whole = over_rows(&prepared, &all, value)?;
        let rows = separable(results, &value.from, REPLICATE).then_some((prepared, by_replicate));
        let mut points = value.selection.clone();
        points.retain(|name, _| {
            results.point_schema.contains_key(name) && separable(results, &value.from, name)
        });
        let view = everything.at(&points)?;
        let single = all.len() == 1;
        Ok(Self { results, value: value.clone(), unit, rows, whole, single, view })
    }

    /// The failed tasks that the value needs, as indices.
    pub(crate) fn failed(&self) -> std::collections::BTreeSet<usize> {
        self.results.failed_in(&self.value.from, &self.value.selection)
    }

    /// Over all replicates.
    pub(crate) fn whole(&self) -> &Value {
        &self.whole
    }

    /// Its unit; empty for pure numbers.
    pub(crate) fn unit(&self) -> &str {
        &self.unit
    }

    /// The expression of the value.
    pub(super) fn expr(&self) -> &Expr {
        &self.value.expr
    }

    /// The arguments of the aggregates and the rows of each replicate, where replicates do not mix before the value.
    pub(super) fn rows(&self) -> Option<(&Prepared, &BTreeMap<u32, Vec<usize>>)> {
        self.rows.as_ref().map(|(prepared, rows)| (prepared, rows))
    }

    /// Whether its conditions choose replicates: it is then about these and no others.
    pub(super) fn chooses_replicates(&self) -> bool {
        self.value.selection.contains_key(REPLICATE)
    }

    /// What its own aggregates make of replicates. The extreme of a single row is the row.
    pub(super) fn natures(&self) -> impl Iterator<Item = Nature> {
        let single = self.single;
        self.value.expr.natures().filter(move |nature| !(single && *nature == Nature::Extreme))
    }

    /// What the aggregates of tables in which replicates mix before it make of them.
    pub(super) fn natures_before(&self) -> impl Iterator<Item = Nature> {
        self.mixing().flat_map(CheckedTable::expressions).flat_map(Expr::natures)
    }

    /// The derived tables before it, if replicates mix in them.
    pub(super) fn mixing(&self) -> impl Iterator<Item = &CheckedTable> {
        let mut found = Vec::new();
        let mut open = vec![self.value.from.as_str()];
        while let Some(name) = open.pop().filter(|_| self.rows.is_none()) {
            let Some(table) = self.results.tables.get(name) else { continue };
            open.push(&table.definition().from);
            open.extend(table.definition().join.as_ref().map(|join| join.from.as_str()));
            found.push(table);
        }
        found.into_iter()
    }

    /// Over these replicates, each as often as it is named.
    pub(super) fn over(&self, draw: &[u32]) -> Result<Value, Problem> {
        let Some((prepared, by_replicate)) = &self.rows else {
            return self.of_view(&self.view.of_replicates(draw));
        };
        let rows: Vec<usize> =
            draw.iter().filter_map(|replicate| by_replicate.get(replicate)).flatten().copied().collect();
        over_rows(prepared, &rows, &self.value)
    }

    /// Over all replicates, with one scalar moved.
    pub(super) fn shifted(&self, shift: Shift<'_>) -> Result<Value, Problem> {
        let view = View { shift: Some(shift), ..self.view.clone() };
        self.of_view(&view)
    }

    fn of_view(&self, view: &View) -> Result<Value, Problem> {
        let relation = view.relation(&self.value.from)?;
        let relation = select(&relation, &self.value.selection)?;
        let prepared = Prepared::new(&self.value.expr, &relation).map_err(Problem::expression)?;
        let rows: Vec<usize> = (0..relation.rows).collect();
        over_rows(&prepared, &rows, &self.value)
    }

    /// Every word in the texts that lead to the value, among which are the scalars behind it.
    pub(super) fn mentions(&self, scalar: &str) -> bool {
        let selected = self.value.selection.contains_key(scalar);
        let named = |expr: &Expr| expr.names().iter().any(|(name, _)| name == scalar);
        let within = |checked: &CheckedTable| {
            let table = checked.definition();
            table.selection.contains_key(scalar)
                || table.group.iter().any(|name| name == scalar)
                || table.join.as_ref().is_some_and(|join| {
                    join.selection.contains_key(scalar) || join.on.iter().any(|name| name == scalar)
                })
                || checked.expressions().any(named)
        };
        let derived = self.results.tables.contains_key(&self.value.from);
        let reached = derived || self.value.from == SCALARS;
        reached
            && (selected || named(&self.value.expr) || derived && self.results.tables.values().any(within))
    }
}

fn over_rows(prepared: &Prepared, rows: &[usize], value: &CheckedValue) -> Result<Value, Problem> {
    if rows.is_empty() {
        return Ok(Value::Missing(format!("no row of `{}` is selected", value.from)));
    }
    prepared.value(rows, &|_| None).map_err(|error| Problem::expression(error).under(&["expr"]))
}

/// Whether each row of the table comes from tasks with one value of this column (`replicate` or a sweep parameter),
/// whatever other tasks there are.
pub(super) fn separable(results: &Results, name: &str, column: &str) -> bool {
    let Some(checked) = results.tables.get(name) else { return true };
    let table = checked.definition();
    let kept = |names: &[String]| names.iter().any(|name| name == column);
    (!checked.groups() || kept(&table.group))
        && checked.computed().all(|column| column.expr.aggregate_spans().is_empty())
        && table.join.as_ref().is_none_or(|join| kept(&join.on) && separable(results, &join.from, column))
        && separable(results, &table.from, column)
}
