//! Claims: statements that results bear out, contradict or leave open. docs/expressions.md has the rules.

use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use indexmap::IndexMap;
use octavo_plugin::Value;

use crate::definitions::{CheckedClaim, CheckedValue};
use crate::expr::{Comparison, Expr, Node, NodeKind, compare, difference};
use crate::results::{Method, Problem, Results, Sampler, spread};
use octavo_definition::manifest::Expect;

/// Fewest replicates that decide something stochastic.
pub const MIN_REPLICATES: usize = 5;

/// What results say of a claim.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Verdict {
    /// They bear it out.
    Holds,
    /// They contradict it.
    Refuted,
    /// They do not decide it.
    Undecided,
}

impl Verdict {
    /// The name that results, pages and JSON use.
    pub fn name(self) -> &'static str {
        match self {
            Self::Holds => "holds",
            Self::Refuted => "refuted",
            Self::Undecided => "undecided",
        }
    }

    /// Whether it is the expected one.
    pub fn is(self, expect: Expect) -> bool {
        matches!(
            (self, expect),
            (Self::Holds, Expect::Holds)
                | (Self::Refuted, Expect::Refuted)
                | (Self::Undecided, Expect::Undecided)
        )
    }

    fn not(self) -> Self {
        match self {
            Self::Holds => Self::Refuted,
            Self::Refuted => Self::Holds,
            Self::Undecided => Self::Undecided,
        }
    }
}

/// What a verdict rests on.
#[derive(Clone, Debug, PartialEq)]
pub enum Reason {
    /// The sides were compared as they are.
    Exact,
    /// The interval of the difference, found so, lies (or does not lie) on one side.
    Interval(Method),
    /// A side has no value.
    Missing(String),
    /// Something stochastic with too few replicates.
    TooFewReplicates {
        /// How many finished.
        have: usize,
        /// How many decide.
        need: usize,
    },
    /// Tasks that a value needs failed.
    FailedTasks(usize),
    /// No interval can be given, for example because a replicate has no value.
    NoInterval,
    /// The check cannot be evaluated.
    Invalid(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("compared exactly"),
            Self::Interval(Method::Exact) => f.write_str("compared exactly"),
            Self::Interval(Method::Uncertainty) => f.write_str("by the stated uncertainty"),
            Self::Interval(Method::Student) => {
                f.write_str("by the 95 % interval over replicates (Student t)")
            }
            Self::Interval(Method::Bootstrap) => {
                f.write_str("by the 95 % interval over replicates (bootstrap)")
            }
            Self::Missing(reason) => write!(f, "a side has no value: {reason}"),
            Self::TooFewReplicates { have, need } => {
                write!(f, "{have} replicates finished, at least {need} decide")
            }
            Self::FailedTasks(1) => f.write_str("a task failed"),
            Self::FailedTasks(count) => write!(f, "{count} tasks failed"),
            Self::NoInterval => f.write_str("the replicates give no interval"),
            Self::Invalid(message) => write!(f, "the check cannot be evaluated: {message}"),
        }
    }
}

/// One comparison of a claim.
#[derive(Clone, Debug, PartialEq)]
pub struct Part {
    /// Its bytes in the check.
    pub span: Range<usize>,
    /// What results say of it.
    pub verdict: Verdict,
    /// The left side over all rows; for `a within t of b`, a. For a truth value, the value.
    pub left: Value,
    /// The right side; for `a within t of b`, b. For a truth value, `true`.
    pub right: Value,
    /// left - right; missing for what is no number.
    pub difference: Value,
    /// The interval of the difference.
    pub interval: Option<(f64, f64)>,
    /// What the verdict rests on.
    pub reason: Reason,
}

/// A claim's verdict with the numbers behind it.
#[derive(Clone, Debug, PartialEq)]
pub struct Judgement {
    /// The verdict.
    pub verdict: Verdict,
    /// Whether it is the expected one.
    pub as_expected: bool,
    /// Number of replicates with finished tasks.
    pub replicates: usize,
    /// The comparisons in the order of the text.
    pub parts: Vec<Part>,
    /// Which of them decided, or left it open.
    pub deciding: usize,
}

impl Judgement {
    /// The comparison that decided, or left it open.
    pub fn part(&self) -> &Part {
        &self.parts[self.deciding]
    }
}

