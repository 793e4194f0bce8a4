//! From tokens to the syntax tree: precedence climbing. docs/expressions.md has the same grammar in words.

use octavo_plugin::counted;
use std::ops::Range;

use octavo_plugin::Value;
use octavo_plugin::value::Named;

use super::function::{FitPart, Function, Signature, Statistic};
use super::token::{RESERVED, Token, tokens};
use super::{AggregateCall, Arithmetic, Comparison, ExprError, Node, NodeKind};
use octavo_definition::diagnostic::nearest;

/// Longest text, in bytes.
pub const MAX_LENGTH: usize = 20_000;

/// Deepest nesting of parentheses, calls, signs and operators. A chain of one strength, such as `a + b - c`, is one level.
pub const MAX_NESTING: usize = 64;

/// Binding strength of the operators, weakest first.
mod power {
    pub(super) const OR: u8 = 1;
    pub(super) const AND: u8 = 2;
    pub(super) const NOT: u8 = 3;
    pub(super) const COMPARE: u8 = 4;
    pub(super) const SUM: u8 = 5;
    pub(super) const PRODUCT: u8 = 6;
    pub(super) const NEGATE: u8 = 7;
    pub(super) const POWER: u8 = 8;
}

pub(super) fn parse(text: &str) -> Result<(Node, Vec<AggregateCall>), ExprError> {
    if text.len() > MAX_LENGTH {
        let message = format!("the expression has {} bytes, at most {MAX_LENGTH} are read", text.len());
        return Err(ExprError::new(0..text.len(), message).help("split it over several columns or values"));
    }
    let mut parser = Parser { tokens: tokens(text)?, at: 0, depth: 0, aggregates: Vec::new() };
    let root = parser.expression(0)?;
    match parser.peek() {
        Token::End => {}
        _ => return Err(parser.unexpected("an operator or the end")),
    }
    match too_tall(&root, &parser.aggregates) {
        Some(span) => Err(too_deep(span)),
        None => Ok((root, parser.aggregates)),
    }
}

fn too_deep(span: Range<usize>) -> ExprError {
    ExprError::new(span, format!("the expression is nested more than {MAX_NESTING} deep"))
        .help("split it over several columns or values")
}

/// What of the tree lies deeper than [`MAX_NESTING`], found level by level so that a tall one costs no stack.
fn too_tall(root: &Node, aggregates: &[AggregateCall]) -> Option<Range<usize>> {
    let mut level: Vec<&Node> = vec![root];
    level.extend(aggregates.iter().flat_map(|call| &call.arguments));
    for _ in 0..MAX_NESTING {
        level = level.into_iter().flat_map(Node::children).collect();
    }
    level.first().map(|node| node.span.clone())
}

struct Parser {
    tokens: Vec<(Token, Range<usize>)>,
    at: usize,
    depth: usize,
    aggregates: Vec<AggregateCall>,
}

impl Parser {
    fn peek(&self) -> &Token {
        &self.tokens[self.at].0
    }

    fn span(&self) -> Range<usize> {
        self.tokens[self.at].1.clone()
    }

    fn advance(&mut self) -> (Token, Range<usize>) {
        let token = self.tokens[self.at].clone();
        self.at = (self.at + 1).min(self.tokens.len() - 1);
        token
    }

    fn is_symbol(&self, symbol: &str) -> bool {
        matches!(self.peek(), Token::Symbol(found) if *found == symbol)
    }

    fn is_word(&self, word: &str) -> bool {
        matches!(self.peek(), Token::Name(found, false) if found == word)
    }

    fn expect(&mut self, symbol: &str) -> Result<Range<usize>, ExprError> {
        if self.is_symbol(symbol) {
            return Ok(self.advance().1);
        }
        Err(self.unexpected(&format!("`{symbol}`")))
    }

    fn unexpected(&self, expected: &str) -> ExprError {
        let found = match self.peek() {
            Token::End => "the expression ends".to_owned(),
            Token::Literal(Value::Text(text)) => format!("the text \"{text}\" stands"),
            Token::Literal(value) => format!("the number {value} stands"),
            Token::Name(name, _) => format!("`{name}` stands"),
            Token::Symbol(symbol) => format!("`{symbol}` stands"),
        };
        ExprError::new(self.span(), format!("{found} where {expected} is expected"))
    }

