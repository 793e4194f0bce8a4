//! The expression language of values, derived tables, figures and claims. docs/expressions.md has the grammar.
//!
//! An expression is read once ([`Expr::parse`]), checked against the names and types there will be ([`Expr::check`]),
//! and evaluated over the rows of a relation or over named values. There is no user code, no loop and no recursion:
//! evaluation costs at most (length of the text) x (number of rows) operations, on integers of bounded size.
//!
//! Integers stay exact under `+ - * ^`; missing values carry their reason along; infinities are values with a name.

mod aggregate;
mod check;
mod enclose;
mod eval;
mod function;
mod number;
mod parse;
mod token;

#[cfg(test)]
mod tests;

use std::ops::Range;

use indexmap::IndexMap;
use octavo_plugin::{ColumnSchema, ColumnType, Value};

use crate::relation::Relation;

pub(crate) use enclose::{Bounds, enclose};
pub use eval::Prepared;
pub(crate) use eval::outside;
pub use function::{AGGREGATES, FUNCTIONS, FitPart, Signature};
pub use number::{compare, difference, equal, key};
pub use parse::{MAX_LENGTH, MAX_NESTING};

pub(crate) use function::Nature;
use function::{Function, Statistic};

/// What is wrong with an expression, and where in its text.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ExprError {
    /// Bytes of the expression's text.
    pub span: Range<usize>,
    /// One sentence without a full stop.
    pub message: String,
    /// The next step, if one is known.
    pub help: Option<String>,
}

impl ExprError {
    pub(crate) fn new(span: Range<usize>, message: impl Into<String>) -> Self {
        Self { span, message: message.into(), help: None }
    }

    pub(crate) fn help(mut self, help: impl Into<String>) -> Self {
        self.help = Some(help.into());
        self
    }
}

/// How many values an expression gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cardinality {
    /// One value: every column stands in an aggregate.
    One,
    /// One value per row: some column stands outside an aggregate.
    PerRow,
}

/// A comparison between two expressions.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    /// `<`
    Less,
    /// `<=`
    AtMost,
    /// `>`
    Greater,
    /// `>=`
    AtLeast,
    /// `==`
    Equal,
    /// `!=`
    NotEqual,
}

/// An arithmetic operation between two numbers that are grouped from the left, and the power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
}

/// A node of the syntax tree with its bytes in the text.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Node {
    pub(crate) kind: NodeKind,
    pub(crate) span: Range<usize>,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) enum NodeKind {
    Literal(Value),
    Name(String),
    Negate(Box<Node>),
    Not(Box<Node>),
    /// A first operand and what is done to it, from left to right. `a - b + c` is one node however long it is, so that
    /// only what is nested costs stack.
    Chain(Box<Node>, Vec<(Arithmetic, Node)>),
    Power(Box<Node>, Box<Node>),
    Compare(Comparison, Box<Node>, Box<Node>),
    /// Value, tolerance, target.
    Within(Box<Node>, Box<Node>, Box<Node>),
    /// At least two.
    And(Vec<Node>),
    /// At least two.
    Or(Vec<Node>),
    Call(Function, Vec<Node>),
    /// Index into [`Expr::aggregates`].
    Aggregate(usize),
}

/// An aggregate as written: its arguments are evaluated per row.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct AggregateCall {
    pub(crate) statistic: Statistic,
    pub(crate) arguments: Vec<Node>,
    /// Which arguments were written in `skip_missing(...)`.
    pub(crate) skip: Vec<bool>,
    pub(crate) span: Range<usize>,
}

/// A parsed expression.
#[derive(Clone, Debug, PartialEq)]
pub struct Expr {
    text: String,
    root: Node,
    aggregates: Vec<AggregateCall>,
    read: bool,
}

impl Expr {
    /// Reads an expression.
    ///
    /// # Errors
    /// The first place where the text leaves the grammar, or is too long or nested too deeply.
    pub fn parse(text: &str) -> Result<Self, ExprError> {
        let (root, aggregates) = parse::parse(text)?;
        Ok(Self { text: text.to_owned(), root, aggregates, read: true })
    }

    /// What stands for a text that is no expression, so that all else can be checked.
    pub(crate) fn unread(text: &str) -> Self {
        let reason = Value::Missing("the expression cannot be read".to_owned());
        let root = Node { kind: NodeKind::Literal(reason), span: 0..text.len() };
        Self { text: text.to_owned(), root, aggregates: Vec::new(), read: false }
    }

    /// Whether its text could be read. What could not was told where it stands.
    pub fn is_read(&self) -> bool {
        self.read
    }

    /// An aggregate of one column, such as `mean(size)`.
    ///
    /// # Panics
    /// If there is no aggregate of this name.
    pub(crate) fn of_column(aggregate: &str, column: &str) -> Self {
        let (statistic, _) = Statistic::find(aggregate).expect("the aggregate is one of the table");
        let text = format!("{aggregate}({})", quoted(column));
        let start = aggregate.len() + 1;
        let argument = Node { kind: NodeKind::Name(column.to_owned()), span: start..text.len() - 1 };
        let span = 0..text.len();
        let call =
            AggregateCall { statistic, arguments: vec![argument], skip: vec![false], span: span.clone() };
        let root = Node { kind: NodeKind::Aggregate(0), span };
        Self { text, root, aggregates: vec![call], read: true }
    }

    /// The text as written.
    pub fn text(&self) -> &str {
        &self.text
    }

    /// Every name with its place, in the order of the text.
    pub fn names(&self) -> Vec<(String, Range<usize>)> {
        let mut names = self.bare_names();
        for call in &self.aggregates {
            call.arguments.iter().for_each(|argument| argument.names(&mut names));
        }
        names.sort_by_key(|(_, span)| span.start);
        names
    }

