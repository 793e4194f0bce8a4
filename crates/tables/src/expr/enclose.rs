//! What an expression can be when what stands in it is known to lie between bounds: interval arithmetic (Moore 1966). A quantity that
//! stands twice is taken as two, so that the bounds hold and may be wide. Ends may be infinite.

use octavo_plugin::Value;

use super::function::Function;
use super::number::apply;
use super::{Arithmetic, Node, NodeKind, eval};

/// Lower and upper bound.
pub(crate) type Bounds = (f64, f64);

/// The bounds of a node, where names and aggregates have these; `None` where there are none, as for a quotient whose divisor
/// may be 0, and for what is no number.
pub(crate) fn enclose(
    node: &Node,
    name: &dyn Fn(&str) -> Option<Bounds>,
    aggregates: &[Bounds],
) -> Option<Bounds> {
    let inner = |node: &Node| enclose(node, name, aggregates);
    let bounds = match &node.kind {
        NodeKind::Literal(_) => {
            let number = eval::constant(node)?.as_f64()?;
            Some((number, number))
        }
        NodeKind::Name(text) => name(text),
        NodeKind::Aggregate(index) => aggregates.get(*index).copied(),
        NodeKind::Negate(a) => inner(a).map(|(low, high)| (-high, -low)),
        NodeKind::Chain(first, rest) => rest
            .iter()
            .try_fold(inner(first)?, |left, (operation, operand)| chained(*operation, left, inner(operand)?)),
        NodeKind::Power(a, b) => power(inner(a)?, inner(b)?),
        NodeKind::Call(function, arguments) => {
            call(*function, &arguments.iter().map(inner).collect::<Option<Vec<_>>>()?)
        }
        _ => None,
    };
    bounds.filter(|(low, high)| low <= high)
}

fn chained(operation: Arithmetic, (a, b): Bounds, (c, d): Bounds) -> Option<Bounds> {
    match operation {
        Arithmetic::Add => Some((a + c, b + d)),
        Arithmetic::Subtract => Some((a - d, b - c)),
        Arithmetic::Multiply => Some(hull([a * c, a * d, b * c, b * d].map(zero_for_nan))),
        Arithmetic::Divide if c > 0.0 || d < 0.0 => {
            Some(hull([a / c, a / d, b / c, b / d].map(zero_for_nan)))
        }
        _ => None,
    }
}

/// Zero times an infinite end is the limit of products of zero.
fn zero_for_nan(x: f64) -> f64 {
    if x.is_nan() { 0.0 } else { x }
}

fn hull(corners: [f64; 4]) -> Bounds {
    corners.into_iter().fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), x| (low.min(x), high.max(x)))
}

/// For a positive base every corner is an extreme; for others the exponent must be one whole number.
fn power((a, b): Bounds, (c, d): Bounds) -> Option<Bounds> {
    let raise = octavo_plugin::math::powf;
    if a > 0.0 {
        return Some(hull([raise(a, c), raise(a, d), raise(b, c), raise(b, d)]));
    }
    if c != d || c < 0.0 || c.fract() != 0.0 {
        return None;
    }
    let (low, high) = (raise(a, c), raise(b, c));
    let even = c % 2.0 == 0.0;
    Some(match even {
        true if b > 0.0 => (0.0, low.max(high)),
        true => (high, low),
        false => (low, high),
    })
}

/// Functions that only grow, the absolute value, and the extremes of several.
fn call(function: Function, arguments: &[Bounds]) -> Option<Bounds> {
    let ends = |pick: &dyn Fn(f64, f64) -> f64| {
        let low = arguments.iter().map(|(low, _)| *low).reduce(pick)?;
        Some((low, arguments.iter().map(|(_, high)| *high).reduce(pick)?))
    };
    let (low, high) = *arguments.first()?;
    match function {
        Function::Min => ends(&f64::min),
        Function::Max => ends(&f64::max),
        Function::Abs => {
            let nearest = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
            Some((nearest, low.abs().max(high.abs())))
        }
        Function::Log
        | Function::Log2
        | Function::Log10
        | Function::Exp
        | Function::Sqrt
        | Function::Floor
        | Function::Round => {
            let at = |x: f64| apply(function, &Value::from_f64(x)).ok()?.as_f64();
            Some((at(low)?, at(high)?))
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::super::Expr;
    use super::*;

    #[test]
    fn bounds_of_arithmetic() {
        const NONE: Option<Bounds> = None;
        let infinity = f64::INFINITY;
        for (text, expected) in [
            ("a + b", Some((0.0, 5.0))),
            ("a - b", Some((-2.0, 3.0))),
            ("-a", Some((-2.0, -1.0))),
            ("b * b", Some((-3.0, 9.0))),
            ("b ^ 2", Some((0.0, 9.0))),
            ("b ^ 3", Some((-1.0, 27.0))),
            ("(-a) ^ 2", Some((1.0, 4.0))),
            ("2 ^ a", Some((2.0, 4.0))),
            ("a ^ b", Some((0.5, 8.0))),
            ("b ^ a", NONE),
            ("b / a", Some((-1.0, 3.0))),
            ("a / b", NONE),
            ("abs(b)", Some((0.0, 3.0))),
            ("abs(-a)", Some((1.0, 2.0))),
            ("min(a, b)", Some((-1.0, 2.0))),
            ("max(a, b, 2)", Some((2.0, 3.0))),
            ("log2(a * 4)", Some((2.0, 3.0))),
            ("sqrt(b)", NONE),
            ("floor(a / 2)", Some((0.0, 1.0))),
            ("sin(a)", NONE),
            ("a < b", NONE),
            ("c * 0", Some((0.0, 0.0))),
            ("c - a", Some((-2.0, infinity))),
        ] {
            let name = |name: &str| match name {
                "a" => Some((1.0, 2.0)),
                "b" => Some((-1.0, 3.0)),
                _ => Some((0.0, infinity)),
            };
            let expr = Expr::parse(text).unwrap();
            assert_eq!(enclose(expr.root(), &name, &[]), expected, "{text}");
        }
    }
}
