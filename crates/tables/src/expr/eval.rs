//! Evaluation.

use octavo_plugin::Value;

use super::aggregate::{Cells, aggregate};
use super::function::Function;
use super::number::{apply, arithmetic, compare, describe, difference, equal, negate};
use super::{Arithmetic, Comparison, Expr, ExprError, Node, NodeKind};
use crate::relation::Relation;

/// What names and aggregates stand for.
struct Scope<'a> {
    name: &'a dyn Fn(&str) -> Option<Value>,
    aggregates: &'a [Value],
}

/// An expression whose aggregates' arguments are evaluated for every row of a relation, so that its value over any
/// choice of rows costs no more than the aggregates themselves.
#[derive(Clone, Debug)]
pub struct Prepared {
    expr: Expr,
    cells: Vec<Vec<Cells>>,
}

impl Prepared {
    /// Evaluates the arguments of all aggregates.
    ///
    /// # Errors
    /// As [`Expr::eval_rows`].
    pub fn new(expr: &Expr, relation: &Relation) -> Result<Self, ExprError> {
        let column = |argument: &Node| -> Result<Cells, ExprError> {
            let values: Result<Vec<Value>, _> =
                (0..relation.rows).map(|row| cell(argument, relation, row, &[])).collect();
            Ok(values?.into())
        };
        let columns = |arguments: &[Node]| arguments.iter().map(column).collect();
        let cells: Result<_, _> = expr.aggregates.iter().map(|call| columns(&call.arguments)).collect();
        Ok(Self { expr: expr.clone(), cells: cells? })
    }

    /// The value over these rows, in this order, which may repeat. `name` gives the names outside aggregates.
    ///
    /// # Errors
    /// As [`Expr::eval_value`].
    pub fn value(&self, rows: &[usize], name: &dyn Fn(&str) -> Option<Value>) -> Result<Value, ExprError> {
        let aggregates = self.aggregates(rows)?;
        let scope = Scope { name, aggregates: &aggregates };
        eval(&self.expr.root, &scope).map_err(|error| match self.expr.bare_names().first() {
            Some((name, span)) if *span == error.span => outside(name, span.clone()),
            _ => error,
        })
    }

    /// The value of each aggregate over these rows.
    ///
    /// # Errors
    /// As [`Expr::eval_value`].
    pub(crate) fn aggregates(&self, rows: &[usize]) -> Result<Vec<Value>, ExprError> {
        let one = |(call, cells): (&super::AggregateCall, &Vec<Cells>)| {
            aggregate(call, cells, rows).map_err(|message| ExprError::new(call.span.clone(), message))
        };
        self.expr.aggregates.iter().zip(&self.cells).map(one).collect()
    }
}

/// A column outside an aggregate where one value is wanted.
pub(crate) fn outside(name: &str, span: std::ops::Range<usize>) -> ExprError {
    let name = super::quoted(name);
    ExprError::new(span, format!("`{name}` has a value per row, and one value is wanted"))
        .help(format!("write an aggregate, such as `mean({name})`"))
}

pub(super) fn rows(expr: &Expr, relation: &Relation) -> Result<Vec<Value>, ExprError> {
    let all: Vec<usize> = (0..relation.rows).collect();
    let aggregates = Prepared::new(expr, relation)?.aggregates(&all)?;
    all.iter().map(|row| cell(&expr.root, relation, *row, &aggregates)).collect()
}

fn cell(node: &Node, relation: &Relation, row: usize, aggregates: &[Value]) -> Result<Value, ExprError> {
    eval(node, &Scope { name: &|name| relation.value(name, row), aggregates })
}

pub(super) fn with(
    expr: &Expr,
    part: &Node,
    name: &dyn Fn(&str) -> Option<Value>,
) -> Result<Value, ExprError> {
    if let Some(call) = expr.aggregates.first() {
        return Err(ExprError::new(call.span.clone(), "there are no rows to aggregate here"));
    }
    eval(part, &Scope { name, aggregates: &[] })
}

/// The value of a part without names or aggregates; `None` if there is none.
pub(super) fn constant(node: &Node) -> Option<Value> {
    match node.kind {
        NodeKind::Aggregate(_) => None,
        _ => eval(node, &Scope { name: &|_| None, aggregates: &[] }).ok(),
    }
}

