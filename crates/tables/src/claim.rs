//! Claims: statements that results bear out, contradict or leave open. docs/expressions.md has the rules.

use octavo_plugin::counted;
use std::collections::BTreeSet;
use std::fmt;
use std::ops::Range;

use indexmap::IndexMap;
use octavo_plugin::Value;

use crate::definitions::{CheckedClaim, CheckedValue};
use crate::expr::{Comparison, Expr, Node, NodeKind, compare, difference};
use crate::results::{
    Basis, Method, Obstacle, Problem, Quantity, Results, Sampler, Samplers, Spread, spread,
};
use crate::statistics::is_skewed;
use octavo_definition::manifest::Expect;

/// The level at which claims are decided unless a project says otherwise: of decided claims that are about means, one in 400 is
/// decided the wrong way if all are at the edge.
pub const LEVEL: f64 = 0.995;

/// The level of the interval that describes, and decides nothing.
pub const DESCRIPTIVE: f64 = 0.95;

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

    /// Whether it is the expected one. Who expects nothing decided predicts nothing, so that every verdict is as expected.
    pub fn is(self, expect: Expect) -> bool {
        match expect {
            Expect::Holds => self == Self::Holds,
            Expect::Refuted => self == Self::Refuted,
            Expect::Undecided => true,
        }
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
    Interval {
        /// How it was found.
        method: Method,
        /// Its level.
        level: f64,
        /// Number of replicates.
        replicates: usize,
    },
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
    /// No interval can be given, and why.
    NoInterval(String),
    /// The check cannot be evaluated.
    Invalid(String),
}

impl fmt::Display for Reason {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Exact => f.write_str("compared exactly"),
            Self::Interval { method, level, replicates } => {
                let level = percent(*level);
                match method {
                    Method::Exact => f.write_str("compared exactly"),
                    Method::Uncertainty => f.write_str("by the stated uncertainty"),
                    Method::Student => {
                        write!(f, "by the {level} interval over {replicates} replicates (Student t)")
                    }
                    Method::Jackknife => {
                        write!(f, "by the {level} interval over {replicates} replicates (jackknife t)")
                    }
                    Method::Share => {
                        write!(f, "by the {level} interval of a share of {replicates} runs (Clopper-Pearson)")
                    }
                    Method::Bounds => {
                        write!(f, "by the {level} bounds of its parts over {replicates} replicates")
                    }
                    Method::Agreement => {
                        write!(f, "the same in all {replicates} runs, a statement about these")
                    }
                    Method::TheseRuns if *replicates == 1 => f.write_str("a statement about this one run"),
                    Method::TheseRuns => write!(f, "a statement about these {replicates} runs"),
                }
            }
            Self::Missing(reason) => write!(f, "a side has no value: {reason}"),
            Self::TooFewReplicates { have, need } => {
                write!(f, "{} finished, at least {need} decide", counted(*have, "replicate"))
            }
            Self::FailedTasks(1) => f.write_str("a task failed"),
            Self::FailedTasks(count) => write!(f, "{} failed", counted(*count, "task")),
            Self::NoInterval(why) => write!(f, "the replicates give no interval: {why}"),
            Self::Invalid(message) => write!(f, "the check cannot be evaluated: {message}"),
        }
    }
}

/// A level such as 0.995 as it is written: `99.5 %`.
fn percent(level: f64) -> String {
    format!("{} %", written_percent(level))
}

/// The number of per cent of a level, with at most four decimals: `99.5`, `99.75`.
pub fn written_percent(level: f64) -> String {
    let text = format!("{:.4}", 100.0 * level);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
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
    /// How far the difference may be from 0, for `within`.
    pub tolerance: Option<f64>,
    /// Units of the sides; empty for pure numbers and for what is computed in the check.
    pub units: [String; 2],
    /// The 95 % interval of the difference, as description.
    pub interval: Option<(f64, f64)>,
    /// The interval of the difference at the level of the verdict. An end is infinite where the replicates bound nothing.
    pub decisive: Option<(f64, f64)>,
    /// Standard deviation of the difference from replicate to replicate, where its interval is one of means.
    pub deviation: Option<f64>,
    /// Whether the replicates are so skewed that Student's t promises too much.
    pub skewed: bool,
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

/// Judges a claim over the values of its experiment, at a two-sided level such as [`LEVEL`]: where all parts of a claim must hold each
/// is judged at this level, and where one of k suffices each has one k-th of the error.
///
/// # Errors
/// What [`ResultsSchema::check_claim`](crate::results::ResultsSchema::check_claim) and the checks of the values it names
/// would have found; the path is from the manifest's root, without the claim's name.
pub fn judge(
    results: &Results,
    values: &IndexMap<String, CheckedValue>,
    claim: &CheckedClaim,
    level: f64,
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
    let error = 1.0 - level;
    let (verdict, deciding) = judge.statement(expr.root(), Risk { holding: error, refuting: error });
    let parts = judge.parts;
    let replicates = results.replicates().len();
    Ok(Judgement { verdict, as_expected: verdict.is(claim.expect), replicates, parts, deciding })
}

/// The two-sided errors at which a statement may be found to hold and to be refuted.
#[derive(Clone, Copy)]
struct Risk {
    holding: f64,
    refuting: f64,
}

struct Judge<'a> {
    results: &'a Results,
    expr: &'a Expr,
    samplers: Samplers<'a>,
    parts: Vec<Part>,
}