    /// The names outside aggregates, with their places.
    pub fn bare_names(&self) -> Vec<(String, Range<usize>)> {
        let mut names = Vec::new();
        self.root.names(&mut names);
        names
    }

    /// Whether it gives one value or one per row.
    pub fn kind(&self) -> Cardinality {
        if self.bare_names().is_empty() { Cardinality::One } else { Cardinality::PerRow }
    }

    /// The places of the aggregates.
    pub fn aggregate_spans(&self) -> Vec<Range<usize>> {
        self.aggregates.iter().map(|call| call.span.clone()).collect()
    }

    /// What its aggregates make of replicates, in the order of the text.
    pub(crate) fn natures(&self) -> impl Iterator<Item = Nature> {
        self.aggregates.iter().map(|call| call.statistic.nature())
    }

    /// The share of rows below the quantile that an aggregate is; `None` for other aggregates.
    pub(crate) fn quantile_share(&self, aggregate: usize) -> Option<f64> {
        let call = &self.aggregates[aggregate];
        match call.statistic {
            Statistic::Median => Some(0.5),
            Statistic::Quantile => eval::constant(&call.arguments[1])?.as_f64(),
            _ => None,
        }
    }

    /// The column that decides the expression's unit: `x` in `x`, and in `mean(x)`, `max(x)` and their like.
    pub(crate) fn unit_column(&self) -> Option<&str> {
        let node = match &self.root.kind {
            NodeKind::Aggregate(index) if self.aggregates[*index].statistic.keeps_unit() => {
                self.aggregates[*index].arguments.first()?
            }
            _ => &self.root,
        };
        match &node.kind {
            NodeKind::Name(name) => Some(name),
            _ => None,
        }
    }

    /// Checks names, types and the places of aggregates, and gives the type of the result.
    ///
    /// # Errors
    /// Every problem, in the order of the text.
    pub fn check(&self, names: &IndexMap<String, ColumnType>) -> Result<ColumnType, Vec<ExprError>> {
        check::check(self, names)
    }

    /// One value per row of the relation; aggregates are taken over all its rows.
    ///
    /// # Errors
    /// An unknown name, values of a wrong type, or an integer beyond 2^20 bits.
    pub fn eval_rows(&self, relation: &Relation) -> Result<Vec<Value>, ExprError> {
        eval::rows(self, relation)
    }

    /// The one value over all rows of the relation.
    ///
    /// # Errors
    /// As [`Self::eval_rows`], and a column outside an aggregate.
    pub fn eval_value(&self, relation: &Relation) -> Result<Value, ExprError> {
        let rows: Vec<usize> = (0..relation.rows).collect();
        Prepared::new(self, relation)?.value(&rows, &|_| None)
    }

    /// The value over named values, without aggregates.
    ///
    /// # Errors
    /// As [`Self::eval_rows`], and an aggregate.
    pub fn eval_with(&self, value: &dyn Fn(&str) -> Option<Value>) -> Result<Value, ExprError> {
        eval::with(self, &self.root, value)
    }

    pub(crate) fn root(&self) -> &Node {
        &self.root
    }

    /// The value of a part of the expression over named values.
    pub(crate) fn eval_part(
        &self,
        part: &Node,
        value: &dyn Fn(&str) -> Option<Value>,
    ) -> Result<Value, ExprError> {
        eval::with(self, part, value)
    }
}

impl Node {
    pub(crate) fn names(&self, into: &mut Vec<(String, Range<usize>)>) {
        match &self.kind {
            NodeKind::Literal(_) | NodeKind::Aggregate(_) => {}
            NodeKind::Name(name) => into.push((name.clone(), self.span.clone())),
            _ => self.children().into_iter().for_each(|child| child.names(into)),
        }
    }

    /// The comparisons by `==` and `!=` in it, in the order of the text.
    pub(crate) fn equalities(&self) -> Vec<&Self> {
        match &self.kind {
            NodeKind::Compare(Comparison::Equal | Comparison::NotEqual, ..) => vec![self],
            _ => self.children().into_iter().flat_map(Self::equalities).collect(),
        }
    }

    /// Whether something in it has kinks or steps.
    pub(crate) fn has_kinks(&self) -> bool {
        let own = matches!(&self.kind, NodeKind::Call(function, _) if function.has_kinks());
        own || self.children().into_iter().any(Self::has_kinks)
    }

    pub(crate) fn children(&self) -> Vec<&Node> {
        match &self.kind {
            NodeKind::Literal(_) | NodeKind::Name(_) | NodeKind::Aggregate(_) => Vec::new(),
            NodeKind::Negate(a) | NodeKind::Not(a) => vec![a],
            NodeKind::Power(a, b) | NodeKind::Compare(_, a, b) => vec![a, b],
            NodeKind::Chain(first, rest) => {
                std::iter::once(first.as_ref()).chain(rest.iter().map(|(_, operand)| operand)).collect()
            }
            NodeKind::And(sides) | NodeKind::Or(sides) => sides.iter().collect(),
            NodeKind::Within(a, b, c) => vec![a, b, c],
            NodeKind::Call(_, arguments) => arguments.iter().collect(),
        }
    }
}

/// The types of columns by name, as [`Expr::check`] takes them.
pub fn types(columns: &IndexMap<String, ColumnSchema>) -> IndexMap<String, ColumnType> {
    columns.iter().map(|(name, schema)| (name.clone(), schema.kind)).collect()
}

/// A name as it is written in an expression: in backticks where it is not a plain one.
pub fn quoted(name: &str) -> String {
    if token::is_plain_name(name) { name.to_owned() } else { format!("`{name}`") }
}