fn eval(node: &Node, scope: &Scope) -> Result<Value, ExprError> {
    let fault = |message: String| ExprError::new(node.span.clone(), message);
    match &node.kind {
        NodeKind::Literal(value) => Ok(value.clone()),
        NodeKind::Name(name) => (scope.name)(name).ok_or_else(|| fault(format!("there is no `{name}` here"))),
        NodeKind::Aggregate(index) => Ok(scope.aggregates[*index].clone()),
        NodeKind::Negate(a) => negate(&eval(a, scope)?).map_err(fault),
        NodeKind::Chain(first, rest) => {
            rest.iter().try_fold(eval(first, scope)?, |left, (operation, right)| {
                arithmetic(*operation, &left, &eval(right, scope)?)
                    .map_err(|message| so_far(node, right, message))
            })
        }
        NodeKind::Power(a, b) => {
            arithmetic(Arithmetic::Power, &eval(a, scope)?, &eval(b, scope)?).map_err(fault)
        }
        NodeKind::Compare(comparison, a, b) => {
            holds(*comparison, &eval(a, scope)?, &eval(b, scope)?).map_err(fault)
        }
        NodeKind::Within(a, tolerance, b) => {
            within(&eval(a, scope)?, &eval(tolerance, scope)?, &eval(b, scope)?).map_err(fault)
        }
        NodeKind::Not(a) => Ok(match truth(&eval(a, scope)?).map_err(fault)? {
            Ok(truth) => Value::Bool(!truth),
            Err(missing) => missing,
        }),
        NodeKind::And(sides) => connect_all(node, sides, false, scope),
        NodeKind::Or(sides) => connect_all(node, sides, true, scope),
        NodeKind::Call(function, arguments) => {
            let values: Result<Vec<Value>, _> =
                arguments.iter().map(|argument| eval(argument, scope)).collect();
            call(*function, &values?).map_err(fault)
        }
    }
}

/// What is wrong with a chain up to this operand.
fn so_far(chain: &Node, operand: &Node, message: String) -> ExprError {
    ExprError::new(chain.span.start..operand.span.end, message)
}

fn connect_all(node: &Node, sides: &[Node], decisive: bool, scope: &Scope) -> Result<Value, ExprError> {
    sides[1..].iter().try_fold(eval(&sides[0], scope)?, |left, side| {
        let right = eval(side, scope)?;
        connect(&left, &right, decisive).map_err(|message| so_far(node, side, message))
    })
}

/// The truth of a value, or the missing value itself.
fn truth(value: &Value) -> Result<Result<bool, Value>, String> {
    match value {
        Value::Bool(truth) => Ok(Ok(*truth)),
        Value::Missing(_) => Ok(Err(value.clone())),
        other => Err(format!("{} is neither true nor false", describe(other))),
    }
}

/// `and` (decided by false) or `or` (decided by true): a missing side matters only where the other does not decide.
fn connect(a: &Value, b: &Value, decisive: bool) -> Result<Value, String> {
    let (a, b) = (truth(a)?, truth(b)?);
    Ok(match (a, b) {
        (Ok(truth), _) | (_, Ok(truth)) if truth == decisive => Value::Bool(decisive),
        (Err(missing), _) | (_, Err(missing)) => missing,
        _ => Value::Bool(!decisive),
    })
}

/// A comparison; missing if a side is.
pub(super) fn holds(comparison: Comparison, a: &Value, b: &Value) -> Result<Value, String> {
    if let Some(missing) = [a, b].into_iter().find(|value| matches!(value, Value::Missing(_))) {
        return Ok(missing.clone());
    }
    let fault = || format!("{} and {} are not compared", describe(a), describe(b));
    if matches!(comparison, Comparison::Equal | Comparison::NotEqual) {
        let equal = equal(a, b).ok_or_else(fault)?;
        return Ok(Value::Bool(equal == (comparison == Comparison::Equal)));
    }
    let order = compare(a, b).ok_or_else(fault)?;
    Ok(Value::Bool(match comparison {
        Comparison::Less => order.is_lt(),
        Comparison::AtMost => order.is_le(),
        Comparison::Greater => order.is_gt(),
        _ => order.is_ge(),
    }))
}

/// |a - b| <= tolerance; equal infinities are within every tolerance of each other.
fn within(a: &Value, tolerance: &Value, b: &Value) -> Result<Value, String> {
    if equal(a, b) == Some(true) {
        return holds(Comparison::AtLeast, tolerance, &Value::from(0_u32));
    }
    let distance = match difference(a, b) {
        Value::Missing(_) if !matches!((a, b), (Value::Missing(_), _) | (_, Value::Missing(_))) => {
            return Err(format!("{} and {} have no distance", describe(a), describe(b)));
        }
        difference => apply(Function::Abs, &difference)?,
    };
    holds(Comparison::AtMost, &distance, tolerance)
}

fn call(function: Function, values: &[Value]) -> Result<Value, String> {
    match function {
        Function::IsMissing => Ok(Value::Bool(matches!(values[0], Value::Missing(_)))),
        Function::If => Ok(match truth(&values[0])? {
            Ok(true) => values[1].clone(),
            Ok(false) => values[2].clone(),
            Err(missing) => missing,
        }),
        Function::Min => extreme(values, std::cmp::Ordering::Less),
        Function::Max => extreme(values, std::cmp::Ordering::Greater),
        _ => apply(function, &values[0]),
    }
}

fn extreme(values: &[Value], wanted: std::cmp::Ordering) -> Result<Value, String> {
    if let Some(missing) = values.iter().find(|value| matches!(value, Value::Missing(_))) {
        return Ok(missing.clone());
    }
    values[1..].iter().try_fold(values[0].clone(), |best, value| {
        let order = compare(value, &best)
            .ok_or_else(|| format!("{} and {} are not compared", describe(&best), describe(value)))?;
        Ok(if order == wanted { value.clone() } else { best })
    })
}
