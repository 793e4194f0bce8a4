//! Values and their intervals: over replicates for stochastic analyses, from stated uncertainties for all.

use std::collections::BTreeMap;

use indexmap::IndexMap;
use octavo_plugin::Value;
use octavo_plugin::artifact::Artifact;

use super::SCALARS;
use super::schema::REPLICATE;
use super::{Problem, Results, Shift, View, select};
use crate::definitions::{CheckedTable, CheckedValue};
use crate::expr::{Expr, Prepared, difference, equal, types};
use crate::statistics::{bootstrap, mean, mean_interval};

/// Most uncertain scalars that are followed through a value; beyond, its uncertainty is infinite.
const MAX_UNCERTAIN: usize = 400;

/// How an interval was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// No spread: the value is exact.
    Exact,
    /// The stated uncertainties of the scalars behind it.
    Uncertainty,
    /// Student's t over the estimates per replicate, 95 %.
    Student,
    /// Percentiles over replicates drawn with replacement, 95 %.
    Bootstrap,
}

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
    /// The 95 % interval over replicates, widened by the uncertainty; without replicates the uncertainty alone. `None`
    /// for what is no number, below two replicates, or if a replicate gives no number.
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

    /// A value of the experiment with its spread.
    ///
    /// # Errors
    /// What [`ResultsSchema::check_value`](super::ResultsSchema::check_value) would have found, or an integer beyond the
    /// size limit; the path is below the value.
    pub fn estimate(&self, value: &CheckedValue) -> Result<Estimate, Problem> {
        let samplers = IndexMap::from([(String::new(), Sampler::new(self, value)?)]);
        let none = || Value::Missing("there is no value".to_owned());
        let spread = spread(self, &samplers, &|name| Ok(name("").unwrap_or_else(none)))?;
        Ok(Estimate {
            value: spread.value,
            per_replicate: spread.per_replicate,
            uncertainty: spread.uncertainty,
            unit: samplers[0].unit.clone(),
            interval: spread.interval,
            method: spread.method,
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
    /// The tasks that can matter: those at the selected sweep points, where points do not mix before the value.
    view: View<'a>,
}

impl<'a> Sampler<'a> {
    pub(crate) fn new(results: &'a Results, value: &CheckedValue) -> Result<Self, Problem> {
        let fault = |error| Problem::expression(error).under(&["expr"]);
        let expr = &value.expr;
        let everything = View::all(results);
        let relation = everything.relation(&value.from)?;
        let columns =
            relation.fields.iter().map(|(name, field)| (name.clone(), field.schema.clone())).collect();
        expr.check(&types(&columns)).map_err(|mut errors| fault(errors.remove(0)))?;
        let relation = select(&relation, &value.selection).map_err(|problem| problem.under(&["where"]))?;
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
        Ok(Self { results, value: value.clone(), unit, rows, whole, view })
    }

    /// The failed tasks that the value needs, as indices.
    pub(crate) fn failed(&self) -> std::collections::BTreeSet<usize> {
        self.results.failed_in(&self.value.from, &self.value.selection)
    }

    /// Over all replicates.
    pub(crate) fn whole(&self) -> &Value {
        &self.whole
    }

    /// Over these replicates, each as often as it is named.
    fn over(&self, draw: &[u32]) -> Result<Value, Problem> {
        let Some((prepared, by_replicate)) = &self.rows else {
            return self.of_view(&self.view.of_replicates(draw));
        };
        let rows: Vec<usize> =
            draw.iter().filter_map(|replicate| by_replicate.get(replicate)).flatten().copied().collect();
        over_rows(prepared, &rows, &self.value)
    }

    fn shifted(&self, shift: Shift<'_>) -> Result<Value, Problem> {
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
    fn mentions(&self, scalar: &str) -> bool {
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

/// A quantity made of named values, with its spread.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Spread {
    pub(crate) value: Value,
    pub(crate) per_replicate: Vec<(u32, Value)>,
    pub(crate) uncertainty: Option<f64>,
    pub(crate) interval: Option<(f64, f64)>,
    pub(crate) method: Method,
}

/// What a name stands for.
type Lookup<'a> = &'a dyn Fn(&str) -> Option<Value>;

/// A quantity computed from named values.
pub(crate) type Quantity<'a> = &'a dyn Fn(Lookup) -> Result<Value, Problem>;

/// The spread of a quantity: see docs/expressions.md for the rules.
pub(crate) fn spread(
    results: &Results,
    samplers: &IndexMap<String, Sampler>,
    quantity: Quantity,
) -> Result<Spread, Problem> {
    let value = quantity(&|name| samplers.get(name).map(|sampler| sampler.whole().clone()))?;
    let uncertainty = uncertainty(results, samplers, quantity, &value)?;
    let mut spread =
        Spread { value, per_replicate: Vec::new(), uncertainty, interval: None, method: Method::Exact };
    let widening = uncertainty.unwrap_or(0.0);
    if !results.stochastic || samplers.is_empty() {
        spread.interval = spread.value.as_f64().map(|x| (x - widening, x + widening));
        spread.method = if uncertainty.is_some() { Method::Uncertainty } else { Method::Exact };
        return Ok(spread);
    }
    let replicates = results.replicates();
    for replicate in &replicates {
        spread.per_replicate.push((*replicate, sample(samplers, &[*replicate], quantity)?));
    }
    let (interval, method) = over_replicates(samplers, quantity, &replicates, &spread);
    spread.interval = interval.map(|(low, high)| (low - widening, high + widening));
    spread.method = method;
    Ok(spread)
}

fn sample(samplers: &IndexMap<String, Sampler>, draw: &[u32], quantity: Quantity) -> Result<Value, Problem> {
    let values: Result<IndexMap<&str, Value>, Problem> =
        samplers.iter().map(|(name, sampler)| Ok((name.as_str(), sampler.over(draw)?))).collect();
    let values = values?;
    quantity(&|name| values.get(name).cloned())
}

fn over_replicates(
    samplers: &IndexMap<String, Sampler>,
    quantity: Quantity,
    replicates: &[u32],
    spread: &Spread,
) -> (Option<(f64, f64)>, Method) {
    let Some(whole) = spread.value.as_f64().filter(|_| replicates.len() > 1) else {
        return (None, Method::Student);
    };
    let each: Option<Vec<f64>> = spread.per_replicate.iter().map(|(_, value)| value.as_f64()).collect();
    if let Some(each) = &each {
        if each.iter().all(|x| *x == whole) {
            return (Some((whole, whole)), Method::Student);
        }
        let averages = samplers.values().all(|sampler| sampler.value.expr.averages_over_replicates());
        let size = each.iter().fold(whole.abs(), |size, x| size.max(x.abs()));
        let mean = mean(each).filter(|_| averages && size.is_finite());
        if mean.is_some_and(|mean| (mean - whole).abs() <= 1e-9 * size) {
            return (mean_interval(each), Method::Student);
        }
    }
    let drawn = |draw: &[usize]| {
        let draw: Vec<u32> = draw.iter().map(|place| replicates[*place]).collect();
        sample(samplers, &draw, quantity).ok()?.as_f64().filter(|x| x.is_finite())
    };
    (bootstrap(replicates.len(), drawn), Method::Bootstrap)
}

/// The sum, over all scalars with a stated uncertainty, of the largest change that moving the scalar to either end
/// makes. `None` if there is none behind the quantity.
fn uncertainty(
    results: &Results,
    samplers: &IndexMap<String, Sampler>,
    quantity: Quantity,
    value: &Value,
) -> Result<Option<f64>, Problem> {
    let uncertain = uncertain_scalars(results, samplers)?;
    if uncertain.is_empty() || matches!(value, Value::Missing(_)) {
        return Ok(None);
    }
    if uncertain.len() > MAX_UNCERTAIN {
        return Ok(Some(f64::INFINITY));
    }
    let mut total = 0.0;
    for shift in uncertain {
        let mut largest = 0.0;
        for amount in [-shift.amount, shift.amount] {
            let moved = moved(samplers, quantity, Shift { amount, ..shift })?;
            largest = f64::max(largest, change(value, &moved));
        }
        total += largest;
    }
    Ok(Some(total))
}

fn moved(samplers: &IndexMap<String, Sampler>, quantity: Quantity, shift: Shift) -> Result<Value, Problem> {
    let values: Result<IndexMap<&str, Value>, Problem> = samplers
        .iter()
        .map(|(name, sampler)| {
            let value =
                if sampler.mentions(shift.scalar) { sampler.shifted(shift)? } else { sampler.whole.clone() };
            Ok((name.as_str(), value))
        })
        .collect();
    let values = values?;
    quantity(&|name| values.get(name).cloned())
}

/// |a - b|; infinite for values that have no difference.
fn change(a: &Value, b: &Value) -> f64 {
    if equal(a, b) == Some(true) {
        return 0.0;
    }
    difference(a, b).as_f64().map_or(f64::INFINITY, f64::abs)
}

fn uncertain_scalars<'a>(
    results: &'a Results,
    samplers: &IndexMap<String, Sampler>,
) -> Result<Vec<Shift<'a>>, Problem> {
    let mentioned: Vec<&String> = results
        .outputs
        .scalars
        .keys()
        .filter(|scalar| samplers.values().any(|sampler| sampler.mentions(scalar)))
        .collect();
    let mut all = Vec::new();
    if mentioned.is_empty() {
        return Ok(all);
    }
    let given = View::all(results).artifacts(SCALARS)?;
    for (run, given) in given.iter().enumerate() {
        let Some(Artifact::Scalars(scalars)) = given.as_deref() else { continue };
        for name in &mentioned {
            let stated = scalars.get(*name).and_then(|scalar| scalar.uncertainty);
            if let Some(amount) = stated.filter(|amount| *amount > 0.0) {
                all.push(Shift { run, scalar: name, amount });
            }
        }
    }
    Ok(all)
}