    /// An expression whose operators all bind at least as strongly as `min`.
    fn expression(&mut self, min: u8) -> Result<Node, ExprError> {
        self.depth += 1;
        if self.depth > MAX_NESTING {
            return Err(too_deep(self.span()));
        }
        let mut left = self.prefix()?;
        // The strength of the chain that `left` is, if it was begun here and not in parentheses.
        let mut chain = None;
        while let Some(operator) = self.operator().filter(|operator| operator.strength() >= min) {
            let longer = chain == Some(operator.strength());
            left = self.infix(operator, left, longer)?;
            chain = Some(operator.strength());
        }
        self.depth -= 1;
        Ok(left)
    }

    fn prefix(&mut self) -> Result<Node, ExprError> {
        let start = self.span().start;
        let (strength, make): (u8, fn(Box<Node>) -> NodeKind) = if self.is_symbol("-") {
            (power::NEGATE, NodeKind::Negate)
        } else if self.is_word("not") {
            (power::NOT, NodeKind::Not)
        } else {
            return self.primary();
        };
        self.advance();
        let operand = self.expression(strength)?;
        let span = start..operand.span.end;
        Ok(Node { kind: make(Box::new(operand)), span })
    }

    fn operator(&self) -> Option<Operator> {
        use Comparison::{AtLeast, AtMost, Equal, Greater, Less, NotEqual};
        Some(match self.peek() {
            Token::Symbol(symbol) => match *symbol {
                "+" => Operator::Arithmetic(Arithmetic::Add),
                "-" => Operator::Arithmetic(Arithmetic::Subtract),
                "*" => Operator::Arithmetic(Arithmetic::Multiply),
                "/" => Operator::Arithmetic(Arithmetic::Divide),
                "^" => Operator::Arithmetic(Arithmetic::Power),
                "<" => Operator::Compare(Less),
                "<=" => Operator::Compare(AtMost),
                ">" => Operator::Compare(Greater),
                ">=" => Operator::Compare(AtLeast),
                "==" => Operator::Compare(Equal),
                "!=" => Operator::Compare(NotEqual),
                _ => return None,
            },
            Token::Name(name, false) => match name.as_str() {
                "and" => Operator::And,
                "or" => Operator::Or,
                "within" => Operator::Within,
                _ => return None,
            },
            _ => return None,
        })
    }

    /// What an operator makes of what stands before it; `longer` says that it goes on with a chain of its strength.
    fn infix(&mut self, operator: Operator, left: Node, longer: bool) -> Result<Node, ExprError> {
        self.advance();
        if operator == Operator::Within {
            return self.within(left);
        }
        // A power is grouped from the right, everything else from the left.
        let right_associative = operator == Operator::Arithmetic(Arithmetic::Power);
        let right = self.expression(operator.strength() + u8::from(!right_associative))?;
        let span = left.span.start..right.span.end;
        let kind = match (operator, left.kind) {
            (Operator::Or, NodeKind::Or(sides)) if longer => NodeKind::Or(with(sides, right)),
            (Operator::And, NodeKind::And(sides)) if longer => NodeKind::And(with(sides, right)),
            (Operator::Arithmetic(operation), NodeKind::Chain(first, rest)) if longer => {
                NodeKind::Chain(first, with(rest, (operation, right)))
            }
            (operator, kind) => operator.node(Node { kind, span: left.span }, right),
        };
        self.unchained(&kind)?;
        Ok(Node { kind, span })
    }

    fn within(&mut self, value: Node) -> Result<Node, ExprError> {
        let tolerance = self.expression(power::SUM)?;
        if !self.is_word("of") {
            return Err(self.unexpected("`of`").help("write `a within tolerance of b`"));
        }
        self.advance();
        let target = self.expression(power::SUM)?;
        let span = value.span.start..target.span.end;
        let kind = NodeKind::Within(Box::new(value), Box::new(tolerance), Box::new(target));
        self.unchained(&kind)?;
        Ok(Node { kind, span })
    }

    /// Refuses `a < b < c`.
    fn unchained(&self, kind: &NodeKind) -> Result<(), ExprError> {
        let compares = matches!(kind, NodeKind::Compare(..) | NodeKind::Within(..));
        match self.operator() {
            Some(Operator::Compare(_) | Operator::Within) if compares => {
                Err(ExprError::new(self.span(), "comparisons are not chained")
                    .help("write `a < b and b < c`"))
            }
            _ => Ok(()),
        }
    }

