//! Aggregates: one value from the cells of many rows.

use std::collections::BTreeSet;

use num_bigint::BigInt;
use num_traits::One;
use octavo_plugin::Value;
use octavo_plugin::sum::sum;

use super::function::{FitPart, Statistic};
use super::number::{arithmetic, compare, finish, key, number, ratio};
use super::{AggregateCall, Arithmetic};
use crate::statistics::{self, Lost};

/// An argument of an aggregate, evaluated for every row of a relation.
#[derive(Clone, Debug)]
pub(super) enum Cells {
    /// Finite floats alone: the common case, kept small and quick.
    Floats(Vec<f64>),
    /// Anything.
    Values(Vec<Value>),
}

impl From<Vec<Value>> for Cells {
    fn from(values: Vec<Value>) -> Self {
        let float = |value: &Value| match value {
            Value::Float(x) => Some(*x),
            _ => None,
        };
        match values.iter().map(float).collect() {
            Some(floats) => Self::Floats(floats),
            None => Self::Values(values),
        }
    }
}

impl Cells {
    fn value(&self, row: usize) -> Value {
        match self {
            Self::Floats(cells) => Value::Float(cells[row]),
            Self::Values(cells) => cells[row].clone(),
        }
    }

    fn missing(&self, row: usize) -> Option<&str> {
        match self {
            Self::Values(cells) => match &cells[row] {
                Value::Missing(reason) => Some(reason),
                _ => None,
            },
            Self::Floats(_) => None,
        }
    }

    fn numbers(&self, rows: &[usize]) -> Result<Vec<f64>, String> {
        match self {
            Self::Floats(cells) => Ok(rows.iter().map(|row| cells[*row]).collect()),
            Self::Values(cells) => rows.iter().map(|row| number(&cells[*row])).collect(),
        }
    }

    /// The cells as integers, if all are.
    fn integers(&self, rows: &[usize]) -> Option<Vec<&BigInt>> {
        let Self::Values(cells) = self else { return None };
        let integer = |row: &usize| match &cells[*row] {
            Value::Integer(integer) => Some(integer),
            _ => None,
        };
        rows.iter().map(integer).collect()
    }

    fn truths(&self, rows: &[usize]) -> Result<Vec<bool>, String> {
        let truth = |row: &usize| match self.value(*row) {
            Value::Bool(truth) => Ok(truth),
            other => Err(format!("{} is neither true nor false", super::number::describe(&other))),
        };
        rows.iter().map(truth).collect()
    }
}

/// The value of an aggregate over some rows; an error is a message about a wrong type.
pub(super) fn aggregate(call: &AggregateCall, cells: &[Cells], rows: &[usize]) -> Result<Value, String> {
    match kept(call, cells, rows) {
        Kept::All => over(call.statistic, cells, rows),
        Kept::Some(rows) => over(call.statistic, cells, &rows),
        Kept::Missing(reason) => Ok(Value::Missing(reason)),
    }
}

enum Kept {
    All,
    Some(Vec<usize>),
    Missing(String),
}

/// The rows without missing values, by the rule of [`statistics::present`].
fn kept(call: &AggregateCall, cells: &[Cells], rows: &[usize]) -> Kept {
    if cells.iter().all(|cells| matches!(cells, Cells::Floats(_))) {
        return Kept::All;
    }
    let any_skip = call.skip.iter().any(|skip| *skip);
    let missing = |row: &usize| cells.iter().find_map(|cells| cells.missing(*row));
    match statistics::present(rows, any_skip, missing) {
        Ok(kept) => Kept::Some(kept.into_iter().copied().collect()),
        Err(Lost { lost, of, first }) => Kept::Missing(format!("{lost} of {of} values are missing: {first}")),
    }
}