/// Judges a claim over the values of its experiment.
///
/// # Errors
/// What [`ResultsSchema::check_claim`](crate::results::ResultsSchema::check_claim) and the checks of the values it names
/// would have found; the path is from the manifest's root, without the claim's name.
pub fn judge(
    results: &Results,
    values: &IndexMap<String, CheckedValue>,
    claim: &CheckedClaim,
) -> Result<Judgement, Problem> {
    let fault = |error| Problem::expression(error).under(&["check"]);
    let expr = &claim.check;
    let mut samplers = IndexMap::new();
    for (name, span) in expr.names() {
        if samplers.contains_key(&name) {
            continue;
        }
        let sampler = match (values.get(&name), results.scalar(&name)) {
            (Some(value), _) => {
                Sampler::new(results, value).map_err(|problem| problem.under(&["values", &name]))?
            }
            (None, Some(value)) => Sampler::new(results, &value)?,
            (None, None) => {
                return Err(fault(crate::expr::ExprError {
                    span,
                    message: format!("there is no `{name}` here"),
                    help: None,
                }));
            }
        };
        samplers.insert(name, sampler);
    }
    let mut judge = Judge { results, expr, samplers, parts: Vec::new() };
    let (verdict, deciding) = judge.statement(expr.root());
    let parts = judge.parts;
    let replicates = results.replicates().len();
    Ok(Judgement { verdict, as_expected: verdict.is(claim.expect), replicates, parts, deciding })
}

struct Judge<'a> {
    results: &'a Results,
    expr: &'a Expr,
    samplers: IndexMap<String, Sampler<'a>>,
    parts: Vec<Part>,
}