    fn primary(&mut self) -> Result<Node, ExprError> {
        let span = self.span();
        match self.peek().clone() {
            Token::Literal(value) => {
                self.advance();
                Ok(Node { kind: NodeKind::Literal(value), span })
            }
            Token::Symbol("(") => {
                self.advance();
                let inner = self.expression(0)?;
                let end = self.expect(")")?.end;
                Ok(Node { kind: inner.kind, span: span.start..end })
            }
            Token::Name(name, quoted) => self.named(name, quoted, span),
            Token::Symbol(".") => {
                Err(self.unexpected("a value").help("write a digit before the point, such as `0.5`"))
            }
            _ => Err(self.unexpected("a value")),
        }
    }

    fn named(&mut self, name: String, quoted: bool, span: Range<usize>) -> Result<Node, ExprError> {
        if !quoted && matches!(name.as_str(), "and" | "or" | "within" | "of") {
            return Err(self.unexpected("a value"));
        }
        self.advance();
        if !quoted && self.is_symbol("(") {
            return self.call(&name, span);
        }
        let kind = match name.as_str() {
            _ if quoted => NodeKind::Name(name),
            "true" => NodeKind::Literal(Value::Bool(true)),
            "false" => NodeKind::Literal(Value::Bool(false)),
            "pi" => NodeKind::Literal(Value::Float(std::f64::consts::PI)),
            "e" => NodeKind::Literal(Value::Float(std::f64::consts::E)),
            "infinity" => NodeKind::Literal(Value::Named(Named::Infinity)),
            _ => NodeKind::Name(name),
        };
        Ok(Node { kind, span })
    }

    fn call(&mut self, name: &str, span: Range<usize>) -> Result<Node, ExprError> {
        if name == "skip_missing" {
            return Err(ExprError::new(
                span,
                "`skip_missing` stands directly in an aggregate and nowhere else",
            )
            .help("write for example `mean(skip_missing(x))`"));
        }
        let (function, statistic) = (Function::find(name), Statistic::find(name));
        if function.is_none() && statistic.is_none() {
            return Err(unknown_function(name, span));
        }
        self.advance();
        let (arguments, skip) = self.arguments(name)?;
        let mut span = span.start..self.expect(")")?.end;
        let fits = |signature: &Signature| (signature.min..=signature.max).contains(&arguments.len());
        // `min` and `max` are both: with one argument they go over rows.
        if let Some((function, _)) = function.filter(|(_, signature)| fits(signature)) {
            if let Some(place) = skip.iter().position(|skip| *skip) {
                let message = format!("`{name}` with several arguments skips nothing");
                return Err(ExprError::new(arguments[place].span.clone(), message).help(
                    "`skip_missing` stands directly in an aggregate, such as `mean(skip_missing(x))`",
                ));
            }
            return Ok(Node { kind: NodeKind::Call(function, arguments), span });
        }
        let Some((mut statistic, _)) = statistic.filter(|(_, signature)| fits(signature)) else {
            return Err(wrong_count(name, arguments.len(), span));
        };
        if let Some(inner) = self.aggregate_within(&arguments) {
            let message = format!("an aggregate stands inside the aggregate `{name}`");
            return Err(
                ExprError::new(inner, message).help("compute the inner one as a column of a derived table")
            );
        }
        if let Statistic::Fit(part) = &mut statistic {
            *part = self.fit_part(&mut span)?;
        }
        self.aggregates.push(AggregateCall { statistic, arguments, skip, span: span.clone() });
        Ok(Node { kind: NodeKind::Aggregate(self.aggregates.len() - 1), span })
    }

    fn aggregate_within(&self, arguments: &[Node]) -> Option<Range<usize>> {
        let mut level: Vec<&Node> = arguments.iter().collect();
        while !level.is_empty() {
            if let Some(found) = level.iter().find(|node| matches!(node.kind, NodeKind::Aggregate(_))) {
                return Some(found.span.clone());
            }
            level = level.into_iter().flat_map(Node::children).collect();
        }
        None
    }