fn over(statistic: Statistic, cells: &[Cells], rows: &[usize]) -> Result<Value, String> {
    match statistic {
        Statistic::Count if cells.is_empty() => Ok(Value::from(rows.len())),
        Statistic::Count => {
            Ok(Value::from(cells[0].truths(rows)?.into_iter().filter(|truth| *truth).count()))
        }
        Statistic::All => Ok(Value::Bool(cells[0].truths(rows)?.into_iter().all(|truth| truth))),
        Statistic::Any => Ok(Value::Bool(cells[0].truths(rows)?.into_iter().any(|truth| truth))),
        Statistic::Sum => total(&cells[0], rows),
        Statistic::Product => product(&cells[0], rows),
        Statistic::Distinct => {
            let keys: BTreeSet<String> = rows.iter().map(|row| key(&cells[0].value(*row))).collect();
            Ok(Value::from(keys.len()))
        }
        _ if rows.is_empty() => Ok(Value::Missing("there are no rows".to_owned())),
        Statistic::First => Ok(cells[0].value(rows[0])),
        Statistic::Last => Ok(cells[0].value(rows[rows.len() - 1])),
        Statistic::Min | Statistic::ArgMin => extreme(cells, rows, std::cmp::Ordering::Less),
        Statistic::Max | Statistic::ArgMax => extreme(cells, rows, std::cmp::Ordering::Greater),
        Statistic::Mean => mean(&cells[0], rows),
        Statistic::Median => Ok(quantile(&cells[0].numbers(rows)?, 0.5)),
        Statistic::Quantile => Ok(quantile(&cells[0].numbers(rows)?, number(&cells[1].value(rows[0]))?)),
        Statistic::Sd | Statistic::Var => spread(statistic, &cells[0].numbers(rows)?),
        Statistic::Correlation | Statistic::Fit(_) => {
            pairs(statistic, &cells[0].numbers(rows)?, &cells[1].numbers(rows)?)
        }
    }
}

fn total(cells: &Cells, rows: &[usize]) -> Result<Value, String> {
    if let Some(integers) = cells.integers(rows) {
        return Ok(Value::Integer(integers.into_iter().sum()));
    }
    let numbers = cells.numbers(rows)?;
    let finite = numbers.iter().all(|x| x.is_finite());
    Ok(finish(sum(&numbers), finite, "plus and minus infinity have no sum"))
}

fn product(cells: &Cells, rows: &[usize]) -> Result<Value, String> {
    rows.iter().try_fold(Value::Integer(BigInt::one()), |product, row| {
        arithmetic(Arithmetic::Multiply, &product, &cells.value(*row))
    })
}

fn mean(cells: &Cells, rows: &[usize]) -> Result<Value, String> {
    match total(cells, rows)? {
        Value::Integer(total) => Ok(finish(ratio(&total, &rows.len().into()), true, "")),
        total => arithmetic(Arithmetic::Divide, &total, &Value::from(rows.len())),
    }
}

/// The first row whose first cell comes before all others in this order; its last cell is the value.
fn extreme(cells: &[Cells], rows: &[usize], wanted: std::cmp::Ordering) -> Result<Value, String> {
    let mut best = (rows[0], cells[0].value(rows[0]));
    number(&best.1)?;
    for row in &rows[1..] {
        let value = cells[0].value(*row);
        number(&value)?;
        if compare(&value, &best.1) == Some(wanted) {
            best = (*row, value);
        }
    }
    Ok(cells[cells.len() - 1].value(best.0))
}

fn quantile(numbers: &[f64], q: f64) -> Value {
    match statistics::quantile(numbers, q) {
        Some(x) => {
            finish(x, numbers.iter().all(|x| x.is_finite()), "the quantile lies between two infinities")
        }
        None => Value::Missing(format!("there is no quantile {q}, only from 0 to 1")),
    }
}

fn spread(statistic: Statistic, numbers: &[f64]) -> Result<Value, String> {
    if numbers.iter().any(|x| x.is_infinite()) {
        return Ok(Value::Missing("the spread of infinite values".to_owned()));
    }
    let spread = match statistic {
        Statistic::Sd => statistics::sd(numbers),
        _ => statistics::variance(numbers),
    };
    Ok(spread.map_or_else(
        || Value::Missing("a single value has no spread".to_owned()),
        |x| finish(x, true, "the squares are beyond the range of floats"),
    ))
}

/// Statistics of pairs; a fit's first argument is y.
fn pairs(statistic: Statistic, first: &[f64], second: &[f64]) -> Result<Value, String> {
    if first.iter().chain(second).any(|x| x.is_infinite()) {
        return Ok(Value::Missing("a fit or correlation of infinite values".to_owned()));
    }
    let too_few = "fewer than two points, or all at one place";
    let (value, reason) = match statistic {
        Statistic::Fit(part) => {
            let fit = statistics::fit(second, first);
            match part {
                FitPart::Slope => (fit.map(|fit| fit.slope), too_few),
                FitPart::Intercept => (fit.map(|fit| fit.intercept), too_few),
                FitPart::SlopeError => {
                    (fit.and_then(|fit| fit.slope_error), "a standard error needs three points")
                }
                FitPart::R2 => (fit.and_then(|fit| fit.r2), "no variance to explain"),
            }
        }
        _ => (statistics::correlation(first, second), too_few),
    };
    Ok(value.map_or_else(
        || Value::Missing(reason.to_owned()),
        |x| finish(x, true, "the squares are beyond the range of floats"),
    ))
}