impl Judge<'_> {
    /// The verdict on a node, and which part decides it.
    fn statement(&mut self, node: &Node, risk: Risk) -> (Verdict, usize) {
        match &node.kind {
            NodeKind::And(sides) => {
                let each = Risk { refuting: risk.refuting / self.varying(sides), ..risk };
                let sides: Vec<_> = sides.iter().map(|side| self.statement(side, each)).collect();
                first_of(&sides, [Verdict::Refuted, Verdict::Undecided, Verdict::Holds])
            }
            NodeKind::Or(sides) => {
                let each = Risk { holding: risk.holding / self.varying(sides), ..risk };
                let sides: Vec<_> = sides.iter().map(|side| self.statement(side, each)).collect();
                first_of(&sides, [Verdict::Holds, Verdict::Undecided, Verdict::Refuted])
            }
            NodeKind::Not(a) => {
                let turned = Risk { holding: risk.refuting, refuting: risk.holding };
                let (verdict, deciding) = self.statement(a, turned);
                (verdict.not(), deciding)
            }
            _ => {
                let part = self.part(node, risk);
                let verdict = part.verdict;
                self.parts.push(part);
                (verdict, self.parts.len() - 1)
            }
        }
    }

    /// How many of these can be wrong by chance; at least 1.
    fn varying(&self, sides: &[Node]) -> f64 {
        let count = sides.iter().filter(|side| !self.samplers_of(side).is_empty()).count();
        #[expect(clippy::cast_precision_loss, reason = "few parts")]
        let count = count.max(1) as f64;
        count
    }

    fn part(&self, node: &Node, risk: Risk) -> Part {
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
            tolerance: match &node.kind {
                NodeKind::Within(_, tolerance, _) => self.whole(tolerance).as_f64(),
                _ => None,
            },
            units: [self.unit(left), self.unit(right)],
            interval: None,
            decisive: None,
            deviation: None,
            skewed: false,
            reason: Reason::Exact,
        };
        part.difference = difference(&part.left, &part.right);
        if let Err(problem) = self.decide(node, (left, right), risk, &mut part) {
            part.reason = Reason::Invalid(problem.message);
            part.verdict = Verdict::Undecided;
        }
        part
    }

    fn whole(&self, node: &Node) -> Value {
        let value = |name: &str| self.samplers.get(name).map(|sampler| sampler.whole().clone());
        self.expr.eval_part(node, &value).unwrap_or_else(|error| Value::Missing(error.message))
    }

    /// The unit of a side that is a value by its name.
    fn unit(&self, side: &Node) -> String {
        let NodeKind::Name(name) = &side.kind else { return String::new() };
        self.samplers.get(name).map(|sampler| sampler.unit().to_owned()).unwrap_or_default()
    }

    fn decide(&self, node: &Node, sides: (&Node, &Node), risk: Risk, part: &mut Part) -> Result<(), Problem> {
        let sampled = self.samplers_of(node);
        if let Some(reason) = self.obstacle(node, sides, &sampled) {
            part.reason = reason;
            return Ok(());
        }
        // A comparison of equal infinities has no difference, and one of truth values or texts is a truth value itself.
        let numbers = compare(&part.left, &part.right).is_some();
        let quantity = match numbers {
            true => Quantity::Difference(self.expr, sides.0, sides.1),
            false => Quantity::Truth(self.expr, node),
        };
        let spread = spread(self.results, &sampled, quantity)?;
        part.interval = spread.interval(DESCRIPTIVE).filter(|_| numbers);
        part.deviation = spread.basis.deviation();
        let replicates = spread.per_replicate.len();
        let by =
            |error: f64| Reason::Interval { method: spread.basis.method(), level: 1.0 - error, replicates };
        if let Basis::None(obstacle) = &spread.basis {
            part.reason = match obstacle {
                Obstacle::TooFew { have, need } => Reason::TooFewReplicates { have: *have, need: *need },
                Obstacle::Other(why) => Reason::NoInterval((*why).to_owned()),
            };
            return Ok(());
        }
        let moved = spread.uncertainty.is_some_and(|u| u > 0.0);
        match (&spread.basis, moved, numbers) {
            // A truth value that a stated uncertainty can change stays undecided.
            (_, true, false) => part.reason = by_uncertainty(),
            (Basis::Point(Method::Uncertainty), false, _) => part.verdict = exact(&self.whole(node)),
            (Basis::Point(method), false, _) => {
                part.verdict = exact(&self.whole(node));
                part.reason = if *method == Method::Exact { Reason::Exact } else { by(0.0) };
            }
            _ => self.by_intervals(node, &spread, risk, &by, part),
        }
        Ok(())
    }

    fn by_intervals(
        &self,
        node: &Node,
        spread: &Spread<'_>,
        risk: Risk,
        by: &dyn Fn(f64) -> Reason,
        part: &mut Part,
    ) {
        let at = |error: f64| spread.interval(1.0 - error);
        let (Some(holding), Some(refuting)) = (at(risk.holding), at(risk.refuting)) else {
            part.reason = Reason::NoInterval("one of its parts is unbounded".to_owned());
            return;
        };
        let refuted = self.by_interval(node, refuting) == Verdict::Refuted;
        part.verdict = match self.by_interval(node, holding) {
            Verdict::Holds => Verdict::Holds,
            _ if refuted => Verdict::Refuted,
            _ => Verdict::Undecided,
        };
        part.skewed = matches!(&spread.basis, Basis::Mean(_, values) if is_skewed(values));
        part.decisive = Some(if refuted { refuting } else { holding });
        part.reason = by(if refuted { risk.refuting } else { risk.holding });
    }

    fn samplers_of(&self, node: &Node) -> Samplers<'_> {
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
    fn obstacle(&self, node: &Node, sides: (&Node, &Node), sampled: &Samplers<'_>) -> Option<Reason> {
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
        None
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

fn by_uncertainty() -> Reason {
    Reason::Interval { method: Method::Uncertainty, level: 1.0, replicates: 0 }
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
