//! Divergences that compare weights place by place, on the union of both supports.

use std::cmp::Ordering;

use octavo_plugin::math;

use crate::double::Double;
use crate::measure::{Measure, compare};

/// The divergences of two measures; infinite where a formula is.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Divergences {
    /// KL(source | target), natural logarithm.
    pub(crate) kl: f64,
    /// KL(target | source).
    pub(crate) kl_reverse: f64,
    /// Jensen-Shannon: the mean of KL of each to their mean; at most ln 2.
    pub(crate) js: f64,
    /// Total variation: half the L1 distance; at most 1.
    pub(crate) tv: f64,
    /// Half the sum of (sqrt a - sqrt b)²; at most 1.
    pub(crate) hellinger_squared: f64,
}

/// Compares two measures on one space. Points are the same only if all coordinates are equal.
pub(crate) fn divergences(source: &Measure, target: &Measure) -> Divergences {
    let mut sums = [Double::default(); 5];
    for (a, b) in union(source, target) {
        let mean = 0.5 * (a + b);
        let root = a.sqrt() - b.sqrt();
        let terms = [
            term(a, b),
            term(b, a),
            0.5 * (term(a, mean) + term(b, mean)),
            0.5 * (a - b).abs(),
            0.5 * root * root,
        ];
        for (sum, term) in sums.iter_mut().zip(terms) {
            // Infinity has no rounding error to carry.
            *sum = if (sum.hi + term).is_finite() { *sum + Double::from(term) } else { f64::INFINITY.into() };
        }
    }
    let [kl, kl_reverse, js, tv, hellinger_squared] = sums.map(Double::value);
    Divergences { kl, kl_reverse, js, tv, hellinger_squared }
}

/// a ln(a / b) - a + b: never negative, and over two measures the last two cancel.
fn term(a: f64, b: f64) -> f64 {
    match (a > 0.0, b > 0.0) {
        (false, _) => b,
        (true, false) => f64::INFINITY,
        (true, true) => {
            // Near 1 the quotient has lost the digits that matter.
            let t = (a - b) / b;
            let value = if t.abs() < 0.25 {
                b * ((1.0 + t) * math::ln_1p(t) - t)
            } else {
                a * math::ln(a / b) - a + b
            };
            value.max(0.0)
        }
    }
}

/// The weights of both measures at every point of either, in order.
fn union(source: &Measure, target: &Measure) -> Vec<(f64, f64)> {
    let (mut i, mut j) = (0, 0);
    let mut pairs = Vec::with_capacity(source.len() + target.len());
    while i < source.len() || j < target.len() {
        let order = match (i < source.len(), j < target.len()) {
            (true, true) => compare(source.point(i), target.point(j)),
            (true, false) => Ordering::Less,
            _ => Ordering::Greater,
        };
        let a = if order.is_le() { source.weights[i] } else { 0.0 };
        let b = if order.is_ge() { target.weights[j] } else { 0.0 };
        pairs.push((a, b));
        i += usize::from(order.is_le());
        j += usize::from(order.is_ge());
    }
    pairs
}