impl Judge<'_> {
    /// The verdict on a node, and which part decides it.
    fn statement(&mut self, node: &Node) -> (Verdict, usize) {
        match &node.kind {
            NodeKind::And(sides) => {
                let sides: Vec<_> = sides.iter().map(|side| self.statement(side)).collect();
                first_of(&sides, [Verdict::Refuted, Verdict::Undecided, Verdict::Holds])
            }
            NodeKind::Or(sides) => {
                let sides: Vec<_> = sides.iter().map(|side| self.statement(side)).collect();
                first_of(&sides, [Verdict::Holds, Verdict::Undecided, Verdict::Refuted])
            }
            NodeKind::Not(a) => {
                let (verdict, deciding) = self.statement(a);
                (verdict.not(), deciding)
            }
            _ => {
                let part = self.part(node);
                let verdict = part.verdict;
                self.parts.push(part);
                (verdict, self.parts.len() - 1)
            }
        }
    }

    fn part(&self, node: &Node) -> Part {
        let truth = Node { kind: NodeKind::Literal(Value::Bool(true)), span: node.span.clone() };
        let (left, right) = match &node.kind {
            NodeKind::Compare(_, a, b) => (a.as_ref(), b.as_ref()),
            NodeKind::Within(a, _, b) => (a.as_ref(), b.as_ref()),
            _ => (node, &truth),
        };
        let mut part = Part {
            span: node.span.clone(),
            verdict: Verdict::Undecided,
            left: self.whole(left),
            right: self.whole(right),
            difference: Value::Missing(String::new()),
            interval: None,
            reason: Reason::Exact,
        };
        part.difference = difference(&part.left, &part.right);
        if let Err(problem) = self.decide(node, (left, right), &mut part) {
            part.reason = Reason::Invalid(problem.message);
            part.verdict = Verdict::Undecided;
        }
        part
    }

    fn whole(&self, node: &Node) -> Value {
        let value = |name: &str| self.samplers.get(name).map(|sampler| sampler.whole().clone());
        self.expr.eval_part(node, &value).unwrap_or_else(|error| Value::Missing(error.message))
    }

    fn decide(&self, node: &Node, sides: (&Node, &Node), part: &mut Part) -> Result<(), Problem> {
        let sampled = self.samplers_of(node);
        if let Some(reason) = self.obstacle(node, sides, &sampled) {
            part.reason = reason;
            return Ok(());
        }
        let numbers = compare(&part.left, &part.right).is_some();
        let quantity = |value: &dyn Fn(&str) -> Option<Value>| {
            let side = |side: &Node| self.expr.eval_part(side, value).map_err(Problem::expression);
            match numbers {
                true => Ok(difference(&side(sides.0)?, &side(sides.1)?)),
                false => side(node),
            }
        };
        // A comparison of equal infinities has no difference, and one of truth values or texts is a truth value itself.
        let spread = spread(self.results, &sampled, &quantity)?;
        let moved = spread.uncertainty.is_some_and(|u| u > 0.0);
        let varies = self.results.stochastic && numbers && !sampled.is_empty();
        if !moved && !varies {
            part.interval = spread.interval.filter(|_| numbers);
            part.verdict = exact(&self.whole(node));
            return Ok(());
        }
        part.reason = Reason::Interval(spread.method);
        part.interval = spread.interval;
        match (spread.interval, numbers) {
            (Some(interval), true) => part.verdict = self.by_interval(node, interval),
            // A truth value that a stated uncertainty can change stays undecided.
            (_, false) => part.reason = Reason::Interval(Method::Uncertainty),
            (None, true) => part.reason = Reason::NoInterval,
        }
        Ok(())
    }

    fn samplers_of(&self, node: &Node) -> IndexMap<String, Sampler<'_>> {
        let mut names = Vec::new();
        node.names(&mut names);
        let mut found = IndexMap::new();
        for (name, _) in names {
            if let Some(sampler) = self.samplers.get(&name) {
                found.insert(name, sampler.clone());
            }
        }
        found
    }

    /// What stands in the way of any verdict.
    fn obstacle(
        &self,
        node: &Node,
        sides: (&Node, &Node),
        sampled: &IndexMap<String, Sampler<'_>>,
    ) -> Option<Reason> {
        let tolerance = match &node.kind {
            NodeKind::Within(_, tolerance, _) => Some(tolerance.as_ref()),
            _ => None,
        };
        let failed: BTreeSet<usize> = sampled.values().flat_map(Sampler::failed).collect();
        if !failed.is_empty() {
            return Some(Reason::FailedTasks(failed.len()));
        }
        for side in [Some(sides.0), Some(sides.1), tolerance].into_iter().flatten() {
            if let Value::Missing(reason) = self.whole(side) {
                return Some(Reason::Missing(reason));
            }
        }
        let have = self.results.replicates().len();
        let few = self.results.stochastic && !sampled.is_empty() && have < MIN_REPLICATES;
        few.then_some(Reason::TooFewReplicates { have, need: MIN_REPLICATES })
    }

    fn by_interval(&self, node: &Node, (low, high): (f64, f64)) -> Verdict {
        let (holds, refuted) = match &node.kind {
            NodeKind::Compare(comparison, ..) => match comparison {
                Comparison::Greater => (low > 0.0, high <= 0.0),
                Comparison::AtLeast => (low >= 0.0, high < 0.0),
                Comparison::Less => (high < 0.0, low >= 0.0),
                Comparison::AtMost => (high <= 0.0, low > 0.0),
                Comparison::Equal => (low == 0.0 && high == 0.0, low > 0.0 || high < 0.0),
                Comparison::NotEqual => (low > 0.0 || high < 0.0, low == 0.0 && high == 0.0),
            },
            NodeKind::Within(_, tolerance, _) => {
                let tolerance = self.whole(tolerance).as_f64().unwrap_or(f64::NAN);
                let nearest = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
                (low.abs().max(high.abs()) <= tolerance, nearest > tolerance)
            }
            _ => (false, false),
        };
        match (holds, refuted) {
            (true, _) => Verdict::Holds,
            (_, true) => Verdict::Refuted,
            _ => Verdict::Undecided,
        }
    }
}

fn exact(truth: &Value) -> Verdict {
    match truth {
        Value::Bool(true) => Verdict::Holds,
        Value::Bool(false) => Verdict::Refuted,
        _ => Verdict::Undecided,
    }
}

/// The first of these verdicts that a side has, with that side's part.
fn first_of(sides: &[(Verdict, usize)], order: [Verdict; 3]) -> (Verdict, usize) {
    let find = |wanted: Verdict| sides.iter().copied().find(|(verdict, _)| *verdict == wanted);
    order.into_iter().find_map(find).unwrap_or(sides[0])
}

#[cfg(test)]
mod tests;