    /// The arguments, and which of them stood in `skip_missing(...)`.
    fn arguments(&mut self, name: &str) -> Result<(Vec<Node>, Vec<bool>), ExprError> {
        let (mut arguments, mut skip) = (Vec::new(), Vec::new());
        let separator = if name == "fit" { "~" } else { "," };
        while !self.is_symbol(")") {
            if !arguments.is_empty() {
                self.expect(separator).map_err(|error| match name {
                    "fit" => error.help("write `fit(y ~ x).slope`"),
                    _ => error,
                })?;
            }
            let skips = Statistic::find(name).is_some() && self.is_word("skip_missing");
            if skips {
                self.advance();
                self.expect("(")?;
            }
            arguments.push(self.expression(0)?);
            if skips {
                self.expect(")")?;
            }
            skip.push(skips);
        }
        Ok((arguments, skip))
    }

    fn fit_part(&mut self, span: &mut Range<usize>) -> Result<FitPart, ExprError> {
        const HELP: &str = "write `.slope`, `.intercept`, `.slope_error` or `.r2` after it";
        if !self.is_symbol(".") {
            return Err(ExprError::new(span.clone(), "a fit gives several numbers").help(HELP));
        }
        self.advance();
        let (token, place) = self.advance();
        span.end = place.end;
        match token {
            Token::Name(name, false) => FitPart::ALL
                .iter()
                .find_map(|(known, part)| (*known == name).then_some(*part))
                .ok_or_else(|| ExprError::new(place, format!("a fit has no `{name}`")).help(HELP)),
            _ => Err(ExprError::new(place, "the part of the fit is missing").help(HELP)),
        }
    }
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Operator {
    Or,
    And,
    Compare(Comparison),
    Within,
    Arithmetic(Arithmetic),
}

/// The list with one more.
fn with<T>(mut list: Vec<T>, one: T) -> Vec<T> {
    list.push(one);
    list
}

impl Operator {
    /// The operator between two operands.
    fn node(self, left: Node, right: Node) -> NodeKind {
        match self {
            Self::Or => NodeKind::Or(vec![left, right]),
            Self::And => NodeKind::And(vec![left, right]),
            Self::Arithmetic(Arithmetic::Power) => NodeKind::Power(Box::new(left), Box::new(right)),
            Self::Arithmetic(operation) => NodeKind::Chain(Box::new(left), vec![(operation, right)]),
            Self::Compare(comparison) => NodeKind::Compare(comparison, Box::new(left), Box::new(right)),
            Self::Within => unreachable!("`within` has three operands and a function of its own"),
        }
    }

    fn strength(self) -> u8 {
        match self {
            Self::Or => power::OR,
            Self::And => power::AND,
            Self::Compare(_) | Self::Within => power::COMPARE,
            Self::Arithmetic(Arithmetic::Add | Arithmetic::Subtract) => power::SUM,
            Self::Arithmetic(Arithmetic::Multiply | Arithmetic::Divide) => power::PRODUCT,
            Self::Arithmetic(Arithmetic::Power) => power::POWER,
        }
    }
}

fn wrong_count(name: &str, count: usize, span: Range<usize>) -> ExprError {
    let usages: Vec<String> = super::FUNCTIONS
        .iter()
        .chain(&super::AGGREGATES)
        .filter(|signature| signature.name == name)
        .map(|signature| format!("`{}`", signature.usage))
        .collect();
    ExprError::new(span, format!("`{name}` does not take {}", counted(count, "argument")))
        .help(format!("write {}", usages.join(" or ")))
}

fn unknown_function(name: &str, span: Range<usize>) -> ExprError {
    let alias = match name {
        "ln" => Some("`log` is the natural logarithm"),
        "stddev" | "std" => Some("`sd` is the standard deviation"),
        "avg" | "average" => Some("did you mean `mean`?"),
        "pow" => Some("`^` is the power"),
        "len" | "length" | "n" => Some("`count()` is the number of rows"),
        _ if RESERVED.contains(&name) => Some("write an operator before the parenthesis"),
        _ => None,
    };
    let known = super::FUNCTIONS.iter().chain(&super::AGGREGATES).map(|signature| signature.name);
    let help = alias.map(str::to_owned).or_else(|| nearest(name, known));
    ExprError { span, message: format!("there is no function `{name}`"), help }
}
