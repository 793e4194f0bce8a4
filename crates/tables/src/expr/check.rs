//! Names and types, before anything is evaluated.

use indexmap::IndexMap;
use octavo_plugin::{ColumnType, Value};

use super::function::{Function, Statistic};
use super::{AggregateCall, Arithmetic, Comparison, Expr, ExprError, Node, NodeKind, quoted};
use octavo_definition::diagnostic::nearest;

struct Checker<'a> {
    names: &'a IndexMap<String, ColumnType>,
    expr: &'a Expr,
    errors: Vec<ExprError>,
}

pub(super) fn check(expr: &Expr, names: &IndexMap<String, ColumnType>) -> Result<ColumnType, Vec<ExprError>> {
    let mut checker = Checker { names, expr, errors: Vec::new() };
    let kind = checker.node(&expr.root);
    checker.errors.sort_by_key(|error| error.span.start);
    checker.errors.dedup();
    match kind {
        Some(kind) if checker.errors.is_empty() => Ok(kind),
        _ => Err(checker.errors),
    }
}

/// What a place takes.
#[derive(Clone, Copy)]
enum Wanted {
    Number,
    Truth,
}

impl Checker<'_> {
    /// The type of a node; `None` after an error, so that one mistake gives one message.
    fn node(&mut self, node: &Node) -> Option<ColumnType> {
        use ColumnType::{Bool, Float, Integer, Text};
        match &node.kind {
            NodeKind::Literal(Value::Integer(_)) => Some(Integer),
            NodeKind::Literal(Value::Text(_)) => Some(Text),
            NodeKind::Literal(Value::Bool(_)) => Some(Bool),
            NodeKind::Literal(_) => Some(Float),
            NodeKind::Name(name) => self.name(name, node),
            NodeKind::Negate(a) => self.want(a, Wanted::Number),
            NodeKind::Not(a) => self.want(a, Wanted::Truth),
            NodeKind::And(sides) | NodeKind::Or(sides) => {
                let kinds: Vec<_> = sides.iter().map(|side| self.want(side, Wanted::Truth)).collect();
                kinds.iter().all(Option::is_some).then_some(Bool)
            }
            NodeKind::Chain(first, rest) => self.chain(first, rest),
            NodeKind::Power(a, b) => self.power(a, b),
            NodeKind::Compare(comparison, a, b) => self.comparison(*comparison, a, b, node),
            NodeKind::Within(a, b, c) => {
                let sides = [a, b, c].map(|side| self.want(side, Wanted::Number));
                sides.iter().all(Option::is_some).then_some(Bool)
            }
            NodeKind::Call(function, arguments) => self.call(*function, arguments, node),
            NodeKind::Aggregate(index) => {
                let expr = self.expr;
                self.aggregate(&expr.aggregates[*index])
            }
        }
    }

    fn name(&mut self, name: &str, node: &Node) -> Option<ColumnType> {
        if let Some(kind) = self.names.get(name) {
            return Some(*kind);
        }
        // `peak-height` without backticks reads as `peak` minus `height`.
        let hyphenated = self.names.keys().find(|known| {
            known.strip_prefix(name).is_some_and(|rest| rest.starts_with('-'))
                && self.expr.text[node.span.start..].starts_with(known.as_str())
        });
        let help = match hyphenated {
            Some(known) => Some(format!("a name with `-` is written in backticks: `` {} ``", quoted(known))),
            None => nearest(name, self.names.keys().map(String::as_str)),
        };
        self.errors.push(ExprError {
            span: node.span.clone(),
            message: format!("there is no `{name}` here"),
            help,
        });
        None
    }

    fn want(&mut self, node: &Node, wanted: Wanted) -> Option<ColumnType> {
        let kind = self.node(node)?;
        let (fits, what) = match wanted {
            Wanted::Number => (is_number(kind), "a number"),
            Wanted::Truth => (kind == ColumnType::Bool, "true or false"),
        };
        if fits {
            return Some(kind);
        }
        let help = match (wanted, kind) {
            (Wanted::Truth, ColumnType::Float | ColumnType::Integer) => {
                Some("compare it with something, such as `x > 0`")
            }
            (Wanted::Number, ColumnType::Bool) => Some("`count(condition)` counts the rows where it is true"),
            _ => None,
        };
        self.errors.push(ExprError {
            span: node.span.clone(),
            message: format!("this is of type {kind}, {what} is wanted"),
            help: help.map(str::to_owned),
        });
        None
    }

    fn chain(&mut self, first: &Node, rest: &[(Arithmetic, Node)]) -> Option<ColumnType> {
        let mut kind = self.want(first, Wanted::Number);
        for (operation, operand) in rest {
            let right = self.want(operand, Wanted::Number);
            kind = kind.zip(right).map(|(left, right)| match operation {
                Arithmetic::Divide => ColumnType::Float,
                _ => both(left, right),
            });
        }
        kind
    }

    fn power(&mut self, a: &Node, b: &Node) -> Option<ColumnType> {
        let (left, right) = (self.want(a, Wanted::Number), self.want(b, Wanted::Number));
        let whole = both(left?, right?);
        Some(if matches!(b.kind, NodeKind::Negate(_)) { ColumnType::Float } else { whole })
    }

    fn comparison(&mut self, comparison: Comparison, a: &Node, b: &Node, node: &Node) -> Option<ColumnType> {
        let (left, right) = (self.node(a), self.node(b));
        let (left, right) = (left?, right?);
        let equality = matches!(comparison, Comparison::Equal | Comparison::NotEqual);
        if is_number(left) && is_number(right) || equality && left == right {
            return Some(ColumnType::Bool);
        }
        let message = match equality {
            true => format!("{left} and {right} are never equal"),
            false => format!("{left} and {right} have no order"),
        };
        self.errors.push(ExprError::new(node.span.clone(), message));
        None
    }

    fn call(&mut self, function: Function, arguments: &[Node], node: &Node) -> Option<ColumnType> {
        match function {
            Function::IsMissing => self.node(&arguments[0]).map(|_| ColumnType::Bool),
            Function::If => self.condition(arguments, node),
            Function::Digits => self.digits(&arguments[0]),
            Function::Floor | Function::Round => {
                self.want(&arguments[0], Wanted::Number).map(|_| ColumnType::Integer)
            }
            Function::Min | Function::Max | Function::Abs => {
                let kinds: Vec<_> =
                    arguments.iter().map(|argument| self.want(argument, Wanted::Number)).collect();
                kinds.into_iter().collect::<Option<Vec<_>>>()?.into_iter().reduce(both)
            }
            _ => self.want(&arguments[0], Wanted::Number).map(|_| ColumnType::Float),
        }
    }

    fn digits(&mut self, argument: &Node) -> Option<ColumnType> {
        let kind = self.want(argument, Wanted::Number)?;
        if kind == ColumnType::Integer {
            return Some(kind);
        }
        self.errors.push(
            ExprError::new(
                argument.span.clone(),
                "`digits` counts the digits of an integer, this is a float",
            )
            .help("`floor` and `round` give integers"),
        );
        None
    }

    fn condition(&mut self, arguments: &[Node], node: &Node) -> Option<ColumnType> {
        let condition = self.want(&arguments[0], Wanted::Truth);
        let (yes, no) = (self.node(&arguments[1]), self.node(&arguments[2]));
        condition?;
        let (yes, no) = (yes?, no?);
        if yes == no {
            return Some(yes);
        }
        if is_number(yes) && is_number(no) {
            return Some(ColumnType::Float);
        }
        let message = format!("the two cases are of types {yes} and {no}");
        self.errors.push(ExprError::new(node.span.clone(), message));
        None
    }

    fn aggregate(&mut self, call: &AggregateCall) -> Option<ColumnType> {
        use Statistic as S;
        let arguments = &call.arguments;
        let number = |this: &mut Self, index: usize| this.want(&arguments[index], Wanted::Number);
        match call.statistic {
            S::Count if arguments.is_empty() => Some(ColumnType::Integer),
            S::Count => self.want(&arguments[0], Wanted::Truth).map(|_| ColumnType::Integer),
            S::All | S::Any => self.want(&arguments[0], Wanted::Truth),
            S::First | S::Last => self.node(&arguments[0]),
            S::Distinct => self.node(&arguments[0]).map(|_| ColumnType::Integer),
            S::Sum | S::Product | S::Min | S::Max => number(self, 0),
            S::Mean | S::Median | S::Sd | S::Var => number(self, 0).map(|_| ColumnType::Float),
            S::ArgMin | S::ArgMax => {
                let by = number(self, 0);
                self.node(&arguments[1]).filter(|_| by.is_some())
            }
            S::Correlation | S::Fit(_) => {
                let (a, b) = (number(self, 0), number(self, 1));
                a.and(b).map(|_| ColumnType::Float)
            }
            S::Quantile => {
                let (x, q) = (number(self, 0), self.share(&arguments[1]));
                x.and(q)
            }
        }
    }

    /// The q of `quantile(x, q)`: a constant from 0 to 1.
    fn share(&mut self, node: &Node) -> Option<ColumnType> {
        let mut names = Vec::new();
        node.names(&mut names);
        let value = super::eval::constant(node);
        let share = value.as_ref().and_then(Value::as_f64).filter(|q| (0.0..=1.0).contains(q));
        if names.is_empty() && share.is_some() {
            return Some(ColumnType::Float);
        }
        let message = "the second argument of `quantile` is a constant from 0 to 1";
        self.errors
            .push(ExprError::new(node.span.clone(), message).help("write for example `quantile(x, 0.95)`"));
        None
    }
}

fn is_number(kind: ColumnType) -> bool {
    matches!(kind, ColumnType::Float | ColumnType::Integer)
}

fn both(a: ColumnType, b: ColumnType) -> ColumnType {
    if a == ColumnType::Integer { b } else { a }
}
